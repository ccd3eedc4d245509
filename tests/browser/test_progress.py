"""A run in a real notebook: its progress is alive, its buttons and interrupt work, and its end is frozen.

Opening a notebook takes longer than looking at it, so one for each kernel serves all checks.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.lab import Lab, Notebook, eventually
from tests.browser.server import JupyterServer
from tests.kernels import overlays

WIDGET = "application/vnd.jupyter.widget-view+json"

#: 20,000 interviews, 200 at a time, 0.4 s each: long enough to be stopped, and never waited for. No two
#: jobs ask the same, so that nothing comes from the cache.
SETUP = """
from itertools import count
from edsl_nb import Model, QuestionFreeText, ScenarioList
numbers = count()

def new_job():
    ask = QuestionFreeText("thought", f"{next(numbers)}: " + "What of {{ scenario.x }}?")
    return ask.by(ScenarioList.from_list("x", range(20_000)), Model("test", latency=0.4))
"""

#: How a cell starts the run, by the way it waits.
WAYS = {
    "run": "results = job.run()",
    "await": "results = await job.run_async()",
    "start": "run = job.start()",
}

#: The cell that gives what a stopped run has, and what it gives.
OUTCOME = """
results = job.last_run.results
answered = results.select("x").to_list()
once = len(set(answered)) == len(results)
print(job.last_run.progress.state, results.partial, 0 < len(results) < 20_000, once)
"""
STOPPED = "stopped True True True\n"

ways = pytest.mark.parametrize("way", WAYS)

#: The kernel of today, where a check does not depend on its version.
newest = pytest.mark.parametrize("version", overlays.VERSIONS[-1:], indirect=True)


@pytest.fixture(scope="module", params=overlays.VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """Each version of ipykernel in turn, skipped where its environment could not be made."""
    reason = overlays.missing(request.param)
    if reason:
        pytest.skip(reason)
    return request.param


@pytest.fixture(scope="module")
def opened(chromium: Browser, jupyter_server: JupyterServer, version: str) -> Iterator[Notebook]:
    """The notebook of a version's kernel, for all tests that ask for one."""
    lab = Lab(chromium, jupyter_server)
    notebook = lab.open([SETUP], kernel=overlays.kernel_name(version))
    notebook.run_cell(0)
    yield notebook
    lab.close()


