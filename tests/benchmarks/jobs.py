"""The job that is measured: two questions, and no two prompts alike."""

from __future__ import annotations

import itertools

from edsl_nb import (
    Jobs,
    Model,
    QuestionFreeText,
    QuestionMultipleChoice,
    ScenarioList,
    Survey,
)

_numbers = itertools.count()


def new_job(interviews: int, model: Model) -> Jobs:
    """A job whose prompts no other job has had, so that nothing of it is in the cache."""
    batch = next(_numbers)
    survey = Survey(
        [
            QuestionFreeText("view", "What do you think of {{ scenario.thing }}?"),
            QuestionMultipleChoice("likes", "Do you like {{ scenario.thing }}?", ["Yes", "No", "Perhaps"]),
        ]
    )
    scenarios = ScenarioList.from_list("thing", [f"thing {i} of batch {batch}" for i in range(interviews)])
    return survey.by(scenarios, model)
