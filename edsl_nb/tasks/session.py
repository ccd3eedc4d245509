"""`Session`: one sample's conversation. The task speaks through it, and awaits the agent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, cast

from pydantic import ValidationError

from edsl_nb.tasks.history import HistoryLimit, shown
from edsl_nb.tasks.output import Log
from edsl_nb.tasks.typings import AgentOutput, AgentOutputStatus, ChatHistoryItem, TaskError, TurnError

#: Asks the agent for its next turn.
Ask = Callable[[list[ChatHistoryItem]], Awaitable[AgentOutput]]

#: How often a task that was told that its sample is cancelled may go on asking before it is cancelled itself.
_PATIENCE = 10


class Session:
    """The conversation of one sample.

    Parameters:
        ask: gives the agent's next turn from what it gets to see. Runs give
            their own; pass one to try a task by hand.
        history_limit: how much of the history the agent gets to see.

    Attributes:
        history: all turns so far. A task may change it.
        rounds: how often the agent has answered.
        log: what the task prints while it plays the sample.
    """

    def __init__(self, ask: Ask | None = None, history_limit: HistoryLimit = "agentbench") -> None:
        self.history: list[ChatHistoryItem] = []
        self.rounds = 0
        self.log = Log()
        self._ask = ask
        self._limit: HistoryLimit = history_limit
        self._asking = self._ended = False
        self._refused = 0

    def inject(self, item: ChatHistoryItem | Mapping[str, Any] | list[Any] | None) -> None:
        """Add one or more turns to the history.

        Parameters:
            item: a `ChatHistoryItem`, a dict of role and content, or a list of
                such, lists in it too. What is empty adds nothing.

        Raises:
            TurnError: something else is among them; then nothing is added.
        """
        self.history.extend(list(_turns(item)))

    def clear(self) -> None:
        """Forget all turns, in the sample's output too."""
        self.history = []

    async def action(self, *injection: Any) -> AgentOutput:
        """Ask the agent for its next turn, and add it to the history.

        Parameters:
            injection: turns to add before, as for `inject`.

        Returns:
            What it answered. Look at the status first: after ``CANCELLED`` the sample
            is to end, after ``AGENT_CONTEXT_LIMIT`` there is no content either.

        Raises:
            TurnError: what is injected is no turn.
            TaskError: the agent is being asked already, or the sample is over.
        """
        self._check_free()
        self.inject(list(injection))
        return await self._put(*shown(self.history, self._limit))

    async def relay(self, seen: list[ChatHistoryItem], omitted: int) -> AgentOutput:
        """Ask the agent for a session elsewhere, which has its own limit for histories.

        Parameters:
            seen: what the agent gets to see.
            omitted: how many turns that leaves out.

        Returns, Raises:
            As `action`.
        """
        self._check_free()
        return await self._put(seen, omitted)

    async def _put(self, seen: list[ChatHistoryItem], omitted: int) -> AgentOutput:
        ask = self._ask
        assert ask is not None
        self._asking = True
        try:
            output = await ask(seen)
        finally:
            self._asking = False
        await self._note(output, omitted)
        return output

    def _check_free(self) -> None:
        if self._ended or self._asking or self._ask is None:
            raise self._misused()

    async def _note(self, output: AgentOutput, omitted: int) -> None:
        if output.status == AgentOutputStatus.CANCELLED:
            self._refused += 1
            if self._refused > 1:
                # A task that asks in a loop and looks at no status must let others go on, and end.
                await asyncio.sleep(0)
                if self._refused > _PATIENCE:
                    raise asyncio.CancelledError("the sample is cancelled")
        else:
            self.rounds += 1
        content = output.status.value if output.content is None else output.content
        self.history.append(ChatHistoryItem.answer(content, omitted))

    def _misused(self) -> TaskError:
        if self._ended:
            return TaskError(
                "the agent is asked after the sample has returned",
                field="session.action",
                remedy="Await everything that start_sample begins before it returns.",
            )
        if self._asking:
            return TaskError(
                "the agent is asked a second time before it has answered",
                field="session.action",
                remedy="Await one action before the next.",
            )
        return TaskError(
            "this session has no agent",
            field="session.action",
            remedy="Run the task in a Benchmark, or give one: Session(ask=function).",
        )

    def end(self) -> None:
        """The sample has returned; the agent is not asked any more."""
        self._ended = True


def _turns(item: Any) -> Iterator[ChatHistoryItem]:
    if not item:
        return
    # A list may hold itself, so there is a stack instead of a call for each.
    waiting: list[Iterator[Any]] = [iter([item])]
    while waiting:
        if len(waiting) > 100:
            raise TurnError("lists are nested too deep", field="inject", remedy="Give one list of turns.")
        for one in waiting[-1]:
            if isinstance(one, list):
                waiting.append(iter(cast(list[Any], one)))
                break
            if one:
                yield _turn(one)
        else:
            waiting.pop()


def _turn(item: Any) -> ChatHistoryItem:
    if isinstance(item, ChatHistoryItem):
        return item
    if isinstance(item, Mapping):
        try:
            return ChatHistoryItem.model_validate(dict(cast(Mapping[str, Any], item)))
        except ValidationError as refused:
            first = refused.errors(include_url=False)[0]
            field = str(first["loc"][0]) if first["loc"] else "inject"
            raise TurnError(
                "a turn has a role, which is 'user' or 'agent', and a content, which is a text",
                field=field,
                value=item if first["type"] == "missing" else first["input"],
                remedy="Such as {'role': 'user', 'content': 'Hello'}.",
            ) from None
    raise TurnError(
        f"a {type(item).__name__} is no turn of a conversation",
        field="inject",
        value=item,
        remedy="Give a ChatHistoryItem, {'role': 'user', 'content': 'Hello'}, or a list of such.",
    )
