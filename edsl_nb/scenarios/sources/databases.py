"""SQLite files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from edsl_nb.core.errors import ScenarioError, nearest
from edsl_nb.scenarios.scenario import flat_names
from edsl_nb.scenarios.sources.found import Found, checked_path, of_table, plain_value, unreadable
from edsl_nb.scenarios.texts import headers


def sqlite(db_path: str | Path, table: str | None = None, fields: Iterable[str] | None = None) -> Found:
    """A table or view of an SQLite file. The table may be left out where there is only one."""
    path = checked_path(db_path, "db_path")
    try:
        # Opened to be read: a path that is wrong makes no new file.
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return _read(connection, table, fields)
    except sqlite3.Error as failure:
        raise unreadable(path, "SQLite file", failure) from None


def _read(connection: sqlite3.Connection, table: str | None, fields: Iterable[str] | None) -> Found:
    listed = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    tables = [str(name) for (name,) in listed if not str(name).startswith("sqlite_")]
    wanted = tables[0] if table is None and len(tables) == 1 else table
    if wanted not in tables:
        raise ScenarioError(
            "a table of the file is wanted", field="table", value=table, remedy=nearest(table, tables)
        )
    have = [str(row[1]) for row in connection.execute(f"PRAGMA table_info({_quoted(wanted)})")]
    asked = have if fields is None else flat_names([fields], "fields")
    for name in asked:
        if name not in have:
            raise ScenarioError(
                "the table has no such field", field="fields", value=name, remedy=nearest(name, have)
            )
    rows = connection.execute(f"SELECT {', '.join(map(_quoted, asked))} FROM {_quoted(wanted)}")
    return of_table(headers(asked), ([plain_value(value) for value in row] for row in rows))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
