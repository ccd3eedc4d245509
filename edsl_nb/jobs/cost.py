"""What a job may cost and how many different calls it makes, counted prompt by prompt."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable

from edsl_nb.jobs.design import Design
from edsl_nb.jobs.prompting import Prompter
from edsl_nb.jobs.prompts import estimated_tokens
from edsl_nb.jobs.summary import JobSummary
from edsl_nb.models.prices import price
from edsl_nb.results import Axes

#: Seconds between two reports.
_REPORT_EVERY = 0.1


class Counter:
    """Counts distinct calls and cost. Models share their prompts, so each is rendered once for all of them.

    Parameters:
        axes: the survey and the lists.
        design: which combinations are interviews.
    """

    def __init__(self, axes: Axes, design: Design) -> None:
        self._axes, self._design = axes, design
        self._prompter = Prompter(axes)
        self._questions = axes.survey.questions
        self._models = list(axes.models)

    @property
    def to_count(self) -> int:
        """Prompts to render: agents x scenarios x questions."""
        return self._design.agents * self._design.scenarios * len(self._questions)

    def summary(self) -> JobSummary:
        """The counts that need no prompt."""
        design = self._design
        return JobSummary(
            questions=len(self._questions),
            agents=design.agents,
            scenarios=design.scenarios,
            models=design.models,
            interviews=design.interviews,
            calls=design.interviews * len(self._questions),
            distinct_calls=None,
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
        seen: set[bytes] = set()
        tokens_in = tokens_out = counted = 0
        summary = self.summary()
        unanswered = self._prompter.unanswered()
        reported = time.monotonic()
        for agent in range(self._design.agents):
            system = self._prompter.system(agent)
            for scenario in range(self._design.scenarios):
                for position in range(len(self._questions)):
                    prompt = self._prompter.present(position, agent, scenario, unanswered).prompt
                    more_in, more_out = estimated_tokens(prompt, system)
                    tokens_in, tokens_out, counted = tokens_in + more_in, tokens_out + more_out, counted + 1
                    seen.add(hashlib.blake2b(f"{system}\0{prompt}".encode(), digest_size=12).digest())
                if time.monotonic() - reported > _REPORT_EVERY:
                    reported = time.monotonic()
                    report(self._counted(summary, counted, None, tokens_in, tokens_out))
                    if stop.is_set():
                        return self._counted(summary, counted, None, tokens_in, tokens_out)
        distinct = len(seen) * len(set(self._models))
        final = self._counted(summary, counted, distinct, tokens_in, tokens_out)
        report(final)
        return final

    def _counted(
        self, summary: JobSummary, counted: int, distinct: int | None, tokens_in: int, tokens_out: int
    ) -> JobSummary:
        prices = [price(model) for model in self._models]
        known = [one for one in prices if one is not None]
        cost = (
            float(sum(one.cost(tokens_in, tokens_out) for one in known))
            if len(known) == len(prices)
            else None
        )
        update = {"counted": counted, "distinct_calls": distinct, "estimated_cost": cost}
        counts = summary.model_copy(update=update)
        unpriced = [m.label for m, one in zip(self._models, prices, strict=True) if one is None]
        return counts.model_copy(update={"notes": _notes(counts, unpriced)})


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
