"""Answers that are looked up among many options by words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from random import Random
from typing import Any

from edsl_nb.questions.reading.base import AnswerSpace, Reading
from edsl_nb.questions.reading.choice import Choice
from edsl_nb.questions.reading.forms import doubtful, shorten, split
from edsl_nb.questions.reading.names import fold
from edsl_nb.questions.reading.selection import Selection

_WORD = re.compile(r"\w+")

#: Words of a search; more are an essay.
_MOST_WORDS = 50
_LONGEST = 1_000

#: Options that a service is held to; OpenAI takes no more.
_MOST_HELD_TO = 1_000

#: How soon a word that comes often, and a long text, stop to count for more (the usual values of BM25).
_SATURATION, _LENGTH = 1.5, 0.75


class Search(AnswerSpace):
    """The options that fit a reply best: those that it names, else those that share words with it.

    The answer is a list of up to `most` options, the best first. A reply that
    names one as it was shown is exact, one that names options otherwise is read
    as `Selection` reads it. Any other reply is a search
    (rule ``search``): options are ranked by the words that they and their
    details share with its first line, rare words counting for more. A reply that
    shares no word with any option, or that negates or doubts, is invalid.

    Parameters:
        options: all of them.
        details: further words to find each by, or None.
        most: how many options the answer may have.
        codes: what may be replied in place of the texts, or None.
        shown: positions of the options whose codes the respondent sees, or None for all.
        permissive: whether a reply that finds nothing is the answer itself.
    """

    def __init__(
        self,
        options: Sequence[Any],
        details: Sequence[str] | None = None,
        most: int = 5,
        codes: Sequence[str] | None = None,
        shown: Collection[int] | None = None,
        permissive: bool = False,
    ) -> None:
        self.options = tuple(options)
        self.most = most
        self.permissive = permissive
        self._details = tuple(details) if details else ("",) * len(self.options)
        self._shown = shown
        self._codes = codes
        self._one = Choice(options, codes)
        self._named = Selection(options, 1, most, codes)

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """One of all options, since words to search for have no form; None where there are very many."""
        if self.permissive or len(self.options) > _MOST_HELD_TO:
            return None
        if self._codes is None:
            return {"enum": list(self.options)}
        # A code that was not shown would be a shot in the dark, and the text of an option may be found.
        seen = range(len(self.options)) if self._shown is None else self._shown
        return {"enum": [code if i in seen else self.options[i] for i, code in enumerate(self._codes)]}

    def read(self, reply: str) -> Reading:
        one = self._one.read(reply)
        if one.how == "exact":
            return one._replace(answer=[one.answer])
        found = self._named.read(reply)
        if found.how != "invalid":
            return found
        said, comment = split(reply.strip())
        # A list of which an item is wrong, or there are too many, is no search.
        if not said or len(reply) > 100_000 or len(said) > _LONGEST or said[0] in "[{`":
            return found
        if doubtful(said):
            return Reading("invalid", reason=f"{shorten(said)!r} does not say clearly what is wanted")
        best = self._ranked(said)
        if best:
            return Reading("repaired", best, comment, "search")
        if self.permissive:
            return Reading("exact", [said], comment)
        return Reading("invalid", reason=f"no option has a word of {shorten(said)!r}")

    def _ranked(self, said: str) -> list[Any]:
        """Options that share words with a text, the best first; equals in the order of the options."""
        scores: Counter[int] = Counter()
        index = self._index
        for word in dict.fromkeys(_words(said)[:_MOST_WORDS]):
            places = index.get(word, {})
            rarity = math.log(1 + (len(self.options) - len(places) + 0.5) / (len(places) + 0.5))
            for place, often in places.items():
                length = 1 - _LENGTH + _LENGTH * self._lengths[place] / self._usual_length
                scores[place] += rarity * often * (_SATURATION + 1) / (often + _SATURATION * length)  # type: ignore[assignment]
        best = sorted(scores, key=lambda place: (-scores[place], place))
        return [self.options[place] for place in best[: self.most]]

    @cached_property
    def _texts(self) -> list[list[str]]:
        described = zip(self.options, self._details, strict=True)
        return [_words(f"{option} {detail}") for option, detail in described]

    @cached_property
    def _lengths(self) -> list[int]:
        return [len(words) for words in self._texts]

    @cached_property
    def _usual_length(self) -> float:
        return max(1.0, sum(self._lengths) / len(self._lengths))

    @cached_property
    def _index(self) -> dict[str, dict[int, int]]:
        """word -> how often each option has it."""
        found: dict[str, dict[int, int]] = {}
        for place, words in enumerate(self._texts):
            for word, often in Counter(words).items():
                found.setdefault(word, {})[place] = often
        return found

    def check(self, value: Any) -> Reading:
        if self.permissive and isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):  # type: ignore[arg-type]
            return Reading("exact", value)
        return self._named.check(value)

    def draw(self, random: Random) -> Any:
        return [random.choice(self.options)]

    def write(self, answer: Any) -> str:
        return self._one.write(answer[0]) if len(answer) == 1 else self._named.write(answer)


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))
