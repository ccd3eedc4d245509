"""What of a conversation the agent gets to see: all of it, AgentBench's share of it, or so many tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from edsl_nb.tasks.typings import ChatHistoryItem, HistoryLengthError, TaskError

#: ``agentbench`` for the rule of AgentBench v0.2, so that scores are comparable; a number
#: for so many tokens; None for the whole history.
HistoryLimit = Literal["agentbench"] | int | None

#: Segments that a shortened history stays below.
_MOST_SEGMENTS = 3500

#: Bytes of text that count as a token.
_TOKEN = 4

#: What counts as a segment: up to seven letters in a row, or any other character but a space or a line's end.
_SEGMENT = re.compile(r"[A-Za-z]{1,7}|[^A-Za-z \n]")


def check_history_limit(limit: object) -> None:
    """Raise a TaskError for what is no `HistoryLimit`."""
    tokens = isinstance(limit, int) and not isinstance(limit, bool) and limit > 0
    if not (tokens or limit is None or limit == "agentbench"):
        raise TaskError(
            "there is no such limit",
            field="history_limit",
            value=limit,
            remedy="Use 'agentbench', a number of tokens such as 8000, or None for the whole history.",
        )


def shown(history: Sequence[ChatHistoryItem], limit: HistoryLimit) -> tuple[list[ChatHistoryItem], int]:
    """What the agent gets to see of a history.

    Returns:
        Copies of the turns, which it may change, and how many turns were left out.

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
        return turns, 0
    if isinstance(limit, int):
        return _noticed(turns, _first_that_fits(turns, limit))
    if len(turns) % 2 == 0:
        raise HistoryLengthError(
            f"the agent is asked after {len(turns)} turns, and AgentBench wants an odd number",
            field="session.action",
            remedy="Let turns of user and agent alternate, or run with history_limit=None.",
        )
    turns[0].role = "user"
    return _noticed(turns, _first_of_agentbench(turns))


def _turn(position: int, item: Any) -> ChatHistoryItem:
    role, content = getattr(item, "role", None), getattr(item, "content", None)
    if role not in ("user", "agent") or not isinstance(content, str):
        raise TaskError(
            f"turn {position} of the history is none",
            field="session.history",
            value=item,
            remedy="Each is a ChatHistoryItem with a role of 'user' or 'agent' and a text as content.",
        )
    return ChatHistoryItem(role=role, content=content)


def _noticed(turns: list[ChatHistoryItem], start: int) -> tuple[list[ChatHistoryItem], int]:
    """The first turn and those from `start` on; where others are left out, the first one says so."""
    if start > 1:
        turns[0].content += f"\n\n[NOTICE] {start - 1} messages are omitted."
    return [turns[0], *turns[start:]], max(0, start - 1)


def _first_of_agentbench(turns: list[ChatHistoryItem]) -> int:
    """From which turn on they are kept: the latest that fit, beginning with one of the agent's."""
    # No text has more segments than characters.
    all_fit = sum(len(turn.content) for turn in turns) < _MOST_SEGMENTS
    start = 1 if all_fit else _first_below(turns)
    return start + (start < len(turns) and turns[start].role == "user")


def _first_below(turns: list[ChatHistoryItem]) -> int:
    start, total = len(turns), segments(turns[0].content)
    while start > 1:
        total += segments(turns[start - 1].content)
        if total >= _MOST_SEGMENTS:
            break
        start -= 1
    return start


def segments(text: str) -> int:
    """The length of a text as AgentBench counts it."""
    if not text.isascii():
        text = "".join("a" if char.isalpha() else char for char in text)
    return sum(1 for _ in _SEGMENT.finditer(text))


def _first_that_fits(turns: list[ChatHistoryItem], most: int) -> int:
    """From which turn on they are kept: the latest that fit, and the last one in any case.

    Where turns are left out, the first that is kept is one of the agent's, so that roles go on alternating.
    """
    start, total = len(turns) - 1, tokens(turns[0].content) + tokens(turns[-1].content)
    while start > 1 and total + tokens(turns[start - 1].content) <= most:
        start -= 1
        total += tokens(turns[start].content)
    if start > 1 and start < len(turns) - 1 and turns[start].role == "user":
        start += 1
    return max(1, start)


def tokens(text: str) -> int:
    """About how many tokens a text has: one for each four bytes, since every model counts its own."""
    return -(-len(text.encode(errors="replace")) // _TOKEN)
