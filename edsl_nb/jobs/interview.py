"""A job as a workload: an interview asks its questions in waves, reads replies, and records every cell."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from edsl_nb.core.errors import EdslNbError
from edsl_nb.jobs.asking import Asker, Sitting
from edsl_nb.jobs.design import Design
from edsl_nb.jobs.outlook import Outlook
from edsl_nb.jobs.prompting import Prompter, Respondent, answer_fields
from edsl_nb.models import Model
from edsl_nb.models.prices import FREE, price
from edsl_nb.models.services.dry_run import DRY_RUN
from edsl_nb.questions import Presented, Question
from edsl_nb.results import Axes, Dataset, Result, Results
from edsl_nb.results.interviews import InterviewTable, Rows
from edsl_nb.results.records import AnswerCell, Interview, Own, cells_of, stored_cells
from edsl_nb.runner.context import Context, together
from edsl_nb.runner.gate import NO_LIMITS, Limits
from edsl_nb.runner.line import LaneKey
from edsl_nb.runner.lookup import Known
from edsl_nb.runner.progress import Words
from edsl_nb.runner.scope import Stopping
from edsl_nb.runner.workload import FindReplies, LaneSpec, StoredCells

#: The columns of a run's errors.
_ERROR_COLUMNS = (
    "interview_index",
    "question_name",
    "agent_index",
    "scenario_index",
    "model",
    "state",
    "error",
    "generated_tokens",
)

#: States of a question after which others that need it can go on.
_DECIDED = {"answered", "skipped"}


class Interviews:
    """The interviews of a job, as the runner sees them.

    Parameters:
        axes: the survey and the lists, which nobody changes any more.
        design: which combinations are interviews.
        describe: gives the job as JSON, for the store; called in a worker thread, because lists may be long.
        selection: indices of the design that are to be run, in order; None for all.
        reask: how often a model is asked again after an invalid answer.
        dry_run: whether answers are made up, at no cost, and no model is asked.
    """

    words = Words("interviews", "questions")
    variable = "job"

    def __init__(
        self,
        axes: Axes,
        design: Design,
        describe: Callable[[], dict[str, Any]],
        selection: Sequence[int] | None = None,
        reask: int = 0,
        dry_run: bool = False,
    ) -> None:
        self.axes, self.design, self.describe = axes, design, describe
        self.cells_per_item = len(axes.survey)
        self.selection, self.reask, self.dry_run = selection, reask, dry_run
        self._prompter = Prompter(axes)
        self._models = list(axes.models)
        self._asker = Asker(self._prompter, reask)
        self._flow = axes.survey.flow
        self._prices = [FREE if dry_run else price(model) for model in self._models]
        self._own = [_own(question) for question in axes.survey.questions]
        self._begun: Mapping[int, Interview] = {}

    @property
    def about(self) -> str:
        return ", ".join(self.axes.survey.question_names)

    @property
    def accounts(self) -> list[LaneKey]:
        """Of each model where it answers, and for whom."""
        return [self._account(model) for model in self._models]

    def _account(self, model: Model) -> LaneKey:
        asked = DRY_RUN if self.dry_run else model.service
        return LaneKey(asked.name, asked.address(model), asked.account(model), model.model)

    def plan(self) -> dict[str, Any]:
        axes = self.axes
        functions = {name for one in (axes.survey, axes.agents, axes.models) for name in one.functions()}
        return {
            "n": self.design.iterations,
            "selection": None if self.selection is None else list(self.selection),
            "reask": self.reask,
            "limits": [[model.rpm, model.tpm] for model in self._models],
            "functions": sorted(functions),
        }

    def __len__(self) -> int:
        return len(self.design) if self.selection is None else len(self.selection)

    def lanes(self) -> list[LaneSpec]:
        """One lane per service, address, account and model name."""
        members: dict[LaneKey, list[int]] = {}
        for position, model in enumerate(self._models):
            members.setdefault(self._account(model), []).append(position)
        return [self._lane(key, positions) for key, positions in members.items()]

    def _lane(self, key: LaneKey, positions: list[int]) -> LaneSpec:
        first = self._models[positions[0]]
        cost = self._prices[positions[0]]
        size, indices = self._members(frozenset(positions))
        return LaneSpec(
            label=first.label,
            size=size,
            indices=indices,
            concurrency=(DRY_RUN if self.dry_run else first.service).concurrency(first),
            price=None if cost is None else (float(cost.input), float(cost.output)),
            key=key,
            limits=NO_LIMITS if self.dry_run else _limits([self._models[p] for p in positions]),
        )

    def _members(self, models: frozenset[int]) -> tuple[int, Iterable[int]]:
        """How many interviews some models have, and their indices, without listing the others."""
        if self.selection is None:
            return self.design.count_of_models(models), self.design.of_models(models)
        chosen = [index for index in self.selection if self.design.decode(index).model in models]
        return len(chosen), chosen

    def outlook(self, known: Known) -> str | None:
        """Replies on disk, calls to ask, and what these cost about; None for a dry run."""
        if self.dry_run:
            return None
        indices = range(len(self.design)) if self.selection is None else self.selection
        return Outlook(self._prompter, self.design, self._models, self._prices).text(indices, known)

    async def run_item(self, index: int, context: Context) -> Interview:
        agent, scenario, model, iteration = self.design.decode(index)
        # Whatever is not asked when Stop gives up on this interview's calls is cancelled.
        cells = [AnswerCell(state="cancelled") for _ in range(self.cells_per_item)]
        who = Respondent(agent, scenario, iteration)
        sitting = Sitting(who, self._models[model], self._prices[model], cells, context)
        if index in self._begun:
            await self._take_up(self._begun[index], sitting)
        try:
            for wave in self._flow.waves:
                await together(*[self._ask(position, sitting) for position in wave])
        except asyncio.CancelledError:
            if not context.scope.stopping:
                raise
        return Interview(index, agent, scenario, model, iteration, cells, self._own)

    async def _take_up(self, begun: Interview, sitting: Sitting) -> None:
        """Keep what an interview has already; what could not be read before is not to be read again."""
        for position, cell in enumerate(begun.cells):
            if cell.state not in _DECIDED:
                continue
            sitting.cells[position], question = cell, self._prompter.questions[position]
            presented = None
            if cell.state == "answered" and not question.computed:
                # In a worker thread, since agents may have functions; which may have changed since.
                with contextlib.suppress(EdslNbError):
                    presented = await asyncio.to_thread(
                        self._prompter.present, position, sitting.who, sitting.answers
                    )
            self._remember(position, sitting, presented)
            sitting.context.counter.cell(cell.state, cached=True)
        unread = (cell for cell in begun.cells if cell.state == "invalid")
        sitting.context.without = frozenset(reply_id for cell in unread for reply_id in cell.reply_ids)

    async def _ask(self, position: int, sitting: Sitting) -> None:
        """Ask one question and fill its cell. A failure is part of the cell; nothing is raised for it."""
        cell, context = sitting.cells[position], sitting.context
        if cell.state in _DECIDED:  # it was before the run was taken up again
            return
        if needs := self._flow.needs[position]:
            needed = {sitting.cells[i].state for i in needs}
            if not needed <= _DECIDED:
                if "cancelled" not in needed:
                    cell.state = "not_reached"
                    context.counter.cell("not_reached")
                return
        presented = problem = None
        try:
            if self._asker.asked(position, sitting):
                presented = await self._asker.ask(position, sitting)
                problem = cell.reason
            else:
                cell.state = "skipped"
        except Stopping:
            return
        except EdslNbError as failure:
            cell.state = "failed"
            problem = cell.error = str(failure)
        if cell.state in _DECIDED:
            self._remember(position, sitting, presented)
        elif problem:
            name = self._prompter.questions[position].question_name
            context.scope.failed(f"{name}, {sitting.model.label}: {problem}")
        context.counter.cell(cell.state, cached=bool(cell.cached))

    def _remember(self, position: int, sitting: Sitting, presented: Presented | None) -> None:
        """Keep what later questions can use of one, in the words in which it was asked."""
        cell, question = sitting.cells[position], self._prompter.questions[position]
        text = presented.text if presented else question.question_text
        sitting.answers[question.question_name] = answer_fields(text, cell.options, cell.answer, cell.comment)

    def restore(self, items: Sequence[StoredCells], find: FindReplies) -> dict[int, Interview]:
        stored = {position: stored_cells(cells) for position, cells in items}
        known = {position: cells for position, cells in stored.items() if cells is not None}
        replies = find([i for cells in known.values() for cell in cells for i in cell.get("replies", ())])
        table = self.records()
        for position, cells in known.items():
            table.add(Interview(position, *self.design.decode(position), cells_of(cells, self._own, replies)))
        return dict(table.items())

    def go_on_from(self, begun: Mapping[int, Interview]) -> None:
        self._begun = begun

    async def wind_up(self) -> None:
        """Interviews leave nothing to be done."""

    def records(self) -> InterviewTable:
        return InterviewTable(self.cells_per_item, self._own)

    def results(self, records: Mapping[int, Interview] | Rows, partial: bool) -> Results:
        return Results(self.axes, records.values(), len(self), partial, self.dry_run)

    def row(self, record: Interview) -> Result | None:
        return next(iter(Results(self.axes, [record], len(self), True, self.dry_run)), None)

    def errors(self, records: Mapping[int, Interview] | Rows) -> Dataset:
        """The questions that failed, were read as invalid, or were not reached for that reason."""
        names = self.axes.survey.question_names
        flawed = [
            (
                record.index // self.design.iterations,
                name,
                record.agent,
                record.scenario,
                self._models[record.model].label,
                cell.state,
                cell.error or cell.reason,
                cell.text,
            )
            for _, record in sorted(records.items())
            if record.flawed
            for name, cell in zip(names, record.cells, strict=True)
            if cell.state in ("failed", "invalid", "not_reached")
        ]
        columns = zip(*flawed, strict=True) if flawed else [()] * len(_ERROR_COLUMNS)
        return Dataset(dict(zip(_ERROR_COLUMNS, map(list, columns), strict=True)), "Errors")


def _own(question: Question) -> Own:
    """What a question shows everybody; where it has placeholders, nobody is shown this."""
    shown = (getattr(question, name, None) for name in ("question_options", "question_items"))
    return Own(*(tuple(cast(list[Any], values)) if isinstance(values, list) else None for values in shown))


def _limits(models: Iterable[Model]) -> Limits:
    """The narrowest limits of models that share a lane."""
    rates = zip(*(model.limits for model in models), strict=True)
    return Limits(*(min((rate for rate in given if rate is not None), default=None) for given in rates))
