"""Copies of a task, each in a process of its own, so that they disturb neither each other nor this one."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import pickle
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import cloudpickle

from edsl_nb.core.errors import ServiceError
from edsl_nb.core.threads import Workers, in_thread, wait_for
from edsl_nb.models import http
from edsl_nb.runner import loop as runner_loop
from edsl_nb.tasks import performing
from edsl_nb.tasks.driving import Drive
from edsl_nb.tasks.factory import InstanceFactory
from edsl_nb.tasks.history import HistoryLimit
from edsl_nb.tasks.imports import were_in_force
from edsl_nb.tasks.output import Log
from edsl_nb.tasks.process import CLOSING, LENGTH, Orders
from edsl_nb.tasks.protocol import Answer, detail_of, output_in, read_answer
from edsl_nb.tasks.session import Session
from edsl_nb.tasks.task import Task
from edsl_nb.tasks.typings import (
    AgentOutput,
    SampleIndex,
    SampleStatus,
    TaskError,
    TaskSampleExecutionResult,
)

#: What a process runs; the folder of this package comes first, wherever it was started.
_PROGRAM = "import sys; sys.path.insert(0, {root!r}); from edsl_nb.tasks.process import main; main()"

#: Seconds that a process has to be found ended, after it has hung up.
_NOTICED = 5.0

#: Seconds between looks.
_LOOK = 0.1

#: Characters of what a process has printed last that are told where it crashes.
_TAIL = 2000

_threads = Workers("copies")


class CrashError(TaskError):
    """The process of a copy has ended, or does not start."""


class _Copy:
    """One process.

    Parameters:
        name: the task's.
        orders: what it is to do.

    Attributes:
        playing: the logs of the samples that it is playing, by session.
        leaving: whether it gets no new sample.
        ready: done when it can play.
    """

    def __init__(self, name: str, orders: Orders) -> None:
        self._name, self._token = name, orders.token
        self.playing: dict[int, Log] = {}
        self.leaving = False
        self.ready: Future[None] = Future()
        self._printed = Log()
        self._url = ""
        root = str(Path(__file__).parents[2])
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM.format(root=root)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            # Interrupts of a terminal or a notebook are meant for this process; those of its
            # children that a task starts end with it.
            start_new_session=True,
        )  # fmt: skip
        for main in (self._drain, lambda: self._begin(orders)):
            threading.Thread(target=main, name=f"edsl_nb-copy-{name}"[:60], daemon=True).start()

    # In threads of its own

    def _begin(self, orders: Orders) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            sent = pickle.dumps(tuple(orders))
            with contextlib.suppress(OSError):  # it has ended, and says why
                self._process.stdin.write(LENGTH.pack(len(sent)) + sent)
                self._process.stdin.flush()
            line = self._process.stdout.readline()
            told = json.loads(line) if line else {"error": f"it ended {self.ending()}"}
            if "port" not in told:
                raise self._unready(told["error"])
            self._url = f"http://127.0.0.1:{told['port']}/api"
            self.ready.set_result(None)
        except BaseException as failure:  # noqa: BLE001 - whoever waits for it raises it
            self.ready.set_exception(failure)

    def _unready(self, error: str) -> CrashError:
        last = error.strip().rpartition("\n")[2]
        printed = self._printed.text[-_TAIL:].strip()
        return CrashError(
            f"a copy of task {self._name!r} does not start in a process of its own: {last}"
            + (f"; it has printed: {printed}" if printed else ""),
            field="workers",
            remedy="What the task needs has to be importable there; an InstanceFactory makes it there.",
        )

    def _drain(self) -> None:
        """Read what is printed past Python: it belongs to the sample that is being played."""
        assert self._process.stderr is not None
        descriptor = self._process.stderr.fileno()
        while chunk := os.read(descriptor, 1 << 16):
            text = chunk.decode(errors="replace")
            self._printed.write(text)
            with contextlib.suppress(ValueError):  # several are being played, or none
                (log,) = list(self.playing.values())
                log.write(text)

    def ending(self) -> str:
        """How it has ended, in words; waits for it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_NOTICED)
        code = self._process.poll()
        if code is None:
            return "its connection, but not itself"
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"by {signal.Signals(-code).name}"
        return f"with exit code {code}"

    # From the task's thread

    async def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, str]:
        """Ask it something.

        Raises:
            CrashError: it has ended.
        """
        headers = {"Authorization": f"Bearer {self._token}"}
        request = http.exchange(method, f"{self._url}/{path}", body, headers)
        try:
            status, text, _ = await asyncio.wrap_future(runner_loop.submit(request))
        except ServiceError:
            self.leaving = True
            ending = await in_thread(_threads, self.ending)
            raise CrashError(
                f"the process in which a copy of task {self._name!r} played the sample ended {ending}",
                field="workers",
                remedy="It has printed: " + (self._printed.text[-_TAIL:].strip() or "nothing"),
            ) from None
        return status, text

    async def busy(self) -> int:
        """How many samples it is playing, those among them that were cancelled and have not ended."""
        try:
            _, text = await self.call("GET", "worker_status")
        except CrashError:
            return 0
        return int(json.loads(text)["current"])

    def close(self) -> None:
        """End it: what it plays, its task, itself. Blocks for a while."""
        self.leaving = True
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(CLOSING)
        self.kill()
        self._process.stdout.close()

    def kill(self) -> None:
        """End it at once, with what it has started."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if hasattr(os, "killpg"):
                    os.killpg(self._process.pid, signal.SIGKILL)
                else:
                    self._process.kill()
            self._process.wait()


class Copies(Task):
    """Copies of a task as one task, each in a process of its own. They end when it is released.

    What blocks, crashes, calls `exit` or keeps state in one of them stays there. A copy that
    has crashed is started anew for the next sample; one whose sample does not end
    although it is cancelled gets no new one, and is killed.

    Parameters:
        name, concurrency: the task's.
        workers: how many copies.
        history_limit: how much of a history agents get to see.
        pickled: the task, or what makes it, pickled, and whether it is that.
    """

    def __init__(
        self,
        name: str,
        concurrency: int,
        workers: int,
        history_limit: HistoryLimit,
        pickled: tuple[bytes, bool],
    ) -> None:
        super().__init__(name, concurrency * workers)
        self._orders = Orders(
            list(sys.path), were_in_force(), *pickled, history_limit, secrets.token_urlsafe()
        )
        self._ids = itertools.count()
        self._copies = [self._start() for _ in range(workers)]
        self._old: set[_Copy] = set()

    def _start(self) -> _Copy:
        return _Copy(self.name, self._orders)

    def open(self) -> None:
        """Wait until all copies can play.

        Raises:
            CrashError: one does not start.
        """
        for copy in self._copies:
            wait_for(copy.ready)

    async def start_sample(self, index: SampleIndex, session: Session) -> TaskSampleExecutionResult:
        """Play a sample in the copy that has least to do."""
        copy = self._free()
        session_id = next(self._ids)
        copy.playing[session_id] = session.log
        try:
            await asyncio.shield(asyncio.wrap_future(copy.ready))
            return await Drive(_Line(copy, session_id, session.log), index, session).play()
        except CrashError as crash:
            # The last line says what has happened, as in a traceback.
            text = f"{crash.remedy}\n\n{crash.problem}" if crash.remedy else crash.problem
            return TaskSampleExecutionResult(status=SampleStatus.TASK_ERROR, result=text)
        except asyncio.CancelledError:
            copy.leaving = True  # it had time to end
            raise
        finally:
            del copy.playing[session_id]
            self._tidy(copy)

    def _free(self) -> _Copy:
        for place, copy in enumerate(self._copies):
            if copy.leaving or (copy.ready.done() and copy.ready.exception() is not None):
                self._old.add(copy)
                self._tidy(copy)
                self._copies[place] = self._start()
        return min(self._copies, key=lambda copy: len(copy.playing))

    def _tidy(self, copy: _Copy) -> None:
        """End a copy that is of no more use, once it plays nothing."""
        if copy.leaving and not copy.playing:
            self._old.discard(copy)
            _threads.submit(copy.close)

    def release(self) -> None:
        """End all processes."""
        closing = [threading.Thread(target=copy.close, daemon=True) for copy in (*self._copies, *self._old)]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()


class _Line:
    """A sample of a copy, as a link."""

    def __init__(self, copy: _Copy, session_id: int, log: Log) -> None:
        self._copy, self._session_id, self._log = copy, session_id, log

    async def start(self, index: SampleIndex) -> Answer:
        return await self._turn("start_sample", {"index": index, "session_id": self._session_id})

    async def interact(self, session_id: int, output: AgentOutput) -> Answer:
        sent = {"session_id": session_id, "agent_response": output.model_dump(mode="json")}
        return await self._turn("interact", sent)

    async def _turn(self, path: str, body: Mapping[str, Any]) -> Answer:
        status, text = await self._copy.call("POST", path, body)
        value = json.loads(text) if status == 200 else output_in(text)
        if value is None:
            raise TaskError(f"the copy answered {status}: {detail_of(text)}", field=path)
        answer = read_answer(value)
        self._log.write(answer.log)
        return answer

    async def cancel(self, session_id: int) -> None:
        copy = self._copy
        with contextlib.suppress(CrashError):
            await copy.call("POST", "cancel", {"session_id": session_id})
            until = time.monotonic() + performing.GRACE
            while await copy.busy() >= len(copy.playing):
                if time.monotonic() > until:
                    copy.leaving = True
                    return
                await asyncio.sleep(_LOOK)


def pickled(task: Any, name: str) -> tuple[bytes, bool]:
    """A task, or the factory of one, as it is sent to a process: pickled, and whether it is still to be made.

    Raises:
        TaskError: it cannot be sent.
    """
    to_be_made = isinstance(task, InstanceFactory)
    try:
        # What a notebook has defined goes along as it is.
        return cloudpickle.dumps(task.maker() if to_be_made else task), to_be_made
    except Exception as failure:  # objects raise anything when they are pickled
        raise TaskError(
            f"task {name!r} cannot be sent to a process of its own: {type(failure).__name__}: {failure}",
            field="workers",
            remedy="Open files, connections and the like in start_sample rather than in __init__, or give "
            "an InstanceFactory of the task's class, so that each process makes its own.",
        ) from failure
