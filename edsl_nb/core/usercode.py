"""Functions and coroutines of users: called where they belong, which is never the runner's loop.

Plain functions are called in threads, and coroutines run on a loop in a thread of their own,
or both on an event loop that the user names, such as the notebook's.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from inspect import isawaitable
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from edsl_nb.core.errors import EdslNbError
from edsl_nb.core.threads import LoopThread, Workers

#: How many plain functions are called at once; more threads would only take turns.
_AT_ONCE = 32


class _Outcome(NamedTuple):
    """What a function gave, or what it raised, which futures cannot hold if it is a StopIteration."""

    value: Any
    failure: BaseException | None = None


class UserCode:
    """Where the code of users runs. Its methods are for the runner's loop.

    Parameters:
        home: the event loop for functions and coroutines; None for threads.
    """

    def __init__(self, home: asyncio.AbstractEventLoop | None = None) -> None:
        self.home = home

    async def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """What a function returns; where that is awaitable, what it gives in the end.

        Raises:
            EdslNbError: it called `exit`, or the loop that it runs on was closed.
            Exception: what the function raised.
        """
        if self.home is not None:
            return _given(await _on(self.home, _called(function, args)))
        async with _room():
            found = _given(await _in_thread(partial(function, *args)))
        return _given(await _on(_threads().loop.loop, _awaited(found))) if isawaitable(found) else found


#: Where it runs unless a loop is named.
IN_THREADS = UserCode()

#: Where the code of users runs that this context leads to.
current: contextvars.ContextVar[UserCode] = contextvars.ContextVar("edsl_nb_user_code", default=IN_THREADS)


async def call(function: Callable[..., Any], *args: Any) -> Any:
    """Call a user's function where the run that this is part of has such functions called; see `UserCode`."""
    return await current.get().call(function, *args)


async def _called(function: Callable[..., Any], args: tuple[Any, ...]) -> _Outcome:
    try:
        found = function(*args)
        return _Outcome(await found if isawaitable(found) else found)
    except asyncio.CancelledError:
        raise
    except BaseException as failure:  # noqa: BLE001 - whoever has asked for it raises it
        return _Outcome(None, failure)


async def _awaited(found: Awaitable[Any]) -> _Outcome:
    return await _called(lambda: found, ())


async def _in_thread(function: Callable[[], Any]) -> _Outcome:
    context, done = contextvars.copy_context(), Future[_Outcome]()

    def work() -> None:
        try:
            outcome = _Outcome(context.run(function))
        except BaseException as failure:  # noqa: BLE001 - whoever has asked for it raises it
            outcome = _Outcome(None, failure)
        done.set_result(outcome)

    done.set_running_or_notify_cancel()  # what runs in a thread cannot be cancelled
    _threads().workers.submit(work)
    return await asyncio.wrap_future(done)


async def _on(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, _Outcome]) -> _Outcome:
    try:
        there = asyncio.run_coroutine_threadsafe(coro, loop)
    except RuntimeError:
        coro.close()
        raise _closed() from None
    try:
        return await asyncio.wrap_future(there)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise _closed() from None  # it was cancelled there, not here


def _given(outcome: _Outcome) -> Any:
    failure = outcome.failure
    if failure is None:
        return outcome.value
    if isinstance(failure, Exception) and not isinstance(failure, StopIteration):
        raise failure
    # Raised here, exit would end the runner's loop.
    raise EdslNbError(f"the function raised {type(failure).__name__}: {failure}") from failure


def _closed() -> EdslNbError:
    return EdslNbError(
        "the event loop that it runs on was closed, or has cancelled it",
        remedy="Keep the loop running until the run has ended: `await run`.",
    )


# Threads and rooms, made on first use


class _Threads:
    def __init__(self) -> None:
        self.workers = Workers("user-functions")
        self.loop = LoopThread("user-coroutines")


_lock = threading.Lock()
_made: _Threads | None = None
_rooms: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def _threads() -> _Threads:
    global _made
    with _lock:
        if _made is None:
            _made = _Threads()
        return _made


def _room() -> asyncio.Semaphore:
    return _rooms.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))


def _forget() -> None:
    """A forked child has none of its parent's threads."""
    global _made, _lock
    _made, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
