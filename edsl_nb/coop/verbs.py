"""What objects ask of the Coop that the environment names: the verbs of `edsl_nb.core.late`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from edsl_nb.coop.client import AsyncCoop
from edsl_nb.coop.coop import Coop
from edsl_nb.coop.fetching import Fetched
from edsl_nb.coop.listing import JobList
from edsl_nb.coop.object_list import StoredObjects
from edsl_nb.coop.records import StoredObject
from edsl_nb.coop.remote_run import RemoteRun
from edsl_nb.coop.submitting import attached, submitted
from edsl_nb.coop.waiting import wait
from edsl_nb.core.errors import CoopError
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.jobs.request import RunRequest


def push(obj: Any, description: str | None, alias: str | None, visibility: str) -> StoredObject:
    """See `edsl_nb.core.hosted.Hosted.push`."""
    return Coop().push(obj, description, alias, visibility)


def pull(cls: type[Any], uuid: str) -> Any:
    """See `edsl_nb.core.hosted.Hosted.pull`."""
    return Coop().pull(uuid, cls)


def patch(
    cls: type[Any],
    uuid: str,
    description: str | None,
    alias: str | None,
    visibility: str | None,
    value: Any,
) -> None:
    """See `edsl_nb.core.hosted.Hosted.patch`."""
    if value is not None and not isinstance(value, cls):
        raise CoopError(
            f"a {cls.__name__} is wanted, not a {type(value).__name__}",
            field="value",
            value=value,
            remedy=f"Use {type(value).__name__}.patch for these." if hasattr(value, "patch") else None,
        )
    Coop().patch(uuid, description, alias, visibility, value)


def delete(uuid: str) -> None:
    """See `edsl_nb.core.hosted.Hosted.delete`."""
    Coop().delete(uuid)


def list_objects(cls: type[Any], *query: Any) -> StoredObjects:
    """See `edsl_nb.core.hosted.Hosted.list`."""
    return Coop().list(cls, *query)


def run_remotely(job: Jobs, request: RunRequest) -> RemoteRun:
    """Have a job run on Coop. See `edsl_nb.jobs.request.RunRequest` for what `remote` means.

    Raises:
        JobError: something is asked for that Coop does not do.
        CoopError: by what went wrong.
    """
    return wait(submitted(_client(request.remote), job, request))


def resume_remotely(uuid: str, job: Jobs | None, max_cost: float | None) -> RemoteRun:
    """Look on at a job on Coop again. See `Jobs.resume`."""
    return wait(attached(AsyncCoop(), uuid, job, max_cost))


def _client(given: object) -> AsyncCoop:
    return given.asynchronous if isinstance(given, Coop) else AsyncCoop()


def list_jobs(*query: Any) -> JobList:
    """See `edsl_nb.jobs.posted.Posted.list`."""
    return Coop().list_jobs(*query)


async def alist_jobs(*query: Any) -> JobList:
    """See `edsl_nb.jobs.posted.Posted.alist`."""
    return await AsyncCoop().list_jobs(*query)


def fetch_jobs(uuid: str | Iterable[str], progress_bar: bool) -> Jobs | Fetched[Jobs]:
    """See `edsl_nb.jobs.posted.Posted.fetch`."""
    if isinstance(uuid, str) or hasattr(uuid, "uuid"):
        return Coop().pull(cast(str, uuid), Jobs)
    return Coop().fetch_jobs(uuid, progress_bar)
