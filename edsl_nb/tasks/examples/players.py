"""Agents of known skill, against which a task's scores can be checked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from edsl_nb.tasks.typings import ChatHistoryItem, SampleIndex, TaskError


class Solvable(Protocol):
    """A task that knows how its samples are solved."""

    name: str

    def get_indices(self) -> list[SampleIndex]: ...

    def opening(self, index: SampleIndex) -> str:
        """The first thing that a sample says, by which it is recognised."""
        ...

    def solution(self, index: SampleIndex) -> list[str]:
        """What an agent that knows everything says, turn by turn."""
        ...


class ScriptedPlayer:
    """An agent that knows the solutions of a part of a task's samples, and gives up on the others.

    Which ones is decided by chance that comes from the seed and the sample's index, so that it is the
    same each time.

    Parameters:
        task: the task.
        skill: the share of samples that it solves, from 0 to 1.
        seed: for another choice of samples.

    Example:
        >>> from edsl_nb.tasks import run_task
        >>> from edsl_nb.tasks.examples import DatabaseTask
        >>> task = DatabaseTask()
        >>> run_task(task, ScriptedPlayer(task, skill=1)).overall["custom"]["accuracy"]
        1.0
    """

    def __init__(self, task: Solvable, skill: float, seed: int = 0) -> None:
        if isinstance(skill, bool) or not isinstance(skill, int | float) or not 0 <= skill <= 1:
            raise TaskError("a share from 0 to 1 is wanted", field="skill", value=skill)
        self.name = f"skill {skill:g}"
        indices = sorted(task.get_indices(), key=lambda index: _chance(seed, task.name, index))
        #: The indices of the samples that it solves.
        self.solves = indices[: round(skill * len(indices))]
        self._script = {task.opening(index): task.solution(index) for index in self.solves}

    def __call__(self, history: Sequence[ChatHistoryItem]) -> str:
        opening = next((turn.content for turn in history if turn.content in self._script), None)
        if opening is None:
            return "Answer: I do not know"
        start = next(n for n, turn in enumerate(history) if turn.content == opening)
        turn = sum(item.role == "agent" for item in history[start:])
        script = self._script[opening]
        return script[min(turn, len(script) - 1)]


def _chance(seed: int, name: str, index: SampleIndex) -> bytes:
    return hashlib.sha256(f"{seed} {name} {index!r}".encode()).digest()
