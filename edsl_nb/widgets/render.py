"""Finds the widget for an object and makes what a front end needs to display it."""

from __future__ import annotations

from typing import Any, cast

from edsl_nb.core.errors import EdslNbError
from edsl_nb.core.tables import Carded, TableSource, Tabular
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.runner.run import Run
from edsl_nb.widgets.base import BaseWidget
from edsl_nb.widgets.job import PRIMARY, JobWidget, look
from edsl_nb.widgets.kernel import can_be_live
from edsl_nb.widgets.plain import card_text, job_text, progress_text, table_text
from edsl_nb.widgets.progress import ProgressWidget
from edsl_nb.widgets.static_html import card_html, job_html, progress_html, table_html
from edsl_nb.widgets.table import TableWidget


def widget(obj: object) -> BaseWidget:
    """The widget that shows an object.

    Parameters:
        obj: a run, a job, a table source such as prompts, or what can be read as a table, such as results.

    Returns:
        a new widget: progress, job card or table.

    Raises:
        EdslNbError: when there is no widget for it.
    """
    if isinstance(obj, BaseWidget):
        return obj
    if isinstance(obj, Run):
        return ProgressWidget(cast(Run[Any], obj))
    if isinstance(obj, Jobs):
        return JobWidget(obj)
    if isinstance(obj, TableSource):
        return TableWidget(obj)
    if isinstance(obj, Tabular):
        return TableWidget(obj.as_table())
    raise _unknown(obj)


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
        snapshot = obj.progress
        return progress_html(snapshot), progress_text(snapshot)
    if isinstance(obj, Jobs):
        seen = look(obj)
        html = job_html(seen.summary, seen.prompts, primary=PRIMARY, problem=seen.problem)
        return html, job_text(seen.summary, seen.problem)
    if isinstance(obj, Carded):
        card = obj.as_card()
        return card_html(card), card_text(card)
    if isinstance(obj, Tabular):
        obj = obj.as_table()
    if isinstance(obj, TableSource):
        return table_html(obj), table_text(obj)
    raise _unknown(obj)


def _unknown(obj: object) -> EdslNbError:
    return EdslNbError(
        f"there is no display for a {type(obj).__name__}",
        field="obj",
        remedy="Give a run, a job, or a table such as prompts or results.",
    )
