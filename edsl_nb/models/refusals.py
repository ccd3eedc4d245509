"""Calls that a service refuses for what is in them, as its errors tell: other calls may well go through."""

from __future__ import annotations

import re

from edsl_nb.core.errors import Refused, ServiceError

#: How services say that a conversation is too long for a model.
_TOO_LONG = re.compile(
    r"context[ _-]?(?:length|window|size|limit)|maximum context|(?:prompt|input|request) is too long"
    r"|exceeds? the (?:model'?s )?(?:maximum|available)[^.]{0,40}(?:tokens|context)"
    r"|tokens and the \w+ model takes",
    re.IGNORECASE,
)

#: How they say that they do not answer such a thing.
_NOT_ALLOWED = re.compile(
    r"content[ _-]?(?:filter|policy|management policy|violation)|(?:usage|safety|moderation) (?:polic|system)"
    r"|flagged (?:as|by|for)|refused to answer|responsible ai",
    re.IGNORECASE,
)

#: Statuses of requests that are refused for what is in them: never one of overload or of a rate limit.
_STATUSES = (None, 200, 400, 403, 413, 422, 451)


def refused(failure: ServiceError) -> Refused | None:
    """What of a call a service does not take, as far as its error tells; None where it is something else."""
    if failure.refused is not None or failure.retryable or failure.status not in _STATUSES:
        return failure.refused
    if _TOO_LONG.search(failure.problem):
        return "context"
    return "content" if _NOT_ALLOWED.search(failure.problem) else None
