"""Who runs what when: every lane has its own cursor and its own workers, so none holds up another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from edsl_nb.runner.context import Context
from edsl_nb.runner.transaction import StoredItem
from edsl_nb.runner.workload import ItemRecord, LaneSpec, Workload

#: Called with the index and the record of an item.
Done = Callable[[int, ItemRecord], None]


class Lane:
    """One lane being run: workers that take the next index when they are free. Never a task per item.

    Parameters:
        spec: what is in the lane.
        context: how its items make their calls.
    """

    def __init__(self, spec: LaneSpec, context: Context) -> None:
        self.spec, self.context = spec, context
        self._cursor: Iterator[int] = iter(spec.indices)

    def workers(self, workload: Workload[object], done: Done) -> list[asyncio.Task[None]]:
        """Start the lane's workers. The context sees to it that they never make too many calls."""
        return [asyncio.create_task(self._work(workload, done)) for _ in range(self.spec.at_once)]

    async def _work(self, workload: Workload[object], done: Done) -> None:
        scope, counter = self.context.scope, self.context.counter
        for index in self._cursor:
            if scope.stopping:
                return
            record = await workload.run_item(index, self.context.for_item(index))
            state = record.state
            scope.store.add_item(StoredItem(scope.run_id, index, state, record.to_json()))
            if state != "cancelled":
                counter.items_done += 1
                counter.items_failed += state != "answered"
            done(index, record)


async def run_lanes(
    lanes: list[Lane], workload: Workload[object], done: Done, give_up: asyncio.Event
) -> None:
    """Run all lanes to their ends.

    Parameters:
        lanes: the lanes.
        workload: what their items are.
        done: called for each record.
        give_up: when set, workers that are still at a call are cancelled.

    Raises:
        Exception: what a worker raised, such as a StoreError; the others are cancelled first.
    """
    tasks = [task for lane in lanes for task in lane.workers(workload, done)]
    everything: asyncio.Future[Any] = asyncio.gather(*tasks)
    giving_up = asyncio.create_task(give_up.wait())
    started: list[asyncio.Future[Any]] = [*tasks, everything, giving_up]
    try:
        await asyncio.wait({everything, giving_up}, return_when=asyncio.FIRST_COMPLETED)
        if everything.done():
            everything.result()
    finally:
        for task in started:
            task.cancel()
        await asyncio.gather(*started, return_exceptions=True)
