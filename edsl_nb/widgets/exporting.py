"""Tables as text for other programs, made in pieces, so that none of them is large."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Literal

from edsl_nb.core.errors import TableError, nearest
from edsl_nb.core.tables import Cell, TableSource
from edsl_nb.widgets.messages.table import ExportReply, ExportRequest

#: Characters of a piece from which on no more rows are put into it, and rows that are read at a time.
PIECE = 256_000
_ROWS = 100

_DELIMITERS: dict[Literal["csv", "tsv"], str] = {"csv": ",", "tsv": "\t"}

#: How texts begin that a spreadsheet takes for formulas, also in their full-width forms.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def for_spreadsheets(cell: Cell) -> Cell:
    """A cell that no spreadsheet computes: what would be a formula there begins with an apostrophe.

    Answers and data are other people's words, and formulas can fetch files and addresses.
    """
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


async def export(source: TableSource, request: ExportRequest) -> ExportReply:
    """A piece of a table as text, with the names of columns before the first row.

    Parameters:
        source: the table.
        request: which rows and columns, and in which form.

    Raises:
        TableError: there is no such column, or the source cannot answer the query.
    """
    names = [column.name for column in source.columns]
    missing = next((name for name in request.columns if name not in names), None)
    if missing is not None:
        raise TableError(
            "there is no such column", field="columns", value=missing, remedy=nearest(missing, names)
        )
    places = [names.index(name) for name in request.columns]
    text = io.StringIO()
    # With this end of lines, cells that hold one half of it are quoted as well.
    writer = csv.writer(text, delimiter=_DELIMITERS[request.form], lineterminator="\r\n")
    if request.offset == 0:
        writer.writerow(_safe(request.columns))
    offset: int | None = request.offset
    total = None
    while offset is not None and text.tell() < PIECE:
        page = await source.page(request.query(offset, _ROWS))
        writer.writerows(_safe([row.cells[place] for place in places]) for row in page.rows)
        total = page.total
        offset = offset + len(page.rows) if page.has_next and page.rows else None
    return ExportReply(view=request.view, id=request.id, text=text.getvalue(), next=offset, total=total)


def _safe(cells: Sequence[Cell]) -> list[Cell]:
    return [for_spreadsheets(cell) for cell in cells]
