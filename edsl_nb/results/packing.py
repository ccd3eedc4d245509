"""Python values as JSON values, and back to what they were: JSON alone knows no tuples and text keys only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

_ATOMS = frozenset({str, int, float, bool, type(None)})
_TUPLE, _DICT = "tuple", "dict"
#: The only key of a JSON object that stands for something else.
_MARK = "__edsl_nb__"


def packed(value: Any) -> Any:
    """A value as JSON can write it; what it cannot, such as objects, becomes text."""
    if type(value) in _ATOMS:
        return value
    if isinstance(value, tuple):
        return {_MARK: _TUPLE, "values": [packed(item) for item in cast(tuple[Any, ...], value)]}
    if isinstance(value, list):
        return [packed(item) for item in cast(list[Any], value)]
    if isinstance(value, Mapping):
        return _packed_dict(cast(Mapping[Any, Any], value))
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return str(value)


def _packed_dict(value: Mapping[Any, Any]) -> dict[str, Any]:
    if _MARK not in value and all(type(key) is str for key in value):
        return {key: packed(item) for key, item in value.items()}
    return {_MARK: _DICT, "values": [[packed(key), packed(item)] for key, item in value.items()]}


def unpacked(value: Any) -> Any:
    """The value that `packed` was given."""
    if isinstance(value, list):
        return [unpacked(item) for item in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    named = cast(dict[str, Any], value)
    kind = named.get(_MARK)
    if kind == _TUPLE:
        return tuple(unpacked(item) for item in named["values"])
    if kind == _DICT:
        return {unpacked(key): unpacked(item) for key, item in named["values"]}
    return {key: unpacked(item) for key, item in named.items()}
