"""A workload being executed, on the runner's loop. `Run` is the handle for everybody else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Generic, Literal, TypeVar

from edsl_nb.core import late, usercode
from edsl_nb.core.errors import RunError, StoreError
from edsl_nb.core.settings import settings
from edsl_nb.runner import collector, lease, ledger
from edsl_nb.runner.context import Context
from edsl_nb.runner.line import Line, Patience
from edsl_nb.runner.lookup import Known
from edsl_nb.runner.options import RunOptions
from edsl_nb.runner.progress import FINAL_STATES, LaneCounter, Progress, RunState
from edsl_nb.runner.scheduler import Lane, run_lanes
from edsl_nb.runner.scope import RunScope
from edsl_nb.runner.store import Store
from edsl_nb.runner.watching import Watched
from edsl_nb.runner.workload import ItemRecord, LaneSpec, Records, Workload

log = logging.getLogger("edsl_nb.runs")

R = TypeVar("R")

#: Seconds between snapshots that leave the runner.
_TICK = 0.1
#: Seconds between messages of the kernel while a run goes on, shown or not; idle kernels may be ended.
_LIFE = 30.0
#: Seconds that the first call waits for the outlook of the run.
_MOMENT = 1.0
#: Seconds that calls in flight have to finish after Stop.
GRACE = 2.0

#: What a run is to do: all of its items, those that are not done yet, or those that have failures again.
Begin = Literal["new", "rest", "failed"]


class Execution(Watched, Generic[R]):
    """A workload being executed.

    Made in any thread; everything but its attributes belongs to the runner's loop.

    Parameters:
        run_id: the run's id.
        workload: what is run.
        store: where replies are kept.
        options: how to go about it.
        begin: what is to be done. All but `new` find the run in the store,
            where `ledger.claim` has made it this process's.
        home: the event loop on which functions of users run; None for threads.

    Attributes:
        progress: the counts.
        records: what came of the items so far, by index.
        ended: done when the run has ended; never holds a value.
        failure: what ended the run before its time, or None.
        process: the process that executes it.
    """

    def __init__(
        self,
        run_id: str,
        workload: Workload[R],
        store: Store,
        options: RunOptions,
        begin: Begin = "new",
        home: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__()
        self.home = home
        self.workload, self.options, self._begin = workload, options, begin
        self._specs = workload.lanes()
        counters = [LaneCounter(spec.label, spec.size, spec.price) for spec in self._specs]
        self.progress = Progress(run_id, workload.words, workload.cells_per_item, counters, options.dry_run)
        user = usercode.UserCode(home)
        self._scope = RunScope(run_id, store, self.progress, options, workload.variable, user)
        self._scope.when_stopped(self._stopping)
        self._ledger = ledger.Ledger(store, run_id)
        self.records: Records = workload.records()
        self.ended: Future[None] = Future()
        self.failure: BaseException | None = None
        self.process = os.getpid()
        self._give_up: asyncio.Event | None = None

    # Steering

    def stop(self) -> None:
        """Start no new call, give those in flight a moment, keep what is answered."""
        if not self.ended.done():
            self._scope.stop()

    def _stopping(self) -> None:
        self.progress.state = "stopping"
        if self._give_up is not None:
            asyncio.get_running_loop().call_later(GRACE, self._give_up.set)

    def pause(self) -> None:
        """Start no new call until `resume`; those in flight go on."""
        if self.progress.state in ("starting", "running"):
            self._scope.going.clear()
            self.progress.state = "paused"

    def resume(self) -> None:
        """Go on after a pause."""
        if self.progress.state == "paused":
            self.progress.state = "running"
            self.progress.resumed()
            self._scope.going.set()

    # Watching

    @property
    def over(self) -> bool:
        return self.progress.state in FINAL_STATES

    @property
    def stopping(self) -> bool:
        """Whether it starts no new call any more."""
        return self._scope.stopping or self.over

    def told(self) -> Records:
        return self.records

    def complain(self, message: str) -> None:
        self.progress.error(message)

    # Doing it

    async def main(self) -> None:
        """Run the workload to its end, whatever that is."""
        usercode.current.set(self._scope.user)
        beside = [asyncio.create_task(self._tick())]
        state: RunState = "failed"
        try:
            self._give_up = asyncio.Event()
            await self._record_start()
            beside += [asyncio.create_task(self._beat()), asyncio.create_task(_show_life())]
            if not self._scope.stopping:
                if self.options.outlook and self._begin == "new":
                    beside.append(asyncio.create_task(self._look_ahead()))
                    await asyncio.wait(beside[-1:], timeout=_MOMENT)
                if self.progress.state == "starting":
                    self.progress.state = "running"
                with collector.rarely():
                    await self._run_lanes()
                await self.workload.wind_up()
            complete = self.progress.items_done == len(self.workload)
            state = "completed" if complete else "stopped"
            self.failure = self._scope.failure
            await self._record_end(state)
        except BaseException as failure:  # noqa: BLE001 - whoever waits for the run raises it
            state, self.failure = "failed", failure
            self.progress.error(f"run: {failure}")
            with contextlib.suppress(StoreError):
                await self._record_end(state)
        finally:
            for task in beside:
                task.cancel()
            self._scope.end()
            self.progress.end(state)
            # Displays take their last state before whoever waits goes on, and perhaps ends the cell.
            self.notify()
            self.ended.set_result(None)

    async def _look_ahead(self) -> None:
        """Say what the run has and will take. Where that cannot be said, the run will say why."""
        scope = self._scope
        try:
            self.progress.outlook = await asyncio.to_thread(
                self.workload.outlook, Known(scope.store, self.options)
            )
        except Exception as failure:  # noqa: BLE001 - what is only said must not fail the run
            log.info("run %s has no outlook: %s", scope.run_id, failure)
        self.notify()

    async def _run_lanes(self) -> None:
        lanes = [
            Lane(spec, Context(self._scope, counter, self._line(spec, counter)))
            for spec, counter in zip(self._specs, self.progress.lanes, strict=True)
        ]
        assert self._give_up is not None
        await run_lanes(lanes, self.workload, self._done, self._give_up)

    def _done(self, index: int, record: ItemRecord) -> None:
        self.records[index] = record
        self.tell(index, record)

    def _line(self, spec: LaneSpec, counter: LaneCounter) -> Line:
        return Line(
            spec.key, spec.label, spec.concurrency, spec.limits, counter,
            Patience(attempts=settings.max_attempts), lambda: self._scope.stopping,
        )  # fmt: skip

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            self.progress.sample()
            self.notify()

    # The store

    async def _record_start(self) -> None:
        if self._begin != "new":
            with collector.rarely():
                await self._take_up()
            return
        job, plan = await asyncio.to_thread(self._described)
        await self._ledger.begin(self.workload, job, plan, self.options, self.progress.snapshot())

    def _described(self) -> tuple[str, str]:
        return json.dumps(self.workload.describe(), default=repr), json.dumps(self.workload.plan())

    async def _take_up(self) -> None:
        """Read what came of the run before, and leave only the rest to the lanes."""
        scope = self._scope
        scope.spent_before = await self._ledger.take_up()
        before = await asyncio.to_thread(ledger.records, scope.store, scope.run_id, self.workload)
        if self._begin == "rest":
            begun = {i: record for i, record in before.items() if record.state == "cancelled"}
            wanted = None
        else:
            begun = {i: record for i, record in before.items() if record.flawed}
            wanted = begun
        finished = {i: r for i, r in before.items() if i not in begun and r.state != "cancelled"}
        self.workload.go_on_from(begun)
        self._specs = await asyncio.to_thread(self._rest, finished, wanted)
        self.records.update(before)
        for index, record in sorted(finished.items()):
            self.tell(index, record)

    def _rest(
        self, finished: Mapping[int, ItemRecord], wanted: Mapping[int, ItemRecord] | None
    ) -> list[LaneSpec]:
        """Count what is finished, lane by lane, and give the lanes without it."""
        rest: list[LaneSpec] = []
        for spec, counter in zip(self._specs, self.progress.lanes, strict=True):
            left: list[int] = []
            for index in spec.indices:
                record = finished.get(index)
                if record is not None:
                    record.count(counter)
                    counter.items_done += 1
                    counter.items_failed += record.state != "answered"
                elif wanted is None or index in wanted:
                    left.append(index)
            rest.append(spec.of(left))
        return rest

    async def _beat(self) -> None:
        """Show now and then that the run is alive, and do what another process asks of it."""
        steps = {"stop": self.stop, "pause": self.pause, "resume": self.resume}
        while True:
            await asyncio.sleep(lease.BEAT)
            try:
                request = await self._ledger.beat(self.progress.snapshot(), "running")
            except StoreError as failure:  # so will the next reply, which ends the run
                log.warning("run %s gives no sign of life: %s", self._scope.run_id, failure)
                continue
            except RunError:
                self._scope.stop("another process has taken it over")
                return
            if request in steps:
                steps[request]()

    async def _record_end(self, state: RunState) -> None:
        now = self.progress.snapshot().model_copy(update={"state": state})
        with contextlib.suppress(RunError):  # it is another process's by now
            await self._ledger.beat(now, state)


async def _show_life() -> None:
    """Have a hub see that the kernel is at work."""
    while True:
        await asyncio.sleep(_LIFE)
        try:
            late.call("show_life")
        except Exception as failure:  # noqa: BLE001 - a kernel that cannot say so must not end the run
            log.warning("the kernel gives no sign of life: %s", failure)
