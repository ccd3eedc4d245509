"""Conditions on the cells of a table, as functions of a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from edsl_nb.core.cells import as_cell, is_empty, part_key, parts_of
from edsl_nb.core.errors import TableError, nearest
from edsl_nb.core.tables import Column, Filter

_Test = Callable[[Any], bool]


def check_filters(filters: Sequence[Filter], columns: Sequence[Column]) -> None:
    """Raise a TableError for a filter on a column by which a table cannot be filtered."""
    known = [column.name for column in columns if column.filterable]
    wrong = next((one.column for one in filters if one.column not in known), None)
    if wrong is not None:
        raise TableError(
            "the table cannot be filtered by this column",
            field="filters",
            value=wrong,
            remedy=nearest(wrong, known) if known else "It has no columns to filter by.",
        )


def test_of(wanted: Filter) -> _Test:
    """Whether a value fulfils all conditions of a filter."""
    tests = [make(wanted) for given, make in _TESTS if given(wanted)]
    if len(tests) == 1:
        return tests[0]
    return lambda value: all(test(value) for test in tests)


def _contains(wanted: Filter) -> _Test:
    text = wanted.contains.casefold()
    return lambda value: not is_empty(value) and text in str(as_cell(value)).casefold()


def _one_of(wanted: Filter) -> _Test:
    keys = frozenset(part_key(cell) for cell in wanted.one_of or ())
    return lambda value: any(part_key(part) in keys for part in parts_of(value))


def _between(wanted: Filter) -> _Test:
    least = float("-inf") if wanted.least is None else wanted.least
    most = float("inf") if wanted.most is None else wanted.most

    def test(value: Any) -> bool:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and least <= value <= most

    return test


#: Which conditions a filter has, and what each of them asks of a value.
_TESTS: tuple[tuple[Callable[[Filter], bool], Callable[[Filter], _Test]], ...] = (
    (lambda wanted: bool(wanted.contains), _contains),
    (lambda wanted: wanted.one_of is not None, _one_of),
    (lambda wanted: (wanted.least, wanted.most) != (None, None), _between),
)
