"""The store: every reply, run and item in one SQLite file, written by one thread in groups.

Callers on the runner's loop await single look-ups and writes. The thread takes
whatever has gathered since its last commit, does it in one transaction, and
answers all callers at once. A caller that got its answer knows it is on disk.
Items are not waited for: their replies are on disk already, so they go along
with the next commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from edsl_nb.core.settings import settings
from edsl_nb.runner import places
from edsl_nb.runner.schema import BUSY_TIMEOUT, connect, unusable
from edsl_nb.runner.transaction import CallId, Operation, StoredItem, StoredReply, transact

T = TypeVar("T")

#: Most operations in one transaction, so that the first of them is not kept waiting.
_GROUP = 2048

#: Seconds after which items are committed although nothing else is.
_ITEMS_WAIT = 0.05

#: Seconds to wait for another program before a run is refused.
_CHECK_TIMEOUT = 5.0

#: Seconds after which a disk that does nothing is given up.
_ANSWER_TIMEOUT = 20.0

#: What the thread is given: operations, items, and None to end.
_Queue = queue.SimpleQueue[Operation | StoredItem | None]


class Store:
    """Replies, runs and items on disk.

    Parameters:
        path: the file; made when first used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._queue: _Queue = queue.SimpleQueue()
        self._owned = False

    @cached_property
    def place(self) -> str | None:
        """What makes the file one that other machines write to too, or None for one on a local disk."""
        return places.shared(self.path)

    def check(self) -> None:
        """Open the file once, so that a store that cannot be used is reported before a run.

        Raises:
            StoreError: it cannot be opened or written.
        """
        checked: Future[None] = Future()
        # A network drive that has gone away may not even say so.
        threading.Thread(target=self._check, args=(checked,), name="edsl_nb-check", daemon=True).start()
        try:
            checked.result(_ANSWER_TIMEOUT)
        except FutureTimeout:
            raise unusable(self.path, TimeoutError("the disk does not answer"), self.place) from None

    def _check(self, checked: Future[None]) -> None:
        try:
            # A file with one owner is ours already.
            if self.place is None or not self._owned:
                connect(self.path, _CHECK_TIMEOUT, self.place).close()
            checked.set_result(None)
        except Exception as failure:  # noqa: BLE001 - whoever waits raises it
            checked.set_exception(failure)

    async def find(self, call: CallId, run_id: str | None = None) -> StoredReply | None:
        """The latest reply to a call, of any run, or of `run_id` alone."""
        return await self._do("find", (call, run_id))

    async def add_reply(self, reply: StoredReply) -> int:
        """Write a reply. Returns its id, once it is on disk.

        Raises:
            StoreError: the store cannot be written.
            ServiceError: this reply cannot be kept, as when its service gave a field of the wrong type.
        """
        return await self._do("reply", reply)

    def add_item(self, item: StoredItem) -> None:
        """Write a finished item soon, in place of an earlier state of it."""
        self._put(item)

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows: for what is rare, such as a run's begin and end."""
        return await self._do("other", lambda connection: connection.execute(sql, parameters).fetchall())

    def read(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function that reads, and wait for it; not to be called on an event loop.

        Raises:
            StoreError: the store cannot be read.
        """
        return self._wait("read", function)

    def change(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function in a transaction, and wait until it is on disk; not to be called on an event loop.

        Raises:
            StoreError: the store cannot be written.
        """
        return self._wait("other", function)

    def _wait(self, kind: str, function: Callable[[sqlite3.Connection], T]) -> T:
        answer: Future[T] = Future()
        self._put(Operation(kind, function, answer))
        try:
            return answer.result(BUSY_TIMEOUT + _ANSWER_TIMEOUT)
        except FutureTimeout:
            raise unusable(self.path, TimeoutError("the disk does not answer"), self.place) from None

    def _do(self, kind: str, what: Any) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._put(Operation(kind, what, future))
        return future

    def _put(self, one: Operation | StoredItem) -> None:
        with self._lock:
            if self._thread is None:
                # A queue for each thread, so that the end of one is not taken for the end of the next.
                self._queue = queue.SimpleQueue()
                self._thread = threading.Thread(
                    target=self._main, args=(self._queue,), name="edsl_nb-store", daemon=True
                )
                self._thread.start()
            self._queue.put(one)

    def close(self) -> None:
        """Finish what is waiting and end the thread. A later use starts another."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._queue.put(None)
        if thread is not None:
            thread.join()

    # Everything below runs in the store's thread.

    def _main(self, source: _Queue) -> None:
        connection: sqlite3.Connection | None = None
        items: list[StoredItem] = []
        failed = closing = False
        while not closing:
            gathered = _gather(source, _ITEMS_WAIT if items and not failed else None)
            closing = bool(gathered) and gathered[-1] is None
            items += [one for one in gathered if isinstance(one, StoredItem)]
            group = [one for one in gathered if isinstance(one, Operation)]
            idle = not gathered
            commits = idle or closing or len(items) >= _GROUP or any(one.kind != "find" for one in group)
            answers: list[Any]
            try:
                if connection is None:
                    connection = self._connect()
                answers = transact(connection, group, items if commits else [])
                failed = False
            except Exception as failure:  # noqa: BLE001 - whatever it is, callers wait for an answer
                failed = True
                known = isinstance(failure, sqlite3.Error)
                shown = unusable(self.path, failure, self.place) if known else failure
                answers = [shown] * len(group)
            if commits and not failed:
                items = []
            _deliver(group, answers)
        self._owned = False
        if connection is not None:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        if self.place is None:
            return connect(self.path)
        connection = connect(self.path, _CHECK_TIMEOUT, self.place)
        self._owned = True
        return connection


def _gather(source: _Queue, timeout: float | None) -> list[Operation | StoredItem | None]:
    """What waits in the queue: at least one thing, or nothing after `timeout` seconds."""
    gathered: list[Operation | StoredItem | None] = []
    with contextlib.suppress(queue.Empty):
        gathered.append(source.get(timeout=timeout))
        while len(gathered) < _GROUP and gathered[-1] is not None:
            gathered.append(source.get_nowait())
    return gathered


def _deliver(group: list[Operation], answers: list[Any]) -> None:
    """Answer all callers with one wake-up per loop."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for operation, answer in zip(group, answers, strict=True):
        future = operation.future
        if isinstance(future, Future):
            _settle([(future, answer)])
        else:
            loops.setdefault(future.get_loop(), []).append((future, answer))
    for loop, pairs in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed, so nobody waits
            loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: Sequence[tuple[asyncio.Future[Any] | Future[Any], Any]]) -> None:
    for future, answer in pairs:
        if future.done():  # its caller was cancelled meanwhile
            continue
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        else:
            future.set_result(answer)


_stores: dict[Path, Store] = {}
_stores_lock = threading.Lock()


def _forget() -> None:
    """A forked child opens stores of its own: the threads behind these are the parent's."""
    global _stores_lock
    _stores_lock = threading.Lock()
    _stores.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def store() -> Store:
    """The store of `settings.store`, one object per file and process."""
    path = settings.store.absolute()
    with _stores_lock:
        if path not in _stores:
            _stores[path] = Store(path)
        return _stores[path]
