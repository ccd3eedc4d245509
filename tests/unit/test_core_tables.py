"""Tables in memory: a page is what a naive listing has at that place, whatever the search and the order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.core.cells import as_cell
from edsl_nb.core.errors import TableError
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.profiles import profile_of
from edsl_nb.core.tables import Bin, Column, Filter, Profile, Profiled, Query, Sort, TableSource, Tally
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


def passes(value: Any, wanted: Filter) -> bool:
    """Whether a value fulfils a filter, said in another way."""
    items = value if isinstance(value, list) else [value]
    chosen = wanted.one_of is None or any(
        (type(item) is type(one) and item == one) or item is one for item in items for one in wanted.one_of
    )
    text = str(as_cell(value)).casefold()
    contained = not wanted.contains or (value is not None and wanted.contains.casefold() in text)
    if wanted.least is None and wanted.most is None:
        return chosen and contained
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    low = wanted.least is None or value >= wanted.least
    return chosen and contained and low and (wanted.most is None or value <= wanted.most)


def naive(rows: Rows, search: str, sort: Sort | None, filters: tuple[Filter, ...] = ()) -> list[int]:
    """The rows that a full listing has: filtered one by one, and ordered by a plain sort."""
    keys = [
        key
        for key, row in enumerate(rows)
        if any(search.casefold() in str(as_cell(value)).casefold() for value in row.values())
        and all(passes(row[one.column], one) for one in filters)
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


small = st.sampled_from([None, True, 0, 1, 2, "a", "b", ""])
some_rows = st.fixed_dictionaries({"a.x": cells | small | st.lists(small), "b.y": cells | small})
filters = st.builds(
    Filter,
    st.sampled_from(["a.x", "b.y"]),
    st.sampled_from(["", "A", "1", "["]),
    st.none() | st.lists(small, max_size=3).map(tuple),
    st.none() | st.floats(-3, 3),
    st.none() | st.integers(-3, 3),
)
questions_asked = st.tuples(
    st.integers(0, 15),
    st.integers(1, 6),
    st.sampled_from(["", "a", "1", "TRUE", "none", "["]),
    st.none() | st.builds(Sort, st.sampled_from(["a.x", "b.y"]), st.booleans()),
    st.lists(filters, max_size=2).map(tuple),
)
Asked = tuple[int, int, str, Sort | None, tuple[Filter, ...]]


@given(
    st.lists(
        st.fixed_dictionaries({"a.x": cells | small | st.lists(small), "b.y": cells | small}),
        min_size=1,
        max_size=12,
    ),
    st.lists(questions_asked, min_size=1, max_size=4),
)
def test_a_page_is_what_a_full_listing_has_there(rows: Rows, queries: list[Asked]) -> None:
    table = table_of(rows)
    for offset, limit, search, sort, wanted in queries:
        expected = naive(rows, search, sort, wanted)
        found = asyncio.run(table.page(Query(offset, limit, search, sort, wanted)))
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
        (Query(filters=(Filter("xx"),)), ("filters", "'xx'", "x")),
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
    assert isinstance(of_x(1), Profiled)


# How values are distributed


def profile(*values: Any, options: Sequence[Any] = ()) -> Profile:
    return profile_of(values, options)


@given(st.lists(cells | small | st.lists(small)), st.lists(small, max_size=4, unique_by=repr))
def test_a_profile_counts_every_cell(values: list[Any], options: list[Any]) -> None:
    found = profile(*values, options=options)
    filled = [value for value in values if value is not None]
    assert (found.filled, found.empty) == (len(filled), len(values) - len(filled))
    if found.bins:
        assert sum(one.count for one in found.bins) == len(filled)
        assert found.extent == (min(filled), max(filled))
    # A value that is chosen is found as often as it was counted.
    for tally in found.tallies:
        wanted = Filter("x", one_of=(tally.value,))
        rows = asyncio.run(of_x(*values).page(Query(filters=(wanted,))))
        empty = found.empty if tally.value is None else 0
        assert rows.total == tally.count + empty


def test_numbers_are_counted_in_bins() -> None:
    found = profile(1, 2, 2, None, float("nan"))
    assert found == Profile(3, 2, 2, (), [Bin(0.5, 1.5, 1), Bin(1.5, 2.5, 2)], (1.0, 2.0))


def test_numbers_that_a_browser_would_spoil_are_no_bins() -> None:
    assert profile(1, 2**60, 2**60).tallies == [Tally(str(2**60), 2), Tally(1, 1)]


def test_options_come_first_and_in_their_order_even_if_nobody_chose_them() -> None:
    found = profile("No", "No", "Maybe", options=["Yes", "No"])
    assert found.tallies == [Tally("Yes", 0), Tally("No", 2), Tally("Maybe", 1)]
    assert profile(2, 2, options=[1, 2]).tallies == [Tally(1, 0), Tally(2, 2)]


def test_lists_are_counted_by_their_items() -> None:
    assert profile(["a", "b"], ["b", "b"], []).tallies == [Tally("b", 2), Tally("a", 1)]


def test_of_many_or_long_values_only_their_number_is_told() -> None:
    assert profile(*map(str, range(40))) == Profile(40, 0, 40, [], ())
    assert profile("x" * 200, "x" * 200) == Profile(2, 0, 1, [], ())


def test_a_profile_of_a_column_that_is_not_there_is_refused() -> None:
    refusal(lambda: asyncio.run(of_x(1).profile("y")), "y", "x", error=TableError)
