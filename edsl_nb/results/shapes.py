"""How answers are counted, by type of question: what the bars of a distribution are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, pstdev
from typing import Any, Literal, cast

from edsl_nb.core.bins import counted
from edsl_nb.core.code import briefly
from edsl_nb.core.errors import ResultsError
from edsl_nb.results.values import equal_key, finite
from edsl_nb.results.wording import legible, words_of

#: How a distribution is drawn: bars from left to right, columns over a scale of numbers, bars on both
#: sides of the middle of a scale of opinions.
Form = Literal["bars", "histogram", "diverging"]

#: What the length of a bar is: the share of answers, a mean, or a number of answers.
Measure = Literal["share", "mean", "count"]

#: Most bars that are shown where anything may be said, and most different answers that are bars at all.
_MOST_WORDS, _MOST_VALUES = 20, 30

#: Characters of the label of a bar, and of an answer that can be a bar where anything may be said.
_LABEL, _SHORT = 100, 60


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Parameters:
        label: an option, a word, or the lower and the upper edge of a bin.
        count: how many answers are in it: those that named it, or gave it a number.
        value: its length; see `Distribution.measure`.
        deviation: of a mean, the standard deviation of the numbers (dividing by their count).
    """

    label: Any
    count: int
    value: float
    deviation: float = 0.0

    @property
    def text(self) -> str:
        """The label as a text of bounded length."""
        if isinstance(self.label, tuple):
            low, high = cast(tuple[float, float], self.label)
            return " to ".join(dict.fromkeys(f"{end:g}" for end in whole_ends(low, high)))
        return briefly(legible(str(self.label)), _LABEL)


def whole_ends(low: float, high: float) -> tuple[float, float]:
    """The first and the last number of a bin: a bin of whole numbers has its edges between them."""
    between = all((2 * end).is_integer() and not end.is_integer() for end in (low, high))
    return (low + 0.5, high - 0.5) if between else (low, high)


@dataclass(frozen=True, slots=True)
class Shape:
    """How answers of a kind are counted and drawn.

    Parameters:
        count: gives the bars of answers, from these and the labels that are known beforehand.
        form, measure, value_title, label_title: see `Distribution`.
        most: how many bars are shown at most, where anything may be said.
    """

    count: Callable[[Sequence[Any], Sequence[Any]], list[Bar]]
    form: Form
    measure: Measure
    value_title: str
    label_title: str = "answer"
    most: int | None = None


# Counting


def _tally(named: Iterable[Any], total: int, options: Sequence[Any]) -> list[Bar]:
    """A bar per option with its share of answers; what is none of the options comes behind."""
    labels: dict[Any, Any] = {equal_key(option): option for option in options}
    counts = Counter[Any](dict.fromkeys(labels, 0))
    for value in named:
        key = equal_key(value)
        labels.setdefault(key, value)
        counts[key] += 1
    return [Bar(label, counts[key], counts[key] / total if total else 0.0) for key, label in labels.items()]


def _chosen(answers: Sequence[Any], options: Sequence[Any]) -> list[Bar]:
    return _tally(answers, len(answers), options)


def _several(answers: Sequence[Any], options: Sequence[Any]) -> list[Bar]:
    """Of lists: in how many of them something stands."""
    lists = [_listed(answer) for answer in answers]
    return _tally((v for values in lists for v in _distinct(values)), len(answers), options)


def _named_most(answers: Sequence[Any], options: Sequence[Any]) -> list[Bar]:
    return _ranked(_several(answers, options))


def _items(answers: Sequence[Any], options: Sequence[Any]) -> list[Bar]:
    return [replace(bar, value=float(bar.count)) for bar in _named_most(answers, ())]


def _words(answers: Sequence[Any], options: Sequence[Any]) -> list[Bar]:
    counts = Counter[str]()
    for answer in answers:
        counts.update(words_of(str(answer)))
    return [Bar(word, count, float(count)) for word, count in counts.most_common()]


def _borda(answers: Sequence[Any], options: Sequence[Any]) -> list[Bar]:
    """Borda's points: one for each option that an option is ranked before; none for what is not ranked."""
    lists = [_listed(answer) for answer in answers]
    every = {equal_key(v): v for values in (list(options), *lists) for v in values}
    points: dict[Any, list[float]] = {key: [] for key in every}
    for values in lists:
        places = {equal_key(value): place for place, value in reversed(list(enumerate(values, 1)))}
        for key, got in points.items():
            got.append(float(len(every) - places[key]) if key in places else 0.0)
    return _ranked(_means(every, points))


def _amounts(answers: Sequence[Any], options: Sequence[Any]) -> list[Bar]:
    return _ranked(_given(answers, options))


