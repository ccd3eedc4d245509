"""Signing in by a page of Coop: a link to it is shown, and a key comes when its reader has signed in."""

from __future__ import annotations

import asyncio
import os
import secrets
from pathlib import Path
from typing import Any

from edsl_nb.coop.access import KEY, SIGN_IN, URL, checked_key, usual_url
from edsl_nb.coop.records import NewKey
from edsl_nb.coop.waiting import on_runner
from edsl_nb.coop.wire import Wire
from edsl_nb.core.errors import (
    CoopError,
    CoopNotFoundError,
    CoopOfflineError,
    CoopRateLimitError,
    CoopServerError,
    CoopSignInError,
    warn,
)
from edsl_nb.core.secrets import register
from edsl_nb.models.keys import dotenv_file

#: Seconds between two questions whether there is a key.
_EVERY = 1.0

#: Failures after which the next question may be answered.
_PASSING = (CoopOfflineError, CoopServerError, CoopRateLimitError)


class Login:
    """One attempt at signing in.

    Parameters:
        wire: speaks with Coop.

    Attributes:
        url: the page on which the reader signs in. Whoever knows it gets the key, too.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire, self._token = wire, secrets.token_urlsafe(16)
        register(self._token)
        self.url = f"{wire.access.url}/login?edsl_auth_token={self._token}"

    @on_runner
    async def key(self, seconds: float) -> str:
        """The account's key, waited for.

        Parameters:
            seconds: how long at most.

        Raises:
            CoopSignInError: nobody has signed in.
            CoopError: by what went wrong; this Coop has no such page.
        """
        try:
            async with asyncio.timeout(seconds):
                while True:
                    found = await self._ask()
                    if found:
                        return checked_key(found, "the key from Coop")
                    await asyncio.sleep(_EVERY)
        except TimeoutError:
            raise CoopSignInError(
                f"nobody has signed in at {self._wire.access.url} in {seconds:g} s",
                field="login",
                remedy=f"Call login() again. {SIGN_IN}",
            ) from None

    async def _ask(self) -> str | None:
        try:
            answer = await self._wire.ask_openly("get-api-key", {"edsl_auth_token": self._token})
        except CoopNotFoundError:
            raise CoopError(
                f"{self._wire.access.url} gives no keys by a link", field="login", remedy=SIGN_IN
            ) from None
        except _PASSING:
            return None
        return NewKey.of(answer, "get-api-key").api_key


def checked_timeout(timeout: Any) -> float:
    """Seconds to wait for somebody.

    Raises:
        CoopError: they are none.
    """
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= 86_400:
        raise CoopError(
            "seconds are wanted, up to a day", field="timeout", value=timeout, remedy="Such as timeout=120."
        )
    return float(timeout)


def keep(url: str, key: str, save: bool) -> str:
    """Keep a key for its Coop: in this process, and in a `.env` file, where asked for.

    Parameters:
        url: where the key belongs.
        key: the key.
        save: write it into the nearest `.env` file upwards, or a new one here.

    Returns:
        Words on where it is.
    """
    usual, from_file = usual_url()
    if url != usual:
        return "The key is kept in this Coop object."
    os.environ[KEY] = key
    if from_file:  # a key of the environment goes to an address of the environment only
        os.environ[URL] = url
    if not save:
        return "The key is kept in this process."
    file = dotenv_file() or Path.cwd() / ".env"
    try:
        _write(file, key)
    except OSError as failure:
        warn(f"the key cannot be written to {file}, so that it is kept in this process only: {failure}")
        return "The key is kept in this process."
    return f"The key is in {file}; keep that file out of what you share."


def _write(file: Path, key: str) -> None:
    from dotenv import set_key

    # For the owner alone, from the beginning.
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    set_key(file, KEY, key)
