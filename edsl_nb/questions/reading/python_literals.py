"""Lists and dicts as Python writes them, read without running or compiling anything."""

from __future__ import annotations

import math
import re
from typing import Any

#: Deeper ones are refused.
_DEEPEST = 60

_TOKEN = re.compile(
    r"""\s*+(?:
        (?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+" | '[^'\\]*+(?:\\.[^'\\]*+)*+')
      | (?P<number>[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d++)?)(?![\w.])
      | (?P<word>[A-Za-z]++)(?!\w)
      | (?P<mark>[\[\]{}(),:])
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {"None": None, "null": None, "True": True, "true": True, "False": False, "false": False}
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "/": "/", "\n": ""}


def python_literal(text: str, start: int) -> tuple[Any, int]:
    """Read the list or dict that starts at a place in a text.

    Tuples become lists, and numbers that are names become texts, since answers
    are kept as JSON. JSON's own words and a comma before the end are understood.

    Returns:
        The value, and the place after it.

    Raises:
        ValueError: there is none, or it is broken off, too deep or says a name twice.
    """
    reader = _Reader(text, start)
    return reader.value(*reader.next(), _DEEPEST), reader.place


class _Reader:
    """Takes a text apart from a place on."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.place = start

    def next(self) -> tuple[str, str]:
        """The kind and text of the next token."""
        token = _TOKEN.match(self.text, self.place)
        if token is None or token.lastgroup is None:
            raise ValueError("no literal")
        self.place = token.end()
        return token.lastgroup, token[token.lastgroup]

    def value(self, kind: str, token: str, depth: int) -> Any:
        """The value that starts with a token."""
        if kind == "string":
            return _ESCAPE.sub(_unescaped, token[1:-1]) if "\\" in token else token[1:-1]
        if kind == "number":
            return _number(token)
        if kind == "word" and token in _WORDS:
            return _WORDS[token]
        if token not in _CLOSING or depth == 0:
            raise ValueError("no literal, or too deep")
        return self.pairs(depth - 1) if token == "{" else self.items(_CLOSING[token], depth - 1)

    def items(self, closing: str, depth: int) -> list[Any]:
        """The items up to a closing bracket."""
        found: list[Any] = []
        kind, token = self.next()
        while token != closing or kind != "mark":
            found.append(self.value(kind, token, depth))
            kind, token = self.after_item(closing)
        return found

    def pairs(self, depth: int) -> dict[str, Any]:
        """The names and values up to a closing brace."""
        found: dict[str, Any] = {}
        kind, token = self.next()
        while token != "}" or kind != "mark":
            if kind not in ("string", "number"):
                raise ValueError("no name")
            name = str(self.value(kind, token, depth))
            if name in found or self.next() != ("mark", ":"):
                raise ValueError("a name twice, or without a value")
            found[name] = self.value(*self.next(), depth)
            kind, token = self.after_item("}")
        return found

    def after_item(self, closing: str) -> tuple[str, str]:
        """What follows an item: the closing bracket, or after a comma whatever comes."""
        kind, token = self.next()
        if kind == "mark" and token == ",":
            return self.next()
        if kind != "mark" or token != closing:
            raise ValueError("no comma")
        return kind, token


def _number(token: str) -> int | float:
    try:
        return int(token)
    except ValueError:
        value = float(token)
        if not math.isfinite(value):
            raise ValueError("too large") from None
        return value


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        return chr(int(code, 16))  # a ValueError beyond the last character
    return _ESCAPED.get(match[4], match[0])
