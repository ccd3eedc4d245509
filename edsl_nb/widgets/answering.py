"""Answers the browser's requests on the runner's loop, the newest of each kind."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import Future

from edsl_nb.runner import loop
from edsl_nb.widgets.base import explain
from edsl_nb.widgets.messages import Reply
from edsl_nb.widgets.messages.base import ErrorReply, ViewRequest


class Answers:
    """Works on requests, and sends what comes of them.

    Parameters:
        send: sends a reply to the browser; called on the runner's loop.
    """

    def __init__(self, send: Callable[[Reply], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._running: dict[Hashable, Future[None]] = {}

    def start(
        self, request: ViewRequest, answer: Callable[[], Awaitable[Reply]], slot: Hashable = None
    ) -> None:
        """Start on a request and return at once; may be called on any thread.

        Parameters:
            request: what is answered.
            answer: makes the reply, on the runner's loop. What it raises is sent as an error.
            slot: an older request with the same one is cancelled; None for the view and the type.
        """
        slot = (request.view, type(request)) if slot is None else slot
        future = loop.submit(self._answer(request, answer))
        with self._lock:
            older = self._running.get(slot)
            self._running[slot] = future
        # Outside the lock: cancelling calls `_finished` at once.
        if older is not None:
            older.cancel()
        future.add_done_callback(lambda done: self._finished(slot, done))

    @property
    def busy(self) -> int:
        """How many requests are being worked on."""
        with self._lock:
            return len(self._running)

    def close(self) -> None:
        """Cancel whatever is being worked on."""
        with self._lock:
            running = list(self._running.values())
        for future in running:
            future.cancel()

    def _finished(self, slot: Hashable, future: Future[None]) -> None:
        with self._lock:
            if self._running.get(slot) is future:
                del self._running[slot]

    async def _answer(self, request: ViewRequest, answer: Callable[[], Awaitable[Reply]]) -> None:
        try:
            reply = await answer()
        except Exception as error:  # noqa: BLE001 - the reader must see whatever went wrong
            reply = ErrorReply(view=request.view, id=request.id, message=explain(error))
        self._send(reply)
