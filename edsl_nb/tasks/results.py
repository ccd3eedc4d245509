"""What a benchmark's run gave: outputs, scores, a table of samples, transcripts."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from edsl_nb.core.errors import nearest
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown
from edsl_nb.core.tables import Column
from edsl_nb.results import Dataset
from edsl_nb.tasks import saved
from edsl_nb.tasks.history import HistoryLimit
from edsl_nb.tasks.recording import PairName, Score
from edsl_nb.tasks.sample_table import COLUMNS, sample_cell, sample_table
from edsl_nb.tasks.samples import Sample
from edsl_nb.tasks.scoreboard import OUTCOMES, Standing, figures, outcomes_of
from edsl_nb.tasks.transcripts import SampleConversations, Transcript
from edsl_nb.tasks.typings import SampleIndex, TaskError, TaskOutput

if TYPE_CHECKING:
    import pandas as pd


class BenchmarkResults(Shown):
    """What a benchmark's run gave, so far or in the end. Shows as a table of its samples.

    Samples that are cancelled are not in it.

    Parameters:
        sizes: how many samples there were to be, by agent and task; 0 where that is not known.
        samples: what came of them.
        score: computes a score.
        partial: whether the run is not complete.
        history_limit: how much of a history agents got to see.
        known: gives a score that has been computed already.

    Attributes:
        samples: all that have ended, by task, agent, index and repeat.
        partial: whether the run is not complete.
        history_limit: how much of a history agents got to see.
    """

    def __init__(
        self,
        sizes: Mapping[PairName, int],
        samples: Sequence[Sample],
        score: Score,
        partial: bool,
        history_limit: HistoryLimit,
        known: Callable[[str, str, Sequence[Sample]], dict[str, Any] | None] = lambda *_: None,
    ) -> None:
        self._sizes, self._score, self._known = sizes, score, known
        self.samples = [sample for sample in samples if sample.state != "cancelled"]
        self.partial = partial
        self.history_limit: HistoryLimit = history_limit

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
        return {place: self._score(*place, _scored(played)) for place, played in self._grouped().items()}

    def _grouped(self) -> dict[PairName, list[Sample]]:
        """The samples of each agent and task."""
        grouped: dict[PairName, list[Sample]] = {pair: [] for pair in self._sizes}
        for sample in self.samples:
            grouped[sample.agent, sample.task].append(sample)
        return grouped

    @property
    def standings(self) -> list[Standing]:
        """How each agent stands at each task; with its score, where that has been computed."""
        scores = cast(dict[PairName, dict[str, Any]], vars(self).get("overall", {}))
        return [
            Standing(
                task,
                agent,
                max(self._sizes[agent, task], len(played)),
                outcomes_of(played),
                scores.get((agent, task)) or self._known(agent, task, _scored(played)),
            )
            for (agent, task), played in self._grouped().items()
        ]

    @property
    def conversations(self) -> SampleConversations:
        """The conversations of the samples, in the order of these."""
        return SampleConversations(self.samples)

    @property
    def scores(self) -> Dataset:
        """The overall scores as a table: a row per task and agent, a column per number of the task's own.

        Numbers in dicts have dotted names. Where samples are repeated, each has its standard error beside it.
        """
        rows = [_score_row(agent, task, found) for (agent, task), found in self.overall.items()]
        names = list(dict.fromkeys(name for row in rows for name in row))
        return Dataset({name: [row.get(name) for row in rows] for name in names}, "Scores")

    @property
    def status_counts(self) -> Dataset:
        """How many samples of each task and agent have ended how.

        Those without a status are counted under ``agent error``, or ``failed`` as where their time was over.
        """
        grouped = self._grouped()
        there = {sample.outcome for sample in self.samples}
        names = [name for name in OUTCOMES if name in there]
        columns: dict[str, list[Any]] = {
            "task": [task for _, task in grouped],
            "agent": [agent for agent, _ in grouped],
            "samples": [len(played) for played in grouped.values()],
        }
        counts = [Counter(sample.outcome for sample in played) for played in grouped.values()]
        return Dataset(columns | {name: [count[name] for count in counts] for name in names}, "Statuses")

    @property
    def costs(self) -> Dataset:
        """What each agent took for each task: turns, seconds, tokens, and USD where the price is known."""
        grouped = self._grouped()
        columns: dict[str, list[Any]] = {
            "task": [task for _, task in grouped],
            "agent": [agent for agent, _ in grouped],
        }
        for name in ("rounds", "seconds", "input_tokens", "output_tokens", "cost"):
            values = [[sample_cell(sample, name) for sample in played] for played in grouped.values()]
            columns[name] = [None if None in some else sum(some) for some in values]
        return Dataset(columns, "Costs")

    @property
    def cost(self) -> float | None:
        """USD for all of it, or None where a price is not known."""
        costs = [sample.usage.cost for sample in self.samples]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None

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
        return self.samples[self._position(index, task, agent, repeat)]

    def _position(self, index: SampleIndex, task: str | None, agent: str | None, repeat: int) -> int:
        for field, name, known in (
            ("task", task, [task for _, task in self._sizes]),
            ("agent", agent, [agent for agent, _ in self._sizes]),
        ):
            if name is not None and name not in known:
                raise TaskError(
                    f"there is no such {field}", field=field, value=name, remedy=nearest(name, known)
                )
        repeats: list[int] = []
        for position, sample in enumerate(self.samples):
            place = sample.place
            alike = type(place.index) is type(index) and place.index == index
            if alike and task in (None, place.task) and agent in (None, place.agent):
                if place.repeat == repeat:
                    return position
                repeats.append(place.repeat)
        if repeats:
            raise TaskError(
                "no such repeat of the sample has ended",
                field="repeat",
                value=repeat,
                remedy=nearest(repr(repeat), list(map(repr, dict.fromkeys(repeats)))),
            )
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
        return Transcript(self.samples, self._position(index, task, agent, repeat))

    def log(
        self, index: SampleIndex, task: str | None = None, agent: str | None = None, repeat: int = 0
    ) -> str:
        """What the task has printed in one sample. See `sample` for the parameters and what is refused."""
        return self.sample(index, task, agent, repeat).log

    @property
    def transcripts(self) -> MemoryTable:
        """All conversations as one table, a row per turn, which can be searched."""
        turns = [
            (sample, number, turn)
            for sample in self.samples
            for number, turn in enumerate(cast(list[Any], json.loads(sample.kept)["history"]))
        ]

        def cell(row: int, column: str) -> Any:
            sample, number, (role, content, *_) = turns[row]
            if column in ("turn", "role", "content"):
                return {"turn": number, "role": role, "content": content}[column]
            return getattr(sample.place, column)

        names = ("task", "agent", "index", "repeat", "turn", "role", "content")
        columns = [
            Column(name, "number" if name in ("repeat", "turn") else "text", sortable=name != "content")
            for name in names
        ]
        return MemoryTable("Transcripts", columns, len(turns), cell)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the results to a folder in AgentBench's layout: ``<folder>/<agent>/<task>/``.

        There are ``runs.jsonl``, a line for each sample that has ended by itself, ``error.jsonl``
        for those that failed, and ``overall.json`` once all have ended. What cannot be in
        the name of a file is written as in addresses, such as ``%2F`` for ``/``.

        Parameters:
            folder: its path. What an earlier `save` of these results has written is replaced.

        Returns:
            The path of the folder.

        Raises:
            TaskError: it cannot be written, or it has samples that these results have not.
        """
        return saved.write(folder, self._grouped(), self.overall, self.history_limit)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> BenchmarkResults:
        """The results in a folder, whoever has written it: `save`, a run, or AgentBench.

        Scores are those of ``overall.json``; without one there are shares of
        statuses only. To have them computed, run the benchmark with
        ``output=`` this folder: what is in it is not played again.

        Parameters:
            folder: its path.

        Raises:
            TaskError: there are no results in it.
        """
        found = saved.read(folder)
        results = cls(
            dict.fromkeys(found.pairs, 0), found.samples, found.score, found.partial, found.history_limit
        )
        _ = results.overall  # which is there already, so that displays have it
        return results

    def as_table(self) -> MemoryTable:
        """The samples, to be shown page by page."""
        repeats = 1 + max((sample.place.repeat for sample in self.samples), default=0)
        return sample_table(self.samples, repeats)

    def to_pandas(self) -> pd.DataFrame:
        """The samples as a data frame."""
        import pandas as pd

        return pd.DataFrame(
            {name: [sample_cell(sample, name) for sample in self.samples] for name in COLUMNS},
            columns=COLUMNS,
        )

    def __repr__(self) -> str:
        partial = ", partial" if self.partial else ""
        return f"BenchmarkResults({len(self):,} samples{partial})"


def _scored(samples: Sequence[Sample]) -> list[Sample]:
    """Those that a score is about: that have ended by themselves."""
    return [sample for sample in samples if sample.status is not None]


def _score_row(agent: str, task: str, found: dict[str, Any]) -> dict[str, Any]:
    shares = {name: share for name, share in found["validation"].items() if share and "length" not in name}
    row = {"task": task, "agent": agent, "total": found["total"], **shares}
    for name, value, error in figures(found["custom"], found.get("standard_error")):
        free = name if name not in row else f"custom.{name}"
        row[free] = value
        if error is not None:
            row[f"{free} standard error"] = error
    return row
