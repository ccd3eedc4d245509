"""Calls of Coop's API and transfers of documents: addresses, the key, JSON, and signed URLs."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from edsl_nb.coop.access import Access, access
from edsl_nb.coop.http import MOST_IN_DOCUMENT, USUAL, Patience, Request, request
from edsl_nb.coop.refusals import Sent, not_a_coop
from edsl_nb.core.errors import CoopError, CoopNotFoundError, NotACoopError

_API = "/api/v0/"

#: Bytes of JSON that are read on the loop; more is read in a thread.
_SMALL = 1 << 18

#: Statuses with which storage refuses a signed URL that has expired.
_EXPIRED = frozenset({400, 401, 403, 410})

Query = Sequence[tuple[str, Any]]


class Wire:
    """Speaks with one Coop for one account. Used on the runner's loop.

    Parameters:
        access: where it is, and the key, which goes to that host only.
        patience: how often requests are made again.
    """

    def __init__(self, access: Access, patience: Patience = USUAL) -> None:
        self.access, self.patience = access, patience
        self._host = urlsplit(access.api).netloc

    def renew(self) -> bool:
        """Take the environment's key anew, where it was that one. Returns whether it has changed."""
        if not self.access.usual:
            return False
        try:
            now = access(self.access.url)
        except CoopError:
            return False
        if now.key is None or now.key == self.access.key:
            return False
        self.access = now
        return True

    async def get(self, path: str, query: Query = ()) -> Any:
        """What a GET of the API answers, as JSON.

        Parameters:
            path: behind ``/api/v0/``.
            query: parameters of the address; lists repeat theirs, None is left out.

        Raises:
            CoopError: by what went wrong.
        """
        return await self._call("GET", path, query)

    async def post(self, path: str, body: Any, repeatable: bool = False) -> Any:
        """What a POST of the API answers, as JSON.

        Parameters:
            path: behind ``/api/v0/``.
            body: what is sent, for JSON.
            repeatable: whether sending it twice does no harm.

        Raises:
            CoopError: by what went wrong.
        """
        return await self._call("POST", path, (), body, repeatable)

    async def patch(self, path: str, query: Query, body: Any) -> Any:
        """What a PATCH of the API answers, as JSON. Raises a CoopError by what went wrong."""
        return await self._call("PATCH", path, query, body)

    async def delete(self, path: str, query: Query) -> Any:
        """What a DELETE of the API answers, as JSON. Raises a CoopError by what went wrong."""
        return await self._call("DELETE", path, query)

    async def _call(
        self, method: str, path: str, query: Query, body: Any = None, repeatable: bool = True
    ) -> Any:
        self.access.check()
        return await self._ask(method, path, query, body, repeatable, self.access)

    async def ask_openly(self, path: str, body: Any) -> Any:
        """What a POST of the API answers to whoever has no key yet. Sending it twice does no harm."""
        return await self._ask("POST", path, (), body, True, None)

    async def _ask(
        self, method: str, path: str, query: Query, body: Any, repeatable: bool, access: Access | None
    ) -> Any:
        sent = Sent(method, f"{_API}{path}", self._host)
        wanted = Request(
            sent,
            f"{self.access.api}{_API}{path}",
            {} if body is None else {"Content-Type": "application/json"},
            access,
            _flat(query),
            None if body is None else encoded_now(body),
            repeatable,
            total=self.patience.total,
        )
        answer = await request(wanted, self.patience)
        if answer.status >= 300:
            raise not_a_coop(sent, f"a redirection to {urlsplit(answer.headers.get('location', '')).netloc}")
        if not answer.body.strip():
            return {}
        try:
            return await decoded(answer.body)
        except ValueError:
            raise not_a_coop(sent, "something that is not JSON") from None

    async def download(self, sign: Callable[[], Awaitable[str]]) -> Any:
        """The document behind a signed URL, as JSON. The key is not sent there.

        Parameters:
            sign: asks Coop for the URL; once more where it turns out to have expired.

        Raises:
            CoopNotFoundError: there is no document.
            CoopError: it cannot be fetched, or is no JSON.
        """
        url = await sign()
        try:
            body = await self.fetch(url)
        except CoopError as failure:
            if failure.status not in _EXPIRED:
                raise
            body = await self.fetch(await sign())
        try:
            return await decoded(body)
        except ValueError:
            raise CoopError(
                "the document is no JSON",
                request="GET of a document",
                remedy="It was not stored whole: push it or run the job again.",
            ) from None

    async def fetch(self, url: str) -> bytes:
        """What is behind a signed URL."""
        sent, address = self._signed("GET", url)
        return (await request(Request(sent, address, most=MOST_IN_DOCUMENT), self.patience)).body

    async def upload(self, url: str, content: bytes, kind: str = "application/json") -> None:
        """Put content behind a signed URL. The key is not sent there."""
        sent, address = self._signed("PUT", url)
        await request(Request(sent, address, {"Content-Type": kind}, body=content), self.patience)

    def _signed(self, method: str, url: Any) -> tuple[Sent, str]:
        """A signed URL that may be used: an encrypted Coop does not send documents anywhere in the clear."""
        address = ""
        try:
            address = urljoin(f"{self.access.api}/", url) if isinstance(url, str) else ""
            parts = urlsplit(address)
            port = f":{parts.port}" if parts.port else ""  # refuses what is no port
        except ValueError:
            parts, port = urlsplit(""), ""
        if not url or parts.scheme not in ("http", "https") or not parts.hostname:
            raise CoopNotFoundError(
                "Coop has no document for it",
                request=f"{method} of a document",
                remedy="It may still be on its way: try again in a moment.",
            )
        if self.access.api.startswith("https:") and parts.scheme != "https":
            raise NotACoopError(
                f"Coop names a document at {parts.hostname} that is not encrypted",
                request=f"{method} of a document",
                remedy="Nothing was sent. Tell whoever runs this Coop.",
            )
        return Sent(method, "", f"{parts.hostname}{port}"), address


def _flat(query: Query) -> list[tuple[str, str]]:
    """Parameters as texts: lists repeat theirs, booleans are EDSL's words, None is left out."""
    flat: list[tuple[str, str]] = []
    for name, value in query:
        several = value if isinstance(value, list | tuple) else [value]
        flat += [(name, str(one)) for one in several if one is not None]
    return flat


async def decoded(body: bytes) -> Any:
    """The value of JSON.

    Raises:
        ValueError: it is none.
    """
    return _decoded(body) if len(body) < _SMALL else await asyncio.to_thread(_decoded, body)


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None


async def encoded(value: Any) -> bytes:
    """A value as JSON; numbers that JSON has not are null.

    Raises:
        CoopError: JSON cannot write it.
    """
    return await asyncio.to_thread(encoded_now, value)


def encoded_now(value: Any) -> bytes:
    """The same, at once."""
    try:
        try:
            return json.dumps(value, allow_nan=False).encode()
        except ValueError:
            return json.dumps(_without_nan(value), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as wrong:
        raise CoopError(
            f"it holds something that JSON cannot: {wrong}",
            field="push",
            remedy="Turn it into texts, numbers, lists and dicts.",
        ) from None


def _without_nan(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    return [_without_nan(item) for item in value] if isinstance(value, list | tuple) else value
