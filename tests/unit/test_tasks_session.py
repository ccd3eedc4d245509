"""A sample's conversation: the types of the interface, turns, asking, and what the agent gets to see."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.tasks import (
    AgentOutput,
    AgentOutputStatus,
    ChatHistoryItem,
    SampleStatus,
    Session,
    TaskOutput,
    TaskSampleExecutionResult,
)
from edsl_nb.tasks.typings import TurnError
from tests.unit.samples import refusal

USER = {"role": "user", "content": "hello"}


def item(content: str, role: str = "user") -> ChatHistoryItem:
    return ChatHistoryItem(role=role, content=content)  # type: ignore[arg-type]


def replies(*outputs: str | AgentOutput) -> tuple[Session, list[list[ChatHistoryItem]]]:
    """A session whose agent answers so, and what it gets to see each time."""
    seen: list[list[ChatHistoryItem]] = []
    left = iter(outputs)

    async def ask(history: list[ChatHistoryItem]) -> AgentOutput:
        seen.append(history)
        output = next(left)
        return AgentOutput(content=output) if isinstance(output, str) else output

    return Session(ask), seen


def contents(history: list[ChatHistoryItem]) -> list[tuple[str, str]]:
    return [(turn.role, turn.content) for turn in history]


# The types


def test_types_have_the_defaults_of_the_interface() -> None:
    assert TaskSampleExecutionResult().model_dump() == {"status": "completed", "result": None}
    assert TaskOutput().model_dump() == {"index": None, "status": "running", "result": None, "history": None}
    assert [status.value for status in SampleStatus] == [
        "running", "completed", "agent context limit", "agent validation failed", "agent invalid action",
        "task limit reached", "unknown", "task error",
    ]  # fmt: skip
    assert [status.value for status in AgentOutputStatus] == ["normal", "cancelled", "agent context limit"]
    for status in (*SampleStatus, *AgentOutputStatus):
        assert status.name == status.value.replace(" ", "_").upper()
    assert {made: list(made.model_fields) for made in (ChatHistoryItem, AgentOutput, TaskOutput)} == {
        ChatHistoryItem: ["role", "content"],
        AgentOutput: ["status", "content"],
        TaskOutput: ["index", "status", "result", "history"],
    }


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.none() | st.integers() | st.text(),
    st.sampled_from(SampleStatus),
    values,
    st.none() | st.lists(st.builds(item, st.text(), st.sampled_from(["user", "agent"])), max_size=3),
)
def test_an_output_comes_back_from_json_as_it_was(index: Any, status: Any, result: Any, history: Any) -> None:
    output = TaskOutput(index=index, status=status, result=result, history=history)
    back = TaskOutput.model_validate_json(output.model_dump_json())
    assert back == output and repr(back) == repr(output)  # 1 is not True, and "12" not 12


def test_statuses_are_texts_that_compare_with_each_other_and_add() -> None:
    output = AgentOutput(status=AgentOutputStatus.AGENT_CONTEXT_LIMIT)
    assert output.status == SampleStatus.AGENT_CONTEXT_LIMIT
    assert SampleStatus.COMPLETED == "completed"
    result = TaskOutput(status=SampleStatus.COMPLETED)
    result.status += "Correct"  # type: ignore[assignment]
    assert result.status == "completedCorrect"
    assert f"{SampleStatus.COMPLETED}" == "completed"


def test_a_normal_output_has_a_content_which_may_be_empty() -> None:
    assert AgentOutput(content="").content == ""
    with pytest.raises(ValueError):
        AgentOutput()


@given(st.sampled_from([0, 1, 0.5, 2.7, True, "12", "yes", [1.0, "x"], {"a": [None]}, None]))
def test_results_are_kept_as_they_are_given(value: Any) -> None:
    for kept in (TaskSampleExecutionResult(result=value).result, TaskOutput(result=value).result):
        assert kept == value and type(kept) is type(value)


def test_turns_can_be_read_as_dicts_changed_and_copied() -> None:
    turn = item("a")
    turn.content += "b"
    assert turn["content"] == "ab" and dict(turn) == {"role": "user", "content": "ab"}
    assert copy.deepcopy(turn) == turn
    assert json.loads(json.dumps({**turn})) == {"role": "user", "content": "ab"}
    with pytest.raises(KeyError):
        turn["other"]


# Injecting


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, []),
        ([], []),
        ({}, []),
        (item("a"), ["a"]),
        ({"role": "agent", "content": "b", "extra": 1}, ["b"]),
        ([item("a"), USER], ["a", "hello"]),
        ([item("a"), [USER, [None, item("c")]], {}], ["a", "hello", "c"]),
    ],
)
def test_inject_takes_turns_dicts_and_lists_of_them(given: Any, expected: list[str]) -> None:
    session = Session()
    session.inject(given)
    assert [turn.content for turn in session.history] == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("hello", "a str is no turn"),
        ((USER,), "a tuple is no turn"),
        ({"role": "system", "content": "x"}, "role: a turn has a role"),
        ({"role": "user"}, "content: a turn has"),
        ([USER, 5], "a int is no turn"),
    ],
)
def test_inject_refuses_what_is_no_turn_and_adds_nothing(given: Any, words: str) -> None:
    session = Session()
    refusal(lambda: session.inject(given), words, error=TurnError)
    assert session.history == []
    for kind in (TypeError, ValueError):  # what tasks catch
        with pytest.raises(kind):
            session.inject(given)


def test_lists_within_lists_without_end_are_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    refusal(lambda: Session().inject(endless), "too deep", error=TurnError)


def test_an_injected_turn_stays_the_same_object() -> None:
    session, turn = Session(), item("a")
    session.inject(turn)
    assert session.history[0] is turn


# Asking


async def test_action_injects_asks_and_notes_the_answer() -> None:
    session, seen = replies("one", "")
    output = await session.action({"role": "user", "content": "1"})
    assert (output.status, output.content) == (AgentOutputStatus.NORMAL, "one")
    await session.action(None, [], item("2"))
    assert contents(session.history) == [("user", "1"), ("agent", "one"), ("user", "2"), ("agent", "")]
    assert contents(seen[1]) == [("user", "1"), ("agent", "one"), ("user", "2")]
    assert session.rounds == 2


async def test_what_the_agent_does_to_what_it_sees_changes_nothing() -> None:
    session, seen = replies("one")
    await session.action(USER)
    seen[0][0].content = "changed"
    assert session.history[0].content == "hello"


async def test_clear_forgets_and_the_history_can_be_replaced() -> None:
    session, seen = replies("one", "two", "three")
    await session.action(USER)
    session.clear()
    assert session.history == []
    await session.action(item("again"))
    session.history = [item("other")]
    await session.action()
    assert [contents(history) for history in seen[1:]] == [[("user", "again")], [("user", "other")]]


async def test_without_content_the_status_is_noted() -> None:
    limit = AgentOutput(status=AgentOutputStatus.AGENT_CONTEXT_LIMIT)
    session, _ = replies(limit)
    assert (await session.action(USER)).content is None
    assert session.history[-1].content == "agent context limit"


async def test_a_task_that_goes_on_asking_after_it_was_cancelled_is_ended() -> None:
    session, _ = replies(*[AgentOutput(status=AgentOutputStatus.CANCELLED)] * 1000)
    with pytest.raises(asyncio.CancelledError):
        for _ in range(1000):
            session.history = [item("again")]
            await session.action()
    assert len(session.history) == 1


async def _await(action: Awaitable[object]) -> None:
    await action


async def _refused(action: Callable[[], Awaitable[object]], *words: str) -> None:
    with pytest.raises(Exception) as caught:
        await _await(action())
    assert all(word in str(caught.value) for word in words), caught.value


async def test_asking_out_of_turn_is_refused() -> None:
    session, _ = replies("one", "two")
    await _refused(session.action, "nothing has been said")
    await _refused(lambda: session.action(USER, USER), "after 2 turns", "history_limit=None")
    with pytest.raises(AssertionError):  # what AgentBench raises
        await session.action()
    await _refused(Session().action, "no agent")
    session.history = [None]  # type: ignore[list-item]
    await _refused(session.action, "turn 0 of the history is none")


async def test_asking_twice_at_once_and_after_the_end_is_refused() -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def ask(history: list[ChatHistoryItem]) -> AgentOutput:
        asked.set()
        await go.wait()
        return AgentOutput(content="late")

    session = Session(ask)
    first = asyncio.create_task(session.action(USER))
    await asked.wait()
    await _refused(session.action, "a second time")
    go.set()
    assert (await first).content == "late"
    session.end()
    await _refused(lambda: session.action(USER), "after the sample has returned")


turns = st.lists(st.text(max_size=5).filter(bool), max_size=4)


@given(st.lists(turns, max_size=6))
def test_a_history_is_what_was_injected_and_answered(batches: list[list[str]]) -> None:
    async def talk() -> None:
        session, expected = Session(answer, history_limit=None), []
        for batch in batches:
            session.inject([{"role": "user", "content": text} for text in batch])
            expected += [("user", text) for text in batch]
            if expected:
                output = await session.action()
                assert output.content == f"{len(expected)}"
                expected.append(("agent", output.content))
            assert contents(session.history) == expected

    async def answer(history: list[ChatHistoryItem]) -> AgentOutput:
        return AgentOutput(content=f"{len(history)}")

    asyncio.run(talk())


# What the agent gets to see


async def shown(history: list[tuple[str, str]], **limit: Any) -> list[tuple[str, str]]:
    """What an agent sees of a history."""
    seen: list[ChatHistoryItem] = []

    async def ask(history: list[ChatHistoryItem]) -> AgentOutput:
        seen.extend(history)
        return AgentOutput(content="")

    session = Session(ask, **limit)
    session.inject([{"role": role, "content": content} for role, content in history])
    await session.action()
    return contents(seen)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("! " * 1748 + "\n", True),  # with the first and the last turn 1748 + 1750 + 1 = 3499
        ("! " * 1749, False),
        ("abcdefg" + "!" * 1747, True),
        ("abcdefgh" + "!" * 1747, False),
        ("don't" + "!" * 1745, True),
        ("don't" + "!" * 1746, False),
        ("1234" + "!" * 1744, True),
        ("1234" + "!" * 1745, False),
        ("\t" + "!" * 1747, True),
        ("日月火水木金土" + "!" * 1747, True),
        ("日月火水木金土日" + "!" * 1747, False),
    ],
)
async def test_a_history_is_cut_where_agentbench_cuts_it(text: str, kept: bool) -> None:
    history = [("user", "!" * 1750), ("agent", text), ("user", "x")]
    seen = await shown(history)
    if kept:
        assert seen == history
    else:
        assert seen == [("user", "!" * 1750 + "\n\n[NOTICE] 2 messages are omitted.")]


def segments(text: str) -> int:
    """The length of a text, counted one character after the other as the rule says it."""
    count = run = 0
    for char in [*text, " "]:
        if char.isalpha():
            run += 1
            continue
        count += -(-run // 7) + (char not in " \n")
        run = 0
    return count


def cut(history: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What AgentBench shows of a history, step by step as the rule says it."""
    first, total, kept = history[0][1], segments(history[0][1]), list[tuple[str, str]]()
    for turn in reversed(history[1:]):
        total += segments(turn[1])
        if total >= 3500:
            break
        kept.insert(0, turn)
    if kept and kept[0][0] == "user":
        del kept[0]
    omitted = len(history) - 1 - len(kept)
    notice = f"\n\n[NOTICE] {omitted} messages are omitted." if omitted else ""
    return [("user", first + notice), *kept]


