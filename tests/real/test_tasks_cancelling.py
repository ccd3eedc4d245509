"""Samples that are stopped wherever they wait: for agents, pauses, room, HTTP, processes."""

from __future__ import annotations

import asyncio
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import psutil
import pytest

from edsl_nb import Model
from edsl_nb.core.errors import EdslNbWarning
from edsl_nb.runner import execution
from edsl_nb.tasks import (
    AgentOutputStatus,
    Benchmark,
    BenchmarkResults,
    HTTPAgent,
    InstanceFactory,
    RemoteTask,
    SampleStatus,
    Session,
    Task,
    TaskSampleExecutionResult,
    copies,
    performing,
    serve,
    serving,
)
from edsl_nb.tasks.contestants import Turn
from tests.real.agentbench_controller import Controller, controller
from tests.real.openai_server import OpenAIServer
from tests.real.openai_server import serve as openai_server
from tests.real.run_tools import PATIENCE, wait_until
from tests.unit.runner_fakes import leftovers


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(execution, "GRACE", 0.2)
    monkeypatch.setattr(performing, "GRACE", 0.2)
    monkeypatch.setattr(performing, "_LAST", 0.2)
    yield
    assert leftovers() == []


class Talk(Task):
    """Samples of three turns, which end as soon as they are told that they are cancelled."""

    def __init__(self, size: int = 2, concurrency: int = 1) -> None:
        super().__init__("talk", concurrency)
        self.size = size
        self.started: list[Any] = []

    def get_indices(self) -> Any:
        return list(range(self.size))

    async def start_sample(self, index: Any, session: Session) -> TaskSampleExecutionResult:
        self.started.append(index)
        output = None
        for turn in range(3):
            output = await session.action({"role": "user", "content": f"{index} {turn}"})
            if output.status == AgentOutputStatus.CANCELLED:
                return TaskSampleExecutionResult(status=SampleStatus.UNKNOWN)
        return TaskSampleExecutionResult(result=output and output.content)

    def calculate_overall(self, results: Any) -> dict[str, Any]:
        return {"n": len(results)}


def echo(history: Any) -> str:
    return f"you said {history[-1].content}"


def stopped(benchmark: Benchmark, wait: Callable[[], object], **keywords: Any) -> Any:
    """A run that was stopped once something had happened, and has ended."""
    run = benchmark.start(progress_bar=False, **keywords)
    wait()
    run.cancel()
    assert run.wait(PATIENCE)
    assert run.progress.state == "stopped"
    return run


def gone_on_with(benchmark: Benchmark, run: Any) -> BenchmarkResults:
    assert benchmark.resume(run.id, progress_bar=False).wait(PATIENCE)
    assert benchmark.last_run is not None
    return benchmark.last_run.results


# Waiting for the agent


