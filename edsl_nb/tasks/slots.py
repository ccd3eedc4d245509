"""Which samples may be played at this moment: as many as their tasks and their agents can take."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import Any, NamedTuple


class Side(NamedTuple):
    """A task or an agent: what tells it from others, and how many of its samples may be played at once."""

    key: int
    most: int


class Pair(NamedTuple):
    """A task and an agent."""

    task: Side
    agent: Side


class _Taken:
    """Written out, because a context made of a generator takes several times as long."""

    __slots__ = ("_pair", "_slots")

    def __init__(self, slots: Slots, pair: Pair) -> None:
        self._slots, self._pair = slots, pair

    async def __aenter__(self) -> None:
        await self._slots.turn(self._pair)

    async def __aexit__(self, *_: object) -> None:
        self._slots.leave(self._pair)


class Slots:
    """Lets samples be played. Used on one loop only.

    No sample waits whose task and agent both have room. Where several could
    go, it is one of the pair of which fewest are being played.
    """

    def __init__(self) -> None:
        self._busy: Counter[int] = Counter()
        self._playing: Counter[Pair] = Counter()
        self._pumping = False
        self._waiting: dict[Pair, deque[asyncio.Future[None]]] = {}

    def taken(self, pair: Pair) -> _Taken:
        """A context in which one more sample of a pair is played; waits until it may be."""
        return _Taken(self, pair)

    async def turn(self, pair: Pair) -> None:
        """Wait until one more sample of a pair may be played; then it counts as played."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(pair, deque()).append(turn)
        if not self._pumping:
            # Not at once: whoever comes first at the start of a run must not take everything.
            self._pumping = True
            asyncio.get_running_loop().call_soon(self._pump)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # its turn came while it was being cancelled
                self.leave(pair)
            raise

    def _room(self, pair: Pair) -> bool:
        (task, agent), busy = pair, self._busy
        return busy[task.key] < task.most and busy[agent.key] < agent.most

    def _take(self, pair: Pair) -> None:
        for side in pair:
            self._busy[side.key] += 1
        self._playing[pair] += 1

    def leave(self, pair: Pair) -> None:
        """One sample of a pair less is played."""
        for side in pair:
            _less(self._busy, side.key)
        _less(self._playing, pair)
        self._pump()

    def _pump(self) -> None:
        self._pumping = False
        while (following := self._next()) is not None:
            self._take(following[0])
            following[1].set_result(None)

    def _next(self) -> tuple[Pair, asyncio.Future[None]] | None:
        for pair in sorted(self._waiting, key=lambda pair: self._playing[pair]):
            if not self._room(pair):
                continue
            turns = self._waiting[pair]
            while turns and turns[0].done():  # cancelled
                turns.popleft()
            found = turns.popleft() if turns else None
            if not turns:
                del self._waiting[pair]
            if found is not None:
                return pair, found
        return None


def _less(counts: Counter[Any], key: object) -> None:
    """One less; what is at zero goes, so that nothing is left of runs that have ended."""
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
