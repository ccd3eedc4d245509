"""Tasks over AgentBench's HTTP protocol: workers, controllers, and `RemoteTask`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from edsl_nb.core.errors import EdslNbWarning
from edsl_nb.tasks import (
    AgentOutputStatus,
    Benchmark,
    BenchmarkResults,
    HTTPAgent,
    RemoteTask,
    SampleStatus,
    Session,
    Task,
    TaskError,
    TaskOutput,
    TaskSampleExecutionResult,
    TaskServer,
    hosting,
    performing,
    serve,
    serving,
)
from tests.isolation import clean_environment
from tests.real.agentbench_controller import Controller, controller
from tests.real.openai_server import Answer, OpenAIServer, completion, failure
from tests.real.openai_server import serve as openai_server
from tests.real.run_tools import wait_until
from tests.unit.samples import refusal

ROOT = Path(__file__).parents[2]

EXCHANGES = json.loads((Path(__file__).parent / "agentbench" / "worker.json").read_text())["exchanges"]


class Recorded(Task):
    """The task of the recorded exchanges."""

    def __init__(self, concurrency: int = 2) -> None:
        super().__init__("recorded", concurrency)
        self.released = 0

    def get_indices(self) -> Any:
        return [0, "b", 2, 3]

    async def start_sample(self, index: Any, session: Session) -> TaskSampleExecutionResult:
        if index == "b":
            return TaskSampleExecutionResult(status=SampleStatus.UNKNOWN, result=["12", None])
        output = await session.action({"role": "user", "content": f"say {index}"})
        if output.status == AgentOutputStatus.AGENT_CONTEXT_LIMIT:
            return TaskSampleExecutionResult(status=SampleStatus.AGENT_CONTEXT_LIMIT)
        if index == 3:
            raise ValueError("three is too many")
        output = await session.action({"role": "user", "content": "and again"})
        return TaskSampleExecutionResult(result=0.5)

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        if not results:
            raise ValueError("nothing to score")
        return {
            "results": [result.result for result in results],
            "lengths": [len(result.history or []) for result in results],
            "types": [type(result.index).__name__ for result in results],
        }

    def release(self) -> None:
        self.released += 1


class Scripted(Task):
    """A task whose samples are played by a coroutine function."""

    def __init__(self, sample: Any, indices: Any = range(4), concurrency: int = 4) -> None:
        super().__init__("scripted", concurrency)
        self.sample, self.indices = sample, list(indices)

    def get_indices(self) -> Any:
        return self.indices

    async def start_sample(self, index: Any, session: Session) -> Any:
        return await self.sample(index, session)

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        return {"n": len(results)}


async def three_turns(index: Any, session: Session) -> Any:
    session.inject({"role": "user", "content": f"sample {index}"})
    for turn in range(3):
        output = await session.action(*([{"role": "user", "content": f"turn {turn}"}] if turn else []))
        if output.status != AgentOutputStatus.NORMAL:
            return TaskSampleExecutionResult(status=SampleStatus.UNKNOWN)
    return TaskSampleExecutionResult(result={"said": output.content})


def echo(history: Any) -> str:
    return f"you said {history[-1].content}"


@pytest.fixture
def genuine() -> Iterator[Controller]:
    with controller() as found:
        yield found


@pytest.fixture(autouse=True)
def quick_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEARTBEAT", 0.2)


def served(task: Task, genuine: Controller) -> TaskServer:
    server = serve(task, genuine.url, port=0)
    wait_until(lambda: server.registered)
    return server


def quietly(benchmark: Benchmark, **keywords: Any) -> BenchmarkResults:
    return benchmark.run(progress_bar=False, **keywords)


# The worker


def test_a_worker_answers_as_agentbench_s_does() -> None:
    task = Recorded()
    with serve(task, port=0) as server, httpx.Client(base_url=server.url) as client:
        for method, path, body, status, expected in EXCHANGES:
            sent = {} if method == "GET" else {"json": body}
            answer = client.request(method, path, **sent)
            told = answer.json()
            where = f"{method} {path} {body}: {told}"
            assert answer.status_code == status, where
            if status == 200:
                assert told == expected, where
            elif status == 422:
                assert [detail["loc"] for detail in told["detail"]] == expected, where
            else:
                assert expected in told["detail"], where
    assert task.released == 1


def test_a_task_error_after_a_turn_is_a_501_with_the_whole_output() -> None:
    with serve(Recorded(), port=0) as server, httpx.Client(base_url=server.url) as client:
        client.post("start_sample", json={"index": 3, "session_id": 1})
        answer = client.post("interact", json={"session_id": 1, "agent_response": {"content": "three"}})
        assert answer.status_code == 501
        detail = answer.json()["detail"]
        assert (detail["session_id"], detail["output"]["index"], detail["output"]["status"]) == (
            1,
            3,
            "task error",
        )
        assert detail["output"]["result"].startswith("Traceback (most recent call last)")
        assert "three is too many" in detail["output"]["result"]
        assert len(detail["output"]["history"]) == 2
        # Controllers cancel then; that has to work for them to end the session on their side.
        assert client.post("cancel", json={"session_id": 1}).status_code == 200


def test_cancelling_a_sample_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performing, "GRACE", 0.3)
    stuck = threading.Event()

    async def sample(index: Any, session: Session) -> Any:
        await session.action({"role": "user", "content": "hello"})
        if index == 0:
            stuck.set()
            await asyncio.sleep(3600)  # and heeds nothing
        return TaskSampleExecutionResult()

    with (
        serve(Scripted(sample, concurrency=2), port=0) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        for session_id in (0, 1):
            client.post("start_sample", json={"index": session_id, "session_id": session_id})
        body = {"agent_response": {"content": "a"}}
        holding = threading.Thread(
            target=httpx.post, args=(f"{server.url}/interact",), kwargs={"json": {"session_id": 0, **body}}
        )
        holding.start()
        assert stuck.wait(20)
        cancelling = threading.Thread(
            target=httpx.post, args=(f"{server.url}/cancel",), kwargs={"json": {"session_id": 0}}
        )
        cancelling.start()
        answer = client.post("interact", json={"session_id": 1, **body})
        assert answer.json()["output"]["status"] == "completed"
        holding.join(20)
        cancelling.join(20)
        wait_until(lambda: client.get("worker_status").json()["current"] == 0)


@pytest.mark.parametrize("where", ["asks", "sleeps", "blocks"])
def test_a_server_that_stops_takes_its_hands_off_what_is_printed(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(performing, "_LAST", 0.2)
    monkeypatch.setattr(hosting, "_RELEASE", 0.2)
    before, begun, go = (sys.stdout, sys.stderr), threading.Event(), threading.Event()

    async def sample(index: Any, session: Session) -> Any:
        begun.set()
        if where == "sleeps":
            await asyncio.sleep(3600)
        if where == "blocks":
            go.wait(20)
        await session.action({"role": "user", "content": "hello"})
        return TaskSampleExecutionResult()

    with serve(Scripted(sample), port=0) as server:
        starting = threading.Thread(target=started, args=(server.url,))
        starting.start()
        assert begun.wait(20)
        if where == "asks":
            starting.join(20)
        assert sys.stdout is not before[0]
    assert (sys.stdout, sys.stderr) == before
    go.set()
    starting.join(20)


def started(url: str) -> None:
    """Start a sample; whatever comes of that."""
    with contextlib.suppress(httpx.HTTPError):
        httpx.post(f"{url}/start_sample", json={"index": 0, "session_id": 0}, timeout=30)


def test_what_cannot_be_served_is_refused() -> None:
    with serve(Recorded(), port=0) as server:
        port = int(server.url.split(":")[2].removesuffix("/api"))
        refusal(lambda: serve(Recorded(), port=port), "cannot listen", "Take another port", error=TaskError)
    refusal(lambda: serve(3), "a int is no task", error=TaskError)
    refusal(lambda: serve(Recorded(), port=70000), "from 0 to 65535", error=TaskError)
    refusal(lambda: serve(Recorded(), controller="127.0.0.1:5000"), "this is no address", error=TaskError)
    refusal(lambda: serve(Recorded(), interface=None), "interface: an address", error=TaskError)  # type: ignore[arg-type]
    refusal(lambda: serve(Scripted(three_turns, [1, 1]), port=0), "an index twice", error=TaskError)


def test_a_worker_registers_until_it_is_known_and_says_why_it_is_not(genuine: Controller) -> None:
    with served(Scripted(three_turns), genuine) as server:
        other = Scripted(three_turns, range(5))
        with serve(other, genuine.url, port=0) as refused:
            wait_until(lambda: "different indices" in (refused.problem or ""))
            assert not refused.registered
        genuine.vanish()
        wait_until(lambda: "cannot reach" in (server.problem or ""))


MODULE = """
from {package} import Task
class Counted(Task):
    def __init__(self, many): super().__init__("counted"); self.many = many
    def get_indices(self): return list(range(self.many))
    def release(self): print("released", flush=True)
