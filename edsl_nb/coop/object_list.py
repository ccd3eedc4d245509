"""`StoredObjects`: a page of the objects on Coop, as a sequence of rows that can be turned, and fetched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

from edsl_nb.coop import objects
from edsl_nb.coop.fetching import Fetched, Report
from edsl_nb.coop.identifiers import Name
from edsl_nb.coop.paged import Paged
from edsl_nb.coop.records import ObjectPage, StoredObject
from edsl_nb.coop.waiting import on_runner
from edsl_nb.coop.wire import Wire


@dataclass(frozen=True, slots=True)
class ObjectQuery:
    """Which objects are wanted.

    Parameters:
        page: from 1.
        page_size: from 1 to 100.
        object_types: Coop's names of kinds; empty for all.
        visibilities: who may see them; empty for all.
        search_query: text in the description; empty for all.
        sort_ascending: the oldest first.
        community: public objects of others, rather than one's own.
        expected: the class that they have to be of when they are fetched; None for any.
    """

    page: int = 1
    page_size: int = 10
    object_types: tuple[str, ...] = ()
    visibilities: tuple[str, ...] = ()
    search_query: str = ""
    sort_ascending: bool = False
    community: bool = False
    expected: type[Any] | None = None

    def at(self, page: int) -> ObjectQuery:
        """The same list, another page."""
        return replace(self, page=page)


class StoredObjects(Paged[StoredObject, ObjectQuery]):
    """A page of the objects on Coop. Made by `Survey.list`, `Results.list` and so on, and by `Coop.list`.

    It stays with the Coop and the account that it came from.

    Attributes:
        query: what was asked for.
        whole: whether these are all rows of that page, none left out.
        total_count, total_pages: how many objects and pages there are, as of this page; None where
            Coop does not say.
        fetched: objects that were fetched, by uuid.
    """

    noun = "objects"
    columns = (
        "uuid", "object_type", "alias", "owner_username", "description", "visibility", "version",
        "created_at", "last_updated_at", "url",
    )  # fmt: skip
    primary = frozenset(columns) - {"url"}

    def __init__(
        self, wire: Wire, rows: Iterable[StoredObject], query: ObjectQuery, more: bool, whole: bool = True
    ) -> None:
        super().__init__(wire, rows, query, more, whole)
        self.total_count: int | None = None
        self.total_pages: int | None = None
        self.fetched: dict[str, Any] = {}

    @classmethod
    async def load(cls, wire: Wire, query: ObjectQuery) -> Self:
        """A page of objects, asked for on the runner's loop."""
        asked = (
            ("page", query.page),
            ("page_size", query.page_size),
            ("sort_ascending", query.sort_ascending),
            ("type", query.object_types),
            ("visibility", query.visibilities),
            ("search_query", query.search_query or None),
            ("community", query.community or None),
        )
        answer = ObjectPage.of(await wire.get("object/list", asked), "object/list")
        rows = [objects.located(wire, row) for row in answer.objects[: query.page_size]]
        pages = answer.total_pages
        found = cls(wire, rows, query, len(rows) == query.page_size if pages is None else query.page < pages)
        found.total_count, found.total_pages = answer.total_count, pages
        return found

    def _with(self, rows: Iterable[StoredObject]) -> Self:
        some = super()._with(rows)
        some.total_count, some.total_pages = self.total_count, self.total_pages
        return some

    # Fetching

    def fetch(self, progress_bar: bool = True) -> Fetched[Any]:
        """The objects of this page themselves, fetched at the same time. Nothing of them is run.

        Parameters:
            progress_bar: show how far it is, where it takes a while.

        Returns:
            The objects, in order, with None where one could not be fetched; `failures` says why, as
            does a warning.
        """
        return self._blocking(self._fetch, self.noun, progress_bar)

    async def afetch(self) -> Fetched[Any]:
        """The objects themselves, without blocking. See `fetch`."""
        return await self._fetch(lambda done, of: None)

    @on_runner
    async def _fetch(self, report: Report) -> Fetched[Any]:
        async def one(row: StoredObject) -> Any:
            found = await objects.pull(self.wire, Name(uuid=row.uuid), self.query.expected)
            self.fetched[row.uuid] = found
            return found

        return await self._every(one, self.noun, report)

    # Showing

    @property
    def title(self) -> str:
        """What the list is, in a few words."""
        query = self.query
        kinds = ", ".join(name.replace("_", " ") for name in query.object_types) or "objects"
        asked = [
            ", ".join(query.visibilities),
            query.search_query and f"“{query.search_query}”",
            "of others" if query.community else "",
        ]
        about = "; ".join(one for one in asked if one)
        pages = "" if self.total_pages is None else f" of {self.total_pages:,}"
        count = "" if self.total_count is None else f", {self.total_count:,} in all"
        head = f"{kinds.capitalize()} on Coop{f' ({about})' if about else ''}"
        return f"{head}, page {self.page:,}{pages}{count}"

    def _line(self, row: StoredObject) -> str:
        description = " ".join((row.description or "").split())[:60]
        name = f"{row.owner_username}/{row.alias}" if row.alias and row.owner_username else row.uuid
        return f"{row.created_at or '-':25}  {row.object_type or '-':13}  {name}  {description}"
