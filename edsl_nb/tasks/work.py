"""A benchmark as a workload: every sample of every task, played by every agent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from edsl_nb.core.code import counted
from edsl_nb.core.errors import warn
from edsl_nb.results import Dataset
from edsl_nb.runner.context import Context
from edsl_nb.runner.lookup import Known
from edsl_nb.runner.progress import Words
from edsl_nb.runner.scope import RunScope
from edsl_nb.runner.workload import FindReplies, LaneSpec, StoredCells
from edsl_nb.tasks.contestants import Contestant
from edsl_nb.tasks.hosting import TaskHost
from edsl_nb.tasks.playing import Play, Rules
from edsl_nb.tasks.recording import PairName, Recording
from edsl_nb.tasks.results import BenchmarkResults
from edsl_nb.tasks.samples import Place, Sample
from edsl_nb.tasks.scoreboard import Scoreboard
from edsl_nb.tasks.scoring import overall
from edsl_nb.tasks.slots import Pair, Side, Slots
from edsl_nb.tasks.troupe import Troupe
from edsl_nb.tasks.typings import SampleIndex

#: The columns of a run's errors.
_ERROR_COLUMNS = ("task", "agent", "index", "repeat", "status", "error", "log")

#: Seconds for the scores of a run that was stopped.
_WINDING_UP = 3.0

EMPTY: Mapping[Place, Sample] = MappingProxyType({})

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
        troupe: copies of the task in other processes, which play them; None where the task itself does.
    """

    host: TaskHost
    name: str
    indices: Sequence[SampleIndex]
    concurrency: int
    troupe: Troupe | None = None


