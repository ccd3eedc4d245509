"""A run's progress in the notebook, with buttons to pause and to stop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from edsl_nb.runner import loop
from edsl_nb.runner.run import Run
from edsl_nb.widgets.assets import bundle_file
from edsl_nb.widgets.base import BaseWidget
from edsl_nb.widgets.kernel import current_kernel_id
from edsl_nb.widgets.messages import Request
from edsl_nb.widgets.messages.base import SyncRequest
from edsl_nb.widgets.messages.progress import PauseRequest, ResumeRequest, StopRequest
from edsl_nb.widgets.plain import progress_text
from edsl_nb.widgets.static_html import progress_html


class ProgressWidget(BaseWidget):
    """Shows a run while it runs and how it ended.

    The state is written on the runner's loop only, whenever the run says that
    it has moved on: at most ten times a second, and always once at the end.

    Parameters:
        run: the run to show; the buttons pause it, resume it and cancel it.
        traits: those of a widget that shows more than this.
    """

    _esm = bundle_file("progress.js")
    _css = bundle_file("progress.css")

    progress = traitlets.Dict().tag(sync=True)
    kernel_id = traitlets.Unicode().tag(sync=True)

    def __init__(self, run: Run[Any], **traits: Any) -> None:
        self._run = run
        self._unsubscribe: Callable[[], None] = lambda: None
        super().__init__(progress=run.progress.model_dump(), kernel_id=current_kernel_id(), **traits)
        self._unsubscribe = run.subscribe(self._write)

    def close(self) -> None:
        """Take the widget out of the notebook; the run goes on."""
        self._unsubscribe()
        super().close()

    def handle(self, request: Request) -> None:
        if isinstance(request, StopRequest):
            self._run.cancel()
        elif isinstance(request, PauseRequest):
            self._run.pause()
        elif isinstance(request, ResumeRequest):
            self._run.resume()
        elif isinstance(request, SyncRequest):
            loop.call_soon(self._resend)

    def static_html(self) -> str:
        return progress_html(self._run.progress)

    def plain_text(self) -> str:
        return progress_text(self._run.progress)

    def _write(self) -> None:
        snapshot = self._run.progress
        self.progress = snapshot.model_dump()
        if snapshot.final:
            self._unsubscribe()

    def _resend(self) -> None:
        """Send the state even where Python has sent it before: the browser may have missed it."""
        self._write()
        self.resend("progress")
