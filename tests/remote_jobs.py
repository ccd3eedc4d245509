"""What becomes of jobs on the Coop of tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from edsl_nb import Jobs
from tests.coop_server import CoopServer, Job


def interviews(total: int, done: int, flawed: int = 0, **more: Any) -> dict[str, Any]:
    """What Coop says of a job that goes on."""
    counts = {"total_interviews": total, "completed_interviews": done, "interviews_with_exceptions": flawed}
    return {"interview_details": counts, **more}


def finishing(server: CoopServer, status: str = "completed", **details: Any) -> None:
    """Have jobs end as soon as they are started, with the results that they have here."""

    def finish(job: Job) -> None:
        results = Jobs.from_dict(job.document).run(job.iterations, progress_bar=False)
        job.results_uuid = server.add_object("results", results.to_dict())
        job.details = interviews(len(results), len(results), cost_usd=0.25) | details
        job.status = status

    server.on_start = finish


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that is bound to happen."""

    async def wait() -> None:
        while not condition():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(wait(), 30))