def _given(answers: Sequence[Any], options: Sequence[Any]) -> list[Bar]:
    """The mean of the numbers that options are given; an option that an answer leaves out is given 0."""
    every: dict[Any, Any] = {equal_key(option): option for option in options}
    rows = [{equal_key(k): (k, v) for k, v in pairs_of(answer)} for answer in answers]
    for row in rows:
        for key, (label, _) in row.items():
            every.setdefault(key, label)
    numbers = {key: [finite(row.get(key, (None, 0))[1]) or 0.0 for row in rows] for key in every}
    return _means(every, numbers)


def _means(labels: Mapping[Any, Any], numbers: Mapping[Any, Sequence[float]]) -> list[Bar]:
    return [
        Bar(labels[key], len(got), fmean(got) if got else 0.0, pstdev(got) if got else 0.0)
        for key, got in numbers.items()
    ]


def _ranked(bars: list[Bar]) -> list[Bar]:
    return sorted(bars, key=lambda bar: -bar.value)


def _listed(answer: Any) -> list[Any]:
    return list(cast(Sequence[Any], answer)) if isinstance(answer, list | tuple | set) else [answer]


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list({equal_key(value): value for value in values}.values())


def pairs_of(answer: Any) -> list[tuple[Any, Any]]:
    """What an answer gives to what: of a dict, or of a list of dicts."""
    parts = cast(list[Any], answer) if isinstance(answer, list | tuple) else [answer]
    return [pair for part in parts if isinstance(part, dict) for pair in cast(dict[Any, Any], part).items()]


def _columns_of(answers: Sequence[Any], edges: Sequence[Any]) -> list[Bar]:
    """A bar per bin."""
    numbers = [n for n in map(finite, answers) if n is not None]
    return [
        Bar((edges[i], edges[i + 1]), count, count / len(numbers) if numbers else 0.0)
        for i, count in enumerate(counted(numbers, edges))
    ]


_SHARE, _OF_ALL = "share of answers", "share of answers that name it"
_OPTIONS = Shape(_chosen, "bars", "share", _SHARE)
_SEVERAL = Shape(_several, "bars", "share", _OF_ALL)
_NUMBERS = Shape(_columns_of, "histogram", "share", _SHARE)
_WORDS = Shape(_words, "bars", "count", "answers with the word", "word", most=_MOST_WORDS)
_ITEMS = Shape(_items, "bars", "count", "answers that name it", most=_MOST_WORDS)
_OPINIONS = Shape(_chosen, "diverging", "share", _SHARE)

#: question type -> how its answers are counted. What is not here is counted by what the answers are.
_SHAPES: dict[str, Shape] = {
    **dict.fromkeys(("multiple_choice", "multiple_choice_with_other", "yes_no"), _OPTIONS),
    "linear_scale": _OPTIONS,
    "likert_five": _OPINIONS,
    "matrix": _OPINIONS,
    **dict.fromkeys(("checkbox", "checkbox_with_other", "dropdown"), _SEVERAL),
    "top_k": Shape(_named_most, "bars", "share", _OF_ALL),
    "rank": Shape(_borda, "bars", "mean", "mean points (one for each option ranked below)"),
    "budget": Shape(_amounts, "bars", "mean", "mean amount"),
    "distribution": Shape(_given, "bars", "mean", "mean probability", "outcome"),
    **dict.fromkeys(("numerical", "random"), _NUMBERS),
    "list": _ITEMS,
    **dict.fromkeys(("free_text", "markdown"), _WORDS),
}


def shape_of(question_type: str, answers: Sequence[Any]) -> Shape:
    """How answers to a question of a type are counted.

    Raises:
        ResultsError: the answers are of a kind that has no picture.
    """
    return _SHAPES.get(question_type) or _seen_shape(answers)


def _seen_shape(answers: Sequence[Any]) -> Shape:
    """How answers are counted of which nothing is known but what they are."""
    kinds = set(map(type, answers))
    if kinds and kinds <= {int, float}:
        return _NUMBERS
    if kinds and kinds <= {list, tuple, set}:
        return _ITEMS
    if any(issubclass(kind, dict) for kind in kinds):
        raise ResultsError(
            "answers that are dicts have no picture of their own",
            field="question",
            value=answers[0],
            remedy="Compute the value you want first: results.mutate(\"size = q['size']\").plot('size').",
        )
    short = all(len(str(answer)) <= _SHORT for answer in answers)
    few = len({equal_key(answer) for answer in answers}) <= _MOST_VALUES
    return Shape(_chosen, "bars", "share", _SHARE) if short and few else _WORDS
