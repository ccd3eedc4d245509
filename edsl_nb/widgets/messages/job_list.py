"""Lists of the jobs on Coop: their pages, and what is done to a job."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edsl_nb.coop.source import Action, PageName, PageState
from edsl_nb.widgets.messages.base import Message, ViewReply, ViewRequest

#: Characters of an error report that travel to the browser.
REPORT_LIMIT = 100_000


class JobQueryState(Message):
    """Which jobs are wanted; see `edsl_nb.coop.remote_jobs.JobQuery`."""

    page: int = Field(ge=1)
    page_size: int = Field(ge=1, le=100)
    statuses: list[str] = Field(max_length=20)
    search: str = Field(max_length=1000)
    ascending: bool


class JobsRequest(ViewRequest, JobQueryState):
    """Asks for a page of jobs."""

    type: Literal["jobs"]


class JobActionRequest(ViewRequest):
    """Asks to fetch a job or its results, for its error report, or to cancel it."""

    type: Literal["job_action"]
    action: Action
    uuid: str = Field(max_length=200)


class ChooseRequest(Message):
    """Says which jobs the reader has chosen, by their uuids."""

    type: Literal["choose"]
    uuids: list[str] = Field(max_length=10_000)


class DismissRequest(Message):
    """Says that the reader wants to hear no more of what came of an action."""

    type: Literal["dismiss"]
    action: Action
    uuid: str = Field(max_length=200)


JobListRequest = JobsRequest | JobActionRequest | ChooseRequest | DismissRequest


class JobLink(Message):
    """A page about a job on Coop."""

    label: PageName
    url: str


class JobOutcome(Message):
    """What came of an action on a job, in words; `report` is an error report's text."""

    action: Action
    done: bool
    words: str
    report: str


class JobRowData(Message):
    """A job as a page shows it; `created_at` is ISO 8601, or whatever the server said.

    `outcomes` is what came of actions on it that the reader has not dismissed.
    """

    uuid: str
    description: str
    status: str
    cost_credits: float | None
    iterations: int | None
    created_at: str
    failure: str
    links: list[JobLink]
    actions: list[Action]
    fetched: list[Action]
    outcomes: list[JobOutcome]


class JobsReply(ViewReply):
    """A page of jobs, or why there is none and the way out of that."""

    type: Literal["jobs"] = "jobs"
    state: PageState
    rows: list[JobRowData]
    has_next: bool
    moving: bool
    problem: str
    remedy: str


class JobActionReply(ViewReply, JobOutcome):
    """Answers an action on a job."""

    type: Literal["job_action"] = "job_action"
    uuid: str


class JobListState(Message):
    """What the browser knows of a list of jobs without asking; `query` is what was looked at last."""

    coop: str
    query: JobQueryState
    statuses: list[str]
    chosen: list[str]
