"""The question for a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading.markdown import Markdown


class QuestionMarkdown(Question):
    """A question that is answered by a text in markdown.

    The prompt is the question's text and nothing else. Where the reply is one
    code block, it is taken off.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        answering_instructions: said after the question, if anything; a template.
        question_presentation: replaces the question's text; a template with `question_text`.

    Example:
        >>> question = QuestionMarkdown(question_name="memo", question_text="Write a memo.")
        >>> question.validate("```markdown\\n# Memo\\n```").answer
        '# Memo'
    """

    question_type: ClassVar[str] = "markdown"

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
        return Body(Markdown())

    @classmethod
    def example(cls) -> QuestionMarkdown:
        """A question to try things with."""
        return cls(question_name="memo", question_text="Write a short memo on office plants.")
