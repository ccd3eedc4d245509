"""Jobs on Coop in a real notebook: pages, filters, search and fetching, against a Coop on the loopback.

Opening a notebook takes longer than looking at it, so one serves all checks.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.lab import Lab, Notebook, eventually
from tests.browser.server import JupyterServer
from tests.coop_server import KEY, CoopServer, refusal, serving
from tests.unit.samples import grid_job

LIST, LOOK, FROZEN, TABLE = 1, 2, 3, 4


@pytest.fixture(scope="module")
def coop() -> Iterator[CoopServer]:
    """Eleven jobs: the newest is under way, the next one failed, the others have results."""
    job = grid_job()
    results = job.run(progress_bar=False)
    with serving() as server:
        for i in range(9):
            server.add_job(job, results, description=f"job {i}", created_ts=f"2026-01-01T00:{i:02}:00+00:00")
        more = {"failed": "the failed one <b>", "running": "under way"}
        for i, (status, words) in enumerate(more.items(), 9):
            server.add_job(job, description=words, status=status, created_ts=f"2026-01-01T00:{i:02}:00+00:00")
        yield server


@pytest.fixture(scope="module")
def notebook(chromium: Browser, jupyter_server: JupyterServer, coop: CoopServer) -> Iterator[Notebook]:
    """A notebook that shows the list, five jobs a page."""
    lab = Lab(chromium, jupyter_server)
    opened = lab.open(
        [
            f"from edsl_nb import Coop\njobs = Coop({coop.url!r}, {KEY!r}).list_jobs(page_size=5)",
            "jobs",
            "names = lambda rows: sorted(row.description for row in rows)\n"
            "print(names(jobs.selected), len(jobs.fetched), [len(r) for r in jobs.fetched_results.values()])",
            "jobs.freeze()",
            "jobs.filter(\"status == 'failed'\")",
        ],
        width=1100,
        height=1300,
    )
    opened.run_cell(0)
    opened.run_cell(LIST)
    # The styles of other tables come after those of the list.
    opened.run_cell(TABLE)
    yield opened
    lab.close()


@pytest.fixture
def shown(notebook: Notebook) -> Locator:
    """The list with all jobs, the newest first."""
    found = notebook.output(LIST).locator(".en-jobs")
    found.get_by_role("button", name="All", exact=True).click()
    found.get_by_role("searchbox").fill("")
    expect(found.locator(".en-name")).to_have_text(
        ["under way", "the failed one <b>", "job 8", "job 7", "job 6"]
    )
    return found


def test_pages_statuses_and_descriptions(shown: Locator) -> None:
    names = shown.locator(".en-name")
    shown.get_by_role("button", name="Next page").click()
    expect(names).to_have_text(["job 5", "job 4", "job 3", "job 2", "job 1"])
    shown.get_by_role("button", name="Next page").click()
    expect(names).to_have_text(["job 0"])
    expect(shown.get_by_role("button", name="Next page")).to_be_disabled()
    shown.get_by_role("button", name="Failed", exact=True).click()
    expect(names).to_have_text(["the failed one <b>"])
    shown.get_by_role("button", name="Running", exact=True).click()
    expect(names).to_have_count(2)
    shown.get_by_role("button", name="All", exact=True).click()
    shown.get_by_role("searchbox").press_sequentially("job 3")
    expect(names).to_have_text(["job 3"])
    shown.get_by_role("searchbox").fill("none such")
    shown.get_by_role("button", name="Show all jobs").click()
    expect(names).to_have_count(5)
    shown.get_by_role("button", name="Created").click()
    expect(names).to_have_text([f"job {i}" for i in range(5)])
    shown.get_by_role("button", name="Created").click()


def test_what_is_fetched_and_chosen_is_in_python(shown: Locator, notebook: Notebook) -> None:
    shown.get_by_role("checkbox", name="Choose job 8").check()
    shown.get_by_role("checkbox", name="Choose job 6").check()
    shown.get_by_role("button", name="Fetch results", exact=True).click()
    expect(shown.locator(".en-chosen")).to_contain_text("fetched results of 2 jobs")
    shown.get_by_role("button", name="Fetch the job into Python: under way").click()
    expect(shown.get_by_text("Fetched into .fetched[")).to_be_visible()
    notebook.run_cell(LOOK)
    assert notebook.text(LOOK) == "['job 6', 'job 8'] 1 [8, 8]\n"
    shown.get_by_role("button", name="Clear").click()


def test_reports_are_read_and_jobs_cancelled(shown: Locator, coop: CoopServer) -> None:
    shown.get_by_role("button", name="Show the error report: the failed one <b>").click()
    expect(shown.locator("pre")).to_have_text("# What went wrong")
    shown.get_by_role("button", name="Close the report").click()
    running = next(job for job in coop.jobs.values() if job.status == "running")
    shown.get_by_role("button", name="Cancel the job: under way").click()
    shown.get_by_role("button", name="Cancel the job", exact=True).click()
    expect(shown.locator("tbody tr").first).to_contain_text("Cancelled")
    assert running.status == "cancelled"
    running.status = "running"


def test_what_came_of_actions_is_there_in_a_view_of_its_own_until_dismissed(
    shown: Locator, notebook: Notebook
) -> None:
    shown.get_by_role("button", name="Fetch the job into Python: job 7").click()
    expect(shown.locator("tbody tr", has_text="job 7")).to_contain_text("Fetched into .fetched[")
    shown.get_by_role("button", name="Next page").click()
    expect(shown.locator(".en-name").first).to_have_text("job 5")
    notebook.output(LIST).click(button="right")
    notebook.page.get_by_text("Create New View for Cell Output").click()
    other = notebook.page.locator(".jp-LinkedOutputView .en-jobs")
    expect(other.locator(".en-name").first).to_have_text("job 5")
    other.get_by_role("button", name="Previous page").click()
    row = other.locator("tbody tr", has_text="job 7")
    expect(row).to_contain_text("Fetched into .fetched[")
    row.get_by_role("button", name="Close").click()
    expect(row).not_to_contain_text("Fetched into")
    notebook.page.locator(".jp-mod-current .lm-TabBar-tabCloseIcon").last.click()


def test_a_slow_coop_holds_up_neither_cells_nor_the_list(
    shown: Locator, notebook: Notebook, coop: CoopServer
) -> None:
    asked = len(coop.seen)
    coop.latency = 120.0
    shown.get_by_role("button", name="Refresh").click()
    eventually(lambda: len(coop.seen) > asked, "the slow request")
    notebook.run_cell(LOOK)
    coop.latency = 0.0
    shown.get_by_role("button", name="Completed", exact=True).click()
    expect(shown.locator(".en-name").first).to_have_text("job 8")


def test_a_refused_key_is_told_with_the_way_out(shown: Locator, coop: CoopServer) -> None:
    coop.fail("list", lambda: refusal(401, "The API key you provided is invalid"))
    shown.get_by_role("button", name="Refresh").click()
    expect(shown.get_by_role("alert")).to_contain_text("Not signed in")
    expect(shown.locator(".en-name")).to_have_count(5)
    shown.get_by_role("button", name="Try again").click()
    expect(shown.get_by_role("alert")).to_have_count(0)


def test_it_looks_right_and_is_left_as_text(shown: Locator, notebook: Notebook) -> None:
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        notebook.screenshot(f"job-list-{theme}", of=notebook.output(LIST))
    widths = "list => [...list.querySelectorAll('tbody tr:first-child td')].map((one) => one.offsetWidth)"
    assert min(shown.evaluate(widths)) > 20, "no column is pushed out"
    notebook.page.set_viewport_size({"width": 560, "height": 1300})
    notebook.screenshot("job-list-dark-narrow", of=notebook.output(LIST))
    assert shown.evaluate("list => list.scrollWidth <= list.clientWidth")
    shown.get_by_role("button", name="Failed", exact=True).click()
    expect(shown.locator(".en-name")).to_have_text(["the failed one <b>"])
    notebook.run_cell(FROZEN)
    frozen = notebook.output(LIST)
    expect(frozen.locator(".en-jobs")).to_have_count(0)
    expect(frozen.get_by_text("the failed one <b>")).to_be_visible()
    expect(frozen.get_by_text("under way")).to_have_count(0)
    assert notebook.problems == []
