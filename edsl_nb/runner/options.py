"""How a run goes about its work, whatever the work is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from edsl_nb.core.errors import RunError
from edsl_nb.runner.shelf import Shelf

OnInterrupt = Literal["stop", "detach"]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run goes about its work.

    Parameters:
        fresh: ask again, although earlier runs have replies on disk.
        on_interrupt: whether interrupting a cell that waits for the run stops
            it (`stop`), or lets it go on (`detach`).
        stop_on_exception: stop at the first question that gets no answer.
        max_cost: USD that the run may cost; it stops before more is spent.
        shelf: a cache that is read before a model is asked, and filled.

    Raises:
        RunError: an option is not as it has to be.
    """

    fresh: bool = False
    on_interrupt: OnInterrupt = "stop"
    stop_on_exception: bool = False
    max_cost: float | None = None
    shelf: Shelf | None = None

    def __post_init__(self) -> None:
        if self.on_interrupt not in ("stop", "detach"):
            raise RunError(
                "no such way to end",
                field="on_interrupt",
                value=self.on_interrupt,
                remedy="Use 'stop' or 'detach'.",
            )
        for field in ("fresh", "stop_on_exception"):
            value = getattr(self, field)
            if not isinstance(value, bool):
                raise RunError(
                    "True or False is wanted", field=field, value=value, remedy=f"Such as run({field}=True)."
                )
        cost = self.max_cost
        number = isinstance(cost, int | float) and not isinstance(cost, bool) and math.isfinite(cost)
        if cost is not None and (not number or cost < 0):
            raise RunError(
                "an amount of USD, 0 or more, is wanted",
                field="max_cost",
                value=cost,
                remedy="Such as run(max_cost=2.50).",
            )


#: How a run goes unless something else is asked for.
USUAL = RunOptions()
