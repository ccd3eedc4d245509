"""Jobs that Coop runs: how they are watched, stopped and picked up again, and what comes of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from edsl_nb import Agent, Coop, Jobs, Model, Results, Run, Scenario
from edsl_nb.core.errors import (
    CoopCreditError,
    CoopError,
    CoopNotFoundError,
    EdslNbWarning,
    JobError,
    RunError,
)
from edsl_nb.widgets.render import bundle
from tests.coop_server import CoopServer, Job, page, refusal
from tests.remote_jobs import finishing, interviews, until
from tests.unit.samples import grid_job
from tests.unit.samples import refusal as refused

pytestmark = pytest.mark.usefixtures("looked_at_often")


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
def test_a_run_is_picked_up_by_its_row_or_page_and_kept_to_an_amount(coop_server: CoopServer) -> None:
    grid_job().start(remote=True, progress_bar=False)
    (row,) = Jobs.list()
    remote = coop_server.jobs[row.uuid]
    remote.status, remote.details = "running", interviews(8, 2, cost_usd=0.02)
    run = Jobs.resume(row, max_cost=0.01, progress_bar=False)  # type: ignore[arg-type]
    with pytest.warns(EdslNbWarning, match="max_cost"):
        run.result()
    assert remote.status == "cancelled"
    page = f"{coop_server.url}/home/remote-job-progress/{row.uuid}"
    assert Jobs.resume(page, progress_bar=False).id == row.uuid


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
