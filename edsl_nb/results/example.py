"""Results to try things with, answered at random from what each question allows."""

from __future__ import annotations

from random import Random
from typing import Any

from edsl_nb.agents import Agent, AgentList
from edsl_nb.models.model import Model, ModelList
from edsl_nb.questions import Question, QuestionFreeText, QuestionLinearScale, QuestionMultipleChoice
from edsl_nb.results.axes import Axes
from edsl_nb.results.records import AnswerCell, Interview
from edsl_nb.scenarios import Scenario, ScenarioList
from edsl_nb.surveys import Survey


def _survey() -> Survey:
    return Survey(
        [
            QuestionMultipleChoice("drink", "Tea or coffee?", ["Tea", "Coffee", "Neither"]),
            QuestionLinearScale("much", "How much do you like it?", [1, 2, 3, 4, 5]),
            QuestionFreeText("why", "Why {{ drink.answer }}?"),
        ]
    )


def example_of() -> tuple[Axes, list[Interview], int]:
    """What is combined, the interviews, and how many they are; always the same ones."""
    personas = ("an artist", "a clerk", "a cook", "a gardener", "a nurse")
    axes = Axes(
        _survey(),
        AgentList([Agent({"persona": who, "age": 25 + 9 * i}) for i, who in enumerate(personas)]),
        ScenarioList([Scenario({})]),
        ModelList([Model("test", temperature=temperature) for temperature in (0.5, 1.0)]),
    )
    random = Random(7)
    rows = [(agent, model) for agent in range(len(axes.agents)) for model in range(len(axes.models))]
    interviews = [
        Interview(index, agent, 0, model, 0, _cells(axes.survey, random))
        for index, (agent, model) in enumerate(rows)
    ]
    return axes, interviews, len(interviews)


def _cells(survey: Survey, random: Random) -> list[AnswerCell]:
    """Answers in order; a question that names earlier answers has them."""
    scope: dict[str, Any] = {}
    cells: list[AnswerCell] = []
    for question in survey.questions:
        cells.append(_cell(question, scope, random))
        scope[question.question_name] = {"answer": cells[-1].answer}
    return cells


def _cell(question: Question, scope: dict[str, Any], random: Random) -> AnswerCell:
    asked = question.present(scope)
    answer = asked.space.draw(random)
    return AnswerCell(
        "answered",
        answer,
        how="exact",
        user_prompt=asked.prompt,
        options=None if asked.options is None else tuple(asked.options),
        text=asked.space.write(answer),
    )
