"""Samples as a table, a row for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.tables import Column, ColumnKind
from edsl_nb.tasks.samples import Sample

#: The columns of the table; the first eight are shown at first.
COLUMNS = (
    "task", "agent", "index", "repeat", "status", "rounds", "result", "error",
    "state", "seconds", "input_tokens", "output_tokens", "cost",
)  # fmt: skip
_PRIMARY = COLUMNS[:8]
_NUMBERS = ("repeat", "rounds", "seconds", "input_tokens", "output_tokens", "cost")


def sample_table(samples: Sequence[Sample]) -> MemoryTable:
    """Some samples, to be shown page by page; the key of a row is the sample's place among them."""
    columns = [
        Column(name, _kind(name), sortable=name != "result", primary=name in _PRIMARY) for name in COLUMNS
    ]
    return MemoryTable("Samples", columns, len(samples), lambda row, name: sample_cell(samples[row], name))


def sample_cell(sample: Sample, name: str) -> Any:
    """What a sample has in a column."""
    if name in ("input_tokens", "output_tokens", "cost"):
        return getattr(sample.usage, name)
    value = getattr(sample, name) if name not in ("index", "repeat") else getattr(sample.place, name)
    return value.value if name == "status" and value is not None else value


def _kind(name: str) -> ColumnKind:
    return "money" if name == "cost" else "number" if name in _NUMBERS else "text"
