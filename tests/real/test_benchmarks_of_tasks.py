"""Benchmarks of tasks as they are in the wild: they block, raise, exit, keep state, and are stopped."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import Agent, AgentList, Model, ModelList
from edsl_nb.core.errors import EdslNbWarning, RunError
from edsl_nb.runner import execution
from edsl_nb.tasks import (
    AgentContextLimitException,
    AgentOutput,
    AgentOutputStatus,
    Benchmark,
    BenchmarkResults,
    ChatHistoryItem,
    SampleStatus,
    Session,
    Task,
    TaskError,
    TaskOutput,
    TaskSampleExecutionResult,
    performing,
    work,
)
from tests.isolation import clean_environment
from tests.real.openai_server import Answer, OpenAIServer, completion, failure, serve
from tests.real.run_tools import PATIENCE, wait_until
from tests.unit.runner_fakes import leftovers
from tests.unit.samples import page, refusal

ROOT = Path(__file__).parents[2]
USER = {"role": "user", "content": "hello"}

#: The seed's example, with its import changed and its waits shortened.
SEED = """
import asyncio
from typing import Any, Dict, List
from edsl_nb.tasks import SampleStatus, Session, Task, TaskOutput, TaskSampleExecutionResult

class VirtualTask(Task):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(name="virtual-task", *args, **kwargs)

    def get_indices(self) -> List[Any]:
        return list(range(10))

    async def start_sample(self, index, session: Session):
        print("task start sample")
        for loop_times in range(3):
            await asyncio.sleep(0.01)
            res = await session.action(
                {"role": "user", "content": "Loop: %d" % loop_times}
            )
            print("TASK", res.content)
        return TaskSampleExecutionResult(
            status=SampleStatus.COMPLETED,
            result={"result": "ok"},
        )

    def calculate_overall(self, results: List[TaskOutput]) -> Dict[str, Any]:
        return {"score": 0.4}
