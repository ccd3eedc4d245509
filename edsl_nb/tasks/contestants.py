"""Who plays: models, models with a persona, and plain functions from a history to a text."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from edsl_nb.agents import Agent
from edsl_nb.core.errors import EdslNbError, ServiceError
from edsl_nb.core.threads import LoopThread, Workers
from edsl_nb.models import Model, ModelCall
from edsl_nb.models.prices import price
from edsl_nb.runner import loop as runner_loop
from edsl_nb.runner.context import Context
from edsl_nb.runner.line import LaneKey
from edsl_nb.runner.scope import Stopping
from edsl_nb.tasks.samples import AGENT_ERROR
from edsl_nb.tasks.typings import (
    CANCELLED,
    AgentContextLimitException,
    AgentOutput,
    AgentOutputStatus,
    ChatHistoryItem,
    TaskError,
)

if TYPE_CHECKING:
    from edsl_nb.models.call import Turn as ModelTurn

CONTEXT_LIMIT = AgentOutput(status=AgentOutputStatus.AGENT_CONTEXT_LIMIT)

#: How many calls of a plain function, and of a coroutine, are made at once.
_FUNCTIONS, _COROUTINES = 32, 200


@dataclass(slots=True, eq=False)
class Turn:
    """An agent's turn.

    Parameters:
        history: what it gets to see.
        context: how calls to models are made.
        iteration: what tells the call from equal ones of the run.
        about: the task's name.
        deliver: takes what it answers; from any thread.
        fail: takes why it could not; from any thread.
        spent: takes a model's tokens in and out and their cost.

    Attributes:
        over: the answer is not wanted any more.
        stop: stops what is under way; called on the runner's loop.
    """

    history: list[ChatHistoryItem]
    context: Context
    iteration: int
    about: str
    deliver: Callable[[AgentOutput], None]
    fail: Callable[[BaseException], None]
    spent: Callable[[int, int, float | None], None]
    over: bool = False
    stop: Callable[[], object] = field(default=lambda: None)

    def failed(self, failure: BaseException) -> None:
        """Say why it could not be taken; from any thread. Of one that is over nobody wants to know."""
        if not self.over:
            self.fail(failure)

    def under_way(self, stop: Callable[[], object]) -> None:
        """Take what stops it, and stop it where it is over already; from any thread."""
        self.stop = stop
        if self.over:  # set before whoever has set it looked for what stops it
            stop()


class Contestant(ABC):
    """Somebody who plays.

    Parameters:
        name: in results.

    Attributes:
        key: whose limits its calls share, or None.
        concurrency: how many of its samples are played at once.
        price: USD for a token in and out; None where it is not known.
    """

    key: LaneKey | None = None
    concurrency: int = _FUNCTIONS
    price: tuple[float, float] | None = (0.0, 0.0)

    def __init__(self, name: str) -> None:
        self.name = name

    def check(self) -> None:  # noqa: B027 - functions work everywhere
        """Raise an EdslNbError where it cannot play here."""

    def close(self) -> None:  # noqa: B027 - models keep nothing
        """Let go of what it keeps."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Who it is, as JSON."""

    @abstractmethod
    def begin(self, turn: Turn) -> None:
        """Begin a turn. Called in the task's thread; must not block."""


