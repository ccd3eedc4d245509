"""What a rendering may take: an allowance in characters, from which everything that it makes is paid."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from jinja2.exceptions import SecurityError

T = TypeVar("T")

#: What one rendering may make, in characters.
ALLOWANCE = 4_000_000

#: What a turn of a loop, a call, or an item of a list counts as, in characters.
STEP = 40
ITEM = 32

#: Seconds of computing after which a rendering with loops ends, whatever it has made.
_SECONDS = 0.5

#: While more than this is left of the allowance, nobody looks at the clock.
_FREE = ALLOWANCE - 10_000

TOO_MUCH = "it makes too long a text or takes too many steps"


class _Meter(threading.local):
    left: float = float("inf")
    ends: float = float("inf")


_meter = _Meter()


def metered(work: Callable[[], T]) -> T:
    """Do a rendering within its allowance.

    Raises:
        SecurityError: it takes more.
    """
    outer = _meter.left, _meter.ends
    _meter.left, _meter.ends = ALLOWANCE, time.thread_time() + _SECONDS
    try:
        return work()
    finally:
        _meter.left, _meter.ends = outer


def pay(amount: int) -> None:
    """Take an amount from the allowance.

    Raises:
        SecurityError: there is not as much left.
    """
    _meter.left -= amount
    if _meter.left < 0:
        raise SecurityError(TOO_MUCH)


def step() -> None:
    """Pay for a turn of a loop or a call.

    Raises:
        SecurityError: the allowance is used up, or the time.
    """
    pay(STEP)
    if _meter.left < _FREE and time.thread_time() > _meter.ends:
        raise SecurityError(TOO_MUCH)


def size_of(value: Any) -> int:
    """The length of a value written out, at least; a list that stands in it twice counts twice."""
    size, inner = 0, [value]
    while inner and size <= ALLOWANCE:
        part = inner.pop()
        if isinstance(part, str | bytes):
            size += len(part) + 1
        elif isinstance(part, list | tuple | set | frozenset):
            many = cast(list[Any], part)
            size += ITEM * len(many) + 1
            if size <= ALLOWANCE:
                inner.extend(many)
        elif isinstance(part, dict):
            named = cast(dict[Any, Any], part)
            size += 2 * ITEM * len(named) + 1
            if size <= ALLOWANCE:
                inner.extend(named)
                inner.extend(named.values())
        else:
            size += 1
    return size


def made(value: T) -> T:
    """A value that a template has made, paid for."""
    pay(len(value) + 1 if type(value) is str else size_of(value))
    return value
