"""A `Cache` beside a run: what it takes from there, and what it adds."""

from __future__ import annotations

import hashlib
import json
import logging

from edsl_nb.core.errors import ServiceError
from edsl_nb.models.cache import Cache
from edsl_nb.models.cache_entry import CacheEntry, call_key
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.runner.transaction import CallId

log = logging.getLogger("edsl_nb.calls")


class Shelf:
    """A cache that a run reads and fills.

    An entry stands under the seed's key. Where more than that shapes the reply,
    such as another address or a canned response, it joins the key, so that back
    ends do not mix in one cache either. Entries that were imported match on key
    and service, since EDSL keeps no more, unless the model has settings of ours.

    Parameters:
        cache: the cache.
        reads: whether replies are taken from it; else it is only added to.
    """

    def __init__(self, cache: Cache, reads: bool = True) -> None:
        self.cache, self.reads = cache, reads
        self._home: dict[tuple[str, str], bool] = {}
        self._without_none = _without_none(cache) if reads else {}

    @property
    def needed(self) -> bool:
        """Whether a run that goes on later has to be given the cache again."""
        return True

    async def prepare(self, call: ModelCall, call_id: CallId) -> None:
        """Have at hand what there is of a call before `find` looks for it."""

    def keeps(self, call: ModelCall, call_id: CallId) -> bool:
        """Whether the seed's key alone says all that shapes the reply, as others' caches take for granted."""
        return not call.model.changed_settings and self._key(call, call_id) == call_id.key

    def find(self, call: ModelCall, call_id: CallId) -> Reply | None:
        """The reply that the cache has to a call, or None."""
        if not self.reads:
            return None
        key = self._key(call, call_id)
        entry = self.cache.get(key)
        if entry is None and not call.model.changed_settings:
            entry = self.cache.imported(call_id.key)
        if entry is None and not call.model.changed_settings:
            entry = self.cache.imported(self._without_none.get(call_id.key, ""))
        if entry is None or entry.service not in (None, call_id.service):
            return None
        try:
            return call.model.service.read(entry.output)
        except ServiceError as failure:
            log.warning("the cache's reply %s cannot be used, so it is asked for again: %s", key, failure)
            return None

    def add(self, call: ModelCall, call_id: CallId, reply: Reply) -> None:
        """Add the reply that was given to a call."""
        turns = call.turns
        entry = CacheEntry(
            model=call.model.model,
            parameters={name: value for name, value in call.model.parameters.items() if value is not None},
            system_prompt=call.system,
            user_prompt=turns[0][1] if len(turns) == 1 else json.dumps(turns),
            output=reply.raw,
            iteration=call.iteration,
            service=call_id.service,
        )
        self.cache.add(self._key(call, call_id), entry)

    def _key(self, call: ModelCall, call_id: CallId) -> str:
        if not call_id.shape and self._is_home(call, call_id):
            return call_id.key
        return hashlib.md5("\0".join(call_id).encode(), usedforsecurity=False).hexdigest()

    def _is_home(self, call: ModelCall, call_id: CallId) -> bool:
        """Whether the model answers where everybody's does, so that the address says nothing."""
        where = (call_id.service, call_id.address)
        if where not in self._home:
            self._home[where] = call.model.service.priced_here(call.model)
        return self._home[where]


def _without_none(cache: Cache) -> dict[str, str]:
    """By the key that a call has here, EDSL's key of an entry, where that counts parameters that are None."""
    found: dict[str, str] = {}
    for key, entry in cache.items():
        kept = {name: value for name, value in entry.parameters.items() if value is not None}
        if len(kept) < len(entry.parameters):
            texts = (entry.system_prompt, entry.user_prompt)
            found[call_key(entry.model, kept, *texts, entry.iteration)] = key
    return found
