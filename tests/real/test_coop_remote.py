"""Jobs that Coop runs, and Coop's cache beside jobs that are run here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from edsl_nb import Agent, Cache, Coop, Jobs, Model, QuestionFreeText, Results, Run, Scenario
from edsl_nb.coop import remote_run
from edsl_nb.coop.remote_cache import wait_for_sending
from edsl_nb.core.errors import (
    CoopCreditError,
    CoopError,
    CoopNotFoundError,
    CoopServerError,
    CoopSignInError,
    EdslNbWarning,
    JobError,
    MissingKeyError,
    RunError,
)
from edsl_nb.core.settings import settings
from edsl_nb.widgets.render import bundle
from tests.coop_server import KEY, CoopServer, Job, page, refusal
from tests.unit.samples import grid_job
from tests.unit.samples import refusal as refused


@pytest.fixture(autouse=True)
def looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_run, "_FIRST", 0.01)
    monkeypatch.setattr(remote_run, "_SELDOM", 0.05)


def interviews(total: int, done: int, flawed: int = 0, **more: Any) -> dict[str, Any]:
    """What Coop says of a job that goes on."""
    counts = {"total_interviews": total, "completed_interviews": done, "interviews_with_exceptions": flawed}
    return {"interview_details": counts, **more}


def finishing(server: CoopServer, status: str = "completed", **details: Any) -> None:
    """Have jobs end as soon as they are started, with the results that they have here."""

    def finish(job: Job) -> None:
        results = Jobs.from_dict(job.document).run(job.iterations, progress_bar=False)
        job.results_uuid = server.add_object("results", results.to_dict())
        job.details = interviews(len(results), len(results), cost_usd=0.25) | details
        job.status = status

    server.on_start = finish


# Remote runs


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize("keyword", ["remote", "offload_execution"])
def test_a_job_is_run_remotely_and_gives_its_results(coop_server: CoopServer, keyword: str) -> None:
    finishing(coop_server)
    job = grid_job()
    results = job.run(n=2, progress_bar=False, **{keyword: True})
    here = job.run(n=2, progress_bar=False)
    assert results.select("answer.*").to_list() == here.select("answer.*").to_list()
    (remote,) = coop_server.jobs.values()
    assert Jobs.from_dict(remote.document) == job and remote.iterations == 2
    posted = [one.body for one in coop_server.seen if one.method == "POST"]
    assert posted[0]["json_string"] == "offloaded" and posted[0]["status"] == "queued"
    assert posted[1]["nr_questions"] == 16


def test_a_run_is_started_watched_and_awaited_like_others(coop_server: CoopServer, coop: Coop) -> None:
    job = grid_job()
    run = job.run(remote=coop, background=True, progress_bar=False, remote_inference_description="pilot")
    assert isinstance(run, Run) and job.last_run is run
    (remote,) = coop_server.jobs.values()
    assert run.id == remote.uuid and remote.description == "pilot"
    assert run.url == f"{coop_server.url}/home/remote-job-progress/{remote.uuid}"
    seen: list[Any] = []
    run.on_progress(seen.append)
    summary = [
        {"exception_type": "RateLimitError", "model": "test", "question_name": "q", "exception_count": 3}
    ]
    details = interviews(8, 3, 1, cost_usd=0.5)
    details["interview_details"]["exception_summary"] = summary
    remote.status, remote.details = "running", details
    until(lambda: bool(run.progress.errors) and run.progress.state == "running")
    now = run.progress
    assert (now.items_total, now.items_failed, now.cost, now.state) == (8, 1, 0.5, "running")
    assert now.errors[0].count == 3 and "RateLimitError" in now.errors[0].message
    assert run.results.partial and len(run.results) == 0
    assert run.errors.to_dicts()[0]["exception_count"] == 3
    shown, _ = bundle(run)
    assert "under way" in shown["text/plain"] and "RateLimitError" in shown["text/html"]
    finishing(coop_server)
    coop_server.on_start(remote)

    async def cell() -> tuple[Results, list[Any]]:
        return await run, [result async for result in run]

    results, rows = asyncio.run(cell())
    assert len(results) == len(rows) == 8 and not results.partial
    assert run.progress.state == "completed" and run.progress.cost == 0.25
    assert seen[-1].final
    refused(run.retry_failed, "once", error=RunError)
    assert run.error_report().startswith("# What")


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that is bound to happen."""

    async def wait() -> None:
        while not condition():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(wait(), 30))


