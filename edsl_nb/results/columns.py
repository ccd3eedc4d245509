"""The columns of results, by EDSL's names, each a way to read a value from an interview."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, NamedTuple, cast

from edsl_nb.core.errors import EdslNbError
from edsl_nb.core.frozen import plain
from edsl_nb.core.rows import ColumnRows, Rows
from edsl_nb.models.prices import price
from edsl_nb.questions import Question
from edsl_nb.results.axes import Axes, TokenPrice
from edsl_nb.results.records import AnswerCell, Interview
from edsl_nb.results.values import About, Picked, Values

#: Objects of long lists that are kept while their fields are read one column after the other.
_KEPT_OBJECTS = 65_536

_OF_AGENT, _OF_SCENARIO, _OF_MODEL = map(attrgetter, ("agent", "scenario", "model"))
_TEXT, _LIST, _MONEY, _BOOLEAN = About("text"), About("list"), About("money"), About("boolean")
_RAW = About("list", text=attrgetter("raw"))
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
    """A column: how its value is read, and whether it is shown at first.

    Parameters:
        read: gives the value of an interview, or of a question's cell, or of a number (see `number`).
        about: what is known of the values.
        primary: whether it is shown at first.
        cell: the position of the question whose cells it is read from; None for interviews.
        number: gives an interview's number by which several share a value; None where each has its own.
    """

    read: Callable[[Any], Any]
    about: About = _TEXT
    primary: bool = False
    cell: int | None = None
    number: Callable[[Interview], int] | None = None


def _from_raw(cell: AnswerCell) -> Any:
    return json.loads(cell.raw) if cell.raw is not None else None


def _one_usd_buys(cell: AnswerCell) -> Any:
    if cell.cost is None:
        return None
    return 1 / cell.cost if cell.cost else "NA"


def _problem(cell: AnswerCell) -> str | None:
    return cell.seldom.error or cell.seldom.reason


def _options(cell: AnswerCell) -> Any:
    return list(cell.options) if cell.options else None


def _items(cell: AnswerCell) -> Any:
    return list(cell.items) if cell.items else None


def outcome(cell: AnswerCell) -> str:
    """What happened: ``exact``, ``repaired``, ``invalid``, ``failed``, ``skipped`` or ``not asked``.

    An answer of which nobody says how it was read, as in a file of EDSL's, is ``answered``.
    """
    if cell.state == "answered":
        return cell.how or "answered"
    return _OUTCOMES.get(cell.state, cell.state)


_OUTCOMES = {"not_reached": "not asked", "cancelled": "not asked"}


#: data type -> name after the question's -> how it is read from a cell, and what it is.
_PER_QUESTION: dict[tuple[str, str], tuple[Callable[[AnswerCell], Any], About]] = {
    ("answer", ""): (attrgetter("answer"), About()),
    ("cache_keys", "_cache_key"): (attrgetter("key"), _TEXT),
    ("cache_used", "_cache_used"): (attrgetter("cached"), _BOOLEAN),
    ("comment", "_comment"): (attrgetter("comment"), _TEXT),
    ("generated_tokens", "_generated_tokens"): (attrgetter("text"), _TEXT),
    ("outcome", "_outcome"): (outcome, _TEXT),
    ("prompt", "_system_prompt"): (attrgetter("system_prompt"), _TEXT),
    ("prompt", "_user_prompt"): (attrgetter("user_prompt"), _TEXT),
    ("question_items", "_question_items"): (_items, _LIST),
    ("question_options", "_question_options"): (_options, _LIST),
    ("raw_model_response", "_attempts"): (attrgetter("attempts"), _COUNT),
    ("raw_model_response", "_cost"): (attrgetter("cost"), _MONEY),
    ("raw_model_response", "_input_tokens"): (attrgetter("input_tokens"), _COUNT),
    ("raw_model_response", "_latency"): (attrgetter("latency"), _NUMBER),
    ("raw_model_response", "_model_version"): (attrgetter("model_version"), _TEXT),
    ("raw_model_response", "_one_usd_buys"): (_one_usd_buys, _NUMBER),
    ("raw_model_response", "_output_tokens"): (attrgetter("output_tokens"), _COUNT),
    ("raw_model_response", "_raw_model_response"): (_from_raw, _RAW),
    ("raw_model_response", "_thinking_tokens"): (attrgetter("seldom.thinking_tokens"), _COUNT),
    ("reading", "_reading"): (attrgetter("how"), _TEXT),
    ("reading", "_reasks"): (attrgetter("reasks"), _COUNT),
    ("reading", "_rule"): (attrgetter("seldom.rule"), _TEXT),
    ("state", "_state"): (attrgetter("state"), _TEXT),
    ("state", "_error"): (_problem, _TEXT),
    ("validated", "_validated"): (lambda c: c.state == "answered", _BOOLEAN),
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


def build(axes: Axes, interviews: Sequence[Interview], dry_run: bool = False) -> dict[str, ResultColumn]:
    """All columns of a job's results, in alphabetical order."""
    columns: dict[str, ResultColumn] = {
        "iteration.iteration": ResultColumn(attrgetter("iteration"), _COUNT),
        "run.dry_run": _constant(dry_run, _BOOLEAN, dry_run),
    }
    columns.update(_axis_columns(axes))
    prices = Prices(axes)
    loaded = any(hasattr(interview, "kept") for interview in interviews)
    for position, question in enumerate(axes.survey.questions):
        columns.update(_question_columns(position, question, interviews))
        name, number = question.question_name, _priced(position)
        summary = f"{name}_reasoning_summary"
        columns[f"reasoning_summary.{summary}"] = (
            ResultColumn(_kept_reader("reasoning_summaries_dict", summary)) if loaded else _constant(None)
        )
        for which, side in enumerate(("input", "output")):
            columns[f"raw_model_response.{name}_{side}_price_per_million_tokens"] = ResultColumn(
                _price_reader(prices, which), _MONEY, number=number
            )
    return dict(sorted(columns.items()))


