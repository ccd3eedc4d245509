"""HTML and text for viewers without a kernel, and the bundles that carry them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import comm
import pytest

from edsl_nb import Model, QuestionFreeText, Survey
from edsl_nb.core.errors import EdslNbError
from edsl_nb.runner.progress import ErrorCount
from edsl_nb.widgets.base import WIDGET_MIME
from edsl_nb.widgets.plain import progress_text, table_text
from edsl_nb.widgets.progress import ProgressWidget
from edsl_nb.widgets.render import bundle, widget
from edsl_nb.widgets.static_html import SIZE_LIMIT, progress_html, table_html
from edsl_nb.widgets.words import money
from tests.unit.widget_fakes import PATIENCE, RecordingComm, SlowTable, lane, snapshot

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\" onclick='x' &amp; 😀"


class Tags(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def job():
    return Survey(questions=[QuestionFreeText(question_name="q", question_text="Why?")]).by(Model("test"))


def test_untrusted_text_stays_text() -> None:
    html = table_html(SlowTable(cells=lambda key: [EVIL, key]), caption=EVIL)
    errors, lanes = [ErrorCount(message=EVIL, count=2)], [lane(EVIL, waiting=EVIL), lane("b")]
    html += progress_html(snapshot(state="running", waiting=EVIL, errors=errors, lanes=lanes))
    html += progress_html(snapshot(state="stopped", reason=EVIL))
    seen = Tags(html)
    assert seen.tags <= {"div", "span", "table", "thead", "tbody", "tr", "th", "td"}
    assert seen.attributes == {"style"}
    assert EVIL in seen.text


def test_a_table_says_how_much_of_it_is_shown_and_keeps_line_breaks() -> None:
    html = table_html(SlowTable(rows=12_000, cells=lambda key: [f"line\nbreak {key}", key, "hidden"]))
    assert "Showing 10 of 12,000 rows; 1 column more" in html
    assert "line\nbreak 9" in html
    assert "break 10<" not in html
    assert "pre-wrap" in html


@pytest.mark.parametrize("columns", [2, 200])
@pytest.mark.parametrize("letter", ["x", "<", "😀"])
def test_a_static_table_is_never_large(columns: int, letter: str) -> None:
    class Wide(SlowTable):
        @property
        def columns(self):
            return [c.__class__(c.name, primary=True) for c in super().columns]

    wide = Wide(rows=100, cells=lambda key: [letter * 100_000] * columns)
    assert len(table_html(wide, caption=letter * 100_000).encode()) <= SIZE_LIMIT


def test_a_static_progress_is_never_large() -> None:
    errors = [ErrorCount(message="😀" * 100_000, count=1) for _ in range(5)]
    html = progress_html(snapshot(errors=errors, lanes=[lane("<" * 1000) for _ in range(500)]))
    assert len(html.encode()) <= SIZE_LIMIT
    assert "485 more" in html


def test_an_empty_table_says_so() -> None:
    assert "No rows" in table_html(SlowTable(rows=0))


def test_the_final_state_is_in_words() -> None:
    assert "Stopped — the results so far are kept" in progress_html(snapshot(state="stopped"))
    assert "Completed, 3 failed or invalid" in progress_html(snapshot(failed=2, invalid=1))
    assert "Dry run: completed" in progress_html(snapshot(dry_run=True))
    assert "Dry run: completed" in progress_text(snapshot(dry_run=True))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"state": "stopping", "reason": "max_cost=$2 would be passed"},
            "Stopping: max_cost=$2 would be passed",
        ),
        ({"state": "paused", "in_flight": 20}, "Paused"),
        ({"state": "paused", "in_flight": 20}, "Waiting for 20 calls in flight"),
        ({"state": "paused", "waiting": "rate limit of m, 12 s"}, "No calls in flight"),
        ({"state": "running", "waiting": "rate limit of m, 12 s"}, "Waiting: rate limit of m, 12 s"),
        ({"state": "running", "waiting": "waiting for the network (m)"}, "Waiting for the network (m)"),
        ({"retries": 1200}, "1,200"),
    ],
)
def test_a_run_under_way_says_what_it_waits_for(change: dict[str, object], words: str) -> None:
    assert words in Tags(progress_html(snapshot(**change))).text
    assert words not in progress_html(snapshot())


def test_lanes_have_columns_for_what_they_wait_for_and_tried_again_where_any_does() -> None:
    lanes = [lane("a", retries=12), lane("b", waiting="rate limit of b, 12 s")]
    running = Tags(progress_html(snapshot(state="running", lanes=lanes))).text
    assert "tried again" in running
    assert "12" in running
    assert "rate limit of b, 12 s" in running
    ended = Tags(progress_html(snapshot(lanes=lanes))).text
    assert "tried again" in ended
    assert "rate limit" not in ended
    quiet = Tags(progress_html(snapshot(state="running", lanes=[lane("a"), lane("b")]))).text
    assert "tried again" not in quiet
    assert "waiting" not in quiet


def test_the_reason_of_an_end_is_told_in_html_and_text() -> None:
    ended = snapshot(state="stopped", reason="max_cost=$2 would be passed")
    words = "Stopped: max_cost=$2 would be passed — the results so far are kept"
    assert words in Tags(progress_html(ended)).text
    assert words in progress_text(ended)


def test_text_is_the_same_whatever_was_cached_or_how_long_it_took() -> None:
    again = snapshot(run_id="x", seq=1, cached=2000, elapsed=0.1, rate=9e9, cost=0, input_tokens=0)
    assert progress_text(snapshot()) == progress_text(again)
    assert progress_text(again) == (
        "Run of 1,000 interviews: Completed; "
        "1,000 of 1,000 interviews done, 2,000 of 2,000 questions answered"
    )


def test_text_of_a_run_under_way_does_not_change() -> None:
    early = progress_text(snapshot(state="running", items_done=1, answered=1))
    assert early == progress_text(snapshot(state="stopping", items_done=99, answered=99))
    assert "under way" in early
    assert progress_text(snapshot(state="paused")).endswith("paused")


def test_text_of_a_table_is_aligned_and_cut() -> None:
    text = table_text(SlowTable(rows=12, cells=lambda key: ["a\nb " + "long " * 20, key]))
    lines = text.splitlines()
    assert lines[0] == "Slow: 12 rows, 2 columns"
    assert lines[2].startswith("a b long long")
    assert "…" in lines[2]
    assert lines[-1] == "(first 10 of 12 rows)"
    assert max(map(len, lines)) <= 100


def test_no_text_or_html_holds_an_address() -> None:
    for obj in (job(), job().prompts()):
        data, _ = bundle(obj, live=False)
        again, _ = bundle(obj, live=False)
        assert data == again
        assert not re.search(r"0x[0-9a-f]{6}", "".join(data.values()))


def test_outside_a_notebook_a_bundle_has_no_widget() -> None:
    data, _ = bundle(job())
    assert set(data) == {"text/html", "text/plain"}


def test_in_a_notebook_a_bundle_has_all_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", RecordingComm)
    for obj in (job(), job().prompts(), job().run(progress_bar=False)):
        data, _ = bundle(obj)
        assert set(data) == {WIDGET_MIME, "text/html", "text/plain"}
        assert set(bundle(obj, live=False)[0]) == {"text/html", "text/plain"}


def test_a_widget_is_its_own_widget_and_bundles_as_its_object() -> None:
    run = job().start(progress_bar=False)
    shown = widget(run)
    assert isinstance(shown, ProgressWidget)
    assert widget(shown) is shown
    assert run.wait(PATIENCE)
    assert bundle(shown, live=False)[0] == bundle(run, live=False)[0]


def test_what_cannot_be_shown_is_refused_by_name() -> None:
    with pytest.raises(EdslNbError, match="a list"):
        widget([1])
    with pytest.raises(EdslNbError, match="a list"):
        bundle([1])


def test_money_has_the_digits_it_needs() -> None:
    amounts = [None, 0.0, 0.0003725, 0.01234, 0.5, 1.0, 12345.678]
    expected = ["unknown", "$0", "$0.000373", "$0.0123", "$0.50", "$1.00", "$12,345.68"]
    assert [money(amount) for amount in amounts] == expected


def test_a_table_that_is_shown_whole_says_how_many_rows_it_has() -> None:
    html = table_html(SlowTable(rows=3, cells=lambda key: [f"row {key}", key, "hidden"]))
    assert "Showing" not in html
    assert "3 rows" in html
