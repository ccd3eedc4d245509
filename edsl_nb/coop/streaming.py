"""Results of a remote job while it goes on: pages of interviews, each fetched once it is full."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from edsl_nb.coop.records import Count, Record
from edsl_nb.coop.wire import Wire
from edsl_nb.core.errors import NotACoopError

#: Interviews on a page, and pages that are fetched at a time.
_PAGE, _AT_ONCE = 100, 8

#: What a row of results has of each answer: section, what follows the question's name there, Coop's name.
_SECTIONS = (
    ("prompt", "_user_prompt", "user_prompt"),
    ("prompt", "_system_prompt", "system_prompt"),
    ("raw_model_response", "_raw_model_response", "raw_model_response"),
    ("raw_model_response", "_input_tokens", "input_tokens"),
    ("raw_model_response", "_output_tokens", "output_tokens"),
    ("raw_model_response", "_thinking_tokens", "thinking_tokens"),
    ("raw_model_response", "_input_price_per_million_tokens", "input_price_per_million_tokens"),
    ("raw_model_response", "_output_price_per_million_tokens", "output_price_per_million_tokens"),
    ("generated_tokens", "_generated_tokens", "generated_tokens"),
    ("comments_dict", "_comment", "comment"),
    ("reasoning_summaries_dict", "_reasoning_summary", "reasoning_summary"),
    ("cache_used_dict", "", "cached"),
    ("cache_keys", "", "cache_key"),
    ("validated_dict", "_validated", "validated"),
)


class _Manifest(Record):
    total_interviews: Count = 0
    page_size: Count = _PAGE
    page_count: Count = 0


class Stream:
    """The interviews of a remote job that have arrived, as rows of results in EDSL's JSON.

    Parameters:
        wire: speaks with Coop.
        uuid: the job's.
    """

    def __init__(self, wire: Wire, uuid: str) -> None:
        self._wire, self._uuid = wire, uuid
        self._pages: dict[int, list[dict[str, Any]]] = {}
        self._full: set[int] = set()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows so far, in order."""
        return [row for _, page in sorted(self._pages.items()) for row in page]

    async def update(self) -> int:
        """Fetch what is new. Returns how many rows there are.

        Raises:
            CoopError: it cannot be fetched; what has arrived stays.
        """
        path = f"remote-inference/job/{self._uuid}/results"
        answer = await self._wire.get(f"{path}/manifest", [("page_size", _PAGE)])
        size = max(1, (manifest := _Manifest.of(answer, "results/manifest")).page_size)
        left = iter([page for page in range(manifest.page_count) if page not in self._full])

        async def work() -> None:
            for page in left:
                asked = [("page", page), ("page_size", size)]
                rows = _rows(await self._wire.get(f"{path}/page", asked))
                self._pages[page] = rows
                if len(rows) >= size:
                    self._full.add(page)

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
        return len(self.rows)


def _rows(page: Any) -> list[dict[str, Any]]:
    found = cast(dict[str, Any], page).get("interviews") if isinstance(page, dict) else None
    if not isinstance(found, list):
        raise NotACoopError("a page of results holds no interviews", field="results/page", value=page)
    return [_row(one) for one in cast(list[Any], found) if isinstance(one, dict)]


def _row(interview: dict[str, Any]) -> dict[str, Any]:
    """A row of results."""
    found = interview.get("answers")
    answers = cast(list[Any], found) if isinstance(found, list) else []
    row: dict[str, Any] = {
        "agent": interview.get("agent") or {"traits": {}},
        "scenario": interview.get("scenario") or {},
        "model": interview.get("model") or {},
        "iteration": interview.get("iteration") or 0,
        "answer": {},
        **{section: {} for section, _, _ in _SECTIONS},
    }
    for one in (cast(dict[str, Any], one) for one in answers if isinstance(one, dict)):
        name = str(one.get("question_name"))
        row["answer"][name] = one.get("answer")
        for section, ending, field in _SECTIONS:
            if field in one:
                row[section][f"{name}{ending}"] = one[field]
    return row
