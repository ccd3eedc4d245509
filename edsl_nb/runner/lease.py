"""Who owns a run: one process at a time, which shows now and then that it is alive."""

from __future__ import annotations

import json
import os
import platform
import uuid
from functools import cache
from pathlib import Path
from typing import NamedTuple

#: Seconds between an owner's signs of life.
BEAT = 5.0

#: Seconds without a sign of life after which an owner is taken for dead.
DEAD_AFTER = 20.0


class Owner(NamedTuple):
    """A process.

    Parameters:
        host: the machine, or the container on it.
        pid: the process's number there, which another may have later.
        started: tells it from the others that have had the number.
    """

    host: str
    pid: int
    started: str

    @property
    def text(self) -> str:
        """The owner as the store has it."""
        return json.dumps(self)


def me() -> Owner:
    """This process."""
    return _owner(os.getpid())


@cache
def _owner(pid: int) -> Owner:
    return Owner(_host(), pid, _started(pid) or uuid.uuid4().hex)


@cache
def _host() -> str:
    try:
        # Containers of one name have process numbers of their own.
        return f"{platform.node()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return platform.node()


def _started(pid: int) -> str | None:
    """When a process of this machine was started, as a text; None where there is none, or it is not known."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    state, started = after_name[0], after_name[19]
    return None if state in "ZX" else f"{boot} {started}"


def alive(owner: str, beat: float, now: float) -> bool:
    """Whether the owner of a run is alive, as far as can be known from here.

    Parameters:
        owner: the owner's text in the store.
        beat: when it gave its last sign of life, in seconds since 1970.
        now: the time now.
    """
    if abs(now - beat) > DEAD_AFTER:
        return False
    try:
        host, pid, started = json.loads(owner)
    except (ValueError, TypeError):  # of an older version
        return False
    return host != _host() or _is_running(int(pid), started)


def _is_running(pid: int, started: str) -> bool:
    """Whether a process of this machine is still there; True where that cannot be known."""
    if Path("/proc/self/stat").exists():
        return _started(pid) == started
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)  # asks, and does nothing to it
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
