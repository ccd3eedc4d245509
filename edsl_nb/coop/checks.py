"""What callers may ask of Coop, refused before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from edsl_nb.coop.records import MOST_ROWS, STATUSES, VISIBILITIES
from edsl_nb.core.errors import CoopError, nearest

#: Characters of a text to search for; addresses end somewhere.
_LONGEST_SEARCH = 1000

#: What people call statuses besides.
_SPELT = {"partially_failed": "partial_failed", "canceled": "cancelled", "canceling": "cancelling"}


def checked_page(page: Any, page_size: Any) -> None:
    """Raise a CoopError for a page that cannot be asked for."""
    for field, value, most in (("page", page, 10**9), ("page_size", page_size, MOST_ROWS)):
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            wanted = "1 or more" if field == "page" else f"from 1 to {MOST_ROWS}"
            raise CoopError(
                f"a whole number, {wanted}, is wanted", field=field, value=value, remedy=f"Such as {field}=2."
            )


def checked_statuses(status: Any, job_status: Any = None) -> tuple[str, ...]:
    """Statuses to list, without repetition; empty for all.

    Raises:
        CoopError: there is no such status, or both names of the parameter are used.
    """
    if status is not None and job_status is not None:
        raise CoopError(
            "status and job_status are two names of one parameter",
            field="job_status",
            value=job_status,
            remedy="Give one of them.",
        )
    field = "status" if job_status is None else "job_status"
    given = status if job_status is None else job_status
    found = _several(given, field, STATUSES)
    return tuple(dict.fromkeys(_one_of(_SPELT.get(one, one), field, STATUSES) for one in found))


def checked_choices(given: Any, field: str, choices: Iterable[str]) -> tuple[str, ...]:
    """One or several of the choices, without repetition; empty for all.

    Raises:
        CoopError: there is none such.
    """
    known = tuple(choices)
    return tuple(dict.fromkeys(_one_of(one, field, known) for one in _several(given, field, known)))


def checked_visibility(given: Any) -> str:
    """Who may see an object.

    Raises:
        CoopError: there is none such.
    """
    return _one_of(given, "visibility", VISIBILITIES)


def _several(given: Any, field: str, choices: Iterable[str]) -> list[Any]:
    if given is None:
        return []
    if isinstance(given, str):
        return [given]
    if not isinstance(given, Iterable) or isinstance(given, bytes | dict):
        raise CoopError(
            "one of them or a list is wanted", field=field, value=given, remedy=nearest(given, choices)
        )
    return list(cast(Iterable[Any], given))


def _one_of(given: Any, field: str, choices: Iterable[str]) -> str:
    known = tuple(choices)
    if given not in known:
        close = nearest(given, known)
        every = "" if close.startswith("There are") else f" There are: {', '.join(known)}."
        raise CoopError("there is none such", field=field, value=given, remedy=f"{close}{every}")
    return given


def checked_text(given: Any, field: str) -> str | None:
    """A text or None.

    Raises:
        CoopError: it is something else.
    """
    if given is None or isinstance(given, str):
        return given
    raise CoopError("a text is wanted", field=field, value=given, remedy=f"Such as {field}='pilot'.")


def checked_search(given: Any) -> str:
    """A text to search for; empty for all.

    Raises:
        CoopError: it is something else, or so long that no address can hold it.
    """
    text = checked_text(given, "search_query") or ""
    if len(text) > _LONGEST_SEARCH or text != text.encode(errors="replace").decode():
        raise CoopError(
            f"a text of up to {_LONGEST_SEARCH:,} characters is wanted",
            field="search_query",
            value=given,
            remedy="Such as search_query='pilot'.",
        )
    return text


def checked_names(given: Any) -> list[Any]:
    """What stands for things on Coop; one, or several.

    Raises:
        CoopError: it is neither.
    """
    if isinstance(given, str) or hasattr(given, "uuid"):
        return [given]
    if not isinstance(given, Iterable) or isinstance(given, bytes | dict):
        raise CoopError(
            "a uuid or a list of them is wanted",
            field="uuid",
            value=given,
            remedy="Jobs.list() shows the uuids of yours.",
        )
    return list(cast(Iterable[Any], given))


def checked_instance(given: Any, cls: type[Any], field: str, such: str) -> Any:
    """What has to be of a class.

    Raises:
        CoopError: it is something else.
    """
    if isinstance(given, cls):
        return given
    raise CoopError(f"a {cls.__name__} is wanted", field=field, value=given, remedy=f"Such as {such}.")


def checked_iterations(given: Any) -> int:
    """How many draws per interview.

    Raises:
        CoopError: it is no number of them.
    """
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise CoopError(
            "a whole number, 1 or more, is wanted", field="iterations", value=given, remedy="Such as 3."
        )
    return given


def checked_flag(given: Any, field: str) -> bool:
    """True or False.

    Raises:
        CoopError: it is something else.
    """
    if isinstance(given, bool):
        return given
    raise CoopError("True or False is wanted", field=field, value=given, remedy=f"Such as {field}=True.")
