"""Runs of real jobs: a real store, calls over HTTP, and every way to end."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sqlite3
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edsl_nb import (
    Jobs,
    Model,
    ModelList,
    QuestionFreeText,
    QuestionMultipleChoice,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import EdslNbWarning, RunError, StoreError
from edsl_nb.runner import execution, schema
from edsl_nb.runner import loop as runner_loop
from edsl_nb.runner.progress import ProgressSnapshot
from edsl_nb.runner.store import store
from tests.isolation import clean_environment
from tests.real.openai_server import Answer, Asked, OpenAIServer, completion, failure, serve
from tests.real.run_tools import PATIENCE, color, things, wait_until
from tests.unit.runner_fakes import leftovers

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with serve() as made:
        yield made


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "GRACE", 0.2)


def served(server: OpenAIServer, name: str = "m", **parameters: Any) -> Model:
    return Model(name, service_name="openai", base_url=server.url, **parameters)


def quietly(job: Jobs, **options: Any) -> Any:
    """The results of a run without a display."""
    return job.run(progress_bar=False, **options)


def counts(job: Jobs) -> ProgressSnapshot:
    assert job.last_run is not None
    return job.last_run.progress


class Gate:
    """Answers that wait until they are let go."""

    def __init__(self, server: OpenAIServer, holds: Callable[[Asked], bool] = lambda asked: True) -> None:
        self._server, self._holds = server, holds
        self.closed = True
        server.respond = self._respond

    def _respond(self, asked: Asked) -> Answer:
        held = self.closed and self._holds(asked)
        return Answer(completion(f"late: {asked.prompt}"), latency=3600.0 if held else None)


# What is asked, and what is not


def test_a_second_run_asks_nothing(server: OpenAIServer) -> None:
    job = color().by(things(20), served(server))
    first = quietly(job)
    assert (counts(job).cached, len(server.asked)) == (0, 20)
    assert (counts(job).input_tokens, counts(job).output_tokens) == (20 * 11, 20 * 7)
    second = quietly(color().by(things(20), served(server)))
    assert quietly(job).select("color") == second.select("color") == first.select("color")
    assert len(server.asked) == 20
    assert (counts(job).cached, counts(job).input_tokens, counts(job).items_done) == (20, 0, 20)
    assert second.select("cache_used.color_cache_used").to_list() == [True] * 20
    assert first.select("cache_used.color_cache_used").to_list() == [False] * 20


def test_equal_interviews_share_a_call_also_when_fresh(server: OpenAIServer) -> None:
    alike = color("Which color?").by(things(50), served(server))
    assert len(quietly(alike)) == 50
    assert (len(server.asked), counts(alike).cached) == (1, 49)
    assert len(quietly(alike, fresh=True)) == 50
    assert (len(server.asked), counts(alike).cached) == (2, 49)
    assert len(quietly(alike)) == 50
    assert (len(server.asked), counts(alike).cached) == (2, 50)


def test_after_a_fresh_run_its_replies_are_the_ones_that_are_found(server: OpenAIServer) -> None:
    numbers = itertools.count(1)
    server.respond = lambda asked: Answer(completion(f"reply {next(numbers)}"))
    job = color("Which color?").by(served(server))
    given = [quietly(job, fresh=fresh).select("color").first() for fresh in (False, True, False)]
    assert given == ["reply 1", "reply 2", "reply 2"]


def test_two_runs_at_once_ask_once(server: OpenAIServer) -> None:
    server.latency = 0.3
    # Equal runs would be one.
    runs = [color().by(things(10), served(server)).start(progress_bar=False, reask=i) for i in range(3)]
    given = [run.result().select("color").to_list() for run in runs]
    assert given[0] == given[1] == given[2]
    assert len(server.asked) == 10
    assert sum(run.progress.cached for run in runs) == 20


@pytest.mark.usefixtures("short_grace")
def test_a_run_that_waits_for_the_call_of_a_stopped_one_gets_its_answer(server: OpenAIServer) -> None:
    gate = Gate(server)
    first = color("Which color?").by(served(server)).start(progress_bar=False)
    assert server.arrived.wait(PATIENCE)
    second = color("Which color?").by(served(server)).start(progress_bar=False, reask=0)
    assert not second.wait(0.3)
    gate.closed = False
    first.cancel()
    assert second.result().select("color").to_list() == ["late: Which color?"]
    with pytest.warns(EdslNbWarning):
        assert len(first.result()) == 0
    assert len(server.asked) == 2


def _one(prompt: str) -> str:
    return "one"


def _saying(text: str) -> Callable[[str], str]:
    return lambda prompt: text


def test_scripted_models_never_share_a_reply() -> None:
    red, blue = (lambda prompt: "red"), (lambda prompt: "blue")
    scripts = [
        "Red", "Blue", {"color": "Green"}, {"other": "Gray"}, None, red, blue, _one,
        _saying("x"), _saying("y"),
    ]  # fmt: skip
    job = color("Which color?").by(ModelList(Model("test", canned_response=one) for one in scripts))
    expected = [
        "Red", "Blue", "Green", "There is no canned response for 'color'.", "A scripted reply to color.",
        "red", "blue", "one", "x", "y",
    ]  # fmt: skip
    for cached in (0, 10):
        assert quietly(job).select("color").to_list() == expected
        assert counts(job).cached == cached


def test_servers_never_share_a_reply(server: OpenAIServer) -> None:
    with serve() as other:
        other.respond = lambda asked: Answer(completion("from the other"))
        for _ in range(2):
            job = color("Which color?").by(ModelList([served(server), served(other)]))
            assert quietly(job).select("color").to_list() == ["echo: Which color?", "from the other"]
        assert (len(server.asked), len(other.asked)) == (1, 1)


def test_draws_are_asked_apart(server: OpenAIServer) -> None:
    numbers = itertools.count(1)
    server.respond = lambda asked: Answer(completion(str(next(numbers))))
    job = color("Which color?").by(served(server))
    three = quietly(job, n=3)
    assert sorted(three.select("color").to_list()) == ["1", "2", "3"]
    assert three.select("iteration").to_list() == [0, 1, 2]
    five = quietly(job, n=5)
    assert five.select("color").to_list()[:3] == three.select("color").to_list()
    assert len(server.asked) == 5


def test_a_failed_call_is_asked_again_the_next_time(server: OpenAIServer) -> None:
    server.respond = lambda asked: failure(500, "out of order")
    job = color("Which color?").by(served(server))
    with pytest.warns(EdslNbWarning, match="1 of 1 interviews have no answer"):
        assert len(quietly(job)) == 0
    server.respond = lambda asked: Answer(completion("Blue"))
    assert quietly(job).select("color").to_list() == ["Blue"]


# Models side by side


def test_a_slow_model_does_not_hold_up_a_fast_one(server: OpenAIServer) -> None:
    gate = Gate(server, holds=lambda asked: asked.body["model"] == "slow")
    models = ModelList([served(server, "slow"), served(server, "fast"), Model("test")])
    job = color().by(things(300), models)
    run = job.start(progress_bar=False)
    wait_until(lambda: [lane.items_done for lane in run.progress.lanes] == [0, 300, 300])
    assert [lane.label for lane in run.progress.lanes] == ["openai/slow", "openai/fast", "test"]
    assert run.progress.lanes[0].in_flight == 200
    assert len(run.results) == 600
    run.cancel()
    gate.closed = False
    with pytest.warns(EdslNbWarning):
        run.result()


def test_a_model_that_fails_does_not_stop_another(server: OpenAIServer) -> None:
    def respond(asked: Asked) -> Answer:
        if asked.body["model"] == "broken":
            return failure(503, "overloaded")
        return Answer(completion("Blue"))

    server.respond = respond
    job = color().by(things(30), ModelList([served(server, "broken"), served(server, "works")]))
    with pytest.warns(EdslNbWarning, match="30 of 60 interviews have no answer"):
        results = quietly(job)
    assert not results.partial
    assert results.select("model.model").to_list() == ["works"] * 30
    broken, works = counts(job).lanes
    assert (broken.items_done, broken.failed, broken.answered) == (30, 30, 0)
    assert (works.items_done, works.failed, works.answered) == (30, 0, 30)
    assert counts(job).items_failed == 30
    assert counts(job).state == "completed"


def test_results_are_in_index_order_whatever_the_order_of_finishing(server: OpenAIServer) -> None:
    chance = random.Random(7)
    server.respond = lambda asked: Answer(completion(asked.prompt), latency=chance.random() / 5)
    job = color("{{ scenario.thing }}").by(things(60), ModelList([served(server, "a"), served(server, "b")]))
    results = quietly(job, n=2)
    assert results.select("color").to_list() == [f"thing {i}" for i in range(60) for _ in range(4)]
    assert results.select("model.model").to_list() == ["a", "a", "b", "b"] * 60
    assert results.select("iteration").to_list() == [0, 1, 0, 1] * 60


# Cells


def test_what_becomes_of_each_question_is_recorded() -> None:
    survey = Survey(
        [
            QuestionMultipleChoice("choice", "Case {{ scenario.case }}?", ["Red", "Blue"]),
            QuestionFreeText("why", "Why {{ choice.answer }} in case {{ scenario.case }}?"),
            QuestionFreeText("alone", "And apart from that, in case {{ scenario.case }}?"),
        ]
    )

    def script(prompt: str) -> str:
        if prompt.startswith(("Case fails", "Case all fail")) or "in case all fail" in prompt:
            raise ValueError("out of order")
        return "Purple, of course" if prompt.startswith("Case invalid") else "Blue"

    cases = ScenarioList.from_list("case", ["good", "fails", "invalid", "all fail"])
    job = survey.by(cases, Model("test", canned_response=script))
    with pytest.warns(EdslNbWarning, match="1 of 4 interviews have no answer"):
        results = quietly(job, reask=0)
    assert results.select("scenario.case").to_list() == ["good", "fails", "invalid"], "no answer, no row"
    states = results.select("state.choice_state", "state.why_state", "state.alone_state").to_list()
    assert states == [
        ("answered", "answered", "answered"),
        ("failed", "not_reached", "answered"),
        ("invalid", "not_reached", "answered"),
    ]
    assert results.select("answer.choice").to_list() == ["Blue", None, None]
    assert results.select("answer.why").to_list() == ["Blue", None, None]
    kept = results.select("generated_tokens.choice_generated_tokens").to_list()
    assert kept == ["Blue", None, "Purple, of course"], "the reply is kept, but is no answer"
    now = counts(job)
    assert (now.answered, now.failed, now.invalid) == (5, 3, 1)
    assert (now.items_done, now.items_failed, now.cells_done) == (4, 1, 12)
    run = job.last_run
    assert run is not None
    errors = [(row["state"], row["question_name"], row["error"]) for row in run.errors]
    assert any(s == "failed" and q == "choice" and "out of order" in e for s, q, e in errors)
    assert any(s == "invalid" and "'Purple, of course' is not one of the options" in e for s, _, e in errors)
    assert [q for s, q, _ in errors if s == "not_reached"].count("why") == 3


OUTCOMES = {"answered": "Blue", "invalid": "Purple", "failed": ""}


@pytest.mark.filterwarnings("ignore:.* have no answer")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(*[st.sampled_from(sorted(OUTCOMES))] * 2), min_size=1, max_size=40))
def test_counts_add_up_whatever_the_replies(cases: list[tuple[str, str]]) -> None:
    """The second question needs the first, so it is reached only where that is answered."""

    def script(prompt: str) -> str:
        number, which = int(prompt.split()[0]), prompt.split()[1] == "second"
        reply = OUTCOMES[cases[number][which]]
        if not reply:
            raise ValueError("out of order")
        return reply

    options = ["Red", "Blue"]
    survey = Survey(
        [
            QuestionMultipleChoice("a", "{{ scenario.i }} first", options),
            QuestionMultipleChoice("b", "{{ scenario.i }} second after {{ a.answer }}", options),
        ]
    )
    scenarios = ScenarioList.from_list("i", list(range(len(cases))))
    job = survey.by(scenarios, Model("test", canned_response=script))
    results = quietly(job, reask=0)
    expected = [(a, b if a == "answered" else "not_reached") for a, b in cases]
    cells = [cell for pair in expected for cell in pair]
    now = counts(job)
    for state in ("answered", "invalid", "failed"):
        assert getattr(now, state) == cells.count(state)
    assert (now.items_done, now.cells_done, now.in_flight) == (len(cases), 2 * len(cases), 0)
    answered = [i for i, pair in enumerate(expected) if "answered" in pair]
    assert results.select("scenario.i").to_list() == answered
    assert results.select("state.a_state", "state.b_state").to_list() == [expected[i] for i in answered]
    assert now.items_failed == len(cases) - len(answered)
    if "failed" not in cells and "invalid" not in cells:
        assert now.errors == []


# Stopping


def test_stop_is_quick_although_calls_take_long(server: OpenAIServer) -> None:
    server.respond = lambda asked: Answer(
        completion("Blue"), latency=30.0 if asked.prompt.endswith(" 7?") else 0.0
    )
    job = color("Which color suits {{ scenario.thing }}?").by(things(10), served(server))
    stopped: list[float] = []

    def stop() -> None:
        wait_until(lambda: job.last_run is not None and counts(job).items_done == 9)
        assert job.last_run is not None
        job.last_run.cancel()
        stopped.append(time.monotonic())

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.warns(EdslNbWarning, match="9 of 10 interviews are done"):
        results = quietly(job)
    assert time.monotonic() - stopped[0] < 6
    stopper.join(PATIENCE)
    assert results.partial
    assert "thing 7" not in results.select("scenario.thing").to_list()
    assert (len(results), counts(job).state, counts(job).cells_done) == (9, "stopped", 9)
    wait_until(lambda: server.open == 0)
    assert leftovers() == []


def test_calls_that_end_within_the_grace_are_kept(server: OpenAIServer) -> None:
    server.latency = 0.5
    job = color().by(things(500), served(server))
    run = job.start(progress_bar=False)
    wait_until(lambda: len(server.asked) == 200)
    run.cancel()
    with pytest.warns(EdslNbWarning):
        results = run.result()
    assert len(results) == run.progress.items_done == len(server.asked) == 200
    rest = quietly(job)
    assert len(rest) == 500
    assert (len(server.asked), counts(job).cached) == (500, 200)


@pytest.mark.usefixtures("short_grace")
def test_an_interview_that_is_cut_short_keeps_what_it_has(server: OpenAIServer) -> None:
    Gate(server, holds=lambda asked: asked.prompt.startswith("Why"))
    survey = Survey([color(), QuestionFreeText("why", "Why {{ color.answer }}?")])
    run = survey.by(things(3), served(server)).start(progress_bar=False)
    wait_until(lambda: len(server.asked) == 6)
    run.cancel()
    with pytest.warns(EdslNbWarning, match="0 of 3 interviews are done"):
        results = run.result()
    assert results.partial
    assert results.select("state.color_state", "state.why_state").to_list() == [("answered", "cancelled")] * 3
    assert (run.progress.cells_done, run.progress.items_done, run.progress.in_flight) == (3, 0, 0)


@pytest.mark.usefixtures("short_grace")
async def test_runs_can_be_awaited_together_and_one_of_them_stopped(server: OpenAIServer) -> None:
    Gate(server, holds=lambda asked: asked.body["model"] == "stuck")
    good = [color().by(things(size), served(server, f"good {size}")) for size in (1, 30)]
    stuck = color().by(things(5), served(server, "stuck")).start(progress_bar=False)
    asyncio.get_running_loop().call_later(0.3, stuck.cancel)
    with pytest.warns(EdslNbWarning):
        results = await asyncio.gather(*(job.run_async(progress_bar=False) for job in good), stuck)
    assert [(len(one), one.partial) for one in results] == [(1, False), (30, False), (0, True)]


@pytest.mark.usefixtures("short_grace")
@pytest.mark.parametrize("on_interrupt", ["stop", "detach"])
async def test_cancelling_the_task_that_waits(server: OpenAIServer, on_interrupt: Any) -> None:
    gate = Gate(server, holds=lambda asked: asked.prompt.endswith(" 2?"))
    job = color().by(things(3), served(server))
    task = asyncio.create_task(job.run_async(progress_bar=False, on_interrupt=on_interrupt))
    await asyncio.to_thread(wait_until, lambda: job.last_run is not None and counts(job).items_done == 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    run = job.last_run
    assert run is not None
    assert len(run.results) == 2
    assert run.results.partial
    if on_interrupt == "stop":
        assert await asyncio.to_thread(run.wait, PATIENCE)
        assert run.progress.state == "stopped"
    else:
        await asyncio.sleep(0.3)
        assert not run.done
        gate.closed = False
        run.cancel()
        assert await asyncio.to_thread(run.wait, PATIENCE)


# Loops and threads


async def test_a_blocking_run_works_inside_a_running_loop(server: OpenAIServer) -> None:
    server.latency = 0.2
    ticks: list[float] = []
    ticker = asyncio.get_running_loop().call_later(0.05, lambda: ticks.append(time.monotonic()))

    def helper() -> int:
        return len(quietly(color().by(things(5), served(server))))

    assert helper() == 5
    assert ticks == [], "it blocks the loop it is called on"
    ticker.cancel()


def test_a_blocking_run_on_the_runners_own_thread_asks_nothing(server: OpenAIServer) -> None:
    job = color().by(served(server))

    async def run() -> None:
        quietly(job)

    with pytest.raises(RunError, match="await run"):
        runner_loop.submit(run()).result(PATIENCE)
    assert job.last_run is None
    assert server.asked == []


def test_runs_start_from_many_threads_at_once(server: OpenAIServer) -> None:
    sizes: list[int] = []
    threads = [
        threading.Thread(target=lambda: sizes.append(len(quietly(color().by(things(20), served(server))))))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sizes == [20] * 6
    assert len(server.asked) == 20


# The store


def test_a_store_that_fails_on_the_way_ends_the_run_and_keeps_what_there_is(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema.connect, "__defaults__", (0.1, None))
    held = Gate(server, holds=lambda asked: asked.prompt.endswith(" 1?"))
    job = color().by(things(2), served(server))
    run = job.start(progress_bar=False)
    wait_until(lambda: run.progress.items_done == 1)
    with closing(sqlite3.connect(store().path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        run.cancel()
        with pytest.raises(StoreError, match="Another program keeps it locked"):
            run.result()
        other.execute("ROLLBACK")
    assert run.progress.state == "failed"
    assert run.results.partial
    assert len(run.results) == 1
    held.closed = False
    assert len(quietly(job)) == 2
    assert server.prompts.count("Which color suits thing 0?") == 1


def test_the_store_knows_the_run_and_its_items(server: OpenAIServer) -> None:
    job = color().by(things(3), served(server, api_key="a-key-that-nobody-sees"))
    results = quietly(job, fresh=True)
    with closing(sqlite3.connect(store().path)) as connection:
        ((run_id, text, state, items),) = connection.execute("SELECT id, job, state, items FROM runs")
        kept = connection.execute("SELECT position, state, cells FROM items ORDER BY position").fetchall()
        replies = dict(connection.execute("SELECT id, messages FROM replies WHERE run_id = ?", (run_id,)))
    assert job.last_run is not None
    assert (run_id, state, items) == (job.last_run.id, "completed", 3)
    assert "a-key-that-nobody-sees" not in text
    assert [(position, state) for position, state, _ in kept] == [
        (0, "answered"),
        (1, "answered"),
        (2, "answered"),
    ]
    for position, _, cells in kept:
        [cell] = json.loads(cells)
        [reply_id] = cell["replies"]
        assert f"thing {position}?" in replies[reply_id]
    assert len(results) == 3


# Processes

_START = """
import asyncio, os, signal, sys, threading, time
from edsl_nb import Model, QuestionFreeText, Survey
from tests.real.run_tools import wait_until, color, things
url = sys.argv[1]
def served(name="m"):
    # Each process has a key of its own, by which the server can tell them apart.
    return Model(name, service_name="openai", base_url=url, api_key=f"key of process {os.getpid()}")
