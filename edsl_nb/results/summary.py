"""`Summary`: what became of each question, the shares and means of its answers, and what models cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any

from edsl_nb.core.code import counted
from edsl_nb.core.errors import ResultsError
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown
from edsl_nb.results.dataset import Dataset
from edsl_nb.results.distribution import Distribution, Panel, Said
from edsl_nb.results.estimates import Interval, t_interval, wilson
from edsl_nb.results.records import tokens_of

if TYPE_CHECKING:
    from edsl_nb.results.analysis import Analysis


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or a mean, with its interval of 95 % confidence.

    Parameters:
        measure: what it is, in words: ``share of 'Yes'``, ``mean``.
        value: the share or mean of all answers.
        n: how many answers it is of.
        distinct_calls: how many calls these come from: equal interviews share one, and are one draw.
        low, high: the interval, as of so many draws; None where there are too few.
        method: ``Wilson`` or ``t``.
    """

    measure: str
    value: float
    n: int
    distinct_calls: int
    low: float | None
    high: float | None
    method: str | None


@dataclass(frozen=True, slots=True)
class QuestionSummary:
    """What became of one question.

    Parameters:
        question_name, question_type: which it is.
        n: how many answers there are.
        distinct_calls: how many calls of a model they come from.
        repaired: how many of them were read only by a rule of repair.
        missing: how many interviews have no answer to it, for one of the reasons below.
        invalid: how many replies could not be read.
        failed: how many calls failed.
        skipped: how often rules left it out.
        not_asked: how often it was not reached, or cancelled.
        estimates: shares or means; none for texts.
    """

    question_name: str
    question_type: str
    n: int
    distinct_calls: int
    repaired: int
    missing: int
    invalid: int
    failed: int
    skipped: int
    not_asked: int
    estimates: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """What one model took.

    Parameters:
        model, service: which it is.
        interviews: how many rows are its.
        calls: how many questions it answered or failed to, those from the cache included.
        cached: how many of them cost nothing since the reply was there.
        input_tokens, output_tokens: of all these.
        cost: USD paid; None where a price is not known.
    """

    model: str
    service: str
    interviews: int
    calls: int
    cached: int
    input_tokens: int
    output_tokens: int
    cost: float | None


#: Models of which each is told beside the title.
_FEW_MODELS = 2

_COUNTS = tuple(field.name for field in fields(QuestionSummary))[:-1]
_FIGURES = tuple(field.name for field in fields(Estimate))
_USAGE = tuple(field.name for field in fields(ModelUsage))


class Summary(Shown):
    """What `Results.summary` gives: shown as a table of estimates, with all figures by name.

    Parameters:
        questions: what became of each question.
        models: what each model took.
        note: how much of a run this is, where it is not all of it.
    """

    def __init__(self, questions: Sequence[QuestionSummary], models: Sequence[ModelUsage], note: str) -> None:
        self.questions, self.models, self.note = tuple(questions), tuple(models), note

    def __getitem__(self, question_name: str) -> QuestionSummary:
        """What became of a question.

        Raises:
            ResultsError: there is no such question.
        """
        for question in self.questions:
            if question.question_name == question_name:
                return question
        raise ResultsError(
            "there is no such question",
            field="summary[...]",
            value=question_name,
            remedy=f"There are: {', '.join(q.question_name for q in self.questions)}.",
        )

    def question_table(self) -> Dataset:
        """A row per question: what became of it."""
        made = {name: [getattr(q, name) for q in self.questions] for name in _COUNTS}
        return Dataset(made, "Questions", self.note)

    def estimate_table(self) -> Dataset:
        """A row per share or mean, with its interval; a question without any has a row of its own."""
        rows = [(q, e) for q in self.questions for e in (q.estimates or (None,))]
        made: dict[str, list[Any]] = {"question_name": [q.question_name for q, _ in rows]}
        for name in _FIGURES:
            made[name] = [getattr(q if e is None else e, name, None) for q, e in rows]
        for name in ("missing", "invalid", "repaired"):
            made[name] = [getattr(q, name) for q, _ in rows]
        return Dataset(made, "Summary", self.note)

    def model_table(self) -> Dataset:
        """A row per model: its tokens and what it cost."""
        return Dataset(
            {name: [getattr(m, name) for m in self.models] for name in _USAGE}, "Models", self.note
        )

    def to_pandas(self) -> Any:
        """The shares and means as a data frame; see `estimate_table`."""
        return self.estimate_table().to_pandas()

    def as_table(self) -> MemoryTable:
        """The shares and means, to be shown, with what the models took beside the title."""
        table = self.estimate_table().rounded().as_table()
        table.title = " · ".join([table.title, *_spent(self.models)])
        return table

    def __str__(self) -> str:
        tables = (self.estimate_table(), self.question_table(), self.model_table())
        return "\n\n".join(f"{table.title}\n\n{table.rounded().to_markdown()}" for table in tables)

    def __repr__(self) -> str:
        asked = ", ".join(f"{q.question_name} (n = {q.n:,})" for q in self.questions)
        return f"Summary({asked}{f'; {self.note}' if self.note else ''})"


