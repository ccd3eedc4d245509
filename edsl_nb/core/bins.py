"""Bins for numbers: of one width, with edges that people would choose."""

from __future__ import annotations

import math
from collections.abc import Sequence

#: Whole numbers up to so many apart have a bin each.
_WHOLE = 20
#: Fewest and most bins otherwise.
_FEWEST, _MOST = 5, 30


def bins_of(numbers: Sequence[float]) -> list[float]:
    """The edges of bins that hold all numbers.

    Whole numbers that lie close together have a bin each, around them. Otherwise
    the width is near to what Freedman and Diaconis advise (twice the distance
    of the quartiles, divided by the cube root of the count), as 1, 2 or 5 times a power of ten.

    Parameters:
        numbers: finite numbers.

    Returns:
        The edges in ascending order, one more than there are bins; none where there are no numbers.
    """
    if not numbers:
        return []
    low, high = min(numbers), max(numbers)
    if high - low <= _WHOLE and all(number.is_integer() for number in numbers) and abs(high) < 2**50:
        return [low - 0.5 + step for step in range(int(high - low) + 2)]
    span = high - low
    if not math.isfinite(span) or span <= abs(high) * 1e-12:
        return _one(low, high)
    width = _nice(min(max(_advised(sorted(numbers)), span / _MOST), span / _FEWEST), span / _MOST)
    first = math.floor(low / width)
    count = max(math.ceil(high / width) - first, 1)
    if count > 2 * _MOST:  # the numbers are too large for their distances to be told
        return _one(low, high)
    return [(first + step) * width for step in range(count + 1)]


def _one(low: float, high: float) -> list[float]:
    """One bin for all; its edges differ even where the numbers do not."""
    if not math.isfinite(high - low):
        return [low / 2, high / 2]
    around = max(abs(high) / 100, 0.5) if high == low else 0.0
    return [low - around, high + around]


def _advised(ordered: Sequence[float]) -> float:
    quartiles = ordered[(3 * len(ordered)) // 4] - ordered[len(ordered) // 4]
    return 2 * quartiles / len(ordered) ** (1 / 3)


def _nice(width: float, least: float) -> float:
    """The greatest of 1, 2 and 5 times a power of ten up to a width, or else the next one."""
    power = 10.0 ** math.floor(math.log10(width))
    steps = [step * power for step in (1, 2, 5, 10)]
    below = max(step for step in steps if step <= width * (1 + 1e-9))
    return below if below >= least else min(step for step in steps if step > below)


def counted(numbers: Sequence[float], edges: Sequence[float]) -> list[int]:
    """How many numbers are in each bin; the last one holds its upper edge, too."""
    counts = [0] * max(len(edges) - 1, 0)
    if counts:
        low, width = edges[0], (edges[-1] - edges[0]) / len(counts)
        for number in numbers:
            counts[min(max(int((number - low) / width), 0), len(counts) - 1)] += 1
    return counts
