"""Which combinations of agents, scenarios and models are interviews, where it is not all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

from edsl_nb.core.errors import ExpressionError, JobError, nearest
from edsl_nb.core.expressions import Expression, expression
from edsl_nb.core.templates import Fields
from edsl_nb.jobs.design import Design
from edsl_nb.results import Axes

#: The parts of a combination: in EDSL's JSON, and as attributes of a job.
_AXES = {"agent": "agents", "scenario": "scenarios", "model": "models"}

#: What ``_index`` is called within: names with _ in front are private in expressions.
_INDEX = "index_"

_SUCH = 'Such as [{"agent": 0, "scenario": 1, "model": 0}].'


@dataclass(frozen=True)
class Assignment:
    """A choice of combinations.

    Parameters:
        mode: EDSL's word for how it was made: ``filtered``, ``zip`` or ``explicit``.
        rows: positions of agent, scenario and model of each interview; None
            where an expression chooses them.
        include_expression: what has to be true of a combination, where it is chosen so.
    """

    mode: str
    rows: tuple[tuple[int, int, int], ...] | None = None
    include_expression: str | None = None

    def design(self, axes: Axes, iterations: int) -> Design:
        """The chosen interviews of some lists.

        Raises:
            JobError: a position is not there, or nothing is chosen.
        """
        sizes = (len(axes.agents), len(axes.scenarios), len(axes.models))
        product = Design(*sizes)
        if self.rows is None:
            chosen = self._filtered(axes, product)
        else:
            for row in self.rows:
                _check_row(row, sizes)
            chosen = [product.place(*row) for row in self.rows]
        if not chosen:
            raise JobError(
                "no combination of agents, scenarios and models is left",
                field="include_when" if self.include_expression else "assign",
                value=self.include_expression,
                remedy="Check what should be true of those that are asked.",
            )
        return Design(*sizes, iterations, chosen)

    def _filtered(self, axes: Axes, product: Design) -> list[int]:
        assert self.include_expression is not None
        includes = _compiled(self.include_expression)
        agents = [Fields({**a.traits, "name": a.name, _INDEX: i}) for i, a in enumerate(axes.agents)]
        scenarios = [Fields({**s.data, _INDEX: i}) for i, s in enumerate(axes.scenarios)]
        models = [Fields({**m.fields(), _INDEX: i}) for i, m in enumerate(axes.models)]
        chosen: list[int] = []
        for place in range(len(product)):
            where = product.decode(place)
            scope = {
                "agent": agents[where.agent],
                "scenario": scenarios[where.scenario],
                "model": models[where.model],
            }
            if includes.evaluate(scope):
                chosen.append(place)
        return chosen

    def to_dict(self, axes: Axes) -> dict[str, Any]:
        """What EDSL's JSON of a job says of it."""
        design = self.design(axes, 1)
        rows = (design.decode(i) for i in range(len(design)))
        data: dict[str, Any] = {
            "assignment_mode": self.mode,
            "assignments": [{"agent": r.agent, "scenario": r.scenario, "model": r.model} for r in rows],
        }
        return data | ({"include_expression": self.include_expression} if self.include_expression else {})

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self | None:
        """Take what EDSL's JSON of a job says of it out of the job's fields; None where it says nothing.

        Raises:
            JobError: it is not in that form.
        """
        mode, rows = fields.pop("assignment_mode", None), fields.pop("assignments", None)
        included = fields.pop("include_expression", None)
        if not (mode or rows or included):
            return None
        if rows is None and included:
            return cls("filtered", including(included).rows, included)
        if not isinstance(rows, list):
            raise JobError(
                "the JSON of a job that chooses has a list here",
                field="assignments",
                value=rows,
                remedy="Pass what to_dict() gave.",
            )
        return cls(str(mode or "explicit"), checked_rows(cast(list[Any], rows)), included)


def _compiled(text: str) -> Expression:
    """An expression about agent, scenario and model, in which ``agent._index`` is a name like others."""
    return expression(text.replace("._index", f".{_INDEX}"))


def including(text: object) -> Assignment:
    """The choice of the combinations for which an expression is true.

    Raises:
        JobError: it is no expression, or is about something else.
    """
    if not isinstance(text, str):
        raise JobError(
            "an expression is wanted",
            field="include_when",
            value=text,
            remedy="Such as '{{ scenario._index == agent._index }}'.",
        )
    try:
        names = _compiled(text).names
    except ExpressionError as wrong:
        raise JobError(wrong.problem, field="include_when", value=text, remedy=wrong.remedy) from None
    for reference in names:
        if reference.root not in _AXES:
            raise JobError(
                "an expression here is about agent, scenario and model",
                field="include_when",
                value=str(reference),
                remedy=nearest(reference.root, _AXES),
            )
    return Assignment("filtered", include_expression=text)


def checked_rows(rows: Iterable[Any]) -> tuple[tuple[int, int, int], ...]:
    """Combinations that are given one by one, as dicts of positions.

    Raises:
        JobError: one is not in that form.
    """
    if isinstance(rows, str | Mapping) or not isinstance(rows, Iterable):
        raise JobError("a list of combinations is wanted", field="assign", value=rows, remedy=_SUCH)
    return tuple(_checked_row(row) for row in rows)


def _checked_row(row: Any) -> tuple[int, int, int]:
    named = cast(dict[str, Any], row) if isinstance(row, Mapping) else {}
    places = tuple(named.get(kind, 0) for kind in _AXES)
    if not named or not named.keys() <= _AXES.keys() or not all(type(p) is int and p >= 0 for p in places):
        raise JobError("a combination holds positions", field="assign", value=row, remedy=_SUCH)
    return cast(tuple[int, int, int], places)


def _check_row(row: tuple[int, int, int], sizes: tuple[int, int, int]) -> None:
    for (kind, plural), place, size in zip(_AXES.items(), row, sizes, strict=True):
        if place >= size:
            raise JobError(
                f"there are {size} {plural}, no {kind} {place}",
                field="assign",
                value=dict(zip(_AXES, row, strict=True)),
                remedy=f"Positions go from 0 to {size - 1}.",
            )


def zipped(sizes: Mapping[str, int], over: object, strict: bool) -> Assignment:
    """The first of each list together, the second, and so on; what is not zipped is crossed with them.

    Parameters:
        sizes: lengths of `agents`, `scenarios` and `models`; at least 1.
        over: which of them are zipped.
        strict: whether zipped lists have to be of one length.

    Raises:
        JobError: `over` names something else, or the lengths differ.
    """
    names = (
        list(cast(Iterable[Any], over)) if isinstance(over, Iterable) and not isinstance(over, str) else []
    )
    if len(names) < 2 or len(set(names)) < len(names) or not set(names) <= sizes.keys():
        raise JobError(
            "two or three of agents, scenarios and models are wanted",
            field="over",
            value=over,
            remedy="Such as over=('agents', 'scenarios').",
        )
    lengths = {name: sizes[name] for name in names}
    if strict and len(set(lengths.values())) > 1:
        raise JobError(
            "the lists are not of one length",
            field="over",
            value=lengths,
            remedy="Make them so, or pass strict=False to end with the shortest.",
        )
    ranges = {name: range(size) for name, size in sizes.items()}
    rows: list[tuple[int, int, int]] = []
    for i in range(min(lengths.values())):
        for agent in [i] if "agents" in lengths else ranges["agents"]:
            for scenario in [i] if "scenarios" in lengths else ranges["scenarios"]:
                models = [i] if "models" in lengths else ranges["models"]
                rows += [(agent, scenario, model) for model in models]
    return Assignment("zip", tuple(rows))
