"""A question on its way to one respondent: placeholders filled, options in order, ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast

from edsl_nb.core.templates import Fields, Reference, template
from edsl_nb.questions.reading import AnswerSpace, Reading


class Pending(str):
    """A text that stands for an answer which is not known yet, as when prompts are inspected."""

    def __getitem__(self, key: object) -> Pending:  # type: ignore[override]
        """Any part of an unknown answer is as unknown."""
        return self


@dataclass(slots=True)
class Body:
    """What a question has besides its text.

    Parameters:
        space: the answers it allows.
        rule: how to reply, in a sentence or two.
        block: what is shown beneath the text, such as options, one a line.
        options, items: as they are shown, or None.
    """

    space: AnswerSpace
    rule: str = ""
    block: str = ""
    options: tuple[Any, ...] | None = None
    items: tuple[Any, ...] | None = None


@dataclass(slots=True)
class Presented:
    """A question as one respondent sees it.

    Parameters:
        text: the question's text.
        options: its options in the order shown, or None.
        prompt: all that the model is sent as the user's turn.
        space: the answers it allows.
        items: its items in the order shown, or None.
    """

    text: str
    options: tuple[Any, ...] | None
    prompt: str
    space: AnswerSpace
    items: tuple[Any, ...] | None = None

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """JSON Schema of the reply, or None where anything goes."""
        return self.space.schema


Turns = tuple[tuple[Literal["user", "assistant"], str], ...]

#: Most characters of an invalid reply that are sent back with what is wrong with it.
_LONGEST_QUOTED = 4_000


def again(reply: str, reading: Reading) -> Turns:
    """The turns that follow an invalid reply: the reply, and what is wrong with it."""
    said = reply.strip()[:_LONGEST_QUOTED] or "(nothing)"
    reason = (reading.reason or "it is not in the form asked for").rstrip(".")
    return (
        ("assistant", said),
        ("user", f"This cannot be used as an answer: {reason}. Reply again, in the form asked for."),
    )


class Ask(NamedTuple):
    """One call that a question takes.

    Parameters:
        turns: (role, text) in order.
        system: the system text, or None for the respondent's own.
        space: the answers that the reply should give, or None where it is a turn like any other.
        comment: whether a line of comment may follow.
        reasks: how often the same was asked before, and answered by nothing that can be used.
    """

    turns: Turns
    system: str | None = None
    space: AnswerSpace | None = None
    comment: bool = False
    reasks: int = 0


def filled(value: Any, scope: Mapping[str, Any]) -> Any:
    """A field with its placeholders filled; one that is a placeholder gives what that stands for.

    ``{"from": "{{ scenario.options }}", "add": ["Other"]}`` gives one list.
    """
    if isinstance(value, str):
        return template(value).value(scope)
    if isinstance(value, list | tuple):
        return [_rendered(item, scope) if isinstance(item, str) else filled(item, scope) for item in value]
    if isinstance(value, dict):
        named = cast(dict[str, Any], value)
        if named.keys() == {"from", "add"}:
            base = filled(named["from"], scope)
            added = filled(named["add"], scope)
            return [*(base if isinstance(base, list | tuple) else [base]), *added]
        return {key: filled(item, scope) for key, item in named.items()}
    return value


def _rendered(text: str, scope: Mapping[str, Any]) -> str:
    """A text with its placeholders filled; a `Pending` one where any of them stands for an unknown answer."""
    compiled = template(text)
    made = compiled.render(scope)
    return Pending(made) if any(_is_pending(found, scope) for found in compiled.references) else made


def _is_pending(reference: Reference, scope: Mapping[str, Any]) -> bool:
    found = scope.get(reference.root)
    if isinstance(found, Fields) and reference.field in dir(found):
        found = found[str(reference.field)]
    return isinstance(found, Pending)
