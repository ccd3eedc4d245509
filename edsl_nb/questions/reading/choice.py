"""Answers that are one of several options."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from random import Random
from typing import Any

from edsl_nb.questions.reading.base import AnswerSpace, Reading
from edsl_nb.questions.reading.forms import LONGEST, forms, joined, shorten, split
from edsl_nb.questions.reading.names import Match, Names
from edsl_nb.questions.reading.sentence import in_sentence

#: A mark of a list before a single answer; a minus sign is none.
_BULLET = re.compile(r"[-*•+]\s+(?=\D)")


class Choice(AnswerSpace):
    """One of some options.

    Parameters:
        options: in the order shown, with texts that differ.
        codes: what is replied in place of their texts, or None.
        labels: what is shown beside them, or None.
        other: what starts an answer in one's own words, where these are allowed.
        permissive: whether what is not one of the options is an answer, too.
    """

    def __init__(
        self,
        options: Sequence[Any],
        codes: Sequence[str] | None = None,
        labels: Sequence[str | None] | None = None,
        other: str | None = None,
        permissive: bool = False,
    ) -> None:
        self.options = tuple(options)
        self.permissive = permissive
        self._names = Names(options, codes, labels, other)
        self._exact = self._names.exact

    @property
    def schema(self) -> Mapping[str, Any] | None:
        if self.permissive:
            return None
        return self._names.schema(self.options if self._names.codes is None else self._names.codes)

    def read(self, reply: str) -> Reading:
        text = reply.strip()
        if text in self._exact:
            return Reading("exact", self._exact[text])
        if not text:
            return Reading("invalid", reason="the reply is empty")
        if len(text) > LONGEST:
            return Reading("invalid", reason=f"the reply has {len(text):,} characters, which is no choice")
        first, comment = split(text)
        if first in self._exact:
            return self._alone(Reading("exact", self._exact[first], comment))
        found = self._repaired(text)
        return found if "json" in (found.rule or "") else self._alone(found)

    def _alone(self, reading: Reading) -> Reading:
        """The reading, unless the line after the answer names another option: the options are repeated."""
        if reading.comment is None or reading.how == "invalid":
            return reading
        second, _ = split(reading.comment)
        for match in (match for form in forms(second) for match in self._listed(form.text)):
            if match.answer != reading.answer:
                names = f"{shorten(repr(reading.answer))} or {shorten(repr(match.answer))}"
                return Reading("invalid", reason=f"the reply can be read as {names}")
        return reading

    def _repaired(self, text: str) -> Reading:
        found: dict[str, Reading] = {}
        for form in forms(text):
            for match in self._matches(form.text):
                rule = joined(form.rule, match.rule)
                if not rule:
                    return Reading("exact", match.answer, form.comment)
                known = found.get(match.key)
                # The plainest rule is the one to report.
                if known is None or ("sentence" in (known.rule or "") and "sentence" not in rule):
                    found[match.key] = Reading("repaired", match.answer, form.comment, rule)
        if len(found) == 1:
            return found.popitem()[1]
        if found:
            names = " or ".join(repr(shorten(name)) for name in found)
            return Reading("invalid", reason=f"the reply can be read as {names}")
        if self.permissive:
            return self._permitted(text)
        return Reading("invalid", reason=self._refusal(split(text)[0]))

    def _matches(self, text: str) -> Iterator[Match]:
        found = self._listed(text)
        yield from found
        if not found or found[0].rule.startswith("bullet"):
            yield from in_sentence(text, self._names)

    def _listed(self, text: str) -> list[Match]:
        """The options that a line names, also after the mark of a list."""
        found = self._names.find(text)
        bullet = None if found else _BULLET.match(text)
        if bullet is None:
            return found
        listed = self._names.find(text[bullet.end() :])
        return [match._replace(rule=joined("bullet", match.rule)) for match in listed]

    def _permitted(self, text: str) -> Reading:
        """Another answer of the same kind: a number where all options are numbers, else a line of text."""
        best = Reading("invalid", reason=self._refusal(split(text)[0]))
        for form in forms(text):  # the plainest text comes last
            answer = self._of_kind(form.text)
            if answer is not None and "full stop" not in form.rule:
                how = "repaired" if form.rule else "exact"
                best = Reading(how, answer, form.comment, form.rule or None)
        return best

    def _of_kind(self, text: str) -> Any:
        if "\n" in text or text.startswith(("{", "[", "```")) or self._is_like_a_code(text):
            return None
        if not self._numeric:
            return text
        try:
            value = float(text) if len(text) < 20 and text.isascii() else None
        except ValueError:
            return None
        if value is None or value - value != 0:
            return None
        return int(text) if text.lstrip("+-").isdigit() else value

    @cached_property
    def _numeric(self) -> bool:
        return all(type(option) in (int, float) for option in self.options)

    def _is_like_a_code(self, text: str) -> bool:
        return self._names.codes is not None and (text.isdigit() or len(text) == 1)

    def _refusal(self, said: str) -> str:
        return f"{shorten(said)!r} is not one of the {'codes' if self._names.codes else 'options'}"

    def check(self, value: Any) -> Reading:
        if self._names.written(value) is not None:
            return Reading("exact", value)
        if self.permissive and self._is_permitted(value):
            return Reading("exact", value)
        return Reading("invalid", reason=f"{shorten(repr(value))} is not one of the options")

    def _is_permitted(self, value: Any) -> bool:
        if self._numeric:
            return type(value) is int or (type(value) is float and value - value == 0)
        return isinstance(value, str) and bool(value.strip()) and len(value) <= LONGEST

    def draw(self, random: Random) -> Any:
        return random.choice(self.options)

    def write(self, answer: Any) -> str:
        written = self._names.written(answer)
        return str(answer) if written is None else written
