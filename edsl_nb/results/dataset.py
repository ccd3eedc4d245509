"""`Dataset`: some columns of results, as `select` gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self, cast, overload

from edsl_nb.core.code import briefly
from edsl_nb.core.errors import ResultsError, nearest
from edsl_nb.core.frozen import plain
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import tagged, untagged
from edsl_nb.core.saving import Filed
from edsl_nb.core.tables import Column
from edsl_nb.results.naming import shortened
from edsl_nb.results.reshaping import Reshaping, both_notes
from edsl_nb.results.values import Values, rounded

_SUCH = "Such as Dataset({'age': [20, 60]})."


class Dataset(Reshaping, Filed):
    """Columns of equal length, by name. Its verbs return a new one.

    Parameters:
        data: column name -> values; or EDSL's form, a list of such dicts.
        title: the heading of its display.
        note: what there is to say of the rows, such as that they are partial results.

    Raises:
        ResultsError: the columns differ in length, or a name is no text.

    Example:
        >>> ages = Dataset({"agent.age": [20, 60]})
        >>> ages.filter("age > 30").to_list()
        [60]
        >>> (ages + Dataset({"answer.tea": ["Yes", "No"]})).to_dicts()
        [{'age': 20, 'tea': 'Yes'}, {'age': 60, 'tea': 'No'}]
    """

    saved_as: ClassVar[str] = "Dataset"

    def __init__(
        self,
        data: Mapping[str, Sequence[Any]] | Iterable[Mapping[str, Sequence[Any]]],
        title: str = "Dataset",
        note: str = "",
    ) -> None:
        self._data = {name: _values(name, values) for name, values in _columns(data).items()}
        self._title, self._note = title, note
        lengths = {len(values) for values in self._data.values()}
        if len(lengths) > 1:
            raise ResultsError(
                "the columns differ in length",
                field="data",
                value={name: len(values) for name, values in self._data.items()},
                remedy="Give as many values for each.",
            )

    @property
    def columns(self) -> list[str]:
        """The columns' names, in order."""
        return list(self._data)

    @property
    def data(self) -> list[dict[str, list[Any]]]:
        """The columns in EDSL's form: a dict for each."""
        return [{name: list(values)} for name, values in self._data.items()]

    @property
    def note(self) -> str:
        """What there is to say of the rows, such as ``partial: 812 of 5,000``; else empty."""
        return self._note

    @property
    def title(self) -> str:
        """The heading of its display."""
        return f"{self._title} ({self._note})" if self._note else self._title

    def column(self, name: str) -> Values:
        """The values of a column, by its full name.

        Raises:
            ResultsError: there is no such column.
        """
        if name not in self._data:
            raise ResultsError(
                "there is no such column", field="column", value=name, remedy=nearest(name, self._data)
            )
        return self._data[name]

    def as_table(self) -> MemoryTable:
        """The columns, to be shown page by page."""
        columns = [Column(name, values.kind, sortable=True) for name, values in self._data.items()]
        return MemoryTable(self.title, columns, len(self), lambda row, column: self._data[column][row])

    def rounded(self) -> Self:
        """The same columns with numbers of four digits, for people to read."""
        made = {name: [rounded(value) for value in values] for name, values in self._data.items()}
        return type(self)(made, self._title, self._note)

    def noted(self, note: str) -> Self:
        """The same columns with another note: what there is to say of the rows."""
        return type(self)(self._data, self._title, note)

    def _dataset(self, columns: Mapping[str, Sequence[Any]]) -> Dataset:
        return Dataset(columns, self._title, self._note)

    def _at(self, positions: Sequence[int]) -> Self:
        return type(self)(
            {name: values.at(positions) for name, values in self._data.items()}, self._title, self._note
        )

    @classmethod
    def example(cls) -> Self:
        """A dataset to try things with.

        Example:
            >>> Dataset.example().filter("age > 30").to_list()
            [('Ann', 34, 'Tea'), ('Cleo', 58, 'Coffee')]
        """
        names, ages, drinks = ["Ann", "Bob", "Cleo"], [34, 28, 58], ["Tea", "Tea", "Coffee"]
        return cls({"agent.agent_name": names, "agent.age": ages, "answer.drink": drinks})

    # A sequence of rows

    def __len__(self) -> int:
        return len(next(iter(self._data.values()), ()))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = self.columns
        return (dict(zip(names, row, strict=True)) for row in self._rows())

    @overload
    def __getitem__(self, position: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, position: slice) -> Self: ...
    @overload
    def __getitem__(self, position: str) -> list[Any]: ...
    def __getitem__(self, position: int | slice | str) -> Any:
        """A row by its number, some rows by a slice, or a column's values by its name."""
        if isinstance(position, str):
            return list(self._data[self._name(position, "dataset[...]")])
        if isinstance(position, slice):
            return self._at(range(len(self))[position])
        if isinstance(position, bool) or not isinstance(position, int):
            raise ResultsError(
                "rows go by number, columns by name",
                field="dataset[...]",
                value=position,
                remedy="Such as dataset[0] or dataset['age'].",
            )
        if not -len(self) <= position < len(self):
            raise IndexError(f"there are {len(self):,} rows, no row {position}")
        return {name: values[position] for name, values in self._data.items()}

    def keys(self) -> list[str]:
        """The columns' names, in order."""
        return self.columns

    def first(self) -> Any:
        """The first value of a single column; of several columns, the first row.

        Raises:
            ResultsError: there are no rows.
        """
        if not len(self):
            raise ResultsError(
                "there are no rows", field="first", remedy="Look at run.errors for what went wrong."
            )
        return self.head(1).to_list()[0]

    # Columns

    def __add__(self, other: Dataset) -> Dataset:
        """The columns of both, side by side.

        Raises:
            ResultsError: they differ in length, or have a column of one name.
        """
        if not isinstance(other, Dataset):
            return NotImplemented
        twice = next((name for name in other.columns if name in self._data), None)
        if twice is not None:
            raise ResultsError(
                "both have this column", field="+", value=twice, remedy="Rename or drop it in one of them."
            )
        return Dataset({**self._data, **other._data}, self._title, both_notes(self, other))

    def mutate(
        self, new_var_string: str, functions_dict: Mapping[str, Callable[..., Any]] | None = None
    ) -> Self:
        """The columns with one more that is computed from others, or another one in the place of one.

        Parameters:
            new_var_string: a name and an expression, such as ``"ratio = a / b"``.
                See `filter` for expressions.
            functions_dict: functions of your own that the expression calls, by name;
                they are given the values as they are, None where one is missing.

        Raises:
            ResultsError: it is no name and expression, or a column that is used is not there.
            ExpressionError: the expression is wrong, or fails for a row.

        Example:
            >>> Dataset({"agent.age": [20]}).mutate("months = age * 12").columns
            ['agent.age', 'months']
        """
        name, values = self._computed(new_var_string, functions_dict)
        return type(self)({**self._data, name: values}, self._title, self._note)

    def remove_prefix(self) -> Self:
        """The columns without prefixes such as ``answer.``, where their names stay different."""
        names = shortened(self.columns)
        return type(self)(dict(zip(names, self._data.values(), strict=True)), self._title, self._note)

    # EDSL's JSON

    def to_dict(self) -> dict[str, Any]:
        """The columns in EDSL's JSON."""
        data = [{name: [plain(value) for value in values]} for name, values in self._data.items()]
        about = {key: value for key, value in (("title", self._title), ("note", self._note)) if value}
        return tagged({"data": data, **about}, self.saved_as)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The dataset that `to_dict` wrote, here or in EDSL.

        Raises:
            EdslNbError: it is no such JSON.
        """
        fields = untagged(data, cls.__name__)
        return cls(fields.get("data"), str(fields.get("title", "Dataset")), str(fields.get("note", "")))  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dataset):
            return NotImplemented
        return self.columns == other.columns and all(
            list(values) == list(other._data[name]) for name, values in self._data.items()
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        rows = "1 row" if len(self) == 1 else f"{len(self):,} rows"
        note = f"; {self._note}" if self._note else ""
        return f"Dataset({rows}: {briefly(', '.join(self._data), 300)}{note})"


def _columns(data: Any) -> Mapping[str, Sequence[Any]]:
    """The columns in one dict, however they are given."""
    if isinstance(data, Mapping):
        return cast(Mapping[str, Sequence[Any]], data)
    made: dict[str, Any] = {}
    parts = cast(Iterable[Any], data) if isinstance(data, Iterable) and not isinstance(data, str) else [None]
    for part in parts:
        if not isinstance(part, Mapping):
            raise ResultsError("columns by name are wanted", field="data", value=data, remedy=_SUCH)
        twice = next((name for name in cast(Mapping[str, Any], part) if name in made), None)
        if twice is not None:
            raise ResultsError("a column is there twice", field="data", value=twice, remedy="Rename one.")
        made |= part
    return made


def _values(name: Any, values: Any) -> Values:
    if not isinstance(name, str):
        raise ResultsError("a column's name is a text", field="data", value=name, remedy=_SUCH)
    if isinstance(values, Values):
        return values
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise ResultsError(f"column {name!r} has no list of values", field="data", value=values, remedy=_SUCH)
    return Values(list(cast(Iterable[Any], values)))
