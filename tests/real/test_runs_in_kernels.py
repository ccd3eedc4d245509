"""Runs in real kernels: signs of life, and functions on the notebook's loop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernels import overlays
from tests.kernels.session import KernelSession, kernel

_SETUP = """
import asyncio, threading
from edsl_nb import Agent, Model, QuestionFreeText
from edsl_nb.runner import execution
execution._LIFE = 0.2

async def where(self, question, scenario):
    await asyncio.sleep(0)
    return threading.current_thread().name

job = QuestionFreeText("q", "Why?").by(Agent().add_direct_question_answering_method(where)).by(Model("test"))
slow = QuestionFreeText("q", "How?").by(Model("test", latency=3600))
"""


@pytest.fixture(params=overlays.VERSIONS, scope="module")
def session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KernelSession]:
    reason = overlays.missing(request.param)
    if reason:
        pytest.skip(reason)
    with kernel(overlays.kernel_name(request.param), tmp_path_factory.mktemp("kernel")) as session:
        assert session.run(_SETUP).error == ""
        yield session


def test_a_run_that_shows_nothing_gives_signs_of_life(session: KernelSession) -> None:
    assert session.run("run = slow.start(progress_bar=False)").error == ""
    for _ in range(2):
        message = session.wait_for_message("comm_msg")
        assert message["content"]["data"] == {}
        # A server looks at what kind of message it is, and at what kind the one was that led to it.
        assert message["parent_header"].get("msg_type") in (None, "execute_request")
    ended = session.run("run.cancel(); run.wait(60)")
    assert (ended.error, ended.outputs[0]["data"]["text/plain"]) == ("", "True")


def test_functions_run_on_the_notebooks_loop(session: KernelSession) -> None:
    run = "(await job.run_async(loop='notebook', progress_bar=False)).select('answer.q').first()"
    assert session.run(f"{run} == threading.current_thread().name").text == "True"
    started = session.run("run = job.start(loop='notebook', progress_bar=False)")
    assert started.error == ""
    assert session.run("(await run).select('answer.q').first() == 'MainThread'").text == "True"
    refused = session.run("job.run(loop='notebook')")
    assert "await job.run_async(loop='notebook')" in refused.error


_BENCHMARK = """
from edsl_nb.tasks import Benchmark, SampleStatus, Task, TaskSampleExecutionResult

class Echo(Task):
    def get_indices(self):
        return [0, 1]

    async def start_sample(self, index, session):
        session.inject({"role": "user", "content": "Who are you?"})
        said = await session.action()
        return TaskSampleExecutionResult(status=SampleStatus.COMPLETED, result=said.content)

    def calculate_overall(self, results):
        return {}

def plain(history):
    return str(asyncio.get_running_loop() is home)

async def awaited(history):
    await asyncio.sleep(0)
    return str(asyncio.get_running_loop() is home)

home = asyncio.get_running_loop()
benchmark = Benchmark(Echo("echo")).by(plain, awaited)
"""


def test_agents_of_a_benchmark_run_on_the_notebooks_loop(session: KernelSession) -> None:
    assert session.run(_BENCHMARK).error == ""
    run = "await benchmark.run_async(loop='notebook', progress_bar=False)"
    assert session.run(f"{{s.result for s in ({run}).samples}}").text == "{'True'}"
    refused = session.run("benchmark.run(loop='notebook')")
    assert "await benchmark.run_async(loop='notebook')" in refused.error
