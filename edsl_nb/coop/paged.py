"""A page of something on Coop, as a sequence of rows that can be turned, filtered and fetched."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, Self, TypeVar, overload

from edsl_nb.coop.fetching import Fetched, Line, Report, fetch_all
from edsl_nb.coop.records import Record
from edsl_nb.coop.waiting import on_runner, wait
from edsl_nb.coop.wire import Wire
from edsl_nb.core.errors import CoopError, nearest
from edsl_nb.core.expressions import expression
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown
from edsl_nb.core.tables import Column, ColumnKind

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
RowT = TypeVar("RowT", bound=Record)


class PageQuery(Protocol):
    """What a page was asked for by."""

    @property
    def page(self) -> int:
        """The page's number, from 1."""
        ...

    def at(self, page: int) -> Self:
        """The same, another page."""
        ...


QueryT = TypeVar("QueryT", bound=PageQuery)


class Paged(Shown, Sequence[RowT], Generic[RowT, QueryT]):
    """A page of rows from Coop. It stays with the Coop and the account that it came from.

    Parameters:
        wire: speaks with Coop.
        rows: the rows.
        query: what was asked for.
        more: whether there may be a further page.
        whole: whether these are all rows of that page, none left out.

    Attributes:
        query: what was asked for.
        whole: whether these are all rows of that page, none left out.
    """

    #: What the rows are, in the plural.
    noun: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    #: Columns that hold numbers, and those that are shown at first; the others are a click away.
    numbers: ClassVar[frozenset[str]] = frozenset()
    primary: ClassVar[frozenset[str]]

    def __init__(
        self, wire: Wire, rows: Iterable[RowT], query: QueryT, more: bool, whole: bool = True
    ) -> None:
        self.wire, self._rows, self.query, self._more, self.whole = wire, tuple(rows), query, more, whole

    @classmethod
    @abstractmethod
    async def load(cls, wire: Wire, query: QueryT) -> Self:
        """A page, asked for on the runner's loop."""

    # A sequence

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, position: int) -> RowT: ...
    @overload
    def __getitem__(self, position: slice) -> Self: ...
    def __getitem__(self, position: int | slice) -> RowT | Self:
        if isinstance(position, slice):
            return self._with(self._rows[position])
        if isinstance(position, bool) or not isinstance(position, int):
            raise CoopError(
                f"{self.noun} go by position",
                field=f"{self.noun}[...]",
                value=position,
                remedy=f"Such as {self.noun}[0] or {self.noun}[:3].",
            )
        if not -len(self) <= position < len(self):
            raise IndexError(f"there are {len(self)} {self.noun} on this page, and none at {position}")
        return self._rows[position]

    def __iter__(self) -> Iterator[RowT]:
        return iter(self._rows)

    def _with(self, rows: Iterable[RowT]) -> Self:
        return type(self)(self.wire, rows, self.query, self._more, whole=False)

    def filter(self, text: str) -> Self:
        """The rows of this page for which an expression holds.

        Parameters:
            text: such as ``"status == 'completed' and cost_credits > 1"``.

        Raises:
            ExpressionError: the text is no expression, or fails for a row.
        """
        wanted = expression(text)
        return self._with(row for row in self._rows if wanted.evaluate(row.to_dict()))

    def order_by(self, *columns: str, reverse: bool = False) -> Self:
        """The rows of this page in another order; those without a value come last.

        Parameters:
            columns: what they are ordered by, the most important first.
            reverse: the largest first.

        Raises:
            CoopError: there is no such column.
        """
        for name in columns:
            if name not in self.columns:
                raise CoopError(
                    "there is no such column",
                    field="order_by",
                    value=name,
                    remedy=nearest(name, self.columns),
                )
        rows = list(self._rows)
        for name in reversed(columns):
            known = sorted(
                (row for row in rows if row[name] is not None), key=itemgetter(name), reverse=reverse
            )
            rows = [*known, *(row for row in rows if row[name] is None)]
        return self._with(rows)

    # Its pages

    @property
    def page(self) -> int:
        """The number of this page, from 1."""
        return self.query.page

    @property
    def has_next(self) -> bool:
        """Whether there may be a further page."""
        return self._more

    def next_page(self) -> Self:
        """The page after this one.

        Raises:
            CoopError: this is the last one, or Coop cannot be asked.
        """
        return wait(self.anext_page())

    def previous_page(self) -> Self:
        """The page before this one.

        Raises:
            CoopError: this is the first one, or Coop cannot be asked.
        """
        return wait(self.aprevious_page())

    async def anext_page(self) -> Self:
        """The page after this one, without blocking. See `next_page`."""
        if not self._more:
            raise CoopError(
                "this is the last page", field="page", value=self.page, remedy="list() begins anew."
            )
        return await self._turned(self.page + 1)

    async def aprevious_page(self) -> Self:
        """The page before this one, without blocking. See `previous_page`."""
        if self.page == 1:
            raise CoopError("this is the first page", field="page", value=1, remedy="next_page() goes on.")
        return await self._turned(self.page - 1)

    @on_runner
    async def _turned(self, page: int) -> Self:
        return await self.load(self.wire, self.query.at(page))

    def refresh(self) -> Self:
        """The same page as it is now."""
        return wait(self._turned(self.page))

    def pages(self) -> Iterator[Self]:
        """This page and all after it, each asked for when it is its turn."""
        page = self
        yield page
        while page.has_next:
            page = page.next_page()
            if len(page):
                yield page

    # Fetching

    def _blocking(
        self, fetch: Callable[[Report], Coroutine[Any, Any, Fetched[T]]], noun: str, shown: bool
    ) -> Fetched[T]:
        line = Line(noun, shown)
        try:
            fetched = wait(fetch(line))
        finally:
            line.end()
        return fetched.report()

    async def _every(
        self, fetch: Callable[[RowT], Coroutine[Any, Any, T]], noun: str, report: Report
    ) -> Fetched[T]:
        """What is fetched for each row; `fetch` keeps it as it comes, because an interrupt ends this."""
        return await fetch_all([row["uuid"] for row in self], lambda at: fetch(self[at]), noun, report)

    # Showing

    @property
    @abstractmethod
    def title(self) -> str:
        """What the list is, in a few words."""

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dict per row."""
        return [row.to_dict() for row in self._rows]

    def to_pandas(self) -> pd.DataFrame:
        """A data frame with a row for each."""
        import pandas as pd

        return pd.DataFrame(self.to_dicts(), columns=list(self.columns))

    def as_table(self) -> MemoryTable:
        """The rows as a table."""
        columns = [
            Column(name, self._kind(name), sortable=True, primary=name in self.primary)
            for name in self.columns
        ]
        return MemoryTable(self.title, columns, len(self), lambda row, name: self._rows[row][name])

    def _kind(self, name: str) -> ColumnKind:
        return "number" if name in self.numbers else "text"

    def __repr__(self) -> str:
        lines = "".join(f"\n  {self._line(row)}" for row in self._rows)
        return f"{type(self).__name__}({self.title}: {len(self)} {self.noun}){lines}"

    @abstractmethod
    def _line(self, row: RowT) -> str:
        """A row as plain text."""
