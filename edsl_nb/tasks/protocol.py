"""AgentBench's HTTP protocol, version 0.2: what is sent, and how answers are read."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, NamedTuple, cast
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError

from edsl_nb.tasks.typings import (
    AgentOutput,
    ChatHistoryItem,
    SampleStatus,
    TaskError,
    TaskOutput,
)

#: A session's id, or a sample's index that is a number: never made of a text or a boolean.
Number = Annotated[int, Field(strict=True)]

#: The end of a first turn that says how many turns are left out after it.
_NOTICE = re.compile(r"\n\n\[NOTICE\] (\d+) messages are omitted\.\Z")


class StartRequest(BaseModel):
    """Start a sample. Whoever starts it chooses the session's id."""

    index: Number | str
    session_id: Number


class InteractRequest(BaseModel):
    """What the agent has answered."""

    session_id: Number
    agent_response: AgentOutput


class SessionRequest(BaseModel):
    """Something about a session: cancel it, or say how it is."""

    session_id: Number


class OverallRequest(BaseModel):
    """Compute the score of samples."""

    name: str = ""
    results: list[TaskOutput]


class Answer(NamedTuple):
    """What came of starting a sample, or of the agent's turn.

    Parameters:
        session_id: the sample's session.
        status: ``running`` when it is the agent's turn, else how it has ended.
        result: of a sample that has ended.
        history: what the agent gets to see; of a sample that has ended all of it.
        omitted: how many turns the agent does not get to see.
        log: what the task has printed, where that is told.
    """

    session_id: int
    status: SampleStatus
    result: Any
    history: list[ChatHistoryItem]
    omitted: int
    log: str


class _Output(BaseModel):
    index: Any = None
    status: SampleStatus
    result: Any = None
    history: list[ChatHistoryItem] | None = None


class _Body(BaseModel):
    session_id: int
    output: _Output
    log: str = ""


def api_address(given: object, field: str) -> str:
    """An address as AgentBench writes them: with ``/api``, without a slash at its end.

    Raises:
        TaskError: it is no address.
    """
    if isinstance(given, str):
        with contextlib.suppress(ValueError):  # of a port that is none
            parts = urlsplit(given.rstrip("/"))
            if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
                return given.rstrip("/") if parts.path else f"{given.rstrip('/')}/api"
    raise TaskError(
        "this is no address",
        field=field,
        value=given,
        remedy="Such as 'http://127.0.0.1:5000/api'.",
    )


def read_answer(value: object) -> Answer:
    """The answer in a response's body.

    Raises:
        TaskError: it is none.
    """
    if isinstance(value, Mapping) and ("env_out" in value or "messages" in value):
        raise TaskError(
            "the other side speaks the protocol of function calling, which came after AgentBench v0.2",
            field="controller",
            remedy="Use AgentBench's branch v0.2, or port the task: edsl_nb.tasks.Task.",
        )
    try:
        body = _Body.model_validate(value)
    except ValidationError as refused:
        first = refused.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise TaskError(
            f"the other side answered something that is not AgentBench's: {where}: {first['msg']}",
            field="controller",
            value=first["input"],
            remedy="Check that the address is that of a controller of AgentBench v0.2; it ends in /api.",
        ) from None
    output = body.output
    if output.status is SampleStatus.RUNNING and output.index is not None:
        raise TaskError(
            "the task has returned the status 'running', with which no sample can end",
            field="status",
            remedy="Have start_sample return SampleStatus.COMPLETED or another that says how it has ended.",
        )
    history = output.history or []
    omitted = _omitted(history) if output.status is SampleStatus.RUNNING else 0
    return Answer(body.session_id, output.status, output.result, history, omitted, body.log)


def _omitted(history: Sequence[ChatHistoryItem]) -> int:
    """How many turns a history leaves out, as its first turn says."""
    said = _NOTICE.search(history[0].content) if history else None
    return int(said[1]) if said is not None else 0


def conversation(before: list[ChatHistoryItem], answer: Answer) -> list[ChatHistoryItem]:
    """The whole conversation, as far as it is known.

    Parameters:
        before: the conversation as far as it was known before.
        answer: says what the agent gets to see of it; of a sample that has ended all of it.
    """
    told = [*before[: answer.omitted + 1], *answer.history[1:]] if answer.omitted else answer.history
    # Turns that are known already also say which are the agent's answers.
    return [
        before[place] if place < len(before) and before[place] == turn else turn
        for place, turn in enumerate(told)
    ]


def detail_of(text: str) -> str:
    """What an error's body says."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text[:500]
    detail = cast(Any, value.get("detail", value) if isinstance(value, dict) else value)
    return (detail if isinstance(detail, str) else json.dumps(detail))[:500]


def output_in(text: str) -> Any:
    """The body of an answer that stands in an error's text, as in that of a task error; None without one.

    A controller puts the worker's error into its own as text, so that it is JSON in a text in JSON.
    """
    decoder = json.JSONDecoder()
    for brace in islice(re.finditer(r"\{", text), 10):
        try:
            value, _ = decoder.raw_decode(text, brace.start())
        except (ValueError, RecursionError):
            continue
        while isinstance(value, dict):
            if "output" in value:
                return cast(Any, value)
            value = cast(Any, value.get("detail"))
        if isinstance(value, str) and len(value) < len(text):
            return output_in(value)
    return None
