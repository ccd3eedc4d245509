"""Agreement as a heat map. Needs Altair, so it is imported where a chart is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from edsl_nb.results.charts import ResultsChart, layered, short_labels, titled, titled_axis
from edsl_nb.results.wording import legible

#: Characters of a label.
_LABEL = 24


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
    xs, ys = (short_labels((str(cell[key]) for cell in cells), _LABEL) for key in ("x", "y"))
    rows = [
        {"x": xs[str(cell["x"])], "y": ys[str(cell["y"])], "value": cell["value"],
         "shown": _figure(cell["value"], share)}
        for cell in cells
    ]  # fmt: skip
    base = alt.Chart().encode(
        x=alt.X(
            "x:N",
            sort=list(xs.values()),
            title=legible(across),
            axis=alt.Axis(labelLimit=200, labelAngle=-30),
        ),
        y=alt.Y("y:N", sort=list(ys.values()), title=legible(down), axis=titled_axis()),
        tooltip=[alt.Tooltip("y:N"), alt.Tooltip("x:N"), alt.Tooltip("shown:N", title=measure)],
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
