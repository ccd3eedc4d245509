"""How fast replies are read: 100,000 of each question type, exactly as asked for and in other forms."""

from __future__ import annotations

import time
from random import Random
from typing import Any

import pytest

import edsl_nb
from edsl_nb import Question
from edsl_nb.questions.reading import AnswerSpace
from tests.benchmarks.conftest import Finding

REPLIES = 100_000
#: Different replies; the rest are the same again, as in a study.
DIFFERENT = 2_000

#: Forms in which an answer is repaired.
FORMS = {
    "in a code fence": "```\n{}\n```",
    "emphasised": "**{}**",
    "labelled": "Answer: {}",
    "in a sentence": "I would say {}.",
}


def spaces() -> dict[str, AnswerSpace]:
    """By question type, the answers of its example, as it is presented to everybody."""
    named = [getattr(edsl_nb, name) for name in edsl_nb.__all__ if name.startswith("Question")]
    examples = {cls.question_type: cls.example() for cls in named if hasattr(cls, "question_type")}
    asked = {name: examples[name] for name in Question.available() if not examples[name].computed}
    return {name: question.present({}).space for name, question in asked.items()}


def rate(space: AnswerSpace, replies: list[str], count: int) -> float:
    """Replies read per second of one core, of so many."""
    read, times = space.read, max(1, count // len(replies))
    began = time.process_time()
    for _ in range(times):
        for reply in replies:
            read(reply)
    return times * len(replies) / (time.process_time() - began)


@pytest.mark.parametrize("question_type", spaces())
def test_reading(benchmark: Any, finding: Finding, question_type: str) -> None:
    space, random = spaces()[question_type], Random(1)
    exact = [space.write(space.draw(random)) for _ in range(DIFFERENT)]
    assert {space.read(reply).how for reply in exact} == {"exact"}
    as_asked = benchmark.pedantic(rate, args=(space, exact, REPLIES), rounds=1)
    rates = [f"{as_asked:,.0f} replies/s"]
    for name, form in FORMS.items():
        readable = [reply for reply in map(form.format, exact) if space.read(reply).how == "repaired"]
        if readable:
            rates.append(f"{rate(space, readable, REPLIES // 10):,.0f} {name}")
    finding(f"reading {REPLIES:,} replies to {question_type}: {'; '.join(rates)}")