def summary_of(results: Analysis) -> Summary:
    """The summary of results."""
    questions = [
        _question(results, place, q.question_name, q.question_type)
        for place, q in enumerate(results.axes.survey.questions)
    ]
    return Summary(questions, list(_usage(results)), results.note)


def _question(results: Analysis, place: int, name: str, question_type: str) -> QuestionSummary:
    rows, said = results.interviews, results.said(place)
    states = Counter(rows.field(place, "state"))
    found = _distribution(results, place, said)
    return QuestionSummary(
        name,
        question_type,
        n=len(said),
        distinct_calls=len({one.draw for one in said}),
        repaired=rows.field(place, "how").count("repaired"),
        missing=len(rows) - len(said),
        invalid=states["invalid"],
        failed=states["failed"],
        skipped=states["skipped"],
        not_asked=states["not_reached"] + states["cancelled"],
        estimates=() if found is None else tuple(estimates_of(found)),
    )


def _distribution(results: Analysis, place: int, said: Sequence[Said]) -> Distribution | None:
    """How the answers are distributed; None where they have no shares and no means."""
    try:
        return results.distribution_of(place, said)
    except ResultsError:  # of dicts
        return None


def estimates_of(found: Distribution) -> Iterator[Estimate]:
    """The shares or means of a distribution. Of words there are none: nobody was asked to choose them."""
    if found.measure == "count":
        return
    for panel in found.panels:
        about = f" for {panel.name!r}" if panel.name else ""
        if panel.numbers:
            mean, deviation = fmean(panel.numbers), pstdev(panel.numbers)
            yield _estimate(f"mean{about}", mean, panel, t_interval(mean, deviation, panel.draws))
        if found.form == "histogram":
            continue
        for bar in panel.bars:
            if found.measure == "mean":
                within = t_interval(bar.value, bar.deviation, panel.draws)
                yield _estimate(f"{found.value_title} of {bar.text!r}", bar.value, panel, within)
            else:
                within = wilson(bar.value, panel.draws)
                yield _estimate(f"share of {bar.text!r}{about}", bar.value, panel, within)


def _spent(models: Sequence[ModelUsage]) -> list[str]:
    """What models took, in words: of each, where they are few, else of all."""
    if len(models) <= _FEW_MODELS:
        return [_took(usage.model, [usage]) for usage in models]
    return [_took(f"{len(models):,} models", models)]


def _took(who: str, usages: Sequence[ModelUsage]) -> str:
    tokens = sum(usage.input_tokens + usage.output_tokens for usage in usages)
    costs = [usage.cost for usage in usages]
    cost = "cost unknown" if None in costs else f"${sum(filter(None, costs)):,.4g}"
    calls = counted(sum(usage.calls for usage in usages), "call")
    return f"{who}: {calls}, {counted(tokens, 'token')}, {cost}"


def _estimate(measure: str, value: float, panel: Panel, within: Interval | None) -> Estimate:
    low, high, method = within if within is not None else (None, None, None)
    return Estimate(measure, value, panel.n, panel.draws, low, high, method)


def _usage(results: Analysis) -> Iterator[ModelUsage]:
    """What each model took, in the order of the models."""
    rows, models = results.interviews, results.axes.models
    interviews = Counter(rows.numbers("model"))
    took = {position: _Took() for position in sorted(interviews)}
    for place in range(len(results.axes.survey)):
        named = (rows.field(place, name) for name in ("input_tokens", "output_tokens", "cost", "cached"))
        for position, sent, *rest in zip(rows.numbers("model"), *named, strict=True):
            if sent is not None:
                took[position].add(sent, *rest)
    for position, one in took.items():
        yield ModelUsage(
            models[position].model,
            models[position].service_name,
            interviews[position],
            one.calls,
            one.cached,
            one.input_tokens,
            one.output_tokens,
            one.cost,
        )


@dataclass(slots=True)
class _Took:
    """What calls of a model took; the cost is None where that of some is not known."""

    calls: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0

    def add(self, sent: int, received: int | None, cost: float | None, cached: bool | None) -> None:
        """Add those of one question."""
        self.calls += 1
        self.cached += bool(cached)
        self.input_tokens += tokens_of(sent)
        self.output_tokens += tokens_of(received)
        self.cost = None if self.cost is None or cost is None else self.cost + cost
