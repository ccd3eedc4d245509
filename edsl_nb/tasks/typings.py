"""The types of AgentBench's Task interface, with its names, fields, defaults and values."""

from __future__ import annotations

from enum import Enum
from functools import cached_property
from typing import Annotated, Any, Dict, List, Literal, Union  # noqa: UP035 - as tasks write them

from pydantic import BaseModel, ConfigDict, SkipValidation, model_validator

from edsl_nb.core.errors import EdslNbError

SampleIndex = Union[int, str]  # noqa: UP007
JSONSerializable = Union[None, bool, int, float, str, List[Any], Dict[str, Any]]  # noqa: UP006, UP007

#: Results are kept as they are given: choosing among the members of a union would turn one into another.
_AsGiven = Annotated[JSONSerializable, SkipValidation]


class SampleStatus(str, Enum):  # noqa: UP042 - tasks rely on how such an enum compares and adds
    """How a sample has ended."""

    RUNNING = "running"
    COMPLETED = "completed"
    AGENT_CONTEXT_LIMIT = "agent context limit"
    AGENT_VALIDATION_FAILED = "agent validation failed"
    AGENT_INVALID_ACTION = "agent invalid action"
    TASK_LIMIT_REACHED = "task limit reached"
    UNKNOWN = "unknown"
    TASK_ERROR = "task error"

    def __format__(self, format_spec: str) -> str:
        # Newer versions of Python write the member's name into f-strings, which tasks do not expect.
        return format(self.value, format_spec)


class AgentOutputStatus(str, Enum):  # noqa: UP042
    """What came back when the agent was asked."""

    NORMAL = "normal"
    CANCELLED = "cancelled"
    AGENT_CONTEXT_LIMIT = "agent context limit"

    def __format__(self, format_spec: str) -> str:
        return format(self.value, format_spec)


class ChatHistoryItem(BaseModel):
    """One turn of a conversation.

    Its fields can also be looked up as in a dict, ``item["content"]``, because
    that is how agents written for other frameworks read a history.

    Parameters:
        role: ``user`` for what the task says, ``agent`` for what is answered.
        content: the text.
    """

    model_config = ConfigDict(coerce_numbers_to_str=True)

    role: Literal["user", "agent"]
    content: str

    # Cached properties are no fields: turns are compared, shown and sent without it.
    @cached_property
    def answered(self) -> int | None:
        """Of a turn that the agent has taken, how many turns it did not see; None of one that is injected."""
        return None

    @classmethod
    def answer(cls, content: str, omitted: int) -> ChatHistoryItem:
        """A turn that the agent has taken.

        Parameters:
            content: what it answered.
            omitted: how many turns before it were not shown to the agent.
        """
        turn = cls(role="agent", content=content)
        vars(turn)["answered"] = omitted
        return turn

    def keys(self) -> tuple[str, str]:
        """The names of the fields, so that ``dict(item)`` and ``{**item}`` work."""
        return ("role", "content")

    def __getitem__(self, name: str) -> str:
        if name not in self.keys():
            raise KeyError(name)
        return getattr(self, name)


class TaskSampleExecutionResult(BaseModel):
    """What `Task.start_sample` returns.

    Parameters:
        status: how the sample has ended.
        result: anything that JSON can hold; kept as it is given.
    """

    status: SampleStatus = SampleStatus.COMPLETED
    result: _AsGiven = None


class TaskOutput(BaseModel):
    """What came of a sample, as `Task.calculate_overall` gets it.

    Parameters:
        index: the sample's index.
        status, result: as `Task.start_sample` returned them.
        history: the whole conversation.
    """

    index: Annotated[SampleIndex | None, SkipValidation] = None
    status: SampleStatus = SampleStatus.RUNNING
    result: _AsGiven = None
    history: list[ChatHistoryItem] | None = None


class AgentOutput(BaseModel):
    """What the agent answered.

    Parameters:
        status: whether it did.
        content: its text; None where the status is not normal.
    """

    status: AgentOutputStatus = AgentOutputStatus.NORMAL
    content: str | None = None

    @model_validator(mode="after")
    def _has_content(self) -> AgentOutput:
        if self.status == AgentOutputStatus.NORMAL and self.content is None:
            raise ValueError("a normal output has a content, which may be empty")
        return self


#: What an agent's turn is where the sample is cancelled.
CANCELLED = AgentOutput(status=AgentOutputStatus.CANCELLED)


class TaskClientOutput(BaseModel):
    """What came of a sample, for those who play, as in AgentBench's files.

    Parameters:
        error: what has failed, or None.
        info: more on that, or None.
        output: what came of the sample, or None.
    """

    error: str | None = None
    info: str | None = None
    output: TaskOutput | None = None


class WorkerStatus(int, Enum):
    """How a controller sees a worker."""

    ALIVE = 0
    COMA = 1
    DEAD = 2


class AgentBenchException(Exception):
    """The base of what agents and tasks of AgentBench raise."""


class ClientException(AgentBenchException):
    """Something went wrong on the side of those who play.

    Parameters:
        reason: what.
        detail: more on it.
    """

    def __init__(self, reason: str = "", detail: str | None = None) -> None:
        super().__init__(*(part for part in (reason, detail) if part))
        self.reason, self.detail = reason, detail


class AgentClientException(ClientException):
    """An agent has failed."""


class AgentContextLimitException(AgentClientException):
    """Raised by an agent for which the conversation has become too long."""


class AgentTimeoutException(AgentClientException):
    """Raised by an agent that has waited too long."""


class AgentNetworkException(AgentClientException):
    """Raised by an agent that cannot reach what it needs."""


class TaskClientException(ClientException):
    """A task has failed, as seen by those who play."""


class TaskTimeoutException(TaskClientException):
    """A task has taken too long."""


class TaskNetworkException(TaskClientException):
    """A task cannot be reached."""


class ServerException(AgentBenchException):
    """Something went wrong on the side of the tasks."""


class TaskError(EdslNbError):
    """A task or a benchmark cannot be put together, run or read as asked for."""


class LostSampleError(TaskError):
    """Nobody knows what became of a sample, as where its controller is gone: it failed, without a status."""


class TurnError(TaskError, TypeError, ValueError):
    """What a task injects is no turn of a conversation."""


class HistoryLengthError(TaskError, AssertionError):
    """The agent is asked when it is not its turn."""