def _question_columns(
    position: int, question: Question, interviews: Sequence[Interview]
) -> dict[str, ResultColumn]:
    name, columns = question.question_name, dict[str, ResultColumn]()
    for (data_type, ending), (read, about) in _PER_QUESTION.items():
        if data_type == "question_items" and not hasattr(question, data_type):
            continue
        if data_type == "answer":
            about = _about_answers(position, question, interviews)
        columns[f"{data_type}.{name}{ending}"] = ResultColumn(read, about, data_type == "answer", position)
    fixed = {"question_text": question.question_text, "question_type": question.question_type}
    for data_type, value in fixed.items():
        columns[f"{data_type}.{name}_{data_type}"] = _constant(value)
    return columns


def _about_answers(position: int, question: Question, interviews: Sequence[Interview]) -> About:
    if question.question_type == "linear_scale":
        steps = getattr(question, "question_options", None)
        listed = cast(list[Any], steps) if isinstance(steps, list) else []
        return About("number", whole=bool(listed) and all(type(step) is int for step in listed))
    if question.question_type in _CHOICES:
        return About(categories=lambda: options_of(position, question, interviews))
    return _ANSWERS.get(question.question_type, About())


def options_of(position: int, question: Question, interviews: Sequence[Interview]) -> list[Any]:
    """The options of a question in order; where they differ between interviews, as they come up."""
    own = getattr(question, "question_options", None)
    if isinstance(own, list) and not any("{{" in str(option) for option in cast(list[Any], own)):
        return [*cast(list[Any], own)]
    shown = {i.cells[position].options: None for i in interviews}
    return list(dict.fromkeys(option for options in shown for option in options or ()))


def _everywhere(interview: Interview) -> int:
    """The number of the one value that all interviews share."""
    return 0


def _constant(value: Any, about: About = _TEXT, primary: bool = False) -> ResultColumn:
    return ResultColumn(lambda number: value, about, primary, number=_everywhere)


def _kept_reader(section: str, name: str) -> Callable[[Interview], Any]:
    """Reads what only a file says of an interview."""
    return lambda interview: getattr(interview, "kept", {}).get(section, {}).get(name)


#: The number that stands for no model.
_NOBODY = -1


def _priced(position: int) -> Callable[[Interview], int]:
    """The model that a question was put to, where tokens were counted."""
    return lambda i: _NOBODY if i.cells[position].input_tokens is None else i.model


def _price_reader(prices: Prices, which: int) -> Callable[[int], Any]:
    def read(model: int) -> float | None:
        known = None if model == _NOBODY else prices[model]
        return None if known is None else known[which]

    return read


