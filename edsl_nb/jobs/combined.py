"""What a job is made of: a survey, agents, scenarios and models, and which combinations of them are asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self, cast

from edsl_nb.agents import Agent, AgentList
from edsl_nb.core.errors import JobError
from edsl_nb.core.lists import ObjectList
from edsl_nb.core.objects import Built
from edsl_nb.jobs.assignment import Assignment, checked_rows, including, zipped
from edsl_nb.jobs.checks import check_placeholders, check_questions
from edsl_nb.jobs.design import Design
from edsl_nb.jobs.environment import Environment
from edsl_nb.models import Model, ModelList
from edsl_nb.questions import Question
from edsl_nb.results import Axes, Results
from edsl_nb.runner.lastrun import LastRun
from edsl_nb.scenarios import Scenario, ScenarioList
from edsl_nb.surveys import Survey

#: Stands for a survey where none is given, as in ``Jobs().list()``.
_NO_SURVEY = Survey()

#: Characters up to which a text may be meant as the name of a model.
_LONGEST_NAME = 100

#: What `by` sorts objects into, by their class.
_KINDS: dict[type[Any], type[Any]] = {
    Agent: AgentList,
    AgentList: AgentList,
    Scenario: ScenarioList,
    ScenarioList: ScenarioList,
    Model: ModelList,
    ModelList: ModelList,
}


class Combined(Built):
    """How a `Jobs` is put together.

    Parameters:
        survey: the survey, or a single question.
        agents, models, scenarios: what it is combined with.
    """

    last_run = LastRun[Results]()

    def __init__(
        self,
        survey: Survey | Question = _NO_SURVEY,
        agents: Agent | Iterable[Agent] | None = None,
        models: Model | Iterable[Model] | None = None,
        scenarios: Scenario | Iterable[Scenario] | None = None,
    ) -> None:
        if survey is _NO_SURVEY:
            survey = Survey()
        elif isinstance(survey, Question):
            survey = Survey([survey])
        elif isinstance(survey, Survey) and not len(survey):
            raise _nothing_asked()
        if not isinstance(survey, Survey):
            raise JobError(
                "a survey or a question is wanted",
                field="survey",
                value=survey,
                remedy="Such as Jobs(Survey(questions=[...])).",
            )
        self._environment = Environment()
        self.survey = survey
        self.agents = AgentList()
        self.scenarios = ScenarioList()
        self.models = ModelList()
        self._assignment: Assignment | None = None
        self._extras: dict[str, Any] = {}
        self.by(*(given for given in (agents, scenarios, models) if given is not None))

    # Putting it together

    def by(self, *objects: Any) -> Self:
        """Add agents, scenarios and models.

        A second `by` of agents or scenarios combines each that is there with
        each new one; of models it adds them.

        Parameters:
            objects: agents, scenarios, models, or lists of them, in any order.

        Returns:
            The job itself.

        Raises:
            JobError: something else is among them, or an empty list.
        """
        given: dict[type[Any], Any] = {}
        for item in _flat(objects):
            kind = next((kinds for cls, kinds in _KINDS.items() if isinstance(item, cls)), None)
            if kind is None:
                raise _refusal(item)
            more = item if isinstance(item, kind) else kind([item])
            given[kind] = given[kind] + more if kind in given else more
        if AgentList in given:
            self.agents = self.agents * given[AgentList] if len(self.agents) else given[AgentList]
        if ScenarioList in given:
            self.scenarios = (
                self.scenarios * given[ScenarioList] if len(self.scenarios) else given[ScenarioList]
            )
        if ModelList in given:
            self.models = self.models + given[ModelList] if len(self.models) else given[ModelList]
        return self

    def include_when(self, expression: str) -> Self:
        """Ask only the combinations for which an expression is true.

        Parameters:
            expression: about `agent`, `scenario` and `model`, such as
                ``{{ scenario._index == agent._index }}`` or ``agent.age > 30``.

        Raises:
            JobError: it is no expression, or is about something else.
        """
        self._assignment = including(expression)
        return self

    def assign(self, assignments: Iterable[dict[str, int]]) -> Self:
        """Ask only the combinations given, in their order.

        Parameters:
            assignments: dicts of positions: ``{"agent": 0, "scenario": 1, "model": 0}``;
                what is left out is 0.

        Raises:
            JobError: something is not in that form.
        """
        self._assignment = Assignment("explicit", checked_rows(assignments))
        return self

    def zip_assign(self, over: Iterable[str] = ("agents", "scenarios"), strict: bool = True) -> Self:
        """Ask the first agent about the first scenario, the second about the second, and so on.

        Parameters:
            over: which of `agents`, `scenarios` and `models` go together; the rest is crossed with them.
            strict: refuse lists of different lengths; else the shortest ends it.

        Raises:
            JobError: the lists are not there, or are of different lengths.
        """
        sizes = {name: max(1, len(getattr(self, name))) for name in ("agents", "scenarios", "models")}
        self._assignment = zipped(sizes, over, strict)
        return self

    def _axes(self) -> Axes:
        """The survey and the lists as they are now, with one of each kind that is missing."""
        return Axes(
            self.survey.copy(),
            AgentList(self.agents if len(self.agents) else [Agent()]),
            ScenarioList(self.scenarios if len(self.scenarios) else [Scenario()]),
            ModelList(self.models if len(self.models) else [Model()]),
        )

    def _checked_axes(self) -> Axes:
        if not len(self.survey):
            raise _nothing_asked()
        axes = self._axes()
        check_questions(axes.survey)
        check_placeholders(axes)
        return axes

    @property
    def num_interviews(self) -> int:
        """Agents x scenarios x models, where a missing kind counts one; fewer where only some are chosen."""
        if self._assignment is not None:
            return self._design(self._axes()).interviews
        return max(1, len(self.agents)) * max(1, len(self.scenarios)) * max(1, len(self.models))

    def __len__(self) -> int:
        return self.num_interviews

    def _design(self, axes: Axes, iterations: int = 1) -> Design:
        if self._assignment is not None:
            return self._assignment.design(axes, iterations)
        return Design(len(axes.agents), len(axes.scenarios), len(axes.models), iterations)


def _nothing_asked() -> JobError:
    return JobError("a survey without questions asks nothing", field="survey", remedy="Add a question.")


def _flat(objects: Iterable[Any], depth: int = 0) -> Iterable[Any]:
    """The objects, with plain lists taken apart; our own lists stay whole."""
    for item in objects:
        if depth > 10:
            raise JobError("lists in lists in lists", field="by", value=item, remedy="Pass one list.")
        if isinstance(item, list | tuple | ObjectList) and not item:
            raise JobError(
                "an empty list adds nothing",
                field="by",
                value=item,
                remedy="Leave it out, or check what should have filled it.",
            )
        if isinstance(item, list | tuple):
            yield from _flat(cast(Iterable[Any], item), depth + 1)
        else:
            yield item


def _refusal(item: Any) -> JobError:
    """The error for what is no part of a job."""
    problem = f"an object of type {type(item).__name__} cannot be added to a job"
    remedy = "Pass agents, scenarios or models, as in .by(Agent(traits={...}), Model('test'))."
    if isinstance(item, type):
        problem, remedy = f"{item.__name__} is a class", f"Make one: {item.__name__}(...)."
    elif isinstance(item, str) and len(item) < _LONGEST_NAME:
        remedy += f" Model({item!r}) is the model of that name."
    elif hasattr(item, "iloc"):
        remedy = "ScenarioList.from_source(...) or AgentList.from_source(...) makes a list of its rows."
        return JobError("this is a data frame", field="by", remedy=remedy)
    return JobError(problem, field="by", value=item, remedy=remedy)
