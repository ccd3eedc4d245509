"""One lane's calls to its service: let through by a gate, tried again while that can help, else given up."""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from edsl_nb.core.errors import ServiceError
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.models.refusals import refused
from edsl_nb.models.services import Service
from edsl_nb.runner.gate import Gate, Limits
from edsl_nb.runner.hosts import Host
from edsl_nb.runner.progress import LaneCounter, duration

log = logging.getLogger("edsl_nb.calls")

#: What is expected of calls until some were answered: tokens per character sent, and tokens of a reply.
_PER_CHARACTER, _OUTPUT = 0.25, 50.0

#: Weight of the latest call in what is expected of the next.
_LATEST = 0.1

#: Statuses that say a service is overloaded, so that fewer calls at once may help.
_OVERLOADED = frozenset({408, 429, 500, 502, 503, 504, 529})

#: Statuses of a key that is not accepted: no other call with it will be.
_BAD_KEY = frozenset({401, 403})

#: So many calls in a row that fail alike end a lane.
_ALIKE = 20

#: Seconds before the second attempt, on average, and most seconds before any.
_BACKOFF, _LONGEST_BACKOFF = 0.5, 30.0


class LaneKey(NamedTuple):
    """What calls have in common that share a limit."""

    service: str
    address: str
    account: str
    model: str


@dataclass(slots=True)
class Patience:
    """How often calls are tried again.

    Parameters:
        attempts: most attempts at one call.
        per_item: most further attempts for all calls of one item together.
    """

    attempts: int = 5
    per_item: int = 10


class _Try(NamedTuple):
    """Which attempt at a call it is, and the index of the item that the call is for."""

    number: int
    item: int | None


class _Shared(NamedTuple):
    gates: dict[LaneKey, Gate]
    hosts: dict[str, Host]


#: Gates and hosts are shared by all runs on a loop.
_shared: WeakKeyDictionary[asyncio.AbstractEventLoop, _Shared] = WeakKeyDictionary()


def _shared_by(key: LaneKey | None, label: str, most: int, limits: Limits) -> tuple[Gate, Host]:
    """The gate of a lane and the host that it calls."""
    if key is None:
        return Gate(label, most, limits), Host()
    here = _shared.setdefault(asyncio.get_running_loop(), _Shared({}, {}))
    gate = here.gates.get(key)
    if gate is None:
        gate = here.gates[key] = Gate(label, most, limits)
    gate.ask_for(most, limits)
    return gate, here.hosts.setdefault(key.address, Host())


