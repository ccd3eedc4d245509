"""A Coop on the loopback, in a thread, that misbehaves when a test tells it to."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import web

from edsl_nb.coop.http import Patience

KEY = "a-key-for-tests-only-0123456789"

#: Tries often, and waits for nothing.
QUICK = Patience(attempts=3, backoff=0.01, longest=2.0, total=10.0)

#: What a fault answers; None lets the request through.
Fault = Callable[[web.Request], web.StreamResponse | None]


@dataclass
class Seen:
    """A request that came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    key: str | None
    body: Any


@dataclass
class Job:
    """A remote job."""

    uuid: str
    document: Any = None
    description: str | None = None
    status: str = "completed"
    results_uuid: str | None = None
    created_ts: str = "2026-01-01T00:00:00+00:00"
    iterations: int = 1
    cost_credits: float | None = 0.5
    started: bool = True
    details: dict[str, Any] = field(default_factory=dict)
    inline: bool = True

    def row(self) -> dict[str, Any]:
        """As lists show it."""
        names = ("uuid", "description", "status", "cost_credits", "iterations", "results_uuid", "created_ts")
        more = {"latest_error_report_uuid": None, "latest_failure_reason": None, "version": "1.0.9"}
        return {**{name: getattr(self, name) for name in names}, **more}


