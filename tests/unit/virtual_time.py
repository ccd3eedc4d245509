"""Time that passes at once where everybody waits, so that tests of waiting are quick and exact."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from edsl_nb.runner import gate, hosts, line


class Clock:
    """The time of the running loop, and of gates, hosts and lines on it.

    Attributes:
        now: seconds.
    """

    def __init__(self) -> None:
        self.now = time.monotonic()


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Have the test's loop skip the time in which there is nothing to do. Threads know nothing of it."""
    made = Clock()
    loop: Any = asyncio.get_running_loop()
    look = loop._selector.select

    def select(timeout: float | None) -> Any:
        if timeout is None:
            return look(None)
        events = look(0)
        if not events:
            made.now += max(timeout, 0)
        return events

    monkeypatch.setattr(loop._selector, "select", select)
    monkeypatch.setattr(loop, "time", lambda: made.now)
    for module in (gate, hosts, line):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made
