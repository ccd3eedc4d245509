"""The runner's event loop: one, in a daemon thread, started on first use.

A loop of its own keeps jobs and HTTP clients alive while notebook cells block
the main thread. Everything that touches a run goes through `submit` or
`call_soon`.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from edsl_nb.core.errors import RunError

if TYPE_CHECKING:
    from edsl_nb.runner.options import Where

T = TypeVar("T")


class _LoopThread:
    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._main, name="edsl_nb-runner", daemon=True)
        self.thread.start()

    def _main(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


_lock = threading.Lock()
_current: _LoopThread | None = None


def _host() -> _LoopThread:
    global _current
    with _lock:
        if _current is None:
            _current = _LoopThread()
        return _current


def _forget() -> None:
    """A forked child has the parent's memory but not its threads: it starts its own loop."""
    global _current, _lock
    _current = None
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def loop() -> asyncio.AbstractEventLoop:
    """The runner's loop, running."""
    return _host().loop


def on_loop() -> bool:
    """Whether the caller is on the runner's own thread, where blocking would be a deadlock."""
    return _current is not None and threading.current_thread() is _current.thread


def home_of(where: Where, variable: str) -> asyncio.AbstractEventLoop | None:
    """The event loop on which functions of users run; None for threads.

    Parameters:
        where: what was asked for.
        variable: what the object that is run is called in code.

    Raises:
        RunError: it is to be the caller's, which has none.
    """
    if where == "thread":
        return None
    here = running()
    if here is None or on_loop():
        raise RunError(
            "there is no event loop here on which functions could run",
            field="loop",
            value=where,
            remedy=f"Use await {variable}.run_async(loop='notebook') in a coroutine, or loop='thread'.",
        )
    return here


def running() -> asyncio.AbstractEventLoop | None:
    """The event loop that runs in the caller's thread, or None."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def refuse_to_block(where: Where = "thread", variable: str = "job") -> None:
    """Raise where waiting for a run would be waiting for oneself.

    Parameters:
        where: where functions of users are to run.
        variable: what the object that is run is called in code.

    Raises:
        RunError: the caller is on the runner's own thread, or blocks the event loop for functions.
    """
    if where == "notebook":
        raise RunError(
            "a blocking run() would hold up the event loop on which its functions are to run",
            field="loop",
            value=where,
            remedy=f"Use await {variable}.run_async(loop={where!r}).",
        )
    if on_loop():
        raise RunError(
            "waiting for a run on the runner's own thread would never end", remedy="Use `await run` instead."
        )


def submit(coro: Coroutine[Any, Any, T]) -> Future[T]:
    """Run a coroutine on the runner's loop, from any thread.

    Returns:
        A future that can be waited for or cancelled from any thread.
    """
    return asyncio.run_coroutine_threadsafe(coro, loop())


def call_soon(function: Callable[..., object], *args: Any) -> None:
    """Call a function on the runner's loop as soon as it is free, from any thread."""
    loop().call_soon_threadsafe(function, *args)
