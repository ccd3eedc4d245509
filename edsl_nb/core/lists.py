"""Lists of agents, scenarios and models: rows behind one small interface, objects made when looked at."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, overload

from edsl_nb.core.errors import EdslNbError
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown, listed, tagged, untagged
from edsl_nb.core.tables import Column

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Listed(Protocol):
    """What a list needs of its objects."""

    def fields(self) -> dict[str, Any]:
        """What a table shows of the object, by column."""
        ...

    def to_dict(self) -> dict[str, Any]: ...


ListedT = TypeVar("ListedT", bound=Listed)

#: The set of field names of an object, such as a scenario's keys.
Fields = frozenset[str]


class Rows(Protocol[T_co]):
    """Where a list's objects come from. A million rows need not be a million objects."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> T_co: ...

    def field_sets(self, fields_of: Callable[[Any], Fields]) -> dict[Fields, int]:
        """Each set of field names that occurs, with the first row that has it."""
        ...


class ObjectRows(Generic[T]):
    """Rows that are objects already."""

    __slots__ = ("_objects",)

    def __init__(self, objects: Iterable[T]) -> None:
        self._objects = tuple(objects)

    def __len__(self) -> int:
        return len(self._objects)

    def __getitem__(self, index: int) -> T:
        return self._objects[index]

    def field_sets(self, fields_of: Callable[[Any], Fields]) -> dict[Fields, int]:
        found: dict[Fields, int] = {}
        for index, item in enumerate(self._objects):
            found.setdefault(fields_of(item), index)
        return found


class ProductRows(Generic[T]):
    """Each row of `left` merged with each of `right`, left slowest; merged when looked at."""

    __slots__ = ("_left", "_merge", "_right")

    def __init__(self, left: Rows[T], right: Rows[T], merge: Callable[[T, T], T]) -> None:
        self._left, self._right, self._merge = left, right, merge

    def __len__(self) -> int:
        return len(self._left) * len(self._right)

    def __getitem__(self, index: int) -> T:
        high, low = divmod(index, len(self._right))
        return self._merge(self._left[high], self._right[low])

    def field_sets(self, fields_of: Callable[[Any], Fields]) -> dict[Fields, int]:
        found: dict[Fields, int] = {}
        for left in self._left.field_sets(fields_of).values():
            for right in self._right.field_sets(fields_of).values():
                index = left * len(self._right) + right
                found.setdefault(fields_of(self[index]), index)
        return found


class JoinedRows(Generic[T]):
    """The rows of each part, one part after the other."""

    __slots__ = ("_parts", "_starts")

    def __init__(self, first: Rows[T], second: Rows[T]) -> None:
        # A list that grows in a loop must not become a chain as long as the loop.
        parts, starts = (
            (first._parts, first._starts) if isinstance(first, JoinedRows) else ((first,), (0, len(first)))
        )
        self._parts: tuple[Rows[T], ...] = (*parts, second)
        self._starts: tuple[int, ...] = (*starts, starts[-1] + len(second))

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, index: int) -> T:
        part = bisect(self._starts, index) - 1
        return self._parts[part][index - self._starts[part]]

    def field_sets(self, fields_of: Callable[[Any], Fields]) -> dict[Fields, int]:
        found: dict[Fields, int] = {}
        for start, part in zip(self._starts, self._parts, strict=False):
            for names, index in part.field_sets(fields_of).items():
                found.setdefault(names, start + index)
        return found


class SelectedRows(Generic[T]):
    """Some rows of another, by position."""

    __slots__ = ("_base", "_positions")

    def __init__(self, base: Rows[T], positions: Sequence[int]) -> None:
        self._base, self._positions = base, positions

    def __len__(self) -> int:
        return len(self._positions)

    def __getitem__(self, index: int) -> T:
        return self._base[self._positions[index]]

    def field_sets(self, fields_of: Callable[[Any], Fields]) -> dict[Fields, int]:
        found: dict[Fields, int] = {}
        for index in range(len(self)):
            found.setdefault(fields_of(self[index]), index)
        return found