class Holds:
    """An agent that does not answer its second question until it may, or for ever where nobody awaits it."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()
        self.count = 0

    def _first(self) -> bool:
        self.count += 1
        return self.count != 2

    def function(self, history: Any) -> str:
        if not self._first():
            self.asked.set()
            self.go.wait(PATIENCE)
        return "fine"

    async def coroutine(self, history: Any) -> str:
        if not self._first():
            self.asked.set()
            await asyncio.sleep(3600)
        return "fine"

    def late_coroutine(self, history: Any) -> Any:
        return self.coroutine(history)


@pytest.fixture
def llm() -> Iterator[OpenAIServer]:
    with openai_server() as found:
        yield found


@pytest.mark.parametrize("kind", ["function", "coroutine", "late_coroutine", "model", "http"])
def test_a_sample_is_stopped_while_it_waits_for_any_agent(kind: str, llm: OpenAIServer) -> None:
    holds = Holds()
    agent: Any = getattr(holds, kind, None)
    if agent is None:
        agent = Model("m", "openai", base_url=llm.url)
        if kind == "http":
            agent = HTTPAgent(
                url=f"{llm.url}/chat/completions",
                return_format="{response[choices][0][message][content]}",
            )
        llm.latency = 3600.0
        holds.asked = llm.arrived
    task = Talk()
    with Benchmark(task, agent) as benchmark:
        run = stopped(benchmark, lambda: holds.asked.wait(PATIENCE))
        assert run.results.partial and not run.results.samples
        holds.go.set()
        wait_until(lambda: llm.open == 0)  # nobody waits for what is not wanted any more
        llm.latency = 0.0
        results = gone_on_with(benchmark, run)
    assert [sample.outcome for sample in results] == ["completed"] * 2
    assert task.started == [0, 0, 1]


def test_what_is_over_before_it_is_under_way_is_stopped_all_the_same() -> None:
    def nothing(*_: object) -> None:
        pass

    stops: list[str] = []
    turn = Turn([], cast(Any, None), 0, "talk", nothing, nothing, nothing)
    turn.under_way(lambda: stops.append("first"))
    assert stops == []
    turn.over = True
    turn.under_way(lambda: stops.append("second"))
    assert stops == ["second"]


# Waiting for something else


def test_a_sample_is_stopped_while_its_run_is_paused() -> None:
    holds = Holds()
    with Benchmark(Talk(), holds.function) as benchmark:
        run = benchmark.start(progress_bar=False)
        assert holds.asked.wait(PATIENCE)
        run.pause()
        wait_until(lambda: run.progress.state == "paused")
        holds.go.set()  # its third question waits until the run goes on
        wait_until(lambda: benchmark.tasks[0].started == [0])
        run.cancel()
        assert run.wait(PATIENCE)
        assert (run.results.samples, holds.count) == ([], 2)
        assert len(gone_on_with(benchmark, run)) == 2


def test_samples_that_wait_for_room_are_stopped() -> None:
    holds = Holds()
    holds.count = 1
    task = Talk(size=50)
    with Benchmark(task, {"a": holds.function, "b": holds.function}) as benchmark:
        run = stopped(benchmark, lambda: holds.asked.wait(PATIENCE))
        assert len(task.started) == 1
        holds.go.set()
        assert len(gone_on_with(benchmark, run)) == 100


@pytest.mark.parametrize("where", ["get_indices", "start_sample", "calculate_overall"])
async def test_whoever_awaits_a_run_may_stop_waiting_anywhere(where: str) -> None:
    here, go = threading.Event(), threading.Event()

    def hold(at: str) -> None:
        if at == where and not go.is_set():
            here.set()
            go.wait(PATIENCE)

    class Holding(Talk):
        def get_indices(self) -> Any:
            hold("get_indices")
            return super().get_indices()

        async def start_sample(self, index: Any, session: Session) -> Any:
            hold("start_sample")
            return await super().start_sample(index, session)

        def calculate_overall(self, results: Any) -> dict[str, Any]:
            hold("calculate_overall")
            return super().calculate_overall(results)

    with Benchmark(Holding(), echo) as benchmark, warnings.catch_warnings():
        warnings.simplefilter("ignore", EdslNbWarning)
        waiting = asyncio.create_task(benchmark.run_async(progress_bar=False))
        assert await asyncio.to_thread(here.wait, PATIENCE)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        go.set()
        if benchmark.last_run is not None:
            assert await asyncio.to_thread(benchmark.last_run.wait, PATIENCE)
        results = await benchmark.run_async(progress_bar=False)
    assert [sample.result for sample in results] == ["you said 0 2", "you said 1 2"]


# Behind a controller


@pytest.fixture
def genuine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Controller]:
    monkeypatch.setattr(serving, "HEARTBEAT", 0.2)
    with controller() as found:
        yield found


def registered(task: Task, genuine: Controller) -> Any:
    server = serve(task, genuine.url, port=0)
    wait_until(lambda: server.registered)
    return server


@pytest.mark.parametrize("number", range(8))
def test_a_run_is_stopped_at_any_request_to_a_controller(genuine: Controller, number: int) -> None:
    asked: list[str] = []

    def stop_there(path: str) -> None:
        if path in ("start_sample", "interact"):
            asked.append(path)
            if len(asked) == number + 1:
                run = far.last_run
                assert run is not None
                run.cancel()
                wait_until(lambda: run.stopping)

    with registered(Talk(), genuine), Benchmark(RemoteTask("talk", genuine.url), echo) as far:
        genuine.meanwhile = stop_there
        run = far.start(progress_bar=False)
        assert run.wait(PATIENCE)
        wait_until(lambda: not genuine.sessions)
        # After the last question of a sample it ends as if nothing had happened.
        assert len(run.results) == (number + 1) // 4
        assert [sample.result for sample in gone_on_with(far, run)] == ["you said 0 2", "you said 1 2"]
        assert not genuine.sessions


@pytest.mark.parametrize("path", ["start_sample", "interact"])
def test_a_session_elsewhere_is_ended_although_its_answer_comes_too_late(
    genuine: Controller, path: str
) -> None:
    """As where a task starts a container, which takes longer than anybody waits after Stop."""
    go = genuine.held[path] = threading.Event()
    with registered(Talk(), genuine), Benchmark(RemoteTask("talk", genuine.url), echo) as far:
        stopped(far, lambda: wait_until(lambda: path in genuine.asked and bool(genuine.sessions)))
        go.set()
        wait_until(lambda: not genuine.sessions)
        assert "cancel" in genuine.asked


def test_a_run_is_stopped_while_it_waits_for_a_worker(genuine: Controller) -> None:
    with registered(Talk(), genuine):
        for worker in genuine.workers.values():
            worker["current"] = worker["capacity"]  # others play there
        with Benchmark(RemoteTask("talk", genuine.url, concurrency=2), echo) as far:
            run = stopped(far, lambda: wait_until(lambda: genuine.asked.count("start_sample") > 2))
            assert not run.results.samples
        assert not genuine.sessions


def test_a_run_is_stopped_while_a_controller_is_gone(genuine: Controller) -> None:
    gone = threading.Event()

    def agent(history: Any) -> str:
        if not gone.is_set():
            genuine.vanish()
            gone.set()
        return "fine"

    with registered(Talk(), genuine), Benchmark(RemoteTask("talk", genuine.url), agent) as far:
        assert not stopped(far, lambda: gone.wait(PATIENCE)).results.samples


# A worker


@pytest.mark.parametrize("where", ["the agent's turn", "the task's turn", "the start", "the end"])
@pytest.mark.parametrize("how", ["cancel", "cancel_all"])
def test_a_worker_cancels_a_sample_wherever_it_is(where: str, how: str) -> None:
    here, told = threading.Event(), list[str]()

    class Held(Talk):
        async def start_sample(self, index: Any, session: Session) -> Any:
            await self._hold("the start")
            told.append((await session.action({"role": "user", "content": "hello"})).status.value)
            await self._hold("the task's turn")
            return TaskSampleExecutionResult()

        async def _hold(self, at: str) -> None:
            if at == where and not here.is_set():
                here.set()
                await asyncio.sleep(3600)

    def post(path: str, body: Any) -> int:
        return httpx.post(f"{server.url}/{path}", json=body, timeout=PATIENCE).status_code

    def play() -> None:
        post("start_sample", {"index": 0, "session_id": 7})
        if where != "the agent's turn":
            post("interact", {"session_id": 7, "agent_response": {"content": "hi"}})

    with serve(Held(), port=0) as server:
        playing = threading.Thread(target=play)
        playing.start()
        if where in ("the start", "the task's turn"):
            assert here.wait(PATIENCE)
        else:
            playing.join(PATIENCE)
        body = {"session_id": 7} if how == "cancel" else None
        assert [post(how, body), post(how, body)] == [200, 200]  # a second time is no mistake
        playing.join(PATIENCE)
        wait_until(lambda: httpx.get(f"{server.url}/worker_status").json()["current"] == 0)
        assert not playing.is_alive()
        assert told == {"the agent's turn": ["cancelled"], "the start": []}.get(where, ["normal"])
        assert post("start_sample", {"index": 0, "session_id": 8}) == 200


# Processes


class Slow(Task):
    """A task that is not made in any other process than this, however long one waits."""

    def __init__(self, home: int, folder: str) -> None:
        super().__init__("slow")
        if os.getpid() != home:
            (Path(folder) / str(os.getpid())).touch()
            time.sleep(3600)

    def get_indices(self) -> Any:
        return [0]


def test_a_run_is_stopped_while_its_processes_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "CLOSING", 0.2)
    factory = InstanceFactory(
        module=f"{__name__}.Slow", parameters={"home": os.getpid(), "folder": str(tmp_path)}
    )

    def made() -> list[int]:
        return [int(path.name) for path in tmp_path.iterdir() if path.name.isdecimal()]

    with Benchmark(factory, echo) as benchmark:
        stopped(benchmark, lambda: wait_until(lambda: bool(made())), workers=1)
        (started,) = made()
        wait_until(lambda: not psutil.pid_exists(started))


# The task itself


def test_an_agent_that_a_task_waits_for_no_longer_is_stopped() -> None:
    stopped_at: list[str] = []

    async def slow(history: Any) -> str:
        if len(history) > 1:
            return "fine"
        try:
            await asyncio.sleep(3600)
        finally:
            stopped_at.append(history[0].content)
        return "late"

    class Impatient(Talk):
        async def start_sample(self, index: Any, session: Session) -> TaskSampleExecutionResult:
            asking = asyncio.ensure_future(session.action({"role": "user", "content": f"{index}"}))
            await asyncio.wait([asking], timeout=0.05)
            asking.cancel()
            await asyncio.wait([asking])
            session.inject([{"role": "agent", "content": "..."}, {"role": "user", "content": "Well?"}])
            return TaskSampleExecutionResult(result=(await session.action()).content)

    with Benchmark(Impatient(), slow) as benchmark:
        results = benchmark.run(progress_bar=False)
        wait_until(lambda: stopped_at == ["0", "1"])
    assert [(sample.outcome, sample.result, sample.rounds) for sample in results] == [
        ("completed", "fine", 1)
    ] * 2


def test_a_sample_whose_task_heeds_nothing_is_broken_off_and_played_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(execution, "GRACE", PATIENCE)  # so that the task's own time is over first
    began = threading.Event()

    class Heedless(Talk):
        async def start_sample(self, index: Any, session: Session) -> Any:
            if not began.is_set():
                began.set()
                await asyncio.sleep(3600)
            return await super().start_sample(index, session)

    with Benchmark(Heedless(), echo) as benchmark:
        run = stopped(benchmark, lambda: began.wait(PATIENCE))
        assert not run.results.samples  # it is no task error
        assert [sample.outcome for sample in gone_on_with(benchmark, run)] == ["completed"] * 2
