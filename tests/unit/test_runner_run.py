"""The handle of a run: waiting, watching, stopping, and how it ends."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edsl_nb.core.errors import EdslNbWarning, RunError, StoreError
from edsl_nb.runner import execution
from edsl_nb.runner import loop as runner_loop
from edsl_nb.runner.context import Context
from edsl_nb.runner.options import RunOptions
from edsl_nb.runner.progress import ProgressSnapshot
from edsl_nb.runner.run import Run
from tests.unit.runner_fakes import PATIENCE, Done, MemoryStore, Workload, leftovers

Ran = Run[tuple[list[int], bool]]


def start(workload: Workload, store: MemoryStore | None = None, **options: Any) -> Ran:
    return Run(workload, store or MemoryStore(), RunOptions(**options))  # type: ignore[arg-type]


class Gate:
    """Items that wait until they are let go; `reached` is set when the first one waits."""

    def __init__(self, free: int = 0) -> None:
        self.free = free
        self.reached = threading.Event()
        self._go = asyncio.Event()

    async def item(self, index: int, context: Context) -> Done:
        if index >= self.free:
            self.reached.set()
            try:
                await self._go.wait()
            except asyncio.CancelledError:
                return Done(["cancelled"])
        context.counter.cell("answered")
        return Done(["answered"])

    def open(self) -> None:
        runner_loop.call_soon(self._go.set)


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "GRACE", 0.1)


def test_a_run_goes_on_by_itself_and_gives_its_results() -> None:
    run = start(Workload({"a": 30, "b": 20}))
    assert run.wait(PATIENCE)
    assert run.done
    assert run.result() == run.results == (list(range(50)), False)
    assert run.progress.state == "completed"
    assert (run.progress.items_done, run.progress.in_flight, run.errors) == (50, 0, [])
    assert repr(run) == f"Run({run.id!r}, completed, 50 of 50 items)"
    assert leftovers() == []


def test_its_begin_and_end_are_in_the_store() -> None:
    store = MemoryStore()
    run = start(Workload({"a": 3}), store, fresh=True, on_interrupt="detach")
    run.wait(PATIENCE)
    (begun, what), (ended, how) = store.statements
    assert begun.startswith("INSERT INTO runs")
    told = dict(zip(begun.partition("(")[2].partition(")")[0].split(", "), what, strict=True))
    assert (told["id"], told["job"], told["items"], told["state"]) == (
        run.id,
        '{"sizes": {"a": 3}}',
        3,
        "running",
    )
    options = json.loads(told["options"])
    assert (options["fresh"], options["on_interrupt"]) == (True, "detach")
    assert ended.startswith("UPDATE runs")
    assert (how[0], how[2], run.id in how) == ("completed", 3, True)


def test_waiting_has_a_time_limit() -> None:
    gate = Gate()
    run = start(Workload({"a": 1}, gate.item))
    began = time.monotonic()
    assert not run.wait(0)
    assert not run.wait(0.3)
    assert 0.3 <= time.monotonic() - began < 5
    assert not run.done
    gate.open()
    assert run.wait(PATIENCE)


@pytest.mark.parametrize("block", [lambda run: run.wait(1), lambda run: run.result()])
def test_blocking_on_the_runners_own_thread_is_refused(block: Any) -> None:
    gate = Gate()
    run = start(Workload({"a": 1}, gate.item))

    async def wait() -> None:
        block(run)

    with pytest.raises(RunError, match="await run"):
        runner_loop.submit(wait()).result(PATIENCE)
    gate.open()
    assert run.wait(PATIENCE)


def test_the_runners_own_loop_may_await_a_run() -> None:
    async def both() -> Any:
        return await start(Workload({"a": 5}))

    assert runner_loop.submit(both()).result(PATIENCE) == ([0, 1, 2, 3, 4], False)


async def test_runs_can_be_awaited_together_and_more_than_once() -> None:
    runs = [start(Workload({"a": size})) for size in (1, 20, 300)]
    results = await asyncio.gather(*runs, runs[0])
    assert [len(indices) for indices, _ in results] == [1, 20, 300, 1]
    assert await runs[2] == results[2]


def test_it_can_be_awaited_from_several_loops() -> None:
    gate = Gate()
    run = start(Workload({"a": 1}, gate.item))
    results: list[Any] = []

    async def wait() -> None:
        results.append(await run)

    threads = [threading.Thread(target=lambda: asyncio.run(wait())) for _ in range(3)]
    for thread in threads:
        thread.start()
    gate.open()
    for thread in threads:
        thread.join(PATIENCE)
    assert results == [([0], False)] * 3


async def test_the_loop_goes_on_while_a_run_is_awaited() -> None:
    gate = Gate()
    waiting = asyncio.ensure_future(start(Workload({"a": 1}, gate.item))._wait_async())
    steps = 0
    while steps < 30 and not waiting.done():
        await asyncio.sleep(0.01)
        steps += 1
    assert steps == 30
    gate.open()
    await waiting


# Stopping


@pytest.mark.usefixtures("short_grace")
def test_stop_gives_what_there_is_with_a_warning() -> None:
    gate = Gate(free=7)
    run = start(Workload({"a": 500}, gate.item))
    assert gate.reached.wait(PATIENCE)
    run.cancel()
    with pytest.warns(EdslNbWarning, match=r"The run was stopped: 7 of 500 items are done"):
        indices, partial = run.result()
    assert indices[:7] == [0, 1, 2, 3, 4, 5, 6]
    assert partial
    assert run.progress.state == "stopped"
    assert run.progress.items_done == run.progress.cells_done == 7
    assert leftovers() == []


def test_what_ends_within_the_grace_is_kept() -> None:
    gate = Gate()
    workload = Workload({"a": 50}, gate.item, concurrency=10)
    run = start(workload)
    assert gate.reached.wait(PATIENCE)
    run.cancel()
    gate.open()
    with pytest.warns(EdslNbWarning):
        indices, _ = run.result()
    assert 10 <= len(workload.taken) < 20
    assert sorted(indices) == sorted(workload.taken)
    assert run.progress.items_done == len(indices)


def test_a_run_that_is_done_by_the_time_it_stops_is_complete() -> None:
    gate = Gate()
    run = start(Workload({"a": 5}, gate.item, concurrency=10))
    assert gate.reached.wait(PATIENCE)
    run.cancel()
    gate.open()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert run.result() == ([0, 1, 2, 3, 4], False)
    run.cancel()
    assert run.progress.state == "completed"


def test_stop_at_once_starts_nothing() -> None:
    workload = Workload({"a": 10**6})
    blocked, free = threading.Event(), threading.Event()
    runner_loop.call_soon(lambda: (blocked.set(), free.wait(PATIENCE)))
    assert blocked.wait(PATIENCE)
    run = start(workload)
    run.cancel()
    run.cancel()
    free.set()
    with pytest.warns(EdslNbWarning):
        assert run.result() == ([], True)
    assert len(workload.taken) == 0


@pytest.mark.usefixtures("short_grace")
@pytest.mark.parametrize(("on_interrupt", "state"), [("stop", "stopped"), ("detach", "completed")])
async def test_cancelling_who_waits_is_an_interrupt(on_interrupt: Any, state: str) -> None:
    gate = Gate()
    run = start(Workload({"a": 3}, gate.item), on_interrupt=on_interrupt)
    task = asyncio.ensure_future(run._wait_async())
    await asyncio.to_thread(gate.reached.wait, PATIENCE)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    if on_interrupt == "detach":
        assert not run.done
        gate.open()
    assert await asyncio.to_thread(run.wait, PATIENCE)
    assert run.progress.state == state


@pytest.mark.usefixtures("short_grace")
async def test_a_time_limit_around_a_run_stops_it() -> None:
    run = start(Workload({"a": 3}, Gate().item))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(run, 0.2)
    assert await asyncio.to_thread(run.wait, PATIENCE)
    assert run.progress.state == "stopped"


def test_other_ways_to_end_are_refused() -> None:
    with pytest.raises(RunError, match="on_interrupt"):
        start(Workload({"a": 1}), on_interrupt="explode")


# Failing


async def test_a_fault_in_the_workload_ends_the_run_and_is_raised() -> None:
    async def item(index: int, context: Context) -> Done:
        if index == 5:
            raise ZeroDivisionError("a fault of the program")
        context.counter.cell("answered")
        return Done(["answered"])

    store = MemoryStore()
    run = start(Workload({"a": 10}, item, concurrency=1), store)
    with pytest.raises(ZeroDivisionError):
        await run
    with pytest.raises(ZeroDivisionError):
        await asyncio.to_thread(run.result)
    assert run.progress.state == "failed"
    indices, partial = run.results
    assert {0, 1, 2, 3, 4} <= set(indices)
    assert 5 not in indices
    assert partial
    assert [error.message for error in run.progress.errors] == ["run: a fault of the program"]
    assert store.statements[-1][1][0] == "failed"
    assert leftovers() == []


def test_a_store_that_fails_ends_the_run_and_is_raised() -> None:
    store = MemoryStore()
    store.failure = StoreError("the disk is full")
    run = start(Workload({"a": 10}), store)
    with pytest.raises(StoreError, match="the disk is full"):
        run.result()
    assert run.progress.state == "failed"


# Watching


def test_subscribers_are_told_at_most_ten_times_a_second_and_at_the_end() -> None:
    gate = Gate(free=10)
    run = start(Workload({"a": 11}, gate.item))
    told: list[tuple[float, ProgressSnapshot, bool]] = []
    run.subscribe(lambda: told.append((time.monotonic(), run.progress, runner_loop.on_loop())))
    assert gate.reached.wait(PATIENCE)
    assert not run.wait(1)
    gate.open()
    assert run.wait(PATIENCE)
    assert all(on_loop for _, _, on_loop in told)
    assert told[-1][1].state == "completed", "before whoever waits goes on"
    took = told[-1][0] - told[0][0]
    assert 3 <= len(told) <= 10 * took + 2
    assert [snapshot.final for _, snapshot, _ in told].count(True) == 1


def test_who_subscribes_late_is_told_of_the_end() -> None:
    run = start(Workload({"a": 1}))
    assert run.wait(PATIENCE)
    told = threading.Event()
    run.subscribe(told.set)
    assert told.wait(PATIENCE)


def test_who_subscribes_while_the_end_is_told_is_told_too() -> None:
    gate, told = Gate(), threading.Event()
    run = start(Workload({"a": 1}, gate.item))

    def at_the_end() -> None:
        if run.progress.final:
            run.subscribe(told.set)

    run.subscribe(at_the_end)
    gate.open()
    assert told.wait(PATIENCE)


def test_who_unsubscribes_is_told_no_more() -> None:
    gate = Gate()
    run = start(Workload({"a": 1}, gate.item))
    told: list[int] = []
    unsubscribe = run.subscribe(lambda: told.append(1))
    unsubscribe()
    unsubscribe()
    gate.open()
    assert run.wait(PATIENCE)
    assert told == []


@pytest.mark.parametrize("unsubscribes", [False, True])
def test_a_subscriber_that_fails_harms_nobody(unsubscribes: bool) -> None:
    gate = Gate()
    run = start(Workload({"a": 1}, gate.item))
    told: list[bool] = []
    ends: list[Any] = []

    def fail() -> None:
        if unsubscribes:
            ends[0]()
        raise ValueError("no display here")

    ends.append(run.subscribe(fail))
    run.subscribe(lambda: told.append(run.progress.final))
    gate.open()
    assert run.result() == ([0], False)
    assert told[-1]
    [error] = run.progress.errors
    assert (error.message, error.count) == ("a progress callback raised ValueError: no display here", 1)


@settings(max_examples=25, deadline=None)
@given(
    outcomes=st.lists(
        st.lists(
            st.sampled_from(["answered", "invalid", "failed", "skipped", "not_reached"]),
            min_size=2,
            max_size=2,
        ),
        max_size=60,
    ),
    stop_at=st.none() | st.integers(0, 60),
)
def test_counts_add_up_at_every_moment(outcomes: list[list[Any]], stop_at: int | None) -> None:
    watched, ended = threading.Event(), threading.Event()

    async def item(index: int, context: Context) -> Done:
        if not watched.is_set():
            await asyncio.to_thread(watched.wait, PATIENCE)
        cells = []
        for cell in outcomes[index]:
            await asyncio.sleep(0)
            if context.scope.stopping:
                return Done([*cells, "cancelled"])
            context.counter.cell(cell)
            cells.append(cell)
        if index == stop_at:
            run.cancel()
        return Done(cells)

    half = len(outcomes) // 2
    workload = Workload({"a": half, "b": len(outcomes) - half}, item, concurrency=3, cells_per_item=2)
    run = start(workload)
    seen: list[ProgressSnapshot] = []

    def look() -> None:
        seen.append(run.progress)
        if seen[-1].final:
            ended.set()

    run.subscribe(look)
    watched.set()
    assert run.wait(PATIENCE)
    assert ended.wait(PATIENCE)
    for now in (*seen, run.progress):
        assert now.items_total == len(outcomes)
        assert now.cells_total == 2 * len(outcomes)
        assert now.items_failed <= now.items_done <= now.items_total
        assert now.answered + now.invalid + now.failed + now.skipped <= now.cells_done <= now.cells_total
        assert 2 * now.items_done <= now.cells_done
        assert now.cells_done == sum(lane.cells_done for lane in now.lanes)
    last = seen[-1]
    assert last.final
    if last.state == "completed":
        assert (last.items_done, last.cells_done) == (len(outcomes), 2 * len(outcomes))
        flat = [cell for cells in outcomes for cell in cells]
        for state in ("answered", "invalid", "failed"):
            assert getattr(last, state) == flat.count(state)
        assert last.skipped == flat.count("skipped") + flat.count("not_reached")
        assert last.items_failed == sum("answered" not in cells for cells in outcomes)
    else:
        assert stop_at is not None


def test_garbage_is_searched_for_as_before_after_a_run() -> None:
    before = gc.get_threshold()
    gate = Gate()
    run = start(Workload({"a": 1}, gate.item))
    assert gate.reached.wait(PATIENCE)
    assert gc.get_threshold()[0] > before[0]
    gate.open()
    assert run.wait(PATIENCE)
    assert gc.get_threshold() == before
