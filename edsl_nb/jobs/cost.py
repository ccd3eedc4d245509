"""What a job may cost and how many different calls it makes, counted prompt by prompt."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from edsl_nb.core.errors import EdslNbError
from edsl_nb.jobs.design import Design
from edsl_nb.jobs.outstanding import Outstanding
from edsl_nb.jobs.prompting import Prompter, Respondent
from edsl_nb.jobs.prompts import estimated_tokens
from edsl_nb.jobs.summary import JobSummary
from edsl_nb.models import Model
from edsl_nb.models.prices import price
from edsl_nb.results import Axes
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
        self._axes, self._design, self._iterations = axes, design, iterations
        self._prompter = Prompter(axes)
        self._questions = axes.survey.questions
        self._models = list(axes.models)
        first: dict[Model, int] = {}
        #: By position of a model, that of the first one that is equal.
        self._equal = [first.setdefault(model, position) for position, model in enumerate(self._models)]
        self._pairs = sum(1 for _ in design.pairs()) if design.chosen else design.agents * design.scenarios
        self._asked = [i for i, question in enumerate(self._questions) if not question.computed]
        self._groups: dict[frozenset[int], _Group] = {}
        self._distinct = 0
        self.outstanding = None if known is None else Outstanding(known, self._models)
        self.failure: EdslNbError | None = None

    @property
    def to_count(self) -> int:
        """Prompts to render: agents with their scenarios x questions that are put to a model."""
        return self._pairs * len(self._asked)

    def _to_model(self, agent: int) -> list[int]:
        """Positions of the questions that a model answers for an agent."""
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
        )

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
            group = self._group(every if models is None else models)
            for position in self._to_model(agent):
                self._add(group, position, agent, scenario)
            counted += len(self._asked)
            if time.monotonic() - reported > _REPORT_EVERY:
                reported = time.monotonic()
                report(self._counted(summary, counted, None))
                if stop.is_set():
                    return self._counted(summary, counted, None)
        self._try(Outstanding.look_up)
        final = self._counted(summary, counted, self._distinct)
        report(final)
        return final

    def _group(self, models: frozenset[int]) -> _Group:
        if models not in self._groups:
            distinct = frozenset(self._equal[model] for model in models)
            self._groups[models] = _Group(models, distinct)
        return self._groups[models]

    def _add(self, group: _Group, position: int, agent: int, scenario: int) -> None:
        """Count a question of an interview in all its draws."""
        varies = self._prompter.varies(position)
        for draw in range(self._iterations if varies else 1):
            who = Respondent(agent, scenario, draw)
            ask = self._prompter.first_ask(position, who)
            system = self._prompter.system(position, agent) if ask.system is None else ask.system
            prompt = ask.turns[-1][1]
            draws = (draw,) if varies else range(self._iterations)
            calls = self._questions[position].most_calls
            tokens_in, tokens_out = (calls * tokens for tokens in estimated_tokens(prompt, system))
            group.tokens_in += len(draws) * tokens_in
            group.tokens_out += len(draws) * tokens_out
            text = f"{draw}\0{system}\0{prompt}"
            models = self._new_to(group, hashlib.blake2b(text.encode(), digest_size=12).digest())
            self._distinct += len(models) * len(draws)
            if models and self.outstanding is not None:
                call = self._prompter.call(self._models[0], position, who, ask)
                self._try(partial(Outstanding.add, call=call, models=models, draws=draws,
                                  tokens=(tokens_in, tokens_out)))  # fmt: skip

    def _new_to(self, group: _Group, digest: bytes) -> frozenset[int]:
        """The models of a group that have not been asked a prompt before; equal ones once."""
        if digest in group.seen:
            return frozenset()
        asked = [other.distinct for other in self._groups.values() if digest in other.seen]
        group.seen.add(digest)
        return group.distinct.difference(*asked)

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


class _Group:
    """What the same models are asked, counted.

    Parameters:
        models: their positions.
        distinct: the same with equal models once.
    """

    def __init__(self, models: frozenset[int], distinct: frozenset[int]) -> None:
        self.models, self.distinct = models, distinct
        self.tokens_in = self.tokens_out = 0
        self.seen: set[bytes] = set()


def _notes(counts: JobSummary, unpriced: list[str]) -> list[str]:
    """What is worth knowing before a run."""
    notes: list[str] = []
    if counts.distinct_calls is not None and counts.distinct_calls < counts.calls:
        notes.append(
            f"{counts.calls:,} questions are asked in {counts.distinct_calls:,} distinct "
            f"{'call' if counts.distinct_calls == 1 else 'calls'}: interviews with equal prompts share one. "
            "run(n=...) gives independent draws."
        )
    if unpriced:
        notes.append(f"The price of {', '.join(dict.fromkeys(unpriced))} is not known, nor is the cost.")
    return notes
