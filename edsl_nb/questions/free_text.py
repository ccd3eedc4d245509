"""The open question."""

from __future__ import annotations

from typing import Any, ClassVar

from edsl_nb.questions.base import Presented, Question
from edsl_nb.questions.reading import Reading, read_text


class QuestionFreeText(Question):
    """A question that is answered in the model's own words.

    The prompt is the question's text and nothing else.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; may hold ``{{ scenario.x }}`` and ``{{ agent.x }}``.

    Example:
        >>> QuestionFreeText(question_name="example", question_text="What is your favorite color?")
        QuestionFreeText(question_name='example', question_text='What is your favorite color?')
    """

    question_type: ClassVar[str] = "free_text"

    def __init__(self, question_name: str, question_text: str, **unknown: Any) -> None:
        super().__init__(question_name=question_name, question_text=question_text, **unknown)

    def read(self, reply: str, presented: Presented) -> Reading:
        """The reply, without the space around it."""
        return read_text(reply)
