"""The quickstart as a newcomer sees it: the job's card, the prompts, the results, and the saved notebook."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.lab import Lab, Notebook
from tests.browser.server import JupyterServer
from tests.real.test_example_notebooks import FOLDER

WIDGET = "application/vnd.jupyter.widget-view+json"
MODEL_CELL, CARD_CELL, RUN_CELL, RESULTS_CELL = 1, 5, 7, 8


def quickstart() -> list[str]:
    """The notebook's cells as code, told to use the scripted model; texts become empty cells."""
    cells = nbformat.read(FOLDER / "quickstart.ipynb", as_version=4).cells
    sources = [cell.source if cell.cell_type == "code" else "" for cell in cells]
    sources[MODEL_CELL] = sources[MODEL_CELL].replace("Model()", 'Model("test")')
    assert 'Model("test")' in sources[MODEL_CELL]
    return sources


def open_quickstart(lab: Lab, **page: int) -> Notebook:
    notebook = lab.open(quickstart(), **page)  # type: ignore[arg-type]
    for index, source in enumerate(quickstart()):
        if source:
            notebook.run_cell(index)
    expect(card(notebook)).to_be_visible()
    return notebook


@pytest.fixture(scope="module")
def notebook(chromium: Browser, jupyter_server: JupyterServer) -> Iterator[Notebook]:
    """The quickstart, for all tests that only look at it; opening one takes longer than they do."""
    lab = Lab(chromium, jupyter_server)
    yield open_quickstart(lab)
    lab.close()


def card(notebook: Notebook) -> Locator:
    return notebook.output(CARD_CELL).locator(".en-job")


def results(notebook: Notebook) -> Locator:
    return notebook.output(RESULTS_CELL).locator(".en-grid")


def test_card_and_tables_in_both_themes_wide_and_narrow(notebook: Notebook) -> None:
    notebook.page.set_viewport_size({"width": 1200, "height": 1900})
    figures = card(notebook).locator(".en-numbers")
    expect(figures).to_contain_text("12")
    for name in ("Questions", "Agents", "Scenarios", "Models", "Interviews", "Estimated cost"):
        expect(figures.get_by_text(name, exact=True)).to_be_visible()
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        notebook.screenshot(f"card-{theme}", of=notebook.output(CARD_CELL))
        notebook.screenshot(f"results-{theme}", of=notebook.output(RESULTS_CELL))
        colour = card(notebook).evaluate("element => getComputedStyle(element).color")
        dark_text = sum(int(part) for part in colour.strip("rgba()").split(",")[:3]) < 3 * 128
        assert dark_text == (theme == "light"), f"text of {colour} in the {theme} theme"
    notebook.page.set_viewport_size({"width": 560, "height": 1900})
    notebook.screenshot("card-dark-narrow", of=notebook.output(CARD_CELL))
    overflow = card(notebook).evaluate("element => element.scrollWidth - element.clientWidth")
    assert overflow <= 0, "the card is wider than its place"
    assert notebook.problems == []
    notebook.page.set_viewport_size({"width": 1280, "height": 900})


def test_no_label_lies_on_its_number(notebook: Notebook) -> None:
    pairs = (
        card(notebook)
        .locator(".en-numbers")
        .evaluate(
            """list => [...list.querySelectorAll("dt")].map(label => {
            const a = label.getBoundingClientRect();
            const b = label.parentElement.querySelector("dd").getBoundingClientRect();
            return Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        })"""
        )
    )
    assert pairs and all(shared <= 1 for shared in pairs), pairs


def test_prompts_page_search_row_and_copy(notebook: Notebook) -> None:
    grid = card(notebook).locator(".en-grid")
    rows = grid.locator("tbody tr")
    expect(grid.locator(".en-extent")).to_contain_text("of 12")
    expect(rows).to_have_count(10)

    grid.get_by_role("button", name="Next page").click()
    expect(rows).to_have_count(2)

    grid.get_by_role("searchbox").fill("FARMER")
    expect(grid.locator(".en-extent")).to_contain_text("of 4")
    expect(rows).to_have_count(4)

    rows.first.click()
    detail = grid.get_by_role("complementary", name="Row in full")
    expect(detail).to_contain_text("I love it\nIt is fine\nI avoid it")
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    detail.get_by_role("button", name="Copy user_prompt").click()
    copied = notebook.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("How do you like green tea?\n\nI love it\nIt is fine")
    notebook.page.keyboard.press("Escape")
    expect(detail).to_have_count(0)


def test_keys_in_a_table_do_not_reach_the_notebook(notebook: Notebook) -> None:
    cells = notebook.locator(".jp-Notebook .jp-Cell").count()
    row = results(notebook).locator("tbody tr").first
    row.focus()
    for key in ("x", "x", "b", "a", "d", "d", "ArrowDown"):
        notebook.page.keyboard.press(key)
    assert notebook.locator(".jp-Notebook .jp-Cell").count() == cells


def test_frozen_notebook_shows_everything_the_next_day(lab: Lab) -> None:
    notebook = open_quickstart(lab)
    notebook.run_cell(notebook.add_cell("job.freeze()"))
    expect(card(notebook)).to_have_count(0)
    expect(notebook.output(CARD_CELL)).to_contain_text("How do you like green tea?")
    expect(results(notebook)).to_be_visible()
    notebook.run_cell(notebook.add_cell("import edsl_nb; edsl_nb.freeze_all()"))
    expect(results(notebook)).to_have_count(0)
    saved = notebook.save()
    assert not [o for cell in saved.cells for o in cell.get("outputs", []) if WIDGET in o.get("data", {})]
    notebook.close()

    other_day = lab.open_saved(saved, trusted=True)

    expect(other_day.output(CARD_CELL)).to_contain_text("Interviews")
    expect(other_day.output(CARD_CELL)).to_contain_text("How do you like green tea?")
    expect(other_day.output(RUN_CELL)).to_contain_text("Completed")
    expect(other_day.output(RESULTS_CELL).locator("table")).to_contain_text("night nurse")
    other_day.screenshot("frozen-card", of=other_day.output(CARD_CELL))
    other_day.screenshot("frozen-results", of=other_day.output(RESULTS_CELL))
    assert "model not found" not in other_day.locator(".jp-Notebook").inner_text()


def test_only_the_last_displays_stay_live(lab: Lab) -> None:
    sources = quickstart()
    sources[MODEL_CELL] += "\nimport edsl_nb; edsl_nb.settings.live_displays = 1"
    notebook = lab.open(sources)
    for index, source in enumerate(sources):
        if source:
            notebook.run_cell(index)
    expect(card(notebook)).to_have_count(0)
    expect(results(notebook)).to_have_count(1)

    notebook.run_cell(notebook.add_cell("edsl_nb.settings.live_displays = 0"))
    notebook.run_cell(RESULTS_CELL)

    expect(results(notebook)).to_have_count(0)
    expect(notebook.output(RESULTS_CELL).locator("table")).to_contain_text("night nurse")
