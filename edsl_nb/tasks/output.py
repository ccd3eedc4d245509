"""What tasks print: each sample's output goes to a log of its own, whoever else prints at the same time."""

from __future__ import annotations

import io
import sys
import threading
from contextvars import ContextVar
from typing import Any

#: Characters that are kept of a log, at its beginning and at its end.
_HALF = 10_000


class Log:
    """What one sample has printed: the beginning and the end, where it is long."""

    def __init__(self) -> None:
        self._head = self._tail = ""
        self._left_out = 0
        self._lock = threading.Lock()

    def write(self, text: str) -> None:
        """Add something. From any thread."""
        with self._lock:
            room = _HALF - len(self._head)
            self._head += text[:room]
            self._tail += text[max(0, room) :]
            excess = len(self._tail) - _HALF
            if excess > _HALF:  # not at every letter
                self._cut(excess)

    def _cut(self, excess: int) -> None:
        self._left_out += excess
        self._tail = self._tail[excess:]

    @property
    def text(self) -> str:
        """What there is; where something was left out, it says how much."""
        with self._lock:
            excess = len(self._tail) - _HALF
            if excess > 0:
                self._cut(excess)
            gap = f"\n[{self._left_out:,} characters are left out]\n" if self._left_out else ""
            return f"{self._head}{gap}{self._tail}"


#: Where what is printed goes; None for where it would go anyway.
_log: ContextVar[Log | None] = ContextVar("edsl_nb_sample_log", default=None)


class _Router(io.TextIOBase):
    """Stands in for ``sys.stdout`` or ``sys.stderr``: writes to the sample's log, elsewhere to the stream.

    Parameters:
        stream: what it stands in for.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str, /) -> int:
        log = _log.get()
        if log is None:
            return self.stream.write(text)
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        log.write(text)
        return len(text)

    def writelines(self, lines: Any, /) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if _log.get() is None:
            self.stream.flush()

    def close(self) -> None:
        """The stream is not this one's to close."""

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> Any:  # type: ignore[override]  # that of the stream at the moment
        return self.stream.encoding

    @property
    def errors(self) -> Any:  # type: ignore[override]
        return self.stream.errors

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


_lock = threading.Lock()
_count = 0


class routed:
    """While one of these contexts is entered, what is printed in `logged_to` goes to the log given there."""

    def __enter__(self) -> None:
        _enter()

    def __exit__(self, *_: object) -> None:
        _leave()


def _enter() -> None:
    global _count
    with _lock:
        _count += 1
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            # Without a terminal there may be none. Looked at every time, since somebody else may have put a
            # stream over one of ours, or may have taken it away again after ours was to go.
            if stream is not None and not isinstance(stream, _Router):
                setattr(sys, name, _Router(stream))


def _leave() -> None:
    global _count
    with _lock:
        _count -= 1
        if _count == 0:
            for name in ("stdout", "stderr"):
                stream = getattr(sys, name)
                if isinstance(stream, _Router):
                    setattr(sys, name, stream.stream)


class logged_to:
    """Here, and in what is started here, printing goes to a log; with None to where it would go anyway."""

    __slots__ = ("_before", "_given")

    def __init__(self, log: Log | None) -> None:
        self._given = log

    def __enter__(self) -> None:
        self._before = _log.set(self._given)

    def __exit__(self, *_: object) -> None:
        _log.reset(self._before)
