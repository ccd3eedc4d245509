"""Results as a whole, written to a folder in AgentBench's layout, and read from one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from edsl_nb.core.errors import warn
from edsl_nb.tasks.folders import PairFolder, folder_at, pairs_in
from edsl_nb.tasks.history import HistoryLimit
from edsl_nb.tasks.recording import PairName
from edsl_nb.tasks.samples import Sample
from edsl_nb.tasks.scoring import counted
from edsl_nb.tasks.typings import TaskError


def write(
    path: str | os.PathLike[str],
    grouped: Mapping[PairName, Sequence[Sample]],
    scores: Mapping[PairName, dict[str, Any]],
    history_limit: HistoryLimit,
) -> Path:
    """Write results to a folder.

    Parameters:
        path: the folder; it is made where it is not there.
        grouped: the samples of each agent at each task.
        scores: their scores.
        history_limit: what agents got to see of a history.

    Raises:
        TaskError: it cannot be written, or it has samples that these results have not.
    """
    folder = folder_at(path, "folder")
    for pair, samples in grouped.items():
        there = PairFolder(folder, *pair).read().samples
        strange = there.keys() - {sample.place for sample in samples}
        if strange:
            place = next(iter(strange))
            raise TaskError(
                f"it has samples that are not among these, such as {place.index!r} of task {place.task!r}",
                field="folder",
                value=str(folder),
                remedy="Give another folder; or run the benchmark with output= this one, to go on with it.",
            )
    try:
        for pair, samples in grouped.items():
            files = PairFolder(folder, *pair)
            files.replace(samples, history_limit)
            score = scores[pair]
            files.set_overall(None if score.get("partial") or "error" in score else score)
    except OSError as failure:
        raise TaskError(
            f"it cannot be written: {failure}",
            field="folder",
            value=str(folder),
            remedy="Give a folder that can be written, on a disk with room.",
        ) from None
    return folder


class Read(NamedTuple):
    """What a folder holds: its pairs, their samples and scores, and the limit of histories."""

    pairs: list[PairName]
    samples: list[Sample]
    scores: dict[PairName, dict[str, Any] | None]
    history_limit: HistoryLimit

    @property
    def partial(self) -> bool:
        """Whether a pair has no score, so that some of its samples are missing."""
        return any(score is None for score in self.scores.values())

    def score(self, agent: str, task: str, samples: Sequence[Sample]) -> dict[str, Any]:
        """The score that was there; where there is none, what can be said without the task."""
        found = self.scores[agent, task]
        return counted(samples) | {"partial": True} if found is None else found


def read(path: str | os.PathLike[str]) -> Read:
    """Read a folder that `write`, a run, or AgentBench itself has written.

    Raises:
        TaskError: there is no such folder, or nothing in it that can be read.
    """
    folder = folder_at(path, "folder")
    there = pairs_in(folder) if folder.is_dir() else []
    if not there:
        raise TaskError(
            "there are no results in it",
            field="folder",
            value=str(folder),
            remedy="Results lie in <folder>/<agent>/<task>/runs.jsonl; give the <folder>.",
        )
    found = Read([], [], {}, "agentbench")
    limits: set[HistoryLimit] = set()
    for files in there:
        pair, lines = (files.agent, files.task), files.read()
        found.pairs.append(pair)
        found.samples.extend(sorted(lines.samples.values(), key=_place))
        found.scores[pair] = files.overall()
        limits |= lines.limits
    if len(limits) > 1:
        warn(
            f"Samples in {folder} were played with different limits of history: {sorted(map(repr, limits))}."
        )
    return found._replace(history_limit=min(limits, key=repr, default="agentbench"))


def _place(sample: Sample) -> tuple[bool, Any, int]:
    return isinstance(sample.index, str), sample.index, sample.place.repeat
