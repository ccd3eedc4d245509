"""Answers of several named values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, cast

from edsl_nb.questions.reading.base import AnswerSpace, Reading, a_kind
from edsl_nb.questions.reading.forms import joined, shorten
from edsl_nb.questions.reading.items import left_out, unkept
from edsl_nb.questions.reading.kinds import Kind
from edsl_nb.questions.reading.literals import literals, settle, too_long


def by_name(given: Mapping[str, Any], names: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The values that an object has for some names, the rest of it, and the rule.

    Names are found as they stand, else (rule ``case``) without regard to case and white space.
    """
    found = {name: given[name] for name in names if name in given}
    rest = {name: value for name, value in given.items() if name not in found}
    missing = {_folded(name): name for name in names if name not in found}
    if not missing or not rest:
        return found, rest, ""
    rule = ""
    for key in tuple(rest):
        name = missing.get(_folded(key))
        if name is not None and name not in found:
            found[name] = rest.pop(key)
            rule = "case"
    return {name: found[name] for name in names if name in found}, rest, rule


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())


_LEAD = re.compile(r"(?:[-*+•]|[0-9]{1,4}[.)])[ \t]+")
_MARKS = re.compile(r"[*`\"']+")


def named_lines(text: str, names: Sequence[str]) -> Iterator[tuple[dict[str, str], str | None]]:
    """The values of a reply with a line such as ``name: value`` for each name, and the comment after them."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) < len(names):
        return
    by_folded = {_folded(_MARKS.sub("", name)): name for name in names}
    found: dict[str, str] = {}
    for line in lines[: len(names)]:
        pair = _named(line, by_folded)
        if pair is None or pair[0] in found:
            return
        found[pair[0]] = pair[1]
    rest = lines[len(names) :]
    if not any(_named(line, by_folded) for line in rest[: len(names)]):
        yield found, "\n".join(rest) or None


def _named(line: str, by_folded: Mapping[str, str]) -> tuple[str, str] | None:
    """The name and value of a line; names may hold colons themselves."""
    line = _LEAD.sub("", line, count=1)
    longest = max(map(len, by_folded), default=0) + 40
    places = [match.start() for match in re.finditer("[:=]", line[:longest])]
    for place in places[:20]:
        name = by_folded.get(_folded(_MARKS.sub("", line[:place])))
        value = line[place + 1 :].strip()
        if line[:place].count("*") % 2 == 0 and value.startswith("**"):  # **name:** value
            value = value.removeprefix("**").strip()
        if name is not None and value:
            return name, value
    return None


class Record(AnswerSpace):
    """A value of its kind for each of some names.

    Parameters:
        fields: the kind of each value, by its name.
        permissive: whether values of other kinds, and other names besides, are kept as they are.
    """

    def __init__(self, fields: Mapping[str, Kind], permissive: bool = False) -> None:
        self.fields = dict(fields)
        self.permissive = permissive

    @property
    def schema(self) -> Mapping[str, Any] | None:
        return {
            "type": "object",
            "properties": {name: dict(kind.schema) for name, kind in self.fields.items()},
            "required": list(self.fields),
            "additionalProperties": False,
        }

    def read(self, reply: str) -> Reading:
        long = too_long(reply)
        if long:
            return long
        text = reply.strip()
        if not text:
            return Reading("invalid", reason="the reply is empty")
        return settle(self._readings(text), "the reply holds no complete JSON object")

    def _readings(self, text: str) -> Iterator[Reading]:
        objects = False
        for value, comment, rule in literals(text):
            if isinstance(value, dict):
                objects = True
                yield self._judged(value, comment, rule)
        if not objects:
            for given, comment in named_lines(text, tuple(self.fields)):
                yield self._judged(given, comment, "pairs")

    def _judged(self, given: dict[str, Any], comment: str | None, rule: str) -> Reading:
        found, rest, case = by_name(given, tuple(self.fields))
        rules = [rule, case]
        answer: dict[str, Any] = {}
        for name, kind in self.fields.items():
            if name not in found:
                return Reading("invalid", reason=f"{name!r} is missing")
            if left_out(found[name]):
                return Reading("invalid", reason=f"dots stand for {name!r}")
            accepted = kind.accept(found[name])
            if accepted is None and not self.permissive:
                shown = shorten(repr(found[name]))
                return Reading("invalid", reason=f"{name!r} has to be {kind.words}, not {shown}")
            answer[name], changed = accepted or (found[name], "")
            rules.append(changed)
        if isinstance(rest.get("comment"), str):
            comment = rest.pop("comment").strip() or comment
        if self.permissive:
            answer |= rest
        elif rest:
            rules.append("other names")
        rule = joined(*dict.fromkeys(rules))
        return Reading("repaired", answer, comment, rule) if rule else Reading("exact", answer, comment)

    def check(self, value: Any) -> Reading:
        if not isinstance(value, dict):
            return Reading("invalid", reason=f"an object is wanted, not {a_kind(value)}")
        given = cast(dict[Any, Any], value)
        problem = unkept(given)
        other = next((name for name in given if name not in self.fields), None)
        if not problem and other is not None and not self.permissive:
            problem = f"{other!r} is not one of the names"
        if problem:
            return Reading("invalid", reason=problem)
        reading = self._judged(given, None, "")
        if reading.how != "repaired":
            return reading
        return Reading("invalid", reason=f"a value is not of its kind ({reading.rule})")

    def draw(self, random: Random) -> Any:
        return {name: kind.draw(random) for name, kind in self.fields.items()}

    def write(self, answer: Any) -> str:
        return json.dumps(answer, ensure_ascii=False)
