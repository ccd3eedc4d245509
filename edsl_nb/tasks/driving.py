"""A sample that is played elsewhere over AgentBench's protocol, by the agent that is here."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from edsl_nb.tasks.protocol import Answer, conversation
from edsl_nb.tasks.session import Session
from edsl_nb.tasks.typings import (
    AgentOutput,
    AgentOutputStatus,
    ChatHistoryItem,
    LostSampleError,
    SampleIndex,
    SampleStatus,
    TaskSampleExecutionResult,
)

#: How often a sample starts again without getting further than before.
_STARTS = 3


class SessionGoneError(Exception):
    """The other side has given the session up, as AgentBench's controller does where an agent is slow."""


class Link(Protocol):
    """Where samples are played."""

    async def start(self, index: SampleIndex) -> Answer:
        """Start a sample."""
        ...

    async def interact(self, session_id: int, output: AgentOutput) -> Answer:
        """Give the task what the agent has answered.

        Raises:
            SessionGoneError: there is no such session any more.
        """
        ...

    async def cancel(self, session_id: int) -> None:
        """Cancel a sample. Never fails."""
        ...


class _Round(NamedTuple):
    """What was shown to the agent, and what it answered."""

    shown: list[ChatHistoryItem]
    output: AgentOutput


class Drive:
    """One sample being played elsewhere.

    Parameters:
        link: where.
        index: which sample.
        session: asks the agent, and has the conversation.

    Attributes:
        session_id: the sample's session there, or None where it has not been started.
    """

    def __init__(self, link: Link, index: SampleIndex, session: Session) -> None:
        self._link, self._index, self._session = link, index, session
        self._rounds: list[_Round] = []
        self._furthest, self._starts = 0, 0
        self.session_id: int | None = None

    async def play(self) -> TaskSampleExecutionResult:
        """Play the sample to its end.

        Raises:
            LostSampleError: the other side gives its session up again and again.
        """
        session = self._session
        answer = await self._start()
        while answer.status is SampleStatus.RUNNING:
            session.history = conversation(session.history, answer)
            shown = [turn.model_copy() for turn in answer.history]
            output = await session.relay(answer.history, answer.omitted)
            if output.status == AgentOutputStatus.CANCELLED:
                await self._link.cancel(answer.session_id)
                return TaskSampleExecutionResult(status=SampleStatus.UNKNOWN)
            self._rounds.append(_Round(shown, output))
            try:
                answer = await self._link.interact(answer.session_id, output)
            except SessionGoneError:
                answer = await self._again()
        session.history = conversation(session.history, answer)
        return TaskSampleExecutionResult.model_construct(status=answer.status, result=answer.result)

    async def _start(self) -> Answer:
        answer = await self._link.start(self._index)
        self.session_id = answer.session_id
        return answer

    async def _again(self) -> Answer:
        """Start the sample again and give it the answers that are there, as long as it asks the same.

        They have been paid for, the last one above all, which came too late for its session.
        """
        while True:
            if len(self._rounds) > self._furthest:
                self._furthest, self._starts = len(self._rounds), 0
            self._starts += 1
            if self._starts > _STARTS:
                raise LostSampleError(
                    "the controller gives the sample's session up again and again",
                    field="start_sample",
                    remedy="It does so where an agent takes longer than 240 s: use a quicker one, or run "
                    "the task here.",
                )
            try:
                return await self._replay()
            except SessionGoneError:
                continue

    async def _replay(self) -> Answer:
        answer = await self._start()
        for number, (shown, output) in enumerate(self._rounds):
            if answer.status is not SampleStatus.RUNNING or answer.history != shown:
                # It goes another way this time; answers to other questions are of no use.
                del self._rounds[number:]
                break
            answer = await self._link.interact(answer.session_id, output)
        return answer
