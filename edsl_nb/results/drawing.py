"""Distributions as small SVG texts, made without any chart library: for widgets.

Ink is the text colour of the page around them; what answers and options say is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from edsl_nb.core.code import briefly
from edsl_nb.results.distribution import Bar, Distribution, Panel, spread

#: The blue of all bars, and the steps of a scale of opinions.
_BLUE = "#4386c9"
_OPPOSED = ("#c4553f", "#e0a078", "#9a9a9a", "#7fb0dc", "#3572b0")

#: Pixels: the least width, of labels, of a line, between panels, and the height of columns.
_LEAST, _LABELS, _LINE, _GAP, _COLUMNS = 240, 0.36, 20, 10, 90

#: Characters of a label, most panels that are drawn, and how many columns fill a picture at least.
_LABEL, _PANELS, _FEWEST = 26, 40, 5


def svg(what: Distribution, width: int = 520) -> str:
    """A distribution as a whole picture with its title.

    Parameters:
        what: the distribution.
        width: pixels.

    Returns:
        The text of an ``<svg>`` element.
    """
    width = max(width, _LEAST)
    parts = [
        _text(0, 14, briefly(what.title, width // 8), weight=600),
        _text(0, 31, f"{what.value_title}; {what.subtitle}", size=11, faint=True),
    ]
    top = 44
    for panel in what.panels[:_PANELS]:
        if panel.name:
            parts.append(_text(0, top + 12, f"{briefly(panel.name, width // 9)} (n = {panel.n:,})", size=11))
            top += 18
        drawn, height = _PANEL[what.form](panel, top, width, what)
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
    return f"{bar.value:,.4g}" if measure == "mean" else f"{bar.count:,}"


def _lines(panel: Panel, top: int, width: int, what: Distribution) -> tuple[list[str], int]:
    left = int(width * _LABELS)
    longest = max((bar.value for bar in panel.bars), default=0) or 1
    room, parts = width - left - 48, list[str]()
    for place, bar in enumerate(panel.bars):
        y, length = top + place * _LINE, room * max(bar.value, 0) / longest
        shown = figure(bar, what.measure)
        parts.append(_text(left - 6, y + 14, briefly(bar.text, _LABEL), size=12, anchor="end"))
        parts.append(_rect(left, y + 3, length, _LINE - 6, tip=f"{bar.text}: {shown} ({bar.count:,})"))
        parts.append(_text(left + length + 5, y + 14, shown, size=11))
    return parts, len(panel.bars) * _LINE


def _columns(panel: Panel, top: int, width: int, what: Distribution) -> tuple[list[str], int]:
    highest = max((bar.value for bar in panel.bars), default=0) or 1
    step, parts = width / max(len(panel.bars), _FEWEST), list[str]()
    for place, bar in enumerate(panel.bars):
        height = _COLUMNS * bar.value / highest
        tip = f"{bar.text}: {figure(bar, what.measure)} ({bar.count:,})"
        parts.append(_rect(place * step, top + _COLUMNS - height, max(step - 1, 0.5), height, tip=tip))
    if panel.bars:
        (low, _), (_, high) = panel.bars[0].label, panel.bars[-1].label
        parts.append(_text(0, top + _COLUMNS + 14, f"{low:g}", size=11))
        right = max(step * len(panel.bars), 60)
        parts.append(_text(right, top + _COLUMNS + 14, f"{high:g}", size=11, anchor="end"))
    return parts, _COLUMNS + 18


def _opinions(panel: Panel, top: int, width: int, what: Distribution) -> tuple[list[str], int]:
    ends, parts = spread(panel.bars), list[str]()
    # The middle of the scale is the middle of the picture, whatever the answers.
    for bar, (start, end), colour in zip(panel.bars, ends, opposed(len(panel.bars)), strict=True):
        x, length = (start + 1) / 2 * width, (end - start) / 2 * width
        shown = figure(bar, what.measure)
        parts.append(_rect(x, top + 2, length, _LINE, colour, f"{bar.text}: {shown} ({bar.count:,})"))
        if length > 30:
            ink = ink_on(colour)
            parts.append(_text(x + length / 2, top + 16, shown, size=11, anchor="middle", colour=ink))
    parts.append(_rect(width / 2, top, 1, _LINE + 4, "currentColor"))
    if panel.bars:
        parts.append(_text(0, top + _LINE + 16, briefly(panel.bars[0].text, _LABEL), size=11))
        last = briefly(panel.bars[-1].text, _LABEL)
        parts.append(_text(width, top + _LINE + 16, last, size=11, anchor="end"))
    return parts, _LINE + 20


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


def _element(parts: Sequence[str], width: int, height: int, name: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(briefly(name, 200))}" '
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
    """The text in XML, without the characters that XML cannot hold."""
    return escape("".join(c if c.isprintable() or c.isspace() else "�" for c in text))