class CoopServer:
    """The server's state. Attributes may be changed while it serves.

    Attributes:
        jobs, objects, documents: what it has, by uuid, and documents by the ends of their signed URLs.
        seen: every request, in order.
        faults: asked for every request, in turn; the first that answers wins.
        latency: seconds before each answer.
        settings: what ``edsl-settings`` answers.
        entries: the remote cache, by key.
        before: called with each request before it is worked on.
        on_start: called with a job when it is started.
        on_login: told the token of somebody who waits for a key; says whether they have signed in.
        asked_for_key: the tokens of those, in order.
        url, key: where it is, and the account's key.
    """

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.objects: dict[str, dict[str, Any]] = {}
        self.documents: dict[str, bytes] = {}
        self.seen: list[Seen] = []
        self.faults: list[Fault] = []
        self.latency = 0.0
        self.settings: Any = {"remote_inference": True, "remote_caching": True}
        self.entries: dict[str, Any] = {}
        self.before: Callable[[web.Request], None] = lambda request: None
        self.on_start: Callable[[Job], None] = lambda job: None
        self.on_login: Callable[[str], bool] = lambda token: True
        self.asked_for_key: list[str] = []
        self.url, self.key = "", KEY
        self.open = self.most_at_once = 0
        self.connections: set[Any] = set()

    # What tests do with it

    def add_job(self, job: Any = None, results: Any = None, **more: Any) -> Job:
        """Have a job, and its results."""
        made = Job(str(uuid4()), None if job is None else job.to_dict(), **more)
        if results is not None:
            made.results_uuid = self.add_object("results", results.to_dict())
        self.jobs[made.uuid] = made
        return made

    def add_object(self, object_type: str, content: Any, **more: Any) -> str:
        """Have an object. Returns its uuid."""
        uuid = str(uuid4())
        usual = {"owner_username": "ann", "alias": None, "description": None, "visibility": "private"}
        dated = {"version": "1.0.9", "created_ts": "2026-01-01T00:00:00+00:00"}
        self.objects[uuid] = {"uuid": uuid, "object_type": object_type, **usual, **dated, **more}
        self.documents[uuid] = json.dumps(content).encode()
        return uuid

    def fail(self, path: str, answer: Callable[[], web.StreamResponse], times: int = 1) -> None:
        """Answer the next requests, to paths that hold a text, so."""
        left = [times]

        def fault(request: web.Request) -> web.StreamResponse | None:
            if path not in request.path or not left[0]:
                return None
            left[0] -= 1
            return answer()

        self.faults.append(fault)

    def paths(self, method: str = "") -> list[str]:
        """The paths that were asked for."""
        return [one.path.removeprefix("/api/v0/") for one in self.seen if one.method.startswith(method)]

    # Serving

    @web.middleware
    async def _middle(self, request: web.Request, handler: Any) -> web.StreamResponse:
        body = await request.read()
        sent = None
        if body and not request.path.startswith("/bucket/"):
            sent = json.loads(body)
        given = request.headers.get("Authorization")
        query = {name: request.query.getall(name) for name in request.query}
        self.seen.append(Seen(request.method, request.path, query, given, sent))
        self.connections.add(request.transport)
        self.open += 1
        self.most_at_once = max(self.open, self.most_at_once)
        self.before(request)
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            for fault in self.faults:
                answer = fault(request)
                if answer is not None:
                    return answer
            is_open = request.path.startswith(("/bucket/", "/api/v0/get-api-key"))
            if not is_open and given != f"Bearer {self.key}":
                return refusal(401, "The API key you provided is invalid")
            return await handler(request)
        finally:
            self.open -= 1

    def _signed(self, name: str) -> str:
        return f"{self.url}/bucket/{name}?signature=s3cret"

    async def _bucket(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if request.method == "PUT":
            self.documents[name] = await request.read()
            return web.Response()
        if name not in self.documents:
            return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        return web.Response(body=self.documents[name], content_type="application/json")

    async def _list(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        rows = sorted(self.jobs.values(), key=lambda job: job.created_ts)
        if query.get("sort_ascending") != "True":
            rows.reverse()
        wanted = query.getall("status", [])
        rows = [job for job in rows if not wanted or job.status in wanted]
        rows = [job for job in rows if query.get("search_query", "") in (job.description or "")]
        size = int(query["page_size"])
        first = (int(query["page"]) - 1) * size
        return web.json_response([job.row() for job in rows[first : first + size]])

    async def _job(self, request: web.Request) -> web.StreamResponse:
        job = self.jobs.get(request.query.get("job_uuid", ""))
        if job is None:
            return refusal(404, "Job not found")
        body: dict[str, Any] = {"job_uuid": job.uuid, "results_uuid": job.results_uuid}
        body |= {"status": job.status, "version": "1.0.9", "latest_job_run_details": job.details or None}
        if "include_json_string" in request.query:
            body["job_json_string"] = json.dumps(job.document) if job.inline else "offloaded"
        return web.json_response(body)

    async def _job_pull(self, request: web.Request) -> web.StreamResponse:
        job = self.jobs[(await request.json())["job_uuid"]]
        self.documents[f"job-{job.uuid}"] = json.dumps(job.document).encode()
        return web.json_response({"signed_url": self._signed(f"job-{job.uuid}")})

    async def _new_job(self, request: web.Request) -> web.StreamResponse:
        sent = await request.json()
        job = Job(
            str(uuid4()), status="queued", description=sent["description"], iterations=sent["iterations"]
        )
        job.started = False
        self.jobs[job.uuid] = job
        return web.json_response({"job_uuid": job.uuid, "upload_signed_url": self._signed(f"job-{job.uuid}")})

    async def _uploaded(self, request: web.Request) -> web.StreamResponse:
        job = self.jobs[(await request.json())["job_uuid"]]
        job.started, job.document = True, json.loads(self.documents[f"job-{job.uuid}"])
        self.on_start(job)
        return web.json_response({"job_uuid": job.uuid})

    async def _status(self, request: web.Request) -> web.StreamResponse:
        sent = await request.json()
        job = self.jobs[sent["job_uuid"]]
        if job.status in ("completed", "failed", "cancelled"):
            return refusal(409, "The job has ended")
        job.status = "cancelled" if sent["status"] == "cancelling" else sent["status"]
        return web.json_response({"job_uuid": job.uuid, "status": job.status})

    async def _cost(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"cost_in_credits": 0.78, "cost_in_usd": 0.0078})

    async def _report(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"report": "# What went wrong"})

    async def _push(self, request: web.Request) -> web.StreamResponse:
        sent = await request.json()
        if any(one["alias"] and one["alias"] == sent["alias"] for one in self.objects.values()):
            return refusal(409, "You already have an object with the alias")
        told = {name: sent[name] for name in ("alias", "description", "visibility")}
        uuid = self.add_object(sent["object_type"], None, **told)
        del self.documents[uuid]
        return web.json_response({"signed_url": self._signed(uuid), "object_uuid": uuid,
                                  "owner_username": "ann", "alias": sent["alias"]})  # fmt: skip

    async def _pull(self, request: web.Request) -> web.StreamResponse:
        found = self.objects.get((await request.json())["object_uuid"])
        if found is None:
            return refusal(404, "Object not found")
        return web.json_response(
            {"signed_url": self._signed(found["uuid"]), "object_type": found["object_type"]}
        )

    async def _confirm(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"processing_started": True})

    async def _upload_url(self, request: web.Request) -> web.StreamResponse:
        uuid = (await request.json())["object_uuid"]
        return web.json_response({"signed_url": self._signed(uuid), "object_uuid": uuid})

    async def _file_upload(self, request: web.Request) -> web.StreamResponse:
        uuid = str(uuid4())
        return web.json_response({"file_uuid": uuid, "upload_url": self._signed(f"file-{uuid}")})

    async def _file_download(self, request: web.Request) -> web.StreamResponse:
        uuid = (await request.json())["file_uuid"]
        return web.json_response({"download_url": self._signed(f"file-{uuid}")})

    def _found(self, request: web.Request) -> dict[str, Any] | None:
        query = request.query
        if "uuid" in query:
            return self.objects.get(query["uuid"])
        alike = (one for one in self.objects.values() if one["alias"] == query["alias"])
        return next((one for one in alike if one["owner_username"] == query["owner_username"]), None)

    async def _object(self, request: web.Request) -> web.StreamResponse:
        found = self._found(request)
        if found is None:
            return refusal(404, "Object not found")
        if request.method == "DELETE":
            del self.objects[found["uuid"]]
            return web.json_response({"status": "success"})
        if request.method == "PATCH":
            sent = await request.json()
            found.update({name: value for name, value in sent.items() if value is not None})
            return web.json_response({"status": "success"})
        if request.path.endswith(("metadata", "info")):
            return web.json_response(found)
        content = self.documents[found["uuid"]].decode()
        return web.json_response({"json_string": content, "object_type": found["object_type"]})

    async def _objects(self, request: web.Request) -> web.StreamResponse:
        kinds = request.query.getall("type", [])
        seen = request.query.getall("visibility", [])
        rows = [
            one
            for one in self.objects.values()
            if (not kinds or one["object_type"] in kinds)
            and (not seen or one["visibility"] in seen)
            and request.query.get("search_query", "") in (one["description"] or "")
            and (request.query.get("community") != "True" or one["owner_username"] != "ann")
        ]
        rows.sort(key=lambda one: one["created_ts"], reverse=request.query["sort_ascending"] != "True")
        size = int(request.query["page_size"])
        first = (int(request.query["page"]) - 1) * size
        counts = {"current_page": int(request.query["page"]), "total_pages": max(1, -(-len(rows) // size))}
        return web.json_response({"objects": rows[first : first + size], "total_count": len(rows), **counts})

    async def _new_key(self, request: web.Request) -> web.StreamResponse:
        token = (await request.json())["edsl_auth_token"]
        self.asked_for_key.append(token)
        return web.json_response({"api_key": KEY if self.on_login(token) else None})

    async def _keys(self, request: web.Request) -> web.StreamResponse:
        keys = (await request.json())["selected_keys"]
        rows = [{"json_string": json.dumps(self.entries[key])} for key in keys if key in self.entries]
        return web.json_response(rows)

    async def _put_many(self, request: web.Request) -> web.StreamResponse:
        sent = await request.json()
        self.entries |= {row["key"]: json.loads(row["json_string"]) for row in sent["entries"]}
        return web.json_response({"added": len(sent["entries"])})

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application(middlewares=[self._middle], client_max_size=1 << 28)
        base, jobs = "/api/v0/", "remote-inference"
        simple = {"edsl-settings": lambda: self.settings, "users/get-balance": lambda: {"credits": 12.5},
                  "users/profile": lambda: {"username": "ann", "email": "ann@example.org"}}  # fmt: skip
        for path, value in simple.items():
            app.router.add_get(base + path, _answering(value))
        posts = {
            f"{jobs}/pull": self._job_pull, f"new-{jobs}": self._new_job,
            f"new-{jobs}/uploaded": self._uploaded, f"{jobs}/update-status": self._status,
            f"{jobs}/cost": self._cost, "object/push": self._push,
            "object/pull": self._pull, "object/confirm-upload": self._confirm,
            "object/upload-url": self._upload_url,
            "get-api-key": self._new_key,
            "filestore/upload-url": self._file_upload, "filestore/download-url": self._file_download,
            "remote-cache/get-many-by-key": self._keys, "remote-cache/put-many": self._put_many,
        }  # fmt: skip
        for path, handler in posts.items():
            app.router.add_post(base + path, handler)
        gets = {f"{jobs}/list": self._list, jobs: self._job, "object/list": self._objects,
                f"{jobs}/job/{{uuid}}/error-report": self._report}  # fmt: skip
        for path, handler in gets.items():
            app.router.add_get(base + path, handler)
        for path in (
            "object",
            "object/alias",
            "object/metadata",
            "object/alias/metadata",
            "object/alias/info",
        ):
            app.router.add_route("*", base + path, self._object)
        app.router.add_route("*", "/bucket/{name}", self._bucket)
        return app


def _answering(value: Callable[[], Any]) -> Any:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response(value())

    return answer


def refusal(status: int, detail: Any, **headers: str) -> web.Response:
    """An error in Coop's form."""
    return web.json_response({"detail": detail}, status=status, headers=headers)


def page(status: int = 502) -> web.Response:
    """A web page, as proxies answer."""
    text = f"<!DOCTYPE html><html><body><h1>{status}</h1><script>alert(1)</script></body></html>"
    return web.Response(status=status, text=text, content_type="text/html")


@contextlib.contextmanager
def serving() -> Iterator[CoopServer]:
    """A server in a thread of its own, until the end of the block."""
    server = CoopServer()
    started: Future[tuple[int, Callable[[], None]]] = Future()

    async def live() -> None:
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        # Who hangs up is not answered any more, and slow answers do not hold up the end.
        runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        started.set_result((runner.addresses[0][1], lambda: loop.call_soon_threadsafe(end.set) and None))
        await end.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(live()), name="coop", daemon=True)
    thread.start()
    port, stop = started.result(10)
    server.url = f"http://127.0.0.1:{port}"
    try:
        yield server
    finally:
        stop()
        thread.join(10)


def _main(count: int, latency: float) -> None:
    """Serve so many jobs until standard input ends. Prints the address."""
    from tests.unit.samples import grid_job

    with serving() as server:
        for inline in (True, False):
            for _ in range(count):
                server.add_job(grid_job(), description="inline" if inline else "apart", inline=inline)
        server.latency = latency
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=100, help="jobs of each kind")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each answer")
    given = parser.parse_args()
    _main(given.jobs, given.latency)
