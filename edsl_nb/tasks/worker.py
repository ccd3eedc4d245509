"""AgentBench's worker: one task, whose samples are played by whoever asks over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar, cast

from aiohttp import web
from pydantic import BaseModel, ValidationError

from edsl_nb.core.secrets import redact
from edsl_nb.tasks.checks import concurrency_of, indices_of
from edsl_nb.tasks.history import HistoryLimit
from edsl_nb.tasks.hosting import TaskHost
from edsl_nb.tasks.performing import Ending, Performance
from edsl_nb.tasks.protocol import InteractRequest, OverallRequest, SessionRequest, StartRequest
from edsl_nb.tasks.samples import to_json
from edsl_nb.tasks.session import Session
from edsl_nb.tasks.typings import (
    CANCELLED,
    AgentOutput,
    ChatHistoryItem,
    SampleIndex,
    SampleStatus,
    TaskError,
)

R = TypeVar("R", bound=BaseModel)

#: Seconds for which a request to cancel waits for the sample's end; controllers wait for 5.
_SHORTLY = 3.0

#: How many sessions that have ended are remembered, so that cancelling them is no mistake.
_REMEMBERED = 1000

#: Bytes that a request may have.
_MOST_BYTES = 1 << 30


class _Seat:
    """One sample being played over HTTP. Used on the server's loop, but for what the task calls.

    Parameters:
        host: where the task lives.
        index: which sample.
        limit: how much of a history the agent gets to see.
    """

    def __init__(self, host: TaskHost, index: SampleIndex, limit: HistoryLimit) -> None:
        self.index = index
        self._session = Session(self._ask, limit)
        self._performance = Performance(host, index, self._session, self._finished, self._left)
        self._here = asyncio.get_running_loop()
        self._waiting: asyncio.Future[dict[str, Any]] | None = None
        self._reply: Callable[[AgentOutput], None] | None = None
        self._cancelled = False
        self.shown: dict[str, Any] = _output(None, SampleStatus.RUNNING, None, [])
        self.said: AgentOutput | None = None

    @property
    def executing(self) -> bool:
        """Whether it is the task's turn."""
        return self._reply is None

    @property
    def log(self) -> str:
        """What the task has printed."""
        return self._session.log.text

    @property
    def ended(self) -> asyncio.Future[dict[str, Any]]:
        """What came of it."""
        return self._performance.ended

    # Its turns

    def begin(self) -> None:
        """Start the sample.

        Raises:
            TaskError: the task was released.
        """
        self._performance.begin()

    async def answer(self, output: AgentOutput) -> dict[str, Any]:
        """Give the task the agent's answer; returns when it asks again, or has ended."""
        reply, self._reply, self.said = self._reply, None, output
        assert reply is not None
        reply(output)
        return await self.next()

    async def next(self) -> dict[str, Any]:
        """Wait until the task asks, or has ended."""
        turn: asyncio.Future[dict[str, Any]] = self._here.create_future()
        self._waiting = turn
        try:
            await asyncio.wait([turn, self.ended], return_when=asyncio.FIRST_COMPLETED)
            return turn.result() if turn.done() else self.ended.result()
        finally:
            self._waiting = None

    def cancel(self) -> None:
        """Tell the task that the sample is cancelled, and end it if it does not end by itself."""
        if self._cancelled:
            return
        self._cancelled = True
        if self._reply is not None:
            reply, self._reply = self._reply, None
            reply(CANCELLED)
        self._performance.end_in_time()

    def end(self) -> None:
        """End the sample at once, as far as that can be done."""
        self.cancel()
        self._performance.end()

    def close(self) -> None:
        """It has ended."""
        self._performance.close()

    def _asked(self, shown: dict[str, Any], reply: Callable[[AgentOutput], None]) -> None:
        if self._cancelled:
            reply(CANCELLED)
            return
        self.shown, self._reply = shown, reply
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(shown)

    # In the task's thread

    async def _ask(self, seen: list[ChatHistoryItem]) -> AgentOutput:
        there = asyncio.get_running_loop()
        answer: asyncio.Future[AgentOutput] = there.create_future()

        def give(output: AgentOutput) -> None:
            if not answer.done():
                answer.set_result(output)

        def reply(output: AgentOutput) -> None:
            there.call_soon_threadsafe(give, output)

        shown = _output(None, SampleStatus.RUNNING, None, seen)
        self._here.call_soon_threadsafe(self._asked, shown, reply)
        return await answer

    def _finished(self, ending: Ending) -> dict[str, Any]:
        status, result, error = ending
        if status is None:  # the other side knows no samples that are lost
            status, result = SampleStatus.TASK_ERROR, error
        return _output(self.index, status, json.loads(to_json(result, "result")), self._session.history)

    def _left(self) -> dict[str, Any]:
        message = "the task did not end its sample after it was cancelled"
        return _output(self.index, SampleStatus.TASK_ERROR, message, list(self._session.history))