class Samples:
    """The samples of a benchmark, as the runner sees them: task slowest, then agent, sample and repeat.

    Parameters:
        entries: the tasks.
        agents: who plays.
        repeats: how often each sample is played.
        rules: what holds for all of them.
        earlier: samples that are not played again.
        output: the folder to which samples are written when they end.
        assigned: the agents and tasks that belong together; None for all with all.

    Attributes:
        final: what the run gave, where its tasks cannot be asked for scores any more.
        scoreboard: how the samples have ended so far.
    """

    words = Words("samples", "outcomes", "assignments")
    variable = "benchmark"
    cells_per_item = 1

    def __init__(
        self,
        entries: Sequence[Entry],
        agents: Sequence[Contestant],
        repeats: int,
        rules: Rules,
        earlier: Mapping[Place, Sample] = EMPTY,
        output: Path | None = None,
        assigned: Collection[PairName] | None = None,
    ) -> None:
        self.entries, self.agents, self.repeats, self.rules = entries, agents, repeats, rules
        self._pairs = [
            (entry, agent)
            for entry in entries
            for agent in agents
            if assigned is None or (agent.name, entry.name) in assigned
        ]
        self.final: BenchmarkResults | None = None
        self._sizes = [len(entry.indices) * repeats for entry, _ in self._pairs]
        self._starts = [0, *accumulate(self._sizes)]
        self._earlier, self._output = earlier, output
        self._recording: Recording | None = None
        self._by_pair = dict(zip(self.places, self._sizes, strict=True))
        self.scoreboard = Scoreboard(self._by_pair, self._compute)
        if output is not None:
            self._recording = Recording(output, self._by_pair, rules.history_limit, self._score)
            for sample in earlier.values():
                if (sample.agent, sample.task) in self._by_pair:
                    self._recording.note(sample)
        self._playing: set[Play] = set()
        self._scope: RunScope | None = None

    @property
    def about(self) -> str:
        return ", ".join(entry.name for entry in self.entries)

    def __len__(self) -> int:
        return self._starts[-1]

    @cached_property
    def places(self) -> list[PairName]:
        """Every agent with every task, by name, in order."""
        return [(agent.name, entry.name) for entry, agent in self._pairs]

    def lanes(self) -> list[LaneSpec]:
        """One lane per task and agent."""
        return [
            LaneSpec(
                label=f"{entry.name}, {agent.name}",
                size=size,
                indices=self._order(start, start + size),
                concurrency=agent.concurrency,
                workers=min(entry.concurrency, agent.concurrency),
                price=agent.price,
                key=agent.key,
            )
            for (entry, agent), size, start in zip(self._pairs, self._sizes, self._starts, strict=False)
        ]

    def _order(self, start: int, end: int) -> Sequence[int]:
        """The samples of a lane. Those that are not played again come first, to be soon in the store."""
        if not self._earlier:
            return range(start, end)
        return sorted(range(start, end), key=lambda position: self._decode(position)[2] not in self._earlier)

    def _decode(self, position: int) -> tuple[Entry, Contestant, Place]:
        # Few pairs, so looking through them is quick.
        number = next(i for i, start in enumerate(self._starts[1:]) if position < start)
        entry, agent = self._pairs[number]
        sample, repeat = divmod(position - self._starts[number], self.repeats)
        return entry, agent, Place(entry.name, agent.name, entry.indices[sample], repeat)

    def outlook(self, known: Known) -> str | None:
        """Samples that are kept, and those to be played. What these cost nobody knows before they are."""
        total = len(self)
        kept = sum(self._decode(i)[2] in self._earlier for i in range(total)) if self._earlier else 0
        if not kept:
            return f"At the start: {counted(total, 'sample')} to play."
        return f"At the start: {counted(kept, 'sample')} kept, {total - kept:,} to play."

    # Playing

    async def run_item(self, index: int, context: Context) -> Sample:
        entry, agent, place = self._decode(index)
        scope = context.scope
        if (found := self._earlier.get(place)) is not None:
            await self._record(scope, lambda recording: recording.finish((place.agent, place.task)))
            found.count(context.counter)
            await self._ended(scope, index, found)
            return found
        self._heed(scope)
        slots = _slots.get(loop := asyncio.get_running_loop())
        if slots is None:
            slots = _slots[loop] = Slots()
        pair = Pair(
            Side(id(entry.troupe or entry.host), entry.concurrency), Side(id(agent), agent.concurrency)
        )
        sample = Sample(place, "cancelled")
        play: Play | None = None
        try:
            while not scope.stopping:
                await scope.going.wait()
                async with slots.taken(pair):
                    if scope.going.is_set() and not scope.stopping:
                        host = entry.host if entry.troupe is None else await entry.troupe.host(scope)
                        play = Play(host, agent, place, index, self.rules, context)
                        sample = await self._play(play)
                        break
        except asyncio.CancelledError:
            if not scope.stopping:
                raise
            return sample if play is None else play.unfinished()
        if sample.error is not None:
            scope.failed(f"{place.task}, {place.agent}: {sample.error}")
        if sample.state != "cancelled":
            await self._record(scope, lambda recording: recording.add(sample))
            context.counter.cell(sample.cell)
        await self._ended(scope, index, sample)
        return sample

    async def _ended(self, scope: RunScope, position: int, sample: Sample) -> None:
        """Have a sample counted, and the score computed where it was the last of its agent and task."""
        if not self.scoreboard.note(position, sample):
            return
        try:
            # What is wrong with a score is told when results are asked for.
            await asyncio.to_thread(self.scoreboard.score_so_far, sample.agent, sample.task)
        except asyncio.CancelledError:
            if not scope.stopping:
                raise

    async def wind_up(self) -> None:
        """Compute the scores of what was stopped; a task that takes long over it is not waited for."""
        left = [one for one in self.scoreboard.standings() if one.scorable > one.scored]

        def score() -> None:
            for one in left:
                self.scoreboard.score_so_far(one.agent, one.task)

        if left:
            scoring = asyncio.create_task(asyncio.to_thread(score))
            # What is wrong with a score is told when results are asked for.
            scoring.add_done_callback(lambda done: done.cancelled() or done.exception())
            await asyncio.wait([scoring], timeout=_WINDING_UP)

    async def _record(self, scope: RunScope, note: Callable[[Recording], None]) -> None:
        """Write to the run's folder, if it has one. Where that fails, the store has the sample still."""
        if self._recording is None:
            return
        try:
            await asyncio.to_thread(note, self._recording)
        except OSError as failure:
            scope.progress.error(f"output: {failure}")

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

    def records(self) -> dict[int, Sample]:
        return {}

    def results(self, records: Mapping[int, Any], partial: bool) -> BenchmarkResults:
        if self.final is not None:
            return self.final
        samples: list[Sample] = [records[position] for position in sorted(records)]
        return BenchmarkResults(
            self._by_pair, samples, self._score, partial, self.rules.history_limit, self.scoreboard.known
        )

    def _score(self, agent: str, task: str, samples: Sequence[Sample]) -> dict[str, Any]:
        found = self.scoreboard.score(agent, task, samples)
        if "error" in found:
            warn(f"There is no score of task {task!r}: {found['error']}")
        return found

    def _compute(self, agent: str, task: str, samples: Sequence[Sample]) -> dict[str, Any]:
        entry = next(entry for entry in self.entries if entry.name == task)
        return overall(entry.host, samples, entry.indices, self.repeats)

    def row(self, record: Sample) -> Sample | None:
        return None if record.state == "cancelled" else record

    def errors(self, records: Mapping[int, Sample]) -> Dataset:
        """The samples of which task or agent have failed."""
        failed = [
            (*astuple(record.place), record.outcome, record.error, record.log)
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
            "workers": None if (troupe := self.entries[0].troupe) is None else troupe.workers,
            "cache": self.rules.cache,
            "output": None if self._output is None else str(self._output),
            "rerun": sorted(self.rules.rerun) if self._output is not None else None,
            # Tasks are code, which is not stored.
            "functions": [entry.name for entry in self.entries],
        }

    def restore(self, items: Sequence[StoredCells], find: FindReplies) -> dict[int, Sample]:
        board = self.scoreboard
        read = {item.position: Sample.of_json(self._decode(item.position)[2], item.cells) for item in items}
        restored = {at: board.same(at, sample) for at, sample in read.items() if sample is not None}
        complete = {(one.agent, one.task) for at, one in restored.items() if board.note(at, one)}
        for pair in complete:
            board.score_so_far(*pair)
        if self._recording is not None:
            for sample in restored.values():
                self._recording.note(sample)
        return restored

    def go_on_from(self, begun: Mapping[int, Sample]) -> None:
        """A sample that was begun starts again; replies that its run has on disk are not asked for again."""
