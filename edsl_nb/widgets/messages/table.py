"""A table's pages, rows and state."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edsl_nb.core.tables import Cell, ColumnKind, Filter, Query, Sort
from edsl_nb.widgets.messages.base import Message, ViewReply, ViewRequest

#: Characters of a cell that travel in a page; the whole text comes with the row.
CELL_LIMIT = 300


class SortState(Message):
    """The order wanted for a table's rows."""

    column: str
    descending: bool


class FilterState(Message):
    """What a column must hold for a row to be shown; see `edsl_nb.core.tables.Filter`."""

    column: str
    contains: str = Field(max_length=1000)
    one_of: list[Cell] | None = Field(max_length=1000)
    least: float | None
    most: float | None


class QueryRequest(ViewRequest):
    """A request about the rows that are searched and filtered for, in an order."""

    search: str = Field(max_length=1000)
    sort: SortState | None
    filters: list[FilterState] = Field(max_length=100)

    def query(self, offset: int = 0, limit: int = 10) -> Query:
        """The query that is meant, for some of its rows."""
        return Query(
            offset=offset,
            limit=limit,
            search=self.search,
            sort=None if self.sort is None else Sort(self.sort.column, self.sort.descending),
            filters=tuple(
                Filter(f.column, f.contains, None if f.one_of is None else tuple(f.one_of), f.least, f.most)
                for f in self.filters
            ),
        )


class PageRequest(QueryRequest):
    """Asks for one page of a table."""

    type: Literal["page"]
    offset: int = Field(ge=0)
    limit: int = Field(ge=1, le=1000)


class RowRequest(ViewRequest):
    """Asks for one row with its cells in full."""

    type: Literal["row"]
    key: int


class ProfileRequest(ViewRequest):
    """Asks how the values of a column are distributed in all of the table."""

    type: Literal["profile"]
    column: str


class PictureRequest(QueryRequest):
    """Asks for a picture of some rows, split by a column unless `by` is empty; `width` is in pixels."""

    type: Literal["picture"]
    name: str
    by: str
    width: int = Field(ge=100, le=4000)


class ExportRequest(QueryRequest):
    """Asks for a piece of a table as text, from row `offset` on: for a file, or for the clipboard."""

    type: Literal["export"]
    offset: int = Field(ge=0)
    columns: list[str] = Field(min_length=1, max_length=10_000)
    form: Literal["csv", "tsv"]


TableRequest = PageRequest | RowRequest | ProfileRequest | PictureRequest | ExportRequest


class RowData(Message):
    """A row as a page shows it; `cut` says which cells are longer than what was sent."""

    key: int
    cells: list[Cell]
    cut: list[bool]


class PageReply(ViewReply):
    """One page of a table; `total` is null while it is not known."""

    type: Literal["page"] = "page"
    rows: list[RowData]
    total: int | None
    has_next: bool
    version: int


class ScanReply(ViewReply):
    """How far a long search has come, in rows."""

    type: Literal["scan"] = "scan"
    done: int
    total: int


class RowReply(ViewReply):
    """One row, its cells in full."""

    type: Literal["row"] = "row"
    key: int
    cells: list[Cell]


class TallyData(Message):
    """A value of a column, and how many cells hold it."""

    value: Cell
    count: int


class BinData(Message):
    """How many numbers of a column lie between two edges."""

    low: float
    high: float
    count: int


class ProfileReply(ViewReply):
    """How the values of a column are distributed; see `edsl_nb.core.tables.Profile`."""

    type: Literal["profile"] = "profile"
    filled: int
    empty: int
    different: int
    tallies: list[TallyData]
    bins: list[BinData]
    least: float | None
    most: float | None


class PictureReply(ViewReply):
    """A picture as the text of an SVG element, and the columns by which it can be split."""

    type: Literal["picture"] = "picture"
    svg: str
    groupings: list[str]


class ExportReply(ViewReply):
    """A piece of a table as text; `next` is the row to go on from, null at the end."""

    type: Literal["export"] = "export"
    text: str
    next: int | None
    total: int | None


class TableColumn(Message):
    """A column as the browser knows it."""

    name: str
    kind: ColumnKind
    sortable: bool
    filterable: bool
    primary: bool


class TableState(Message):
    """What the browser knows of a table without asking; `version` changes with its rows."""

    title: str
    caption: str
    columns: list[TableColumn]
    searchable: bool
    pictures: list[str]
    page_size: int
    rows: int
    version: int