"""


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    assert leftovers() == []


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with serve() as made:
        yield made


class Scripted(Task):
    """A task whose samples do what a function says."""

    def __init__(
        self,
        sample: Callable[..., Any],
        indices: Any = range(3),
        name: str = "scripted",
        concurrency: int = 1,
    ) -> None:
        super().__init__(name, concurrency)
        self.sample, self.indices = sample, indices
        self.released = 0
        self.given: list[TaskOutput] = []

    def get_indices(self) -> Any:
        return self.indices

    async def start_sample(self, index: Any, session: Session) -> Any:
        return await self.sample(index, session)

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        self.given = results
        return {"count": len(results)}

    def release(self) -> None:
        self.released += 1


async def one_turn(index: Any, session: Session) -> TaskSampleExecutionResult:
    output = await session.action({"role": "user", "content": f"sample {index}"})
    return TaskSampleExecutionResult(result=output.content)


def echo(history: list[ChatHistoryItem]) -> str:
    return f"echo: {history[-1].content}"


def quietly(benchmark: Benchmark, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EdslNbWarning)
        return benchmark.run(progress_bar=False, **options)


def played(sample: Callable[..., Any], agent: Any = echo, **options: Any) -> BenchmarkResults:
    """The results of a task with three samples."""
    with Benchmark(Scripted(sample)).by(agent) as benchmark:
        return quietly(benchmark, **options)


def statuses(results: BenchmarkResults) -> list[str | None]:
    return [sample.status and sample.status.value for sample in results]


# What works


def test_the_seeds_task_runs_with_only_its_import_changed(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(SEED, names)
    with Benchmark(names["VirtualTask"](concurrency=5)).by(
        Model("test", canned_response="fine")
    ) as benchmark:
        results = quietly(benchmark)
    assert [output.model_dump() for output in results.outputs][3] == {
        "index": 3,
        "status": SampleStatus.COMPLETED,
        "result": {"result": "ok"},
        "history": [
            {"role": "user", "content": "Loop: 0"}, {"role": "agent", "content": "fine"},
            {"role": "user", "content": "Loop: 1"}, {"role": "agent", "content": "fine"},
            {"role": "user", "content": "Loop: 2"}, {"role": "agent", "content": "fine"},
        ],
    }  # fmt: skip
    score = results.overall["test", "virtual-task"]
    assert (score["total"], score["custom"]) == (10, {"score": 0.4})
    assert score["validation"] == {
        **{status.value: float(status is SampleStatus.COMPLETED) for status in SampleStatus},
        "average_history_length": 6.0, "max_history_length": 6, "min_history_length": 6,
    }  # fmt: skip
    assert "partial" not in score and not results.partial
    assert results.log(3) == "task start sample\n" + "TASK fine\n" * 3
    assert capsys.readouterr().out == ""


def test_agents_are_models_personas_functions_coroutines_and_objects(server: OpenAIServer) -> None:
    async def coroutine(history: list[ChatHistoryItem]) -> str:
        await asyncio.sleep(0)
        return "coroutine"

    class Client:
        def inference(self, history: list[dict[str, str]]) -> str:
            return f"client {history[0]['content']}"

    server.respond = lambda asked: Answer(completion(asked.body["messages"][0]["content"]))
    models = ModelList([Model("m", "openai", base_url=server.url)])
    people = AgentList(
        [Agent({"age": 3}, name="Ann", instruction="Be brief. "), Agent({"age": 4}, name="Bob")]
    )
    benchmark = Benchmark(Scripted(one_turn, [7]), agents=[echo, coroutine, Client()])
    benchmark.by(models, people).by({"named": lambda history: "given a name"})
    with benchmark:
        results = quietly(benchmark)
    assert {sample.agent: sample.result for sample in results} == {
        "echo": "echo: sample 7",
        "coroutine": "coroutine",
        "Client": "client sample 7",
        "openai/m as Ann": "Be brief. Your traits: {'age': 3}",
        "openai/m as Bob": "You are answering questions as if you were a human. Do not break character."
        "Your traits: {'age': 4}",
        "named": "given a name",
    }


def test_a_model_is_sent_the_conversation_with_its_own_turns_as_the_assistants(server: OpenAIServer) -> None:
    server.respond = lambda asked: Answer(completion(f"reply {len(asked.body['messages'])}"))

    async def talk(index: Any, session: Session) -> TaskSampleExecutionResult:
        session.inject([USER, {"role": "agent", "content": "an example"}])
        await session.action(USER)
        await session.action(USER)
        return TaskSampleExecutionResult()

    with Benchmark(Scripted(talk, [0])).by(Model("m", "openai", base_url=server.url)) as benchmark:
        results = quietly(benchmark)
    assert [message["role"] for message in server.asked[-1].body["messages"]] == [
        "user", "assistant", "user", "assistant", "user",
    ]  # fmt: skip
    assert results.samples[0].rounds == 2
    assert results.samples[0].usage.output_tokens > 0
    assert results.transcript(0)[-1].content == "reply 5"


def test_equal_calls_are_made_each_time_unless_the_cache_is_asked_for() -> None:
    calls: list[str] = []

    def reply(prompt: str) -> str:
        calls.append(prompt)
        return "same"

    async def ask_twice(index: Any, session: Session) -> TaskSampleExecutionResult:
        for _ in range(2):
            session.clear()
            await session.action(USER)
        return TaskSampleExecutionResult()

    benchmark = Benchmark(Scripted(ask_twice)).by(Model("test", canned_response=reply))
    quietly(benchmark, n=2)
    quietly(benchmark)
    assert len(calls) == 2 * 3 * 2 + 2 * 3
    calls.clear()
    quietly(benchmark, cache=True)
    quietly(benchmark, cache=True)
    assert len(calls) == 1
    benchmark.close()


def test_samples_are_chosen_by_limit_and_by_indices() -> None:
    tasks = [Scripted(one_turn, [1, "1", 2], "first"), Scripted(one_turn, ["x", 2], "second")]
    with Benchmark(tasks, echo) as benchmark:

        def chosen(**options: Any) -> list[tuple[str, Any]]:
            return [(sample.task, sample.index) for sample in quietly(benchmark, **options)]

        assert chosen(limit=1) == [("first", 1), ("second", "x")]
        assert chosen(indices=["1", 2]) == [("first", "1"), ("first", 2), ("second", 2)]
        assert chosen(indices={"second": ["x"]}) == [("second", "x")]
        refusal(
            lambda: quietly(benchmark, indices=["2"]), "indices: there is no sample", "'2'", error=TaskError
        )
        refusal(lambda: quietly(benchmark, indices={"first": ["x"]}), "there is no sample", error=TaskError)
        refusal(lambda: quietly(benchmark, indices={"frist": [1]}), "Did you mean 'first'?", error=TaskError)


def test_repeats_give_means_and_standard_errors() -> None:
    class Counted(Scripted):
        def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
            assert [result.index for result in results] == [0, 1, 2]
            return {"part": {"score": sum(r.result for r in results)}, "about": "x"}

    numbers = iter(range(6))

    async def number(index: Any, session: Session) -> TaskSampleExecutionResult:
        return TaskSampleExecutionResult(result=next(numbers))

    with Benchmark(Counted(number), echo) as benchmark:
        results = quietly(benchmark, n=2)
    score = results.overall["echo", "scripted"]
    totals = [sum(s.result for s in results if s.place.repeat == repeat) for repeat in (0, 1)]
    assert score["total"] == 6
    assert score["repeats"] == [{"part": {"score": total}, "about": "x"} for total in totals]
    assert score["custom"] == {"part": {"score": 7.5}, "about": "x"}
    assert score["standard_error"]["part"]["score"] == pytest.approx(abs(totals[0] - totals[1]) / 2)
    (row,) = results.scores.to_dicts(remove_prefix=False)
    assert (row["part.score"], row["about"]) == (7.5, "x")
    assert row["part.score standard error"] == score["standard_error"]["part"]["score"]


def test_results_are_tables(server: OpenAIServer) -> None:
    with Benchmark([Scripted(one_turn, [0, 1], name) for name in ("a", "b")], [echo]) as benchmark:
        results = quietly(benchmark)
        assert isinstance(benchmark.as_table().first_rows(5)[0].cells[0], str)
    table = page(results.as_table())
    assert [row.cells[:8] for row in table.rows] == [
        [task, "echo", index, 0, "completed", 1, f"echo: sample {index}", None]
        for task in ("a", "b")
        for index in (0, 1)
    ]
    assert page(results.transcripts, search="echo: sample 1").total == 2
    assert [row.cells for row in page(results.transcript(1, task="b").as_table()).rows] == [
        [0, "user", "sample 1", 8, True, None], [1, "agent", "echo: sample 1", 14, False, 0],
    ]  # fmt: skip
    assert results.scores.to_dicts() == [
        {"task": task, "agent": "echo", "total": 2, "completed": 1.0, "count": 2} for task in ("a", "b")
    ]
    assert list(results.to_pandas()["result"]) == [sample.result for sample in results]
    refusal(lambda: results.transcript(5), "no sample of this index", error=TaskError)
    refusal(lambda: results.transcript(1, repeat=2), "repeat: no such repeat", "0", error=TaskError)
    refusal(lambda: results.transcript(0, task="c"), "there is no such task", error=TaskError)
    refusal(lambda: results.transcript(0, agent="eco"), "Did you mean 'echo'?", error=TaskError)


# What tasks do


def exits(index: Any, session: Session) -> Any:
    raise SystemExit(0)


async def later_exits(index: Any, session: Session) -> Any:
    await session.action(USER)
    sys.exit()


async def raises(index: Any, session: Session) -> Any:
    await session.action(USER)
    raise ValueError("the table is gone")


async def is_cancelled(index: Any, session: Session) -> Any:
    raise asyncio.CancelledError


async def waits_for_itself(index: Any, session: Session) -> Any:
    asyncio.get_running_loop().stop()
    await asyncio.sleep(0.01)
    raise KeyboardInterrupt


@pytest.mark.parametrize("sample", [exits, later_exits, raises, is_cancelled, waits_for_itself])
def test_whatever_a_task_raises_is_a_task_error_with_its_traceback(sample: Callable[..., Any]) -> None:
    results = played(sample)
    assert statuses(results) == ["task error"] * 3
    assert results.overall["echo", "scripted"]["validation"]["task error"] == 1.0
    first = results.samples[0]
    assert re.match("Traceback .most recent call last.", first.result)
    assert sample.__name__ in first.result and first.error is not None
    assert "performing.py" not in first.result


class Breaks:
    """What fails in whatever way somebody looks at it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # pytest looks at it as well
            raise AttributeError(name)
        raise OSError(f"there is no {name} any more")

    def __repr__(self) -> str:
        raise OSError("not even a name")


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (None, "returned a NoneType"),
        ({"status": "completed"}, "returned a dict"),
        (TaskSampleExecutionResult(status=SampleStatus.RUNNING), "a status that no sample ends with"),
        (TaskOutput.model_construct(status="done", result=1), "a status that no sample ends with"),
        (TaskSampleExecutionResult(result={"a": object()}), "nothing that JSON can hold"),  # type: ignore[dict-item]
        (TaskSampleExecutionResult(result={(1, 2): 3}), "nothing that JSON can hold"),  # type: ignore[dict-item]
        (TaskSampleExecutionResult(result=[[[Breaks()]]]), "nothing that JSON can hold"),
        (Breaks(), "status"),
    ],
)
def test_a_wrong_return_value_is_a_task_error_at_once(returned: Any, words: str) -> None:
    async def sample(index: Any, session: Session) -> Any:
        await session.action(USER)
        return returned

    results = played(sample)
    assert statuses(results) == ["task error"] * 3
    assert words in results.samples[0].result
    assert len(results.samples[0].history) == 2


