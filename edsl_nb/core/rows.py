"""Where a list's objects come from: objects, columns, products, joins, selections. Made when looked at."""

from __future__ import annotations

from array import array
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: The set of field names of an object, such as a scenario's keys.
Fields = frozenset[str]

#: Selections up to this length are looked through for field names; of longer ones, first the whole list.
_SHORT = 1_000

#: How deeply rows may be made of other rows before objects are made of them.
_DEEPEST = 40


class Rows(Protocol[T_co]):
    """Where a list's objects come from. A million rows need not be a million objects."""

    @property
    def depth(self) -> int:
        """How deeply these rows are made of other rows."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> T_co: ...

    def field_sets(self, fields_of: Callable[[Any], Fields]) -> dict[Fields, int]:
        """Each set of field names that occurs, with the first row that has it."""
        ...


def objects_of(rows: Rows[T]) -> Iterator[T]:
    """The objects of rows, in order."""
    return map(rows.__getitem__, range(len(rows)))


def _settled(rows: Rows[T]) -> Rows[T]:
    """The rows, or their objects where they were made of others too often (as by a loop)."""
    return rows if rows.depth < _DEEPEST else ObjectRows(objects_of(rows))


class ObjectRows(Generic[T]):
    """Rows that are objects already."""

    __slots__ = ("objects",)
    depth = 0

    def __init__(self, objects: Iterable[T]) -> None:
        self.objects = tuple(objects)

    def __len__(self) -> int:
        return len(self.objects)

    def __getitem__(self, index: int) -> T:
        return self.objects[index]

    def field_sets(self, fields_of: Callable[[Any], Fields]) -> dict[Fields, int]:
        return _scanned(self, fields_of)


class ColumnRows(Generic[T]):
    """Rows that stay columns: a row is made of its values when it is looked at.

    Parameters:
        columns: name -> values, all of one length.
        make: an object from names and values.
        count: how many rows there are; needed where there are no columns.
    """

    __slots__ = ("_count", "_make", "columns")
    depth = 0

    def __init__(
        self,
        columns: Mapping[str, Sequence[Any]],
        make: Callable[[dict[str, Any]], T],
        count: int | None = None,
    ) -> None:
        self.columns, self._make = dict(columns), make
        self._count = len(next(iter(self.columns.values()), ())) if count is None else count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> T:
        return self._make({name: values[index] for name, values in self.columns.items()})

    def with_columns(self, columns: Mapping[str, Sequence[Any]]) -> ColumnRows[T]:
        """As many rows, of other columns."""
        return ColumnRows(columns, self._make, self._count)

    def field_sets(self, fields_of: Callable[[Any], Fields]) -> dict[Fields, int]:
        return {fields_of(self[0]): 0} if self._count else {}


class ProductRows(Generic[T]):
    """Each row of `left` merged with each of `right`, left slowest; merged when looked at."""

    __slots__ = ("_left", "_merge", "_right", "depth")

    def __init__(self, left: Rows[T], right: Rows[T], merge: Callable[[T, T], T]) -> None:
        self._left, self._right, self._merge = _settled(left), _settled(right), merge
        self.depth = 1 + max(self._left.depth, self._right.depth)

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

    __slots__ = ("_parts", "_starts", "depth")

    def __init__(self, first: Rows[T], second: Rows[T]) -> None:
        # A list that grows in a loop becomes neither a chain as long as the loop nor as many parts.
        parts = [*(first._parts if isinstance(first, JoinedRows) else (_settled(first),)), _settled(second)]
        while len(parts) > 1:
            one, two = parts[-2:]
            if not (isinstance(one, ObjectRows) and isinstance(two, ObjectRows)) or len(one) > len(two):
                break
            parts[-2:] = [ObjectRows((*one.objects, *two.objects))]
        self._parts: tuple[Rows[T], ...] = tuple(parts)
        self._starts = array("q", [0])
        for part in parts:
            self._starts.append(self._starts[-1] + len(part))
        self.depth = 1 + max(part.depth for part in parts)

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

    __slots__ = ("_base", "_positions", "depth")

    def __init__(self, base: Rows[T], positions: Sequence[int]) -> None:
        if isinstance(base, SelectedRows):
            base, positions = base._base, array("q", map(base._positions.__getitem__, positions))
        self._base, self._positions = _settled(base), positions
        self.depth = 1 + self._base.depth

    def __len__(self) -> int:
        return len(self._positions)

    def __getitem__(self, index: int) -> T:
        return self._base[self._positions[index]]

    def field_sets(self, fields_of: Callable[[Any], Fields]) -> dict[Fields, int]:
        if len(self) > _SHORT:
            of_all = self._base.field_sets(fields_of)
            if len(of_all) == 1:
                return dict.fromkeys(of_all, 0)
        return _scanned(self, fields_of)


#: A changed object, from the object and its position.
Change = Callable[[T, int], T]


class Each:
    """A method, to be called with the same parameters on each object. Unlike a lambda it can be pickled."""

    __slots__ = ("_args", "_method")

    def __init__(self, method: str, *args: Any) -> None:
        self._method, self._args = method, args

    def __call__(self, item: Any, index: int) -> Any:
        return getattr(item, self._method)(*self._args)


class MappedRows(Generic[T]):
    """Each row of another, changed when it is looked at.

    Parameters:
        base: the rows.
        change: makes a changed object. Which fields it has may depend on which
            the object had, but on no value.
    """

    __slots__ = ("_base", "_changes", "depth")

    def __init__(self, base: Rows[T], change: Change[T]) -> None:
        before: tuple[Change[T], ...] = ()
        if isinstance(base, MappedRows):
            base, before = base._base, base._changes
        self._base, self._changes = _settled(base), (*before, change)
        self.depth = 1 + self._base.depth

    def __len__(self) -> int:
        return len(self._base)

    def __getitem__(self, index: int) -> T:
        item = self._base[index]
        for change in self._changes:
            item = change(item, index)
        return item

    def field_sets(self, fields_of: Callable[[Any], Fields]) -> dict[Fields, int]:
        found: dict[Fields, int] = {}
        kinds = self._base.field_sets(lambda item: fields_of(item) | frozenset(item.fields()))
        for index in sorted(kinds.values()):
            found.setdefault(fields_of(self[index]), index)
        return found


def mapped(rows: Rows[T], change: Change[T]) -> Rows[T]:
    """Rows with each object changed: at once where there are objects, else when one is looked at."""
    if isinstance(rows, ObjectRows):
        return ObjectRows(change(item, index) for index, item in enumerate(rows.objects))
    return MappedRows(rows, change)


def _scanned(rows: Rows[Any], fields_of: Callable[[Any], Fields]) -> dict[Fields, int]:
    """The field sets of rows, found by looking at each."""
    found: dict[Fields, int] = {}
    for index, item in enumerate(objects_of(rows)):
        found.setdefault(fields_of(item), index)
    return found


def cells(rows: Rows[Any]) -> Callable[[int, str], Any]:
    """A cell of the table of some rows, by row and column."""
    if isinstance(rows, ColumnRows):
        return lambda row, name: rows.columns[name][row]
    last: list[tuple[int, dict[str, Any]]] = [(-1, {})]

    def cell(row: int, name: str) -> Any:
        # The cells of a row are asked for one after the other, and its object is made for them once.
        known, fields = last[0]
        if known != row:
            fields = rows[row].fields()
            last[0] = row, fields
        return fields.get(name)

    return cell
