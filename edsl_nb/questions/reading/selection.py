"""Answers that are several of some options: chosen, or put in order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any, cast

from edsl_nb.questions.reading.base import AnswerSpace, Reading, a_kind
from edsl_nb.questions.reading.forms import Form, doubtful, forms, joined, shorten
from edsl_nb.questions.reading.listed import Item, ItemSyntax, listings, separators
from edsl_nb.questions.reading.literals import Literal, literals, settle, too_long
from edsl_nb.questions.reading.names import Match, Names, fold

_NONE = re.compile(
    r"(?:none|nothing)(?: of (?:them|these|those|the above|the options|the options above|the above options))?"
    r"(?: appl(?:y|ies))?[.!]?"
)

#: Rules that tell the comment from the answer, however it looks.
_ENVELOPES = frozenset({"json", "fence", "text around"})

#: Replies of more characters are not read on the short way.
_SHORT = 10_000


class Selection(AnswerSpace):
    """Some of the options, each at most once.

    The answer is a list, in the order in which the reply names them.

    Parameters:
        options: in the order shown, with texts that differ.
        least, most: how many have to be chosen; None for no limit.
        codes: what is replied in place of their texts, or None.
        other: what starts an answer in one's own words, where one such is allowed.
        permissive: whether any texts or numbers, and any number of them, are an answer.
    """

    def __init__(
        self,
        options: Sequence[Any],
        least: int | None = None,
        most: int | None = None,
        codes: Sequence[str] | None = None,
        other: str | None = None,
        permissive: bool = False,
    ) -> None:
        self.options = tuple(options)
        self.least = least or 0
        self.most = most
        self.permissive = permissive
        self._names = Names(options, codes, other=other)
        # What the items of the list are, as JSON has them; 1 and True are told apart by their types.
        self._keys = self.options if codes is None else tuple(map(_as_json, codes))
        self._items: dict[tuple[type, Any], Any] = {
            (type(key), key): option for key, option in zip(self._keys, self.options, strict=True)
        }

    @property
    def schema(self) -> Mapping[str, Any] | None:
        if self.permissive:
            return None
        limits = {"minItems": self.least or None, "maxItems": self.most}
        return {
            "type": "array",
            "items": self._names.schema(self._keys),
            "uniqueItems": True,
            **{name: limit for name, limit in limits.items() if limit is not None},
        }

    # Reading

    def read(self, reply: str) -> Reading:
        found = self._read_exactly(reply)
        if found is not None:
            return found
        text = reply.strip()
        if not text:
            return Reading("invalid", reason="the reply is empty")
        return too_long(text) or settle(self._readings(text), f"{shorten(text)!r} is no list of the options")

    def _read_exactly(self, reply: str) -> Reading | None:
        """The reading of a JSON list and nothing else, which is what is asked for."""
        if len(reply) > _SHORT:
            return None
        try:
            given: Any = json.loads(reply)
            if not isinstance(given, list):
                return None
            answer = [self._items[type(item), item] for item in cast(list[Any], given)]
        except (ValueError, RecursionError, KeyError, TypeError):
            return None
        return self._counted(Reading("exact", answer))

    def _readings(self, text: str) -> Iterator[Reading]:
        """The reply in every way to see a list in it."""
        item = lru_cache(maxsize=2048)(self._named)
        lists = [literal for literal in literals(text) if isinstance(literal.value, list)]
        for literal in lists:
            yield self._from_literal(literal, text, item)
        if lists:
            return
        numbered = not any(code[0].isdigit() for code in self._names.codes or ())
        widest = 1 + max(map(separators, self._names.texts), default=0)
        for form in forms(text):
            yield from self._from_form(form, ItemSyntax(item, numbered, widest))

    def _from_form(self, form: Form, items: ItemSyntax) -> Iterator[Reading]:
        enclosed = not _ENVELOPES.isdisjoint(form.rule.split("+"))
        for listing in listings(form.text, None if enclosed else form.comment, items):
            rule = joined(form.rule, listing.rule)
            yield self._resolved(listing.matches, listing.comment or form.comment, rule)
        bare = form.text.split()
        if (
            self._names.codes is not None
            and len(bare) > 1
            and all(code in self._names.exact for code in bare)
        ):
            matches = [match for code in bare for match in self._names.find(code)]
            yield self._resolved(matches, form.comment, joined(form.rule, "spaces"))
        if _NONE.fullmatch(fold(form.text[:100])) and fold(form.text) not in self._names.folded:
            yield self._counted(Reading("repaired", [], form.comment, joined(form.rule, "none")))
        if self.permissive and "\n" not in form.text and form.text[0] not in "[{":
            pieces = [piece.strip() for piece in form.text.split(",")]
            if all(pieces) and not any(items.item(piece) for piece in pieces):
                matches = [Match(piece, piece, "") for piece in pieces]
                yield self._resolved(matches, form.comment, joined(form.rule, "commas"))

    def _from_literal(self, literal: Literal, text: str, item: Item) -> Reading:
        if "text around" in literal.rule:
            start = min(place for place in (text.find("["), text.find("{")) if place >= 0)
            rest = (literal.comment or "").partition("\n")[0]
            if doubtful(text[:start]) or doubtful(rest):
                return Reading("invalid", reason="what is said around the list puts it in doubt")
        matches: list[Match] = []
        for given in literal.value:
            match = self._given(given, item)
            if match is None:
                return Reading("invalid", reason=f"{shorten(repr(given))} is not one of the {self._wanted}")
            matches.append(match)
        return self._resolved(matches, literal.comment, literal.rule)

    @property
    def _wanted(self) -> str:
        return "options" if self._names.codes is None else "codes"

    def _given(self, given: Any, item: Item) -> Match | None:
        """What an item of a literal names."""
        if not isinstance(given, str | int | float):
            return None
        option = self._items.get((type(given), given))
        if option is not None:
            return Match(str(option).strip(), option, "")
        text = given.strip() if isinstance(given, str) else json.dumps(given)
        found = item(text) if text else None
        if found is not None:
            # Without a rule it is a text where a number was asked for, or the other way round.
            as_asked = found.rule or found.key == self._names.other
            return found if as_asked else found._replace(rule="text")
        return Match(text, given, "") if self.permissive and text else None

    def _named(self, text: str) -> Match | None:
        """The only option that a text names, alone or without quotes and the like."""
        if not text or len(text) > _SHORT:
            return None
        found: dict[str, Match] = {}
        for form in forms(text):
            for match in self._names.find(form.text):
                rule = joined(form.rule, match.rule)
                if not rule:
                    return match
                found.setdefault(match.key, match._replace(rule=rule))
        return found.popitem()[1] if len(found) == 1 else None

    def _resolved(self, matches: Sequence[Match], comment: str | None, rule: str) -> Reading:
        rules = dict.fromkeys(name for match in matches for name in match.rule.split("+") if name)
        rule = joined(rule, *(name for name in rules if name not in rule.split("+")))
        answer = [match.answer for match in matches]
        return self._counted(Reading("repaired" if rule else "exact", answer, comment, rule or None))

    def _counted(self, reading: Reading) -> Reading:
        """A reading, or `invalid` where an option comes twice, or there are too many or too few."""
        answer = cast(list[Any], reading.answer)
        seen: set[str] = set()
        for option in answer:
            key = self._key(option)
            if key in seen:
                return Reading("invalid", reason=f"{shorten(str(option))!r} is chosen twice")
            seen.add(key)
        if self.permissive or (self.least <= len(answer) and (self.most is None or len(answer) <= self.most)):
            return reading
        return Reading("invalid", reason=f"{self._limits()} wanted, not {len(answer)}")

    def _key(self, option: Any) -> str:
        other = self._names.other
        own = other is not None and isinstance(option, str) and option not in self.options
        return other if own and other is not None else str(option).strip()

    def _limits(self) -> str:
        least, most = self.least, self.most
        if least == most:
            return "one option is" if least == 1 else f"{least} options are"
        if most is None:
            return f"at least {least} option{'s are' if least > 1 else ' is'}"
        return (
            f"{least} to {most} options are"
            if least
            else f"at most {most} option{'s are' if most > 1 else ' is'}"
        )

    # The other way round

    def check(self, value: Any) -> Reading:
        if not isinstance(value, list | tuple):
            return Reading("invalid", reason=f"a list is wanted, not {a_kind(value)}")
        items = list(cast(Sequence[Any], value))
        wrong = next((item for item in map(self.check_item, items) if item.how == "invalid"), None)
        return wrong or self._counted(Reading("exact", items))

    def check_item(self, item: Any) -> Reading:
        if self._names.written(item) is None and not (self.permissive and _is_scalar(item)):
            return Reading("invalid", reason=f"{shorten(repr(item))} is not one of the options")
        return Reading("exact", item)

    def draw(self, random: Random) -> Any:
        most = len(self.options) if self.most is None else min(self.most, len(self.options))
        return random.sample(self.options, random.randint(min(self.least, most), most))

    def write(self, answer: Any) -> str:
        return json.dumps([self._written(item) for item in answer], ensure_ascii=False)

    def _written(self, item: Any) -> Any:
        written = self._names.written(item)
        return item if written is None or self._names.codes is None else _as_json(written)


def _as_json(code: str) -> int | str:
    """A code as an item of a JSON list."""
    return int(code) if code.isdigit() else code


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float) and bool(str(value).strip())
