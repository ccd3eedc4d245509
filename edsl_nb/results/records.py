"""What is kept of an interview: one cell per question, compact, because there may be a million of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from edsl_nb.questions.reading import How
from edsl_nb.runner.progress import CellState


@dataclass(slots=True)
class AnswerCell:
    """One question of one interview. Only an answered cell has an answer.

    Parameters:
        state: what became of it.
        how, rule, reason: how the reply was read; see `edsl_nb.questions.Reading`.
        error: why the call failed, where it did.
        prompts, options: as they were sent.
        text, raw: the model's text, and the service's whole response as JSON text.
        cost: USD of the call; 0 for a cached reply, None where the price is not known.
        key, reply_id: the cache key and the reply's id in the store.
    """

    state: CellState = "not_reached"
    answer: Any = None
    comment: str | None = None
    how: How | None = None
    rule: str | None = None
    reason: str | None = None
    error: str | None = None
    user_prompt: str | None = None
    system_prompt: str | None = None
    options: tuple[Any, ...] | None = None
    text: str | None = None
    raw: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    thinking_tokens: int | None = None
    cost: float | None = None
    cached: bool | None = None
    key: str | None = None
    reply_id: int | None = None
    latency: float | None = None
    model_version: str | None = None


@dataclass(slots=True)
class Interview:
    """One interview: which agent, scenario, model and iteration, and its cells in survey order."""

    index: int
    agent: int
    scenario: int
    model: int
    iteration: int
    cells: list[AnswerCell]

    @property
    def answered(self) -> bool:
        """Whether some question is answered, which makes it a row of the results."""
        return any(cell.state == "answered" for cell in self.cells)

    @property
    def state(self) -> str:
        """`cancelled` while it is incomplete, else `answered`, or what all its cells failed of."""
        states = {cell.state for cell in self.cells}
        if "cancelled" in states:
            return "cancelled"
        if "answered" in states or not states:
            return "answered"
        return "failed" if "failed" in states else "invalid"

    def to_json(self) -> str:
        """The cells as the store keeps them: states, and the ids of replies."""
        return json.dumps(
            [
                [cell.state, cell.reply_id]
                + ([cell.error or cell.reason] if cell.error or cell.reason else [])
                for cell in self.cells
            ]
        )