def test_a_cell_can_await_a_remote_run_without_blocking(coop_server: CoopServer, coop: Coop) -> None:
    finishing(coop_server)

    async def cell() -> tuple[Results, int]:
        coop_server.latency = 0.05
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        ticking = asyncio.create_task(tick())
        results = await grid_job().run_async(remote=coop, progress_bar=False)
        ticking.cancel()
        return results, ticks

    results, ticks = asyncio.run(cell())
    assert len(results) == 8 and ticks > 3


@pytest.mark.usefixtures("signed_in")
def test_a_run_is_picked_up_again_by_its_uuid(coop_server: CoopServer) -> None:
    uuid = grid_job().start(remote=True, progress_bar=False).id
    finishing(coop_server)
    coop_server.on_start(coop_server.jobs[Jobs.list()[0].uuid])
    run = Jobs.resume(uuid, progress_bar=False)
    assert len(run.result()) == 8 and run.progress.items_total == 8
    job = grid_job()
    assert len(Jobs.resume(uuid, job=job, progress_bar=False).result()) == 8
    assert job.last_run is not None and job.last_run.id == uuid


@pytest.mark.usefixtures("signed_in")
def test_a_uuid_that_is_not_there_is_not_picked_up(coop_server: CoopServer) -> None:
    refused(lambda: Jobs.resume("88e4f54e-0000-4000-8000-00000000abcd"), "404", error=CoopNotFoundError)


def test_what_passes_while_looking_on_does_not_end_a_run(coop_server: CoopServer, coop: Coop) -> None:
    run = grid_job().start(remote=coop, progress_bar=False)
    (remote,) = coop_server.jobs.values()
    coop_server.fail("v0/remote-inference", lambda: page(502), times=9)
    until(lambda: "Coop does not answer" in (run.progress.waiting or ""))
    finishing(coop_server)
    coop_server.on_start(remote)
    coop_server.fail("object/pull", lambda: refusal(500, "Oops"))
    assert len(run.result()) == 8


def test_stop_asks_coop_to_end_the_job(coop_server: CoopServer, coop: Coop) -> None:
    run = grid_job().start(remote=coop, progress_bar=False)
    (remote,) = coop_server.jobs.values()
    remote.status = "running"
    run.pause()
    run.cancel()
    with pytest.warns(EdslNbWarning, match="stopped"):
        results = run.result()
    assert remote.status == "cancelled" and results.partial and len(results) == 0
    assert run.progress.reason == "it was cancelled"


def test_a_run_that_costs_too_much_is_stopped_or_never_started(coop_server: CoopServer, coop: Coop) -> None:
    with pytest.raises(JobError, match=r"estimates that this costs \$0.0078"):
        grid_job().run(remote=coop, max_cost=0.001, progress_bar=False)
    assert not coop_server.jobs
    run = grid_job().start(remote=coop, max_cost=0.01, progress_bar=False)
    (remote,) = coop_server.jobs.values()
    remote.status, remote.details = "running", interviews(8, 2, cost_usd=0.02)
    with pytest.warns(EdslNbWarning, match="max_cost"):
        run.result()
    assert remote.status == "cancelled"


@pytest.mark.parametrize(
    ("status", "details", "error", "words"),
    [
        ("failed", {"failure_description": "No such model"}, CoopError, "No such model"),
        ("failed", {"failure_reason": "insufficient funds"}, CoopCreditError, "insufficient funds"),
        ("partial_failed", {}, CoopError, "has no results"),
    ],
)  # fmt: skip
def test_a_run_that_failed_says_why(
    coop_server: CoopServer, coop: Coop, status: str, details: Any, error: type[CoopError], words: str
) -> None:
    def fail(job: Job) -> None:
        job.status, job.details = status, details

    coop_server.on_start = fail
    with pytest.raises(error, match=words) as caught:
        grid_job().run(remote=coop, progress_bar=False)
    assert next(iter(coop_server.jobs)) in str(caught.value)


@pytest.mark.parametrize("status", ["partial_failed", "failed"])
def test_results_of_a_run_that_failed_in_part_are_had(
    coop_server: CoopServer, coop: Coop, status: str
) -> None:
    finishing(coop_server, status)
    with pytest.warns(EdslNbWarning) if status == "failed" else pytest.MonkeyPatch.context():
        assert len(grid_job().run(remote=coop, progress_bar=False)) == 8


