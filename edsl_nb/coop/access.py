"""Where Coop is and whose account is used: parameters, the environment, a `.env` file."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import SplitResult, urlsplit

from edsl_nb.core.errors import CoopError, CoopSignInError, ModelError, warn
from edsl_nb.models import keys

KEY, URL = "EXPECTED_PARROT_API_KEY", "EXPECTED_PARROT_URL"

DEFAULT_URL = "https://www.expectedparrot.com"

#: Where the hosted service's pages are, and where its API is.
_API_OF = {
    "https://www.expectedparrot.com": "https://api.expectedparrot.com",
    "https://expectedparrot.com": "https://api.expectedparrot.com",
    "https://chick.expectedparrot.com": "https://chickapi.expectedparrot.com",
}

_SUCH = f"Such as Coop(url='{DEFAULT_URL}') or 'http://localhost:8765'."
#: The ways to a key.
SIGN_IN = (
    f"edsl_nb.login() gets a key by a link. Or copy it from the settings page of your account, and set the "
    f"environment variable {KEY}, write it into a .env file, or pass it: Coop(api_key=...)."
)

_warned: set[str] = set()


@dataclass(frozen=True, slots=True)
class Access:
    """An address with the key that belongs to it.

    Parameters:
        url: where the pages are, without a slash at the end.
        api: where requests go.
        key: the account's key, or None where there is none.
        without_key: why there is none.
        usual: whether this is the environment's address with its key.
    """

    url: str
    api: str
    key: str | None = field(repr=False)
    without_key: str = ""
    usual: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        """What pickling takes: no key, because files go anywhere."""
        return Access, (self.url, self.api, None, "keys are not written to files")

    def __deepcopy__(self, memo: dict[int, Any]) -> Access:
        return self

    def check(self) -> str:
        """The key.

        Raises:
            CoopSignInError: there is none.
        """
        if self.key is None:
            raise CoopSignInError(
                self.without_key or f"no key is set for {self.url}", field=KEY, remedy=SIGN_IN
            )
        return self.key


def access(url: str | None = None, api_key: str | None = None) -> Access:
    """The address and key that parameters, environment and `.env` files name.

    A key goes to the address that it was given with only: the environment's to
    the environment's address, not to one that a parameter or a file names.

    Parameters:
        url: the address; None for ``EXPECTED_PARROT_URL``, else the hosted service.
        api_key: the key; None for ``EXPECTED_PARROT_API_KEY``.

    Raises:
        CoopError: the address is none, or the key cannot be one.
    """
    usual, usual_from_file = usual_url()
    address = usual if url is None else checked_url(url)
    found = Access(address, _API_OF.get(address, address), None)
    if api_key is not None:
        return Access(found.url, found.api, checked_key(api_key, "api_key"))
    key = _looked_up(KEY)
    if key is None:
        return replace(found, usual=address == usual)
    if address != usual:
        return Access(found.url, found.api, None, f"{KEY} belongs to {usual}, and is not sent to {address}")
    if usual_from_file and os.environ.get(KEY):
        why = f"{KEY} is set in the environment and {URL} by a .env file, which does not get it"
        return Access(found.url, found.api, None, why)
    return Access(found.url, found.api, key, usual=True)


def has_key() -> bool:
    """Whether there is a key for the usual address."""
    try:
        return access().key is not None
    except CoopError:
        return False


def usual_url() -> tuple[str, bool]:
    """The usual address, and whether a `.env` file names it."""
    value = _looked_up(URL)
    if value is None:
        return DEFAULT_URL, False
    return checked_url(value, URL), not os.environ.get(URL)


def _looked_up(variable: str) -> str | None:
    try:
        return keys.lookup(variable)
    except ModelError as wrong:
        raise CoopError(wrong.problem, field=wrong.field, remedy=wrong.remedy) from None


def checked_key(given: Any, where: str) -> str:
    """A key without the space around it.

    Raises:
        CoopError: it cannot be one.
    """
    try:
        return keys.checked(given, where)
    except ModelError as wrong:
        raise CoopError(wrong.problem, field=wrong.field, remedy=wrong.remedy) from None


def checked_url(url: Any, where: str = "url") -> str:
    """An address of a Coop, without a slash at its end. Warns once of one that anybody may listen to.

    Raises:
        CoopError: it is none.
    """
    text = url.strip().rstrip("/") if isinstance(url, str) else ""
    parts = _split(text)
    problem = "an http or https address is wanted"
    if parts is not None and (parts.username or parts.password):
        raise CoopError("an address holds no name and no password", field=where, remedy=_SUCH)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or not text.isprintable():
        raise CoopError(problem, field=where, value=url, remedy=_SUCH)
    if parts.query or parts.fragment or any(mark in text for mark in " ?#"):
        raise CoopError("an address without ? and # is wanted", field=where, value=url, remedy=_SUCH)
    if parts.scheme == "http" and not _is_here(parts.hostname) and text not in _warned:
        _warned.add(text)
        warn(f"{text} is not encrypted: whoever is on the way can read your key and data. Use https.")
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # refuses what is no number
    except ValueError:
        return None
    return parts


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
