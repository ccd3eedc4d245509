"""Results of two runs as results of one."""

from __future__ import annotations

from typing import Any

from edsl_nb.results.axes import Axes
from edsl_nb.results.columns import Prices
from edsl_nb.results.interviews import InterviewTable, Rows

_AXES = ("agents", "scenarios", "models")


def joined(first: Axes, second: Axes, rows: Rows, more: Rows) -> tuple[Axes, Rows]:
    """What was combined in either run, and the interviews of both, with those of the second one counted on.

    A list that is equal in both stays as it is; else the second is put behind
    the first, and its objects are numbered on.
    """
    same = {axis: _same(first, second, axis) for axis in _AXES}
    lists: dict[str, Any] = {
        axis: getattr(first, axis) if same[axis] else getattr(first, axis) + getattr(second, axis)
        for axis in _AXES
    }
    agents, scenarios, models = (0 if same[axis] else len(getattr(first, axis)) for axis in _AXES)
    table, indices = InterviewTable(len(first.survey)), rows.numbers("index")
    after = 1 + max(indices, default=-1)
    table.extend(rows, indices)
    table.extend(more, range(after, after + len(more)), agent=agents, scenario=scenarios, model=models)
    numbers = first.numbers if all(same.values()) else None
    prices = None
    if first.prices is not None or second.prices is not None:
        every = [(axes, Prices(axes)) for axes in ((first,) if same["models"] else (first, second))]
        prices = [known[i] for axes, known in every for i in range(len(axes.models))]
    return Axes(first.survey, **lists, numbers=numbers, prices=prices), table.all


def _same(first: Axes, second: Axes, axis: str) -> bool:
    one, other = getattr(first, axis), getattr(second, axis)
    if one.rows is other.rows:
        return first.numbers == second.numbers
    if first.numbers is not None or second.numbers is not None:
        mine, theirs = (getattr(axes.numbers, axis, None) for axes in (first, second))
        if list(mine or range(len(one))) != list(theirs or range(len(other))):
            return False
    return len(one) == len(other) and one == other