long_texts = st.builds(
    lambda part, times: part * times,
    st.text(st.sampled_from("ab \n!é日7"), min_size=1, max_size=12),
    st.sampled_from([1, 10, 100, 150, 300]),
)


@given(st.lists(st.tuples(st.sampled_from(["user", "agent"]), long_texts), min_size=1, max_size=9))
def test_what_is_shown_is_what_the_rule_says(turns: list[tuple[str, str]]) -> None:
    history = turns if len(turns) % 2 else turns[1:] or [*turns, turns[0], turns[0]]
    assert asyncio.run(shown(history)) == cut(history)


async def test_the_latest_turns_are_kept_from_an_agents_turn_on() -> None:
    history = [(("agent", "user")[i % 2 == 0], f"{i:04d}" + "." * 996) for i in range(7)]
    seen = await shown(history)
    assert seen == [("user", history[0][1] + "\n\n[NOTICE] 4 messages are omitted."), *history[5:]]
    assert await shown(history, history_limit=None) == history


async def test_the_first_turn_is_shown_as_the_users_and_a_second_of_the_user_is_left_out() -> None:
    assert await shown([("agent", "a")]) == [("user", "a")]
    three = [("user", "a"), ("user", "b"), ("agent", "c")]
    assert await shown(three) == [("user", "a\n\n[NOTICE] 1 messages are omitted."), ("agent", "c")]
    assert await shown([("agent", "a"), ("user", "b")], history_limit=None) == [("agent", "a"), ("user", "b")]
