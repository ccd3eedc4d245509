"""How the answers to a question are distributed: the figures behind every chart, summary and column head."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, pstdev
from typing import Any, Literal, NamedTuple, cast

from edsl_nb.core.bins import bins_of, counted
from edsl_nb.core.code import briefly
from edsl_nb.core.errors import ResultsError
from edsl_nb.results.values import equal_key, finite
from edsl_nb.results.wording import words_of

#: How a distribution is drawn: bars from left to right, columns over a scale of numbers, bars on both
#: sides of the middle of a scale of opinions.
Form = Literal["bars", "histogram", "diverging"]

#: What the length of a bar is: the share of answers, a mean, or a number of answers.
Measure = Literal["share", "mean", "count"]

#: Most bars that are shown where anything may be said, and most different answers that are bars at all.
_MOST_WORDS, _MOST_VALUES = 20, 30

#: Characters of an answer that is the label of a bar.
_LABEL = 60


class Said(NamedTuple):
    """One answer.

    Parameters:
        answer: the answer, not None.
        draw: what is equal for answers that come from one and the same call of a model.
        group: what it is grouped by.
    """

    answer: Any
    draw: Any
    group: str = ""


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
            return f"{low:g} to {high:g}"
        return briefly(str(self.label), _LABEL)


@dataclass(frozen=True, slots=True)
class Panel:
    """The bars of one group of answers, about one item of the question.

    Parameters:
        group: what these answers have in common, where they are grouped.
        item: the item of a matrix question.
        n: how many answers there are.
        draws: how many calls of a model they come from, which is fewer where interviews are equal.
        bars: the bars in order.
        numbers: the answers, where they are numbers.
    """

    group: str
    item: str
    n: int
    draws: int
    bars: Sequence[Bar]
    numbers: Sequence[float] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """Group and item in one text."""
        return " · ".join(part for part in (self.item, self.group) if part)


@dataclass(frozen=True, slots=True)
class Distribution:
    """The answers to a question, counted.

    Parameters:
        question: the question's name.
        title: its text.
        form: how it is drawn.
        measure: what the length of bars is.
        value_title, label_title: what bars show, and what they are labelled with, in words.
        panels: one for all answers, or one for each group and item.
        by: the column by which answers are grouped, or empty.
        ordered: whether the labels' order means something, so that none may be moved.
        note: what there is to say of the rows, such as that they are partial results.
    """

    question: str
    title: str
    form: Form
    measure: Measure
    value_title: str
    label_title: str
    panels: Sequence[Panel]
    by: str = ""
    ordered: bool = True
    note: str = ""

    @property
    def n(self) -> int:
        """How many answers there are."""
        counts: dict[str, int] = {}
        for panel in self.panels:
            counts[panel.group] = max(counts.get(panel.group, 0), panel.n)
        return sum(counts.values())

    @property
    def subtitle(self) -> str:
        """How many answers these are, and what else there is to say of them."""
        return "; ".join(part for part in (f"n = {self.n:,}", self.note) if part)


@dataclass(frozen=True, slots=True)
class Shape:
    """How answers of a kind are counted and drawn.

    Parameters:
        count: gives the bars of answers, from these and the labels that are known beforehand.
        form, measure, value_title, label_title, ordered: see `Distribution`.
    """

    count: Callable[[Sequence[Any], Sequence[Any]], list[Bar]]
    form: Form
    measure: Measure
    value_title: str
    label_title: str = "answer"
    ordered: bool = True


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
    return [replace(bar, value=float(bar.count)) for bar in _named_most(answers, ())[:_MOST_WORDS]]


def _words(answers: Sequence[Any], options: Sequence[Any]) -> list[Bar]:
    counts = Counter[str]()
    for answer in answers:
        counts.update(words_of(str(answer)))
    return [Bar(word, count, float(count)) for word, count in counts.most_common(_MOST_WORDS)]


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
    rows = [{equal_key(k): (k, v) for k, v in _pairs(answer)} for answer in answers]
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


def _pairs(answer: Any) -> list[tuple[Any, Any]]:
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
_WORDS = Shape(_words, "bars", "count", "answers with the word", "word", ordered=False)
_ITEMS = Shape(_items, "bars", "count", "answers that name it", ordered=False)
_OPINIONS = Shape(_chosen, "diverging", "share", _SHARE)

#: question type -> how its answers are counted. What is not here is counted by what the answers are.
_SHAPES: dict[str, Shape] = {
    **dict.fromkeys(("multiple_choice", "multiple_choice_with_other", "yes_no"), _OPTIONS),
    "linear_scale": _OPTIONS,
    "likert_five": _OPINIONS,
    "matrix": _OPINIONS,
    **dict.fromkeys(("checkbox", "checkbox_with_other", "dropdown"), _SEVERAL),
    "top_k": Shape(_named_most, "bars", "share", _OF_ALL, ordered=False),
    "rank": Shape(_borda, "bars", "mean", "mean points (one for each option ranked below)", ordered=False),
    "budget": Shape(_amounts, "bars", "mean", "mean amount", ordered=False),
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
    short = all(len(str(answer)) <= _LABEL for answer in answers)
    few = len({equal_key(answer) for answer in answers}) <= _MOST_VALUES
    return Shape(_chosen, "bars", "share", _SHARE, ordered=False) if short and few else _WORDS


def distribution(
    question: str,
    question_type: str,
    said: Sequence[Said],
    *,
    title: str = "",
    options: Sequence[Any] = (),
    by: str = "",
    note: str = "",
) -> Distribution:
    """Count the answers to a question.

    Parameters:
        question: its name.
        question_type: its type; empty where the answers were computed.
        said: the answers that there are.
        title: the question's text; its name if left out.
        options: the options or outcomes, in order, where there are any.
        by: the column that groups are of.
        note: what there is to say of the rows.

    Raises:
        ResultsError: the answers are of a kind that has no picture.
    """
    answers = [one.answer for one in said]
    shape = shape_of(question_type, answers)
    labels: Sequence[Any] = options
    if shape.form == "histogram":
        labels = bins_of([n for n in map(finite, answers) if n is not None])
    if question_type == "matrix":
        panels = _by_item(said, shape, labels)
    else:
        panels = [_panel(group, "", some, shape, labels) for group, some in _grouped(said)]
    return Distribution(
        question,
        title or question,
        shape.form,
        shape.measure,
        shape.value_title,
        "number" if shape.form == "histogram" else shape.label_title,
        panels,
        by,
        shape.ordered,
        note,
    )


def _grouped(said: Sequence[Said]) -> list[tuple[str, list[Said]]]:
    groups: dict[str, list[Said]] = {}
    for one in said:
        groups.setdefault(one.group, []).append(one)
    return list(groups.items())


def _panel(group: str, item: str, said: Sequence[Said], shape: Shape, labels: Sequence[Any]) -> Panel:
    answers = [one.answer for one in said]
    numbers = [n for n in map(finite, answers) if n is not None]
    count = len(numbers) if shape.form == "histogram" else len(answers)
    # Means need numbers throughout.
    kept = numbers if len(numbers) == len(answers) or shape.form == "histogram" else ()
    return Panel(group, item, count, len({one.draw for one in said}), shape.count(answers, labels), kept)


def _by_item(said: Sequence[Said], shape: Shape, labels: Sequence[Any]) -> list[Panel]:
    """A panel per item of a matrix and group, the items in the order in which they were asked."""
    items = list(dict.fromkeys(str(item) for one in said for item, _ in _pairs(one.answer)))
    every = [(group, [(one, dict(_texts(one.answer))) for one in some]) for group, some in _grouped(said)]
    return [
        _panel(
            group,
            item,
            [one._replace(answer=answer[item]) for one, answer in some if item in answer],
            shape,
            labels,
        )
        for item in items
        for group, some in every
    ]


def _texts(answer: Any) -> list[tuple[str, Any]]:
    return [(str(item), value) for item, value in _pairs(answer)]


def spread(bars: Sequence[Bar]) -> list[tuple[float, float]]:
    """Where the bars of a scale of opinions begin and end: the middle of the scale is at 0.

    The first options lie left of it, the last ones right, and half of a neutral one on either side.
    """
    half = len(bars) // 2
    left = sum(bar.value for bar in bars[:half])
    if len(bars) % 2:
        left += bars[half].value / 2
    ends: list[tuple[float, float]] = []
    at = -left
    for bar in bars:
        ends.append((at, at + bar.value))
        at += bar.value
    return ends if not math.isnan(at) else [(0.0, 0.0)] * len(bars)
