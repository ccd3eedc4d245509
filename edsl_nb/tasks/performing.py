"""A task's `start_sample` being carried out in the task's thread, steered from another loop."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, NamedTuple, TypeVar

from edsl_nb.tasks.hosting import TaskHost
from edsl_nb.tasks.output import logged_to, routed
from edsl_nb.tasks.samples import read_returned, to_json
from edsl_nb.tasks.session import Session
from edsl_nb.tasks.typings import LostSampleError, SampleIndex, SampleStatus, TaskError

T = TypeVar("T")

#: Seconds that a task has to end a sample that is cancelled, as in AgentBench.
GRACE = 30.0

#: Seconds that a coroutine has to end once it is cancelled itself.
_LAST = 1.0


class Ending(NamedTuple):
    """How `start_sample` has ended.

    Parameters:
        status: as it was returned; None where nobody knows what became of the sample.
        result: as it was returned; of a task error its traceback.
        error: what went wrong, or None.
    """

    status: SampleStatus | None
    result: Any = None
    error: str | None = None


class Performance(Generic[T]):
    """One call of `start_sample`. Made and steered on one loop, while the task is on its own.

    Parameters:
        host: where the task lives.
        index: which sample.
        session: its conversation.
        finish: makes the outcome of how it has ended; called in the task's thread.
        leave: makes the outcome where the task is waited for no longer.

    Attributes:
        ended: the outcome.
        broken_off: whether the task's coroutine was cancelled.
    """

    def __init__(
        self,
        host: TaskHost,
        index: SampleIndex,
        session: Session,
        finish: Callable[[Ending], T],
        leave: Callable[[], T],
    ) -> None:
        self._host, self._index, self._session = host, index, session
        self._finish, self._leave = finish, leave
        self._here = asyncio.get_running_loop()
        self.ended: asyncio.Future[T] = self._here.create_future()
        self.broken_off = False
        self._timers: list[asyncio.TimerHandle] = []
        self._there: asyncio.AbstractEventLoop | None = None
        self._coroutine: asyncio.Task[None] | None = None
        self._routes: routed | None = None

    # Where it is steered

    def begin(self) -> None:
        """Start the sample. What it prints goes to the session's log until `close`.

        Raises:
            TaskError: the task was released.
        """
        self._there = self._host.thread().loop
        self._routes = routed()
        self._routes.__enter__()
        self._there.call_soon_threadsafe(self._begin)

    def later(self, seconds: float, function: Callable[[], object]) -> None:
        """Call a function after so many seconds, unless `close` comes first."""
        self._timers.append(self._here.call_later(seconds, function))

    def end_in_time(self) -> None:
        """Cancel the task's coroutine unless it has ended by itself in `GRACE` seconds."""
        self.later(GRACE, self.end)

    def end(self) -> None:
        """Cancel the task's coroutine. What blocks its thread is waited for no longer."""
        if not self.ended.done() and self._there is not None:
            self.broken_off = True
            heard: Future[None] = Future()
            with contextlib.suppress(RuntimeError):  # the loop is closed, so nothing of it goes on
                self._there.call_soon_threadsafe(self._cancel, heard)
                self._host.give_up(heard)
            self.later(_LAST, lambda: self._settle(self._leave))

    def close(self) -> None:
        """Nothing is to happen later any more."""
        for timer in self._timers:
            timer.cancel()
        routes, self._routes = self._routes, None
        if routes is not None:
            routes.__exit__()

    def _settle(self, outcome: Callable[[], T]) -> None:
        if not self.ended.done():
            try:
                self.ended.set_result(outcome())
            except Exception as failure:  # noqa: BLE001 - whoever waits for it raises it
                self.ended.set_exception(failure)

    # In the task's thread

    def _begin(self) -> None:
        self._coroutine = asyncio.get_running_loop().create_task(self._main())

    def _cancel(self, heard: Future[None]) -> None:
        heard.set_result(None)
        if self._coroutine is not None:
            self._coroutine.cancel()

    async def _main(self) -> None:
        ending = await self._carry_out()
        self._session.end()
        outcome: Future[T] = Future()
        try:
            outcome.set_result(self._finish(ending))
        except Exception as failure:  # noqa: BLE001 - whoever waits for it raises it
            outcome.set_exception(failure)
        with contextlib.suppress(RuntimeError):  # the loop is closed, so nobody waits
            self._here.call_soon_threadsafe(self._settle, outcome.result)

    async def _carry_out(self) -> Ending:
        try:
            with logged_to(self._session.log):
                returned = self._host.task.start_sample(self._index, self._session)
                if inspect.isawaitable(returned):
                    returned = await returned
        except LostSampleError as lost:
            return Ending(None, None, str(lost))
        except BaseException as failure:  # noqa: BLE001 - exit() and cancelling in a task end its sample only
            return _raised(failure)
        try:
            status, result = read_returned(returned)
            to_json(result, "result")
        except TaskError as wrong:
            return Ending(SampleStatus.TASK_ERROR, str(wrong), str(wrong))
        except Exception as failure:  # noqa: BLE001 - objects raise anything when they are looked at
            return _raised(failure)
        failed = status is SampleStatus.TASK_ERROR and isinstance(result, str)
        # The last line of a traceback says what has happened.
        return Ending(status, result, result.strip().rpartition("\n")[2] if failed else None)


def _raised(failure: BaseException) -> Ending:
    error = "".join(traceback.format_exception_only(failure)).strip()
    return Ending(SampleStatus.TASK_ERROR, _traceback(failure), error)


def _traceback(failure: BaseException) -> str:
    """A task's traceback, from its own first line on."""
    inner = failure.__traceback__.tb_next if failure.__traceback__ is not None else None
    return "".join(traceback.format_exception(type(failure), failure, inner))
