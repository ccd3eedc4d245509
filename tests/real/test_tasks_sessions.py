"""Sessions as tasks use and misuse them, in whole runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edsl_nb.tasks import Benchmark, Session, Task, TaskSampleExecutionResult
from tests.unit.runner_fakes import leftovers

USER = {"role": "user", "content": "hello"}


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    assert leftovers() == []


class Scripts(Task):
    """A task whose samples do one step after another, and check their history after each."""

    def __init__(self, scripts: list[list[tuple[Any, ...]]]) -> None:
        super().__init__("scripts", concurrency=3)
        self.scripts = scripts

    def get_indices(self) -> Any:
        return list(range(len(self.scripts)))

    async def start_sample(self, index: Any, session: Session) -> Any:
        expected: list[tuple[str, str]] = []
        for step, *wanted in self.scripts[index]:
            print(step)
            if step == "inject":
                session.inject([{"role": role, "content": text} for role, text in wanted[0]])
                expected += wanted[0]
            elif step == "action":
                output = await session.action(*[{"role": "user", "content": text} for text in wanted[0]])
                expected += [("user", text) for text in wanted[0]]
                assert output.content == f"{len(expected)}:{expected[-1][1]}"
                expected.append(("agent", output.content))
            elif step == "clear":
                session.clear()
                expected = []
            elif step == "keep":
                session.history = session.history[: wanted[0]]
                expected = expected[: wanted[0]]
            elif step == "change" and session.history:
                session.history[-1].content += "+"
                expected[-1] = (expected[-1][0], expected[-1][1] + "+")
            await asyncio.sleep(0)
            assert [(turn.role, turn.content) for turn in session.history] == expected
        return TaskSampleExecutionResult(result=[list(turn) for turn in expected])

    def calculate_overall(self, results: Any) -> Any:
        return {}


texts = st.text(max_size=5)
steps = st.one_of(
    st.tuples(st.just("inject"), st.lists(st.tuples(st.sampled_from(["user", "agent"]), texts), max_size=3)),
    st.tuples(st.just("action"), st.lists(texts, min_size=1, max_size=2)),
    st.tuples(st.just("clear")),
    st.tuples(st.just("keep"), st.integers(0, 4)),
    st.tuples(st.just("change")),
)


async def counts(history: Any) -> str:
    """Says how many turns it sees, and the last one; and changes what it sees."""
    said = f"{len(history)}:{history[-1].content}"
    history.clear()
    return said


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(steps, max_size=8), min_size=1, max_size=5))
def test_whatever_tasks_do_their_histories_are_what_they_made_them(scripts: list[Any]) -> None:
    with Benchmark(Scripts(scripts), counts) as benchmark:
        results = benchmark.run(progress_bar=False, history_limit=None)
    assert [sample.outcome for sample in results] == ["completed"] * len(scripts)
    for sample, script in zip(results, scripts, strict=True):
        assert [[turn.role, turn.content] for turn in sample.history] == sample.result
        assert sample.rounds == sum(step == "action" for step, *_ in script)
        assert all(turn.answered in (None, 0) for turn in sample.history)
        assert sample.log.split() == [step for step, *_ in script]


class Misused(Task):
    """Its first sample asks twice at once, its second after its end, its third as it should."""

    def __init__(self) -> None:
        super().__init__("misused", concurrency=3)
        self.told: list[str] = []
        self.later: asyncio.Task[None] | None = None

    def get_indices(self) -> Any:
        return ["twice", "after", "well"]

    async def start_sample(self, index: Any, session: Session) -> Any:
        if index == "twice":
            await asyncio.gather(session.action(USER), session.action(USER))
        if index == "after":
            self.later = asyncio.create_task(self._ask_later(session))
        if index == "well":
            await session.action(USER)
            assert self.later is not None
            await self.later
        return TaskSampleExecutionResult(result="fine")

    async def _ask_later(self, session: Session) -> None:
        while True:
            await asyncio.sleep(0.001)
            try:
                await session.action(USER)
                session.clear()
            except Exception as refused:  # noqa: BLE001 - it is what the test is about
                self.told.append(str(refused))
                return

    def calculate_overall(self, results: Any) -> Any:
        return {}


async def slowly(history: Any) -> str:
    await asyncio.sleep(0.01)
    return "ok"


def test_asking_twice_at_once_or_after_the_end_is_an_error_and_others_go_on() -> None:
    task = Misused()
    with Benchmark(task, slowly) as benchmark, pytest.warns(Warning, match="1 of 3 samples"):
        results = benchmark.run(progress_bar=False)
    assert [sample.outcome for sample in results] == ["task error", "completed", "completed"]
    assert "the agent is asked a second time before it has answered" in str(results.sample("twice").error)
    assert len(task.told) == 1 and "after the sample has returned" in task.told[0]
    assert len(results.transcript("after")) == 0


def test_errors_tell_what_the_task_had_printed() -> None:
    class Breaks(Misused):
        async def start_sample(self, index: Any, session: Session) -> Any:
            print("connecting to", index)
            raise OSError("refused")

    with Benchmark(Breaks(), slowly) as benchmark, pytest.warns(Warning, match="3 of 3 samples"):
        benchmark.run(progress_bar=False)
        assert benchmark.last_run is not None
        errors = benchmark.last_run.errors.to_dicts()
    assert [(row["index"], row["error"], row["log"]) for row in errors] == [
        (index, "OSError: refused", f"connecting to {index}\n") for index in ("twice", "after", "well")
    ]
