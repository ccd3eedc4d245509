"""Retries: what can succeed later is tried again, what cannot is not, and a hopeless lane is given up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest

from edsl_nb.core.errors import ServiceError
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.runner.context import Context
from edsl_nb.runner.execution import Execution
from edsl_nb.runner.line import Line, Patience
from edsl_nb.runner.options import USUAL
from edsl_nb.runner.progress import LaneCounter
from tests.unit.runner_fakes import Done, FakeService, MemoryStore, Workload, ask, at_once, fake, line
from tests.unit.virtual_time import Clock, clock

__all__ = ["clock", "fake"]  # fixtures

pytestmark = pytest.mark.usefixtures("clock")


def made(
    patience: Patience | None = None, halted: Callable[[], bool] = lambda: False
) -> tuple[Line, LaneCounter]:
    counter = LaneCounter("fake/m", 1, None)
    return line(counter, patience=patience or Patience(), halted=halted), counter


def failing(service: FakeService, *failures: ServiceError) -> None:
    """Fail so, and then answer."""
    left = list(failures)

    async def answer(call: ModelCall) -> Reply:
        if left:
            raise left.pop(0)
        return await service.echo(call)

    service.answer = answer


async def call(one: Line, service: FakeService, prompt: str = "Hi?", retries: int = 10) -> str:
    reply = await one.make(service, ask(prompt), [retries])
    assert reply is not None
    return reply.text


def overload(status: int = 503) -> ServiceError:
    return ServiceError(f"answered {status}", status=status, retryable=True)


async def test_what_can_succeed_later_is_tried_again(fake: FakeService) -> None:
    one, counter = made()
    failing(fake, overload(), overload(429), ServiceError("timed out", retryable=True))
    assert await call(one, fake) == "echo: Hi?"
    assert counter.retries == 3
    assert counter.in_flight == 0


async def test_attempts_end_with_the_last_failure(fake: FakeService) -> None:
    one, counter = made(Patience(attempts=3))
    failing(fake, *(overload() for _ in range(10)))
    with pytest.raises(ServiceError, match="answered 503"):
        await call(one, fake)
    assert len(fake.asked) == 3
    assert counter.retries == 2


async def test_an_item_has_so_many_retries_for_all_its_calls(fake: FakeService) -> None:
    one, _ = made()
    left = [1]
    failing(fake, overload())
    await one.make(fake, ask(), left)
    failing(fake, overload(), overload())
    with pytest.raises(ServiceError):
        await one.make(fake, ask("Again?"), left)
    assert len(fake.asked) == 3


@pytest.mark.parametrize("status", [400, 404, 413, 422])
async def test_what_cannot_succeed_is_not_tried_again(fake: FakeService, status: int) -> None:
    one, counter = made()
    failing(fake, ServiceError("no", status=status))
    with pytest.raises(ServiceError):
        await call(one, fake)
    assert (len(fake.asked), counter.retries) == (1, 0)
    assert await call(one, fake) == "echo: Hi?"  # the next call may be another matter


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_ends_the_lane_with_one_call(fake: FakeService, status: int) -> None:
    one, _ = made()
    failing(fake, ServiceError("the key is refused", status=status))
    for _ in range(5):
        with pytest.raises(ServiceError, match="the key is refused"):
            await call(one, fake)
    assert len(fake.asked) == 1


async def test_many_failures_alike_in_a_row_end_the_lane(fake: FakeService) -> None:
    one, _ = made()
    failing(fake, *(ServiceError(f"request {i}f3 has no such model", status=404) for i in range(100)))
    messages: list[str] = []
    for _ in range(60):
        with pytest.raises(ServiceError) as caught:
            await call(one, fake)
        messages.append(str(caught.value))
    assert len(fake.asked) == 20
    assert "failed alike, so no more are made" in messages[-1]
    assert "has no such model" in messages[-1]


@pytest.mark.parametrize(
    "status, problem",
    [
        (400, "this model's maximum context length is 8192 tokens, and you asked for 9000"),
        (413, "the prompt is too long"),
        (400, "the request triggered the content management policy"),
        (403, "your input was flagged by the moderation"),
        (None, "the model refused to answer: I cannot help with that"),
    ],
)
async def test_calls_refused_for_what_is_in_them_do_not_end_the_lane(
    fake: FakeService, status: int | None, problem: str
) -> None:
    one, _ = made()
    failing(fake, *(ServiceError(problem, status=status) for _ in range(60)))
    for _ in range(60):
        with pytest.raises(ServiceError, match=r"^(?!.*no more are made)"):
            await call(one, fake)
    assert await call(one, fake) == "echo: Hi?"


async def test_failures_between_successes_do_not_end_the_lane(fake: FakeService) -> None:
    one, _ = made()

    async def every_second_fails(model_call: ModelCall) -> Reply:
        if len(fake.asked) % 2:
            raise ServiceError("content refused", status=400)
        return await fake.echo(model_call)

    fake.answer = every_second_fails
    for i in range(100):
        if i % 2:
            await call(one, fake)
        else:
            with pytest.raises(ServiceError):
                await call(one, fake)
    assert len(fake.asked) == 100


def unreachable() -> ServiceError:
    return ServiceError("cannot reach it", retryable=True, unreachable=True)


async def test_a_lost_network_costs_no_attempt_and_one_call_looks_for_it(fake: FakeService) -> None:
    one, counter = made(Patience(attempts=2))
    await call(one, fake)  # the host has answered before
    away = True

    async def answer(model_call: ModelCall) -> Reply:
        await asyncio.sleep(0)
        if away:
            raise unreachable()
        return await fake.echo(model_call)

    fake.answer = answer
    fake.asked.clear()
    waiting = [asyncio.create_task(call(one, fake, f"{i}?")) for i in range(8)]
    await asyncio.sleep(60)
    assert one.host.down_for == pytest.approx(60)
    probes = len(fake.asked)
    assert 8 + 5 < probes < 8 + 12  # eight found out, and then one at a time, less and less often
    assert not any(task.done() for task in waiting)
    away = False
    assert sorted(await asyncio.gather(*waiting)) == sorted(f"echo: {i}?" for i in range(8))
    assert one.host.down_for is None
    assert counter.retries == 0


async def test_a_lost_network_is_said(fake: FakeService) -> None:
    one, counter = made()
    await call(one, fake)
    failing(fake, *(unreachable() for _ in range(10_000)))
    task = asyncio.create_task(call(one, fake))
    await asyncio.sleep(75)
    assert counter.waits_for() == "waiting for the network (fake/m cannot be reached since 1 min 15 s)"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_server_that_is_away_for_a_minute_costs_a_run_no_item_and_no_attempt(
    fake: FakeService, clock: Clock
) -> None:
    """What is in flight is lost, what comes next waits, and all goes on at the end."""
    began = clock.now
    away_from, away_until = began + 5, began + 65

    async def answer(model_call: ModelCall) -> Reply:
        if away_from <= clock.now < away_until:
            raise unreachable()
        await asyncio.sleep(0.5)
        if away_from <= clock.now < away_until:
            raise ServiceError("the connection broke off", retryable=True)
        return await fake.echo(model_call)

    fake.answer = answer
    said: set[str] = set()
    done_before: set[int] = set()

    async def item(index: int, context: Context) -> Done:
        await context.call(ask(f"{index}?"))
        return await at_once(index, context)

    workload = Workload({"fake/m": 200}, item, concurrency=5)
    run = Execution("run", workload, MemoryStore(), USUAL)  # type: ignore[arg-type]

    def look() -> None:
        now = run.progress.snapshot()
        if now.waiting is not None:
            said.add(now.waiting.partition(" (")[0])
            done_before.add(now.items_done)

    run.subscribe(look)
    await run.main()
    now = run.progress.snapshot()
    assert (now.state, now.answered, now.items_failed, now.retries) == ("completed", 200, 0, 0)
    assert said == {"waiting for the network"}
    assert len(done_before) == 1
    assert 0 < done_before.pop() < 200
    assert 65 < clock.now - began < 65 + 15 + 40  # the last probe comes late, and then the rest is done


async def test_a_host_that_never_answered_is_not_waited_for(fake: FakeService) -> None:
    one, _ = made(Patience(attempts=3))
    failing(fake, *(unreachable() for _ in range(10)))
    with pytest.raises(ServiceError, match="cannot reach it"):
        await call(one, fake)
    assert len(fake.asked) == 3


async def test_stopping_starts_no_further_attempt(fake: FakeService) -> None:
    halted = False
    one, _ = made(halted=lambda: halted)

    async def answer(model_call: ModelCall) -> Reply:
        nonlocal halted
        halted = True
        raise overload()

    fake.answer = answer
    assert await one.make(fake, ask(), [10]) is None
    assert len(fake.asked) == 1


async def test_each_failed_attempt_is_logged_with_its_facts(
    fake: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    one, _ = made()
    failing(fake, overload())
    with caplog.at_level(logging.DEBUG, logger="edsl_nb"):
        await one.make(fake, ask(), [10], item=7)
    failed, answered = caplog.records
    assert (failed.levelname, failed.attempt, failed.status) == ("INFO", 1, 503)  # type: ignore[attr-defined]
    assert (failed.item, answered.item, failed.model) == (7, 7, "fake/m")  # type: ignore[attr-defined]
    assert (answered.levelname, answered.attempt) == ("DEBUG", 2)  # type: ignore[attr-defined]
    assert answered.latency >= 0  # type: ignore[attr-defined]
