"""Jobs on Coop, page by page, for a display, which must neither block nor fail: every state is an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from edsl_nb.coop import remote_jobs
from edsl_nb.coop.listing import JobList
from edsl_nb.coop.records import MOVING, JobRow, is_uuid
from edsl_nb.coop.remote_jobs import JobQuery
from edsl_nb.coop.wire import Wire
from edsl_nb.core.errors import CoopOfflineError, CoopSignInError, EdslNbError

#: How a page of jobs stands. A display shows `loading` itself, until it has one.
PageState = Literal["ready", "empty", "signed_out", "offline", "failed"]

#: Coop's pages about a job.
PageName = Literal["job", "results", "errors"]

Action = Literal["fetch", "fetch_results", "error_report", "cancel"]


@dataclass(frozen=True, slots=True)
class JobPage:
    """What a query found.

    Parameters:
        query: what was asked for.
        state: ``ready`` with rows; ``empty`` without any; else why there are none.
        rows: the rows.
        has_next: whether there may be a further page.
        problem: what went wrong; empty where nothing did.
        remedy: the way out of it.
    """

    query: JobQuery
    state: PageState
    rows: Sequence[JobRow] = ()
    has_next: bool = False
    problem: str = ""
    remedy: str = ""

    @property
    def moving(self) -> bool:
        """Whether some job will change by itself, so that it is worth asking again."""
        return any(row.status in MOVING for row in self.rows)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action on a job.

    Parameters:
        action, uuid: what was done, to which job.
        done: whether it was.
        words: what came of it, in words.
        value: the job, the results or the report.
    """

    action: Action
    uuid: str
    done: bool
    words: str
    value: Any = field(default=None, repr=False)


class JobSource:
    """The jobs of a list's account, for a display. Its coroutines are for the runner's loop.

    What is fetched lands in the list's `fetched` and `fetched_results`.

    Parameters:
        jobs: the list that is displayed; its page is the first one shown.
    """

    def __init__(self, jobs: JobList) -> None:
        self.jobs = jobs
        self._wire: Wire = jobs.wire

    @property
    def first(self) -> JobPage:
        """The list's own page, at once."""
        jobs = self.jobs
        return JobPage(jobs.query, "ready" if len(jobs) else "empty", tuple(jobs), jobs.has_next)

    async def page(self, query: JobQuery) -> JobPage:
        """A page of jobs, or why there is none."""
        try:
            rows = await remote_jobs.rows(self._wire, query)
        except CoopSignInError as failure:
            if self._wire.renew():  # somebody has signed in since
                return await self.page(query)
            then = "Then try again." if self._wire.access.usual else "Then run the cell again, with that key."
            return replace(_without(query, "signed_out", failure), remedy=f"{failure.remedy} {then}")
        except CoopOfflineError as failure:
            return _without(query, "offline", failure)
        except EdslNbError as failure:
            return _without(query, "failed", failure)
        return JobPage(query, "ready" if rows else "empty", rows, len(rows) == query.page_size)

    def pages(self, row: JobRow) -> dict[PageName, str]:
        """The addresses of Coop's pages about a job: how far it is, its results, what went wrong."""
        places: dict[PageName, tuple[str, str | None]] = {
            "job": ("home/remote-job-progress", row.uuid),
            "results": ("content", row.results_uuid),
            "errors": ("home/remote-inference/error", row.latest_error_report_uuid),
        }
        url = self._wire.access.url
        # What is called a uuid and is none leads nowhere.
        return {name: f"{url}/{place}/{uuid}" for name, (place, uuid) in places.items() if is_uuid(uuid)}

    def actions(self, row: JobRow) -> list[Action]:
        """What can be done with a job, as far as its row tells."""
        found: list[Action] = ["fetch"]
        if row.results_uuid:
            found.append("fetch_results")
        if row.latest_error_report_uuid or row.status in ("failed", "partial_failed"):
            found.append("error_report")
        if row.status in ("queued", "running"):
            found.append("cancel")
        return found

    # Actions on a row

    async def fetch(self, row: JobRow) -> Outcome:
        """Fetch a job into the list's `fetched`."""

        async def work() -> Any:
            self.jobs.fetched[row.uuid] = job = await remote_jobs.fetch(self._wire, row.uuid)
            return job

        return await _outcome("fetch", row, work, f'Fetched into .fetched["{row.uuid}"]')

    async def fetch_results(self, row: JobRow) -> Outcome:
        """Fetch a job's results into the list's `fetched_results`."""

        async def work() -> Any:
            self.jobs.fetched_results[row.uuid] = found = await remote_jobs.fetch_results(self._wire, row)
            return found

        return await _outcome("fetch_results", row, work, f'Fetched into .fetched_results["{row.uuid}"]')

    async def error_report(self, row: JobRow) -> Outcome:
        """Coop's report of what went wrong in a job: Markdown, to be shown as text."""
        return await _outcome(
            "error_report", row, lambda: remote_jobs.error_report(self._wire, row.uuid), "the report is here"
        )

    async def cancel(self, row: JobRow) -> Outcome:
        """Ask Coop to end a job."""
        return await _outcome(
            "cancel", row, lambda: remote_jobs.cancel(self._wire, row.uuid), "Coop was asked to end it"
        )


def _without(query: JobQuery, state: PageState, failure: EdslNbError) -> JobPage:
    return JobPage(query, state, problem=failure.problem, remedy=failure.remedy or "")


async def _outcome(action: Action, row: JobRow, work: Callable[[], Awaitable[Any]], words: str) -> Outcome:
    try:
        return Outcome(action, row.uuid, True, words, await work())
    except EdslNbError as failure:
        return Outcome(action, row.uuid, False, str(failure))
