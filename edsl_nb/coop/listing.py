"""`JobList`: a page of the jobs on Coop, as a sequence of rows that can be turned, and fetched."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from edsl_nb.coop import remote_jobs
from edsl_nb.coop.fetching import Fetched, Line, Report, fetch_all
from edsl_nb.coop.records import JobRow
from edsl_nb.coop.remote_jobs import JobQuery
from edsl_nb.coop.waiting import on_runner, wait
from edsl_nb.coop.wire import Wire
from edsl_nb.core.errors import CoopError
from edsl_nb.core.expressions import expression
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown
from edsl_nb.core.tables import Column, ColumnKind
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.results import Results

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

#: The columns of a list of jobs, in their order.
COLUMNS = tuple(JobRow.model_fields)

_NUMBERS = ("cost_credits", "iterations")

#: Shown at first; the others are a click away.
_PRIMARY = (
    "description",
    "status",
    "cost_credits",
    "iterations",
    "latest_failure_reason",
    "created_at",
    "uuid",
)


class JobList(Shown, Sequence[JobRow]):
    """A page of the jobs on Coop, newest first unless asked for otherwise. Made by `Jobs.list`.

    It stays with the Coop and the account that it came from.

    Parameters:
        wire: speaks with Coop.
        rows: the rows.
        query: what was asked for.
        full: whether the page is full, so that there may be another one.
        whole: whether these are all rows of that page, none left out.

    Attributes:
        query: what was asked for.
        whole: whether these are all rows of that page, none left out.
        selected: rows that were chosen in the displayed table.
        fetched: jobs that were fetched, by uuid.
        fetched_results: results that were fetched, by the job's uuid.
    """

    def __init__(
        self, wire: Wire, rows: Iterable[JobRow], query: JobQuery, full: bool, whole: bool = True
    ) -> None:
        self.wire, self._rows, self.query, self._full, self.whole = wire, tuple(rows), query, full, whole
        self.selected: list[JobRow] = []
        self.fetched: dict[str, Jobs] = {}
        self.fetched_results: dict[str, Results] = {}

    @classmethod
    async def load(cls, wire: Wire, query: JobQuery) -> Self:
        """A page of jobs, asked for on the runner's loop."""
        rows = await remote_jobs.rows(wire, query)
        return cls(wire, rows, query, len(rows) == query.page_size)

    # A sequence

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, position: int) -> JobRow: ...
    @overload
    def __getitem__(self, position: slice) -> Self: ...
    def __getitem__(self, position: int | slice) -> JobRow | Self:
        if isinstance(position, slice):
            return self._with(self._rows[position])
        if isinstance(position, bool) or not isinstance(position, int):
            raise CoopError(
                "jobs go by position",
                field="jobs[...]",
                value=position,
                remedy="Such as jobs[0] or jobs[:3].",
            )
        if not -len(self) <= position < len(self):
            raise IndexError(f"there are {len(self)} jobs on this page, no job {position}")
        return self._rows[position]

    def __iter__(self) -> Iterator[JobRow]:
        return iter(self._rows)

    def _with(self, rows: Iterable[JobRow]) -> Self:
        return type(self)(self.wire, rows, self.query, self._full, whole=False)

    def filter(self, text: str) -> Self:
        """The rows of this page for which an expression holds.

        Parameters:
            text: such as ``"status == 'completed' and cost_credits > 1"``.

        Raises:
            ExpressionError: the text is no expression, or fails for a row.
        """
        wanted = expression(text)
        return self._with(row for row in self._rows if wanted.evaluate(row.to_dict()))

    # Its pages

    @property
    def page(self) -> int:
        """The number of this page, from 1."""
        return self.query.page

    @property
    def has_next(self) -> bool:
        """Whether there may be a further page: this one is full. Coop does not say how many there are."""
        return self._full

    def next_page(self) -> Self:
        """The page after this one.

        Raises:
            CoopError: this is the last one, or Coop cannot be asked.
        """
        return wait(self.anext_page())

    def previous_page(self) -> Self:
        """The page before this one.

        Raises:
            CoopError: this is the first one, or Coop cannot be asked.
        """
        return wait(self.aprevious_page())

    async def anext_page(self) -> Self:
        """The page after this one, without blocking. See `next_page`."""
        if not self._full:
            raise CoopError(
                "this is the last page", field="page", value=self.page, remedy="Jobs.list() begins anew."
            )
        return await self._turned(self.page + 1)

    async def aprevious_page(self) -> Self:
        """The page before this one, without blocking. See `previous_page`."""
        if self.page == 1:
            raise CoopError("this is the first page", field="page", value=1, remedy="next_page() goes on.")
        return await self._turned(self.page - 1)

    @on_runner
    async def _turned(self, page: int) -> Self:
        return await self.load(self.wire, self.query.at(page))

    def refresh(self) -> Self:
        """The same page as it is now."""
        return wait(self._turned(self.page))

    def pages(self) -> Iterator[Self]:
        """This page and all after it, each asked for when it is its turn."""
        page = self
        yield page
        while page.has_next:
            page = page.next_page()
            if len(page):
                yield page

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

    def _blocking(
        self, fetch: Callable[[Report], Coroutine[Any, Any, Fetched[T]]], noun: str, shown: bool
    ) -> Fetched[T]:
        line = Line(noun, shown)
        try:
            fetched = wait(fetch(line))
        finally:
            line.end()
        return fetched.report()

    @on_runner
    async def _fetch(self, report: Report) -> Fetched[Jobs]:
        uuids = [row.uuid for row in self._rows]
        found = await fetch_all(
            uuids, lambda position: remote_jobs.fetch(self.wire, uuids[position]), "jobs", report
        )
        self.fetched |= found.by_uuid()
        return found

    @on_runner
    async def _fetch_results(self, report: Report) -> Fetched[Results]:
        uuids = [row.uuid for row in self._rows]
        found = await fetch_all(
            uuids,
            lambda position: remote_jobs.fetch_results(self.wire, self._rows[position]),
            "results",
            report,
        )
        self.fetched_results |= found.by_uuid()
        return found

    # Showing

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dict per job."""
        return [row.to_dict() for row in self._rows]

    def to_pandas(self) -> pd.DataFrame:
        """A data frame with a row per job."""
        import pandas as pd

        return pd.DataFrame(self.to_dicts(), columns=list(COLUMNS))

    def as_table(self) -> MemoryTable:
        """The jobs, a row each."""
        columns = [Column(name, _kind(name), sortable=True, primary=name in _PRIMARY) for name in COLUMNS]
        return MemoryTable(self.title, columns, len(self), lambda row, name: self._rows[row][name])

    @property
    def title(self) -> str:
        """What the list is, in a few words."""
        asked = [", ".join(self.query.statuses), self.query.search_query and f"“{self.query.search_query}”"]
        about = "; ".join(one for one in asked if one)
        return f"Jobs on Coop{f' ({about})' if about else ''}, page {self.page}"

    def __repr__(self) -> str:
        return f"JobList({self.title}: {len(self)} jobs)" + "".join(map(_line, self._rows))


def _line(row: JobRow) -> str:
    """A row as plain text."""
    description = " ".join((row.description or "").split())[:60]
    return f"\n  {row.created_at or '-':25}  {row.status or '-':14}  {row.uuid}  {description}"


def _kind(name: str) -> ColumnKind:
    return "number" if name in _NUMBERS else "text"