class Line:
    """Makes the calls of one lane. Used on the runner's loop only.

    Parameters:
        key: the service, address, account and model; lanes of other runs with an equal one share the
            limits. None shares them with none.
        label: the model, for messages.
        most: most calls that may be in flight.
        limits: requests and tokens per minute that were asked for.
        counter: the lane's counts.
        patience: how often calls are tried again.
        halted: says that the run is being stopped.
    """

    def __init__(
        self,
        key: LaneKey | None,
        label: str,
        most: int,
        limits: Limits,
        counter: LaneCounter,
        patience: Patience,
        halted: Callable[[], bool],
    ) -> None:
        self.gate, self.host = _shared_by(key, label, most, limits)
        self.label, self._counter, self.patience = label, counter, patience
        self._halted = halted
        self._usual_output, self._per_character = _OUTPUT, _PER_CHARACTER
        self._alike: tuple[str, int] = ("", 0)
        self._given_up: ServiceError | None = None
        counter.waits_for = self.waits_for

    def waits_for(self) -> str | None:
        """What the lane is waiting for, in words, or None."""
        down = self.host.down_for
        if down is not None and down >= 1:
            return f"waiting for the network ({self.label} cannot be reached since {duration(down)})"
        return self.gate.waits_for()

    async def make(
        self, service: Service, call: ModelCall, retries: list[int], item: int | None = None
    ) -> Reply | None:
        """Make a call, with as many attempts as it takes and may take.

        Parameters:
            item: the index of the item that it is for, which logs name.
            retries: holds how many further attempts the call's item has left; counted down here.

        Returns:
            The reply, or None where the run is being stopped.

        Raises:
            ServiceError: the last attempt's failure, or why the lane was given up.
        """
        attempt = 1
        cut_off = False
        while True:
            if self._given_up is not None:
                raise self._given_up
            if self._halted():
                return None
            if cut_off and self.host.down:  # by what has made the host unreachable: it was no attempt
                attempt, retries[0], cut_off = attempt - 1, retries[0] + 1, False
                self._counter.retries -= 1
            probing = self.host.down and await self.host.up()
            try:
                result = await self._attempt(service, call, _Try(attempt, item))
                if not isinstance(result, ServiceError):
                    return result
                if result.unreachable and self.host.lost(probing):
                    continue
            finally:
                if probing:
                    self.host.probe_over()
            if not result.retryable or attempt >= self.patience.attempts or retries[0] <= 0:
                self._note_final(result)
                raise result
            attempt, retries[0], cut_off = attempt + 1, retries[0] - 1, result.status is None
            self._counter.retries += 1
            if not result.retry_after:  # else the gate waits for as long as was asked
                await asyncio.sleep(_backoff(attempt))

    async def _attempt(self, service: Service, call: ModelCall, attempt: _Try) -> Reply | ServiceError | None:
        sent = _characters(call)
        expected = int(sent * self._per_character + self._usual_output)
        if not self.gate.passes(expected):
            await self.gate.enter(expected)
        started = time.monotonic()
        self._counter.in_flight += 1
        try:
            if self._halted():
                return None
            reply = await service.call(call)
        except ServiceError as failure:
            failure.refused = refused(failure)
            self._failed(failure, started, attempt, call)
            return failure
        except (Exception, SystemExit, KeyboardInterrupt) as failure:  # noqa: BLE001
            # Services are plug-ins: what goes wrong in one, even exit(), fails this call, not the run.
            wrapped = ServiceError(f"{type(failure).__name__}: {failure}")
            wrapped.__cause__ = failure
            return wrapped
        finally:
            self._counter.in_flight -= 1
            self.gate.leave()
        self.host.answered()
        self.gate.went_well(expected, reply.input_tokens + reply.output_tokens)
        self._learn(reply, sent)
        if log.isEnabledFor(logging.DEBUG):
            facts = self._facts(call, attempt, started)
            log.debug(
                "%s answered %s in %.2f s", self.label, call.question_name, facts["latency"], extra=facts
            )
        return reply

    def expected_cost(self, call: ModelCall) -> float:
        """USD that a call is likely to cost; 0 where the price is not known."""
        price = self._counter.price
        if price is None:
            return 0.0
        return _characters(call) * self._per_character * price[0] + self._usual_output * price[1]

    def _learn(self, reply: Reply, sent: int) -> None:
        """Know better what to expect of the next calls.

        Parameters:
            reply: the reply to a call.
            sent: the call's characters.
        """
        if reply.quota is not None:
            self.gate.learn(reply.quota)
        self._usual_output += _LATEST * (reply.output_tokens - self._usual_output)
        if sent and reply.input_tokens:
            self._per_character += _LATEST * (reply.input_tokens / sent - self._per_character)
        if self._alike[1]:
            self._alike = ("", 0)

    def _facts(self, call: ModelCall, attempt: _Try, started: float) -> dict[str, Any]:
        """What a log record holds for programs."""
        return {
            "item": attempt.item,
            "model": self.label,
            "question": call.question_name,
            "attempt": attempt.number,
            "latency": time.monotonic() - started,
        }

    def _failed(self, failure: ServiceError, started: float, attempt: _Try, call: ModelCall) -> None:
        if failure.status is not None:
            self.host.answered()
        if failure.quota is not None:
            self.gate.learn(failure.quota)
        if failure.retryable and not failure.unreachable and failure.status in (None, *_OVERLOADED):
            self.gate.overloaded(started, failure.retry_after)
        facts = {**self._facts(call, attempt, started), "status": failure.status}
        log.info(
            "%s failed %s, attempt %d: %s",
            self.label, call.question_name, attempt.number, failure, extra=facts,
        )  # fmt: skip

    def _note_final(self, failure: ServiceError) -> None:
        """Give the lane up after a refused key, and after many failures in a row that are alike."""
        if failure.refused is not None:  # for what is in this call, so that the next may go through
            self._alike = ("", 0)
            return
        if failure.status in _BAD_KEY:
            self._given_up = failure
            return
        kind = f"{failure.status} {re.sub(r'[0-9a-f-]*[0-9][0-9a-f-]*', '#', failure.problem)}"
        last, count = self._alike
        self._alike = (kind, count + 1 if kind == last else 1)
        if self._alike[1] >= _ALIKE:
            self._given_up = ServiceError(
                f"the last {_ALIKE} calls of {self.label} failed alike, so no more are made: "
                f"{failure.problem}",
                status=failure.status,
                remedy=failure.remedy,
            )


def _characters(call: ModelCall) -> int:
    return len(call.system) + sum([len(text) for _, text in call.turns])


def _backoff(attempt: int) -> float:
    """Seconds before an attempt, twice as long each time, and spread so that calls do not come together."""
    return min(_LONGEST_BACKOFF, _BACKOFF * 2 ** (attempt - 2)) * random.uniform(0.5, 1.5)
