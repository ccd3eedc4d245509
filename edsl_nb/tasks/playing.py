"""One sample being played: the task on its own loop, the agent wherever it answers, the runner between."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from edsl_nb.core.errors import StoreError
from edsl_nb.runner import loop as runner_loop
from edsl_nb.runner.context import Context
from edsl_nb.tasks.contestants import Contestant, Turn, failure_text
from edsl_nb.tasks.history import HistoryLimit
from edsl_nb.tasks.hosting import TaskHost
from edsl_nb.tasks.output import logged_to
from edsl_nb.tasks.performing import Ending, Performance
from edsl_nb.tasks.samples import Place, Sample, Usage, keep
from edsl_nb.tasks.session import Session
from edsl_nb.tasks.typings import CANCELLED, AgentOutput, AgentOutputStatus, SampleStatus

#: Turns of a sample that can be told apart in the cache.
_TURNS = 1 << 20


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for all samples of a run.

    Parameters:
        timeout: seconds that a sample may take, or None.
        history_limit: how much of a history agents get to see.
        cache: whether replies of other runs are taken.
        rerun: samples of earlier runs that have ended with these statuses are played again.
    """

    timeout: float | None = None
    history_limit: HistoryLimit = "agentbench"
    cache: bool = False
    rerun: frozenset[SampleStatus] = frozenset()


class Play:
    """One sample being played. Made and steered on the runner's loop.

    Parameters:
        host: where the task lives.
        agent: who plays.
        place: which sample.
        number: the sample's number in its run.
        rules: what holds for it.
        context: how it makes its calls.
    """

    def __init__(
        self, host: TaskHost, agent: Contestant, place: Place, number: int, rules: Rules, context: Context
    ) -> None:
        self.place = place
        self._host, self._agent, self._number = host, agent, number
        self._rules, self._context = rules, context
        self._session = Session(self._ask, rules.history_limit)
        self._performance = Performance(host, place.index, self._session, self._finished, self.unfinished)
        self._started = time.monotonic()
        self._usage = Usage()
        # Read and set from several threads; each is set once, or by one thread only.
        self._cancelled = self._refused = False
        self._error: str | None = None
        self._turn: Turn | None = None
        self._asked = 0
        self.failure: StoreError | None = None

    # On the runner's loop

    async def play(self) -> Sample:
        """Play the sample to its end. Being cancelled itself, it gives the sample up.

        Raises:
            StoreError: the store cannot be used.
            TaskError: the task was released.
        """
        performance = self._performance
        try:
            performance.begin()
            if self._rules.timeout is not None:
                performance.later(self._rules.timeout, self._out_of_time)
            sample = await performance.ended
        except asyncio.CancelledError:
            self.cancel()
            performance.end()
            raise
        finally:
            performance.close()
        if self.failure is not None:
            raise self.failure
        return sample

    def cancel(self, error: str | None = None) -> None:
        """Tell the task that the sample is cancelled, wherever it waits for the agent.

        Parameters:
            error: what has failed; None where the run is being stopped.
        """
        if self._cancelled:
            return
        self._error = error
        self._cancelled = True
        turn = self._turn
        if turn is not None:
            turn.over = True
            turn.deliver(CANCELLED)
            turn.stop()
        self._performance.end_in_time()

    def unfinished(self) -> Sample:
        """The sample as far as it has come."""
        return self._sample(None, self._kept(None))

    def _out_of_time(self) -> None:
        timeout = self._rules.timeout
        assert timeout is not None
        if self._context.scope.going.is_set():
            self.cancel(f"the sample took longer than sample_timeout={timeout:g} s")
        else:  # the time of a pause does not count
            self._performance.later(timeout, self._out_of_time)

    # In the task's thread

    def _finished(self, ending: Ending) -> Sample:
        if ending.status is None and not self._cancelled:
            self._error = ending.error
        return self._sample(ending.status, self._kept(ending.result), ending.error)

    async def _ask(self, history: list[Any]) -> AgentOutput:
        """Have the agent answer; called by the session."""
        scope = self._context.scope
        if not scope.going.is_set():
            await asyncio.wrap_future(runner_loop.submit(scope.going.wait()))
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[AgentOutput] = loop.create_future()
        turn = Turn(
            history, self._context, self._iteration(), self.place.task,
            partial(_set, loop, answer), self._fail, self._usage.add,
        )  # fmt: skip
        self._turn = turn
        # Whoever cancels sets the flag first and looks for a turn then, so one of both is seen.
        if self._cancelled or scope.stopping:
            self._refused = True
            return CANCELLED
        try:
            with logged_to(None):  # what the agent prints is no output of the task
                self._agent.begin(turn)
            output = await answer
        except asyncio.CancelledError:  # the task waits for it no longer, as with a time-out of its own
            turn.over = True
            runner_loop.call_soon(lambda: turn.stop())
            raise
        finally:
            self._turn, turn.over = None, True
        if output.status == AgentOutputStatus.CANCELLED:
            self._refused = True
        return output

    def _iteration(self) -> int:
        """What tells a call from equal ones of the run; where replies are shared, the repeat."""
        if self._rules.cache:
            return self.place.repeat
        self._asked += 1
        return self._number * _TURNS + self._asked

    def _fail(self, failure: BaseException) -> None:
        """The agent has failed; from any thread."""
        runner_loop.call_soon(self._failed, failure)

    def _failed(self, failure: BaseException) -> None:
        if isinstance(failure, StoreError):
            self.failure = failure
        self.cancel(failure_text(failure))

    # What came of it

    def _kept(self, result: Any) -> str:
        history = self._session.history
        return keep(result, list(history) if isinstance(history, list) else history, self._session.log.text)

    def _sample(self, status: SampleStatus | None, kept: str, error: str | None = None) -> Sample:
        """The sample, from what the task made of it and what else has happened."""
        if self._refused or self._error is not None or self._performance.broken_off:
            status = None  # what a task returns after it was cancelled says nothing
        if status is None:
            state, error = ("cancelled" if self._error is None else "failed"), self._error
        else:
            state = "failed" if status == SampleStatus.TASK_ERROR else "answered"
        return Sample(
            self.place, state, status, error, self._session.rounds,
            round(time.monotonic() - self._started, 3), self._usage, kept,
        )  # fmt: skip


def _set(loop: asyncio.AbstractEventLoop, answer: asyncio.Future[AgentOutput], output: AgentOutput) -> None:
    """Give an answer to whoever awaits it on another loop; the first one counts."""

    def set_result() -> None:
        if not answer.done():
            answer.set_result(output)

    with contextlib.suppress(RuntimeError):  # the loop is closed, so nobody waits
        loop.call_soon_threadsafe(set_result)
