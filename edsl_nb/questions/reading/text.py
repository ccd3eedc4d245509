"""Answers in one's own words."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from edsl_nb.questions.reading.base import AnswerSpace, Reading, a_kind


class Text(AnswerSpace):
    """Any text, only stripped of the space around it."""

    @property
    def schema(self) -> Mapping[str, Any] | None:
        return None

    def read(self, reply: str) -> Reading:
        return Reading("exact", reply.strip())

    def check(self, value: Any) -> Reading:
        if not isinstance(value, str):
            return Reading("invalid", reason=f"a text is wanted, not {a_kind(value)}")
        return Reading("exact", value.strip())

    def draw(self, random: Random) -> Any:
        return f"A made-up answer, number {random.randrange(10_000)}."

    def write(self, answer: Any) -> str:
        return str(answer)
