"""A job's card in the notebook: what it amounts to, and its prompts."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from dataclasses import dataclass

import traitlets

from edsl_nb.core.errors import EdslNbError
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.jobs.prompts import PromptTable
from edsl_nb.jobs.summary import JobSummary
from edsl_nb.runner import loop
from edsl_nb.widgets.assets import bundle_file
from edsl_nb.widgets.base import BaseWidget, explain
from edsl_nb.widgets.messages import Request
from edsl_nb.widgets.messages.job import CountRequest, JobState
from edsl_nb.widgets.messages.progress import StopRequest
from edsl_nb.widgets.messages.table import TableRequest
from edsl_nb.widgets.pace import Pace
from edsl_nb.widgets.paging import TableChannel, table_state
from edsl_nb.widgets.plain import job_text
from edsl_nb.widgets.static_html import job_html

#: Prompts up to which a card counts distinct calls when it is made; takes well under a second.
COUNT_AT_ONCE = 1_000

#: Prompts up to which a card starts counting when it is shown; beyond, the reader asks for it,
#: since counting takes a core for minutes.
COUNT_WHEN_SHOWN = 50_000


#: The columns of prompts that a card shows at first.
PRIMARY = ("user_prompt", "system_prompt")


@dataclass(frozen=True, slots=True)
class Look:
    """What can be said of a job at once: its numbers, its prompts, and what stands in their way."""

    summary: JobSummary
    prompts: PromptTable | None
    problem: str


def look(jobs: Jobs) -> Look:
    """Look at a job, counting distinct calls and cost where that takes no time."""
    summary = jobs.summary()
    try:
        prompts = jobs.prompts()
        if summary.to_count <= COUNT_AT_ONCE:
            summary = jobs.count()
    except EdslNbError as error:
        return Look(summary, None, str(error))
    return Look(summary, prompts, "")


class JobWidget(BaseWidget):
    """Shows a job as a card of numbers with its prompts beneath.

    Parameters:
        jobs: the job.
        page_size: rows of a page of prompts at first.
    """

    _esm = bundle_file("job.js")
    _css = bundle_file("job.css")

    card = traitlets.Dict().tag(sync=True)
    table = traitlets.Dict(allow_none=True).tag(sync=True)

    def __init__(self, jobs: Jobs, *, page_size: int = 10) -> None:
        seen = look(jobs)
        self._jobs = jobs
        self._summary, self._prompts, self._problem = seen.summary, seen.prompts, seen.problem
        self._channel = None if seen.prompts is None else TableChannel(seen.prompts, self.reply)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._counting: Future[None] | None = None
        table = seen.prompts and table_state(seen.prompts, page_size=page_size, primary=PRIMARY).model_dump()
        super().__init__(card=self._state(counting=False), table=table)

    def close(self) -> None:
        """Take the widget out of the notebook and stop what it was doing."""
        self._stop.set()
        if self._channel is not None:
            self._channel.close()
        super().close()

    def handle(self, request: Request) -> None:
        if isinstance(request, TableRequest):
            if self._channel is not None:
                self._channel.ask(request)
        elif isinstance(request, StopRequest):
            self._stop.set()
        elif isinstance(request, CountRequest) or self._summary.to_count <= COUNT_WHEN_SHOWN:
            # The last case is a sync, which a view sends when it is shown.
            self._count()

    def static_html(self) -> str:
        return job_html(self._summary, self._prompts, primary=PRIMARY, problem=self._problem)

    def plain_text(self) -> str:
        return job_text(self._summary, self._problem)

    def _uncounted(self) -> bool:
        return self._summary.counted < self._summary.to_count

    def _count(self) -> None:
        """Start counting unless it is under way or done."""
        with self._lock:
            busy = self._counting is not None and not self._counting.done()
            if busy or self._problem or not self._uncounted():
                return
            self._stop = threading.Event()
            self._counting = loop.submit(self._counted(self._stop))

    async def _counted(self, stop: threading.Event) -> None:
        pace = Pace()

        def report(summary: JobSummary) -> None:
            if pace.due():
                loop.call_soon(self._show, summary, True)

        try:
            summary = await asyncio.to_thread(self._jobs.count, report, stop)
        except Exception as error:  # noqa: BLE001 - the reader must see whatever went wrong
            self._problem = explain(error)
            summary = self._summary
        self._show(summary, False)

    def _show(self, summary: JobSummary, counting: bool) -> None:
        self._summary = summary
        self.card = self._state(counting=counting)

    def _state(self, *, counting: bool) -> dict[str, object]:
        return JobState(summary=self._summary, counting=counting, problem=self._problem).model_dump()
