"""The table widget's Python half: requests answered on the runner's loop."""

from __future__ import annotations

import logging
import threading

import comm
import pytest

from edsl_nb.runner import loop
from edsl_nb.widgets.messages.table import CELL_LIMIT
from edsl_nb.widgets.table import TableWidget
from tests.unit.widget_fakes import RecordingComm, SlowTable, ask, ask_page, on_loop


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", RecordingComm)


def test_a_page_is_answered_with_its_request_id() -> None:
    widget = TableWidget(SlowTable())
    ask_page(widget, id=5, view="a", offset=90, limit=25)
    reply = widget.comm.reply("page", 5)
    assert [row["key"] for row in reply["rows"]] == list(range(90, 100))
    assert (reply["view"], reply["total"], reply["has_next"], reply["version"]) == ("a", 100, False, 3)


def test_the_state_holds_no_rows() -> None:
    state = TableWidget(SlowTable(), page_size=25, caption="remote").table
    assert state["rows"] == 100
    assert state["page_size"] == 25
    assert state["caption"] == "remote"
    assert "text 0" not in str(state)


def test_a_newer_request_of_a_view_cancels_the_older() -> None:
    table = SlowTable()
    widget = TableWidget(table)
    ask_page(widget, id=1, search="slow")
    assert table.began.wait(10)
    ask_page(widget, id=2)
    widget.comm.reply("page", 2)
    assert table.cancelled.wait(10)
    assert not [m for m in widget.comm.customs() if m["id"] == 1 and m["type"] != "scan"]


def test_other_views_are_left_alone() -> None:
    table = SlowTable()
    widget = TableWidget(table)
    ask_page(widget, id=1, view="a", search="slow")
    assert table.began.wait(10)
    ask_page(widget, id=2, view="b")
    widget.comm.reply("page", 2)
    table.release()
    widget.comm.reply("page", 1)
    assert not table.cancelled.is_set()


def test_a_row_request_does_not_cancel_a_page() -> None:
    table = SlowTable()
    widget = TableWidget(table)
    ask_page(widget, id=1, search="slow")
    assert table.began.wait(10)
    ask(widget, type="row", view="v", id=2, key=3)
    assert widget.comm.reply("row", 2)["cells"] == ["text 3", 3]
    table.release()
    widget.comm.reply("page", 1)


def test_a_scan_tells_how_far_it_is_but_not_too_often() -> None:
    table = SlowTable(rows=5000)
    widget = TableWidget(table)
    ask_page(widget, search="slow")
    widget.comm.reply("scan")
    assert table.began.wait(10)
    table.release()
    widget.comm.reply("page")
    assert len([m for m in widget.comm.customs() if m["type"] == "scan"]) < 50


def test_long_cells_are_cut_in_pages_and_whole_in_rows() -> None:
    long = "x" * (CELL_LIMIT + 1)
    widget = TableWidget(SlowTable(cells=lambda key: [long, key]))
    ask_page(widget)
    first = widget.comm.reply("page")["rows"][0]
    assert (len(first["cells"][0]), first["cut"]) == (CELL_LIMIT, [True, False])
    ask(widget, type="row", view="v", id=2, key=0)
    assert widget.comm.reply("row", 2)["cells"][0] == long


def test_an_unexpected_error_is_a_reply_and_a_log_entry(caplog: pytest.LogCaptureFixture) -> None:
    widget = TableWidget(SlowTable())
    with caplog.at_level(logging.ERROR, "edsl_nb"):
        ask_page(widget, search="broken")
        assert "division by zero" in widget.comm.reply("error")["message"]
    assert "ZeroDivisionError" in caplog.text


def test_a_message_that_is_none_is_logged_and_answered_by_nothing(caplog: pytest.LogCaptureFixture) -> None:
    widget = TableWidget(SlowTable())
    ask(widget, type="page", view="v", id=1, secret="sk-0123456789abcdef")
    ask(widget, type="nonsense")
    assert "not understood" in caplog.text
    assert "0123456789abcdef" not in caplog.text
    assert widget.comm.customs() == []


def test_requests_come_right_from_any_thread() -> None:
    widget = TableWidget(SlowTable())
    threads = [threading.Thread(target=ask_page, args=(widget, i, f"view{i}")) for i in range(20)]
    for thread in threads:
        thread.start()
    for i in range(20):
        assert widget.comm.reply("page", i)["view"] == f"view{i}"


def test_refresh_changes_the_version_at_most_ten_times_a_second_and_never_loses_the_last() -> None:
    table = SlowTable(rows=5)
    widget = TableWidget(table)
    for rows in range(6, 206):
        table._rows = rows
        on_loop(widget.refresh)
    widget.comm.until(lambda m: m.get("method") == "update" and m["state"]["table"]["rows"] == 205)
    versions = [state["version"] for state in widget.comm.states("table")]
    assert versions == sorted(set(versions))
    assert len(versions) < 100


def test_closing_stops_the_work() -> None:
    table = SlowTable()
    widget = TableWidget(table)
    ask_page(widget, search="slow")
    assert table.began.wait(10)
    widget.close()
    assert table.cancelled.wait(10)


def test_nothing_is_left_behind_by_answered_requests() -> None:
    widget = TableWidget(SlowTable())
    for i in range(5):
        ask_page(widget, i, view=f"v{i}")
        widget.comm.reply("page", i)
    loop.submit(_nothing()).result(10)
    assert widget._channel.busy == 0


async def _nothing() -> None:
    """One turn of the loop."""
