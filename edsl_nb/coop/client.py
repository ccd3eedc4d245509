"""`AsyncCoop`: everything that can be asked of Coop, as coroutines for any event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from edsl_nb.coop import objects, remote_jobs
from edsl_nb.coop.access import access
from edsl_nb.coop.checks import (
    checked_choices,
    checked_flag,
    checked_instance,
    checked_iterations,
    checked_names,
    checked_page,
    checked_search,
    checked_statuses,
    checked_text,
    checked_visibility,
)
from edsl_nb.coop.documents import OBJECT_TYPES, checked_object, types_of, warn_of_functions
from edsl_nb.coop.fetching import Fetched, Report, fetch_all
from edsl_nb.coop.http import USUAL, Patience
from edsl_nb.coop.identifiers import Name, checked_alias, name_of
from edsl_nb.coop.listing import JobList
from edsl_nb.coop.object_list import ObjectQuery, StoredObjects
from edsl_nb.coop.records import VISIBILITIES, Balance, Cost, Profile, RemoteJob, Settings, StoredObject
from edsl_nb.coop.remote_jobs import JobQuery
from edsl_nb.coop.signing_in import Login, checked_timeout, keep
from edsl_nb.coop.waiting import on_runner
from edsl_nb.coop.wire import Wire, encoded
from edsl_nb.core import late
from edsl_nb.core.calls import Checked
from edsl_nb.core.errors import CoopError, CoopNotFoundError, CoopSignInError
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.results import Results


class AsyncCoop(metaclass=Checked):
    """Coop, asked without blocking. `Coop` has the same methods for plain calls.

    Connections are shared by all that use Coop, and live on the runner's loop:
    coroutines may be awaited on any loop, such as the notebook's.

    Parameters:
        url: where Coop is; None for the environment's ``EXPECTED_PARROT_URL``, else the hosted service.
        api_key: whose account is used; None for the environment's ``EXPECTED_PARROT_API_KEY``,
            which goes to the environment's address only.
        patience: how often requests are made again, where that does no harm.

    Raises:
        CoopError: the address is none, or the key cannot be one.

    Example:
        >>> AsyncCoop("http://localhost:8765", api_key="a-key-of-mine")
        AsyncCoop('http://localhost:8765', signed in)
    """

    error = CoopError

    def __init__(
        self, url: str | None = None, api_key: str | None = None, patience: Patience = USUAL
    ) -> None:
        checked_instance(patience, Patience, "patience", "Patience(attempts=2)")
        self.wire = Wire(access(url, api_key), patience)

    @property
    def url(self) -> str:
        """Where it is."""
        return self.wire.access.url

    @property
    def has_key(self) -> bool:
        """Whether there is a key for it."""
        return self.wire.access.key is not None

    # The account

    async def login(
        self,
        timeout: float = 120.0,  # noqa: ASYNC109 - for people, who sign in or do not
        save: bool = True,
    ) -> Profile:
        """Get a key by a link. See `Coop.login`."""
        seconds, kept = checked_timeout(timeout), checked_flag(save, "save")
        if self.has_key:
            with suppress(CoopSignInError):
                return await self.get_profile()
        attempt = Login(self.wire)
        meanwhile = f"This waits until you have, for {seconds:g} s at most."
        link = late.call("show_link", f"Sign in at {self.url}", attempt.url, meanwhile)
        told = "Nobody has signed in."
        try:
            key = await attempt.key(seconds)
            self.wire.access = replace(self.wire.access, key=key)
            told = keep(self.url, key, kept)
            profile = await self.get_profile()
            told = f"Signed in at {self.url} as {profile.username}. {told}"
        finally:
            link.replace(told)
        return profile

    @on_runner
    async def get_settings(self) -> Settings:
        """What this Coop offers."""
        return Settings.of(await self.wire.get("edsl-settings"), "edsl-settings")

    @on_runner
    async def get_balance(self) -> Balance:
        """The account's credits."""
        return Balance.of(await self.wire.get("users/get-balance"), "users/get-balance")

    @on_runner
    async def get_profile(self) -> Profile:
        """Whose account it is."""
        return Profile.of(await self.wire.get("users/profile"), "users/profile")

    # Objects

    async def push(
        self, obj: Any, description: str | None = None, alias: str | None = None, visibility: str = "private"
    ) -> StoredObject:
        """Put an object on Coop. See `Coop.push`."""
        alias, visibility = checked_alias(alias), checked_visibility(visibility)
        checked_object(obj)
        warn_of_functions(obj)
        return await self._push(obj, checked_text(description, "description"), alias, visibility)

    @on_runner
    async def _push(
        self, obj: Any, description: str | None, alias: str | None, visibility: str
    ) -> StoredObject:
        return await objects.push(self.wire, obj, description, alias, visibility)

    @on_runner
    async def pull(self, uuid: str, expected: type[Any] | None = None) -> Any:
        """Get an object from Coop. See `Coop.pull`."""
        if expected is not None:
            checked_instance(expected, type, "expected", "pull(uuid, Survey)")
        name = name_of(uuid, self.url)
        if name.uuid is None or expected not in (None, Jobs):
            return await objects.pull(self.wire, name, expected)
        # Objects, among them jobs that were pushed, and jobs that were run are kept apart there.
        ways = [objects.pull(self.wire, name, expected), remote_jobs.fetch(self.wire, name.uuid)]
        first, second = ways if expected is None else ways[::-1]
        try:
            found = await first
        except CoopNotFoundError as missing:
            try:
                return await second
            except CoopNotFoundError:
                raise missing from None
        finally:
            second.close()
        return found

    async def get(self, uuid: str, expected: type[Any] | None = None) -> Any:
        """The same as `pull`."""
        return await self.pull(uuid, expected)

    @on_runner
    async def get_metadata(self, uuid: str) -> StoredObject:
        """What Coop knows of an object. See `Coop.get_metadata`."""
        return await objects.metadata(self.wire, name_of(uuid, self.url))

    @on_runner
    async def list(
        self,
        object_type: str | type[Any] | Iterable[str] | None = None,
        visibility: str | Iterable[str] | None = None,
        search_query: str | None = None,
        page: int = 1,
        page_size: int = 10,
        sort_ascending: bool = False,
        community: bool = False,
    ) -> StoredObjects:
        """A page of objects. See `Coop.list`."""
        query = checked_object_query(
            object_type, visibility, search_query, page, page_size, sort_ascending, community
        )
        return await StoredObjects.load(self.wire, query)

    @on_runner
    async def patch(
        self,
        uuid: str,
        description: str | None = None,
        alias: str | None = None,
        visibility: str | None = None,
        value: Any = None,
    ) -> None:
        """Change an object. See `Coop.patch`."""
        changes = {
            "description": checked_text(description, "description"),
            "alias": checked_alias(alias),
            "visibility": None if visibility is None else checked_visibility(visibility),
        }
        if value is None and not any(change is not None for change in changes.values()):
            raise CoopError(
                "nothing is to be changed",
                field="patch",
                remedy="Give a description, an alias, a visibility or a value.",
            )
        warn_of_functions(value)
        name = name_of(uuid, self.url)
        async with self._refusing_jobs(name):
            await objects.patch(self.wire, name, changes, value)

    @on_runner
    async def delete(self, uuid: str) -> None:
        """Delete an object. See `Coop.delete`."""
        name = name_of(uuid, self.url)
        async with self._refusing_jobs(name):
            await objects.delete(self.wire, name)

    @asynccontextmanager
    async def _refusing_jobs(self, name: Name) -> AsyncGenerator[None]:
        """Say of a job what it is, where it is taken for an object that is not there."""
        try:
            yield
        except CoopNotFoundError as missing:
            if name.uuid is None or not await remote_jobs.exists(self.wire, name.uuid):
                raise
            raise CoopError(
                f"{name} is a job that Coop runs or has run, which cannot be changed or deleted there",
                status=missing.status,
                request=missing.request,
                field="uuid",
                remedy="Its results are an object: Results.patch(...) and Results.delete(...) are for them.",
            ) from None

    # Jobs

    @on_runner
    async def list_jobs(
        self,
        page: int = 1,
        page_size: int = 10,
        status: str | Iterable[str] | None = None,
        search_query: str | None = None,
        sort_ascending: bool = False,
        job_status: str | Iterable[str] | None = None,
    ) -> JobList:
        """A page of the account's jobs. See `Jobs.list`."""
        query = checked_query(page, page_size, status, search_query, sort_ascending, job_status)
        return await JobList.load(self.wire, query)

    @on_runner
    async def get_job(self, uuid: str) -> RemoteJob:
        """How a job stands. See `Coop.get_job`."""
        return await remote_jobs.look(self.wire, self._job_uuid(uuid))

    @on_runner
    async def fetch_jobs(self, uuids: Iterable[str], report: Report = lambda done, of: None) -> Fetched[Jobs]:
        """Jobs themselves, fetched at the same time. See `Jobs.fetch`."""
        names = [name_of(uuid, self.url) for uuid in checked_names(uuids)]
        return await fetch_all(
            [str(name) for name in names],
            lambda position: self.pull(str(names[position]), Jobs),
            "jobs",
            report,
        )

    @on_runner
    async def fetch_results(self, uuid: str) -> Results:
        """The results of a job. See `Coop.fetch_results`."""
        job = await remote_jobs.look(self.wire, self._job_uuid(uuid))
        if job.results_uuid is None:
            raise remote_jobs.no_results(uuid, job)
        return await objects.pull(self.wire, Name(uuid=job.results_uuid), Results)

    @on_runner
    async def error_report(self, uuid: str) -> str:
        """Coop's report of what went wrong in a job, as Markdown."""
        return await remote_jobs.error_report(self.wire, self._job_uuid(uuid))

    @on_runner
    async def cancel(self, uuid: str) -> None:
        """Ask Coop to end a job."""
        await remote_jobs.cancel(self.wire, self._job_uuid(uuid))

    @on_runner
    async def estimate_cost(self, job: Jobs, iterations: int = 1) -> Cost:
        """What running a job remotely may cost, by Coop's reckoning. See `Coop.estimate_cost`."""
        checked_instance(job, Jobs, "job", "survey.by(model)")
        checked_iterations(iterations)
        text = (await encoded(await asyncio.to_thread(job.to_dict))).decode()
        asked = {"json_string": text, "iterations": iterations}
        answer = await self.wire.post("remote-inference/cost", asked, repeatable=True)
        return Cost.of(answer, "remote-inference/cost")

    def _job_uuid(self, given: str) -> str:
        name = name_of(given, self.url)
        if name.uuid is None:
            raise CoopError(
                "a job has no alias", field="uuid", value=given, remedy="Jobs.list() shows the uuids."
            )
        return name.uuid

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r}, {'signed in' if self.has_key else 'without a key'})"


