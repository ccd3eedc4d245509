"""Distributions as small SVG texts, made without any chart library: for widgets.

Ink is the text colour of the page around them; what answers and options say is escaped.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from html import escape
from unicodedata import east_asian_width

from edsl_nb.core.code import briefly
from edsl_nb.results.distribution import Distribution, Panel, spread
from edsl_nb.results.shapes import Bar, Measure, whole_ends
from edsl_nb.results.wording import legible

#: The blue of all bars, and the steps of a scale of opinions.
_BLUE = "#4386c9"
_OPPOSED = ("#c4553f", "#e0a078", "#9a9a9a", "#7fb0dc", "#3572b0")

#: Pixels: the least width, of a line of bars and of each further line of its label, between panels, and the
#: height of columns. And the part of the width that labels take at most.
_LEAST, _LINE, _FURTHER, _GAP, _COLUMNS, _LABELS = 240, 20, 14, 10, 80, 0.42

#: Pixels that a Latin character of one pixel's height is wide, about.
_WIDE = 0.58

#: Lines of a title and of a label, most panels that are drawn, and how many columns fill a picture at least.
_TITLE, _LABEL, _PANELS, _FEWEST = 3, 2, 40, 5


def svg(what: Distribution, width: int = 520) -> str:
    """A distribution as a whole picture with its title.

    Parameters:
        what: the distribution.
        width: pixels.

    Returns:
        The text of an ``<svg>`` element.
    """
    width = max(width, _LEAST)
    # Bold letters are wider.
    head = _stacked(_wrapped(what.title, width, 15, _TITLE), 14, 17, weight=600)
    top = 14 + 17 * (len(head) - 1)
    below = _wrapped(f"{what.value_title}; {what.subtitle}", width, 11, _TITLE)
    parts = [*head, *_stacked(below, top + 17, 14, size=11, faint=True)]
    top += 17 + 14 * len(below)
    scale = max((bar.value for panel in what.panels for bar in panel.bars), default=0) or 1
    if what.form == "diverging" and what.panels:
        drawn, height = _key([bar.text for bar in what.panels[0].bars], top, width)
        parts += drawn
        top += height
    for panel in what.panels[:_PANELS]:
        if panel.name:
            about = f"{briefly(panel.name, width // 9)} (n = {panel.n:,})"
            parts.append(_text(0, top + 12, about, size=11, weight=600))
            top += 18
        drawn, height = _PANEL[what.form](panel, top, width, what.measure, scale)
        parts += drawn
        top += height + _GAP
    if len(what.panels) > _PANELS:
        parts.append(_text(0, top + 12, f"and {len(what.panels) - _PANELS:,} more", size=11, faint=True))
        top += 18
    return _element(parts, width, top, what.title)


def figure(bar: Bar, measure: str) -> str:
    """The length of a bar in words."""
    if measure == "share":
        return f"{bar.value:.0%}"
    if measure == "count":
        return f"{bar.count:,}"
    size = abs(bar.value)
    return f"{bar.value:,.0f}" if size >= 1_000 else f"{bar.value:.3g}"


def _lines(panel: Panel, top: int, width: int, measure: Measure, longest: float) -> tuple[list[str], int]:
    texts = [_wrapped(bar.text, width * _LABELS, 12, _LABEL) for bar in panel.bars]
    left = 14 + max((_width(line, 12) for lines in texts for line in lines), default=0)
    room, y, parts = width - left - 48, top, list[str]()
    for bar, lines in zip(panel.bars, texts, strict=True):
        height, length = _LINE + _FURTHER * (len(lines) - 1), room * max(bar.value, 0) / longest
        shown = figure(bar, measure)
        parts += _stacked(lines, y + 14, _FURTHER, size=12, anchor="end", x=left - 6)
        middle = y + (height - _LINE) / 2
        parts.append(_rect(left, middle + 3, length, _LINE - 6, tip=f"{bar.text}: {shown} ({bar.count:,})"))
        parts.append(_text(left + length + 5, middle + 14, shown, size=11))
        y += height
    return parts, y - top


def _columns(panel: Panel, top: int, width: int, measure: Measure, highest: float) -> tuple[list[str], int]:
    step, foot, parts = width / max(len(panel.bars), _FEWEST), top + 14 + _COLUMNS, list[str]()
    for place, bar in enumerate(panel.bars):
        height = _COLUMNS * bar.value / highest
        tip = f"{bar.text}: {figure(bar, measure)} ({bar.count:,})"
        parts.append(_rect(place * step, foot - height, max(step - 1, 0.5), height, tip=tip))
    parts.append(_rect(0, foot, step * len(panel.bars), 1, "currentColor"))
    if panel.bars:
        place, top_bar = max(enumerate(panel.bars), key=lambda pair: pair[1].value)
        at = min(max((place + 0.5) * step, 16), width - 16)
        y = foot - _COLUMNS * top_bar.value / highest - 4
        parts.append(_text(at, y, figure(top_bar, measure), size=11, anchor="middle"))
        parts += _numbers(panel.bars, step, foot + 14)
    return parts, _COLUMNS + 14 + 18


def _numbers(bars: Sequence[Bar], step: float, y: float) -> list[str]:
    """The numbers below columns: of each, where it is one number and there is room, else the two ends."""
    if all(" " not in bar.text and _width(bar.text, 11) < step - 2 for bar in bars):
        return [
            _text((place + 0.5) * step, y, bar.text, size=11, anchor="middle")
            for place, bar in enumerate(bars)
        ]
    low, high = whole_ends(bars[0].label[0], bars[-1].label[1])
    right = max(step * len(bars), 60)
    return [_text(0, y, f"{low:g}", size=11), _text(right, y, f"{high:g}", size=11, anchor="end")]


def _opinions(panel: Panel, top: int, width: int, measure: Measure, scale: float) -> tuple[list[str], int]:
    # The middle of the scale is the middle of the picture, whatever the answers.
    parts = [_rect(width / 2, top - 1, 1, _LINE + 6, "currentColor")]
    for bar, (start, end), colour in zip(
        panel.bars, spread(panel.bars), opposed(len(panel.bars)), strict=True
    ):
        x, length = (start + 1) / 2 * width, (end - start) / 2 * width
        shown = figure(bar, measure)
        parts.append(_rect(x, top + 2, length, _LINE, colour, f"{bar.text}: {shown} ({bar.count:,})"))
        if length > 30:
            ink = ink_on(colour)
            parts.append(_text(x + length / 2, top + 16, shown, size=11, anchor="middle", colour=ink))
    return parts, _LINE + 6


def _key(labels: Sequence[str], top: int, width: int) -> tuple[list[str], int]:
    """What the colours of a scale of opinions stand for."""
    x, y, parts = 0.0, top, list[str]()
    for label, colour in zip(labels, opposed(len(labels)), strict=True):
        text = briefly(label, 40)
        wide = 16 + _width(text, 11)
        if x and x + wide > width:
            x, y = 0.0, y + 16
        parts += [_rect(x, y + 1, 11, 11, colour), _text(x + 16, y + 11, text, size=11)]
        x += wide + 14
    return parts, y + 24 - top


_PANEL = {"bars": _lines, "histogram": _columns, "diverging": _opinions}


def opposed(count: int) -> list[str]:
    """Colours for the steps of a scale of opinions, from one end to the other."""
    last = len(_OPPOSED) - 1
    if count <= 1:
        return [_OPPOSED[last // 2]] * count
    places = (step * last / (count - 1) for step in range(count))
    return [_between(_OPPOSED[math.floor(at)], _OPPOSED[math.ceil(at)], at % 1) for at in places]


def _between(one: str, other: str, part: float) -> str:
    """The colour that lies a part of the way from one to another."""
    mixed = (round(a + (b - a) * part) for a, b in zip(_parts(one), _parts(other), strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def ink_on(colour: str) -> str:
    """The ink that can be read on a colour."""
    red, green, blue = _parts(colour)
    return "#1a1a1a" if 0.3 * red + 0.59 * green + 0.11 * blue > 140 else "#ffffff"


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _width(text: str, size: int) -> float:
    """How wide a text is, about, in pixels."""
    return size * sum(1.0 if east_asian_width(c) in "WF" else _WIDE for c in text)


def _wrapped(text: str, width: float, size: int, most: int) -> list[str]:
    """A text in lines that are about so wide."""
    characters = max(int(len(text) * width / max(_width(text, size), 1)), 8)
    return textwrap.wrap(text, characters, max_lines=most, placeholder="…") or [""]


def _stacked(
    lines: Sequence[str],
    y: float,
    step: int,
    *,
    x: float = 0,
    size: int = 13,
    weight: int = 400,
    anchor: str = "start",
    faint: bool = False,
) -> list[str]:
    """Lines of text below each other."""
    return [
        _text(x, y + step * place, line, size=size, weight=weight, anchor=anchor, faint=faint)
        for place, line in enumerate(lines)
    ]


def _element(parts: Sequence[str], width: int, height: int, name: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{_escaped(briefly(name, 200))}" '
        f'style="max-width:100%">{"".join(parts)}</svg>'
    )


def _rect(x: float, y: float, width: float, height: float, colour: str = _BLUE, tip: str = "") -> str:
    shape = f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"'
    return f"{shape}><title>{_escaped(tip)}</title></rect>" if tip else f"{shape}/>"


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 13,
    weight: int = 400,
    anchor: str = "start",
    colour: str = "currentColor",
    faint: bool = False,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" '
        f'fill="{colour}" opacity="{0.7 if faint else 1}">{_escaped(text)}</text>'
    )


def _escaped(text: str) -> str:
    """The text in XML."""
    return escape(legible(text))
