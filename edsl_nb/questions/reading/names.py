"""How options are named in replies: by their text, by a code, by a label."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from edsl_nb.questions.reading.forms import joined

#: Typographic signs that people and models write for plain ones, and the other way round.
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-"})

_NUMBER = re.compile(r"[-+\u2212]?[0-9]{1,15}(?:\.[0-9]{1,15})?")

#: A code with the text of its option behind it, or with nothing but marks around it.
_CODE_FIRST = re.compile(
    r"[(\[]?(?P<code>[-+]?[#\w]++(?:\.[0-9]++)?)(?:[)\]]\s*+|\s*+[:.=)-]\s*+|\s*+(?=\()|\s++)"
    r"\(?(?P<text>[^\n]+?)\)?"
)
_CODE_LAST = re.compile(r"(?P<text>[^\n]+?)\s*+[(\[](?P<code>[-+]?[#\w]++(?:\.[0-9]++)?)[)\]]")
_CODE_ALONE = re.compile(
    r"(?:(?:option|code|number|choice)\s++)?[(\[]?(?P<code>[#\w]++)[)\].:]?", re.IGNORECASE
)


_WORD = re.compile(r"\w+")


class Match(NamedTuple):
    """An option that a text names.

    Attributes:
        key: text that tells the option from others.
        answer: the option.
        rule: how it is named; empty where it is named as it was asked for.
    """

    key: str
    answer: Any
    rule: str


def fold(text: str) -> str:
    """A text without what makes no difference: case, runs of white space, kinds of quotes and dashes."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_PLAIN)
    return " ".join(text.casefold().split())


def words(folded: str) -> str:
    """The words of a folded text, with spaces around them; empty where it has none."""
    found = " ".join(_WORD.findall(folded))
    return f" {found} " if found else ""


