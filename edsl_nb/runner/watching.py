"""Who is told of a run: functions that are called when it has moved on, or when an item is done."""

from __future__ import annotations

import asyncio
import contextlib
from abc import abstractmethod
from collections.abc import Callable

from edsl_nb.core.usercode import UserCode
from edsl_nb.runner.workload import ItemRecord, Records

#: Called with the index and the record of an item that is done.
Listener = Callable[[int, ItemRecord], None]


class Watched:
    """Something that goes on and can be watched. Used on the runner's loop only."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[], None]] = []
        self._listeners: list[Listener] = []

    @property
    @abstractmethod
    def over(self) -> bool:
        """Whether it has ended."""

    @abstractmethod
    def complain(self, message: str) -> None:
        """Tell of something that went wrong."""

    @abstractmethod
    def told(self) -> Records:
        """What listeners have been told of so far: the records of items that are done, by index."""

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Call a function when the run has moved on, and at its end."""
        self._subscribers.append(callback)
        if self.over:  # the last call has been made already
            self._call(callback)

    def unsubscribe(self, callback: Callable[[], None]) -> None:
        """Call it no more."""
        with contextlib.suppress(ValueError):
            self._subscribers.remove(callback)

    def listen(self, listener: Listener) -> None:
        """Call a function for every item that is done, those that are done already first."""
        for index, record in sorted(self.told().items()):
            listener(index, record)
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Call it no more."""
        with contextlib.suppress(ValueError):
            self._listeners.remove(listener)

    def tell(self, index: int, record: ItemRecord) -> None:
        """Tell listeners of an item that is done."""
        for listener in self._listeners:
            listener(index, record)

    def notify(self) -> None:
        """Tell subscribers that the run has moved on."""
        for callback in tuple(self._subscribers):
            self._call(callback)

    def _call(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except Exception as failure:  # noqa: BLE001 - a display that fails must not fail the run
            self.drop(callback, failure)

    def drop(self, callback: Callable[[], None], failure: Exception) -> None:
        """Call a function no more that failed."""
        self.unsubscribe(callback)
        self.complain(f"a progress callback raised {type(failure).__name__}: {failure}")


class Paced:
    """A subscriber that calls a user's function, one call at a time, the latest always last.

    Parameters:
        watched: what it is told of.
        user: where the function is called.
        function: the function, or coroutine function.
    """

    def __init__(self, watched: Watched, user: UserCode, function: Callable[[], object]) -> None:
        self._watched, self._user, self._function = watched, user, function
        self._running: asyncio.Task[None] | None = None
        self._again = False

    def __call__(self) -> None:
        self._again = True
        if self._running is None:
            self._running = asyncio.create_task(self._main())

    async def _main(self) -> None:
        try:
            while self._again:
                self._again = False
                await self._user.call(self._function)
        except Exception as failure:  # noqa: BLE001 - it must not fail the run, which reports it
            self._watched.drop(self, failure)
        finally:
            self._running = None
