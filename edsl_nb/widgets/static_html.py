"""HTML for viewers without a kernel: escaped, inline styles only, no scripts, at most 50 KB.

Colours are inherited or half transparent, so that it reads on light and dark pages alike.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

from edsl_nb.core.errors import EdslNbError
from edsl_nb.core.tables import Card, Column, Row, TableSource
from edsl_nb.jobs.summary import JobSummary
from edsl_nb.runner.progress import LaneProgress, ProgressSnapshot, duration
from edsl_nb.widgets.words import (
    cell_text,
    count,
    distinct_calls,
    estimated_cost,
    money,
    on_disk,
    shorten,
    state_words,
    waiting_words,
)

#: Bytes a static display may take.
SIZE_LIMIT = 50_000
#: Bytes of it that a table may take, so that a card around it has room.
_TABLE_LIMIT = 40_000
_ROWS = 10
_COLUMNS = 12
_LANES = 15
#: Facts of a card, and how long their texts may be: all that fits, and shorter where it does not.
_FACTS = 60
_FACT_TEXTS = (4_000, 600, 100)
#: Columns of the lanes that are left out where they would be empty.
_RARE = ("tried again", "waiting")
_TEXT = 300
#: Characters for which columns of short and of long texts have room, however narrow the page.
_SHORT, _LONG = 18, 28
_LINE = "1px solid rgba(128,128,128,.35)"

#: Styles: of the box around a display, what is set back, headings, and cells of tables.
BOX = (
    f"border:{_LINE};border-radius:6px;padding:12px 14px;max-width:100%;box-sizing:border-box;"
    "overflow-x:auto;font-size:13px;line-height:1.45;font-variant-numeric:tabular-nums"
)
DIM = "opacity:.7"
HEAD = "margin:0 0 8px;font-size:13px;font-weight:600"
CELL = f"padding:5px 10px;border-bottom:{_LINE};vertical-align:top;max-width:32em;background:transparent;"


def table_html(source: TableSource, *, caption: str = "") -> str:
    """A table's first page, with how much of it that is."""
    return f'<div style="{BOX}">{table_part(source, caption)}</div>'


def card_html(card: Card) -> str:
    """A single object: its title, and what there is to know of it."""
    for limit in _FACT_TEXTS:
        html = _card(card, limit)
        if len(html.encode()) <= SIZE_LIMIT:
            return html
    return _card(Card(card.title, card.facts[:10]), _FACT_TEXTS[-1])


def job_html(
    summary: JobSummary, prompts: TableSource | None, *, primary: Collection[str] = (), problem: str = ""
) -> str:
    """A job's card: its numbers, remarks and the first prompts.

    Parameters:
        summary: the job's numbers.
        prompts: its prompts, or None where they cannot be made.
        primary: names of the columns of prompts to show.
        problem: why prompts cannot be made, or an empty text.
    """
    numbers = [
        ("Questions", count(summary.questions)),
        ("Agents", count(summary.agents)),
        ("Scenarios", count(summary.scenarios)),
        ("Models", count(summary.models)),
        ("Interviews", count(summary.interviews)),
        ("Distinct calls", distinct_calls(summary)),
        ("Replies on disk", on_disk(summary)),
        ("Estimated cost", estimated_cost(summary)),
    ]
    names = ", ".join(summary.model_names[:20]) + (", …" if len(summary.model_names) > 20 else "")
    remarks = "".join(remark(note) for note in summary.notes[:10])
    trouble = remark(problem) if problem else ""
    table = (
        f'<div style="margin-top:14px">{table_part(prompts, "", primary)}</div>'
        if prompts is not None
        else ""
    )
    return (
        f'<div style="{BOX}"><div style="{HEAD}">Job</div>{_numbers(numbers)}{remark(f"Models: {names}")}'
        f"{remarks}{trouble}{table}</div>"
    )


