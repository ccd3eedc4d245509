"""Columns that grow at their end, while others read them: numbers as numbers, what is rare only where it is.

Whoever reads takes a copy of what is there, because an array that lends its memory cannot grow.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    import numpy as np

Item = TypeVar("Item")

#: What an array holds in the place of what is no such number.
_NO_COUNT, _NO_AMOUNT = -(2**63), float("nan")
#: What is just too much for an array.
_BEYOND = 2**63
#: Whole numbers up to which every one is a float, too.
_EXACT = 2**53


def taken(data: Sequence[Item], rows: Sequence[int]) -> Sequence[Item]:
    """The items of some rows.

    Parameters:
        data: what they are items of.
        rows: their numbers; a range counts up by one.
    """
    if isinstance(rows, range):
        return data[rows.start : rows.stop]
    return list(map(data.__getitem__, rows))


class Column(ABC):
    """A column: a value by its row, and the values of many rows."""

    __slots__ = ()

    @abstractmethod
    def __getitem__(self, row: int, /) -> Any: ...

    def gather(self, rows: Sequence[int]) -> list[Any]:
        """The values of some rows."""
        return [self[row] for row in rows]

    def numbers(self, rows: Sequence[int]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
        """Numbers, and where there is none; None for what is not numbers throughout."""
        return None

    @property
    def only(self) -> Sequence[Any]:
        """The one value that all rows have, where that can be told without looking at them; else nothing."""
        return ()


class Growing(Column):
    """A column that grows."""

    __slots__ = ()

    @abstractmethod
    def append(self, value: Any, /) -> None:
        """Put a value behind the others."""

    def extend(self, values: Iterable[Any], /) -> None:
        """Put several values behind the others."""
        for value in values:
            self.append(value)


class Things(list[Any], Growing):
    """A column of anything."""

    __slots__ = ()

    def gather(self, rows: Sequence[int]) -> list[Any]:
        return list(taken(self, rows))


class Places(Growing):
    """A column of whole numbers of 64 bits, all of which are there.

    Attributes:
        data: the numbers.
    """

    __slots__ = ("data",)

    def __init__(self) -> None:
        self.data = array("q")

    def __len__(self) -> int:
        return len(self.data)

    def append(self, value: int, /) -> None:
        self.data.append(value)

    def __getitem__(self, row: int, /) -> int:
        return self.data[row]

    def gather(self, rows: Sequence[int]) -> list[int]:
        return list(taken(self.data, rows))

    def numbers(self, rows: Sequence[int]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
        import numpy as np

        values = np.array(taken(self.data, rows), dtype=np.int64)
        return values, np.zeros(len(values), dtype=bool)


class _Numbers(Growing):
    """A column of numbers of one kind.

    Parameters:
        missing: what stands for no number.
    """

    __slots__ = ("_missing", "_others", "_values")

    code: str
    nothing: Any

    def __init__(self, missing: Any = None) -> None:
        self._values: array[Any] = array(self.code)
        self._missing = missing
        self._others: dict[int, Any] = {}  # by row: what the array cannot hold

    def _put(self, value: Any) -> None:
        """Append what the array cannot hold."""
        if value is not None and value != self._missing:
            self._others[len(self._values)] = value
        self._values.append(self.nothing)

    def __len__(self) -> int:
        return len(self._values)

    def _array(self, rows: Sequence[int]) -> np.ndarray[Any, Any]:
        import numpy as np

        if isinstance(rows, range):
            return np.frombuffer(self._values[rows.start : rows.stop], dtype=self.code)
        return np.frombuffer(self._values[:], dtype=self.code)[np.asarray(rows, dtype=np.int64)]


class Counts(_Numbers):
    """A column of whole numbers."""

    __slots__ = ()
    code, nothing = "q", _NO_COUNT

    def append(self, value: Any, /) -> None:
        if type(value) is int and _NO_COUNT < value < _BEYOND:
            self._values.append(value)
        else:
            self._put(value)

    def __getitem__(self, row: int, /) -> Any:
        value = self._values[row]
        return value if value != _NO_COUNT else self._others.get(row, self._missing)

    def gather(self, rows: Sequence[int]) -> list[Any]:
        values = taken(self._values, rows)
        if _NO_COUNT not in values:
            return list(values)
        return [
            value if value != _NO_COUNT else self._others.get(row, self._missing)
            for row, value in zip(rows, values, strict=True)
        ]

    def numbers(self, rows: Sequence[int]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
        if self._others:
            return None
        values = self._array(rows)
        missing = values == _NO_COUNT
        if missing.any():
            values = values.copy()
            values[missing] = 0
        return values, missing


class Amounts(_Numbers):
    """A column of numbers that need not be whole."""

    __slots__ = ()
    code, nothing = "d", _NO_AMOUNT

    def append(self, value: Any, /) -> None:
        if (type(value) is float and value == value) or (type(value) is int and -_EXACT < value < _EXACT):
            self._values.append(value)
        else:
            self._put(value)

    def __getitem__(self, row: int, /) -> Any:
        value = self._values[row]
        return value if value == value else self._others.get(row, self._missing)

    def gather(self, rows: Sequence[int]) -> list[Any]:
        get, missing = self._others.get, self._missing
        values = taken(self._values, rows)
        return [v if v == v else get(row, missing) for row, v in zip(rows, values, strict=True)]

    def numbers(self, rows: Sequence[int]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
        if self._others:
            return None
        values = self._array(rows)
        return values, values != values


class Rare(Column):
    """A column in which most rows hold the same, nothing, and need no room.

    Parameters:
        nothing: what most rows hold.
    """

    __slots__ = ("_values", "nothing")

    def __init__(self, nothing: Any) -> None:
        self.nothing = nothing
        self._values: dict[int, Any] = {}

    def put(self, row: int, *values: Any) -> None:
        """Put values into a row and those after it."""
        for number, value in enumerate(values, row):
            if value is not self.nothing:
                self._values[number] = value

    def __bool__(self) -> bool:
        return bool(self._values)

    @property
    def only(self) -> Sequence[Any]:
        return () if self._values else (self.nothing,)

    def __getitem__(self, row: int, /) -> Any:
        return self._values.get(row, self.nothing)

    def gather(self, rows: Sequence[int]) -> list[Any]:
        if not self._values:
            return [self.nothing] * len(rows)
        get, nothing = self._values.get, self.nothing
        return [get(row, nothing) for row in rows]


class Coded(Growing, Generic[Item]):
    """A column of few different values, a byte each.

    Parameters:
        table: the values.

    Attributes:
        code: the byte of each value.
        data: the bytes.
    """

    __slots__ = ("_table", "code", "data")

    def __init__(self, table: Sequence[Item]) -> None:
        self._table = table
        self.code: Mapping[Item, int] = {value: number for number, value in enumerate(table)}
        self.data = bytearray()

    def append(self, value: Item, /) -> None:
        self.data.append(self.code[value])

    def __getitem__(self, row: int, /) -> Item:
        return self._table[self.data[row]]

    def gather(self, rows: Sequence[int]) -> list[Item]:
        return list(map(self._table.__getitem__, taken(self.data, rows)))

    def codes(self, rows: Sequence[int]) -> bytes:
        """The bytes of some rows: the values' places in the table."""
        return bytes(taken(self.data, rows))