def _axis_columns(axes: Axes) -> dict[str, ResultColumn]:
    numbers = axes.numbers
    agent_of = lru_cache(_KEPT_OBJECTS)(axes.agents.rows.__getitem__)
    models = list(axes.models)

    def number_of(axis: str) -> Callable[[int], int]:
        return _same if numbers is None else getattr(numbers, f"{axis}s").__getitem__

    agent_number = number_of("agent")
    columns = {
        "agent.agent_index": ResultColumn(agent_number, _COUNT, number=_OF_AGENT),
        "agent.agent_instruction": ResultColumn(lambda n: agent_of(n).instruction, number=_OF_AGENT),
        # EDSL counts unnamed agents in the order they were made; the index is the same every time.
        "agent.agent_name": ResultColumn(
            lambda n: agent_of(n).name or f"Agent_{agent_number(n)}", number=_OF_AGENT
        ),
        "scenario.scenario_index": ResultColumn(number_of("scenario"), _COUNT, number=_OF_SCENARIO),
        "model.model_index": ResultColumn(number_of("model"), _COUNT, number=_OF_MODEL),
        "model.model": ResultColumn(lambda n: models[n].model, primary=len(models) > 1, number=_OF_MODEL),
        "model.inference_service": ResultColumn(lambda n: models[n].service_name, number=_OF_MODEL),
    }
    columns |= _field_columns("agent", axes.agents.rows, attrgetter("traits"))
    columns |= _field_columns("scenario", axes.scenarios.rows, attrgetter("data"))
    for name in dict.fromkeys(n for model in models for n in (*model.parameters, *model.changed_settings)):
        of = [plain(model.parameters.get(name, model.settings.get(name))) for model in models]
        columns[f"model.{name}"] = ResultColumn(of.__getitem__, About(), number=_OF_MODEL)
    return columns


def _same(number: int) -> int:
    return number


def _field_columns(axis: str, rows: Rows[Any], data_of: Callable[[Any], Any]) -> dict[str, ResultColumn]:
    """A column for each trait of some agent, or field of some scenario."""
    names: Iterable[str] = set().union(*rows.field_sets(lambda item: frozenset(data_of(item))))
    if isinstance(rows, ColumnRows) and axis == "scenario":
        columns = rows.columns
        readers = {name: _column_reader(columns[name]) for name in names}
    else:
        object_of = lru_cache(_KEPT_OBJECTS)(rows.__getitem__)
        readers = {name: _field_reader(name, object_of, data_of) for name in names}
    many, number = len(rows) > 1, _OF_AGENT if axis == "agent" else _OF_SCENARIO
    return {
        f"{axis}.{name}": ResultColumn(read, About(), many, number=number) for name, read in readers.items()
    }


def _column_reader(column: Sequence[Any]) -> Callable[[int], Any]:
    return lambda number: plain(column[number])


def _field_reader(
    name: str, object_of: Callable[[int], Any], data_of: Callable[[Any], Any]
) -> Callable[[int], Any]:
    return lambda number: plain(data_of(object_of(number)).get(name))


class Reader:
    """Reads columns of interviews, and keeps what several columns need.

    Parameters:
        interviews: the interviews, which do not change.
    """

    def __init__(self, interviews: Sequence[Interview]) -> None:
        self._interviews = interviews
        self._cells: dict[int, list[AnswerCell]] = {}
        self._numbers: dict[Callable[[Interview], int], Sequence[int]] = {}

    def values(self, column: ResultColumn) -> Values:
        """A column's values, in the order of the interviews."""
        if column.number is not None:
            return Picked(self._numbered(column.number), column.read, column.about)
        rows = self._interviews if column.cell is None else self._cells_of(column.cell)
        return Values(rows, column.read, column.about)

    def _cells_of(self, position: int) -> list[AnswerCell]:
        if position not in self._cells:
            self._cells[position] = [interview.cells[position] for interview in self._interviews]
        return self._cells[position]

    def _numbered(self, number: Callable[[Interview], int]) -> Sequence[int]:
        if number is _everywhere:
            return bytes(len(self._interviews))
        if number not in self._numbers:
            self._numbers[number] = array("q", map(number, self._interviews))
        return self._numbers[number]
