"""Data frames and what is read as one: pandas, Parquet, Stata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from edsl_nb.core.errors import ScenarioError
from edsl_nb.scenarios.sources.found import (
    Foreign,
    Found,
    checked_path,
    library,
    of_columns,
    plain_value,
    unreadable,
)
from edsl_nb.scenarios.texts import headers


def pandas(df: Any) -> Found:
    """A pandas data frame. Its index is left out; missing values become None."""
    import pandas as pd

    if not isinstance(df, pd.DataFrame):
        raise ScenarioError(
            "a pandas data frame is wanted",
            field="df",
            value=df,
            remedy="Such as pd.DataFrame({'age': [20]}).",
        )
    names = headers(df.columns)
    columns = [_of_series(df.iloc[:, place]) for place in range(len(names))]
    return of_columns(dict(zip(names, columns, strict=True)), len(df))


def _of_series(series: Any) -> Sequence[Any]:
    if series.dtype == object:  # values may be lists, which others could change
        return [plain_value(value) for value in series.array]
    return Foreign(series.array.copy(), plain_value, list)


def parquet(file_path: str | Path | Any) -> Found:
    """A Parquet file, whose values stay as they are in it until they are looked at."""
    arrow = library("pyarrow", "Parquet files")
    table: Any
    if isinstance(file_path, arrow.Table):
        table = file_path
    else:
        reader, path = library("pyarrow.parquet", "Parquet files"), checked_path(file_path, "file_path")
        try:
            table = reader.ParquetFile(path).read()
        except (arrow.ArrowException, OSError, ValueError) as failure:
            raise unreadable(path, "Parquet file", failure) from None
    names = headers(table.column_names)
    columns = [Foreign(column, _item, _items) for column in table.columns]
    return of_columns(dict(zip(names, columns, strict=True)), table.num_rows)


def _item(value: Any) -> Any:
    return value.as_py()


def _items(values: Any) -> list[Any]:
    return values.to_pylist()


def stata(file_path: str | Path, include_metadata: bool = True) -> Found:
    """A Stata file. Labelled values become their labels; the codebook holds the variables' labels."""
    import pandas as pd

    path = checked_path(file_path, "file_path")
    try:
        with pd.read_stata(path, iterator=True) as reader:
            source: Any = reader
            frame, labels = source.read(), source.variable_labels()
    except Exception as failure:  # noqa: BLE001 - a broken file fails in many ways
        raise unreadable(path, "Stata file", failure) from None
    found = pandas(frame)
    codebook = {name: text for name, text in labels.items() if text} if include_metadata else {}
    return replace(found, codebook=codebook)