def at(number, then):
    "Call a function from another thread once so many interviews are done."
    def watch():
        wait_until(lambda: job.last_run is not None and job.last_run.progress.items_done >= number)
        then()
    threading.Thread(target=watch, daemon=True).start()
async def impatient(run):
    await asyncio.wait_for(run, 0.2)
def interrupt():
    os.kill(os.getpid(), signal.SIGINT)
"""


#: Seconds that a program may take that has more to do than to start.
_STARTS = 80.0


def program(server: OpenAIServer, home: Path, text: str, timeout: float = _STARTS) -> tuple[str, str, int]:
    """Run a program in a process of its own. Returns what it printed, its stderr and its exit code."""
    done = subprocess.run(
        # Python warns of any fork while there are threads.
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", _START + text, server.url],
        cwd=ROOT, env=clean_environment(EDSL_NB_HOME=str(home)),
        capture_output=True, text=True, timeout=timeout,
    )  # fmt: skip
    return done.stdout, done.stderr, done.returncode


def test_an_interrupt_during_a_blocking_run_is_raised_and_the_results_stay(
    server: OpenAIServer, private_home: Path
) -> None:
    Gate(server, holds=lambda asked: int(asked.prompt.split()[-1].rstrip("?")) >= 5)
    text = """
job = color().by(things(50), served())
at(5, interrupt)
began = time.monotonic()
try:
    job.run(progress_bar=False)
