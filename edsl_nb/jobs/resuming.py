"""Runs that are there already: an equal one that is going on, one to go on with, and the list of them all."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, cast

from edsl_nb.core.errors import JobError, RunError
from edsl_nb.jobs.interview import Interviews
from edsl_nb.models import ModelList
from edsl_nb.models.cache import Cache
from edsl_nb.results import Dataset, Results
from edsl_nb.runner import ledger
from edsl_nb.runner.execution import GRACE
from edsl_nb.runner.loop import home_of, refuse_to_block
from edsl_nb.runner.options import RunOptions
from edsl_nb.runner.run import Run, known_runs, live_runs
from edsl_nb.runner.shelf import Shelf
from edsl_nb.runner.store import Store, store

#: Makes the interviews of a run from its job and its plan, as stored; the last says whether it is a dry run.
WorkloadOf = Callable[[dict[str, Any], Mapping[str, Any], bool], Interviews]


def joined(workload: Interviews, options: RunOptions, kept: Store) -> Run[Results] | None:
    """The run of this process that does just what is asked for, if there is one.

    It does where job (as JSON), lists of interviews, draws, options, accounts and
    store are equal, and it is not being stopped. Runs that ask afresh, and those
    of jobs with functions, whose equality nobody knows, are never joined.
    """
    if options.fresh:
        return None
    for run in live_runs().values():
        other: Any = run.workload
        alike = isinstance(other, Interviews) and run.options == options and run.store is kept
        if alike and not run.stopping and _equal(workload, other):
            return cast("Run[Results]", run)
    return None


def _equal(one: Interviews, other: Interviews) -> bool:
    """Whether two workloads are the same work. What is quickly compared goes first, as jobs may be long."""
    if len(one) != len(other) or one.accounts != other.accounts:
        return False
    plan = one.plan()
    if plan["functions"] or plan != other.plan():
        return False
    return not _difference(one.describe(), other.describe())


class Given(NamedTuple):
    """What is given to go on with a run.

    Parameters:
        job: whether the job is given, so that the interviews are not those of the stored one.
        cache: the job's cache.
        max_cost: USD that the run may cost in all; None for what it was started with.
    """

    job: bool
    cache: bool | Cache | None
    max_cost: float | None


def resume(run_id: str, workload_of: WorkloadOf, given: Given) -> Run[Results]:
    """Go on with a run, or look on where another process does.

    Parameters:
        run_id: the run's id.
        workload_of: makes its interviews.
        given: what is given beside the id.

    Raises:
        RunError: there is no such run, or it cannot be taken up.
        JobError: the job holds functions or a cache and is not given, or another one is.
        StoreError: the store cannot be used.
    """
    refuse_to_block()
    kept = store()
    kept.check()
    live = live_runs().get(run_id)
    if live is not None and live.stopping:
        live.wait(GRACE + 5)
    elif live is not None:
        return live
    found = ledger.look_up(kept, run_id)
    if found.kind != Interviews.words.items:
        raise JobError(
            f"this is no job's run: it runs {found.kind}",
            field="run_id",
            value=run_id,
            remedy=f"Go on with it from what started it: benchmark.resume({run_id!r}).",
        )
    stored, plan, options = ledger.definition(kept, run_id)
    before = None if given.job else known_runs.get(run_id)
    if before is not None and before.store is kept and isinstance(before.workload, Interviews):
        workload = before.workload
    else:
        workload = _made(run_id, workload_of, given, stored, plan, options)
    if _is_elsewhere(found):
        return Run(workload, kept, options, run_id, "elsewhere")
    options = _options(kept, run_id, given, before, options)
    if not plan["functions"]:
        options = replace(options, loop="thread")
    home_of(options.loop, workload.variable)  # which may refuse
    if not ledger.claim(kept, found):
        if not _is_elsewhere(ledger.look_up(kept, run_id)):
            raise ledger.taken(run_id)
        return Run(workload, kept, options, run_id, "elsewhere")
    return Run(workload, kept, options, run_id, "rest")


def _made(
    run_id: str,
    workload_of: WorkloadOf,
    given: Given,
    stored: dict[str, Any],
    plan: Mapping[str, Any],
    options: RunOptions,
) -> Interviews:
    """The run's interviews, made of the job that is given or stored."""
    if plan["functions"] and not given.job:
        raise JobError(
            f"the job holds functions ({', '.join(plan['functions'])}), which are not stored",
            field="job",
            value=None,
            remedy=f"Pass the job: Jobs.resume({run_id!r}, job=job).",
        )
    workload = workload_of(stored, plan, options.dry_run)
    different = _difference(stored, workload.describe()) if given.job else ""
    if different:
        raise JobError(
            f"this is another job than the run's: its {different} differ",
            field="job",
            remedy=f"Leave it out, or start it as a run of its own: job.run() instead of {run_id!r}.",
        )
    return workload


