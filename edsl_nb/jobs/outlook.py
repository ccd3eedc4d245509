"""What a run has and what it will take, said before its first call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import NamedTuple

from edsl_nb.core.code import counted
from edsl_nb.core.words import money
from edsl_nb.jobs.design import Design
from edsl_nb.jobs.preview import Preview
from edsl_nb.jobs.prompting import Prompter, Respondent
from edsl_nb.jobs.prompts import estimated_tokens
from edsl_nb.models import Model
from edsl_nb.models.call import ModelCall
from edsl_nb.models.prices import Price
from edsl_nb.runner.lookup import Known

#: Prompts that are rendered at most; of a longer job so many, taken from all of it, stand for the rest.
_MOST = 1_000

_NOBODY = "At the start: no model is to be asked."


class _Call(NamedTuple):
    """A call; what it costs about, None where its price is not known; whether its prompt awaits an answer."""

    call: ModelCall
    cost: Decimal | None
    piped: bool


class Outlook:
    """Tells how many replies of a job are on disk, how many calls are to be asked, and what these cost about.

    Parameters:
        prompter: renders the job's prompts.
        design: which combinations are interviews.
        models: the job's.
        prices: of each, or None where it is not known.
    """

    def __init__(
        self, prompter: Prompter, design: Design, models: Sequence[Model], prices: Sequence[Price | None]
    ) -> None:
        self._prompter, self._design, self._models, self._prices = prompter, design, models, prices
        self._axes = prompter.axes
        self._preview = Preview(prompter)
        self._asked = [p for p, question in enumerate(prompter.questions) if not question.computed]

    def text(self, indices: Sequence[int], known: Known) -> str | None:
        """It as a line; None where that would take functions of users, which run when their agents are asked.

        Parameters:
            indices: those of the design that are to be run.
            known: the replies that are there.

        Raises:
            EdslNbError: a prompt cannot be rendered, or the store not be read.
        """
        if not self._asked:
            return _NOBODY
        share = self._share(indices)
        if any(self._prompter.agent(self._design.decode(i).agent).has_dynamic_traits for i in share):
            return None
        calls: dict[object, _Call] = {}
        seen = Counter[object]()
        for index in share:
            for one in self._calls(index):
                # What awaits an answer may be another call in each interview.
                identity = (index, one.call.question_name) if one.piped else known.id_of(one.call)
                calls.setdefault(identity, one)
                seen[identity] += 1
        if not calls:
            return _NOBODY
        factor = len(indices) / len(share)
        # A call that comes only once stands for others that do; one that comes again is asked once in all.
        counts = [(one, factor if seen[identity] == 1 else 1.0) for identity, one in calls.items()]
        found = known.among([one.call for one, _ in counts])
        on_disk = sum(weight for (_, weight), there in zip(counts, found, strict=True) if there)
        left = [count for count, there in zip(counts, found, strict=True) if not there]
        return self._said(on_disk, left, "" if factor == 1 else "about ")

    def _share(self, indices: Sequence[int]) -> Sequence[int]:
        """All of the indices, or some that stand for them, the same ones each time."""
        most = max(1, _MOST // len(self._asked))
        if len(indices) <= most:
            return indices
        return [indices[i] for i in sorted(Random(0).sample(range(len(indices)), most))]

    def _calls(self, index: int) -> list[_Call]:
        """The first calls of an interview."""
        agent, scenario, model, iteration = self._design.decode(index)
        who, direct = Respondent(agent, scenario, iteration), self._prompter.agent(agent).answers_directly
        names = self._prompter.standing
        return [self._call(p, who, model) for p in self._asked if not direct(names[p].name)]

    def _call(self, position: int, who: Respondent, model: int) -> _Call:
        call = self._preview.first_call(self._models[model], position, who)
        tokens_in, tokens_out = estimated_tokens(call.turns[-1][1], call.system)
        times, one = self._prompter.questions[position].most_calls, self._prices[model]
        cost = None if one is None else one.cost(times * tokens_in, times * tokens_out)
        return _Call(call, cost, self._axes.survey.flow.piped[position])

    def _said(self, on_disk: float, left: Sequence[tuple[_Call, float]], about: str) -> str:
        flow = self._axes.survey.flow
        depending = any(flow.piped[p] for p in self._asked)
        skipping = not all(flow.always[p] for p in self._asked)
        to_ask = sum(weight for _, weight in left)
        replies, calls = _whole(on_disk, about), _whole(to_ask, about)
        had = f"{'at least ' if depending else ''}{about}{replies:,} {'reply' if replies == 1 else 'replies'}"
        most = "at most " if left and (depending or skipping) else ""
        return f"At the start: {had} on disk, {most}{about}{counted(calls, 'call')} to ask{_price(left)}."


def _whole(number: float, about: str) -> int:
    """How many; an estimate in two digits."""
    return int(float(f"{number:.1e}")) if about else round(number)


def _price(left: Sequence[tuple[_Call, float]]) -> str:
    if not left:
        return ""
    costs = [None if one.cost is None else float(one.cost) * weight for one, weight in left]
    if None in costs:
        return ", at a price that is not known"
    total = sum(cost for cost in costs if cost)
    return f", for about {money(total)}" if total else ", at no cost"
