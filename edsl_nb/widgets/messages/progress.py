"""What a run's progress asks for; its state is the run's own `ProgressSnapshot`."""

from __future__ import annotations

from typing import Literal

from edsl_nb.widgets.messages.base import Message


class StopRequest(Message):
    """Asks to stop what the widget shows: a run, or the counting of a job."""

    type: Literal["stop"]


class PauseRequest(Message):
    """Asks to start no new call of a run; those in flight go on."""

    type: Literal["pause"]


class ResumeRequest(Message):
    """Asks to go on with a run that was paused."""

    type: Literal["resume"]
