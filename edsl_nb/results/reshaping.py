"""Columns made longer, wider, shorter, counted and joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from edsl_nb.core.errors import ResultsError
from edsl_nb.core.objects import canonical
from edsl_nb.results.columnar import Columnar
from edsl_nb.results.exports import Exports
from edsl_nb.results.values import equal_key

if TYPE_CHECKING:
    from edsl_nb.results.dataset import Dataset

#: Most cells that `long` makes.
_MOST = 50_000_000

_LONG = ("row", "key", "value")


class Reshaping(Exports):
    """Other rows from these."""

    def long(self) -> Dataset:
        """A row for each value: its row's number, its column, and itself.

        Example:
            >>> from edsl_nb import Dataset
            >>> Dataset({"a": [1], "b": [2]}).long().to_list()
            [(0, 'a', 1), (0, 'b', 2)]
        """
        names, count = self.columns, len(self)
        if len(names) * count > _MOST:
            raise ResultsError(
                f"that makes more than {_MOST:,} rows",
                field="long",
                value=count,
                remedy="Select columns first.",
            )
        return self._dataset(
            {
                "row": [row for row in range(count) for _ in names],
                "key": names * count,
                "value": [value for row in self._rows() for value in row],
            }
        )

    def wide(self) -> Dataset:
        """The columns that `long` has made rows of.

        Raises:
            ResultsError: there are no columns row, key and value, or two values for one place.
        """
        row, key, value = (self.column(self._name(name, "wide")) for name in _LONG)
        rows = {number: place for place, number in enumerate(dict.fromkeys(row))}
        made: dict[str, list[Any]] = {}
        filled: set[tuple[Any, str]] = set()
        for number, name, item in zip(row, key, value, strict=True):
            if (number, str(name)) in filled:
                raise ResultsError(
                    "there are two values for one place",
                    field="wide",
                    value=(number, name),
                    remedy="Keep one.",
                )
            filled.add((number, str(name)))
            made.setdefault(str(name), [None] * len(rows))[rows[number]] = item
        return self._dataset(made)

    def expand(self, field: str, number_field: bool = False) -> Dataset:
        """A row for each item of the list in a column; a value that is no list is one item.

        A row with an empty list gives none.

        Parameters:
            field: the column.
            number_field: whether to add the items' numbers, from 1, as ``<column>_number``.

        Raises:
            ResultsError: there is no such column.

        Example:
            >>> from edsl_nb import Dataset
            >>> Dataset({"a": [["x", "y"], []], "b": [1, 2]}).expand("a").to_list()
            [('x', 1), ('y', 1)]
        """
        name = self._name(field, "expand")
        lists = [cast(list[Any], v) if isinstance(v, list | tuple) else [v] for v in self.column(name)]
        positions = [row for row, items in enumerate(lists) for _ in items]
        made: dict[str, Sequence[Any]] = {n: self.column(n).at(positions) for n in self.columns}
        made[name] = [item for items in lists for item in items]
        if number_field:
            made[f"{name}_number"] = [number for items in lists for number in range(1, len(items) + 1)]
        return self._dataset(made)

    @overload
    def tally(
        self, *fields: str, top_n: int | None = None, output: Literal["Dataset"] = "Dataset"
    ) -> Dataset: ...
    @overload
    def tally(self, *fields: str, top_n: int | None = None, output: Literal["dict"]) -> dict[Any, int]: ...
    def tally(self, *fields: str, top_n: int | None = None, output: str = "Dataset") -> Any:
        """How often values occur together, the most frequent first.

        Parameters:
            fields: columns, as for `select`; all if left out.
            top_n: how many are wanted at most; None for all.
            output: ``"Dataset"`` for the columns and ``count``, ``"dict"`` for counts
                by value, or by tuples of several columns' values.

        Raises:
            ResultsError: there is no such column.

        Example:
            >>> from edsl_nb import Dataset
            >>> Dataset({"q": ["Yes", "No", "Yes"]}).tally("q", output="dict")
            {'Yes': 2, 'No': 1}
        """
        if output not in ("Dataset", "dict"):
            raise ResultsError(
                "'Dataset' or 'dict' is wanted", field="output", value=output, remedy="Leave it out."
            )
        names = self._names(fields, "tally")
        found: dict[Any, tuple[tuple[Any, ...], int]] = {}
        for row in zip(*map(self.column, names), strict=True):
            key = tuple(map(equal_key, row))
            found[key] = row, found.get(key, (row, 0))[1] + 1
        counted = sorted(found.values(), key=lambda pair: -pair[1])
        if top_n is not None:
            counted = counted[: _least_one(top_n)]
        if output == "dict":
            only = len(names) == 1
            return {_hashable(row[0] if only else row): count for row, count in counted}
        columns = {name: [row[i] for row, _ in counted] for i, name in enumerate(names)}
        return self._dataset({**columns, "count": [count for _, count in counted]})

    def unique(self) -> Dataset:
        """The rows without those that are equal to an earlier one."""
        seen: dict[Any, int] = {}
        for position, row in enumerate(self._rows()):
            seen.setdefault(tuple(map(equal_key, row)), position)
        positions = list(seen.values())
        return self._dataset({name: self.column(name).at(positions) for name in self.columns})

    def merge(self, other: Columnar, by_x: str | Sequence[str], by_y: str | Sequence[str]) -> Dataset:
        """The rows with the columns of the rows of another table that are equal in some columns.

        A row that has no such partner has None there; one that has several comes several times.

        Parameters:
            other: the other table.
            by_x: columns here.
            by_y: the columns there that they have to be equal to.

        Raises:
            ResultsError: there is no such column, or both tables have another column of one name.

        Example:
            >>> from edsl_nb import Dataset
            >>> people = Dataset({"id": [1, 2], "age": [20, 60]})
            >>> Dataset({"who": [2, 3]}).merge(people, by_x="who", by_y="id").to_list()
            [(2, 60), (3, None)]
        """
        if not isinstance(other, Columnar):
            raise ResultsError("a dataset is wanted", field="other", value=other, remedy="Such as a Dataset.")
        here, there = self._names([by_x], "by_x"), other._names([by_y], "by_y")
        added = [name for name in other.columns if name not in there]
        twice = next((name for name in added if name in self.columns), None)
        if twice is not None:
            raise ResultsError(
                "both have this column",
                field="merge",
                value=twice,
                remedy="Rename or drop it in one of them.",
            )
        if len(here) != len(there):
            raise ResultsError(
                "as many columns are wanted there as here",
                field="by_y",
                value=there,
                remedy=f"Those here are {', '.join(here)}.",
            )
        places: dict[Any, list[int]] = {}
        for position, row in enumerate(zip(*map(other.column, there), strict=True)):
            places.setdefault(tuple(map(equal_key, row)), []).append(position)
        left: list[int] = []
        right: list[int | None] = []
        for position, row in enumerate(zip(*map(self.column, here), strict=True)):
            partners = places.get(tuple(map(equal_key, row)), [None])
            left += [position] * len(partners)
            right += partners
        made: dict[str, Sequence[Any]] = {name: self.column(name).at(left) for name in self.columns}
        for name in added:
            values = list(other.column(name))
            made[name] = [None if place is None else values[place] for place in right]
        return self._dataset(made).noted(both_notes(self, other))

    def relevant_columns(self, data_type: str | None = None, remove_prefix: bool = False) -> list[str]:
        """The names of columns.

        Parameters:
            data_type: the prefix that they have, such as ``"answer"``; any if left out.
            remove_prefix: whether to leave the prefix out.

        Raises:
            ResultsError: no column has this prefix.
        """
        names = self.columns if data_type is None else self._names([f"{data_type}.*"], "data_type")
        return [name.partition(".")[2] or name for name in names] if remove_prefix else list(names)


def both_notes(one: Columnar, other: Columnar) -> str:
    """What there is to say of rows of two tables."""
    return "; ".join(dict.fromkeys(note for note in (one.note, other.note) if note))


def _hashable(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_hashable, cast(tuple[Any, ...], value)))
    return canonical(value) if isinstance(value, list | dict | set) else value


def _least_one(n: Any) -> int:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ResultsError("a number from 1 is wanted", field="top_n", value=n, remedy="Such as top_n=10.")
    return n
