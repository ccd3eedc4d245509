"""What a notebook shows of an error of ours: the reader's own line that led to it, and the message."""

from __future__ import annotations

from types import TracebackType
from typing import Any

#: IPython's mode in which everything is shown: ``%xmode Verbose``.
_WHOLE = "Verbose"


def rendered(error: BaseException) -> list[str]:
    """The lines that IPython shows for an error of ours, or an interrupt of what is ours.

    What lies within edsl_nb is left out, since its reader can change nothing there;
    ``%xmode Verbose`` shows it, and ``%debug`` goes there.
    """
    from IPython.core.getipython import get_ipython

    shown: Any = getattr(get_ipython(), "InteractiveTB", None)
    way = error.__traceback__
    if shown is None:
        return [f"{type(error).__name__}: {error}"]
    if shown.mode != _WHOLE:
        way = outside(way)
    return shown.structured_traceback(type(error), error, way)


def outside(way: TracebackType | None) -> TracebackType | None:
    """A traceback up to where it enters edsl_nb; whole where it starts there."""
    steps: list[TracebackType] = []
    step = way
    while step is not None and not _is_ours(step):
        steps.append(step)
        step = step.tb_next
    if step is None or not steps:
        return way
    cut: TracebackType | None = None
    for one in reversed(steps):
        cut = TracebackType(cut, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return cut


def _is_ours(step: TracebackType) -> bool:
    return str(step.tb_frame.f_globals.get("__name__", "")).partition(".")[0] == "edsl_nb"
