"""How a benchmark stands, by agent and task: how samples have ended, and the scores of what is complete."""

from __future__ import annotations

import copy
import math
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from edsl_nb.tasks.recording import PairName, Score
from edsl_nb.tasks.samples import Sample
from edsl_nb.tasks.typings import SampleStatus

#: How samples end, in the order of showing.
OUTCOMES = (*(status.value for status in SampleStatus), "agent error", "failed")


class Figure(NamedTuple):
    """One number or text of a score, by name; `error` is its standard error where there are repeats."""

    name: str
    value: str | int | float | bool
    error: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one agent stands at one task.

    Parameters:
        task, agent: whose it is, by name.
        total: how many samples there are.
        outcomes: how many of them have ended how, in the order of `OUTCOMES`.
        score: in AgentBench's form, or None where there is none yet.
    """

    task: str
    agent: str
    total: int
    outcomes: Mapping[str, int]
    score: Mapping[str, Any] | None = None

    @property
    def ended(self) -> int:
        """How many samples have ended."""
        return sum(self.outcomes.values())

    @property
    def scorable(self) -> int:
        """How many samples have ended that a score says something of; those without a status never count."""
        return self.ended - self.outcomes.get("agent error", 0) - self.outcomes.get("failed", 0)

    @property
    def scored(self) -> int:
        """How many samples the score says something of."""
        return 0 if self.score is None else int(self.score.get("total", 0))

    @property
    def figures(self) -> list[Figure]:
        """What the task made of the samples, figure by figure."""
        if self.score is None:
            return []
        return list(figures(self.score["custom"], self.score.get("standard_error")))

    @property
    def problem(self) -> str:
        """Why the task made nothing of the samples, or an empty text."""
        return "" if self.score is None else str(self.score.get("error", ""))


def figures(custom: Any, errors: Any = None, name: str = "") -> Iterator[Figure]:
    """The numbers and texts in a task's score, those of dicts in dicts with dotted names."""
    if isinstance(custom, dict):
        known = cast(dict[str, Any], errors) if isinstance(errors, dict) else {}
        for key, value in cast(dict[str, Any], custom).items():
            yield from figures(value, known.get(key), f"{name}.{key}" if name else str(key))
    elif isinstance(custom, str | int | float) and not (isinstance(custom, float) and math.isnan(custom)):
        yield Figure(name or "score", custom, errors if isinstance(errors, float) else None)


def outcomes_of(samples: Iterable[Sample]) -> dict[str, int]:
    """How many samples have ended how."""
    counts = Counter(sample.outcome for sample in samples)
    return {outcome: counts[outcome] for outcome in OUTCOMES if counts[outcome]}


class Scoreboard:
    """Follows a run's samples as they end. Its methods may be called from any thread.

    Parameters:
        sizes: how many samples each agent is to play of each task.
        score: computes a score; takes long where the task does.

    Attributes:
        ended: the samples that have ended, in the order in which they did. One that is played
            again stays at its place, so places hold.
        changes: how often something has changed.
    """

    def __init__(self, sizes: Mapping[PairName, int], score: Score) -> None:
        self._sizes, self._compute = sizes, score
        self.ended: list[Sample] = []
        self.changes = 0
        self._counts: dict[PairName, Counter[str]] = {pair: Counter() for pair in sizes}
        self._places: dict[int, int] = {}
        self._scores: dict[PairName, tuple[list[Sample], dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._computing = {pair: threading.Lock() for pair in sizes}

    def note(self, position: int, sample: Sample) -> bool:
        """Take a sample that has ended.

        Parameters:
            position: its number in the run.
            sample: what came of it. A cancelled one is still to be played.

        Returns:
            Whether all samples of its agent and task have ended now.
        """
        pair = (sample.agent, sample.task)
        with self._lock:
            counts, place = self._counts[pair], self._places.get(position)
            if place is None:
                if sample.state == "cancelled":
                    return False
                self._places[position] = len(self.ended)
                self.ended.append(sample)
            elif sample.state == "cancelled" or self.ended[place] is sample:
                return counts.total() == self._sizes[pair]
            else:
                counts[self.ended[place].outcome] -= 1
                self.ended[place] = sample
            counts[sample.outcome] += 1
            self.changes += 1
            return counts.total() == self._sizes[pair]

    def same(self, position: int, sample: Sample) -> Sample:
        """The sample that has been taken at a position where this one is equal to it; else this one."""
        with self._lock:
            place = self._places.get(position)
            there = None if place is None else self.ended[place]
        return there if there is not None and there.to_json() == sample.to_json() else sample

    def score_so_far(self, agent: str, task: str) -> None:
        """Compute the score of an agent at a task from the samples that have ended."""
        with self._lock:
            there = [self.ended[place] for _, place in sorted(self._places.items())]
        own = [sample for sample in there if (sample.agent, sample.task) == (agent, task)]
        self.score(agent, task, [sample for sample in own if sample.status is not None])

    def score(self, agent: str, task: str, samples: Sequence[Sample]) -> dict[str, Any]:
        """The score of some samples; that of the same ones is computed once, unless its task failed."""
        pair = (agent, task)
        with self._computing[pair]:
            known = self._scores.get(pair)
            if known is None or "error" in known[1] or not _same(known[0], samples):
                known = self._scores[pair] = (list(samples), self._compute(agent, task, samples))
                self.changes += 1
        return copy.deepcopy(known[1])

    def known(self, agent: str, task: str, samples: Sequence[Sample]) -> dict[str, Any] | None:
        """The score of some samples where it has been computed; None where it has not."""
        known = self._scores.get((agent, task))
        return known[1] if known is not None and _same(known[0], samples) else None

    def standings(self) -> list[Standing]:
        """How all of them stand. A score is the last that was computed: of all samples, or of some."""
        with self._lock:
            made: list[Standing] = []
            for (agent, task), size in self._sizes.items():
                counts = self._counts[agent, task]
                outcomes = {name: counts[name] for name in OUTCOMES if counts[name]}
                known = self._scores.get((agent, task))
                score = None if known is None else known[1]
                made.append(Standing(task, agent, size, outcomes, score))
            return made


def _same(ones: Sequence[Sample], others: Sequence[Sample]) -> bool:
    return len(ones) == len(others) and all(a is b for a, b in zip(ones, others, strict=True))