class Recoded(Column):
    """What the values of a coded column stand for.

    Parameters:
        column: the coded column.
        table: by the places of its values, what they stand for.
    """

    __slots__ = ("_column", "_table")

    def __init__(self, column: Coded[Any], table: Sequence[Any]) -> None:
        self._column, self._table = column, table

    def __getitem__(self, row: int, /) -> Any:
        return self._table[self._column.codes(range(row, row + 1))[0]]

    def gather(self, rows: Sequence[int]) -> list[Any]:
        return list(map(self._table.__getitem__, self._column.codes(rows)))


class Field(Column):
    """A field of the objects in another column.

    Parameters:
        column: the other column.
        name: the field.
    """

    __slots__ = ("_column", "_read")

    def __init__(self, column: Rare, name: str) -> None:
        self._column, self._read = column, attrgetter(name)

    def __getitem__(self, row: int, /) -> Any:
        return self._read(self._column[row])

    @property
    def only(self) -> Sequence[Any]:
        return [self._read(value) for value in self._column.only]

    def gather(self, rows: Sequence[int]) -> list[Any]:
        return list(self.only) * len(rows) or list(map(self._read, self._column.gather(rows)))


class Made(Column):
    """A column that is made of others.

    Parameters:
        make: gives the value from those of the others.
        columns: the others.
    """

    __slots__ = ("_columns", "_make")

    def __init__(self, make: Callable[..., Any], *columns: Column) -> None:
        self._make, self._columns = make, columns

    def __getitem__(self, row: int, /) -> Any:
        return self._make(*(column[row] for column in self._columns))

    @property
    def only(self) -> Sequence[Any]:
        return list(map(self._make, *(column.only for column in self._columns)))

    def gather(self, rows: Sequence[int]) -> list[Any]:
        return list(map(self._make, *(column.gather(rows) for column in self._columns)))
