"""What a job may cost and how many different calls it makes, counted prompt by prompt."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache, partial
from typing import NamedTuple

from edsl_nb.core.errors import EdslNbError
from edsl_nb.jobs.design import Design
from edsl_nb.jobs.distinct import Distinct
from edsl_nb.jobs.outstanding import Outstanding
from edsl_nb.jobs.preview import Preview
from edsl_nb.jobs.prompting import Prompter, Respondent
from edsl_nb.jobs.prompts import estimated_tokens
from edsl_nb.jobs.summary import JobSummary
from edsl_nb.models import Model
from edsl_nb.models.prices import price
from edsl_nb.questions.presented import Ask
from edsl_nb.results import Axes
from edsl_nb.runner.collector import rarely
from edsl_nb.runner.lookup import Known

#: Seconds between two reports.
_REPORT_EVERY = 0.1


class Counter:
    """Counts distinct calls and cost. Models share their prompts, so each is rendered once for all of them.

    Parameters:
        axes: the survey and the lists.
        design: which combinations are interviews.
        known: the replies that are there already, or None where nobody asks for them.
        iterations: draws per interview.

    Attributes:
        outstanding: what is left to be asked; None where nobody asks, or it cannot be known.
        failure: why it cannot be known, where that is so.
    """

    def __init__(self, axes: Axes, design: Design, known: Known | None = None, iterations: int = 1) -> None:
        self._axes, self._design, self._draws = axes, design, range(iterations)
        self._prompter = Prompter(axes)
        self._preview = Preview(self._prompter)
        self._questions = axes.survey.questions
        self._models = list(axes.models)
        first: dict[Model, int] = {}
        #: By position of a model, that of the first one that is equal.
        self._equal = [first.setdefault(model, position) for position, model in enumerate(self._models)]
        self._pairs = sum(1 for _ in design.pairs()) if design.chosen else design.agents * design.scenarios
        self._asked = [i for i, question in enumerate(self._questions) if not question.computed]
        self._groups: dict[frozenset[int], _Group] = {}
        self._to_models = lru_cache(maxsize=1024)(self._put_to_models)
        self._prompts = Distinct(self._count_new)
        self._distinct = 0
        self.outstanding = None if known is None else Outstanding(known, self._models)
        self.failure: EdslNbError | None = None

    @property
    def to_count(self) -> int:
        """Prompts to render: agents with their scenarios x questions that are put to a model."""
        return self._pairs * len(self._asked)

    def _put_to_models(self, agent: int) -> list[int]:
        """Positions of the questions that models answer for an agent."""
        who = self._prompter.agent(agent)
        return [p for p in self._asked if not who.answers_directly(self._questions[p].question_name)]

    def summary(self) -> JobSummary:
        """The counts that need no prompt."""
        design = self._design
        return JobSummary(
            questions=len(self._questions),
            agents=design.agents,
            scenarios=design.scenarios,
            models=design.models,
            interviews=design.interviews,
            calls=design.interviews * sum(question.most_calls for question in self._questions),
            distinct_calls=None,
            on_disk=None,
            estimated_cost=None,
            counted=0,
            to_count=self.to_count,
            model_names=[model.label for model in self._models],
            notes=[],
            depending=[
                self._questions[i].question_name for i in self._asked if self._axes.survey.flow.piped[i]
            ],
        )

    @rarely()
    def count(self, report: Callable[[JobSummary], None], stop: threading.Event) -> JobSummary:
        """Count everything. Takes as long as rendering the prompts does, so it belongs in a worker thread.

        Parameters:
            report: called about ten times a second with the counts so far.
            stop: set it to end early; what is counted so far is returned.
        """
        every = frozenset(range(self._design.models))
        counted = 0
        summary = self.summary()
        reported = time.monotonic()
        for agent, scenario, models in self._design.pairs():
            group, who = self._group(every if models is None else models), Respondent(agent, scenario)
            for position in self._to_models(agent):
                self._add(group, position, who)
            counted += len(self._asked)
            if time.monotonic() - reported > _REPORT_EVERY:
                reported = time.monotonic()
                report(self._counted(summary, counted, None))
                if stop.is_set():
                    return self._counted(summary, counted, None)
        self._prompts.settle()
        self._try(Outstanding.look_up)
        final = self._counted(summary, counted, self._distinct)
        report(final)
        return final

    def _group(self, models: frozenset[int]) -> _Group:
        if models not in self._groups:
            distinct = sorted({self._equal[model] for model in models})
            # Where all models are asked the same, what is new to one is new to all.
            units = [tuple(distinct)] if self._design.chosen is None else [(model,) for model in distinct]
            self._groups[models] = _Group(models, units)
        return self._groups[models]

    def _add(self, group: _Group, position: int, who: Respondent) -> None:
        """Count a question of an interview in all its draws."""
        if not self._prompter.varies(position):
            self._add_draws(group, position, who, self._draws)
            return
        for draw in self._draws:
            self._add_draws(group, position, who._replace(iteration=draw), range(draw, draw + 1))

    def _add_draws(self, group: _Group, position: int, who: Respondent, draws: range) -> None:
        """Count a question in draws in which it is the same."""
        ask = self._preview.first_ask(position, who)
        system = self._prompter.system(position, who.agent) if ask.system is None else ask.system
        prompt = ask.turns[-1][1]
        calls = self._questions[position].most_calls
        tokens_in, tokens_out = estimated_tokens(prompt, system)
        one = _Prompt(position, who, ask, draws, (calls * tokens_in, calls * tokens_out))
        group.count(one)
        for unit in group.units:
            self._prompts.add(hash((unit, draws.start, system, prompt)), (one, unit))

    def _count_new(self, prompts: list[tuple[_Prompt, tuple[int, ...]]]) -> None:
        """Count prompts that some models have not been asked before."""
        self._distinct += sum(len(models) * len(one.draws) for one, models in prompts)
        self._try(partial(self._look_up, prompts=prompts))

    def _look_up(self, outstanding: Outstanding, prompts: list[tuple[_Prompt, tuple[int, ...]]]) -> None:
        for one, models in prompts:
            for draw in one.draws:
                who = one.who if draw == one.who.iteration else one.who._replace(iteration=draw)
                for model in models:
                    call = self._prompter.call(self._models[model], one.position, who, one.ask)
                    outstanding.add(model, call, one.tokens)

    def _try(self, step: Callable[[Outstanding], None]) -> None:
        """Find out what is outstanding. Where the store cannot be read, all else is counted still."""
        if self.outstanding is None:
            return
        try:
            step(self.outstanding)
        except EdslNbError as failure:
            self.outstanding, self.failure = None, failure

    def tokens(self) -> list[tuple[int, int]]:
        """By position of a model, the tokens in and out of what has been counted."""
        found = [(0, 0)] * len(self._models)
        for group in self._groups.values():
            for model in group.models:
                before_in, before_out = found[model]
                found[model] = (before_in + group.tokens_in, before_out + group.tokens_out)
        return found

    def _counted(self, summary: JobSummary, counted: int, distinct: int | None) -> JobSummary:
        prices = [price(model) for model in self._models]
        costs = [
            None if one is None else one.cost(*tokens)
            for one, tokens in zip(prices, self.tokens(), strict=True)
            if one is not None or tokens != (0, 0)
        ]
        known = [cost for cost in costs if cost is not None]
        update = {
            "counted": counted,
            "distinct_calls": distinct,
            "on_disk": None if distinct is None or self.outstanding is None else self.outstanding.on_disk,
            "estimated_cost": float(sum(known, Decimal(0))) if len(known) == len(costs) else None,
        }
        counts = summary.model_copy(update=update)
        unpriced = [m.label for m, one in zip(self._models, prices, strict=True) if one is None]
        return counts.model_copy(update={"notes": _notes(counts, unpriced)})


class _Prompt(NamedTuple):
    """A question's prompt for a respondent, the draws that it is for, and the tokens of each, in and out."""

    position: int
    who: Respondent
    ask: Ask
    draws: range
    tokens: tuple[int, int]


