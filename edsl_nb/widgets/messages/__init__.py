"""Everything that passes between Python and the browser, defined once; a module for each family of widgets.

*Requests* come from the browser, *replies* answer them; both carry the id of
the view that asked, since one widget may be shown several times. *States* are
small traits that survive a page reload. The TypeScript types in
``js/src/protocol.gen.ts`` are generated from the JSON Schema of these models.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from edsl_nb.runner.progress import ProgressSnapshot
from edsl_nb.widgets.messages.base import ErrorReply, SyncRequest
from edsl_nb.widgets.messages.benchmark import BoardState, ScoreRequest
from edsl_nb.widgets.messages.job import CountRequest, JobState
from edsl_nb.widgets.messages.job_list import JobActionReply, JobListRequest, JobListState, JobsReply
from edsl_nb.widgets.messages.progress import PauseRequest, ResumeRequest, StopRequest
from edsl_nb.widgets.messages.table import (
    ExportReply,
    PageReply,
    PictureReply,
    ProfileReply,
    RowReply,
    ScanReply,
    TableRequest,
    TableState,
)
from edsl_nb.widgets.messages.transcript import (
    TranscriptJsonReply,
    TranscriptMessages,
    TranscriptReply,
    TranscriptState,
)

__all__ = ["STATES", "Reply", "Request", "parse_request"]

Request = (
    TableRequest
    | StopRequest
    | PauseRequest
    | ResumeRequest
    | CountRequest
    | SyncRequest
    | JobListRequest
    | TranscriptMessages
    | ScoreRequest
)

Reply = (
    PageReply
    | ScanReply
    | RowReply
    | ProfileReply
    | PictureReply
    | ExportReply
    | ErrorReply
    | JobsReply
    | JobActionReply
    | TranscriptReply
    | TranscriptJsonReply
)

#: The traits that widgets keep.
STATES = (TableState, JobState, ProgressSnapshot, TranscriptState, BoardState, JobListState)

_requests: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="type")])


def parse_request(content: object) -> Request:
    """Read a message of the browser.

    Parameters:
        content: the decoded JSON of the message.

    Returns:
        the request, of the class its `type` names.

    Raises:
        pydantic.ValidationError: when the message is not one of them.
    """
    return _requests.validate_python(content, strict=True)
