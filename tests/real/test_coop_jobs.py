"""Lists of jobs on Coop: pages, filters, and fetching many of them at the same time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from edsl_nb import Coop, JobList, Jobs, Results
from edsl_nb.coop.records import STATUSES
from edsl_nb.coop.remote_jobs import JobQuery
from edsl_nb.coop.source import JobPage, JobSource, Outcome
from edsl_nb.core.errors import CoopError, CoopNotFoundError, CoopServerError, EdslNbWarning, NotACoopError
from edsl_nb.runner import loop
from edsl_nb.widgets.render import bundle
from tests.coop_server import KEY, QUICK, CoopServer, page, refusal, serving
from tests.unit.samples import grid_job
from tests.unit.samples import refusal as refused

COLUMNS = [
    "uuid", "description", "status", "cost_credits", "iterations", "results_uuid",
    "latest_error_report_uuid", "latest_failure_reason", "version", "created_at",
]  # fmt: skip


def minute(number: int) -> str:
    return f"2026-01-01T{number // 60:02}:{number % 60:02}:00+00:00"


def fill(server: CoopServer, count: int, **more: Any) -> list[str]:
    """Jobs, the oldest first; their descriptions tell their numbers."""
    job = grid_job()
    return [
        server.add_job(job, description=f"job {i}", created_ts=minute(i), **more).uuid for i in range(count)
    ]


# Lists


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize("make", [Jobs.list, lambda **asked: Jobs().list(**asked)])
def test_the_ten_most_recent_jobs_are_listed_with_the_documented_columns(
    coop_server: CoopServer, make: Callable[..., JobList]
) -> None:
    fill(coop_server, 12)
    jobs = make()
    assert [job.description for job in jobs] == [f"job {i}" for i in range(11, 1, -1)]
    assert list(jobs.to_pandas().columns) == list(jobs[0].to_dict()) == COLUMNS
    assert jobs[0].created_at == minute(11) and jobs[0]["status"] == "completed"
    older = make(page_size=5, page=2)
    assert [job.description for job in older] == [f"job {i}" for i in range(6, 1, -1)]


@pytest.mark.usefixtures("signed_in")
def test_jobs_are_chosen_by_status_and_description_and_sorted(coop_server: CoopServer) -> None:
    for i, status in enumerate(STATUSES):
        coop_server.add_job(grid_job(), description=f"testing {i}", status=status, created_ts=minute(i))
    assert [job.status for job in Jobs.list(status="running")] == ["running"]
    assert [job.status for job in Jobs.list(job_status="running")] == ["running"]
    assert {job.status for job in Jobs.list(status=["failed", "queued"])} == {"failed", "queued"}
    assert [job.description for job in Jobs.list(search_query="testing 3")] == ["testing 3"]
    assert [job.status for job in Jobs.list(sort_ascending=True)] == list(STATUSES)
    assert [job.status for job in Jobs.list().filter("status == 'failed' or cost_credits > 1")] == ["failed"]


@pytest.mark.usefixtures("signed_in")
def test_lists_are_had_without_blocking(coop_server: CoopServer) -> None:
    fill(coop_server, 3)

    async def cell() -> tuple[Any, Any, Any]:
        jobs = await Jobs.alist(page_size=2)
        return jobs, await jobs.anext_page(), await jobs.afetch()

    first, second, fetched = asyncio.run(cell())
    assert (len(first), len(second), list(fetched)) == (2, 1, [grid_job()] * 2)


def test_pages_turn_until_there_are_no_more(coop_server: CoopServer, coop: Coop) -> None:
    fill(coop_server, 5)
    first = coop.list_jobs(page_size=2, search_query="job")
    second = first.next_page()
    assert [job.description for job in second] == ["job 2", "job 1"]
    assert list(second.previous_page()) == list(first)
    last = second.next_page()
    assert not last.has_next
    refused(last.next_page, "last page", error=CoopError)
    refused(first.previous_page, "first page", error=CoopError)
    assert [len(some) for some in first.pages()] == [2, 2, 1]
    coop_server.jobs[first[0].uuid].status = "running"
    assert first.refresh()[0].status == "running"


def test_a_list_is_a_sequence_that_stays_what_it_is(coop_server: CoopServer, coop: Coop) -> None:
    uuids = fill(coop_server, 4)
    jobs = coop.list_jobs()
    assert isinstance(jobs[:2], JobList) and [job.uuid for job in jobs[:2]] == uuids[:1:-1]
    assert jobs[-1].uuid == uuids[0] and jobs[0] in jobs
    assert list(jobs[1:3].fetch()) == [grid_job()] * 2
    with pytest.raises(IndexError):
        jobs[4]
    refused(lambda: jobs["uuid"], "position", error=CoopError)  # type: ignore[call-overload]


def test_a_list_stays_with_its_coop_and_account(
    coop_server: CoopServer, coop: Coop, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(coop_server, 3)
    jobs = coop.list_jobs(page_size=2)
    with serving() as other:
        monkeypatch.setenv("EXPECTED_PARROT_URL", other.url)
        monkeypatch.setenv("EXPECTED_PARROT_API_KEY", "of-another-account")
        assert list(jobs.filter("status == 'completed'").fetch()) == [grid_job()] * 2
        assert len(jobs.next_page()) == 1 and other.seen == []


def test_rows_of_a_page_are_put_in_order(coop_server: CoopServer, coop: Coop) -> None:
    for i, (cost, words) in enumerate([(2.0, "b"), (None, "a"), (1.0, "b"), (3.0, None)]):
        coop_server.add_job(grid_job(), cost_credits=cost, description=words, created_ts=minute(i))
    jobs = coop.list_jobs()
    assert [row.cost_credits for row in jobs.order_by("cost_credits")] == [1.0, 2.0, 3.0, None]
    ordered = jobs.order_by("description", "cost_credits", reverse=True)
    assert [(row.description, row.cost_credits) for row in ordered] == [
        ("b", 2.0), ("b", 1.0), ("a", None), (None, 3.0),
    ]  # fmt: skip
    assert ordered.fetch(progress_bar=False)[0] == grid_job()
    refused(lambda: jobs.order_by("price"), "order_by", error=CoopError)


def test_any_pages_and_filters_give_what_the_jobs_are() -> None:
    with serving() as server:
        coop = Coop(server.url, KEY, QUICK)

        @settings(max_examples=25, deadline=None)
        @given(
            st.lists(st.tuples(st.sampled_from(STATUSES), st.text(max_size=3) | st.none()), max_size=12),
            st.integers(1, 13), st.sets(st.sampled_from(STATUSES)), st.text(max_size=1), st.booleans(),
        )  # fmt: skip
        def check(jobs: Any, size: int, statuses: set[str], text: str, ascending: bool) -> None:
            server.jobs.clear()
            for i, (status, description) in enumerate(jobs):
                server.add_job(None, status=status, description=description, created_ts=minute(i))
            wanted = [
                job.uuid
                for job in server.jobs.values()
                if (not statuses or job.status in statuses) and text in (job.description or "")
            ]
            first = coop.list_jobs(1, size, statuses or None, text or None, ascending)
            found = [job.uuid for some in first.pages() for job in some]
            assert found == (wanted if ascending else wanted[::-1])

        check()


def test_a_server_that_answers_something_else_is_no_coop(coop_server: CoopServer, coop: Coop) -> None:
    for body in ({"jobs": []}, [{"no": "uuid"}], [5], "text"):
        coop_server.fail("list", lambda body=body: web.json_response(body))
        refused(coop.list_jobs, "remote-inference/list", error=NotACoopError)


# Fetching


def test_jobs_and_results_are_fetched_in_order(coop_server: CoopServer, coop: Coop) -> None:
    results = grid_job().run(progress_bar=False)
    for i in range(3):
        coop_server.add_job(grid_job(agents=i + 1), results, created_ts=minute(i))
    jobs = coop.list_jobs()
    assert list(jobs.fetch()) == [grid_job(agents=i) for i in (3, 2, 1)]
    assert set(jobs.fetched) == {job.uuid for job in jobs}
    fetched = jobs.fetch_results()
    assert [len(one) for one in fetched.found] == [8, 8, 8] and not fetched.failures
    assert isinstance(jobs.fetched_results[jobs[0].uuid], Results)


@pytest.mark.parametrize("inline", [True, False])
def test_a_hundred_jobs_are_fetched_side_by_side_over_connections_that_stay(
    coop_server: CoopServer, coop: Coop, inline: bool
) -> None:
    fill(coop_server, 100, inline=inline)
    coop_server.latency = 0.05
    jobs = coop.list_jobs(page_size=100)
    fetched = jobs.fetch()
    assert len(fetched.found) == 100 and len(coop_server.seen) >= (101 if inline else 301)
    assert 1 < coop_server.most_at_once <= 64 and len(coop_server.connections) < 100


def test_one_failure_does_not_lose_the_others(coop_server: CoopServer, coop: Coop) -> None:
    uuids = fill(coop_server, 4)
    coop_server.jobs[uuids[1]].document = {"edsl_class_name": "Survey"}
    coop_server.jobs[uuids[2]].document = None
    jobs = coop.list_jobs(sort_ascending=True)
    with pytest.warns(EdslNbWarning, match="2 of 4 jobs could not be fetched"):
        fetched = jobs.fetch()
    assert [job is None for job in fetched] == [False, True, True, False]
    assert [(one.position, one.uuid) for one in fetched.failures] == [(1, uuids[1]), (2, uuids[2])]
    assert uuids[1] in fetched.failures[0].reason and "1: " in repr(fetched)
    assert list(fetched.by_uuid()) == [uuids[0], uuids[3]]
    refused(fetched.raise_failures, error=CoopError)
    assert bundle(fetched)[0]["text/html"].count("<tr") == 5


def test_what_was_fetched_before_an_interrupt_stays(coop_server: CoopServer, coop: Coop) -> None:
    uuids = fill(coop_server, 3)
    jobs = coop.list_jobs()

    def slow(request: web.Request) -> None:
        # The last one waits until somebody gives up, when the others have come.
        coop_server.latency = 60.0 if request.query.get("job_uuid") == uuids[0] else 0.0

    async def hurried() -> None:
        fetching = asyncio.create_task(jobs.afetch())
        while len(jobs.fetched) < 2:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.01)
        fetching.cancel()

    coop_server.before = slow
    asyncio.run(asyncio.wait_for(hurried(), 30))
    assert set(jobs.fetched) == set(uuids[1:])


def test_jobs_without_results_are_reported_and_say_how_they_stand(
    coop_server: CoopServer, coop: Coop
) -> None:
    coop_server.add_job(grid_job(), status="running", created_ts=minute(1))
    details = {"failure_reason": "error", "failure_description": "No such model"}
    coop_server.add_job(grid_job(), status="failed", details=details, created_ts=minute(2))
    coop_server.add_job(grid_job(), grid_job().run(progress_bar=False), created_ts=minute(3))
    with pytest.warns(EdslNbWarning, match="2 of 3 results"):
        fetched = coop.list_jobs(sort_ascending=True).fetch_results()
    assert [results is None for results in fetched] == [True, True, False]
    assert "is running and has no results" in fetched.failures[0].reason
    assert "No such model" in fetched.failures[1].reason


def test_results_that_have_come_since_the_list_was_made_are_found(
    coop_server: CoopServer, coop: Coop
) -> None:
    uuid = coop_server.add_job(grid_job(), status="running").uuid
    jobs = coop.list_jobs()
    results = grid_job().run(progress_bar=False)
    coop_server.jobs[uuid].results_uuid = coop_server.add_object("results", results.to_dict())
    assert len(jobs.fetch_results().found) == 1
    assert len(coop.fetch_results(uuid)) == 8


def test_a_document_that_is_not_there_yet_is_named(coop_server: CoopServer, coop: Coop) -> None:
    uuid = coop_server.add_job(grid_job(), inline=False).uuid
    coop_server.fail("remote-inference/pull", lambda: web.json_response({"signed_url": ""}))
    refused(lambda: coop.pull(uuid, Jobs), "no document", error=CoopNotFoundError)


@pytest.mark.usefixtures("signed_in")
def test_jobs_are_fetched_by_uuid_and_by_address(coop_server: CoopServer) -> None:
    first, second = fill(coop_server, 2)
    url = f"{coop_server.url}/home/remote-job-progress/{first}"
    assert Jobs.fetch(first) == Jobs.pull(first) == Jobs.fetch(url) == grid_job()
    assert Jobs.fetch(Jobs.list()[1]) == Coop().fetch_jobs(first)[0] == grid_job()  # type: ignore[arg-type]
    assert Coop().pull(first) == Coop().get(url) == grid_job()
    assert list(Jobs.fetch([url, second])) == [grid_job()] * 2
    with pytest.warns(EdslNbWarning):
        assert list(Jobs.fetch([first, "ann/none"])) == [
            grid_job(),
            None,
        ]
    refused(lambda: Jobs.fetch(5), "uuid", error=CoopError)  # type: ignore[arg-type]
    refused(
        lambda: Jobs.fetch(first.replace(first[0], "f" if first[0] != "f" else "e")), error=CoopNotFoundError
    )


@pytest.mark.usefixtures("signed_in")
def test_jobs_that_are_pushed_come_back_as_jobs(coop_server: CoopServer) -> None:
    told = grid_job().push(alias="one")
    assert len([path for path in coop_server.paths() if path.startswith("object")]) == 2
    assert Jobs.pull(told.uuid) == Jobs.pull("ann/one") == Jobs.fetch(told.url) == grid_job()


def test_the_rest_of_what_is_known_of_a_job_is_had(coop_server: CoopServer, coop: Coop) -> None:
    uuid = coop_server.add_job(grid_job(), status="running").uuid
    assert coop.get_job(uuid).status == "running"
    assert coop.error_report(uuid) == "# What went wrong"
    coop.cancel(uuid)
    assert coop_server.jobs[uuid].status == "cancelled"
    assert coop.estimate_cost(grid_job()).cost_in_usd == 0.0078


# Displays


def test_a_list_is_shown_as_a_table_and_untrusted_text_as_text(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.add_job(grid_job(), description="<script>alert(1)</script>")
    data, _ = bundle(coop.list_jobs())
    assert "<script>alert" not in data["text/html"] and "&lt;script&gt;alert" in data["text/html"]
    assert "completed" in data["text/plain"]


def test_a_page_is_no_longer_than_it_was_asked_to_be(coop_server: CoopServer, coop: Coop) -> None:
    rows = [{"uuid": f"job {i}"} for i in range(5000)] + [{"no": "uuid"}]
    for size in (3, 100):
        coop_server.fail("list", lambda: web.json_response(rows))
        assert [row.uuid for row in coop.list_jobs(page_size=size)] == [f"job {i}" for i in range(size)]


def test_one_odd_row_spoils_no_page_and_no_terminal(coop_server: CoopServer, coop: Coop) -> None:
    odd = [{"iterations": 1.5}, {"iterations": float("inf")}, {"description": "a\n\x1b[2J\ud800"}]
    rows = [{"uuid": f"job {position}", **row} for position, row in enumerate(odd)]
    coop_server.fail("list", lambda: web.Response(text=json.dumps(rows), content_type="application/json"))
    jobs = coop.list_jobs()
    assert [row.iterations for row in jobs] == [1, None, None]
    assert "\x1b" not in repr(jobs) and len(repr(jobs).splitlines()) == 4
    assert repr(jobs).encode() and json.dumps(bundle(jobs)[0], ensure_ascii=False).encode()


def ask(work: Any) -> Any:
    return loop.submit(work).result(20)


def test_a_display_gets_every_state_as_an_answer(coop_server: CoopServer, coop: Coop) -> None:
    fill(coop_server, 3)
    source = JobSource(coop.list_jobs(page_size=2))
    assert source.first.state == "ready" and source.first.has_next

    def state(query: JobQuery = JobQuery()) -> JobPage:  # noqa: B008 - it cannot be changed
        return ask(source.page(query))

    assert (state().state, len(state().rows)) == ("ready", 3)
    assert state(JobQuery(search_query="nothing such")).state == "empty"
    coop_server.fail("list", lambda: refusal(401, "The API key you provided is invalid"))
    signed_out = state()
    assert signed_out.state == "signed_out" and "EXPECTED_PARROT_API_KEY" in signed_out.remedy
    coop_server.fail("list", lambda: page(500), times=3)
    assert state().state == "failed"
    nobody = JobSource(
        JobList(Coop("http://127.0.0.1:9", KEY, QUICK).asynchronous.wire, [], JobQuery(), False)
    )
    assert ask(nobody.page(JobQuery())).state == "offline" and nobody.first.state == "empty"


def test_a_displays_actions_land_in_the_list(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.add_job(grid_job(), grid_job().run(progress_bar=False), created_ts=minute(2))
    coop_server.add_job(grid_job(), status="running", created_ts=minute(1))
    jobs = coop.list_jobs()
    source, (done, running) = JobSource(jobs), jobs
    assert source.first.moving and set(source.pages(running)) == {"job"}
    outcomes: list[Outcome] = [
        ask(source.fetch(done)), ask(source.fetch_results(done)), ask(source.error_report(done)),
        ask(source.cancel(running)), ask(source.fetch_results(running)), ask(source.cancel(done)),
    ]  # fmt: skip
    assert [one.done for one in outcomes] == [True, True, True, True, False, False]
    assert jobs.fetched[done.uuid] == grid_job() and len(jobs.fetched_results[done.uuid]) == 8
    assert outcomes[2].value == "# What went wrong" and "has ended" in outcomes[5].words
    assert json.dumps([one.words for one in outcomes]).count(KEY) == 0


def test_a_server_that_fails_while_pages_turn_is_an_error_of_its_own(
    coop_server: CoopServer, coop: Coop
) -> None:
    fill(coop_server, 3)
    jobs = coop.list_jobs(page_size=2)
    coop_server.fail("list", lambda: page(503), times=3)
    refused(jobs.next_page, "503", error=CoopServerError)
    assert len(jobs.next_page()) == 1