def test_a_history_that_cannot_be_read_fails_its_sample_only() -> None:
    async def sample(index: Any, session: Session) -> Any:
        await session.action(USER)
        if index == 1:
            session.history.append(Breaks())  # type: ignore[arg-type]
        return TaskSampleExecutionResult(result=index)

    results = played(sample)
    assert [sample.result for sample in results] == [0, 1, 2]
    assert [len(sample.history) for sample in results] == [2, 3, 2]
    assert "a Breaks" in results.transcript(1)[2].content


@pytest.mark.parametrize("value", [0.5, 2.7, 1, 0, True, "12", "yes", None, [1, [2.5]], {"a": {"b": None}}])
def test_results_are_not_bent(value: Any) -> None:
    async def sample(index: Any, session: Session) -> Any:
        return TaskOutput(status=SampleStatus.COMPLETED, result=value, index="ignored")

    results = played(sample)
    assert repr([output.result for output in results.outputs]) == repr([value] * 3)
    assert [output.index for output in results.outputs] == [0, 1, 2]


def test_a_task_that_blocks_holds_up_no_other_and_no_clock() -> None:
    blocked, go = threading.Event(), threading.Event()

    async def blocks(index: Any, session: Session) -> Any:
        await session.action(USER)
        blocked.set()
        assert go.wait(PATIENCE)
        return TaskSampleExecutionResult(result="unblocked")

    with Benchmark(
        [Scripted(blocks, [0], "blocks"), Scripted(one_turn, range(50), "quick")], echo
    ) as benchmark:
        run = benchmark.start(progress_bar=False)
        assert blocked.wait(PATIENCE)
        wait_until(lambda: run.progress.items_done == 50)
        # Scores of what has ended, while another task blocks.
        assert run.results.partial and len(run.results) == 50
        go.set()
        assert len(run.result()) == 51


