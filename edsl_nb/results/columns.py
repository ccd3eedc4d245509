"""The columns of results, by EDSL's names, each a way to read a value from an interview."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from edsl_nb.core.errors import ResultsError, nearest
from edsl_nb.core.tables import ColumnKind
from edsl_nb.results.records import AnswerCell, Interview

if TYPE_CHECKING:
    from edsl_nb.results.results import Axes


class ResultColumn(NamedTuple):
    """A column: its value for an interview, how it is shown, and whether it is shown at first."""

    value: Callable[[Interview], Any]
    kind: ColumnKind = "text"
    primary: bool = False


def _from_raw(cell: AnswerCell) -> Any:
    return json.loads(cell.raw) if cell.raw is not None else None


def _one_usd_buys(cell: AnswerCell) -> Any:
    if cell.cost is None:
        return None
    return 1 / cell.cost if cell.cost else "NA"


#: data type -> name after the question's -> how it is read from a cell, and how it is shown.
_PER_QUESTION: dict[tuple[str, str], tuple[Callable[[AnswerCell], Any], ColumnKind]] = {
    ("answer", ""): (lambda c: c.answer, "text"),
    ("cache_keys", "_cache_key"): (lambda c: c.key, "text"),
    ("cache_used", "_cache_used"): (lambda c: c.cached, "boolean"),
    ("comment", "_comment"): (lambda c: c.comment, "text"),
    ("generated_tokens", "_generated_tokens"): (lambda c: c.text, "text"),
    ("prompt", "_system_prompt"): (lambda c: c.system_prompt, "text"),
    ("prompt", "_user_prompt"): (lambda c: c.user_prompt, "text"),
    ("question_options", "_question_options"): (lambda c: list(c.options) if c.options else None, "list"),
    ("raw_model_response", "_cost"): (lambda c: c.cost, "money"),
    ("raw_model_response", "_input_tokens"): (lambda c: c.input_tokens, "number"),
    ("raw_model_response", "_latency"): (lambda c: c.latency, "number"),
    ("raw_model_response", "_model_version"): (lambda c: c.model_version, "text"),
    ("raw_model_response", "_one_usd_buys"): (_one_usd_buys, "number"),
    ("raw_model_response", "_output_tokens"): (lambda c: c.output_tokens, "number"),
    ("raw_model_response", "_raw_model_response"): (_from_raw, "list"),
    ("raw_model_response", "_thinking_tokens"): (lambda c: c.thinking_tokens, "number"),
    ("reading", "_reading"): (lambda c: c.how, "text"),
    ("reading", "_rule"): (lambda c: c.rule, "text"),
    ("state", "_state"): (lambda c: c.state, "text"),
    ("state", "_error"): (lambda c: c.error or c.reason, "text"),
    ("validated", "_validated"): (lambda c: c.state == "answered", "boolean"),
}


def build(axes: Axes) -> dict[str, ResultColumn]:
    """All columns of a job's results, in alphabetical order."""
    columns: dict[str, ResultColumn] = {"iteration.iteration": ResultColumn(lambda i: i.iteration, "number")}
    columns.update(_axis_columns(axes))
    for position, question in enumerate(axes.survey.questions):
        name = question.question_name
        for (data_type, ending), (read, kind) in _PER_QUESTION.items():
            columns[f"{data_type}.{name}{ending}"] = ResultColumn(
                _cell_reader(position, read), kind, primary=data_type == "answer"
            )
        fixed = {"question_text": question.question_text, "question_type": question.question_type}
        for data_type, value in fixed.items():
            columns[f"{data_type}.{name}_{data_type}"] = ResultColumn(_constant(value))
    return dict(sorted(columns.items()))


def _cell_reader(position: int, read: Callable[[AnswerCell], Any]) -> Callable[[Interview], Any]:
    return lambda interview: read(interview.cells[position])


def _constant(value: Any) -> Callable[[Interview], Any]:
    return lambda interview: value


def _axis_columns(axes: Axes) -> dict[str, ResultColumn]:
    agents, scenarios, models = axes.agents, axes.scenarios, axes.models
    columns = {
        "agent.agent_index": ResultColumn(lambda i: i.agent, "number"),
        "agent.agent_instruction": ResultColumn(lambda i: agents[i.agent].instruction),
        # EDSL counts unnamed agents in the order they were made; the index is the same every time.
        "agent.agent_name": ResultColumn(lambda i: agents[i.agent].name or f"Agent_{i.agent}"),
        "scenario.scenario_index": ResultColumn(lambda i: i.scenario, "number"),
        "model.model_index": ResultColumn(lambda i: i.model, "number"),
        "model.model": ResultColumn(lambda i: models[i.model].model, primary=len(models) > 1),
        "model.inference_service": ResultColumn(lambda i: models[i.model].service_name),
    }
    for trait in _names(agents.rows.field_sets(lambda agent: frozenset(agent.traits))):
        columns[f"agent.{trait}"] = ResultColumn(
            lambda i, t=trait: agents[i.agent].traits.get(t), primary=len(agents) > 1
        )
    for field in _names(scenarios.rows.field_sets(lambda scenario: frozenset(scenario.data))):
        columns[f"scenario.{field}"] = ResultColumn(
            lambda i, f=field: scenarios[i.scenario].data.get(f), primary=len(scenarios) > 1
        )
    parameters = {name for model in models for name in (*model.parameters, *model.changed_settings)}
    for name in parameters:
        columns[f"model.{name}"] = ResultColumn(lambda i, n=name: _parameter(models[i.model], n))
    return columns


def _parameter(model: Any, name: str) -> Any:
    return model.parameters.get(name, model.settings.get(name))


def _names(field_sets: Mapping[frozenset[str], int]) -> set[str]:
    return set().union(*field_sets)


def resolve(asked: Iterable[str], columns: Iterable[str]) -> list[str]:
    """The columns that names, prefixed names and globs stand for, in the order asked.

    A bare name is the one column of that name after its prefix; where several
    have it, the answer's wins, then the agent's.

    Raises:
        ResultsError: a name stands for no column.
    """
    every = list(columns)
    by_name: dict[str, list[str]] = {}
    for full in every:
        by_name.setdefault(full.partition(".")[2], []).append(full)
    found: list[str] = []
    for name in asked:
        if "*" in name or "?" in name:
            matches = [
                c for c in every if fnmatch.fnmatchcase(c if "." in name else c.partition(".")[2], name)
            ]
        elif name in every:
            matches = [name]
        else:
            matches = sorted(by_name.get(name, []), key=_precedence)[:1]
        if not matches:
            raise ResultsError(
                "there is no such column",
                field="select",
                value=name,
                remedy=nearest(name, [*every, *by_name]),
            )
        found += (match for match in matches if match not in found)
    return found


def _precedence(column: str) -> int:
    order = ("answer.", "agent.", "scenario.", "model.")
    return next((rank for rank, prefix in enumerate(order) if column.startswith(prefix)), len(order))