def progress_html(snapshot: ProgressSnapshot, lanes: str | None = None) -> str:
    """A run's state, as it stays when the run has ended.

    Parameters:
        snapshot: the run.
        lanes: HTML that stands in the place of the lanes' table, for items that have one cell each;
            None for that table.
    """
    flawed = snapshot.failed + snapshot.invalid
    noun = snapshot.cell_noun if lanes is None else snapshot.item_noun
    bars = _bar(noun, snapshot.cells_done, flawed, snapshot.cells_total)
    if lanes is None:
        items = snapshot.items_done, snapshot.items_failed, snapshot.items_total
        bars = f"{_bar(snapshot.item_noun, *items)}{bars}"
    numbers = [
        ("Answered", count(snapshot.answered - snapshot.cached)),
        ("From cache", count(snapshot.cached)),
        ("Failed", count(snapshot.failed)),
        ("Invalid", count(snapshot.invalid)),
        ("Not asked", count(snapshot.skipped)),
        ("Cost", money(snapshot.cost)),
        ("Tokens in", count(snapshot.input_tokens)),
        ("Tokens out", count(snapshot.output_tokens)),
        ("Time", duration(snapshot.elapsed)),
    ]
    if snapshot.retries:
        numbers.insert(5, ("Tried again", count(snapshot.retries)))
    waiting = waiting_words(snapshot)
    errors = "".join(
        remark(f"{error.message} ({count(error.count)} times)" if error.count > 1 else error.message)
        for error in snapshot.errors[:5]
    )
    if lanes is None:
        several = len(snapshot.lanes) > 1
        lanes = _lanes(snapshot.lanes, snapshot.lane_noun, snapshot.state == "running") if several else ""
    outlook = remark(snapshot.outlook) if snapshot.outlook else ""
    return (
        f'<div style="{BOX}"><div style="{HEAD}">{escaped(state_words(snapshot))}</div>'
        f"{bars}{remark(waiting) if waiting else ''}{outlook}{_numbers(numbers)}{lanes}{errors}</div>"
    )


def escaped(value: str, limit: int = _TEXT) -> str:
    """A text as HTML, cut where it is longer than `limit` characters."""
    return escape(shorten(value, limit))


def remark(value: str) -> str:
    """A line of its own, set back."""
    return f'<div style="margin-top:6px;{DIM};overflow-wrap:anywhere">{escaped(value, 500)}</div>'


def _card(card: Card, limit: int) -> str:
    left = f"{CELL}text-align:left;"
    lines = "".join(
        f'<tr style="background:transparent"><th style="{left}font-weight:600">{escaped(name, 80)}</th>'
        f'<td style="{left}white-space:pre-wrap;overflow-wrap:anywhere">'
        f"{escaped(cell_text(value), limit)}</td></tr>"
        for name, value in card.facts[:_FACTS]
    )
    table = f'<table style="border-collapse:collapse;margin:0;font-size:12px"><tbody>{lines}</tbody></table>'
    more = len(card.facts) - _FACTS
    rest = remark(f"and {count(more)} more") if more > 0 else ""
    head = f'<div style="{HEAD}">{escaped(card.title, 80)}</div>'
    return f'<div style="{BOX}">{head}{table if lines else ""}{rest}</div>'


