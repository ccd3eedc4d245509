"""Results as a table with pictures: what the results widget shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.tables import Column, Query
from edsl_nb.results.drawing import svg
from edsl_nb.results.values import Values, equal_key

if TYPE_CHECKING:
    from edsl_nb.results.results import Results

#: Kinds of columns that pictures may be split by, and most different values that are of use there.
_GROUPED = ("agent.", "scenario.", "model.", "answer.")
_MOST_GROUPS = 8

#: Kinds of columns in which a search looks beside those that are shown at first.
_SAID = ("answer.", "comment.", "generated_tokens.", "agent.", "scenario.", "model.model")


class ResultsTable(MemoryTable):
    """The rows of results, to be shown page by page, and a picture of each question.

    Parameters:
        results: the results.
        columns: their columns in the order of showing, by name.
        primary: the names of those that are shown at first.
        rows_at: gives the results of some rows only, by number.
    """

    def __init__(
        self,
        results: Results,
        columns: Mapping[str, Values],
        primary: Sequence[str],
        rows_at: Callable[[Sequence[int]], Results],
    ) -> None:
        self._results, self._values, self._primary, self._rows_at = results, columns, primary, rows_at
        self._groupings: list[str] | None = None
        shown = [Column(n, v.kind, sortable=True, primary=n in primary) for n, v in columns.items()]
        super().__init__(results.title, shown, len(results), lambda row, name: columns[name][row])

    def options(self, column: str) -> Sequence[Any]:
        categories = self._values[column].about.categories
        return () if categories is None else categories()

    @property
    def searched(self) -> Sequence[str]:
        """What was combined and what was said: keys and numbers of tokens hold anything."""
        return [name for name in self._values if name in self._primary or name.startswith(_SAID)]

    @property
    def pictures(self) -> Sequence[str]:
        """The questions, and what was computed from answers."""
        return [*self._results.question_names, *self._results.created_columns]

    async def groupings(self) -> Sequence[str]:
        """The columns with a few different values, of those that are shown at first."""
        if self._groupings is None:
            self._groupings = await asyncio.to_thread(self._find_groupings)
        return self._groupings

    def _find_groupings(self) -> list[str]:
        return [n for n in self._primary if n.startswith(_GROUPED) and self._is_few(self._values[n])]

    def _is_few(self, values: Values) -> bool:
        seen: set[Any] = set()
        for value in values:
            seen.add(equal_key(value))
            if len(seen) > _MOST_GROUPS:
                return False
        return len(seen) > 1

    async def picture(self, name: str, by: str, width: int, query: Query) -> str:
        """A picture of the answers to a question, in the rows that are searched and filtered for."""
        keys = await self.keys(query)
        return await asyncio.to_thread(self._draw, name, by, width, keys)

    def _draw(self, name: str, by: str, width: int, keys: Sequence[int]) -> str:
        results = self._results if len(keys) == len(self) else self._rows_at(sorted(keys))
        return svg(results.distribution(name, by or None), width)