except KeyboardInterrupt:
    print("interrupted", len(job.last_run.results), job.last_run.results.partial)
else:
    print("not interrupted")
assert job.last_run.wait(10)
print(job.last_run.progress.state, len(job.last_run.results), time.monotonic() - began < 10)
"""
    assert program(server, private_home, text) == ("interrupted 5 True\nstopped 5 True\n", "", 0)


def test_an_interrupt_can_leave_the_run_alone(server: OpenAIServer, private_home: Path) -> None:
    server.latency = 0.5
    text = """
job = color().by(things(250), served())
at(200, interrupt)
try:
    job.run(progress_bar=False, on_interrupt="detach")
except KeyboardInterrupt:
    print("interrupted")
print(len(job.last_run.result()))
"""
    assert program(server, private_home, text) == ("interrupted\n250\n", "", 0)


def test_an_interrupt_while_a_loop_waits(server: OpenAIServer, private_home: Path) -> None:
    Gate(server)
    text = """
job = color().by(things(5), served())
at(0, lambda: (time.sleep(0.3), interrupt()))
try:
    asyncio.run(job.run_async(progress_bar=False))
except KeyboardInterrupt:
    print("interrupted")
assert job.last_run.wait(10)
print(job.last_run.progress.state)
"""
    assert program(server, private_home, text) == ("interrupted\nstopped\n", "", 0)


@pytest.mark.parametrize(
    "ending",
    [
        "",  # the process ends while calls are in flight
        "run.cancel(); run.wait()",
        "run.cancel()",
        "asyncio.run(impatient(run))",
    ],
)
def test_nothing_is_left_to_complain_about(server: OpenAIServer, private_home: Path, ending: str) -> None:
    """No 'never retrieved', 'was destroyed', 'never awaited' or 'unclosed', whatever is in flight."""
    Gate(server, holds=lambda asked: "thing 3" in asked.prompt)
    text = f"""
