"""What the lanes of a run share: its options and counts, whether it goes on, and what it may still spend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from edsl_nb.core.errors import RunError
from edsl_nb.core.usercode import IN_THREADS, UserCode
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
        variable: what the object that runs it is called in code.
        user: where functions of users run.

    Attributes:
        mine: the run whose replies on disk are taken: this one, or None for any.
        circle: equal for runs that may share a call in flight; None for those that take any reply on disk.
        stopping: whether no new call may start.
        going: cleared while the run is paused.
        failure: what stopped the run, where a failure did.
        spent_before: USD that the run has cost before it was taken up again.
    """

    def __init__(
        self,
        run_id: str,
        store: Store,
        progress: Progress,
        options: RunOptions = USUAL,
        variable: str = "job",
        user: UserCode = IN_THREADS,
    ) -> None:
        self.run_id, self.store, self.progress, self.options = run_id, store, progress, options
        self.user, self._variable = user, variable
        self.spent_before = 0.0
        shelf = options.shelf
        self.mine = run_id if options.fresh else None
        self.circle = f"cache {id(shelf.cache)}" if shelf is not None and shelf.reads else self.mine
        self.stopping = False
        self.going = asyncio.Event()
        self.going.set()
        self.failure: RunError | None = None
        self._committed = 0.0
        self._settled = asyncio.Event()
        self._when_stopped: list[Callable[[], None]] = []
        self._when_ended: list[Callable[[], None]] = []

    def when_stopped(self, callback: Callable[[], None]) -> None:
        """Have a function called as soon as the run is being stopped."""
        self._when_stopped.append(callback)

    def when_ended(self, callback: Callable[[], None]) -> None:
        """Have a function called once the run has ended, in whatever way; it must not block."""
        self._when_ended.append(callback)

    def end(self) -> None:
        """The run has ended."""
        for callback in self._when_ended:
            callback()

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
                remedy=f"What was answered is in {self._variable}.last_run.results.",
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
            spent = self.spent_before + sum(lane.cost or 0.0 for lane in self.progress.lanes)
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
