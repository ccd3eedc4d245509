"""A job as a workload: an interview asks its questions in waves, reads replies, and records every cell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from edsl_nb.core.errors import QuestionError, ServiceError, TemplateError
from edsl_nb.jobs.design import Combination, Design
from edsl_nb.jobs.prompting import Prompter, answer_fields
from edsl_nb.models.prices import price
from edsl_nb.questions import Presented
from edsl_nb.results import Axes, Dataset, Results
from edsl_nb.results.records import AnswerCell, Interview
from edsl_nb.runner.context import Answered, Context, Stopping, together
from edsl_nb.runner.workload import LaneSpec

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


class Interviews:
    """The interviews of a job, as the runner sees them.

    Parameters:
        axes: the survey and the lists, which nobody changes any more.
        design: which combinations are interviews.
        describe: gives the job as JSON, for the store; called in a worker thread, because lists may be long.
    """

    item_noun = "interviews"
    cell_noun = "questions"

    def __init__(self, axes: Axes, design: Design, describe: Callable[[], dict[str, Any]]) -> None:
        self.axes, self.design, self.describe = axes, design, describe
        self.cells_per_item = len(axes.survey)
        self._prompter = Prompter(axes)
        self._models = list(axes.models)
        self._waves = axes.survey.flow.waves
        self._needs = axes.survey.flow.needs
        self._prices = [price(model) for model in self._models]

    def __len__(self) -> int:
        return len(self.design)

    def lanes(self) -> list[LaneSpec]:
        """One lane per service, address, account and model name."""
        members: dict[tuple[str, ...], list[int]] = {}
        for position, model in enumerate(self._models):
            service = model.service
            lane = (service.name, service.address(model), service.account(model), model.model)
            members.setdefault(lane, []).append(position)
        return [self._lane(positions) for positions in members.values()]

    def _lane(self, positions: list[int]) -> LaneSpec:
        first = self._models[positions[0]]
        cost = self._prices[positions[0]]
        return LaneSpec(
            label=first.label,
            size=len(positions) * len(self.design) // self.design.models,
            indices=self.design.of_models(frozenset(positions)),
            concurrency=first.service.concurrency(first),
            price=None if cost is None else (float(cost.input), float(cost.output)),
        )

    async def run_item(self, index: int, context: Context) -> Interview:
        where = self.design.decode(index)
        # Whatever is not asked when Stop gives up on this interview's calls is cancelled.
        cells = [AnswerCell(state="cancelled") for _ in range(self.cells_per_item)]
        answers: dict[str, dict[str, Any]] = {}
        try:
            for wave in self._waves:
                await together(*(self._ask(p, where, cells, answers, context) for p in wave))
        except asyncio.CancelledError:
            if not context.scope.stopping:
                raise
        return Interview(index, where.agent, where.scenario, where.model, where.iteration, cells)

    async def _ask(
        self,
        position: int,
        where: Combination,
        cells: list[AnswerCell],
        answers: dict[str, dict[str, Any]],
        context: Context,
    ) -> None:
        """Ask one question and fill its cell. A failure is part of the cell; nothing is raised for it."""
        cell = cells[position]
        needed = [cells[i].state for i in self._needs[position]]
        if any(state != "answered" for state in needed):
            if "cancelled" not in needed:
                cell.state = "not_reached"
                context.counter.cell("not_reached")
            return
        question = self._prompter.questions[position]
        model = self._models[where.model]
        try:
            presented = self._prompter.present(position, where.agent, where.scenario, answers)
            call = self._prompter.call(model, position, where.agent, presented, where.iteration)
            cell.user_prompt, cell.system_prompt, cell.options = (
                presented.prompt,
                call.system,
                presented.options,
            )
            answered = await context.call(call)
        except Stopping:
            return
        except (ServiceError, TemplateError, QuestionError) as failure:
            cell.state, cell.error = "failed", str(failure)
            context.scope.progress.error(f"{question.question_name}, {model.label}: {failure}")
        else:
            self._fill(cell, position, presented, answered, where.model)
            if cell.state == "answered":
                answers[question.question_name] = answer_fields(question, cell.answer, cell.comment)
            elif cell.reason:
                context.scope.progress.error(f"{question.question_name}, {model.label}: {cell.reason}")
        context.counter.cell(cell.state, cached=bool(cell.cached))

    def _fill(
        self, cell: AnswerCell, position: int, presented: Presented, answered: Answered, model: int
    ) -> None:
        reply = answered.reply
        reading = self._prompter.questions[position].read(reply.text, presented)
        cell.state = "invalid" if reading.how == "invalid" else "answered"
        cell.answer, cell.comment = reading.answer, reading.comment
        cell.how, cell.rule, cell.reason = reading.how, reading.rule, reading.reason
        cell.text, cell.raw = reply.text, reply.raw
        cell.input_tokens, cell.output_tokens = reply.input_tokens, reply.output_tokens
        cell.thinking_tokens, cell.latency = reply.thinking_tokens, reply.latency
        cell.model_version = reply.model_version
        cell.cached, cell.key, cell.reply_id = answered.cached, answered.key, answered.reply_id
        cost = self._prices[model]
        if answered.cached:
            cell.cost = 0.0
        elif cost is not None:
            cell.cost = float(cost.cost(reply.input_tokens, reply.output_tokens))

    def results(self, records: Mapping[int, Any], partial: bool) -> Results:
        return Results(self.axes, records.values(), len(self), partial)

    def errors(self, records: Mapping[int, Interview]) -> Dataset:
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
            for name, cell in zip(names, record.cells, strict=True)
            if cell.state in ("failed", "invalid", "not_reached")
        ]
        columns = zip(*flawed, strict=True) if flawed else [()] * len(_ERROR_COLUMNS)
        return Dataset(dict(zip(_ERROR_COLUMNS, map(list, columns), strict=True)), "Errors")
