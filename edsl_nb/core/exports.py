"""Lists as dicts, tuples, data frames and CSV files."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from edsl_nb.core import late
from edsl_nb.core.calls import Checked
from edsl_nb.core.cells import csv_text
from edsl_nb.core.errors import EdslNbError
from edsl_nb.core.frozen import plain

if TYPE_CHECKING:
    import pandas as pd


class Exported(metaclass=Checked):
    """What a list of objects with fields can be turned into."""

    error: ClassVar[type[EdslNbError]]

    @abstractmethod
    def _records(self) -> Iterator[dict[str, Any]]:
        """Each object's fields."""

    @abstractmethod
    def _field_names(self) -> list[str]:
        """The names of all fields."""

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dict of fields per object.

        Example:
            >>> from edsl_nb import ScenarioList
            >>> ScenarioList.from_list("x", [1, 2]).to_dicts()
            [{'x': 1}, {'x': 2}]
        """
        return [{name: plain(value) for name, value in record.items()} for record in self._records()]

    def to_list(self) -> list[Any]:
        """The values of the only field; of several fields, a tuple per object, with None for what it has not.

        Example:
            >>> from edsl_nb import ScenarioList
            >>> ScenarioList.from_list("x", [5, 6], use_indexes=True).to_list()
            [(5, 0), (6, 1)]
        """
        names = self._field_names()
        if len(names) == 1:
            return [plain(record.get(names[0])) for record in self._records()]
        return [tuple(plain(record.get(name)) for name in names) for record in self._records()]

    def to_pandas(self) -> pd.DataFrame:
        """A data frame with a row per object and a column per field."""
        import pandas as pd

        return pd.DataFrame(self._field_values())

    def to_dataset(self) -> Any:
        """A `Dataset` with a column per field, with its verbs: `tally`, `sql`, `long` and so on.

        Example:
            >>> from edsl_nb import ScenarioList
            >>> ScenarioList.from_list("x", [1, 2, 2]).to_dataset().tally("x").to_dicts()
            [{'x': 2, 'count': 2}, {'x': 1, 'count': 1}]
        """
        return late.call("dataset", self._field_values())

    def _field_values(self) -> dict[str, list[Any]]:
        """The values of each field, with None for what an object has not."""
        columns: dict[str, list[Any]] = {name: [] for name in self._field_names()}
        for record in self._records():
            for name, values in columns.items():
                values.append(plain(record.get(name)))
        return columns

    def to_csv(self, filename: str | Path | None = None) -> str | None:
        """Write a CSV file (UTF-8), a line per object and a column per field.

        Lists and dicts are written as JSON, None as nothing.

        Parameters:
            filename: the file, which is replaced if it exists.

        Returns:
            The text, if no file is given.

        Raises:
            EdslNbError: the file cannot be written.
        """
        names = self._field_names()
        text = csv_text(names, ([record.get(name) for name in names] for record in self._records()))
        if filename is None:
            return text
        if not isinstance(filename, str | Path) or not str(filename):
            raise self.error(
                "a path is wanted", field="filename", value=filename, remedy="Such as 'list.csv'."
            )
        try:
            Path(filename).expanduser().write_text(text, encoding="utf-8", newline="")
        except (OSError, ValueError) as failure:
            raise self.error(
                f"the file cannot be written: {getattr(failure, 'strerror', None) or failure}",
                field="filename",
                value=str(filename),
                remedy="Name a file in a folder that is there and that you may write to.",
            ) from None
        return None
