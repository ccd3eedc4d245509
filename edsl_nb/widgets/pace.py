"""Keeps a stream of updates to a number a browser can follow."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds between two messages of one widget: at most ten a second.
MESSAGE_INTERVAL = 0.1


class Pace:
    """Says when the next message may go out.

    Parameters:
        interval: seconds between two messages.
        clock: seconds from any fixed moment; given by tests.
    """

    def __init__(
        self, interval: float = MESSAGE_INTERVAL, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._interval = interval
        self._clock = clock
        self._last = float("-inf")

    def wait(self) -> float:
        """Seconds until a message may go out; 0 or less when it may now."""
        return self._last + self._interval - self._clock()

    def sent(self) -> None:
        """Note that a message goes out now."""
        self._last = self._clock()

    def due(self) -> bool:
        """Whether a message may go out now; when it may, it counts as sent."""
        if self.wait() > 0:
            return False
        self.sent()
        return True
