"""`Run`: the handle of a workload that is being executed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import uuid
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Generic, Literal, TypeVar
from weakref import WeakValueDictionary

from edsl_nb.core import late
from edsl_nb.core.errors import RunError, interruption, warn
from edsl_nb.core.objects import Shown
from edsl_nb.core.usercode import UserCode
from edsl_nb.runner import ledger
from edsl_nb.runner import loop as runner_loop
from edsl_nb.runner.attached import Attached
from edsl_nb.runner.execution import Begin, Execution
from edsl_nb.runner.options import USUAL, RunOptions, Where
from edsl_nb.runner.progress import ProgressSnapshot
from edsl_nb.runner.store import Store
from edsl_nb.runner.watching import Paced
from edsl_nb.runner.workload import ItemRecord, Workload

R = TypeVar("R")

#: Seconds between looks for an interrupt while something waits for a run.
_SLICE = 0.2

#: The runs that this process executes, by id.
_live: dict[str, Run[Any]] = {}

#: By id, the latest run that this process has executed or looked on at, while somebody still has it.
known_runs: WeakValueDictionary[str, Run[Any]] = WeakValueDictionary()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_live.clear)


def live_runs() -> dict[str, Run[Any]]:
    """The runs that this process executes at the moment, by id."""
    return dict(_live)


class Run(Shown, Generic[R]):
    """A workload being executed. Await it, or call `wait`; watch it; pause it; stop it.

    ``async for result in run`` gives results as they finish. Made by
    `Jobs.start()`. Every method may be called from any thread.

    Parameters:
        workload: what is run.
        store: where replies are kept.
        options: how to go about it.
        run_id: of a run that is in the store; None for a new one.
        begin: what is to be done of it; ``elsewhere`` where another process does it;
            or what looks on, where it is done anywhere else.
    """

    def __init__(
        self,
        workload: Workload[R],
        store: Store,
        options: RunOptions = USUAL,
        run_id: str | None = None,
        begin: Begin | Literal["elsewhere"] | Attached[R] = "new",
    ) -> None:
        self.id = run_id or uuid.uuid4().hex[:12]
        self._workload, self._store = workload, store
        self._next: Run[R] | None = None
        self._execution: Execution[R] | Attached[R]
        if isinstance(begin, Attached):
            self._execution = begin
        elif begin == "elsewhere":
            self._execution = Attached(self.id, workload, store)
        else:
            self._execution = Execution(
                self.id, workload, store, options, begin, runner_loop.home_of(options.loop, workload.variable)
            )
            _live[self.id] = self
            self._execution.ended.add_done_callback(self._forget)
        if (before := known_runs.get(self.id)) is not None:
            before._next = self
        known_runs[self.id] = self
        runner_loop.submit(self._execution.main())

    def _forget(self, _: Future[None]) -> None:
        if _live.get(self.id) is self:
            del _live[self.id]

    # Reading it

    @property
    def on_interrupt(self) -> str:
        """Whether interrupting a cell that waits for the run stops it (`stop`) or not (`detach`)."""
        return self._execution.options.on_interrupt

    @property
    def progress(self) -> ProgressSnapshot:
        """The run at this moment."""
        return self._execution.progress.snapshot()

    @property
    def done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._execution.ended.done()

    @property
    def results(self) -> R:
        """What has been answered so far; marked partial unless the run is complete."""
        done = self._execution
        return self._workload.results(done.records.copy(), done.progress.state != "completed")

    @property
    def errors(self) -> Any:
        """All that has no answer so far, and why, as a table: a row per question of an interview."""
        return self._workload.errors(self._execution.records.copy())

    @property
    def latest(self) -> Run[R]:
        """The run that goes on with this one, as after `retry_failed`; this one where there is none."""
        run = self
        while run._next is not None:
            run = run._next
        return run

    @property
    def workload(self) -> Workload[R]:
        """What is run."""
        return self._workload

    @property
    def store(self) -> Store:
        """Where its replies are kept."""
        return self._store

    @property
    def options(self) -> RunOptions:
        """How it goes about it."""
        return self._execution.options

    @property
    def failure(self) -> BaseException | None:
        """What ended it before its time, or None."""
        return self._execution.failure

    @property
    def stopping(self) -> bool:
        """Whether it starts no new call any more: it is being stopped, or has ended."""
        return self._execution.stopping

    # Steering it

    def cancel(self) -> None:
        """Stop: start no new call, give those in flight a moment, keep what is answered. Returns at once."""
        runner_loop.call_soon(self._execution.stop)

    def pause(self) -> None:
        """Start no new call until `resume`; those in flight go on. Returns at once."""
        runner_loop.call_soon(self._execution.pause)

    def resume(self) -> None:
        """Go on after a pause. Returns at once."""
        runner_loop.call_soon(self._execution.resume)

    def retry_failed(self, progress_bar: bool = True) -> Run[R]:
        """Ask again what failed or could not be read as an answer, and what depends on it.

        Answers that are there stay. The run has to have ended.

        Parameters:
            progress_bar: show the progress.

        Returns:
            A run of the same id, which goes on with this one.

        Raises:
            RunError: the run goes on still, here or in another process.
            StoreError: the store cannot be written.
        """
        self._refuse_in_child()
        runner_loop.home_of(self.options.loop, self._workload.variable)  # which may refuse
        if not self.done or not self._reclaim():
            raise RunError(
                f"run {self.id} goes on still",
                remedy="Wait for it with run.wait(), or stop it: run.cancel().",
            )
        again = Run(self._workload, self._store, self.options, self.id, "failed")
        if progress_bar:
            watch(again)
        return again

    def _reclaim(self) -> bool:
        """Make an ended run this process's again, unless it was taken up in the meantime."""
        now = ledger.look_up(self._store, self.id)
        taken_up = now.alive or _live.get(self.id, self) is not self
        return not taken_up and ledger.claim(self._store, now)

    # Watching it

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have a function called when the run has moved on, at most ten times a second, and at its end.

        Parameters:
            callback: called on the runner's loop, so it must be quick; see `on_progress` for others.

        Returns:
            A function that ends the subscription.
        """
        runner_loop.call_soon(self._execution.subscribe, callback)
        return lambda: runner_loop.call_soon(self._execution.unsubscribe, callback)

    def on_progress(
        self, callback: Callable[[ProgressSnapshot], object], loop: Where | None = None
    ) -> Callable[[], None]:
        """Have a function called with the run's progress, at most ten times a second, and at its end.

        A call that takes longer holds nothing up: the next one gets what is then the latest.

        Parameters:
            callback: a function or coroutine function; gets a `ProgressSnapshot`.
            loop: where it is called: in a ``thread``, or on the ``notebook``'s event loop,
                which is the caller's; None for where the run calls other functions.

        Returns:
            A function that ends it.

        Raises:
            RunError: `loop` is something else, or ``notebook`` and no event loop is running.
        """
        home = self._execution.home
        if loop is not None:
            home = runner_loop.home_of(RunOptions(loop=loop).loop, self._workload.variable)
        return self.subscribe(Paced(self._execution, UserCode(home), lambda: callback(self.progress)))

    async def __aiter__(self) -> AsyncIterator[Any]:
        here: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        arrived: asyncio.Queue[ItemRecord | None] = asyncio.Queue()

        def put(record: ItemRecord | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop that waited is closed, so nobody waits
                here.call_soon_threadsafe(arrived.put_nowait, record)

        def listener(_: int, record: ItemRecord) -> None:
            put(record)

        runner_loop.call_soon(self._execution.listen, listener)
        # Through the runner's loop, so that it comes after the records.
        self._execution.ended.add_done_callback(lambda _: runner_loop.call_soon(put, None))
        try:
            while (record := await arrived.get()) is not None:
                row = self._workload.row(record)
                if row is not None:
                    yield row
        finally:
            runner_loop.call_soon(self._execution.unlisten, listener)

    # Waiting for it

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the run has ended.

        Parameters:
            timeout: most seconds to wait, or None.

        Returns:
            Whether it has ended.

        Raises:
            RunError: called on the runner's own thread, which would wait for itself, or on the
                event loop on which the run's functions run (``loop="notebook"``).
            KeyboardInterrupt: the wait was interrupted; what becomes of the run says `on_interrupt`.
        """
        self._refuse_to_block()
        until = None if timeout is None else time.monotonic() + timeout
        try:
            while not self._execution.ended.done():
                left = _SLICE if until is None else min(_SLICE, until - time.monotonic())
                if left <= 0:
                    return False
                with contextlib.suppress(FutureTimeout):
                    self._execution.ended.result(left)
        except KeyboardInterrupt:
            raise interruption(self._interrupted()) from None
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

        self._execution.ended.add_done_callback(wake)
        try:
            while not self._execution.ended.done():
                # In slices, because an idle loop does not notice an interrupt.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), _SLICE)
        except asyncio.CancelledError:
            raise asyncio.CancelledError(self._interrupted()) from None
        return self._outcome()

    def _refuse_to_block(self) -> None:
        runner_loop.refuse_to_block()
        self._refuse_in_child()
        home = self._execution.home
        if home is not None and home is runner_loop.running() and not self.done:
            raise RunError(
                "waiting here would hold up the event loop on which the run's functions run",
                field="loop",
                value="notebook",
                remedy=f"Use await run, or await {self._workload.variable}.run_async(loop='notebook').",
            )

    def _refuse_in_child(self) -> None:
        if os.getpid() != self._execution.process:
            raise RunError(
                "this run goes on in the process that started it, of which this one is a fork",
                remedy="Wait for it there, or start the job here: replies on disk are not asked for again.",
            )

    def _interrupted(self) -> str:
        """Do as `on_interrupt` says. Returns words for whoever is interrupted."""
        where = f"{self._workload.variable}.last_run, {self._workload.variable}.last_run.results"
        if self.on_interrupt == "stop":
            self.cancel()
            return f"the run was stopped; what has been answered is kept ({where})"
        return f"the run goes on ({where})"

    def _outcome(self) -> R:
        if self._execution.failure is not None:
            raise self._execution.failure
        now = self.progress
        if now.state == "stopped":
            reason = f" ({now.reason})" if now.reason else ""
            warn(
                f"The run was stopped{reason}: {now.items_done:,} of {now.items_total:,} "
                f"{now.item_noun} are done. The results are partial."
            )
        elif now.items_failed:
            first = f" The last error: {now.errors[0].message}" if now.errors else ""
            warn(
                f"{now.items_failed:,} of {now.items_total:,} {now.item_noun} have no answer; "
                f"{self._workload.variable}.last_run.errors says why.{first}"
            )
        return self.results

    def __repr__(self) -> str:
        now = self.progress
        return f"Run({self.id!r}, {now.state}, {now.items_done:,} of {now.items_total:,} {now.item_noun})"


def watch(run: Run[Any]) -> contextlib.AbstractContextManager[None]:
    """Show a run's progress where there is something to show it on.

    Returns:
        A context in which its Stop button works although the caller blocks.
    """
    return late.call("watch", run)
