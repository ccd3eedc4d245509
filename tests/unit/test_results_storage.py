"""Results as they are kept: columns that grow while others read them, and files whose rows are lines."""

from __future__ import annotations

import copy
import gzip
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Results
from edsl_nb.core.errors import EdslNbError, ResultsError
from edsl_nb.results.growing import Amounts, Coded, Counts, Growing, Rare, Things
from edsl_nb.results.interviews import InterviewTable, Rows
from edsl_nb.results.records import AnswerCell, Interview
from tests.unit.samples import refusal
from tests.unit.test_results_json import AXES, answered, cells, through_json

# Columns

_numbers = st.none() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=2)


def same(found: list[Any], values: list[Any]) -> bool:
    """Whether they are equal; True is no number here."""
    return found == values and [isinstance(v, bool) for v in found] == [isinstance(v, bool) for v in values]


@given(st.lists(_numbers | st.booleans()), st.data())
def test_columns_give_back_what_they_are_given(values: list[Any], data: st.DataObject) -> None:
    columns: list[Growing] = [Counts(), Amounts(), Things()]
    rare = Rare(None)
    rare.put(0, *values)
    for column in columns:
        column.extend(values)
    rows = data.draw(st.lists(st.sampled_from(range(len(values))))) if values else []
    for column in (*columns, rare):
        assert same(column.gather(range(len(values))), values)
        assert same([column[row] for row in range(len(values))], values)
        assert same(column.gather(rows), [values[row] for row in rows])
        assert column.gather(range(len(values)))[1:3] == column.gather(range(len(values))[1:3])


@given(st.lists(st.none() | st.integers(-(2**62), 2**62)), st.lists(st.none() | st.floats(allow_nan=False)))
def test_numbers_are_had_at_once(whole: list[int | None], real: list[float | None]) -> None:
    for column, values in ((Counts(), whole), (Amounts(), real)):
        column.extend(values)
        for rows in (range(len(values)), list(range(len(values)))[::-1]):
            found = column.numbers(rows)
            assert found is not None
            numbers, missing = found
            told = [None if no else number for number, no in zip(numbers.tolist(), missing, strict=True)]
            assert told == column.gather(rows)
        column.append("many")
        assert column.numbers(range(len(values) + 1)) is None


def test_a_column_of_codes() -> None:
    column = Coded(("a", None, "b"))
    column.extend(["b", None, "a"])
    assert (column[0], column.gather([2, 1]), column.codes(range(3))) == ("b", ["a", None], b"\x02\x01\x00")


# Interviews


@given(st.lists(cells(), min_size=3, max_size=3))
def test_an_interview_is_a_view_of_a_row(asked: list[AnswerCell]) -> None:
    given_one = Interview(7, 1, 0, 0, 2, asked, kept={"order": 1})
    other = Interview(8, 0, 1, 0, 0, [AnswerCell() for _ in asked])
    view = Rows.of([other, given_one], 3)[1]
    assert list(view.cells) == asked
    for name in ("index", "agent", "scenario", "model", "iteration", "kept", "state", "flawed"):
        assert getattr(view, name) == getattr(given_one, name)
    assert view.to_json() == given_one.to_json()
    assert copy.copy(view.cells[0]) == asked[0]
    with pytest.raises(AttributeError):
        view.cells[0].nothing  # type: ignore[attr-defined]  # noqa: B018
    view.cells[0].comment = "changed"  # which changes nothing but the view
    assert Rows.of([given_one], 3)[0].cells[0].comment == asked[0].comment


def test_results_of_a_run_that_goes_on_stay_as_they_were() -> None:
    table = InterviewTable(3)
    for index in (4, 0, 2):
        table[index] = answered(index, f"answer {index}")
    first = Results(AXES, table.copy(), 9, partial=True)
    frame = first.to_pandas()  # which lends no memory, or the columns could not grow
    table[1] = answered(1, "answer 1")
    table[0] = answered(0, "asked again")
    second = Results(AXES, table.copy(), 9, partial=True)
    assert first.select("color").to_list() == ["answer 0", "answer 2", "answer 4"]
    assert second.select("color").to_list() == ["asked again", "answer 1", "answer 2", "answer 4"]
    assert frame["answer.color"].tolist() == first.select("color").to_list()
    assert [index for index, _ in table.items()] == [0, 1, 2, 4]


def test_reading_while_another_thread_adds() -> None:
    table, count = InterviewTable(3), 3_000
    failures: list[BaseException] = []

    def add() -> None:
        try:
            for index in range(count):
                cell = AnswerCell("answered", index, input_tokens=index, cost=index / 4, latency=0.5)
                table[index] = Interview(index, 0, 0, 0, 0, [cell, AnswerCell(), AnswerCell()])
        except BaseException as failure:
            failures.append(failure)
            raise

    adding = threading.Thread(target=add)
    adding.start()
    seen = 0
    while seen < count and not failures:
        results = Results(AXES, table.copy(), count, partial=True)
        frame = results.select("color", "color_input_tokens", "color_cost").to_pandas()
        assert frame["answer.color"].tolist() == list(range(len(results)))
        assert frame["raw_model_response.color_input_tokens"].tolist() == list(range(len(results)))
        assert frame["raw_model_response.color_cost"].sum() == sum(range(len(results))) / 4
        seen = len(results)
    adding.join(60)
    assert not failures