def test_what_was_stopped_is_scored_before_the_run_ends() -> None:
    halfway = threading.Event()

    async def until_stopped(index: Any, session: Session) -> Any:
        answer = await session.action(USER)
        if index < 2:
            return TaskSampleExecutionResult(result=answer.content)
        halfway.set()
        await asyncio.sleep(PATIENCE)
        return None

    with Benchmark(Scripted(until_stopped, range(9), concurrency=1), echo) as benchmark:
        run = benchmark.start(progress_bar=False)
        assert halfway.wait(PATIENCE)
        run.cancel()
        assert run.wait(PATIENCE)
        (standing,) = run.workload.scoreboard.standings()  # type: ignore[attr-defined]
        assert (standing.ended, standing.scored) == (2, 2)
        assert [figure.value for figure in standing.figures] == [2]


def test_closing_stops_every_run_of_the_benchmark() -> None:
    asked = threading.Semaphore(0)

    async def never(history: Any) -> str:
        asked.release()
        await asyncio.sleep(PATIENCE)
        return "late"

    with Benchmark(Scripted(one_turn, range(4), concurrency=8), never) as benchmark:
        runs = [benchmark.start(progress_bar=False) for _ in range(2)]
        for _ in range(8):
            assert asked.acquire(timeout=PATIENCE)
    assert [run.progress.state for run in runs] == ["stopped", "stopped"]


def test_a_score_that_takes_long_does_not_hold_up_the_end_of_what_was_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "_WINDING_UP", 0.2)
    halfway, go = threading.Event(), threading.Event()

    class Slow(Scripted):
        def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
            assert go.wait(PATIENCE)
            return {}

    async def one_then_wait(index: Any, session: Session) -> Any:
        await session.action(USER)
        if index:
            halfway.set()
            await asyncio.sleep(PATIENCE)
        return TaskSampleExecutionResult(result=index)

    with Benchmark(Slow(one_then_wait, range(9), concurrency=1), echo) as benchmark:
        run = benchmark.start(progress_bar=False)
        assert halfway.wait(PATIENCE)
        run.cancel()
        assert run.wait(PATIENCE)
        assert not go.is_set()
        go.set()


def test_state_is_kept_and_what_calculate_overall_changes_is_a_copy() -> None:
    class Careless(Scripted):
        def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
            for result in results:
                result.status += "Correct"  # type: ignore[assignment]
                result.result.clear()  # type: ignore[union-attr]
                assert result.history is not None
                result.history[0].content = "defaced"
            return {"first": results[0], "count": len(results)}

    seen: list[Any] = []

    async def remembers(index: Any, session: Session) -> Any:
        await session.action(USER)
        seen.append(index)
        return TaskSampleExecutionResult(result={"seen": list(seen)})

    with Benchmark(Careless(remembers), echo) as benchmark:
        results = quietly(benchmark)
    assert results.overall["echo", "scripted"]["custom"]["first"]["status"] == "completedCorrect"
    assert [output.result for output in results.outputs] == [
        {"seen": [0]},
        {"seen": [0, 1]},
        {"seen": [0, 1, 2]},
    ]
    assert results.outputs[0].history[0].content == "hello"  # type: ignore[index]


