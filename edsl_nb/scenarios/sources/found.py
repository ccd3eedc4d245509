"""What sources give: columns or records; and values as scenarios hold them."""

from __future__ import annotations

import datetime
import math
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from edsl_nb.core.errors import ScenarioError

_ATOMS = (str, bool, int)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a source.

    Parameters:
        columns: field -> values, where all rows have the same fields.
        records: the rows, where they have not.
        codebook: what fields mean, as far as the source says.
        count: how many rows there are.
    """

    columns: Mapping[str, Sequence[Any]] | None
    records: Sequence[Mapping[str, Any]] = ()
    codebook: Mapping[str, str] = field(default_factory=dict[str, str])
    count: int = 0


def of_columns(columns: Mapping[str, Sequence[Any]], count: int) -> Found:
    """Columns of so many rows."""
    return Found(columns, count=count)


def of_table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Found:
    """Rows of values that belong to the same names."""
    lists: list[list[Any]] = [[] for _ in names]
    count = 0
    for row in rows:
        count += 1
        for values, value in zip(lists, row, strict=True):
            values.append(value)
    return of_columns(dict(zip(names, lists, strict=True)), count)


def of_records(records: Sequence[Mapping[str, Any]]) -> Found:
    """Rows with names of their own: columns, where all have the same."""
    names = list(records[0]) if records else []
    if records and all(list(record) == names for record in records):
        return of_columns({name: [record[name] for record in records] for name in names}, len(records))
    return Found(None, records)


class Foreign(Sequence[Any]):
    """A column of another library's values, which become Python's when they are looked at.

    Parameters:
        values: the library's column, which has a length, items and slices.
        one: an item of it as a value.
        many: a slice of it as a list of values.
    """

    __slots__ = ("_many", "_one", "_values")

    #: Values that are turned at a time.
    _AT_ONCE = 10_000

    def __init__(self, values: Any, one: Callable[[Any], Any], many: Callable[[Any], list[Any]]) -> None:
        self._values, self._one, self._many = values, one, many

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [plain_value(value) for value in self._many(self._values[index])]
        return plain_value(self._one(self._values[index]))

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self), self._AT_ONCE):
            yield from self[start : start + self._AT_ONCE]


def plain_value(value: Any) -> Any:
    """A value as JSON can hold it.

    NaN and other marks of missing values become None; dates and times their
    ISO text; decimals numbers; bytes their text, or base64 where they are none.
    """
    kind = type(value)
    if value is None or kind in _ATOMS:
        return value
    if kind is float:
        return None if math.isnan(value) else value
    if isinstance(value, datetime.date | datetime.time):
        # pandas has a missing date that is a date.
        return value.isoformat() if value == value else None
    if isinstance(value, Mapping):
        return {str(key): plain_value(item) for key, item in cast(Mapping[Any, Any], value).items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_value(item) for item in cast(Iterable[Any], value)]
    if isinstance(value, bytes):
        return _of_bytes(value)
    if isinstance(value, Decimal):
        whole = value.is_finite() and value == value.to_integral_value()
        return int(value) if whole else plain_value(float(value))
    return _of_library(value)


def _of_library(value: Any) -> Any:
    if hasattr(value, "tolist"):  # numpy's scalars and arrays
        return plain_value(value.tolist())
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    return value if isinstance(value, str | int | float) else str(value)


def _of_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return b64encode(value).decode()


def checked_path(path: Any, field: str = "path") -> Path:
    """The path of a file that is there.

    Raises:
        ScenarioError: it is no path, an address on the internet, or there is no such file.
    """
    if not isinstance(path, str | Path) or not str(path).strip() or "\0" in str(path):
        raise ScenarioError("a path is wanted", field=field, value=path, remedy="Such as 'data.csv'.")
    if str(path).lower().startswith(("http://", "https://")):
        raise ScenarioError(
            "what is on the internet is not read here",
            field=field,
            value=str(path),
            remedy="Download the file, and give its path.",
        )
    found = Path(path).expanduser()
    if not found.is_file():
        raise ScenarioError(
            "there is no such file",
            field=field,
            value=str(path),
            remedy=f"The working folder is {Path.cwd()}.",
        )
    return found


def library(name: str, what: str) -> Any:
    """A library that is needed for some files alone.

    Raises:
        ScenarioError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        raise ScenarioError(
            f"{what} need the package {name.partition('.')[0]}",
            field="from_source",
            remedy="Install it: pip install 'edsl_nb[files]'.",
        ) from None


def unreadable(path: Path, what: str, failure: Exception) -> ScenarioError:
    """The error for a file that its library cannot read."""
    reason = " ".join(str(failure).split())[:200] or type(failure).__name__
    return ScenarioError(
        f"this is no {what} that can be read: {reason}",
        field="path",
        value=str(path),
        remedy="Check the file.",
    )
