"""Threads for the code of users, tasks and agents, which may block, raise anything, and call `exit`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from typing import Any, TypeVar

log = logging.getLogger("edsl_nb.threads")

T = TypeVar("T")

#: Seconds between looks for an interrupt while something waits.
_SLICE = 0.2

#: Seconds that what runs on a loop has to end, once its thread is closed.
_ENDING = 1.0

#: Seconds for which a thread without work is kept.
_IDLE = 10.0


def wait_for(future: Future[T]) -> T:
    """Block until a future is done, so that an interrupt lands at once, and return its result."""
    while not future.done():
        wait([future], timeout=_SLICE)
    return future.result()


class LoopThread:
    """An event loop in a daemon thread of its own, which `exit` in what runs on it does not end.

    Parameters:
        name: the thread's name.
    """

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._closing = False
        threading.Thread(target=self._main, name=f"edsl_nb-{name}"[:60], daemon=True).start()

    def _main(self) -> None:
        asyncio.set_event_loop(self.loop)
        while not self._closing:
            try:
                self.loop.run_forever()
            except (SystemExit, KeyboardInterrupt) as left:
                log.warning("what runs on a thread called exit (%r); the thread goes on", left)
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        if left:
            with contextlib.suppress(SystemExit, KeyboardInterrupt):
                self.loop.run_until_complete(asyncio.wait(left, timeout=_ENDING))
        self.loop.close()

    def run(self, coro: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine there."""
        return asyncio.run_coroutine_threadsafe(coro, self.loop)

    def call(self, function: Callable[[], T]) -> Future[T]:
        """Call a plain function there."""
        future: Future[T] = Future()

        def work() -> None:
            try:
                future.set_result(function())
            except BaseException as failure:  # noqa: BLE001 - whoever waits for it raises it
                future.set_exception(failure)

        self.loop.call_soon_threadsafe(work)
        return future

    def close(self) -> None:
        """End the thread, once what blocks it is over."""
        self._closing = True
        with contextlib.suppress(RuntimeError):  # it is closed already
            self.loop.call_soon_threadsafe(self.loop.stop)


class Workers:
    """Daemon threads for plain functions: as many as are busy at once, kept a while for the next.

    Those of `concurrent.futures` would keep the interpreter from ending while one is stuck.

    Parameters:
        name: the threads' name.
    """

    def __init__(self, name: str) -> None:
        self._name = f"edsl_nb-{name}"[:60]
        self._queue: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0

    def submit(self, work: Callable[[], None]) -> None:
        """Have a function called, at once. It must not raise."""
        with self._lock:
            if self._idle:
                self._idle -= 1
                self._queue.put(work)
                return
        threading.Thread(target=self._main, args=([work],), name=self._name, daemon=True).start()

    def _main(self, first: list[Callable[[], None]]) -> None:
        following: Callable[[], None] | None = first.pop()  # threads keep their arguments
        while following is not None:
            following()
            following = None  # while it waits for the next, it must not keep alive what this one held
            following = self._next()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            self._idle += 1
        with contextlib.suppress(queue.Empty):
            return self._queue.get(timeout=_IDLE)
        with self._lock:
            with contextlib.suppress(queue.Empty):  # it came at the last moment
                return self._queue.get_nowait()
            self._idle -= 1
            return None


async def in_thread(workers: Workers, function: Callable[[], T]) -> T:
    """Call a blocking function in one of these threads, and await what it returns."""
    done: Future[T] = Future()

    def work() -> None:
        try:
            done.set_result(function())
        except BaseException as failure:  # noqa: BLE001 - whoever awaits it raises it
            done.set_exception(failure)

    workers.submit(work)
    return await asyncio.wrap_future(done)
