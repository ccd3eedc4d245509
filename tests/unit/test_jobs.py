"""Jobs: how they are put together, in which order they ask, and what is refused before anything is asked."""

from __future__ import annotations

import asyncio
import itertools
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import (
    Agent,
    AgentList,
    Jobs,
    Model,
    ModelList,
    QuestionFreeText,
    Results,
    Run,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import AgentError, EdslNbWarning, JobError, RunError, StoreError
from tests.unit.samples import grid_job, refusal

QUESTION = QuestionFreeText("q", "Why?")
PEOPLE = AgentList.from_list("age", [10, 20])
THINGS = ScenarioList.from_list("x", ["a", "b"])
MODELS = ModelList([Model("test"), Model("test", temperature=1)])


# Putting it together


def test_a_job_is_made_of_a_survey_or_a_question() -> None:
    assert Jobs(QUESTION) == Jobs(Survey([QUESTION])) == Survey([QUESTION]).by() == QUESTION.by()


@pytest.mark.parametrize("survey", [None, "text", 5, [QUESTION], Model("test"), Agent()])
def test_what_is_no_survey_is_refused(survey: Any) -> None:
    refusal(lambda: Jobs(survey), "survey", "Jobs(Survey(questions=[", error=JobError)


def test_a_survey_without_questions_is_refused() -> None:
    refusal(lambda: Jobs(Survey()), "survey", "Add a question", error=JobError)


@pytest.mark.parametrize("order", list(itertools.permutations([PEOPLE, THINGS, MODELS])))
def test_agents_scenarios_and_models_come_in_any_order(order: tuple[Any, ...]) -> None:
    expected = Jobs(QUESTION).by(PEOPLE).by(THINGS).by(MODELS)
    one_by_one = Jobs(QUESTION)
    for some in order:
        one_by_one.by(some)
    mixed = [item for some in order for item in some]
    assert Jobs(QUESTION).by(*order) == expected
    assert Jobs(QUESTION).by(list(order)) == expected
    assert one_by_one == expected
    assert (
        Jobs(QUESTION).by(*mixed) == Jobs(QUESTION).by(mixed) == Jobs(QUESTION).by(tuple(mixed)) == expected
    )
    assert (expected.agents, expected.scenarios, expected.models) == (PEOPLE, THINGS, MODELS)


def test_objects_of_one_kind_in_one_by_stand_side_by_side() -> None:
    job = Jobs(QUESTION).by(PEOPLE, Agent({"age": 30}), AgentList.from_list("age", [40]))
    assert [agent["age"] for agent in job.agents] == [10, 20, 30, 40]


def test_a_second_by_combines_agents_and_scenarios_each_with_each() -> None:
    job = Jobs(QUESTION).by(PEOPLE).by(AgentList.from_list("mood", ["sad", "glad"]))
    assert [agent.traits for agent in job.agents] == [
        {"age": 10, "mood": "sad"},
        {"age": 10, "mood": "glad"},
        {"age": 20, "mood": "sad"},
        {"age": 20, "mood": "glad"},
    ]
    job.by(THINGS).by(ScenarioList([Scenario({"x": "c"}), Scenario({"y": 1})]))
    assert [dict(scenario) for scenario in job.scenarios] == [
        {"x": "c"},
        {"x": "a", "y": 1},
        {"x": "c"},
        {"x": "b", "y": 1},
    ]
    assert len(job) == 16


def test_a_second_by_adds_models() -> None:
    job = Jobs(QUESTION).by(MODELS).by(Model("gpt-4o")).by(Model("gpt-4o"))
    assert [model.label for model in job.models] == ["test", "test", "openai/gpt-4o", "openai/gpt-4o"]


def test_by_changes_the_job_and_returns_it() -> None:
    job = Jobs(QUESTION)
    assert job.by(PEOPLE) is job
    assert job != Jobs(QUESTION)
    with pytest.raises(TypeError):
        hash(job)


@pytest.mark.parametrize(
    "item", ["text", b"bytes", 5, None, {"age": 1}, {1}, QUESTION, Survey(), (a for a in PEOPLE)]
)
def test_what_by_cannot_take_is_refused_and_changes_nothing(item: Any) -> None:
    job = Jobs(QUESTION).by(PEOPLE)
    for objects in ((item,), (THINGS, item), ([THINGS, item],)):
        refusal(
            lambda objects=objects: job.by(*objects), "by", type(item).__name__, ".by(Agent(", error=JobError
        )
    assert job == Jobs(QUESTION).by(PEOPLE)


def test_frames_and_names_of_models_are_told_what_makes_lists_and_models_of_them() -> None:
    frame = pd.DataFrame({"age": [20]})
    refusal(lambda: AgentList(frame), "a data frame", "AgentList.from_source(...)", error=AgentError)  # type: ignore[arg-type]
    refusal(lambda: Jobs(QUESTION).by(frame), "a data frame", "AgentList.from_source(...)", error=JobError)
    refusal(lambda: Jobs(QUESTION).by("gpt-4o"), "Model('gpt-4o')", error=JobError)


def test_a_class_is_told_from_its_objects() -> None:
    refusal(lambda: Jobs(QUESTION).by(Agent), "by", "Agent is a class", "Agent(...)", error=JobError)


@pytest.mark.parametrize("fresh", ["yes", 1, None])
def test_fresh_is_true_or_false(fresh: Any) -> None:
    refusal(lambda: Jobs(QUESTION).by(Model("test")).run(fresh=fresh), "fresh", repr(fresh), error=RunError)


def test_interviews_without_an_answer_are_told() -> None:
    job = Jobs(QUESTION).by(PEOPLE, Model("test", throw_exception=True))
    with pytest.warns(EdslNbWarning, match="have no answer.*told to fail") as told:
        results = job.run(progress_bar=False)
    assert told[0].filename == __file__
    assert (len(results), results.partial) == (0, False)


@pytest.mark.parametrize("empty", [[], (), AgentList(), ScenarioList(), ModelList(), [[]]])
def test_an_empty_list_is_refused_rather_than_run_as_if_it_were_not_there(empty: Any) -> None:
    job = Jobs(QUESTION).by(PEOPLE)
    refusal(lambda: job.by(empty), "by", "empty", error=JobError)
    refusal(lambda: job.by(THINGS, empty), "by", "empty", error=JobError)
    assert job == Jobs(QUESTION).by(PEOPLE)


@pytest.mark.parametrize(
    ("job", "length"),
    [
        (Jobs(QUESTION), 1),
        (Jobs(QUESTION).by(PEOPLE), 2),
        (Jobs(QUESTION).by(PEOPLE, THINGS), 4),
        (Jobs(QUESTION).by(PEOPLE, THINGS, MODELS), 8),
        (Jobs(Survey([QUESTION, QuestionFreeText("r", "Why?")])).by(MODELS), 2),
        (grid_job(100, 1_000, 10), 1_000_000),
    ],
)
def test_the_length_is_the_number_of_interviews(job: Jobs, length: int) -> None:
    assert len(job) == job.num_interviews == length == len(job.prompts()) // len(job.survey)


def test_a_job_shows_how_it_was_made() -> None:
    job = Jobs(Survey([QUESTION])).by(Agent({"age": 1}), Model("test"))
    names: dict[str, Any] = {
        c.__name__: c for c in (Jobs, Survey, QuestionFreeText, Agent, AgentList, Model, ModelList)
    }
    assert eval(repr(job), names) == job


# In which order it asks


def test_interviews_come_agents_first_models_last_and_draws_innermost() -> None:
    results = Jobs(QUESTION).by(MODELS, THINGS, PEOPLE).run(n=2, progress_bar=False)
    order = results.select("agent_index", "scenario_index", "model_index", "iteration").to_list()
    assert order == list(itertools.product(range(2), repeat=4))
    values = results.select("agent.age", "x", "temperature").to_list()
    assert values == [(a, x, t) for a in (10, 20) for x in "ab" for t in (0.5, 1) for _ in range(2)]


def test_results_are_in_order_whatever_finishes_first() -> None:
    slow_first = ModelList([Model("test", latency=0.1), Model("test", latency=0)])
    results = Jobs(QUESTION).by(AgentList.from_list("age", range(5)), slow_first).run(progress_bar=False)
    assert results.select("agent_index", "model_index").to_list() == list(
        itertools.product(range(5), range(2))
    )


def test_missing_kinds_are_filled_for_the_run_and_not_in_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDSL_DEFAULT_MODEL", "test")
    job = Jobs(QUESTION)
    assert job.run(progress_bar=False).select("model.model", "agent_index", "scenario_index").to_list() == [
        ("test", 0, 0)
    ]
    assert len(job.agents) == len(job.scenarios) == len(job.models) == 0


@pytest.mark.parametrize("how", ["run", "run_async", "start"])
def test_three_ways_to_run_give_the_same(how: str) -> None:
    job = Jobs(QUESTION).by(PEOPLE, Model("test", canned_response="So."))

    async def wait_for(run: Any) -> Results:
        return await run

    if how == "run":
        results = job.run(progress_bar=False)
    elif how == "run_async":
        results = asyncio.run(job.run_async(progress_bar=False))
    else:
        started = job.start(progress_bar=False)
        assert isinstance(started, Run)
        assert started is job.last_run
        results = asyncio.run(wait_for(started))
    assert isinstance(results, Results)
    assert results.select("answer.q", "age").to_list() == [("So.", 10), ("So.", 20)]
    assert (results.partial, len(results), results.total) == (False, 2, 2)


def test_a_run_takes_its_own_copy() -> None:
    survey = Survey([QUESTION])
    job = survey.by(PEOPLE, Model("test", latency=0.2))
    run = job.start(progress_bar=False)
    survey.add_question(QuestionFreeText("r", "Why not?"))
    job.by(THINGS).by(Model("test"))
    results = run.result()
    assert len(results) == 2
    assert "answer.r" not in results.columns
    assert "scenario.x" not in results.columns
    assert len(job) == 8


def test_draws_are_independent_and_fresh_asks_again() -> None:
    replies = iter(range(100))
    job = Jobs(QUESTION).by(Model("test", canned_response=lambda user: next(replies)))
    first = job.run(n=3, progress_bar=False).select("q", "q_cache_used").to_list()
    assert sorted(first) == [("0", False), ("1", False), ("2", False)]
    assert job.run(n=3, progress_bar=False).select("q", "q_cache_used").to_list() == [
        (q, True) for q, _ in first
    ]
    assert job.run(n=4, progress_bar=False).select("q").to_list() == [*(q for q, _ in first), "3"]
    assert job.run(fresh=True, progress_bar=False).select("q", "q_cache_used").to_list() == [("4", False)]


def test_an_answer_decides_what_a_later_question_asks_and_a_failure_that_it_is_not_asked() -> None:
    survey = Survey(
        [
            QuestionFreeText("a", "First?"),
            QuestionFreeText("b", "And {{ a.answer }}?"),
            QuestionFreeText("c", "Last?"),
        ]
    )

    def answer(user: str) -> str:
        if user == "First?":
            raise RuntimeError("out of words")
        return user.upper()

    job = survey.by(Model("test", canned_response=answer))
    results = job.run(progress_bar=False)
    assert results[0].answer == {"a": None, "b": None, "c": "LAST?"}
    assert results.select("*_state").to_list() == [("failed", "not_reached", "answered")]
    assert "out of words" in results[0]["state.a_error"]
    assert job.last_run is not None
    errors = job.last_run.errors
    assert errors.to_dicts()[1] == {
        "interview_index": 0,
        "question_name": "b",
        "agent_index": 0,
        "scenario_index": 0,
        "model": "test",
        "state": "not_reached",
        "error": None,
        "generated_tokens": None,
    }
    assert errors.columns[0] == "interview_index"
    assert errors.as_table().title == "Errors"


def test_a_run_without_errors_has_an_empty_table_of_them() -> None:
    job = Jobs(QUESTION).by(Model("test"))
    job.run(progress_bar=False)
    assert job.last_run is not None
    assert len(job.last_run.errors) == 0
    assert "question_name" in job.last_run.errors.columns


def test_errors_name_interviews_whatever_the_iteration() -> None:
    job = Jobs(QUESTION).by(PEOPLE, Model("test", throw_exception=True))
    with pytest.warns(EdslNbWarning, match="4 of 4"):
        job.run(n=2, progress_bar=False)
    assert job.last_run is not None
    assert [row["interview_index"] for row in job.last_run.errors] == [0, 0, 1, 1]


def test_stopping_gives_what_there_is_marked_partial() -> None:
    job = Jobs(QUESTION).by(AgentList.from_list("age", range(5_000)), Model("test", latency=0.05))
    run = job.start(progress_bar=False)
    some = threading.Event()
    run.subscribe(lambda: some.set() if run.progress.items_done else None)
    assert some.wait(10)
    run.cancel()
    with pytest.warns(EdslNbWarning, match="partial"):
        results = run.result()
    assert results.partial
    assert 0 < len(results) < 5_000
    assert f"{len(results):,} of 5,000" in repr(results)
    assert results.select("agent_index").to_list() == sorted(results.select("agent_index").to_list())


# What is refused before anything is asked


@pytest.mark.parametrize("n", [0, -1, 1.5, "2", None, True])
def test_a_number_of_draws_that_is_none_is_refused(n: Any) -> None:
    refusal(
        lambda: Jobs(QUESTION).by(Model("test")).run(n, progress_bar=False),
        "n:",
        repr(n),
        "run(n=3)",
        error=JobError,
    )


def test_an_unknown_way_to_end_is_refused() -> None:
    job = Jobs(QUESTION).by(Model("test"))
    refusal(
        lambda: job.run(on_interrupt="explode", progress_bar=False),  # type: ignore[arg-type]
        "on_interrupt",
        "'explode'",
        "'stop' or 'detach'",
        error=RunError,
    )


def test_a_store_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a file"
    file.write_text("not a folder")
    monkeypatch.setenv("EDSL_NB_HOME", str(file))
    asked: list[str] = []
    job = Jobs(QUESTION).by(Model("test", canned_response=asked.append))
    refusal(
        lambda: job.run(progress_bar=False),
        "EDSL_NB_HOME",
        str(file),
        "folder that can be written",
        error=StoreError,
    )
    assert asked == []
    assert file.read_text() == "not a folder"
    assert len(job.prompts().to_pandas()) == 1


@given(st.lists(st.sampled_from([PEOPLE, THINGS, MODELS, PEOPLE[0], THINGS[1], MODELS[0]]), max_size=6))
def test_the_size_follows_from_what_was_given(objects: list[Any]) -> None:
    """Agents and scenarios multiply, models add, whatever the order."""
    job = Jobs(QUESTION)
    agents = scenarios = 1
    models = 0
    for item in objects:
        job.by(item)
        count = len(item) if isinstance(item, AgentList | ScenarioList | ModelList) else 1
        if isinstance(item, Agent | AgentList):
            agents *= count
        elif isinstance(item, Scenario | ScenarioList):
            scenarios *= count
        else:
            models += count
    assert len(job) == agents * scenarios * max(1, models)
