"""What can be run: a thing with a length whose items a coroutine can do. The runner knows no more of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from edsl_nb.runner.context import Context

R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """Items that share a service, a model and a key, so that nothing else is held up by their limits.

    Parameters:
        label: name shown in progress, such as ``openai/gpt-4o``.
        size: how many items the lane has.
        indices: their indices, in order; iterated once per run.
        concurrency: how many of its calls may be in flight at once.
        price: USD for one token in and out, or None where it is not known.
    """

    label: str
    size: int
    indices: Iterable[int]
    concurrency: int
    price: tuple[float, float] | None


class ItemRecord(Protocol):
    """What came of an item."""

    @property
    def state(self) -> str:
        """`answered` when at least one of its cells is, else what it failed of."""
        ...

    def to_json(self) -> str:
        """Its cells for the store, with the ids of their replies."""
        ...


class Workload(Protocol[R_co]):
    """Items to be run, in lanes, and what their records amount to.

    Attributes:
        item_noun, cell_noun: what items and their parts are called, in the plural.
        cells_per_item: parts that are counted on their own, such as questions.
    """

    item_noun: str
    cell_noun: str
    cells_per_item: int

    def __len__(self) -> int: ...

    def lanes(self) -> list[LaneSpec]:
        """The lanes; together they hold every index once."""
        ...

    async def run_item(self, index: int, context: Context) -> ItemRecord:
        """Do one item. Calls go through `context`; what fails is part of the record, not raised."""
        ...

    def results(self, records: Mapping[int, Any], partial: bool) -> R_co:
        """What the records done so far amount to, in index order."""
        ...

    def errors(self, records: Mapping[int, Any]) -> Any:
        """What has no answer in the records done so far, and why, as a table."""
        ...

    def describe(self) -> dict[str, Any]:
        """The workload as JSON, without keys, for the store."""
        ...
