"""The values of a column: read when they are looked at, and not kept twice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast, overload

from edsl_nb.core.objects import canonical
from edsl_nb.core.tables import ColumnKind
from edsl_nb.results.growing import Column

if TYPE_CHECKING:
    import numpy as np


class About(NamedTuple):
    """What is known of a column's values without looking at them.

    Parameters:
        kind: how they are shown, or None where they have to be looked at.
        categories: gives the answers that can be chosen, in order, where that is so.
        whole: whether the numbers are whole.
        text: holds the JSON texts that values are kept as, which are had far quicker than the values.
    """

    kind: ColumnKind | None = None
    categories: Callable[[], Sequence[Any]] | None = None
    whole: bool = False
    text: Column | None = None


NOTHING_KNOWN = About()


class Values(Sequence[Any]):
    """A column's values.

    Parameters:
        rows: what they are read from.
        read: gives the value of a row; None where the rows are the values.
        about: what is known of them.
    """

    __slots__ = ("_read", "_rows", "about")

    def __init__(
        self,
        rows: Sequence[Any],
        read: Callable[[Any], Any] | None = None,
        about: About = NOTHING_KNOWN,
    ) -> None:
        self._rows, self._read, self.about = rows, read, about

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return list(Values(self._rows[index], self._read))
        return self._rows[index] if self._read is None else self._read(self._rows[index])

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows) if self._read is None else map(self._read, self._rows)

    def at(self, positions: Sequence[int]) -> Values:
        """The values at some positions."""
        rows = self._rows
        return Values([rows[position] for position in positions], self._read, self.about)

    def written(self) -> Values:
        """The values as they are put into files and frames: as JSON texts, where they are kept so."""
        return self if self.about.text is None else Stored(self.about.text, self._rows, About("text"))

    @property
    def kind(self) -> ColumnKind:
        """How they are shown."""
        return self.about.kind or _seen_kind(self)


class Stored(Values):
    """The values of some rows of a stored column.

    Parameters:
        column: the column.
        rows: the numbers of the rows: a range that counts up by one, or others.
        about: what is known of them.
    """

    __slots__ = ("_column",)

    def __init__(self, column: Column, rows: Sequence[int], about: About = NOTHING_KNOWN) -> None:
        super().__init__(rows, column.__getitem__, about)
        self._column = column

    def __iter__(self) -> Iterator[Any]:
        return iter(self._column.gather(self._rows))

    def at(self, positions: Sequence[int]) -> Values:
        return Stored(self._column, [self._rows[position] for position in positions], self.about)

    def numbers(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
        """The numbers, and where there is none; None for what is not numbers throughout."""
        return self._column.numbers(self._rows)

    def only(self) -> Values:
        """The one value that all have, where that can be told without looking at them; else none."""
        return Values(self._column.only, None, self.about)


class Picked(Values):
    """The values of a column of which several rows share one, such as a trait of an agent.

    Parameters:
        numbers: of each row, which value it has.
        read: gives a value by its number.
        about: what is known of them.
    """

    __slots__ = ("_distinct",)

    def __init__(
        self, numbers: Sequence[int], read: Callable[[int], Any], about: About = NOTHING_KNOWN
    ) -> None:
        super().__init__(numbers, read, about)
        self._distinct: list[int] | None = None

    def __iter__(self) -> Iterator[Any]:
        numbers, few = self.distinct
        if not few:
            return super().__iter__()
        assert self._read is not None
        known = {number: self._read(number) for number in numbers}
        return map(known.__getitem__, self._rows)

    @property
    def distinct(self) -> tuple[list[int], bool]:
        """The numbers that come up, in order, and whether they are few enough to be read just once each."""
        if self._distinct is None:
            self._distinct = sorted(set(self._rows))
        return self._distinct, len(self._distinct) <= len(self._rows) // 2

    def once(self) -> tuple[Values, list[int], Sequence[int]]:
        """Each value that comes up once, the numbers of these, and the number of each row."""
        numbers, _ = self.distinct
        return Values(numbers, self._read, self.about), numbers, self._rows

    def at(self, positions: Sequence[int]) -> Values:
        assert self._read is not None
        return Picked([self._rows[position] for position in positions], self._read, self.about)


def _seen_kind(values: Values) -> ColumnKind:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds and kinds <= {int, float}:
        return "number"
    listed = kinds and all(issubclass(kind, list | tuple | dict) for kind in kinds)
    return "list" if listed else "text"


def equal_key(value: Any) -> Any:
    """What is equal for equal values, and can be a key of a dict; True is not 1."""
    if isinstance(value, list | tuple | dict | set):
        return type(cast(object, value)).__name__, canonical(value)
    return isinstance(value, bool), value


def finite(value: Any) -> float | None:
    """A finite number that is no truth value; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # whole numbers may have hundreds of digits
        return None
    return number if math.isfinite(number) else None


def rounded(value: Any) -> Any:
    """A number with the four digits that people read; anything else as it is."""
    return float(f"{value:.4g}") if isinstance(value, float) else value
