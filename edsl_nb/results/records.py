"""An interview and its cells, one per question: what asking fills, and what a row of many is looked at as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from inspect import signature
from typing import Any, Generic, NamedTuple, TypeVar, cast, overload

from edsl_nb.core.json_text import json_text, json_value
from edsl_nb.questions.reading import How
from edsl_nb.results.packing import packed, unpacked
from edsl_nb.runner.progress import CellState, LaneCounter
from edsl_nb.runner.transaction import StoredReply

#: States of cells that can turn out better when they are asked again.
FLAWED = frozenset({"failed", "invalid", "not_reached"})

#: States of cells that were not put to anybody, so that they have no options.
_UNASKED = frozenset({"skipped", "not_reached"})

#: Fields of a cell that the store keeps wherever they say something.
_KEPT = ("comment", "how", "rule", "reason", "error")


class Own(NamedTuple):
    """What a question shows everybody, where that is the same; the store keeps no copy of it for a cell."""

    options: tuple[Any, ...] | None = None
    items: tuple[Any, ...] | None = None


_Value = TypeVar("_Value")


class _Seldom(Generic[_Value]):
    """A field that few cells have. It lies in a place of its own, so that the others need no room for it."""

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, cell: None, owner: Any = None) -> _Seldom[_Value]: ...
    @overload
    def __get__(self, cell: AnswerCell, owner: Any = None) -> _Value | None: ...
    def __get__(self, cell: AnswerCell | None, owner: Any = None) -> Any:
        return self if cell is None else getattr(cell.seldom, self._name)

    def __set__(self, cell: AnswerCell, value: _Value | None) -> None:
        if value is not None or cell.seldom is not NOTHING:
            cell.seldom = replace(cell.seldom, **{self._name: value})


@dataclass(slots=True, frozen=True)
class Seldom:
    """What few cells have; see `AnswerCell` for what it is."""

    rule: str | None = None
    reason: str | None = None
    error: str | None = None
    items: tuple[Any, ...] | None = None
    reasks: int | None = None
    thinking_tokens: int | None = None


#: What most cells have of it.
NOTHING = Seldom()
_NOTHING = (None,) * 6


class AnswerCell:
    """One question of one interview. Only an answered cell has an answer.

    This is the one of an interview in progress; those of others are rows of `edsl_nb.results.cells`.

    Parameters:
        state: what became of it.
        how, rule, reason: how the reply was read; see `edsl_nb.questions.Reading`.
        error: why the call failed, where it did.
        prompts, options, items: as they were sent.
        text, raw: the model's last text, and the service's whole response to it as JSON text.
        tokens, latency: of all calls that the question took.
        cost: USD of the calls; 0 for cached replies, None where the price is not known.
        cached: whether no call was paid for.
        key: the cache key of the last call.
        reply_ids: the replies' ids in the store, in order; `replies` is these, or of a single one its id.
        reasks: how often the model was asked again because its answer was invalid; None where no model was.
    """

    __slots__ = (
        "answer", "cached", "comment", "cost", "how", "input_tokens", "key", "latency", "model_version",
        "options", "output_tokens", "raw", "replies", "seldom", "state", "system_prompt", "text",
        "user_prompt",
    )  # fmt: skip

    rule = _Seldom[str]()
    reason = _Seldom[str]()
    error = _Seldom[str]()
    items = _Seldom["tuple[Any, ...]"]()
    thinking_tokens = _Seldom[int]()

    def __init__(
        self,
        state: CellState = "not_reached",
        answer: Any = None,
        comment: str | None = None,
        how: How | None = None,
        rule: str | None = None,
        reason: str | None = None,
        error: str | None = None,
        user_prompt: str | None = None,
        system_prompt: str | None = None,
        options: tuple[Any, ...] | None = None,
        items: tuple[Any, ...] | None = None,
        text: str | None = None,
        raw: str | None = None,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        thinking_tokens: int | None = None,
        cost: float | None = None,
        cached: bool | None = None,
        key: str | None = None,
        reply_ids: tuple[int, ...] = (),
        reasks: int | None = None,
        latency: float | None = None,
        model_version: str | None = None,
    ) -> None:
        self.state: CellState = state
        self.how: How | None = how
        self.answer, self.comment = answer, comment
        self.user_prompt, self.system_prompt, self.options = user_prompt, system_prompt, options
        self.text, self.raw, self.key, self.model_version = text, raw, key, model_version
        self.input_tokens, self.output_tokens = input_tokens, output_tokens
        self.cost, self.cached, self.latency = cost, cached, latency
        seldom = (rule, reason, error, items, reasks or None, thinking_tokens)
        self.seldom = NOTHING if seldom == _NOTHING else Seldom(*seldom)
        self.replies: tuple[int, ...] | int = reply_ids[0] if len(reply_ids) == 1 else reply_ids

    @property
    def reply_ids(self) -> tuple[int, ...]:
        return self.replies if isinstance(self.replies, tuple) else (self.replies,)

    @reply_ids.setter
    def reply_ids(self, ids: tuple[int, ...]) -> None:
        self.replies = ids[0] if len(ids) == 1 else ids

    @property
    def attempts(self) -> int | None:
        """How often a model was asked: in a conversation more than once, and again for invalid answers."""
        return attempts(self.key, self.replies, self.seldom.reasks)

    @property
    def reasks(self) -> int | None:
        return reasks(self.key, self.seldom.reasks)

    @reasks.setter
    def reasks(self, count: int | None) -> None:
        if count or self.seldom is not NOTHING:
            self.seldom = replace(self.seldom, reasks=count or None)

    def _values(self) -> dict[str, Any]:
        """What it says, by the names of the parameters."""
        named = {name: getattr(self, name) for name in _FIELDS}
        return {name: value for name, value in named.items() if value is not None}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnswerCell) and self._values() == other._values()

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __repr__(self) -> str:
        return f"AnswerCell({', '.join(f'{name}={value!r}' for name, value in self._values().items())})"

    def kept(self, own: Own) -> dict[str, Any]:
        """What the store keeps of it: all that does not stand in its replies already."""
        data: dict[str, Any] = {"state": self.state}
        if self.answer is not None:
            data["answer"] = packed(self.answer)
        if self.comment is not None:
            data["comment"] = self.comment
        if self.how is not None:
            data["how"] = self.how
        seldom = self.seldom
        if seldom is not NOTHING:
            said = {"rule": seldom.rule, "reason": seldom.reason, "error": seldom.error}
            data |= {name: value for name, value in said.items() if value is not None}
        if self.state not in _UNASKED:
            if self.options != own.options:
                data["options"] = packed(self.options)
            if seldom.items != own.items:
                data["items"] = packed(seldom.items)
        replies = self.reply_ids
        if replies:
            data["replies"] = replies
            if seldom.reasks:
                data["reasks"] = seldom.reasks
            if self.cached:
                data["cached"] = True
            elif self.cost is not None:
                data["cost"] = self.cost
        elif self.text is not None:
            data["text"] = self.text
        if self.user_prompt is not None and self.state in ("failed", "cancelled"):
            # What was sent last has no reply.
            data["user_prompt"], data["system_prompt"] = self.user_prompt, self.system_prompt
        return data

    @classmethod
    def restored(cls, data: Mapping[str, Any], own: Own, replies: Mapping[int, StoredReply]) -> AnswerCell:
        """The cell of which `kept` gave the data.

        Parameters:
            data: the data.
            own: what the question shows everybody.
            replies: the replies that it names, by id.
        """
        kept: dict[str, Any] = {name: data[name] for name in _KEPT if name in data}
        cell = cls(data["state"], unpacked(data.get("answer")), **kept)
        if cell.state not in _UNASKED:
            cell.options = unpacked(data["options"]) if "options" in data else own.options
            cell.items = unpacked(data["items"]) if "items" in data else own.items
        cell.text = data.get("text")
        if data.get("replies"):
            cell.reply_ids = tuple(data["replies"])
            cell.reasks, cell.cached = data.get("reasks"), data.get("cached", False)
            cell.cost = 0.0 if cell.cached else _shared(data.get("cost"))
            cell.take(*(replies[reply_id] for reply_id in cell.reply_ids))
        if "user_prompt" in data:
            cell.user_prompt, cell.system_prompt = data["user_prompt"], data["system_prompt"]
        return cell

    def take(self, *replies: StoredReply) -> None:
        """Add what stands in stored replies."""
        last = replies[-1]
        self.text, self.raw, self.model_version, self.key = (
            last.text,
            last.raw,
            last.model_version,
            last.call.key,
        )
        system, turns = json_value(last.messages)
        self.system_prompt, self.user_prompt = _shared(system), turns[-1][1]
        self.input_tokens = self.output_tokens = 0
        self.latency = 0.0
        for reply in replies:  # one by one, as they were added when they came in
            self.input_tokens += reply.input_tokens
            self.output_tokens += reply.output_tokens
            self.latency += reply.latency
            if reply.thinking_tokens is not None:
                self.thinking_tokens = (self.thinking_tokens or 0) + reply.thinking_tokens


@dataclass(slots=True, eq=False)
class Interview:
    """One interview: which agent, scenario, model and iteration, and its cells in survey order.

    Parameters:
        own: by question, what it shows everybody; empty where that is not known.
        kept: sections of its JSON in a file that nothing here has a place for, if any.
    """

    index: int
    agent: int
    scenario: int
    model: int
    iteration: int
    cells: Sequence[AnswerCell]
    own: Sequence[Own] = ()
    kept: Mapping[str, Any] | None = None

    @property
    def states(self) -> Sequence[CellState]:
        """What became of its questions."""
        return [cell.state for cell in self.cells]

    @property
    def state(self) -> str:
        """`cancelled` while it is incomplete, else `answered`, or what all its cells failed of."""
        states = self.states
        if "cancelled" in states:
            return "cancelled"
        if "answered" in states or not states:
            return "answered"
        return "failed" if "failed" in states else "invalid"

    @property
    def flawed(self) -> bool:
        """Whether some question has no answer and might have one if it were asked again."""
        return not FLAWED.isdisjoint(self.states)

    def count(self, counter: LaneCounter) -> None:
        """Count its cells as answers that were there already."""
        for state in self.states:
            if state != "cancelled":
                counter.cell(state, cached=True)

    def to_json(self) -> str:
        """The cells as the store keeps them; with their replies, `cells_of` makes the same ones of it."""
        own = self.own or [Own()] * len(self.cells)
        return json_text([cell.kept(shown) for cell, shown in zip(self.cells, own, strict=True)])


#: The names of a cell's fields.
_FIELDS = tuple(signature(AnswerCell).parameters)


def attempts(key: str | None, replies: Sequence[int] | int, reasks: int | None) -> int | None:
    """How often a model was asked, of a cell with this key, these replies, and so many questions again."""
    if key is None:
        return None
    return 1 if isinstance(replies, int) else len(replies) or 1 + (reasks or 0)


def tokens_of(told: Any) -> Any:
    """A number of tokens to be added to others: that of a cell of a file may be anything, or none."""
    return told if isinstance(told, int | float) else 0


def reasks(key: str | None, reasks: int | None) -> int | None:
    """How often a model was asked again; 0 where it was asked at all, None where it was not."""
    return reasks or (None if key is None else 0)


@lru_cache(maxsize=1024)
def _shared(value: Any) -> Any:
    """The same object for equal texts and sums: a system prompt is that of thousands of cells."""
    return value


def stored_cells(text: str) -> list[dict[str, Any]] | None:
    """What `Interview.to_json` wrote, or None where an older version has written something else."""
    data = json_value(text)
    if isinstance(data, list) and all(isinstance(cell, dict) for cell in cast(list[Any], data)):
        return cast(list[dict[str, Any]], data)
    return None


def cells_of(
    stored: Sequence[Mapping[str, Any]], own: Sequence[Own], replies: Mapping[int, StoredReply]
) -> list[AnswerCell]:
    """The cells of an interview, from what the store keeps.

    Parameters:
        stored: what `stored_cells` gave.
        own: by question, what it shows everybody.
        replies: the replies that are named, by id.
    """
    return [AnswerCell.restored(data, shown, replies) for data, shown in zip(stored, own, strict=True)]