class Names:
    """The ways in which some options can be named.

    ====================  ====================================================
    rule                  what names an option
    ====================  ====================================================
    (none)                its text; where codes were asked for, its code
    case                  the same but for case, white space and kinds of quotes
    number                another way to write a number: ``3.0`` for 3
    text                  its text, where codes were asked for
    scale label           its label on a scale
    code                  its code with brackets, a dot or the word "option"
    code and text         both, which have to agree: ``2. Blue``
    number and label      both, which have to agree: ``5 (very good)``
    other                 ``other: Teal`` for ``Other: Teal``
    ====================  ====================================================

    Parameters:
        options: in the order shown, with texts that differ.
        codes: what the reply is to hold in place of their texts, or None.
        labels: what is shown beside them (None for none), or None.
        other: what stands before an answer in one's own words, such as
            ``Other``, where such answers are allowed.
    """

    def __init__(
        self,
        options: Sequence[Any],
        codes: Sequence[str] | None = None,
        labels: Sequence[str | None] | None = None,
        other: str | None = None,
    ) -> None:
        self.options = tuple(options)
        self.texts = tuple(str(option).strip() for option in self.options)
        self.codes = None if codes is None else tuple(codes)
        self.keys = self.texts if self.codes is None else self.codes
        self.labels = labels
        self.other = other.rstrip(" :") if other else None
        self.exact = dict(zip(self.keys, self.options, strict=True))

    def find(self, text: str) -> list[Match]:
        """The options that a text names; more than one where it can be read in several ways."""
        if text in self.exact:
            return [self._match(self._place_of[text], "")]
        if len(text) > self._longest:
            return list(self._others(text))
        found = list(dict.fromkeys([*self._named(text), *self._numbered(text), *self._coded(text)]))
        return found or list(self._others(text))

    def schema(self, listed: Sequence[Any]) -> Mapping[str, Any]:
        """JSON Schema of one option, or of an answer in one's own words where there may be one.

        Parameters:
            listed: the options as the reply is to name them.
        """
        options = {"enum": list(listed)}
        if self.other is None:
            return options
        own = {"type": "string", "pattern": f"^{re.escape(f'{self.other}: ')}.+$"}
        return {"anyOf": [options, own]}

    def written(self, answer: Any) -> str | None:
        """What an answer is called where it is written as asked for, or None for what is no answer."""
        place = self._places.get((type(answer), answer)) if _is_plain(answer) else None
        if place is not None:
            return self.keys[place]
        if self.other is None or not isinstance(answer, str):
            return None
        own = answer == self.other or any(match.answer == answer for match in self._others(answer))
        return answer if own else None

    @cached_property
    def _longest(self) -> int:
        """Characters of a text that can name an option, with a code and some space around it."""
        named = (*self.keys, *(name for name, _, _ in self._further), self.other or "")
        return 2 * max(map(len, named), default=0) + 50

    @cached_property
    def folded(self) -> dict[str, list[Match]]:
        """All names, folded, with what they name."""
        found: dict[str, list[Match]] = {}
        for place, key in enumerate(self.keys):
            found.setdefault(fold(key), []).append(self._match(place, "case"))
        for name, place, rule in self._further:
            known = found.setdefault(fold(name), [])
            if all(match.key != self.texts[place] for match in known):
                known.append(self._match(place, rule))
        if self.other is not None and fold(self.other) not in found:
            found[fold(self.other)] = [Match(self.other, self.other, "case")]
        return found

    @cached_property
    def spoken(self) -> dict[str, str]:
        """The words of each folded name, with spaces around them; empty where it has none."""
        return {name: words(name) for name in self.folded}

    @cached_property
    def _further(self) -> list[tuple[str, int, str]]:
        """Names that were not asked for, which are understood all the same."""
        texts = [] if self.codes is None else [(text, i, "text") for i, text in enumerate(self.texts)]
        labels = [
            (label, i, "scale label") for i, label in enumerate(self.labels or ()) if label and label.strip()
        ]
        return texts + labels

    @cached_property
    def _further_exact(self) -> dict[str, list[Match]]:
        found: dict[str, list[Match]] = {}
        for name, place, rule in self._further:
            found.setdefault(name.strip(), []).append(self._match(place, rule))
        return found

    @cached_property
    def _place_of(self) -> dict[str, int]:
        return {key: place for place, key in enumerate(self.keys)}

    @cached_property
    def _places(self) -> dict[tuple[type, Any], int]:
        return {(type(option), option): place for place, option in enumerate(self.options)}

    @cached_property
    def _values(self) -> dict[float, int]:
        """Options that are numbers, where these are what is asked for."""
        if self.codes is not None:
            return {}
        return {value: i for i, value in enumerate(self.options) if type(value) in (int, float)}

    def _match(self, place: int, rule: str) -> Match:
        return Match(self.texts[place], self.options[place], rule)

    def _named(self, text: str) -> list[Match]:
        """By the whole text: as it stands, else folded. An exact name wins over a folded one."""
        if self.other is not None and text == self.other:
            return [Match(text, text, "")]
        found = self._further_exact.get(text)
        if found:
            return found
        matches = self.folded.get(fold(text), [])
        return [m if m.rule == "case" else m._replace(rule=joined(m.rule, "case")) for m in matches]

    def _numbered(self, text: str) -> Iterator[Match]:
        if self._values and _NUMBER.fullmatch(text):
            place = self._values.get(float(text.replace("\u2212", "-")))
            if place is not None:
                yield self._match(place, "number")

    def _coded(self, text: str) -> Iterator[Match]:
        """By a code and what stands beside it. Where the two disagree, both are given."""
        if not self._further:
            return
        if self.codes is not None:
            alone = _CODE_ALONE.fullmatch(text)
            if alone:
                yield from (match._replace(rule="code") for match in self._by_code(alone["code"]))
        rule = "code and text" if self.codes is not None else "number and label"
        for pattern in (_CODE_FIRST, _CODE_LAST):
            both = pattern.fullmatch(text)
            if both:
                coded = self._by_code(both["code"])
                named = [m for m in self._named(both["text"]) if m.rule.startswith(("text", "scale label"))]
                if coded and named:
                    agreed = [match for match in named if match.key == coded[0].key]
                    yield from (m._replace(rule=rule) for m in agreed or (*coded, *named))

    def _by_code(self, code: str) -> list[Match]:
        if code in self.exact:
            return [self._match(self._place_of[code], "")]
        by_key = [match for match in self.folded.get(fold(code), ()) if match.rule == "case"]
        return by_key or list(self._numbered(code))

    def _others(self, text: str) -> Iterator[Match]:
        """An answer in one's own words, which must not be an option."""
        if self.other is None or "\n" in text:
            return
        start, colon, own = text.partition(":")
        own = own.strip()
        short = self.other.partition(" (")[0]
        if colon and own and fold(start) in (fold(self.other), fold(short)) and fold(own) not in self.folded:
            answer = f"{self.other}: {own}"
            yield Match(self.other, answer, "" if answer == text else "other")


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)
