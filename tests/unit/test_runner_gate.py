"""The gate: rates are kept, concurrency adapts, pauses are respected and do not end in a stampede."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from edsl_nb.models.quota import Allowance, Quota, quota
from edsl_nb.runner.gate import Gate, Limits
from tests.unit.virtual_time import clock

__all__ = ["clock"]  # a fixture

pytestmark = pytest.mark.usefixtures("clock")


def now() -> float:
    """The loop's time."""
    return asyncio.get_running_loop().time()


async def pass_through(gate: Gate, tokens: int = 1, hold: float = 0.0) -> float:
    """Enter, stay, leave. Returns when it entered."""
    await gate.enter(tokens)
    entered = now()
    await asyncio.sleep(hold)
    gate.leave()
    return entered


async def test_without_limits_nothing_waits() -> None:
    gate = Gate("m", 20)
    started = now()
    await asyncio.gather(*(pass_through(gate) for _ in range(2_000)))
    assert now() == started
    assert gate.waits_for() is None


async def test_never_more_in_flight_than_allowed() -> None:
    gate, inside, most = Gate("m", 7), 0, 0

    async def call() -> None:
        nonlocal inside, most
        await gate.enter(1)
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.001)
        inside -= 1
        gate.leave()

    await asyncio.gather(*(call() for _ in range(100)))
    assert most == 7


async def test_requests_keep_to_their_rate_evenly() -> None:
    gate = Gate("m", 100, Limits(rpm=1_200))  # 20 a second, and a second ahead
    started = now()
    times = sorted(await asyncio.gather(*(pass_through(gate) for _ in range(30))))
    later = [at - started for at in times]
    assert later[20] < 0.001
    gaps = [b - a for a, b in pairwise(times[20:])]
    assert gaps == pytest.approx([0.05] * 9, abs=1e-6)


async def test_tokens_keep_to_their_rate_and_are_corrected_by_what_was_used() -> None:
    gate = Gate("m", 100, Limits(tpm=60_000))  # 1,000 a second
    started = now()
    await pass_through(gate, tokens=1_500)
    waited = await pass_through(gate, tokens=10) - started
    assert waited == pytest.approx(0.5)
    gate.went_well(expected=1_510, used=10)
    assert await pass_through(gate, tokens=10) - started == pytest.approx(waited)


async def test_it_says_what_is_waited_for() -> None:
    gate = Gate("openai/gpt-4o", 10, Limits(rpm=2))
    tasks = [asyncio.create_task(pass_through(gate)) for _ in range(3)]
    await asyncio.sleep(0.01)
    said = gate.waits_for()
    assert said is not None
    assert said.startswith("rate limit of openai/gpt-4o, ")
    assert said.endswith(" s")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_pause_that_is_asked_for_is_kept_and_is_not_followed_by_a_stampede() -> None:
    gate = Gate("m", 40)
    await asyncio.gather(*(gate.enter(1) for _ in range(40)))
    started = now()
    for _ in range(40):
        gate.overloaded(started, retry_after=1.2)
        gate.leave()
    waiting = [asyncio.create_task(pass_through(gate, hold=0.01)) for _ in range(40)]
    await asyncio.sleep(0.05)
    assert (gate.waits_for() or "").startswith("m asks to wait, ")
    times = sorted(await asyncio.gather(*waiting))
    assert times[0] - started == pytest.approx(1.2)
    assert gate.concurrency == 1
    # One at a time until one goes well.
    assert all(b - a >= 0.01 - 1e-6 for a, b in pairwise(times))


async def test_calls_that_began_before_a_pause_do_not_widen_the_way_out_of_it() -> None:
    gate = Gate("m", 40)
    for _ in range(40):
        await gate.enter(1)
    gate.overloaded(now(), retry_after=0.3)
    for _ in range(39):
        gate.went_well(1, 1)
        gate.leave()
    assert gate.concurrency == 1
    await asyncio.sleep(0.35)
    gate.went_well(1, 1)
    assert gate.concurrency == 2


