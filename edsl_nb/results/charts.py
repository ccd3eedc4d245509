"""Distributions and agreement as Altair charts. Needs Altair, so it is imported where a chart is wanted."""

from __future__ import annotations

import io
import json
import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import altair as alt

from edsl_nb.core.code import briefly
from edsl_nb.results.distribution import Distribution, spread
from edsl_nb.results.drawing import figure, ink_on, opposed
from edsl_nb.results.wording import legible

#: Colours that can be read on light and on dark pages, one for each group that a chart may have.
COLOURS = (
    "#4386c9", "#d98c21", "#3f9c6b", "#b8559b", "#8a78d6", "#c4553f", "#5aa3ad", "#97923a", "#8c6d52",
    "#7d8790", "#8fbce6", "#f0b96b", "#86c9a3", "#dc98c7", "#b9aef0", "#e29480", "#97cdd4", "#c6c274",
    "#bda18a", "#b0b8bf",
)  # fmt: skip

#: Pixels: of a plot, of a row of bars and of each further line of its label, of a histogram and of one of
#: several, and the narrowest that a chart is made on a narrow page.
_WIDTH, _ROW, _FURTHER, _HEIGHT, _STRIP, _NARROW = 400, 24, 11, 240, 56, 340

#: The part of its width to which a chart is made smaller at most.
_LEAST = 0.62

#: Characters in a line of a title, and lines of one; the same of the label of a row.
_LINE, _LINES, _LABEL, _LABEL_LINES = 50, 4, 30, 3

#: Characters of the name of a group and of an item beside it, and how many edges a histogram has that is
#: nothing but a block or two.
_GROUP, _ITEM, _FEW = 36, 24, 4

#: The part of a strip that its highest column fills.
_FILLED = 0.72

#: What in a chart's look is its page's: the ink is that of the text around it.
_INK = "currentColor"
_LOOK: Mapping[str, Any] = {
    "background": "transparent",
    "font": "Arial, Liberation Sans, Helvetica, sans-serif",
    # Room for a page whose letters are wider than those that were measured.
    "padding": {"left": 24, "top": 5, "right": 16, "bottom": 5},
    "title": {"color": _INK, "subtitleColor": _INK},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "domainColor": _INK,
        "tickColor": _INK,
        "gridColor": _INK,
        "gridOpacity": 0.15,
        "domainOpacity": 0.4,
        "tickOpacity": 0.4,
    },
    "legend": {"labelColor": _INK, "titleColor": _INK, "columnPadding": 28},
    "text": {"color": _INK},
    "rule": {"color": _INK},
    "view": {"stroke": "transparent"},
}
_PARTS = {name for name, part in _LOOK.items() if isinstance(part, dict)}


