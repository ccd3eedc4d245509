"""Results from EDSL's JSON, as its versions 0.1.54 to 1.0.9 and edsl_nb write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from edsl_nb.agents import Agent, AgentList
from edsl_nb.core.errors import EdslNbError, ResultsError
from edsl_nb.core.json_text import json_text
from edsl_nb.core.objects import canonical, listed, untagged
from edsl_nb.core.rows import ObjectRows
from edsl_nb.models.model import Model, ModelList
from edsl_nb.questions import Question
from edsl_nb.results.axes import Axes, Coverage, Numbers, TokenPrice
from edsl_nb.results.packing import unpacked
from edsl_nb.results.records import AnswerCell, Interview
from edsl_nb.results.stored import BESIDE, EMPTY_SECTIONS, FORMAT, OURS
from edsl_nb.results.values import Values
from edsl_nb.runner.progress import CellState
from edsl_nb.scenarios import Scenario, ScenarioList
from edsl_nb.surveys import Survey

#: Sections of a row that are read whole, and what of them nothing here has a place for.
_READ = ("agent", "model", "iteration", "indices", OURS)
_KEPT = (*EMPTY_SECTIONS, "reasoning_summaries_dict", "interview_hash", "order")

#: What old versions write for the comment of a question that has no answer.
_SAID: dict[Any, CellState] = {
    "Question skipped.": "skipped",
    "Task was cancelled.": "cancelled",
    "Question answer validation failed.": "invalid",
}

_NEEDED = ("agent", "scenario", "model", "iteration", "answer")
_REMEDY = "Pass what Results.to_dict() gave."


@dataclass(slots=True)
class LoadedInterview(Interview):
    """An interview from a file.

    Parameters:
        kept: sections of its JSON that nothing here has a place for.
    """

    kept: Mapping[str, Any] = field(default_factory=dict[str, Any])


class RecordedModel(Model):
    """A model of a service that is not known here: it can be looked at and written, not asked."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Model:
        """The model of its JSON."""
        known = untagged(data, "Model")
        made = cls.model_construct(
            model=known.pop("model"),
            service_name=str(known.pop("inference_service", None) or "unknown"),
            parameters=_section({"parameters": known.pop("parameters", None)}, "parameters"),
            settings={},
            base_url=known.pop("base_url", None),
            api_key=None,
        )
        made._extras = known
        return made

    @property
    def changed_settings(self) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleVariableOverride]
        return {}


class Loaded(NamedTuple):
    """What results are made of."""

    axes: Axes
    interviews: list[Interview]
    coverage: Coverage
    created: dict[str, Values]
    extras: dict[str, Any]


def from_dict(data: Any) -> Loaded:
    """The parts of results from their JSON.

    Raises:
        EdslNbError: it is no such JSON, or of a newer version.
    """
    fields = untagged(data, "Results")
    ours = _section(fields, OURS)
    if ours.get("format", FORMAT) != FORMAT:
        raise ResultsError(
            "these results were written by a newer version of edsl_nb",
            field="format",
            value=ours["format"],
            remedy="Install it: pip install --upgrade edsl_nb.",
        )
    rows = listed(fields, "data", "Results")
    for number, row in enumerate(rows):
        _check_row(number, row)
    survey = Survey.from_dict(fields.pop("survey", None))
    fields.pop(OURS, None)
    names = _created(fields.pop("created_columns", None), survey, rows)
    failed = _failed_questions(fields.get("task_history"))
    axes, places = _axes(survey, rows)
    interviews: list[Interview] = [
        _interview(number, row, place, survey.questions, failed)
        for number, (row, place) in enumerate(zip(rows, places, strict=True))
    ]
    count = len(rows)
    coverage = Coverage(
        _whole(ours.get("have"), count),
        _whole(ours.get("total"), count),
        bool(ours.get("partial")),
        bool(ours.get("dry_run")),
    )
    if "provenance" in ours:
        fields["provenance"] = ours["provenance"]
    created = {name: Values([row["answer"].get(name) for row in rows]) for name in names}
    return Loaded(axes, interviews, coverage, created, fields)


