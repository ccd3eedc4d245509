"""Dry runs: valid answers of any model to every question, without calls, keys, costs or traces in a cache."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from edsl_nb import Agent, Cache, Jobs, Model, QuestionFunctional, QuestionMultipleChoice, Scenario, Survey
from edsl_nb.core.errors import MissingKeyError, RunError
from edsl_nb.runner.run import known_runs
from tests.real.openai_server import OpenAIServer, serve
from tests.real.run_tools import color, things
from tests.real.test_resume import every_question


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with serve() as made:
        yield made


def test_every_kind_of_question_gets_a_valid_answer_without_a_key() -> None:
    kinds = {type(one).__name__: one for one in every_question()}
    questions = [one.model_copy(update={"question_name": f"q_{name}"}) for name, one in kinds.items()]
    survey = Survey([one for one in questions if one.refusal is None])
    job = survey.by(
        Scenario({"name": "x"}), Model("gpt-4o"), Model("o3", "openai"), Model("test", throw_exception=True)
    )
    with pytest.raises(MissingKeyError):
        job.run(progress_bar=False)
    results = job.run(dry_run=True, n=2, max_cost=0, progress_bar=False)
    assert (len(results), results.dry_run, results.partial) == (6, True, False)
    assert job.last_run is not None
    assert len(job.last_run.errors) == 0
    for name in survey.question_names:
        assert set(results.select(f"state.{name}_state").to_list()) == {"answered"}
    now = job.last_run.progress
    assert (now.cost, now.input_tokens, now.dry_run) == (0, 0, True)
    assert now.text().startswith("dry run, completed: 6 of 6 interviews")
    assert results.compute_job_cost() == 0


def test_it_calls_nobody_and_leaves_no_cache_and_takes_nothing_from_one(server: OpenAIServer) -> None:
    model = Model("m", "openai", base_url=server.url)
    job = color().by(things(3), model)
    real = job.run(progress_bar=False).select("answer.color").to_list()
    server.asked.clear()
    cache = Cache()
    dry = job.run(dry_run=True, cache=cache, progress_bar=False)
    assert (len(server.asked), len(cache)) == (0, 0)
    assert set(dry.select("answer.color").to_list()).isdisjoint(real)
    again = color("Or {{ scenario.thing }}?").by(things(3), model)
    again.run(dry_run=True, progress_bar=False)
    assert again.estimate_job_cost()["calls_on_disk"] == 0
    again.run(progress_bar=False)
    assert len(server.asked) == 3


def test_it_makes_no_call_wait_for_a_limit() -> None:
    job = color().by(things(500), Model("gpt-4o", rpm=1))
    assert len(job.run(dry_run=True, progress_bar=False)) == 500


def test_an_equal_dry_run_has_equal_answers() -> None:
    question = QuestionMultipleChoice("q", "Which, {{ scenario.thing }}?", ["a", "b", "c"])
    job = question.by(things(30), Model("gpt-4o"))
    first, again = (job.run(dry_run=True, progress_bar=False).select("answer.q").to_list() for _ in range(2))
    assert first == again
    assert set(first) == {"a", "b", "c"}


def test_functions_of_the_users_are_called() -> None:
    agent = Agent().add_canned_response("color", "Blue")
    survey = Survey([color(), QuestionFunctional("f", func=lambda scenario, traits: 7)])
    results = survey.by(agent, things(1), Model("gpt-4o")).run(dry_run=True, progress_bar=False)
    assert results.select("answer.color", "answer.f").to_list() == [("Blue", 7)]


def test_it_is_listed_and_goes_on_as_what_it_is() -> None:
    job = color().by(things(40), Model("gpt-4o"))
    run = job.start(dry_run=True, limit=20, progress_bar=False)
    run.cancel()
    run.wait()
    color().by(things(1), Model("test")).run(progress_bar=False)
    assert [row["dry_run"] for row in Jobs.runs().to_dicts()] == [False, True]
    known_runs.clear()
    resumed = Jobs.resume(run.id, progress_bar=False)
    assert (len(resumed.result()), resumed.results.dry_run) == (20, True)
    known_runs.clear()
    assert Jobs.resume(run.id, job=job, progress_bar=False).result().dry_run


def test_true_or_false_is_wanted() -> None:
    with pytest.raises(RunError, match="dry_run"):
        color().by(things(1), Model("test")).run(dry_run="yes", progress_bar=False)  # type: ignore[arg-type]
