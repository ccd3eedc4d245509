"""How a call is made: the cache first, equal calls once, then the service, then the disk."""

from __future__ import annotations

import asyncio
import json

import pytest

from edsl_nb.core.errors import EdslNbError, ServiceError, StoreError
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.runner.context import together
from edsl_nb.runner.scope import Stopping
from tests.unit.runner_fakes import FakeService, MemoryStore, ask, context, fake, until

__all__ = ["fake"]


async def test_a_reply_is_kept_and_found_again(fake: FakeService) -> None:
    store = MemoryStore()
    first = await context(store, run_id="first").call(ask())
    again = await context(store, run_id="second").call(ask())
    assert (first.cached, again.cached) == (False, True)
    assert first.reply == again.reply
    assert (first.reply_id, first.key) == (again.reply_id, again.key) == (1, ask().key)
    assert len(fake.asked) == 1
    (kept,) = store.replies
    assert (kept.run_id, kept.model) == ("first", "m")
    assert json.loads(kept.messages) == ["", [["user", "Which color?"]]]


async def test_only_calls_that_are_made_count_tokens(fake: FakeService) -> None:
    store = MemoryStore()
    made, found = context(store), context(store)
    await made.call(ask())
    await found.call(ask())
    assert (made.counter.input_tokens, made.counter.output_tokens) == (3, 2)
    assert (found.counter.input_tokens, found.counter.output_tokens) == (0, 0)


async def test_a_reply_is_on_disk_before_it_is_given_back(fake: FakeService) -> None:
    written = asyncio.Event()
    store = MemoryStore(gate=written)
    task = asyncio.create_task(context(store).call(ask()))
    await until(lambda: bool(fake.asked))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not task.done()
    written.set()
    assert (await task).reply.text == "echo: Which color?"


async def test_what_differs_is_asked_apart(fake: FakeService) -> None:
    one = context(MemoryStore())
    calls = [
        ask(),
        ask("Which animal?"),
        ask(iteration=1),
        ask(base_url="http://a"),
        ask(base_url="http://b"),
    ]
    replies = await asyncio.gather(*(one.call(call) for call in calls))
    assert [reply.cached for reply in replies] == [False] * 5
    assert len(fake.asked) == 5


class Held:
    """Answers once it is let go."""

    def __init__(self, fake: FakeService) -> None:
        self._fake = fake
        self.go = asyncio.Event()
        fake.answer = self._answer

    async def _answer(self, call: ModelCall) -> Reply:
        await self.go.wait()
        return await self._fake.echo(call)


@pytest.mark.parametrize("runs", [1, 2])
async def test_equal_calls_in_flight_are_asked_once(fake: FakeService, runs: int) -> None:
    held, store = Held(fake), MemoryStore()
    contexts = [context(store, run_id=str(i)) for i in range(runs)]
    tasks = [asyncio.create_task(contexts[i % runs].call(ask())) for i in range(6)]
    await until(lambda: fake.open == 1)
    held.go.set()
    replies = await asyncio.gather(*tasks)
    assert len(fake.asked) == 1
    assert [reply.cached for reply in replies].count(False) == 1
    assert {reply.reply_id for reply in replies} == {1}


async def test_a_fresh_run_asks_again_but_itself_only_once(fake: FakeService) -> None:
    store = MemoryStore()
    await context(store, run_id="old").call(ask())
    fresh = context(store, run_id="new", fresh=True)
    together_, later = await asyncio.gather(fresh.call(ask()), fresh.call(ask())), await fresh.call(ask())
    assert len(fake.asked) == 2
    assert sorted(one.cached for one in (*together_, later)) == [False, True, True]
    assert (await context(store, run_id="next").call(ask())).reply_id == later.reply_id, "the latest wins"


async def test_a_fresh_run_does_not_share_calls_in_flight_with_others(fake: FakeService) -> None:
    held, store = Held(fake), MemoryStore()
    made = [
        context(store, run_id="a"),
        context(store, run_id="b", fresh=True),
        context(store, run_id="c", fresh=True),
    ]
    tasks = [asyncio.create_task(one.call(ask())) for one in made]
    await until(lambda: fake.open == 3)
    held.go.set()
    await asyncio.gather(*tasks)


async def test_equal_calls_fail_together_and_can_be_asked_again(fake: FakeService) -> None:
    failing = asyncio.Event()

    async def fail(call: ModelCall) -> Reply:
        await failing.wait()
        raise ServiceError("overloaded", status=503, retryable=True)

    fake.answer = fail
    one = context(MemoryStore())
    tasks = [asyncio.create_task(one.call(ask())) for _ in range(3)]
    await until(lambda: fake.open == 1)
    failing.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["overloaded."] * 3
    assert len(fake.asked) == 1
    fake.answer = fake.echo
    assert not (await one.call(ask())).cached


@pytest.mark.parametrize("wrong", [ValueError("no such thing"), KeyError("x"), SystemExit(3), TimeoutError()])
async def test_whatever_goes_wrong_in_a_service_is_a_failed_call(
    fake: FakeService, wrong: BaseException
) -> None:
    async def fail(call: ModelCall) -> Reply:
        raise wrong

    fake.answer = fail
    one = context(MemoryStore())
    with pytest.raises(ServiceError, match=type(wrong).__name__):
        await one.call(ask())
    assert one.counter.in_flight == 0


