"""The built bundles in a real Chromium without Jupyter: a page with made-up data plays Python.

By hand: serve this page with `python -m tests.browser.widget_page` and look at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.screenshots import check_if_comparable
from tests.browser.widget_page import WidgetPage

CASES = [
    ("table", "plain"),
    ("table", "untrusted"),
    ("table", "empty"),
    ("table", "error"),
    ("table", "unknown"),
    ("table", "results"),
    ("progress", "plain"),
    ("progress", "starting"),
    ("progress", "completed"),
    ("progress", "stopped"),
    ("progress", "paused"),
    ("progress", "waiting"),
    ("progress", "failed"),
    ("progress", "lanes"),
    ("job", "plain"),
    ("job", "counting"),
    ("job", "problem"),
    ("transcript", "plain"),
    ("transcript", "error"),
    ("benchmark", "plain"),
    ("benchmark", "running"),
    ("job_list", "plain"),
    ("job_list", "untrusted"),
    ("job_list", "filtered"),
    ("job_list", "signed_out"),
]
WIDTHS = (1100, 480)


@pytest.fixture(scope="module")
def site() -> Iterator[WidgetPage]:
    served = WidgetPage()
    yield served
    served.stop()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page on which any error of the browser's console fails the test."""
    opened = chromium.new_page(reduced_motion="reduce")
    problems: list[str] = []
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("dialog", lambda dialog: problems.append(f"a script in the data ran: {dialog.message}"))
    yield opened
    opened.close()
    assert problems == []


def show(
    page: Page, site: WidgetPage, widget: str, case: str = "plain", theme: str = "light", width: int = 1100
) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(site.address(widget, case, theme))
    page.wait_for_function("window.end !== undefined")
    expect(page.locator(".edsl-nb")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("widget", "case"), CASES)
def test_looks(page: Page, site: WidgetPage, screenshots: Path, widget: str, case: str, theme: str) -> None:
    for width in WIDTHS:
        show(page, site, widget, case, theme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            "the page scrolls sideways"
        )
        name = f"bundle-{widget}-{case}-{theme}-{width}"
        page.locator(".edsl-nb").screenshot(path=screenshots / f"{name}.png", animations="disabled")
        check_if_comparable(name)


def test_the_theme_follows_the_page(page: Page, site: WidgetPage) -> None:
    show(page, site, "table")
    background = "getComputedStyle(document.querySelector('.edsl-nb')).backgroundColor"
    light = page.evaluate(background)
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    page.wait_for_function(f"{background} !== '{light}'")
    assert page.locator(".edsl-nb").get_attribute("data-scheme") == "dark"


@pytest.mark.parametrize(
    ("widget", "case"), [("progress", "plain"), ("progress", "waiting"), ("job", "plain")]
)
def test_no_text_lies_on_another_whatever_the_host_says_of_elements(
    page: Page, site: WidgetPage, widget: str, case: str
) -> None:
    for width in WIDTHS:
        show(page, site, widget, case, width=width)
        assert page.evaluate(_OVERLAPS) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("widget", "case"),
    [
        ("table", "plain"),
        ("table", "results"),
        ("progress", "plain"),
        ("progress", "waiting"),
        ("job", "plain"),
        ("transcript", "plain"),
        ("benchmark", "running"),
        ("job_list", "plain"),
        ("job_list", "signed_out"),
    ],
)
def test_text_stands_out_from_its_background(
    page: Page, site: WidgetPage, widget: str, case: str, theme: str
) -> None:
    show(page, site, widget, case, theme)
    low = page.evaluate(_LOW_CONTRAST)
    assert low == []


def test_a_row_opens_beside_the_table_and_closes(page: Page, site: WidgetPage, screenshots: Path) -> None:
    show(page, site, "table")
    page.locator("tbody tr").nth(3).click()
    panel = page.locator("aside")
    expect(panel).to_contain_text("Background\n----------")
    table_box, panel_box = page.locator(".en-scroll").bounding_box(), panel.bounding_box()
    assert table_box is not None and panel_box is not None
    assert panel_box["x"] >= table_box["x"] + table_box["width"]
    assert abs(panel_box["height"] - table_box["height"]) < 2
    page.screenshot(path=screenshots / "bundle-table-row.png")
    page.locator("tbody tr").nth(3).focus()
    page.keyboard.press("ArrowDown")
    expect(panel.locator("strong")).to_have_text("Row 5")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_a_row_opens_below_the_table_where_it_is_narrow(page: Page, site: WidgetPage) -> None:
    show(page, site, "table", width=480)
    page.locator("tbody tr").nth(1).click()
    table_box, panel_box = page.locator(".en-scroll").bounding_box(), page.locator("aside").bounding_box()
    assert table_box is not None and panel_box is not None
    assert panel_box["y"] >= table_box["y"] + table_box["height"] - 1


def test_the_focus_is_seen(page: Page, site: WidgetPage) -> None:
    show(page, site, "table")
    for _ in range(8):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid", page.evaluate("document.activeElement.outerHTML.slice(0, 80)")


