"""Question texts as the titles of pictures: with a value where all rows share it, else with its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from edsl_nb.core.cells import as_cell
from edsl_nb.core.code import briefly
from edsl_nb.core.templates import MARKS

#: A placeholder: what it names, and whatever is done with that.
_PLACE = re.compile(r"\{\{[-+]?\s*(?P<root>\w+)(?:\.(?P<part>\w+))?(?P<more>[^{}]*?)\s*[-+]?\}\}")

#: Characters of a value in a title.
_VALUE = 60

#: Kinds of columns that a bare name in a question's text may be of, in the order in which it is looked for.
_KINDS = ("scenario", "answer", "agent")


def title_of(text: str, columns: Sequence[str], values: Callable[[str], Iterable[Any]]) -> str:
    """A question's text as a title, in one line.

    Parameters:
        text: the text, with placeholders: ``Do you like {{ scenario.drink }}?``
        columns: the names of all columns.
        values: gives a column's values in the rows that the picture is of.

    Example:
        >>> drinks = {"scenario.drink": ["tea", "coffee"]}
        >>> title_of("Do you like {{ scenario.drink }}?", list(drinks), drinks.__getitem__)
        'Do you like [drink]?'
    """
    if not any(mark in text for mark in MARKS):
        return " ".join(text.split())
    known = set(columns)

    def worded(place: re.Match[str]) -> str:
        root, part, more = place["root"], place["part"], place["more"]
        column = next((name for name in _meant(root, part) if name in known), None)
        shared = None if column is None or more else _shared(values(column))
        return f"[{_name(root, part)}]" if shared is None else briefly(shared, _VALUE)

    return " ".join(_PLACE.sub(worded, text).split())


def _meant(root: str, part: str | None) -> list[str]:
    """The columns that a placeholder may be about."""
    if part is None:
        return [f"{kind}.{root}" for kind in _KINDS]
    if root == "agent" and part == "name":
        return ["agent.agent_name"]
    return [f"answer.{root}"] if part == "answer" else [f"{root}.{part}", f"{part}.{root}_{part}"]


def _name(root: str, part: str | None) -> str:
    if part == "answer":
        return f"answer to {root}"
    return root if part is None else part.replace("_", " ")


def _shared(values: Iterable[Any]) -> str | None:
    """The one value that all rows have, as a text; None where there is no such value."""
    rows = iter(values)
    first = next(rows, None)
    if first is None or any(value != first for value in rows):
        return None
    return str(as_cell(first))
