"""Estimates in EDSL's form: its numbers to the digit, with its prices and with ours."""

from __future__ import annotations

from typing import Any

import pytest

from edsl_nb import Jobs, Model, QuestionFreeText, ScenarioList
from edsl_nb.core.errors import EdslNbWarning, JobError
from tests.unit.samples import grid_job, refusal, seed_job

GPT_4O = {
    "input": {
        "one_usd_buys": "400000", "service_stated_token_qty": 1_000_000, "service_stated_token_price": 2.5,
    },
    "output": {
        "one_usd_buys": "100000", "service_stated_token_qty": 1_000_000, "service_stated_token_price": 10.0,
    },
}  # fmt: skip
PRICES: Any = {("openai", "gpt-4o"): GPT_4O}

#: What EDSL 1.0.9 gives for the seed's job.
SEED = {
    "estimated_total_cost_usd": 0.00037250000000000006, "total_credits_hold": 0.04,
    "estimated_total_input_tokens": 37, "estimated_total_output_tokens": 28,
    "detailed_costs": [
        {"inference_service": "openai", "model": "gpt-4o", "token_type": "input",
         "price_per_million_tokens": 2.5, "tokens": 37, "cost_usd": 9.250000000000001e-05,
         "credits_hold": 0.01},
        {"inference_service": "openai", "model": "gpt-4o", "token_type": "output",
         "price_per_million_tokens": 10.0, "tokens": 28, "cost_usd": 0.00028000000000000003,
         "credits_hold": 0.03},
    ],
}  # fmt: skip


def edsls(estimate: dict[str, Any]) -> dict[str, Any]:
    return {name: estimate[name] for name in SEED}


def test_the_seeds_estimate_is_edsls() -> None:
    job = seed_job()
    assert edsls(job.estimate_job_cost_from_external_prices(PRICES)) == SEED
    assert edsls(job.estimate_job_cost()) == SEED
    thrice = job.estimate_job_cost_from_external_prices(PRICES, iterations=3)
    assert thrice["estimated_total_cost_usd"] == 0.0011175
    assert thrice["total_credits_hold"] == 0.12
    assert [row["tokens"] for row in thrice["detailed_costs"]] == [111, 84]
    assert (thrice["interviews"], thrice["calls"], thrice["distinct_calls"]) == (1, 3, 3)


def test_a_prompts_estimate_is_edsls() -> None:
    found = Jobs.estimate_prompt_cost("y" * 121, "x" * 28, PRICES, "openai", "gpt-4o")
    assert found == {
        "input_price_per_million_tokens": 2.5, "output_price_per_million_tokens": 10.0,
        "input_tokens": 37, "output_tokens": 28, "input_cost_usd": 9.250000000000001e-05,
        "output_cost_usd": 0.00028000000000000003, "cost_usd": 0.00037250000000000006,
    }  # fmt: skip


def row(price: float, quantity: int) -> dict[str, Any]:
    return {"service_stated_token_price": price, "service_stated_token_qty": quantity}


def test_prices_are_for_a_million_whatever_they_are_stated_for() -> None:
    prices: Any = {
        ("openai", "a"): {"input": row(0.002, 1_000), "output": row(0.3, 7)},
        ("openai", "b"): {"input": row(1, 1_000_000), "output": row(50_000, 1_000_000)},
        ("other", "c"): {"input": row(999_999, 1), "output": row(999_999, 1)},
    }
    per_million = Jobs.estimate_prompt_cost("", "xxxx", prices, "openai", "a")
    assert per_million["input_price_per_million_tokens"] == 2.0
    assert per_million["output_price_per_million_tokens"] == 42857.1428571429
    dearest = Jobs.estimate_prompt_cost("", "xxxx", prices, "openai", "unheard-of")
    assert dearest["input_price_per_million_tokens"] == 2.0
    assert dearest["output_price_per_million_tokens"] == 50_000
    with pytest.warns(EdslNbWarning, match=r"no price of service 'nobody'"):
        guess = Jobs.estimate_prompt_cost("", "xxxx", prices, "nobody", "x")
    assert guess["input_price_per_million_tokens"] == guess["output_price_per_million_tokens"] == 1.0


