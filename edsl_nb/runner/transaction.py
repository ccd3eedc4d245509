"""What the store does in one transaction: many replies, items and look-ups with few statements.

Statements carry many rows each, because SQLite's module hands over the
interpreter lock at every step, which costs more than the step.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, NamedTuple

from edsl_nb.core.errors import ServiceError


class CallId(NamedTuple):
    """What tells replies apart: the seed's key, and whatever else shapes a reply."""

    key: str
    service: str
    address: str
    shape: str


@dataclass(slots=True, eq=False)
class StoredReply:
    """A reply as the store keeps it. `messages` is the JSON of what was sent, `raw` of what came back."""

    call: CallId
    iteration: int
    model: str
    messages: str
    text: str
    raw: str
    input_tokens: int
    output_tokens: int
    thinking_tokens: int | None
    model_version: str | None
    latency: float
    created: float
    run_id: str
    id: int = 0


class StoredItem(NamedTuple):
    """An item that is done: its state, and its cells as JSON with the ids of their replies."""

    run_id: str
    position: int
    state: str
    cells: str


@dataclass(slots=True, eq=False)
class Operation:
    """Something that is asked of the store.

    Parameters:
        kind: ``find`` (`what` is a call and a run id or None), ``reply`` (`what`
            is the reply), ``read`` or ``other`` (`what` is a function of the
            connection, which reads only, or writes too).
        what: see `kind`.
        future: gets the answer.
    """

    kind: str
    what: Any
    future: asyncio.Future[Any] | Future[Any]


_REPLY_COLUMNS = (
    "key, service, address, shape, iteration, model, messages, text, raw, input_tokens, output_tokens, "
    "thinking_tokens, model_version, latency, created, run_id"
)

#: Rows per statement. A handful of sizes keeps SQLite's cache of prepared statements small.
_CHUNKS = (256, 64, 16, 4, 1)


def transact(
    connection: sqlite3.Connection, group: Sequence[Operation], items: Sequence[StoredItem]
) -> list[Any]:
    """Do operations and write items in one transaction. Where one cannot be written, the others are.

    Returns:
        An answer for each operation: the id of a reply, the reply that was
        found or None, what a function returned, or an exception.

    Raises:
        sqlite3.Error: something is wrong with the store, not with an operation; nothing was written.
    """
    try:
        return _together(connection, group, items)
    except Exception as failure:
        if _is_the_stores(failure) or not group:
            raise
        if len(group) == 1:
            reply = group[0].kind == "reply"
            answers: list[Any] = [ServiceError(f"the reply cannot be kept: {failure}") if reply else failure]
        else:
            answers = [answer for one in group for answer in transact(connection, [one], [])]
    _together(connection, [], items)
    return answers


def _is_the_stores(failure: Exception) -> bool:
    """Whether the store is locked, full or damaged; other failures are those of what is written."""
    return isinstance(failure, sqlite3.OperationalError) or type(failure) is sqlite3.DatabaseError


def _together(
    connection: sqlite3.Connection, group: Sequence[Operation], items: Sequence[StoredItem]
) -> list[Any]:
    answers: list[Any] = [None] * len(group)
    by_kind: dict[str, list[int]] = {"reply": [], "find": [], "read": [], "other": []}
    for position, operation in enumerate(group):
        by_kind[operation.kind].append(position)
    if by_kind["reply"] or by_kind["other"] or items:
        connection.execute("BEGIN IMMEDIATE")
    try:
        # Writes first, so that look-ups see them.
        for i, reply_id in _insert_replies(connection, group, by_kind["reply"]):
            answers[i] = reply_id
        _insert_items(connection, items)
        for i, found in _find(connection, group, by_kind["find"]):
            answers[i] = found
        for i in (*by_kind["other"], *by_kind["read"]):
            answers[i] = group[i].what(connection)
        if connection.in_transaction:
            connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return answers


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    start = 0
    for size in _CHUNKS:
        while len(items) - start >= size:
            yield items[start : start + size]
            start += size


def _values(rows: int, columns: int) -> str:
    return ",".join(["(" + ",".join("?" * columns) + ")"] * rows)


def _insert_replies(
    connection: sqlite3.Connection, group: Sequence[Operation], positions: Sequence[int]
) -> Iterator[tuple[int, int]]:
    for chunk in _chunks(positions):
        parameters: list[Any] = []
        for i in chunk:
            reply: StoredReply = group[i].what
            parameters += (
                *reply.call, reply.iteration, reply.model, reply.messages, reply.text, reply.raw,
                reply.input_tokens, reply.output_tokens, reply.thinking_tokens, reply.model_version,
                reply.latency, reply.created, reply.run_id,
            )  # fmt: skip
        cursor = connection.execute(
            f"INSERT INTO replies ({_REPLY_COLUMNS}) VALUES {_values(len(chunk), 16)}", parameters
        )
        # Inside one transaction SQLite numbers the rows of a statement one after the other.
        last = cursor.lastrowid or 0
        yield from zip(chunk, range(last - len(chunk) + 1, last + 1), strict=True)


def _insert_items(connection: sqlite3.Connection, items: Sequence[StoredItem]) -> None:
    for chunk in _chunks(items):
        connection.execute(
            f"INSERT OR REPLACE INTO items (run_id, position, state, cells) VALUES {_values(len(chunk), 4)}",
            [field for item in chunk for field in item],
        )


def _find(
    connection: sqlite3.Connection, group: Sequence[Operation], positions: Sequence[int]
) -> Iterator[tuple[int, StoredReply | None]]:
    for chunk in _chunks(positions):
        keys = [group[i].what[0].key for i in chunk]
        marks = ",".join("?" * len(keys))
        rows = connection.execute(
            f"SELECT {_REPLY_COLUMNS}, id FROM replies WHERE key IN ({marks}) ORDER BY id", keys
        ).fetchall()
        latest: dict[tuple[CallId, str | None], StoredReply] = {}
        for row in rows:
            reply = StoredReply(CallId(*row[:4]), *row[4:])
            latest[reply.call, None] = latest[reply.call, reply.run_id] = reply
        for i in chunk:
            yield i, latest.get(group[i].what)


def replies_by_id(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, StoredReply]:
    """Replies by their ids; those that are not there are left out."""
    found: dict[int, StoredReply] = {}
    for chunk in _chunks(sorted(set(ids))):
        marks = ",".join("?" * len(chunk))
        rows = connection.execute(f"SELECT {_REPLY_COLUMNS}, id FROM replies WHERE id IN ({marks})", chunk)
        for row in rows:
            found[row[-1]] = StoredReply(CallId(*row[:4]), *row[4:])
    return found
