"""Interviews from the JSON of rows, as EDSL's versions 0.1.54 to 1.0.9 and edsl_nb write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast, get_args

from edsl_nb.core.errors import ResultsError, nearest
from edsl_nb.core.json_text import json_text, json_value
from edsl_nb.questions import Question
from edsl_nb.questions.reading import How
from edsl_nb.results.packing import unpacked
from edsl_nb.results.records import AnswerCell, Interview
from edsl_nb.results.sections import OURS
from edsl_nb.results.stored import EMPTY_SECTIONS
from edsl_nb.runner.progress import CellState

#: Sections of a row that are read whole, and what of ours nothing here has a place for.
_READ = ("agent", "model", "iteration", "indices", OURS)
_KEPT = (*EMPTY_SECTIONS, "reasoning_summaries_dict", "interview_hash", "order")

#: What old versions write for the comment of a question that has no answer.
_SAID: dict[Any, CellState] = {
    "Question skipped.": "skipped",
    "Task was cancelled.": "cancelled",
    "Question answer validation failed.": "invalid",
}

_STATES, _HOWS = get_args(CellState), (None, *get_args(How))

#: Numbers that are places or draws are below it.
_MOST = 2**63


def section(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A part of JSON that is a dict; an empty one where it is not."""
    found = data.get(name)
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def whole(value: Any, usual: int) -> int:
    """A whole number of bounded length, or else the usual one."""
    return value if isinstance(value, int) and -_MOST < value < _MOST else usual


class _Keys(NamedTuple):
    """How sections call what they say of a question."""

    name: str
    comment: str
    user_prompt: str
    system_prompt: str
    text: str
    raw: str
    input_tokens: str
    output_tokens: str
    thinking_tokens: str
    cost: str
    validated: str


def _keys(question: Question) -> _Keys:
    name = question.question_name
    return _Keys(
        name, f"{name}_comment", f"{name}_user_prompt", f"{name}_system_prompt", f"{name}_generated_tokens",
        f"{name}_raw_model_response", f"{name}_input_tokens", f"{name}_output_tokens",
        f"{name}_thinking_tokens", f"{name}_cost", f"{name}_validated",
    )  # fmt: skip


class _Row(NamedTuple):
    """The sections of a row that questions are read from."""

    answer: Mapping[str, Any]
    comments: Mapping[str, Any]
    prompts: Mapping[str, Any]
    responses: Mapping[str, Any]
    texts: Mapping[str, Any]
    cached: Mapping[str, Any]
    keys: Mapping[str, Any]
    attributes: Mapping[str, Any]
    validated: Mapping[str, Any]
    ours: Mapping[str, Any]


def _row(row: Mapping[str, Any], ours: Mapping[str, Any]) -> _Row:
    named = (
        "answer", "comments_dict", "prompt", "raw_model_response", "generated_tokens", "cache_used_dict",
        "cache_keys", "question_to_attributes", "validated_dict",
    )  # fmt: skip
    return _Row._make([*(section(row, name) for name in named), section(ours, "cells")])


