"""Answers that are computed: any value that JSON can write, or a number."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from random import Random
from typing import Any, cast

from edsl_nb.core.frozen import DEEPEST
from edsl_nb.questions.reading.base import AnswerSpace, Reading

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,999})")
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,400}|(?=\.))(?:\.[0-9]{0,400})?(?:[eE][-+]?[0-9]{1,4})?")


class Anything(AnswerSpace):
    """Any value of texts, numbers, booleans, None, lists and dicts."""

    @property
    def schema(self) -> Mapping[str, Any] | None:
        return None

    def read(self, reply: str) -> Reading:
        return Reading("exact", reply.strip())

    def check(self, value: Any) -> Reading:
        try:
            return Reading("exact", _plain(value, DEEPEST))
        except ValueError as wrong:
            return Reading("invalid", reason=str(wrong))

    def draw(self, random: Random) -> Any:
        return random.randrange(100)

    def write(self, answer: Any) -> str:
        return answer if isinstance(answer, str) else json.dumps(answer)


class Computed(AnswerSpace):
    """A number where a text is one, else the text."""

    @property
    def schema(self) -> Mapping[str, Any] | None:
        return None

    def read(self, reply: str) -> Reading:
        return Reading("exact", as_number(reply.strip()))

    def check(self, value: Any) -> Reading:
        if isinstance(value, str):
            return self.read(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return Reading("exact", value)
        return Reading("invalid", reason=f"a text or a number is wanted, not {value!r}")

    def draw(self, random: Random) -> Any:
        return random.randrange(100)

    def write(self, answer: Any) -> str:
        return str(answer)


class Fraction(AnswerSpace):
    """A number from 0 up to, and without, 1."""

    @property
    def schema(self) -> Mapping[str, Any] | None:
        return {"type": "number", "minimum": 0, "exclusiveMaximum": 1}

    def read(self, reply: str) -> Reading:
        return self.check(as_number(reply.strip()))

    def check(self, value: Any) -> Reading:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1:
            return Reading("exact", float(value))
        return Reading("invalid", reason="a number from 0 up to 1 is wanted")

    def draw(self, random: Random) -> Any:
        return random.random()

    def write(self, answer: Any) -> str:
        return repr(answer)


def as_number(text: str) -> int | float | str:
    """The number that a text is, else the text.

    With zeros in front, as in a postal code, or with separators, it stays a text.
    """
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and any(char.isdigit() for char in text.lower().partition("e")[0]):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def _plain(value: Any, deepest: int) -> Any:
    """A value as JSON would give it back.

    Raises:
        ValueError: JSON cannot write it.
    """
    if value is None or type(value) in (str, bool, int, float):
        return value
    if deepest == 0:
        raise ValueError(f"lists in lists, more than {DEEPEST} deep, cannot be kept")
    if isinstance(value, list | tuple):
        return [_plain(item, deepest - 1) for item in cast(list[Any], value)]
    if isinstance(value, Mapping):
        return _plain_dict(cast(Mapping[Any, Any], value), deepest)
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    item = getattr(value, "item", None)  # numbers of numpy
    if callable(item) and type(value).__module__ == "numpy" and not getattr(value, "shape", None):
        return _plain(item(), deepest - 1)
    raise ValueError(f"a {type(value).__name__} cannot be kept; give texts, numbers, lists or dicts")


def _plain_dict(value: Mapping[Any, Any], deepest: int) -> dict[str, Any]:
    for key in value:
        if not isinstance(key, str):
            raise ValueError(f"names in a dict have to be texts, not {key!r}")
    return {key: _plain(item, deepest - 1) for key, item in value.items()}
