"""A run in a real notebook: its progress is alive, Stop and interrupt work, and its end is frozen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, Notebook, eventually

WIDGET = "application/vnd.jupyter.widget-view+json"

#: 20,000 interviews, 200 at a time, a second each: long enough to be stopped, and never waited for.
SETUP = """
from edsl_nb import Model, QuestionFreeText, ScenarioList
ask = QuestionFreeText("thought", "What of {{ scenario.x }}?")
job = ask.by(ScenarioList.from_list("x", range(20_000)), Model("test", latency=1.0))
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


def bar(notebook: Notebook) -> Locator:
    return notebook.locator(".en-run .en-bars [role=progressbar]").first


def done(notebook: Notebook) -> int:
    return int(bar(notebook).get_attribute("aria-valuenow") or 0)


def start(lab: Lab, kernel: str, way: str) -> Notebook:
    """Start the run in cell 1 and wait until some interviews are done and more follow."""
    notebook = lab.open([SETUP, WAYS[way], "print('waiting')\nawait job.last_run", OUTCOME], kernel=kernel)
    notebook.run_cell(0)
    notebook.start_cell(1)
    expect(bar(notebook)).to_be_visible()
    before = eventually(lambda: done(notebook), "the bar moves")
    eventually(lambda: done(notebook) > before, "the bar moves on")
    return notebook


def assert_frozen(notebook: Notebook, index: int) -> None:
    """The progress in a cell has become plain HTML that says how the run ended."""

    def frozen() -> bool:
        data = [
            output["data"] for output in notebook.outputs(index) if output["output_type"] == "display_data"
        ]
        return len(data) == 1 and WIDGET not in data[0] and "topped" in "".join(data[0]["text/html"])

    eventually(frozen, "the progress is plain HTML")


@ways
def test_stop_keeps_what_is_answered(lab: Lab, any_kernel: str, way: str) -> None:
    notebook = start(lab, any_kernel, way)

    notebook.locator(".en-run .en-stop").click()

    if any_kernel == "ipykernel-6.31" and way != "start":
        # This kernel hears nothing while a cell runs; the button offers the interrupt instead.
        notebook.locator(".en-hang button").click()
        notebook.wait_cell(1)
        assert notebook.error(1).startswith(("KeyboardInterrupt", "CancelledError"))
    else:
        notebook.wait_cell(1)
        assert notebook.error(1) == ""
    assert_frozen(notebook, 1)
    notebook.run_cell(3)
    assert notebook.text(3) == STOPPED


@ways
def test_interrupt_ends_the_cell_and_keeps_what_is_answered(lab: Lab, any_kernel: str, way: str) -> None:
    notebook = start(lab, any_kernel, way)
    waiting = 1
    if way == "start":
        waiting = 2
        notebook.start_cell(2)
        eventually(lambda: "waiting" in notebook.text(2), "the cell waits for the run")

    notebook.interrupt()

    notebook.wait_cell(waiting)
    assert notebook.error(waiting).startswith(("KeyboardInterrupt", "CancelledError"))
    assert_frozen(notebook, 1)
    notebook.run_cell(3)
    assert notebook.text(3) == STOPPED


def test_progress_goes_on_while_a_later_cell_computes(lab: Lab, any_kernel: str) -> None:
    notebook = start(lab, any_kernel, "start")
    computing = notebook.add_cell(
        "end = __import__('time').monotonic() + 4\nwhile __import__('time').monotonic() < end: pass"
    )
    notebook.start_cell(computing)
    eventually(lambda: notebook.cell_state(computing) == "running", "the cell computes")

    before = done(notebook)
    eventually(lambda: done(notebook) > before, "the bar moves meanwhile")

    assert notebook.cell_state(computing) == "running"
    notebook.wait_cell(computing)


def test_reload_finds_the_bar_alive(lab: Lab) -> None:
    notebook = start(lab, "ipykernel-7.4", "start")
    notebook.save()

    notebook.reload()

    expect(bar(notebook)).to_be_visible()
    before = done(notebook)
    eventually(lambda: done(notebook) > before, "the bar moves after the reload")
    notebook.locator(".en-run .en-stop").click()
    # The new page does not know where the old one had put the display, so this one stays a widget.
    expect(notebook.locator(".en-run")).to_have_attribute("data-state", "stopped")


def test_keys_stay_in_the_widget(lab: Lab) -> None:
    notebook = start(lab, "ipykernel-7.4", "start")
    cells = notebook.locator(".jp-Notebook .jp-Cell").count()
    notebook.locator(".en-run .en-stop").focus()

    for key in "xxbad":
        notebook.page.keyboard.press(key)

    assert notebook.locator(".jp-Notebook .jp-Cell").count() == cells
    notebook.page.keyboard.press("Enter")
    expect(notebook.locator(".en-run[data-state=running]")).to_have_count(0)


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
    eventually(lambda: done(notebook) > 100, "some are done")

    notebook.screenshot("progress-light", of=notebook.output(0))
    notebook.set_theme("dark")
    notebook.screenshot("progress-dark", of=notebook.output(0))
    notebook.page.set_viewport_size({"width": 560, "height": 700})
    notebook.screenshot("progress-dark-narrow", of=notebook.output(0))
    notebook.run_cell(1)
    notebook.screenshot("progress-frozen-dark-narrow", of=notebook.output(0))
    assert notebook.problems == []
