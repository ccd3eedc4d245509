"""Files that users name: what is in them, and of which type they are."""

from __future__ import annotations

import base64
import binascii
import io
import mimetypes
import os
import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from edsl_nb.core.errors import ScenarioError, nearest

#: What EDSL's JSON has in the place of a file's content where it was left out.
LEFT_OUT = "offloaded"

#: Types that Python does not know on every machine.
_TYPES = {".md": "text/markdown", ".jsonl": "application/x-ndjson", ".csv": "text/csv"}


def read_file(path: Any) -> tuple[str, bytes]:
    """The path of a file as it is kept, and what is in the file.

    Raises:
        ScenarioError: there is no such file, or it cannot be read.
    """
    name = checked_path(path)
    if re.match(r"[a-z]{2,10}://", name, re.IGNORECASE):
        raise ScenarioError(
            "a file is read from this computer",
            field="path",
            value=name,
            remedy="Download it first, and give its path.",
        )
    file = Path(name).expanduser()
    try:
        return str(file), file.read_bytes()
    except FileNotFoundError:
        raise ScenarioError("there is no such file", field="path", value=name, remedy=_beside(file)) from None
    except OSError as failure:
        raise ScenarioError(
            f"the file cannot be read: {failure.strerror or failure}",
            field="path",
            value=name,
            remedy="Give the path of a file that you may read.",
        ) from None


def checked_path(path: Any) -> str:
    """A path as a text.

    Raises:
        ScenarioError: it is none.
    """
    if not isinstance(path, str | os.PathLike) or not str(path).strip() or "\0" in str(path):
        raise ScenarioError(
            "the path of a file is wanted", field="path", value=path, remedy="Such as FileStore('notes.txt')."
        )
    return str(path)


def _beside(file: Path) -> str:
    """What else there is in the folder of a file that is not there."""
    try:
        names = [entry.name for entry in file.parent.iterdir() if entry.is_file()]
    except OSError:
        return f"There is no folder {file.parent}; the working folder is {Path.cwd()}."
    return nearest(file.name, names)


def decoded(base64_string: Any) -> bytes:
    """The content of a file in base64; nothing where it was left out.

    Raises:
        ScenarioError: it is no base64.
    """
    if base64_string == LEFT_OUT:
        return b""
    try:
        return base64.b64decode(base64_string, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise ScenarioError(
            "the content of a file in base64 is wanted",
            field="base64_string",
            value=base64_string,
            remedy="Such as base64.b64encode(content).decode(); or give the path alone.",
        ) from None


def name_of(path: str) -> PurePosixPath | PureWindowsPath:
    """A path, which may be from another computer."""
    return PureWindowsPath(path) if "\\" in path else PurePosixPath(path)


def type_of(path: str) -> str:
    """The type of a file by the ending of its name."""
    known = _TYPES.get(name_of(path).suffix.lower())
    return known or mimetypes.guess_type(name_of(path).name)[0] or "application/octet-stream"


def is_binary(content: bytes) -> bool:
    """Whether it is no text in UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False


def pdf_text(content: bytes, name: str) -> str:
    """The text of a PDF file's pages.

    Raises:
        ScenarioError: it cannot be read.
    """
    try:
        from pypdf import PdfReader
    except ImportError:
        raise ScenarioError(
            f"pypdf, which reads PDF files, is not installed, so the text of {name} is not known",
            field="extracted_text",
            remedy="Install it: pip install pypdf.",
        ) from None
    try:
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    except Exception as broken:  # noqa: BLE001 - what pypdf raises for a broken file is not limited
        raise ScenarioError(
            f"the text of {name} cannot be read ({type(broken).__name__})",
            field="path",
            value=name,
            remedy="Check that it opens in a PDF viewer.",
        ) from None