def test_models_of_one_name_are_one_group_and_free_ones_cost_nothing() -> None:
    job = Jobs(QuestionFreeText("q", "Why?")).by(
        Model("gpt-4o"), Model("gpt-4o", temperature=0), Model("test")
    )
    found = job.estimate_job_cost()
    assert [(r["model"], r["token_type"]) for r in found["detailed_costs"]] == [
        ("gpt-4o", "input"), ("gpt-4o", "output"), ("test", "input"), ("test", "output"),
    ]  # fmt: skip
    assert found["estimated_total_input_tokens"] == 3 * (len("Why?") // 4)
    assert found["detailed_costs"][-1]["cost_usd"] == 0
    assert found["cost_to_ask"] == found["estimated_total_cost_usd"] == pytest.approx(2 * (2.5e-6 + 1e-5))


def test_a_price_that_is_not_known_leaves_the_cost_open() -> None:
    found = (
        Jobs(QuestionFreeText("q", "Why?"))
        .by(Model("gpt-4o"), Model("unheard-of", "openai"))
        .estimate_job_cost()
    )
    assert found["estimated_total_cost_usd"] is None
    assert found["total_credits_hold"] is None
    assert found["cost_to_ask"] is None
    assert found["estimated_total_input_tokens"] == 2


def test_what_is_paid_is_known() -> None:
    job = grid_job(3, 4, 2)
    before = job.estimate_job_cost()
    assert (before["interviews"], before["calls"], before["distinct_calls"]) == (24, 24, 24)
    assert (before["calls_on_disk"], before["calls_to_ask"]) == (0, 24)
    job.run(limit=7, progress_bar=False)
    after = job.estimate_job_cost(2)
    assert (after["calls"], after["distinct_calls"]) == (48, 48)
    assert (after["calls_on_disk"], after["calls_to_ask"]) == (7, 41)


def test_only_what_is_to_be_asked_is_still_to_be_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    prices: Any = {("test", "test"): {"input": row(1, 1), "output": row(0, 1)}}
    job = Jobs(QuestionFreeText("q", "{{ scenario.x }}")).by(
        ScenarioList.from_list("x", ["12345678", "1234"])
    )
    job = job.by(Model("test"))
    whole = job.estimate_job_cost_from_external_prices(prices)
    assert (whole["estimated_total_cost_usd"], whole["cost_to_ask"]) == (3.0, 3.0)
    job.run(indices=[0], progress_bar=False)
    rest = job.estimate_job_cost_from_external_prices(prices)
    assert (rest["estimated_total_cost_usd"], rest["cost_to_ask"]) == (3.0, 1.0)


def test_questions_that_differ_by_draw_are_looked_up_draw_by_draw() -> None:
    from edsl_nb import QuestionMultipleChoice, Survey

    survey = Survey([QuestionMultipleChoice("q", "Which?", list("abcdef"))], questions_to_randomize=["q"])
    job = survey.by(Model("test"))
    job.run(n=3, progress_bar=False)
    known = job.estimate_job_cost(4)
    assert (known["distinct_calls"], known["calls_on_disk"], known["calls_to_ask"]) == (4, 3, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        3, [], {"openai": GPT_4O}, {("openai",): GPT_4O}, {("openai", 3): GPT_4O}, {("openai", "gpt-4o"): 3},
        {("openai", "gpt-4o"): {}}, {("openai", "gpt-4o"): {"input": GPT_4O["input"]}},
        {("openai", "gpt-4o"): {"input": row(1, 0), "output": row(1, 1)}},
        {("openai", "gpt-4o"): {"input": row(-1, 1), "output": row(1, 1)}},
        {("openai", "gpt-4o"): {"input": row(float("nan"), 1), "output": row(1, 1)}},
        {("openai", "gpt-4o"): {"input": {"service_stated_token_price": "x"}, "output": row(1, 1)}},
    ],
)  # fmt: skip
def test_prices_that_are_none_are_refused(wrong: Any) -> None:
    refusal(lambda: seed_job().estimate_job_cost_from_external_prices(wrong), "price_lookup", error=JobError)
    refusal(
        lambda: Jobs.estimate_prompt_cost("", "", wrong, "openai", "gpt-4o"), "price_lookup", error=JobError
    )


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "2", None])
def test_draws_are_counted_in_whole_numbers(wrong: Any) -> None:
    refusal(lambda: seed_job().estimate_job_cost(wrong), "iterations", error=JobError)


@pytest.mark.parametrize("field", ["system_prompt", "user_prompt", "inference_service", "model"])
def test_prompts_are_texts(field: str) -> None:
    given: Any = {"system_prompt": "", "user_prompt": "", "inference_service": "openai", "model": "gpt-4o"}
    refusal(
        lambda: Jobs.estimate_prompt_cost(price_lookup=PRICES, **{**given, field: 3}), field, error=JobError
    )
