"""Values as tables show, count and compare them."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from edsl_nb.core.tables import Cell

#: Whole numbers beyond this lose digits in a browser, so they travel as text.
_EXACT = 2**53


def as_cell(value: Any) -> Cell:
    """A value as a table shows it: lists and dicts as JSON, other objects as text."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple | dict):
        try:
            return json.dumps(value, ensure_ascii=False, default=str)
        except (TypeError, ValueError):  # names that JSON has not, or a list that holds itself
            return str(cast(object, value))
    return str(value)


def csv_text(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A CSV file's text (RFC 4180): lists and dicts as JSON, None as nothing."""
    text = io.StringIO(newline="")
    # Lines end in CR LF, else Python before 3.13 leaves a cell with a lone CR without quotes.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([as_cell(value) for value in row] for row in rows)
    return text.getvalue()


def safe_cell(value: Cell) -> Cell:
    """A cell as JSON can carry it without loss: huge, infinite and undefined numbers as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) > _EXACT:
        return str(value)
    return value


def is_empty(value: Any) -> bool:
    """Whether there is nothing in a cell: None, or the number that is none."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def parts_of(value: Any) -> Iterator[Cell]:
    """What a value is counted and chosen by: the items of a list, each once; else the value itself.

    Cells as they travel; of what is empty, None.
    """
    if isinstance(value, list | tuple):
        cells = (safe_cell(as_cell(item)) for item in cast(list[Any], value))
        return iter({part_key(cell): cell for cell in cells}.values())
    return iter((None if is_empty(value) else safe_cell(as_cell(value)),))


def part_key(cell: Cell) -> tuple[bool, Cell]:
    """What is equal for equal cells, where True is not 1."""
    return isinstance(cell, bool), cell