def test_a_score_that_cannot_be_computed_loses_nothing() -> None:
    class Unscored(Scripted):
        def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
            raise ZeroDivisionError("no samples")

    with (
        Benchmark([Unscored(one_turn, name="bad"), Scripted(one_turn, name="good")], echo) as benchmark,
        pytest.warns(EdslNbWarning, match="no score of task 'bad'.*ZeroDivisionError: no samples"),
    ):
        results = benchmark.run(progress_bar=False)
    assert "ZeroDivisionError: no samples" in results.overall["echo", "bad"]["error"]
    assert results.overall["echo", "good"]["custom"] == {"count": 3}


def test_methods_of_a_task_run_in_its_own_thread() -> None:
    threads: list[str] = []

    class Watched(Scripted):
        def get_indices(self) -> Any:
            threads.append(threading.current_thread().name)
            return [0]

        async def start_sample(self, index: Any, session: Session) -> Any:
            threads.append(threading.current_thread().name)
            return await one_turn(index, session)

        def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
            threads.append(threading.current_thread().name)
            return {}

        def release(self) -> None:
            threads.append(threading.current_thread().name)

    with Benchmark(Watched(one_turn), echo) as benchmark:
        quietly(benchmark)
    assert threads == ["edsl_nb-task-scripted"] * 4


# Concurrency


