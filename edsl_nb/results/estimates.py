"""Intervals for shares and means, and how far judges agree."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Any, NamedTuple

#: The confidence of all intervals.
CONFIDENCE = 0.95

#: Degrees of freedom from which on the quantile of Student's t is computed by an expansion, exact to 1e-9.
_MANY = 100


class Interval(NamedTuple):
    """An interval of 95 % confidence.

    Parameters:
        low, high: its ends.
        method: ``Wilson`` for shares, ``t`` for means.
    """

    low: float
    high: float
    method: str


def wilson(share: float, n: float) -> Interval | None:
    """Wilson's score interval of a share, without correction for continuity.

    E. B. Wilson, Probable inference, the law of succession, and statistical
    inference, JASA 22 (1927), 209-212.

    Parameters:
        share: the share, from 0 to 1.
        n: the number of independent draws; there is no interval of none.

    Example:
        >>> low, high, _ = wilson(0.4, 10)
        >>> round(low, 4), round(high, 4)
        (0.1682, 0.6873)
    """
    if n <= 0:
        return None
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At the ends of the scale rounding would leave a trace.
    low = 0.0 if share <= 0 else max(middle - half, 0.0)
    return Interval(low, 1.0 if share >= 1 else min(middle + half, 1.0), "Wilson")


def t_interval(mean: float, deviation: float, n: int) -> Interval | None:
    """Student's interval of a mean.

    Parameters:
        mean: the mean.
        deviation: the numbers' standard deviation, with their count as divisor.
        n: the number of independent draws; there is no interval of fewer than two.
    """
    if n < 2:
        return None
    half = t_quantile(n - 1) * deviation / math.sqrt(n - 1)
    return Interval(mean - half, mean + half, "t")


@lru_cache(maxsize=4096)
def t_quantile(df: int) -> float:
    """The two-sided 95 % quantile of Student's t.

    Parameters:
        df: degrees of freedom, 1 or more.

    Example:
        >>> round(t_quantile(9), 4)
        2.2622
    """
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    if df >= _MANY:  # Abramowitz and Stegun, 26.7.5
        z2 = z * z
        return z * (
            1
            + (z2 + 1) / (4 * df)
            + ((5 * z2 + 16) * z2 + 3) / (96 * df**2)
            + (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * df**3)
            + ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / (92160 * df**4)
        )
    low, high = z, 13.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, df) < CONFIDENCE else (low, middle)
    return high


def _within(t: float, df: int) -> float:
    """The probability that Student's t lies between -t and t: Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(df))
    square = math.cos(angle) ** 2
    term = math.cos(angle) if df % 2 else 1.0
    total = 0.0
    for step in range(1 if df % 2 else 0, df - 1, 2):
        total += term
        term *= square * (step + 1) / (step + 2)
    total *= math.sin(angle)
    return (angle + total) * 2 / math.pi if df % 2 else total


class Agreement(NamedTuple):
    """How far two judges agree.

    Parameters:
        n: how many things both have judged.
        share: in how many of them they say the same; None where there are none.
        kappa: Cohen's coefficient; None where it is not defined.
        weighted: the same with quadratic weights, for answers that have an order; else None.
    """

    n: int
    share: float | None
    kappa: float | None
    weighted: float | None


def agreement(pairs: Sequence[tuple[Any, Any]], order: Sequence[Any] | None = None) -> Agreement:
    """How far two judges agree.

    Cohen's kappa is 1 - D/E: D is the mean weight of the disagreement that was
    found, E the one to be expected if each kept to his own frequencies by chance. A
    disagreement weighs 1, or with quadratic weights the square of the distance of the steps.
    J. Cohen, A coefficient of agreement for nominal scales, Educational and
    Psychological Measurement 20 (1960), 37-46; Weighted kappa, Psychological Bulletin 70 (1968), 213-220.

    Parameters:
        pairs: of each thing, what one says and what the other says; hashable values.
        order: the steps of the scale in order, where there is one.

    Example:
        >>> agreement([("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")]).kappa
        0.5
    """
    n = len(pairs)
    if not n:
        return Agreement(0, None, None, None)
    same = sum(one == other for one, other in pairs) / n
    kappa = _kappa(pairs, lambda one, other: float(one != other))
    weighted = None
    if order is not None:
        place = {step: number for number, step in enumerate(order)}
        if all(one in place and other in place for one, other in pairs):
            weighted = _kappa(pairs, lambda one, other: float((place[one] - place[other]) ** 2))
    return Agreement(n, same, kappa, weighted)


def _kappa(pairs: Sequence[tuple[Any, Any]], weight: Callable[[Any, Any], float]) -> float | None:
    """1 - D/E; None where both always say the same thing, so that nothing else was to be expected."""
    n = len(pairs)
    found = sum(weight(one, other) * count for (one, other), count in Counter(pairs).items()) / n
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    expected = sum(
        weight(one, other) * many * more for one, many in first.items() for other, more in second.items()
    ) / (n * n)
    return None if expected == 0 else 1 - found / expected
