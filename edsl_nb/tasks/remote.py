"""`RemoteTask`: a task that lives behind AgentBench's controller."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote

from edsl_nb.core.errors import ServiceError, nearest
from edsl_nb.models import http
from edsl_nb.runner import loop as runner_loop
from edsl_nb.tasks.driving import Drive, SessionGoneError
from edsl_nb.tasks.protocol import Answer, api_address, detail_of, output_in, read_answer
from edsl_nb.tasks.session import Session
from edsl_nb.tasks.task import Task
from edsl_nb.tasks.typings import (
    AgentOutput,
    LostSampleError,
    SampleIndex,
    TaskError,
    TaskOutput,
    TaskSampleExecutionResult,
    WorkerStatus,
)

#: Seconds for a turn of the task; a controller waits for 240 itself.
_TURN = 300.0

#: Seconds for anything else.
_QUICK = 30.0

#: Seconds between looks for a worker that is free, at first and at most.
_FIRST_LOOK, _LONGEST_LOOK = 0.1, 2.0

#: How a controller sees a worker, in words.
_STATES = {WorkerStatus.COMA: "silent", WorkerStatus.DEAD: "dead"}

#: How workers and controllers say that they do not know a session.
_GONE = re.compile(r"session.{0,40}(?:not exist|not found)|no such session", re.IGNORECASE)


class RemoteTask(Task):
    """A task whose samples are played by workers behind AgentBench's controller, version 0.2.

    Agents may take longer than the 240 s after which a controller gives a session up: the
    sample starts again then, and gets the answers that are there already.

    Parameters:
        name: the task's name, as its workers have registered it.
        controller: the controller's address.
        concurrency: how many samples are played at once; None for as many as the workers take.
        patience: seconds to wait for a worker that is free, or for a controller that is gone.

    Raises:
        TaskError: a parameter is not as it has to be.

    Example:
        >>> from edsl_nb.tasks import Benchmark
        >>> Benchmark(RemoteTask("os-std", controller="http://127.0.0.1:5000/api"))
        Benchmark(tasks=['os-std'], agents=[])
    """

    def __init__(
        self,
        name: str,
        controller: str = "http://localhost:5000/api",
        concurrency: int | None = None,
        patience: float = 60.0,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise TaskError("a name is wanted", field="name", value=name, remedy="Such as 'os-std'.")
        is_number = isinstance(patience, int | float) and not isinstance(patience, bool)
        if not is_number or not patience >= 0:
            raise TaskError(
                "a number of seconds is wanted", field="patience", value=patience, remedy="Such as 60."
            )
        super().__init__(name, 1 if concurrency is None else concurrency)
        self.controller = api_address(controller, "controller")
        self.patience = patience
        self._as_many_as_possible = concurrency is None
        self._gone_since: float | None = None
        self._unwanted: set[asyncio.Future[http.Response]] = set()

    # As a task

    def get_indices(self) -> list[SampleIndex]:
        """The indices that the workers have registered.

        Raises:
            TaskError: the controller cannot be reached, or knows no such task.
        """
        workers = _wait(self._workers())
        if self._as_many_as_possible:
            room = sum(worker["capacity"] for worker in workers if worker["status"] == WorkerStatus.ALIVE)
            self.concurrency = max(1, room)
        return _wait(self._get(f"get_indices?name={quote(self.name, safe='')}"))

    async def start_sample(self, index: SampleIndex, session: Session) -> TaskSampleExecutionResult:
        """Play a sample elsewhere.

        Raises:
            LostSampleError: nobody knows what has become of it, as where the controller is gone.
        """
        drive = Drive(self, index, session)
        try:
            return await drive.play()
        except asyncio.CancelledError:
            if drive.session_id is not None:  # there is no time left to wait for it
                runner_loop.submit(self._end(drive.session_id))
            raise

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        """The score that one of the workers computes."""
        sent = [result.model_dump(mode="json") for result in results]
        return _wait(self._post("calculate_overall", {"name": self.name, "results": sent}, _TURN))

    # As a link

    async def start(self, index: SampleIndex) -> Answer:
        """Start a sample, as soon as a worker is free."""
        until, pause = time.monotonic() + self.patience, _FIRST_LOOK
        while True:
            status, text = await self._send("start_sample", {"name": self.name, "index": index})
            if status == 200:
                return read_answer(_json(text))
            if status != 406:
                raise self._lost(_said("start_sample", status, text))
            workers = await _here(self._workers())
            if time.monotonic() > until:
                raise self._lost(f"no worker has taken the sample in {self.patience:g} s: {_states(workers)}")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_LOOK)

    async def interact(self, session_id: int, output: AgentOutput) -> Answer:
        """Give the task what the agent has answered."""
        body = {"session_id": session_id, "agent_response": output.model_dump(mode="json")}
        status, text = await self._send("interact", body)
        if status == 200:
            return read_answer(_json(text))
        error = output_in(text)
        if status == 501 and error is not None:
            await self.cancel(session_id)  # else the controller would count the session for minutes
            return read_answer(error)
        if status == 400 and _GONE.search(detail_of(text)):
            raise SessionGoneError
        await self.cancel(session_id)
        raise self._lost(_said("interact", status, text))

    async def cancel(self, session_id: int) -> None:
        """Cancel a sample. A controller that does not answer finds out by itself."""
        await _here(self._end(session_id))

    # Requests

    async def _send(self, path: str, body: Mapping[str, Any]) -> tuple[int, str]:
        """Send a request in a sample's life. Where there is no connection, it is tried again for a while."""
        pause = _FIRST_LOOK
        while True:
            try:
                status, text, _ = await _here(self._asked(path, body))
            except ServiceError as failure:
                if not failure.unreachable:
                    raise self._lost(failure.problem) from None
                gone = self._gone_since = self._gone_since or time.monotonic()
                if time.monotonic() - gone > self.patience:
                    raise self._lost(failure.problem) from None
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_LOOK)
            else:
                self._gone_since = None
                return status, text

    # On the runner's loop

    async def _asked(self, path: str, body: Mapping[str, Any]) -> http.Response:
        """Send a request. Where nobody waits for it any more, the session that it speaks of is ended."""
        sending = asyncio.ensure_future(
            http.exchange("POST", f"{self.controller}/{path}", body, seconds=_TURN)
        )
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            self._unwanted.add(sending)
            sending.add_done_callback(self._end_unwanted)
            raise

    def _end_unwanted(self, sent: asyncio.Future[http.Response]) -> None:
        self._unwanted.discard(sent)
        with contextlib.suppress(asyncio.CancelledError, ServiceError, TaskError):
            status, text, _ = sent.result()
            if status == 200:
                runner_loop.submit(self._end(read_answer(_json(text)).session_id))

    async def _end(self, session_id: int) -> None:
        with contextlib.suppress(ServiceError):
            url = f"{self.controller}/cancel"
            await http.exchange("POST", url, {"session_id": session_id}, seconds=_QUICK)

    async def _workers(self) -> list[dict[str, Any]]:
        """The workers of the task, as the controller knows them."""
        listed = await self._get("list_workers")
        if not isinstance(listed, Mapping):
            raise self._strange(listed)
        if self.name not in listed:
            raise TaskError(
                f"no worker has registered this task at {self.controller}",
                field="name",
                value=self.name,
                remedy=nearest(self.name, cast(Mapping[str, Any], listed)),
            )
        workers = listed[self.name].get("workers") if isinstance(listed[self.name], Mapping) else None
        found = list(workers.values()) if isinstance(workers, Mapping) else None
        if found is None or not all(_is_worker(one) for one in found):
            raise self._strange(listed)
        return cast(list[dict[str, Any]], found)

    async def _get(self, path: str) -> Any:
        return await self._call("GET", path, None, _QUICK)

    async def _post(self, path: str, body: Any, seconds: float) -> Any:
        return await self._call("POST", path, body, seconds)

    async def _call(self, method: str, path: str, body: Any, seconds: float) -> Any:
        url = f"{self.controller}/{path}"
        try:
            status, text, _ = await http.exchange(method, url, body, seconds=seconds)
        except ServiceError as failure:
            raise TaskError(
                failure.problem, field="controller", value=self.controller, remedy="Is it running there?"
            ) from None
        if status == 404:
            raise await self._no_controller(path)
        if status != 200:
            raise TaskError(
                _said(path.partition("?")[0], status, text),
                field=path,
                remedy="What the controller and the task's workers print says more.",
            )
        return _json(text)

    # What goes wrong

    async def _no_controller(self, path: str) -> TaskError:
        """The error for an address where something answers that does not know a controller's paths."""
        with contextlib.suppress(ServiceError, TaskError):
            _, text, _ = await http.exchange("GET", f"{self.controller}/worker_status", seconds=_QUICK)
            found = _json(text)
            if isinstance(found, Mapping) and "concurrency" in found and "current" in found:
                return TaskError(
                    f"a worker answers at {self.controller}, and no controller",
                    field="controller",
                    value=self.controller,
                    remedy="Give the address of the controller that the worker is registered with, such as "
                    "'http://127.0.0.1:5000/api'.",
                )
        return self._strange(f"404 for {path.partition('?')[0]}")

    def _lost(self, problem: str) -> LostSampleError:
        return LostSampleError(
            problem,
            field=f"task {self.name!r}",
            remedy="When its controller and workers are there again, run.retry_failed() plays it.",
        )

    def _strange(self, value: object) -> TaskError:
        return TaskError(
            f"what is at {self.controller} is no controller of AgentBench v0.2: it answered {value!r:.100}",
            field="controller",
            value=self.controller,
            remedy="Check the address; it ends in /api.",
        )


