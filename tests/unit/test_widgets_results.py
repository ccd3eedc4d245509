"""The results widget's Python half: filters, profiles of columns, pictures, and rows as text for a file."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from typing import Any

import comm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Agent, AgentList, Dataset, QuestionFreeText, QuestionMultipleChoice, Results, Survey
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.tables import Column, Pictured
from edsl_nb.models.model import Model, ModelList
from edsl_nb.results import Axes
from edsl_nb.results.records import AnswerCell, Interview
from edsl_nb.scenarios import Scenario, ScenarioList
from edsl_nb.widgets.exporting import PIECE, for_spreadsheets
from edsl_nb.widgets.render import widget
from edsl_nb.widgets.table import TableWidget
from tests.unit.widget_fakes import RecordingComm, SlowTable, ask, ask_page

PEOPLE = ("cook", "nurse", "clerk")
TEAS = ("Yes", "No")


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", RecordingComm)


def shown_as_widget(obj: object) -> Any:
    """An object's widget, whose comm records what it sends."""
    return widget(obj)


def made(count: int = 60, total: int | None = None) -> Results:
    """Interviews of three people, who like tea in turns and say so in different words."""
    survey = Survey(
        [QuestionMultipleChoice("tea", "Tea?", ["Maybe", *TEAS]), QuestionFreeText("why", "Why?")]
    )
    agents = AgentList([Agent({"persona": name}) for name in PEOPLE])
    axes = Axes(survey, agents, ScenarioList([Scenario({})]), ModelList([Model("test")]))
    rows = (
        Interview(i, i % 3, 0, 0, i // 3, [said(TEAS[i % 2], i), said(f"reason {i}", i)])
        for i in range(count)
    )
    return Results(axes, rows, total or count, partial=total is not None)


def said(answer: str, number: int) -> AnswerCell:
    return AnswerCell("answered", answer, how="exact", key=f"{number:032x}", raw='{"n": 1}')


def query(**change: Any) -> dict[str, Any]:
    return {"search": "", "sort": None, "filters": [], **change}


def among(column: str, *values: Any) -> dict[str, Any]:
    return {"column": column, "contains": "", "one_of": list(values), "least": None, "most": None}


def asked(shown: Any, type_: str, **content: Any) -> dict[str, Any]:
    """What a widget answers to a request."""
    ask(shown, type=type_, view="v", id=1, **content)
    reply: dict[str, Any] = shown.comm.reply(type_)
    return reply


def exported(shown: Any, columns: list[str], form: str = "csv", **change: Any) -> list[str]:
    """The pieces of an export, fetched one after the other as the browser does."""
    pieces: list[str] = []
    offset: int | None = 0
    while offset is not None:
        number = len(pieces) + 1
        ask(
            shown,
            type="export",
            view="v",
            id=number,
            offset=offset,
            columns=columns,
            form=form,
            **query(**change),
        )
        reply = shown.comm.reply("export", number)
        pieces.append(reply["text"])
        offset = reply["next"]
    return pieces


def test_results_say_what_their_table_can_do() -> None:
    table = shown_as_widget(made()).table
    assert table["pictures"] == ["tea", "why"]
    assert all(column["filterable"] for column in table["columns"])
    assert TableWidget(SlowTable()).table["pictures"] == []
    assert not any(column["filterable"] for column in TableWidget(SlowTable()).table["columns"])


def test_partial_results_say_so_above_the_table() -> None:
    assert "60 of 5,000" in shown_as_widget(made(total=5_000)).table["title"]


def test_rows_are_filtered_and_pages_count_only_these() -> None:
    shown = shown_as_widget(made())
    filters = [among("answer.tea", "Yes"), among("agent.persona", "cook", "nurse")]
    ask_page(shown, filters=filters, offset=10)
    reply = shown.comm.reply("page")
    keys = [i for i in range(60) if i % 2 == 0 and i % 3 < 2]
    assert [row["key"] for row in reply["rows"]] == keys[10:20]
    assert (reply["total"], reply["has_next"]) == (20, False)


def test_a_filter_of_a_column_that_is_not_there_is_an_error() -> None:
    shown = shown_as_widget(made())
    ask_page(shown, filters=[among("answer.te", "Yes")])
    assert "answer.tea" in shown.comm.reply("error")["message"]


def test_choices_are_counted_in_the_order_of_the_options() -> None:
    reply = asked(shown_as_widget(made()), "profile", column="answer.tea")
    assert reply["tallies"] == [
        {"value": "Maybe", "count": 0},
        {"value": "Yes", "count": 30},
        {"value": "No", "count": 30},
    ]
    assert (reply["filled"], reply["empty"], reply["least"]) == (60, 0, None)


def test_numbers_are_counted_in_bins() -> None:
    reply = asked(shown_as_widget(Dataset({"n": [1, 2, 2, None]})), "profile", column="n")
    assert reply["bins"] == [{"low": 0.5, "high": 1.5, "count": 1}, {"low": 1.5, "high": 2.5, "count": 2}]
    assert (reply["least"], reply["most"], reply["empty"]) == (1.0, 2.0, 1)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"type": "profile", "column": "c0"}, "no columns to filter by"),
        ({"type": "picture", "name": "q", "by": "", "width": 400, **query()}, "no pictures"),
        ({"type": "export", "offset": 0, "columns": ["c"], "form": "csv", **query()}, "c0"),
    ],
)
def test_what_a_table_cannot_do_is_an_error_in_words(request_: dict[str, Any], words: str) -> None:
    shown: Any = TableWidget(SlowTable())
    ask(shown, view="v", id=1, **request_)
    assert words in shown.comm.reply("error")["message"]