class ObjectList(Shown, Sequence[ListedT]):
    """A list of agents, scenarios or models.

    `a + b` puts two lists one after the other, `a * b` merges each of `a` with
    each of `b` (left slowest, nothing is built until looked at), slices select.

    Parameters:
        data: the objects; any iterable.

    Class attributes:
        kind, noun: what the objects are, for Python and for people.
        rows_key: where EDSL's JSON holds them.

    Raises:
        EdslNbError: an item is of another kind; the message names its position.
    """

    kind: ClassVar[type[Any]]
    noun: ClassVar[str]
    rows_key: ClassVar[str]
    error: ClassVar[type[EdslNbError]] = EdslNbError

    def __init__(self, data: Iterable[ListedT] | None = None) -> None:
        self._extras: dict[str, Any] = {}
        if isinstance(data, type(self)):
            self._rows: Rows[ListedT] = data._rows
            return
        if data is not None and (
            isinstance(data, (str, bytes, dict, self.kind)) or not isinstance(data, Iterable)
        ):
            raise self.error(
                f"a list of {self.noun}s is wanted",
                field=type(self).__name__,
                value=data,
                remedy=f"Such as {type(self).__name__}([{self.kind.__name__}(...)]).",
            )
        objects = tuple(data or ())
        for position, item in enumerate(objects):
            if not isinstance(item, self.kind):
                raise self.error(
                    f"item {position} is a {type(item).__name__}, not {self.kind.__name__}",
                    field=type(self).__name__,
                    value=item,
                    remedy=f"Make it one: {self.kind.__name__}(...).",
                )
        self._rows = ObjectRows(objects)

    @classmethod
    def from_rows(cls, rows: Rows[ListedT]) -> Self:
        """A list over rows of any kind."""
        made = cls()
        made._rows = rows
        return made

    @classmethod
    def _of_values(cls, name: str, values: Iterable[Any]) -> Self:
        if isinstance(values, str | bytes) or not isinstance(values, Iterable):
            raise cls.error(
                "a list of values is wanted", field="values", value=values, remedy="Such as [20, 60]."
            )
        return cls(cls.kind({name: value}) for value in values)

    @property
    def rows(self) -> Rows[ListedT]:
        """Where the objects come from."""
        return self._rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> ListedT: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> ListedT | Self:
        if isinstance(index, slice):
            return self.from_rows(SelectedRows(self._rows, range(len(self))[index]))
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"{type(self).__name__} has {count} items, no item {index}")
        return self._rows[index % count]

    def __iter__(self) -> Iterator[ListedT]:
        return (self._rows[i] for i in range(len(self)))

    def __add__(self, other: Iterable[ListedT]) -> Self:
        more = other if isinstance(other, type(self)) else type(self)(other)
        return self.from_rows(JoinedRows(self._rows, more._rows))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def _product(self, other: Iterable[ListedT], merge: Callable[[ListedT, ListedT], ListedT]) -> Self:
        more = other if isinstance(other, type(self)) else type(self)(other)
        return self.from_rows(ProductRows(self._rows, more._rows, merge))

    def as_table(self) -> MemoryTable:
        """The objects, a row each, to be shown page by page."""
        sets = self._rows.field_sets(lambda item: frozenset(item.fields()))
        # In the order in which the objects themselves have them.
        names = dict.fromkeys(name for first in sets.values() for name in self._rows[first].fields())
        columns = [Column(name, sortable=True) for name in names]
        return MemoryTable(
            f"{self.noun.capitalize()}s",
            columns,
            len(self),
            lambda row, name: self._rows[row].fields().get(name),
        )

    def to_dict(self) -> dict[str, Any]:
        """The list in EDSL's JSON."""
        return tagged({**self._extras, self.rows_key: [item.to_dict() for item in self]}, type(self).__name__)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The list that `to_dict` wrote, here or in EDSL."""
        fields = untagged(data, cls.__name__)
        made = cls(cls.kind.from_dict(row) for row in listed(fields, cls.rows_key, cls.__name__))
        made._extras = fields
        return made

    def __repr__(self) -> str:
        shown = [repr(item) for item in self[:5]]
        if len(self) > 5:
            shown = [*shown, f"... {len(self):,} {self.noun}s"]
        return f"{type(self).__name__}([{', '.join(shown)}])"
