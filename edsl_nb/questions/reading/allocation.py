"""Answers that give each of some options a part of a whole: budgets and probabilities."""

from __future__ import annotations

import json
import math
import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple, cast

from edsl_nb.questions.reading.base import AnswerSpace, Reading, a_kind
from edsl_nb.questions.reading.forms import joined, shorten, split
from edsl_nb.questions.reading.literals import literals, settle, too_long
from edsl_nb.questions.reading.number import amounts
from edsl_nb.questions.reading.record import by_name, named_lines

#: A longer example says no more.
_MOST_SHOWN = 3


class _Parts(NamedTuple):
    """What a reply gives to each option, as it is written there."""

    given: Mapping[str, Any]
    comment: str | None
    rule: str


class _Sharing(AnswerSpace):
    """A number for each of some names.

    Parameters:
        names: the options, in the order in which they are shown.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)

    @property
    def _limits(self) -> Mapping[str, Any]:
        return {"minimum": 0}

    @property
    def schema(self) -> Mapping[str, Any] | None:
        return {
            "type": "object",
            "properties": {name: {"type": "number", **self._limits} for name in self.names},
            "required": list(self.names),
            "additionalProperties": False,
        }

    @property
    def form(self) -> str:
        """What a reply looks like, with the numbers left out."""
        shown = ", ".join(f"{json.dumps(name, ensure_ascii=False)}: ..." for name in self.names[:_MOST_SHOWN])
        return f"{{{shown}{', ...' if len(self.names) > _MOST_SHOWN else ''}}}"

    def read(self, reply: str) -> Reading:
        long = too_long(reply)
        if long:
            return long
        text = reply.strip()
        if not text:
            return Reading("invalid", reason="the reply is empty")
        readings = (self._judged(parts) for parts in self._parts(text))
        return settle(readings, "the reply holds no JSON object with a number for each option")

    def _parts(self, text: str) -> Iterator[_Parts]:
        found = False
        for value, comment, rule in literals(text):
            for given, how in self._of_value(value):
                found = True
                yield _Parts(given, comment, joined(rule, how))
        if found:
            return
        first, comment = split(text)
        pieces = [piece.strip() for piece in re.split(r"[,;][ \t]+|;", first)] if len(first) < 100_000 else []
        if len(pieces) == len(self.names) > 1:
            for given, _ in named_lines("\n".join(pieces), self.names):
                yield _Parts(given, comment, "pairs")
            if all(any(amounts(piece)) for piece in pieces):
                yield _Parts(dict(zip(self.names, pieces, strict=True)), comment, "order")
        for given, said in named_lines(text, self.names):
            yield _Parts(given, said, "pairs")

    def _of_value(self, value: Any) -> Iterator[tuple[Mapping[str, Any], str]]:
        """What an object, a list of numbers or a list of objects with one name each gives."""
        if isinstance(value, dict):
            yield cast(dict[str, Any], value), ""
            return
        items = cast(list[Any], value)
        if items and all(isinstance(item, dict) and len(cast(dict[str, Any], item)) == 1 for item in items):
            pairs = [pair for item in items for pair in cast(dict[str, Any], item).items()]
            if len(dict(pairs)) == len(pairs):
                yield dict(pairs), "objects"
        elif len(items) == len(self.names) and not any(isinstance(item, list | dict) for item in items):
            yield dict(zip(self.names, items, strict=True)), "order"

    def _judged(self, parts: _Parts) -> Reading:
        given, rest, case = by_name(parts.given, self.names)
        comment = parts.comment
        if isinstance(rest.get("comment"), str):
            comment = rest.pop("comment").strip() or comment
        if rest:
            return Reading("invalid", reason=f"{shorten(repr(next(iter(rest))))} is not one of the options")
        rules = [*filter(None, parts.rule.split("+")), case]
        numbers: dict[str, float] = {}
        for name, written in given.items():
            found = _amount(written)
            if found is None:
                return Reading("invalid", reason=f"{name!r} has no number, but {shorten(repr(written))}")
            number, rule = found
            if number < 0:
                return Reading("invalid", reason=f"{name!r} has less than nothing, {number}")
            numbers[name] = number
            rules += rule.split("+")
        return self._whole(numbers, comment, list(dict.fromkeys(filter(None, rules))))

    @abstractmethod
    def _whole(self, numbers: dict[str, float], comment: str | None, rules: list[str]) -> Reading:
        """The answer, if the parts make a whole."""

    def _missing(self, numbers: Mapping[str, float]) -> Reading | None:
        missing = next((name for name in self.names if name not in numbers), None)
        if missing is None:
            return None
        return Reading("invalid", reason=f"there is no number for {missing!r}")

    def _exact(self, given: Mapping[str, Any]) -> Reading:
        """Whether a Python value gives the parts as they are kept."""
        reading = self._judged(_Parts(given, None, ""))
        if reading.how != "repaired":
            return reading
        return Reading("invalid", reason=f"the numbers are not as they have to be ({reading.rule})")


def _amount(written: Any) -> tuple[float, str] | None:
    if isinstance(written, str):
        found = next(amounts(written.strip()), None)
        written, rule = found or (None, "")
        rule = joined("text", rule)
    else:
        rule = ""
    if isinstance(written, bool) or not isinstance(written, int | float):
        return None
    try:
        number = float(written)
    except OverflowError:
        return None
    return (number, rule) if math.isfinite(number) else None


def _reading(answer: Any, comment: str | None, rules: Sequence[str]) -> Reading:
    rule = joined(*rules)
    return Reading("repaired", answer, comment, rule) if rule else Reading("exact", answer, comment)


def _sum(numbers: Iterable[float]) -> float:
    try:
        return math.fsum(numbers)
    except OverflowError:
        return math.inf


def _shown(number: float) -> str:
    return f"{number:.10g}"


def _split_up(whole: int, parts: int, random: Random) -> list[int]:
    """A whole number as a sum of some, at random."""
    cuts = sorted(random.randint(0, whole) for _ in range(parts - 1))
    return [high - low for low, high in zip([0, *cuts], [*cuts, whole], strict=True)]


class Allocation(_Sharing):
    """An amount for each option; the amounts sum up to a total.

    The answer is a list such as ``[{"Rent": 60.0}, {"Food": 40.0}]``, in the order of the options.

    Parameters:
        names: the options.
        total: what the amounts sum up to, or None where it is not known yet.
        remainder: the option that gets what is left where it is not given an amount, or None.
        permissive: whether any sum will do.
    """

    def __init__(
        self,
        names: Sequence[str],
        total: int | float | None,
        remainder: str | None = None,
        permissive: bool = False,
    ) -> None:
        super().__init__(names)
        self.total = total
        self.remainder = remainder
        self.permissive = permissive

    def _whole(self, numbers: dict[str, float], comment: str | None, rules: list[str]) -> Reading:
        if "percent" in rules and self.total != 100:
            return Reading("invalid", reason="percentages are given where amounts are wanted")
        total = _sum(numbers.values())
        if self.remainder is not None and self.remainder not in numbers and self.total is not None:
            if total > self.total:
                return self._wrong_sum(total)
            numbers[self.remainder] = self.total - total
            total = self.total
        wrong = self._missing(numbers)
        if wrong:
            return wrong
        if (
            not self.permissive
            and self.total is not None
            and not math.isclose(total, self.total, rel_tol=1e-9)
        ):
            return self._wrong_sum(total)
        return _reading([{name: numbers[name]} for name in self.names], comment, rules)

    def _wrong_sum(self, total: float) -> Reading:
        return Reading("invalid", reason=f"the amounts sum up to {_shown(total)}, not {self.total}")

    def check(self, value: Any) -> Reading:
        if isinstance(value, list):
            for given, rule in self._of_value(cast(Any, value)):
                if rule == "objects":
                    return self._exact(given)
        return Reading("invalid", reason="a list of objects is wanted, each with one option and its amount")

    def draw(self, random: Random) -> Any:
        total = 100 if self.total is None else self.total
        if float(total).is_integer() and total < 2**53:
            amounts = [float(part) for part in _split_up(int(total), len(self.names), random)]
        else:
            amounts = [total * (part / 100) for part in _split_up(100, len(self.names), random)]
        if not math.isclose(_sum(amounts), total, rel_tol=1e-9):  # too small to be split
            amounts = [float(total), *[0.0] * (len(self.names) - 1)]
        return [{name: amount} for name, amount in zip(self.names, amounts, strict=True)]

    def write(self, answer: Any) -> str:
        return json.dumps(
            {name: amount for part in answer for name, amount in part.items()}, ensure_ascii=False
        )


class Distribution(_Sharing):
    """A probability for each outcome; they sum up to 1.

    Parameters:
        names: the outcomes.
        tolerance: how far from 1 the sum may be.
    """

    def __init__(self, names: Sequence[str], tolerance: float = 1e-6) -> None:
        super().__init__(names)
        self.tolerance = max(tolerance, 1e-9)  # what adding up costs

    @property
    def _limits(self) -> Mapping[str, Any]:
        return {"minimum": 0, "maximum": 1}

    def _whole(self, numbers: dict[str, float], comment: str | None, rules: list[str]) -> Reading:
        wrong = self._missing(numbers)
        if wrong:
            return wrong
        total = _sum(numbers.values())
        marked = "percent" in rules
        if abs(total - 1) <= self.tolerance and not marked:
            return _reading({name: numbers[name] for name in self.names}, comment, rules)
        if abs(total - 100) <= 100 * self.tolerance:
            rules = rules if marked else [*rules, "percent"]
            return _reading({name: numbers[name] / 100 for name in self.names}, comment, rules)
        wanted = "100%" if marked else "1"
        return Reading("invalid", reason=f"the probabilities sum up to {_shown(total)}, not {wanted}")

    def check(self, value: Any) -> Reading:
        if not isinstance(value, dict):
            return Reading("invalid", reason=f"an object is wanted, not {a_kind(value)}")
        given = cast(dict[Any, Any], value)
        if not all(isinstance(name, str) for name in given):
            return Reading("invalid", reason="the names of outcomes are texts")
        return self._exact(given)

    def draw(self, random: Random) -> Any:
        parts = _split_up(100, len(self.names), random)
        return {name: part / 100 for name, part in zip(self.names, parts, strict=True)}

    def write(self, answer: Any) -> str:
        return json.dumps(answer, ensure_ascii=False)
