"""A job that is run on Coop, seen from here: how far it is, what it has cost, what has come of it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from edsl_nb.coop import objects, remote_jobs
from edsl_nb.coop.identifiers import Name
from edsl_nb.coop.records import ENDED, RemoteJob
from edsl_nb.coop.remote_progress import RemoteInterviews, RemoteProgress
from edsl_nb.coop.streaming import Stream
from edsl_nb.coop.waiting import wait
from edsl_nb.coop.wire import Wire
from edsl_nb.core.errors import (
    CoopCreditError,
    CoopError,
    CoopOfflineError,
    CoopRateLimitError,
    CoopServerError,
    EdslNbError,
    RunError,
)
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.results import Dataset, Results
from edsl_nb.results.records import Interview
from edsl_nb.results.stored import FORMAT, OURS
from edsl_nb.runner.attached import Attached
from edsl_nb.runner.options import RunOptions
from edsl_nb.runner.progress import RunState
from edsl_nb.runner.run import Run
from edsl_nb.runner.store import store
from edsl_nb.runner.workload import ItemRecord, Workload

#: Seconds between two looks: at first, at most, and how they grow while nothing changes.
_FIRST, _SELDOM, _GROWTH = 0.5, 10.0, 1.3

#: Looks at a completed job that has no results yet, before it counts as having none.
_PATIENCE = 10

#: Failures after which a later look may succeed.
_PASSING = (CoopOfflineError, CoopServerError, CoopRateLimitError)


class RemoteExecution(Attached[Results]):
    """Looks at a job on Coop now and then, and fetches its results.

    Parameters:
        wire: speaks with Coop.
        uuid: the job's.
        workload: its interviews.
        options: the part of them that has a meaning for a remote run.

    Attributes:
        results: what has arrived of them, or None.
        job: what Coop said last.
    """

    def __init__(self, wire: Wire, uuid: str, workload: RemoteInterviews, options: RunOptions) -> None:
        whole = cast("Workload[Results]", workload)  # the runner never does an item of it
        super().__init__(uuid, whole, store())
        self.options = options
        self.progress: RemoteProgress = RemoteProgress(uuid, whole)
        self.results: Results | None = None
        self.job = RemoteJob(job_uuid=uuid)
        self._wire, self._uuid = wire, uuid
        self._stream = Stream(wire, uuid)
        self._streamed = 0
        self._told: dict[int, Any] = {}

    @property
    def records(self) -> dict[int, ItemRecord]:
        """The interviews that have arrived."""
        return {} if self.results is None else {one.index: one for one in self.results.interviews}

    def told(self) -> dict[int, Any]:
        return self._told

    # Steering

    def stop(self) -> None:
        """Ask Coop to end it; what has been answered is kept."""
        self.progress.state = "stopping"
        self._begin(self._cancel())

    def pause(self) -> None:
        """Say that Coop knows no pauses."""
        self.complain("a job on Coop cannot be paused")
        self.notify()

    def resume(self) -> None:
        """Nothing has been paused."""

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _cancel(self) -> None:
        try:
            await remote_jobs.cancel(self._wire, self._uuid)
        except CoopError as failure:
            if failure.status != 409:  # it has ended by itself
                self.complain(f"it cannot be cancelled: {failure}")

    # Looking on

    async def main(self) -> None:
        """Look on until the job has ended, and fetch its results."""
        state: RunState = "failed"
        try:
            await self._follow()
            state = await self._take()
        except BaseException as failure:  # noqa: BLE001 - whoever waits for the run raises it
            self.failure = failure.at(f"job {self._uuid}") if isinstance(failure, EdslNbError) else failure
            self.complain(str(failure))
        finally:
            self.progress.end(state)
            self.notify()
            self.ended.set_result(None)

    async def _follow(self) -> None:
        """Look until nothing more happens to the job."""
        pause, finished = _FIRST, 0
        while True:
            news = await self._look_once()
            finished += self.job.status == "completed" and not self._has_results
            if self.job.ended and (
                self.job.status != "completed" or self._has_results or finished > _PATIENCE
            ):
                return
            pause = _FIRST if news or self.job.ended else min(pause * _GROWTH, _SELDOM)
            await asyncio.sleep(pause)

    @property
    def _has_results(self) -> bool:
        return bool(self.job.results_uuid or self.job.details.results_available)

    async def _look_once(self) -> bool:
        """Ask how the job stands. Returns whether anything is new."""
        try:
            self.job = await remote_jobs.look(self._wire, self._uuid)
            if self.job.details.results_available and not self.job.ended:
                await self._pull_pages()
        except _PASSING as failure:
            self.progress.waits = f"Coop does not answer; it is asked again. {failure.problem}"
            self.notify()
            return False
        self.progress.waits = "Coop has not begun yet" if self.job.status == "queued" else None
        if self.progress.state != "stopping" and self.job.status not in ENDED:
            self.progress.state = "starting" if self.job.status == "queued" else "running"
        news = self.progress.take(self.job)
        self._keep_to_budget()
        self.notify()
        return news

    def _keep_to_budget(self) -> None:
        most, spent = self.options.max_cost, self.progress.usd
        if most is not None and spent is not None and spent > most and self.progress.state != "stopping":
            self.progress.reason = f"max_cost=${most:g} is passed"
            self.stop()

    async def _pull_pages(self) -> None:
        """Fetch the interviews that are new, where there are so many that it is worth it."""
        seen = self.job.details.interview_details
        done = seen.completed_interviews if seen else 0
        if done <= self._streamed:
            return
        await self._stream.update()
        self._streamed = done
        self.results = await asyncio.to_thread(self._of_stream, partial=True)

    def _of_stream(self, partial: bool) -> Results:
        job, rows = cast(RemoteInterviews, self.workload).job, self._stream.rows
        ours = {"format": FORMAT, "have": len(rows), "total": len(self.workload), "partial": partial}
        data = {"data": rows, "survey": job.survey.to_dict(), "created_columns": [], OURS: ours}
        return Results.from_dict(data)

    # Its end

    async def _take(self) -> RunState:
        """Fetch the results. Returns how the run has ended."""
        if self.job.results_uuid:
            self.results = await self._patiently(self.job.results_uuid)
        elif self._has_results:
            await self._stream.update()
            self.results = await asyncio.to_thread(self._of_stream, partial=self.job.status != "completed")
        state = self._judge()
        results = self.results
        if results is not None:
            if state == "completed":
                failed = self.progress.lanes[0].items_failed
                self.progress.complete(len(results), failed if len(results) < len(self.workload) else 0)
            for position, result in enumerate(results):
                self._told[position] = result
                self.tell(position, cast(ItemRecord, result))
        return state

    async def _patiently(self, uuid: str) -> Results:
        """The results, asked for again while Coop cannot be reached, since they have been paid for."""
        for pause in (1.0, 2.0, 4.0, 8.0, None):
            try:
                return await objects.pull(self._wire, Name(uuid=uuid), Results)
            except _PASSING:
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        raise AssertionError

    def _judge(self) -> RunState:
        """How the run has ended.

        Raises:
            CoopError: it has failed and has no results.
        """
        job, progress = self.job, self.progress
        if job.status == "cancelled":
            progress.reason = progress.reason or "it was cancelled"
            return "stopped"
        if self.results is not None:
            if job.status == "failed":
                progress.reason = f"it failed on Coop: {job.failure}"
                return "stopped"
            return "completed"
        if job.details.failure_reason == "insufficient funds":
            raise CoopCreditError(job.failure, remedy="Coop().get_balance() says what is left.")
        report = f"Coop().error_report({self._uuid!r}) may say more."
        if job.status == "failed":
            raise CoopError(f"it failed on Coop: {job.failure}", remedy=report)
        raise CoopError(f"it is {job.status}, and has no results", remedy=report)


class RemoteRun(Run[Results]):
    """A job that is run on Coop. Like other runs: await it, watch it, stop it, read what has come of it.

    It goes on whatever becomes of this process: ``Jobs.resume(uuid)`` looks on again.

    Parameters:
        wire: speaks with Coop.
        uuid: the job's.
        job: the job.
        iterations: draws per interview.
        options: the part of them that has a meaning for a remote run.
    """

    def __init__(
        self, wire: Wire, uuid: str, job: Jobs, iterations: int = 1, options: RunOptions | None = None
    ) -> None:
        interviews = RemoteInterviews(job, iterations)
        self._wire = wire
        self._remote = RemoteExecution(wire, uuid, interviews, options or RunOptions(on_interrupt="detach"))
        whole = cast("Workload[Results]", interviews)
        super().__init__(whole, store(), run_id=uuid, begin=self._remote)

    @property
    def uuid(self) -> str:
        """The job's uuid on Coop."""
        return self.id

    @property
    def url(self) -> str:
        """The page on which Coop shows how far it is."""
        return f"{self._wire.access.url}/home/remote-job-progress/{self.id}"

    @property
    def status(self) -> str | None:
        """How the job stands, in Coop's words, as of the last look."""
        return self._remote.job.status

    @property
    def results(self) -> Results:
        """What has arrived so far; marked partial unless the run is complete."""
        arrived = self._remote.results
        if arrived is None:
            return self._workload.results(dict[int, Interview](), self._remote.progress.state != "completed")
        return arrived

    @property
    def errors(self) -> Dataset:
        """Exceptions that Coop tells of, equal ones counted; `error_report` says more."""
        seen = self._remote.job.details.interview_details
        rows = (seen.exception_summary if seen else None) or []
        names = ("exception_type", "inference_service", "model", "question_name", "exception_count")
        return Dataset({name: [row[name] for row in rows] for name in names}, "Errors")

    def error_report(self) -> str:
        """Coop's report of what went wrong, as Markdown.

        Raises:
            CoopError: there is none, or Coop cannot be asked.
        """
        return wait(remote_jobs.error_report(self._wire, self.id))

    def retry_failed(self, progress_bar: bool = True) -> Run[Results]:
        """Not available: Coop runs a job once.

        Raises:
            RunError: always.
        """
        raise RunError(
            "Coop runs a job once",
            field="retry_failed",
            remedy="Run it again: replies that Coop has are not paid for twice.",
        )

    def __repr__(self) -> str:
        now = self.progress
        done = f"{now.items_done:,} of {now.items_total:,} {now.item_noun}"
        return f"RemoteRun({self.id!r}, {self.status or now.state}, {done})"
