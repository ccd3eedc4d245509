"""Everything that passes between Python and the browser, defined once.

*Requests* come from the browser, *replies* answer them; both carry the id of
the view that asked, since one widget may be shown several times. *States* are
small traits that survive a page reload. The TypeScript types in
``js/src/protocol.gen.ts`` are generated from the JSON Schema of these models.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from edsl_nb.core.tables import Cell, ColumnKind
from edsl_nb.jobs.summary import JobSummary
from edsl_nb.runner.progress import ProgressSnapshot

__all__ = [
    "CELL_LIMIT",
    "CountRequest",
    "ErrorReply",
    "JobState",
    "JobSummary",
    "PageReply",
    "PageRequest",
    "PauseRequest",
    "ProgressSnapshot",
    "Reply",
    "Request",
    "ResumeRequest",
    "RowData",
    "RowReply",
    "RowRequest",
    "ScanReply",
    "SortState",
    "StopRequest",
    "SyncRequest",
    "TableColumn",
    "TableState",
    "parse_request",
]

#: Characters of a cell that travel in a page; the whole text comes with the row.
CELL_LIMIT = 300


class Message(BaseModel):
    """A message or state: all fields are sent, unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SortState(Message):
    """The order wanted for a table's rows."""

    column: str
    descending: bool


class PageRequest(Message):
    """Asks for one page of a table."""

    type: Literal["page"]
    view: str = Field(max_length=64)
    id: int
    offset: int = Field(ge=0)
    limit: int = Field(ge=1, le=1000)
    search: str = Field(max_length=1000)
    sort: SortState | None


class RowRequest(Message):
    """Asks for one row with its cells in full."""

    type: Literal["row"]
    view: str = Field(max_length=64)
    id: int
    key: int


class StopRequest(Message):
    """Asks to stop what the widget shows: a run, or the counting of a job."""

    type: Literal["stop"]


class PauseRequest(Message):
    """Asks to start no new call of a run; those in flight go on."""

    type: Literal["pause"]


class ResumeRequest(Message):
    """Asks to go on with a run that was paused."""

    type: Literal["resume"]


class CountRequest(Message):
    """Asks to count a job's distinct calls and their cost."""

    type: Literal["count"]


class SyncRequest(Message):
    """Asks for the widget's state again, as after a lost message."""

    type: Literal["sync"]


Request = PageRequest | RowRequest | StopRequest | PauseRequest | ResumeRequest | CountRequest | SyncRequest


class RowData(Message):
    """A row as a page shows it; `cut` says which cells are longer than what was sent."""

    key: int
    cells: list[Cell]
    cut: list[bool]


class PageReply(Message):
    """One page of a table; `total` is null while it is not known."""

    type: Literal["page"] = "page"
    view: str
    id: int
    rows: list[RowData]
    total: int | None
    has_next: bool
    version: int


class ScanReply(Message):
    """How far a long search has come, in rows."""

    type: Literal["scan"] = "scan"
    view: str
    id: int
    done: int
    total: int


class RowReply(Message):
    """One row, its cells in full."""

    type: Literal["row"] = "row"
    view: str
    id: int
    key: int
    cells: list[Cell]


class ErrorReply(Message):
    """What went wrong with a request, in words for the reader."""

    type: Literal["error"] = "error"
    view: str
    id: int
    message: str


Reply = PageReply | ScanReply | RowReply | ErrorReply


class TableColumn(Message):
    """A column as the browser knows it."""

    name: str
    kind: ColumnKind
    sortable: bool
    primary: bool


class JobState(Message):
    """What a job's card shows: its numbers, whether they are being counted, what stood in the way."""

    summary: JobSummary
    counting: bool
    problem: str


class TableState(Message):
    """What the browser knows of a table without asking; `version` changes with its rows."""

    title: str
    caption: str
    columns: list[TableColumn]
    searchable: bool
    page_size: int
    rows: int
    version: int


_requests: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="type")])


def parse_request(content: object) -> Request:
    """Read a message of the browser.

    Parameters:
        content: the decoded JSON of the message.

    Returns:
        the request, of the class its `type` names.

    Raises:
        pydantic.ValidationError: when the message is not one of them.
    """
    return _requests.validate_python(content, strict=True)
