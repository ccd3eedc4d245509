"""HTTP for Coop: pooled httpx clients on the runner's loop, and further attempts where they can help."""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import random
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from edsl_nb.coop.access import Access
from edsl_nb.coop.refusals import Answer, Sent, broken_off, offline, refusal
from edsl_nb.core.errors import CoopError, NotACoopError
from edsl_nb.core.version import __version__

if TYPE_CHECKING:
    import httpx

#: Requests at a time, and so connections at most.
AT_ONCE = 64

#: Seconds for connecting, and for the next part of an answer; both together for a whole API call.
_CONNECT, _NEXT_PART = 10.0, 40.0

#: Seconds for which connections are kept that nobody uses.
_IDLE = 30.0

#: Bytes that an answer of the API and a document may have, unpacked.
MOST_ANSWERED, MOST_IN_DOCUMENT = 64 << 20, 1 << 30

#: Most seconds that are read out of a ``Retry-After``: a week, which nobody waits for.
_LONGEST_ASKED = 7 * 86_400.0

#: Statuses after which the same request may succeed later, if it can be made twice.
_PASSING = frozenset({408, 425, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is made again.

    Parameters:
        attempts: most attempts.
        backoff: seconds before the second attempt, on average; they double.
        longest: most seconds before any; where Coop asks for more, its refusal is raised.
        total: most seconds that one attempt at an API call takes.
    """

    attempts: int = 4
    backoff: float = 0.5
    longest: float = 30.0
    total: float = 60.0


USUAL = Patience()


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent.

    Parameters:
        sent: how errors name it; never the whole URL, which may be a secret.
        url: where to.
        headers: besides the usual ones.
        access: whose key is sent along; it is in no variable, which debuggers and tracebacks show.
        query: parameters of the address.
        body: the content.
        repeatable: whether making it twice does no harm.
        most: bytes that the answer may have.
        total: seconds that an attempt may take, or None for any.
    """

    sent: Sent
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    access: Access | None = None
    query: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    body: bytes | None = field(default=None, repr=False)
    repeatable: bool = True
    most: int = MOST_ANSWERED
    total: float | None = None


async def request(wanted: Request, patience: Patience = USUAL) -> Answer:
    """The answer to a request; its status is below 400.

    Raises:
        CoopError: by what went wrong; see `edsl_nb.coop.refusals`.
    """
    for attempt in itertools.count(1):
        try:
            answer = await _once(wanted)
        except _Unanswered as failure:
            error, again, asked = failure.error, wanted.repeatable or failure.unsent, None
        else:
            if answer.status < 400:
                return answer
            asked = _seconds(answer.headers.get("retry-after"))
            error = refusal(answer, wanted.sent, asked)
            again = answer.status == 429 or (wanted.repeatable and answer.status in _PASSING)
        pause = _pause(attempt, asked, patience)
        if not again or attempt >= patience.attempts or pause > patience.longest:
            raise error
        await asyncio.sleep(pause)
    raise AssertionError


def _pause(attempt: int, asked: float | None, patience: Patience) -> float:
    if asked is not None:
        return asked
    return min(patience.backoff * 2 ** (attempt - 1) * random.uniform(0.5, 1.5), patience.longest)


class _Unanswered(Exception):
    """There was no answer. `unsent` where the request has not gone out."""

    def __init__(self, error: CoopError, unsent: bool) -> None:
        super().__init__(str(error))
        self.error, self.unsent = error, unsent


async def _once(wanted: Request) -> Answer:
    import httpx

    try:
        async with asyncio.timeout(wanted.total):
            return await _clients().send(wanted)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as failure:
        raise _Unanswered(offline(wanted.sent, str(failure) or "no connection in time"), True) from None
    except (TimeoutError, httpx.TimeoutException):
        raise _Unanswered(broken_off(wanted.sent, "no answer in time"), False) from None
    except httpx.TooManyRedirects:
        raise NotACoopError("it redirects in circles", request=wanted.sent.words) from None
    # Ports and names that there cannot be come through httpx as they are.
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError, OverflowError, ExceptionGroup):
        raise NotACoopError("this is no address that can be asked", request=wanted.sent.words) from None
    except httpx.HTTPError as failure:
        why = str(failure) or type(failure).__name__
        raise _Unanswered(broken_off(wanted.sent, why), False) from None


class _WithoutSignatures(logging.Filter):
    """Takes the query off addresses that httpx logs of requests made here: a signed URL is a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        if _sending.get() and isinstance(record.args, tuple):
            record.args = tuple(_unsigned(one) for one in record.args)
        return True


def _unsigned(value: object) -> object:
    import httpx

    return value.copy_with(query=None) if isinstance(value, httpx.URL) else value


_sending: ContextVar[bool] = ContextVar("sending", default=False)
logging.getLogger("httpx").addFilter(_WithoutSignatures())


class _Clients:
    """A loop's connections. Used on that loop only.

    httpx looks through a whole pool at every request, so each client has one connection, and is kept
    for the host that it is connected to: 300 answers over a 50 ms link take half the time.
    """

    def __init__(self) -> None:
        import httpx

        self._trusted = httpx.create_ssl_context()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._made = 0
        # The one that was used last stands last.
        self._free: list[tuple[str, httpx.AsyncClient]] = []

    def _new(self) -> httpx.AsyncClient:
        import httpx

        self._made += 1
        return httpx.AsyncClient(
            verify=self._trusted,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_IDLE),
            timeout=httpx.Timeout(_NEXT_PART, connect=_CONNECT, pool=None),
            headers={"User-Agent": f"edsl_nb/{__version__}", "Accept": "application/json"},
            max_redirects=5,
        )

    def _taken(self, host: str) -> httpx.AsyncClient:
        """The client that was used last for a host; else a new one, or the one unused for longest."""
        for position in reversed(range(len(self._free))):
            if self._free[position][0] == host:
                return self._free.pop(position)[1]
        return self._new() if self._made < AT_ONCE else self._free.pop(0)[1]

    async def send(self, wanted: Request) -> Answer:
        # httpx takes the key off where it is sent on to another host.
        follow = wanted.sent.method == "GET"
        async with self._places:
            client = self._taken(wanted.sent.host)
            sending = _sending.set(True)
            try:
                asked = client.build_request(
                    wanted.sent.method,
                    wanted.url,
                    params=tuple(wanted.query) or None,
                    content=wanted.body,
                    headers=[*wanted.headers.items(), *_authorization(wanted.access)],
                )
                response = await client.send(asked, stream=True, follow_redirects=follow)
                try:
                    body = await _read(response, wanted)
                finally:
                    await response.aclose()
            finally:
                _sending.reset(sending)
                self._free.append((wanted.sent.host, client))
        return Answer(response.status_code, dict(response.headers), body)


def _authorization(access: Access | None) -> list[tuple[str, str]]:
    return [] if access is None else [("Authorization", f"Bearer {access.check()}")]


async def _read(response: httpx.Response, wanted: Request) -> bytes:
    parts, size = list[bytes](), 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > wanted.most:
            raise CoopError(
                f"the answer is longer than {wanted.most >> 20:,} MB",
                request=wanted.sent.words,
                remedy="Nothing was read. Ask whoever runs the server.",
            )
        parts.append(part)
    return b"".join(parts)


_kept: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()


def _clients() -> _Clients:
    loop = asyncio.get_running_loop()
    found = _kept.get(loop)
    if found is None:
        found = _kept[loop] = _Clients()
    return found


def _seconds(header: Any) -> float | None:
    """Seconds that a ``Retry-After`` header asks for, which holds a number or a date."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(max(0.0, seconds), _LONGEST_ASKED) if math.isfinite(seconds) else None
