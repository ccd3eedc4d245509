"""What an answer may be, and how a reply becomes one: exact, repaired by a named rule, or invalid."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from random import Random
from typing import Any, Literal, NamedTuple

How = Literal["exact", "repaired", "invalid"]


class Reading(NamedTuple):
    """What was read from a reply.

    Attributes:
        how: `exact`, `repaired` (by `rule`) or `invalid` (for `reason`).
        answer: the answer; None when invalid.
        comment: what was said about the answer, or None.
        rule: the rules that led to a repaired answer, joined by ``+``.
        reason: why a reply is invalid, as words that can be shown to whoever answered.
    """

    how: How
    answer: Any = None
    comment: str | None = None
    rule: str | None = None
    reason: str | None = None


class AnswerSpace(ABC):
    """The answers that one question allows one respondent.

    A model's reply, a person's input and ``question.validate`` all go through
    the same space. Nothing outside of it ever comes out as an answer.
    """

    @property
    @abstractmethod
    def schema(self) -> Mapping[str, Any] | None:
        """JSON Schema of a reply as it is asked for, or None where anything goes."""

    @abstractmethod
    def read(self, reply: str) -> Reading:
        """The answer that a reply in text holds."""

    @abstractmethod
    def check(self, value: Any) -> Reading:
        """Whether a Python value is an answer as it stands (`exact`), or `invalid`.

        Texts are not read; a text is an answer only where answers are texts.
        """

    @abstractmethod
    def draw(self, random: Random) -> Any:
        """An answer drawn at random, for scripted models and dry runs."""

    @abstractmethod
    def write(self, answer: Any) -> str:
        """An answer as a reply that follows the question's instruction: `read` gives it back as exact."""