def _numbers(pairs: Sequence[tuple[str, str]]) -> str:
    cells = "".join(
        f'<div><div style="font-size:15px">{escaped(value)}</div>'
        f'<div style="font-size:11px;{DIM}">{escaped(label)}</div></div>'
        for label, value in pairs
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:8px 24px;margin:4px 0">{cells}</div>'


def _bar(noun: str, done: int, flawed: int, total: int) -> str:
    parts = "".join(
        f'<div style="background:{colour};width:{100.0 * part / total if total else 0.0:.1f}%"></div>'
        for colour, part in (("#4386c9", done - flawed), ("#d0403c", flawed))
    )
    return (
        '<div style="display:flex;justify-content:space-between;gap:12px">'
        f"<span>{escaped(noun.capitalize())}</span>"
        f"<span>{count(done)} of {count(total)}</span></div>"
        '<div style="display:flex;height:6px;border-radius:3px;overflow:hidden;'
        f'background:rgba(128,128,128,.25);margin:3px 0 9px">{parts}</div>'
    )


def _lanes(lanes: Sequence[LaneProgress], noun: str, running: bool) -> str:
    columns = [
        Column(noun.removesuffix("s")),
        Column("done", "number"),
        Column("answered", "number"),
        Column("cached", "number"),
        Column("failed", "number"),
        Column("invalid", "number"),
        Column("tried again", "number"),
        Column("cost", "money"),
        Column("waiting"),
    ]
    rows = [
        Row(i, [x.label, x.items_done, x.answered, x.cached, x.failed, x.invalid, x.retries, x.cost,
                x.waiting if running else None])
        for i, x in enumerate(lanes[:_LANES])
    ]  # fmt: skip
    shown = [(i, c) for i, c in enumerate(columns) if c.name not in _RARE or any(r.cells[i] for r in rows)]
    more = remark(f"and {count(len(lanes) - _LANES)} more") if len(lanes) > _LANES else ""
    return f'<div style="margin-top:8px">{_grid(shown, rows, 80)}</div>{more}'


def table_part(
    source: TableSource, caption: str, primary: Collection[str] | None = None, limit: int = _TABLE_LIMIT
) -> str:
    """A table's first page with its title, to stand in a box.

    Parameters:
        source: the table.
        caption: a remark beneath the title.
        primary: names of the columns to show; None for those that the source says.
        limit: bytes that its rows may take.
    """
    head = f'<div style="{HEAD}">{escaped(source.title)}</div>' + (remark(caption) if caption else "")
    try:
        rows = source.first_rows(_ROWS)
    except EdslNbError as error:
        return head + remark(str(error))
    shown = [
        (i, c) for i, c in enumerate(source.columns) if (c.primary if primary is None else c.name in primary)
    ]
    columns = shown[:_COLUMNS]
    if not rows:
        return head + remark("No rows")
    body, number = _fitting(columns, rows, limit)
    return head + body + remark(_extent(source, number, len(columns)))


def _fitting(columns: Sequence[tuple[int, Column]], rows: Sequence[Row], limit: int) -> tuple[str, int]:
    """The grid with as much of the rows as the limit allows, and how many rows that is."""
    for number, text in ((len(rows), _TEXT), (len(rows), 120), (len(rows), 40)):
        body = _grid(columns, rows[:number], text)
        if len(body.encode()) <= limit:
            return body, number
    return _grid(columns, rows[:3], 40), min(3, len(rows))


def _extent(source: TableSource, rows: int, columns: int) -> str:
    every = count(len(source), "rows")
    shown = f"Showing {count(rows)} of {every}" if rows < len(source) else every
    rest = len(source.columns) - columns
    return f"{shown}; {count(rest, 'columns')} more" if rest else shown


def _grid(columns: Sequence[tuple[int, Column]], rows: Sequence[Row], limit: int) -> str:
    heads = "".join(
        f'<th style="{CELL}min-width:{_room(rows, i, c)}ch;text-align:{_side(c)};font-weight:600;'
        f'white-space:nowrap">{escaped(c.name, 80)}</th>'
        for i, c in columns
    )
    lines = "".join(
        '<tr style="background:transparent">'
        + "".join(
            f'<td style="{CELL}{_flow(c)}">{escaped(cell_text(row.cells[i], c.kind), limit)}</td>'
            for i, c in columns
        )
        + "</tr>"
        for row in rows
    )
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;margin:0;font-size:12px">'
        f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _room(rows: Sequence[Row], index: int, column: Column) -> int:
    """Characters for which a column has room on narrow pages, too, so that no short text is broken."""
    longest = max((len(cell_text(row.cells[index], column.kind)) for row in rows), default=0)
    return min(longest, _SHORT if longest <= 2 * _SHORT else _LONG)


def _side(column: Column) -> str:
    return "right" if column.kind in ("number", "money") else "left"


def _flow(column: Column) -> str:
    """Texts break anywhere, numbers nowhere: half a number is another number."""
    breaks = "nowrap" if _side(column) == "right" else "pre-wrap;overflow-wrap:anywhere"
    return f"text-align:{_side(column)};white-space:{breaks}"
