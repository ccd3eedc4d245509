"""A benchmark's matrix as HTML for viewers without a kernel, and as plain text."""

from __future__ import annotations

from collections.abc import Sequence

from edsl_nb.runner.progress import ProgressSnapshot
from edsl_nb.tasks.scoreboard import OUTCOMES, Figure, Standing
from edsl_nb.widgets.messages.benchmark import BoardState, FigureData, OutcomeData, PairData
from edsl_nb.widgets.static_html import BOX, CELL, DIM, HEAD, escaped, remark
from edsl_nb.widgets.words import count

#: Tasks and agents that are shown, and figures of a score.
_TASKS, _AGENTS, _FIGURES = 30, 12, 4

#: Figures of a score that travel to the browser, and how long their texts may be.
MOST_FIGURES = 40
_TEXT = 200

_COLOURS = {
    "completed": "#3f9663", "task limit reached": "#c2902e", "agent context limit": "#8a63c9",
    "agent validation failed": "#d1733c", "agent invalid action": "#c2568f", "unknown": "#8b9097",
    "task error": "#d0403c", "agent error": "#8f2f2c", "failed": "#5d3a38",
}  # fmt: skip


def board_state(
    standings: Sequence[Standing], snapshot: ProgressSnapshot | None, note: str, scoring: bool
) -> BoardState:
    """The matrix as the browser gets it.

    Parameters:
        standings: how each agent stands at each task.
        snapshot: of the run, whose lanes are these in order; None where there is no run.
        note: a remark beside the title.
        scoring: whether scores are being computed.
    """
    lanes = [] if snapshot is None or snapshot.final else snapshot.lanes
    flights = [(lane.in_flight, lane.waiting or "") for lane in lanes] or [(0, "")] * len(standings)
    there = {outcome for standing in standings for outcome in standing.outcomes}
    return BoardState(
        tasks=list(dict.fromkeys(standing.task for standing in standings)),
        agents=list(dict.fromkeys(standing.agent for standing in standings)),
        pairs=[_pair(one, *flight) for one, flight in zip(standings, flights, strict=True)],
        outcomes=[outcome for outcome in OUTCOMES if outcome in there],
        note=note,
        scoring=scoring,
        unscored=any(_unscored(standing) for standing in standings),
    )


def _unscored(standing: Standing) -> bool:
    """Whether samples have ended of which no score says anything; those without a status never count."""
    scorable = standing.ended - standing.outcomes.get("agent error", 0) - standing.outcomes.get("failed", 0)
    return scorable > _scored(standing)


def _scored(standing: Standing) -> int:
    return 0 if standing.score is None else int(standing.score.get("total", 0))


def _pair(standing: Standing, in_flight: int, waiting: str) -> PairData:
    return PairData(
        task=standing.task,
        agent=standing.agent,
        total=standing.total,
        ended=standing.ended,
        in_flight=in_flight,
        waiting=waiting,
        outcomes=[OutcomeData(outcome=name, count=n) for name, n in standing.outcomes.items()],
        figures=[_figure(one) for one in standing.figures[:MOST_FIGURES]],
        scored=_scored(standing),
        problem=standing.problem,
    )


def _figure(figure: Figure) -> FigureData:
    value = figure.value[:_TEXT] if isinstance(figure.value, str) else figure.value
    return FigureData(name=figure.name[:_TEXT], value=value, error=figure.error)


def board_part(standings: Sequence[Standing], note: str = "") -> str:
    """The matrix with its heading, to stand in a box."""
    tasks = list(dict.fromkeys(standing.task for standing in standings))
    agents = list(dict.fromkeys(standing.agent for standing in standings))
    known = {(standing.task, standing.agent): standing for standing in standings}
    heads = "".join(_head(agent) for agent in ("", *agents[:_AGENTS]))
    rows = "".join(
        f'<tr style="background:transparent">{_head(task)}'
        + "".join(f'<td style="{_LEFT}">{_cell(known.get((task, agent)))}</td>' for agent in agents[:_AGENTS])
        + "</tr>"
        for task in tasks[:_TASKS]
    )
    left = [(len(tasks) - _TASKS, "tasks"), (len(agents) - _AGENTS, "agents")]
    more = "".join(remark(f"and {count(number, noun)} more") for number, noun in left if number > 0)
    title = f"Benchmark {note}".strip()
    return (
        f'<div style="{HEAD}">{escaped(title)}</div>'
        f'<div style="overflow-x:auto"><table style="border-collapse:collapse;margin:0;font-size:12px">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{more}"
    )


_LEFT = f"{CELL}text-align:left;"


def _head(text: str) -> str:
    return f'<th style="{_LEFT}font-weight:600">{escaped(text, 60)}</th>'


def _cell(standing: Standing | None) -> str:
    if standing is None:
        return f'<span style="{DIM}">–</span>'
    parts = "".join(
        f'<div style="background:{_COLOURS[name]};width:{_share(number, standing)}"></div>'
        for name, number in standing.outcomes.items()
    )
    bar = (
        '<div style="display:flex;height:6px;min-width:120px;border-radius:3px;overflow:hidden;'
        f'background:rgba(128,128,128,.25);margin:3px 0">{parts}</div>'
    )
    ended = f"{count(standing.ended)} of {count(standing.total, 'samples')}"
    return (
        f'<div style="font-size:13px;font-weight:600">{escaped(figures_text(standing))}</div>{bar}'
        f"<div>{escaped(shares_text(standing))}</div>"
        f'<div style="{DIM}">{escaped(ended)}</div>'
    )


def _share(number: int, standing: Standing) -> str:
    return f"{100.0 * number / max(standing.total, 1):.1f}%"


def board_html(standings: Sequence[Standing], note: str, rest: str) -> str:
    """The matrix in a box, with what follows beneath.

    Parameters:
        rest: HTML.
    """
    return f'<div style="{BOX}">{board_part(standings, note)}<div style="margin-top:14px">{rest}</div></div>'


def board_text(standings: Sequence[Standing]) -> str:
    """The matrix as lines of text, one for each agent and task."""
    lines = [
        "; ".join(
            part
            for part in (
                f"  {one.task}, {one.agent}: {count(one.ended)} of {count(one.total, 'samples')}",
                shares_text(one),
                figures_text(one),
            )
            if part
        )
        for one in standings[: _TASKS * 2]
    ]
    left = len(standings) - len(lines)
    return "\n".join([*lines, *([f"  and {count(left)} more"] if left > 0 else [])])


def shares_text(standing: Standing) -> str:
    """How the samples that have ended did so: ``completed 75 %, task limit reached 25 %``."""
    ended = standing.ended
    return ", ".join(f"{name} {100 * number / ended:.0f} %" for name, number in standing.outcomes.items())


def figures_text(standing: Standing) -> str:
    """A score in short: ``accuracy 0.75 ± 0.05, mean 4.2``; why there is none where its task failed."""
    if standing.problem:
        return f"no score: {standing.problem}"
    shown = ", ".join(_in_words(figure) for figure in standing.figures[:_FIGURES])
    partial = standing.score is not None and _scored(standing) < standing.total
    return f"{shown} (of {count(_scored(standing))})" if shown and partial else shown


def _in_words(figure: Figure) -> str:
    error = "" if figure.error is None else f" ± {number_text(figure.error)}"
    return f"{figure.name} {number_text(figure.value)}{error}"


def number_text(value: str | float | bool) -> str:
    """A figure of a score, numbers with three digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and not value.is_integer() and abs(value) < 100:
        return f"{value:.3g}"
    return value if isinstance(value, str) else f"{value:,.0f}"
