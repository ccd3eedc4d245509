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
        filterable: whether the source can filter by it and has a `profile` of it.
    """

    name: str
    kind: ColumnKind = "text"
    sortable: bool = False
    primary: bool = True
    filterable: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """Order of rows: by `column`, smallest first unless `descending`."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are wanted for what one column holds. Conditions that are left out keep every row.

    Parameters:
        column: the column's name.
        contains: text that the cell must contain, without regard to case.
        one_of: what the cell must be, None for an empty one; of a list, one item suffices.
        least, most: bounds of a number; cells that are no numbers lie outside of any.
    """

    column: str
    contains: str = ""
    one_of: tuple[Cell, ...] | None = None
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """Which rows of a table are wanted.

    Parameters:
        offset: rows to pass over, counted after searching and filtering; 0 or more.
        limit: most rows to return; 1 to 1000.
        search: text that a row must contain, without regard to case, in the
            cells its source looks at; empty for all rows.
        sort: the order wanted, or None for the source's own.
        filters: conditions on columns, all of which must hold.
    """

    offset: int = 0
    limit: int = 10
    search: str = ""
    sort: Sort | None = None
    filters: tuple[Filter, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Tally:
    """A value of a column, and how many cells hold it."""

    value: Cell
    count: int


@dataclass(frozen=True, slots=True)
class Bin:
    """How many numbers of a column lie between two edges, the lower one included."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Profile:
    """How the values of a column are distributed in all of its table.

    Parameters:
        filled, empty: how many cells hold something, and how many do not.
        different: how many different values there are; of lists, different items.
        tallies: the values that can be chosen, where they are few.
        bins: of numbers.
        extent: the least and the greatest number.
    """

    filled: int
    empty: int
    different: int
    tallies: Sequence[Tally] = ()
    bins: Sequence[Bin] = ()
    extent: tuple[float, float] | None = None


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
class Profiled(TableSource, Protocol):
    """A table source with columns to filter by."""

    async def profile(self, column: str) -> Profile:
        """How the values of a column are distributed.

        Raises:
            TableError: the source cannot filter by it.
        """
        ...


@runtime_checkable
class Pictured(TableSource, Protocol):
    """A table source with pictures of what its rows say."""

    @property
    def pictures(self) -> Sequence[str]:
        """What there are pictures of, such as questions."""
        ...

    async def groupings(self) -> Sequence[str]:
        """The columns by which a picture can be split."""
        ...

    async def picture(self, name: str, by: str, width: int, query: Query) -> str:
        """A picture as the text of an ``<svg>`` element.

        Parameters:
            name: one of `pictures`.
            by: one of `groupings`, or empty.
            width: pixels.
            query: the rows that it is made of: those that are searched and filtered for.
        """
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
