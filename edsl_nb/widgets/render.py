"""Finds the widget for an object and makes what a front end needs to display it."""

from __future__ import annotations

from typing import Any, cast

from edsl_nb.coop.listing import JobList
from edsl_nb.core.errors import EdslNbError
from edsl_nb.core.tables import Carded, TableSource, Tabular
from edsl_nb.core.transcripts import Transcript
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.runner.run import Run
from edsl_nb.tasks.results import BenchmarkResults
from edsl_nb.tasks.work import Samples
from edsl_nb.widgets.base import BaseWidget
from edsl_nb.widgets.benchmark import (
    BenchmarkRunWidget,
    BenchmarkWidget,
    results_html,
    results_text,
    run_html,
    run_text,
)
from edsl_nb.widgets.job import PRIMARY, JobWidget, look
from edsl_nb.widgets.job_list import JobListWidget
from edsl_nb.widgets.kernel import can_be_live
from edsl_nb.widgets.plain import card_text, job_text, progress_text, table_text, transcript_text
from edsl_nb.widgets.progress import ProgressWidget
from edsl_nb.widgets.static_html import card_html, job_html, progress_html, table_html
from edsl_nb.widgets.table import TableWidget
from edsl_nb.widgets.transcript import TranscriptWidget
from edsl_nb.widgets.transcript_html import transcript_html


def widget(obj: object) -> BaseWidget:
    """The widget that shows an object.

    Parameters:
        obj: a run, a job, jobs on Coop, a table source such as prompts, or what can be read as a
            table, such as results.

    Returns:
        a new widget: progress, job card, list of jobs on Coop, benchmark, transcript, or table.

    Raises:
        EdslNbError: when there is no widget for it.
    """
    if isinstance(obj, BaseWidget):
        return obj
    if isinstance(obj, Run):
        return _run_widget(cast(Run[Any], obj))
    if isinstance(obj, Jobs):
        return JobWidget(obj)
    if isinstance(obj, BenchmarkResults):
        return BenchmarkWidget(obj)
    if isinstance(obj, Transcript):
        return TranscriptWidget(obj)
    # Of a page that was sliced or filtered there is nothing to turn: it is a table like any other.
    if isinstance(obj, JobList) and obj.whole:
        return JobListWidget(obj)
    if isinstance(obj, TableSource):
        return TableWidget(obj)
    if isinstance(obj, Tabular):
        return TableWidget(obj.as_table())
    raise _unknown(obj)


def _run_widget(run: Run[Any]) -> BaseWidget:
    if isinstance(run.workload, Samples):
        return BenchmarkRunWidget(run, run.workload)
    return ProgressWidget(run)


def bundle(obj: object, live: bool = True) -> tuple[dict[str, Any], dict[str, Any]]:
    """The MIME bundle with which a notebook shows an object.

    Parameters:
        obj: as for `widget`, or a widget already made of one, or what is shown as a card, without a widget.
        live: whether to include the live widget; False for what must be
            readable without a kernel. Outside a notebook there is none either.

    Returns:
        the data by MIME type (widget, ``text/html``, ``text/plain``), and its metadata.
    """
    if live and can_be_live() and not isinstance(obj, Carded):
        return widget(obj).mime_bundle()
    html, text = _still(obj)
    return {"text/html": html, "text/plain": text}, {}


def _still(obj: object) -> tuple[str, str]:
    """An object's HTML and text, without a widget."""
    if isinstance(obj, BaseWidget):
        return obj.static_html(), obj.plain_text()
    if isinstance(obj, Run):
        return _still_run(cast(Run[Any], obj))
    if isinstance(obj, Jobs):
        seen = look(obj)
        html = job_html(seen.summary, seen.prompts, primary=PRIMARY, problem=seen.problem)
        return html, job_text(seen.summary, seen.problem)
    if isinstance(obj, BenchmarkResults):
        return results_html(obj), results_text(obj)
    if isinstance(obj, Transcript):
        return transcript_html(obj.conversation), transcript_text(obj.conversation)
    if isinstance(obj, Carded):
        card = obj.as_card()
        return card_html(card), card_text(card)
    if isinstance(obj, Tabular):
        obj = obj.as_table()
    if isinstance(obj, TableSource):
        return table_html(obj), table_text(obj)
    raise _unknown(obj)


def _still_run(run: Run[Any]) -> tuple[str, str]:
    if isinstance(run.workload, Samples):
        return run_html(run, run.workload), run_text(run, run.workload)
    snapshot = run.progress
    return progress_html(snapshot), progress_text(snapshot)


def _unknown(obj: object) -> EdslNbError:
    return EdslNbError(
        f"there is no display for a {type(obj).__name__}",
        field="obj",
        remedy="Give a run, a job, or a table such as prompts or results.",
    )
