"""The conversations of samples: as a transcript that is a sequence of turns, and to be leafed through."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from edsl_nb.core.cells import as_cell
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.tables import Cell, Column
from edsl_nb.core.transcripts import Conversation, Counterpart, Turn
from edsl_nb.core.transcripts import Transcript as BaseTranscript
from edsl_nb.tasks.samples import Place, Sample
from edsl_nb.tasks.typings import ChatHistoryItem

#: Most samples of others that are offered for comparison.
_MOST_COUNTERPARTS = 50


class SampleConversations:
    """The conversations of samples, in the order of these.

    Parameters:
        samples: the samples; more may be added at its end.
    """

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    def conversation(self, position: int) -> Conversation:
        """One sample's conversation, with what came of it and what its task has printed."""
        sample = self._samples[position]
        turns = [_turn(number, item) for number, item in enumerate(sample.history)]
        if sample.log:
            turns.append(Turn("note", sample.log, about="printed by the task"))
        return Conversation(_title(sample.place), turns, list(_facts(sample)))

    def counterparts(self, position: int) -> Sequence[Counterpart]:
        """The same sample as other agents have played it, and other repeats of it."""
        own = self._samples[position].place
        found = [
            Counterpart(_who(sample.place), other)
            for other, sample in enumerate(self._samples)
            if other != position and _same_sample(sample.place, own)
        ]
        return found[:_MOST_COUNTERPARTS]


def _same_sample(one: Place, other: Place) -> bool:
    return one.task == other.task and type(one.index) is type(other.index) and one.index == other.index


def _who(place: Place) -> str:
    return f"{place.agent}, repeat {place.repeat}" if place.repeat else place.agent


def _title(place: Place) -> str:
    return f"{place.task} {place.index}, {_who(place)}"


def _turn(number: int, item: ChatHistoryItem) -> Turn:
    return Turn(item.role, item.content, number, marks=tuple(_marks(item.answered)))


def _marks(answered: int | None) -> Iterator[str]:
    if answered is None:
        yield "injected"
    elif answered:
        yield f"{answered} turn{'' if answered == 1 else 's'} before it not shown to the agent"


def _facts(sample: Sample) -> Iterator[tuple[str, Cell]]:
    yield "status", sample.outcome
    yield "result", as_cell(sample.result)
    if sample.error is not None:
        yield "error", sample.error
    yield "rounds", sample.rounds
    yield "time", f"{sample.seconds:.2f} s"
    yield "tokens", sample.usage.input_tokens + sample.usage.output_tokens
    if sample.usage.cost is not None:
        yield "cost", round(sample.usage.cost, 6)


class Transcript(BaseTranscript):
    """The conversation of one sample: a sequence of its turns.

    A turn that is not ``injected`` is an answer of the agent, and ``omitted``
    says how many turns before it the limit of histories hid from the agent.

    Parameters:
        samples: the sample and those beside it.
        position: which of them it is.
    """

    def __init__(self, samples: Sequence[Sample], position: int) -> None:
        super().__init__(SampleConversations(samples), position)
        self.sample = samples[position]
        self._turns = self.sample.history

    def as_table(self) -> MemoryTable:
        """The turns, to be shown page by page."""
        columns = [
            Column("turn", "number", sortable=True),
            Column("role"),
            Column("content"),
            Column("length", "number", sortable=True),
            Column("injected"),
            Column("omitted", "number"),
        ]
        place = self.sample.place
        return MemoryTable(
            f"{place.task} {place.index}, {place.agent}", columns, len(self._turns), self._cell
        )

    def _cell(self, row: int, column: str) -> Any:
        turn = self._turns[row]
        if column in ("role", "content"):
            return turn[column]
        if column == "injected":
            return turn.answered is None
        if column == "omitted":
            return turn.answered
        return row if column == "turn" else len(turn.content)

    def __len__(self) -> int:
        return len(self._turns)

    def __iter__(self) -> Iterator[ChatHistoryItem]:
        return iter(self._turns)

    def __getitem__(self, turn: int) -> ChatHistoryItem:
        return self._turns[turn]

    def to_dicts(self) -> list[dict[str, str]]:
        """The turns as dicts of role and content."""
        return [{"role": turn.role, "content": turn.content} for turn in self._turns]

    def to_json(self) -> str:
        """The turns as JSON text."""
        return json.dumps(self.to_dicts(), ensure_ascii=False, indent=1)

    def __repr__(self) -> str:
        return f"Transcript({len(self)} turns of {self.sample.task} {self.sample.index!r})"
