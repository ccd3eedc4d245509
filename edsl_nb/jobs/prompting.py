"""What each agent is sent: prompts as a pure function of question, agent, scenario and earlier answers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from edsl_nb.agents import Agent
from edsl_nb.core.errors import QuestionError, TemplateError
from edsl_nb.core.templates import Fields
from edsl_nb.models import Model, ModelCall
from edsl_nb.questions import Presented, Question
from edsl_nb.questions.base import Pending
from edsl_nb.results import Axes
from edsl_nb.scenarios import Scenario


class Prompter:
    """Renders the prompts of a job.

    Parameters:
        axes: the survey and the lists it is combined with.
    """

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        self.questions = axes.survey.questions
        # A question without placeholders is the same for everybody.
        self._constant: dict[int, Presented] = {}
        # Enough for all interviews that are in flight, which come agent by agent, scenario by scenario.
        self.agent = lru_cache(maxsize=2048)(axes.agents.__getitem__)
        self.scenario = lru_cache(maxsize=2048)(axes.scenarios.__getitem__)
        self.system = lru_cache(maxsize=1024)(self._system)

    def _system(self, agent: int) -> str:
        try:
            return _sendable(self.agent(agent).system_prompt())
        except TemplateError as wrong:
            raise wrong.at(f"agent {agent}") from None

    def present(
        self, position: int, agent: int, scenario: int, answers: Mapping[str, Mapping[str, Any]]
    ) -> Presented:
        """A question as an agent sees it.

        Parameters:
            position: the question's position in the survey.
            agent, scenario: positions in the job's lists.
            answers: what earlier questions gave, by name; see `answer_fields`.

        Raises:
            TemplateError: a placeholder has no value; names question, agent and scenario.
            QuestionError: a placeholder stands for options that are none; names the same.
        """
        found = self._constant.get(position)
        if found is not None:
            return found
        question = self.questions[position]
        try:
            if not question.references:
                found = self._constant[position] = question.present({})
                return found
            found = question.present(scope(self.agent(agent), self.scenario(scenario), answers))
            _sendable(found.prompt)
            return found
        except (TemplateError, QuestionError) as wrong:
            raise wrong.at(
                f"question {question.question_name!r}, agent {agent}, scenario {scenario}"
            ) from None

    def unanswered(self) -> dict[str, dict[str, Any]]:
        """What stands for answers while there are none, as when prompts are inspected."""
        return {
            q.question_name: answer_fields(q, Pending(f"[answer of {q.question_name}]"))
            for q in self.questions
        }

    def call(
        self, model: Model, position: int, agent: int, presented: Presented, iteration: int
    ) -> ModelCall:
        """The model call that puts a presented question to a model."""
        question = self.questions[position]
        return ModelCall(
            model=model,
            system=self.system(agent),
            turns=(("user", presented.prompt),),
            schema=presented.schema,
            comment=question.may_comment,
            iteration=iteration,
            question_name=question.question_name,
        )


def _sendable(text: str) -> str:
    """The text, if it can be sent.

    Raises:
        TemplateError: it holds half a character, as broken files do.
    """
    try:
        text.encode()
    except UnicodeEncodeError as wrong:
        raise TemplateError(
            f"character {wrong.start} of the prompt is none, as in a text read with the wrong encoding",
            value=text[max(0, wrong.start - 20) : wrong.end + 20],
            remedy="Repair the value, such as with value.encode('utf-8', 'replace').decode().",
        ) from None
    return text


def scope(agent: Agent, scenario: Scenario, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The names that a question's placeholders can use; scenario fields also without their prefix."""
    return {
        **scenario.data,
        "scenario": Fields(scenario.data),
        "agent": Fields({**agent.traits, "name": agent.name}),
        **{name: Fields(fields) for name, fields in answers.items()},
    }


def answer_fields(question: Question, answer: Any, comment: str | None = None) -> dict[str, Any]:
    """What later questions can use of one: ``{{ q.answer }}``, and its comment and text in the same way."""
    return {"answer": answer, "comment": comment or "", "question_text": question.question_text}
