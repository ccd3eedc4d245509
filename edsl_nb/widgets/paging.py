"""Answers the browser's questions about one table, on the runner's loop."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future

from edsl_nb.core.tables import Cell, Query, Sort, TableSource
from edsl_nb.runner import loop
from edsl_nb.widgets.base import explain
from edsl_nb.widgets.messages import (
    CELL_LIMIT,
    ErrorReply,
    PageReply,
    PageRequest,
    Reply,
    RowData,
    RowReply,
    RowRequest,
    ScanReply,
    TableColumn,
    TableState,
)
from edsl_nb.widgets.pace import Pace

#: Whole numbers beyond this lose digits in a browser, so they travel as text.
_EXACT = 2**53


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
            primary=c.primary if primary is None else c.name in primary,
        )
        for c in source.columns
    ]
    return TableState(
        title=source.title,
        caption=caption,
        columns=columns,
        searchable=source.searchable,
        page_size=page_size,
        rows=len(source),
        version=version,
    )


def safe_cell(value: Cell) -> Cell:
    """A cell as JSON can carry it without loss: huge, infinite and undefined numbers as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) > _EXACT:
        return str(value)
    return value


def cut_row(key: int, cells: Sequence[Cell]) -> RowData:
    """A row for a page: long texts are cut at `CELL_LIMIT` characters and marked."""
    cut = [isinstance(cell, str) and len(cell) > CELL_LIMIT for cell in cells]
    short = [
        cell[:CELL_LIMIT] if long and isinstance(cell, str) else safe_cell(cell)
        for cell, long in zip(cells, cut, strict=True)
    ]
    return RowData(key=key, cells=short, cut=cut)


class TableChannel:
    """Answers page and row requests for one table source.

    For each view only the newest page request and the newest row request are
    worked on; older ones are cancelled.

    Parameters:
        source: the table.
        send: sends a reply to the browser; called on the runner's loop.
    """

    def __init__(self, source: TableSource, send: Callable[[Reply], None]) -> None:
        self._source = source
        self._send = send
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str], Future[None]] = {}

    def ask(self, request: PageRequest | RowRequest) -> None:
        """Start on a request and return at once; may be called on any thread."""
        slot = (request.view, request.type)
        future = loop.submit(self._answer(request))
        with self._lock:
            older = self._running.get(slot)
            self._running[slot] = future
        # Outside the lock: cancelling calls `_finished` at once.
        if older is not None:
            older.cancel()
        future.add_done_callback(lambda done: self._finished(slot, done))

    @property
    def busy(self) -> int:
        """How many requests are being worked on."""
        with self._lock:
            return len(self._running)

    def close(self) -> None:
        """Cancel whatever is being worked on."""
        with self._lock:
            running = list(self._running.values())
        for future in running:
            future.cancel()

    def _finished(self, slot: tuple[str, str], future: Future[None]) -> None:
        with self._lock:
            if self._running.get(slot) is future:
                del self._running[slot]

    async def _answer(self, request: PageRequest | RowRequest) -> None:
        try:
            if isinstance(request, PageRequest):
                reply = await self._page(request)
            else:
                reply = await self._row(request)
        except Exception as error:  # noqa: BLE001 - the reader must see whatever went wrong
            reply = ErrorReply(view=request.view, id=request.id, message=explain(error))
        self._send(reply)

    async def _page(self, request: PageRequest) -> Reply:
        sort = request.sort
        query = Query(
            offset=request.offset,
            limit=request.limit,
            search=request.search,
            sort=None if sort is None else Sort(sort.column, sort.descending),
        )
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
            page = await self._source.page(query, report)
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
