"""The one shape in which every table of the product is read: page by page.

A *table source* has columns and answers a `Query` with a `Page`. Prompts,
results, errors and remote job lists are table sources; one widget shows them
all. A source may be far larger than memory, so nobody asks for all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

ColumnKind = Literal["text", "number", "money", "boolean", "list"]

#: A value as a table shows it. Lists and dicts are shown as their JSON text.
Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table source.

    Parameters:
        name: the column's key, unique in its table.
        kind: how values align and are written; `money` is USD.
        sortable: whether the source can sort by it.
        primary: shown at first; the others are a click away.
    """

    name: str
    kind: ColumnKind = "text"
    sortable: bool = False
    primary: bool = True


@dataclass(frozen=True, slots=True)
class Sort:
    """Order of rows: by `column`, smallest first unless `descending`."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Which rows of a table are wanted.

    Parameters:
        offset: rows to pass over, counted after searching; 0 or more.
        limit: most rows to return; 1 to 1000.
        search: text that a row must contain, without regard to case, in the
            cells its source looks at; empty for all rows.
        sort: the order wanted, or None for the source's own.
    """

    offset: int = 0
    limit: int = 10
    search: str = ""
    sort: Sort | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its `key` (stable position in the unsorted, unsearched source) and its cells."""

    key: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Page:
    """What a query found.

    Parameters:
        rows: at most `limit` rows.
        total: number of rows that match, or None while it is not known.
        has_next: whether a further page can be asked for.
        version: changes whenever the source's rows changed, as in a running job.
    """

    rows: Sequence[Row]
    total: int | None
    has_next: bool
    version: int = 0


#: Called by long scans with (rows looked at, rows in all).
ScanReport = Callable[[int, int], None]


@runtime_checkable
class TableSource(Protocol):
    """Columns and an asynchronous `page`. Runs on the runner's loop; a source
    moves CPU work of more than a few milliseconds to a worker thread."""

    @property
    def title(self) -> str:
        """A short heading, such as ``Prompts``."""
        ...

    @property
    def columns(self) -> Sequence[Column]: ...

    @property
    def searchable(self) -> bool: ...

    def __len__(self) -> int: ...

    async def page(self, query: Query, report: ScanReport | None = None) -> Page: ...

    async def row(self, key: int) -> Row:
        """One row whole, by its key."""
        ...

    def first_rows(self, limit: int) -> Sequence[Row]:
        """The first rows in the source's own order, at once (for static displays)."""
        ...


@runtime_checkable
class Tabular(Protocol):
    """An object that is shown as a table, such as results or a list of agents."""

    def as_table(self) -> TableSource:
        """The object as it is now, to be read page by page."""
        ...


@dataclass(frozen=True, slots=True)
class Card:
    """A single object as a notebook shows it: a title, and what there is to know, by name."""

    title: str
    facts: Sequence[tuple[str, Cell]]


@runtime_checkable
class Carded(Protocol):
    """An object that is shown as a card, such as a question or an agent."""

    def as_card(self) -> Card:
        """The object's title and facts."""
        ...
