"""`Run`: the handle of a workload that is being executed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import platform
import time
import uuid
from collections.abc import Callable, Generator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Generic, Literal, TypeVar

from edsl_nb.core import late
from edsl_nb.core.errors import RunError, StoreError, warn
from edsl_nb.core.objects import Shown
from edsl_nb.runner import collector
from edsl_nb.runner import loop as runner_loop
from edsl_nb.runner.context import Context, RunScope
from edsl_nb.runner.progress import FINAL_STATES, LaneCounter, Progress, ProgressSnapshot, RunState
from edsl_nb.runner.scheduler import Lane, run_lanes
from edsl_nb.runner.store import Store
from edsl_nb.runner.workload import ItemRecord, Workload

R = TypeVar("R")

OnInterrupt = Literal["stop", "detach"]

#: Seconds between looks for an interrupt while something waits for a run.
_SLICE = 0.2
#: Seconds between snapshots that leave the runner.
_TICK = 0.1
#: Where to find a run and its results when the cell that waited for it was interrupted.
_WHERE = "job.last_run, job.last_run.results"
#: Seconds that calls in flight have to finish after Stop.
GRACE = 2.0


class Run(Shown, Generic[R]):
    """A workload being executed. Await it, or call `wait`; watch it; stop it.

    Made by `Jobs.start()`. Every method may be called from any thread.

    Parameters:
        workload: what is run.
        store: where replies are kept.
        fresh: ignore replies of other runs.
        on_interrupt: whether interrupting a cell that waits for the run stops it
            (`stop`) or lets it go on (`detach`).
    """

    def __init__(
        self, workload: Workload[R], store: Store, *, fresh: bool = False, on_interrupt: OnInterrupt = "stop"
    ) -> None:
        if on_interrupt not in ("stop", "detach"):
            raise RunError(
                "no such way to end",
                field="on_interrupt",
                value=on_interrupt,
                remedy="Use 'stop' or 'detach'.",
            )
        self.id = uuid.uuid4().hex[:12]
        self.on_interrupt = on_interrupt
        self._workload = workload
        self._specs = workload.lanes()
        counters = [LaneCounter(spec.label, spec.size, spec.price) for spec in self._specs]
        self._progress = Progress(
            self.id, workload.item_noun, workload.cell_noun, workload.cells_per_item, counters
        )
        self._scope = RunScope(self.id, store, self._progress, fresh)
        self._records: dict[int, ItemRecord] = {}
        self._subscribers: list[Callable[[], None]] = []
        self._failure: BaseException | None = None
        self._ended: Future[None] = Future()
        self._give_up: asyncio.Event | None = None
        self._process = os.getpid()
        runner_loop.submit(self._main())

    # Reading it

    @property
    def progress(self) -> ProgressSnapshot:
        """The run at this moment."""
        return self._progress.snapshot()

    @property
    def done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._ended.done()

    @property
    def results(self) -> R:
        """What has been answered so far; marked partial unless the run is complete."""
        return self._workload.results(dict(self._records), self._progress.state != "completed")

    @property
    def errors(self) -> Any:
        """All that has no answer so far, and why, as a table: a row per question of an interview."""
        return self._workload.errors(dict(self._records))

    # Steering it

    def cancel(self) -> None:
        """Stop: start no new call, give those in flight a moment, keep what is answered. Returns at once."""
        runner_loop.call_soon(self._stop)

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have a function called when the run has moved on, at most ten times a second, and at its end.

        Parameters:
            callback: called on the runner's loop, so it must be quick.

        Returns:
            A function that ends the subscription.
        """
        self._subscribers.append(callback)
        if self._progress.state in FINAL_STATES:  # the last call may have been made already
            runner_loop.call_soon(self._call, callback)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._subscribers.remove(callback)

        return unsubscribe

    # Waiting for it

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the run has ended.

        Parameters:
            timeout: most seconds to wait, or None.

        Returns:
            Whether it has ended.

        Raises:
            RunError: called on the runner's own thread, which would wait for itself.
            KeyboardInterrupt: the wait was interrupted; what becomes of the run says `on_interrupt`.
        """
        runner_loop.refuse_to_block()
        self._refuse_in_child()
        until = None if timeout is None else time.monotonic() + timeout
        try:
            while not self._ended.done():
                left = _SLICE if until is None else min(_SLICE, until - time.monotonic())
                if left <= 0:
                    return False
                with contextlib.suppress(FutureTimeout):
                    self._ended.result(left)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(self._interrupted()) from None
        return True

    def result(self) -> R:
        """Block until the run has ended and return what it gave: all of it, or after Stop what there is."""
        self.wait()
        return self._outcome()

    def __await__(self) -> Generator[Any, None, R]:
        return self._wait_async().__await__()

    async def _wait_async(self) -> R:
        self._refuse_in_child()
        here, ended = asyncio.get_running_loop(), asyncio.Event()

        def wake(_: Future[None]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop that waited is closed, so nobody waits
                here.call_soon_threadsafe(ended.set)

        self._ended.add_done_callback(wake)
        try:
            while not self._ended.done():
                # In slices, because an idle loop does not notice an interrupt.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), _SLICE)
        except asyncio.CancelledError:
            raise asyncio.CancelledError(self._interrupted()) from None
        return self._outcome()

    def _refuse_in_child(self) -> None:
        if os.getpid() != self._process:
            raise RunError(
                "this run goes on in the process that started it, of which this one is a fork",
                remedy="Wait for it there, or start the job here: replies on disk are not asked for again.",
            )

    def _interrupted(self) -> str:
        """Do as `on_interrupt` says. Returns words for whoever is interrupted."""
        if self.on_interrupt == "stop":
            self.cancel()
            return f"the run was stopped; what has been answered is kept ({_WHERE})"
        return f"the run goes on ({_WHERE})"

    def _outcome(self) -> R:
        if self._failure is not None:
            raise self._failure
        now = self.progress
        if now.state == "stopped":
            warn(
                f"The run was stopped: {now.items_done:,} of {now.items_total:,} {now.item_noun} are done. "
                "The results are partial."
            )
        elif now.items_failed:
            first = f" The last error: {now.errors[0].message}" if now.errors else ""
            warn(
                f"{now.items_failed:,} of {now.items_total:,} {now.item_noun} have no answer; "
                f"job.last_run.errors says why.{first}"
            )
        return self.results

    # Doing it, on the runner's loop

    def _stop(self) -> None:
        if self._scope.stopping or self.done:
            return
        self._scope.stopping = True
        self._progress.state = "stopping"
        if self._give_up is not None:
            asyncio.get_running_loop().call_later(GRACE, self._give_up.set)

    async def _main(self) -> None:
        ticker = asyncio.create_task(self._tick())
        state: RunState = "failed"
        try:
            self._give_up = asyncio.Event()
            await self._record_start()
            if not self._scope.stopping:
                self._progress.state = "running"
                with collector.rarely():
                    await self._run_lanes()
            complete = self._progress.items_done == len(self._workload)
            state = "completed" if complete else "stopped"
            await self._record_end(state)
        except BaseException as failure:  # noqa: BLE001 - whoever waits for the run raises it
            state, self._failure = "failed", failure
            self._progress.error(f"run: {failure}")
            with contextlib.suppress(StoreError):
                await self._record_end(state)
        finally:
            ticker.cancel()
            self._progress.end(state)
            # Displays take their last state before whoever waits goes on, and perhaps ends the cell.
            self._notify()
            self._ended.set_result(None)

    async def _run_lanes(self) -> None:
        lanes = [
            Lane(spec, Context(self._scope, counter, spec.concurrency))
            for spec, counter in zip(self._specs, self._progress.lanes, strict=True)
        ]
        assert self._give_up is not None
        await run_lanes(lanes, self._workload, self._records.__setitem__, self._give_up)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            self._progress.sample()
            self._notify()

    def _notify(self) -> None:
        for callback in tuple(self._subscribers):
            self._call(callback)

    def _call(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except Exception as failure:  # noqa: BLE001 - a display that fails must not fail the run
            with contextlib.suppress(ValueError):  # it may have unsubscribed first
                self._subscribers.remove(callback)
            self._progress.error(f"a progress callback raised {type(failure).__name__}: {failure}")

    async def _record_start(self) -> None:
        now = time.time()
        job = await asyncio.to_thread(lambda: json.dumps(self._workload.describe(), default=repr))
        options = json.dumps({"fresh": self._scope.fresh, "on_interrupt": self.on_interrupt})
        owner = f"{platform.node()}:{self._process}"
        await self._scope.store.execute(
            "INSERT INTO runs (id, job, options, items, state, owner, created, updated) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (self.id, job, options, len(self._workload), "running", owner, now, now),
        )

    async def _record_end(self, state: str) -> None:
        await self._scope.store.execute(
            "UPDATE runs SET state = ?, updated = ? WHERE id = ?", (state, time.time(), self.id)
        )

    def __repr__(self) -> str:
        now = self.progress
        return f"Run({self.id!r}, {now.state}, {now.items_done:,} of {now.items_total:,} {now.item_noun})"


def watch(run: Run[Any]) -> contextlib.AbstractContextManager[None]:
    """Show a run's progress where there is something to show it on.

    Returns:
        A context in which its Stop button works although the caller blocks.
    """
    return late.call("watch", run)
