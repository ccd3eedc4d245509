"""Python values and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from edsl_nb.core.errors import ScenarioError
from edsl_nb.core.frozen import frozen
from edsl_nb.core.saving import VERSION_TAGS
from edsl_nb.scenarios.scenario import Scenario, checked_name, flat_names
from edsl_nb.scenarios.sources.delimited import read_text
from edsl_nb.scenarios.sources.found import Found, checked_path, of_columns, of_records, of_table

_MANY = "Such as [20, 60]."


def of_list(field_name: Any, values: Any = None, use_indexes: bool = False) -> Found:
    """A value per row. A list alone makes a field ``value``."""
    if values is None and not isinstance(field_name, str):
        field_name, values = "value", field_name
    name, found = checked_name(field_name, "field_name"), _kept(values)
    columns: dict[str, Sequence[Any]] = {name: found}
    if use_indexes:
        columns["idx"] = range(len(found))
    return of_columns(columns, len(found))


def of_tuples(field_names: Any, values: Any, use_indexes: bool = False) -> Found:
    """A tuple of values per row."""
    names, rows = flat_names([field_names], "field_names"), _kept(values)
    for position, row in enumerate(rows):
        if not isinstance(row, list | tuple) or len(cast("list[Any]", row)) != len(names):
            raise ScenarioError(
                f"row {position} has not a value for each of {', '.join(names)}",
                field="values",
                value=row,
                remedy="Give a tuple of as many values as there are names.",
            )
    found = of_table(names, rows)
    if not use_indexes:
        return found
    return of_columns({**(found.columns or {}), "idx": range(found.count)}, found.count)


def of_dict(data: Any) -> Found:
    """A dict of lists: a column each. A dict of values is one row."""
    if not isinstance(data, Mapping):
        raise ScenarioError(
            "a dict of lists is wanted", field="data", value=data, remedy='Such as {"age": [20, 60]}.'
        )
    columns = {checked_name(name, "data"): values for name, values in data.items()}
    if not any(_is_many(values) for values in columns.values()):
        return of_records([columns] if columns else [])
    lists = {name: _kept(values) for name, values in columns.items()}
    lengths = {name: len(values) for name, values in lists.items()}
    if len(set(lengths.values())) > 1:
        raise ScenarioError(
            "the lists differ in length",
            field="data",
            value=lengths,
            remedy="Give as many values for each name.",
        )
    return of_columns(lists, next(iter(lengths.values())))


def of_dicts(values: Any) -> Found:
    """A dict per row."""
    records = _kept(values)
    for position, record in enumerate(records):
        if not isinstance(record, Mapping):
            raise ScenarioError(
                f"item {position} is no dict", field="values", value=record, remedy='Such as [{"age": 20}].'
            )
        flat_names(cast(Mapping[Any, Any], record), "values")
    return of_records(records)


def json_file(path: str | Path, encoding: str = "utf-8") -> Found:
    """A JSON file: a list of objects, an object of lists, a list of values (``value``), or a saved list."""
    file = checked_path(path)
    data = _decoded(read_text(file, encoding), f"{file.name}")
    if isinstance(data, dict) and isinstance(data.get("scenarios"), list) and data.keys() & {*VERSION_TAGS}:
        data = data["scenarios"]
    if isinstance(data, dict):
        return of_dict(data)
    if not isinstance(data, list):
        raise ScenarioError(
            "a list or an object is wanted", field="path", value=data, remedy='Such as [{"age": 20}].'
        )
    rows = cast("list[Any]", data)
    return _of_json(rows) if any(isinstance(row, dict) for row in rows) else of_list(rows)


def jsonl_file(path: str | Path, encoding: str = "utf-8") -> Found:
    """A file with a JSON object per line, or what `ScenarioList.to_jsonl` wrote."""
    file = checked_path(path)
    lines = enumerate(read_text(file, encoding).split("\n"), 1)
    rows = [_decoded(line, f"line {number}") for number, line in lines if line.strip()]
    if rows and isinstance(rows[0], dict) and rows[0].get("__header__") is True:
        del rows[0]
    return _of_json(rows)


def _of_json(rows: list[Any]) -> Found:
    """Objects from JSON; files in them become files again."""
    for position, row in enumerate(rows):
        if not isinstance(row, dict):
            raise ScenarioError(
                f"item {position} is no object", field="path", value=row, remedy='Such as {"age": 20}.'
            )
        flat_names(cast("dict[Any, Any]", row), "path")
    if any(_holds_file(row) for row in rows):
        return Found(None, [Scenario.from_dict(row).data for row in rows])
    return of_records([{k: v for k, v in row.items() if k not in VERSION_TAGS} for row in rows])


def _holds_file(row: dict[str, Any]) -> bool:
    return any(isinstance(value, dict) and "base64_string" in value for value in row.values())


def _decoded(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as wrong:
        problem = "it is nested too deeply" if isinstance(wrong, RecursionError) else str(wrong)
        raise ScenarioError(
            f"{where} is no valid JSON: {problem}", field="path", value=text, remedy="Check the file."
        ) from None


def _is_many(values: Any) -> bool:
    return isinstance(values, Iterable) and not isinstance(values, str | bytes | Mapping)


def _kept(values: Any) -> list[Any]:
    """The values as a list that nobody else can change."""
    if not _is_many(values):
        raise ScenarioError("a list of values is wanted", field="values", value=values, remedy=_MANY)
    return [frozen(value, Scenario, "values") for value in values]
