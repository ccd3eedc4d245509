"""Coop from a real kernel: a fetch says how far it is, and a remote run is watched while it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edsl_nb import Jobs
from tests.coop_server import KEY, CoopServer, Job
from tests.kernels.session import KernelSession, kernel
from tests.unit.samples import grid_job

_SETUP = """
from edsl_nb import Coop, Jobs, Model, QuestionFreeText
from edsl_nb.coop import fetching, remote_run
fetching._QUICK = fetching._TICK = 0.0
remote_run._FIRST = 0.05
job = QuestionFreeText("q", "Why?").by(Model("test"))
"""


@pytest.fixture
def session(coop_server: CoopServer, tmp_path: Path) -> Iterator[KernelSession]:
    signed_in = {"EXPECTED_PARROT_API_KEY": KEY, "EXPECTED_PARROT_URL": coop_server.url}
    with kernel("python3", tmp_path, **signed_in) as session:
        assert session.run(_SETUP).error == ""
        yield session


def test_fetches_and_remote_runs_are_seen_to_go_on(coop_server: CoopServer, session: KernelSession) -> None:
    for _ in range(3):
        coop_server.add_job(grid_job(), description="old")
    fetched = session.run("Jobs.list(search_query='old').fetch()")
    assert fetched.error == "" and "1 of 3 jobs fetched" in fetched.text and "3 of 3 jobs" in fetched.text

    def go_on(job: Job) -> None:
        counts = {"total_interviews": 5, "completed_interviews": 2, "interviews_with_exceptions": 0}
        job.status, job.details = "running", {"interview_details": counts}

    coop_server.on_start = go_on
    begun = session.run("run = job.run(n=5, remote=True, background=True); seen = run.progress")
    assert begun.error == "" and any("data" in output for output in begun.outputs), "it shows itself"
    # The kernel is free meanwhile, and what it shows moves.
    waiting = "import asyncio\nwhile not run.progress.items_done: await asyncio.sleep(0.01)"
    moved = session.run(f"{waiting}\nprint(run.progress.items_done)")
    assert moved.error == "" and "2" in moved.text
    (job,) = [one for one in coop_server.jobs.values() if one.description != "old"]
    results = Jobs.from_dict(job.document).run(n=5, progress_bar=False)
    job.results_uuid, job.status = coop_server.add_object("results", results.to_dict()), "completed"
    ended = session.run("results = await run; print(len(results), run.progress.state)")
    assert ended.error == "" and "5 completed" in ended.text
    assert KEY not in str([fetched, begun, moved, ended])
