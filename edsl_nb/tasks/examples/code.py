"""A puzzle of many turns: a secret code, and after each guess how many digits are right."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from itertools import permutations
from statistics import fmean
from typing import Any

from edsl_nb.tasks.examples.problems import of_split
from edsl_nb.tasks.examples.replies import ask, ended_early
from edsl_nb.tasks.session import Session
from edsl_nb.tasks.task import Task
from edsl_nb.tasks.typings import (
    AgentOutputStatus,
    ChatHistoryItem,
    SampleIndex,
    SampleStatus,
    TaskOutput,
    TaskSampleExecutionResult,
)

DIGITS, LENGTH = "123456", 4

_GUESS = re.compile(rf"(?<!\d)[{DIGITS}]{{{LENGTH}}}(?!\d)")

_RULES = (
    f"I have a secret code of {LENGTH} different digits from {DIGITS[0]} to {DIGITS[-1]}. Find it. Reply by "
    "a guess, such as 2461, and I say how many of its digits are at their places, and how many others are in "
    "the code at another place. You have {turns} guesses. What is your first one?"
)


def marks(guess: str, code: str) -> tuple[int, int]:
    """How many digits of a guess are at their places, and how many others are in the code.

    Example:
        >>> marks("1234", "1342")
        (1, 3)
    """
    placed = sum(one == other for one, other in zip(guess, code, strict=True))
    return placed, len(set(guess) & set(code)) - placed


class CodeTask(Task):
    """Find a secret code of four different digits from guesses that are marked.

    The score is the share of codes that were found, and how many guesses that took on average. An agent
    that only ever guesses what agrees with all marks needs about four; one that guesses blindly finds
    one code in thirty-six.

    Parameters:
        split: ``dev`` for 10 codes, ``test`` for 50 others.
        turns: how many guesses there are for each.
        concurrency: how many samples may run at once.
        name: the task's name in results.
    """

    def __init__(
        self, split: str = "dev", turns: int = 10, concurrency: int = 20, name: str = "secret-code"
    ) -> None:
        super().__init__(name, concurrency)
        codes = _codes()
        random.Random(2).shuffle(codes)
        self.codes = of_split({"dev": codes[:10], "test": codes[10:60]}, split)
        self.turns = turns

    def get_indices(self) -> list[SampleIndex]:
        return list(range(len(self.codes)))

    async def start_sample(self, index: SampleIndex, session: Session) -> TaskSampleExecutionResult:
        code, said = self.codes[int(index)], _RULES.format(turns=self.turns)
        for turn in range(1, self.turns + 1):
            output = await ask(session, said)
            if output.status != AgentOutputStatus.NORMAL:
                return ended_early(output)
            found = _GUESS.search(output.content or "")
            guess = found[0] if found else ""
            if len(set(guess)) < LENGTH:
                print(f"turn {turn}: no guess in {output.content!r}")
                said = f"That is no guess. Reply with {LENGTH} different digits, such as 2461."
                continue
            placed, there = marks(guess, code)
            print(f"turn {turn}: {guess} has {placed} at their places, {there} elsewhere")
            if placed == LENGTH:
                return TaskSampleExecutionResult(result={"found": True, "guesses": turn})
            said = f"{guess}: {placed} at their places, {there} in the code at another place."
        status = SampleStatus.TASK_LIMIT_REACHED
        return TaskSampleExecutionResult(status=status, result={"found": False, "guesses": self.turns})

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        ended = [o.result for o in results if isinstance(o.result, dict) and o.result["found"]]
        found = [int(result["guesses"]) for result in ended]
        return {
            "found": len(found) / len(results) if results else 0.0,
            "guesses": fmean(found) if found else None,
        }


def _codes() -> list[str]:
    return ["".join(digits) for digits in permutations(DIGITS, LENGTH)]


# Agents of known skill

_MARKED = re.compile(r"^(\d+): (\d) at their places, (\d) ")


def consistent_player(history: Sequence[ChatHistoryItem]) -> str:
    """An agent that guesses the first code which agrees with all that it was told."""
    told = [found for turn in history if (found := _MARKED.match(turn.content))]
    clues = [(found[1], (int(found[2]), int(found[3]))) for found in told]
    return next(_consistent(clues), "1234")


def _consistent(clues: list[tuple[str, tuple[int, int]]]) -> Iterator[str]:
    return (code for code in _codes() if all(marks(guess, code) == marked for guess, marked in clues))


def guessing_player(history: Sequence[ChatHistoryItem]) -> str:
    """An agent that looks at nothing it is told, and guesses."""
    return random.Random(len(history)).choice(_codes())
