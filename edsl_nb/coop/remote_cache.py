"""Coop's cache beside a run: replies are looked up there many at a time, and new ones go there aside."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
from collections.abc import Iterable
from concurrent.futures import Future, wait
from typing import Any, cast

from edsl_nb.coop.client import AsyncCoop
from edsl_nb.coop.coop import Coop
from edsl_nb.coop.records import Settings
from edsl_nb.core.errors import CacheError, CoopError, warn
from edsl_nb.models.cache import Cache
from edsl_nb.models.cache_entry import CacheEntry, call_key, stored_entry
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.runner import loop
from edsl_nb.runner.options import RunOptions
from edsl_nb.runner.run import Run
from edsl_nb.runner.shelf import Shelf
from edsl_nb.runner.transaction import CallId

#: Seconds for which a look-up waits for others to go with it, and most keys and entries in one request.
_TOGETHER, _MOST = 0.01, 200

#: Seconds that the interpreter's end waits for replies to get to Coop.
_LAST_WAIT = 20.0

_outstanding: set[Future[None]] = set()


class RemoteShelf(Shelf):
    """A cache that is filled from Coop's as calls come up, and Coop's from it. Used on the runner's loop.

    Calls whose key does not say all that shapes the reply, such as those to an
    address of one's own, are none of Coop's business. Where Coop fails, the run goes
    on without it.

    Parameters:
        client: speaks with Coop.
        cache: a cache of the user's that is read and filled, too, or None.
        reads: whether replies are taken from it.
    """

    def __init__(self, client: AsyncCoop, cache: Cache | None, reads: bool) -> None:
        super().__init__(Cache() if cache is None else cache, reads)
        self._client, self._given = client, cache is not None
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._asking: set[asyncio.Task[None]] = set()
        self._new: dict[str, CacheEntry] = {}
        self._failed = False
        self._settings: Settings | None = None

    @property
    def needed(self) -> bool:
        return self._given

    async def prepare(self, call: ModelCall, call_id: CallId) -> None:
        """Look a call up in Coop's cache, together with the others that come up now."""
        key = call_id.key
        if not self.reads or self._failed or key in self.cache or not self.keeps(call, call_id):
            return
        found = self._waiting.get(key)
        if found is None:
            if not self._waiting:
                asyncio.get_running_loop().call_later(_TOGETHER, self._look_up)
            found = self._waiting[key] = asyncio.get_running_loop().create_future()
            if len(self._waiting) >= _MOST:
                self._look_up()
        await found

    def add(self, call: ModelCall, call_id: CallId, reply: Reply) -> None:
        super().add(call, call_id, reply)
        if self.keeps(call, call_id):
            self._new[call_id.key] = self.cache[call_id.key]
            if len(self._new) >= _MOST:
                self._begin(self._send_some())

    # Looking up

    def _look_up(self) -> None:
        """Ask for all that wait."""
        waiting, self._waiting = self._waiting, {}
        if waiting:
            self._begin(self._ask(waiting))

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask(self, waiting: dict[str, asyncio.Future[None]]) -> None:
        try:
            asked = {"selected_keys": list(waiting)}
            rows = await self._client.wire.post("remote-cache/get-many-by-key", asked, repeatable=True)
            self.cache.add_from_dict(_entries(rows, waiting))
        except CoopError as failure:
            self._give_up(f"Coop's cache cannot be read, so that the run goes on without it: {failure}")
        finally:
            for future in waiting.values():
                if not future.done():
                    future.set_result(None)

    def _give_up(self, message: str) -> None:
        if not self._failed:
            self._failed = True
            warn(message)

    # Sending

    async def _send_some(self) -> None:
        """Send what is new, where Coop takes entries one by one."""
        try:
            if self._settings is None:
                self._settings = await self._client.get_settings()
            if not self._settings.remote_cache_put_many:
                return
            while self._new:
                some = {key: self._new.pop(key) for key in list(self._new)[:_MOST]}
                try:
                    await self._put(some)
                except CoopError:
                    self._new |= some
                    raise
        except CoopError as failure:
            self._give_up(f"replies cannot be sent to Coop's cache: {failure}")

    async def _put(self, some: dict[str, CacheEntry]) -> None:
        rows = [{"key": key, "json_string": json.dumps(one.to_dict())} for key, one in some.items()]
        await self._client.wire.post("remote-cache/put-many", {"entries": rows}, repeatable=True)

    async def finish(self, run_id: str) -> None:
        """Send what has not been sent, at the end of a run: where Coop takes no entries, as a cache."""
        await asyncio.gather(*self._asking)
        if self._new and not self._failed:
            await self._send_some()
        if self._new and not self._failed:
            left, self._new = self._new, {}
            try:
                await self._client.push(Cache(left), description=f"Replies of the run {run_id}")
            except CoopError as failure:
                self._give_up(f"replies cannot be sent to Coop: {failure}")


def _entries(rows: Any, wanted: Iterable[str]) -> dict[str, CacheEntry]:
    """Entries that Coop sent, by the keys of the calls that they answer; others are passed over.

    The key is computed from what an entry says, so that none can stand in for another.
    """
    keys, found = set(wanted), dict[str, CacheEntry]()
    for row in cast(list[Any], rows) if isinstance(rows, list) else []:
        text = cast(dict[str, Any], row).get("json_string") if isinstance(row, dict) else None
        with contextlib.suppress(CacheError, ValueError, TypeError, RecursionError):
            entry = stored_entry(json.loads(cast(str, text)), "Coop's cache")
            key = _key(entry)
            if key in keys:
                found[key] = entry
    return found


def _key(entry: CacheEntry) -> str:
    """The key of the call that an entry answers; parameters that are None are no part of it here."""
    kept = {name: value for name, value in entry.parameters.items() if value is not None}
    return call_key(entry.model, kept, entry.system_prompt, entry.user_prompt, entry.iteration)


def remote_shelf(given: object, options: RunOptions) -> RemoteShelf:
    """The shelf of a run that reads and fills Coop's cache.

    Parameters:
        given: a `Coop`, or True for the one that the environment names.
        options: the run's.

    Raises:
        CoopSignInError: there is no key for it.
    """
    client = given.asynchronous if isinstance(given, Coop) else AsyncCoop()
    client.wire.access.check()
    shelf = options.shelf
    if shelf is not None:
        return RemoteShelf(client, shelf.cache, shelf.reads)
    return RemoteShelf(client, None, reads=not options.fresh)


def fill_at_end(run: Run[Any]) -> None:
    """Send a run's new replies to Coop when it has ended; the interpreter's end waits for that a moment."""
    shelf = run.options.shelf
    assert isinstance(shelf, RemoteShelf)

    def look() -> None:
        if run.progress.final:
            unsubscribe()
            sent = loop.submit(shelf.finish(run.id))
            _outstanding.add(sent)
            sent.add_done_callback(_outstanding.discard)

    unsubscribe = run.subscribe(look)


def wait_for_sending(timeout: float = _LAST_WAIT) -> None:
    """Wait until the replies of runs that have ended are on Coop, or for a time-out, in seconds."""
    wait(tuple(_outstanding), timeout)


def _at_exit(process: int) -> None:
    if os.getpid() == process:
        wait_for_sending()


atexit.register(_at_exit, os.getpid())
