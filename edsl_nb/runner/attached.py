"""A run that another process executes, as it is seen from here: how far it is, and what it has on disk."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from edsl_nb.core.errors import RunError
from edsl_nb.runner import ledger
from edsl_nb.runner.options import RunOptions
from edsl_nb.runner.progress import FINAL_STATES, LaneCounter, Progress, ProgressSnapshot, RunState
from edsl_nb.runner.store import Store
from edsl_nb.runner.watching import Watched
from edsl_nb.runner.workload import ItemRecord, Workload

R = TypeVar("R")

#: Seconds between two looks into the store.
_LOOK = 1.0


class SeenProgress(Progress):
    """Counts that somebody else counts."""

    def __init__(self, run_id: str, workload: Workload[object]) -> None:
        lanes = [LaneCounter(spec.label, spec.size, spec.price) for spec in workload.lanes()]
        super().__init__(run_id, workload.words, workload.cells_per_item, lanes)
        self._seen: ProgressSnapshot | None = None
        self._looks = 0

    def saw(self, seen: ProgressSnapshot | None) -> None:
        """Take the counts of the process that executes the run."""
        self._looks += 1
        if seen is not None:
            self._seen = seen

    def snapshot(self) -> ProgressSnapshot:
        if self._seen is None:
            return super().snapshot()
        changes = {"seq": self._looks, "state": self.state, "reason": self.reason or self._seen.reason}
        return self._seen.model_copy(update=changes)


class Attached(Watched, Generic[R]):
    """A run that another process executes. Looks into the store now and then, and asks no model anything.

    Parameters:
        run_id: the run's id.
        workload: what is run.
        store: where it is.

    Attributes: as those of `Execution`.
    """

    def __init__(self, run_id: str, workload: Workload[R], store: Store) -> None:
        super().__init__()
        # Interrupting a cell that looks on stops nothing.
        self.workload, self.options = workload, RunOptions(on_interrupt="detach")
        self._run_id, self._store = run_id, store
        self.progress = SeenProgress(run_id, workload)
        self.ended: Future[None] = Future()
        self.failure: BaseException | None = None
        self.process = os.getpid()
        self.home = None  # functions of users run in the process that executes it
        self._asking: set[asyncio.Task[None]] = set()
        self._read: dict[int, ItemRecord] = {}
        self._reading = threading.Lock()
        self._taking: asyncio.Task[None] | None = None
        self._told: dict[int, Any] = {}
        self._done = -1
        self._seems_gone = False

    @property
    def records(self) -> dict[int, ItemRecord]:
        """What came of the items that are on disk, by index. Not to be asked for on an event loop."""
        return self._read if self.over else self._read_news()

    def _read_news(self) -> dict[int, ItemRecord]:
        """Read what has come to the disk. What might be done again is read anew."""
        with self._reading:
            kept = {index for index, record in self._read.items() if _is_settled(record)}
            self._read = self._read | ledger.records(self._store, self._run_id, self.workload, kept)
            return self._read

    def told(self) -> dict[int, ItemRecord]:
        return self._told

    @property
    def over(self) -> bool:
        return self.progress.state in FINAL_STATES

    @property
    def stopping(self) -> bool:
        """Whether it has ended, as far as can be seen."""
        return self.over

    def complain(self, message: str) -> None:
        self.progress.error(message)

    # Steering, which is asked of the other process

    def stop(self) -> None:
        """Ask for a stop; the other process does so at its next sign of life."""
        self.progress.state = "stopping"
        self._ask("stop")

    def pause(self) -> None:
        """Ask for a pause."""
        self._ask("pause")

    def resume(self) -> None:
        """Ask it to go on."""
        self._ask("resume")

    def _ask(self, request: str) -> None:
        task = asyncio.create_task(asyncio.to_thread(ledger.ask_of, self._store, self._run_id, request))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    # Looking on

    async def main(self) -> None:
        """Look on until the run has ended, or its process has."""
        state: RunState = "failed"
        try:
            while (found := await self._look()) is None:  # noqa: ASYNC110 - other processes set no event
                await asyncio.sleep(_LOOK)
            state = found
            if self._taking is not None:
                await self._taking
            await self._tell_news(everything=True)
        except BaseException as failure:  # noqa: BLE001 - whoever waits for the run raises it
            self.failure = failure
        finally:
            self.progress.end(state)
            self.notify()
            self.ended.set_result(None)

    async def _look(self) -> RunState | None:
        """Take what there is to see. Returns the state in which the run has ended, or None."""
        run, seen = await asyncio.to_thread(ledger.snapshot_of, self._store, self._run_id)
        self.progress.saw(seen)
        self._take_news(run)
        if run.state in FINAL_STATES:
            if run.state == "failed":
                first = seen.errors[0].message if seen is not None and seen.errors else "it does not say why"
                self.failure = RunError(f"the run failed in the process that executed it: {first}")
            return run.state  # type: ignore[return-value]  # as that process has written it
        if not run.alive and self._seems_gone:
            self.progress.reason = "the process that executed it is gone; Jobs.resume goes on with it"
            return "stopped"
        # It may have ended well since the store was read, and its process with it: the next look says so.
        self._seems_gone = not run.alive
        if self.progress.state != "stopping":
            self.progress.state = "running" if seen is None else seen.state
        self.notify()
        return None

    def _take_news(self, run: ledger.StoredRun) -> None:
        """Begin to take what more is done by now, beside looking on: it may be much."""
        if self._taking is not None and self._taking.done():
            self._taking.result()
            self._taking = None
        if self._taking is None and run.done != self._done:
            self._done = run.done
            self._taking = asyncio.create_task(self._tell_news())

    async def _tell_news(self, everything: bool = False) -> None:
        """Tell of items that are done; of those that might be done again only with `everything`."""
        found = await asyncio.to_thread(self._read_news)
        for index in sorted(found.keys() - self._told.keys()):
            if everything or _is_settled(found[index]):
                self._told[index] = found[index]
                self.tell(index, found[index])
        self.notify()


def _is_settled(record: ItemRecord) -> bool:
    """Whether what came of an item stays."""
    return not record.flawed and record.state != "cancelled"
