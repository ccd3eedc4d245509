"""Lanes: every index once, never too many at a time, and none is held up by another."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.core.errors import StoreError
from edsl_nb.runner.context import Context
from edsl_nb.runner.progress import LaneCounter
from edsl_nb.runner.scheduler import Lane, run_lanes
from tests.unit.runner_fakes import Done, MemoryStore, Workload, at_once, line, scope, until


def lanes(workload: Workload, store: MemoryStore | None = None) -> list[Lane]:
    """The workload's lanes, which share a scope."""
    shared = scope(store)
    made: list[Lane] = []
    for spec in workload.lanes():
        counter = LaneCounter(spec.label, spec.size, spec.price)
        made.append(Lane(spec, Context(shared, counter, line(counter, spec.concurrency))))
    return made


def most(concurrency: int) -> int:
    """How many items are open at once at most: some wait for the disk while others are at their calls."""
    return concurrency + concurrency // 4 + 1


async def run(workload: Workload, made: list[Lane], give_up: asyncio.Event | None = None) -> dict[int, Done]:
    records: dict[int, Done] = {}
    await run_lanes(made, workload, records.__setitem__, give_up or asyncio.Event())
    return records


@given(
    sizes=st.lists(st.integers(0, 30), min_size=1, max_size=4),
    concurrency=st.integers(1, 12),
    waits=st.lists(st.integers(0, 3), min_size=1, max_size=7),
)
def test_every_index_is_done_once_and_never_too_many_at_a_time(
    sizes: list[int], concurrency: int, waits: list[int]
) -> None:
    open_now = dict.fromkeys(map(str, range(len(sizes))), 0)

    async def item(index: int, context: Context) -> Done:
        open_now[context.counter.label] += 1
        assert open_now[context.counter.label] <= most(concurrency)
        for _ in range(waits[index % len(waits)]):
            await asyncio.sleep(0)
        open_now[context.counter.label] -= 1
        return Done(["answered"])

    workload = Workload({str(i): size for i, size in enumerate(sizes)}, item, concurrency)
    store = MemoryStore()
    made = lanes(workload, store)
    records = asyncio.run(run(workload, made))
    assert sorted(workload.taken) == sorted(records) == list(range(len(workload)))
    assert [lane.context.counter.items_done for lane in made] == sizes
    assert sorted(item.position for item in store.items) == list(range(len(workload)))


async def test_a_slow_lane_holds_up_no_other() -> None:
    slow_may_go = asyncio.Event()
    finished: list[str] = []

    async def item(index: int, context: Context) -> Done:
        if context.counter.label == "slow":
            await slow_may_go.wait()
        finished.append(context.counter.label)
        return Done(["answered"])

    workload = Workload({"slow": 500, "fast": 500}, item, concurrency=5)
    task = asyncio.create_task(run(workload, lanes(workload)))
    await until(lambda: finished.count("fast") == 500)
    assert "slow" not in finished
    slow_may_go.set()
    assert len(await task) == 1000


async def test_there_is_a_task_per_worker_and_none_per_item() -> None:
    tasks = 0

    async def item(index: int, context: Context) -> Done:
        nonlocal tasks
        tasks = max(tasks, len(asyncio.all_tasks()))
        await asyncio.sleep(0)
        return Done(["answered"])

    before = len(asyncio.all_tasks())
    workload = Workload({"one": 1000, "two": 3}, item, concurrency=20)
    await run(workload, lanes(workload))
    assert most(20) + 3 <= tasks - before <= most(20) + 6
    assert len(asyncio.all_tasks()) == before


@pytest.mark.parametrize("workers", [1, 3, 40])
async def test_items_at_once_are_not_bound_to_calls_at_once(workers: int) -> None:
    async def item(index: int, context: Context) -> Done:
        await asyncio.sleep(0.001)
        return await at_once(index, context)

    workload = Workload({"one": 100}, item, concurrency=10, workers=workers)
    await run(workload, lanes(workload))
    assert workload.most_at_once == workers


async def test_what_fails_and_what_is_cancelled_is_counted_so() -> None:
    cells = {0: ["answered"], 1: ["failed"], 2: ["invalid", "not_reached"], 3: ["answered", "cancelled"]}

    async def item(index: int, context: Context) -> Done:
        return Done(cells[index])

    workload = Workload({"one": 4}, item)
    store = MemoryStore()
    made = lanes(workload, store)
    records = await run(workload, made)
    counter = made[0].context.counter
    assert (counter.items_done, counter.items_failed) == (3, 2)
    assert set(records) == {0, 1, 2, 3}, "what is incomplete is kept too"
    assert [(item.run_id, item.position, item.state) for item in store.items] == [
        ("run", 0, "answered"),
        ("run", 1, "failed"),
        ("run", 2, "invalid"),
        ("run", 3, "cancelled"),
    ]


async def test_stopping_takes_no_new_item_and_lets_the_others_end() -> None:
    release = asyncio.Event()

    async def item(index: int, context: Context) -> Done:
        await release.wait()
        return Done(["answered"])

    workload = Workload({"one": 100}, item, concurrency=4)
    made = lanes(workload)
    task = asyncio.create_task(run(workload, made))
    await until(lambda: len(workload.taken) == most(4))
    made[0].context.scope.stopping = True
    release.set()
    assert sorted(await task) == list(range(most(4)))
    assert len(workload.taken) == most(4)


async def test_giving_up_ends_those_that_do_not_end_by_themselves() -> None:
    async def item(index: int, context: Context) -> Done:
        try:
            await asyncio.sleep(3600 if index else 0)
        except asyncio.CancelledError:
            if index == 2:
                return Done(["cancelled"])  # as interviews do, to keep what they have
            raise
        return Done(["answered"])

    workload = Workload({"one": 4}, item)
    give_up = asyncio.Event()
    made = lanes(workload)
    task = asyncio.create_task(run(workload, made, give_up))
    await until(lambda: made[0].context.counter.items_done == 1)
    made[0].context.scope.stopping = True
    give_up.set()
    async with asyncio.timeout(5):
        records = await task
    assert {index: record.state for index, record in records.items()} == {0: "answered", 2: "cancelled"}
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_a_worker_raises_ends_the_others_and_is_raised() -> None:
    ended: list[int] = []

    async def item(index: int, context: Context) -> Done:
        try:
            if index == 3:
                raise StoreError("the disk is gone")
            await asyncio.sleep(3600)
        finally:
            ended.append(index)
        return Done(["answered"])

    workload = Workload({"one": 5, "two": 5}, item)
    async with asyncio.timeout(5):
        with pytest.raises(StoreError, match="the disk is gone"):
            await run(workload, lanes(workload))
    assert sorted(ended) == list(range(10))
    assert asyncio.all_tasks() == {asyncio.current_task()}
