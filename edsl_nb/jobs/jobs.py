"""`Jobs`: a survey with agents, scenarios and models, ready to be looked at and run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

from edsl_nb.agents import Agent, AgentList
from edsl_nb.core import late
from edsl_nb.core.errors import JobError
from edsl_nb.core.lists import ObjectList
from edsl_nb.core.objects import Shown, listed, tagged, untagged
from edsl_nb.jobs.checks import check_models, check_placeholders
from edsl_nb.jobs.cost import Counter
from edsl_nb.jobs.design import Design
from edsl_nb.jobs.interview import Interviews
from edsl_nb.jobs.prompts import PromptTable
from edsl_nb.jobs.summary import JobSummary
from edsl_nb.models import Model, ModelList
from edsl_nb.questions import Question
from edsl_nb.results import Axes, Results
from edsl_nb.runner.loop import refuse_to_block
from edsl_nb.runner.run import OnInterrupt, Run, watch
from edsl_nb.runner.store import store
from edsl_nb.scenarios import Scenario, ScenarioList
from edsl_nb.surveys import Survey

#: What `by` sorts objects into, by their class.
_KINDS: dict[type[Any], type[Any]] = {
    Agent: AgentList,
    AgentList: AgentList,
    Scenario: ScenarioList,
    ScenarioList: ScenarioList,
    Model: ModelList,
    ModelList: ModelList,
}


class Jobs(Shown):
    """A survey combined with agents, scenarios and models.

    Methods that configure a job change it and return it, so that calls chain.
    A run takes its own copy when it starts. Interviews are numbered with agents
    slowest and models fastest; `len(job)` is their number, iterations not counted.

    Parameters:
        survey: the survey, or a single question.

    Raises:
        JobError: it is neither.

    Example:
        >>> from edsl_nb import Jobs, Model, QuestionFreeText
        >>> q = QuestionFreeText(question_name="color", question_text="Which color?")
        >>> len(Jobs(q).by(Model("test")))
        1
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, survey: Survey | Question) -> None:
        if isinstance(survey, Question):
            survey = Survey([survey])
        if not isinstance(survey, Survey):
            raise JobError(
                "a survey or a question is wanted",
                field="survey",
                value=survey,
                remedy="Such as Jobs(Survey(questions=[...])).",
            )
        if not len(survey):
            raise JobError(
                "a survey without questions asks nothing", field="survey", remedy="Add a question."
            )
        self.survey = survey
        self.agents = AgentList()
        self.scenarios = ScenarioList()
        self.models = ModelList()
        self.last_run: Run[Results] | None = None
        self._extras: dict[str, Any] = {}

    # Putting it together

    def by(self, *objects: Any) -> Jobs:
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
                if isinstance(item, type):
                    problem, remedy = f"{item.__name__} is a class", f"Make one: {item.__name__}(...)."
                else:
                    problem = f"an object of type {type(item).__name__} cannot be added to a job"
                    remedy = (
                        "Pass agents, scenarios or models, as in .by(Agent(traits={...}), Model('test'))."
                    )
                raise JobError(problem, field="by", value=item, remedy=remedy)
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

    def _axes(self) -> Axes:
        """The survey and the lists as they are now, with one of each kind that is missing."""
        return Axes(
            self.survey.copy(),
            self.agents if len(self.agents) else AgentList([Agent()]),
            self.scenarios if len(self.scenarios) else ScenarioList([Scenario()]),
            self.models if len(self.models) else ModelList([Model()]),
        )

    def _checked_axes(self) -> Axes:
        axes = self._axes()
        check_placeholders(axes)
        return axes

    @property
    def num_interviews(self) -> int:
        """Agents x scenarios x models, where a missing kind counts one."""
        return max(1, len(self.agents)) * max(1, len(self.scenarios)) * max(1, len(self.models))

    def __len__(self) -> int:
        return self.num_interviews

    # Looking before paying

    def prompts(self, iterations: int = 1) -> PromptTable:
        """Every prompt that the job would send, with estimated cost and cache keys.

        Nothing is rendered until it is looked at, so this is quick for any size.

        Parameters:
            iterations: draws per interview; each has its own cache key.

        Returns:
            A table: shows as a widget, `to_pandas()` gives the frame.

        Raises:
            TemplateError: a placeholder has no value.
        """
        axes = self._checked_axes()
        return PromptTable(axes, _design(axes), iterations)

    def show_prompts(self, all: bool = False) -> None:
        """Show the prompts: user and system prompt first, the rest a click away.

        Parameters:
            all: show all columns at first.
        """
        axes = self._checked_axes()
        primary = None if all else ("user_prompt", "system_prompt")
        late.call("show", PromptTable(axes, _design(axes), primary=primary))

    def summary(self) -> JobSummary:
        """How many questions, agents, scenarios, models and interviews there are, at once."""
        axes = self._axes()
        return Counter(axes, _design(axes)).summary()

    def count(
        self, report: Callable[[JobSummary], None] = lambda _: None, stop: threading.Event | None = None
    ) -> JobSummary:
        """The summary with distinct calls and estimated cost, for which every prompt is rendered.

        Parameters:
            report: called about ten times a second with the counts so far.
            stop: set it to end early.

        Raises:
            TemplateError: a placeholder has no value.
        """
        axes = self._checked_axes()
        return Counter(axes, _design(axes)).count(report, stop or threading.Event())

    # Running

    def start(
        self,
        n: int = 1,
        *,
        fresh: bool = False,
        on_interrupt: OnInterrupt = "stop",
        progress_bar: bool = True,
    ) -> Run[Results]:
        """Start the job and return at once; its progress shows while later cells run.

        Parameters:
            n: independent draws per interview.
            fresh: ask again, although earlier runs have replies on disk.
            on_interrupt: whether interrupting a cell that waits for the run stops
                it (`stop`), or lets it go on (`detach`).
            progress_bar: show the progress.

        Returns:
            The run: await it, stop it, read its results so far.

        Raises:
            TemplateError, MissingKeyError, ModelError, StoreError: it could not work; nothing was asked.
        """
        run = self._launch(n, fresh, on_interrupt)
        if progress_bar:
            watch(run)
        return run

    def run(
        self,
        n: int = 1,
        *,
        fresh: bool = False,
        on_interrupt: OnInterrupt = "stop",
        progress_bar: bool = True,
    ) -> Results:
        """Run the job and wait for its results. See `start` for the parameters and what is refused.

        Returns:
            The results; after Stop those there are, marked partial, with a warning.

        Raises:
            KeyboardInterrupt: the cell was interrupted; the results so far are in ``job.last_run.results``.
            RunError: called on the runner's own thread; nothing was asked.
        """
        refuse_to_block()
        run = self._launch(n, fresh, on_interrupt)
        if not progress_bar:
            return run.result()
        with watch(run):
            return run.result()

    async def run_async(
        self,
        n: int = 1,
        *,
        fresh: bool = False,
        on_interrupt: OnInterrupt = "stop",
        progress_bar: bool = True,
    ) -> Results:
        """Run the job without blocking the loop. See `start` for the parameters and what is refused.

        Returns:
            The results; after Stop those there are, marked partial, with a warning.

        Raises:
            asyncio.CancelledError: the cell was interrupted; ``job.last_run.results`` has the results so far.
        """
        return await self.start(n, fresh=fresh, on_interrupt=on_interrupt, progress_bar=progress_bar)

    def _launch(self, n: int, fresh: bool, on_interrupt: OnInterrupt) -> Run[Results]:
        if isinstance(n, bool) or not isinstance(n, int) or n < 1:
            raise JobError(
                "a number of draws, 1 or more, is wanted", field="n", value=n, remedy="Such as run(n=3)."
            )
        if not isinstance(fresh, bool):
            raise JobError(
                "True or False is wanted", field="fresh", value=fresh, remedy="Such as run(fresh=True)."
            )
        axes = self._checked_axes()
        check_models(list(axes.models))
        kept = store()
        kept.check()
        self.last_run = Run(
            Interviews(axes, _design(axes, n), partial(_to_dict, axes, dict(self._extras))),
            kept,
            fresh=fresh,
            on_interrupt=on_interrupt,
        )
        return self.last_run

    # EDSL's JSON

    def to_dict(self) -> dict[str, Any]:
        """The job in EDSL's JSON, without keys."""
        return _to_dict(Axes(self.survey, self.agents, self.scenarios, self.models), self._extras)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Jobs:
        """The job that `to_dict` wrote, here or in EDSL.

        Raises:
            EdslNbError: a part is missing, or is not supported here; the message names it.
        """
        fields = untagged(data, "Jobs")
        for key in ("assignment_mode", "assignments", "include_expression"):
            if fields.get(key):
                raise JobError(
                    "this job asks some combinations only, which cannot be read",
                    field=key,
                    value=fields[key],
                    remedy="Save a job that asks all of them.",
                )
        job = cls(Survey.from_dict(fields.pop("survey", None)))
        job.agents = AgentList(Agent.from_dict(row) for row in listed(fields, "agents", "Jobs"))
        job.models = ModelList(Model.from_dict(row) for row in listed(fields, "models", "Jobs"))
        job.scenarios = ScenarioList(Scenario.from_dict(row) for row in listed(fields, "scenarios", "Jobs"))
        job._extras = fields
        return job

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Jobs):
            return NotImplemented
        mine = (self.survey, self.agents, self.scenarios, self.models)
        return mine == (other.survey, other.agents, other.scenarios, other.models)

    def __repr__(self) -> str:
        parts = [f"Jobs({self.survey!r})"]
        parts += [f".by({one!r})" for one in (self.agents, self.scenarios, self.models) if len(one)]
        return "".join(parts)


def _to_dict(axes: Axes, extras: dict[str, Any]) -> dict[str, Any]:
    data = {
        **extras,
        "survey": axes.survey.to_dict(),
        "agents": [agent.to_dict() for agent in axes.agents],
        "models": [model.to_dict() for model in axes.models],
        "scenarios": [scenario.to_dict() for scenario in axes.scenarios],
    }
    return tagged(data, "Jobs")


def _design(axes: Axes, iterations: int = 1) -> Design:
    return Design(len(axes.agents), len(axes.scenarios), len(axes.models), iterations)


def _flat(objects: Iterable[Any]) -> Iterable[Any]:
    """The objects, with plain lists taken apart; our own lists stay whole."""
    for item in objects:
        if isinstance(item, list | tuple | ObjectList) and not item:
            raise JobError(
                "an empty list adds nothing",
                field="by",
                value=item,
                remedy="Leave it out, or check what should have filled it.",
            )
        if isinstance(item, list | tuple):
            yield from _flat(cast(Iterable[Any], item))
        else:
            yield item


def by(survey: Survey | Question, *objects: Any) -> Jobs:
    """A job from a survey or a question and what it is combined with."""
    return Jobs(survey).by(*objects)
