"""A benchmark's matrix as HTML for viewers without a kernel, and as plain text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from edsl_nb.runner.progress import ProgressSnapshot
from edsl_nb.tasks.scoreboard import OUTCOMES, Figure, Standing
from edsl_nb.widgets.messages.benchmark import BoardState, FigureData, OutcomeData, PairData
from edsl_nb.widgets.static_html import BOX, CELL, DIM, HEAD, escaped, remark
from edsl_nb.widgets.words import count, percent

#: Bytes of HTML that the matrix may take, so that a table beneath it has room.
PART_LIMIT = 20_000

#: Tasks and agents that are shown, and whether with all there is to say of each; tried until it fits.
_SIZES = ((30, 12, True), (30, 12, False), (12, 12, False), (8, 8, False))

#: Lines of the text form, and figures of a score.
_LINES, _FIGURES = 60, 4

#: Figures of a score that travel to the browser, and how long their texts may be.
MOST_FIGURES = 40
_TEXT = 200

#: What a standing is shown as, in HTML.
_Cell = Callable[[Standing], str]

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
        unscored=any(standing.scorable > standing.scored for standing in standings),
    )


def unscored_words(standing: Standing) -> str:
    """Why there is no figure of a score, where its task did not fail."""
    if standing.scorable > standing.scored:
        return "not scored"
    if standing.scored:
        return "no figures"
    return "nothing to score" if standing.ended else "nothing has ended"


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
        scored=standing.scored,
        problem=standing.problem,
        unscored=unscored_words(standing) if not standing.figures else "",
    )


def _figure(figure: Figure) -> FigureData:
    value = figure.value[:_TEXT] if isinstance(figure.value, str) else figure.value
    return FigureData(name=figure.name[:_TEXT], value=value, error=figure.error)


def board_part(standings: Sequence[Standing], note: str = "", limit: int = PART_LIMIT) -> str:
    """The matrix with its heading, to stand in a box: as much of it as there is room for.

    Parameters:
        standings: how each agent stands at each task.
        note: a remark in the heading.
        limit: bytes that it may take.
    """
    html = ""
    for tasks, agents, full in _SIZES:
        html = _matrix(standings, note, tasks, agents, _cell if full else _short_cell)
        if len(html.encode()) <= limit:
            break
    return html


def _matrix(standings: Sequence[Standing], note: str, most_tasks: int, most_agents: int, cell: _Cell) -> str:
    tasks = list(dict.fromkeys(standing.task for standing in standings))
    agents = list(dict.fromkeys(standing.agent for standing in standings))
    known = {(standing.task, standing.agent): standing for standing in standings}
    heads = "".join(_head(agent) for agent in ("", *agents[:most_agents]))
    rows = "".join(
        f'<tr style="background:transparent">{_head(task)}'
        + "".join(_filled(known.get((task, agent)), cell) for agent in agents[:most_agents])
        + "</tr>"
        for task in tasks[:most_tasks]
    )
    left = [(len(tasks) - most_tasks, "tasks"), (len(agents) - most_agents, "agents")]
    more = "".join(remark(f"and {count(number, noun)} more") for number, noun in left if number > 0)
    title = f"{count(len(tasks), 'tasks')}, {count(len(agents), 'agents')} {note}".strip()
    return (
        f'<div style="{HEAD}">{escaped(title)}</div>'
        f'<div style="overflow-x:auto"><table style="border-collapse:collapse;margin:0;font-size:12px">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{more}"
    )


_LEFT = f"{CELL}text-align:left;"


def _head(text: str) -> str:
    return f'<th style="{_LEFT}min-width:7em;font-weight:600">{escaped(text, 60)}</th>'


def _filled(standing: Standing | None, cell: _Cell) -> str:
    inside = f'<span style="{DIM}">–</span>' if standing is None else cell(standing)
    return f'<td style="{_LEFT}">{inside}</td>'


def _cell(standing: Standing) -> str:
    lines = [
        _score(standing, _of(standing)),
        _listed([_dim(_in_words(figure)) for figure in standing.figures[1:_FIGURES]]),
        _bar(standing),
        _listed([escaped(share) for share in _shares(standing)]),
        _dim(_extent(standing)),
    ]
    return "".join(f"<div>{line}</div>" for line in lines if line)


def _short_cell(standing: Standing) -> str:
    return f"{_score(standing)}<br>{_dim(_extent(standing))}"


def _score(standing: Standing, remark: str = "") -> str:
    """The first figure of a score, or what stands in its place."""
    if not standing.figures:
        return _dim(f"no score: {standing.problem}" if standing.problem else unscored_words(standing))
    first = standing.figures[0]
    value = f'<span style="font-size:15px;font-weight:600">{escaped(_value(first))}</span>'
    return f"{value} {_dim(f'{first.name}{remark}')}"


def _bar(standing: Standing) -> str:
    total = max(standing.total, 1)
    parts = "".join(
        f'<div style="background:{_COLOURS[name]};width:{100.0 * number / total:.1f}%"></div>'
        for name, number in standing.outcomes.items()
    )
    return (
        '<div style="display:flex;height:6px;min-width:140px;border-radius:3px;overflow:hidden;'
        f'background:rgba(128,128,128,.25);margin:3px 0">{parts}</div>'
    )


def _dim(text: str) -> str:
    return f'<span style="{DIM}">{escaped(text)}</span>'


def _listed(parts: Sequence[str]) -> str:
    """Parts of HTML with commas between, which stay in one piece."""
    return ", ".join(f'<span style="white-space:nowrap">{part}</span>' for part in parts)


def _extent(standing: Standing) -> str:
    total = count(standing.total, "samples")
    return total if standing.ended == standing.total else f"{count(standing.ended)} of {total}"


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
        for one in standings[:_LINES]
    ]
    left = len(standings) - len(lines)
    return "\n".join([*lines, *([f"  and {count(left)} more"] if left > 0 else [])])


def _shares(standing: Standing) -> list[str]:
    return [f"{name} {percent(number, standing.ended)}" for name, number in standing.outcomes.items()]


def shares_text(standing: Standing) -> str:
    """How the samples that have ended did so: ``completed 75 %, task limit reached 25 %``."""
    return ", ".join(_shares(standing))


def figures_text(standing: Standing) -> str:
    """A score in short: ``accuracy 0.75 ± 0.05, mean 4.2``; why there is none where its task failed."""
    if standing.problem:
        return f"no score: {standing.problem}"
    shown = ", ".join(_in_words(figure) for figure in standing.figures[:_FIGURES])
    return f"{shown}{_of(standing)}" if shown else ""


def _of(standing: Standing) -> str:
    """Of how many samples a score is, where that is not all of them."""
    return f" (of {count(standing.scored)})" if standing.scored < standing.total else ""


def _in_words(figure: Figure) -> str:
    return f"{figure.name} {_value(figure)}"


def _value(figure: Figure) -> str:
    error = "" if figure.error is None else f" ± {number_text(figure.error)}"
    return f"{number_text(figure.value)}{error}"


def number_text(value: str | float | bool) -> str:
    """A figure of a score, numbers with three digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and not value.is_integer() and abs(value) < 100:
        return f"{value:.3g}"
    return value if isinstance(value, str) else f"{value:,.0f}"
