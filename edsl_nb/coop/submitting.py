"""Having a job run on Coop: what it cannot do is refused, then the job goes up, then it is looked at."""

from __future__ import annotations

import asyncio

from edsl_nb.coop import remote_jobs
from edsl_nb.coop.checks import checked_text, checked_visibility
from edsl_nb.coop.client import AsyncCoop
from edsl_nb.coop.remote_jobs import Submission
from edsl_nb.coop.remote_run import RemoteRun
from edsl_nb.core.errors import CoopError, CoopNotFoundError, JobError
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.jobs.request import RunRequest
from edsl_nb.models.cache import Cache
from edsl_nb.runner.options import RunOptions

#: What a run takes that Coop does not do.
_HERE_ONLY = ("limit", "indices", "dry_run", "stop_on_exception", "raise_validation_errors")


def check(job: Jobs, request: RunRequest) -> Submission:
    """How a job is to be run on Coop.

    Raises:
        JobError: something is asked for that Coop does not do.
        TemplateError: a placeholder has no value.
    """
    for field in _HERE_ONLY:
        value = getattr(request, field)
        if value not in (None, False):
            raise JobError(
                "Coop does not do that", field=field, value=value, remedy="Leave it out, or run the job here."
            )
    if isinstance(request.cache, Cache):
        raise JobError(
            "a cache of yours is not sent to Coop",
            field="cache",
            value=request.cache,
            remedy="Leave it out, or run the job here with it.",
        )
    functions = sorted(set(job.functions()))
    if functions:
        raise JobError(
            f"functions are not sent to Coop, and the job holds some: {', '.join(functions)}",
            field="remote",
            remedy="Run the job here: job.run().",
        )
    job.prompts()  # refuses placeholders without values
    return Submission(
        iterations=request.n,
        description=checked_text(request.remote_inference_description, "remote_inference_description"),
        results_visibility=checked_visibility(request.remote_inference_results_visibility),
        fresh=request.fresh or request.cache is False,
    )


async def submitted(client: AsyncCoop, job: Jobs, request: RunRequest) -> RemoteRun:
    """A job, run on Coop. To be awaited on the runner's loop.

    Raises:
        JobError: something is asked for that Coop does not do, or it would cost more than `max_cost`.
        CoopError: by what went wrong.
    """
    how = await asyncio.to_thread(check, job, request)
    client.wire.access.check()
    content = await asyncio.to_thread(job.to_dict)
    settings = await client.get_settings()
    if settings.remote_inference is False:
        raise CoopError(
            f"{client.url} runs no jobs", field="remote", value=True, remedy="Run it here: job.run()."
        )
    await _check_cost(client, job, request)
    asks = len(job) * request.n * len(job.survey)
    uuid = await remote_jobs.submit(client.wire, content, asks, how)
    options = RunOptions(fresh=how.fresh, on_interrupt=request.on_interrupt, max_cost=request.max_cost)
    return RemoteRun(client.wire, uuid, Jobs.from_dict(content), request.n, options)


async def _check_cost(client: AsyncCoop, job: Jobs, request: RunRequest) -> None:
    if request.max_cost is None:
        return
    try:
        estimate = (await client.estimate_cost(job, request.n)).cost_in_usd
    except CoopNotFoundError:
        return  # this Coop makes no estimates; the run is stopped when it has cost so much
    if estimate is not None and estimate > request.max_cost:
        raise JobError(
            f"Coop estimates that this costs ${estimate:g}",
            field="max_cost",
            value=request.max_cost,
            remedy="Nothing was started. Allow more, or ask less.",
        )


async def attached(client: AsyncCoop, uuid: str, job: Jobs | None) -> RemoteRun:
    """A job that Coop runs or has run, looked at again. To be awaited on the runner's loop."""
    now = await client.get_job(uuid)
    found = await client.pull(uuid, Jobs) if job is None else job
    return RemoteRun(client.wire, now.job_uuid or uuid, found)
