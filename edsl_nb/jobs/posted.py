"""What `Jobs` offers of the jobs that are on Coop: lists of them, and fetching."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from edsl_nb.core import late
from edsl_nb.core.calls import Checked


class Posted(metaclass=Checked):
    """Lists and fetches jobs on Coop. See `edsl_nb.Coop` for one that the environment does not name."""

    @classmethod
    def list(
        cls,
        page: int = 1,
        page_size: int = 10,
        status: str | Iterable[str] | None = None,
        search_query: str | None = None,
        sort_ascending: bool = False,
        job_status: str | Iterable[str] | None = None,
    ) -> Any:
        """A page of your jobs on Coop: the 10 most recent, unless something else is asked for.

        Parameters:
            page: from 1.
            page_size: how many at most, from 1 to 100.
            status: queued, running, completed, failed, cancelled, cancelling or partial_failed,
                or several of them; None for all.
            search_query: text in the description.
            sort_ascending: the oldest first.
            job_status: EDSL's name of `status`.

        Returns:
            A `JobList`: rows with `uuid`, `status` and so on, `fetch()`, `fetch_results()`, `next_page()`.

        Raises:
            CoopError: by what went wrong, or a parameter is not as it has to be.

        Example:
            >>> Jobs.list(status="running", page_size=5)  # doctest: +SKIP
        """
        return late.call("list_jobs", page, page_size, status, search_query, sort_ascending, job_status)

    @classmethod
    async def alist(
        cls,
        page: int = 1,
        page_size: int = 10,
        status: str | Iterable[str] | None = None,
        search_query: str | None = None,
        sort_ascending: bool = False,
        job_status: str | Iterable[str] | None = None,
    ) -> Any:
        """A page of your jobs on Coop, without blocking. See `list`."""
        return await late.call(
            "alist_jobs", page, page_size, status, search_query, sort_ascending, job_status
        )

    @classmethod
    def fetch(cls, uuid: str | Iterable[str], progress_bar: bool = True) -> Any:
        """Jobs from Coop. Nothing of them is run: functional questions arrive without their functions.

        Parameters:
            uuid: a uuid, the address of a page, or ``owner/alias``; or several of them.
            progress_bar: show how far it is, where it takes a while.

        Returns:
            The job; of several, all of them in order, with None where one could not be
            fetched: `failures` says why, as does a warning.

        Raises:
            CoopError: a single job cannot be fetched, or Coop cannot be asked.
        """
        return late.call("fetch_jobs", uuid, progress_bar)
