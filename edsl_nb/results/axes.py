"""What interviews combine, and how many of them there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from edsl_nb.agents import AgentList
from edsl_nb.models.model import ModelList
from edsl_nb.scenarios import ScenarioList
from edsl_nb.surveys import Survey

#: USD for a million tokens in and out, or None where it is not known.
TokenPrice = tuple[float, float] | None


class Numbers(NamedTuple):
    """By position in the lists at hand, the positions in the job's own lists."""

    agents: Sequence[int]
    scenarios: Sequence[int]
    models: Sequence[int]


@dataclass(frozen=True, slots=True)
class Axes:
    """What was combined: the survey, and the lists of agents, scenarios and models.

    Parameters:
        numbers: where the lists are not the job's whole ones, as in a file: which of them these are.
        prices: of each model, where they are not those of today.
    """

    survey: Survey
    agents: AgentList
    scenarios: ScenarioList
    models: ModelList
    numbers: Numbers | None = None
    prices: Sequence[TokenPrice] | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a run results are, which every table of them says.

    Parameters:
        have: how many interviews had an answer.
        total: how many interviews the run has.
        partial: whether the run had not completed.
        dry_run: whether no model was asked.
    """

    have: int
    total: int
    partial: bool = False
    dry_run: bool = False

    @property
    def words(self) -> str:
        """What is not as one would expect, in words; empty where nothing is."""
        words = ["dry run, no model was asked"] if self.dry_run else []
        if self.partial:
            words.append(f"partial: {self.have:,} of {self.total:,}")
        elif self.have < self.total:
            words.append(f"{self.have:,} of {self.total:,} have an answer")
        return "; ".join(words)

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(
            self.have + other.have,
            self.total + other.total,
            self.partial or other.partial,
            self.dry_run or other.dry_run,
        )
