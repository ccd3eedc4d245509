"""Jobs that EDSL pushed: it puts their parts up as objects, and a scenario that names these."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from edsl_nb.coop.records import is_uuid
from edsl_nb.core.errors import CoopError
from edsl_nb.core.objects import tagged

#: Field of the scenario -> that of a job's JSON, and the list in the part's own JSON; a survey goes in whole.
_PARTS = {
    "survey": ("survey", None),
    "agents": ("agents", "agent_list"),
    "scenarios": ("scenarios", "scenarios"),
    "models_info": ("models", "models"),
}


def parts_of(content: Any) -> dict[str, str] | None:
    """The uuids of a job's parts, where a document is a scenario that names them; else None."""
    if not isinstance(content, dict):
        return None
    named = cast(dict[str, Any], content)
    found = {
        field: cast(dict[str, Any], named[field]).get("uuid")
        for field in _PARTS
        if isinstance(named.get(field), dict)
    }
    every = len(found) == len(_PARTS) and all(map(is_uuid, found.values()))
    return cast(dict[str, str], found) if every else None


async def whole(parts: dict[str, str], fetch: Callable[[str], Awaitable[Any]]) -> dict[str, Any]:
    """The JSON of a job of which the parts are elsewhere.

    Parameters:
        parts: their uuids, by field.
        fetch: gives the JSON of an object.

    Raises:
        CoopError: a part is not there, or is something else.
    """
    contents = await asyncio.gather(*(fetch(uuid) for uuid in parts.values()))
    inside = [_inside(field, one) for field, one in zip(parts, contents, strict=True)]
    return tagged({_PARTS[field][0]: one for field, one in zip(parts, inside, strict=True)}, "Jobs")


def _inside(field: str, content: Any) -> Any:
    field, name = _PARTS[field]
    if name is None:
        return content
    found = cast(dict[str, Any], content).get(name) if isinstance(content, dict) else None
    if not isinstance(found, list):
        raise CoopError(
            f"the {field} of this job are not in Coop's form",
            field="pull",
            remedy="Pull its parts one by one: Coop().pull(uuid).",
        )
    return cast(list[Any], found)
