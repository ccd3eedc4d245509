"""Where a task lives: a thread of its own for its methods, from its first use until it is released."""

from __future__ import annotations

import atexit
import inspect
import os
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from edsl_nb.core.errors import EdslNbError, warn
from edsl_nb.core.threads import LoopThread, wait_for
from edsl_nb.tasks.factory import InstanceFactory
from edsl_nb.tasks.typings import TaskError

T = TypeVar("T")

#: Seconds that a task's thread has for `release` before it is called in another thread.
_RELEASE = 10.0


class TaskHost:
    """One task object and its thread.

    Parameters:
        task: the task; anything with AgentBench's methods.

    Attributes:
        factory: what has made the task, and could make others; None where it was given as it is.
        released: whether its `release` was called.
    """

    def __init__(self, task: Any) -> None:
        self.task = task
        self.factory: InstanceFactory | None = None
        self.released = False
        self._thread: LoopThread | None = None
        self._unheard: list[Future[Any]] = []
        self._blocked: list[LoopThread] = []
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The task's name."""
        return self.task.name

    def thread(self) -> LoopThread:
        """The task's thread; another one where what was given up still blocks the last.

        Raises:
            TaskError: the task was released.
        """
        with self._lock:
            if self.released:
                raise released(self.name)
            self._unheard = [future for future in self._unheard if not future.done()]
            if self._thread is not None and self._unheard:
                # Other samples of it may go on there, so it is not closed yet.
                self._blocked.append(self._thread)
                self._thread, self._unheard = None, []
            if self._thread is None:
                self._thread = LoopThread(f"task-{self.name}")
            return self._thread

    def give_up(self, heard: Future[None]) -> None:
        """Wait no more for something in the task's thread.

        Parameters:
            heard: done when the thread gets to it; until then it counts as blocked.
        """
        with self._lock:
            self._unheard.append(heard)

    def ask(self, method: str, *args: Any) -> Any:
        """Call one of the task's plain methods in its thread, and wait for what it returns.

        Raises:
            TaskError: it raised something.
        """
        function = getattr(self.task, method)
        try:
            return wait_for(self.thread().call(lambda: function(*args)))
        except KeyboardInterrupt:
            raise
        except NotImplementedError as failure:
            raise self._failed(method, "is not implemented", f"Write a method {method}.") from failure
        except (Exception, SystemExit) as failure:
            kind, said, remedy = type(failure).__name__, str(failure).rstrip("."), None
            if isinstance(failure, EdslNbError):
                said, remedy = failure.problem, failure.remedy
            remedy = remedy or f"Mend {method}, or what it calls."
            raise self._failed(method, f"raised {kind}: {said}", remedy) from failure

    def _failed(self, method: str, problem: str, remedy: str) -> TaskError:
        return TaskError(f"{method} of task {self.name!r} {problem}", field=method, remedy=remedy)

    def release(self, patience: float | None = None) -> None:
        """Call the task's `release`, once, and end its thread. What it raises is a warning.

        Parameters:
            patience: seconds that the task's thread has for it, before it is called in this one;
                None for `_RELEASE`.
        """
        with self._lock:
            if self.released:
                return
            self.released = True
        _note_released(self.task)
        try:
            self._release(_RELEASE if patience is None else patience)
        except (Exception, SystemExit) as failure:  # noqa: BLE001 - other tasks are to be released too
            warn(f"release of task {self.name!r} raised {type(failure).__name__}: {failure}")
        for thread in (self._thread, *self._blocked):
            if thread is not None:
                thread.close()

    def _release(self, patience: float) -> None:
        function = getattr(self.task, "release", None)
        if function is None:
            return
        if self._thread is None:
            _finish(function)
            return
        called = _Once(function)
        future = self._thread.call(called)
        wait([future], timeout=patience)
        if future.done():
            future.result()
        else:  # a sample blocks the thread, perhaps until this has closed what it waits for
            called()


class _Once:
    """A function that is called once, by whoever comes first."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function, self._lock = function, threading.Lock()

    def __call__(self) -> None:
        if self._lock.acquire(blocking=False):
            _finish(self._function)


def _finish(function: Callable[[], Any]) -> None:
    found = function()
    if inspect.iscoroutine(found):
        found.close()
        raise TaskError(
            "release is a coroutine", field="release", remedy="Make it a plain method, as AgentBench does."
        )


_lock = threading.Lock()
#: Tasks that have been given to a benchmark, by the id of the object, because they need not be hashable.
_hosts: dict[int, TaskHost] = {}
#: Those that were released, as long as they are there.
_released: dict[int, weakref.ref[Any]] = {}


def _note_released(task: Any) -> None:
    key = id(task)
    with _lock:
        _hosts.pop(key, None)
        _released[key] = weakref.ref(task, lambda _: _released.pop(key, None))


def _forget() -> None:
    """A forked child has neither the threads nor the right to clean up."""
    global _lock
    _lock = threading.Lock()
    _hosts.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def host_of(task: Any) -> TaskHost:
    """Where a task lives. It is kept until it is released, at the latest when the interpreter ends.

    Raises:
        TaskError: it was released already.
    """
    with _lock:
        if id(task) in _released:
            raise released(task.name)
        return _hosts.setdefault(id(task), TaskHost(task))


def released(name: str) -> TaskError:
    """The error for a task that was released, and is to be used again."""
    return TaskError(
        f"task {name!r} was released when its benchmark was closed",
        field="task",
        remedy="Make a new one, or keep the benchmark open as long as the task is needed.",
    )


@atexit.register
def _release_all() -> None:
    for host in list(_hosts.values()):
        host.release()


def is_task(task: object) -> bool:
    """Whether an object has the methods of a task."""
    return all(callable(getattr(task, name, None)) for name in ("get_indices", "start_sample"))
