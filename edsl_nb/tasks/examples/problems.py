"""What the example tasks share: their data, and shares of right answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, TypeVar

from edsl_nb.core.errors import nearest
from edsl_nb.tasks.typings import TaskError, TaskOutput

T = TypeVar("T")


def data(name: str) -> dict[str, Any]:
    """What a file of the folder ``data`` holds."""
    return json.loads((files(__package__ or "") / "data" / name).read_text("utf-8"))


def of_split(splits: Mapping[str, T], split: str) -> T:
    """The problems of a split.

    Raises:
        TaskError: there is no such split.
    """
    if split not in splits:
        raise TaskError("there is no such split", field="split", value=split, remedy=nearest(split, splits))
    return splits[split]


def is_right(output: TaskOutput) -> bool:
    """Whether a sample's answer was right, as its result says; without a result it was not."""
    return isinstance(output.result, dict) and bool(output.result.get("right"))


def share(right: Sequence[bool]) -> float | None:
    """The share of what is right; None of nothing."""
    return sum(right) / len(right) if right else None
