"""What the tests of widgets share: a comm that records, a table that waits to be told, a sample snapshot."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

from comm.base_comm import BaseComm

from edsl_nb.core.tables import Cell, Column, Page, Query, Row, ScanReport
from edsl_nb.runner import loop
from edsl_nb.runner.progress import LaneProgress, ProgressSnapshot

#: Seconds after which a test gives up waiting.
PATIENCE = 10.0


class RecordingComm(BaseComm):
    """Keeps what a widget sends; `until` waits for a message that fits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.messages: list[dict[str, Any]] = []
        self._arrived = threading.Condition()
        super().__init__(*args, **kwargs)

    def publish_msg(self, msg_type: str, data: Any = None, *_: Any, **__: Any) -> None:
        with self._arrived:
            self.messages.append(data or {})
            self._arrived.notify_all()

    def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first recorded message that fits, waiting for it if need be."""
        with self._arrived:
            found: list[dict[str, Any]] = []

            def look() -> bool:
                found[:] = [message for message in self.messages if fits(message)]
                return bool(found)

            assert self._arrived.wait_for(look, PATIENCE), f"no such message among {self.messages}"
            return found[0]

    def reply(self, type_: str, request_id: int = 1) -> dict[str, Any]:
        """The reply of a type to a request."""
        sent = self.until(
            lambda m: (
                m.get("method") == "custom"
                and m["content"]["type"] == type_
                and m["content"]["id"] == request_id
            )
        )
        content: dict[str, Any] = sent["content"]
        return content

    def customs(self) -> list[dict[str, Any]]:
        """All custom messages so far."""
        return [message["content"] for message in self.messages if message.get("method") == "custom"]

    def states(self, trait: str) -> list[Any]:
        """All values sent for a trait after the widget was opened."""
        sent = [message["state"] for message in self.messages if message.get("method") == "update"]
        return [state[trait] for state in sent if trait in state]


def ask(widget: Any, **content: Any) -> None:
    """Send a widget a message as the browser does."""
    widget._handle_custom_msg(content, [])


def ask_page(widget: Any, id: int = 1, view: str = "v", **change: Any) -> None:
    """Ask a widget for a page as the browser does."""
    ask(
        widget,
        **{
            "type": "page",
            "view": view,
            "id": id,
            "offset": 0,
            "limit": 10,
            "search": "",
            "sort": None,
            "filters": [],
            **change,
        },
    )


def on_loop(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function on the runner's loop and wait for its result."""

    async def call() -> Any:
        return function(*args)

    return loop.submit(call()).result(PATIENCE)


class SlowTable:
    """Numbered rows. A search waits until it is released, so that a test can overtake it."""

    title = "Slow"
    searchable = True

    def __init__(self, rows: int = 100, cells: Callable[[int], Sequence[Cell]] | None = None) -> None:
        self._rows = rows
        self._cells = cells or (lambda key: [f"text {key}", key])
        self._released = asyncio.Event()
        self.began = threading.Event()
        self.cancelled = threading.Event()

    @property
    def columns(self) -> Sequence[Column]:
        names = [f"c{i}" for i in range(len(self._cells(0)))]
        return [Column(name, sortable=i == 1, primary=i < 2) for i, name in enumerate(names)]

    def __len__(self) -> int:
        return self._rows

    async def page(self, query: Query, report: ScanReport | None = None) -> Page:
        if query.search == "broken":
            raise ZeroDivisionError("division by zero")
        if query.search:
            await self._scan(report)
        keys = range(query.offset, min(query.offset + query.limit, self._rows))
        rows = [Row(key, self._cells(key)) for key in keys]
        return Page(rows, self._rows, query.offset + len(rows) < self._rows, version=3)

    async def _scan(self, report: ScanReport | None) -> None:
        assert report is not None
        # As real sources do, from a worker thread, and far too often.
        await asyncio.to_thread(lambda: [report(done, self._rows) for done in range(self._rows)])
        self.began.set()
        try:
            await self._released.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    def release(self) -> None:
        """Let searches come to their end; may be called on any thread."""
        loop.call_soon(self._released.set)

    async def row(self, key: int) -> Row:
        return Row(key, self._cells(key))

    def first_rows(self, limit: int) -> Sequence[Row]:
        return [Row(key, self._cells(key)) for key in range(min(limit, self._rows))]


def snapshot(**change: Any) -> ProgressSnapshot:
    """A run that has completed, with changes."""
    values: dict[str, Any] = {
        "run_id": "r", "seq": 9, "state": "completed", "reason": None,
        "item_noun": "interviews", "cell_noun": "questions",
        "items_total": 1000, "items_done": 1000, "items_failed": 0, "cells_total": 2000, "cells_done": 2000,
        "answered": 2000, "cached": 0, "invalid": 0, "failed": 0, "skipped": 0, "in_flight": 0,
        "retries": 0, "waiting": None,
        "input_tokens": 12, "output_tokens": 34, "cost": 0.5, "elapsed": 12.0, "rate": 83.0, "eta": None,
        "lanes": [], "errors": [],
    }  # fmt: skip
    return ProgressSnapshot(**{**values, **change})


def lane(label: str, **change: Any) -> LaneProgress:
    """One model's share, with changes."""
    values: dict[str, Any] = {
        "label": label, "items_total": 10, "items_done": 10, "items_failed": 0, "cells_done": 20,
        "answered": 20, "cached": 0, "failed": 0, "invalid": 0, "in_flight": 0, "retries": 0,
        "waiting": None, "input_tokens": 1, "output_tokens": 1, "cost": None,
    }  # fmt: skip
    return LaneProgress(**{**values, **change})
