"""Columns as pandas and Arrow have them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edsl_nb.core.cells import as_cell
from edsl_nb.results.values import Picked, Stored, Values
from edsl_nb.runner.collector import rarely

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_NONE = type(None)


def frame(columns: Mapping[str, Values], count: int) -> pd.DataFrame:
    """A data frame of columns.

    Answers that were chosen from options are categories in the order of the
    options; whole numbers, of which some may be missing, ``Int64``; lists stay lists.
    What a service has sent is the JSON text that it sent.
    """
    import pandas as pd

    with rarely():
        made = {name: series(values) for name, values in columns.items()}
    return pd.DataFrame(made, index=pd.RangeIndex(count), copy=False)


def series(values: Values) -> pd.Series[Any]:
    """The values of a column as pandas has them."""
    if isinstance(values, Picked) and values.distinct[1]:
        return _picked(values)
    written = values.written()
    if not isinstance(written, Stored):
        return _series(written)
    numbers = written.numbers()
    if numbers is not None:
        return _numeric(*numbers)
    only = written.only()
    return _series(only).repeat(len(written)).reset_index(drop=True) if only else _series(written)


def _numeric(values: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> pd.Series[Any]:
    """A column of numbers that are kept as numbers."""
    import pandas as pd

    whole = values.dtype.kind == "i"
    return pd.Series(pd.arrays.IntegerArray(values, missing) if whole else values, copy=False)


def _picked(values: Picked) -> pd.Series[Any]:
    """A column of which several rows share a value, each of which is looked at once."""
    import numpy as np

    once, numbers, rows = values.once()
    # Bytes are numbers here, not texts.
    wanted = (
        np.frombuffer(rows, dtype=np.uint8) if isinstance(rows, bytes) else np.asarray(rows, dtype=np.int64)
    )
    taken = _series(once).take(np.searchsorted(np.asarray(numbers, dtype=np.int64), wanted))
    return taken.reset_index(drop=True)


def _series(values: Values) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    found = list(values)
    if values.about.kind == "text" and values.about.categories is None:
        return _found(found)  # pandas looks at each of them, which is enough
    kinds = set(map(type, found))
    if values.about.categories is not None:
        chosen = _categorical(found, kinds, values.about.categories())
        if chosen is not None:
            return chosen
    kind = _kind(kinds, values)
    if kind is None:
        return _found(found)
    try:
        if kind in ("Int64", "boolean"):
            return pd.Series(_masked(found, kinds, kind))
        if kind == "float64":
            return pd.Series(np.array(found, dtype=np.float64))
        return pd.Series(pd.array(found, dtype=kind))
    except OverflowError:  # whole numbers may have hundreds of digits
        return pd.Series(found, dtype=object)


def _found(found: list[Any]) -> pd.Series[Any]:
    """A column of which pandas finds the type."""
    import pandas as pd

    try:
        return pd.Series(found)
    except UnicodeEncodeError:  # half a character, which becomes a question mark, as in CSV files
        made = [v.encode(errors="replace").decode() if isinstance(v, str) else v for v in found]
        return pd.Series(made)


def _masked(found: list[Any], kinds: set[type], kind: str) -> Any:
    """Whole numbers or truth values, of which some may be missing."""
    import numpy as np
    import pandas as pd

    missing = np.full(len(found), kinds <= {_NONE})
    if missing.all():
        found = [0] * len(found)
    elif _NONE in kinds:
        missing = np.fromiter((value is None for value in found), bool, len(found))
        found = [0 if value is None else value for value in found]
    if kind == "boolean":
        return pd.arrays.BooleanArray(np.array(found, dtype=bool), missing)
    return pd.arrays.IntegerArray(np.array(found, dtype=np.int64), missing)


def _kind(kinds: set[type], values: Values) -> Any:
    """The type of a column of these kinds of values, or None where pandas finds the right one."""
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


def _categorical(found: list[Any], kinds: set[type], options: Sequence[Any]) -> pd.Series[Any] | None:
    """The answers as categories in the order of the options, where they can be; others come after these."""
    import pandas as pd

    if any(issubclass(kind, list | dict | set) for kind in kinds):
        return None
    known = dict.fromkeys(options)
    others = dict.fromkeys(
        value for value in dict.fromkeys(found) if value is not None and value not in known
    )
    categories = [*known, *others]
    if not categories or len(categories) != len(options) + len(others):
        return None
    if any(isinstance(option, bool) for option in categories) and len(set(map(type, categories))) > 1:
        return None  # True and 1 would be one category
    # By number, because pandas would look for the type of mixed options.
    numbers: dict[Any, int] = {category: number for number, category in enumerate(categories)}
    codes = list(map({**numbers, None: -1}.__getitem__, found))
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