class RowReader:
    """Reads rows.

    Parameters:
        questions: the survey's.
        failed: the names of those with which something went wrong; a file does not say in which row.
    """

    def __init__(self, questions: Sequence[Question], failed: frozenset[str]) -> None:
        self._questions, self._failed = [_keys(question) for question in questions], failed

    def interview(self, number: int, row: Mapping[str, Any], places: tuple[int, int, int]) -> Interview:
        """The interview of a row.

        Parameters:
            number: the row's number.
            row: its JSON.
            places: the positions of its agent, scenario and model.
        """
        ours = section(row, OURS)
        sections = _row(row, ours)
        cells = [self._cell(keys, sections) for keys in self._questions]
        kept = _kept_of_ours(row) if ours else _kept(row)
        return Interview(whole(ours.get("index"), number), *places, row["iteration"], cells, kept=kept)

    def _cell(self, keys: _Keys, row: _Row) -> AnswerCell:
        name, beside, response = keys.name, section(row.ours, keys.name), row.responses
        raw, cached = response.get(keys.raw), row.cached.get(name)
        cell = AnswerCell(
            answer=unpacked(beside["answer"]) if "answer" in beside else row.answer.get(name),
            comment=row.comments.get(keys.comment, row.answer.get(keys.comment)),
            user_prompt=_text(row.prompts.get(keys.user_prompt)),
            system_prompt=_text(row.prompts.get(keys.system_prompt)),
            text=row.texts.get(keys.text),
            raw=None if raw is None else json_text(raw),
            input_tokens=response.get(keys.input_tokens),
            output_tokens=response.get(keys.output_tokens),
            thinking_tokens=response.get(keys.thinking_tokens),
            cost=_number(response.get(keys.cost)),
            cached=cached if isinstance(cached, bool) else None,
            key=row.keys.get(name),
        )
        if cell.system_prompt is not None:
            cell.system_prompt = _once(cell.system_prompt)
        if "state" in beside:
            _take(cell, beside)
        else:
            self._judge(cell, keys, row)
        if cell.state not in ("skipped", "not_reached"):
            attributes = section(row.attributes, name)
            cell.options = _options(beside, "options", attributes)
            items = _options(beside, "items", attributes)
            if items is not None:
                cell.items = items
        return cell

    def _judge(self, cell: AnswerCell, keys: _Keys, row: _Row) -> None:
        """Find out what became of a question, which EDSL does not write down."""
        if cell.answer is not None:
            cell.state = "answered"
        elif isinstance(cell.comment, str) and cell.comment in _SAID:
            cell.state, cell.reason = _SAID[cell.comment], cell.comment
        elif row.validated.get(keys.validated) is False:
            # The comment is then why.
            cell.state, cell.reason = "invalid", cell.comment
        elif cell.user_prompt is not None or keys.name in self._failed:
            cell.state = "failed"
        else:
            cell.state = "skipped"
        cell.how = "invalid" if cell.state == "invalid" else None


def _take(cell: AnswerCell, beside: Mapping[str, Any]) -> None:
    """Take what only edsl_nb says of a cell."""
    state, how = beside["state"], beside.get("how")
    for value, known in ((state, _STATES), (how, _HOWS)):
        if value not in known:
            raise ResultsError(
                "no question can be in this state",
                field="state",
                value=value,
                remedy=nearest(str(value), [str(one) for one in known]),
            )
    cell.state, cell.how = state, how
    cell.latency, cell.model_version = _number(beside.get("latency")), _text(beside.get("model_version"))
    cell.reasks = whole(beside.get("reasks"), 0)
    for name in ("rule", "reason", "error"):
        if name in beside:
            setattr(cell, name, _text(beside[name]))


def _options(beside: Mapping[str, Any], name: str, attributes: Mapping[str, Any]) -> tuple[Any, ...] | None:
    if name in beside:
        return unpacked(beside[name])
    shown = attributes.get(f"question_{name}")
    return _shown(json_text(shown)) if isinstance(shown, list) else None


@lru_cache(maxsize=4096)
def _once(text: str) -> str:
    """The same object for equal texts: a system prompt is that of thousands of cells."""
    return text


@lru_cache(maxsize=1024)
def _shown(text: str) -> tuple[Any, ...]:
    """Options from JSON text, the same object for the same ones."""
    return tuple(json_value(text))


def _text(prompt: Any) -> str | None:
    text = cast(dict[str, Any], prompt).get("text") if isinstance(prompt, dict) else prompt
    return text if isinstance(text, str) else None


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) else None


def _kept(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is kept of a row of EDSL's: everything, because versions differ in what they leave out."""
    kept = {name: value for name, value in row.items() if name not in _READ}
    kept["answer"] = {name: value for name, value in row["answer"].items() if name.endswith("_comment")}
    kept["scenario"] = {n: row["scenario"][n] for n in ("scenario_index",) if n in row["scenario"]}
    return kept


def _kept_of_ours(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What is kept of a row of ours: sections that say something which nothing here has a place for."""
    kept = {name: row[name] for name in _KEPT if row.get(name)}
    summaries = kept.get("reasoning_summaries_dict")
    if isinstance(summaries, dict) and not any(cast(dict[str, Any], summaries).values()):
        del kept["reasoning_summaries_dict"]
    return kept or None