class Gauge:
    """How many samples are in play at once."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def sample(self, index: Any, session: Session) -> TaskSampleExecutionResult:
        self.now += 1
        self.most = max(self.most, self.now)
        await session.action(USER)
        await asyncio.sleep(0.001)
        self.now -= 1
        return TaskSampleExecutionResult()


def test_a_tasks_concurrency_holds_over_all_agents_and_runs_and_is_used() -> None:
    gauge = Gauge()
    task = Scripted(gauge.sample, range(20), concurrency=3)
    with (
        Benchmark(task, [echo, Model("test"), Model("test", temperature=0)]) as one,
        Benchmark(task, echo) as other,
    ):
        runs = [one.start(progress_bar=False), other.start(progress_bar=False)]
        assert [len(run.result()) for run in runs] == [60, 20]
    assert gauge.most == 3
    assert task.released == 1


def test_a_slow_agent_does_not_hold_up_a_quick_one() -> None:
    go = threading.Event()

    def slow(history: list[ChatHistoryItem]) -> str:
        assert go.wait(PATIENCE)
        return "slow"

    with Benchmark(Scripted(one_turn, range(20), concurrency=2), [slow, echo]) as benchmark:
        run = benchmark.start(progress_bar=False)
        wait_until(lambda: run.progress.lanes[1].items_done == 20)
        assert run.progress.lanes[0].items_done == 0
        go.set()
        assert len(run.result()) == 40


# Agents that fail


def test_a_failing_agent_is_an_agent_error_and_the_transcript_is_kept() -> None:
    told: list[AgentOutputStatus] = []

    async def two_turns(index: Any, session: Session) -> Any:
        for _ in range(2):
            output = await session.action(USER)
            told.append(output.status)
        return TaskSampleExecutionResult()

    def fails_second(history: list[ChatHistoryItem]) -> Any:
        if len(history) > 1:
            raise ConnectionError("lost")
        return "fine"

    with Benchmark(Scripted(two_turns), fails_second) as benchmark:
        with pytest.warns(EdslNbWarning, match=r"3 of 3 samples.*lost"):
            results = benchmark.run(progress_bar=False)
        run = benchmark.last_run
        assert run is not None and run.errors.to_dicts()[0] == {
            "task": "scripted", "agent": "fails_second", "index": 0, "repeat": 0, "status": "agent error",
            "error": "agent error: ConnectionError: lost", "log": "",
        }  # fmt: skip
    assert told == [AgentOutputStatus.NORMAL, AgentOutputStatus.CANCELLED] * 3
    assert results.outputs == [] and statuses(results) == [None] * 3
    assert [turn.content for turn in results.transcript(0)] == ["hello", "fine", "hello", "cancelled"]
    score = results.overall["fails_second", "scripted"]
    assert (score["total"], score["custom"], score["missing"]) == (0, None, [0, 1, 2])


@pytest.mark.parametrize(
    "bad",
    [None, 5, b"x", AgentOutput.model_construct(content=None), AgentOutput.model_construct(content=b"x")],
)
def test_an_agent_that_returns_no_text_is_an_agent_error(bad: Any) -> None:
    results = played(one_turn, lambda history: bad)
    assert all("a text is wanted" in str(sample.error) for sample in results)


def test_an_agent_may_call_exit() -> None:
    async def leaves(history: list[ChatHistoryItem]) -> str:
        sys.exit(1)

    for agent in (leaves, lambda history: sys.exit(1)):
        assert "SystemExit" in str(played(one_turn, agent).samples[0].error)


def test_empty_answers_stay_empty() -> None:
    results = played(one_turn, lambda history: "")
    assert [sample.result for sample in results] == [""] * 3
    assert results.transcript(0)[1].content == ""


async def reports(index: Any, session: Session) -> TaskSampleExecutionResult:
    output = await session.action(USER)
    if output.status == SampleStatus.AGENT_CONTEXT_LIMIT:  # across the two enums, as tasks do
        return TaskSampleExecutionResult(status=output.status)  # type: ignore[arg-type]
    return TaskSampleExecutionResult(result=output.content)


def test_a_context_limit_is_told_to_the_task() -> None:
    def too_long(history: list[ChatHistoryItem]) -> str:
        raise AgentContextLimitException

    assert statuses(played(reports, too_long)) == ["agent context limit"] * 3


@pytest.mark.parametrize(
    ("status", "said", "limit"),
    [
        (400, "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens", True),
        (400, "Unsupported parameter: 'max_tokens'", False),
        (404, "upstream prompt over", False),
        (429, "Rate limit reached: tokens per min, maximum context", False),
    ],
)
def test_a_services_context_limit_is_told_from_other_errors(
    server: OpenAIServer, status: int, said: str, limit: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDSL_MAX_ATTEMPTS", "1")
    server.respond = lambda asked: failure(status, said)
    results = played(reports, Model("m", "openai", base_url=server.url))
    if limit:
        assert statuses(results) == ["agent context limit"] * 3
    else:
        assert all(str(sample.error).startswith("agent error: ") for sample in results)


def test_failed_samples_are_played_again_and_the_others_are_not() -> None:
    broken, seen = True, list[Any]()

    def agent(history: list[ChatHistoryItem]) -> str:
        seen.append(history[-1].content)
        if broken and history[-1].content == "sample 1":
            raise ConnectionError
        return "fine"

    with Benchmark(Scripted(one_turn), agent) as benchmark:
        quietly(benchmark)
        broken = False
        assert benchmark.last_run is not None
        again = benchmark.last_run.retry_failed(progress_bar=False)
        assert [sample.result for sample in again.result()] == ["fine"] * 3
    assert seen == ["sample 0", "sample 1", "sample 2", "sample 1"]


# Stopping


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "GRACE", 0.2)
    monkeypatch.setattr(performing, "GRACE", 0.2)
    monkeypatch.setattr(performing, "_LAST", 0.1)


def test_stop_tells_tasks_that_they_are_cancelled_and_keeps_what_has_ended() -> None:
    asked, told = threading.Event(), list[Any]()

    def agent(history: list[ChatHistoryItem]) -> str:
        if history[0].content == "sample 1":
            asked.set()
            threading.Event().wait(PATIENCE)
        return "fine"

    async def sample(index: Any, session: Session) -> Any:
        output = await session.action({"role": "user", "content": f"sample {index}"})
        told.append(output.status)
        while output.status == AgentOutputStatus.CANCELLED and len(told) < 5:
            told.append((await session.action(USER)).status)
        return TaskSampleExecutionResult(result=output.content)

    with Benchmark(Scripted(sample), agent) as benchmark:
        run = benchmark.start(progress_bar=False)
        assert asked.wait(PATIENCE)
        run.cancel()
        with pytest.warns(EdslNbWarning, match="1 of 3 samples are done"):
            results = run.result()
        assert results.partial and [sample.index for sample in results] == [0]
        score = results.overall["agent", "scripted"]
        assert score["partial"] and score["missing"] == [1, 2]
    assert told == [AgentOutputStatus.NORMAL, *[AgentOutputStatus.CANCELLED] * 4]


@pytest.mark.parametrize("how", ["sleeps", "ignores", "blocks"])
def test_stop_ends_a_run_whatever_its_task_does(how: str, short_grace: None) -> None:
    began, go = threading.Event(), threading.Event()

    async def sample(index: Any, session: Session) -> Any:
        began.set()
        if how == "sleeps":
            await asyncio.sleep(PATIENCE)
        elif how == "ignores":
            while True:
                await session.action(USER)
        go.wait(PATIENCE)
        return TaskSampleExecutionResult()

    with Benchmark(Scripted(sample), echo) as benchmark:
        run = benchmark.start(progress_bar=False)
        assert began.wait(PATIENCE)
        run.cancel()
        assert run.wait(5)
        assert run.progress.state == "stopped"
        # The task's thread may be blocked still, but it can be run.
        benchmark._hosts["scripted"].task.sample = one_turn  # the same task, mended
        assert len(quietly(benchmark)) == 3
        go.set()


def test_a_sample_that_takes_too_long_has_failed_and_the_others_go_on(short_grace: None) -> None:
    go = threading.Event()

    async def sample(index: Any, session: Session) -> Any:
        output = await session.action(USER)
        if index == 0:
            await asyncio.sleep(PATIENCE)
        if index == 1:
            go.wait(PATIENCE)
        return TaskSampleExecutionResult(result=output.content)

    results = played(sample, sample_timeout=0.3)
    assert [sample.state for sample in results] == ["failed", "failed", "answered"]
    assert results.samples[1].error == "the sample took longer than sample_timeout=0.3 s"
    assert len(results.transcript(0)) == 2
    go.set()


def test_a_paused_run_asks_no_agent() -> None:
    asked = threading.Event()

    def agent(history: list[ChatHistoryItem]) -> str:
        asked.set()
        return "fine"

    with Benchmark(Scripted(one_turn, range(200)), agent) as benchmark:
        run = benchmark.start(progress_bar=False)
        assert asked.wait(PATIENCE)
        run.pause()
        wait_until(lambda: run.progress.state == "paused")
        time.sleep(0.1)
        done = run.progress.items_done
        time.sleep(0.1)
        assert run.progress.items_done == done < 200
        run.resume()
        assert len(run.result()) == 200


async def test_a_run_can_be_awaited() -> None:
    with Benchmark(Scripted(one_turn), echo) as benchmark:
        results = await benchmark.run_async(progress_bar=False)
        run = await benchmark.run_async(progress_bar=False, background=True)
        assert [sample.index async for sample in run] == [0, 1, 2]
    assert results.overall["echo", "scripted"]["custom"] == {"count": 3}


def test_the_first_failure_stops_a_run_that_is_to_stop_there() -> None:
    with Benchmark(Scripted(raises, range(100)), echo) as benchmark:
        with pytest.raises(RunError, match="the table is gone"):
            benchmark.run(progress_bar=False, stop_on_exception=True)
        assert benchmark.last_run is not None and len(benchmark.last_run.results) < 10


# The end


def test_a_task_is_released_once_and_not_used_after_it() -> None:
    task = Scripted(one_turn)
    with Benchmark(task, echo) as benchmark:
        quietly(benchmark)
        assert task.released == 0
    benchmark.close()
    assert task.released == 1
    refusal(lambda: quietly(benchmark), "was released", error=TaskError)
    refusal(lambda: Benchmark(task), "was released", error=TaskError)


def test_a_task_that_another_benchmark_releases_ends_the_run_and_nothing_of_it_is_left() -> None:
    before, asked, go = (sys.stdout, sys.stderr), threading.Event(), threading.Event()

    def agent(history: list[ChatHistoryItem]) -> str:
        asked.set()
        assert go.wait(PATIENCE)
        return "fine"

    class Tidy(Scripted):
        tidied = False

        async def start_sample(self, index: Any, session: Session) -> Any:
            try:
                return await one_turn(index, session)
            finally:
                await asyncio.sleep(0.01)  # takes a while to end
                self.tidied = True

    task = Tidy(one_turn)
    benchmark = Benchmark(task, agent)
    run = benchmark.start(progress_bar=False)
    assert asked.wait(PATIENCE)
    Benchmark(task, echo).close()
    go.set()
    with pytest.raises(TaskError, match="was released"), warnings.catch_warnings():
        warnings.simplefilter("ignore", EdslNbWarning)
        run.result()
    assert task.tidied
    assert (sys.stdout, sys.stderr) == before


def test_closing_stops_a_run(short_grace: None) -> None:
    async def sleeps(index: Any, session: Session) -> Any:
        await asyncio.sleep(PATIENCE)

    task = Scripted(sleeps)
    benchmark = Benchmark(task, echo)
    run = benchmark.start(progress_bar=False)
    benchmark.close()
    assert run.done and task.released == 1


def test_a_release_that_fails_is_a_warning() -> None:
    class Stuck(Scripted):
        def release(self) -> None:
            raise OSError("the container is gone")

    benchmark = Benchmark(Stuck(one_turn), echo)
    with pytest.warns(EdslNbWarning, match="release of task 'scripted' raised OSError"):
        benchmark.close()


def test_tasks_are_released_at_the_latest_when_the_interpreter_ends(private_home: Path) -> None:
    code = """