def checked_query(
    page: int,
    page_size: int,
    status: str | Iterable[str] | None,
    search_query: str | None,
    sort_ascending: bool,
    job_status: str | Iterable[str] | None = None,
) -> JobQuery:
    """Which jobs are wanted.

    Raises:
        CoopError: a parameter is not as it has to be.
    """
    checked_page(page, page_size)
    return JobQuery(
        page,
        page_size,
        checked_statuses(status, job_status),
        checked_search(search_query),
        checked_flag(sort_ascending, "sort_ascending"),
    )


def checked_object_query(
    object_type: str | type[Any] | Iterable[str] | None,
    visibility: str | Iterable[str] | None,
    search_query: str | None,
    page: int,
    page_size: int,
    sort_ascending: bool,
    community: bool,
) -> ObjectQuery:
    """Which objects are wanted.

    Raises:
        CoopError: a parameter is not as it has to be.
    """
    checked_page(page, page_size)
    cls = object_type if isinstance(object_type, type) else None
    return ObjectQuery(
        page,
        page_size,
        types_of(cls) if cls else checked_choices(object_type, "object_type", OBJECT_TYPES),
        checked_choices(visibility, "visibility", VISIBILITIES),
        checked_search(search_query),
        checked_flag(sort_ascending, "sort_ascending"),
        checked_flag(community, "community"),
        cls,
    )
