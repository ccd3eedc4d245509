"""The question for a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from edsl_nb.core.errors import QuestionError
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.limits import Limit, check_order, given_limit, known, number
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Items

#: Replies of more items are too long to be read.
_MOST = 1_000

_FIELDS = ("min_list_items", "max_list_items")


class QuestionList(Question):
    """A question that is answered by a list.

    The answer is a list of what JSON knows, most often of texts.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        include_comment: whether the model is asked for a sentence on its answer.
        max_list_items, min_list_items: how many items there may be; each may be a
            placeholder such as ``"{{ scenario.most }}"``.
        answering_instructions: replaces what is said about the form of the reply; a template.
        question_presentation: replaces the question's text; a template with `question_text`.
        permissive: whether any number of items will do.

    Raises:
        QuestionError: a limit is no whole number, the smaller one is above the other or above 1,000.

    Example:
        >>> question = QuestionList("foods", "What do you like to eat?", max_list_items=3)
        >>> question.validate("1. Bread\\n2. Cheese").answer
        ['Bread', 'Cheese']
    """

    question_type: ClassVar[str] = "list"
    templated: ClassVar[tuple[str, ...]] = _FIELDS

    include_comment: bool = True
    max_list_items: int | str | None = None
    min_list_items: int | str | None = None
    permissive: bool = False

    def __init__(
        self,
        question_name: str,
        question_text: str,
        include_comment: bool = True,
        max_list_items: int | str | None = None,
        min_list_items: int | str | None = None,
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        permissive: bool = False,
        **unknown: Any,
    ) -> None:
        giver = f"question {question_name!r}"
        min_list_items = given_limit(min_list_items, "min_list_items", giver, whole=True)
        max_list_items = given_limit(max_list_items, "max_list_items", giver, whole=True)
        _check_counts(known(min_list_items), known(max_list_items), giver)
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            include_comment=include_comment,
            max_list_items=max_list_items,
            min_list_items=min_list_items,
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            permissive=permissive,
            **unknown,
        )

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        giver = f"question {self.question_name!r}"
        low, high = (number(values[field], field, giver, whole=True) for field in _FIELDS)
        _check_counts(low, high, giver)
        counts = _counts(values["min_list_items"], values["max_list_items"])
        rule = f'Reply with {counts}, in the form ["...", "..."].'
        return Body(Items(cast(int | None, low), cast(int | None, high), self.permissive), rule)

    @classmethod
    def example(cls) -> QuestionList:
        """A question to try things with."""
        return cls("foods", "What are your favorite foods?")


def _check_counts(low: int | float | None, high: int | float | None, giver: str) -> None:
    check_order(low, high, _FIELDS, giver)
    if low is not None and low > _MOST:
        raise QuestionError(
            f"{giver} wants more items than fit into a reply",
            field="min_list_items",
            value=low,
            remedy=f"Ask for {_MOST:,} at most.",
        )


def _counts(low: Limit | None, high: Limit | None) -> str:
    """What is wanted, with the limits, which may not be known yet."""
    if low is not None and high is not None:
        count = f"exactly {low}" if low == high else f"{low} to {high}"
    elif low is not None:
        count = f"at least {low}"
    elif high is not None:
        count = f"at most {high}"
    else:
        return "a JSON list"
    return f"a JSON list of {count} {'item' if str(high or low) == '1' else 'items'}"
