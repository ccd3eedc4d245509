"""The values of a column: read when they are looked at, and not kept twice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, cast, overload

from edsl_nb.core.objects import canonical
from edsl_nb.core.tables import ColumnKind


class About(NamedTuple):
    """What is known of a column's values without looking at them.

    Parameters:
        kind: how they are shown, or None where they have to be looked at.
        categories: gives the answers that can be chosen, in order, where that is so.
        whole: whether the numbers are whole.
        text: reads the JSON text that a value is kept as, which is far quicker than the value.
    """

    kind: ColumnKind | None = None
    categories: Callable[[], Sequence[Any]] | None = None
    whole: bool = False
    text: Callable[[Any], str | None] | None = None


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
        return self if self.about.text is None else Values(self._rows, self.about.text, About("text"))

    @property
    def kind(self) -> ColumnKind:
        """How they are shown."""
        return self.about.kind or _seen_kind(self)


class Picked(Values):
    """The values of a column of which several rows share one, such as a trait of an agent.

    Parameters:
        numbers: of each row, which value it has.
        read: gives a value by its number.
        about: what is known of them.
    """

    __slots__ = ()

    def __init__(
        self, numbers: Sequence[int], read: Callable[[int], Any], about: About = NOTHING_KNOWN
    ) -> None:
        super().__init__(numbers, read, about)

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
        numbers = sorted(set(self._rows))
        return numbers, len(numbers) <= len(self._rows) // 2

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