class ModelContestant(Contestant):
    """A model, which may have a persona.

    Parameters:
        name: in results.
        model: the model.
        persona: who it is told to be.
    """

    def __init__(self, name: str, model: Model, persona: Agent | None = None) -> None:
        super().__init__(name)
        self.model, self.persona = model, persona
        self._system = "" if persona is None else persona.system_prompt()
        self._price = price(model)
        self.price = None if self._price is None else (float(self._price.input), float(self._price.output))
        self.concurrency = model.service.concurrency(model)

    @property
    def key(self) -> LaneKey:  # type: ignore[override]  # an address may change with the environment
        model, service = self.model, self.model.service
        return LaneKey(service.name, service.address(model), service.account(model), model.model)

    def check(self) -> None:
        self.model.service.check(self.model)

    def to_dict(self) -> dict[str, Any]:
        persona = None if self.persona is None else self.persona.to_dict()
        return {"name": self.name, "model": self.model.to_dict(), "persona": persona}

    def begin(self, turn: Turn) -> None:
        runner_loop.call_soon(self._start, turn)

    def _start(self, turn: Turn) -> None:
        if not turn.over:
            task = asyncio.get_running_loop().create_task(self._answer(turn))
            turn.under_way(task.cancel)

    async def _answer(self, turn: Turn) -> None:
        turns: list[ModelTurn] = [
            ("assistant" if item.role == "agent" else "user", item.content) for item in turn.history
        ]
        call = ModelCall(
            self.model, self._system, tuple(turns), iteration=turn.iteration, question_name=turn.about
        )
        try:
            answered = await turn.context.call(call)
        except (Stopping, asyncio.CancelledError):
            turn.deliver(CANCELLED)
        except ServiceError as failure:
            if failure.refused == "context":
                turn.deliver(CONTEXT_LIMIT)
            else:
                turn.failed(failure)
        except Exception as failure:  # noqa: BLE001 - the sample says so, or the run
            turn.failed(failure)
        else:
            reply = answered.reply
            cost = None if self._price is None else self._price.cost(reply.input_tokens, reply.output_tokens)
            spent = 0.0 if answered.cached else None if cost is None else float(cost)
            turn.spent(reply.input_tokens, reply.output_tokens, spent)
            turn.deliver(AgentOutput(content=reply.text))


class FunctionContestant(Contestant):
    """A function or a coroutine function from a history to a text.

    Plain functions are called in threads, coroutines run on a loop in a thread of their own;
    both on the notebook's loop where the run is to call functions there.

    Parameters:
        name: in results.
        function: the function.
    """

    def __init__(self, name: str, function: Callable[[Any], Any]) -> None:
        super().__init__(name)
        self._function = function
        call = getattr(function, "__call__", None)  # noqa: B004 - of an object that is no function
        self._is_coroutine = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)
        self.concurrency = _COROUTINES if self._is_coroutine else _FUNCTIONS
        self._workers = Workers(f"agent-{name}")
        self._thread: LoopThread | None = None
        self._lock = threading.Lock()

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "function": getattr(self._function, "__qualname__", self.name)}

    def close(self) -> None:
        with self._lock:
            if self._thread is not None:
                self._thread.close()
                self._thread = None

    def begin(self, turn: Turn) -> None:
        user = turn.context.scope.user
        if user.home is not None:
            answer = user.call(self._function, turn.history)
            turn.under_way(runner_loop.submit(_answered(turn, answer)).cancel)
        elif self._is_coroutine:
            self._await(turn, self._function(turn.history))
        else:
            self._workers.submit(partial(self._call, turn))

    def _call(self, turn: Turn) -> None:
        try:
            found = self._function(turn.history)
        except BaseException as failure:  # noqa: BLE001 - even exit() fails this sample only
            _fail(turn, failure)
            return
        if inspect.isawaitable(found):
            self._await(turn, found)
        else:
            _deliver(turn, found)

    def _await(self, turn: Turn, answer: Awaitable[Any]) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = LoopThread(f"agent-{self.name}")
            self._thread.loop.call_soon_threadsafe(_start, turn, answer)


def _start(turn: Turn, answer: Awaitable[Any]) -> None:
    """Await an answer on the running loop."""
    if turn.over:
        if inspect.iscoroutine(answer):
            answer.close()
        return
    loop = asyncio.get_running_loop()
    task = loop.create_task(_answered(turn, answer))

    def stop() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and all on it cancelled
            loop.call_soon_threadsafe(task.cancel)

    turn.under_way(stop)


async def _answered(turn: Turn, answer: Awaitable[Any]) -> None:
    try:
        found = await answer
    except BaseException as failure:  # noqa: BLE001 - even exit() fails this sample only
        _fail(turn, failure)
    else:
        _deliver(turn, found)


