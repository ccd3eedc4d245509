"""What came of a sample: how it ended, its result, and the conversation."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any

from pydantic import BaseModel

from edsl_nb.runner.progress import CellState, LaneCounter
from edsl_nb.tasks.typings import (
    AgentOutputStatus,
    ChatHistoryItem,
    SampleIndex,
    SampleStatus,
    TaskError,
    TaskOutput,
)

#: The form of a sample's JSON in the store.
_FORM = 2

#: How the errors of samples begin whose agent has failed.
AGENT_ERROR = "agent error: "

#: Statuses that are the agent's doing, shown as such while a run goes on.
_INVALID = (SampleStatus.AGENT_VALIDATION_FAILED, SampleStatus.AGENT_INVALID_ACTION)


@dataclass(frozen=True, slots=True)
class Place:
    """Which sample: of which task and agent, by name, the task's index, and the repeat from 0."""

    task: str
    agent: str
    index: SampleIndex
    repeat: int


@dataclass(slots=True)
class Usage:
    """What the agent's calls took: tokens, and USD, None where the price is not known."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0

    def add(self, input_tokens: int, output_tokens: int, cost: float | None) -> None:
        """Count one call."""
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens
        self.cost = None if self.cost is None or cost is None else self.cost + cost


@dataclass(slots=True, frozen=True, eq=False, repr=False)
class Sample:
    """One sample of a benchmark's run, and what came of it.

    Result and history are read anew from what was kept whenever they are asked
    for, so changing them changes nothing here.

    Parameters:
        place: which sample.
        state: ``answered`` when it has ended by itself, ``failed`` when the agent or the
            task failed or its time was over, ``cancelled`` when it is still to be done.
        status: as the task gave it; None for one that has not ended by itself.
        error: what went wrong, or None.
        rounds: how often the agent has answered.
        seconds: how long it took.
        usage: tokens and cost of the agent.
        kept: result, history and log as JSON.
    """

    place: Place
    state: str
    status: SampleStatus | None = None
    error: str | None = None
    rounds: int = 0
    seconds: float = 0.0
    usage: Usage = field(default_factory=Usage)
    kept: str = '{"result": null, "history": [], "log": ""}'

    @property
    def task(self) -> str:
        """The task's name."""
        return self.place.task

    @property
    def agent(self) -> str:
        """The agent's name."""
        return self.place.agent

    @property
    def index(self) -> SampleIndex:
        """The task's index of the sample."""
        return self.place.index

    @property
    def result(self) -> Any:
        """What the task returned; of a task error its traceback."""
        return json.loads(self.kept)["result"]

    @property
    def history(self) -> list[ChatHistoryItem]:
        """The whole conversation."""
        return _turns(json.loads(self.kept)["history"])

    @property
    def log(self) -> str:
        """What the task has printed while it played the sample; of much the beginning and the end."""
        return json.loads(self.kept)["log"]

    @property
    def output(self) -> TaskOutput:
        """The sample as `Task.calculate_overall` gets it."""
        kept = json.loads(self.kept)
        status = SampleStatus.RUNNING if self.status is None else self.status
        return TaskOutput.model_construct(
            index=self.index, status=status, result=kept["result"], history=_turns(kept["history"])
        )

    @property
    def outcome(self) -> str:
        """How it has ended: its status, or ``agent error``, ``failed`` or ``cancelled`` where it has none."""
        if self.status is not None:
            return self.status.value
        return "agent error" if (self.error or "").startswith(AGENT_ERROR) else self.state

    def __repr__(self) -> str:
        return f"Sample({self.task!r}, {self.agent!r}, {self.index!r}, {self.outcome}, {self.rounds} rounds)"

    # As the runner sees it

    @property
    def flawed(self) -> bool:
        """Whether it has failed and might end well if it were done again."""
        return self.state == "failed"

    def count(self, counter: LaneCounter) -> None:
        """Count it as one that was there already."""
        counter.cell(self.cell, cached=True)

    @property
    def cell(self) -> CellState:
        """How progress counts it."""
        if self.state == "answered":
            return "invalid" if self.status in _INVALID else "answered"
        return "cancelled" if self.state == "cancelled" else "failed"

    def to_json(self) -> str:
        """The sample for the store."""
        status = None if self.status is None else self.status.value
        usage = [self.usage.input_tokens, self.usage.output_tokens, self.usage.cost]
        head = [_FORM, self.state, status, self.error, self.rounds, self.seconds, usage]
        return f'{{"head": {json.dumps(head)}, "kept": {self.kept}}}'

    @classmethod
    def of_json(cls, place: Place, text: str) -> Sample | None:
        """The sample that `to_json` wrote; None where that was another version."""
        stored = json.loads(text)
        head = stored.get("head") if isinstance(stored, dict) else None
        if not head or head[0] != _FORM:
            return None
        _, state, status, error, rounds, seconds, usage = head
        kept = json.dumps(stored["kept"])
        known = None if status is None else SampleStatus(status)
        return cls(place, state, known, error, rounds, seconds, Usage(*usage), kept)


