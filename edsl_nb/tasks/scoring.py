"""Scores: how many samples have ended how, and what the task makes of them."""

from __future__ import annotations

import json
import math
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

from edsl_nb.tasks.hosting import TaskHost
from edsl_nb.tasks.samples import Sample, to_json
from edsl_nb.tasks.typings import SampleIndex, SampleStatus, TaskError


def overall(
    host: TaskHost, samples: Sequence[Sample], indices: Sequence[SampleIndex], repeats: int
) -> dict[str, Any]:
    """The score of one agent at one task, in AgentBench's form.

    Parameters:
        host: where the task lives.
        samples: those that have ended by themselves.
        indices: of all samples that were to be played.
        repeats: how often each was.

    Returns:
        ``total``; ``validation``: shares of statuses, and lengths of histories;
        ``custom``: what the task makes of them, or None. With repeats ``custom``
        holds means, and ``standard_error`` and ``repeats`` are there too. With
        samples missing ``partial`` and ``missing``, where the task failed ``error``.
    """
    found = counted(samples)
    rounds = [[sample for sample in samples if sample.place.repeat == repeat] for repeat in range(repeats)]
    try:
        customs = [_custom(host, played) for played in rounds if played]
    except TaskError as failure:
        found["error"] = str(failure)
    else:
        if repeats > 1:
            found |= {"custom": _mean(customs), "standard_error": _error(customs), "repeats": customs}
        elif customs:
            found["custom"] = customs[0]
    done = Counter(sample.index for sample in samples)
    missing = [index for index in indices if done[index] < repeats]
    return found | ({"partial": True, "missing": missing} if missing else {})


def counted(samples: Sequence[Sample]) -> dict[str, Any]:
    """The part of a score for which no task is needed: ``total``, ``validation``, and no ``custom``."""
    return {"total": len(samples), "validation": _validation(samples), "custom": None}


def _validation(samples: Sequence[Sample]) -> dict[str, float]:
    statuses = Counter(sample.status for sample in samples)
    lengths = [len(json.loads(sample.kept)["history"]) for sample in samples] or [0]
    total = max(1, len(samples))
    return {
        **{status.value: statuses[status] / total for status in SampleStatus},
        "average_history_length": sum(lengths) / len(lengths),
        "max_history_length": max(lengths),
        "min_history_length": min(lengths),
    }


def _custom(host: TaskHost, samples: Sequence[Sample]) -> Any:
    # The outputs are made anew of what is kept, so a task may do with them what it wants.
    given = host.ask("calculate_overall", [sample.output for sample in samples])
    return json.loads(to_json(given, "calculate_overall"))


def _numbers(customs: Sequence[Any]) -> list[float] | None:
    """The values of all repeats, where all are numbers."""
    plain = all(isinstance(one, int | float) and not isinstance(one, bool) for one in customs)
    return [float(one) for one in customs] if plain and customs else None


def _fields(customs: Sequence[Any]) -> list[str]:
    """The names that all repeats have, where all are dicts."""
    if not customs or not all(isinstance(one, dict) for one in customs):
        return []
    return [name for name in cast(dict[str, Any], customs[0]) if all(name in one for one in customs)]


def _mean(customs: Sequence[Any]) -> Any:
    """The mean of numbers, in dicts too; of what is none, the value where it is always the same, or None."""
    if (numbers := _numbers(customs)) is not None:
        return statistics.mean(numbers)
    if names := _fields(customs):
        return {name: _mean([one[name] for one in customs]) for name in names}
    return customs[0] if customs and all(one == customs[0] for one in customs) else None


def _error(customs: Sequence[Any]) -> Any:
    """The standard error of means, in dicts as they are; None of what is no number, or there only once."""
    if (numbers := _numbers(customs)) is not None:
        if len(numbers) < 2 or not all(map(math.isfinite, numbers)):
            return None
        # Computed exactly, so that equal repeats have no error at all.
        return statistics.stdev(numbers) / math.sqrt(len(numbers))
    return {name: _error([one[name] for one in customs]) for name in _fields(customs)} or None
