"""Excel workbooks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from edsl_nb.core.errors import ScenarioError, nearest
from edsl_nb.scenarios.sources.found import Found, checked_path, library, of_table, plain_value, unreadable
from edsl_nb.scenarios.texts import headers


def excel(
    file_path: str | Path, sheet_name: str | None = None, skip_rows: Iterable[int] | None = None
) -> Found:
    """A sheet of a workbook (``.xlsx``). Empty cells are None, and empty rows are left out."""
    path = checked_path(file_path, "file_path")
    if path.suffix.lower() == ".xls":
        raise ScenarioError(
            "old workbooks (.xls) are not read here",
            field="file_path",
            value=str(path),
            remedy="Save it as .xlsx or CSV.",
        )
    try:
        book: Any = library("openpyxl", "Excel files").load_workbook(path, read_only=True, data_only=True)
    except ScenarioError:
        raise
    except Exception as failure:  # noqa: BLE001 - a broken file fails in many ways
        raise unreadable(path, "workbook", failure) from None
    try:
        sheet = _sheet(book, sheet_name)
        skipped = _skipped(skip_rows)
        rows = [
            row
            for number, row in enumerate(sheet.iter_rows(values_only=True))
            if number not in skipped and any(value is not None for value in row)
        ]
    finally:
        book.close()
    if not rows:
        raise ScenarioError(
            "the sheet is empty", field="sheet_name", value=sheet_name, remedy="Name another."
        )
    width = max(index for row in rows for index, value in enumerate(row, 1) if value is not None)
    return of_table(
        headers((*rows[0], *[None] * width)[:width]),
        ([plain_value(value) for value in (*row, *[None] * width)[:width]] for row in rows[1:]),
    )


def _sheet(book: Any, sheet_name: str | None) -> Any:
    if sheet_name is None:
        return book.worksheets[0]
    names: list[str] = [sheet.title for sheet in book.worksheets]
    if sheet_name not in names:
        raise ScenarioError(
            "the workbook has no such sheet",
            field="sheet_name",
            value=sheet_name,
            remedy=nearest(sheet_name, names),
        )
    return book[sheet_name]


def _skipped(skip_rows: Iterable[int] | None) -> set[int]:
    try:
        numbers = set(skip_rows or ())
    except TypeError:
        numbers = {None}
    if not all(isinstance(number, int) for number in numbers):
        raise ScenarioError(
            "a list of row numbers, from 0, is wanted",
            field="skip_rows",
            value=skip_rows,
            remedy="Such as [0, 1].",
        )
    return {number for number in numbers if number is not None}
