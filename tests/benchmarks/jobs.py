"""The jobs that are measured: two questions and no two prompts alike, and ten with memory and rules."""

from __future__ import annotations

import itertools

from edsl_nb import (
    Jobs,
    Model,
    QuestionCheckBox,
    QuestionFreeText,
    QuestionLinearScale,
    QuestionList,
    QuestionMultipleChoice,
    QuestionNumerical,
    QuestionYesNo,
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


def long_survey() -> Survey:
    """Ten questions of usual kinds, each of which remembers all before it; two may be skipped."""
    thing = "{{ scenario.thing }}"
    survey = Survey(
        [
            QuestionYesNo("tried", f"Have you tried {thing}?"),
            QuestionFreeText("view", f"What do you, {{{{ agent.persona }}}}, think of {thing}?"),
            QuestionMultipleChoice("likes", f"Do you like {thing}?", ["Yes", "No", "Perhaps"]),
            QuestionLinearScale("rate", f"How good is {thing}?", [1, 2, 3, 4, 5]),
            QuestionNumerical("pay", f"What would you pay for {thing}, in dollars?", min_value=0),
            QuestionCheckBox("uses", f"What would you use {thing} for?", ["Work", "Home", "Gifts"]),
            QuestionFreeText("why", "You rate it {{ rate.answer }}. Why?"),
            QuestionList("words", f"Name three words for {thing}.", max_list_items=3),
            QuestionFreeText("other", "What else comes to mind?"),
            QuestionYesNo("again", f"Would you buy {thing} again?"),
        ]
    )
    survey.add_skip_rule("view", "{{ tried.answer }} == 'No'")
    survey.add_skip_rule("words", "{{ likes.answer }} == 'No'")
    return survey.set_full_memory_mode()
