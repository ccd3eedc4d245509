"""SQL over columns, by DuckDB, which sees nothing else: no files, no network, no variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from edsl_nb.core.errors import ResultsError, nearest
from edsl_nb.results.files import needed
from edsl_nb.results.frames import as_text, series
from edsl_nb.results.naming import bare, in_full
from edsl_nb.results.values import Values

_REMEDY = """Such as sql("select model, count(*) as n from self group by model")."""

_NAME = re.compile(r"\w+")

#: Most rows that are made columns of.
_MOST = 5_000

_CLOSED = {"enable_external_access": "false", "lock_configuration": "true"}


def ask(query: Any, columns: Mapping[str, Values], count: int) -> dict[str, list[Any]]:
    """The columns that a query gives.

    Parameters:
        query: the query; the table is called ``self``.
        columns: its columns.
        count: how many rows it has.

    Raises:
        ResultsError: DuckDB is not installed, or refuses the query.
    """
    if not isinstance(query, str) or not query.strip():
        raise ResultsError("a query is wanted", field="sql", value=query, remedy=_REMEDY)
    duckdb = needed("duckdb", "sql", "SQL queries are")
    used = _used(query, columns)
    with duckdb.connect(":memory:", config=_CLOSED) as connection:
        connection.register("self", _table(used, count))
        try:
            found = connection.execute(query)
            names = [column[0] for column in found.description or ()]
            rows = found.fetchall()
        except duckdb.Error as wrong:
            said = str(wrong).strip().partition("\n\n")[0].replace("\n", " ")
            raise ResultsError(
                f"DuckDB refuses the query: {said}",
                field="sql",
                value=query,
                remedy=_clearer(query, columns) or _REMEDY,
            ) from None
    return {name: [row[place] for row in rows] for place, name in enumerate(_distinct(names))}


def _clearer(query: str, columns: Iterable[str]) -> str:
    """The full names of columns of which the query asks for a bare name that several have."""
    words = set(_NAME.findall(query))
    asked = [name for name in columns if "." in name and bare(name) in words and name not in query]
    return in_full([f'"{name}"' for name in asked]) if asked else ""


def long_columns(columns: Mapping[str, Values]) -> dict[str, Values]:
    """A row per value: its number from 1, its column's name and prefix, and itself as a text.

    Parameters:
        columns: by full name.
    """
    parts = [(*_parts(name), values) for name, values in columns.items()]
    values = [None if value is None else as_text(value) for _, _, some in parts for value in some]
    return {
        "row_number": Values(range(1, len(values) + 1)),
        "key": Values([key for _, key, some in parts for _ in some]),
        "value": Values(values),
        "data_type": Values([kind for kind, _, some in parts for _ in some]),
    }


def _parts(name: str) -> tuple[str | None, str]:
    kind, dot, key = name.partition(".")
    return (kind, key) if dot else (None, name)


def transposed(columns: Mapping[str, list[Any]], heads: str | None) -> dict[str, list[Any]]:
    """Rows as columns: those of one column are the heads, the others make a row each.

    Parameters:
        columns: what a query gave.
        heads: the column with the heads; the first if left out.

    Raises:
        ResultsError: there is no such column, or two rows would have one head.
    """
    name = next(iter(columns), None) if heads is None else heads
    if name is None or name not in columns:
        raise ResultsError(
            "there is no such column", field="transpose_by", value=heads, remedy=nearest(heads, columns)
        )
    named = [str(value) for value in columns[name]]
    if len(named) > _MOST or len(set(named)) < len(named):
        raise ResultsError(
            f"rows can be columns where they are at most {_MOST:,}, each with a head of its own",
            field="transpose_by",
            value=name,
            remedy="Group the rows by it.",
        )
    rows = [values for other, values in columns.items() if other != name]
    return {head: [values[place] for values in rows] for place, head in enumerate(named)}


def _used(query: str, columns: Mapping[str, Values]) -> Mapping[str, Values]:
    """The columns that the query can be about: of many columns most are not, and reading them takes long."""
    if "*" in query.replace("count(*)", "").replace("COUNT(*)", "") or "columns" in query.lower():
        return columns
    asked = query.lower()
    used = {name: values for name, values in columns.items() if name.lower() in asked}
    return used or dict(list(columns.items())[:1])


def _table(columns: Mapping[str, Values], count: int) -> Any:
    import pandas as pd

    return pd.DataFrame(
        {name: _plain(values) for name, values in columns.items()}, index=pd.RangeIndex(count)
    )


def _plain(values: Values) -> Any:
    """A column of one kind of things: what is of several kinds is texts, dicts are JSON."""
    column = series(values)
    kind = str(column.dtype)
    if kind == "category":
        column = column.astype(object)
    elif kind != "object":
        return column
    found = [None if value is None or value != value else value for value in column]
    kinds = {type(value) for value in found if value is not None}
    if len(kinds) > 1 or kinds - {str, int, float, bool}:
        found = [None if value is None else as_text(value) for value in found]
    return _typed(found)


def _typed(found: list[Any]) -> Any:
    return series(Values(found))


def _distinct(names: list[str]) -> list[str]:
    """The names, with numbers behind those that are there already."""
    seen: dict[str, None] = {}
    for name in names:
        number, made = 1, name
        while made in seen:
            number += 1
            made = f"{name}_{number}"
        seen[made] = None
    return list(seen)
