"""`Dataset`: some columns of results, as `select` gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edsl_nb.core.errors import ResultsError
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown
from edsl_nb.core.tables import Column

if TYPE_CHECKING:
    import pandas as pd


class Dataset(Shown):
    """Columns of equal length, by name.

    Parameters:
        data: column name -> values.
        title: the heading of its display.
    """

    def __init__(self, data: Mapping[str, Sequence[Any]], title: str = "Dataset") -> None:
        self._data = {name: list(values) for name, values in data.items()}
        self.title = title

    @property
    def columns(self) -> list[str]:
        """The columns' names, in order."""
        return list(self._data)

    def as_table(self) -> MemoryTable:
        """The columns, to be shown page by page."""
        columns = [Column(name, _kind(values), sortable=True) for name, values in self._data.items()]
        return MemoryTable(self.title, columns, len(self), lambda row, column: self._data[column][row])

    def __len__(self) -> int:
        return len(next(iter(self._data.values()), []))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.to_dicts(remove_prefix=False))

    def to_list(self) -> list[Any]:
        """The values of a single column; of several columns, a tuple per row."""
        if len(self._data) == 1:
            return list(next(iter(self._data.values())))
        return list(zip(*self._data.values(), strict=True))

    def to_dicts(self, remove_prefix: bool = True) -> list[dict[str, Any]]:
        """A dict per row. Prefixes such as ``answer.`` are taken off where names stay different."""
        names = self._short() if remove_prefix else list(self._data)
        return [dict(zip(names, row, strict=True)) for row in zip(*self._data.values(), strict=True)]

    def to_pandas(self, remove_prefix: bool = False) -> pd.DataFrame:
        """The columns as a data frame."""
        import pandas as pd

        names = self._short() if remove_prefix else list(self._data)
        return pd.DataFrame(dict(zip(names, self._data.values(), strict=True)))

    def first(self) -> Any:
        """The first value of a single column; of several columns, the first row.

        Raises:
            ResultsError: there are no rows.
        """
        if not len(self):
            raise ResultsError(
                "there are no rows", field="first", remedy="Look at run.errors for what went wrong."
            )
        return self.to_list()[0]

    def _short(self) -> list[str]:
        short = [name.partition(".")[2] or name for name in self._data]
        return short if len(set(short)) == len(short) else list(self._data)

    def __eq__(self, other: object) -> bool:
        return self._data == other._data if isinstance(other, Dataset) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Dataset({len(self):,} rows: {', '.join(self._data)})"


def _kind(values: Sequence[Any]) -> Any:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds and kinds <= {int, float}:
        return "number"
    return "list" if kinds and kinds <= {list, tuple, dict} else "text"
