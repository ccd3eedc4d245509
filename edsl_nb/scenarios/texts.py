"""Names and texts of scenarios: pieces of a text, names that templates can use, numbers in texts."""

from __future__ import annotations

import hashlib
import keyword
import math
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from edsl_nb.core.errors import ScenarioError

#: A number as people and programs write it; not what only looks like one, such as the code 007.
_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]{0,299})?(\.[0-9]{0,300})?([eE][+-]?[0-9]{1,3})?")
_OTHER = re.compile(r"\W+")


def pieces(
    field: str,
    text: Any,
    num_words: int | None,
    num_lines: int | None,
    include_original: bool,
    hash_original: bool,
) -> Iterator[dict[str, Any]]:
    """The pieces of a text, with what `Scenario.chunk` says of each.

    Raises:
        ScenarioError: it is no text, or both or neither size is given.
    """
    if not isinstance(text, str):
        raise ScenarioError(
            "only a text can be cut into pieces", field=field, value=text, remedy="Name a field with a text."
        )
    size = _size(num_words, num_lines)
    more: dict[str, Any] = {}
    if include_original or hash_original:
        md5 = hashlib.md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
        more = {f"{field}_original": md5 if hash_original else text}
    parts, glue = (text.split(), " ") if num_words is not None else (text.split("\n"), "\n")
    for number, start in enumerate(range(0, len(parts), size)):
        piece = glue.join(parts[start : start + size])
        yield {
            field: piece,
            f"{field}_chunk": number,
            f"{field}_char_count": len(piece),
            f"{field}_word_count": len(piece.split()),
            **more,
        }


def _size(num_words: int | None, num_lines: int | None) -> int:
    if (num_words is None) == (num_lines is None):
        raise ScenarioError(
            "either num_words or num_lines is wanted", field="chunk", remedy="Such as num_words=100."
        )
    field, size = ("num_words", num_words) if num_words is not None else ("num_lines", num_lines)
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ScenarioError(
            "a number from 1 is wanted", field=field, value=size, remedy=f"Such as {field}=100."
        )
    return size


def number(value: Any) -> Any:
    """The number that a text is; other values, and texts that are none, as they are."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not any("0" <= letter <= "9" for letter in text[-4:]) or not _NUMBER.fullmatch(text):
        return value
    if text.lstrip("+-").isdigit():
        return int(text)
    try:
        found = float(text)
    except ValueError:  # an exponent alone, say
        return value
    return found if math.isfinite(found) else value


def is_missing(value: Any) -> bool:
    """Whether a value is None or no number (NaN)."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def snake_case(name: str) -> str:
    """A name in lower case, with ``_`` for all that is no letter or digit: ``Job Title`` -> ``job_title``."""
    return valid_name(name).lower()


def valid_name(name: str) -> str:
    """The identifier that is nearest to a name."""
    found = _OTHER.sub("_", name).strip("_") if not name.isidentifier() else name
    if not found.isidentifier():  # a digit at its start, or nothing
        found = f"_{found}" if found and f"_{found}".isidentifier() else "field"
    return found


def template_name(name: str) -> str:
    """The identifier that is nearest to a name and is no word of Python's."""
    found = valid_name(name)
    return f"{found}_modified" if keyword.iskeyword(found) else found


def distinct(names: Iterable[str], named: Callable[[str], str] = str) -> dict[str, str]:
    """New names by old ones, all different: a name that is taken gets ``_1``, ``_2`` and so on.

    Names that need no change keep theirs.

    Parameters:
        names: the old names, each once.
        named: the new name that is wanted for an old one.
    """
    wanted = {old: named(old) for old in names}
    taken = {new for old, new in wanted.items() if new == old}
    return {old: new if new == old else _free(new, taken) for old, new in wanted.items()}


def headers(names: Iterable[Any]) -> list[str]:
    """The names of a table's columns: texts, without blanks around them, none empty, all different."""
    taken: set[str] = set()
    found: list[str] = []
    for position, name in enumerate(names):
        parts: Any = name if isinstance(name, tuple) else (name,)
        text = "_".join("" if is_missing(part) else str(part).strip() for part in parts)
        found.append(_free(text or f"col{position}", taken))
    return found


def _free(wanted: str, taken: set[str]) -> str:
    name, count = wanted, 0
    while name in taken:
        count += 1
        name = f"{wanted}_{count}"
    taken.add(name)
    return name
