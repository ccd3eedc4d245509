"""`Troupe`: the copies of a task, for as long as a run plays them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from edsl_nb.core.threads import Workers, in_thread
from edsl_nb.runner.scope import RunScope
from edsl_nb.tasks.checks import concurrency_of
from edsl_nb.tasks.history import HistoryLimit
from edsl_nb.tasks.hosting import TaskHost

if TYPE_CHECKING:
    from edsl_nb.tasks.copies import Copies

_threads = Workers("troupes")


class Troupe:
    """The copies of a task, each in a process of its own. Used on the runner's loop.

    They are started when a run first needs them, and end with it.

    Parameters:
        host: where the task lives.
        workers: how many copies.
        history_limit: how much of a history agents get to see.

    Raises:
        TaskError: the task cannot be sent to a process.
    """

    def __init__(self, host: TaskHost, workers: int, history_limit: HistoryLimit) -> None:
        # Not before they are wanted, because of what these import.
        from edsl_nb.tasks.copies import Copies, pickled

        self.workers = workers
        sent, concurrency = pickled(host.factory or host.task, host.name), concurrency_of(host.task)
        self._make: Callable[[], Copies] = lambda: Copies(
            host.name, concurrency, workers, history_limit, sent
        )
        self._scope: RunScope | None = None
        self._starting: Copies | None = None
        self._opening: asyncio.Future[TaskHost]

    async def host(self, scope: RunScope) -> TaskHost:
        """Where the copies live.

        Raises:
            CrashError: one does not start.
        """
        if self._scope is not scope:
            self._scope = scope
            self._opening = asyncio.ensure_future(in_thread(_threads, self._open))
            scope.when_ended(self._end)
        return await asyncio.shield(self._opening)

    def _open(self) -> TaskHost:
        copies = self._starting = self._make()
        try:
            copies.open()
        except BaseException:
            copies.release()
            raise
        finally:
            self._starting = None
        return TaskHost(copies)

    def _end(self) -> None:
        """The run has ended."""
        starting = self._starting
        if starting is not None:  # it may take for ever, and then fails
            _threads.submit(starting.release)
        self._opening.add_done_callback(_close)


def _close(opened: asyncio.Future[TaskHost]) -> None:
    if not opened.cancelled() and opened.exception() is None:
        _threads.submit(opened.result().release)
