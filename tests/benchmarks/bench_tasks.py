"""How fast samples of a task are played by an agent that answers at once, and what they take of memory."""

from __future__ import annotations

import gc
import statistics
import time
from typing import Any

import psutil
import pytest

from edsl_nb.tasks import Benchmark, Session, Task, TaskSampleExecutionResult
from tests.benchmarks.conftest import Finding, Program


class ThreeTurns(Task):
    """Samples of three turns; `size` says how many."""

    def __init__(self, size: int) -> None:
        super().__init__("three-turns", concurrency=20)
        self.size = size

    def get_indices(self) -> Any:
        return list(range(self.size))

    async def start_sample(self, index: Any, session: Session) -> TaskSampleExecutionResult:
        for turn in range(3):
            await session.action({"role": "user", "content": f"{index} {turn}"})
        return TaskSampleExecutionResult(result=index)

    def calculate_overall(self, results: Any) -> dict[str, Any]:
        return {"count": len(results)}


def at_once(history: Any) -> str:
    return "ok"


async def at_once_async(history: Any) -> str:
    return "ok"


def run(benchmark: Benchmark) -> None:
    results = benchmark.run(progress_bar=False)
    (score,) = results.overall.values()
    assert score["custom"] == {"count": len(results)}


@pytest.mark.parametrize("agent", [at_once, at_once_async])
def test_samples(benchmark: Any, finding: Finding, agent: Any) -> None:
    with Benchmark(ThreeTurns(100), agent) as warm:
        run(warm)
    processor: list[float] = []

    def play(played: Benchmark) -> None:
        began = time.process_time()
        run(played)
        processor.append(time.process_time() - began)

    with Benchmark(ThreeTurns(10_000), agent) as played:
        benchmark.pedantic(play, args=(played,), rounds=3)
    seconds = benchmark.stats.stats.median
    finding(
        f"10,000 samples x 3 turns, {agent.__name__}: {10_000 / seconds:,.0f} samples/s, "
        f"{10_000 / statistics.median(processor):,.0f} per second of the processor"
    )


def growth(size: int) -> float:
    """KiB by which the process has grown for each sample, with the results kept."""
    with Benchmark(ThreeTurns(500), at_once) as warm:
        run(warm)
    with Benchmark(ThreeTurns(size), at_once) as played:
        gc.collect()
        before = psutil.Process().memory_info().rss
        results = played.run(progress_bar=False)
        gc.collect()
        after = psutil.Process().memory_info().rss
        assert len(results) == size
        return (after - before) / size / 1024


_MEMORY = """
import json
from tests.benchmarks.bench_tasks import growth
print(json.dumps([growth(5_000), growth(20_000)]))
"""


def test_memory_of_a_sample(finding: Finding, program: Program) -> None:
    few, many = program(_MEMORY)
    finding(
        f"memory of a sample of 3 turns: {few:.1f} KiB with 5,000 of them, {many:.1f} KiB with 20,000 more"
    )
