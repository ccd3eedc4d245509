"""The columns of results, by EDSL's names, each a way to get its values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, NamedTuple, cast

from edsl_nb.core.errors import EdslNbError
from edsl_nb.core.frozen import plain
from edsl_nb.core.rows import ColumnRows
from edsl_nb.core.rows import Rows as ListRows
from edsl_nb.models.prices import price
from edsl_nb.questions import Question
from edsl_nb.results.axes import Axes, TokenPrice
from edsl_nb.results.cells import OUTCOMES
from edsl_nb.results.growing import Column, Made
from edsl_nb.results.interviews import Rows
from edsl_nb.results.records import AnswerCell, attempts, reasks
from edsl_nb.results.values import About, Picked, Stored, Values

#: Objects of long lists that are kept while their fields are read one column after the other.
_KEPT_OBJECTS = 65_536

_TEXT, _LIST, _MONEY, _BOOLEAN = About("text"), About("list"), About("money"), About("boolean")
_COUNT, _NUMBER = About("number", whole=True), About("number")

#: Answers of these questions are one of the options.
_CHOICES = frozenset({"multiple_choice", "yes_no", "likert_five", "multiple_choice_with_other", "dropdown"})

#: How answers are shown, where the type of the question tells.
_ANSWERS = {
    "numerical": _NUMBER,
    "random": _NUMBER,
    **dict.fromkeys(("checkbox", "checkbox_with_other", "list", "rank", "top_k"), _LIST),
    **dict.fromkeys(("budget", "matrix", "dict", "distribution"), _LIST),
    **dict.fromkeys(("free_text", "markdown", "url"), _TEXT),
}


class ResultColumn(NamedTuple):
    """A column of results.

    Parameters:
        values: gives its values.
        primary: whether it is shown at first.
    """

    values: Callable[[], Values]
    primary: bool = False


def _from_raw(raw: str | None) -> Any:
    return json.loads(raw) if raw is not None else None


def _one_usd_buys(cost: float | None) -> Any:
    if cost is None:
        return None
    return 1 / cost if cost else "NA"


def _listed(shown: tuple[Any, ...] | None) -> Any:
    return list(shown) if shown else None


def _problem(error: str | None, reason: str | None) -> str | None:
    return error or reason


def outcome(cell: AnswerCell) -> str:
    """What happened: ``exact``, ``repaired``, ``invalid``, ``failed``, ``skipped`` or ``not asked``.

    An answer of which nobody says how it was read, as in a file of EDSL's, is ``answered``.
    """
    return _outcome(cell.state, cell.how)


def _outcome(state: str, how: str | None) -> str:
    if state == "answered":
        return how or "answered"
    return _OUTCOMES.get(state, state)


_OUTCOMES = {"not_reached": "not asked", "cancelled": "not asked"}

#: data type -> name after the question's -> how it is made of which fields of cells, and what it is.
_PER_QUESTION: dict[tuple[str, str], tuple[Callable[..., Any] | None, tuple[str, ...], About]] = {
    ("answer", ""): (None, ("answer",), About()),
    ("cache_keys", "_cache_key"): (None, ("key",), _TEXT),
    ("cache_used", "_cache_used"): (None, ("cached",), _BOOLEAN),
    ("comment", "_comment"): (None, ("comment",), _TEXT),
    ("generated_tokens", "_generated_tokens"): (None, ("text",), _TEXT),
    ("prompt", "_system_prompt"): (None, ("system_prompt",), _TEXT),
    ("prompt", "_user_prompt"): (None, ("user_prompt",), _TEXT),
    ("question_items", "_question_items"): (_listed, ("items",), _LIST),
    ("question_options", "_question_options"): (_listed, ("options",), _LIST),
    ("raw_model_response", "_attempts"): (attempts, ("key", "replies", "reasks"), _COUNT),
    ("raw_model_response", "_cost"): (None, ("cost",), _MONEY),
    ("raw_model_response", "_input_tokens"): (None, ("input_tokens",), _COUNT),
    ("raw_model_response", "_latency"): (None, ("latency",), _NUMBER),
    ("raw_model_response", "_model_version"): (None, ("model_version",), _TEXT),
    ("raw_model_response", "_one_usd_buys"): (_one_usd_buys, ("cost",), _NUMBER),
    ("raw_model_response", "_output_tokens"): (None, ("output_tokens",), _COUNT),
    ("raw_model_response", "_raw_model_response"): (_from_raw, ("raw",), _LIST),
    ("raw_model_response", "_thinking_tokens"): (None, ("thinking_tokens",), _COUNT),
    ("reading", "_reasks"): (reasks, ("key", "reasks"), _COUNT),
    ("reading", "_rule"): (None, ("rule",), _TEXT),
    ("state", "_error"): (_problem, ("error", "reason"), _TEXT),
}

#: The same of what is made of the state and of how the reply was read.
_PER_OUTCOME: dict[tuple[str, str], tuple[Callable[[str, str | None], Any], About]] = {
    ("outcome", "_outcome"): (_outcome, _TEXT),
    ("reading", "_reading"): (lambda state, how: how, _TEXT),
    ("state", "_state"): (lambda state, how: state, _TEXT),
    ("validated", "_validated"): (lambda state, how: state == "answered", _BOOLEAN),
}


class Prices:
    """What tokens cost, by position of the model; looked up when first asked for."""

    def __init__(self, axes: Axes) -> None:
        self._axes = axes

    @cached_property
    def _known(self) -> Sequence[TokenPrice]:
        if self._axes.prices is not None:
            return self._axes.prices
        return [_price_of(model) for model in self._axes.models]

    def __getitem__(self, model: int) -> TokenPrice:
        return self._known[model]


def _price_of(model: Any) -> TokenPrice:
    try:
        found = price(model)
    except EdslNbError:  # a service that is known from a file only
        return None
    return None if found is None else (float(found.input * 1_000_000), float(found.output * 1_000_000))


def build(axes: Axes, interviews: Rows, dry_run: bool = False) -> dict[str, ResultColumn]:
    """All columns of a job's results, in alphabetical order."""
    columns: dict[str, ResultColumn] = {
        "iteration.iteration": _stored(interviews.table.places["iteration"], interviews, _COUNT),
        "run.dry_run": _constant(interviews, dry_run, _BOOLEAN, dry_run),
    }
    columns.update(_axis_columns(axes, interviews))
    prices, kept = Prices(axes), interviews.table.kept
    for position, question in enumerate(axes.survey.questions):
        columns.update(_question_columns(position, question, interviews))
        name = question.question_name
        summary = f"{name}_reasoning_summary"
        columns[f"reasoning_summary.{summary}"] = (
            _stored(Made(_kept_reader("reasoning_summaries_dict", summary), kept), interviews)
            if kept
            else _constant(interviews, None)
        )
        for which, side in enumerate(("input", "output")):
            columns[f"raw_model_response.{name}_{side}_price_per_million_tokens"] = _picked(
                interviews, ("priced", position), _price_reader(prices, which), _MONEY, find=_priced(position)
            )
    return dict(sorted(columns.items()))