async def test_concurrency_falls_once_a_round_and_recovers() -> None:
    gate = Gate("m", 64)
    for _ in range(64):
        gate.went_well(1, 1)
    assert gate.concurrency == 64
    for _ in range(64):
        await gate.enter(1)
    started = now()
    for _ in range(10):  # of the same round
        gate.overloaded(started, None)
        gate.leave()
    assert gate.concurrency == 32
    gate.overloaded(now() + 1, None)
    assert gate.concurrency < 32
    for _ in range(3_000):
        gate.went_well(1, 1)
    assert 32 < gate.concurrency <= 64


async def test_who_gives_up_waiting_holds_nobody_up() -> None:
    gate = Gate("m", 1)
    await gate.enter(1)
    impatient = asyncio.create_task(gate.enter(1))
    patient = asyncio.create_task(gate.enter(1))
    await asyncio.sleep(0)
    gate.leave()  # the impatient one's turn comes in the moment in which it is cancelled
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    async with asyncio.timeout(1):
        await patient


@pytest.mark.parametrize(
    "headers",
    [
        {
            "x-ratelimit-limit-requests": "500",
            "x-ratelimit-remaining-requests": "499",
            "x-ratelimit-reset-requests": "120ms",
        },
        {
            "X-RateLimit-Limit-Requests": "500",
            "X-RateLimit-Remaining-Requests": "490",
            "X-RateLimit-Reset-Requests": "1.2s",
        },
        {
            "anthropic-ratelimit-requests-limit": "500000",
            "anthropic-ratelimit-requests-remaining": "470000",
            "anthropic-ratelimit-requests-reset": "{later}",
        },
    ],
)
def test_what_services_say_of_their_limits(headers: dict[str, str]) -> None:
    if "{later}" in headers.values():
        later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        headers = {name: later if text == "{later}" else text for name, text in headers.items()}
    said = quota(headers)
    assert said is not None
    assert said.tokens is None
    assert said.requests is not None
    assert said.requests.per_minute == pytest.approx(500, rel=0.05)


@pytest.mark.parametrize(
    ("text", "seconds"), [("6m0s", 360), ("1h2m3s", 3723), ("120ms", 0.12), ("7", 7), ("1m30.5s", 90.5)]
)
def test_ways_to_write_a_duration(text: str, seconds: float) -> None:
    said = quota(
        {
            "x-ratelimit-limit-tokens": "10",
            "x-ratelimit-remaining-tokens": "5",
            "x-ratelimit-reset-tokens": text,
        }
    )
    assert said is not None
    assert said.tokens is not None
    assert said.tokens.reset == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "1x", "-", "m", "99999999999999999999999999999999h!"])
def test_headers_that_say_nothing(text: str) -> None:
    names = ("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens")
    assert quota({**dict.fromkeys(names, text), "x-ratelimit-reset-tokens": text}) is None
    assert quota({"Content-Type": "text/html"}) is None


async def test_scarce_limits_slow_down_and_plenty_does_not() -> None:
    gate = Gate("m", 100)
    gate.learn(Quota(Allowance(600, 500, 10), None))
    started = now()
    await asyncio.gather(*(pass_through(gate) for _ in range(60)))
    assert now() - started < 0.2
    gate.learn(Quota(Allowance(600, 20, 58), None))  # ten come back in a second
    started = now()
    times = await asyncio.gather(*(pass_through(gate) for _ in range(15)))
    assert max(times) - started > 0.3


async def test_a_limit_that_was_asked_for_holds_whatever_the_service_says() -> None:
    gate = Gate("m", 100, Limits(rpm=600))
    gate.learn(Quota(Allowance(6_000, 5_000, 10), None))
    started = now()
    times = await asyncio.gather(*(pass_through(gate) for _ in range(15)))
    assert max(times) - started > 0.3
