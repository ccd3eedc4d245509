"""Runs of benchmarks that are there already, to be gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from edsl_nb.core.errors import RunError
from edsl_nb.runner import ledger
from edsl_nb.runner.execution import GRACE
from edsl_nb.runner.loop import home_of
from edsl_nb.runner.run import Run, live_runs
from edsl_nb.runner.store import store
from edsl_nb.tasks.contestants import ModelContestant
from edsl_nb.tasks.results import BenchmarkResults
from edsl_nb.tasks.typings import TaskError
from edsl_nb.tasks.work import Samples


def resume(run_id: str, work_of: Callable[[Mapping[str, Any]], Samples]) -> Run[BenchmarkResults]:
    """Go on with a run, or look on where another process does.

    Samples that have ended are not played again; one that was begun starts again.

    Parameters:
        run_id: its id.
        work_of: makes its samples from the plan that the store has.

    Raises:
        RunError: there is no such run, or it cannot be taken up.
        TaskError: it is the run of something else.
        StoreError: the store cannot be used.
    """
    if not isinstance(run_id, str):
        raise RunError("the id of a run is a text", field="run_id", value=run_id, remedy="Such as run.id.")
    kept = store()
    kept.check()
    live = live_runs().get(run_id)
    if live is not None and not live.stopping:
        return live
    if live is not None:
        live.wait(GRACE + 5)
    found = ledger.look_up(kept, run_id)
    stored, plan, options = ledger.definition(kept, run_id)
    if "benchmark" not in stored:
        raise TaskError(
            "this is no benchmark's run",
            field="run_id",
            value=run_id,
            remedy=f"Go on with it by Jobs.resume({run_id!r}).",
        )
    work = work_of(plan)
    now = json.loads(json.dumps([work.describe(), work.plan()], default=repr))
    if now != [stored, plan]:
        raise TaskError(
            "this is the run of another benchmark: tasks, samples or agents differ",
            field="run_id",
            value=run_id,
            remedy="Start one of this benchmark: benchmark.run().",
        )
    if all(isinstance(agent, ModelContestant) for agent in work.agents):
        options = replace(options, loop="thread")
    if not _is_elsewhere(found):
        home_of(options.loop, work.variable)  # which may refuse
    if _is_elsewhere(found) or not ledger.claim(kept, found):
        if not _is_elsewhere(ledger.look_up(kept, run_id)):
            raise ledger.taken(run_id)
        return Run(work, kept, options, run_id, "elsewhere")
    return Run(work, kept, options, run_id, "rest")


def _is_elsewhere(run: ledger.StoredRun) -> bool:
    return run.alive and not run.mine
