"""Columns as pandas and Arrow have them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edsl_nb.core.memory_table import as_cell
from edsl_nb.results.values import Values

if TYPE_CHECKING:
    import pandas as pd

_NONE = type(None)


def frame(columns: Mapping[str, Values], count: int) -> pd.DataFrame:
    """A data frame of columns.

    Answers that were chosen from options are categories in the order of the
    options; whole numbers, of which some may be missing, ``Int64``; lists stay lists.
    What a service has sent is the JSON text that it sent.
    """
    import pandas as pd

    made = {name: series(values) for name, values in columns.items()}
    return pd.DataFrame(made, index=pd.RangeIndex(count), copy=False)


def series(values: Values) -> pd.Series[Any]:
    """The values of a column as pandas has them."""
    import pandas as pd

    values = values.written()
    found = list(values)
    if values.about.categories is not None:
        chosen = _categorical(found, values.about.categories())
        if chosen is not None:
            return chosen
    kind = _kind(found, values)
    if kind is None:
        return pd.Series(found)
    try:
        return pd.Series(pd.array(found, dtype=kind))
    except OverflowError:  # whole numbers may have hundreds of digits
        return pd.Series(found, dtype=object)


def _kind(found: Sequence[Any], values: Values) -> Any:
    """The type of a column, or None where pandas finds the right one."""
    kinds = set(map(type, found))
    known = values.about.kind in ("number", "money", "boolean")
    if not kinds <= {_NONE, bool, int, float, str}:
        return object
    if bool in kinds and kinds <= {bool, _NONE}:
        return "boolean" if known or _NONE in kinds else None
    if int in kinds and kinds <= {int, _NONE}:
        return "Int64" if known or _NONE in kinds else None
    if float in kinds and kinds <= {int, float, _NONE}:
        return "float64"
    if kinds <= {_NONE} and known:
        return "boolean" if values.about.kind == "boolean" else "Int64" if values.about.whole else "float64"
    return None if kinds <= {str, _NONE} else object


def _categorical(found: Sequence[Any], options: Sequence[Any]) -> pd.Series[Any] | None:
    """The answers as categories in the order of the options, where they can be; others come after these."""
    import pandas as pd

    if any(isinstance(value, list | dict | set) for value in found):
        return None
    known = dict.fromkeys(options)
    others = dict.fromkeys(value for value in found if value is not None and value not in known)
    categories = [*known, *others]
    if not categories or len(categories) != len(options) + len(others):
        return None
    if any(isinstance(option, bool) for option in categories) and len(set(map(type, categories))) > 1:
        return None  # True and 1 would be one category
    # By number, because pandas would look for the type of mixed options.
    numbers = {category: number for number, category in enumerate(categories)}
    codes = [-1 if value is None else numbers[value] for value in found]
    index = pd.Index(categories, dtype=None if len(set(map(type, categories))) == 1 else object)
    return pd.Series(pd.Categorical.from_codes(codes, index, ordered=not others))


def arrow(columns: Mapping[str, Values], note: str = "") -> Any:
    """An Arrow table of columns; dicts, and lists of several kinds of things, are JSON there."""
    import pyarrow as pa

    arrays = [_arrow(values) for values in columns.values()]
    made = pa.table(arrays, names=list(columns))
    return made.replace_schema_metadata({"note": note}) if note else made


def _arrow(values: Values) -> Any:
    import pyarrow as pa

    column = series(values)
    if str(column.dtype) != "object":
        return pa.Array.from_pandas(column)
    found = column.tolist()
    if not any(isinstance(value, dict) for value in found):
        try:
            return pa.array(found, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            pass  # several kinds of things: as texts
    return pa.array([None if value is None else as_text(value) for value in found], pa.string())


def as_text(value: Any) -> str:
    """A value as a text: lists and dicts as JSON."""
    return value if isinstance(value, str) else str(as_cell(value))


def as_json(value: Any) -> str:
    """A value as JSON in one line; what JSON cannot hold becomes text."""
    try:
        return json.dumps(value, default=str)
    except (TypeError, ValueError):  # names that JSON has not
        return json.dumps(str(value))
