"""How fast interviews run with the scripted model in this process, the store on disk and nothing cached."""

from __future__ import annotations

import gc
import statistics
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import psutil
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


def size_of(things: object, known: Iterable[object], without: tuple[type, ...] = ()) -> int:
    """Bytes of some objects and all that they hold, but for what is known already, and types."""
    seen = {id(one) for one in _held(known, set())}
    return sum(sys.getsizeof(one) for one in _held(things, seen) if not isinstance(one, without))


def _held(things: object, seen: set[int]) -> Iterator[object]:
    waiting = [things]
    while waiting:
        one = waiting.pop()
        if id(one) not in seen and not isinstance(one, type | ModuleType | FunctionType):
            seen.add(id(one))
            yield one
            waiting += gc.get_referents(one)


def memory(interviews: int) -> dict[str, float]:
    """Bytes per interview: of its results, and of what the process has grown by beyond them.

    `most` is what it had grown by at most during the run.
    """
    used = psutil.Process().memory_info
    run(new_job(1_000, Model("test")))
    job = new_job(interviews, Model("test"))
    gc.collect()
    before, most, ended = used().rss, [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            most.append(used().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    results = job.run(progress_bar=False)
    ended.set()
    watcher.join()
    gc.collect()
    after = used().rss
    own = size_of(results.interviews, [results.axes])
    assert len(results) == interviews
    return {
        "results": own / interviews,
        "beyond": (after - before - own) / interviews,
        "most": (max(most) - before - own) / interviews,
    }


_MEMORY = """
import json
from tests.benchmarks.bench_runs import memory
print(json.dumps(memory(20_000)))
"""


def test_memory_of_an_interview(finding: Finding, program: Program) -> None:
    took = program(_MEMORY)
    finding(
        f"memory of an interview of 2 questions: its results {took['results'] / 1024:.1f} KiB, beyond these "
        f"{took['beyond'] / 1024:.1f} KiB, at most {took['most'] / 1024:.1f} KiB while it runs"
    )


_BREAK_OFF = """
import json, os, time
from edsl_nb import Model
from tests.benchmarks.jobs import new_job
run = new_job({interviews}, Model("test")).start()
while run.progress.items_done < {interviews} * 0.8:
    time.sleep(0.01)
print(json.dumps(run.id), flush=True)
os._exit(0)
"""

_GO_ON = """
import gc, json, time
import psutil
from edsl_nb import Jobs, Model
from tests.benchmarks.bench_runs import run
from tests.benchmarks.jobs import new_job
run(new_job(1_000, Model("test")))
gc.collect()
used = psutil.Process().memory_info
before, began = used().rss, time.perf_counter()
going = Jobs.resume({run_id!r})
while not going.progress.input_tokens:  # the first new reply
    time.sleep(0.01)
took, had = time.perf_counter() - began, going.progress.items_done
going.wait(600)
assert going.progress.state == "completed"
print(json.dumps([took, had, used().rss - before]))
"""


@pytest.mark.timeout(900)
def test_going_on_with_a_run(finding: Finding, program: Program, pytestconfig: pytest.Config) -> None:
    interviews = 100_000 if pytestconfig.getoption("--long") else 20_000
    run_id = program(_BREAK_OFF.format(interviews=interviews))
    seconds, had, growth = program(_GO_ON.format(run_id=run_id))
    finding(
        f"Jobs.resume of {interviews:,} interviews, of which {had:,} are done, in another process: at work "
        f"after {seconds:.1f} s; with the results {growth / interviews / 1024:.1f} KiB an interview"
    )