def _deliver(turn: Turn, found: Any) -> None:
    if isinstance(found, str):
        turn.deliver(AgentOutput(content=found))
    elif isinstance(found, AgentOutput) and _is_answer(found):
        turn.deliver(found)
    else:
        turn.failed(
            TaskError(f"the agent returned a {type(found).__name__}, and a text is wanted", value=found)
        )


def _is_answer(output: AgentOutput) -> bool:
    """Whether an agent may answer so: by a text, or that the conversation has become too long."""
    if output.status == AgentOutputStatus.NORMAL:
        return isinstance(output.content, str)
    return output.status == AgentOutputStatus.AGENT_CONTEXT_LIMIT


def _fail(turn: Turn, failure: BaseException) -> None:
    if isinstance(failure, AgentContextLimitException):
        turn.deliver(CONTEXT_LIMIT)
    else:
        turn.failed(failure)


def check_contestants(agents: Sequence[Contestant], max_cost: float | None) -> None:
    """Raise an EdslNbError where there is nobody, one cannot play, or what one costs cannot be bounded.

    Parameters:
        agents: who is to play.
        max_cost: USD that it may cost, or None.
    """
    if not agents:
        raise TaskError(
            "there is nobody to play",
            field="agents",
            value=[],
            remedy="Add somebody: benchmark.by(Model('test')).",
        )
    for agent in agents:
        agent.check()
        if max_cost is not None and agent.price is None:
            raise TaskError(
                f"the price of {agent.name} is not known, so nobody can tell when this is spent",
                field="max_cost",
                value=max_cost,
                remedy="Leave it out, and play a few samples first: run(limit=10).",
            )


# Making them of what a user gives


def contestant(given: object, persona: Agent | None = None, name: str | None = None) -> Contestant:
    """Somebody who plays, of a model, a function, or an object with AgentBench's ``inference``.

    Raises:
        TaskError: it is something else, or a function is to have a persona.
    """
    if isinstance(given, type):
        raise TaskError(
            f"{given.__name__} is a class",
            field="by",
            value=given,
            remedy=f"Make one: {given.__name__}(...).",
        )
    if isinstance(given, Model):
        return ModelContestant(name or _label(given, persona), given, _fixed(persona))
    function = _function(given)
    if function is None:
        raise TaskError(
            f"a {type(given).__name__} is no agent",
            field="by",
            value=given,
            remedy="Give models, functions from a history to a text, and agents as personas beside models.",
        )
    if persona is not None:
        raise TaskError(
            "a persona goes beside a model, not beside a function",
            field="by",
            value=given,
            remedy="Add functions in a by() of their own.",
        )
    return FunctionContestant(name or _name_of(given), function)


def _function(given: object) -> Callable[[Any], Any] | None:
    inference = getattr(given, "inference", None)
    if callable(inference):
        # Agents of AgentBench take dicts.
        return lambda history: inference([item.model_dump() for item in history])
    return cast(Callable[[Any], Any], given) if callable(given) else None


def _name_of(given: object) -> str:
    name = getattr(given, "name", None) or getattr(given, "__name__", None)
    if isinstance(name, str):
        return name
    inner = getattr(given, "func", None)  # of a functools.partial
    return _name_of(inner) if inner is not None else type(given).__name__


def _label(model: Model, persona: Agent | None) -> str:
    if persona is None:
        return model.label
    return f"{model.label} as {persona.name or persona.in_short().removeprefix('Agent: ')}"


def _fixed(persona: Agent | None) -> Agent | None:
    if persona is not None and persona.has_dynamic_traits:
        raise TaskError(
            "there is no question here on which traits could depend",
            field="dynamic_traits_function",
            value=persona,
            remedy="Give the persona its traits as a dict.",
        )
    return persona


def failure_text(failure: BaseException) -> str:
    """An agent's failure as a line."""
    if isinstance(failure, EdslNbError):
        return f"{AGENT_ERROR}{failure}"
    return f"{AGENT_ERROR}{type(failure).__name__}: {failure}"
