"""How the answers to a question are distributed: the figures behind every chart, summary and column head."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from edsl_nb.core.bins import bins_of
from edsl_nb.results.shapes import Bar, Form, Measure, Shape, pairs_of, shape_of
from edsl_nb.results.values import equal_key, finite
from edsl_nb.results.wording import legible


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
        missing: how many rows have no answer.
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
    missing: int = 0
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
        """How many answers these are, how many are missing, and what else there is to say of them."""
        missing = f"{self.missing:,} missing" if self.missing else ""
        return "; ".join(part for part in (f"n = {self.n:,}", missing, self.note) if part)


def distribution(
    question: str,
    question_type: str,
    said: Sequence[Said],
    *,
    title: str = "",
    options: Sequence[Any] = (),
    by: str = "",
    missing: int = 0,
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
        missing: how many rows have no answer.
        note: what there is to say of the rows.

    Raises:
        ResultsError: the answers are of a kind that has no picture.
    """
    answers = [one.answer for one in said]
    shape = shape_of(question_type, answers)
    labels: Sequence[Any] = options
    if shape.form == "histogram":
        labels = bins_of([n for n in map(finite, answers) if n is not None])
    about = _about_items if question_type == "matrix" else _about_all
    panels = _panels(about(said), shape, labels)
    return Distribution(
        question,
        legible(title or question),
        shape.form,
        shape.measure,
        shape.value_title,
        "number" if shape.form == "histogram" else shape.label_title,
        panels,
        legible(by),
        missing,
        note,
    )


def _about_all(said: Sequence[Said]) -> list[tuple[str, list[Said]]]:
    return [("", list(said))]


def _about_items(said: Sequence[Said]) -> list[tuple[str, list[Said]]]:
    """The answers about each item of a matrix, the items in the order in which they were asked."""
    items: dict[str, list[Said]] = {}
    for one in said:
        for item, answer in {str(item): answer for item, answer in pairs_of(one.answer)}.items():
            items.setdefault(item, []).append(one._replace(answer=answer))
    return list(items.items())


def _panels(items: Sequence[tuple[str, Sequence[Said]]], shape: Shape, labels: Sequence[Any]) -> list[Panel]:
    """A panel per item and group, all with the same bars in the same order."""
    every = [one for _, some in items for one in some]
    groups = dict.fromkeys(one.group for one in every)
    order = shape.count([one.answer for one in every], labels)[: shape.most]
    if len(items) == len(groups) == 1:
        return [_panel(every[0].group, items[0][0], every, shape, order)]
    return [
        _panel(group, item, some, shape, _arranged(shape.count([one.answer for one in some], labels), order))
        for item, about in items
        for group, some in _grouped(about, groups)
    ]


def _grouped(said: Sequence[Said], groups: Iterable[str]) -> list[tuple[str, list[Said]]]:
    found: dict[str, list[Said]] = {group: [] for group in groups}
    for one in said:
        found[one.group].append(one)
    return list(found.items())


def _arranged(bars: Iterable[Bar], order: Iterable[Bar]) -> list[Bar]:
    """The bars in an order, and empty ones for those that are not there."""
    found = {equal_key(bar.label): bar for bar in bars}
    return [found.get(equal_key(bar.label), replace(bar, count=0, value=0.0, deviation=0.0)) for bar in order]


def _panel(group: str, item: str, said: Sequence[Said], shape: Shape, bars: Sequence[Bar]) -> Panel:
    values = [one.answer for one in said]
    numbers = [n for n in map(finite, values) if n is not None]
    count = len(numbers) if shape.form == "histogram" else len(values)
    # Means need numbers throughout.
    kept = numbers if len(numbers) == len(values) or shape.form == "histogram" else ()
    return Panel(legible(group), legible(item), count, len({one.draw for one in said}), bars, kept)


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
