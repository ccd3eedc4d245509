"""Which calls have replies already, looked up many at a time before a run."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing

from edsl_nb.models.call import ModelCall
from edsl_nb.runner.identity import Identities
from edsl_nb.runner.options import RunOptions
from edsl_nb.runner.schema import unusable
from edsl_nb.runner.store import Store
from edsl_nb.runner.transaction import CallId

#: Calls in one statement.
_CHUNK = 500

#: Seconds to wait for a program that keeps the file to itself.
_TIMEOUT = 1.0


class Known:
    """The replies that a run of some options would take without asking. For worker threads, not for a loop.

    Parameters:
        store: where replies are kept.
        options: the run's.
    """

    def __init__(self, store: Store, options: RunOptions) -> None:
        self._store, self._options = store, options
        self._identities = Identities(options.dry_run)

    def id_of(self, call: ModelCall) -> CallId:
        """What the reply of a call is found by; calls of one id are asked once."""
        return self._identities.of(call)[1]

    def among(self, calls: Sequence[ModelCall]) -> list[bool]:
        """Of each call, whether its reply is there.

        Raises:
            StoreError: the store cannot be read.
        """
        ids = [self.id_of(call) for call in calls]
        shelf = self._options.shelf
        if shelf is not None:
            return [shelf.find(call, one) is not None for call, one in zip(calls, ids, strict=True)]
        if self._options.fresh:
            return [False] * len(ids)
        found = self._read(lambda connection: _found(connection, ids))
        return [one in found for one in ids]

    def _read(self, function: Callable[[sqlite3.Connection], set[CallId]]) -> set[CallId]:
        store = self._store
        if not store.path.exists():
            return set()
        if store.place is not None:  # the store's own connection keeps all others out
            return store.read(function)
        try:
            # One of its own, so that neither a run nor this waits for the other.
            uri = f"{store.path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, timeout=_TIMEOUT, uri=True)) as connection:
                return function(connection)
        except sqlite3.Error as failure:
            raise unusable(store.path, failure) from None


def _found(connection: sqlite3.Connection, ids: Sequence[CallId]) -> set[CallId]:
    if connection.execute("PRAGMA user_version").fetchone()[0] == 0:  # it is being made
        return set()
    found: set[CallId] = set()
    keys = list({one.key for one in ids})
    for start in range(0, len(keys), _CHUNK):
        some = keys[start : start + _CHUNK]
        marks = ",".join("?" * len(some))
        rows = connection.execute(
            f"SELECT DISTINCT key, service, address, shape FROM replies WHERE key IN ({marks})", some
        )
        found.update(CallId(*row) for row in rows)
    return found
