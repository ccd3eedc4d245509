"""Intervals of numbers as outcomes: ``[0,10)`` is 0 and more, up to but not 10."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from edsl_nb.core.errors import QuestionError
from edsl_nb.questions.reading.number import usable

_MOST = 1_000
_END = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,3})?|\.[0-9]+|[Ii]nf)"
_INTERVAL = re.compile(rf"\s*(?P<left>[\[(])\s*(?P<low>{_END})\s*,\s*(?P<high>{_END})\s*(?P<right>[\])])\s*")


def check_bins(bins: Any, giver: str) -> list[str]:
    """Intervals that follow one another without a gap, as they were given.

    Raises:
        QuestionError: they are not.
    """
    if (
        isinstance(bins, str | bytes)
        or not isinstance(bins, Sequence)
        or not 0 < len(cast(Any, bins)) <= _MOST
    ):
        raise _refused(f"needs a list of 1 to {_MOST:,} intervals", bins, giver)
    end: tuple[Decimal, str] | None = None
    for label in cast(Sequence[Any], bins):
        match = _INTERVAL.fullmatch(label) if isinstance(label, str) else None
        if match is None:
            raise _refused("has something that is no interval", label, giver)
        low, high = Decimal(match["low"]), Decimal(match["high"])
        if low >= high:
            raise _refused("has an interval that ends before it starts", label, giver)
        for value, bracket in ((low, match["left"]), (high, match["right"])):
            if value.is_infinite() and bracket in "[]":
                raise _refused("has an interval that takes in infinity", label, giver)
        if end and (end[0] != low or (end[1] == "]") == (match["left"] == "[")):
            raise _refused("has an interval that does not start where the one before it ends", label, giver)
        end = (high, match["right"])
    return list(cast(Sequence[str], bins))


def buckets(low: Any, high: Any, size: Any, giver: str) -> tuple[str, ...]:
    """Intervals of one size, from the lowest number to the highest, both of which are in them.

    Raises:
        QuestionError: these are no such numbers, or there are too many intervals.
    """
    for field, value in (("min_value", low), ("max_value", high), ("bucket_size", size)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not usable(value):
            raise QuestionError(
                f"{giver} needs a number here", field=field, value=value, remedy="Such as 10; or give `bins`."
            )
    start, end, step = (Decimal(str(value)) for value in (low, high, size))
    if start >= end:
        raise QuestionError(
            f"{giver} leaves no outcome: max_value is {high}",
            field="min_value",
            value=low,
            remedy="Make min_value the smaller one.",
        )
    if step <= 0 or (end - start) / step > _MOST:
        raise QuestionError(
            f"{giver} needs 1 to {_MOST:,} intervals",
            field="bucket_size",
            value=size,
            remedy=f"Pass a number of at least {(end - start) / _MOST:f}.",
        )
    count = math.ceil((end - start) / step)
    ends = [_shown(min(start + step * i, end)) for i in range(count + 1)]
    closing = [*[")"] * (count - 1), "]"]
    return tuple(f"[{a},{b}{c}" for a, b, c in zip(ends[:-1], ends[1:], closing, strict=True))


def _shown(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _refused(problem: str, value: Any, giver: str) -> QuestionError:
    return QuestionError(
        f"{giver} {problem}",
        field="bins",
        value=value,
        remedy='Such as ["(-Inf,0)", "[0,10)", "[10,Inf)"]: each starts where the last one ends.',
    )
