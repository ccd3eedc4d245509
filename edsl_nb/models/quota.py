"""What services say about their limits, in the headers of their answers."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?\Z")


class Allowance(NamedTuple):
    """What is left of one limit.

    Attributes:
        limit: how much there is when nothing is used.
        remaining: how much is left.
        reset: seconds until all of it is there again.
    """

    limit: float
    remaining: float
    reset: float

    @property
    def per_minute(self) -> float | None:
        """How much comes back in a minute; None where nothing is used, so that nothing can be told."""
        used = self.limit - self.remaining
        return 60 * used / self.reset if used > 0 and self.reset > 0 else None


class Quota(NamedTuple):
    """What is left of a service's limits on requests and on tokens; None where it does not say."""

    requests: Allowance | None
    tokens: Allowance | None


#: Header names: {0} is ``requests`` or ``tokens``, {1} ``limit``, ``remaining`` or ``reset``.
_NAMES = ("x-ratelimit-{1}-{0}", "anthropic-ratelimit-{0}-{1}")


def quota(headers: Mapping[str, str]) -> Quota | None:
    """Read the headers of an answer.

    Parameters:
        headers: their names in any case.

    Returns:
        What they say, or None where they say nothing.
    """
    lowered = {name.lower(): value for name, value in headers.items() if "ratelimit" in name.lower()}
    if not lowered:
        return None
    found = Quota(_allowance(lowered, "requests"), _allowance(lowered, "tokens"))
    return found if any(found) else None


def _allowance(headers: Mapping[str, str], what: str) -> Allowance | None:
    for pattern in _NAMES:
        said = [headers.get(pattern.format(what, part)) for part in ("limit", "remaining", "reset")]
        limit, remaining = _number(said[0]), _number(said[1])
        reset = _seconds(said[2])
        if limit is not None and remaining is not None and reset is not None:
            return Allowance(limit, remaining, reset)
    return None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _seconds(text: str | None) -> float | None:
    """Seconds until a reset, which is written as ``6m0s``, ``120ms``, a number, or the time of day."""
    if not text:
        return None
    number = _number(text)
    if number is not None:
        return number
    parts = _DURATION.match(text)
    if parts:
        hours, minutes, seconds, thousandths = (float(part or 0) for part in parts.groups())
        return 3600 * hours + 60 * minutes + seconds + thousandths / 1000
    try:
        return max(0.0, datetime.fromisoformat(text).timestamp() - time.time())
    except ValueError:
        return None
