"""Random choices that are the same whenever they are looked at.

A choice derives from a seed, the content of agent and scenario, the question
and the iteration, and from nothing else: prompts that are inspected are the
prompts that are sent, and adding agents changes nobody else's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Chance:
    """The random choices of one question, for one respondent in one iteration.

    Parameters:
        source: text that says whose they are; equal texts give equal choices.
        shuffle: whether the survey wants the question's options in random order.
        pinned: options that keep their places when they are shuffled.
    """

    source: str = ""
    shuffle: bool = False
    pinned: tuple[Any, ...] = ()

    def random(self, purpose: str) -> Random:
        """A generator of its own for each purpose, such as ``options``."""
        digest = hashlib.blake2b(f"{purpose}\0{self.source}".encode(errors="surrogatepass"), digest_size=16)
        return Random(int.from_bytes(digest.digest()))

    def order(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """Options in the order in which they are shown."""
        return shuffled(values, self.pinned, self.random("options")) if self.shuffle else tuple(values)


def shuffled(values: Sequence[Any], pinned: Sequence[Any], random: Random) -> tuple[Any, ...]:
    """The values in random order, but for the pinned ones, which keep their places."""
    free = [i for i, value in enumerate(values) if value not in pinned]
    moved = random.sample(free, len(free))
    order = dict(zip(free, moved, strict=True))
    return tuple(values[order.get(i, i)] for i in range(len(values)))


#: Nothing is random.
NONE = Chance()