def test_results_come_page_by_page_while_a_job_goes_on(coop_server: CoopServer, coop: Coop) -> None:
    run = grid_job().start(remote=coop, progress_bar=False)
    (remote,) = coop_server.jobs.values()
    arrived = 3

    def streamed(request: web.Request) -> web.Response | None:
        if request.path.endswith("results/manifest"):
            pages = -(-arrived // 2)
            return web.json_response({"total_interviews": 8, "page_count": pages, "page_size": 2})
        if request.path.endswith("results/page"):
            first = int(request.query["page"]) * 2
            return web.json_response(
                {"interviews": [interview(i) for i in range(first, min(arrived, first + 2))]}
            )
        return None

    def interview(i: int) -> dict[str, Any]:
        return {
            "agent": Agent({"who": i}).to_dict(),
            "scenario": Scenario({"thing": i}).to_dict(),
            "model": Model("test").to_dict(),
            "answers": [
                {"question_name": "q", "answer": f"answer {i}", "user_prompt": "What?", "cached": False}
            ],
        }

    coop_server.faults.append(streamed)
    remote.status, remote.details = "running", interviews(8, 3, results_available=True)
    until(lambda: len(run.results) == 3)
    assert run.results.partial and run.results.select("answer.q").to_list() == [
        f"answer {i}" for i in range(3)
    ]
    arrived, remote.details = 8, interviews(8, 8, results_available=True)
    until(lambda: len(run.results) == 8)
    assert [one.query["page"] for one in coop_server.seen if one.path.endswith("page")].count(["0"]) == 1
    remote.status = "completed"
    assert [result.answer["q"] for result in run.result()] == [f"answer {i}" for i in range(8)]
    assert not run.results.partial


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("keywords", "word"),
    [
        ({"limit": 2}, "limit"), ({"indices": [1]}, "indices"), ({"cache": Cache()}, "cache"),
        ({"dry_run": True}, "dry_run"),
        ({"stop_on_exception": True}, "stop_on_exception"), ({"remote": 5}, "remote"),
        ({"remote_inference_results_visibility": "all"}, "visibility"),
        ({"remote_inference_description": 5}, "description"),
    ],
)  # fmt: skip
def test_what_coop_cannot_do_is_refused_before_anything_is_sent(
    coop_server: CoopServer, keywords: dict[str, Any], word: str
) -> None:
    refused(lambda: grid_job().run(**{"remote": True, "progress_bar": False, **keywords}), word)
    assert not [path for path in coop_server.paths() if "inference" in path]


def test_a_cache_of_the_jobs_own_is_as_one_of_the_runs(coop_server: CoopServer, coop: Coop) -> None:
    finishing(coop_server)
    job = grid_job().using_cache(Cache())
    refused(lambda: job.run(remote=coop, progress_bar=False), "a cache of yours is not sent")
    assert not coop_server.jobs
    job.using_cache(False).run(remote=coop, progress_bar=False)
    assert coop_server.seen[0].path.endswith("edsl-settings")
    assert [one.body["fresh"] for one in coop_server.seen if one.path.endswith("new-remote-inference")] == [
        True
    ]


def test_functions_and_missing_values_are_refused(coop_server: CoopServer, coop: Coop) -> None:
    agent = Agent.example()
    agent.add_direct_question_answering_method(lambda self, question, scenario: "Yes")
    refused(lambda: grid_job().by(agent).run(remote=coop, progress_bar=False), "functions", error=JobError)
    unfilled = QuestionFreeText("q", "{{ scenario.x }}?").by(Model("test"))
    refused(lambda: unfilled.run(remote=coop, progress_bar=False), "scenario.x")
    assert not coop_server.jobs


