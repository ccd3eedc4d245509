"""A table in the notebook: any table source, one page at a time."""

from __future__ import annotations

from typing import Any

import traitlets

from edsl_nb.core.tables import TableSource
from edsl_nb.runner import loop
from edsl_nb.widgets.assets import bundle_file
from edsl_nb.widgets.base import BaseWidget
from edsl_nb.widgets.messages import Request
from edsl_nb.widgets.messages.base import SyncRequest
from edsl_nb.widgets.messages.table import TableRequest
from edsl_nb.widgets.pace import Pace
from edsl_nb.widgets.paging import TableChannel, table_state
from edsl_nb.widgets.plain import table_text
from edsl_nb.widgets.static_html import table_html


class TableWidget(BaseWidget):
    """Shows a table source. Rows travel page by page on request and are never part of the state.

    Parameters:
        source: the table.
        page_size: rows of a page at first; the reader may choose another number.
        caption: a remark shown beside the title.
    """

    _esm = bundle_file("table.js")
    _css = bundle_file("table.css")

    table = traitlets.Dict().tag(sync=True)

    def __init__(self, source: TableSource, *, page_size: int = 10, caption: str = "") -> None:
        self._source = source
        self._page_size = page_size
        self._caption = caption
        self._version = 0
        self._pace = Pace()
        self._pending = False
        self._channel = TableChannel(source, self.reply)
        super().__init__(table=self._state())

    def refresh(self) -> None:
        """Say that rows of the source have changed: every view asks for its page again, keeping its place.

        May be called on any thread, and often: views are told at most ten times a second.
        """
        loop.call_soon(self._plan)

    def close(self) -> None:
        """Take the widget out of the notebook and stop what it was doing."""
        self._channel.close()
        super().close()

    def handle(self, request: Request) -> None:
        if isinstance(request, TableRequest):
            self._channel.ask(request)
        elif isinstance(request, SyncRequest):
            self.refresh()

    def static_html(self) -> str:
        return table_html(self._source, caption=self._caption)

    def plain_text(self) -> str:
        return table_text(self._source)

    def _state(self) -> dict[str, Any]:
        return table_state(
            self._source, page_size=self._page_size, caption=self._caption, version=self._version
        ).model_dump()

    def _plan(self) -> None:
        """On the loop: write the state now, or once as soon as the pace allows."""
        wait = self._pace.wait()
        if wait <= 0:
            self._write()
        elif not self._pending:
            self._pending = True
            loop.loop().call_later(wait, self._write)

    def _write(self) -> None:
        self._pending = False
        self._pace.sent()
        self._version += 1
        self.table = self._state()
