"""The runner's own loop and how other threads reach it."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from edsl_nb import EdslNbError
from edsl_nb.core.errors import RunError
from edsl_nb.runner import collector
from edsl_nb.runner import loop as runner_loop
from tests.unit.runner_fakes import PATIENCE


async def _where() -> tuple[threading.Thread, asyncio.AbstractEventLoop, bool]:
    return threading.current_thread(), asyncio.get_running_loop(), runner_loop.on_loop()


def test_coroutines_run_on_one_loop_in_a_daemon_thread() -> None:
    thread, loop, on_loop = runner_loop.submit(_where()).result(PATIENCE)
    assert on_loop
    assert thread.daemon
    assert thread is not threading.current_thread()
    assert not runner_loop.on_loop()
    assert runner_loop.submit(_where()).result(PATIENCE)[:2] == (thread, loop)
    assert loop is runner_loop.loop()


def test_threads_that_start_it_together_get_the_same_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_loop, "_current", None)
    found: list[asyncio.AbstractEventLoop] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait(PATIENCE)
        found.append(runner_loop.loop())

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(found) == 8
    assert len(set(found)) == 1
    found[0].call_soon_threadsafe(found[0].stop)


def test_an_error_reaches_the_thread_that_waits() -> None:
    async def fail() -> None:
        raise RunError("as it was told")

    with pytest.raises(EdslNbError, match="as it was told"):
        runner_loop.submit(fail()).result(PATIENCE)


def test_functions_are_called_on_the_loop() -> None:
    called = threading.Event()
    where: list[bool] = []
    runner_loop.call_soon(lambda: (where.append(runner_loop.on_loop()), called.set()))
    assert called.wait(PATIENCE)
    assert where == [True]


def test_blocking_is_refused_on_the_loop_only() -> None:
    async def block() -> None:
        runner_loop.refuse_to_block()

    runner_loop.refuse_to_block()
    with pytest.raises(RunError, match="await run"):
        runner_loop.submit(block()).result(PATIENCE)


@pytest.fixture
def thresholds() -> tuple[int, int, int]:
    before = gc.get_threshold()
    yield before
    gc.set_threshold(*before)


def test_garbage_is_searched_for_rarely_until_the_last_run_ends(thresholds: tuple[int, int, int]) -> None:
    with collector.rarely():
        during = gc.get_threshold()
        with collector.rarely():
            assert gc.get_threshold() == during
        assert gc.get_threshold() == during
    assert during[0] > thresholds[0]
    assert during[1:] == thresholds[1:]
    assert gc.get_threshold() == thresholds


def test_the_search_is_left_alone_where_somebody_else_has_set_it(thresholds: tuple[int, int, int]) -> None:
    for mine in (0, 200_000):
        gc.set_threshold(mine)
        with collector.rarely():
            assert gc.get_threshold()[0] == mine
        assert gc.get_threshold()[0] == mine
    gc.set_threshold(700)
    with collector.rarely():
        gc.set_threshold(123)
    assert gc.get_threshold()[0] == 123


def test_the_search_is_as_before_also_after_an_error(thresholds: tuple[int, int, int]) -> None:
    with pytest.raises(RunError), collector.rarely():
        raise RunError("as it was told")
    assert gc.get_threshold() == thresholds
