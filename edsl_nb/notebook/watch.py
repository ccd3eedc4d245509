"""A run's progress on display while a cell starts it, waits for it, or goes on without it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager
from typing import Any

from edsl_nb.notebook.display import in_notebook, show
from edsl_nb.runner.run import Run
from edsl_nb.widgets.base import BaseWidget


def watch(run: Run[Any]) -> AbstractContextManager[None]:
    """Show a run's progress; it is turned into plain HTML when the run ends.

    Returns:
        A context for callers that block: within it the Stop button works although
        the cell's thread is busy waiting. Callers that do not block ignore it.
    """
    if not in_notebook():
        return _in_terminal(run)
    display = show(run)
    assert display is not None

    def freeze_at_end() -> None:
        if run.progress.final:
            display.freeze()

    run.subscribe(freeze_at_end)
    return _clicks_while_blocked(display.widget)


@contextlib.contextmanager
def _clicks_while_blocked(widget: BaseWidget) -> Generator[None]:
    """Let messages from the browser reach a widget while the main thread waits.

    Since ipykernel 7.4 they are routed to the thread in which the widget was
    made, which is the blocked one; the kernel's subshell would be free. The
    switch is private to ipykernel, so it is only used where it exists.
    """
    comm = widget.comm
    if comm is None or not hasattr(type(comm), "_reply_subshell_for"):
        yield
        return
    comm._reply_subshell_for = lambda data, default: default  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del comm._reply_subshell_for  # type: ignore[attr-defined]


def _in_terminal(run: Run[Any]) -> AbstractContextManager[None]:
    """The outlook, then a line on stderr that is rewritten, where stderr is a terminal; else nothing."""
    if sys.stderr.isatty():
        told: list[str] = []

        def rewrite() -> None:
            snapshot = run.progress
            first = ""
            if snapshot.outlook is not None and snapshot.outlook not in told:
                told.append(snapshot.outlook)
                first = f"{snapshot.outlook}\n"
            line = snapshot.text().partition("\n")[0]
            print(f"\r\x1b[K{first}{line}", end="\n" if snapshot.final else "", file=sys.stderr, flush=True)

        run.subscribe(rewrite)
    return contextlib.nullcontext()