from edsl_nb.tasks import Benchmark, Task, TaskSampleExecutionResult
class T(Task):
    def get_indices(self): return [1]
    async def start_sample(self, index, session):
        return TaskSampleExecutionResult(result=await self.ask(session))
    async def ask(self, session): return (await session.action({"role": "user", "content": "x"})).content
    def calculate_overall(self, results): return {}
    def release(self): print("released", self.name)
used, unused = T("used"), T("unused")
print(Benchmark(used, lambda history: "y").run(progress_bar=False).outputs[0].result)
Benchmark(unused)
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=clean_environment(EDSL_NB_HOME=str(private_home)),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ended.stdout.split("\n"), ended.stderr) == (["y", "released used", "released unused", ""], "")


def test_thousands_of_samples_are_soon_played() -> None:
    async def three_turns(index: Any, session: Session) -> Any:
        for turn in range(3):
            await session.action({"role": "user", "content": f"{index} {turn}"})
        return TaskSampleExecutionResult(result=index)

    with Benchmark(Scripted(three_turns, range(2000), concurrency=50), lambda history: "ok") as benchmark:
        began = time.process_time()  # which other programs take no part of
        results = quietly(benchmark)
        assert time.process_time() - began < 4  # of which it takes a tenth
    assert [output.result for output in results.outputs] == list(range(2000))


