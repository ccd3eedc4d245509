"""`JobList`: a page of the jobs on Coop, as a sequence of rows that can be turned, and fetched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from edsl_nb.coop import remote_jobs
from edsl_nb.coop.fetching import Fetched, Report
from edsl_nb.coop.paged import Paged
from edsl_nb.coop.records import JobRow
from edsl_nb.coop.remote_jobs import JobQuery
from edsl_nb.coop.waiting import on_runner
from edsl_nb.coop.wire import Wire
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.results import Results


class JobList(Paged[JobRow, JobQuery]):
    """A page of the jobs on Coop, newest first unless asked for otherwise. Made by `Jobs.list`.

    It stays with the Coop and the account that it came from. Coop does not say how many
    jobs there are: `has_next` means that this page is full.

    Attributes:
        query: what was asked for.
        whole: whether these are all rows of that page, none left out.
        selected: rows that were chosen in the displayed table.
        fetched: jobs that were fetched, by uuid.
        fetched_results: results that were fetched, by the job's uuid.
    """

    noun = "jobs"
    columns = tuple(JobRow.model_fields)
    numbers = frozenset({"cost_credits", "iterations"})
    primary = frozenset(
        {"description", "status", "cost_credits", "iterations", "latest_failure_reason", "created_at", "uuid"}
    )

    def __init__(
        self, wire: Wire, rows: Iterable[JobRow], query: JobQuery, more: bool, whole: bool = True
    ) -> None:
        super().__init__(wire, rows, query, more, whole)
        self.selected: list[JobRow] = []
        self.fetched: dict[str, Jobs] = {}
        self.fetched_results: dict[str, Results] = {}

    @classmethod
    async def load(cls, wire: Wire, query: JobQuery) -> Self:
        """A page of jobs, asked for on the runner's loop."""
        rows = await remote_jobs.rows(wire, query)
        return cls(wire, rows, query, len(rows) == query.page_size)

    # Fetching

    def fetch(self, progress_bar: bool = True) -> Fetched[Jobs]:
        """The jobs of this page themselves, fetched at the same time.

        Parameters:
            progress_bar: show how far it is, where it takes a while.

        Returns:
            The jobs, in order, with None where one could not be fetched; `failures` says why, as
            does a warning.
        """
        return self._blocking(self._fetch, "jobs", progress_bar)

    def fetch_results(self, progress_bar: bool = True) -> Fetched[Results]:
        """The results of the jobs of this page, fetched at the same time. See `fetch`.

        A job without results has None in its place, and stands among the `failures`.
        """
        return self._blocking(self._fetch_results, "results", progress_bar)

    async def afetch(self) -> Fetched[Jobs]:
        """The jobs themselves, without blocking. See `fetch`."""
        return await self._fetch(lambda done, of: None)

    async def afetch_results(self) -> Fetched[Results]:
        """The results of the jobs, without blocking. See `fetch_results`."""
        return await self._fetch_results(lambda done, of: None)

    @on_runner
    async def _fetch(self, report: Report) -> Fetched[Jobs]:
        async def one(row: JobRow) -> Jobs:
            self.fetched[row.uuid] = job = await remote_jobs.fetch(self.wire, row.uuid)
            return job

        return await self._every(one, "jobs", report)

    @on_runner
    async def _fetch_results(self, report: Report) -> Fetched[Results]:
        async def one(row: JobRow) -> Results:
            self.fetched_results[row.uuid] = results = await remote_jobs.fetch_results(self.wire, row)
            return results

        return await self._every(one, "results", report)

    # Showing

    @property
    def title(self) -> str:
        """What the list is, in a few words."""
        asked = [", ".join(self.query.statuses), self.query.search_query and f"“{self.query.search_query}”"]
        about = "; ".join(one for one in asked if one)
        return f"Jobs on Coop{f' ({about})' if about else ''}, page {self.page}"

    def _line(self, row: JobRow) -> str:
        description = " ".join((row.description or "").split())[:60]
        return f"{row.created_at or '-':25}  {row.status or '-':14}  {row.uuid}  {description}"
