"""Having a job run on Coop: what it cannot do is refused, then the job goes up, then it is looked at."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Literal

from edsl_nb.coop import remote_jobs
from edsl_nb.coop.checks import checked_text, checked_visibility
from edsl_nb.coop.client import AsyncCoop
from edsl_nb.coop.remote_jobs import Submission
from edsl_nb.coop.remote_run import RemoteRun
from edsl_nb.core.errors import CoopError, CoopNotFoundError, JobError, warn
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.jobs.request import RunRequest
from edsl_nb.models.cache import Cache
from edsl_nb.runner.options import RunOptions

Fate = Literal["kept", "refused", "passed over"]

#: What becomes of each parameter of a run that Coop does, and why where it is not kept.
FATES: dict[str, tuple[Fate, str]] = {
    **dict.fromkeys(
        (
            "n", "cache", "fresh", "on_interrupt", "max_cost", "remote", "remote_inference_description",
            "remote_inference_results_visibility", "progress_bar", "background",
        ),
        ("kept", ""),
    ),
    "limit": ("refused", "Coop does the whole job"),
    "indices": ("refused", "Coop does the whole job"),
    "dry_run": ("refused", "Coop asks models"),
    "stop_on_exception": ("refused", "Coop goes on after exceptions"),
    "raise_validation_errors": ("refused", "Coop goes on after exceptions"),
    "key_lookup": ("passed over", "Coop asks models with keys of its own, for credits; yours are not sent"),
    "bucket_collection": ("passed over", "Coop keeps to limits of its own"),
    "reask": ("passed over", "Coop decides itself whether it asks again"),
    "loop": ("passed over", "functions are not sent to Coop, so none is called"),
    "remote_cache": ("passed over", "Coop looks into its own cache; fresh=True has it ask anew"),
}  # fmt: skip

_USUAL = {field.name: field.default for field in dataclasses.fields(RunRequest)}


def check(job: Jobs, request: RunRequest) -> Submission:
    """How a job is to be run on Coop.

    Raises:
        JobError: something is asked for that Coop does not do.
        TemplateError: a placeholder has no value.
    """
    _check_parameters(request)
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


def _check_parameters(request: RunRequest) -> None:
    """Refuse what Coop does not do, and say once what it passes over."""
    for name, (fate, why) in FATES.items():
        value = getattr(request, name)
        if fate == "kept" or value is None or value is False or _is_usual(name, value):
            continue
        if fate == "refused":
            raise JobError(why, field=name, value=value, remedy="Leave it out, or run the job here.")
        _say_once(f"{name} has no meaning for a job that Coop runs: {why}.")


def _is_usual(name: str, value: object) -> bool:
    usual = _USUAL[name]
    return type(value) is type(usual) and value == usual


def _say_once(message: str) -> None:
    if message not in _said:
        _said.add(message)
        warn(message)


_said: set[str] = set()


async def submitted(client: AsyncCoop, job: Jobs, request: RunRequest) -> RemoteRun:
    """A job, run on Coop. To be awaited on the runner's loop.

    Raises:
        JobError: something is asked for that Coop does not do, or it would cost more than `max_cost`.
        CoopError: by what went wrong.
    """
    how = await asyncio.to_thread(check, job, request)
    # Refuses what these cannot be, before there is a job.
    options = RunOptions(fresh=how.fresh, on_interrupt=request.on_interrupt, max_cost=request.max_cost)
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


async def attached(
    client: AsyncCoop, uuid: str, job: Jobs | None, max_cost: float | None = None
) -> RemoteRun:
    """A job that Coop runs or has run, looked at again. To be awaited on the runner's loop."""
    now = await client.get_job(uuid)
    found = await client.pull(uuid, Jobs) if job is None else job
    options = RunOptions(on_interrupt="detach", max_cost=max_cost)
    return RemoteRun(client.wire, str(now.job_uuid), found, 1, options)
