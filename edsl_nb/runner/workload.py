"""What can be run: a thing with a length whose items a coroutine can do. The runner knows no more of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from edsl_nb.runner.gate import NO_LIMITS, Limits
from edsl_nb.runner.line import LaneKey

if TYPE_CHECKING:
    from edsl_nb.runner.context import Context
    from edsl_nb.runner.lookup import Known
    from edsl_nb.runner.progress import LaneCounter, Words
    from edsl_nb.runner.transaction import StoredReply

R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """Items that share a service, a model and a key, so that nothing else is held up by their limits.

    Parameters:
        label: name shown in progress, such as ``openai/gpt-4o``.
        size: how many items the lane has.
        indices: their indices, in order; iterated once per run.
        key: the service, address, account and model; lanes with equal ones share their limits;
            None for one that shares them with none.
        concurrency: how many of its calls may be in flight at once.
        limits: requests and tokens per minute that were asked for.
        workers: how many of its items may be done at once; None for a quarter more than calls,
            so that some may wait for the disk while the others keep the model busy.
        price: USD for one token in and out, or None where it is not known.
    """

    label: str
    size: int
    indices: Iterable[int]
    concurrency: int
    price: tuple[float, float] | None
    key: LaneKey | None = None
    limits: Limits = NO_LIMITS
    workers: int | None = None

    @property
    def at_once(self) -> int:
        """How many of its items are done at once."""
        usual = self.concurrency + self.concurrency // 4 + 1
        return min(usual if self.workers is None else self.workers, self.size)

    def of(self, indices: Sequence[int]) -> LaneSpec:
        """The same lane with some of its items only; its size stays, which is what progress counts."""
        return dataclasses.replace(self, indices=indices)


class StoredCells(NamedTuple):
    """An item as the store has it: its index, and what its record's `to_json` gave."""

    position: int
    cells: str


#: Replies on disk, by their ids.
FindReplies = Callable[["Sequence[int]"], "Mapping[int, StoredReply]"]


class ItemRecord(Protocol):
    """What came of an item."""

    @property
    def state(self) -> str:
        """`answered` when at least one of its cells is, else what it failed of."""
        ...

    @property
    def flawed(self) -> bool:
        """Whether one of its cells has no answer and might have one if it were done again."""
        ...

    def count(self, counter: LaneCounter) -> None:
        """Count its cells as what was there already."""
        ...

    def to_json(self) -> str:
        """Its cells for the store, with the ids of their replies."""
        ...


class Records(Protocol):
    """What came of items, by index: a dict, or what keeps them in less room."""

    def __setitem__(self, index: int, record: Any, /) -> None: ...

    def items(self) -> Iterable[tuple[int, Any]]:
        """The records by index."""
        ...

    def update(self, records: Mapping[int, Any], /) -> None:
        """Put several at once."""
        ...

    def copy(self) -> Any:
        """What there is by now, which later records do not change."""
        ...


class Workload(Protocol[R_co]):
    """Items to be run, in lanes, and what their records amount to.

    Attributes:
        words: what its items and their parts are called.
        variable: what the object that runs it is called in code, such as ``job``.
        cells_per_item: parts that are counted on their own, such as questions.
        about: what it is, in a few words.
    """

    words: Words
    variable: str
    cells_per_item: int

    @property
    def about(self) -> str: ...

    def __len__(self) -> int: ...

    def lanes(self) -> list[LaneSpec]:
        """The lanes; together they hold every index once."""
        ...

    def outlook(self, known: Known) -> str | None:
        """What is there already and what there is to do, in a line; None where there is nothing to say.

        Called in a worker thread before the first call, so it takes a moment at most, whatever the length.
        """
        ...

    def records(self) -> Records:
        """A place for what comes of items; `results` and `errors` are given copies of it."""
        ...

    async def run_item(self, index: int, context: Context) -> ItemRecord:
        """Do one item. Calls go through `context`; what fails is part of the record, not raised."""
        ...

    async def wind_up(self) -> None:
        """Do what is left when no more items are begun, before the run ends; it takes seconds at most."""
        ...

    def results(self, records: Any, partial: bool) -> R_co:
        """What the records done so far amount to, in index order."""
        ...

    def row(self, record: Any) -> Any | None:
        """What one record amounts to, or None where it is nothing."""
        ...

    def errors(self, records: Any) -> Any:
        """What has no answer in the records done so far, and why, as a table."""
        ...

    def describe(self) -> dict[str, Any]:
        """The workload as JSON, without keys, for the store."""
        ...

    def plan(self) -> dict[str, Any]:
        """What besides `describe` makes an equal workload, as JSON, for the store."""
        ...

    def restore(self, items: Sequence[StoredCells], find: FindReplies) -> dict[int, Any]:
        """The records of items on disk, by index; those in a form of an older version are left out."""
        ...

    def go_on_from(self, begun: Mapping[int, Any]) -> None:
        """Have items that were begun keep what they have when they are run."""
        ...