# What a task returns


def read_returned(returned: Any) -> tuple[SampleStatus, Any]:
    """Status and result of what `start_sample` returned; only these two are looked at.

    Raises:
        TaskError: it has none, or one that is none.
    """
    try:
        status, result = returned.status, returned.result
    except AttributeError:
        raise TaskError(
            f"it returned a {type(returned).__name__}, which has no status and result",
            field="start_sample",
            value=returned,
            remedy="Return TaskSampleExecutionResult(status=SampleStatus.COMPLETED, result=...).",
        ) from None
    # Tasks hand on the agent's status, too, which has another type.
    value = status.value if isinstance(status, AgentOutputStatus) else status
    known = next((one for one in SampleStatus if isinstance(value, str) and one == value), None)
    if known is None or known is SampleStatus.RUNNING:
        raise TaskError(
            "start_sample returned a status that no sample ends with",
            field="status",
            value=status,
            remedy="Use SampleStatus.COMPLETED, or another that says how it has ended.",
        )
    return known, result


def keep(result: Any, history: Any, log: str) -> str:
    """Result, history and log as JSON.

    Raises:
        TaskError: the result is nothing that JSON can hold.
    """
    turns = json.dumps([_turn(item) for item in history] if isinstance(history, list) else [])
    return f'{{"result": {to_json(result, "result")}, "history": {turns}, "log": {json.dumps(log)}}}'


def _turn(item: Any) -> list[Any]:
    """A turn as it is kept, whatever a task has put into the history: role, content, `answered` if it is."""
    try:
        role, content = getattr(item, "role", "user"), getattr(item, "content", item)
        answered = getattr(item, "answered", None)
        kept = [role if role == "agent" else "user", content if isinstance(content, str) else repr(content)]
    except Exception:  # noqa: BLE001 - objects raise anything when they are looked at
        return ["user", f"<a {type(item).__name__} that cannot be read>"]
    return [*kept, answered] if isinstance(answered, int) else kept


def _turns(kept: list[list[Any]]) -> list[ChatHistoryItem]:
    return [
        ChatHistoryItem.answer(text, *answered) if answered else ChatHistoryItem(role=role, content=text)
        for role, text, *answered in kept
    ]


def to_json(value: Any, field: str) -> str:
    """A task's value as JSON text; values of pydantic, dataclasses and numpy as what they hold.

    Raises:
        TaskError: it is nothing that JSON can hold.
    """
    try:
        return _writer.encode(value)
    except Exception as wrong:  # noqa: BLE001 - objects raise anything when they are looked at
        raise TaskError(
            f"it is nothing that JSON can hold: {wrong}",
            field=field,
            value=value,
            remedy="Return None, a bool, a number, a text, or lists and dicts with texts as names of these.",
        ) from None


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    as_list: Callable[[], Any] | None = getattr(value, "tolist", None)
    if callable(as_list):  # numbers and arrays of numpy
        return as_list()
    raise TypeError(f"a {type(value).__name__} is not")


_writer = json.JSONEncoder(default=_plain)
