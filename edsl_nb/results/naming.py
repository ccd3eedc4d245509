"""What the names of columns stand for, in `select`, and in expressions."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from edsl_nb.core.errors import ResultsError, nearest
from edsl_nb.core.expressions import Expression
from edsl_nb.core.templates import Fields, Reference


def bare(name: str) -> str:
    """A column's name without its prefix."""
    return name.partition(".")[2] or name


def shortened(names: Sequence[str]) -> list[str]:
    """The names without prefixes; where two would be equal, all as they are."""
    short = [bare(name) for name in names]
    return short if len(set(short)) == len(short) else list(names)


def flat(given: Iterable[Any], field: str) -> list[str]:
    """Names given one by one or as lists.

    Raises:
        ResultsError: something is no name.
    """
    names: list[Any] = []
    for item in given:
        names += cast(Sequence[Any], item) if isinstance(item, list | tuple) else [item]
    for name in names:
        if not isinstance(name, str):
            raise ResultsError(
                "column names are texts", field=field, value=name, remedy="Such as 'answer.q'."
            )
    return names


def resolve(asked: Iterable[str], columns: Iterable[str], field: str = "select") -> list[str]:
    """The columns that names, prefixed names and globs stand for, in the order asked.

    A bare name stands for the one column that has it after its prefix.

    Raises:
        ResultsError: a name stands for no column, or for several.
    """
    every = list(columns)
    known = set(every)
    by_name = _by_bare_name(every)
    found: dict[str, None] = {}
    for name in asked:
        if name in known:
            matches = [name]
        elif "*" in name or "?" in name:
            matches = [c for c in every if fnmatch.fnmatchcase(c if "." in name else bare(c), name)]
        else:
            matches = by_name.get(name, [])
            if len(matches) > 1:
                raise ResultsError(
                    "several columns have this name",
                    field=field,
                    value=name,
                    remedy=in_full([repr(full) for full in matches]),
                )
        if not matches:
            raise ResultsError(
                "there is no such column", field=field, value=name, remedy=nearest(name, [*every, *by_name])
            )
        found |= dict.fromkeys(matches)
    return list(found)


def in_full(columns: Sequence[str]) -> str:
    """What to do about a name that stands for several columns."""
    return f"Write {' or '.join(columns)}."


def _by_bare_name(columns: Iterable[str]) -> dict[str, list[str]]:
    """The columns of each bare name."""
    by_name: dict[str, list[str]] = {}
    for full in columns:
        by_name.setdefault(bare(full), []).append(full)
    return by_name


def short_names(columns: Sequence[str]) -> dict[str, str]:
    """A name for each column: its bare name, where no other column has it."""
    by_name = _by_bare_name(columns)
    return {full: bare(full) if len(by_name[bare(full)]) == 1 else full for full in columns}


# In expressions


def scopes(
    wanted: Expression, columns: Sequence[str], values: Callable[[str], Iterable[Any]], count: int, field: str
) -> Iterator[Mapping[str, Any]]:
    """What the names in an expression stand for, for each row in turn.

    Parameters:
        wanted: the expression. Its names are bare (``age``), prefixed
            (``agent.age``), or a question's with a field (``q.answer``, ``q.comment``).
        columns: the names of all columns.
        values: gives a column's values.
        count: how many rows there are.
        field: the parameter, for messages.

    Raises:
        ResultsError: a name stands for no column, or for several.
    """
    places = [
        (reference, *_column_of(reference, columns, field)) for reference in sorted(wanted.names, key=str)
    ]
    if not places:
        return iter([{}] * count)
    grouped = {reference.root for reference, name, _ in places if name is not None}
    parts = [(reference.root, name or "answer", full) for reference, name, full in places]
    return _rows(parts, grouped, values)


def _rows(
    parts: Sequence[tuple[str, str, str]], grouped: set[str], values: Callable[[str], Iterable[Any]]
) -> Iterator[Mapping[str, Any]]:
    for row in zip(*(values(full) for _, _, full in parts), strict=True):
        scope: dict[str, Any] = {}
        for (root, name, _), value in zip(parts, row, strict=True):
            if root in grouped:
                scope.setdefault(root, {})[name] = value
            else:
                scope[root] = value
        for root in grouped:
            scope[root] = Fields(scope[root])
        yield scope


def _column_of(reference: Reference, columns: Sequence[str], field: str) -> tuple[str | None, str]:
    """The field of the root by which an expression looks for a column, if it does, and the column.

    ``x.y`` is a column of that name, or a field of question ``x``; else a field of the values in ``x``.
    """
    root, part = reference
    if part is not None:
        for full in (f"{root}.{part}", f"{part}.{root}_{part}"):
            if full in columns:
                return part, full
        if part == "answer" and f"answer.{root}" in columns:
            return part, f"answer.{root}"
    if root in columns or any(bare(full) == root for full in columns):
        return None, resolve([root], columns, field)[0]
    asked = root if part is None else f"{root}.{part}"
    names = [*columns, *map(bare, columns)]
    raise ResultsError("there is no such column", field=field, value=asked, remedy=nearest(asked, names))