def test_interviews_are_taken_over_from_other_tables() -> None:
    ours, others = InterviewTable(3), InterviewTable(3)
    for index in range(4):
        others[index] = answered(index, f"answer {index}")
    wanted: dict[int, Interview] = {index: one for index, one in others.items() if index != 1}
    ours.update({**wanted, 9: answered(9, "new")})
    assert [(index, one.cells[0].answer) for index, one in ours.items()] == [
        (0, "answer 0"), (2, "answer 2"), (3, "answer 3"), (9, "new"),
    ]  # fmt: skip


def test_rows_of_rows() -> None:
    results = Results(AXES, [answered(index, str(index)) for index in range(6)], 6)
    assert results[4:1:-1][0:2].select("color").to_list() == ["4", "3"]
    assert results[2:][1:3].select("color").to_list() == ["3", "4"]
    assert results[::-1].head(2).to_pandas()["answer.color"].tolist() == ["5", "4"]
    assert (results[3:] + results[:1]).select("color").to_list() == ["3", "4", "5", "0"]
    assert [one.index for one in (results[3:] + results[:1]).interviews] == [3, 4, 5, 6]


# Files


def with_raw(raw: str | None) -> Results:
    cell = AnswerCell("answered", "Blue", raw=raw, input_tokens=1)
    rows = [Interview(i, 0, 0, 0, 0, [cell, AnswerCell(), AnswerCell()]) for i in range(2)]
    return Results(AXES, rows, 2)


@pytest.mark.parametrize(
    ("raw", "read"),
    [('{\n  "a": [1,\n2]\n}', {"a": [1, 2]}), ("no JSON\n", "no JSON\n"), ("", None), (None, None)],
)
def test_a_row_of_a_file_is_a_line(tmp_path: Path, raw: str | None, read: Any) -> None:
    path = with_raw(raw).save(tmp_path / "r.json")
    lines = path.read_text().splitlines()
    assert len(lines) == 4
    assert all(json.loads(line.removesuffix(","))["edsl_class_name"] == "Result" for line in lines[1:3])
    assert json.loads(path.read_text())["edsl_class_name"] == "Results"
    back = Results.load(path)
    assert back.select("color_raw_model_response").to_list() == [read, read]


def test_files_load_however_they_are_laid_out(tmp_path: Path) -> None:
    results = Results(AXES, [answered(i, f"line\n{i}], ") for i in range(3)], 3)
    path = results.save(tmp_path / "r.json")
    data = json.loads(path.read_text())
    assert data == through_json(results.to_dict())
    for text in (path.read_text(), json.dumps(data), json.dumps(data, indent=1)):
        path.write_text(text)
        assert through_json(Results.load(path).to_dict()) == data
    none = Results(AXES, [], 3).save(tmp_path / "none")
    assert len(Results.load(none)) == 0


@pytest.mark.parametrize("change", [("}},", "}},,"), ('{"agent"', '{agent"')])
def test_a_damaged_row_is_told(tmp_path: Path, change: tuple[str, str]) -> None:
    path = Results(AXES, [answered(i) for i in range(3)], 3).save(tmp_path / "r.json.gz")
    text = gzip.decompress(path.read_bytes()).decode()
    path.write_bytes(gzip.compress(text.replace(*change).encode()))
    refusal(lambda: Results.load(path), "JSON", error=EdslNbError)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [("state", "asnwered", "answered"), ("state", [], "state"), ("how", 5, "state"), ("how", {}, "state")],
)
def test_a_state_that_is_none_is_refused(name: str, value: Any, told: str) -> None:
    data = through_json(Results(AXES, [answered()], 1).to_dict())
    data["data"][0]["edsl_nb"]["cells"]["color"][name] = value
    refusal(lambda: Results.from_dict(data), told, error=ResultsError)


def test_numbers_without_bounds_are_not_taken_for_places() -> None:
    data = through_json(Results(AXES, [answered()], 1).to_dict())
    data["data"][0]["edsl_nb"]["index"] = 10**30
    assert Results.from_dict(data).interviews[0].index == 0
    data["data"][0]["iteration"] = 10**30
    refusal(lambda: Results.from_dict(data), "iteration", error=ResultsError)


def test_what_a_file_says_of_tokens_is_kept_whatever_it_is() -> None:
    data = through_json(with_raw("{}").to_dict())
    for number, value in enumerate(("many", 10**30)):
        data["data"][number]["raw_model_response"]["color_input_tokens"] = value
    back = Results.from_dict(data)
    assert back.select("color_input_tokens").to_list() == ["many", 10**30]
    assert back.to_pandas()["raw_model_response.color_input_tokens"].tolist() == ["many", 10**30]


def test_rows_keep_only_what_is_said_in_a_file() -> None:
    data = through_json(Results(AXES, [answered(), answered(1)], 2).to_dict())
    data["data"][1]["reasoning_summaries_dict"]["color_reasoning_summary"] = "It is blue."
    back = Results.from_dict(data)
    assert not back.interviews[0].kept
    assert back.select("color_reasoning_summary").to_list() == [None, "It is blue."]
    assert through_json(back.to_dict()) == data
