"""`Comparison`: how far those who answered the same question about the same thing agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from edsl_nb.core.errors import ResultsError, nearest
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown
from edsl_nb.questions import Question
from edsl_nb.results.columns import options_of
from edsl_nb.results.dataset import Dataset
from edsl_nb.results.estimates import Agreement, agreement
from edsl_nb.results.files import needed
from edsl_nb.results.records import Interview
from edsl_nb.results.values import equal_key

if TYPE_CHECKING:
    from edsl_nb.results.analysis import Analysis
    from edsl_nb.results.charts import ResultsChart

Measure = Literal["agreement", "kappa", "weighted_kappa"]

#: Questions whose answers are steps in an order.
_ORDERED = frozenset({"linear_scale", "likert_five"})
#: Questions whose answers have no order, though they are lists.
_SETS = frozenset({"checkbox", "checkbox_with_other", "top_k"})
#: Questions whose answers come from a closed set, so that saying the same means something.
_CLOSED = _ORDERED | _SETS | {
    "multiple_choice", "multiple_choice_with_other", "yes_no", "dropdown", "rank", "matrix", "numerical",
}  # fmt: skip
#: Of these only the share of equal answers is told: there are no categories.
_OPEN_NUMBERS = frozenset({"numerical"})

#: Most values that are compared, two by two.
_MOST = 30

_SHOWN: Mapping[str, str] = {
    "agreement": "share of equal answers",
    "kappa": "Cohen's kappa",
    "weighted_kappa": "Cohen's kappa, quadratic weights",
}


class Pair(NamedTuple):
    """Two that are compared on a question.

    Parameters:
        question_name: the question.
        first, second: two values of the column, such as two models.
        found: how far they agree.
    """

    question_name: str
    first: str
    second: str
    found: Agreement


class Comparison(Shown):
    """What `Results.compare` gives: shown as a table with a row for each question and pair.

    Parameters:
        by: the column that is compared.
        names: its values.
        pairs: how far any two of them agree.
        note: how much of a run this is, where it is not all of it.
    """

    def __init__(self, by: str, names: Sequence[str], pairs: Sequence[Pair], note: str) -> None:
        self.by, self.names, self.pairs, self.note = by, tuple(names), tuple(pairs), note

    def between(self, first: str, second: str, question: str) -> Agreement:
        """How far two agree on a question.

        Parameters:
            first, second: two values of the column; their order does not matter.
            question: the question's name.

        Raises:
            ResultsError: there is no such pair.
        """
        for pair in self.pairs:
            if pair.question_name == question and {pair.first, pair.second} == {first, second}:
                return pair.found
        raise ResultsError(
            "these are not compared",
            field="between",
            value=(first, second, question),
            remedy=f"{self.by} has: {', '.join(self.names)}; questions: {', '.join(self.questions)}.",
        )

    @property
    def questions(self) -> list[str]:
        """The names of the questions that are compared."""
        return list(dict.fromkeys(pair.question_name for pair in self.pairs))

    def to_dataset(self) -> Dataset:
        """A row per question and pair: how many both answered, the share of equal answers, and the kappas."""
        columns: dict[str, list[Any]] = {
            "question_name": [pair.question_name for pair in self.pairs],
            "first": [pair.first for pair in self.pairs],
            "second": [pair.second for pair in self.pairs],
            "n": [pair.found.n for pair in self.pairs],
            "agreement": [pair.found.share for pair in self.pairs],
            "kappa": [pair.found.kappa for pair in self.pairs],
            "weighted_kappa": [pair.found.weighted for pair in self.pairs],
        }
        return Dataset(columns, f"Agreement by {self.by}", self.note)

    def to_pandas(self) -> Any:
        """The table as a data frame."""
        return self.to_dataset().to_pandas()

    def as_table(self) -> MemoryTable:
        """The table, to be shown."""
        return self.to_dataset().rounded().as_table()

    def plot(self, question: str | None = None, measure: Measure = "agreement") -> ResultsChart:
        """A heat map: of one question any two against each other, of several the pairs by question.

        Parameters:
            question: the question; all if left out.
            measure: ``"agreement"``, ``"kappa"`` or ``"weighted_kappa"``.

        Returns:
            An Altair chart.

        Raises:
            ResultsError: there is no such question or measure, or Altair is not installed
                (``pip install "edsl_nb[plots]"``).
        """
        if measure not in _SHOWN:
            raise ResultsError(
                "there is no such measure", field="measure", value=measure, remedy=nearest(measure, _SHOWN)
            )
        if question is not None and question not in self.questions:
            raise ResultsError(
                "this question is not compared",
                field="question",
                value=question,
                remedy=nearest(question, self.questions),
            )
        needed("altair", "plots", "charts are")
        from edsl_nb.results.heat import heat_map

        one = question if question is not None or len(self.questions) != 1 else self.questions[0]
        cells = list(self._of_pairs(measure) if one is None else self._of_question(one, measure))
        subtitle = "; ".join(filter(None, [_SHOWN[measure], self._counts(one), self.note]))
        return heat_map(
            cells,
            title="Agreement" if one is None else f"Agreement on {one}",
            subtitle=subtitle,
            across="" if one is None else self.by,
            down="question" if one is None else self.by,
            measure=measure.replace("_", " "),
            share=measure == "agreement",
        )

    def _counts(self, question: str | None) -> str:
        counts = sorted({p.found.n for p in self.pairs if question in (None, p.question_name)})
        return f"n = {counts[0]:,}" + (f" to {counts[-1]:,}" if len(counts) > 1 else "") if counts else ""

    def _of_pairs(self, measure: Measure) -> Iterator[dict[str, Any]]:
        for pair in self.pairs:
            names = f"{pair.first} – {pair.second}"
            yield {"x": names, "y": pair.question_name, "value": _value(pair.found, measure)}

    def _of_question(self, question: str, measure: Measure) -> Iterator[dict[str, Any]]:
        for one in self.names:
            for other in self.names:
                value = 1.0 if one == other else _value(self.between(one, other, question), measure)
                yield {"x": one, "y": other, "value": value}

    def __repr__(self) -> str:
        asked = ", ".join(self.questions)
        return (
            f"Comparison({self.by}: {', '.join(self.names)}; {asked}{f'; {self.note}' if self.note else ''})"
        )


def _value(found: Agreement, measure: Measure) -> float | None:
    return {"agreement": found.share, "kappa": found.kappa, "weighted_kappa": found.weighted}[measure]


def compared(results: Analysis, by: str, questions: Sequence[str] | None) -> Comparison:
    """How far the values of a column agree.

    Raises:
        ResultsError: there are not two of them, or some answered about the same thing twice.
    """
    values = list(results.column(by))
    names = list(dict.fromkeys(str(value) for value in values if value is not None))
    if not 2 <= len(names) <= _MOST:
        raise ResultsError(
            f"a column with 2 to {_MOST} different values is wanted, and this one has {len(names):,}",
            field="by",
            value=by,
            remedy="Such as compare('model.model') for results of two models.",
        )
    rows = _rows_by_subject(results, by, values)
    if not any(len(there) > 1 for there in rows.values()):
        raise ResultsError(
            "no two of its values were asked about the same thing",
            field="by",
            value=by,
            remedy="Compare by what was combined, such as compare('model.model').",
        )
    places = {q.question_name: (place, q) for place, q in enumerate(results.axes.survey.questions)}
    chosen = questions or [name for name, (_, q) in places.items() if q.question_type in _CLOSED]
    if not chosen:
        raise ResultsError(
            "no question has answers that can be equal by more than accident",
            field="questions",
            remedy="Name the questions that are to be compared: questions=['q'].",
        )
    pairs = [pair for name in chosen for pair in _pairs(results, rows, names, *places[name])]
    return Comparison(by, names, pairs, results.note)


def _rows_by_subject(results: Analysis, by: str, values: Sequence[Any]) -> dict[Any, dict[str, Interview]]:
    """By what was asked about: the interviews, by the value that is compared."""
    kind = by.partition(".")[0]
    axes = [axis for axis in ("agent", "scenario", "model", "iteration") if axis != kind]
    rows: dict[Any, dict[str, Interview]] = {}
    for interview, value in zip(results.interviews, values, strict=True):
        if value is None:
            continue
        about = tuple(getattr(interview, axis) for axis in axes)
        there = rows.setdefault(about, {})
        if str(value) in there:
            remedy = f"Compare by {kind}.{kind}_index, or filter the results first."
            raise ResultsError(
                f"several {kind}s of one value were asked the same, so none stands for it",
                field="by",
                value=by,
                remedy=remedy,
            )
        there[str(value)] = interview
    return rows


def _pairs(
    results: Analysis,
    rows: Mapping[Any, Mapping[str, Interview]],
    names: Sequence[str],
    place: int,
    q: Question,
) -> Iterator[Pair]:
    kind, steps = q.question_type, None
    if kind in _ORDERED:
        steps = [equal_key(step) for step in options_of(place, q, results.interviews)]
    said = [
        {name: _judgement(kind, interview.cells[place].answer)
         for name, interview in row.items() if interview.cells[place].state == "answered"}
        for row in rows.values()
    ]  # fmt: skip
    for one, other in combinations(names, 2):
        both = [(row[one], row[other]) for row in said if one in row and other in row]
        found = agreement(both, steps)
        if kind in _OPEN_NUMBERS:
            found = found._replace(kappa=None)
        yield Pair(q.question_name, one, other, found)


def _judgement(question_type: str, answer: Any) -> Any:
    """An answer as something that is equal for equal judgements."""
    if question_type in _SETS and isinstance(answer, list | tuple):
        return frozenset(equal_key(value) for value in answer)
    return equal_key(answer)
