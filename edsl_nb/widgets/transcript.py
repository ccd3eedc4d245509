"""Conversations in the notebook: one at a time, with ways to the next, to search, and to compare."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import traitlets

from edsl_nb.core.cells import safe_cell
from edsl_nb.core.errors import TableError
from edsl_nb.core.transcripts import Conversation, Conversations, Transcript
from edsl_nb.widgets.answering import Answers
from edsl_nb.widgets.assets import bundle_file
from edsl_nb.widgets.base import BaseWidget
from edsl_nb.widgets.messages import Reply, Request
from edsl_nb.widgets.messages.transcript import (
    TEXT_LIMIT,
    CounterpartData,
    FactData,
    TranscriptJsonReply,
    TranscriptJsonRequest,
    TranscriptMessages,
    TranscriptReply,
    TranscriptRequest,
    TranscriptState,
    TurnData,
)
from edsl_nb.widgets.plain import transcript_text
from edsl_nb.widgets.transcript_html import transcript_html


class TranscriptChannel:
    """Answers requests for conversations, each made in a thread, since long ones take a while.

    Parameters:
        conversations: the conversations.
        send: sends a reply to the browser; called on the runner's loop.
    """

    def __init__(self, conversations: Conversations, send: Callable[[Reply], None]) -> None:
        self._conversations = conversations
        self._answers = Answers(send)

    def ask(self, request: TranscriptMessages) -> None:
        """Start on a request and return at once; may be called on any thread."""
        self._answers.start(request, lambda: asyncio.to_thread(self._reply, request))

    def close(self) -> None:
        """Cancel whatever is being worked on."""
        self._answers.close()

    def _reply(self, request: TranscriptMessages) -> Reply:
        count = len(self._conversations)
        if request.position >= count:
            raise TableError(
                "there is no such conversation",
                field="position",
                value=request.position,
                remedy=f"There are {count:,}.",
            )
        found = self._conversations.conversation(request.position)
        if isinstance(request, TranscriptJsonRequest):
            return TranscriptJsonReply(view=request.view, id=request.id, text=found.to_json())
        return self._transcript(request, found)

    def _transcript(self, request: TranscriptRequest, found: Conversation) -> TranscriptReply:
        others = self._conversations.counterparts(request.position)
        return TranscriptReply(
            view=request.view,
            id=request.id,
            position=request.position,
            title=found.title,
            facts=[FactData(name=name, value=safe_cell(value)) for name, value in found.facts],
            turns=[
                TurnData(
                    role=turn.role,
                    text=turn.text[:TEXT_LIMIT],
                    number=turn.number,
                    about=turn.about,
                    marks=list(turn.marks),
                    length=len(turn.text),
                )
                for turn in found.turns
            ],
            counterparts=[CounterpartData(label=one.label, position=one.position) for one in others],
        )


class TranscriptWidget(BaseWidget):
    """Shows one conversation among others. They travel on request, one by one.

    Parameters:
        transcript: the one that is shown at first.
    """

    _esm = bundle_file("transcript.js")
    _css = bundle_file("transcript.css")

    transcript = traitlets.Dict().tag(sync=True)

    def __init__(self, transcript: Transcript) -> None:
        self._shown = transcript
        self._channel = TranscriptChannel(transcript.conversations, self.reply)
        state: dict[str, Any] = TranscriptState(
            position=transcript.position, count=len(transcript.conversations)
        ).model_dump()
        super().__init__(transcript=state)

    def close(self) -> None:
        """Take the widget out of the notebook and stop what it was doing."""
        self._channel.close()
        super().close()

    def handle(self, request: Request) -> None:
        if isinstance(request, TranscriptMessages):
            self._channel.ask(request)

    def static_html(self) -> str:
        return transcript_html(self._shown.conversation)

    def plain_text(self) -> str:
        return transcript_text(self._shown.conversation)
