"""How a run goes about its work, whatever the work is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from edsl_nb.core.errors import RunError
from edsl_nb.runner.shelf import Shelf

OnInterrupt = Literal["stop", "detach"]

#: Where functions and coroutines of users run: in threads, or on the event loop of who starts the run.
Where = Literal["thread", "notebook"]


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
        loop: where functions and coroutines of users run: plain functions in a
            ``thread`` and coroutines on a loop in one, or both on the event loop of
            whoever starts the run, such as the ``notebook``'s.
        dry_run: ask no model, and make up valid answers.
        outlook: find out, before the first call, what is there already and what there is to do,
            for whoever is shown the progress. It makes no other run of this one.

    Raises:
        RunError: an option is not as it has to be.
    """

    fresh: bool = False
    on_interrupt: OnInterrupt = "stop"
    stop_on_exception: bool = False
    max_cost: float | None = None
    shelf: Shelf | None = None
    loop: Where = "thread"
    dry_run: bool = False
    outlook: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if self.on_interrupt not in ("stop", "detach"):
            raise RunError(
                "no such way to end",
                field="on_interrupt",
                value=self.on_interrupt,
                remedy="Use 'stop' or 'detach'.",
            )
        if self.loop not in ("thread", "notebook"):
            raise RunError(
                "no such place", field="loop", value=self.loop, remedy="Use 'thread' or 'notebook'."
            )
        for name in ("fresh", "stop_on_exception", "dry_run"):
            value = getattr(self, name)
            if not isinstance(value, bool):
                raise RunError(
                    "True or False is wanted", field=name, value=value, remedy=f"Such as run({name}=True)."
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
