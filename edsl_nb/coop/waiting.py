"""How callers on any thread and any loop wait for what is done on the runner's loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from concurrent.futures import TimeoutError as FutureTimeout
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from edsl_nb.runner import loop

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds between looks for an interrupt.
_SLICE = 0.2


def on_runner(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Have a coroutine method run on the runner's loop, whichever loop awaits it.

    Connections live there, so that notebook cells and scripts share them.
    Cancelling whoever awaits it cancels it.
    """

    @wraps(method)
    async def called(*args: P.args, **kwargs: P.kwargs) -> T:
        if loop.on_loop():
            return await method(*args, **kwargs)
        return await asyncio.wrap_future(loop.submit(method(*args, **kwargs)))

    return called


def wait(coroutine: Coroutine[Any, Any, T]) -> T:
    """Block until something is done on the runner's loop. An interrupt cancels it.

    Raises:
        RunError: called on the runner's own thread, which would wait for itself.
    """
    try:
        loop.refuse_to_block()
    except BaseException:
        coroutine.close()
        raise
    future = loop.submit(coroutine)
    try:
        while not future.done():
            with contextlib.suppress(FutureTimeout):
                return future.result(_SLICE)
        return future.result()
    except KeyboardInterrupt:
        future.cancel()
        raise
