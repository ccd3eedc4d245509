"""A benchmark as a workload: every sample of every task, played by every agent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any
from weakref import WeakKeyDictionary

from edsl_nb.results import Dataset
from edsl_nb.runner.context import Context
from edsl_nb.runner.scope import RunScope
from edsl_nb.runner.workload import FindReplies, LaneSpec, StoredCells
from edsl_nb.tasks.contestants import Contestant
from edsl_nb.tasks.hosting import TaskHost
from edsl_nb.tasks.playing import Play, Rules
from edsl_nb.tasks.results import BenchmarkResults
from edsl_nb.tasks.samples import Place, Sample
from edsl_nb.tasks.slots import Pair, Side, Slots
from edsl_nb.tasks.typings import SampleIndex

#: The columns of a run's errors.
_ERROR_COLUMNS = ("task", "agent", "index", "repeat", "status", "error")

#: Rooms at tasks and agents are shared by all runs on a loop.
_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, Slots] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Entry:
    """A task and which of its samples are to be played, in order.

    Parameters:
        host: where the task lives.
        name: in results.
        indices: of the samples.
        concurrency: how many may be played at once.
    """

    host: TaskHost
    name: str
    indices: Sequence[SampleIndex]
    concurrency: int


class Samples:
    """The samples of a benchmark, as the runner sees them: task slowest, then agent, sample and repeat.

    Parameters:
        entries: the tasks.
        agents: who plays.
        repeats: how often each sample is played.
        rules: what holds for all of them.
    """

    item_noun = "samples"
    cell_noun = "outcomes"
    cells_per_item = 1

    def __init__(
        self, entries: Sequence[Entry], agents: Sequence[Contestant], repeats: int, rules: Rules
    ) -> None:
        self.entries, self.agents, self.repeats, self.rules = entries, agents, repeats, rules
        self._pairs = [(entry, agent) for entry in entries for agent in agents]
        self._sizes = [len(entry.indices) * repeats for entry, _ in self._pairs]
        self._starts = [0, *accumulate(self._sizes)]
        self._playing: set[Play] = set()
        self._scope: RunScope | None = None

    @property
    def about(self) -> str:
        return ", ".join(entry.name for entry in self.entries)

    def __len__(self) -> int:
        return self._starts[-1]

    @cached_property
    def places(self) -> list[tuple[str, str]]:
        """Every agent with every task, by name, in order."""
        return [(agent.name, entry.name) for entry, agent in self._pairs]

    def lanes(self) -> list[LaneSpec]:
        """One lane per task and agent."""
        return [
            LaneSpec(
                label=f"{entry.name}, {agent.name}",
                size=size,
                indices=range(start, start + size),
                concurrency=agent.concurrency,
                price=agent.price,
                key=agent.key,
            )
            for (entry, agent), size, start in zip(self._pairs, self._sizes, self._starts, strict=False)
        ]

    def _decode(self, position: int) -> tuple[Entry, Contestant, Place]:
        # Few pairs, so looking through them is quick.
        number = next(i for i, start in enumerate(self._starts[1:]) if position < start)
        entry, agent = self._pairs[number]
        sample, repeat = divmod(position - self._starts[number], self.repeats)
        return entry, agent, Place(entry.name, agent.name, entry.indices[sample], repeat)

    # Playing

    async def run_item(self, index: int, context: Context) -> Sample:
        entry, agent, place = self._decode(index)
        scope = context.scope
        self._heed(scope)
        slots = _slots.setdefault(asyncio.get_running_loop(), Slots())
        pair = Pair(Side(id(entry.host), entry.concurrency), Side(id(agent), agent.concurrency))
        sample = Sample(place, "cancelled")
        play: Play | None = None
        try:
            while not scope.stopping:
                await scope.going.wait()
                async with slots.taken(pair):
                    if scope.going.is_set() and not scope.stopping:
                        play = Play(entry.host, agent, place, index, self.rules, context)
                        sample = await self._play(play)
                        break
        except asyncio.CancelledError:
            if not scope.stopping:
                raise
            return sample if play is None else play.unfinished()
        if sample.error is not None:
            scope.failed(f"{place.task}, {place.agent}: {sample.error}")
        if sample.state != "cancelled":
            context.counter.cell(sample.cell)
        return sample

    async def _play(self, play: Play) -> Sample:
        self._playing.add(play)
        try:
            return await play.play()
        finally:
            self._playing.discard(play)

    def _heed(self, scope: RunScope) -> None:
        """Have all samples cancelled as soon as the run is being stopped."""
        if self._scope is not scope:
            self._scope = scope
            scope.when_stopped(self._cancel_all)

    def _cancel_all(self) -> None:
        for play in list(self._playing):
            play.cancel()

    # What came of it

    def results(self, records: Mapping[int, Any], partial: bool) -> BenchmarkResults:
        samples: list[Sample] = [records[position] for position in sorted(records)]
        return BenchmarkResults(self.entries, self.places, self.repeats, samples, partial, self.rules)

    def row(self, record: Sample) -> Sample | None:
        return None if record.state == "cancelled" else record

    def errors(self, records: Mapping[int, Sample]) -> Dataset:
        """The samples of which task or agent have failed."""
        failed = [
            (*astuple(record.place), "" if record.status is None else record.status.value, record.error)
            for _, record in sorted(records.items())
            if record.state == "failed"
        ]
        columns = zip(*failed, strict=True) if failed else [()] * len(_ERROR_COLUMNS)
        return Dataset(dict(zip(_ERROR_COLUMNS, map(list, columns), strict=True)), "Errors")

    # The store

    def describe(self) -> dict[str, Any]:
        tasks = [
            {"name": entry.name, "class": type(entry.host.task).__qualname__, "indices": list(entry.indices)}
            for entry in self.entries
        ]
        return {"benchmark": tasks, "agents": [agent.to_dict() for agent in self.agents]}

    def plan(self) -> dict[str, Any]:
        return {
            "n": self.repeats,
            "indices": {entry.name: list(entry.indices) for entry in self.entries},
            "sample_timeout": self.rules.timeout,
            "history_limit": self.rules.history_limit,
            "cache": self.rules.cache,
            # Tasks are code, which is not stored.
            "functions": [entry.name for entry in self.entries],
        }

    def restore(self, items: Sequence[StoredCells], find: FindReplies) -> dict[int, Sample]:
        read = {item.position: Sample.of_json(self._decode(item.position)[2], item.cells) for item in items}
        return {position: sample for position, sample in read.items() if sample is not None}

    def go_on_from(self, begun: Mapping[int, Sample]) -> None:
        """A sample that was begun starts again; replies that its run has on disk are not asked for again."""
