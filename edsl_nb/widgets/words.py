"""How numbers, times and states are put into words, for the displays made in Python.

The browser's half of this is ``js/src/words.ts``; both write alike.
"""

from __future__ import annotations

import json

from edsl_nb.core.tables import Cell, ColumnKind
from edsl_nb.core.words import money
from edsl_nb.jobs.summary import JobSummary
from edsl_nb.runner.progress import ProgressSnapshot


def count(number: int, noun: str = "") -> str:
    """A whole number with separators, and its plural noun in the fitting number: ``1 row``, ``2 rows``."""
    if not noun:
        return f"{number:,}"
    return f"{number:,} {noun.removesuffix('s') if number == 1 else noun}"


def percent(part: float, of: float) -> str:
    """A share in whole percent, half rounded up: ``75 %``."""
    return f"{int(100 * part / of + 0.5) if of else 0} %"


def estimated_cost(summary: JobSummary) -> str:
    """A job's estimated cost, or that nobody has counted yet."""
    return money(summary.estimated_cost) if summary.counted or not summary.to_count else "not counted"


def distinct_calls(summary: JobSummary) -> str:
    """How many different calls a job makes, or that nobody has counted yet."""
    if summary.distinct_calls is None:
        return "not counted"
    return f"{at_least(summary)}{count(summary.distinct_calls)}"


def at_least(summary: JobSummary) -> str:
    """What stands before counts of calls that answers may add to."""
    return "≥ " if summary.depending else ""


def on_disk(summary: JobSummary) -> str:
    """How many of the distinct calls need not be made, or a dash where that is not known."""
    if summary.on_disk is None or summary.distinct_calls is None:
        return "–"
    return f"{at_least(summary)}{count(summary.on_disk)} of {count(summary.distinct_calls)}"


def cell_text(value: Cell, kind: ColumnKind = "text") -> str:
    """A table cell as text; None is an empty text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind == "money":
        return money(value)
    return json.dumps(value)


def shorten(text: str, limit: int) -> str:
    """The text, cut to `limit` characters with an ellipsis where it is longer."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def state_words(snapshot: ProgressSnapshot) -> str:
    """How a run stands, as a heading."""
    words = _state_words(snapshot)
    return f"Dry run: {words[0].lower()}{words[1:]}" if snapshot.dry_run else words


def _state_words(snapshot: ProgressSnapshot) -> str:
    if snapshot.state == "completed":
        flawed = snapshot.failed + snapshot.invalid
        return f"Completed, {count(flawed)} failed or invalid" if flawed else "Completed"
    reason = f": {snapshot.reason}" if snapshot.reason else ""
    if snapshot.state == "stopping":
        return f"Stopping{reason}"
    if snapshot.state == "stopped":
        return f"Stopped{reason} — the results so far are kept"
    return snapshot.state.capitalize()


def waiting_words(snapshot: ProgressSnapshot) -> str:
    """What a run waits for, as a line of its own; empty where it does not wait."""
    if snapshot.state in ("paused", "stopping"):
        calls = snapshot.in_flight
        return f"Waiting for {count(calls, 'calls')} in flight" if calls else "No calls in flight"
    if snapshot.state != "running" or not snapshot.waiting:
        return ""
    said = snapshot.waiting
    return f"W{said[1:]}" if said.startswith("waiting") else f"Waiting: {said}"
