"""The question that draws a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Reading
from edsl_nb.questions.reading.anything import Fraction

_TEXT = "A random number from 0 to 1."


class QuestionRandom(Question):
    """A question that no model is asked: its answer is a random number from 0 up to, and without, 1.

    The number follows from the survey's seed, the agent, the scenario, the
    question's name and the iteration, so it is the same when a job is run again.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what the number is for; without effect.
        question_presentation, answering_instructions: kept for EDSL; without effect.

    Example:
        >>> QuestionRandom(question_name="arm")
        QuestionRandom(question_name='arm')
    """

    question_type: ClassVar[str] = "random"
    computed: ClassVar[bool] = True
    written: ClassVar[tuple[str, ...]] = ("question_text",)

    question_text: str = Field(default=_TEXT, min_length=1)

    def __init__(
        self,
        question_name: str,
        question_text: str | None = None,
        question_presentation: str | None = None,
        answering_instructions: str | None = None,
        **unknown: Any,
    ) -> None:
        super().__init__(
            question_name=question_name,
            question_text=_TEXT if question_text is None else question_text,
            question_presentation=question_presentation,
            answering_instructions=answering_instructions,
            **unknown,
        )

    @property
    def uses_chance(self) -> bool:
        return True

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        return Body(Fraction())

    def compute(self, scope: Mapping[str, Any], chance: Chance) -> Reading:
        return Reading("exact", chance.random("random").random())

    @classmethod
    def example(cls) -> QuestionRandom:
        """A question to try things with."""
        return cls(question_name="random_number")
