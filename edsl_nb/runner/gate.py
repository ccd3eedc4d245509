"""Where calls wait until they may go: limits per minute, adapting concurrency, pauses that services ask for.

One gate stands before each account's model at each address, for all runs of
this process. Limits are kept by two leaky buckets of our own making, because
they have to take new rates while they are in use and to say how long a call
will wait, which the libraries for it do not.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import NamedTuple

from edsl_nb.models.quota import Allowance, Quota
from edsl_nb.runner.progress import duration

#: Seconds by which calls may run ahead of a limit per minute.
_AHEAD = 1.0

#: Share of a limit that is left when calls begin to keep to the rate at which it comes back.
_SCARCE = 0.2

#: Shortest wait, in seconds, that is worth telling people about.
_TELL = 1.0


class Limits(NamedTuple):
    """Requests and tokens per minute; None for no limit."""

    rpm: float | None = None
    tpm: float | None = None


NO_LIMITS = Limits()


class Bucket:
    """A leaky bucket: so much a minute, evenly, at most a second ahead.

    Parameters:
        per_minute: the rate, or None for no limit.
    """

    __slots__ = ("_full_at", "per_minute")

    def __init__(self, per_minute: float | None) -> None:
        self.per_minute = per_minute
        self._full_at = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next amount may pass."""
        return 0.0 if self.per_minute is None else self._full_at - _AHEAD - now

    def take(self, amount: float, now: float) -> None:
        """Let an amount pass; a negative one gives back what was taken too much."""
        if self.per_minute is not None:
            self._full_at = max(self._full_at, now) + 60 * amount / self.per_minute


class Gate:
    """Lets the calls to one model of one account at one address through.

    Used on the runner's loop only.

    Parameters:
        label: the model, for messages.
        most: most calls that may be in flight.
        limits: what was asked for; what the service says is learned.
    """

    def __init__(self, label: str, most: int, limits: Limits = NO_LIMITS) -> None:
        self.label, self.most = label, most
        self._given = limits
        self._requests, self._tokens = Bucket(limits.rpm), Bucket(limits.tpm)
        self._allowed = float(most)
        # Below this, concurrency doubles with every round; above, it grows by one.
        self._threshold = float(most)
        self._in_flight = 0
        self._paused_until = 0.0
        self._cut_at = 0.0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def ask_for(self, most: int, limits: Limits) -> None:
        """Take other limits, as of a run that asks for other ones; what was learned of them is dropped."""
        if (most, limits) != (self.most, self._given):
            self.most, self._given = most, limits
            self._threshold = self._allowed = float(most)
            self._requests.per_minute, self._tokens.per_minute = limits

    @property
    def concurrency(self) -> int:
        """How many calls may be in flight at this moment."""
        return max(1, int(self._allowed))

    def waits_for(self) -> str | None:
        """What calls are waiting for, in words; None where they are not, or not for long."""
        if not self._waiting:
            return None
        now = time.monotonic()
        pause, rate = self._paused_until - now, self._rate_wait(now)
        if max(pause, rate) < _TELL:
            return None
        if pause >= rate:
            return f"{self.label} asks to wait, {duration(pause)}"
        return f"rate limit of {self.label}, {duration(rate)}"

    # Passing

    def passes(self, tokens: int) -> bool:
        """Let a call go at once, where nothing holds it up; as `enter`, for callers who are in a hurry."""
        return not self._waiting and self._admit(tokens)

    async def enter(self, tokens: int) -> None:
        """Wait until a call may go.

        Parameters:
            tokens: how many it is likely to use, in and out.
        """
        if self.passes(tokens):
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((tokens, turn))
        self._pump()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # its turn came while it was being cancelled
                self.leave()
            raise

    def leave(self) -> None:
        """A call that had entered is over, whatever came of it."""
        self._in_flight -= 1
        if self._waiting:
            self._pump()

    def _rate_wait(self, now: float) -> float:
        return max(self._requests.wait(now), self._tokens.wait(now))

    def _admit(self, tokens: int) -> bool:
        if self._in_flight >= self.concurrency:
            return False
        now = time.monotonic()
        if now < self._paused_until:
            return False
        if self._requests.per_minute is not None or self._tokens.per_minute is not None:
            if self._rate_wait(now) > 0:
                return False
            self._requests.take(1, now)
            self._tokens.take(tokens, now)
        self._in_flight += 1
        return True

    def _pump(self) -> None:
        """Let those through whose turn it is, and come back when the next one's may be."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            tokens, turn = self._waiting[0]
            if not turn.done() and not self._admit(tokens):
                break
            self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
        if self._waiting and self._in_flight < self.concurrency:
            now = time.monotonic()
            wait = max(self._paused_until - now, self._rate_wait(now), 0.0)
            self._timer = asyncio.get_running_loop().call_later(wait, self._pump)

    # Learning

    def went_well(self, expected: int, used: int) -> None:
        """A call was answered.

        Parameters:
            expected: the tokens it entered with.
            used: the tokens it took.
        """
        now = time.monotonic()
        if now >= self._paused_until:  # else it began before the pause, after which calls begin one by one
            more = 1 if self._allowed < self._threshold else 1 / self._allowed
            self._allowed = min(self._allowed + more, float(self.most))
        self._tokens.take(used - expected, now)

    def overloaded(self, started: float, retry_after: float | None) -> None:
        """A call was refused for now, or timed out.

        Parameters:
            started: when it began, by `time.monotonic()`.
            retry_after: seconds that the service asks to wait, where it does.
        """
        now = time.monotonic()
        if retry_after:
            self._paused_until = max(self._paused_until, now + retry_after)
        if started <= self._cut_at:  # it belongs to a round for which the concurrency was cut already
            return
        self._cut_at = now
        self._threshold = max(1.0, min(self._allowed, float(self._in_flight)) / 2)
        # After a pause all that have waited must not come at once.
        self._allowed = 1.0 if retry_after else self._threshold

    def learn(self, said: Quota) -> None:
        """Keep to what a service says is left of its limits. Limits that were asked for are kept too."""
        _learn(self._requests, self._given.rpm, said.requests)
        _learn(self._tokens, self._given.tpm, said.tokens)


def _learn(bucket: Bucket, given: float | None, said: Allowance | None) -> None:
    if said is None:
        return
    scarce = said.remaining < _SCARCE * said.limit
    rates = [rate for rate in (given, said.per_minute if scarce else None) if rate is not None]
    bucket.per_minute = min(rates, default=None)
