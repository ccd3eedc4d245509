"""Answers that give each of several items one of several options."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from random import Random
from typing import Any, cast

from edsl_nb.questions.reading.base import AnswerSpace, Reading, a_kind
from edsl_nb.questions.reading.forms import doubtful, forms, joined, shorten
from edsl_nb.questions.reading.literals import Literal, literals, settle, too_long
from edsl_nb.questions.reading.names import Match, Names, fold

_BULLET = re.compile(r"(?:[-*•+]|\(?\d{1,3}[.)])\s+(?=\S)")
_BETWEEN = re.compile(r"[*_\"'`]*\s*(?:[:=]|->|→|\s[-–—]\s)\s*")

_SHORT = 100_000
#: Longer lines hold no pair of an item and an option.
_LONGEST_LINE = 2_000


class Grid(AnswerSpace):
    """One of the options for each item.

    The answer is a dict from the items' texts to options, in the order of the items.

    Parameters:
        items: with texts that differ.
        options: with texts that differ.
        labels: what is shown beside the options, or None.
        permissive: whether other texts and numbers than the options will do.
    """

    def __init__(
        self,
        items: Sequence[Any],
        options: Sequence[Any],
        labels: Sequence[str | None] | None = None,
        permissive: bool = False,
    ) -> None:
        self.items = tuple(str(item).strip() for item in items)
        self.options = tuple(options)
        self.permissive = permissive
        self._names = Names(options, labels=labels)
        self._values = {(type(option), option): option for option in self.options}
        self._wanted = frozenset(self.items)

    @property
    def schema(self) -> Mapping[str, Any] | None:
        if self.permissive:
            return None
        return {
            "type": "object",
            "properties": {item: {"enum": list(self.options)} for item in self.items},
            "required": list(self.items),
            "additionalProperties": False,
        }

    # Reading

    def read(self, reply: str) -> Reading:
        found = self._read_exactly(reply)
        if found is not None:
            return found
        text = reply.strip()
        if not text:
            return Reading("invalid", reason="the reply is empty")
        return too_long(text) or settle(
            self._readings(text), "the reply is no JSON object of items and options"
        )

    def _read_exactly(self, reply: str) -> Reading | None:
        """The reading of a JSON object and nothing else, which is what is asked for."""
        if len(reply) > _SHORT:
            return None
        try:
            pairs: Any = json.loads(reply, object_pairs_hook=tuple)
            if not isinstance(pairs, tuple):
                return None
            given = {name: self._values[type(value), value] for name, value in cast(Any, pairs)}
        except (ValueError, RecursionError, KeyError, TypeError):
            return None
        if given.keys() != self._wanted or len(cast(Any, pairs)) != len(given):
            return None
        return Reading("exact", {item: given[item] for item in self.items})

    def _readings(self, text: str) -> Iterator[Reading]:
        found = [literal for literal in literals(text) if isinstance(literal.value, dict)]
        for literal in found:
            yield self._from_literal(literal, text)
        if found:
            return
        for form in forms(text):
            pairs, comment = self._pairs(form.text)
            if pairs is not None:
                yield self._resolved(pairs, comment or form.comment, joined(form.rule, "pairs"))

    def _from_literal(self, literal: Literal, text: str) -> Reading:
        if "text around" in literal.rule and (
            doubtful(text[: text.find("{")]) or doubtful((literal.comment or "").partition("\n")[0])
        ):
            return Reading("invalid", reason="what is said around the object puts it in doubt")
        pairs = list(cast(dict[str, Any], literal.value).items())
        return self._resolved(pairs, literal.comment, literal.rule)

    def _pairs(self, text: str) -> tuple[list[tuple[str, Any]] | None, str | None]:
        """Items and what follows them, one pair a line, or in one line with commas; and the comment."""
        lines = [line.strip() for line in text.split("\n")]
        if lines[0].endswith(":") and len(lines) > 1 and not doubtful(lines[0]):
            lines = lines[1:]
        pairs: list[tuple[str, Any]] = []
        for place, line in enumerate(lines):
            found = [self._pair(part) for part in ([line] if len(lines) > 1 else re.split(r"[,;]\s+", line))]
            if line and (None in found or len(pairs) > len(self.items)):
                rest = lines[place:]
                if any(self._pair(later) for later in rest[: len(self.items) + 50]):
                    return None, None
                return pairs or None, "\n".join(rest).strip() or None
            pairs += filter(None, found)
        return pairs or None, None

    def _pair(self, line: str) -> tuple[str, str] | None:
        """The item at the start of a line, and what follows it."""
        if len(line) > _LONGEST_LINE:
            return None
        mark = _BULLET.match(line)
        for part in (line, line[mark.end() :] if mark else ""):
            bare = part.lstrip("*_\"'`")
            for item in self._longest_first:
                between = _BETWEEN.match(bare, len(item)) if _starts(bare, item) else None
                if between:
                    return item, bare[between.end() :].strip()
        return None

    @cached_property
    def _longest_first(self) -> list[str]:
        return sorted(self.items, key=len, reverse=True)

    def _resolved(self, pairs: Sequence[tuple[str, Any]], comment: str | None, rule: str) -> Reading:
        """The answer that names and values give; rules are those of all of them."""
        answer: dict[str, Any] = {}
        rules: dict[str, None] = {}
        for name, value in pairs:
            items = self._items_of(name)
            if len(items) != 1 or items[0] in answer:
                problem = (
                    "is not one of the items" if not items else "is given twice, or may be several items"
                )
                return Reading("invalid", reason=f"{shorten(repr(name))} {problem}")
            match = self._option(value)
            if match is None:
                return Reading(
                    "invalid",
                    reason=f"{shorten(repr(value))} is not one of the options for {shorten(repr(name))}",
                )
            answer[items[0]] = match.answer
            rules.update(dict.fromkeys(filter(None, match.rule.split("+"))))
            if items[0] != name:
                rules["case"] = None
        missing = next((item for item in self.items if item not in answer), None)
        if missing is not None:
            return Reading("invalid", reason=f"there is no option for {shorten(repr(missing))}")
        rule = joined(rule, *rules)
        ordered = {item: answer[item] for item in self.items}
        return Reading("repaired" if rule else "exact", ordered, comment, rule or None)

    def _items_of(self, name: str) -> list[str]:
        if name in self._wanted:
            return [name]
        return [item for item in self.items if fold(item) == fold(name)]

    def _option(self, value: Any) -> Match | None:
        if not isinstance(value, str | int | float):
            return None
        option = self._values.get((type(value), value))
        if option is not None:
            return Match(str(option), option, "")
        text = value.strip() if isinstance(value, str) else json.dumps(value)
        found: dict[str, Match] = {}
        for form in forms(text[:_LONGEST_LINE]) if text else ():
            for match in self._names.find(form.text):
                rule = joined(form.rule, match.rule) or "text"  # a text for a number, or the other way round
                found.setdefault(match.key, match._replace(rule=rule))
        if len(found) == 1:
            return found.popitem()[1]
        return Match(text, value, "") if self.permissive and not found and text else None

    # The other way round

    def check(self, value: Any) -> Reading:
        if not isinstance(value, Mapping):
            return Reading("invalid", reason=f"a dict is wanted, not {a_kind(value)}")
        given = cast(Mapping[Any, Any], value)
        for name, option in given.items():
            if name not in self._wanted:
                return Reading("invalid", reason=f"{shorten(repr(name))} is not one of the items")
            allowed = self.permissive and isinstance(option, str | int | float)
            if self._names.written(option) is None and not allowed:
                return Reading("invalid", reason=f"{shorten(repr(option))} is not one of the options")
        missing = next((item for item in self.items if item not in given), None)
        if missing is not None:
            return Reading("invalid", reason=f"there is no option for {shorten(repr(missing))}")
        return Reading("exact", {item: given[item] for item in self.items})

    def draw(self, random: Random) -> Any:
        return {item: random.choice(self.options) for item in self.items}

    def write(self, answer: Any) -> str:
        return json.dumps(answer, ensure_ascii=False)


def _starts(text: str, item: str) -> bool:
    return text[: len(item)].casefold() == item.casefold()
