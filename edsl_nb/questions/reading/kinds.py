"""The kinds of values in an answer of several named values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple, cast

from edsl_nb.questions.reading.items import unkept
from edsl_nb.questions.reading.number import plain_number

#: A value as it is kept, and the rule that it took, or None where it is of another kind.
Accepted = tuple[Any, str] | None


class _Base(NamedTuple):
    """One of the plain kinds."""

    words: str
    schema: Mapping[str, Any]
    form: str
    accept: Callable[[Any], Accepted]
    draw: Callable[[Random], Any]


def _text(value: Any) -> Accepted:
    if isinstance(value, str):
        return value, ""
    return (str(value), "number") if isinstance(value, int) and not isinstance(value, bool) else None


def _integer(value: Any) -> Accepted:
    if isinstance(value, int) and not isinstance(value, bool):
        return value, ""
    found = _number(value)
    return (int(found[0]), found[1] or "number") if found and found[0].is_integer() else None


def _number(value: Any) -> tuple[float, str] | None:
    rule = "text" if isinstance(value, str) else ""
    if isinstance(value, str):
        value = plain_number(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float) or unkept(value):
        return None
    try:
        return float(value), rule
    except OverflowError:
        return None


def _boolean(value: Any) -> Accepted:
    if isinstance(value, bool):
        return value, ""
    word = value.strip().casefold() if isinstance(value, str) else ""
    return (word == "true", "text") if word in ("true", "false") else None


def _list(value: Any) -> Accepted:
    return (cast(Any, value), "") if isinstance(value, list) else None


def _dict(value: Any) -> Accepted:
    return (cast(Any, value), "") if isinstance(value, dict) else None


def _null(value: Any) -> Accepted:
    return (None, "") if value is None else None


def _some_text(random: Random) -> str:
    return f"Simulated text {random.randrange(10_000)}"


_BASES = {
    "str": _Base("a text", {"type": "string"}, '"..."', _text, _some_text),
    "int": _Base(
        "a whole number", {"type": "integer"}, "...", _integer, lambda random: random.randrange(100)
    ),
    "float": _Base(
        "a number", {"type": "number"}, "...", _number, lambda random: random.randrange(1000) / 10
    ),
    "bool": _Base("true or false", {"type": "boolean"}, "...", _boolean, lambda r: r.random() < 0.5),
    "list": _Base("a list", {"type": "array"}, "[...]", _list, lambda r: [_some_text(r)]),
    "dict": _Base("an object", {"type": "object"}, "{...}", _dict, lambda r: {"key": _some_text(r)}),
    "none": _Base("null", {"type": "null"}, "null", _null, lambda r: None),
    "any": _Base("any value", {}, "...", lambda value: (value, ""), _some_text),
}
_SAME = {
    "string": "str",
    "text": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list",
    "object": "dict",
    "null": "none",
}
_MANY = {
    "str": "texts",
    "int": "whole numbers",
    "float": "numbers",
    "bool": "true and false",
    "dict": "objects",
}

#: The names of the plain kinds.
NAMES = (*_BASES, *_SAME)

_NESTED = re.compile(r"(?P<outer>list|array|optional)\[(?P<inner>[a-z\[\]]+)\]")


class Kind(NamedTuple):
    """What a value has to be.

    Attributes:
        base: the name of the plain kind.
        item: for a list, the kind of its items, or None for any.
        optional: whether null will do, too.
    """

    base: str
    item: Kind | None = None
    optional: bool = False

    @property
    def words(self) -> str:
        """What it is, such as ``a list of texts``."""
        words = _BASES[self.base].words
        if self.item:
            words = f"a list of {_MANY.get(self.item.base, 'values')}"
        return f"{words}, or null" if self.optional else words

    @property
    def schema(self) -> Mapping[str, Any]:
        """Its JSON Schema."""
        schema: Mapping[str, Any] = _BASES[self.base].schema
        if self.item:
            schema = {"type": "array", "items": self.item.schema}
        return {"anyOf": [schema, {"type": "null"}]} if self.optional else schema

    @property
    def form(self) -> str:
        """What it looks like, with dots for what is not said."""
        return f"[{self.item.form}, ...]" if self.item else _BASES[self.base].form

    def accept(self, value: Any) -> Accepted:
        """The value as it is kept and the rule that it took, or None where it is of another kind."""
        if value is None and self.optional:
            return None, ""
        found = _BASES[self.base].accept(value)
        if not found or not self.item:
            return found
        items = [self.item.accept(item) for item in found[0]]
        kept = [item for item in items if item]
        if len(kept) < len(items):
            return None
        return [item for item, _ in kept], next((rule for _, rule in kept if rule), "")

    def draw(self, random: Random) -> Any:
        """One at random."""
        return [self.item.draw(random)] if self.item else _BASES[self.base].draw(random)


def kind(name: str) -> Kind | None:
    """The kind of a name such as ``int``, ``list[str]`` or ``optional[float]``, or None."""
    name = re.sub(r"\s", "", name.casefold())
    if len(name) > 60:
        return None
    plain = _SAME.get(name, name)
    if plain in _BASES:
        return Kind(plain)
    nested = _NESTED.fullmatch(name)
    inner = kind(nested["inner"]) if nested else None
    if not nested or not inner:
        return None
    return inner._replace(optional=True) if nested["outer"] == "optional" else Kind("list", inner)


def kind_of(example: Any) -> Kind:
    """The kind of values that are like an example, which is JSON; any, for None."""
    types = {"bool": bool, "int": int, "float": float, "str": str, "list": list, "dict": dict}
    return Kind(next((name for name, type_ in types.items() if isinstance(example, type_)), "any"))
