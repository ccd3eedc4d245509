"""A table source over rows that are in memory: search and sort in a worker thread, one page at a time."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from edsl_nb.core.errors import TableError, nearest
from edsl_nb.core.tables import Cell, Column, Page, Query, Row, ScanReport, Sort

#: Rows between reports of a long search.
_CHUNK = 5_000

#: Most rows a page may have.
MOST_ROWS = 1_000


def as_cell(value: Any) -> Cell:
    """A value as a table shows it: lists and dicts as JSON, other objects as text."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple | dict):
        try:
            return json.dumps(value, ensure_ascii=False, default=str)
        except (TypeError, ValueError):  # names that JSON has not, or a list that holds itself
            return str(cast(object, value))
    return str(value)


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


class MemoryTable:
    """A table source over values in memory that do not change.

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
        self.title, self.columns = title, columns
        self._count, self._cell = count, cell
        # The last search and order: turning the page asks for the same again.
        self._last: tuple[str, Sort | None, Sequence[int]] = ("", None, range(count))

    def __len__(self) -> int:
        return self._count

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
        check_query(query, self.columns)
        keys = await self._keys(query, report)
        rows = await asyncio.to_thread(self._read, keys[query.offset : query.offset + query.limit])
        return Page(rows, len(keys), query.offset + len(rows) < len(keys))

    async def _keys(self, query: Query, report: ScanReport | None) -> Sequence[int]:
        search, sort, keys = self._last
        if (search, sort) == (query.search, query.sort):
            return keys
        keys = range(len(self))
        if query.search:
            keys = await self._search(query.search.casefold(), report)
        if query.sort is not None:
            keys = await asyncio.to_thread(self._sort, keys, query.sort.column, query.sort.descending)
        self._last = (query.search, query.sort, keys)
        return keys

    async def _search(self, text: str, report: ScanReport | None) -> list[int]:
        names = [column.name for column in self.columns]

        def matches(keys: range) -> list[int]:
            return [k for k in keys if any(text in str(as_cell(self._cell(k, n))).casefold() for n in names)]

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
        filled = [key for key in keys if not _empty(values[key])]
        empty = [key for key in keys if _empty(values[key])]
        filled.sort(key=lambda key: _order(values[key]), reverse=descending)
        return filled + empty


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _order(value: Any) -> tuple[int, Any]:
    if isinstance(value, int | float):
        return 0, value
    return 1, str(as_cell(value)).casefold()
