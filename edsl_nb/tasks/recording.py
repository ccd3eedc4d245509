"""What a run writes to a folder of results as it goes on, and what it takes over from there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from edsl_nb.core.errors import warn
from edsl_nb.tasks.folders import PairFolder, make_folder
from edsl_nb.tasks.history import HistoryLimit
from edsl_nb.tasks.samples import Place, Sample
from edsl_nb.tasks.typings import SampleIndex, SampleStatus

#: The score of an agent at a task, of their names and the samples that have ended by themselves.
Score = Callable[[str, str, Sequence[Sample]], dict[str, Any]]

#: An agent and a task, by name.
PairName = tuple[str, str]


class Recording:
    """Writes a run's samples to a folder as they end, and a pair's score when all of its samples have.

    Every method may be called from any thread.

    Parameters:
        folder: where.
        pairs: how many samples each agent is to play of each task.
        history_limit: what agents get to see of a history, which is noted in every line.
        score: computes a pair's score.
    """

    def __init__(
        self, folder: Path, pairs: Mapping[PairName, int], history_limit: HistoryLimit, score: Score
    ) -> None:
        self._folders = {pair: PairFolder(folder, *pair) for pair in pairs}
        self._sizes, self._score = pairs, score
        self._limit: HistoryLimit = history_limit
        self._ended: dict[PairName, dict[Place, Sample]] = {pair: {} for pair in pairs}
        self._begun: set[PairName] = set()
        self._scored: set[PairName] = set()
        self._lock = threading.Lock()

    def note(self, sample: Sample) -> None:
        """Take a sample that is in the folder already."""
        if sample.status is not None:
            self._ended[sample.agent, sample.task][sample.place] = sample

    def add(self, sample: Sample) -> None:
        """Write a sample that has ended, and the score of its pair where it was the last.

        Raises:
            OSError: something cannot be written.
        """
        pair = (sample.agent, sample.task)
        with self._lock:
            self._folders[pair].add(sample, self._limit)
            self.note(sample)
            if pair not in self._begun:
                self._begun.add(pair)
                self._scored.discard(pair)
                # AgentBench plays nothing of a pair that has a score, and this one's is not right any more.
                self._folders[pair].set_overall(None)
        self.finish(pair)

    def finish(self, pair: PairName) -> None:
        """Write the score of a pair whose samples have all ended, unless it is there.

        Raises:
            OSError: it cannot be written.
        """
        with self._lock:
            ended = self._ended[pair]
            if pair in self._scored or len(ended) < self._sizes[pair]:
                return
            self._scored.add(pair)
            if self._folders[pair].overall() is not None:
                return
            samples = list(ended.values())
        score = self._score(*pair, samples)
        if "error" not in score:
            self._folders[pair].set_overall(score)


def taken_over(
    folder: Path,
    agents: Iterable[str],
    known: Mapping[str, Sequence[SampleIndex]],
    rerun: Collection[SampleStatus],
    history_limit: HistoryLimit,
) -> dict[Place, Sample]:
    """The samples of a folder that need not be played again: those that have ended by themselves.

    Parameters:
        folder: the folder; it is made where it is not there.
        agents: their names.
        known: all indices of each task, by its name.
        rerun: samples that have ended with these statuses are played again all the same.
        history_limit: what agents get to see of a history now.

    Raises:
        TaskError: the folder cannot be made, or a file not be read.
    """
    make_folder(folder)
    taken: dict[Place, Sample] = {}
    limits: set[HistoryLimit] = set()
    for agent in agents:
        for task, indices in known.items():
            found = PairFolder(folder, agent, task).read()
            wanted = {(type(index), index) for index in indices}
            strange = [place for place in found.samples if (type(place.index), place.index) not in wanted]
            if strange:
                warn(
                    f"{len(strange):,} samples in {folder} are not counted: "
                    f"task {task!r} has no index {strange[0].index!r}."
                )
            taken |= {place: found.samples[place] for place in found.samples.keys() - set(strange)}
            limits |= found.limits
    if limits - {history_limit}:
        warn(
            f"Some samples in {folder} were played with another history_limit "
            f"({', '.join(sorted(map(repr, limits - {history_limit})))}), so scores mix both."
        )
    return finished(taken.values(), rerun)


def finished(samples: Iterable[Sample], rerun: Collection[SampleStatus]) -> dict[Place, Sample]:
    """Those of some samples that have ended by themselves, and not with one of these statuses."""
    return {
        sample.place: sample for sample in samples if sample.status is not None and sample.status not in rerun
    }
