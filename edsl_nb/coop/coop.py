"""`Coop`: everything that can be asked of Coop, as plain calls that wait."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from edsl_nb.coop.client import AsyncCoop
from edsl_nb.coop.fetching import Fetched, Line
from edsl_nb.coop.http import USUAL, Patience
from edsl_nb.coop.listing import JobList
from edsl_nb.coop.object_list import StoredObjects
from edsl_nb.coop.records import Balance, Cost, Profile, RemoteJob, Settings, StoredObject
from edsl_nb.coop.waiting import wait
from edsl_nb.core.calls import Checked
from edsl_nb.core.errors import CoopError
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.results import Results


class Coop(metaclass=Checked):
    """Coop: objects, remote jobs and an account on Expected Parrot's service, or on a server like it.

    Calls wait, also in a notebook whose loop is running; `AsyncCoop` has the same methods as coroutines.

    Parameters:
        url: where it is; None for the environment's ``EXPECTED_PARROT_URL``, else the hosted service.
        api_key: whose account is used; None for the environment's ``EXPECTED_PARROT_API_KEY``,
            which goes to the environment's address only.
        patience: how often requests are made again, where that does no harm.

    Attributes:
        asynchronous: the same, for coroutines.

    Raises:
        CoopError: the address is none, or the key cannot be one. So do all methods, by what
            went wrong: `CoopSignInError`, `CoopCreditError`, `CoopNotFoundError`,
            `CoopRateLimitError`, `CoopServerError`, `NotACoopError`, `CoopOfflineError`.

    Example:
        >>> Coop("http://localhost:8765", api_key="a-key-of-mine")
        Coop('http://localhost:8765', signed in)
    """

    error = CoopError

    def __init__(
        self, url: str | None = None, api_key: str | None = None, patience: Patience = USUAL
    ) -> None:
        self.asynchronous = AsyncCoop(url, api_key, patience)

    @property
    def url(self) -> str:
        """Where it is."""
        return self.asynchronous.url

    @property
    def has_key(self) -> bool:
        """Whether there is a key for it."""
        return self.asynchronous.has_key

    # The account

    def login(self, timeout: float = 120.0, save: bool = True) -> Profile:
        """Get a key by a link: it is shown, and taken away when somebody has signed in there.

        Does nothing where the present key works. The key of the usual address is
        in the environment of this process from then on; that of another one in this object only.

        Parameters:
            timeout: seconds to wait for somebody to sign in.
            save: write the key of the usual address into the nearest `.env` file, or a new one here.

        Returns:
            Whose account it is.

        Raises:
            CoopSignInError: nobody has signed in.
        """
        return wait(self.asynchronous.login(timeout, save))

    def get_settings(self) -> Settings:
        """What this Coop offers."""
        return wait(self.asynchronous.get_settings())

    def get_balance(self) -> Balance:
        """The account's credits; one is 0.01 USD."""
        return wait(self.asynchronous.get_balance())

    def get_profile(self) -> Profile:
        """Whose account it is."""
        return wait(self.asynchronous.get_profile())

    # Objects

    def push(
        self, obj: Any, description: str | None = None, alias: str | None = None, visibility: str = "private"
    ) -> StoredObject:
        """Put an object on Coop. Functions are left out, with a warning; files go beside it, once each.

        Parameters:
            obj: a survey, question, agent, scenario, file, model, a list of them, a cache, results,
                a notebook or a job.
            description: what it is.
            alias: a name for its address: letters without accents, digits and hyphens.
            visibility: who may see it: you and whom you share it with (``private``), whoever
                has its address (``unlisted``), or everybody (``public``).

        Returns:
            What is known of it there, such as `uuid` and `url`.

        Example:
            >>> Coop().push(survey, description="pilot").url  # doctest: +SKIP
        """
        return wait(self.asynchronous.push(obj, description, alias, visibility))

    def pull(self, uuid: str, expected: type[Any] | None = None) -> Any:
        """Get an object from Coop. Nothing of it is run: functional questions arrive without their functions.

        Parameters:
            uuid: its uuid, the address of its page, or ``owner/alias``.
            expected: the class that it has to be of; None for any.
        """
        return wait(self.asynchronous.pull(uuid, expected))

    def get(self, uuid: str, expected: type[Any] | None = None) -> Any:
        """The same as `pull`."""
        return self.pull(uuid, expected)

    def get_metadata(self, uuid: str) -> StoredObject:
        """What Coop knows of an object, without the object.

        Parameters:
            uuid: its uuid, the address of its page, or ``owner/alias``.
        """
        return wait(self.asynchronous.get_metadata(uuid))

    def list(
        self,
        object_type: str | type[Any] | Iterable[str] | None = None,
        visibility: str | Iterable[str] | None = None,
        search_query: str | None = None,
        page: int = 1,
        page_size: int = 10,
        sort_ascending: bool = False,
        community: bool = False,
    ) -> StoredObjects:
        """A page of objects; `list_jobs` lists jobs.

        Parameters:
            object_type: such as ``survey``, or several, or a class; None for all.
            visibility: ``private``, ``unlisted`` or ``public``, or several; None for all.
            search_query: text in the description.
            page: from 1.
            page_size: from 1 to 100.
            sort_ascending: the oldest first.
            community: public objects of others, rather than your own.

        Returns:
            Rows with `uuid`, `object_type`, `alias` and so on, `fetch()`, `next_page()`.
        """
        return wait(
            self.asynchronous.list(
                object_type, visibility, search_query, page, page_size, sort_ascending, community
            )
        )

    def patch(
        self,
        uuid: str,
        description: str | None = None,
        alias: str | None = None,
        visibility: str | None = None,
        value: Any = None,
    ) -> None:
        """Change an object. What is None stays as it is.

        Parameters:
            uuid: its uuid, the address of its page, or ``owner/alias``.
            description, alias, visibility: as for `push`.
            value: another object of its kind, to take its place.
        """
        wait(self.asynchronous.patch(uuid, description, alias, visibility, value))

    def delete(self, uuid: str) -> None:
        """Delete an object.

        Parameters:
            uuid: its uuid, the address of its page, or ``owner/alias``.
        """
        wait(self.asynchronous.delete(uuid))

    # Jobs

    def list_jobs(
        self,
        page: int = 1,
        page_size: int = 10,
        status: str | Iterable[str] | None = None,
        search_query: str | None = None,
        sort_ascending: bool = False,
        job_status: str | Iterable[str] | None = None,
    ) -> JobList:
        """A page of the account's jobs. See `Jobs.list`."""
        return wait(
            self.asynchronous.list_jobs(page, page_size, status, search_query, sort_ascending, job_status)
        )

    def get_job(self, uuid: str) -> RemoteJob:
        """How a job stands: status, progress, cost, and why it failed.

        Parameters:
            uuid: its uuid, or the address of its page.
        """
        return wait(self.asynchronous.get_job(uuid))

    def fetch_jobs(self, uuids: Iterable[str], progress_bar: bool = True) -> Fetched[Jobs]:
        """Jobs themselves, fetched at the same time. See `Jobs.fetch`."""
        line = Line("jobs", progress_bar)
        try:
            fetched = wait(self.asynchronous.fetch_jobs(uuids, line))
        finally:
            line.end()
        return fetched.report()

    def fetch_results(self, uuid: str) -> Results:
        """The results of a job.

        Parameters:
            uuid: the job's uuid, or the address of its page.
        """
        return wait(self.asynchronous.fetch_results(uuid))

    def error_report(self, uuid: str) -> str:
        """Coop's report of what went wrong in a job, as Markdown.

        Parameters:
            uuid: the job's uuid, or the address of its page.
        """
        return wait(self.asynchronous.error_report(uuid))

    def cancel(self, uuid: str) -> None:
        """Ask Coop to end a job.

        Parameters:
            uuid: the job's uuid, or the address of its page.
        """
        wait(self.asynchronous.cancel(uuid))

    def estimate_cost(self, job: Jobs, iterations: int = 1) -> Cost:
        """What running a job remotely may cost, by Coop's reckoning.

        Parameters:
            job: the job.
            iterations: draws per interview.
        """
        return wait(self.asynchronous.estimate_cost(job, iterations))

    def __repr__(self) -> str:
        return repr(self.asynchronous).removeprefix("Async")


def login(timeout: float = 120.0, save: bool = True) -> Profile:
    """Sign in at the Coop that the environment names, by a link. See `Coop.login`.

    Example:
        >>> import edsl_nb
        >>> edsl_nb.login()  # doctest: +SKIP
    """
    return Coop().login(timeout, save)
