"""Which samples may be played at this moment: as many as their tasks and their agents can take."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple


class Side(NamedTuple):
    """A task or an agent: what tells it from others, and how many of its samples may be played at once."""

    key: int
    most: int


class Pair(NamedTuple):
    """A task and an agent."""

    task: Side
    agent: Side


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

    @asynccontextmanager
    async def taken(self, pair: Pair) -> AsyncGenerator[None]:
        """A context in which one more sample of a pair is played; waits until it may be."""
        await self._turn(pair)
        try:
            yield
        finally:
            self._leave(pair)

    async def _turn(self, pair: Pair) -> None:
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
                self._leave(pair)
            raise

    def _room(self, pair: Pair) -> bool:
        return all(self._busy[side.key] < side.most for side in pair)

    def _take(self, pair: Pair) -> None:
        self._busy.update(side.key for side in pair)
        self._playing[pair] += 1

    def _leave(self, pair: Pair) -> None:
        self._busy.subtract(side.key for side in pair)
        self._playing[pair] -= 1
        self._busy += Counter()  # what is at zero goes, so that nothing is left of runs that have ended
        if not self._playing[pair]:
            del self._playing[pair]
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
