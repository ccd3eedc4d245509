"""Where API keys come from: a parameter, the environment, a `.env` file. Never written anywhere."""

from __future__ import annotations

import hashlib
import os
import stat
from functools import lru_cache
from pathlib import Path

from edsl_nb.core import secrets
from edsl_nb.core.errors import ModelError


@lru_cache(maxsize=8)
def _dotenv(path: Path, modified_ns: int) -> dict[str, str | None]:
    from dotenv import dotenv_values

    try:
        return dotenv_values(path)
    except (OSError, ValueError) as failure:
        raise ModelError(
            f"this file cannot be read: {failure}",
            field=".env",
            value=str(path),
            remedy="Save it as plain text in UTF-8.",
        ) from None


@lru_cache(maxsize=8)
def _dotenvs(start: Path) -> tuple[Path, ...]:
    return tuple(folder / ".env" for folder in (start, *start.parents))


def dotenv_file() -> Path | None:
    """The nearest `.env` file upwards from here, or None."""
    found = _nearest()
    return found and found[0]


def _nearest() -> tuple[Path, int] | None:
    """The nearest `.env` file, and when it was changed, in nanoseconds."""
    for path in _dotenvs(Path.cwd()):
        try:
            found = path.stat()
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode):  # people also call the folder of a virtual environment .env
            return path, found.st_mtime_ns
    return None


def lookup(variable: str) -> str | None:
    """The value of a key variable: the environment first, then the nearest `.env` upwards from here."""
    value = os.environ.get(variable)
    if not value and (nearest := _nearest()) is not None:
        value = _dotenv(*nearest).get(variable)
    return checked(value, variable) if value else None


def checked(value: str, field: str) -> str:
    """A key without the space around it, which is kept out of every text from now on.

    Parameters:
        value: the key, or an address from a variable that ends in ``_URL``.
        field: the variable or parameter it comes from.

    Raises:
        ModelError: it is no text, or one that cannot be sent in a header.
    """
    text = value.strip() if isinstance(value, str) else ""
    is_address = field.endswith("_URL")
    if not text.isprintable() or not text or not (is_address or text.isascii()):
        raise ModelError(
            "this is no key: it has to be a text on one line, of letters without accents, digits and marks",
            field=field,
            remedy="Copy it once more, without quotes.",
        )
    if not is_address:
        secrets.register(text)
    return text


@lru_cache(maxsize=64)
def digest(key: str) -> str:
    """Eight hexadecimal digits that tell keys apart and give none away."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]