job = Survey([color(), QuestionFreeText("b", "And {{{{ scenario.thing }}}}?")]).by(things(300), served())
run = job.start(progress_bar=False)
wait_until(lambda: run.progress.items_done > 20)
try:
    {ending or "pass"}
except TimeoutError:
    pass
sys.exit(7)
"""
    assert program(server, private_home, text) == ("", "", 7)


def test_a_fork_does_not_wait_for_a_run_of_its_parent(server: OpenAIServer, private_home: Path) -> None:
    server.latency = 0.5
    text = """
job = color().by(things(5), served())
run = job.start(progress_bar=False)
child = os.fork()
if child == 0:
    try:
        run.wait()
    except Exception as refused:
        print(type(refused).__name__, "fork" in str(refused), flush=True)
    other = color("Other {{ scenario.thing }}?").by(things(3), served())
    print(len(other.run(progress_bar=False)), flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(len(run.result()))
"""
    assert program(server, private_home, text) == ("RunError True\n3\n5\n", "", 0)


_KILLED = """
job = Survey([color(), QuestionFreeText("why", "Why {{ color.answer }}?")]).by(things(150), served())
print(len(job.run(progress_bar=False)))
"""


@pytest.mark.parametrize("kill_after", [1, 40, 140, 180, 260])
def test_a_kill_costs_only_what_was_not_on_disk(
    server: OpenAIServer, private_home: Path, kill_after: int
) -> None:
    chance = random.Random(kill_after)
    answered = itertools.count(1)
    enough = threading.Event()

    def respond(asked: Asked) -> Answer:
        if next(answered) >= kill_after:
            enough.set()
        return Answer(completion(f"{asked.prompt} is answered"), latency=chance.random() / 20)

    server.respond = respond
    process = subprocess.Popen(
        [sys.executable, "-c", _START + _KILLED, server.url],
        cwd=ROOT, env=clean_environment(EDSL_NB_HOME=str(private_home)), stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        # A busy machine may take its time to start a program.
        assert enough.wait(_STARTS), f"the program has not asked so much; its exit code is {process.poll()}"
    finally:
        process.kill()
        printed = process.communicate(timeout=PATIENCE)[0]
    assert printed == b"", "it was killed in the middle"
    with closing(sqlite3.connect(private_home / "store.sqlite3")) as connection:
        on_disk = {
            row[0] for row in connection.execute("SELECT json_extract(messages, '$[1][0][1]') FROM replies")
        }
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(on_disk) < 300
    assert program(server, private_home, _KILLED) == ("150\n", "", 0)
    key = f"Bearer key of process {process.pid}"
    again = [asked.prompt for asked in server.asked if asked.headers["Authorization"] != key]
    assert len(again) == len(set(again)) == 300 - len(on_disk)
    assert not on_disk & set(again), "what was on disk was asked again"
    job = Survey([color(), QuestionFreeText("why", "Why {{ color.answer }}?")]).by(
        things(150), served(server)
    )
    asked_so_far = len(server.asked)
    results = quietly(job)
    first = [f"Which color suits thing {i}?" for i in range(150)]
    assert results.select("color").to_list() == [f"{prompt} is answered" for prompt in first]
    assert results.select("why").to_list() == [f"Why {prompt} is answered? is answered" for prompt in first]
    assert len(server.asked) == asked_so_far


def test_a_warning_of_a_stop_names_the_line_that_waits(server: OpenAIServer) -> None:
    Gate(server)
    run = color("Which color?").by(served(server)).start(progress_bar=False)
    assert server.arrived.wait(PATIENCE)
    run.cancel()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run.result()
    assert [Path(warning.filename).name for warning in caught] == [Path(__file__).name]
