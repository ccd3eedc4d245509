"""The question for a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.limits import Limit, check_order, given_limit, known, number
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Number

_RULE = "Reply with a single number{limits}, written in digits, without a unit."
_FIELDS = ("min_value", "max_value")


class QuestionNumerical(Question):
    """A question that is answered by a number.

    The answer is an int where the reply is a whole number without a decimal point, else a float.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        min_value, max_value: the smallest and the largest number allowed; each may
            be a placeholder such as ``"{{ scenario.most }}"``.
        include_comment: whether the model is asked for a sentence on its answer.
        question_presentation: replaces the question's text; a template with `question_text`.
        answering_instructions: replaces what is said about the form of the reply; a template.
        permissive: whether numbers beyond the limits are answers, too.

    Raises:
        QuestionError: a limit is no number, or `min_value` is above `max_value`.

    Example:
        >>> question = QuestionNumerical("age", "How old are you?", min_value=0, max_value=120)
        >>> question.validate("about 42").answer
        42
        >>> question.validate("-1").reason
        '-1 is below the minimum of 0'
    """

    question_type: ClassVar[str] = "numerical"
    templated: ClassVar[tuple[str, ...]] = _FIELDS

    min_value: Limit | None = None
    max_value: Limit | None = None
    include_comment: bool = True
    permissive: bool = False

    def __init__(
        self,
        question_name: str,
        question_text: str,
        min_value: Limit | None = None,
        max_value: Limit | None = None,
        include_comment: bool = True,
        question_presentation: str | None = None,
        answering_instructions: str | None = None,
        permissive: bool = False,
        **unknown: Any,
    ) -> None:
        giver = f"question {question_name!r}"
        min_value = given_limit(min_value, "min_value", giver)
        max_value = given_limit(max_value, "max_value", giver)
        check_order(known(min_value), known(max_value), _FIELDS, giver)
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            min_value=min_value,
            max_value=max_value,
            include_comment=include_comment,
            question_presentation=question_presentation,
            answering_instructions=answering_instructions,
            permissive=permissive,
            **unknown,
        )

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        giver = f"question {self.question_name!r}"
        low, high = (number(values[field], field, giver) for field in _FIELDS)
        check_order(low, high, _FIELDS, giver)
        limits = _limits(values["min_value"], values["max_value"])
        return Body(Number(low, high, self.permissive), _RULE.format(limits=limits))

    @classmethod
    def example(cls) -> QuestionNumerical:
        """A question to try things with."""
        return cls("age", "How old are you, in years?", min_value=0, max_value=120)


def _limits(low: Any, high: Any) -> str:
    """The limits in words, which may not be known yet."""
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f" of at least {low}"
    return f" of at most {high}" if high is not None else ""
