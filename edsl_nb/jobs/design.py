"""Interviews as numbers: which agent, scenario, model and iteration an index stands for, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Combination(NamedTuple):
    """Positions in a job's lists, and the iteration."""

    agent: int
    scenario: int
    model: int
    iteration: int


class Design:
    """The product of agents (slowest), scenarios and models (fastest), or a choice from it.

    Iterations are innermost.

    Parameters:
        agents, scenarios, models: how many of each; at least 1.
        iterations: draws per interview; at least 1.
        chosen: places in the product that are interviews, in order; None for all.
    """

    __slots__ = ("agents", "chosen", "iterations", "models", "scenarios")

    def __init__(
        self,
        agents: int,
        scenarios: int,
        models: int,
        iterations: int = 1,
        chosen: Sequence[int] | None = None,
    ) -> None:
        self.agents, self.scenarios, self.models, self.iterations = agents, scenarios, models, iterations
        self.chosen = chosen

    @property
    def interviews(self) -> int:
        """Interviews, iterations not counted."""
        return self.agents * self.scenarios * self.models if self.chosen is None else len(self.chosen)

    def __len__(self) -> int:
        return self.interviews * self.iterations

    def decode(self, index: int) -> Combination:
        """The combination that an index stands for."""
        interview, iteration = divmod(index, self.iterations)
        place = interview if self.chosen is None else self.chosen[interview]
        rest, model = divmod(place, self.models)
        agent, scenario = divmod(rest, self.scenarios)
        return Combination(agent, scenario, model, iteration)

    def place(self, agent: int, scenario: int, model: int) -> int:
        """The place of a combination in the product."""
        return (agent * self.scenarios + scenario) * self.models + model

    def of_models(self, models: frozenset[int]) -> Iterator[int]:
        """The indices of some models, in order, without listing the others."""
        if self.chosen is not None:
            for interview, place in enumerate(self.chosen):
                if place % self.models in models:
                    yield from range(interview * self.iterations, (interview + 1) * self.iterations)
            return
        block = self.models * self.iterations
        offsets = [m * self.iterations + i for m in sorted(models) for i in range(self.iterations)]
        for start in range(0, len(self), block):
            for offset in offsets:
                yield start + offset

    def count_of_models(self, models: frozenset[int]) -> int:
        """How many indices `of_models` gives."""
        if self.chosen is None:
            return len(models) * len(self) // self.models
        return self.iterations * sum(place % self.models in models for place in self.chosen)

    def pairs(self) -> Iterator[tuple[int, int, frozenset[int] | None]]:
        """Each agent with each scenario that it is asked about, and the models asked; None for all.

        Where there is no choice, scenario by scenario, as most prompts are the same for all agents.
        """
        if self.chosen is None:
            for scenario in range(self.scenarios):
                for agent in range(self.agents):
                    yield agent, scenario, None
            return
        found: dict[tuple[int, int], set[int]] = {}
        for place in self.chosen:
            rest, model = divmod(place, self.models)
            agent, scenario = divmod(rest, self.scenarios)
            found.setdefault((agent, scenario), set()).add(model)
        for (agent, scenario), asked in found.items():
            yield agent, scenario, frozenset(asked)
