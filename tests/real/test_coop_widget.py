"""The list of jobs in a notebook, its Python half, against a Coop on the loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import comm
import pytest

from edsl_nb import Coop, Jobs
from edsl_nb.coop.listing import JobList
from edsl_nb.widgets.job_list import JobListWidget
from edsl_nb.widgets.render import widget
from tests.coop_server import KEY, CoopServer, refusal
from tests.unit.samples import grid_job
from tests.unit.widget_fakes import PATIENCE, RecordingComm, ask, on_loop

QUERY = {"page": 1, "page_size": 10, "statuses": [], "search": "", "ascending": False}


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", RecordingComm)


@pytest.fixture
def jobs(coop_server: CoopServer, coop: Coop) -> JobList:
    """A page of three jobs, the newest first: one under way, one with results, one that failed."""
    job = grid_job()
    coop_server.add_job(job, description="failed", status="failed", created_ts="2026-01-01T00:01:00+00:00")
    coop_server.add_job(
        job, job.run(progress_bar=False), description="done <b>", created_ts="2026-01-01T00:02:00+00:00"
    )
    coop_server.add_job(
        job, description="under way", status="running", created_ts="2026-01-01T00:03:00+00:00"
    )
    return coop.list_jobs()


@pytest.fixture
def shown(jobs: JobList) -> Iterator[Any]:
    made = widget(jobs)
    assert isinstance(made, JobListWidget)
    yield made
    made.close()


def page(shown: Any, id: int = 1, view: str = "v", **query: Any) -> dict[str, Any]:
    """Ask for a page as the browser does."""
    ask(shown, type="jobs", view=view, id=id, **{**QUERY, **query})
    return shown.comm.reply("jobs", id)


def act(shown: Any, action: str, uuid: str, id: int = 9) -> dict[str, Any]:
    ask(shown, type="job_action", view="v", id=id, action=action, uuid=uuid)
    return shown.comm.until(lambda m: m.get("content", {}).get("id") == id)["content"]


def test_pages_travel_on_request_and_never_in_the_state(shown: Any, coop_server: CoopServer) -> None:
    asked = len(coop_server.seen)
    assert shown.listing["query"] == QUERY and "under way" not in str(shown.listing)
    assert len(coop_server.seen) == asked, "showing a list asks for nothing"
    first = page(shown, id=1, page_size=2)
    assert [row["description"] for row in first["rows"]] == ["under way", "done <b>"]
    assert (first["state"], first["has_next"], first["moving"]) == ("ready", True, True)
    second = page(shown, id=2, page_size=2, page=2)
    assert [row["description"] for row in second["rows"]] == ["failed"] and not second["moving"]
    assert page(shown, id=3, statuses=["failed"])["rows"] == second["rows"]
    assert page(shown, id=4, search="done", ascending=True)["rows"] == first["rows"][1:]
    assert page(shown, id=5, search="nothing such")["state"] == "empty"


def test_rows_say_what_can_be_done_and_where_coop_shows_them(shown: Any, jobs: JobList) -> None:
    running, done, failed = page(shown)["rows"]
    assert [row["actions"] for row in (running, done, failed)] == [
        ["fetch", "cancel"], ["fetch", "fetch_results"], ["fetch", "error_report"],
    ]  # fmt: skip
    url = jobs.wire.access.url
    assert done["links"] == [
        {"label": "job", "url": f"{url}/home/remote-job-progress/{done['uuid']}"},
        {"label": "results", "url": f"{url}/content/{jobs[1].results_uuid}"},
    ]


def test_what_is_called_a_uuid_and_is_none_is_not_linked(coop_server: CoopServer, coop: Coop) -> None:
    odd = coop_server.add_job(grid_job())
    odd.uuid, odd.results_uuid = "../../elsewhere?x=<b>", "javascript:alert(1)"
    made: Any = widget(coop.list_jobs())
    assert page(made)["rows"][0]["links"] == []


def test_what_is_fetched_lands_in_the_list_and_is_marked(shown: Any, jobs: JobList) -> None:
    page(shown, id=1)
    done = jobs[1]
    for id, action in ((2, "fetch"), (3, "fetch_results")):
        assert act(shown, action, done.uuid, id)["done"]
    assert jobs.fetched[done.uuid] == grid_job() and len(jobs.fetched_results[done.uuid]) == 8
    assert [row["fetched"] for row in page(shown, id=4)["rows"]] == [[], ["fetch", "fetch_results"], []]


def test_reports_and_cancellations_and_what_does_not_work_are_told(
    shown: Any, jobs: JobList, coop_server: CoopServer
) -> None:
    page(shown, id=1)
    running, done, failed = jobs
    assert act(shown, "error_report", failed.uuid, 2)["report"] == "# What went wrong"
    assert (
        act(shown, "cancel", running.uuid, 3)["done"] and coop_server.jobs[running.uuid].status == "cancelled"
    )
    refused = act(shown, "cancel", done.uuid, 4)
    assert not refused["done"] and "has ended" in refused["words"] and KEY not in refused["words"]
    unknown = act(shown, "fetch", "0" * 36, 5)
    assert unknown["type"] == "error" and "not on a page" in unknown["message"]


def test_actions_on_several_jobs_do_not_end_one_another(
    shown: Any, jobs: JobList, coop_server: CoopServer
) -> None:
    page(shown, id=1)
    coop_server.latency = 0.1
    for id, row in enumerate(jobs, 2):
        ask(shown, type="job_action", view="v", id=id, action="fetch", uuid=row.uuid)
    replies = [shown.comm.reply("job_action", id) for id in (2, 3, 4)]
    assert all(reply["done"] for reply in replies), replies
    assert set(jobs.fetched) == {row.uuid for row in jobs}


def test_a_newer_question_overtakes_an_older_one(shown: Any, coop_server: CoopServer) -> None:
    page(shown, id=1)
    asked = len(coop_server.seen)
    coop_server.latency = 60.0
    ask(shown, type="jobs", view="v", id=2, **QUERY)
    deadline = time.monotonic() + PATIENCE
    while len(coop_server.seen) == asked and time.monotonic() < deadline:
        time.sleep(0.01)
    coop_server.latency = 0.0
    assert page(shown, id=3)["state"] == "ready"
    assert not [one for one in shown.comm.customs() if one["id"] == 2]


def test_chosen_jobs_are_rows_in_python(shown: Any, jobs: JobList) -> None:
    page(shown, id=1, page_size=2)
    page(shown, id=2, page_size=2, page=2)
    uuids = [jobs[2].uuid, jobs[0].uuid]
    ask(shown, type="choose", uuids=[*uuids, "not on any page", uuids[0]])
    on_loop(lambda: None)
    assert [row.uuid for row in jobs.selected] == uuids == shown.listing["chosen"]
    ask(shown, type="choose", uuids=[])
    on_loop(lambda: None)
    assert jobs.selected == [] == shown.listing["chosen"]


def test_a_refusal_is_a_state_with_a_way_out(shown: Any, coop_server: CoopServer) -> None:
    coop_server.fail("list", lambda: refusal(401, "The API key you provided is invalid"))
    signed_out = page(shown)
    assert signed_out["state"] == "signed_out" and "EXPECTED_PARROT_API_KEY" in signed_out["remedy"]
    assert page(shown, id=2)["state"] == "ready"


@pytest.mark.usefixtures("signed_in")
def test_a_list_goes_on_with_the_key_of_whoever_has_signed_in_since(
    coop_server: CoopServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    coop_server.add_job(grid_job())
    made: Any = widget(Jobs.list())
    given: Any = widget(Coop(coop_server.url, KEY).list_jobs())
    coop_server.key = "a-new-key-0123456789"
    for one, then in ((made, "Then try again."), (given, "Then run the cell again, with that key.")):
        signed_out = page(one)
        assert signed_out["state"] == "signed_out" and signed_out["remedy"].endswith(then)
    monkeypatch.setenv("EXPECTED_PARROT_API_KEY", coop_server.key)
    assert page(made, id=2)["state"] == "ready"
    assert page(given, id=2)["state"] == "signed_out", "which has a key of its own"
    for one in (made, given):
        one.close()


def test_a_status_that_there_is_not_is_refused_in_words(shown: Any) -> None:
    ask(shown, type="jobs", view="v", id=1, **{**QUERY, "statuses": ["odd"]})
    assert "there is none such" in shown.comm.reply("error")["message"]


def test_a_page_that_was_filtered_is_a_plain_table(jobs: JobList) -> None:
    made = widget(jobs.filter("status == 'failed'"))
    assert not isinstance(made, JobListWidget) and made.plain_text().count("failed") >= 1


def test_a_saved_notebook_shows_the_first_page_as_text(shown: Any) -> None:
    data, _ = shown.mime_bundle()
    assert "done &lt;b&gt;" in data["text/html"] and "<b>" not in data["text/html"]
    assert "under way" in data["text/plain"] and "<script" not in data["text/html"]


def test_what_came_of_actions_outlives_the_page_until_it_is_dismissed(
    shown: Any, jobs: JobList, coop_server: CoopServer
) -> None:
    page(shown, id=1)
    running, done, failed = jobs
    act(shown, "fetch", done.uuid, 2)
    act(shown, "error_report", failed.uuid, 3)
    act(shown, "cancel", done.uuid, 4)
    coop_server.fail("remote-inference", lambda: refusal(404, "Gone"))
    act(shown, "fetch", running.uuid, 5)
    # Another view, as after a reload, which asks anew.
    rows = {row["uuid"]: row["outcomes"] for row in page(shown, id=6, view="another")["rows"]}
    assert [(one["action"], one["done"]) for one in rows[done.uuid]] == [("fetch", True), ("cancel", False)]
    assert rows[failed.uuid][0]["report"] == "# What went wrong" and "Gone" in rows[running.uuid][0]["words"]
    ask(shown, type="dismiss", action="fetch", uuid=done.uuid)
    ask(shown, type="dismiss", action="cancel", uuid="not on any page")
    rows = {row["uuid"]: row["outcomes"] for row in page(shown, id=7, view="another")["rows"]}
    assert [one["action"] for one in rows[done.uuid]] == ["cancel"]
    act(shown, "fetch", running.uuid, 8)
    rows = {row["uuid"]: row["outcomes"] for row in page(shown, id=9)["rows"]}
    assert [one["done"] for one in rows[running.uuid]] == [True], "a later attempt replaces an earlier one"


def test_of_reports_only_the_last_ones_travel_again(coop_server: CoopServer, coop: Coop) -> None:
    for _ in range(8):
        coop_server.add_job(grid_job(), status="failed")
    made: Any = widget(coop.list_jobs())
    uuids = [row["uuid"] for row in page(made)["rows"]]
    for id, uuid in enumerate(uuids, 2):
        act(made, "error_report", uuid, id)
    reports = [bool(row["outcomes"]) for row in page(made, id=20)["rows"]]
    assert reports == [False] * 3 + [True] * 5
    made.close()


def test_the_page_that_was_looked_at_last_is_where_a_reload_begins_and_what_is_saved(
    shown: Any, jobs: JobList, coop_server: CoopServer
) -> None:
    page(shown, id=1, page_size=2, page=2)
    assert shown.listing["query"] == {**QUERY, "page_size": 2, "page": 2}
    assert "failed" in shown.plain_text() and "under way" not in shown.plain_text()
    page(shown, id=2, statuses=["running"], search="way")
    html = shown.static_html()
    assert "under way" in html and "done" not in html and "“way”" in html
    coop_server.fail("list", lambda: refusal(401, "The API key you provided is invalid"))
    assert page(shown, id=3)["state"] == "signed_out"
    assert shown.static_html() == html, "what is not there is not what was seen"
    assert page(shown, id=4, search="nothing such")["state"] == "empty"
    assert "under way" not in shown.static_html() and "nothing such" in shown.static_html()
    assert [row.description for row in jobs] == ["under way", "done <b>", "failed"], "the list itself stays"
