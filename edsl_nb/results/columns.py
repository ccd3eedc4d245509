"""The columns of results, by EDSL's names, each a way to read a value from an interview."""

from __future__ import annotations

import json
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
from edsl_nb.results.values import About, Values

#: Objects of long lists that are kept while their fields are read one column after the other.
_KEPT_OBJECTS = 65_536

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
        read: gives the value of an interview, or of a question's cell.
        about: what is known of the values.
        primary: whether it is shown at first.
        cell: the position of the question whose cells it is read from; None for interviews.
    """

    read: Callable[[Any], Any]
    about: About = _TEXT
    primary: bool = False
    cell: int | None = None

    def value(self, interview: Interview) -> Any:
        """The value for one interview."""
        return self.read(interview if self.cell is None else interview.cells[self.cell])


def _from_raw(cell: AnswerCell) -> Any:
    return json.loads(cell.raw) if cell.raw is not None else None


def _one_usd_buys(cell: AnswerCell) -> Any:
    if cell.cost is None:
        return None
    return 1 / cell.cost if cell.cost else "NA"


def _options(cell: AnswerCell) -> Any:
    return list(cell.options) if cell.options else None


def _items(cell: AnswerCell) -> Any:
    return list(cell.items) if cell.items else None


#: data type -> name after the question's -> how it is read from a cell, and what it is.
_PER_QUESTION: dict[tuple[str, str], tuple[Callable[[AnswerCell], Any], About]] = {
    ("answer", ""): (attrgetter("answer"), About()),
    ("cache_keys", "_cache_key"): (attrgetter("key"), _TEXT),
    ("cache_used", "_cache_used"): (attrgetter("cached"), _BOOLEAN),
    ("comment", "_comment"): (attrgetter("comment"), _TEXT),
    ("generated_tokens", "_generated_tokens"): (attrgetter("text"), _TEXT),
    ("prompt", "_system_prompt"): (attrgetter("system_prompt"), _TEXT),
    ("prompt", "_user_prompt"): (attrgetter("user_prompt"), _TEXT),
    ("question_items", "_question_items"): (_items, _LIST),
    ("question_options", "_question_options"): (_options, _LIST),
    ("raw_model_response", "_cost"): (attrgetter("cost"), _MONEY),
    ("raw_model_response", "_input_tokens"): (attrgetter("input_tokens"), _COUNT),
    ("raw_model_response", "_latency"): (attrgetter("latency"), _NUMBER),
    ("raw_model_response", "_model_version"): (attrgetter("model_version"), _TEXT),
    ("raw_model_response", "_one_usd_buys"): (_one_usd_buys, _NUMBER),
    ("raw_model_response", "_output_tokens"): (attrgetter("output_tokens"), _COUNT),
    ("raw_model_response", "_raw_model_response"): (_from_raw, _RAW),
    ("raw_model_response", "_thinking_tokens"): (attrgetter("thinking_tokens"), _COUNT),
    ("reading", "_reading"): (attrgetter("how"), _TEXT),
    ("reading", "_reasks"): (attrgetter("reasks"), _COUNT),
    ("reading", "_rule"): (attrgetter("rule"), _TEXT),
    ("state", "_state"): (attrgetter("state"), _TEXT),
    ("state", "_error"): (lambda c: c.error or c.reason, _TEXT),
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


def build(axes: Axes, interviews: Sequence[Interview]) -> dict[str, ResultColumn]:
    """All columns of a job's results, in alphabetical order."""
    columns: dict[str, ResultColumn] = {"iteration.iteration": ResultColumn(attrgetter("iteration"), _COUNT)}
    columns.update(_axis_columns(axes))
    prices = Prices(axes)
    for position, question in enumerate(axes.survey.questions):
        columns.update(_question_columns(position, question, interviews))
        name = question.question_name
        for which, side in enumerate(("input", "output")):
            columns[f"raw_model_response.{name}_{side}_price_per_million_tokens"] = ResultColumn(
                _price_reader(prices, position, which), _MONEY
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
        columns[f"{data_type}.{name}_{data_type}"] = ResultColumn(_constant(value))
    summary = f"{name}_reasoning_summary"
    columns[f"reasoning_summary.{summary}"] = ResultColumn(_kept_reader("reasoning_summaries_dict", summary))
    return columns


def _about_answers(position: int, question: Question, interviews: Sequence[Interview]) -> About:
    if question.question_type == "linear_scale":
        steps = getattr(question, "question_options", None)
        listed = cast(list[Any], steps) if isinstance(steps, list) else []
        return About("number", whole=bool(listed) and all(type(step) is int for step in listed))
    if question.question_type in _CHOICES:
        return About(categories=lambda: _choices(position, question, interviews))
    return _ANSWERS.get(question.question_type, About())


def _choices(position: int, question: Question, interviews: Sequence[Interview]) -> list[Any]:
    """The options in order; where they differ between interviews, as they come up."""
    own = getattr(question, "question_options", None)
    if isinstance(own, list) and not any("{{" in str(option) for option in cast(list[Any], own)):
        return [*cast(list[Any], own)]
    shown = {i.cells[position].options: None for i in interviews}
    return list(dict.fromkeys(option for options in shown for option in options or ()))


def _constant(value: Any) -> Callable[[Interview], Any]:
    return lambda interview: value


def _kept_reader(section: str, name: str) -> Callable[[Interview], Any]:
    """Reads what only a file says of an interview."""
    return lambda interview: getattr(interview, "kept", {}).get(section, {}).get(name)


def _price_reader(prices: Prices, position: int, which: int) -> Callable[[Interview], Any]:
    def read(interview: Interview) -> float | None:
        if interview.cells[position].input_tokens is None:
            return None
        known = prices[interview.model]
        return None if known is None else known[which]

    return read


def _axis_columns(axes: Axes) -> dict[str, ResultColumn]:
    numbers = axes.numbers
    agent_of = lru_cache(_KEPT_OBJECTS)(axes.agents.rows.__getitem__)
    models = list(axes.models)

    def number_of(axis: str) -> Callable[[Interview], int]:
        if numbers is None:
            return attrgetter(axis)
        known, position = getattr(numbers, f"{axis}s"), attrgetter(axis)
        return lambda interview: known[position(interview)]

    agent_number = number_of("agent")
    columns = {
        "agent.agent_index": ResultColumn(agent_number, _COUNT),
        "agent.agent_instruction": ResultColumn(lambda i: agent_of(i.agent).instruction),
        # EDSL counts unnamed agents in the order they were made; the index is the same every time.
        "agent.agent_name": ResultColumn(lambda i: agent_of(i.agent).name or f"Agent_{agent_number(i)}"),
        "scenario.scenario_index": ResultColumn(number_of("scenario"), _COUNT),
        "model.model_index": ResultColumn(number_of("model"), _COUNT),
        "model.model": ResultColumn(lambda i: models[i.model].model, primary=len(models) > 1),
        "model.inference_service": ResultColumn(lambda i: models[i.model].service_name),
    }
    columns |= _field_columns("agent", axes.agents.rows, attrgetter("traits"))
    columns |= _field_columns("scenario", axes.scenarios.rows, attrgetter("data"))
    for name in dict.fromkeys(n for model in models for n in (*model.parameters, *model.changed_settings)):
        of = [plain(model.parameters.get(name, model.settings.get(name))) for model in models]
        columns[f"model.{name}"] = ResultColumn(_picked(of), About())
    return columns


def _picked(values: Sequence[Any]) -> Callable[[Interview], Any]:
    return lambda interview: values[interview.model]


def _field_columns(axis: str, rows: Rows[Any], data_of: Callable[[Any], Any]) -> dict[str, ResultColumn]:
    """A column for each trait of some agent, or field of some scenario."""
    names: Iterable[str] = set().union(*rows.field_sets(lambda item: frozenset(data_of(item))))
    position = attrgetter(axis)
    if isinstance(rows, ColumnRows) and axis == "scenario":
        columns = rows.columns
        readers = {name: _column_reader(columns[name], position) for name in names}
    else:
        object_of = lru_cache(_KEPT_OBJECTS)(rows.__getitem__)
        readers = {name: _field_reader(name, object_of, data_of, position) for name in names}
    many = len(rows) > 1
    return {f"{axis}.{name}": ResultColumn(read, About(), many) for name, read in readers.items()}


def _column_reader(column: Sequence[Any], position: Callable[[Interview], int]) -> Callable[[Interview], Any]:
    return lambda interview: plain(column[position(interview)])


def _field_reader(
    name: str,
    object_of: Callable[[int], Any],
    data_of: Callable[[Any], Any],
    position: Callable[[Interview], int],
) -> Callable[[Interview], Any]:
    return lambda interview: plain(data_of(object_of(position(interview))).get(name))


def values_of(
    column: ResultColumn, interviews: Sequence[Interview], cells: Callable[[int], list[AnswerCell]]
) -> Values:
    """A column's values, for interviews in order.

    Parameters:
        cells: gives all cells of a question, by its position.
    """
    rows = interviews if column.cell is None else cells(column.cell)
    return Values(rows, column.read, column.about)
