"""Samples as a table, a row for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.tables import Column, ColumnKind
from edsl_nb.tasks.samples import Sample

#: The columns of the table.
COLUMNS = (
    "task", "agent", "index", "repeat", "status", "rounds", "result", "error",
    "state", "seconds", "input_tokens", "output_tokens", "cost",
)  # fmt: skip
#: Those that are shown at first; repeats where there are any.
_PRIMARY = ("task", "agent", "index", "status", "rounds", "result", "error")
_NUMBERS = ("repeat", "rounds", "seconds", "input_tokens", "output_tokens", "cost")


def sample_table(samples: Sequence[Sample], repeats: int) -> MemoryTable:
    """Some samples, to be shown page by page; the key of a row is the sample's place among them.

    How one has ended that has no status is said in its place, so that all can be filtered by it.

    Parameters:
        samples: the samples.
        repeats: how often each is played.
    """
    primary = (*_PRIMARY, "repeat") if repeats > 1 else _PRIMARY
    columns = [
        Column(name, _kind(name), sortable=name != "result", primary=name in primary) for name in COLUMNS
    ]

    def cell(row: int, name: str) -> Any:
        return samples[row].outcome if name == "status" else sample_cell(samples[row], name)

    return MemoryTable("Samples", columns, len(samples), cell)


def sample_cell(sample: Sample, name: str) -> Any:
    """What a sample has in a column."""
    if name in ("input_tokens", "output_tokens", "cost"):
        return getattr(sample.usage, name)
    value = getattr(sample, name) if name not in ("index", "repeat") else getattr(sample.place, name)
    return value.value if name == "status" and value is not None else value


def _kind(name: str) -> ColumnKind:
    return "money" if name == "cost" else "number" if name in _NUMBERS else "text"
