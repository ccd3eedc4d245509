"""Tables in memory: a page is what a naive listing has at that place, whatever the search and the order."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.core.errors import TableError
from edsl_nb.core.memory_table import MemoryTable, as_cell
from edsl_nb.core.tables import Column, Query, Sort, TableSource
from tests.unit.samples import json_values, page, refusal, texts

cells = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | st.lists(st.integers())
)


Rows = list[dict[str, Any]]


def table_of(rows: Rows) -> MemoryTable:
    """A table of dicts, sortable by every column."""
    columns = [Column(name, sortable=True) for name in (rows[0] if rows else {"x": None})]
    return MemoryTable("Rows", columns, len(rows), lambda row, column: rows[row][column])


def of_x(*values: Any) -> MemoryTable:
    """A table of one column x."""
    return table_of([{"x": value} for value in values])


def naive(rows: Rows, search: str, sort: Sort | None) -> list[int]:
    """The rows that a full listing has: filtered one by one, and ordered by a plain sort."""
    keys = [
        key
        for key, row in enumerate(rows)
        if any(search.casefold() in str(as_cell(value)).casefold() for value in row.values())
    ]
    if sort is None:
        return keys

    def rank(key: int) -> tuple[bool, Any]:
        value = rows[key][sort.column]
        number = isinstance(value, int | float)
        return (not number, value if number else str(as_cell(value)).casefold())

    filled = [key for key in keys if rows[key][sort.column] is not None]
    empty = [key for key in keys if rows[key][sort.column] is None]
    return sorted(filled, key=rank, reverse=sort.descending) + empty


questions_asked = st.tuples(
    st.integers(0, 15),
    st.integers(1, 6),
    st.sampled_from(["", "a", "1", "TRUE", "none", "["]),
    st.none() | st.builds(Sort, st.sampled_from(["a.x", "b.y"]), st.booleans()),
)


@given(
    st.lists(st.fixed_dictionaries({"a.x": cells, "b.y": cells}), min_size=1, max_size=12),
    st.lists(questions_asked, min_size=1, max_size=4),
)
def test_a_page_is_what_a_full_listing_has_there(
    rows: Rows, queries: list[tuple[int, int, str, Sort | None]]
) -> None:
    table = table_of(rows)
    for offset, limit, search, sort in queries:
        expected = naive(rows, search, sort)
        found = page(table, offset, limit, search, sort)
        assert [row.key for row in found.rows] == expected[offset : offset + limit]
        assert found.total == len(expected)
        assert found.has_next == (offset + limit < len(expected))
        for row in found.rows:
            assert list(row.cells) == [as_cell(rows[row.key][column.name]) for column in table.columns]


def test_equal_rows_keep_their_order_in_both_directions() -> None:
    table = of_x(2, 1, 2, 1)
    assert [row.key for row in page(table, sort=Sort("x")).rows] == [1, 3, 0, 2]
    assert [row.key for row in page(table, sort=Sort("x", descending=True)).rows] == [0, 2, 1, 3]


@pytest.mark.parametrize("descending", [False, True])
def test_empty_cells_come_last_in_either_direction(descending: bool) -> None:
    table = of_x(None, float("nan"), 3.0, None, 1.0, float("nan"), 2.0)
    found = [row.key for row in page(table, sort=Sort("x", descending)).rows]
    assert found == ([2, 6, 4] if descending else [4, 6, 2]) + [0, 1, 3, 5]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Query(offset=-1), ("offset", "-1", "0 or more")),
        (Query(limit=0), ("limit", "0", "1 to 1000")),
        (Query(limit=1_001), ("limit", "1001", "page by page")),
        (Query(sort=Sort("y")), ("sort", "'y'", "x")),
    ],
)
def test_a_page_that_cannot_be_is_refused(query: Query, words: tuple[str, ...]) -> None:
    refusal(lambda: asyncio.run(of_x(1).page(query)), *words, error=TableError)


@pytest.mark.parametrize("key", [-1, 2])
def test_a_row_that_is_not_there_is_refused(key: int) -> None:
    refusal(lambda: asyncio.run(of_x(1, 2).row(key)), "row", str(key), "2 rows", error=TableError)


def test_one_row_and_the_first_rows_are_whole() -> None:
    table = table_of([{"x": 1, "y": "a"}, {"x": 2, "y": None}, {"x": 3, "y": [1, "b"]}])
    assert asyncio.run(table.row(2)).cells == [3, '[1, "b"]']
    assert [(row.key, list(row.cells)) for row in table.first_rows(2)] == [(0, [1, "a"]), (1, [2, None])]
    assert len(table.first_rows(100)) == 3


def test_a_long_search_reports_how_far_it_is() -> None:
    reports: list[tuple[int, int]] = []
    table = of_x(*range(12_000))
    asyncio.run(table.page(Query(search="11999"), lambda done, total: reports.append((done, total))))
    assert reports == [(5_000, 12_000), (10_000, 12_000), (12_000, 12_000)]


@given(json_values)
def test_lists_and_dicts_are_shown_as_json(value: Any) -> None:
    cell = as_cell(value)
    if isinstance(value, list | dict):
        assert isinstance(cell, str)
        assert json.loads(cell) == value
    else:
        assert cell is value


def test_values_that_json_has_not_are_shown_as_text() -> None:
    looped: list[Any] = [1]
    looped.append(looped)
    assert as_cell({(1, 2): "x"}) == "{(1, 2): 'x'}"
    assert as_cell(looped) == "[1, [...]]"
    assert as_cell({1, 2}) == "{1, 2}"
    assert as_cell([{3}]) == '["{3}"]'


def test_our_tables_are_table_sources() -> None:
    assert isinstance(of_x(1), TableSource)