@pytest.fixture
def notebook(opened: Notebook, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """The shared notebook with nothing running; what a failed test leaves behind reaches no other test."""
    failures = request.session.testsfailed
    yield opened
    if request.session.testsfailed > failures:
        opened.restart()
        opened.run_cell(0)


def bar(notebook: Notebook, index: int) -> Locator:
    return notebook.output(index).locator(".en-run .en-bars [role=progressbar]").first


def done(notebook: Notebook, index: int) -> int:
    return int(bar(notebook, index).get_attribute("aria-valuenow") or 0)


def moves_on(notebook: Notebook, index: int) -> None:
    """Wait until more interviews are done than now."""
    before = done(notebook, index)
    eventually(lambda: done(notebook, index) > before, "the bar moves on")


def start(notebook: Notebook, way: str) -> int:
    """Start a run in a new cell, and wait until some interviews are done and more follow.

    Returns:
        the cell's index.
    """
    index = notebook.add_cell(f"job = new_job()\n{WAYS[way]}")
    notebook.start_cell(index)
    expect(bar(notebook, index)).to_be_visible()
    eventually(lambda: done(notebook, index), "the bar moves")
    moves_on(notebook, index)
    return index


def press(notebook: Notebook, index: int, button: str) -> None:
    """Click a button of the run that a cell shows."""
    notebook.output(index).get_by_role("button", name=button).click()


def expect_state(notebook: Notebook, index: int, state: str) -> None:
    expect(notebook.output(index).locator(".en-run")).to_have_attribute("data-state", state)


def outcome(notebook: Notebook) -> str:
    """What the last job's run has come to."""
    index = notebook.add_cell(OUTCOME)
    notebook.run_cell(index)
    return notebook.text(index)


def assert_frozen(notebook: Notebook, index: int) -> None:
    """The progress in a cell has become plain HTML that says how the run ended."""

    def frozen() -> bool:
        data = [
            output["data"] for output in notebook.outputs(index) if output["output_type"] == "display_data"
        ]
        return len(data) == 1 and WIDGET not in data[0] and "topped" in "".join(data[0]["text/html"])

    eventually(frozen, "the progress is plain HTML")


@ways
def test_stop_keeps_what_is_answered(notebook: Notebook, version: str, way: str) -> None:
    cell = start(notebook, way)

    press(notebook, cell, "Stop the run")

    if version == "6.31" and way != "start":
        # This kernel hears nothing while a cell runs; the button offers the interrupt instead.
        press(notebook, cell, "Interrupt kernel")
        notebook.wait_cell(cell)
        assert notebook.error(cell).startswith(("KeyboardInterrupt", "CancelledError"))
    else:
        notebook.wait_cell(cell)
        assert notebook.error(cell) == ""
    assert_frozen(notebook, cell)
    assert outcome(notebook) == STOPPED


@ways
def test_interrupt_ends_the_cell_and_keeps_what_is_answered(notebook: Notebook, way: str) -> None:
    cell = waiting = start(notebook, way)
    if way == "start":
        waiting = notebook.add_cell("print('waiting')\nawait job.last_run")
        notebook.start_cell(waiting)
        eventually(lambda: "waiting" in notebook.text(waiting), "the cell waits for the run")

    notebook.interrupt()

    notebook.wait_cell(waiting)
    assert notebook.error(waiting).startswith(("KeyboardInterrupt", "CancelledError"))
    assert_frozen(notebook, cell)
    assert outcome(notebook) == STOPPED


@newest
def test_pause_holds_the_run_until_resume_and_stop_ends_it_paused(notebook: Notebook) -> None:
    cell = start(notebook, "run")

    press(notebook, cell, "Pause the run")
    expect_state(notebook, cell, "paused")
    expect(notebook.output(cell).locator(".en-waits")).to_have_text("No calls in flight")
    held = done(notebook, cell)
    press(notebook, cell, "Resume the run")
    eventually(lambda: done(notebook, cell) > held, "the run goes on")
    press(notebook, cell, "Pause the run")
    expect_state(notebook, cell, "paused")
    press(notebook, cell, "Stop the run")

    notebook.wait_cell(cell)
    assert notebook.error(cell) == ""
    assert_frozen(notebook, cell)
    assert outcome(notebook) == STOPPED


def test_progress_goes_on_while_a_later_cell_computes(notebook: Notebook) -> None:
    cell = start(notebook, "start")
    computing = notebook.add_cell(
        "end = __import__('time').monotonic() + 4\nwhile __import__('time').monotonic() < end: pass"
    )
    notebook.start_cell(computing)
    eventually(lambda: notebook.cell_state(computing) == "running", "the cell computes")

    moves_on(notebook, cell)

    assert notebook.cell_state(computing) == "running"
    notebook.wait_cell(computing)
    notebook.run_cell(notebook.add_cell("job.last_run.cancel(); job.last_run.wait()"))


@newest
def test_keys_stay_in_the_widget(notebook: Notebook) -> None:
    cell = start(notebook, "start")
    cells = notebook.locator(".jp-Notebook .jp-Cell").count()
    notebook.output(cell).get_by_role("button", name="Pause the run").focus()

    notebook.page.keyboard.press("Enter")
    expect_state(notebook, cell, "paused")
    for key in "xxbad":
        notebook.page.keyboard.press(key)

    assert notebook.locator(".jp-Notebook .jp-Cell").count() == cells
    assert notebook.page.evaluate("document.activeElement.textContent") == "Resume"
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Enter")
    assert_frozen(notebook, cell)


@newest
def test_reload_finds_the_bar_alive(notebook: Notebook) -> None:
    cell = start(notebook, "start")
    notebook.save()

    notebook.reload()

    expect(bar(notebook, cell)).to_be_visible()
    moves_on(notebook, cell)
    press(notebook, cell, "Stop the run")
    # The new page does not know where the old one had put the display, so this one stays a widget.
    expect_state(notebook, cell, "stopped")


def test_two_models_failures_and_themes(lab: Lab) -> None:
    source = """
from edsl_nb import Model, QuestionMultipleChoice, ScenarioList
ask = QuestionMultipleChoice("taste", "Do you like {{ scenario.x }}?", ["Yes", "No"])
slow = Model("test", latency=1.0)
wrong = Model("test", canned_response="Perhaps <img src=x onerror=alert(1)>", latency=0.5)
broken = Model("gpt-4o", service_name="openai", base_url="http://127.0.0.1:9/v1")
run = ask.by(ScenarioList.from_list("x", range(900)), [slow, wrong, broken]).start()
"""
    notebook = lab.open([source, "run.cancel(); r = await run; print(r.partial)"], width=1100, height=700)
    notebook.run_cell(0)
    expect(notebook.locator(".en-run .en-errors li").first).to_contain_text("taste")
    eventually(lambda: done(notebook, 0) > 100, "some are done")

    notebook.screenshot("progress-light", of=notebook.output(0))
    notebook.set_theme("dark")
    notebook.screenshot("progress-dark", of=notebook.output(0))
    notebook.page.set_viewport_size({"width": 560, "height": 700})
    notebook.screenshot("progress-dark-narrow", of=notebook.output(0))
    notebook.run_cell(1)
    notebook.screenshot("progress-frozen-dark-narrow", of=notebook.output(0))
    assert notebook.problems == []
