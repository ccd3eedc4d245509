"""The question for a web address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading.url import Url

_RULE = "Reply with one complete web address alone, starting with https:// or http://."


class QuestionURL(Question):
    """A question that is answered by an absolute web address.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        answering_instructions: replaces what is said about the form of the reply; a template.
        question_presentation: replaces the question's text; a template with `question_text`.

    Example:
        >>> question = QuestionURL(question_name="site", question_text="What is your web site?")
        >>> question.validate("<https://example.org>").answer
        'https://example.org'
    """

    question_type: ClassVar[str] = "url"

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
        return Body(Url(), _RULE)

    @classmethod
    def example(cls) -> QuestionURL:
        """A question to try things with."""
        return cls(question_name="site", question_text="What is the address of Wikipedia's front page?")
