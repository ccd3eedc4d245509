"""Jobs that ask some combinations only: by expression, zipped, or one by one."""

from __future__ import annotations

from typing import Any

import pytest

from edsl_nb import AgentList, Jobs, Model, QuestionFreeText, ScenarioList
from edsl_nb.core.errors import JobError
from tests.unit.samples import refusal, through_json


def job(agents: int = 3, scenarios: int = 3, models: int = 1) -> Jobs:
    question = QuestionFreeText("q", "How is {{ scenario.s }}?")
    return question.by(
        AgentList.from_list("age", [10 * (i + 1) for i in range(agents)]),
        ScenarioList.from_list("s", range(scenarios)),
        [Model("test", temperature=i / 10) for i in range(models)],
    )


def asked(one: Jobs) -> list[tuple[int, int]]:
    return [(row["agent_index"], row["scenario_index"]) for row in one.prompts()]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("{{ scenario._index == agent._index }}", [(0, 0), (1, 1), (2, 2)]),
        ("agent.age > 15 and scenario.s == 2", [(1, 2), (2, 2)]),
        ("{{ agent.age }} == 10", [(0, 0), (0, 1), (0, 2)]),
        ("model.model == 'test' and scenario._index in [0] and agent._index != 1", [(0, 0), (2, 0)]),
    ],
)
def test_combinations_by_an_expression(expression: str, expected: list[tuple[int, int]]) -> None:
    one = job().include_when(expression)
    assert asked(one) == expected
    assert len(one) == one.summary().interviews == len(expected)
    results = one.run(progress_bar=False)
    assert [(row.indices["agent"], row.indices["scenario"]) for row in results] == expected
    assert one.count().counted == len(expected)


def test_zipped_lists_go_together_and_the_rest_is_crossed() -> None:
    one = job(models=2).zip_assign()
    assert asked(one) == [(0, 0), (0, 0), (1, 1), (1, 1), (2, 2), (2, 2)]
    assert [row["model"] for row in one.prompts()] == ["test"] * 6
    assert one.count().distinct_calls == 6
    with pytest.raises(JobError, match="not of one length"):
        job(agents=2).zip_assign()
    assert asked(job(agents=2).zip_assign(strict=False)) == [(0, 0), (1, 1)]


def test_combinations_one_by_one_in_their_order() -> None:
    one = job(models=2).assign([{"agent": 2, "scenario": 0, "model": 1}, {"agent": 0, "scenario": 1}])
    assert asked(one) == [(2, 0), (0, 1)]
    results = one.run(n=2, progress_bar=False)
    assert [row.indices["model"] for row in results] == [1, 1, 0, 0]
    assert len(one.run(limit=1, progress_bar=False)) == 1


@pytest.mark.parametrize(
    "one",
    [
        job().include_when("agent.age > 15"),
        job(models=2).zip_assign(),
        job().assign([{"agent": 1, "scenario": 1, "model": 0}]),
    ],
)
def test_choices_go_through_edsls_json(one: Jobs) -> None:
    data = through_json(one.to_dict())
    again = Jobs.from_dict(data)
    assert asked(again) == asked(one)
    assert again.to_dict() == one.to_dict()
    assert data["assignments"][0].keys() == {"agent", "scenario", "model"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda j: j.include_when("agent.age >"), ("include_when",)),
        (lambda j: j.include_when("agnt.age > 3"), ("include_when", "agent")),
        (lambda j: j.include_when(3), ("include_when", "3")),
        (lambda j: j.include_when("agent.age > 99").prompts(), ("no combination", "left")),
        (lambda j: j.assign([{"agent": 5}]).prompts(), ("no agent 5", "0 to 2")),
        (lambda j: j.assign([{"agents": 0}]), ("assign", "positions")),
        (lambda j: j.assign("all"), ("assign", "'all'")),
        (lambda j: j.assign([]).prompts(), ("no combination",)),
        (lambda j: j.zip_assign(over="agents"), ("over", "'agents'")),
        (lambda j: j.zip_assign(over=["agents", "surveys"]), ("over",)),
    ],
)
def test_choices_that_make_no_sense(change: Any, words: tuple[str, ...]) -> None:
    refusal(lambda: change(job()), *words, error=JobError)
