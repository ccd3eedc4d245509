"""The results widget in a real notebook: filters, charts and a file of what is shown."""

from __future__ import annotations

import csv
import io

from playwright.sync_api import expect

from tests.browser.lab import Lab, eventually

DATA = """from edsl_nb import *
Dataset({
    "answer.likes": [["=1+1", "No", "Yes"][i % 3] for i in range(60)],
    "agent.age": [20 + i for i in range(60)],
    "answer.why": [f"reason {i}" for i in range(60)],
})"""

RESULTS = "Results.example()"


def test_filters_charts_and_download(lab: Lab) -> None:
    notebook = lab.open([DATA, RESULTS], width=1100, height=1400)
    notebook.run_all()
    table = notebook.output(0).locator(".en-grid")
    expect(table.locator("th .en-spark")).to_have_count(3)

    table.get_by_role("button", name="Filter by answer.likes").click()
    table.get_by_role("checkbox", name="=1+1").check()
    expect(table.locator(".en-extent")).to_have_text("1–10 of 20")
    table.get_by_role("button", name="Filter by agent.age").click()
    table.get_by_label("from", exact=True).fill("70")
    expect(table.locator(".en-extent")).to_have_text("1–3 of 3")
    with notebook.page.expect_download() as got:
        table.get_by_role("button", name="Download").click()
    text = got.value.path().read_text(encoding="utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["answer.likes", "agent.age", "answer.why"],
        *(["'=1+1", str(20 + i), f"reason {i}"] for i in (51, 54, 57)),
    ]
    # Keys typed in a filter do not reach the notebook, where "d" twice deletes the cell.
    table.get_by_role("button", name="Filter by answer.why").click()
    eventually(
        lambda: notebook.page.evaluate("document.activeElement.closest('.en-grid input') !== null"),
        "the filter has the focus",
    )
    notebook.page.keyboard.type("ddx")
    expect(table.locator(".en-nothing")).to_contain_text("No row passes the filters")
    table.get_by_role("button", name="Clear the filters").click()
    expect(table.locator(".en-extent")).to_have_text("1–10 of 60")

    shown = notebook.output(1).locator(".en-grid")
    expect(shown.locator("h3")).to_contain_text("dry run")
    shown.get_by_role("tab", name="Charts").click()
    expect(shown.locator("figure svg")).to_have_count(3)
    expect(shown.locator("figure").first).to_contain_text("dry run, no model was asked")
    notebook.screenshot("results-charts", of=notebook.output(1))