def test_a_picture_is_made_of_the_rows_that_are_filtered_for() -> None:
    shown = shown_as_widget(made())
    wanted = query(filters=[among("agent.persona", "cook")])
    reply = asked(shown, "picture", name="tea", by="", width=400, **wanted)
    drawn = "".join(ET.fromstring(reply["svg"]).itertext())
    assert "n = 20" in drawn
    assert reply["groupings"] == ["agent.persona", "answer.tea"]


def test_a_picture_is_split_and_an_unknown_one_refused() -> None:
    shown = shown_as_widget(made())
    reply = asked(shown, "picture", name="tea", by="agent.persona", width=400, **query())
    drawn = "".join(ET.fromstring(reply["svg"]).itertext())
    assert all(f"{name} (n = 20)" in drawn for name in PEOPLE)
    ask(shown, type="picture", view="v", id=2, name="te", by="", width=400, **query())
    assert "tea" in shown.comm.reply("error", 2)["message"]


def test_pictures_of_partial_results_say_so() -> None:
    reply = asked(shown_as_widget(made(total=5_000)), "picture", name="tea", by="", width=400, **query())
    assert "partial: 60 of 5,000" in reply["svg"]


def test_results_are_searched_in_what_was_said_and_not_in_keys() -> None:
    shown = shown_as_widget(made())
    ask_page(shown, 1, search="reason 7")
    assert shown.comm.reply("page", 1)["total"] == 1
    ask_page(shown, 2, search="00000007")
    assert shown.comm.reply("page", 2)["total"] == 0


# Rows as text


def test_an_export_has_the_rows_found_in_their_order_and_the_columns_asked_for() -> None:
    shown = shown_as_widget(made())
    sort = {"column": "answer.why", "descending": True}
    pieces = exported(shown, ["answer.why", "agent.persona"], sort=sort, filters=[among("answer.tea", "Yes")])
    rows = list(csv.reader(io.StringIO("".join(pieces), newline="")))
    assert rows[0] == ["answer.why", "agent.persona"]
    expected = sorted(((f"reason {i}", PEOPLE[i % 3]) for i in range(0, 60, 2)), reverse=True)
    assert [tuple(row) for row in rows[1:]] == expected


def test_a_large_export_comes_in_pieces() -> None:
    shown = shown_as_widget(Dataset({"t": [f"{i} " + "x" * 500 for i in range(3_000)]}))
    pieces = exported(shown, ["t"])
    assert len(pieces) > 3
    assert all(len(piece) < PIECE + 100 * 600 for piece in pieces)
    rows = list(csv.reader(io.StringIO("".join(pieces), newline="")))
    assert [row[0].split()[0] for row in rows[1:]] == [str(i) for i in range(3_000)]


def test_cells_with_tabs_and_lines_are_quoted_for_the_clipboard() -> None:
    shown = shown_as_widget(Dataset({"t": ["a\tb", "c\nd"], "n": [1, None]}))
    assert exported(shown, ["t", "n"], "tsv") == ['t\tn\r\n"a\tb"\t1\r\n"c\nd"\t\r\n']


@pytest.mark.parametrize(
    "text", ["=1+2", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "=HYPERLINK(1)"]
)
def test_what_a_spreadsheet_would_compute_is_written_as_text(text: str) -> None:
    shown = shown_as_widget(Dataset({"=name": [text]}))
    rows = list(csv.reader(io.StringIO("".join(exported(shown, ["=name"])), newline="")))
    assert rows == [["'=name"], [f"'{text}"]]


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)))
def test_only_formulas_are_changed(cell: Any) -> None:
    safe = for_spreadsheets(cell)
    assert safe is cell or safe == f"'{cell}"
    if isinstance(cell, str) and cell[:1] not in tuple("=+-@\t\r\n＝＋－＠"):
        assert safe is cell


@pytest.mark.parametrize("number", ["-5", "+3.5", "-1e9", "-.5"])
def test_numbers_in_texts_stay_numbers(number: str) -> None:
    assert for_spreadsheets(number) == number


def test_a_page_reads_no_more_cells_than_it_shows() -> None:
    read: list[int] = []

    def cell(row: int, _: str) -> int:
        read.append(row)
        return row

    columns = [Column(f"c{i}", "number") for i in range(40)]
    shown: Any = TableWidget(MemoryTable("Numbers", columns, 100_000, cell))
    ask_page(shown, offset=99_990)
    assert len(shown.comm.reply("page")["rows"]) == 10
    assert len(read) == 400


def test_results_are_pictured() -> None:
    assert isinstance(made().as_table(), Pictured)