def _options(
    kept: Store, run_id: str, given: Given, before: Run[Any] | None, options: RunOptions
) -> RunOptions:
    """The options that the run was started with, with the cache, and what is given now."""
    if given.max_cost is not None:
        options = replace(options, max_cost=given.max_cost)
    had = ledger.cache_of(kept, run_id)
    if had is None:
        return options
    if isinstance(given.cache, Cache):
        return replace(options, shelf=Shelf(given.cache, reads=had == "read"))
    if before is not None and before.options.shelf is not None:
        return replace(options, shelf=before.options.shelf)
    raise JobError(
        "the run was given a Cache, which is not stored",
        field="job",
        value=None,
        remedy=f"Pass the job with it: Jobs.resume({run_id!r}, job=job.using_cache(cache)); "
        "with an empty Cache() the models are asked for what is left.",
    )


def limited(models: ModelList, plan: Mapping[str, Any]) -> ModelList:
    """A stored job's models with the limits that a run of it was started with."""
    limits = plan.get("limits") or [(None, None)] * len(models)
    return ModelList(model.lent(None, *pair) for model, pair in zip(models, limits, strict=True))


def _is_elsewhere(run: ledger.StoredRun) -> bool:
    return run.alive and not run.mine


def _difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """The part in which two jobs' JSON differs, versions aside; empty where there is none."""
    for key in {**one, **other}:
        if key != "edsl_version" and _comparable(one.get(key)) != _comparable(other.get(key)):
            return key
    return ""


def _comparable(data: Any) -> Any:
    return _without_version(json.loads(json.dumps(data, default=repr)))


def _without_version(data: Any) -> Any:
    if isinstance(data, list):
        return [_without_version(item) for item in cast(list[Any], data)]
    if isinstance(data, dict):
        named = cast(dict[str, Any], data)
        return {key: _without_version(item) for key, item in named.items() if key != "edsl_version"}
    return data


def is_remote(run_id: object) -> bool:
    """Whether this is a job on Coop: a uuid, a page's address, a row of a list; ids of runs are shorter."""
    name = getattr(run_id, "uuid", run_id)
    return isinstance(name, str) and ("://" in name or name.count("-") == 4)


def check_id(run_id: object) -> str:
    """The id of a run, if it can be one.

    Raises:
        RunError: it is no text.
    """
    if not isinstance(run_id, str):
        raise RunError(
            "the id of a run is a text", field="run_id", value=run_id, remedy="Jobs.runs() lists them."
        )
    return run_id


def runs() -> Dataset:
    """All runs of the store, the newest first.

    Raises:
        StoreError: the store cannot be used.
    """
    kept = store()
    kept.check()
    found = [(run, run.alive) for run in ledger.listing(kept)]
    columns: dict[str, list[Any]] = {
        "run_id": [run.id for run, _ in found],
        "created": [time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.created)) for run, _ in found],
        "state": [_state(run, alive) for run, alive in found],
        "items": [run.items for run, _ in found],
        "kind": [run.kind for run, _ in found],
        "done": [run.done for run, _ in found],
        "failed": [run.failed for run, _ in found],
        "cost": [run.cost for run, _ in found],
        "dry_run": [bool(run.dry_run) for run, _ in found],
        "owner": [_owner(run, alive) for run, alive in found],
        "about": [run.about for run, _ in found],
    }
    return Dataset(columns, "Runs")


def _state(run: ledger.StoredRun, alive: bool) -> str:
    return "interrupted" if run.state not in ledger.AT_REST and not alive else run.state


def _owner(run: ledger.StoredRun, alive: bool) -> str | None:
    """Who runs it at the moment."""
    if not alive:
        return None
    return "this process" if run.mine else "another process"
