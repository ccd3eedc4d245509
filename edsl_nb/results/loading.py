"""Results from EDSL's JSON, as its versions 0.1.54 to 1.0.9 and edsl_nb write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from edsl_nb.agents import Agent, AgentList
from edsl_nb.core.errors import EdslNbError, ResultsError
from edsl_nb.core.json_text import json_text
from edsl_nb.core.objects import canonical, listed, untagged
from edsl_nb.core.rows import ObjectRows
from edsl_nb.models.model import Model, ModelList
from edsl_nb.results.axes import Axes, Coverage, Numbers, TokenPrice
from edsl_nb.results.interviews import InterviewTable, Rows
from edsl_nb.results.recorded import RowReader, section, whole
from edsl_nb.results.sections import OURS
from edsl_nb.results.stored import FORMAT, Lines
from edsl_nb.results.values import Values
from edsl_nb.scenarios import Scenario, ScenarioList
from edsl_nb.surveys import Survey

_NEEDED = ("agent", "scenario", "model", "iteration", "answer")
_REMEDY = "Pass what Results.to_dict() gave."


class RecordedModel(Model):
    """A model of a service that is not known here: it can be looked at and written, not asked."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Model:
        """The model of its JSON."""
        known = untagged(data, "Model")
        made = cls.model_construct(
            model=known.pop("model"),
            service_name=str(known.pop("inference_service", None) or "unknown"),
            parameters=section({"parameters": known.pop("parameters", None)}, "parameters"),
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
    interviews: Rows
    coverage: Coverage
    created: dict[str, Values]
    extras: dict[str, Any]


def from_dict(data: Any) -> Loaded:
    """The parts of results from their JSON.

    Raises:
        EdslNbError: it is no such JSON, or of a newer version.
    """
    fields = untagged(data, "Results")
    ours = section(fields, OURS)
    if ours.get("format", FORMAT) != FORMAT:
        raise ResultsError(
            "these results were written by a newer version of edsl_nb",
            field="format",
            value=ours["format"],
            remedy="Install it: pip install --upgrade edsl_nb.",
        )
    rows = fields.pop("data") if isinstance(fields.get("data"), Lines) else listed(fields, "data", "Results")
    survey = Survey.from_dict(fields.pop("survey", None))
    fields.pop(OURS, None)
    created = _Created(fields.pop("created_columns", None), survey)
    reader = RowReader(survey.questions, _failed_questions(fields.get("task_history")))
    combined, table, count = _Combined(), InterviewTable(len(survey)), 0
    for row in rows:
        _check_row(count, row)
        table.add(reader.interview(count, row, combined.places(row)))
        created.add(row["answer"])
        count += 1
    coverage = Coverage(
        whole(ours.get("have"), count),
        whole(ours.get("total"), count),
        bool(ours.get("partial")),
        bool(ours.get("dry_run")),
    )
    if "provenance" in ours:
        fields["provenance"] = ours["provenance"]
    return Loaded(combined.axes(survey), table.all, coverage, created.columns(), fields)


def _check_row(number: int, row: Any) -> None:
    kinds = {name: dict for name in _NEEDED if name != "iteration"}
    missing = None if isinstance(row, dict) else "agent"
    missing = missing or next((name for name in _NEEDED if name not in row), None)
    missing = missing or next((name for name, kind in kinds.items() if not isinstance(row[name], kind)), None)
    if missing is None and whole(row["iteration"], -1) != row["iteration"]:
        missing = "iteration"
    if missing is not None:
        raise ResultsError(
            f"row {number} of the results has none such", field=missing, value=row, remedy=_REMEDY
        )


class _Created:
    """Answers that belong to no question.

    Parameters:
        named: the names that the file gives, if any.
        survey: the survey.
    """

    def __init__(self, named: Any, survey: Survey) -> None:
        # The oldest versions have comments among the answers.
        self._asked = {name for asked in survey.question_names for name in (asked, f"{asked}_comment")}
        asked = [str(name) for name in cast(list[Any], named)] if isinstance(named, list) else []
        self._values: dict[str, list[Any]] = {name: [] for name in asked if name not in self._asked}
        self._count = 0

    def add(self, answers: Mapping[str, Any]) -> None:
        """Add those of a row."""
        if not answers.keys() <= self._asked:
            for name in answers.keys() - self._asked - self._values.keys():
                self._values[name] = [None] * self._count
        for name, values in self._values.items():
            values.append(answers.get(name))
        self._count += 1

    def columns(self) -> dict[str, Values]:
        """They, as columns."""
        return {name: Values(values) for name, values in self._values.items()}


def _failed_questions(history: Any) -> frozenset[str]:
    """The questions with which something went wrong; EDSL does not say in which row."""
    interviews = section({"history": history}, "history").get("interviews")
    every = cast(list[Any], interviews) if isinstance(interviews, list) else []
    return frozenset(name for one in every if isinstance(one, dict) for name in section(one, "exceptions"))


# What was combined


class _Gathered:
    """The different objects of one axis, in the order of their numbers.

    Parameters:
        make: an object from its JSON.
    """

    def __init__(self, make: Callable[[dict[str, Any]], Any]) -> None:
        self._make = make
        self._known: dict[tuple[Any, str], int] = {}
        self._seen: dict[tuple[Any, str], int] = {}
        self.objects: list[Any] = []
        self.numbers: list[Any] = []

    def place(self, data: dict[str, Any], number: Any) -> int:
        """The position of an object, which is made when it comes up first."""
        number = number if isinstance(number, int | str) else None  # files may say anything
        seen = (number, json_text(data))  # which is quick, but tells orders of names apart
        if seen not in self._seen:
            self._seen[seen] = self._place(data, number)
        return self._seen[seen]

    def _place(self, data: dict[str, Any], number: Any) -> int:
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


class _Combined:
    """What rows combine, as it comes up in them."""

    def __init__(self) -> None:
        self._agents, self._scenarios = _Gathered(Agent.from_dict), _Gathered(Scenario.from_dict)
        self._models = _Gathered(_model)
        self._prices: dict[int, TokenPrice] = {}

    def places(self, row: Mapping[str, Any]) -> tuple[int, int, int]:
        """The positions of a row's agent, scenario and model."""
        numbers = section(row, "indices")
        scenario = row["scenario"]
        # EDSL writes the number among the fields, too.
        counted = scenario.get("scenario_index")
        if "scenario_index" in scenario:
            scenario = {name: value for name, value in scenario.items() if name != "scenario_index"}
        model = self._models.place(row["model"], numbers.get("model"))
        if self._prices.get(model) is None:
            self._prices[model] = _price(section(row, "raw_model_response"))
        return (
            self._agents.place(row["agent"], numbers.get("agent")),
            self._scenarios.place(scenario, numbers.get("scenario", counted)),
            model,
        )

    def axes(self, survey: Survey) -> Axes:
        """All of it, with the survey."""
        gathered = (self._agents, self._scenarios, self._models)
        # Where rows of several jobs were put together, numbers are given anew.
        numbered = Numbers(*(one.numbers if one.distinct else range(len(one.objects)) for one in gathered))
        return Axes(
            survey,
            AgentList.from_rows(ObjectRows(self._agents.objects)),
            ScenarioList.from_rows(ObjectRows(self._scenarios.objects)),
            ModelList.from_rows(ObjectRows(self._models.objects)),
            numbered,
            [self._prices.get(position) for position in range(len(self._models.objects))],
        )


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
