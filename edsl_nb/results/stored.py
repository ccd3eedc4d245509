"""Results in EDSL's JSON: what its version 1.0.9 reads, and beside it what only edsl_nb knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from edsl_nb.core.frozen import plain
from edsl_nb.core.objects import tagged
from edsl_nb.questions import Question
from edsl_nb.results.columns import Prices
from edsl_nb.results.packing import packed
from edsl_nb.results.records import AnswerCell, Interview

if TYPE_CHECKING:
    from edsl_nb.results.results import Results

#: Where EDSL's JSON holds what only edsl_nb knows, of a row and of all results; EDSL passes over it.
OURS = "edsl_nb"

#: The version of that part; files of a later one are not read.
FORMAT = 1

#: What of a cell EDSL's JSON has no place for.
BESIDE = ("state", "how", "rule", "reason", "error", "reasks", "latency", "model_version")

#: Sections that only distribution questions fill.
EMPTY_SECTIONS = ("distribution", "resolution_draw", "resolution_seed", "resolution_method")

#: Sections with something on each question that was asked.
_SECTIONS = (
    "prompt",
    "raw_model_response",
    "question_to_attributes",
    "generated_tokens",
    "comments_dict",
    "reasoning_summaries_dict",
    "cache_used_dict",
    "cache_keys",
    "validated_dict",
)

_USUAL = {"reasks": 0}


def to_dict(results: Results) -> dict[str, Any]:
    """All of it."""
    writer = Writer(results)
    return {"data": [writer.row(position) for position in range(len(results))], **beside(results)}


def pieces(results: Results, write: Callable[[Any], str]) -> Iterator[str]:
    """All of it as JSON text, row by row.

    Parameters:
        write: gives the JSON text of a part.
    """
    writer, rest = Writer(results), write(beside(results))
    yield '{"data": ['
    for position in range(len(results)):
        yield (", " if position else "") + write(writer.row(position))
    yield "], " + rest.removeprefix("{")


def beside(results: Results) -> dict[str, Any]:
    """What there is besides the rows."""
    coverage = results.coverage
    about = {
        "format": FORMAT,
        "have": coverage.have,
        "total": coverage.total,
        "partial": coverage.partial,
        "dry_run": coverage.dry_run,
        "provenance": results.provenance().to_dict(),
    }
    extras = results.extras
    extras.pop("provenance", None)
    data: dict[str, Any] = {
        **extras,
        "survey": results.survey.to_dict(),
        "created_columns": results.created_columns,
        "cache": extras.get("cache", {}),
        OURS: about,
    }
    return tagged(data, "Results")


class Writer:
    """Writes rows, and each agent, scenario and model once.

    Parameters:
        results: what they are rows of.
    """

    def __init__(self, results: Results) -> None:
        axes = results.axes
        self._results, self._prices = results, Prices(axes)
        self._agent, self._scenario, self._model = (
            lru_cache(10_000)(lambda position, of=of: of[position].to_dict())
            for of in (axes.agents, axes.scenarios, axes.models)
        )
        self._indices = {
            axis: results.column(f"{axis}.{axis}_index") for axis in ("agent", "scenario", "model")
        }
        self._created = {name: results.column(f"answer.{name}") for name in results.created_columns}
        self._asked = [_asked(question) for question in axes.survey.questions]

    def row(self, position: int) -> dict[str, Any]:
        """One row."""
        interview: Interview = self._results.interviews[position]
        cells = list(zip(self._asked, interview.cells, strict=True))
        answers = {asked.name: _jsonable(cell.answer) for asked, cell in cells}
        created = {name: _jsonable(values[position]) for name, values in self._created.items()}
        data: dict[str, Any] = {
            "agent": dict(self._agent(interview.agent)),
            "scenario": dict(self._scenario(interview.scenario)),
            "model": dict(self._model(interview.model)),
            "iteration": interview.iteration,
            "answer": {**answers, **created},
            **self._sections(interview, cells),
            **{section: {} for section in EMPTY_SECTIONS},
            "indices": {axis: values[position] for axis, values in self._indices.items()},
            OURS: {"index": interview.index, "cells": {a.name: _beside(a, c) for a, c in cells}},
        }
        for name, section in getattr(interview, "kept", {}).items():
            ours = data.get(name)
            data[name] = {**ours, **section} if isinstance(ours, dict) else section
        return tagged(data, "Result")

    def _sections(self, interview: Interview, cells: list[tuple[Asked, AnswerCell]]) -> dict[str, Any]:
        """What there is to say of each question that was asked, in sections."""
        made: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
        for asked, cell in cells:
            name = asked.name
            made["question_to_attributes"][name] = _attributes(asked, cell)
            if cell.user_prompt is not None:
                made["prompt"][f"{name}_user_prompt"] = _prompt(cell.user_prompt)
                made["prompt"][f"{name}_system_prompt"] = _prompt(cell.system_prompt or "")
            if cell.input_tokens is not None or cell.raw is not None or cell.cost is not None:
                made["raw_model_response"] |= self._response(name, interview, cell)
            if cell.text is not None:
                made["generated_tokens"][f"{name}_generated_tokens"] = cell.text
            if cell.cached is not None:
                made["cache_used_dict"][name] = cell.cached
            if cell.key is not None:
                made["cache_keys"][name] = cell.key
            if cell.state in ("answered", "invalid"):
                made["comments_dict"][f"{name}_comment"] = cell.comment
                made["reasoning_summaries_dict"][f"{name}_reasoning_summary"] = None
                made["validated_dict"][f"{name}_validated"] = cell.state == "answered"
        return made

    def _response(self, name: str, interview: Interview, cell: AnswerCell) -> dict[str, Any]:
        price = self._prices[interview.model] or (None, None)
        cost = cell.cost
        return {
            f"{name}_raw_model_response": json.loads(cell.raw) if cell.raw is not None else None,
            f"{name}_input_tokens": cell.input_tokens,
            f"{name}_output_tokens": cell.output_tokens,
            f"{name}_thinking_tokens": cell.thinking_tokens,
            f"{name}_input_price_per_million_tokens": price[0],
            f"{name}_output_price_per_million_tokens": price[1],
            f"{name}_cost": cost,
            f"{name}_one_usd_buys": 1 / cost if cost else "NA",
        }


class Asked(NamedTuple):
    """A question, and what its JSON says of it."""

    name: str
    text: str
    type: str
    options: Any
    items: Any
    has_items: bool


def _asked(question: Question) -> Asked:
    options, items = (plain(getattr(question, f"question_{name}", None)) for name in ("options", "items"))
    has_items = hasattr(question, "question_items")
    return Asked(
        question.question_name, question.question_text, question.question_type, options, items, has_items
    )


def _prompt(text: str) -> dict[str, str]:
    return {"text": text, "class_name": "Prompt"}


def _attributes(asked: Asked, cell: AnswerCell) -> dict[str, Any]:
    """The question as it was put: its options as they were shown, or else as they are written."""
    made: dict[str, Any] = {
        "question_text": asked.text,
        "question_type": asked.type,
        "question_options": asked.options if cell.options is None else list(cell.options),
    }
    if asked.has_items:
        made["question_items"] = asked.items if cell.items is None else list(cell.items)
    return made


def _beside(asked: Asked, cell: AnswerCell) -> dict[str, Any]:
    """What EDSL's JSON has no place for, where it says something."""
    made = {name: getattr(cell, name) for name in BESIDE}
    made = {n: value for n, value in made.items() if value is not None and value != _USUAL.get(n)}
    if not _is_plain(cell.answer):
        made["answer"] = packed(cell.answer)
    # Where nothing was shown, readers would take what is written for it.
    if cell.options is None and isinstance(asked.options, list):
        made["options"] = None
    if cell.items is None and isinstance(asked.items, list):
        made["items"] = None
    return made


def _is_plain(value: Any) -> bool:
    """Whether JSON gives a value back as it is."""
    if value is None or isinstance(value, str | bool | int | float):
        return True
    try:
        return bool(json.loads(json.dumps(value)) == value)
    except (TypeError, ValueError):
        return False


def _jsonable(value: Any) -> Any:
    """A value that JSON can write: what it cannot hold becomes text."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {_name(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_jsonable(item) for item in value]
    return str(value)


def _name(key: Any) -> Any:
    return key if key is None or isinstance(key, str | int | float | bool) else str(key)
