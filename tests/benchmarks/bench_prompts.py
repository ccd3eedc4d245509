"""How soon the prompts of a job of a million interviews can be looked at."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from edsl_nb import (
    AgentList,
    Jobs,
    Model,
    ModelList,
    QuestionFreeText,
    QuestionMultipleChoice,
    ScenarioList,
    Survey,
)
from edsl_nb.core.tables import Query
from tests.benchmarks.conftest import Finding, Program


def million() -> Jobs:
    """100 agents x 1,000 scenarios x 10 models, 2 questions."""
    survey = Survey(
        [
            QuestionFreeText("view", "What do you, {{ agent.name }}, think of {{ scenario.thing }}?"),
            QuestionMultipleChoice("likes", "Do you like {{ scenario.thing }}?", ["Yes", "No"]),
        ]
    )
    return survey.by(
        AgentList.from_list("persona", [f"person {i}" for i in range(100)]),
        ScenarioList.from_list("thing", [f"thing {i}" for i in range(1_000)]),
        ModelList(Model("gpt-4o", service_name="openai", temperature=i / 10) for i in range(10)),
    )


def first_page(job: Jobs) -> float:
    """Seconds from the job to its first page of prompts."""
    began = time.perf_counter()
    page = asyncio.run(job.prompts().page(Query(0, 50)))
    took = time.perf_counter() - began
    assert len(page.rows) == 50
    assert page.total == 2_000_000
    return took


_FRESH = """
import gc, json
import psutil
from tests.benchmarks.bench_prompts import first_page, million
job = million()
def used():
    gc.collect()
    return psutil.Process().memory_info().rss
before = used()
print(json.dumps([len(job), first_page(job), used() - before]))
"""


def test_the_first_page_of_two_million_prompts(benchmark: Any, finding: Finding, program: Program) -> None:
    benchmark.pedantic(first_page, setup=lambda: ((million(),), {}), rounds=5)
    interviews, seconds, growth = program(_FRESH)
    finding(
        f"prompts() on {interviews:,} interviews: first page after {seconds * 1000:.0f} ms in a fresh "
        f"process (then {benchmark.stats.stats.median * 1000:.0f} ms), memory growth {growth / 2**20:.1f} MiB"
    )