def _is_worker(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(cast(Mapping[str, Any], value).get(name), int)
        for name in ("capacity", "current", "status")
    )


def _said(path: str, status: int, text: str) -> str:
    """What a controller answered, in words."""
    return f"the controller answered {path} with {status}: {detail_of(text)}"


def _states(workers: list[dict[str, Any]]) -> str:
    """How workers are, in words."""
    if not workers:
        return "there is none"
    told: list[str] = []
    for worker in workers:
        state = _STATES.get(worker["status"], "in an unknown state")
        visited = worker.get("last_visit")
        if worker["status"] == WorkerStatus.ALIVE:
            state = f"busy with {worker['current']} of {worker['capacity']}"
        elif isinstance(visited, int | float):
            state += f", last heard of {max(0, time.time() - visited):.0f} s ago"
        told.append(f"{worker.get('address', 'a worker')} is {state}")
    return "; ".join(told)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise TaskError(
            "the controller answered something that is not JSON",
            field="controller",
            value=text,
            remedy="Check the address; it ends in /api.",
        ) from None


async def _here(work: Any) -> Any:
    """Do HTTP on the runner's loop, and wait for it on this one."""
    return await asyncio.wrap_future(runner_loop.submit(work))


def _wait(work: Any) -> Any:
    """Do HTTP on the runner's loop, and block until it is done. Called in the task's thread."""
    return runner_loop.submit(work).result()
