"""Calls over HTTP beside a bare loop of aiohttp: same server, same bodies, same connections, same minute."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

import aiohttp

from edsl_nb import Model, QuestionFreeText, ScenarioList
from tests.benchmarks.conftest import LATENCY, Finding

CALLS = 5_000
CONNECTIONS = 200
ROUNDS = 5


async def bare(url: str, batch: str) -> None:
    """What a person would write who wants nothing but the answers."""
    texts = iter([f"{batch} {i}" for i in range(CALLS)])

    async def work(session: aiohttp.ClientSession) -> None:
        for text in texts:
            messages = [
                {"role": "system", "content": "You are answering a survey."},
                {"role": "user", "content": text},
            ]
            body = {"model": "m", "messages": messages, "temperature": 0.5, "max_tokens": 1000}
            async with session.post(f"{url}/chat/completions", json=body) as response:
                answer = await response.json()
                assert answer["choices"][0]["message"]["content"].endswith(text)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(work(session) for _ in range(CONNECTIONS)))


def ours(url: str, batch: str) -> None:
    """The same as a job: prompts rendered, replies on disk, results read."""
    question = QuestionFreeText("q", batch + " {{ scenario.i }}")
    model = Model("m", service_name="openai", base_url=url)
    assert model.service.concurrency(model) == CONNECTIONS
    job = question.by(ScenarioList.from_list("i", list(range(CALLS))), model)
    assert len(job.run(progress_bar=False)) == CALLS


def test_calls(benchmark: Any, finding: Finding, url: str) -> None:
    ours(url, "warm")
    bare_seconds: list[float] = []
    numbers = iter(range(ROUNDS))

    def alternate() -> tuple[tuple[str, str], dict[str, Any]]:
        """Before each of our rounds a bare one, so that both see the machine alike."""
        number = next(numbers)
        began = time.perf_counter()
        asyncio.run(bare(url, f"bare {number}"))
        bare_seconds.append(time.perf_counter() - began)
        return (url, f"ours {number}"), {}

    benchmark.pedantic(ours, setup=alternate, rounds=ROUNDS)
    mine, theirs = benchmark.stats.stats.median, statistics.median(bare_seconds)
    ratios = [b / o for b, o in zip(bare_seconds, benchmark.stats.stats.data, strict=True)]
    finding(
        f"{CALLS:,} calls at {CONNECTIONS} connections, server of {LATENCY * 1000:.0f} ms: "
        f"{CALLS / mine:,.0f} calls/s with cache and store on, bare aiohttp {CALLS / theirs:,.0f}: "
        f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); "
        f"{CONNECTIONS / LATENCY:,.0f} is the most there can be"
    )