def _output(index: SampleIndex | None, status: SampleStatus, result: Any, history: Any) -> dict[str, Any]:
    turns = cast(list[Any], history) if isinstance(history, list) else []
    told = [
        {"role": getattr(turn, "role", "user"), "content": str(getattr(turn, "content", turn))}
        for turn in turns
    ]
    return {"index": index, "status": status.value, "result": result, "history": told}


class Worker:
    """A task's samples by session, and the requests about them. Used on the server's loop.

    Parameters:
        host: where the task lives.
        history_limit: how much of a history agents get to see.
        token: what requests have to show; None where everybody may ask.

    Attributes:
        indices: of all samples.
    """

    def __init__(self, host: TaskHost, history_limit: HistoryLimit, token: str | None = None) -> None:
        self.host, self.indices = host, indices_of(host)
        self.concurrency = concurrency_of(host.task)
        self._limit: HistoryLimit = history_limit
        self._token = token
        self._seats: dict[int, _Seat] = {}
        #: Those that go on after they were cancelled; they count, and nobody asks for them any more.
        self._leaving: set[_Seat] = set()
        self._over: deque[int] = deque(maxlen=_REMEMBERED)
        self._ending = False

    def app(self) -> web.Application:
        """The requests that it answers."""
        app = web.Application(middlewares=[self._guard], client_max_size=_MOST_BYTES)
        app.router.add_routes(
            [
                web.get("/api/get_indices", self._indices),
                web.get("/api/get_sessions", self._sessions),
                web.get("/api/worker_status", self._status),
                web.post("/api/sample_status", self._sample_status),
                web.post("/api/start_sample", self._start),
                web.post("/api/interact", self._interact),
                web.post("/api/cancel", self._cancel),
                web.post("/api/cancel_all", self._cancel_all),
                web.post("/api/calculate_overall", self._overall),
            ]
        )
        return app

    async def end(self) -> None:
        """End all samples, as far as that can be done, and start no other."""
        self._ending = True
        seats = (*self._seats.values(), *self._leaving)
        for seat in seats:
            seat.end()
        if seats:
            await asyncio.wait([seat.ended for seat in seats])

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if self._token is not None and request.headers.get("Authorization") != f"Bearer {self._token}":
            return _refusal(401, "Not authorized")
        try:
            return await handler(request)
        except _Refused as refused:
            return _refusal(refused.status, refused.detail)

    # What it says of itself

    async def _indices(self, _: web.Request) -> web.Response:
        return _said(self.indices)

    async def _sessions(self, _: web.Request) -> web.Response:
        return _said({str(session_id): seat.index for session_id, seat in self._seats.items()})

    @property
    def current(self) -> int:
        """How many samples are being played."""
        return len(self._seats) + len(self._leaving)

    async def _status(self, _: web.Request) -> web.Response:
        return _said({"concurrency": self.concurrency, "current": self.current})

    async def _sample_status(self, request: web.Request) -> web.Response:
        session_id = (await _read(request, SessionRequest)).session_id
        seat = self._seat(session_id)
        status = {
            "waiting_for_env": seat.executing,
            "waiting_for_agent": not seat.executing,
            "env_input": None if seat.said is None else seat.said.model_dump(mode="json"),
            "env_output": seat.shown,
        }
        return _said({"session_id": session_id, "index": seat.index, "status": status})

    # Samples

    async def _start(self, request: web.Request) -> web.Response:
        asked = await _read(request, StartRequest)
        if asked.session_id in self._seats:
            raise _Refused(400, f"Session {asked.session_id} already exists")
        if self._ending or self.current >= self.concurrency:
            raise _Refused(406, "Sample concurrency limit reached")
        seat = _Seat(self.host, asked.index, self._limit)
        try:
            seat.begin()
        except TaskError as failure:
            raise _Refused(500, str(failure)) from None
        self._seats[asked.session_id] = seat
        seat.ended.add_done_callback(partial(self._left, asked.session_id, seat))
        return _said(self._body(asked.session_id, seat, await seat.next()))

    async def _interact(self, request: web.Request) -> web.Response:
        asked = await _read(request, InteractRequest)
        seat = self._seat(asked.session_id)
        if seat.executing:
            raise _Refused(400, "Task executing, please do not send new requests")
        output = await seat.answer(asked.agent_response)
        body = self._body(asked.session_id, seat, output)
        if output["status"] == SampleStatus.TASK_ERROR.value:
            raise _Refused(501, body)
        return _said(body)

    def _body(self, session_id: int, seat: _Seat, output: dict[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {"session_id": session_id, "output": output}
        if self._token is not None and seat.ended.done():  # to one of ours; AgentBench knows no logs
            body["log"] = seat.log
        return body

    async def _cancel(self, request: web.Request) -> web.Response:
        session_id = (await _read(request, SessionRequest)).session_id
        if session_id not in self._over:
            seat = self._seat(session_id)
            self._drop(session_id, seat)
            await asyncio.wait([seat.ended], timeout=_SHORTLY)
        return _said({"session_id": session_id})

    async def _cancel_all(self, _: web.Request) -> web.Response:
        dropped = dict(self._seats)
        for session_id, seat in dropped.items():
            self._drop(session_id, seat)
        if dropped:
            await asyncio.wait([seat.ended for seat in dropped.values()], timeout=_SHORTLY)
        return _said(None)

    def _drop(self, session_id: int, seat: _Seat) -> None:
        """Cancel a sample, which goes on in the background until it has ended."""
        del self._seats[session_id]
        self._over.append(session_id)
        self._leaving.add(seat)
        seat.cancel()

    def _left(self, session_id: int, seat: _Seat, _: object) -> None:
        seat.close()
        if self._seats.get(session_id) is seat:
            del self._seats[session_id]
            self._over.append(session_id)
        self._leaving.discard(seat)

    def _seat(self, session_id: int) -> _Seat:
        seat = self._seats.get(session_id)
        if seat is None:
            raise _Refused(400, f"No such session: {session_id}")
        return seat

    # The score

    async def _overall(self, request: web.Request) -> web.Response:
        results = (await _read(request, OverallRequest)).results
        try:
            found = await asyncio.to_thread(self.host.ask, "calculate_overall", results)
            return web.json_response(text=to_json(found, "calculate_overall"))
        except TaskError as failure:
            raise _Refused(500, str(failure)) from None


class _Refused(Exception):
    """A request that is answered by an error."""

    def __init__(self, status: int, detail: Any) -> None:
        super().__init__(status)
        self.status, self.detail = status, detail


def _said(value: Any) -> web.Response:
    return web.json_response(value)


def _refusal(status: int, detail: Any) -> web.Response:
    return web.json_response({"detail": redact(detail) if isinstance(detail, str) else detail}, status=status)


async def _read(request: web.Request, kind: type[R]) -> R:
    """The body of a request."""
    try:
        value: Any = json.loads(await request.read())
    except (ValueError, RecursionError) as wrong:
        raise _Refused(
            422, [{"loc": ["body"], "msg": str(wrong), "type": "value_error.jsondecode"}]
        ) from None
    try:
        return kind.model_validate(value)
    except ValidationError as refused:
        details = [
            {"loc": ["body", *error["loc"]], "msg": error["msg"], "type": error["type"]}
            for error in refused.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise _Refused(422, details) from None
