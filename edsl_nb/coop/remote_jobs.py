"""Remote jobs, by Coop's routes: lists of them, one of them, its content, results and errors, its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any, cast

from edsl_nb.coop import objects
from edsl_nb.coop.attachments import put_back, sent_apart
from edsl_nb.coop.documents import restored
from edsl_nb.coop.identifiers import Name
from edsl_nb.coop.records import JobRow, NewJob, RemoteJob, SignedUrl, records
from edsl_nb.coop.wire import Wire, decoded, encoded
from edsl_nb.core.errors import CoopError, CoopNotFoundError
from edsl_nb.core.version import __version__
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.results import Results

#: Stands for a job's content where that is a document of its own.
_APART = "offloaded"


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which remote jobs are wanted.

    Parameters:
        page: from 1.
        page_size: from 1 to 100.
        statuses: those to list; empty for all.
        search_query: text in the description; empty for all.
        sort_ascending: the oldest first.
    """

    page: int = 1
    page_size: int = 10
    statuses: tuple[str, ...] = ()
    search_query: str = ""
    sort_ascending: bool = False

    def at(self, page: int) -> JobQuery:
        """The same list, another page."""
        return replace(self, page=page)


async def rows(wire: Wire, query: JobQuery) -> list[JobRow]:
    """A page of remote jobs."""
    asked = [
        ("page", query.page),
        ("page_size", query.page_size),
        ("sort_ascending", query.sort_ascending),
        ("status", query.statuses),
        ("search_query", query.search_query or None),
    ]
    found = records(JobRow, await wire.get("remote-inference/list", asked), "remote-inference/list")
    return found[: query.page_size]


async def look(wire: Wire, uuid: str, content: bool = False) -> RemoteJob:
    """What Coop knows of a remote job, with its content or without."""
    asked = [("job_uuid", uuid), ("include_json_string", content or None)]
    found = RemoteJob.of(await wire.get("remote-inference", asked), "remote-inference")
    return found if found.job_uuid else found.model_copy(update={"job_uuid": uuid})


async def exists(wire: Wire, uuid: str) -> bool:
    """Whether Coop knows of a remote job, as far as it can be asked."""
    try:
        await look(wire, uuid)
    except CoopError:
        return False
    return True


async def fetch(wire: Wire, uuid: str) -> Jobs:
    """The job itself."""
    inline = (await look(wire, uuid, content=True)).job_json_string
    if not inline or inline == _APART:
        content = await _apart(wire, uuid)
    else:
        try:
            content = await decoded(inline.encode())
        except ValueError:
            raise CoopError(f"the document of job {uuid} is no JSON", field="fetch") from None
    content = await put_back(wire, content)
    return await asyncio.to_thread(restored, content, "jobs", Jobs, f"job {uuid}")


async def _apart(wire: Wire, uuid: str) -> Any:
    async def sign() -> str:
        answer = await wire.post("remote-inference/pull", {"job_uuid": uuid}, repeatable=True)
        return SignedUrl.of(answer, "remote-inference/pull").signed_url or ""

    return await wire.download(sign)


async def fetch_results(wire: Wire, row: JobRow) -> Results:
    """The results of a remote job.

    Raises:
        CoopNotFoundError: there are none; says how the job stands.
    """
    uuid = row.results_uuid
    if uuid is None:  # the list may be older than the results
        now = await look(wire, row.uuid)
        uuid = now.results_uuid
        if uuid is None:
            raise no_results(row.uuid, now)
    return await objects.pull(wire, Name(uuid=uuid), Results)


def no_results(uuid: str, job: RemoteJob) -> CoopError:
    """Why a job has no results."""
    why = f": {job.failure}" if job.status == "failed" else ""
    if job.ended:
        remedy = f"Coop().error_report({uuid!r}) may say more."
    else:
        remedy = f"Wait for it: Jobs.resume({uuid!r})."
    return CoopNotFoundError(
        f"job {uuid} is {job.status} and has no results{why}", field="results_uuid", remedy=remedy
    )


async def error_report(wire: Wire, uuid: str) -> str:
    """Coop's report of what went wrong in a job, as Markdown."""
    found = await wire.get(f"remote-inference/job/{uuid}/error-report")
    report = cast(dict[str, Any], found).get("report") if isinstance(found, dict) else None
    if not isinstance(report, str):
        raise CoopNotFoundError(f"there is no error report for job {uuid}", field="error_report")
    return report


async def cancel(wire: Wire, uuid: str) -> None:
    """Ask Coop to end a job."""
    body = {"job_uuid": uuid, "status": "cancelling"}
    await wire.post("remote-inference/update-status", body, repeatable=True)


@dataclass(frozen=True, slots=True)
class Submission:
    """How a job is run remotely.

    Parameters:
        iterations: draws per interview.
        description: what to call it in lists.
        results_visibility: who may see the results.
        fresh: ask again, although Coop has replies.
    """

    iterations: int = 1
    description: str | None = None
    results_visibility: str = "private"
    fresh: bool = False


async def submit(wire: Wire, content: dict[str, Any], asks: int, how: Submission) -> str:
    """Have a job run remotely.

    Parameters:
        content: the job's JSON.
        asks: how many questions are asked in all.
        how: the rest.

    Returns:
        Its uuid.

    Raises:
        CoopError: it could not be started; where Coop may have it nevertheless, the message names it.
    """
    asked = {
        "json_string": _APART,
        "description": how.description,
        "status": "queued",
        "iterations": how.iterations,
        "visibility": "private",
        "version": f"edsl_nb-{__version__}",
        "initial_results_visibility": how.results_visibility,
        "fresh": how.fresh,
    }
    made = NewJob.of(await wire.post("new-remote-inference", asked), "new-remote-inference")
    try:
        await wire.upload(made.upload_signed_url or "", await encoded(await sent_apart(wire, content)))
    except BaseException:  # an interrupt, too
        await _withdraw(wire, made.job_uuid)
        raise
    go = {"job_uuid": made.job_uuid, "message": "Job uploaded successfully", "nr_questions": asks}
    try:
        await wire.post("new-remote-inference/uploaded", go)
    except CoopError as failure:
        raise failure.at(f"job {made.job_uuid} may have been started") from None
    return made.job_uuid


async def _withdraw(wire: Wire, uuid: str) -> None:
    """Cancel a job whose content never arrived, as far as that can be done."""
    try:
        await cancel(wire, uuid)
    except CoopError:
        return
