"""Tables as files: CSV, Excel, Parquet, lines of JSON."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from edsl_nb.core.cells import as_cell
from edsl_nb.core.errors import ResultsError, warn

#: What an Excel sheet has at most: rows with the head, columns, characters in a cell.
_SHEET_ROWS, _SHEET_COLUMNS, _SHEET_TEXT = 1_048_576, 16_384, 32_767
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

Filename = str | os.PathLike[str]


def write_text(filename: Filename, text: str) -> None:
    """Write a file (UTF-8), whole or not at all."""
    write(filename, lambda path: _text(path, text))


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="", errors="replace")


def write(filename: Filename, fill: Callable[[Path], object]) -> None:
    """Write a file, whole or not at all; one that is there is replaced.

    Parameters:
        filename: the path.
        fill: writes to the path that it is given.

    Raises:
        ResultsError: it cannot be written.
    """
    if not isinstance(filename, str | os.PathLike) or not str(filename).strip() or "\0" in str(filename):
        raise ResultsError(
            "a path is wanted", field="filename", value=filename, remedy="Such as 'answers.csv'."
        )
    path = Path(filename).expanduser()
    beside = path.with_name(f".{uuid4().hex[:8]}-{path.name[-40:]}")
    try:
        fill(beside)
        beside.replace(path)
    except OSError as failure:
        raise ResultsError(
            f"the file cannot be written: {failure.strerror or failure}",
            field="filename",
            value=str(path),
            remedy="Name a file in a folder that is there and that you may write to.",
        ) from None
    finally:
        with suppress(OSError):
            beside.unlink()


def write_excel(
    filename: Filename, sheet: str, names: Sequence[str], rows: Sequence[Sequence[Any]], note: str
) -> None:
    """Write an Excel file of one sheet.

    Parameters:
        filename: the file.
        sheet: the sheet's name.
        names: the heads of the columns.
        rows: the rows.
        note: what there is to say of the rows, which becomes the file's description.

    Raises:
        ResultsError: it cannot be written, or a sheet cannot hold so much.
    """
    openpyxl = needed("openpyxl", "files", "Excel files are")
    if len(rows) >= _SHEET_ROWS or len(names) > _SHEET_COLUMNS:
        raise ResultsError(
            f"a sheet holds {_SHEET_ROWS:,} rows and {_SHEET_COLUMNS:,} columns",
            field="to_excel",
            value=(len(rows), len(names)),
            remedy="Select fewer, or write a CSV or Parquet file.",
        )
    book = openpyxl.Workbook(write_only=True)
    book.properties.description = note or None
    page = book.create_sheet(sheet)
    cell = importlib.import_module("openpyxl.cell").WriteOnlyCell
    cut = 0

    def shown(value: Any) -> Any:
        nonlocal cut
        text = as_cell(value)
        if not isinstance(text, str):
            return text
        cut += len(text) > _SHEET_TEXT
        made = cell(page, _CONTROL.sub("", text)[:_SHEET_TEXT])
        made.data_type = "s"  # a reply that begins with = is no formula
        return made

    for row in (names, *rows):
        page.append([shown(value) for value in row])
    write(filename, book.save)
    if cut:
        warn(f"an Excel cell holds {_SHEET_TEXT:,} characters; {cut:,} longer texts were cut.")


def needed(module: str, extra: str, what: str) -> Any:
    """A package that is not always installed.

    Raises:
        ResultsError: it is not.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise ResultsError(
            f"{what} made by the package {module}, which is not installed",
            field=module,
            remedy=f'Install it: pip install "edsl_nb[{extra}]".',
        ) from None


def checked_sheet(name: Any) -> str:
    """A name that an Excel sheet can have.

    Raises:
        ResultsError: it can have none such.
    """
    if (
        not isinstance(name, str)
        or not 1 <= len(name.strip()) <= 31
        or re.search(r"[\\/*?:\[\]\x00-\x1f]", name)
    ):
        raise ResultsError(
            r"a sheet's name has 1 to 31 characters and none of \ / * ? : [ ]",
            field="sheet_name",
            value=name,
            remedy="Such as 'Results'.",
        )
    return name
