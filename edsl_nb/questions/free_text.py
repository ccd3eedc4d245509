"""The open question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Text


class QuestionFreeText(Question):
    """A question that is answered in the model's own words.

    The prompt is the question's text and nothing else.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; may hold ``{{ scenario.x }}`` and ``{{ agent.x }}``.
        answering_instructions: said after the question, if anything; a template.
        question_presentation: replaces the question's text; a template with `question_text`.

    Example:
        >>> QuestionFreeText(question_name="example", question_text="What is your favorite color?")
        QuestionFreeText(question_name='example', question_text='What is your favorite color?')
    """

    question_type: ClassVar[str] = "free_text"

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
        return Body(Text())

    @classmethod
    def example(cls) -> QuestionFreeText:
        """A question to try things with."""
        return cls(question_name="how_are_you", question_text="How are you?")