class ResultsChart(alt.LayerChart):
    """An Altair chart that shows everywhere: as an SVG in the page's own colours, without a network.

    It can be changed like every Altair chart, and saved: ``chart.save("chart.png")``, ``"chart.svg"``.
    """

    def _repr_mimebundle_(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What notebooks show; what Altair itself shows where the package vl-convert-python is missing."""
        try:
            drawn = themed_svg(self)
        except (ImportError, ValueError) as failure:
            if "vl-convert" not in str(failure):
                raise
            return cast(dict[str, Any], super()._repr_mimebundle_(*args, **kwargs))
        return {
            "text/html": f'<div style="overflow-x:auto">{_fitting(drawn)}</div>',
            "text/plain": _words(self),
        }


def _fitting(svg: str) -> str:
    """An SVG that becomes smaller where there is less room, as far as it can be read."""
    natural = re.match(r'<svg [^>]*?\bwidth="([0-9.]+)"', svg)
    width = float(natural[1]) if natural else _NARROW
    least = min(width, max(_NARROW, _LEAST * width))
    return svg.replace("<svg ", f'<svg style="max-width:100%;min-width:{least:g}px;height:auto" ', 1)


def themed_svg(chart: Any) -> str:
    """A chart as SVG, written in the colours of the page that it is put into."""
    shown = chart.copy(deep=False)
    own = shown.config.to_dict() if isinstance(shown.config, alt.Config) else {}
    shown.config = {**_LOOK, **own, **{name: {**_LOOK[name], **own[name]} for name in _PARTS & own.keys()}}
    text = io.StringIO()
    shown.save(text, format="svg")
    return text.getvalue()


def _words(chart: Any) -> str:
    title = chart.title.to_dict() if hasattr(chart.title, "to_dict") else {}
    parts = [title.get(key, "") for key in ("text", "subtitle")] if isinstance(title, dict) else [title]
    return "\n".join(" ".join(part) if isinstance(part, list) else str(part) for part in parts)


def chart_of(what: Distribution) -> ResultsChart:
    """The chart that suits a distribution."""
    drawn = {"bars": _bars, "histogram": _histogram, "diverging": _diverging}[what.form](what)
    return titled(drawn, what.title, what.subtitle)


def titled(chart: ResultsChart, title: str, subtitle: str) -> ResultsChart:
    """The chart with its head, in lines that fit above it."""
    lines = textwrap.wrap(title, _LINE, max_lines=_LINES, placeholder=" …") or [""]
    below = textwrap.wrap(subtitle, _LINE)
    head = alt.TitleParams(
        lines, subtitle=below, anchor="start", fontSize=14, subtitleFontSize=12, subtitlePadding=5, offset=14
    )
    return chart.properties(title=head)


def layered(*charts: Any, rows: Sequence[dict[str, Any]], width: int, height: int) -> ResultsChart:
    """Layers over the same rows."""
    return ResultsChart(layer=list(charts), data=alt.InlineData(list(rows)), width=width, height=height)


def _colour(what: Distribution, groups: Sequence[str]) -> Any:
    if not what.by:
        return alt.value(COLOURS[0])
    return alt.Color(
        "group:N",
        title=what.by,
        sort=list(groups),
        scale=alt.Scale(domain=list(groups), range=list(COLOURS[: len(groups)])),
        # The title of the axis stands between it and the bars.
        legend=_legend(groups, offset=24),
    )


def _legend(labels: Sequence[str], offset: int = 10) -> Any:
    """A legend above the chart, in as many columns as its labels fit into."""
    longest = max(map(len, labels), default=1)
    columns = max(1, min(len(labels), 72 // (longest + 4)))
    return alt.Legend(
        orient="top",
        columns=columns,
        labelLimit=_WIDTH,
        titleLimit=_WIDTH,
        symbolType="square",
        offset=offset,
    )


def _down(field: str, order: Sequence[str], title: str | None) -> Any:
    """An axis of labels from top to bottom, which may have several lines; its title stands above it."""
    return alt.Y(field, sort=list(order), title=title, axis=titled_axis(**_in_lines("datum.label")))


def titled_axis(align: Any = "right", x: int = -8, **more: Any) -> Any:
    """An axis whose title stands above it, where it touches no label."""
    return alt.Axis(
        titleAngle=0, titleAlign=align, titleBaseline="bottom", titleX=x, titleY=-10, labelLimit=0, **more
    )


def _in_lines(label: str) -> dict[str, Any]:
    """Labels with their line breaks, in the middle of their rows.

    Parameters:
        label: the expression of Vega's that gives the label.
    """
    lines = rf"split({label}, '\n')"
    further = [
        {"test": f"length({lines}) == {count}", "value": _FURTHER * (1 - count) / 2}
        for count in range(2, _LABEL_LINES + 1)
    ]
    return {
        "labelExpr": lines,
        "labelLineHeight": _FURTHER,
        "labelOffset": {"condition": further, "value": 0},
    }


def _broken(text: str) -> str:
    """A label in lines."""
    return "\n".join(textwrap.wrap(text, _LABEL, max_lines=_LABEL_LINES, placeholder="…")) or text


def _row_height(labels: Iterable[str]) -> int:
    return _ROW + _FURTHER * max((label.count("\n") for label in labels), default=0)


def _names(what: Distribution) -> dict[str, str]:
    """Groups with how many answers each has."""
    short = short_labels((panel.group for panel in what.panels), _GROUP)
    return {p.group: f"{short[p.group]} (n = {p.n:,})" if what.by else "" for p in what.panels}


def short_labels(texts: Iterable[str], most: int) -> dict[str, str]:
    """Texts as labels of so many characters at most, different ones for different texts."""
    return _numbered({text: briefly(legible(text), most) for text in dict.fromkeys(texts)})


def _distinct_labels(texts: Iterable[str]) -> dict[str, str]:
    """Labels in lines by texts, different ones for different texts."""
    return _numbered({text: _broken(legible(text)) for text in dict.fromkeys(texts)})


def _numbered(short: Mapping[str, str]) -> dict[str, str]:
    """The labels with numbers before them, where two are equal."""
    if len(set(short.values())) == len(short):
        return dict(short)
    return {text: f"{number}. {label}" for number, (text, label) in enumerate(short.items(), 1)}


def _bars(what: Distribution) -> ResultsChart:
    names = _names(what)
    broken = _distinct_labels(str(bar.label) for panel in what.panels for bar in panel.bars)
    rows: list[dict[str, Any]] = [
        {
            "label": broken[str(bar.label)],
            "value": bar.value,
            "group": names[panel.group],
            "count": bar.count,
            "shown": figure(bar, what.measure),
        }
        for panel in what.panels
        for bar in panel.bars
    ]
    labels = list(dict.fromkeys(row["label"] for row in rows))
    groups = list(dict.fromkeys(row["group"] for row in rows))
    # The figures stand behind the bars.
    room = alt.Scale(domain=[0, 1.12 * max((row["value"] for row in rows), default=1) or 1], nice=False)
    base = alt.Chart().encode(
        y=_down("label:N", labels, what.label_title),
        x=alt.X("value:Q", title=what.value_title, scale=room, axis=_ticks(what.measure)),
        tooltip=[alt.Tooltip("label:N"), alt.Tooltip("shown:N", title=what.value_title), "count:Q"],
    )
    if what.by:
        base = base.encode(yOffset=alt.YOffset("group:N", sort=groups))
    bars = base.mark_bar().encode(color=_colour(what, groups))
    text = base.mark_text(align="left", dx=4, fontSize=11 if len(groups) < 2 else 10).encode(text="shown:N")
    height = max(len(labels), 1) * max(_row_height(labels), 15 * len(groups) + 8)
    return layered(bars, text, rows=rows, width=_WIDTH, height=height)


def _ticks(measure: str) -> Any:
    if measure == "count":
        return alt.Axis(format=",d", tickCount=5, tickMinStep=1)
    return alt.Axis(format="%" if measure == "share" else ",~f", tickCount=5)


def _histogram(what: Distribution) -> ResultsChart:
    if what.by:
        return _strips(what)
    bars = [bar for panel in what.panels for bar in panel.bars]
    rows: list[dict[str, Any]] = [
        {"low": bar.label[0], "high": bar.label[1], "zero": 0, "value": bar.value, "numbers": bar.text,
         "count": bar.count}
        for bar in bars
    ]  # fmt: skip
    height = alt.Y("value:Q", title=what.value_title, axis=titled_axis("left", -30, format="%", tickCount=5))
    drawn = _columns(what, rows, height, "zero:Q")
    return layered(drawn, rows=rows, width=_WIDTH, height=_HEIGHT)


def _columns(what: Distribution, rows: Sequence[Mapping[str, Any]], y: Any, foot: str) -> Any:
    """Columns over the numbers."""
    x = alt.X(
        "low:Q", title=what.label_title, scale=_room(rows), axis=alt.Axis(tickMinStep=_least_step(rows))
    )
    tips = [alt.Tooltip("numbers:N"), alt.Tooltip("value:Q", format=".0%", title=what.value_title), "count:Q"]
    return (
        alt.Chart()
        .mark_bar(stroke=None, binSpacing=1, color=COLOURS[0])
        .encode(x=x, x2="high:Q", y=y, y2=foot, tooltip=tips)
    )


def _least_step(rows: Sequence[Mapping[str, Any]]) -> float:
    """The least distance of the numbers at the axis: that of two columns of whole numbers, else any."""
    return 1 if all((2 * row["low"]).is_integer() for row in rows) else 0


def _strips(what: Distribution) -> ResultsChart:
    """A histogram for each group below each other, over the same numbers and with one measure for heights."""
    names = [_broken(name) for name in _names(what).values()]
    highest = max((bar.value for panel in what.panels for bar in panel.bars), default=0) or 1
    rows: list[dict[str, Any]] = []
    for place, panel in enumerate(what.panels):
        foot = len(names) - 1 - place
        tallest = max(panel.bars, key=lambda bar: bar.value, default=None)
        rows += [
            {"low": bar.label[0], "high": bar.label[1], "middle": sum(bar.label) / 2, "foot": foot,
             "top": foot + _FILLED * bar.value / highest, "value": bar.value, "numbers": bar.text,
             "count": bar.count, "shown": f"{bar.value:.0%}" if bar is tallest else ""}
            for bar in panel.bars
        ]  # fmt: skip
    axis = titled_axis(
        values=[place + _FILLED / 2 for place in range(len(names))],
        ticks=False,
        domain=False,
        grid=False,
        **_in_lines(f"{json.dumps(names[::-1])}[floor(datum.value)]"),
    )
    top = alt.Y("top:Q", title=what.by, axis=axis, scale=alt.Scale(domain=[0, len(names)], nice=False))
    drawn = _columns(what, rows, top, "foot:Q")
    feet = (
        alt.Chart()
        .mark_rule(opacity=0.4)
        .transform_filter("datum.shown")
        .encode(y=alt.Y("foot:Q", axis=axis))
    )
    text = alt.Chart().mark_text(dy=-6, fontSize=11).encode(x="middle:Q", y=top, text="shown:N")
    title = f"{what.label_title} (heights: {what.value_title})"
    drawn = drawn.encode(x=drawn.encoding.x.title(title))
    return layered(feet, drawn, text, rows=rows, width=_WIDTH, height=_STRIP * len(names))


def _room(rows: Sequence[Mapping[str, Any]]) -> Any:
    """The numbers that a histogram shows: about its columns, so that a few do not become blocks."""
    edges = sorted({row["low"] for row in rows} | {row["high"] for row in rows})
    if not 2 <= len(edges) <= _FEW:
        return alt.Scale(zero=False, nice=False)
    aside = (edges[1] - edges[0]) * 2
    return alt.Scale(domain=[edges[0] - aside, edges[-1] + aside], nice=False)


def _diverging(what: Distribution) -> ResultsChart:
    names = _names(what)
    labels = list(dict.fromkeys(bar.text for panel in what.panels for bar in panel.bars))
    colours = opposed(len(labels))
    items = short_labels((panel.item for panel in what.panels), _ITEM if what.by else 2 * _ITEM)
    rows: list[dict[str, Any]] = []
    for panel in what.panels:
        place = _broken(" · ".join(part for part in (items[panel.item], names[panel.group]) if part))
        for bar, (start, end), colour in zip(panel.bars, spread(panel.bars), colours, strict=True):
            rows.append(
                {
                    "place": place,
                    "label": bar.text,
                    "start": start,
                    "end": end,
                    "middle": (start + end) / 2,
                    "share": f"{bar.value:.0%}",
                    "shown": f"{bar.value:.0%}" if bar.value >= 0.05 else "",
                    "ink": ink_on(colour),
                    "count": bar.count,
                }
            )
    places = list(dict.fromkeys(row["place"] for row in rows))
    furthest = max((max(-row["start"], row["end"]) for row in rows), default=1)
    end = min(math.ceil(furthest * 5 - 1e-9) / 5, 1) or 1
    axis = alt.Axis(labelExpr="format(abs(datum.value), '.0%')", values=[-end, -end / 2, 0, end / 2, end])
    down = _down("place:N", places, None) if places != [""] else alt.Y("place:N", title=None, axis=None)
    colour = alt.Color(
        "label:N",
        title=None,
        sort=labels,
        scale=alt.Scale(domain=labels, range=colours),
        legend=_legend(labels),
    )
    across = alt.X(
        "start:Q",
        title=f"{what.value_title}, from the middle",
        axis=axis,
        scale=alt.Scale(domain=[-end, end], nice=False),
    )
    tips = [alt.Tooltip("label:N"), alt.Tooltip("share:N", title=what.value_title), alt.Tooltip("count:Q")]
    bars = alt.Chart().mark_bar().encode(y=down, x=across, x2="end:Q", color=colour, tooltip=tips)
    ink = alt.Color("ink:N", scale=None)
    text = alt.Chart().mark_text(fontSize=11).encode(y=down, x="middle:Q", text="shown:N", color=ink)
    height = max(len(places), 1) * (_row_height(places) + 8)
    return layered(bars, text, rows=rows, width=_WIDTH, height=height)