def _stored(column: Column, rows: Rows, about: About = _TEXT, primary: bool = False) -> ResultColumn:
    """A column of which each interview has a value."""
    return ResultColumn(lambda: Stored(column, rows.rows, about), primary)


def _picked(
    rows: Rows,
    of: Any,
    read: Callable[[int], Any],
    about: About = _TEXT,
    primary: bool = False,
    find: Callable[[Rows], Sequence[int]] | None = None,
) -> ResultColumn:
    """A column of which several interviews share a value: that of a number; see `Rows.numbers`."""
    return ResultColumn(lambda: Picked(rows.numbers(of, find), read, about), primary)


def _constant(rows: Rows, value: Any, about: About = _TEXT, primary: bool = False) -> ResultColumn:
    return _picked(rows, "all", lambda number: value, about, primary, find=lambda every: bytes(len(every)))


def _question_columns(position: int, question: Question, rows: Rows) -> dict[str, ResultColumn]:
    name, columns, cells = question.question_name, dict[str, ResultColumn](), rows.table.cells[position]
    for (data_type, ending), (make, fields, about) in _PER_QUESTION.items():
        if data_type == "question_items" and not hasattr(question, data_type):
            continue
        found = [cells.column(field) for field in fields]
        column = found[0] if make is None else Made(make, *found)
        if data_type == "answer":
            about = _about_answers(position, question, rows)
        elif fields == ("raw",):
            about = about._replace(text=found[0])
        columns[f"{data_type}.{name}{ending}"] = _stored(column, rows, about, data_type == "answer")
    for (data_type, ending), (make, about) in _PER_OUTCOME.items():
        table = [make(*known) for known in OUTCOMES]
        columns[f"{data_type}.{name}{ending}"] = _picked(
            rows, ("outcome", position), table.__getitem__, about, find=lambda some: cells.outcomes(some.rows)
        )
    fixed = {"question_text": question.question_text, "question_type": question.question_type}
    for data_type, value in fixed.items():
        columns[f"{data_type}.{name}_{data_type}"] = _constant(rows, value)
    return columns


