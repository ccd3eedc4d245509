"""Answers that are a list of anything."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, cast

from edsl_nb.questions.reading.base import AnswerSpace, Reading, a_kind
from edsl_nb.questions.reading.forms import doubtful, joined, split
from edsl_nb.questions.reading.literals import DEEPEST, literals, settle, too_long

_POINT = re.compile(r"(?:(?P<bullet>[-*+•–])|(?P<number>[0-9]{1,4})[.)])[ \t]++(?P<item>\S.*)")

#: Things that are no item in a line of a few: talk, other lists, markup.
_TALK = re.compile(
    r"\b(?:i|we|you|it|is|are|was|am|would|could|should|have|has|because|since|here|sure|okay|ok|well|yes|so"
    r"|hello|sorry|please|think|say|these|this|that|my|maybe|perhaps|etc|such|like|including|especially"
    r"|first|firstly|second|finally|also|then|certainly|absolutely|great|course)\b|[.!?:;{}()\[\]\"“”|<>]",
    re.IGNORECASE,
)
_BULLETS = "-*+•–"
_BOXES = ("[ ]", "[x]", "[X]")
_LONGEST_ITEM = 60

#: Python writes no longer numbers.
_MOST_BITS = 14_000
_PAIRS = ('""', "''", "“”", "‘’", "``")


def points(text: str) -> Iterator[tuple[list[str], str | None, str]]:
    """The items of a bulleted or numbered list in a text, the comment after it, and the rule.

    One list only, in a row, with one kind of mark; numbers count from 1. A line
    that goes on from the one before, an inner list or a box to tick makes it none.
    """
    lines = text.split("\n")
    places = [i for i, line in enumerate(lines) if _POINT.fullmatch(line.strip())]
    if not places:
        return
    start, end = places[0], places[-1] + 1
    before, after = "\n".join(lines[:start]).strip(), lines[end:]
    inside = [line.rstrip() for line in lines[start:end] if line.strip()]
    if len(inside) != len(places) or (after and after[0].strip()) or doubtful(before):
        return  # an item goes on in a line of its own, or talk follows at once
    if len({len(line) - len(line.lstrip()) for line in inside}) > 1:
        return
    items = _marked([mark for line in inside if (mark := _POINT.fullmatch(line.strip()))])
    if items:
        rule = "bullets" if inside[0].lstrip()[0] in _BULLETS else "numbers"
        yield items, "\n".join(after).strip() or None, joined("text around" if before else "", rule)


def _marked(marks: list[re.Match[str]]) -> list[str] | None:
    """The items after their marks, unless the marks differ or an item may be more than one."""
    if len({mark["bullet"] for mark in marks}) > 1:
        return None
    numbers = [int(mark["number"]) for mark in marks if mark["number"]]
    if numbers and numbers != list(range(1, len(numbers) + 1)):
        return None
    items = [_unwrapped(mark["item"].strip()) for mark in marks]
    if any(_POINT.match(item) or item.startswith(_BOXES) for item in items):
        return None
    if len(items) == 1 and (numbers or "," in items[0]):
        return None
    return items


def separated(text: str) -> Iterator[tuple[list[str], str | None, str]]:
    """The items in a first line such as ``a, b, c``; nothing where it may be a sentence."""
    first, comment = split(text)
    parts = [part.strip() for part in first.split(",")]
    if len(parts) < 2:
        return
    rule = "commas"
    if len(parts) > 2 and parts[-1].startswith("and "):
        parts[-1] = parts[-1].removeprefix("and ").strip()
    items = [_unwrapped(part) for part in parts]
    if any(not item or len(item) > _LONGEST_ITEM or _is_talk(item) for item in items):
        return
    yield items, comment, rule


def _is_talk(item: str) -> bool:
    words = item.split()
    return (
        bool(_TALK.search(item)) or doubtful(item) or "and" in words or item[0] in "-*•+#" or len(words) > 5
    )


def _unwrapped(item: str) -> str:
    """An item without quotation marks or emphasis around it."""
    if len(item) > 4 and item.startswith("**") and item.endswith("**") and "**" not in item[2:-2]:
        return item[2:-2].strip()
    if len(item) > 2 and item[0] + item[-1] in _PAIRS and item[0] not in item[1:-1]:
        return item[1:-1].strip()
    return item


def unkept(value: Any) -> str | None:
    """Why a value cannot be kept as JSON, or None."""
    level = [value]
    for _ in range(DEEPEST + 1):
        inner: list[Any] = []
        for part in level:
            if isinstance(part, list):
                inner += cast(list[Any], part)
            elif isinstance(part, dict):
                named = cast(dict[Any, Any], part)
                if not all(isinstance(name, str) for name in named):
                    return "names in an answer have to be texts"
                inner += named.values()
            elif isinstance(part, float) and not math.isfinite(part):
                return f"{part} is no finite number"
            elif isinstance(part, int) and part.bit_length() > _MOST_BITS:
                return "a number is too long to be written"
            elif part is not None and not isinstance(part, str | int | float):
                return f"an answer cannot hold {a_kind(part)}"
        if not inner:
            return None
        level = inner
    return "the answer is too deep"


def left_out(value: Any) -> bool:
    """Whether dots stand for a value, as in the forms that prompts show: nobody answers so."""
    if isinstance(value, list):
        return any(left_out(item) for item in cast(list[Any], value) if isinstance(item, str))
    return isinstance(value, str) and value.strip() in ("...", "…")


class Items(AnswerSpace):
    """A list of texts, numbers or anything else that JSON knows.

    Parameters:
        minimum, maximum: how many there have to be, or None.
        permissive: whether any number of them will do.
    """

    def __init__(
        self, minimum: int | None = None, maximum: int | None = None, permissive: bool = False
    ) -> None:
        self.minimum = None if permissive else minimum
        self.maximum = None if permissive else maximum
        self.wished = (minimum or 0, maximum)

    @property
    def schema(self) -> Mapping[str, Any] | None:
        counts = {"minItems": self.minimum, "maxItems": self.maximum}
        return {
            "type": "array",
            "items": {"anyOf": [{"type": "string"}, {"type": "number"}]},
            **{name: count for name, count in counts.items() if count is not None},
        }

    def read(self, reply: str) -> Reading:
        long = too_long(reply)
        if long:
            return long
        text = reply.strip()
        if not text:
            return Reading("invalid", reason="the reply is empty")
        return settle(self._readings(text), "the reply holds no complete list; a JSON list is wanted")

    def _readings(self, text: str) -> Iterator[Reading]:
        bracketed = False
        for value, comment, rule in literals(text):
            if isinstance(value, list):
                bracketed = True
                yield self._judged(value, comment, rule)
        for items, comment, rule in points(text):
            bracketed = True
            yield self._judged(items, comment, rule)
        if not bracketed:
            for items, comment, rule in separated(text):
                yield self._judged(items, comment, rule)

    def _judged(self, items: list[Any], comment: str | None = None, rule: str = "") -> Reading:
        count = len(items)
        if self.minimum is not None and count < self.minimum:
            return Reading(
                "invalid", reason=f"the list has {_items(count)}, and at least {self.minimum} are wanted"
            )
        if self.maximum is not None and count > self.maximum:
            return Reading(
                "invalid", reason=f"the list has {_items(count)}, and at most {self.maximum} are wanted"
            )
        if left_out(items):
            return Reading("invalid", reason="dots stand for an item")
        if "text around" in rule and items and all(isinstance(item, int) for item in items):
            return Reading(
                "invalid", reason="numbers in brackets within a text may be references, not a list"
            )
        return Reading("repaired", items, comment, rule) if rule else Reading("exact", items, comment)

    def check(self, value: Any) -> Reading:
        if not isinstance(value, list):
            return Reading("invalid", reason=f"a list is wanted, not {a_kind(value)}")
        problem = unkept(cast(Any, value))
        return Reading("invalid", reason=problem) if problem else self._judged(cast(list[Any], value))

    def draw(self, random: Random) -> Any:
        low, high = self.wished
        count = random.randint(low, max(low, min(low + 3, high if high is not None else low + 3)))
        return [f"Simulated item {random.randrange(10_000)}" for _ in range(count)]

    def write(self, answer: Any) -> str:
        return json.dumps(answer, ensure_ascii=False)


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"
