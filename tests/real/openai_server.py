"""A server on the loopback that speaks OpenAI's chat completions, and does what a test tells it to.

In a test it runs in a thread (`serve()`); benchmarks and tests that kill
processes run it as a process of its own: ``python -m tests.real.openai_server``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Asked:
    """A request that came in: its number from 0 on, its path, headers and JSON body."""

    number: int
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        """The last message's text."""
        return self.body["messages"][-1]["content"]


@dataclass
class Answer:
    """What is answered: a JSON value, or bytes as they stand. `latency` is in seconds."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    latency: float | None = None


def completion(text: Any, **changes: Any) -> dict[str, Any]:
    """A chat completion that says `text`, with top-level fields changed or added."""
    answer: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "gpt-served-2026",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }
    return answer | changes


def failure(status: int, message: str, **headers: str) -> Answer:
    """An error in OpenAI's form."""
    return Answer({"error": {"message": message, "type": "error"}}, status, dict(headers))


class OpenAIServer:
    """The server's state. Attributes may be changed while it serves.

    Attributes:
        respond: makes the answer to a request; the default repeats the prompt.
        latency: seconds before each answer.
        asked: every request, in order.
        most_at_once: the largest number of requests that were open at a time.
        arrived: set at each request; a test that waits for requests clears it first.
        url: what `base_url` takes.
    """

    def __init__(self, latency: float = 0.0) -> None:
        self.latency = latency
        self.respond: Callable[[Asked], Answer] = lambda asked: Answer(completion(f"echo: {asked.prompt}"))
        self.asked: list[Asked] = []
        self.open = self.most_at_once = 0
        self.arrived = threading.Event()
        self.url = ""
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._loop: asyncio.AbstractEventLoop

    @property
    def prompts(self) -> list[str]:
        """The prompts of all requests."""
        return [asked.prompt for asked in self.asked]

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        asked = Asked(len(self.asked), request.path, dict(request.headers), await request.json())
        self.asked.append(asked)
        self.open += 1
        self.most_at_once = max(self.most_at_once, self.open)
        self.arrived.set()
        try:
            answer = self.respond(asked)
            await asyncio.sleep(self.latency if answer.latency is None else answer.latency)
        finally:
            self.open -= 1
        if isinstance(answer.body, bytes):
            return web.Response(body=answer.body, status=answer.status, headers=answer.headers)
        return web.json_response(answer.body, status=answer.status, headers=answer.headers)

    async def start(self, port: int = 0) -> web.AppRunner:
        """Listen on a port of the loopback; 0 for a free one."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._completions)
        # Who hangs up is not answered any more, so that `open` tells whether callers have gone.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port, backlog=1024, reuse_address=True)
        await site.start()
        self.port = runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._runner, self._loop = runner, asyncio.get_running_loop()
        return runner

    async def end(self) -> None:
        """Hang up and listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def go_away(self) -> None:
        """Hang up and listen no more, as when a network is lost. For other threads than the server's."""
        asyncio.run_coroutine_threadsafe(self.end(), self._loop).result(10)

    def come_back(self) -> None:
        """Listen again where it did before."""
        asyncio.run_coroutine_threadsafe(self.start(self.port), self._loop).result(10)


@contextlib.contextmanager
def serve(latency: float = 0.0) -> Iterator[OpenAIServer]:
    """A server in a thread of its own, for as long as the context lasts."""
    server = OpenAIServer(latency)
    started: Future[Callable[[], None]] = Future()

    async def live() -> None:
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        await server.start()
        started.set_result(lambda: loop.call_soon_threadsafe(end.set))
        await end.wait()
        await server.end()

    # `run` also ends the requests that are still open.
    thread = threading.Thread(target=lambda: asyncio.run(live()), name="openai-server", daemon=True)
    thread.start()
    stop = started.result(10)
    try:
        yield server
    finally:
        stop()
        thread.join(10)


async def _main(latency: float) -> None:
    """Serve until standard input ends. Prints the address, and for each line read the prompts so far."""
    server = OpenAIServer(latency)
    runner = await server.start()
    print(server.url, flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(server.prompts), flush=True)
    await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    asyncio.run(_main(parser.parse_args().latency))