"""


@pytest.mark.parametrize(
    ("module", "package", "ending"),
    [
        ("counted_tasks", "edsl_nb.tasks", signal.SIGINT),
        ("src.server.tasks.counted", "src.server.task", signal.SIGTERM),
    ],
)
def test_a_task_is_served_from_the_command_line_until_it_is_stopped(
    tmp_path: Path, private_home: Path, module: str, package: str, ending: signal.Signals
) -> None:
    path = tmp_path / f"{module.replace('.', '/')}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(MODULE.replace("{package}", package))
    program = subprocess.Popen(
        [sys.executable, "-m", "edsl_nb.cli", "serve-task", f"{module}:Counted", "--port", "0",
         "--parameters", '{"many": 3}'],
        cwd=tmp_path, env=clean_environment(EDSL_NB_HOME=str(private_home), PYTHONPATH=str(ROOT)), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert program.stdout is not None
    name, _, url = program.stdout.readline().strip().partition(" at ")
    assert (name, httpx.get(f"{url}/get_indices").json()) == ("counted", [0, 1, 2])
    program.send_signal(ending)
    told, complaints = program.communicate(timeout=30)
    assert (told, complaints) == ("released\n", "edsl-nb: interrupted\n")


# Remote tasks


def test_samples_behind_a_controller_are_played_as_if_they_were_here(genuine: Controller) -> None:
    def task() -> Scripted:
        return Scripted(three_turns, ["a", 1, 2], concurrency=2)

    with served(task(), genuine), Benchmark(RemoteTask("scripted", genuine.url), {"echo": echo}) as far:
        there = quietly(far)
        assert far.tasks[0].concurrency == 2
    with Benchmark(task(), {"echo": echo}) as near:
        here = quietly(near)
    for one, other in zip(there, here, strict=True):
        assert (one.output, one.rounds) == (other.output, other.rounds)
        assert [turn.answered for turn in one.history] == [turn.answered for turn in other.history]
    assert list(there.overall.values()) == list(here.overall.values())
    assert genuine.sessions == {}


def test_long_conversations_are_shown_as_the_worker_limits_them(genuine: Controller) -> None:
    shown = list[Any]()

    async def sample(index: Any, session: Session) -> Any:
        for turn in range(6):
            await session.action({"role": "user", "content": f"{turn}" * 900})
        return TaskSampleExecutionResult()

    def agent(history: Any) -> str:
        shown.append([turn.content[:1] for turn in history])
        if len(shown) == 6:
            raise ValueError("tired")
        return "b"

    with served(Scripted(sample, [0]), genuine):
        (played,) = quietly_failing(Benchmark(RemoteTask("scripted", genuine.url), agent))
    assert shown == [
        ["0"], ["0", "b", "1"], ["0", "b", "1", "b", "2"], ["0", "b", "2", "b", "3"],
        ["0", "b", "3", "b", "4"], ["0", "b", "4", "b", "5"],
    ]  # fmt: skip
    # What was left out is in the transcript all the same, although the sample did not come to its end.
    said = [first for turn in "01234" for first in (turn, "b")]
    assert [turn.content[:1] for turn in played.history] == [*said, "5", "c"]  # cancelled
    assert not any("NOTICE" in turn.content for turn in played.history)


def quietly_failing(benchmark: Benchmark, **keywords: Any) -> BenchmarkResults:
    with pytest.warns(EdslNbWarning, match="have no answer"), benchmark:
        return quietly(benchmark, **keywords)


def test_a_task_error_elsewhere_is_one_here_with_its_transcript(genuine: Controller) -> None:
    with served(Recorded(), genuine):
        results = quietly_failing(Benchmark(RemoteTask("recorded", genuine.url), echo))
        sample = results.sample(3)
        assert (sample.status, sample.error) == (SampleStatus.TASK_ERROR, "ValueError: three is too many")
        assert len(sample.history) == 2
        assert [one.status for one in results if one.index != 3] == ["completed", "unknown", "completed"]
        # The genuine controller would count the session for minutes.
        assert [worker["current"] for worker in genuine.workers.values()] == [0]


def test_an_agent_may_be_slower_than_the_controller_waits(genuine: Controller) -> None:
    asked = list[str]()

    def agent(history: Any) -> str:
        asked.append(history[-1].content)
        return f"answer {len(asked)}"

    genuine.forget = {1, 3, 6}
    with (
        served(Scripted(three_turns, [0]), genuine),
        Benchmark(RemoteTask("scripted", genuine.url), agent) as far,
    ):
        (sample,) = quietly(far)
    # Every question was asked once, although the sample was started several times.
    assert asked == ["sample 0", "turn 1", "turn 2"]
    assert sample.result == {"said": "answer 3"}
    assert genuine.asked.count("start_sample") == 4


def test_a_sample_that_goes_another_way_when_it_starts_again_is_asked_anew(genuine: Controller) -> None:
    starts = list[int]()

    async def sample(index: Any, session: Session) -> Any:
        starts.append(index)
        await session.action({"role": "user", "content": "first"})
        output = await session.action({"role": "user", "content": f"start {len(starts)}"})
        return TaskSampleExecutionResult(result=output.content)

    genuine.forget = {2}
    with served(Scripted(sample, [0]), genuine), Benchmark(RemoteTask("scripted", genuine.url), echo) as far:
        (played,) = quietly(far)
    assert played.result == "you said start 2"
    assert [turn.content for turn in played.history] == [
        "first",
        "you said first",
        "start 2",
        "you said start 2",
    ]


def test_a_session_that_is_given_up_again_and_again_fails_its_sample_only(genuine: Controller) -> None:
    genuine.forget = set(range(1, 100))
    with served(Scripted(three_turns, [0]), genuine):
        (sample,) = quietly_failing(Benchmark(RemoteTask("scripted", genuine.url), echo))
    assert sample.status is None
    assert "gives the sample's session up again and again" in (sample.error or "")


@pytest.mark.filterwarnings("ignore:There is no score")
def test_a_controller_that_vanishes_fails_what_is_being_played_and_can_be_tried_again(
    genuine: Controller,
) -> None:
    def agent(history: Any) -> str:
        if history[0].content == "sample 2":
            genuine.vanish()
        return "fine"

    with served(Scripted(three_turns, concurrency=1), genuine):
        results = quietly_failing(Benchmark(RemoteTask("scripted", genuine.url, patience=0.2), agent))
    assert [sample.status for sample in results] == ["completed", "completed", None, None]
    lost = results.sample(2)
    assert re.search("cannot reach|broke off", lost.error or "") and lost.history[1].content == "fine"
    assert "run.retry_failed() plays it" in (lost.error or "")


def test_a_heartbeat_that_stops_is_told_as_such(genuine: Controller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEARTBEAT", 3600.0)
    with served(Scripted(three_turns, concurrency=1), genuine):
        genuine.silent_after = 0.0
        results = quietly_failing(Benchmark(RemoteTask("scripted", genuine.url, patience=0.2), echo))
    assert all("silent, last heard of" in (sample.error or "") for sample in results)
    assert len(results) == 4


def test_a_run_that_is_stopped_cancels_its_samples_elsewhere(genuine: Controller) -> None:
    asked = threading.Event()

    def agent(history: Any) -> str:
        asked.set()
        time.sleep(0.5)
        return "fine"

    with served(Scripted(three_turns), genuine), Benchmark(RemoteTask("scripted", genuine.url), agent) as far:
        run = far.start(progress_bar=False)
        assert asked.wait(20)
        run.cancel()
        run.wait()
        wait_until(lambda: not genuine.sessions)
        assert "cancel" in genuine.asked
        assert run.results.partial


def test_controllers_that_cannot_be_used_are_refused(genuine: Controller) -> None:
    far = Benchmark(RemoteTask("nobody", genuine.url), echo)
    refusal(lambda: quietly(far), "no worker has registered this task", error=TaskError)
    with served(Scripted(three_turns), genuine):
        far = Benchmark(RemoteTask("scripte", genuine.url), echo)
        refusal(lambda: quietly(far), "Did you mean 'scripted'?", error=TaskError)
    genuine.vanish()
    refusal(lambda: quietly(far), "cannot reach", error=TaskError)
    refusal(lambda: RemoteTask("a", "localhost"), "this is no address", error=TaskError)
    refusal(lambda: RemoteTask(""), "name: a name is wanted", error=TaskError)
    for patience in ("60", True, -1, float("nan")):
        refusal(lambda given=patience: RemoteTask("a", patience=given), "patience: a number", error=TaskError)
    with openai_server() as other:
        far = Benchmark(RemoteTask("a", other.url), echo)
        refusal(lambda: quietly(far), "404", error=TaskError)


def test_a_worker_s_address_in_the_place_of_a_controller_s_is_told_as_such() -> None:
    with serve(Scripted(three_turns), port=0) as server:
        far = Benchmark(RemoteTask("scripted", server.url), echo)
        refusal(
            lambda: quietly(far), f"a worker answers at {server.url}, and no controller",
            "the controller that the worker is registered with", error=TaskError,
        )  # fmt: skip


def test_a_sample_that_the_controller_refuses_has_failed_and_is_no_task_error(genuine: Controller) -> None:
    """AgentBench files such samples under errors, too: nobody knows what became of them."""

    def agent(history: Any) -> str:
        if history[-1].content == "turn 1":
            for worker in genuine.workers.values():  # as where its process was killed
                worker["address"] = "http://127.0.0.1:9/api"
        return "fine"

    with served(Scripted(three_turns, [0]), genuine):
        (sample,) = quietly_failing(Benchmark(RemoteTask("scripted", genuine.url), agent))
    assert (sample.status, sample.state) == (None, "failed")
    assert "answered interact with 400: Worker not responding" in (sample.error or "")
    assert [turn.content for turn in sample.history] == ["sample 0", "fine", "turn 1", "fine"]
    assert genuine.asked.count("cancel") == 1


# HTTP agents


@pytest.fixture
def llm() -> Iterator[OpenAIServer]:
    with openai_server() as found:
        yield found


def http_agent(llm: OpenAIServer, **changes: Any) -> HTTPAgent:
    return HTTPAgent(
        **{
            "url": f"{llm.url}/chat/completions",
            "headers": {"Authorization": "Bearer not-for-others"},
            "body": {"model": "small", "messages": "overwritten"},
            "prompter": {"name": "role_content_dict", "args": {"agent_role": "assistant"}},
            "return_format": "{response[choices][0][message][content]}",
            **changes,
        }
    )


def test_an_http_agent_asks_a_web_service(llm: OpenAIServer) -> None:
    with Benchmark(Scripted(three_turns, [0]), http_agent(llm)) as benchmark:
        (sample,) = quietly(benchmark)
    assert sample.result == {"said": "echo: turn 2"}
    last = llm.asked[-1]
    assert last.body["model"] == "small"
    assert [turn["role"] for turn in last.body["messages"]] == [
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
    assert last.headers["Authorization"] == "Bearer not-for-others"


def test_a_rate_limit_is_tried_again_and_never_taken_for_a_long_conversation(llm: OpenAIServer) -> None:
    answers = [
        failure(429, "Rate limit reached for tokens per minute: limit 10", **{"Retry-After": "0.01"}),
        Answer(completion("")),
        failure(400, "This model's maximum context length is 4096 tokens"),
    ]
    llm.respond = lambda asked: answers[asked.number]
    with Benchmark(Scripted(three_turns, [0]), http_agent(llm)) as benchmark:
        (sample,) = quietly(benchmark)
    assert [turn.content for turn in sample.history] == ["sample 0", "", "turn 1", "agent context limit"]
    assert sample.status == SampleStatus.UNKNOWN


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(completion(None)), "is null in the response"),
        (Answer({"choices": []}), "there is no response[choices][0][message][content] in the response"),
        (failure(401, "wrong key not-for-others"), "401"),
    ],
)
def test_an_answer_that_is_none_fails_the_agent_and_not_the_task(
    llm: OpenAIServer, answer: Answer, words: str
) -> None:
    llm.respond = lambda asked: answer
    (sample,) = quietly_failing(Benchmark(Scripted(three_turns, [0]), http_agent(llm)))
    assert sample.status is None
    assert words in (sample.error or "") and "not-for-others" not in (sample.error or "")
    assert len(llm.asked) == 1
