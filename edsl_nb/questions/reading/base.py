"""What an answer may be, and how a reply becomes one: exact, repaired by a named rule, or invalid."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from random import Random
from typing import Any, Literal, NamedTuple

from edsl_nb.core.schema import Schema

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

    @cached_property
    def reply_schema(self) -> Schema | None:
        """The schema as calls carry it: one object for all respondents who share this space."""
        schema = self.schema
        return None if schema is None else Schema(schema)

    @abstractmethod
    def read(self, reply: str) -> Reading:
        """The answer that a reply in text holds."""

    @abstractmethod
    def check(self, value: Any) -> Reading:
        """Whether a Python value is an answer as it stands (`exact`), or `invalid`.

        Texts are not read; a text is an answer only where answers are texts.
        """

    def check_item(self, item: Any) -> Reading:
        """Whether a value can be an item of an answer; `exact` where that is not known."""
        return Reading("exact", item)

    @abstractmethod
    def draw(self, random: Random) -> Any:
        """An answer drawn at random, for scripted models and dry runs."""

    @abstractmethod
    def write(self, answer: Any) -> str:
        """An answer as a reply that follows the question's instruction: `read` gives it back as exact."""


def a_kind(value: object) -> str:
    """The type of a value with its article, such as ``an int``."""
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
