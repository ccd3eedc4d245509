"""What is kept of an interview: one cell per question, compact, because there may be a million of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

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


@dataclass(slots=True)
class AnswerCell:
    """One question of one interview. Only an answered cell has an answer.

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
        reply_ids: the replies' ids in the store, in order.
        reasks: how often the model was asked again because its answer was invalid.
    """

    state: CellState = "not_reached"
    answer: Any = None
    comment: str | None = None
    how: How | None = None
    rule: str | None = None
    reason: str | None = None
    error: str | None = None
    user_prompt: str | None = None
    system_prompt: str | None = None
    options: tuple[Any, ...] | None = None
    items: tuple[Any, ...] | None = None
    text: str | None = None
    raw: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    thinking_tokens: int | None = None
    cost: float | None = None
    cached: bool | None = None
    key: str | None = None
    reply_ids: tuple[int, ...] = ()
    reasks: int | None = None
    latency: float | None = None
    model_version: str | None = None

    def kept(self, own: Own) -> dict[str, Any]:
        """What the store keeps of it: all that does not stand in its replies already."""
        data: dict[str, Any] = {"state": self.state}
        if self.answer is not None:
            data["answer"] = packed(self.answer)
        for name in _KEPT:
            value = getattr(self, name)
            if value is not None:
                data[name] = value
        if self.state not in _UNASKED:
            if self.options != own.options:
                data["options"] = packed(self.options)
            if self.items != own.items:
                data["items"] = packed(self.items)
        if self.reply_ids:
            data["replies"] = self.reply_ids
            if self.reasks:
                data["reasks"] = self.reasks
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
            cell.reasks, cell.cached = data.get("reasks", 0), data.get("cached", False)
            cell.cost = 0.0 if cell.cached else data.get("cost")
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
        self.system_prompt, turns = json.loads(last.messages)
        self.user_prompt = turns[-1][1]
        self.input_tokens = sum(reply.input_tokens for reply in replies)
        self.output_tokens = sum(reply.output_tokens for reply in replies)
        thinking = [reply.thinking_tokens for reply in replies if reply.thinking_tokens is not None]
        self.thinking_tokens = sum(thinking) if thinking else None
        self.latency = 0.0
        for reply in replies:  # one by one, as they were added when they came in
            self.latency += reply.latency


@dataclass(slots=True)
class Interview:
    """One interview: which agent, scenario, model and iteration, and its cells in survey order.

    Parameters:
        own: by question, what it shows everybody; empty where that is not known.
    """

    index: int
    agent: int
    scenario: int
    model: int
    iteration: int
    cells: list[AnswerCell]
    own: Sequence[Own] = ()

    @property
    def answered(self) -> bool:
        """Whether some question is answered, which makes it a row of the results."""
        return any(cell.state == "answered" for cell in self.cells)

    @property
    def state(self) -> str:
        """`cancelled` while it is incomplete, else `answered`, or what all its cells failed of."""
        states = {cell.state for cell in self.cells}
        if "cancelled" in states:
            return "cancelled"
        if "answered" in states or not states:
            return "answered"
        return "failed" if "failed" in states else "invalid"

    @property
    def flawed(self) -> bool:
        """Whether some question has no answer and might have one if it were asked again."""
        return any(cell.state in FLAWED for cell in self.cells)

    def count(self, counter: LaneCounter) -> None:
        """Count its cells as answers that were there already."""
        for cell in self.cells:
            if cell.state != "cancelled":
                counter.cell(cell.state, cached=True)

    def to_json(self) -> str:
        """The cells as the store keeps them; with their replies, `cells_of` makes the same ones of it."""
        own = self.own or [Own()] * len(self.cells)
        return json.dumps([cell.kept(shown) for cell, shown in zip(self.cells, own, strict=True)])


def stored_cells(text: str) -> list[dict[str, Any]] | None:
    """What `Interview.to_json` wrote, or None where an older version has written something else."""
    data = json.loads(text)
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