def _whole(value: Any, usual: int) -> int:
    return value if isinstance(value, int) else usual


def _check_row(number: int, row: Any) -> None:
    kinds = {name: dict for name in _NEEDED if name != "iteration"}
    missing = None if isinstance(row, dict) else "agent"
    missing = missing or next((name for name in _NEEDED if name not in row), None)
    missing = missing or next((name for name, kind in kinds.items() if not isinstance(row[name], kind)), None)
    if missing is None and not isinstance(row["iteration"], int):
        missing = "iteration"
    if missing is not None:
        raise ResultsError(
            f"row {number} of the results has none such", field=missing, value=row, remedy=_REMEDY
        )


def _section(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name)
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def _created(named: Any, survey: Survey, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of answers that belong to no question."""
    # The oldest versions have comments among the answers.
    known = {name for question in survey.question_names for name in (question, f"{question}_comment")}
    asked = [str(name) for name in cast(list[Any], named)] if isinstance(named, list) else []
    return [n for n in dict.fromkeys([*asked, *(n for row in rows for n in row["answer"])]) if n not in known]


def _failed_questions(history: Any) -> frozenset[str]:
    """The questions with which something went wrong; EDSL does not say in which row."""
    interviews = _section({"history": history}, "history").get("interviews")
    every = cast(list[Any], interviews) if isinstance(interviews, list) else []
    return frozenset(name for one in every if isinstance(one, dict) for name in _section(one, "exceptions"))


# What was combined


class _Gathered:
    """The different objects of one axis, in the order of their numbers.

    Parameters:
        make: an object from its JSON.
    """

    def __init__(self, make: Callable[[dict[str, Any]], Any]) -> None:
        self._make = make
        self._known: dict[tuple[Any, str], int] = {}
        self.objects: list[Any] = []
        self.numbers: list[Any] = []

    def place(self, data: dict[str, Any], number: Any) -> int:
        """The position of an object, which is made when it comes up first."""
        key = (number, canonical(data))
        if key not in self._known:
            self._known[key] = len(self.objects)
            self.objects.append(self._make(data))
            self.numbers.append(number)
        return self._known[key]

    @property
    def distinct(self) -> bool:
        """Whether each has a number of its own."""
        return all(isinstance(n, int) for n in self.numbers) and len(set(self.numbers)) == len(self.numbers)


def _axes(survey: Survey, rows: Sequence[Mapping[str, Any]]) -> tuple[Axes, list[tuple[int, int, int]]]:
    """What was combined, and of each row the positions in it."""
    agents, scenarios, models = _Gathered(Agent.from_dict), _Gathered(Scenario.from_dict), _Gathered(_model)
    prices: dict[int, TokenPrice] = {}
    places: list[tuple[int, int, int]] = []
    for row in rows:
        numbers = _section(row, "indices")
        scenario = dict(row["scenario"])
        # EDSL writes the number among the fields, too.
        counted = scenario.pop("scenario_index", None)
        model = models.place(row["model"], numbers.get("model"))
        place = (
            agents.place(row["agent"], numbers.get("agent")),
            scenarios.place(scenario, numbers.get("scenario", counted)),
            model,
        )
        places.append(place)
        if prices.get(model) is None:
            prices[model] = _price(_section(row, "raw_model_response"))
    gathered = (agents, scenarios, models)
    # Where rows of several jobs were put together, numbers are given anew.
    numbered = Numbers(*(axis.numbers if axis.distinct else range(len(axis.objects)) for axis in gathered))
    axes = Axes(
        survey,
        AgentList.from_rows(ObjectRows(agents.objects)),
        ScenarioList.from_rows(ObjectRows(scenarios.objects)),
        ModelList.from_rows(ObjectRows(models.objects)),
        numbered,
        [prices.get(position) for position in range(len(models.objects))],
    )
    return axes, places


def _model(data: dict[str, Any]) -> Model:
    try:
        return Model.from_dict(data)
    except EdslNbError:
        if not isinstance(data.get("model"), str):
            raise
    return RecordedModel.of(data)


def _price(response: Mapping[str, Any]) -> TokenPrice:
    """The first price that a row says its model has."""
    for name, found in response.items():
        if name.endswith("_input_price_per_million_tokens"):
            other = response.get(name.replace("_input_price_", "_output_price_"))
            if isinstance(found, int | float) and isinstance(other, int | float):
                return float(found), float(other)
    return None


# Interviews


def _interview(
    number: int,
    row: Mapping[str, Any],
    place: tuple[int, int, int],
    questions: Sequence[Question],
    failed: frozenset[str],
) -> LoadedInterview:
    ours = _section(row, OURS)
    beside = _section(ours, "cells")
    cells = [_cell(question, row, _section(beside, question.question_name), failed) for question in questions]
    # Of what is EDSL's everything is kept, because versions differ in what they leave out.
    kept = {name: row[name] for name in (_KEPT if ours else row) if name not in _READ and name in row}
    if not ours:
        kept["answer"] = {name: value for name, value in row["answer"].items() if name.endswith("_comment")}
        kept["scenario"] = {n: row["scenario"][n] for n in ("scenario_index",) if n in row["scenario"]}
    return LoadedInterview(_whole(ours.get("index"), number), *place, row["iteration"], cells, kept=kept)


def _cell(
    question: Question, row: Mapping[str, Any], beside: Mapping[str, Any], failed: frozenset[str]
) -> AnswerCell:
    name = question.question_name
    response, prompts = _section(row, "raw_model_response"), _section(row, "prompt")
    raw = response.get(f"{name}_raw_model_response")
    cell = AnswerCell(
        answer=unpacked(beside["answer"]) if "answer" in beside else row["answer"].get(name),
        comment=_section(row, "comments_dict").get(f"{name}_comment", row["answer"].get(f"{name}_comment")),
        user_prompt=_text(prompts.get(f"{name}_user_prompt")),
        system_prompt=_text(prompts.get(f"{name}_system_prompt")),
        text=_section(row, "generated_tokens").get(f"{name}_generated_tokens"),
        raw=None if raw is None else json_text(raw),
        input_tokens=response.get(f"{name}_input_tokens"),
        output_tokens=response.get(f"{name}_output_tokens"),
        thinking_tokens=response.get(f"{name}_thinking_tokens"),
        cost=_number(response.get(f"{name}_cost")),
        cached=_section(row, "cache_used_dict").get(name),
        key=_section(row, "cache_keys").get(name),
    )
    if "state" in beside:
        for key in BESIDE:
            setattr(cell, key, beside.get(key, 0 if key == "reasks" and cell.key is not None else None))
    else:
        _judge(cell, name, row, failed)
    if cell.state not in ("skipped", "not_reached"):
        attributes = _section(_section(row, "question_to_attributes"), name)
        cell.options = _options(beside, "options", attributes)
        cell.items = _options(beside, "items", attributes)
    return cell


def _judge(cell: AnswerCell, name: str, row: Mapping[str, Any], failed: frozenset[str]) -> None:
    """Find out what became of a question, which EDSL does not write down."""
    if cell.answer is not None:
        cell.state = "answered"
    elif cell.comment in _SAID:
        cell.state, cell.reason = _SAID[cell.comment], cell.comment
    elif _section(row, "validated_dict").get(f"{name}_validated") is False:
        # The comment is then why.
        cell.state, cell.reason = "invalid", cell.comment
    elif cell.user_prompt is not None or name in failed:
        cell.state = "failed"
    else:
        cell.state = "skipped"
    cell.how = "invalid" if cell.state == "invalid" else None


def _options(beside: Mapping[str, Any], name: str, attributes: Mapping[str, Any]) -> tuple[Any, ...] | None:
    if name in beside:
        return unpacked(beside[name])
    shown = attributes.get(f"question_{name}")
    return tuple(cast(list[Any], shown)) if isinstance(shown, list) else None


def _text(prompt: Any) -> str | None:
    text = cast(dict[str, Any], prompt).get("text") if isinstance(prompt, dict) else prompt
    return text if isinstance(text, str) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) else None
