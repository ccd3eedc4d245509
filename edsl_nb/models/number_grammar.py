"""Grammars of numbers within limits, which the library's own conversion of a JSON Schema does not keep to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

#: Digits before and after the point; a small model would go on for ever.
_WHOLE_DIGITS, _DECIMALS = 15, 6
_LARGEST = 10**_WHOLE_DIGITS - 1

_FRACTION = f'"." [0-9]{{1,{_DECIMALS}}}'


def number(low: float, high: float) -> str | None:
    """An expression in GBNF of numbers within limits: whole ones and decimal fractions.

    Parameters:
        low, high: the limits, which may be infinite.

    Returns:
        None where no number of so many decimals lies within the limits.

    Example:
        >>> print(number(0, 3))
        [0-3] | [0-2] "." [0-9]{1,6}
    """
    least, most = _exact(max(low, -_LARGEST)), _exact(min(high, _LARGEST))
    parts = [
        *_between(max(least, Decimal(0)), most, zero=True),
        *(f'"-" {_grouped(part)}' for part in _between(max(-most, Decimal(0)), -least, zero=False)),
    ]
    return " | ".join(parts) or None


def _exact(limit: float) -> Decimal:
    """A limit as it is written, not as the computer holds it."""
    return Decimal(repr(limit))


def _between(low: Decimal, high: Decimal, *, zero: bool) -> Iterator[str]:
    """The numbers from one to another, neither below 0.

    Parameters:
        zero: whether 0 itself is one of them.
    """
    if low > high:
        return
    first, last = math.ceil(low), math.floor(high)
    whole = _either(first if zero else max(first, 1), last)
    if whole:
        yield whole
    fractions = _either(first, last - (high < _LARGEST))
    if fractions:
        yield f"{_grouped(fractions)} {_FRACTION}"
    if low < first:
        yield from _with_whole_part(first - 1, low - first + 1, min(high - first + 1, Decimal(1)))
    if last < high and last >= first:
        yield from _with_whole_part(last, Decimal(0), high - last)


def _with_whole_part(whole: int, low: Decimal, high: Decimal) -> Iterator[str]:
    """The numbers with a whole part whose fraction lies within limits, from 0 to 1."""
    fractions = " | ".join(
        filter(None, (_of_decimals(low, high, count) for count in range(1, _DECIMALS + 1)))
    )
    if fractions:
        yield f'"{whole}" "." {_grouped(fractions)}'


def _of_decimals(low: Decimal, high: Decimal, count: int) -> str:
    """The fractions within limits of so many decimals, without the point; empty where there are none."""
    least, most = math.ceil(low.scaleb(count)), min(math.floor(high.scaleb(count)), 10**count - 1)
    return _of_length(f"{least:0{count}}", f"{most:0{count}}") if least <= most else ""


def _grouped(expression: str) -> str:
    return f"({expression})" if " | " in expression else expression


def _either(low: int, high: int) -> str:
    """The whole numbers from one to another, neither below 0; empty where there are none."""
    if low > high:
        return ""
    shortest, longest = len(str(low)), len(str(high))
    if shortest == longest:
        return _of_length(str(low), str(high))
    parts = [_of_length(str(low), "9" * shortest)]
    full = longest if high == 10**longest - 1 else longest - 1
    if shortest < full:
        parts.append(f"[1-9] [0-9]{{{shortest},{full - 1}}}")
    if full < longest:
        parts.append(_of_length("1" + "0" * full, str(high)))
    return " | ".join(parts)


def _of_length(low: str, high: str) -> str:
    """The numbers from one to another, which have as many digits."""
    rest = len(low) - 1
    if low == high:
        return f'"{low}"'
    if low[0] == high[0]:
        return f'"{low[0]}" {_grouped(_of_length(low[1:], high[1:]))}'
    first, last = int(low[0]), int(high[0])
    parts: list[str] = []
    if low[1:] != "0" * rest:
        parts.append(_of_length(low, low[0] + "9" * rest))
        first += 1
    end: list[str] = []
    if high[1:] != "9" * rest:
        end.append(_of_length(high[0] + "0" * rest, high))
        last -= 1
    if first <= last:
        leading = f"[{first}-{last}]" if first < last else f'"{first}"'
        parts.append(leading + (f" [0-9]{{{rest}}}" if rest > 1 else " [0-9]" * rest))
    return " | ".join(parts + end)
