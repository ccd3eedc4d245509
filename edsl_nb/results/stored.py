"""Results in EDSL's JSON: what its version 1.0.9 reads, and beside it what only edsl_nb knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from edsl_nb.core.errors import ResultsError
from edsl_nb.core.json_text import json_value
from edsl_nb.core.objects import tagged
from edsl_nb.results.columns import Prices
from edsl_nb.results.sections import OURS, SECTIONS, Asked, jsonable, text

if TYPE_CHECKING:
    from edsl_nb.results.results import Results

#: The version of that part; files of a later one are not read.
FORMAT = 1

#: Sections that only distribution questions fill.
EMPTY_SECTIONS = ("distribution", "resolution_draw", "resolution_seed", "resolution_method")

#: Rows that are written at a time.
_CHUNK = 1_000

#: What comes before the rows, which are a line each, and after them.
_HEAD, _FOOT = '{"data": [\n', "\n], "

#: A row: what was combined, the sections, and what only edsl_nb knows.
_ROW = (
    '{"agent": %s, "scenario": %s, "model": %s, "iteration": %s, '
    + ", ".join(f'"{section}": {{%s}}' for section in SECTIONS[:-1])
    + "".join(f', "{section}": {{}}' for section in EMPTY_SECTIONS)
    + ', "indices": {"agent": %s, "scenario": %s, "model": %s}'
    + f', "{OURS}": {{"index": %s, "cells": {{%s}}}}, '
    + json.dumps(tagged({}, "Result"))[1:].replace("%", "%%")
)


def to_dict(results: Results, write: Callable[[Any], str]) -> dict[str, Any]:
    """All of it; see `pieces`."""
    rows = Writer(results, write).rows(range(len(results)))
    return {"data": [json_value(row) for row in rows], **beside(results)}


def pieces(results: Results, write: Callable[[Any], str]) -> Iterator[str]:
    """All of it as JSON text, piece by piece.

    Parameters:
        write: gives the JSON text of a part, and refuses what JSON cannot hold.
    """
    writer, rest, count = Writer(results, write), write(beside(results)), len(results)
    yield _HEAD
    for start in range(0, count, _CHUNK):
        rows = ",\n".join(writer.rows(range(start, min(start + _CHUNK, count))))
        yield f",\n{rows}" if start else rows
    yield _FOOT + rest.removeprefix("{")


class Lines:
    """The rows of a file that `pieces` wrote, a line each, which are read one after the other.

    Parameters:
        content: what is in the file.
        start, end: where the rows are.
    """

    def __init__(self, content: bytes, start: int, end: int) -> None:
        self._content, self._start, self._end = content, start, end

    def __iter__(self) -> Iterator[Any]:
        position = self._start
        while position < self._end:
            stop = self._content.find(b"\n", position, self._end)
            line = self._content[position : self._end if stop < 0 else stop]
            position += len(line) + 1
            try:
                yield json_value(line.removesuffix(b","))
            except (ValueError, RecursionError):
                raise ResultsError(
                    "a row of the file is no JSON",
                    field="data",
                    value=line[:100],
                    remedy="Pass a file as save() wrote it.",
                ) from None


def read(content: bytes) -> Any:
    """What a file of results says; its rows are `Lines` where it is one that `pieces` wrote.

    Raises:
        ValueError: it is no JSON.
    """
    head, foot = _HEAD.encode(), _FOOT.encode()
    end = content.rfind(foot)
    if not content.startswith(head) or end < len(head):
        return json.loads(content)
    rest = json_value(b"{" + content[end + len(foot) :])
    return {**rest, "data": Lines(content, len(head), end)}


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
    """Writes rows as JSON text: a section of each question after the other, and each object once.

    Parameters:
        results: what they are rows of.
        write: gives the JSON text of an agent, a scenario or a model.
    """

    def __init__(self, results: Results, write: Callable[[Any], str]) -> None:
        axes = results.axes
        self._results, self._prices = results, Prices(axes)
        self._objects = {
            axis: lru_cache(10_000)(lambda position, of=of: write(of[position].to_dict()))
            for axis, of in (("agent", axes.agents), ("scenario", axes.scenarios), ("model", axes.models))
        }
        self._indices = {axis: results.column(f"{axis}.{axis}_index") for axis in self._objects}
        self._created = {name: results.column(f"answer.{name}") for name in results.created_columns}
        self._asked = [Asked(question, place) for place, question in enumerate(axes.survey.questions)]

    def row(self, position: int) -> dict[str, Any]:
        """One row, as a dict."""
        return json_value(next(self.rows(range(position, position + 1))))

    def rows(self, positions: range) -> Iterator[str]:
        """Some rows that follow each other."""
        for start in range(positions.start, positions.stop, _CHUNK):
            yield from self._some(slice(start, min(start + _CHUNK, positions.stop)))

    def _some(self, some: slice) -> Iterator[str]:
        rows = self._results.interviews[some]
        prices = [self._prices[model] or (None, None) for model in rows.numbers("model")]
        said = [asked.sections(rows, prices) for asked in self._asked]
        created = {
            "answer": [
                [f"{text(name)}: {text(jsonable(value))}" for value in values[some]]
                for name, values in self._created.items()
            ]
        }
        parts = [
            *(map(write, rows.numbers(axis)) for axis, write in self._objects.items()),
            map(text, rows.numbers("iteration")),
            *(
                _joined([*(one[section] for one in said), *created.get(section, [])], len(rows))
                for section in SECTIONS[:-1]
            ),
            *(map(text, values[some]) for values in self._indices.values()),
            map(text, rows.numbers("index")),
            _joined([one["cells"] for one in said], len(rows)),
        ]
        kept = rows.table.kept.gather(rows.rows)
        for more, *row in zip(kept, *parts, strict=True):
            made = _ROW % tuple(row)
            yield json.dumps(_with(json_value(made), more)) if more else made


def _joined(parts: Sequence[Sequence[str]], count: int) -> list[str]:
    """The parts of each row, those that say something."""
    return [", ".join(filter(None, row)) for row in zip(*parts, strict=True)] if parts else [""] * count


def _with(data: dict[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """A row with what only a file has said of it."""
    for name, section in kept.items():
        ours = data.get(name)
        data[name] = {**ours, **section} if isinstance(ours, dict) else section
    return data
