"""How soon the prompts of a job can be looked at, and how fast all of them are rendered."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

import pytest

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
from edsl_nb.jobs.prompting import Prompter, Respondent, answer_fields
from edsl_nb.results import Axes
from tests.benchmarks.conftest import Finding, Program
from tests.benchmarks.jobs import long_survey


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


def long_job(agents: int) -> Jobs:
    """Some agents x 1,000 scenarios, 10 questions with memory and rules."""
    return long_survey().by(
        AgentList.from_list("persona", [f"person {i}" for i in range(agents)]),
        ScenarioList.from_list("thing", [f"thing {i}" for i in range(1_000)]),
        Model("test"),
    )


@pytest.mark.timeout(600)
def test_all_prompts(benchmark: Any, finding: Finding, pytestconfig: pytest.Config) -> None:
    job = long_job(100 if pytestconfig.getoption("--long") else 10)

    def count() -> float:
        began = time.process_time()
        return job.count().counted / (time.process_time() - began)

    counted = benchmark.pedantic(count, rounds=1)
    began = time.process_time()
    rows = sum(1 for _ in itertools.islice(job.prompts(), 100_000))
    as_rows = rows / (time.process_time() - began)
    finding(
        f"prompts of {len(job):,} interviews of 10 questions with memory and skip rules: {counted:,.0f} "
        f"prompts/s of one core where cost is counted, {as_rows:,.0f} as rows of prompts()"
    )


def test_prompts_as_a_run_renders_them(benchmark: Any, finding: Finding) -> None:
    """With answers to the earlier questions, each interview's own."""
    survey, job = long_survey(), long_job(10)
    axes = Axes(survey, job.agents, job.scenarios, job.models)
    prompter, model = Prompter(axes), Model("test")

    def render(interviews: int) -> float:
        began = time.process_time()
        for interview in range(interviews):
            who, answers = Respondent(*divmod(interview, 1_000)), {}
            for position, question in enumerate(survey.questions):
                presented = prompter.present(position, who, answers)
                ask = next(question.conversation(presented))
                assert prompter.call(model, position, who, ask).key
                answers[question.question_name] = answer_fields(
                    presented.text, presented.options, f"answer {interview}"
                )
        return 10 * interviews / (time.process_time() - began)

    rate = benchmark.pedantic(render, args=(10_000,), rounds=3)
    finding(f"prompts as a run renders them, each with its cache key: {rate:,.0f} prompts/s of one core")
