"""A benchmark in a real notebook: its matrix is alive, then frozen, and samples open as conversations."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.lab import Lab, eventually

WIDGET = "application/vnd.jupyter.widget-view+json"

#: Two samples of each agent end at once; the others wait for a file, which a later cell makes.
SETUP = """
import asyncio, os, tempfile
from edsl_nb.tasks import Benchmark, Task, SampleStatus, TaskSampleExecutionResult

go = os.path.join(tempfile.mkdtemp(), "go")

class Sums(Task):
    def get_indices(self):
        return list(range(12))

    async def start_sample(self, index, session):
        while index > 1 and not os.path.exists(go):
            await asyncio.sleep(0.05)
        output = await session.action({"role": "user", "content": f"What is {index} and {index}? <b>Now</b>"})
        print(f"played {index}")
        right = output.content == str(2 * index)
        status = SampleStatus.COMPLETED if right else SampleStatus.AGENT_VALIDATION_FAILED
        return TaskSampleExecutionResult(status=status, result=right)

    def calculate_overall(self, results):
        return {"accuracy": sum(r.result for r in results) / len(results)}

def able(history):
    return str(2 * int(history[-1]["content"].split()[2]))

def poor(history):
    return "4,\\nor five,\\nor so"

benchmark = Benchmark(Sums("sums", concurrency=50), [able, poor])
"""


def test_a_benchmark_from_its_start_to_its_conversations(lab: Lab) -> None:
    notebook = lab.open(
        [SETUP, "run = benchmark.start()", "open(go, 'w').close(); results = run.result()", "results"]
    )
    notebook.run_cell(0)
    notebook.run_cell(1)

    # While it goes on: what has ended is there, with the buttons of every run.
    running = notebook.output(1)
    expect(running.get_by_role("button", name="Stop the run")).to_be_visible()
    expect(running.locator(".en-pair").first).to_contain_text("2 of 12 samples")
    expect(running.locator(".en-table tbody tr")).to_have_count(4)
    running.get_by_role("button", name="Score so far").click()
    expect(running.locator(".en-pair").first).to_contain_text("(of 2)")
    notebook.screenshot("benchmark-running")

    # At its end: plain HTML with the scores.
    notebook.run_cell(2)

    def frozen() -> bool:
        data = [one["data"] for one in notebook.outputs(1) if one["output_type"] == "display_data"]
        html = "".join(data[0]["text/html"]) if data else ""
        # The matrix with its score, and the first samples.
        return (
            WIDGET not in data[0] and "Completed" in html and "accuracy" in html and "Showing 10 of" in html
        )

    eventually(frozen, "the run is plain HTML")

    # The results: a pair's samples, one of them as a conversation, beside the other agent's.
    notebook.run_cell(3)
    shown = notebook.output(3)
    shown.locator(".en-pair").last.click()
    expect(shown.locator(".en-table tbody tr").first).to_contain_text("poor")
    shown.locator(".en-table tbody tr").nth(1).click()
    expect(shown.locator(".en-pane h4")).to_have_text("sums 1, poor")
    expect(shown.locator(".en-turn pre").first).to_have_text("What is 1 and 1? <b>Now</b>")
    shown.get_by_label("Compare with").select_option("able")
    expect(shown.locator(".en-pane h4").last).to_have_text("sums 1, able")
    # What the task has printed follows replies of one line and of three, and stands at one height.
    beside = [note.bounding_box() or {} for note in shown.locator(".en-turn[data-role=note]").all()]
    assert len(beside) == 2 and beside[0]["y"] == beside[1]["y"] and beside[0]["x"] < beside[1]["x"]
    notebook.screenshot("benchmark-compared")
    shown.locator(".en-pane").first.focus()
    notebook.page.keyboard.press("ArrowRight")
    expect(shown.locator(".en-pane h4").first).to_have_text("sums 2, poor")
    expect(shown.locator(".en-pane h4").last).to_have_text("sums 2, able")
    notebook.page.keyboard.press("Escape")
    expect(shown.locator(".en-pane")).to_have_count(0)

    # By keyboard: the matrix is one stop, its cells are gone through by arrows; the legend filters by status.
    first, last = shown.locator(".en-pair").first, shown.locator(".en-pair").last
    first.focus()
    notebook.page.keyboard.press("ArrowRight")
    expect(last).to_be_focused()
    notebook.page.keyboard.press("ArrowLeft")
    notebook.page.keyboard.press("Enter")
    expect(shown.locator(".en-table tbody tr").first).to_contain_text("able")
    shown.get_by_role("button", name="agent validation failed", exact=True).click()
    expect(shown.locator(".en-table tbody tr").first).to_contain_text("agent validation failed")
    expect(shown.locator(".en-table")).not_to_contain_text("completed")
    assert notebook.problems == []