async def test_a_store_that_fails_is_no_failed_call(fake: FakeService) -> None:
    store = MemoryStore()
    store.failure = StoreError("disk full")
    with pytest.raises(StoreError, match="disk full"):
        await context(store).call(ask())


async def test_no_call_starts_once_the_run_is_being_stopped(fake: FakeService) -> None:
    store = MemoryStore()
    await context(store).call(ask("known"))
    one = context(store)
    one.scope.stopping = True
    with pytest.raises(Stopping):
        await one.call(ask("new"))
    assert (await one.call(ask("known"))).cached, "what is on disk costs nothing"
    assert len(fake.asked) == 1


async def test_calls_that_wait_for_a_slot_do_not_start_after_stop(fake: FakeService) -> None:
    held = Held(fake)
    one = context(MemoryStore(), concurrency=1)
    tasks = [asyncio.create_task(one.call(ask(str(i)))) for i in range(3)]
    await until(lambda: fake.open == 1)
    one.scope.stopping = True
    held.go.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(fake.asked) == 1
    assert [isinstance(outcome, Stopping) for outcome in outcomes].count(True) == 2


async def test_a_lane_has_no_more_calls_in_flight_than_it_may(fake: FakeService) -> None:
    one = context(MemoryStore(), concurrency=3)
    seen: list[int] = []

    async def answer(call: ModelCall) -> Reply:
        seen.append(one.counter.in_flight)
        await asyncio.sleep(0)
        return await fake.echo(call)

    fake.answer = answer
    await asyncio.gather(*(one.call(ask(str(i))) for i in range(20)))
    assert fake.most_at_once == max(seen) == 3
    assert one.counter.in_flight == 0


@pytest.mark.parametrize("same_run", [True, False])
async def test_who_waits_for_a_call_of_a_stopped_run_goes_on_alone(fake: FakeService, same_run: bool) -> None:
    held, store = Held(fake), MemoryStore()
    leader = context(store, run_id="stopped")
    follower = leader if same_run else context(store, run_id="goes on")
    leading = asyncio.create_task(leader.call(ask()))
    await until(lambda: fake.open == 1)
    following = asyncio.create_task(follower.call(ask()))
    for _ in range(5):
        await asyncio.sleep(0)
    leader.scope.stopping = True
    leading.cancel()
    held.go.set()
    if same_run:
        with pytest.raises(Stopping):
            await following
        assert len(fake.asked) == 1
    else:
        answered = await following
        assert (answered.reply.text, answered.cached) == ("echo: Which color?", False)
        assert len(fake.asked) == 2
    with pytest.raises(asyncio.CancelledError):
        await leading


async def test_a_follower_that_is_cancelled_leaves_the_call_to_the_others(fake: FakeService) -> None:
    held, one = Held(fake), context(MemoryStore())
    leading = asyncio.create_task(one.call(ask()))
    await until(lambda: fake.open == 1)
    following = [asyncio.create_task(one.call(ask())) for _ in range(2)]
    for _ in range(5):
        await asyncio.sleep(0)
    following[0].cancel()
    held.go.set()
    assert (await leading).reply == (await following[1]).reply
    assert following[0].cancelled()
    assert len(fake.asked) == 1


async def test_half_a_character_does_not_cost_the_reply(fake: FakeService) -> None:
    async def cut_off(call: ModelCall) -> Reply:
        return Reply("a smile: \ud83d", '"\ud83d"', 1, 1)

    fake.answer = cut_off
    store = MemoryStore()
    answered = await context(store).call(ask())
    assert answered.reply.text == store.replies[0].text == "a smile: ?"
    (answered.reply.text + answered.reply.raw).encode()


class Steps:
    """Coroutines that say how they ended."""

    def __init__(self) -> None:
        self.ended: dict[str, str] = {}

    async def wait(self, name: str) -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(0)  # takes a moment to end
            self.ended[name] = "cancelled"
            raise

    async def fail(self, name: str) -> None:
        await asyncio.sleep(0)
        self.ended[name] = "failed"
        raise EdslNbError(f"{name} fails")

    async def end(self, name: str) -> None:
        await asyncio.sleep(0)
        self.ended[name] = "ended"


async def test_together_waits_for_all() -> None:
    steps = Steps()
    await together(steps.end("a"), steps.end("b"), steps.end("c"))
    await together(steps.end("d"))
    assert set(steps.ended) == {"a", "b", "c", "d"}


async def test_where_one_fails_none_is_left_running() -> None:
    steps = Steps()
    with pytest.raises(EdslNbError, match="a fails"):
        await together(steps.fail("a"), steps.wait("b"), steps.wait("c"))
    assert steps.ended == {"a": "failed", "b": "cancelled", "c": "cancelled"}
    with pytest.raises(EdslNbError, match="e fails"):
        await together(steps.end("d"), steps.fail("e"), steps.wait("f"))
    assert steps.ended["f"] == "cancelled"
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_who_cancels_them_together_cancels_all() -> None:
    steps = Steps()
    task = asyncio.create_task(together(steps.wait("a"), steps.wait("b")))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps.ended == {"a": "cancelled", "b": "cancelled"}
