"""Answers the browser's questions about one table, on the runner's loop."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from edsl_nb.core.cells import safe_cell
from edsl_nb.core.errors import TableError
from edsl_nb.core.tables import Cell, Pictured, Profiled, TableSource
from edsl_nb.runner import loop
from edsl_nb.widgets.answering import Answers
from edsl_nb.widgets.exporting import export
from edsl_nb.widgets.messages import Reply
from edsl_nb.widgets.messages.table import (
    CELL_LIMIT,
    BinData,
    ExportRequest,
    PageReply,
    PageRequest,
    PictureReply,
    PictureRequest,
    ProfileReply,
    ProfileRequest,
    RowData,
    RowReply,
    RowRequest,
    ScanReply,
    TableColumn,
    TableRequest,
    TableState,
    TallyData,
)
from edsl_nb.widgets.pace import Pace


def table_state(
    source: TableSource,
    *,
    page_size: int = 10,
    caption: str = "",
    version: int = 0,
    primary: Collection[str] | None = None,
) -> TableState:
    """What the browser knows of a table before it asks for a page.

    Parameters:
        source: the table.
        page_size: rows of a page at first.
        caption: a remark beside the title.
        version: changes whenever the rows did.
        primary: names of the columns shown at first, where they are others than the source says.
    """
    columns = [
        TableColumn(
            name=c.name,
            kind=c.kind,
            sortable=c.sortable,
            filterable=c.filterable,
            primary=c.primary if primary is None else c.name in primary,
        )
        for c in source.columns
    ]
    return TableState(
        title=source.title,
        caption=caption,
        columns=columns,
        searchable=source.searchable,
        pictures=list(source.pictures) if isinstance(source, Pictured) else [],
        page_size=page_size,
        rows=len(source),
        version=version,
    )


def cut_row(key: int, cells: Sequence[Cell]) -> RowData:
    """A row for a page: long texts are cut at `CELL_LIMIT` characters and marked."""
    cut = [isinstance(cell, str) and len(cell) > CELL_LIMIT for cell in cells]
    short = [
        cell[:CELL_LIMIT] if long and isinstance(cell, str) else safe_cell(cell)
        for cell, long in zip(cells, cut, strict=True)
    ]
    return RowData(key=key, cells=short, cut=cut)


class TableChannel:
    """Answers requests for one table source.

    For each view only the newest request of each type is worked on; older ones are cancelled.

    Parameters:
        source: the table.
        send: sends a reply to the browser; called on the runner's loop.
    """

    def __init__(self, source: TableSource, send: Callable[[Reply], None]) -> None:
        self._source = source
        self._send = send
        self._answers = Answers(send)

    def ask(self, request: TableRequest) -> None:
        """Start on a request and return at once; may be called on any thread."""
        self._answers.start(request, lambda: self._reply(request))

    @property
    def busy(self) -> int:
        """How many requests are being worked on."""
        return self._answers.busy

    def close(self) -> None:
        """Cancel whatever is being worked on."""
        self._answers.close()

    async def _reply(self, request: TableRequest) -> Reply:
        match request:
            case PageRequest():
                return await self._page(request)
            case RowRequest():
                return await self._row(request)
            case ProfileRequest():
                return await self._profile(request)
            case PictureRequest():
                return await self._picture(request)
            case ExportRequest():
                return await export(self._source, request)

    async def _page(self, request: PageRequest) -> Reply:
        pace = Pace()
        open_ = True

        def tell(done: int, total: int) -> None:
            if open_:
                self._send(ScanReply(view=request.view, id=request.id, done=done, total=total))

        def report(done: int, total: int) -> None:
            # Scans run in worker threads; messages leave from the loop only.
            if pace.due():
                loop.call_soon(tell, done, total)

        try:
            page = await self._source.page(request.query(request.offset, request.limit), report)
        finally:
            open_ = False
        return PageReply(
            view=request.view,
            id=request.id,
            rows=[cut_row(row.key, row.cells) for row in page.rows],
            total=page.total,
            has_next=page.has_next,
            version=page.version,
        )

    async def _row(self, request: RowRequest) -> Reply:
        row = await self._source.row(request.key)
        cells = [safe_cell(cell) for cell in row.cells]
        return RowReply(view=request.view, id=request.id, key=row.key, cells=cells)

    async def _profile(self, request: ProfileRequest) -> Reply:
        if not isinstance(self._source, Profiled):
            raise TableError("the table has no columns to filter by", field="column", value=request.column)
        found = await self._source.profile(request.column)
        least, most = found.extent or (None, None)
        return ProfileReply(
            view=request.view,
            id=request.id,
            filled=found.filled,
            empty=found.empty,
            different=found.different,
            tallies=[TallyData(value=one.value, count=one.count) for one in found.tallies],
            bins=[BinData(low=one.low, high=one.high, count=one.count) for one in found.bins],
            least=least,
            most=most,
        )

    async def _picture(self, request: PictureRequest) -> Reply:
        if not isinstance(self._source, Pictured):
            raise TableError("the table has no pictures", field="name", value=request.name)
        svg = await self._source.picture(request.name, request.by, request.width, request.query())
        groupings = list(await self._source.groupings())
        return PictureReply(view=request.view, id=request.id, svg=svg, groupings=groupings)
