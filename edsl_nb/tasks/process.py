"""One copy of a task in a process of its own, served over loopback to the process that started it.

That one writes an `Orders` to standard input, and reads from standard output, as a line of
JSON, at which port the copy answers. The copy ends when its standard input does, so that it
cannot outlive whoever needs it.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import struct
import sys
import threading
import traceback
from io import TextIOWrapper
from typing import Any, NamedTuple

from edsl_nb.core.threads import LoopThread, wait_for
from edsl_nb.tasks.history import HistoryLimit

#: Seconds in which a copy ends once it is to.
CLOSING = 15.0

#: Seconds that what blocks the task's thread has to end then.
_BLOCKED = 1.0

#: How the length of the orders is written before them.
LENGTH = struct.Struct(">Q")


class Orders(NamedTuple):
    """What a copy is to do.

    Parameters:
        path: where modules are found.
        agentbench: whether AgentBench's import paths resolve.
        task: the task, or a function that makes it, pickled.
        to_be_made: whether it is a function.
        history_limit: how much of a history agents get to see.
        token: what requests have to show.
    """

    path: list[str]
    agentbench: bool
    task: bytes
    to_be_made: bool
    history_limit: HistoryLimit
    token: str


def main() -> None:
    """Serve a copy until standard input ends."""
    orders, told = _own_streams()
    try:
        copy = _Copy(_read(orders))
    except BaseException as failure:  # noqa: BLE001 - whoever started it says so
        _tell(told, {"error": "".join(traceback.format_exception(failure))})
        return
    _tell(told, {"port": copy.port})
    with contextlib.suppress(OSError):
        while os.read(orders, 1024):
            pass
    copy.close()


def _own_streams() -> tuple[int, int]:
    """Keep the streams to whoever started this from the task, whose output goes to standard error."""
    orders, told = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # else what is printed is lost when the process is killed
            stream.reconfigure(line_buffering=True, errors="replace")
    return orders, told


def _read(orders: int) -> Orders:
    with os.fdopen(os.dup(orders), "rb", buffering=0) as stream:
        (length,) = LENGTH.unpack(_exactly(stream, LENGTH.size))
        return Orders(*pickle.loads(_exactly(stream, length)))


def _exactly(stream: Any, length: int) -> bytes:
    parts: list[bytes] = []
    while length:
        part = stream.read(min(length, 1 << 20))
        if not part:
            raise EOFError("there are no orders")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _tell(told: int, message: dict[str, Any]) -> None:
    with os.fdopen(told, "w") as stream:
        print(json.dumps(message), file=stream)


class _Copy:
    def __init__(self, orders: Orders) -> None:
        sys.path[:] = orders.path
        # Not before, because both import what the path leads to.
        from edsl_nb.tasks.checks import check_task
        from edsl_nb.tasks.hosting import host_of
        from edsl_nb.tasks.imports import agentbench_imports
        from edsl_nb.tasks.serving import Server
        from edsl_nb.tasks.worker import Worker

        if orders.agentbench:
            agentbench_imports()
        task = pickle.loads(orders.task)
        if orders.to_be_made:
            task = task()
        check_task(task)
        self._host = host_of(task)
        self._thread = LoopThread("copy")
        self._server = Server(Worker(self._host, orders.history_limit, orders.token), "127.0.0.1", 0)
        wait_for(self._thread.run(self._server.start()))
        self.port = self._server.port

    def close(self) -> None:
        """Release the task and end, with everything that it has started."""
        timer = threading.Timer(CLOSING - 3, _end)
        timer.daemon = True
        timer.start()
        wait_for(self._thread.run(self._server.stop()))
        self._host.release(_BLOCKED)
        _end()


def _end() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)
