"""How far a job on Coop is, in the counts that every run has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edsl_nb.agents import AgentList
from edsl_nb.coop.records import InterviewDetails, RemoteJob
from edsl_nb.jobs.jobs import Jobs
from edsl_nb.models import ModelList
from edsl_nb.results import Axes, Dataset, Result, Results
from edsl_nb.runner.attached import SeenProgress
from edsl_nb.runner.lookup import Known
from edsl_nb.runner.progress import ProgressSnapshot, Words
from edsl_nb.runner.workload import LaneSpec, Workload
from edsl_nb.scenarios import ScenarioList


class RemoteInterviews:
    """The interviews of a job that Coop runs. Nothing of them is done here.

    Parameters:
        job: the job.
        iterations: draws per interview.
    """

    words = Words("interviews", "questions")
    variable = "job"

    def __init__(self, job: Jobs, iterations: int) -> None:
        self.job, self._count = job, len(job) * iterations
        self.cells_per_item = len(job.survey)

    def __len__(self) -> int:
        return self._count

    @property
    def about(self) -> str:
        """Its questions."""
        return ", ".join(self.job.survey.question_names)

    def lanes(self) -> list[LaneSpec]:
        """One, since nobody here knows which of its models Coop is at."""
        return [LaneSpec("Coop", self._count, (), 1, (0.0, 0.0))]

    def outlook(self, known: Known) -> str | None:
        """Nothing, as Coop looks for replies of its own."""
        return None

    def records(self) -> dict[int, Any]:
        """Nothing: what has arrived, a `RemoteRun` has."""
        return {}

    async def wind_up(self) -> None:
        """Nothing, as Coop does all of it."""

    def results(self, records: Mapping[int, Any], partial: bool) -> Results:
        """Results of interviews that arrived."""
        job = self.job
        axes = Axes(job.survey, AgentList(job.agents), ScenarioList(job.scenarios), ModelList(job.models))
        return Results(axes, records.values(), self._count, partial)

    def row(self, record: Any) -> Result | None:
        """An interview that arrived, as a row of results."""
        return record

    def errors(self, records: Mapping[int, Any]) -> Dataset:
        """What Coop says of exceptions comes with its report: `RemoteRun.errors`."""
        return Dataset({"error": []}, "Errors")


class RemoteProgress(SeenProgress):
    """Counts as Coop tells them."""

    def __init__(self, run_id: str, workload: Workload[Results]) -> None:
        super().__init__(run_id, workload)
        self.usd: float | None = 0.0
        self.waits: str | None = None
        self.lanes[0].waits_for = lambda: self.waits

    def take(self, job: RemoteJob) -> bool:
        """Take what Coop says. Returns whether anything is new."""
        lane, seen = self.lanes[0], job.details.interview_details or InterviewDetails()
        before = (lane.items_done, lane.items_failed, self.usd, self.state)
        lane.items_total = seen.total_interviews or lane.items_total
        lane.items_done = min(max(seen.completed_interviews, 0), lane.items_total)
        lane.items_failed = min(max(seen.interviews_with_exceptions, 0), lane.items_done)
        lane.answered = (lane.items_done - lane.items_failed) * self.cells_per_item
        lane.failed = lane.items_failed * self.cells_per_item
        self.usd = job.details.cost_usd if job.details.cost_usd is not None else self.usd
        for one in seen.exception_summary or ():
            where = " ".join(part for part in (one.model, one.question_name) if part)
            self._errors[f"{one.exception_type or 'exception'} at {where or 'a question'}"] = (
                one.exception_count
            )
        self.sample()
        return before != (lane.items_done, lane.items_failed, self.usd, self.state)

    def complete(self, done: int, failed: int) -> None:
        """All that there is has arrived."""
        lane = self.lanes[0]
        lane.items_total = max(lane.items_total, done + failed)
        lane.items_done, lane.items_failed = lane.items_total, lane.items_total - done
        lane.answered, lane.failed = done * self.cells_per_item, lane.items_failed * self.cells_per_item

    def snapshot(self) -> ProgressSnapshot:
        now = super().snapshot()
        lanes = [lane.model_copy(update={"cost": self.usd}) for lane in now.lanes]
        return now.model_copy(update={"cost": self.usd, "lanes": lanes})
