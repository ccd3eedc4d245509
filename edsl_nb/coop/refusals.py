"""What an answer of Coop that is no success means: one of our errors, by status and content."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from edsl_nb.coop.records import legible
from edsl_nb.core.errors import (
    CoopCreditError,
    CoopError,
    CoopNotFoundError,
    CoopOfflineError,
    CoopRateLimitError,
    CoopServerError,
    CoopSignInError,
    NotACoopError,
)

#: Characters of what a server says that a message repeats.
_MOST = 300

#: Words of EDSL's service for a key that it does not know, whatever the status.
_KEY_REFUSED = ("API key you provided is invalid", "Authorization")

_TAG = re.compile(r"<(Code|Message|Details)>([^<]*)</\1>")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Parameters:
        status: the HTTP status.
        headers: by their names in small letters.
        body: the content; not shown where variables are, since it may be anything.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """How errors name a request.

    Parameters:
        method: such as GET.
        path: of an API call; empty for a signed URL, which is a secret.
        host: where it went, with the port.
    """

    method: str
    path: str
    host: str

    @property
    def words(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}" if self.path else f"{self.method} of a document"


def offline(sent: Sent, why: str) -> CoopOfflineError:
    """There is no connection."""
    return CoopOfflineError(
        f"cannot reach {sent.host}: {why}",
        request=sent.words,
        remedy="Check the network, the proxy and the address; EXPECTED_PARROT_URL names another one.",
    )


def broken_off(sent: Sent, why: str) -> CoopOfflineError:
    """The connection ended before the answer."""
    return CoopOfflineError(
        f"{sent.host} gave no whole answer to {sent.words}: {why[:_MOST]}",
        request=sent.words,
        remedy="Try again.",
    )


def refusal(answer: Answer, sent: Sent, retry_after: float | None) -> CoopError:
    """The error for an answer with a status of 400 or more.

    Parameters:
        answer: what came back.
        sent: what it answers.
        retry_after: seconds that it asks to wait, where it does.
    """
    said, status = said_in(answer).rstrip(". "), answer.status
    problem = f"{sent.host} answered {status} to {sent.words}: {said}"
    about: dict[str, Any] = {"status": status, "request": sent.words, "retry_after": retry_after}
    if sent.path and (status == 401 or any(words in said for words in _KEY_REFUSED)):
        remedy = (
            "edsl_nb.login() gets another one by a link. Or check EXPECTED_PARROT_API_KEY in the environment "
            "or in a .env file, or pass Coop(api_key=...)."
        )
        return CoopSignInError(f"{sent.host} does not accept the key: {said}", remedy=remedy, **about)
    if status == 402:
        return CoopCreditError(problem, remedy="Coop().get_balance() says what is left.", **about)
    if status == 404 and _is_page(answer):
        return not_a_coop(sent, "a web page")
    if status in (404, 410):
        remedy = "Check the uuid, URL or alias, and that this account may see it."
        return CoopNotFoundError(problem, remedy=remedy, **about)
    if status == 429:
        again = "later" if retry_after is None else f"in {retry_after:.0f} s"
        return CoopRateLimitError(problem, remedy=f"Try again {again}.", **about)
    if status >= 500:
        return CoopServerError(problem, remedy="It is no fault of yours: try again later.", **about)
    if status == 403:
        return CoopError(problem, remedy="This account may not do that.", **about)
    return CoopError(problem, **about)


def not_a_coop(sent: Sent, what: str) -> NotACoopError:
    """What answers is something else."""
    return NotACoopError(
        f"{sent.host} answered {sent.words} with {what}, which no Coop does",
        request=sent.words,
        field="url",
        remedy="Check the address: Coop(url=...) or EXPECTED_PARROT_URL.",
    )


def _is_page(answer: Answer) -> bool:
    kind = answer.headers.get("content-type", "")
    return "html" in kind or answer.body[:20].lstrip().lower().startswith((b"<!doctype", b"<html"))


def said_in(answer: Answer) -> str:
    """What an error's body says, shortened: JSON's detail, a storage service's XML, or text."""
    return legible(" ".join(_said(answer).split()))[:_MOST] or "nothing more"


def _said(answer: Answer) -> str:
    text = answer.body[:100_000].decode(errors="replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        parts = [value for _, value in _TAG.findall(text)]
        if parts:
            return ": ".join(parts)
        return "a web page" if _is_page(answer) else text
    detail = cast(dict[str, Any], found).get("detail", found) if isinstance(found, dict) else found
    return _detail(detail)


def _detail(detail: Any) -> str:
    """A detail as words: of a list of refused fields, each with its place."""
    if isinstance(detail, str):
        return detail
    if not isinstance(detail, list):
        return json.dumps(detail)
    every = [cast(dict[str, Any], one) for one in cast(list[Any], detail)[:10] if isinstance(one, dict)]
    said = [
        f"{'.'.join(map(str, one['loc']))}: {one.get('msg')}"
        for one in every
        if isinstance(one.get("loc"), list)
    ]
    return "; ".join(said) or json.dumps(detail)
