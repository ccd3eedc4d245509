"""What a run was given besides its job, when it goes on: functions, caches, limits, keys, budgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from edsl_nb import Cache, Jobs, Model, QuestionFunctional, Survey
from edsl_nb.core.errors import EdslNbWarning, JobError, RunError
from edsl_nb.runner import execution
from edsl_nb.runner.gate import Limits
from edsl_nb.runner.run import Run, known_runs
from edsl_nb.tasks import Benchmark, SampleStatus, Task, TaskSampleExecutionResult
from tests.real.openai_server import Answer, OpenAIServer, completion, serve
from tests.real.run_tools import PATIENCE, color, things, wait_until


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with serve() as made:
        yield made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "GRACE", 0.2)


def served(server: OpenAIServer, **parameters: Any) -> Model:
    return Model("m", service_name="openai", base_url=server.url, **parameters)


def stopped(job: Jobs, server: OpenAIServer, after: int, cached: int = 0, **options: Any) -> Run[Any]:
    """A run that was stopped when so many of its interviews were done, some of them from a cache."""
    first = len(server.asked) - cached
    server.respond = lambda asked: Answer(
        completion(f"echo: {asked.prompt}"), latency=None if asked.number - first < after else 3600
    )
    run = job.start(progress_bar=False, **options)
    wait_until(lambda: run.progress.items_done >= after)
    run.cancel()
    assert run.wait(PATIENCE)
    server.respond = OpenAIServer().respond
    return run


def elsewhere(run_id: str, **given: Any) -> Run[Any]:
    """The run as a process goes on with it that knows nothing of it but what is on disk."""
    known_runs.clear()
    return Jobs.resume(run_id, progress_bar=False, **given)


def test_this_process_still_knows_functions_and_keys(server: OpenAIServer) -> None:
    question = QuestionFunctional("twice", func=lambda scenario, agent_traits: scenario["thing"] * 2)
    job = Survey([color(), question]).by(things(4), served(server, api_key="secret-of-mine"))
    run = stopped(job, server, 1)
    results = Jobs.resume(run.id, progress_bar=False).result()
    assert results.select("answer.twice").to_list() == [f"thing {i}" * 2 for i in range(4)]
    assert {asked.headers["Authorization"] for asked in server.asked} == {"Bearer secret-of-mine"}
    assert job.last_run is not None and job.last_run is not run
    assert job.last_run.progress.state == "completed"


def test_limits_are_as_they_were(server: OpenAIServer) -> None:
    job = color().by(things(3), served(server, rpm=5_000), Model("n", "openai", base_url=server.url))
    job.using({"n": {"tpm": 90_000}})
    run = elsewhere(stopped(job, server, 1).id)
    assert run.wait(PATIENCE)
    assert [lane.limits for lane in run.workload.lanes()] == [Limits(rpm=5_000), Limits(tpm=90_000)]


def test_a_cache_is_asked_for_and_used(server: OpenAIServer) -> None:
    job = color().by(things(4), served(server))
    cache = Cache()
    job.run(cache=cache, progress_bar=False)
    run = stopped(color().by(things(6), served(server)), server, 4, cached=4, cache=cache)
    with pytest.raises(JobError, match=r"given a Cache.*using_cache\(cache\)"):
        elsewhere(run.id)
    server.asked.clear()
    again = elsewhere(run.id, job=color().by(things(6), served(server)).using_cache(cache))
    assert len(again.result()) == 6
    assert len(server.asked) == 2
    assert len(cache) == 6


def test_a_cache_that_is_known_still_is_used(server: OpenAIServer) -> None:
    cache = Cache()
    run = stopped(color().by(things(3), served(server)).using(cache), server, 1)
    assert len(Jobs.resume(run.id, progress_bar=False).result()) == 3
    assert len(cache) == 3


def test_a_cache_that_is_only_filled_is_not_read_later_either(server: OpenAIServer) -> None:
    cache = Cache()
    color().by(things(3), served(server)).run(cache=cache, progress_bar=False)
    run = stopped(color().by(things(3), served(server)), server, 1, cache=cache, fresh=True)
    server.asked.clear()
    again = elsewhere(run.id, job=color().by(things(3), served(server)).using_cache(cache))
    assert len(again.result()) == 3
    assert len(server.asked) == 2


def test_a_budget_holds_for_the_whole_run_until_another_is_given(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edsl_nb.models.services.openai import OpenAIService

    monkeypatch.setattr(OpenAIService, "priced_here", lambda self, model: True)
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-of-the-test")
    job = color().by(things(40), Model("gpt-4o", base_url=server.url))
    with pytest.warns(EdslNbWarning, match=r"max_cost=\$0.002"):
        job.run(max_cost=0.002, progress_bar=False)
    assert job.last_run is not None
    before = len(server.asked)
    assert 0 < before < 40
    again = elsewhere(job.last_run.id)
    assert again.wait(PATIENCE)
    assert again.progress.reason == "max_cost=$0.002 would be passed"
    assert len(server.asked) - before <= 3  # what was expected of a call is learned anew
    more = elsewhere(job.last_run.id, max_cost=1)
    assert len(more.result()) == 40
    with pytest.raises(RunError, match="max_cost"):
        elsewhere(job.last_run.id, max_cost=-1)


def test_the_last_run_is_the_one_that_asks_failures_again(server: OpenAIServer) -> None:
    job = color().by(things(2), served(server))
    server.respond = lambda asked: Answer({"error": {"message": "no"}}, 400)
    with pytest.warns(EdslNbWarning):
        job.run(progress_bar=False)
    first = job.last_run
    assert first is not None
    server.respond = OpenAIServer().respond
    first.retry_failed(progress_bar=False).wait(PATIENCE)
    assert job.last_run is not None
    assert job.last_run is first.latest is not first
    assert len(job.last_run.results) == 2


def test_runs_of_benchmarks_are_listed_as_what_they_are() -> None:
    class Empty(Task):
        def get_indices(self) -> list[Any]:
            return [1, 2, 3]

        async def start_sample(self, index: Any, session: Any) -> Any:
            return TaskSampleExecutionResult(status=SampleStatus.COMPLETED, result=index)

        def calculate_overall(self, results: Any) -> Any:
            return len(results)

    with Benchmark(Empty("empty")).by(Model("test")) as benchmark:
        assert benchmark.run(progress_bar=False).overall
        assert benchmark.last_run is not None
        (row,) = Jobs.runs().to_dicts()
        assert (row["items"], row["kind"], row["about"]) == (3, "samples", "empty")
        with pytest.raises(JobError, match=r"runs samples.*benchmark.resume\('"):
            Jobs.resume(benchmark.last_run.id, progress_bar=False)