def test_a_stopped_run_goes_on_where_it_was() -> None:
    stop, played_now = threading.Event(), list[Any]()

    async def sample(index: Any, session: Session) -> Any:
        played_now.append(index)
        if index == 1 and not stop.is_set():
            stop.set()
            await asyncio.sleep(PATIENCE)
        return await one_turn(index, session)

    with Benchmark(Scripted(sample), echo) as benchmark:
        run = benchmark.start(progress_bar=False)
        assert stop.wait(PATIENCE)
        run.cancel()
        with pytest.warns(EdslNbWarning, match="The run was stopped"):
            run.result()
        results = benchmark.resume(run.id, progress_bar=False).result()
        assert [sample.result for sample in results] == [f"echo: sample {i}" for i in range(3)]
        assert played_now == [0, 1, 1, 2]
        refusal(lambda: benchmark.resume("nope"), "there is no such run")
        with Benchmark(Scripted(one_turn, [0]), echo) as other:
            refusal(lambda: other.resume(run.id), "there is no sample of this index", error=TaskError)
        with Benchmark(Scripted(one_turn), [echo, echo]) as other:
            refusal(lambda: other.resume(run.id), "the run of another benchmark", error=TaskError)


@pytest.mark.parametrize("where", range(5))
def test_a_sample_that_is_stopped_anywhere_is_played_again_and_nothing_twice(where: int) -> None:
    """The steps of the second sample: 0, 2 and 4 in the task, 1 and 3 while it awaits the agent."""
    here, started = threading.Event(), list[Any]()
    stopped: list[bool] = []

    def step(index: Any, number: int) -> bool:
        return index == 1 and number == where and not stopped

    async def agent(history: list[ChatHistoryItem]) -> str:
        if step(int(history[0].content), len(history)):
            here.set()
            await asyncio.sleep(PATIENCE)
        return "fine"

    async def sample(index: Any, session: Session) -> Any:
        started.append(index)
        for number in (0, 2, 4):
            if step(index, number):
                here.set()
                while not stopped:  # noqa: ASYNC110 - set by the test's thread
                    await asyncio.sleep(0.001)
            if number < 4:
                await session.action({"role": "user", "content": f"{index}"})
        return TaskSampleExecutionResult(result=len(session.history))

    with Benchmark(Scripted(sample), agent) as benchmark:
        run = benchmark.start(progress_bar=False)
        assert here.wait(PATIENCE)
        run.cancel()
        wait_until(lambda: run.stopping)
        stopped.append(True)
        assert run.wait(PATIENCE)
        # After its last action a sample ends as if nothing had happened.
        done = [0, 1] if where == 4 else [0]
        assert [sample.index for sample in run.results] == done
        results = benchmark.resume(run.id, progress_bar=False).result()
    assert [(sample.index, sample.result) for sample in results] == [(0, 4), (1, 4), (2, 4)]
    assert started == ([0, 1, 2] if where == 4 else [0, 1, 1, 2])
