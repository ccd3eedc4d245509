"""How a benchmark stands: its matrix of tasks and agents."""

from __future__ import annotations

from typing import Literal

from edsl_nb.widgets.messages.base import Message


class ScoreRequest(Message):
    """Asks to have scores computed of the samples that have ended so far."""

    type: Literal["score"]


class OutcomeData(Message):
    """How many samples have ended in one way."""

    outcome: str
    count: int


class FigureData(Message):
    """A number or text of a score; `error` is its standard error, null where there are no repeats."""

    name: str
    value: str | float | bool
    error: float | None


class PairData(Message):
    """One agent at one task.

    `scored` says of how many samples its figures are, `unscored` why there are none, unless its task failed.
    """

    task: str
    agent: str
    total: int
    ended: int
    in_flight: int
    waiting: str
    outcomes: list[OutcomeData]
    figures: list[FigureData]
    scored: int
    problem: str
    unscored: str


class BoardState(Message):
    """The matrix: tasks and agents by name, a pair for each that plays, and how samples have ended."""

    tasks: list[str]
    agents: list[str]
    pairs: list[PairData]
    outcomes: list[str]
    note: str
    scoring: bool
    unscored: bool
