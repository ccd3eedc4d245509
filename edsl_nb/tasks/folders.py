"""Folders of results in AgentBench's layout: ``<folder>/<agent>/<task>/`` with three files."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from edsl_nb.core.errors import warn
from edsl_nb.tasks.history import HistoryLimit
from edsl_nb.tasks.lines import line_of, read_line
from edsl_nb.tasks.samples import Place, Sample
from edsl_nb.tasks.typings import TaskError

#: What runs, failed attempts and the score are called.
RUNS, ERRORS, OVERALL = "runs.jsonl", "error.jsonl", "overall.json"

#: What no file system takes in a name, and the sign that such are written with.
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f/\\:*?"<>|%]|^\.+$|[. ]$')

#: What may stand in a path for the time of a start, as in AgentBench.
_TIMES = {
    "{TIMESTAMP}": "%Y-%m-%d-%H-%M-%S",
    "{TIMESTAMP_DATE}": "%Y-%m-%d",
    "{TIMESTAMP_TIME}": "%H-%M-%S",
}


def folder_at(path: object, field: str) -> Path:
    """The folder that is meant, with times filled in, as an absolute path.

    Raises:
        TaskError: it is no path, or that of a file.
    """
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(text, str) or not text or "\0" in text:
        raise TaskError(
            "the path of a folder is wanted", field=field, value=path, remedy=f"Such as {field}='outputs'."
        )
    for name, form in _TIMES.items():
        text = text.replace(name, time.strftime(form))
    try:
        found = Path(text).expanduser().absolute()
        is_file = found.is_file()
    except (OSError, RuntimeError) as wrong:
        raise TaskError(f"it cannot be a folder: {wrong}", field=field, value=path) from None
    if is_file:
        raise TaskError("it is a file", field=field, value=text, remedy="Give the path of a folder.")
    return found


def make_folder(folder: Path) -> None:
    """Make a folder where there is none, before anything is played for it.

    Raises:
        TaskError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise TaskError(
            f"it cannot be made: {failure.strerror or failure}",
            field="output",
            value=str(folder),
            remedy="Give a folder that can be written, on a disk with room.",
        ) from None


def name_in_path(name: str) -> str:
    """An agent's or a task's name as that of a folder; `unquote` gives it back."""
    return _NOT_IN_NAMES.sub(lambda found: "".join(f"%{ord(char):02X}" for char in found[0]), name)


class Found(NamedTuple):
    """What a pair's files have.

    Parameters:
        samples: the last of each index and repeat; failed ones where there is no other.
        limits: the limits of history that lines speak of.
        broken: how many lines could not be read.
    """

    samples: dict[Place, Sample]
    limits: set[HistoryLimit]
    broken: int


class PairFolder:
    """The files of one agent at one task.

    Parameters:
        folder: that of all.
        agent, task: their names.
    """

    def __init__(self, folder: Path, agent: str, task: str) -> None:
        self.agent, self.task = agent, task
        self.path = folder / name_in_path(agent) / name_in_path(task)

    def read(self) -> Found:
        """The samples that are there. Broken lines, as the last of a killed process, are passed over.

        Raises:
            TaskError: a file cannot be read.
        """
        found = Found({}, set(), 0)
        for name in (ERRORS, RUNS):  # runs last, as they count more
            found = self._read(name, found)
        if found.broken:
            warn(f"{found.broken:,} lines in {self.path} cannot be read, and are passed over.")
        return found

    def _read(self, name: str, found: Found) -> Found:
        broken = found.broken
        for text in _lines(self.path / name):
            line = read_line(text, self.agent, self.task)
            if line is None or (line.sample.status is None) is not (name == ERRORS):
                broken += 1
                continue
            found.samples[line.sample.place] = line.sample
            found.limits.add(line.history_limit)
        return found._replace(broken=broken)

    def add(self, sample: Sample, history_limit: HistoryLimit) -> None:
        """Add a sample.

        Raises:
            OSError: it cannot be written.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        name = ERRORS if sample.status is None else RUNS
        with (self.path / name).open("ab+") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # a process was killed in the middle of a line
                    file.write(b"\n")
            file.write(line_of(sample, history_limit).encode())

    def replace(self, samples: Iterable[Sample], history_limit: HistoryLimit) -> None:
        """Have the files hold these samples and no others.

        Raises:
            OSError: they cannot be written.
        """
        kept = list(samples)
        for name, some in (
            (RUNS, [sample for sample in kept if sample.status is not None]),
            (ERRORS, [sample for sample in kept if sample.status is None]),
        ):
            self._write(name, "".join(line_of(sample, history_limit) for sample in some))

    def overall(self) -> dict[str, Any] | None:
        """The score that is there, or None."""
        try:
            found = json.loads((self.path / OVERALL).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) and "validation" in found else None

    def set_overall(self, score: dict[str, Any] | None) -> None:
        """Write the score; None takes away what there is.

        Raises:
            OSError: it cannot be written.
        """
        text = None if score is None else json.dumps(score, ensure_ascii=False, indent=4)
        self._write(OVERALL, text)

    def _write(self, name: str, text: str | None) -> None:
        """Write a file whole or not at all; none where there is nothing to write."""
        path = self.path / name
        if not text:
            path.unlink(missing_ok=True)
            return
        self.path.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{name}.{os.getpid()}")
        beside.write_bytes(text.encode(errors="replace"))
        beside.replace(path)


def _lines(path: Path) -> Iterator[str]:
    """The lines of a file that are not empty; none where there is no file."""
    try:
        with path.open("rb") as file:
            for line in file:
                if line.strip():
                    yield line.decode(errors="replace")
    except FileNotFoundError:
        return
    except OSError as failure:
        raise TaskError(
            f"it cannot be read: {failure}", field="folder", value=str(path), remedy="Check the path."
        ) from None


def pairs_in(folder: Path) -> list[PairFolder]:
    """The agents and tasks of which there is something in a folder."""
    files = (path for path in folder.glob("*/*/*") if path.name in (RUNS, ERRORS, OVERALL))
    names = dict.fromkeys((path.parent.parent.name, path.parent.name) for path in sorted(files))
    return [PairFolder(folder, unquote(agent), unquote(task)) for agent, task in names]
