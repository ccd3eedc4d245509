"""Conversations: those of interviews and those of a task's samples."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edsl_nb.core.tables import Cell
from edsl_nb.core.transcripts import Role
from edsl_nb.widgets.messages.base import Message, ViewReply, ViewRequest

#: Characters of a turn's text that travel with it; all of it comes with the JSON.
TEXT_LIMIT = 100_000


class TranscriptRequest(ViewRequest):
    """Asks for one conversation, by its position."""

    type: Literal["transcript"]
    position: int = Field(ge=0)


class TranscriptJsonRequest(ViewRequest):
    """Asks for one conversation as JSON text, in full."""

    type: Literal["transcript_json"]
    position: int = Field(ge=0)


TranscriptMessages = TranscriptRequest | TranscriptJsonRequest


class TurnData(Message):
    """One turn; `length` is that of the whole text, in characters, which may have been cut."""

    role: Role
    text: str
    number: int | None
    about: str
    marks: list[str]
    length: int


class FactData(Message):
    """What is known of a conversation, by name."""

    name: str
    value: Cell


class CounterpartData(Message):
    """Another conversation about the same: who holds it, and its position."""

    label: str
    position: int


class TranscriptReply(ViewReply):
    """One conversation, and those to compare it with."""

    type: Literal["transcript"] = "transcript"
    position: int
    title: str
    facts: list[FactData]
    turns: list[TurnData]
    counterparts: list[CounterpartData]


class TranscriptJsonReply(ViewReply):
    """One conversation as JSON text."""

    type: Literal["transcript_json"] = "transcript_json"
    text: str


class TranscriptState(Message):
    """Which conversation is shown at first, and how many there are."""

    position: int
    count: int
