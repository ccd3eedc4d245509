"""A job's card."""

from __future__ import annotations

from typing import Literal

from edsl_nb.jobs.summary import JobSummary
from edsl_nb.widgets.messages.base import Message


class CountRequest(Message):
    """Asks to count a job's distinct calls and their cost."""

    type: Literal["count"]


class JobState(Message):
    """What a job's card shows: its numbers, whether they are being counted, what stood in the way."""

    summary: JobSummary
    counting: bool
    problem: str
