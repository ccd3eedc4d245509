"""What is on display in the notebook, under ids of our own, so that it can be turned into HTML in place."""

from __future__ import annotations

import threading
import uuid
from contextvars import Context
from typing import Any

from edsl_nb.core.settings import settings
from edsl_nb.runner.run import Run
from edsl_nb.widgets.base import WIDGET_MIME, BaseWidget
from edsl_nb.widgets.kernel import can_be_live
from edsl_nb.widgets.render import bundle, widget


class Display:
    """One object on display in one place of a notebook.

    Parameters:
        obj: what is shown.
        shown: its widget.
    """

    def __init__(self, obj: object, shown: BaseWidget) -> None:
        self.obj, self.widget = obj, shown
        self._id = uuid.uuid4().hex
        self._lock = threading.Lock()
        self.live = True
        data, metadata = bundle(shown)
        _publish(data, metadata, self._id, update=False)

    def freeze(self) -> None:
        """Put plain HTML of the present state in the widget's place. May be called from any thread.

        The widget itself stays open: a page that was loaded again since does not
        know where this display is, and goes on showing the widget.
        """
        with self._lock:
            if not self.live:
                return
            self.live = False
        data, metadata = bundle(self.widget, live=False)
        # In a context of its own, so that it belongs to the cell that is running now. Programs that
        # execute notebooks take no message for the cell that started the run, once that has ended.
        Context().run(_publish, data, metadata, self._id, update=True)


_displays: list[Display] = []
_lock = threading.Lock()


def in_notebook() -> bool:
    """Whether there is a kernel that a front end can show widgets for."""
    return can_be_live()


def show(obj: object) -> Display | None:
    """Show an object: as a widget in a notebook, as text elsewhere.

    Returns:
        The display, or None where there is no notebook.
    """
    if not in_notebook():
        print(bundle(obj, live=False)[0]["text/plain"])
        return None
    display = Display(obj, widget(obj))
    with _lock:
        _displays.append(display)
    _keep_only_the_last()
    return display


def freeze(obj: object) -> None:
    """Turn all displays of an object into plain HTML."""
    _freeze([display for display in _snapshot() if display.obj is obj])


def freeze_all() -> None:
    """Turn all displays in this notebook into plain HTML, which shows without a kernel.

    Do this before a notebook is saved to be shared. The progress of a run that
    is still going on stays live; it turns into HTML by itself at its end.

    Example:
        >>> import edsl_nb
        >>> edsl_nb.freeze_all()
    """
    _freeze([d for d in _snapshot() if not (isinstance(d.obj, Run) and not d.obj.done)])


def _keep_only_the_last() -> None:
    """Freeze the oldest tables and cards, where `settings.live_displays` sets a number."""
    most = settings.live_displays
    if most is None:
        return
    still = [display for display in _snapshot() if not isinstance(display.obj, Run)]
    _freeze(still[: len(still) - most] if len(still) > most else [])


def _snapshot() -> list[Display]:
    with _lock:
        _displays[:] = [display for display in _displays if display.live]
        return list(_displays)


def _freeze(displays: list[Display]) -> None:
    for display in displays:
        display.freeze()


def _publish(data: dict[str, Any], metadata: dict[str, Any], display_id: str, update: bool) -> None:
    from IPython.core.display_functions import publish_display_data

    if update:
        data = {mime: content for mime, content in data.items() if mime != WIDGET_MIME}
    publish_display_data(data, metadata, transient={"display_id": display_id}, update=update)