def test_names_of_columns_are_whole_where_there_is_room(page: Page, site: WidgetPage) -> None:
    show(page, site, "table", "results")
    expect(page.locator("th .en-spark")).to_have_count(4)
    cut = """[...document.querySelectorAll('th .en-head > span, th')]
        .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"""
    assert page.evaluate(cut) == []
    assert page.evaluate("(box => box.scrollWidth <= box.clientWidth)(document.querySelector('.en-scroll'))")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_filters_and_charts_look_right(page: Page, site: WidgetPage, screenshots: Path, theme: str) -> None:
    show(page, site, "table", "results", theme)
    page.get_by_role("button", name="Filter by agent.age").click()
    page.get_by_label("from").fill("30")
    expect(page.locator(".en-chip")).to_have_text("agent.age from 30")
    page.get_by_role("button", name="Filter by answer.free_day_in_the_city").click()
    page.get_by_role("checkbox", name="<b>the beach</b>").check()
    expect(page.locator(".en-chip")).to_have_count(2)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.locator(".edsl-nb").screenshot(path=screenshots / f"bundle-filters-{theme}-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(_LOW_CONTRAST) == []
    page.get_by_role("tab", name="Charts").click()
    expect(page.locator("figure svg")).to_have_count(2)
    page.locator(".edsl-nb").screenshot(path=screenshots / f"bundle-charts-{theme}.png")
    assert page.evaluate(_LOW_CONTRAST) == []


def test_a_download_is_a_file_that_spreadsheets_read(page: Page, site: WidgetPage) -> None:
    show(page, site, "table", "results")
    with page.expect_download() as got:
        page.get_by_role("button", name="Download").click()
    assert got.value.suggested_filename == "results-partial-812-of-5-000.csv"
    assert got.value.path().read_bytes() == b"\xef\xbb\xbfa,b\r\n1,2\r\n"


def test_columns_do_not_move_when_pages_are_turned(page: Page, site: WidgetPage) -> None:
    show(page, site, "table")
    page.get_by_role("button", name="2 of 9 columns").click()
    page.get_by_role("button", name="All columns").click()
    heads = "[...document.querySelectorAll('thead th')].map((th) => th.offsetLeft)"
    before = page.evaluate(heads)
    assert len(before) == 9
    page.get_by_role("button", name="Last page").click()
    expect(page.locator(".en-extent")).to_have_text("999,991–1,000,000 of 1,000,000")
    assert page.evaluate(heads) == before


def change_progress(page: Page, change: Mapping[str, object]) -> None:
    page.evaluate("(change) => model.set('progress', {...model.get('progress'), ...change})", change)


def test_progress_does_not_move_while_numbers_change(page: Page, site: WidgetPage) -> None:
    show(page, site, "progress")
    before = page.evaluate(_PLACES)
    few = dict.fromkeys(("items_failed", "cached", "failed", "invalid", "skipped"), 0)
    few |= {"items_done": 1, "cells_done": 2, "answered": 2}
    change = {**few, "rate": 1234.5, "input_tokens": 123456789, "elapsed": 3999, "eta": None}
    change_progress(page, change)
    expect(page.locator(".en-done").first).to_have_text("1 of 1,000")
    assert page.evaluate(_PLACES) == before


def test_progress_does_not_move_when_a_wait_is_over_or_the_run_pauses(page: Page, site: WidgetPage) -> None:
    show(page, site, "progress", "waiting", width=480)
    before = page.evaluate(_PLACES)
    expect(page.locator(".en-waits")).to_contain_text("rate limit")
    going = page.evaluate("model.get('progress').lanes.map((lane) => ({...lane, waiting: null}))")
    change_progress(page, {"waiting": None, "lanes": going, "eta": 3999})
    expect(page.locator(".en-waits")).not_to_contain_text("rate limit")
    assert page.evaluate(_PLACES) == before
    change_progress(page, {"state": "paused", "eta": None})
    expect(page.get_by_role("button", name="Resume the run")).to_be_visible()
    assert page.evaluate(_PLACES) == before


#: Where things are in a run's display.
_PLACES = """[...document.querySelectorAll('.en-bar, dt, .en-steering > *, .en-lanes')].map((element) => {
    const box = element.getBoundingClientRect();
    return [box.x, box.y, box.width].map(Math.round);
})"""

#: Pairs of texts outside of tables that lie on one another.
_OVERLAPS = """(() => {
    const texts = [...document.querySelectorAll('.edsl-nb :is(dt, dd, strong, .en-time, .en-tag, button)')];
    const extent = (element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return range.getBoundingClientRect();
    };
    const boxes = texts.map((element) => [element.textContent, extent(element)]);
    const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
    const pairs = boxes.flatMap((one, i) => boxes.slice(i + 1).map((other) => [one, other]));
    return pairs.filter(([one, other]) => over(one[1], other[1])).map(([one, other]) => [one[0], other[0]]);
})()"""

#: Texts whose contrast with the widget's background is under 4.5 to 1 (controls that are off are exempt).
_LOW_CONTRAST = """(() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const paint = (...colors) => {
        canvas.clearRect(0, 0, 1, 1);
        for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = (rgb) => {
        const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        const [r, g, b] = rgb.map((c) => linear(c / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const background = (element) => {
        const own = getComputedStyle(element).backgroundColor;
        return element.parentElement ? [...background(element.parentElement), own] : [own];
    };
    const found = [];
    for (const element of document.querySelectorAll('.edsl-nb *')) {
        const own = [...element.childNodes].filter((node) => node.nodeType === 3);
        const text = own.map((node) => node.data.trim()).join('');
        if (!text || element.closest(':disabled, [aria-disabled=true], .en-unseen, select')) continue;
        const behind = background(element);
        const [a, b] = [light(paint(...behind, getComputedStyle(element).color)), light(paint(...behind))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5) found.push(`${text.slice(0, 30)}: ${contrast.toFixed(2)}`);
    }
    return found;
})()"""
