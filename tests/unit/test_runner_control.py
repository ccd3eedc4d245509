"""Steering and watching a run: pausing, budgets, the first failure, results as they finish, callbacks."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from edsl_nb.core.errors import EdslNbWarning, RunError
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.runner import execution
from edsl_nb.runner.context import Context
from edsl_nb.runner.options import RunOptions
from edsl_nb.runner.progress import ProgressSnapshot
from edsl_nb.runner.run import Run
from edsl_nb.runner.scope import Stopping
from tests.unit.runner_fakes import (
    PATIENCE,
    Done,
    FakeService,
    Item,
    MemoryStore,
    Workload,
    ask,
    fake,
    until,
)

__all__ = ["fake"]  # a fixture

Ran = Run[tuple[list[int], bool]]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "GRACE", 0.1)


def start(workload: Workload, **options: Any) -> Ran:
    return Run(workload, MemoryStore(), RunOptions(**options))  # type: ignore[arg-type]


def slow(seconds: float) -> Item:
    async def item(index: int, context: Context) -> Done:
        await asyncio.sleep(seconds)
        context.counter.cell("answered")
        return Done(["answered"])

    return item


async def one_call(index: int, context: Context) -> Done:
    """An item that asks the fake service."""
    try:
        await context.call(ask(f"{index}?"))
    except Stopping:
        return Done(["cancelled"])
    context.counter.cell("answered")
    return Done(["answered"])


async def test_a_paused_run_starts_no_call_and_goes_on_later(fake: FakeService) -> None:
    run = start(Workload({"m": 200}, one_call, concurrency=2))

    async def answer(call: ModelCall) -> Reply:
        await asyncio.sleep(0.005)
        return await fake.echo(call)

    fake.answer = answer
    await until(lambda: len(fake.asked) > 10)
    run.pause()
    await until(lambda: run.progress.state == "paused" and run.progress.in_flight == 0)
    asked = len(fake.asked)
    await asyncio.sleep(0.1)
    assert len(fake.asked) == asked
    assert not run.done
    assert run.progress.eta is None
    run.resume()
    assert await run == (list(range(200)), False)
    assert len(fake.asked) == 200


async def test_a_paused_run_can_be_stopped(fake: FakeService) -> None:
    async def answer(call: ModelCall) -> Reply:
        await asyncio.sleep(0.05)  # so that it does not end before it is paused
        return await fake.echo(call)

    fake.answer = answer
    run = start(Workload({"m": 50}, one_call, concurrency=2))
    run.pause()
    await until(lambda: run.progress.state == "paused")
    run.cancel()
    with pytest.warns(EdslNbWarning, match="The run was stopped"):
        await run
    assert run.progress.state == "stopped"


async def test_pausing_what_has_ended_changes_nothing() -> None:
    run = start(Workload({"m": 3}))
    await run
    run.pause()
    run.resume()
    await asyncio.sleep(0.05)
    assert run.progress.state == "completed"


async def test_a_budget_is_never_passed(fake: FakeService) -> None:
    # A call sends 3 tokens in and gets 2 out: 7 USD at these prices.
    workload = Workload({"m": 100}, one_call, concurrency=5, prices={"m": (1.0, 2.0)})

    async def answer(call: ModelCall) -> Reply:
        await asyncio.sleep(0.001)
        return await fake.echo(call)

    fake.answer = answer
    run = start(workload, max_cost=500)
    with pytest.warns(EdslNbWarning, match=r"stopped \(max_cost=\$500 would be passed\)"):
        _, partial = await run
    cost = run.progress.cost
    assert partial
    assert cost is not None
    assert 300 < cost <= 500


async def test_the_first_failure_stops_the_run_where_it_is_asked_to() -> None:
    async def item(index: int, context: Context) -> Done:
        if context.scope.stopping:
            return Done(["cancelled"])
        if index == 3:
            context.scope.failed("number 3 is out of order")
            context.counter.cell("failed")
            return Done(["failed"])
        return await slow(0.002)(index, context)

    run = start(Workload({"m": 500}, item, concurrency=1), stop_on_exception=True)
    with pytest.raises(RunError, match="stopped at its first failure: number 3 is out of order"):
        await run
    done, partial = run.results
    assert partial
    assert len(done) < 20
    with pytest.warns(EdslNbWarning, match="have no answer"):
        await start(Workload({"m": 20}, item, concurrency=1))


async def test_results_come_as_they_finish() -> None:
    run = start(Workload({"m": 20}, slow(0.01), concurrency=2))
    times: list[float] = []
    async for done in run:
        assert done.state == "answered"
        times.append(time.monotonic())
    assert len(times) == 20
    assert times[-1] - times[0] > 0.05
    assert run.done
    # What is done already comes too.
    assert len([done async for done in run]) == 20


async def test_leaving_the_results_early_leaves_the_run_alone() -> None:
    run = start(Workload({"m": 20}, slow(0.005), concurrency=2))
    async for _ in run:
        break
    assert (await run)[0] == list(range(20))


async def test_several_runs_at_once() -> None:
    outcomes = await asyncio.gather(*(start(Workload({"m": 20}, slow(0.002))) for _ in range(5)))
    assert outcomes == [(list(range(20)), False)] * 5


async def test_callbacks_run_in_a_thread_and_get_the_end() -> None:
    seen: list[ProgressSnapshot] = []
    threads: set[str] = set()

    def callback(now: ProgressSnapshot) -> None:
        threads.add(threading.current_thread().name)
        time.sleep(0.15)  # slower than progress comes
        seen.append(now)

    run = start(Workload({"m": 40}, slow(0.05), concurrency=4))
    run.on_progress(callback)
    await run
    await until(lambda: bool(seen) and seen[-1].final)
    assert threads == {"edsl_nb-user-functions"}
    assert len(seen) < 10
    assert [one.seq for one in seen] == sorted({one.seq for one in seen})


async def test_callbacks_on_the_callers_loop() -> None:
    here, threads = threading.get_ident(), set[int]()
    run = start(Workload({"m": 10}, slow(0.05), concurrency=2))
    run.on_progress(lambda now: threads.add(threading.get_ident()), loop="notebook")
    await run
    await until(lambda: bool(threads))
    assert threads == {here}


async def test_a_callback_that_fails_is_dropped_and_reported() -> None:
    calls = 0

    def callback(now: ProgressSnapshot) -> None:
        nonlocal calls
        calls += 1
        raise ValueError("no")

    run = start(Workload({"m": 10}, slow(0.05), concurrency=1))
    run.on_progress(callback)
    await run
    assert calls == 1
    assert any("a progress callback raised ValueError: no" in e.message for e in run.progress.errors)


def test_where_callbacks_cannot_run() -> None:
    run = start(Workload({"m": 1}))
    with pytest.raises(RunError, match="there is no event loop here"):
        run.on_progress(print, loop="notebook")
    with pytest.raises(RunError, match="no such place"):
        run.on_progress(print, loop="elsewhere")  # type: ignore[arg-type]
    run.wait(PATIENCE)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("fresh", 1),
        ("stop_on_exception", "yes"),
        ("max_cost", "a lot"),
        ("max_cost", -1),
        ("max_cost", float("nan")),
        ("max_cost", True),
        ("on_interrupt", "ask"),
    ],
)
def test_options_that_make_no_sense(option: str, value: object) -> None:
    with pytest.raises(RunError, match=option):
        RunOptions(**{option: value})  # type: ignore[arg-type]
