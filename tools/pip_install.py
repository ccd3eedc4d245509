"""Runs `pip install` so that a person can follow it: what it is for, a line now and then, errors in full.

    python -m tools.pip_install "JupyterLab and edsl_nb" -e ".[lab]"

The first word says what is being installed; the others are pip's.
"""

from __future__ import annotations

import queue
import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO

#: Seconds between two signs of life.
HEARTBEAT = 15.0

_COLLECTING = re.compile(r"^Collecting (\S+)")
_INSTALLING = re.compile(r"^Installing collected packages: (.*)")
#: pip's remark on an index folder of the machine's own configuration that does not hold a package.
_NOISE = re.compile(r"^WARNING: Location '.*' is ignored")


class InstallError(RuntimeError):
    """pip failed; its last lines are the message."""


def pip_install(purpose: str, arguments: Sequence[str], python: str | Path = sys.executable) -> None:
    """Install packages and print progress in plain lines.

    Parameters:
        purpose: what is being installed, in a person's words.
        arguments: what follows ``pip install``.
        python: interpreter of the environment to install into.

    Raises:
        InstallError: pip did not succeed.
    """
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off", *arguments]
    print(f"Installing {purpose} ...", flush=True)
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if process.stdout is None:
        raise InstallError("pip's output cannot be read")
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    tail = _follow(lines, started)
    if process.wait() != 0:
        raise InstallError("\n".join(tail) or f"pip ended with code {process.returncode}")
    print(f"Installing {purpose}: done in {time.monotonic() - started:.0f} s", flush=True)


def _read(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    for line in stream:
        lines.put(line.rstrip())
    lines.put(None)


def _follow(lines: queue.Queue[str | None], started: float) -> deque[str]:
    """Print warnings at once and a sign of life every `HEARTBEAT` seconds; return pip's last lines."""
    tail: deque[str] = deque(maxlen=60)
    doing, looked_at = "starting", 0
    next_beat = started + HEARTBEAT
    while True:
        try:
            line = lines.get(timeout=max(0.0, next_beat - time.monotonic()))
        except queue.Empty:
            print(f"  ... {doing} ({time.monotonic() - started:.0f} s)", flush=True)
            next_beat = time.monotonic() + HEARTBEAT
            continue
        if line is None:
            return tail
        if _NOISE.match(line):
            continue
        tail.append(line)
        if found := _COLLECTING.match(line):
            looked_at += 1
            doing = f"{looked_at} packages found, now {found[1]}"
        elif found := _INSTALLING.match(line):
            doing = f"writing {len(found[1].split(','))} packages to disk"
        elif line.startswith(("WARNING:", "ERROR:")):
            print(f"  pip: {line}", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Entry of the command line: the purpose, then pip's own arguments."""
    try:
        pip_install(arguments[0], arguments[1:])
    except InstallError as error:
        print(error, file=sys.stderr)
        print(f"Installing {arguments[0]} failed; pip's words are above.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
