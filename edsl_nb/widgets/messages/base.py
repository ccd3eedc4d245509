"""What messages of every widget share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Message(BaseModel):
    """A message or state: all fields are sent, unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ViewRequest(Message):
    """A request that is answered: `view` names the view that asked, `id` its question."""

    view: str = Field(max_length=64)
    id: int


class ViewReply(Message):
    """An answer to one view's request."""

    view: str
    id: int


class SyncRequest(Message):
    """Asks for the widget's state again, as after a lost message."""

    type: Literal["sync"]


class ErrorReply(ViewReply):
    """What went wrong with a request, in words for the reader."""

    type: Literal["error"] = "error"
    message: str