class _Group:
    """What the same models are asked, counted.

    Parameters:
        models: their positions.
        units: the same with equal models once, in parts whose prompts are told apart from other parts'.
    """

    def __init__(self, models: frozenset[int], units: list[tuple[int, ...]]) -> None:
        self.models, self.units = models, units
        self.tokens_in = self.tokens_out = 0

    def count(self, prompt: _Prompt) -> None:
        """Add the tokens of a prompt."""
        tokens_in, tokens_out = prompt.tokens
        self.tokens_in += len(prompt.draws) * tokens_in
        self.tokens_out += len(prompt.draws) * tokens_out


def _notes(counts: JobSummary, unpriced: list[str]) -> list[str]:
    """What is worth knowing before a run."""
    notes: list[str] = []
    if counts.distinct_calls is not None and counts.distinct_calls < counts.calls:
        notes.append(
            f"{counts.calls:,} questions are asked in {counts.distinct_calls:,} distinct "
            f"{'call' if counts.distinct_calls == 1 else 'calls'}: interviews with equal prompts share one. "
            "run(n=...) gives independent draws."
        )
    if counts.depending:
        more = ", ..." if len(counts.depending) > 5 else ""
        notes.append(
            f"{', '.join(counts.depending[:5])}{more}: sent with earlier answers, so that only the run can "
            "tell how many calls differ, and which are on disk."
        )
    if unpriced:
        notes.append(f"The price of {', '.join(dict.fromkeys(unpriced))} is not known, nor is the cost.")
    return notes
