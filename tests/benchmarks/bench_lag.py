"""How late the event loops are during a run, the notebook's and the runner's, and what progress costs."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

import pytest

from edsl_nb import Model
from edsl_nb.runner import loop as runner_loop
from edsl_nb.runner.run import Run
from tests.benchmarks.conftest import Finding, Program
from tests.benchmarks.jobs import new_job

INTERVIEWS = 10_000

#: Seconds between two ticks.
TICK = 0.01


async def ticker(late: list[float]) -> None:
    """Note how late each tick comes, in seconds, until cancelled."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(TICK)
        late.append(time.perf_counter() - began - TICK)


async def lags(latency: float) -> dict[str, Any]:
    """The lag of both loops during a run that is watched from this one, as a notebook does."""
    await new_job(10, Model("test")).run_async(progress_bar=False)
    here: list[float] = []
    there: list[float] = []
    job = new_job(INTERVIEWS, Model("test", latency=latency))
    ticking = asyncio.create_task(ticker(here))
    runners = runner_loop.submit(ticker(there))
    began = time.perf_counter()
    run = job.start(progress_bar=False)
    run.on_progress(lambda snapshot: snapshot.model_dump_json(), loop="notebook")
    await run
    took = time.perf_counter() - began
    ticking.cancel()
    runners.cancel()
    return {
        "seconds": took,
        "notebook": percentile(here),
        "runner": percentile(there),
        "worst": [max(here), max(there)],
    }


def percentile(late: list[float]) -> float:
    """The 99th percentile."""
    return statistics.quantiles(late, n=100)[98]


_FRESH = """
import asyncio, json
from tests.benchmarks.bench_lag import lags
print(json.dumps(asyncio.run(lags({latency}))))
"""


@pytest.mark.parametrize("latency", [0.05, 0.0])
def test_lag(finding: Finding, program: Program, latency: float) -> None:
    found = program(_FRESH.format(latency=latency))
    about = f"calls of {latency * 1000:.0f} ms, 200 in flight" if latency else "calls that take no time"
    finding(
        f"lag of a 10 ms ticker during {INTERVIEWS:,} interviews ({about}, {found['seconds']:.1f} s), 99th "
        f"percentile: notebook loop {found['notebook'] * 1000:.1f} ms, runner loop "
        f"{found['runner'] * 1000:.1f} ms (worst {found['worst'][0] * 1000:.0f} and "
        f"{found['worst'][1] * 1000:.0f} ms)"
    )


def snapshot_cost(run: Run[Any], times: int = 1_000) -> float:
    """Seconds for one snapshot, as a line of text and as what a widget is sent."""
    began = time.process_time()
    for _ in range(times):
        now = run.progress
        now.text()
        now.model_dump_json()
    return (time.process_time() - began) / times


def test_progress(benchmark: Any, finding: Finding) -> None:
    seen: list[float] = []
    job = new_job(INTERVIEWS, Model("test"))
    began = time.perf_counter()
    run = job.start(progress_bar=False)
    run.on_progress(lambda snapshot: seen.append(snapshot.elapsed))
    run.wait()
    took = time.perf_counter() - began
    cost = benchmark.pedantic(snapshot_cost, args=(run,), rounds=3)
    finding(
        f"progress: {len(seen) / took:.1f} snapshots a second of {cost * 1e6:.0f} us each, "
        f"{len(seen) * cost / took:.2%} of a run"
    )
