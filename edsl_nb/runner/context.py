"""How an item's calls are made: the cache first, equal calls once, then the service, then the disk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, NamedTuple

from edsl_nb.core.json_text import json_text
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.models.services import Service
from edsl_nb.runner.identity import Identities
from edsl_nb.runner.line import Line
from edsl_nb.runner.progress import LaneCounter
from edsl_nb.runner.scope import RunScope, Stopping
from edsl_nb.runner.shelf import Shelf
from edsl_nb.runner.store import Store
from edsl_nb.runner.transaction import CallId, StoredReply

#: Stands before the address of replies in the store that were taken from a cache.
_FROM_CACHE = "cache "


class Answered(NamedTuple):
    """A reply, its id in the store, its key, and whether it was there already."""

    reply: Reply
    reply_id: int
    key: str
    cached: bool


#: Calls in flight, of all runs on the runner's loop. Those of a fresh run are its own, and those of runs with
#: a cache are theirs that have the same one.
_in_flight: dict[tuple[Store, CallId, str | None], asyncio.Future[Answered]] = {}


class Context:
    """An item of a lane, as it sees the run.

    Parameters:
        scope: what the lanes share.
        counter: the lane's counts.
        line: makes the lane's calls.
        identities: tell the lane's calls apart.
        item: the item's index, which logs name.

    Attributes:
        without: ids of replies on disk that are not to be taken again, because they were no answers.
    """

    __slots__ = ("_identities", "_item", "_line", "_retries", "counter", "scope", "without")

    def __init__(
        self,
        scope: RunScope,
        counter: LaneCounter,
        line: Line,
        identities: Identities | None = None,
        item: int | None = None,
    ) -> None:
        self.scope, self.counter, self._line, self._item = scope, counter, line, item
        self._retries = [line.patience.per_item]
        self.without: frozenset[int] = frozenset()
        self._identities = identities or Identities(scope.options.dry_run)

    def for_item(self, index: int) -> Context:
        """The same lane, for another item."""
        return Context(self.scope, self.counter, self._line, self._identities, index)

    async def call(self, call: ModelCall) -> Answered:
        """The reply to a call, which is on disk when this returns.

        Raises:
            ServiceError: the call failed.
            StoreError: the store cannot be used.
            Stopping: the run is being stopped.
        """
        asked, call_id = self._identities.of(call)
        slot = (self.scope.store, call_id, self.scope.circle)
        while (ahead := _in_flight.get(slot)) is not None:
            try:
                answered = await asyncio.shield(ahead)
            except Stopping:
                # The run that asked first was stopped; this one may go on.
                if self.scope.stopping:
                    raise
                continue
            if answered.reply_id in self.without:
                continue
            return answered._replace(cached=True)
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        _in_flight[slot] = future
        try:
            answered = await self._ask(asked, call, call_id)
        except BaseException as failure:
            future.set_exception(failure if isinstance(failure, Exception) else Stopping())
            future.exception()  # marks it as seen, also where nobody else waits for it
            raise
        else:
            future.set_result(answered)
            return answered
        finally:
            del _in_flight[slot]

    async def _ask(self, asked: Service, call: ModelCall, call_id: CallId) -> Answered:
        mine, shelf = self.scope.mine, self.scope.options.shelf
        stored = await self.scope.store.find(call_id, mine)
        if stored is None and shelf is not None:
            stored = await self._taken(shelf, call, call_id)
        if stored is not None and stored.id not in self.without:
            return Answered(_from_store(stored), stored.id, call_id.key, cached=True)
        if not self.scope.going.is_set():
            await self.scope.going.wait()
        if self.scope.options.max_cost is None:
            reply = await self._line.make(asked, call, self._retries, self._item)
        else:
            reply = await self._afforded(asked, call)
        if reply is None:
            raise Stopping
        self.counter.tokens(reply.input_tokens, reply.output_tokens)
        reply.text, reply.raw = _storable(reply.text), _storable(reply.raw)
        reply_id = await self.scope.store.add_reply(_to_store(call, call_id, reply, self.scope.run_id))
        if shelf is not None:
            shelf.add(call, call_id, reply)
        return Answered(reply, reply_id, call_id.key, cached=False)

    async def _taken(self, shelf: Shelf, call: ModelCall, call_id: CallId) -> StoredReply | None:
        """The reply that a cache has, once it is on disk as well, where items refer to it."""
        await shelf.prepare(call, call_id)
        reply = shelf.find(call, call_id)
        if reply is None:
            return None
        # Under an address of its own: what somebody put into a cache is no other run's business.
        taken = call_id._replace(address=_FROM_CACHE + call_id.address)
        found = await self.scope.store.find(taken, self.scope.run_id)
        if found is None:
            reply.text, reply.raw = _storable(reply.text), _storable(reply.raw)
            found = _to_store(call, taken, reply, self.scope.run_id)
            found.id = await self.scope.store.add_reply(found)
        return found

    async def _afforded(self, asked: Service, call: ModelCall) -> Reply | None:
        """Make a call, if the run may still spend what it is likely to cost."""
        cost = self._line.expected_cost(call)
        if not await self.scope.afford(cost):
            return None
        try:
            return await self._line.make(asked, call, self._retries, self._item)
        finally:
            self.scope.settle(cost)


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
        messages=json_text([call.system, call.turns]), text=reply.text, raw=reply.raw,
        input_tokens=reply.input_tokens, output_tokens=reply.output_tokens,
        thinking_tokens=reply.thinking_tokens, model_version=reply.model_version, latency=reply.latency,
        created=time.time(), run_id=run_id,
    )  # fmt: skip