def _about_answers(position: int, question: Question, interviews: Rows) -> About:
    if question.question_type == "linear_scale":
        steps = getattr(question, "question_options", None)
        listed = cast(list[Any], steps) if isinstance(steps, list) else []
        return About("number", whole=bool(listed) and all(type(step) is int for step in listed))
    if question.question_type in _CHOICES:
        return About(categories=lambda: options_of(position, question, interviews))
    return _ANSWERS.get(question.question_type, About())


def options_of(position: int, question: Question, interviews: Rows) -> list[Any]:
    """The options of a question in order; where they differ between interviews, as they come up."""
    own = getattr(question, "question_options", None)
    if isinstance(own, list) and not any("{{" in str(option) for option in cast(list[Any], own)):
        return [*cast(list[Any], own)]
    shown = interviews.table.cells[position].column("options").gather(interviews.rows)
    return list(dict.fromkeys(option for options in dict.fromkeys(shown) for option in options or ()))


def _kept_reader(section: str, name: str) -> Callable[[Mapping[str, Any] | None], Any]:
    """Reads what only a file says of an interview."""
    return lambda kept: (kept or {}).get(section, {}).get(name)


#: The number that stands for no model.
_NOBODY = -1


def _priced(position: int) -> Callable[[Rows], Sequence[int]]:
    """The models that a question was put to, where tokens were counted."""

    def find(rows: Rows) -> Sequence[int]:
        counted = rows.table.cells[position].column("input_tokens").gather(rows.rows)
        models = rows.numbers("model")
        return [_NOBODY if n is None else model for n, model in zip(counted, models, strict=True)]

    return find


def _price_reader(prices: Prices, which: int) -> Callable[[int], Any]:
    def read(model: int) -> float | None:
        known = None if model == _NOBODY else prices[model]
        return None if known is None else known[which]

    return read


def _axis_columns(axes: Axes, rows: Rows) -> dict[str, ResultColumn]:
    numbers = axes.numbers
    agent_of = lru_cache(_KEPT_OBJECTS)(axes.agents.rows.__getitem__)
    models = list(axes.models)

    def number_of(axis: str) -> Callable[[int], int]:
        return _same if numbers is None else getattr(numbers, f"{axis}s").__getitem__

    agent_number = number_of("agent")
    columns = {
        "agent.agent_index": _picked(rows, "agent", agent_number, _COUNT),
        "agent.agent_instruction": _picked(rows, "agent", lambda n: agent_of(n).instruction),
        # EDSL counts unnamed agents in the order they were made; the index is the same every time.
        "agent.agent_name": _picked(rows, "agent", lambda n: agent_of(n).name or f"Agent_{agent_number(n)}"),
        "scenario.scenario_index": _picked(rows, "scenario", number_of("scenario"), _COUNT),
        "model.model_index": _picked(rows, "model", number_of("model"), _COUNT),
        "model.model": _picked(rows, "model", lambda n: models[n].model, primary=len(models) > 1),
        "model.inference_service": _picked(rows, "model", lambda n: models[n].service_name),
    }
    many = {"agent": len(axes.agents.rows) > 1, "scenario": len(axes.scenarios.rows) > 1}
    readers = {
        "agent": _field_readers("agent", axes.agents.rows, attrgetter("traits")),
        "scenario": _field_readers("scenario", axes.scenarios.rows, attrgetter("data")),
    }
    for axis, found in readers.items():
        for name, read in found.items():
            columns[f"{axis}.{name}"] = _picked(rows, axis, read, About(), many[axis])
    for name in dict.fromkeys(n for model in models for n in (*model.parameters, *model.changed_settings)):
        of = [plain(model.parameters.get(name, model.settings.get(name))) for model in models]
        columns[f"model.{name}"] = _picked(rows, "model", of.__getitem__, About())
    return columns


def _same(number: int) -> int:
    return number


def _field_readers(
    axis: str, rows: ListRows[Any], data_of: Callable[[Any], Any]
) -> dict[str, Callable[[int], Any]]:
    """Reads each trait of some agent, or field of some scenario."""
    names: Iterable[str] = set().union(*rows.field_sets(lambda item: frozenset(data_of(item))))
    if isinstance(rows, ColumnRows) and axis == "scenario":
        columns = rows.columns
        return {name: _column_reader(columns[name]) for name in names}
    object_of = lru_cache(_KEPT_OBJECTS)(rows.__getitem__)
    return {name: _field_reader(name, object_of, data_of) for name in names}


def _column_reader(column: Sequence[Any]) -> Callable[[int], Any]:
    return lambda number: plain(column[number])


def _field_reader(
    name: str, object_of: Callable[[int], Any], data_of: Callable[[Any], Any]
) -> Callable[[int], Any]:
    return lambda number: plain(data_of(object_of(number)).get(name))
