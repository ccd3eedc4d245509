"""Prices: from the price list, once per model, and none where none is known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import AgentList, Model, QuestionFreeText
from edsl_nb.models.prices import FREE, Price, price


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models that the price list is asked about."""
    names: list[str] = []
    real = genai_prices.calc_price

    def counting(usage: Any, model_ref: str, **more: Any) -> Any:
        names.append(model_ref)
        return real(usage, model_ref, **more)

    monkeypatch.setattr(genai_prices, "calc_price", counting)
    return names


def test_the_price_of_gpt_4o_is_the_seeds() -> None:
    assert price(Model("gpt-4o")) == Price(Decimal("0.0000025"), Decimal("0.00001"))


def test_a_price_is_exact() -> None:
    assert Price(Decimal("0.0000025"), Decimal("0.00001")).cost(37, 28) == Decimal("0.0003725")


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_costs_add_up(tokens_in: int, tokens_out: int) -> None:
    one = price(Model("gpt-4o"))
    assert one is not None
    assert one.cost(tokens_in, 0) + one.cost(0, tokens_out) == one.cost(tokens_in, tokens_out)


def test_models_in_this_process_are_free() -> None:
    assert price(Model("test")) == price(Model("smollm2-135m")) == FREE


def test_no_price_is_made_up() -> None:
    assert price(Model("no-such-model", "openai")) is None
    assert price(Model("gpt-4o", base_url="http://localhost:11434/v1")) is None
    assert price(Model("gpt-4o", base_url="https://api.openai.com/v1")) == price(Model("gpt-4o"))


def test_a_models_price_is_looked_up_once_not_once_a_call(looked_up: list[str]) -> None:
    models = [Model("gpt-4o-2024-05-13", temperature=t) for t in (0, 1)]
    job = QuestionFreeText("q", "Why?").by(AgentList.from_list("age", range(50)), models)
    assert len(job.prompts().to_pandas()) == 100
    assert job.count().estimated_cost
    assert looked_up == ["gpt-4o-2024-05-13"]


def test_an_unknown_price_is_looked_up_once_too(looked_up: list[str]) -> None:
    job = QuestionFreeText("q", "Why?").by(
        AgentList.from_list("age", range(20)), Model("never-heard-of", "openai")
    )
    assert job.prompts().to_pandas()["estimated_cost"].isna().all()
    assert job.count().estimated_cost is None
    assert looked_up == ["never-heard-of"]