def test_a_coop_that_runs_no_jobs_says_so(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.settings = {"remote_inference": False}
    refused(lambda: grid_job().run(remote=coop, progress_bar=False), "runs no jobs", error=CoopError)


def test_a_job_whose_upload_fails_is_withdrawn_and_one_that_may_run_is_named(
    coop_server: CoopServer, coop: Coop
) -> None:
    coop_server.fail("/bucket/", lambda: refusal(500, "Full"), times=3)
    refused(lambda: grid_job().run(remote=coop, progress_bar=False), "Full", error=CoopServerError)
    (remote,) = coop_server.jobs.values()
    assert remote.status == "cancelled"
    coop_server.fail("uploaded", lambda: refusal(500, "Oops"))
    error = refused(
        lambda: grid_job().run(remote=coop, progress_bar=False),
        "may have been started",
        error=CoopServerError,
    )
    assert list(coop_server.jobs)[1] in str(error)


def test_a_missing_key_offers_coop_where_there_is_a_key_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    job = QuestionFreeText("q", "Why?").by(Model("gpt-4o", service_name="openai"))
    assert "remote=True" not in str(refused(job.run, error=MissingKeyError))
    monkeypatch.setenv("EXPECTED_PARROT_API_KEY", KEY)
    refused(job.run, "job.run(remote=True)", error=MissingKeyError)


# The remote cache


@pytest.mark.parametrize("one_by_one", [True, False])
def test_replies_are_shared_through_coops_cache(
    coop_server: CoopServer, coop: Coop, new_store: Callable[[str], None], one_by_one: bool
) -> None:
    coop_server.settings = {"remote_cache_put_many": one_by_one}
    job = grid_job()
    first = job.run(remote_cache=coop, progress_bar=False)
    wait_for_sending()
    if not one_by_one:
        (pushed,) = coop_server.objects.values()
        assert pushed["object_type"] == "cache"
        entries = Cache.from_dict(json.loads(coop_server.documents[pushed["uuid"]]))
        coop_server.entries = {key: entry.to_dict() for key, entry in entries.items()}
    assert len(coop_server.entries) == 8
    new_store("another machine")
    coop_server.seen.clear()
    again = job.run(remote_cache=coop, progress_bar=False)
    wait_for_sending()
    assert again.select("answer.*").to_list() == first.select("answer.*").to_list()
    assert job.last_run is not None and job.last_run.progress.cached == 8
    assert coop_server.paths() == ["remote-cache/get-many-by-key"]


@pytest.mark.usefixtures("signed_in")
def test_a_setting_uses_the_remote_cache_in_every_run(
    coop_server: CoopServer, monkeypatch: pytest.MonkeyPatch, new_store: Callable[[str], None]
) -> None:
    assert not settings.remote_cache
    monkeypatch.setenv("EDSL_NB_REMOTE_CACHE", "1")
    grid_job().run(progress_bar=False)
    wait_for_sending()
    assert "remote-cache/get-many-by-key" in coop_server.paths()
    coop_server.seen.clear()
    grid_job(agents=3).run(progress_bar=False, remote_cache=False)
    assert coop_server.seen == []
    monkeypatch.setenv("EDSL_NB_REMOTE_CACHE", "maybe")
    refused(lambda: settings.remote_cache, "EDSL_NB_REMOTE_CACHE")


def test_entries_that_answer_another_call_are_not_taken(
    coop_server: CoopServer, coop: Coop, new_store: Callable[[str], None]
) -> None:
    job = grid_job()
    first = job.run(progress_bar=False)
    entry = Cache.example()["".join(Cache.example())].to_dict()
    keys = [cell.key for interview in first.interviews for cell in interview.cells]
    coop_server.entries = dict.fromkeys(keys, entry | {"output": '{"message": [{"text": "poisoned"}]}'})
    new_store("another machine")
    assert "poisoned" not in str(job.run(remote_cache=coop, progress_bar=False).select("answer.*").to_list())


def test_a_cache_that_fails_does_not_fail_the_run(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.fail("remote-cache", lambda: page(500), times=99)
    with pytest.warns(EdslNbWarning, match="goes on without it"):
        assert len(grid_job().run(remote_cache=coop, progress_bar=False)) == 8


def test_a_remote_cache_without_a_key_is_refused_before_anything_is_asked() -> None:
    refused(lambda: grid_job().run(remote_cache=True, progress_bar=False), error=CoopSignInError)
    refused(lambda: grid_job().run(remote_cache=5), "remote_cache", error=JobError)


def test_a_run_with_the_remote_cache_can_be_resumed_without_it(coop_server: CoopServer, coop: Coop) -> None:
    job = grid_job()
    run = job.start(remote_cache=coop, progress_bar=False)
    run.result()
    wait_for_sending()
    assert len(Jobs.resume(run.id, progress_bar=False).result()) == 8


def test_replies_that_are_shaped_by_more_than_the_key_stay_here(coop_server: CoopServer, coop: Coop) -> None:
    job = QuestionFreeText("q", "Why?").by(Model("test", canned_response="Because."))
    job.run(remote_cache=coop, progress_bar=False)
    wait_for_sending()
    assert coop_server.seen == []
