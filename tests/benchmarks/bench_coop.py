"""A hundred jobs fetched from a Coop in another process, over a link of 50 ms."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from edsl_nb import Coop
from tests.benchmarks.conftest import LATENCY, Finding
from tests.coop_server import KEY

JOBS = 100


@pytest.fixture(scope="module")
def coop() -> Iterator[Coop]:
    """Somebody with an account at a server in a process of its own."""
    command = [sys.executable, "-m", "tests.coop_server", "--jobs", str(JOBS), "--latency", str(LATENCY)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield Coop(server.stdout.readline().strip(), KEY)


@pytest.mark.parametrize("stored", ["inline", "apart"])
def test_fetching(benchmark: Any, finding: Finding, coop: Coop, stored: str) -> None:
    jobs = coop.list_jobs(page_size=JOBS, search_query=stored)
    fetched = benchmark.pedantic(jobs.fetch, rounds=5, warmup_rounds=1)
    assert len(fetched.found) == JOBS
    finding(f"{JOBS} jobs, {stored}: {benchmark.stats.stats.median:.2f} s")
