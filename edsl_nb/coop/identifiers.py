"""How objects and jobs on Coop are named: by a uuid, a URL of a page, or ``owner/alias``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from edsl_nb.coop.records import is_uuid
from edsl_nb.core.errors import CoopError

_ALIAS = re.compile(r"[A-Za-z0-9-]+")
_OWNER = re.compile(r"[^/\s?#]{1,100}")
_SUCH = "Give a uuid, the address of its page, or owner/alias."

#: What stands before a uuid or an alias in the address of a page.
_OBJECT_PAGES = ("content",)
_JOB_PAGES = ("home/remote-job-progress", "home/remote-inference")


@dataclass(frozen=True, slots=True)
class Name:
    """What stands for something on Coop: a uuid, or an owner with an alias.

    Parameters:
        uuid: the uuid.
        owner, alias: whose, and what it is called, where there is no uuid.
    """

    uuid: str | None = None
    owner: str | None = None
    alias: str | None = None

    @property
    def query(self) -> list[tuple[str, str]]:
        """The name as parameters of an address."""
        if self.uuid is not None:
            return [("uuid", self.uuid)]
        return [("owner_username", self.owner or ""), ("alias", self.alias or "")]

    @property
    def is_alias(self) -> bool:
        """Whether it is an alias."""
        return self.uuid is None

    def __str__(self) -> str:
        return self.uuid if self.uuid is not None else f"{self.owner}/{self.alias}"


def name_of(given: Any, base: str) -> Name:
    """What a user gave for the name of something.

    Parameters:
        given: a uuid, a URL of a page of this Coop, ``owner/alias``, or a record with a uuid.
        base: the address of this Coop.

    Raises:
        CoopError: it is none of them, or belongs to another Coop.
    """
    given = getattr(given, "uuid", given)
    text = given.strip() if isinstance(given, str) else ""
    if "://" in text:
        text = _path(text, base)
    if is_uuid(text):
        return Name(uuid=text.lower())
    owner, _, alias = text.partition("/")
    if _OWNER.fullmatch(owner) and _ALIAS.fullmatch(alias):
        return Name(owner=owner, alias=alias)
    raise CoopError("this names nothing on Coop", field="uuid", value=given, remedy=_SUCH)


def _path(url: str, base: str) -> str:
    """What the address of a page names: the part behind what stands for its kind."""
    try:
        parts, home = urlsplit(url), urlsplit(base)
    except ValueError:
        raise CoopError("this is no address", field="uuid", value=url, remedy=_SUCH) from None
    if _host(parts.netloc) != _host(home.netloc):
        raise CoopError(
            f"this is a page of {parts.netloc}, not of {home.netloc}",
            field="uuid",
            value=url,
            remedy=f"Ask that Coop: Coop(url='{parts.scheme}://{parts.netloc}', api_key=...).",
        )
    path = unquote(parts.path).removeprefix(home.path).strip("/")
    for kind in (*_OBJECT_PAGES, *_JOB_PAGES):
        if path.startswith(f"{kind}/"):
            return path.removeprefix(f"{kind}/")
    raise CoopError(
        "this is no page of an object or a job",
        field="uuid",
        value=url,
        remedy=f"Such as {base}/content/<uuid>.",
    )


def _host(netloc: str) -> str:
    return netloc.lower().removeprefix("www.")


def checked_alias(alias: Any) -> str | None:
    """An alias that an object can have.

    Raises:
        CoopError: it can have none such.
    """
    if alias is None or (isinstance(alias, str) and _ALIAS.fullmatch(alias)):
        return alias
    raise CoopError(
        "an alias has letters without accents, digits and hyphens only",
        field="alias",
        value=alias,
        remedy="Such as 'my-survey'.",
    )
