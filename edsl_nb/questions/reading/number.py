"""Answers that are a number."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from edsl_nb.questions.reading.base import AnswerSpace, Reading
from edsl_nb.questions.reading.forms import doubtful, forms, joined, shorten, split
from edsl_nb.questions.reading.literals import Literal, literals, settle, too_long

#: A number as JSON, Python and people write it; zeros in front are allowed.
_PLAIN = re.compile(r"[-+]?[0-9]++(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?")

#: Numbers of more digits are no answers.
_MOST_DIGITS = 320
_MOST_BITS = 1_060

_CURRENCY = r"(?:US\$|[$€£¥₹₩]|USD|EUR|GBP|JPY|CHF|INR|CNY)"
_AMOUNT = re.compile(
    rf"""
    (?P<sign>[-+\u2212]?)(?P<currency>{_CURRENCY}[ \u00a0]?)?(?P<inner>[-+\u2212]?)
    (?P<number>
        (?P<grouped>[0-9]{{1,3}}(?:(?P<gap>[,'’_\u00a0\u202f\u2009])[0-9]{{3}}(?:(?P=gap)[0-9]{{3}})*+)(?:\.[0-9]++)?)
      | [0-9]++(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?
      | \.[0-9]++
    )
    (?:[ \u00a0]?(?P<behind>{_CURRENCY}))?
    (?P<percent>[ \u00a0]?(?:%|percent|per\ cent))?
    """,
    re.VERBOSE | re.IGNORECASE,
)


def plain_number(text: str) -> int | float | None:
    """The number that a text is, as JSON or Python write it, or None."""
    if not _PLAIN.fullmatch(text):
        return None
    return _finite(text)


def amounts(text: str) -> Iterator[tuple[int | float, str]]:
    """The number that a text is, with the rules for how it is written; nothing where it is none.

    thousands: with separators (``1,234``, ``1'234``, ``1_234`` or a no-break
    space). currency: with a sign or code. percent: with a percent sign. sign: with
    a typographic minus.
    """
    found = _AMOUNT.fullmatch(text)
    if found is None or (found["sign"] and found["inner"]) or (found["currency"] and found["behind"]):
        return
    sign = found["sign"] or found["inner"]
    gap = found["gap"]
    digits = found["number"].replace(gap, "") if gap else found["number"]
    value = _finite(digits)
    if value is None:
        return
    yield (
        value if sign in ("", "+") else -value,
        joined(
            "thousands" if gap else "",
            "currency" if found["currency"] or found["behind"] else "",
            "percent" if found["percent"] else "",
            "sign" if sign == "\u2212" else "",
        ),
    )


def usable(value: int | float) -> bool:
    """Whether a number is finite and not longer than a number can be."""
    return value.bit_length() < _MOST_BITS if isinstance(value, int) else math.isfinite(value)


def _finite(digits: str) -> int | float | None:
    if len(digits) > _MOST_DIGITS:
        return None
    try:
        return int(digits)
    except ValueError:
        value = float(digits)
        return value if math.isfinite(value) else None


# Numbers in sentences

#: Longer replies are essays.
_LONGEST_SENTENCE = 500

_WITH_DIGITS = re.compile(r"\S*\d\S*")

#: What is left of a sentence besides its number; signs that calculate or compare are not in it.
_WORDS = re.compile(r"[A-Za-z\u00c0-\u024f\s,.;:!'’\"“”$€£¥₹%-]*+")

#: Words that make another number of the one next to them, or a limit, or are numbers.
_CHANGING = re.compile(
    r"""\b(?:
        zero | one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve
      | (?:thir|four|fif|six|seven|eigh|nine)teen | (?:twen|thir|for|fif|six|seven|eigh|nine)ty[\w-]*
      | hundred\w* | thousand\w* | [mbtr]illi\w* | dozen\w* | score | couple | lakhs? | crores?
      | mil | mio | mill?ones | mln | mrd | bn | mn | tausend\w* | hundert\w* | mille | cent[oi]? | cientos
      | [kmb] | half | halves | quarters? | thirds? | fourths? | fifths? | tenths? | hundredths?
      | double | twice | triple | times | squared | cubed | power | plus | minus | negative | point
      | first | second | last | least | most | more | fewer | over | under | above | below | beyond | up | out
      | upwards? | downwards? | min\w* | max\w* | exceed\w* | greater | higher | lower | smaller | larger
      | bigger | through | till | until | range\w* | from | both | and | add\w* | subtract\w* | multipl\w*
      | divid\w* | let | things? | factors? | aspects? | steps? | reasons? | questions? | ways?
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)


def _in_sentence(text: str) -> Iterator[tuple[int | float, str]]:
    """The only number of a reply, where it stands in a first line that says nothing else of numbers."""
    if len(text) > _LONGEST_SENTENCE:
        return
    first, _ = split(text.replace("**", "").replace("`", ""))
    holders = _WITH_DIGITS.findall(text)
    chunk = _WITH_DIGITS.search(first)
    if len(holders) != 1 or chunk is None:
        return
    before, after = first[: chunk.start()], first[chunk.end() :]
    rest = f"{before} {after}"
    if doubtful(rest) or _CHANGING.search(rest) or not _WORDS.fullmatch(rest) or before.endswith(("-", "- ")):
        return
    number = chunk[0].lstrip("\"'“‘~≈").rstrip("\"'”’.,;:!")
    for value, rule in amounts(number):
        percent = "percent" if after.lstrip().lower().startswith(("%", "percent", "per cent")) else ""
        yield value, joined("sentence", rule, percent)


def _named(literal: Literal) -> Iterator[tuple[int | float, str]]:
    """The number that stands as the `answer` in an object."""
    if isinstance(literal.value, dict):
        for value, rule in amounts(str(literal.value.get("answer")).strip()):
            yield value, joined(literal.rule, "json", rule)


class Number(AnswerSpace):
    """A number within limits.

    Parameters:
        minimum, maximum: the limits, which are allowed themselves, or None.
        permissive: whether numbers beyond the limits are answers, too.
    """

    def __init__(
        self,
        minimum: int | float | None = None,
        maximum: int | float | None = None,
        permissive: bool = False,
    ) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.low = -math.inf if minimum is None or permissive else minimum
        self.high = math.inf if maximum is None or permissive else maximum

    @property
    def schema(self) -> Mapping[str, Any] | None:
        limits = {"minimum": self.low, "maximum": self.high}
        return {"type": "number", **{k: v for k, v in limits.items() if math.isfinite(v)}}

    def read(self, reply: str) -> Reading:
        text = reply.strip()
        value = plain_number(text)
        if value is not None:
            return self._judged(value)
        long = too_long(text)
        if long:
            return long
        first, comment = split(text)
        value = plain_number(first)
        if value is not None:
            second, _ = split(comment or "")
            if plain_number(second) is not None:
                return Reading("invalid", reason=f"the reply can be read as {first} or {second}")
            return self._judged(value, comment)
        return settle(
            self._repaired(text), f"{shorten(first)!r} is not a number" if text else "the reply is empty"
        )

    def _repaired(self, text: str) -> Iterator[Reading]:
        plain = False
        for form in forms(text) if text else ():
            for value, rule in amounts(form.text):
                plain = True
                yield self._judged(value, form.comment, joined(form.rule, rule))
        for literal in literals(text):
            for value, rule in _named(literal):
                plain = True
                yield self._judged(value, literal.comment, rule)
        if not plain:
            for value, rule in _in_sentence(text):
                yield self._judged(value, split(text)[1], rule)

    def _judged(self, value: int | float, comment: str | None = None, rule: str = "") -> Reading:
        if value < self.low:
            return Reading("invalid", reason=f"{value} is below the minimum of {self.minimum}")
        if value > self.high:
            return Reading("invalid", reason=f"{value} is above the maximum of {self.maximum}")
        if "percent" in rule and self.high <= 1:
            return Reading("invalid", reason=f"{value}% can be read as {value} or {value / 100}")
        return Reading("repaired", value, comment, rule) if rule else Reading("exact", value, comment)

    def check(self, value: Any) -> Reading:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Reading("invalid", reason=f"a number is wanted, not {shorten(repr(value))}")
        if not usable(value):
            return Reading("invalid", reason="the number is not finite, or too large")
        return self._judged(value)

    def draw(self, random: Random) -> Any:
        low, high = self.minimum, self.maximum
        if low is None:
            low = 0 if high is None or high >= 0 else high - 100
        if high is None:
            high = low + 100
        if math.ceil(low) <= math.floor(high):
            return random.randint(math.ceil(low), math.floor(high))
        return min(max(random.uniform(low, high), low), high)

    def write(self, answer: Any) -> str:
        return repr(answer)
