"""What the store knows of runs: who runs them, how far they are, and what came of their items."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import time
from collections.abc import Container, Mapping, Sequence
from typing import Any, NamedTuple

from edsl_nb.core.errors import RunError, nearest
from edsl_nb.runner import lease
from edsl_nb.runner.options import RunOptions
from edsl_nb.runner.progress import ProgressSnapshot
from edsl_nb.runner.store import Store
from edsl_nb.runner.transaction import StoredReply, replies_by_id
from edsl_nb.runner.workload import StoredCells, Workload

#: Items that are read at a time.
_CHUNK = 2_000

#: The states of runs that nobody has to own.
AT_REST = ("completed", "stopped", "failed")


class StoredRun(NamedTuple):
    """A run as the store has it. Its `items` are of a `kind`, such as interviews. Times are since 1970."""

    id: str
    state: str
    owner: str
    created: float
    updated: float
    items: int
    done: int
    failed: int
    cost: float | None
    about: str
    kind: str
    dry_run: bool

    @property
    def alive(self) -> bool:
        """Whether a process is running it."""
        return self.state not in AT_REST and lease.alive(self.owner, self.updated, time.time())

    @property
    def mine(self) -> bool:
        """Whether this process was the last to run it."""
        return self.owner == lease.me().text


#: Where the last fields are in the table; runs of the first version tell nothing of their progress.
_FROM_PROGRESS = {
    "kind": "coalesce(json_extract(progress, '$.item_noun'), 'interviews')",
    "dry_run": "coalesce(json_extract(progress, '$.dry_run'), 0)",
}
_COLUMNS = ", ".join(_FROM_PROGRESS.get(name, name) for name in StoredRun._fields)


class Ledger:
    """One run's row in the store, as its owner writes it. Used on the runner's loop.

    Parameters:
        store: where it is.
        run_id: the run's id.
    """

    def __init__(self, store: Store, run_id: str) -> None:
        self._store, self._run_id = store, run_id
        self._owner = lease.me().text
        self._spent: float | None = 0.0
        self._handled: str | None = None

    async def begin(
        self, workload: Workload[Any], job: str, plan: str, options: RunOptions, at_first: ProgressSnapshot
    ) -> None:
        """Write a new run."""
        now = time.time()
        given = json.dumps(options_to_dict(options))
        values = (
            self._run_id, job, plan, given, len(workload), "running", self._owner, workload.about, now, now,
            at_first.model_dump_json(),
        )  # fmt: skip
        await self._store.execute(
            "INSERT INTO runs "
            "(id, job, plan, options, items, state, owner, about, created, updated, progress) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )

    async def take_up(self) -> float:
        """Go on with a run that `claim` has made this process's.

        Returns:
            USD that it has cost so far, as far as that is known.

        Raises:
            RunError: another process has it by now.
        """
        found = await self._store.execute(
            "SELECT cost, request FROM runs WHERE id = ? AND owner = ?", (self._run_id, self._owner)
        )
        if not found:
            raise taken(self._run_id)
        self._spent, self._handled = found[0]
        return self._spent or 0.0

    async def beat(self, now: ProgressSnapshot, state: str) -> str | None:
        """Show that the run is alive, and how far it is.

        Returns:
            What another process asks of it, such as ``stop``, once; or None.

        Raises:
            RunError: another process has taken the run over.
            StoreError: the store cannot be written.
        """
        cost = None if now.cost is None or self._spent is None else self._spent + now.cost
        found = await self._store.execute(
            "UPDATE runs SET state = ?, updated = ?, done = ?, failed = ?, cost = ?, progress = ? "
            "WHERE id = ? AND owner = ? RETURNING request",
            (state, time.time(), now.items_done, now.items_failed, cost, now.model_dump_json(),
             self._run_id, self._owner),
        )  # fmt: skip
        if not found:
            raise taken(self._run_id)
        request, before = found[0][0], self._handled
        self._handled = request
        return None if request is None or request == before else str(request).partition("@")[0]


def taken(run_id: str) -> RunError:
    """The error of a process that has lost a run to another."""
    return RunError(
        f"another process has taken run {run_id} over",
        remedy=f"Jobs.resume({run_id!r}) shows how it goes on there.",
    )


def options_to_dict(options: RunOptions) -> dict[str, Any]:
    """The options as JSON. Of a cache it says only that there is one, and whether it is read."""
    given = ((field.name, getattr(options, field.name)) for field in dataclasses.fields(options))
    plain = {name: value for name, value in given if value is None or isinstance(value, str | int | float)}
    shelf = options.shelf
    if shelf is None or not shelf.needed:
        return plain
    return {**plain, "cache": "read" if shelf.reads else "filled"}


def options_from_dict(data: Mapping[str, Any]) -> RunOptions:
    """The options that `options_to_dict` wrote, in this version or another."""
    known = {field.name for field in dataclasses.fields(RunOptions)}
    return RunOptions(**{name: value for name, value in data.items() if name in known})


def ask_of(store: Store, run_id: str, request: str) -> None:
    """Ask something of whoever runs a run: ``stop``, ``pause`` or ``resume``."""
    asked = f"{request}@{time.time()}"
    store.change(lambda c: c.execute("UPDATE runs SET request = ? WHERE id = ?", (asked, run_id)).fetchall())


def look_up(store: Store, run_id: str) -> StoredRun:
    """A run.

    Raises:
        RunError: there is none of this id.
        StoreError: the store cannot be read.
    """

    def read(connection: sqlite3.Connection) -> StoredRun | list[str]:
        row = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (run_id,)).fetchone()
        return StoredRun(*row) if row else [i for (i,) in connection.execute("SELECT id FROM runs")]

    found = store.read(read)
    if isinstance(found, StoredRun):
        return found
    raise RunError(
        "there is no such run",
        field="run_id",
        value=run_id,
        remedy=f"{nearest(run_id, found)} Jobs.runs() lists them." if found else "None was started yet.",
    )


def definition(store: Store, run_id: str) -> tuple[dict[str, Any], dict[str, Any], RunOptions]:
    """A run's job and plan as JSON, and its options.

    Raises:
        RunError: an older version has written it, without a plan.
    """
    sql = "SELECT job, plan, options FROM runs WHERE id = ?"
    job, plan, options = store.read(lambda c: c.execute(sql, (run_id,)).fetchone())
    if plan is None:
        raise RunError(
            "an older version has started this run, and not kept what it takes to go on with it",
            field="run_id",
            value=run_id,
            remedy="Run the job again: replies that are on disk are not asked for again.",
        )
    return json.loads(job), json.loads(plan), options_from_dict(json.loads(options))


def cache_of(store: Store, run_id: str) -> str | None:
    """Whether a run was given a cache: ``read``, or only ``filled``; None where it has none."""
    sql = "SELECT json_extract(options, '$.cache') FROM runs WHERE id = ?"
    return store.read(lambda connection: connection.execute(sql, (run_id,)).fetchone()[0])


def listing(store: Store) -> list[StoredRun]:
    """All runs, the newest first. What dead owners did not come to count is counted."""

    def read(connection: sqlite3.Connection) -> list[StoredRun]:
        rows = connection.execute(f"SELECT {_COLUMNS} FROM runs ORDER BY created DESC, rowid DESC").fetchall()
        runs = [StoredRun(*row) for row in rows]
        return [run if run.state in AT_REST or run.alive else _counted(connection, run) for run in runs]

    return store.read(read)


def _counted(connection: sqlite3.Connection, run: StoredRun) -> StoredRun:
    sql = "SELECT count(*), sum(state <> 'answered') FROM items WHERE run_id = ? AND state <> 'cancelled'"
    done, failed = connection.execute(sql, (run.id,)).fetchone()
    return run._replace(done=done, failed=failed or 0)


def claim(store: Store, seen: StoredRun) -> bool:
    """Make a run that nobody runs this process's. Of several processes that try, one succeeds.

    Parameters:
        seen: the run as it was when it was found that nobody runs it.
    """
    now, owner = time.time(), lease.me().text
    sql = (
        "UPDATE runs SET owner = ?, state = 'running', updated = ?, request = NULL "
        "WHERE id = ? AND owner = ? AND state = ? AND updated = ? RETURNING id"
    )
    values = (owner, now, seen.id, seen.owner, seen.state, seen.updated)
    return bool(store.change(lambda connection: connection.execute(sql, values).fetchall()))


def records(
    store: Store, run_id: str, workload: Workload[Any], known: Container[int] = frozenset()
) -> dict[int, Any]:
    """What came of a run's items that are on disk, by index. Not to be called on an event loop.

    Parameters:
        known: the indices of items that are not read again.
    """
    sql = "SELECT position FROM items WHERE run_id = ? ORDER BY position"
    there = store.read(lambda connection: connection.execute(sql, (run_id,)).fetchall())
    news = [position for (position,) in there if position not in known]
    found: dict[int, Any] = {}
    for start in range(0, len(news), _CHUNK):
        items = _items(store, run_id, news[start : start + _CHUNK])
        found.update(workload.restore(items, lambda ids: _replies(store, ids)))
    return found


def _items(store: Store, run_id: str, positions: Sequence[int]) -> list[StoredCells]:
    sql = (
        "SELECT position, cells FROM items "
        "WHERE run_id = ? AND position IN (SELECT value FROM json_each(?)) ORDER BY position"
    )
    values = (run_id, json.dumps(positions))
    rows = store.read(lambda connection: connection.execute(sql, values).fetchall())
    return [StoredCells(*row) for row in rows]


def _replies(store: Store, ids: Any) -> dict[int, StoredReply]:
    return store.read(lambda connection: replies_by_id(connection, ids))


def snapshot_of(store: Store, run_id: str) -> tuple[StoredRun, ProgressSnapshot | None]:
    """A run, and how far it was at its owner's last sign of life."""

    def read(connection: sqlite3.Connection) -> tuple[Any, ...]:
        return connection.execute(f"SELECT {_COLUMNS}, progress FROM runs WHERE id = ?", (run_id,)).fetchone()

    *row, progress = store.read(read)
    return StoredRun(*row), None if progress is None else ProgressSnapshot.model_validate_json(progress)
