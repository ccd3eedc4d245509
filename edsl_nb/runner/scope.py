"""What the lanes of a run share: its options and counts, whether it goes on, and what it may still spend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from edsl_nb.core.errors import RunError
from edsl_nb.runner.options import USUAL, RunOptions
from edsl_nb.runner.progress import Progress
from edsl_nb.runner.store import Store

#: USD that are none.
_NOTHING = 1e-12


class Stopping(Exception):
    """The run is being stopped, so no new call is started."""


class RunScope:
    """What the lanes of a run share. Used on the runner's loop only.

    Parameters:
        run_id: the run's id.
        store: where replies are kept.
        progress: the run's counts.
        options: how it goes about its work.

    Attributes:
        stopping: whether no new call may start.
        going: cleared while the run is paused.
        failure: what stopped the run, where a failure did.
    """

    def __init__(self, run_id: str, store: Store, progress: Progress, options: RunOptions = USUAL) -> None:
        self.run_id, self.store, self.progress, self.options = run_id, store, progress, options
        self.stopping = False
        self.going = asyncio.Event()
        self.going.set()
        self.failure: RunError | None = None
        self._committed = 0.0
        self._settled = asyncio.Event()
        self._when_stopped: list[Callable[[], None]] = []

    @property
    def mine(self) -> str | None:
        """The run whose replies on disk are taken: this one, or None for any."""
        return self.run_id if self.options.fresh else None

    @property
    def circle(self) -> str | None:
        """Equal for runs that may share a call in flight; None for those that take any reply on disk."""
        shelf = self.options.shelf
        return f"cache {id(shelf.cache)}" if shelf is not None and shelf.reads else self.mine

    def when_stopped(self, callback: Callable[[], None]) -> None:
        """Have a function called as soon as the run is being stopped."""
        self._when_stopped.append(callback)

    def stop(self, reason: str | None = None) -> None:
        """Start no new call any more.

        Parameters:
            reason: why, where it was not asked for.
        """
        if self.stopping:
            return
        self.stopping = True
        self.progress.reason = reason
        self.going.set()  # what was held up by a pause has to end too
        for callback in self._when_stopped:
            callback()

    def failed(self, message: str) -> None:
        """Count a failure of the run's work, and stop where failures are to stop it."""
        self.progress.error(message)
        if self.options.stop_on_exception and not self.stopping:
            self.failure = RunError(
                f"the run was stopped at its first failure: {message}",
                remedy="What was answered is in job.last_run.results.",
            )
            self.stop("the first failure")

    async def afford(self, cost: float) -> bool:
        """Whether the run may spend so many USD more; where not, it is stopped.

        Calls in flight may turn out to be cheaper than expected: where it
        depends on them, this waits. What is let through counts as spent until
        `settle` is called with the same amount.
        """
        most = self.options.max_cost
        if most is None:
            return True
        while not self.stopping:
            spent = sum(lane.cost or 0.0 for lane in self.progress.lanes)
            if spent + self._committed + cost <= most:
                self._committed += cost
                return True
            if not self._committed:
                self.stop(f"max_cost=${most:g} would be passed")
                return False
            self._settled.clear()
            await self._settled.wait()
        return False

    def settle(self, cost: float) -> None:
        """A call that `afford` let through is over; what it did cost is in the counts."""
        if self.options.max_cost is not None:
            self._committed = max(0.0, self._committed - cost)
            if self._committed < _NOTHING:  # sums of fractions do not come out even
                self._committed = 0.0
            self._settled.set()
