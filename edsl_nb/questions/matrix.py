"""One option for each of several items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from edsl_nb.core.errors import QuestionError, nearest
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance, shuffled
from edsl_nb.questions.options import (
    Option,
    Options,
    given_labels,
    given_options,
    labels_of,
    resolved_options,
    shown_scale,
)
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Grid

_RULE = (
    "Choose exactly one of the options for each item. Reply with a JSON object of all items and their "
    "options, copied as they are written, in the form {form}."
)


class QuestionMatrix(Question):
    """A question that gives each of several items one of the same options.

    The answer is a dict from the items to options, in the order of `question_items`.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        question_items: the items, each of which may be a template; or one
            placeholder that stands for a list.
        question_options: the options, as for `QuestionMultipleChoice`.
        option_labels: what options mean, such as ``{1: "bad", 5: "good"}``. The
            first and the last need a label, where there are any.
        include_comment: whether the model is asked for a sentence on its choice.
        answering_instructions: replaces what is said about the form of the reply; a template.
        question_presentation: replaces text, items and options; a template with
            `question_text`, `question_items` and `question_options`.
        permissive: whether other texts and numbers than the options are taken as they are.
        randomize_items: whether every respondent sees the items in an order of their own.
        items_to_pin: items that keep their places then.

    Raises:
        QuestionError: items or options are none, or labels or pinned items do not fit them.

    Example:
        >>> question = QuestionMatrix("like", "Do you like ...", ["Tea", "Milk"], [1, 2, 3])
        >>> question.validate("Tea: 3, Milk: 1").answer
        {'Tea': 3, 'Milk': 1}
    """

    question_type: ClassVar[str] = "matrix"
    templated: ClassVar[tuple[str, ...]] = ("question_items", "question_options", "option_labels")
    written: ClassVar[tuple[str, ...]] = ("option_labels",)

    question_items: Options
    question_options: Options
    option_labels: dict[Option, str] | None = None
    include_comment: bool = True
    permissive: bool = False
    randomize_items: bool = False
    items_to_pin: list[Option] | None = None

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_items: Sequence[Option] | str | dict[str, Any],
        question_options: Sequence[Option] | str | dict[str, Any],
        option_labels: Mapping[Any, str] | None = None,
        include_comment: bool = True,
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        permissive: bool = False,
        randomize_items: bool = False,
        items_to_pin: Sequence[Option] | None = None,
        **unknown: Any,
    ) -> None:
        items = given_options(question_items, question_name, "question_items")
        options = given_options(question_options, question_name)
        if items_to_pin is not None:
            _check_pinned(items_to_pin, items, question_name)
            items_to_pin = list(items_to_pin)
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_items=items,
            question_options=options,
            option_labels=given_labels(option_labels, options, question_name),
            include_comment=include_comment,
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            permissive=permissive,
            randomize_items=randomize_items,
            items_to_pin=items_to_pin,
            **unknown,
        )

    @property
    def uses_chance(self) -> bool:
        """Whether the items are shown in random order."""
        return self.randomize_items

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        items = tuple(resolved_options(values["question_items"], self.question_name, "question_items"))
        seen = (
            shuffled(items, self.items_to_pin or (), chance.random("items"))
            if self.randomize_items
            else items
        )
        options = chance.order(resolved_options(values["question_options"], self.question_name))
        labels = labels_of(options, values["option_labels"])
        listed = "\n".join(f"- {item}" for item in seen)
        block = f"Items:\n{listed}\n\nOptions:\n{shown_scale(options, labels)}"
        word = '"option"' if all(isinstance(option, str) for option in options) else "option"
        form = f'{{"item": {word}, "item": {word}}}' if len(items) > 1 else f'{{"item": {word}}}'
        rule = _RULE.format(form=form) + (" Give the options without their labels." if labels else "")
        space = Grid(items, options, labels, self.permissive)
        return Body(space, rule, block, options=options, items=seen)

    def _fields_to_dict(self) -> dict[str, Any]:
        return {**super()._fields_to_dict(), "option_labels": self.option_labels or {}}

    @classmethod
    def example(cls) -> QuestionMatrix:
        """A question to try things with."""
        return cls(
            "drinks",
            "How much do you like these drinks?",
            question_items=["Tea", "Coffee", "Milk"],
            question_options=[1, 2, 3, 4, 5],
            option_labels={1: "Not at all", 5: "Very much"},
        )


def _check_pinned(pinned: Any, items: Any, question_name: Any) -> None:
    giver = f"question {question_name!r}"
    if isinstance(pinned, str) or not isinstance(pinned, Sequence):
        raise QuestionError(
            f"{giver} needs a list of items here",
            field="items_to_pin",
            value=pinned,
            remedy="Name items that keep their places.",
        )
    if not isinstance(items, list):
        return
    known = cast(list[Any], items)
    for item in cast(Sequence[Any], pinned):
        if item not in known:
            raise QuestionError(
                f"{giver} has no such item",
                field="items_to_pin",
                value=item,
                remedy=nearest(item, map(str, known)),
            )
