"""What a benchmark's run gave: outputs, scores, a table of samples, transcripts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from edsl_nb.core.errors import nearest
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown
from edsl_nb.core.tables import Column
from edsl_nb.results import Dataset
from edsl_nb.tasks.history import HistoryLimit
from edsl_nb.tasks.samples import Sample
from edsl_nb.tasks.scoring import overall
from edsl_nb.tasks.typings import ChatHistoryItem, SampleIndex, TaskError, TaskOutput

if TYPE_CHECKING:
    import pandas as pd

    from edsl_nb.tasks.playing import Rules
    from edsl_nb.tasks.work import Entry

#: The columns of the table of samples; the first eight are shown at first.
_COLUMNS = (
    "task", "agent", "index", "repeat", "status", "rounds", "result", "error",
    "state", "seconds", "input_tokens", "output_tokens", "cost",
)  # fmt: skip
_NUMBERS = ("repeat", "rounds", "seconds", "input_tokens", "output_tokens", "cost")


class Transcript(Shown):
    """The conversation of one sample. Shows as a table, a row per turn.

    Parameters:
        sample: the sample.
    """

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self._turns = sample.history

    def as_table(self) -> MemoryTable:
        """The turns, to be shown page by page."""
        columns = [
            Column("turn", "number", sortable=True),
            Column("role"),
            Column("content"),
            Column("length", "number", sortable=True),
        ]
        place = self.sample.place
        return MemoryTable(
            f"{place.task} {place.index}, {place.agent}", columns, len(self._turns), self._cell
        )

    def _cell(self, row: int, column: str) -> Any:
        turn = self._turns[row]
        if column in ("role", "content"):
            return turn[column]
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


class BenchmarkResults(Shown):
    """What a benchmark's run gave, so far or in the end. Shows as a table of its samples.

    Samples that are cancelled are not in it.

    Attributes:
        samples: all that have ended, by task, agent, index and repeat.
        partial: whether the run is not complete.
        history_limit: how much of a history agents got to see.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        places: Sequence[tuple[str, str]],
        repeats: int,
        samples: Sequence[Sample],
        partial: bool,
        rules: Rules,
    ) -> None:
        self._entries = {entry.name: entry for entry in entries}
        self._places, self._repeats = places, repeats
        self.samples = [sample for sample in samples if sample.state != "cancelled"]
        self.partial = partial
        self.history_limit: HistoryLimit = rules.history_limit

    def __len__(self) -> int:
        return len(self.samples)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples)

    @property
    def outputs(self) -> list[TaskOutput]:
        """What came of the samples that have ended by themselves, with their histories; fresh copies.

        Task errors are among them, and samples whose agent failed or whose time was over are not.
        """
        return [sample.output for sample in self.samples if sample.status is not None]

    @cached_property
    def overall(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The score of each agent at each task, by ``(agent, task)``, in AgentBench's form.

        It covers what has ended so far; see `edsl_nb.tasks.scoring.overall`.
        Computed in the tasks' threads when it is first asked for.
        """
        grouped: dict[tuple[str, str], list[Sample]] = {place: [] for place in self._places}
        for sample in self.samples:
            if sample.status is not None:
                grouped[sample.agent, sample.task].append(sample)
        return {
            (agent, task): overall(
                self._entries[task].host, played, self._entries[task].indices, self._repeats
            )
            for (agent, task), played in grouped.items()
        }

    @property
    def scores(self) -> Dataset:
        """The overall scores as a table: a row per task and agent, a column per number of the task's own."""
        rows = [_score_row(agent, task, found) for (agent, task), found in self.overall.items()]
        names = list(dict.fromkeys(name for row in rows for name in row))
        return Dataset({name: [row.get(name) for row in rows] for name in names}, "Scores")

    def sample(
        self, index: SampleIndex, task: str | None = None, agent: str | None = None, repeat: int = 0
    ) -> Sample:
        """One sample.

        Parameters:
            index: the task's index.
            task, agent: whose, by name; the first that has such a sample if left out.
            repeat: which repeat, from 0.

        Raises:
            TaskError: there is no such sample.
        """
        for field, name, known in (
            ("task", task, [task for _, task in self._places]),
            ("agent", agent, [agent for agent, _ in self._places]),
        ):
            if name is not None and name not in known:
                raise TaskError(
                    f"there is no such {field}", field=field, value=name, remedy=nearest(name, known)
                )
        for sample in self.samples:
            place = sample.place
            alike = type(place.index) is type(index) and place.index == index and place.repeat == repeat
            if alike and task in (None, place.task) and agent in (None, place.agent):
                return sample
        known = [repr(sample.index) for sample in self.samples]
        raise TaskError(
            "no sample of this index has ended",
            field="index",
            value=index,
            remedy=nearest(repr(index), known),
        )

    def transcript(
        self, index: SampleIndex, task: str | None = None, agent: str | None = None, repeat: int = 0
    ) -> Transcript:
        """The conversation of one sample. See `sample` for the parameters and what is refused."""
        return Transcript(self.sample(index, task, agent, repeat))

    @property
    def transcripts(self) -> MemoryTable:
        """All conversations as one table, a row per turn, which can be searched."""
        turns = [
            (sample, number, turn)
            for sample in self.samples
            for number, turn in enumerate(cast(list[Any], json.loads(sample.kept)["history"]))
        ]

        def cell(row: int, column: str) -> Any:
            sample, number, (role, content) = turns[row]
            if column in ("turn", "role", "content"):
                return {"turn": number, "role": role, "content": content}[column]
            return getattr(sample.place, column)

        names = ("task", "agent", "index", "repeat", "turn", "role", "content")
        columns = [
            Column(name, "number" if name in ("repeat", "turn") else "text", sortable=name != "content")
            for name in names
        ]
        return MemoryTable("Transcripts", columns, len(turns), cell)

    def as_table(self) -> MemoryTable:
        """The samples, to be shown page by page."""
        columns = [
            Column(name, _kind(name), sortable=name != "result", primary=name in _COLUMNS[:8])
            for name in _COLUMNS
        ]
        return MemoryTable("Samples", columns, len(self), lambda row, name: _cell(self.samples[row], name))

    def to_pandas(self) -> pd.DataFrame:
        """The samples as a data frame."""
        import pandas as pd

        return pd.DataFrame(
            {name: [_cell(sample, name) for sample in self.samples] for name in _COLUMNS}, columns=_COLUMNS
        )

    def __repr__(self) -> str:
        partial = ", partial" if self.partial else ""
        return f"BenchmarkResults({len(self):,} samples{partial})"


def _kind(name: str) -> Any:
    return "money" if name == "cost" else "number" if name in _NUMBERS else "text"


def _cell(sample: Sample, name: str) -> Any:
    if name in ("input_tokens", "output_tokens", "cost"):
        return getattr(sample.usage, name)
    value = getattr(sample, name) if name not in ("index", "repeat") else getattr(sample.place, name)
    return value.value if name == "status" and value is not None else value


def _score_row(agent: str, task: str, found: dict[str, Any]) -> dict[str, Any]:
    shares = {name: share for name, share in found["validation"].items() if share and "length" not in name}
    row = {"task": task, "agent": agent, "total": found["total"], **shares}
    custom = found["custom"]
    for name, value in custom.items() if isinstance(custom, dict) else [("score", custom)]:
        if value is None or isinstance(value, str | int | float | bool):
            row[name if name not in row else f"custom.{name}"] = value
    return row
