"""Telling what is new among millions of things, in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")

#: Things that are told apart at a time.
_BATCH = 2_000


class Distinct(Generic[T]):
    """Finds the first of equal things. Keeps eight bytes of each, not the things themselves.

    Parameters:
        found: called with things that are new, some at a time, in order.
    """

    def __init__(self, found: Callable[[list[T]], None]) -> None:
        self._found = found
        self._digests, self._things = array("q"), list[T]()
        #: Sorted digests that were seen; each run of them is less than half as long as the one before.
        self._seen: list[np.ndarray[Any, np.dtype[np.int64]]] = []

    def add(self, digest: int, thing: T) -> None:
        """Add a thing.

        Parameters:
            digest: 64 bits, signed, that are equal for equal things, such as `hash` gives.
        """
        self._digests.append(digest)
        self._things.append(thing)
        if len(self._things) >= _BATCH:
            self.settle()

    def settle(self) -> None:
        """Report what is new of the things that were added since the last time."""
        import numpy as np

        digests, first = np.unique(np.array(self._digests, dtype=np.int64), return_index=True)
        known = np.zeros(len(digests), dtype=bool)
        for seen in self._seen:
            at = np.searchsorted(seen, digests)
            known |= seen[np.minimum(at, len(seen) - 1)] == digests
        fresh = digests[~known]
        while len(self._seen) > 0 and len(self._seen[-1]) < 2 * len(fresh):
            fresh = np.sort(np.concatenate([self._seen.pop(), fresh]), kind="stable")
        if len(fresh) > 0:
            self._seen.append(fresh)
        things = self._things
        self._digests, self._things = array("q"), []
        self._found([things[i] for i in np.sort(first[~known]).tolist()])
