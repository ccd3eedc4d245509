"""The store's tables and how a file with them is opened."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from edsl_nb.core.errors import StoreError

#: Raised with every change of the tables; a file of a newer version is refused.
SCHEMA_VERSION = 2

#: Seconds to wait for another process that is writing.
BUSY_TIMEOUT = 30.0

_LOCKED = "Another program keeps it locked: end that program, or wait for it."
_DAMAGED = "Move the file away; what it holds is then asked for again."
_REMEDIES = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_FULL: "The disk is full: make room on it.",
}

_FIRST_TABLES = """
CREATE TABLE replies (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL, service TEXT NOT NULL, address TEXT NOT NULL, shape TEXT NOT NULL,
    iteration INTEGER NOT NULL, model TEXT NOT NULL, messages TEXT NOT NULL,
    text TEXT NOT NULL, raw TEXT NOT NULL,
    input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, thinking_tokens INTEGER,
    model_version TEXT, latency REAL NOT NULL, created REAL NOT NULL, run_id TEXT NOT NULL
) STRICT;
CREATE INDEX replies_by_key ON replies (key);
CREATE TABLE items (
    run_id TEXT NOT NULL, position INTEGER NOT NULL, state TEXT NOT NULL, cells TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID
"""

# What may be long comes last, because SQLite walks through it to what stands behind. `updated` is the owner's
# last sign of life, `request` what another process asks of it, such as to stop.
_RUNS = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, owner TEXT NOT NULL,
    created REAL NOT NULL, updated REAL NOT NULL,
    items INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
    cost REAL, request TEXT, about TEXT NOT NULL DEFAULT '', options TEXT NOT NULL,
    progress TEXT, plan TEXT, job TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_time ON runs (created)
"""

#: What makes a file of a version one of the next; what earlier versions have written stays readable.
_STEPS = {
    0: _FIRST_TABLES + ";" + _RUNS,
    1: f"""
ALTER TABLE runs RENAME TO runs_before;
{_RUNS};
INSERT INTO runs (id, state, owner, created, updated, items, options, job)
    SELECT id, state, owner, created, updated, items, options, job FROM runs_before;
DROP TABLE runs_before
""",
}


def connect(path: Path, timeout: float = BUSY_TIMEOUT, place: str | None = None) -> sqlite3.Connection:
    """Open the store's file, making it and its folder where they are missing.

    Parameters:
        path: the file.
        timeout: seconds to wait for other programs that are writing.
        place: what makes the file one that other machines write to as well. Then
            nobody else can use it until the connection is closed.

    Raises:
        StoreError: it cannot be opened or written, is no store, or is of a newer version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as failure:
        raise unusable(path, failure, place) from None
    try:
        if place is None:
            _use_wal(connection, timeout)
        else:
            _own(connection)
        # FULL, because a reply has been paid for: it survives a power cut as well.
        connection.execute("PRAGMA synchronous = FULL")
        # Keys are random, so every commit touches pages all over their index: gather some commits' worth
        # of them in the log (4,000 pages, 16 MB), and keep more of them in memory than the usual 2 MB.
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA cache_size = -16000")
        _ensure_tables(connection, path)
    except sqlite3.Error as failure:
        connection.close()
        raise unusable(path, failure, place) from None
    except StoreError:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection, timeout: float) -> None:
    """Have writers append to a log, so that they and readers do not wait for each other.

    SQLite does not wait by itself where several programs do this to a new file at once.
    """
    until = time.monotonic() + timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as failure:
            if failure.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(0.01)


def _own(connection: sqlite3.Connection) -> None:
    """Keep everybody else out: a log works through memory that the machines of a network do not share."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")


def _ensure_tables(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"the store was written by a newer edsl_nb (its version is {version}, "
                f"this one knows {SCHEMA_VERSION})",
                field="EDSL_NB_HOME",
                value=str(path),
                remedy="Upgrade edsl_nb, or set EDSL_NB_HOME to another folder.",
            )
        while version < SCHEMA_VERSION:
            for statement in _STEPS[version].split(";"):
                connection.execute(statement)
            version = SCHEMA_VERSION if version == 0 else version + 1
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def unusable(path: Path, failure: BaseException, place: str | None = None) -> StoreError:
    """The error for a store that cannot be used, with what can be done about it.

    Parameters:
        place: what makes the file one that other machines write to as well, where something does.
    """
    code = getattr(failure, "sqlite_errorcode", 0) & 0xFF  # without what SQLite adds for details
    elsewhere = "Set EDSL_NB_HOME (or edsl_nb.settings.home) to a folder that can be written to."
    remedy = f"{_REMEDIES[code]} Or: {elsewhere}" if code in _REMEDIES else elsewhere
    if place is not None and code in (0, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        remedy = (
            f"It lies on {place}, where one program at a time can use it: end the other one, or set "
            "EDSL_NB_HOME (or edsl_nb.settings.store, to a file) to a local disk."
        )
    return StoreError(
        f"the store cannot be used: {failure}", field="EDSL_NB_HOME", value=str(path), remedy=remedy
    )
