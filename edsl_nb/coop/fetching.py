"""Many things fetched at the same time: what came, in order, and what did not, and why."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar, cast, overload

from edsl_nb.coop.checks import checked_flag
from edsl_nb.coop.http import AT_ONCE
from edsl_nb.core.errors import CoopError, EdslNbError, warn
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown
from edsl_nb.core.tables import Column

T = TypeVar("T")

#: Seconds after which a fetch says how far it is, and between two words on that.
_QUICK, _TICK = 1.0, 0.2


@dataclass(frozen=True, slots=True)
class Unfetched:
    """Something that could not be fetched.

    Parameters:
        position: where it stands in what was asked for.
        uuid: what was asked for.
        error: why.
    """

    position: int
    uuid: str
    error: EdslNbError

    @property
    def reason(self) -> str:
        """Why, in words."""
        return str(self.error)


class Fetched(Shown, Sequence[T | None], Generic[T]):
    """What was fetched, in the order in which it was asked for; None stands for what could not be.

    Parameters:
        uuids: what was asked for.
        outcomes: of each the object, or why there is none.
        noun: what they are, in the plural.

    Attributes:
        failures: what could not be fetched, and why.
        found: the objects alone.
    """

    def __init__(self, uuids: Sequence[str], outcomes: Sequence[T | EdslNbError], noun: str) -> None:
        self._uuids, self._noun = tuple(uuids), noun
        self._outcomes = tuple(outcomes)
        pairs = list(enumerate(zip(uuids, outcomes, strict=True)))
        self.failures = [Unfetched(i, uuid, o) for i, (uuid, o) in pairs if isinstance(o, EdslNbError)]
        self.found = [cast(T, o) for _, (_, o) in pairs if not isinstance(o, EdslNbError)]

    def _object(self, outcome: T | EdslNbError) -> T | None:
        return None if isinstance(outcome, EdslNbError) else outcome

    def __len__(self) -> int:
        return len(self._outcomes)

    @overload
    def __getitem__(self, position: int) -> T | None: ...
    @overload
    def __getitem__(self, position: slice) -> Self: ...
    def __getitem__(self, position: int | slice) -> T | Self | None:
        if isinstance(position, slice):
            return type(self)(self._uuids[position], self._outcomes[position], self._noun)
        return self._object(self._outcomes[position])

    def __iter__(self) -> Iterator[T | None]:
        return map(self._object, self._outcomes)

    def by_uuid(self) -> dict[str, T]:
        """The objects by what they were asked for by."""
        pairs = zip(self._uuids, self._outcomes, strict=True)
        return {uuid: one for uuid, one in pairs if not isinstance(one, EdslNbError)}

    def raise_failures(self) -> Self:
        """The same, where nothing failed; else the first failure.

        Raises:
            CoopError: why the first one could not be fetched.
        """
        for failure in self.failures:
            raise failure.error
        return self

    def as_table(self) -> MemoryTable:
        """What came of each, a row each."""

        def cell(row: int, name: str) -> Any:
            outcome = self._outcomes[row]
            failed = isinstance(outcome, EdslNbError)
            values = {
                "uuid": self._uuids[row],
                "fetched": None if failed else repr(outcome),
                "error": str(outcome) if failed else None,
            }
            return values[name]

        columns = [Column(name, sortable=True) for name in ("uuid", "fetched", "error")]
        return MemoryTable(f"Fetched {self._noun}", columns, len(self), cell)

    def __repr__(self) -> str:
        failed = "".join(f"\n  {one.position}: {one.reason}" for one in self.failures[:5])
        return f"Fetched({len(self.found):,} of {len(self):,} {self._noun}){failed}"

    def report(self) -> Self:
        """The same; warns of what could not be fetched."""
        if self.failures:
            first = self.failures[0]
            warn(
                f"{len(self.failures):,} of {len(self):,} {self._noun} could not be fetched; "
                f"failures says which and why. The first: {first.reason}"
            )
        return self


#: Told how many of how many are done.
Report = Callable[[int, int], None]


async def fetch_all(
    uuids: Sequence[str],
    fetch: Callable[[int], Awaitable[T]],
    noun: str,
    report: Report = lambda done, of: None,
) -> Fetched[T]:
    """Fetch many things, as many at a time as there are connections; what fails holds up nothing.

    Parameters:
        uuids: what is fetched.
        fetch: fetches the one of a position.
        noun: what they are, in the plural.
        report: called after each.
    """
    outcomes: list[T | EdslNbError] = [CoopError("it was not fetched")] * len(uuids)
    left, done = iter(range(len(uuids))), 0

    async def work() -> None:
        nonlocal done
        for position in left:
            try:
                outcomes[position] = await fetch(position)
            except EdslNbError as failure:
                outcomes[position] = failure
            done += 1
            report(done, len(uuids))

    await asyncio.gather(*(work() for _ in range(min(AT_ONCE, len(uuids)))))
    return Fetched(uuids, outcomes, noun)


class Line:
    """One line on stderr that says how far a fetch is and is taken away at its end; quick ones show none.

    Parameters:
        noun: what is fetched, in the plural.
        shown: whether anything is shown; nothing is where nobody would see it rewritten.
    """

    def __init__(self, noun: str, shown: bool) -> None:
        in_notebook = type(sys.stderr).__module__.startswith("ipykernel")
        self._noun, self._shown = (
            noun,
            checked_flag(shown, "progress_bar") and (in_notebook or sys.stderr.isatty()),
        )
        self._next = time.monotonic() + _QUICK
        self._written = False

    def __call__(self, done: int, of: int) -> None:
        if not self._shown or time.monotonic() < self._next:
            return
        self._next, self._written = time.monotonic() + _TICK, True
        print(f"\r{done:,} of {of:,} {self._noun} fetched", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Take the line away."""
        if self._written:
            print("\r" + " " * 60 + "\r", end="", file=sys.stderr, flush=True)
