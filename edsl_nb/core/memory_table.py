"""A table source over rows in memory: search, filter and sort in a worker thread, one page at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from edsl_nb.core.cells import as_cell, is_empty
from edsl_nb.core.errors import TableError, nearest
from edsl_nb.core.filters import check_filters, test_of
from edsl_nb.core.profiles import profile_of
from edsl_nb.core.tables import Column, Filter, Page, Profile, Query, Row, ScanReport, Sort

#: Rows between reports of a long search.
_CHUNK = 5_000

#: Most rows a page may have.
MOST_ROWS = 1_000


def check_query(query: Query, columns: Sequence[Column]) -> None:
    """Raise a TableError for a query that no table can answer."""
    if query.offset < 0:
        raise TableError(
            "a page starts at row 0 or later", field="offset", value=query.offset, remedy="Use 0 or more."
        )
    if not 1 <= query.limit <= MOST_ROWS:
        raise TableError(
            f"a page has 1 to {MOST_ROWS} rows",
            field="limit",
            value=query.limit,
            remedy="Ask for fewer, page by page.",
        )
    if query.sort is not None:
        sortable = [column.name for column in columns if column.sortable]
        if query.sort.column not in sortable:
            raise TableError(
                "the table cannot be sorted by this column",
                field="sort",
                value=query.sort.column,
                remedy=nearest(query.sort.column, sortable),
            )
    check_filters(query.filters, columns)


class MemoryTable:
    """A table source over values in memory that do not change. It can be filtered by every column.

    Parameters:
        title: a short heading.
        columns: the columns.
        count: how many rows there are.
        cell: the value in a row (by number) and a column (by name).
    """

    searchable = True

    def __init__(
        self, title: str, columns: Sequence[Column], count: int, cell: Callable[[int, str], Any]
    ) -> None:
        self.title = title
        self.columns: Sequence[Column] = [replace(column, filterable=True) for column in columns]
        self._count, self._cell = count, cell
        # The last rows found and their last order: turning the page asks for the same again.
        self._found: tuple[str, tuple[Filter, ...], Sequence[int]] = ("", (), range(count))
        self._sorted: tuple[Sequence[int], Sort | None, Sequence[int]] = (self._found[2], None, range(count))
        self._profiles: dict[str, Profile] = {}

    def __len__(self) -> int:
        return self._count

    def options(self, column: str) -> Sequence[Any]:
        """What can be chosen in a column, in order; nothing where that is not known."""
        return ()

    @property
    def searched(self) -> Sequence[str]:
        """The columns in which a search looks."""
        return [column.name for column in self.columns]

    def whole_row(self, key: int) -> Row:
        """A row with all its cells."""
        return self._read([key])[0]

    def _read(self, keys: Iterable[int]) -> list[Row]:
        names = [column.name for column in self.columns]
        return [Row(key, [as_cell(self._cell(key, name)) for name in names]) for key in keys]

    def first_rows(self, limit: int) -> Sequence[Row]:
        return self._read(range(min(limit, len(self))))

    async def row(self, key: int) -> Row:
        if not 0 <= key < len(self):
            raise TableError(
                "there is no such row", field="row", value=key, remedy=f"There are {len(self):,} rows."
            )
        return await asyncio.to_thread(self.whole_row, key)

    async def page(self, query: Query, report: ScanReport | None = None) -> Page:
        keys = await self.keys(query, report)
        rows = await asyncio.to_thread(self._read, keys[query.offset : query.offset + query.limit])
        return Page(rows, len(keys), query.offset + len(rows) < len(keys))

    async def profile(self, column: str) -> Profile:
        """How the values of a column are distributed.

        Raises:
            TableError: there is no such column.
        """
        check_filters([Filter(column)], self.columns)
        if column not in self._profiles:
            self._profiles[column] = await asyncio.to_thread(self._profile, column)
        return self._profiles[column]

    def _profile(self, column: str) -> Profile:
        values = [self._cell(key, column) for key in range(len(self))]
        return profile_of(values, self.options(column))

    async def keys(self, query: Query, report: ScanReport | None = None) -> Sequence[int]:
        """The rows that a query is about, on all of its pages, in order.

        Raises:
            TableError: the query cannot be answered.
        """
        check_query(query, self.columns)
        found = await self._matching(query, report)
        of, sort, keys = self._sorted
        if of is found and sort == query.sort:
            return keys
        keys = found
        if query.sort is not None:
            keys = await asyncio.to_thread(self._sort, found, query.sort.column, query.sort.descending)
        self._sorted = (found, query.sort, keys)
        return keys

    async def _matching(self, query: Query, report: ScanReport | None) -> Sequence[int]:
        search, filters, keys = self._found
        if (search, filters) == (query.search, query.filters):
            return keys
        keys = range(len(self))
        tests = self._tests(query)
        if tests:
            keys = await self._scan(tests, report)
        self._found = (query.search, query.filters, keys)
        return keys

    def _tests(self, query: Query) -> list[Callable[[int], bool]]:
        """What a row must fulfil, the quickest first."""
        tests = [self._test(wanted) for wanted in query.filters]
        return [*tests, self._search(query.search.casefold())] if query.search else tests

    def _test(self, wanted: Filter) -> Callable[[int], bool]:
        test = test_of(wanted)
        return lambda key: test(self._cell(key, wanted.column))

    def _search(self, text: str) -> Callable[[int], bool]:
        names = self.searched
        return lambda key: any(text in str(as_cell(self._cell(key, name))).casefold() for name in names)

    async def _scan(self, tests: Sequence[Callable[[int], bool]], report: ScanReport | None) -> list[int]:
        def matches(keys: range) -> list[int]:
            return [key for key in keys if all(test(key) for test in tests)]

        found: list[int] = []
        for start in range(0, len(self), _CHUNK):
            stop = min(start + _CHUNK, len(self))
            found += await asyncio.to_thread(matches, range(start, stop))
            if report is not None:
                report(stop, len(self))
        return found

    def _sort(self, keys: Sequence[int], column: str, descending: bool) -> list[int]:
        """Stable, numbers before texts, empty cells last in either direction."""
        values = {key: self._cell(key, column) for key in keys}
        filled = [key for key in keys if not is_empty(values[key])]
        empty = [key for key in keys if is_empty(values[key])]
        filled.sort(key=lambda key: _order(values[key]), reverse=descending)
        return filled + empty


def _order(value: Any) -> tuple[int, Any]:
    if isinstance(value, int | float):
        return 0, value
    return 1, str(as_cell(value)).casefold()
