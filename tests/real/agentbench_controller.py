"""A controller on the loopback that does as AgentBench v0.2's, odd ways included, and can misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import aiohttp
from aiohttp import web

ALIVE, COMA, DEAD = 0, 1, 2


class Controller:
    """The controller's state. Attributes may be changed while it runs.

    Attributes:
        url: its address, which ends in ``/api``.
        asked: the paths of all requests, in order.
        silent_after: seconds without a heartbeat after which a worker is silent.
        forget: numbers of interacts before which the session is given up, as for a slow agent.
        meanwhile: called with the path of each request, but heartbeats, before it is answered.
        held: answers to requests of these paths wait until the event is set.
    """

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.silent_after = 11.0
        self.forget: set[int] = set()
        self.meanwhile: Callable[[str], None] = lambda path: None
        self.held: dict[str, threading.Event] = {}
        self.workers: dict[str, dict[str, Any]] = {}
        self.sessions: dict[int, dict[str, Any]] = {}
        self._ids = self._interacts = 0
        self._client: aiohttp.ClientSession
        self._runner: web.AppRunner | None = None
        self._loop: asyncio.AbstractEventLoop

    # Workers

    async def _heartbeat(self, request: web.Request) -> web.Response:
        body = await request.json()
        known = next((one for one in self.workers.values() if one["name"] == body["name"]), None)
        if known is not None and known["indices"] != body["indices"]:
            return _error(400, "Same task with different indices")
        worker = self.workers.setdefault(
            body["address"],
            {
                "id": len(self.workers), "address": body["address"], "capacity": body["concurrency"],
                "current": 0, "locked": False, "name": body["name"], "indices": body["indices"],
            },
        )  # fmt: skip
        worker |= {"last_visit": time.time(), "status": ALIVE}
        return web.json_response(None)

    def _of(self, name: str) -> list[dict[str, Any]]:
        for worker in self.workers.values():
            if time.time() - worker["last_visit"] > self.silent_after and worker["status"] == ALIVE:
                worker["status"] = COMA
        return [worker for worker in self.workers.values() if worker["name"] == name]

    async def _list_workers(self, _: web.Request) -> web.Response:
        shown = ("id", "address", "capacity", "current", "last_visit", "status", "locked")
        told = {
            name: {
                "indices": self._of(name)[0]["indices"],
                "workers": {str(one["id"]): {key: one[key] for key in shown} for one in self._of(name)},
            }
            for name in {worker["name"] for worker in self.workers.values()}
        }
        return web.json_response(told)

    async def _indices(self, request: web.Request) -> web.Response:
        workers = self._of(request.query["name"])
        return web.json_response(workers[0]["indices"]) if workers else _error(400, "Task does not exist")

    # Samples

    async def _start(self, request: web.Request) -> web.Response:
        body = await request.json()
        workers = self._of(body["name"])
        if not workers:
            return _error(406, "Task does not exist")
        if body["index"] not in workers[0]["indices"]:
            return _error(400, "Index out of bounds")
        free = [one for one in workers if one["status"] == ALIVE and one["current"] < one["capacity"]]
        if not free:
            return _error(406, "No workers available")
        worker = max(free, key=lambda one: one["capacity"] - one["current"])
        session_id, self._ids = self._ids, self._ids + 1
        worker["current"] += 1
        self.sessions[session_id] = worker
        return await self._forward(
            session_id, "start_sample", {"index": body["index"], "session_id": session_id}
        )

    async def _interact(self, request: web.Request) -> web.Response:
        body = await request.json()
        self._interacts += 1
        if self._interacts in self.forget:
            await self._end(body["session_id"])
        return await self._forward(body["session_id"], "interact", body)

    async def _cancel(self, request: web.Request) -> web.Response:
        session_id = (await request.json())["session_id"]
        return await self._end(session_id)

    async def _end(self, session_id: int) -> web.Response:
        answer = await self._forward(session_id, "cancel", {"session_id": session_id})
        if answer.status == 200:
            self._drop(session_id)
        return answer

    async def _forward(self, session_id: int, path: str, body: Any) -> web.Response:
        worker = self.sessions.get(session_id)
        if worker is None:
            return _error(400, "Session does not exist")
        try:
            async with self._client.post(f"{worker['address']}/{path}", json=body) as response:
                text, status = await response.text(), response.status
        except aiohttp.ClientError:
            worker["status"] = DEAD
            return _error(400, "Worker not responding")
        if status != 200:
            # Only a start that failed ends the session: the leak of the genuine one.
            if path == "start_sample":
                self._drop(session_id)
            return _error(status, f"Worker answered:\n{text}")
        value = json.loads(text)
        if path != "cancel" and value["output"]["status"] != "running":
            self._drop(session_id)
        return web.json_response(value)

    def _drop(self, session_id: int) -> None:
        self.sessions.pop(session_id)["current"] -= 1

    async def _overall(self, request: web.Request) -> web.Response:
        body = await request.json()
        worker = self._of(body["name"])[0]
        async with self._client.post(f"{worker['address']}/calculate_overall", json=body) as response:
            return web.json_response(text=await response.text(), status=response.status)

    # Running it

    @web.middleware
    async def _note(self, request: web.Request, handler: Any) -> web.StreamResponse:
        path = request.path.removeprefix("/api/")
        self.asked.append(path)
        if path != "receive_heartbeat":
            self.meanwhile(path)
        answer = await handler(request)
        while path in self.held and not self.held[path].is_set():  # noqa: ASYNC110 - set by the test's thread
            await asyncio.sleep(0.005)
        return answer

    async def _main(self, started: Future[Any]) -> None:
        self._loop, end = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(middlewares=[self._note], client_max_size=1 << 28)
        app.router.add_routes(
            [
                web.post("/api/receive_heartbeat", self._heartbeat),
                web.get("/api/list_workers", self._list_workers),
                web.get("/api/get_indices", self._indices),
                web.post("/api/start_sample", self._start),
                web.post("/api/interact", self._interact),
                web.post("/api/cancel", self._cancel),
                web.post("/api/calculate_overall", self._overall),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api"
        async with aiohttp.ClientSession() as self._client:
            started.set_result(lambda: self._loop.call_soon_threadsafe(end.set))
            await end.wait()
            await self._runner.cleanup()

    def vanish(self) -> None:
        """Hang up and listen no more. For other threads."""
        assert self._runner is not None
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)


def _error(status: int, detail: str) -> web.Response:
    return web.json_response({"detail": detail}, status=status)


@contextlib.contextmanager
def controller() -> Iterator[Controller]:
    """A controller in a thread of its own, for as long as the context lasts."""
    made, started = Controller(), Future[Any]()
    thread = threading.Thread(target=lambda: asyncio.run(made._main(started)), name="controller", daemon=True)
    thread.start()
    stop = started.result(10)
    try:
        yield made
    finally:
        stop()
        thread.join(10)
