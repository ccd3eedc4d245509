"""What a job may cost: EDSL's estimate to the digit, and how many different calls there are."""

from __future__ import annotations

import math
import threading
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from edsl_nb.jobs.prompts import estimated_tokens, rounded_cost
from edsl_nb.jobs.summary import JobSummary
from edsl_nb.widgets.render import bundle
from tests.unit.samples import grid_job, refusal, seed_job


def test_the_seeds_estimate() -> None:
    assert estimated_tokens("x" * 28, "y" * 121) == (37, 28)
    assert seed_job().count().estimated_cost == 0.0003725


@given(st.text(), st.text())
def test_tokens_by_the_formula(user: str, system: str) -> None:
    def characters(text: str) -> int:
        return len(text) * (2 if "{{" in text and "}}" in text else 1)

    tokens_in = (characters(user) + characters(system)) // 4
    assert estimated_tokens(user, system) == (tokens_in, math.ceil(0.75 * tokens_in))


def test_braces_that_stay_in_a_prompt_count_twice() -> None:
    assert estimated_tokens("{{ x }}.", "1234") == (5, 4)
    assert estimated_tokens("{{ x ]].", "1234") == (3, 3)


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        ("0.0003725", 0.000373),
        ("0.0000005", 0.000001),
        ("0.00000049", 0.0),
        ("12.3456785", 12.345679),
        ("0", 0.0),
    ],
)
def test_costs_in_tables_are_rounded_half_up(exact: str, shown: float) -> None:
    assert rounded_cost(Decimal(exact)) == shown


def test_totals_add_costs_that_are_not_rounded() -> None:
    job = Jobs(QuestionFreeText("example", "What is your favorite color?")).by(
        AgentList.from_list("persona", ["You are an artist."] * 1_000), Model("gpt-4o")
    )
    total = job.count().estimated_cost
    assert total == 0.3725
    assert sum(job.prompts().to_pandas()["estimated_cost"]) == pytest.approx(0.373)


def test_a_price_that_is_not_known_leaves_the_cost_open() -> None:
    job = Jobs(QuestionFreeText("q", "Why?")).by(Model("gpt-4o"), Model("unheard-of", "openai"))
    counted = job.count()
    assert counted.estimated_cost is None
    assert any("price" in note for note in counted.notes)
    assert [row["estimated_cost"] is None for row in job.prompts()] == [False, True]


def test_a_summary_has_the_counts_that_need_no_prompt() -> None:
    survey = Survey([QuestionFreeText("a", "Why?"), QuestionFreeText("b", "{{ scenario.x }}")])
    job = survey.by(
        AgentList.from_list("age", range(3)), ScenarioList.from_list("x", range(4)), Model("test")
    )
    summary = job.by(Model("gpt-4o")).summary()
    assert summary == JobSummary(
        questions=2, agents=3, scenarios=4, models=2, interviews=24, calls=48, distinct_calls=None,
        on_disk=None,
        estimated_cost=None, counted=0, to_count=24, model_names=["test", "openai/gpt-4o"], notes=[],
    )  # fmt: skip


def test_calls_that_differ_are_counted() -> None:
    counted = grid_job(3, 4, 2).count()
    assert (counted.calls, counted.distinct_calls, counted.counted, counted.to_count) == (24, 24, 12, 12)
    assert counted.notes == []


def test_interviews_with_equal_prompts_share_a_call_and_the_card_says_so() -> None:
    job = Jobs(QuestionFreeText("q", "Why?")).by(ScenarioList.from_list("x", range(100)), Model("test"))
    counted = job.count()
    assert (counted.calls, counted.distinct_calls) == (100, 1)
    assert len(counted.notes) == 1
    assert "100" in counted.notes[0]
    assert "n=" in counted.notes[0]


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.booleans(), st.booleans())
def test_distinct_calls_are_those_with_different_keys(
    agents: int, scenarios: int, models: int, same_agents: bool, same_models: bool
) -> None:
    job = Survey(
        [QuestionFreeText("a", "About {{ scenario.x }}?"), QuestionMultipleChoice("b", "Which?", [1, 2])]
    ).by(
        AgentList.from_list("age", [1] * agents if same_agents else range(agents)),
        ScenarioList.from_list("x", range(scenarios)),
        ModelList(Model("test", temperature=0 if same_models else i) for i in range(models)),
    )
    keys = {row["cache_keys"][0] for row in job.prompts()}
    assert job.count().distinct_calls == len(keys)


def test_counting_reports_how_far_it_is_and_can_be_stopped() -> None:
    reports: list[JobSummary] = []
    stop = threading.Event()

    def report(summary: JobSummary) -> None:
        reports.append(summary)
        stop.set()

    last = grid_job(2_000, 200, 1).count(report, stop)
    assert len(reports) == 1
    assert last.counted == reports[0].counted < last.to_count == 400_000
    assert last.distinct_calls is None
    assert last.estimated_cost == 0.0


def test_a_finished_count_is_reported_last() -> None:
    reports: list[JobSummary] = []
    last = grid_job().count(reports.append)
    assert reports[-1] == last
    assert last.counted == last.to_count


def test_a_job_that_cannot_be_rendered_is_not_counted() -> None:
    refusal(
        Jobs(QuestionFreeText("q", "{{ scenario.x }}")).by(Model("test")).count, "{{ scenario.x }}", "'q'"
    )


def test_calls_that_hold_earlier_answers_are_told_apart() -> None:
    survey = Survey([
        QuestionFreeText("a", "Why?"),
        QuestionFreeText("b", "{{ a.answer }}? Really?"),
        QuestionFreeText("c", "And now?"),
        QuestionFreeText("d", "What else?"),
    ])  # fmt: skip
    survey.add_targeted_memory("d", "a").add_skip_rule("c", "{{ a.answer }} == 'x'")
    summary = survey.by(Model("test")).count()
    assert summary.depending == ["b", "d"]
    assert any(note.startswith("b, d: sent with earlier answers") for note in summary.notes)
    assert survey.drop("b").drop("d").by(Model("test")).count().depending == []
    assert "distinct: ≥ 4" in bundle(survey.by(Model("test")), live=False)[0]["text/plain"]
