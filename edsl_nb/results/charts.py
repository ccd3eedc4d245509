"""Distributions and agreement as Altair charts. Needs Altair, so it is imported where a chart is wanted."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import altair as alt

from edsl_nb.core.code import briefly
from edsl_nb.results.distribution import Distribution, spread
from edsl_nb.results.drawing import figure, ink_on, opposed

#: Colours that can be read on light and on dark pages, one for each group that a chart may have.
COLOURS = (
    "#4386c9", "#d98c21", "#3f9c6b", "#b8559b", "#8a78d6", "#c4553f", "#5aa3ad", "#97923a", "#8c6d52",
    "#7d8790", "#8fbce6", "#f0b96b", "#86c9a3", "#dc98c7", "#b9aef0", "#e29480", "#97cdd4", "#c6c274",
    "#bda18a", "#b0b8bf",
)  # fmt: skip

_WIDTH, _ROW, _HEIGHT = 460, 24, 260
#: Characters in a line of a title, and lines of one.
_LINE, _LINES = 70, 4

#: Characters of the name of a group and of an item beside it, the pixels that labels may take, and how many
#: edges a histogram has that is nothing but a block or two.
_GROUP, _ITEM, _LABEL, _FEW = 36, 24, 360, 4

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
        return {"text/html": f'<div style="overflow-x:auto">{drawn}</div>', "text/plain": _words(self)}


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
    return chart.properties(
        title=alt.TitleParams(lines, subtitle=below, anchor="start", fontSize=14, subtitleFontSize=12)
    )


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
        legend=_legend(groups),
    )


def _legend(labels: Sequence[str]) -> Any:
    """A legend above the chart, in as many columns as its labels fit into."""
    longest = max(map(len, labels), default=1)
    columns = max(1, min(len(labels), 64 // (longest + 4)))
    return alt.Legend(orient="top", columns=columns, labelLimit=_WIDTH, titleLimit=_WIDTH)


def _down(field: str, order: Sequence[str], title: str | None) -> Any:
    """An axis of labels from top to bottom, which its title does not touch."""
    return alt.Y(
        field, sort=list(order), title=title, axis=alt.Axis(labelLimit=_LABEL, maxExtent=_LABEL + 40)
    )


def _names(what: Distribution) -> dict[str, str]:
    """Groups with how many answers each has."""
    short = _shortened((panel.group for panel in what.panels), _GROUP)
    return {p.group: f"{short[p.group]} (n = {p.n:,})" if what.by else "" for p in what.panels}


def _shortened(texts: Iterable[str], most: int) -> dict[str, str]:
    """Texts as labels of so many characters at most, different ones for different texts."""
    different = list(dict.fromkeys(texts))
    short = {text: briefly(text, most) for text in different}
    if len(set(short.values())) == len(different):
        return short
    return {text: f"{number}. {short[text]}" for number, text in enumerate(different, 1)}


def _bars(what: Distribution) -> ResultsChart:
    names = _names(what)
    rows: list[dict[str, Any]] = [
        {
            "label": bar.text,
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
    form = "%" if what.measure == "share" else ",~f"
    # The figures stand behind the bars.
    room = alt.Scale(domain=[0, 1.12 * max((row["value"] for row in rows), default=1) or 1], nice=False)
    base = alt.Chart().encode(
        y=_down("label:N", labels, what.label_title),
        x=alt.X(
            "value:Q",
            title=what.value_title,
            scale=room,
            axis=alt.Axis(format=form),
        ),
        tooltip=[alt.Tooltip("label:N"), alt.Tooltip("shown:N", title=what.value_title), "count:Q"],
    )
    if what.by:
        base = base.encode(yOffset=alt.YOffset("group:N", sort=groups))
    bars = base.mark_bar().encode(color=_colour(what, groups))
    text = base.mark_text(align="left", dx=4, fontSize=11).encode(text="shown:N")
    height = max(len(labels), 1) * max(_ROW, 16 * len(groups))
    return layered(bars, text, rows=rows, width=_WIDTH, height=height)


def _histogram(what: Distribution) -> ResultsChart:
    names = _names(what)
    rows: list[dict[str, Any]] = [
        {
            "low": bar.label[0],
            "high": bar.label[1],
            "zero": 0,
            "value": bar.value,
            "group": names[panel.group],
            "count": bar.count,
        }
        for panel in what.panels
        for bar in panel.bars
    ]
    groups = list(dict.fromkeys(row["group"] for row in rows))
    height = alt.Y("value:Q", title=what.value_title, axis=alt.Axis(format="%"))
    across = alt.X("low:Q", title=what.label_title, scale=_room(rows))
    tips = [alt.Tooltip("low:Q", title="from"), alt.Tooltip("high:Q", title="to"), "count:Q"]
    bars = (
        alt.Chart()
        .mark_bar(opacity=0.3 if what.by else 1, stroke=None, binSpacing=1)
        .encode(x=across, x2="high:Q", y=height, y2="zero:Q", color=_colour(what, groups), tooltip=tips)
    )
    if not what.by:
        return layered(bars, rows=rows, width=_WIDTH, height=_HEIGHT)
    # Of groups that lie above each other the outlines tell which is which.
    tops = (
        alt.Chart()
        .mark_rule(strokeWidth=2.5)
        .encode(x=across, x2="high:Q", y=height, color=_colour(what, groups))
    )
    return layered(bars, tops, rows=rows, width=_WIDTH, height=_HEIGHT)


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
    items = _shortened((panel.item for panel in what.panels), _ITEM if what.by else 2 * _ITEM)
    rows: list[dict[str, Any]] = []
    for panel in what.panels:
        place = " · ".join(part for part in (items[panel.item], names[panel.group]) if part)
        for order, (bar, (start, end)) in enumerate(zip(panel.bars, spread(panel.bars), strict=True)):
            shown = f"{bar.value:.0%}" if bar.value >= 0.05 else ""
            rows.append(
                {
                    "place": place or what.question,
                    "label": bar.text,
                    "order": order,
                    "start": start,
                    "end": end,
                    "middle": (start + end) / 2,
                    "shown": shown,
                    "ink": ink_on(colours[order % len(colours)]),
                    "count": bar.count,
                }
            )
    places = list(dict.fromkeys(row["place"] for row in rows))
    axis = alt.Axis(labelExpr="format(abs(datum.value), '.0%')")
    down = _down("place:N", places, None)
    bars = (
        alt.Chart()
        .mark_bar()
        .encode(
            y=down,
            x=alt.X("start:Q", title=f"{what.value_title}, from the middle of the scale", axis=axis),
            x2="end:Q",
            color=alt.Color(
                "label:N",
                title=None,
                sort=labels,
                scale=alt.Scale(domain=labels, range=colours),
                legend=_legend(labels),
            ),
            tooltip=["label:N", "shown:N", "count:Q"],
        )
    )
    ink = alt.Color("ink:N", scale=None)
    text = alt.Chart().mark_text(fontSize=11).encode(y=down, x="middle:Q", text="shown:N", color=ink)
    return layered(bars, text, rows=rows, width=_WIDTH, height=max(len(places), 1) * (_ROW + 8))


def heat_map(
    cells: Sequence[Mapping[str, Any]],
    *,
    title: str,
    subtitle: str,
    across: str,
    down: str,
    measure: str,
    share: bool,
) -> ResultsChart:
    """Figures as colours.

    Parameters:
        cells: rows with ``x``, ``y`` and ``value``, which may be None.
        title, subtitle: the head.
        across, down: what columns and rows are.
        measure: what the figures are.
        share: whether they are shares from 0 to 1, and not coefficients from -1 to 1.
    """
    rows = [{**cell, "shown": _figure(cell["value"], share)} for cell in cells]
    xs, ys = (list(dict.fromkeys(str(row[key]) for row in rows)) for key in ("x", "y"))
    base = alt.Chart().encode(
        x=alt.X("x:N", sort=xs, title=across, axis=alt.Axis(labelLimit=200, labelAngle=-30)),
        y=alt.Y("y:N", sort=ys, title=down, axis=alt.Axis(labelLimit=200)),
        tooltip=["y:N", "x:N", alt.Tooltip("shown:N", title=measure)],
    )
    scale = (
        alt.Scale(domain=[0, 1], range=["#c9d8e8", "#2a5f97"])
        if share
        else alt.Scale(domain=[-1, 0, 1], range=["#c4553f", "#d9d9d9", "#2a5f97"])
    )
    boxes = base.mark_rect().encode(color=alt.Color("value:Q", title=measure, scale=scale))
    dark = alt.condition("isValid(datum.value) && datum.value > 0.55", alt.value("white"), alt.value("#222"))
    text = base.mark_text(fontSize=12).encode(text="shown:N", color=dark)
    drawn = layered(boxes, text, rows=rows, width=max(60 * len(xs), 120), height=max(34 * len(ys), 40))
    return titled(drawn, title, subtitle)


def _figure(value: float | None, share: bool) -> str:
    if value is None:
        return "–"
    return f"{value:.0%}" if share else f"{value:.2f}"
