"""HTTP for model calls: one pooled aiohttp session per event loop. Nothing else imports aiohttp."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import math
import os
import time
import weakref
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.request import getproxies

import aiohttp

from edsl_nb.core.errors import ServiceError
from edsl_nb.core.settings import settings
from edsl_nb.models.quota import Quota, quota

#: Seconds for connecting.
CONNECT_TIMEOUT = 30.0

_NO_HEADERS: Mapping[str, str] = {}


class Answer(NamedTuple):
    """A service's answer: its text, what that parses to, and what it says of its limits."""

    text: str
    value: Any
    quota: Quota | None


_sessions: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = (
    weakref.WeakKeyDictionary()
)


def _session() -> aiohttp.ClientSession:
    loop = asyncio.get_running_loop()
    found = _sessions.get(loop)
    if found is None or found.closed:
        found = aiohttp.ClientSession(
            # How many connections there may be is decided by the lanes, not here.
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
            # A service that sets cookies would tie calls together that have nothing to do with each other.
            cookie_jar=aiohttp.DummyCookieJar(),
            # Asking for proxies costs time per call, so only where there is one.
            trust_env=bool(getproxies()),
        )
        _sessions[loop] = found
    return found


async def close() -> None:
    """Close the running loop's connections."""
    found = _sessions.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.close()


def _close_at_exit(process: int) -> None:
    """Close what is open when the interpreter ends, of which aiohttp would complain on stderr."""
    if os.getpid() != process:  # a fork: connections and loops are the parent's
        return
    for loop, session in list(_sessions.items()):
        if loop.is_running():
            with contextlib.suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(session.close(), loop).result(1)


atexit.register(_close_at_exit, os.getpid())


class Response(NamedTuple):
    """What a server answered, whatever it was."""

    status: int
    text: str
    headers: Mapping[str, str]


async def exchange(
    method: str,
    url: str,
    body: Any = None,
    headers: Mapping[str, str] = _NO_HEADERS,
    *,
    seconds: float | None = None,
    proxy: str | None = None,
) -> Response:
    """Send a request and read the answer to its end.

    Parameters:
        method, url, headers: of the request.
        body: sent as JSON; None for none.
        seconds: that all of it may take; None for as long as it takes.
        proxy: through which it goes; None for what the environment says.

    Raises:
        ServiceError: no connection, a time-out, or an answer that breaks off. All are retryable.
    """
    limits = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_TIMEOUT)
    sent = headers if body is None else {"Content-Type": "application/json", **headers}
    data = None if body is None else json.dumps(body).encode()
    try:
        async with _session().request(
            method, url, data=data, headers=sent, timeout=limits, proxy=proxy
        ) as response:
            content = await response.read()
            status, answered = response.status, response.headers
    except aiohttp.ConnectionTimeoutError:
        raise _unreachable(url, f"no connection in {CONNECT_TIMEOUT:.0f} s") from None
    except TimeoutError:
        raise ServiceError(
            f"no answer from {url} in {seconds:g} s",
            retryable=True,
            remedy="settings.api_timeout = 600 waits longer.",
        ) from None
    except aiohttp.InvalidURL:
        raise ServiceError(f"{url} is no address", remedy="Check base_url.") from None
    except aiohttp.ClientConnectorError as failure:
        raise _unreachable(url, str(failure)) from None
    except aiohttp.ClientError as failure:
        raise ServiceError(
            f"the connection to {url} broke off: {failure or type(failure).__name__}", retryable=True
        ) from None
    # A byte that is no UTF-8 must not cost an answer that has been paid for.
    return Response(status, content.decode(errors="replace"), answered)


async def post_json(
    url: str, body: Mapping[str, Any], headers: Mapping[str, str], proxy: str | None = None
) -> Answer:
    """Post a JSON body and read a JSON answer. It may take `settings.api_timeout` seconds.

    Raises:
        ServiceError: no connection, a time-out, a status of 400 or more, or an
            answer that is not JSON. Overload (408, 409, 429, 5xx) is retryable.
    """
    status, text, answered = await exchange(
        "POST", url, body, headers, seconds=settings.api_timeout, proxy=proxy
    )
    if status >= 400:
        raise ServiceError(
            f"{url} answered {status}: {_said(text)}",
            status=status,
            retryable=status in (408, 409, 429) or status >= 500,
            retry_after=_seconds(answered.get("Retry-After")),
            quota=quota(answered),
        )
    try:
        return Answer(text, json.loads(text), quota(answered))
    except (ValueError, RecursionError):
        raise ServiceError(
            f"{url} answered something that is not JSON: {text[:200]!r}", status=status
        ) from None


def _unreachable(url: str, why: str) -> ServiceError:
    return ServiceError(
        f"cannot reach {url}: {why}",
        retryable=True,
        unreachable=True,
        remedy="Check the address and that the server runs.",
    )


def _said(text: str) -> str:
    """What an error body says, at most 300 characters of it."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return text[:300] or "nothing more"
    error = body.get("error", body) if isinstance(body, dict) else body
    message = error.get("message", error) if isinstance(error, dict) else error
    return str(message)[:300]


def _seconds(header: str | None) -> float | None:
    """Seconds that a ``Retry-After`` header asks for, which holds a number or a date."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except ValueError:
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
