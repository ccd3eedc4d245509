"""Random draws that are the same every time, unless a seed says otherwise."""

from __future__ import annotations

import random
from typing import Any

from edsl_nb.core.errors import EdslNbError

#: The seed where none is given: the same code draws the same.
DEFAULT_SEED = 0


def chance(seed: Any, error: type[EdslNbError]) -> random.Random:
    """Randomness from a seed, a number or a text; from the usual one for None.

    Raises:
        EdslNbError: of the kind given; it is no seed.
    """
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int | str)):
        raise error("a number or a text is wanted", field="seed", value=seed, remedy="Such as seed=1.")
    return random.Random(str(DEFAULT_SEED if seed is None else seed))


def sample(count: int, n: Any, seed: Any, error: type[EdslNbError], noun: str) -> list[int]:
    """The positions of `n` of `count` objects, in the order drawn.

    Raises:
        EdslNbError: of the kind given; there are not so many, or it is no seed.
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 0 <= n <= count:
        raise error(
            f"a number from 0 to {count:,} is wanted, since there are {count:,} {noun}s",
            field="n",
            value=n,
            remedy="Ask for fewer.",
        )
    return chance(seed, error).sample(range(count), n)


def share(count: int, fraction: Any, field: str, error: type[EdslNbError]) -> int:
    """How many of `count` objects a fraction from 0 to 1 is, rounded down.

    Raises:
        EdslNbError: of the kind given; it is no such fraction.
    """
    if isinstance(fraction, bool) or not isinstance(fraction, int | float) or not 0 <= fraction <= 1:
        raise error("a share from 0 to 1 is wanted", field=field, value=fraction, remedy="Such as 0.5.")
    return int(count * fraction)
