"""Interviews as numbers: which agent, scenario, model and iteration an index stands for, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Combination(NamedTuple):
    """Positions in a job's lists, and the iteration."""

    agent: int
    scenario: int
    model: int
    iteration: int


class Design:
    """The full product of agents (slowest), scenarios and models (fastest), iterations innermost.

    Parameters:
        agents, scenarios, models: how many of each; at least 1.
        iterations: draws per interview; at least 1.
    """

    __slots__ = ("agents", "iterations", "models", "scenarios")

    def __init__(self, agents: int, scenarios: int, models: int, iterations: int = 1) -> None:
        self.agents, self.scenarios, self.models, self.iterations = agents, scenarios, models, iterations

    @property
    def interviews(self) -> int:
        """Interviews, iterations not counted."""
        return self.agents * self.scenarios * self.models

    def __len__(self) -> int:
        return self.interviews * self.iterations

    def decode(self, index: int) -> Combination:
        """The combination that an index stands for."""
        interview, iteration = divmod(index, self.iterations)
        rest, model = divmod(interview, self.models)
        agent, scenario = divmod(rest, self.scenarios)
        return Combination(agent, scenario, model, iteration)

    def of_models(self, models: frozenset[int]) -> Iterator[int]:
        """The indices of some models, in order, without listing the others."""
        block = self.models * self.iterations
        offsets = [m * self.iterations + i for m in sorted(models) for i in range(self.iterations)]
        for start in range(0, len(self), block):
            for offset in offsets:
                yield start + offset
