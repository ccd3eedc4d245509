"""The question that is a template: its answer is what it renders to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from edsl_nb.core.templates import template
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Reading
from edsl_nb.questions.reading.anything import Computed


class QuestionCompute(Question):
    """A question that no model is asked: its text, with placeholders filled, is the answer.

    A text that is a number, such as ``4`` or ``1.5``, gives the number. One with
    zeros in front, such as a postal code, stays a text.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: the template, such as ``{{ scenario.price * 2 }}``.
        answering_instructions, question_presentation: kept for EDSL; without effect.

    Example:
        >>> QuestionCompute(question_name="twice", question_text="{{ scenario.price * 2 }}")
        QuestionCompute(question_name='twice', question_text='{{ scenario.price * 2 }}')
    """

    question_type: ClassVar[str] = "compute"
    computed: ClassVar[bool] = True

    def __init__(
        self,
        question_name: str,
        question_text: str,
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        **unknown: Any,
    ) -> None:
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            **unknown,
        )

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        return Body(Computed())

    def compute(self, scope: Mapping[str, Any], chance: Chance) -> Reading:
        return Computed().read(template(self.question_text).render(scope))

    @classmethod
    def example(cls) -> QuestionCompute:
        """A question to try things with."""
        return cls(question_name="greeting", question_text="Hello {{ scenario.name }}!")
