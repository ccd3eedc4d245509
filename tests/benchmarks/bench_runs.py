"""How fast interviews run with the scripted model in this process, the store on disk and nothing cached."""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest

from edsl_nb import Jobs, Model
from tests.benchmarks.conftest import Finding, Program
from tests.benchmarks.jobs import new_job

#: Interviews -> rounds.
SIZES = {1_000: 5, 10_000: 3, 100_000: 1}


def run(job: Jobs) -> None:
    """The measured part, whose outcome is checked."""
    results = job.run(progress_bar=False)
    assert len(results) == len(job)


def thousand() -> float:
    """Seconds of a job of 1,000 interviews, now: what a larger one is compared with."""
    job = new_job(1_000, Model("test"))
    began = time.perf_counter()
    run(job)
    return time.perf_counter() - began


@pytest.fixture(autouse=True)
def warm() -> None:
    """The first run in a process also imports, starts threads and makes the file."""
    run(new_job(10, Model("test")))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("interviews", SIZES)
def test_interviews(benchmark: Any, finding: Finding, interviews: int) -> None:
    # Right before and after, because what else the machine does changes.
    beside = [thousand() for _ in range(3)]
    benchmark.pedantic(
        run, setup=lambda: ((new_job(interviews, Model("test")),), {}), rounds=SIZES[interviews]
    )
    beside += [thousand() for _ in range(3)]
    seconds = benchmark.stats.stats.median
    ratio = interviews / seconds / (1_000 / statistics.median(beside))
    finding(
        f"{interviews:,} interviews x 2 questions: {seconds:.2f} s, {interviews / seconds:,.0f} "
        f"interviews/s, {ratio:.2f} of the rate of 1,000 before and after"
    )


def test_interviews_that_are_cached(benchmark: Any, finding: Finding) -> None:
    job = new_job(1_000, Model("test"))
    run(job)
    benchmark.pedantic(run, args=(job,), rounds=5)
    assert job.last_run is not None
    assert job.last_run.progress.cached == 2_000
    seconds = benchmark.stats.stats.median
    finding(
        f"1,000 interviews x 2 questions, all cached: {seconds:.2f} s, {1_000 / seconds:,.0f} interviews/s"
    )


def test_interviews_with_a_model_that_takes_its_time(benchmark: Any, finding: Finding) -> None:
    benchmark.pedantic(run, setup=lambda: ((new_job(1_000, Model("test", latency=0.1)),), {}), rounds=3)
    seconds = benchmark.stats.stats.median
    concurrency = Model("test").service.concurrency(Model("test"))
    finding(
        f"1,000 interviews x 2 questions at latency=0.1: {seconds:.2f} s; "
        f"{2_000 * 0.1 / concurrency:.1f} s is the least, as {concurrency} calls are in flight at once"
    )


_MEMORY = """
import gc, json
import psutil
from edsl_nb import Model
from tests.benchmarks.jobs import new_job
def used():
    gc.collect()
    return psutil.Process().memory_info().rss
new_job(1_000, Model("test")).run(progress_bar=False)
job = new_job(20_000, Model("test"))
before = used()
results = job.run(progress_bar=False)
print(json.dumps((used() - before) / len(results)))
"""


def test_memory_of_an_interview(finding: Finding, program: Program) -> None:
    finding(f"an interview of 2 questions with its results takes {program(_MEMORY) / 1024:.1f} KiB of memory")
