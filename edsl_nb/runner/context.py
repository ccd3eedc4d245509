"""How an item's calls are made: the cache first, equal calls once, then the service, then the disk."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, NamedTuple

from edsl_nb.core.errors import ServiceError
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.models.model import Model
from edsl_nb.models.services import Service, service
from edsl_nb.runner.progress import LaneCounter, Progress
from edsl_nb.runner.store import Store
from edsl_nb.runner.transaction import CallId, StoredReply


class Stopping(Exception):
    """The run is being stopped, so no new call is started."""


class Answered(NamedTuple):
    """A reply, its id in the store, its key, and whether it was there already."""

    reply: Reply
    reply_id: int
    key: str
    cached: bool


@dataclass(slots=True)
class RunScope:
    """What the lanes of a run share.

    Parameters:
        run_id: the run's id.
        store: where replies are kept.
        progress: the run's counts.
        fresh: ignore replies of other runs.
        stopping: set when no new call may start.
    """

    run_id: str
    store: Store
    progress: Progress
    fresh: bool = False
    stopping: bool = False


#: Calls in flight, of all runs on the runner's loop. Those of a fresh run are its own.
_in_flight: dict[tuple[Store, CallId, str | None], asyncio.Future[Answered]] = {}


class Context:
    """One lane of a run, as its items see it.

    Parameters:
        scope: what the lanes share.
        counter: this lane's counts.
        concurrency: how many calls of the lane may be in flight at once.
    """

    __slots__ = ("_addresses", "_slots", "counter", "scope")

    def __init__(self, scope: RunScope, counter: LaneCounter, concurrency: int) -> None:
        self.scope, self.counter = scope, counter
        self._slots = asyncio.Semaphore(concurrency)
        # By the model's id, because hashing models takes long; the model is kept so that the id stays its.
        self._addresses: dict[int, tuple[Model, str]] = {}

    async def call(self, call: ModelCall) -> Answered:
        """The reply to a call, which is on disk when this returns.

        Raises:
            ServiceError: the call failed.
            StoreError: the store cannot be used.
            Stopping: the run is being stopped.
        """
        asked = service(call.model.service_name)
        call_id = CallId(call.key, asked.name, self._address(asked, call.model), asked.shape(call))
        mine = self.scope.run_id if self.scope.fresh else None
        slot = (self.scope.store, call_id, mine)
        while (ahead := _in_flight.get(slot)) is not None:
            try:
                answered = await asyncio.shield(ahead)
            except Stopping:
                # The run that asked first was stopped; this one may go on.
                if self.scope.stopping:
                    raise
                continue
            return answered._replace(cached=True)
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        _in_flight[slot] = future
        try:
            answered = await self._ask(asked, call, call_id, mine)
        except BaseException as failure:
            future.set_exception(failure if isinstance(failure, Exception) else Stopping())
            future.exception()  # marks it as seen, also where nobody else waits for it
            raise
        else:
            future.set_result(answered)
            return answered
        finally:
            del _in_flight[slot]

    def _address(self, asked: Service, model: Model) -> str:
        """Where a model answers; looked up once a run, because that may take the environment and files."""
        if id(model) not in self._addresses:
            self._addresses[id(model)] = (model, asked.address(model))
        return self._addresses[id(model)][1]

    async def _ask(self, asked: Service, call: ModelCall, call_id: CallId, mine: str | None) -> Answered:
        stored = await self.scope.store.find(call_id, mine)
        if stored is not None:
            return Answered(_from_store(stored), stored.id, call_id.key, cached=True)
        async with self._slots:
            if self.scope.stopping:
                raise Stopping
            self.counter.in_flight += 1
            try:
                reply = await asked.call(call)
            except ServiceError:
                raise
            except (Exception, SystemExit, KeyboardInterrupt) as failure:
                # Services are plug-ins: what goes wrong in one, even exit(), fails this call, not the run.
                raise ServiceError(f"{type(failure).__name__}: {failure}") from failure
            finally:
                self.counter.in_flight -= 1
        self.counter.tokens(reply.input_tokens, reply.output_tokens)
        reply.text, reply.raw = _storable(reply.text), _storable(reply.raw)
        reply_id = await self.scope.store.add_reply(_to_store(call, call_id, reply, self.scope.run_id))
        return Answered(reply, reply_id, call_id.key, cached=False)


async def together(first: Coroutine[Any, Any, None], *others: Coroutine[Any, Any, None]) -> None:
    """Await coroutines side by side. Where one fails or the caller is cancelled, none is left running."""
    # The first needs no task of its own: a task costs more than all else about a call that is cached.
    tasks = [asyncio.create_task(one) for one in others]
    try:
        await first
        for task in tasks:
            await task
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _storable(text: str) -> str:
    """The text without halves of surrogate pairs, which models cut off in the middle do send."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def _from_store(stored: StoredReply) -> Reply:
    return Reply(
        stored.text, stored.raw, stored.input_tokens, stored.output_tokens, stored.thinking_tokens,
        stored.model_version, stored.latency,
    )  # fmt: skip


def _to_store(call: ModelCall, call_id: CallId, reply: Reply, run_id: str) -> StoredReply:
    return StoredReply(
        call=call_id, iteration=call.iteration, model=call.model.model,
        messages=json.dumps([call.system, call.turns]), text=reply.text, raw=reply.raw,
        input_tokens=reply.input_tokens, output_tokens=reply.output_tokens,
        thinking_tokens=reply.thinking_tokens, model_version=reply.model_version, latency=reply.latency,
        created=time.time(), run_id=run_id,
    )  # fmt: skip
