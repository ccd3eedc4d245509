"""`Jobs`: a survey with agents, scenarios and models, ready to be looked at and run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Unpack

from edsl_nb.agents import Agent, AgentList
from edsl_nb.core import late
from edsl_nb.core.code import Call, Step, counted
from edsl_nb.core.errors import EdslNbError, JobError, warn
from edsl_nb.core.objects import listed, tagged, untagged
from edsl_nb.core.settings import settings
from edsl_nb.jobs import resuming
from edsl_nb.jobs.assignment import Assignment
from edsl_nb.jobs.checks import (
    check_models,
    check_prices,
    unused_fields,
)
from edsl_nb.jobs.design import Design
from edsl_nb.jobs.environment import Environment
from edsl_nb.jobs.interview import Interviews
from edsl_nb.jobs.posted import Posted
from edsl_nb.jobs.preparing import Prepared
from edsl_nb.jobs.request import RunKeywords, RunRequest, takes_run_keywords
from edsl_nb.models import Model, ModelList
from edsl_nb.questions import Question
from edsl_nb.results import Axes, Dataset, Results
from edsl_nb.runner.loop import refuse_to_block
from edsl_nb.runner.run import Run, watch
from edsl_nb.runner.store import store
from edsl_nb.scenarios import Scenario, ScenarioList
from edsl_nb.surveys import Survey


class Jobs(Posted, Prepared):  # pyright: ignore[reportIncompatibleMethodOverride]  # it lists what was run
    """A survey combined with agents, scenarios and models.

    Methods that configure a job change it and return it, so that calls chain.
    A run takes its own copy when it starts. Interviews are numbered with agents
    slowest and models fastest; `len(job)` is their number, iterations not counted.

    Parameters:
        survey: the survey, or a single question.
        agents, models, scenarios: what it is combined with; more can be added with `by`.

    Raises:
        JobError: something is not what it has to be.

    Example:
        >>> from edsl_nb import Jobs, Model, QuestionFreeText
        >>> q = QuestionFreeText(question_name="color", question_text="Which color?")
        >>> len(Jobs(q).by(Model("test")))
        1
    """

    __hash__ = None  # type: ignore[assignment]
    error: ClassVar[type[EdslNbError]] = JobError
    variable: ClassVar[str] = "job"
    saved_as: ClassVar[str] = "Jobs"
    rows_key: ClassVar[str | None] = ""

    @classmethod
    def example(cls) -> Jobs:
        """A job to try things with."""
        return cls(Survey.example(), Agent.example(), Model("test"))

    # Running

    @takes_run_keywords
    def start(self, n: int = 1, **keywords: Unpack[RunKeywords]) -> Run[Results]:
        """Start the job and return at once; its progress shows while later cells run.

        Parameters:
            n, keywords: see `edsl_nb.jobs.request.RunRequest`.

        Returns:
            The run: await it, stop it, read its results so far.

        Raises:
            JobError: a keyword is not known, or its value not as it has to be.
            TemplateError, MissingKeyError, ModelError, StoreError: it could not work; nothing was asked.
        """
        request = RunRequest.of({"n": n, **keywords})
        run = self._launch(request)
        if request.progress_bar:
            watch(run)
        return run

    @takes_run_keywords
    def run(self, n: int = 1, **keywords: Unpack[RunKeywords]) -> Any:
        """Run the job and wait for its results. See `start` for the parameters and what is refused.

        Returns:
            The results; after Stop those there are, marked partial, with a
            warning. With ``background=True`` the run, at once.

        Raises:
            KeyboardInterrupt: the cell was interrupted; the results so far are in ``job.last_run.results``.
            RunError: called on the runner's own thread, or with ``loop="notebook"``, which this would
                block; nothing was asked.
        """
        request = RunRequest.of({"n": n, **keywords})
        if request.background:
            return self.start(n, **keywords)
        refuse_to_block(request.loop, self.variable)
        run = self._launch(request)
        if not request.progress_bar:
            return run.result()
        with watch(run):
            return run.result()

    @takes_run_keywords
    async def run_async(self, n: int = 1, **keywords: Unpack[RunKeywords]) -> Any:
        """Run the job without blocking the loop. See `start` for the parameters and what is refused.

        Returns:
            The results; after Stop those there are, marked partial, with a
            warning. With ``background=True`` the run, at once.

        Raises:
            asyncio.CancelledError: the cell was interrupted; ``job.last_run.results`` has the results so far.
        """
        request = RunRequest.of({"n": n, **keywords})
        # What goes to Coop may take a while to go there.
        run = await asyncio.to_thread(self._launch, request) if request.remote else self._launch(request)
        if request.progress_bar:
            watch(run)
        return run if request.background else await run

    def _launch(self, request: RunRequest) -> Run[Results]:
        if request.remote:
            asked = request.filled(self._environment)
            self.last_run = run = late.call("run_remotely", self, asked)
            return run
        environment = request.environment(self._environment)
        workload = self._workload(environment, request.n, request.reask, request.selection, request.dry_run)
        axes = workload.axes
        if request.max_cost is not None and not request.dry_run:
            check_prices(axes.models, request.max_cost)
        unused = unused_fields(axes)
        if unused:
            warn(f"No question uses the scenarios, which have: {', '.join(unused[:12])}.")
        kept, options = store(), request.options(self._environment.cache)
        kept.check()
        lent = request.remote_cache if request.remote_cache is not None else settings.remote_cache
        if lent and not request.dry_run:
            options = replace(options, shelf=late.call("remote_shelf", lent, options))
        self.last_run = run = resuming.joined(workload, options, kept) or Run(workload, kept, options)
        if lent and not request.dry_run:
            late.call("fill_at_end", run)
        return run

    def _workload(
        self,
        environment: Environment,
        n: int,
        reask: int,
        choose: Callable[[Design], Sequence[int] | None],
        dry_run: bool,
    ) -> Interviews:
        axes = self._checked_axes()
        axes = replace(axes, models=environment.equip(axes.models))
        if not dry_run:
            check_models(axes)
        design = self._design(axes, n)
        describe = partial(_to_dict, axes, self._chosen_to_dict(axes))
        return Interviews(axes, design, describe, choose(design), reask, dry_run)

    # Runs that are there already

    @staticmethod
    def runs() -> Dataset:
        """All runs, of jobs and of benchmarks, the newest first: their ids, how far they are, who runs them.

        A run is ``interrupted`` where its process ended before it did; `resume` goes on with it.

        Raises:
            StoreError: the store cannot be used.
        """
        return resuming.runs()

    @classmethod
    def resume(
        cls,
        run_id: str,
        job: Jobs | None = None,
        max_cost: float | None = None,
        progress_bar: bool = True,
    ) -> Run[Results]:
        """Go on with a run that was stopped, or whose process has ended. What is answered is not asked again.

        It goes on as it was started. Where another process is running it, this one only looks on.

        Parameters:
            run_id: its id, as `runs` shows it; or a job on Coop, at which this looks on: its uuid,
                the address of its page, or a row of `list`.
            job: the job, where it holds functions, API keys or a `Cache`, which are not stored.
                Not needed while this process has the run still.
            max_cost: USD that the run may cost in all; None for what it was started with.
            progress_bar: show the progress.

        Returns:
            A run of the same id.

        Raises:
            RunError: there is no such run, or `max_cost` is no amount.
            JobError: the job holds functions or a `Cache` and is not given, or another one is.
            MissingKeyError, ModelError, StoreError: it could not work.
        """

        if resuming.is_remote(run_id):
            run = late.call("resume_remotely", run_id, job, max_cost)
            if job is not None:
                job.last_run = run
            if progress_bar:
                watch(run)
            return run

        def workload_of(stored: dict[str, Any], plan: Mapping[str, Any], dry_run: bool) -> Interviews:
            found = cls.from_dict(stored) if job is None else job
            if job is None:
                found.models = resuming.limited(found.models, plan)
            choose = lambda _: plan["selection"]  # noqa: E731
            return found._workload(found._environment, plan["n"], plan["reask"], choose, dry_run)

        cache = None if job is None else job._environment.cache
        run = resuming.resume(
            resuming.check_id(run_id), workload_of, resuming.Given(job is not None, cache, max_cost)
        )
        if job is not None:
            job.last_run = run
        if progress_bar:
            watch(run)
        return run

    # EDSL's JSON

    def to_dict(self) -> dict[str, Any]:
        """The job in EDSL's JSON, without keys."""
        return _to_dict(
            Axes(self.survey, self.agents, self.scenarios, self.models), self._chosen_to_dict(self._axes())
        )

    def _chosen_to_dict(self, axes: Axes) -> dict[str, Any]:
        """What newer versions wrote, and which combinations are asked."""
        return self._extras | ({} if self._assignment is None else self._assignment.to_dict(axes))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Jobs:
        """The job that `to_dict` wrote, here or in EDSL.

        Raises:
            EdslNbError: a part is missing, or is not supported here; the message names it.
        """
        fields = untagged(data, "Jobs")
        assignment = Assignment.from_dict(fields)
        job = cls(Survey.from_dict(fields.pop("survey", None)))
        job.agents = AgentList(Agent.from_dict(row) for row in listed(fields, "agents", "Jobs"))
        job.models = ModelList(Model.from_dict(row) for row in listed(fields, "models", "Jobs"))
        job.scenarios = ScenarioList(Scenario.from_dict(row) for row in listed(fields, "scenarios", "Jobs"))
        job._assignment, job._extras = assignment, fields
        return job

    @staticmethod
    def from_bundle(filename: str | os.PathLike[str]) -> Jobs:
        """The job in a bundle that `Results.export_bundle` wrote.

        Its `run` replays it with the replies of the bundle: no model is called, no key needed, nothing paid.

        Raises:
            EdslNbError: there is no such file, it is no bundle, damaged, or of a newer version.
        """
        from edsl_nb.jobs.bundled import BundledJob

        return BundledJob.of(filename)

    def __getstate__(self) -> dict[str, Any]:
        """What copies and pickling take: a run is this job's and this process's."""
        return {**self.__dict__, "last_run": None}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Jobs):
            return NotImplemented
        mine = (self.survey, self.agents, self.scenarios, self.models, self._assignment)
        return mine == (other.survey, other.agents, other.scenarios, other.models, other._assignment)

    def as_call(self) -> Call:
        if self._extras or self._assignment is not None:
            return Call(type(self), (self.to_dict(),), method="from_dict")
        axes = (self.agents, self.scenarios, self.models)
        return Call(type(self), (self.survey,), then=tuple(Step("by", (one,)) for one in axes if len(one)))

    def in_short(self) -> str:
        axes = (self.agents, self.scenarios, self.models)
        told = ", ".join(counted(len(one), one.noun) for one in axes if len(one))
        return f"Jobs of {counted(len(self), 'interview')} with {self.survey}" + (f"; {told}" if told else "")

    def functions(self) -> Iterable[str]:
        return (name for one in (self.survey, self.agents, self.models) for name in one.functions())


def _to_dict(axes: Axes, extras: dict[str, Any]) -> dict[str, Any]:
    data = {
        **extras,
        "survey": axes.survey.to_dict(),
        "agents": [agent.to_dict() for agent in axes.agents],
        "models": [model.to_dict() for model in axes.models],
        "scenarios": [scenario.to_dict() for scenario in axes.scenarios],
    }
    return tagged(data, "Jobs")


def by(survey: Survey | Question, *objects: Any) -> Jobs:
    """A job from a survey or a question and what it is combined with."""
    return Jobs(survey).by(*objects)
