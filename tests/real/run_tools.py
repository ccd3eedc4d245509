"""What tests and the programs that they start share. It imports little, because programs do."""

from __future__ import annotations

import time
from collections.abc import Callable

from edsl_nb import QuestionFreeText, ScenarioList

#: Seconds after which something that is waited for has failed.
PATIENCE = 45.0


def color(question: str = "Which color suits {{ scenario.thing }}?") -> QuestionFreeText:
    return QuestionFreeText("color", question)


def things(count: int) -> ScenarioList:
    return ScenarioList.from_list("thing", [f"thing {i}" for i in range(count)])


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until something holds that has no event."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.005)
