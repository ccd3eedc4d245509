"""What of a conversation the agent gets to see: all of it, or AgentBench's share of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from edsl_nb.tasks.typings import ChatHistoryItem, HistoryLengthError, TaskError

#: ``agentbench`` for the rule of AgentBench v0.2, so that scores are comparable; None for the whole history.
HistoryLimit = Literal["agentbench"] | None

#: Segments that a shortened history stays below.
_MOST_SEGMENTS = 3500

#: What counts as a segment: up to seven letters in a row, or any other character but a space or a line's end.
_SEGMENT = re.compile(r"[A-Za-z]{1,7}|[^A-Za-z \n]")


def shown(history: Sequence[ChatHistoryItem], limit: HistoryLimit) -> list[ChatHistoryItem]:
    """What the agent gets to see of a history; copies, which it may change.

    Raises:
        HistoryLengthError: the history is empty, or under AgentBench's rule its number of turns is even.
        TaskError: something in it is no turn.
    """
    turns = [_turn(position, item) for position, item in enumerate(history)]
    if not turns:
        raise HistoryLengthError(
            "the agent is asked, but nothing has been said to it",
            field="session.action",
            remedy="Inject a turn first: await session.action({'role': 'user', 'content': '...'}).",
        )
    if limit is None:
        return turns
    if len(turns) % 2 == 0:
        raise HistoryLengthError(
            f"the agent is asked after {len(turns)} turns, and AgentBench wants an odd number",
            field="session.action",
            remedy="Let turns of user and agent alternate, or run with history_limit=None.",
        )
    return _shortened(turns)


def _turn(position: int, item: Any) -> ChatHistoryItem:
    role, content = getattr(item, "role", None), getattr(item, "content", None)
    if role not in ("user", "agent") or not isinstance(content, str):
        raise TaskError(
            f"turn {position} of the history is none",
            field="session.history",
            value=item,
            remedy="Each is a ChatHistoryItem with a role of 'user' or 'agent' and a text as content.",
        )
    return ChatHistoryItem.model_construct(role=role, content=content)


def _shortened(turns: list[ChatHistoryItem]) -> list[ChatHistoryItem]:
    """The first turn, and of the others the latest that fit, from an agent's turn on."""
    first, total = turns[0], segments(turns[0].content)
    start = len(turns)
    while start > 1:
        total += segments(turns[start - 1].content)
        if total >= _MOST_SEGMENTS:
            break
        start -= 1
    if start < len(turns) and turns[start].role == "user":
        start += 1
    first.role = "user"
    if start > 1:
        first.content += f"\n\n[NOTICE] {start - 1} messages are omitted."
    return [first, *turns[start:]]


def segments(text: str) -> int:
    """The length of a text as AgentBench counts it."""
    if not text.isascii():
        text = "".join("a" if char.isalpha() else char for char in text)
    return sum(1 for _ in _SEGMENT.finditer(text))
