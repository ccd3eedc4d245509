"""Runs that are there already: gone on with, joined, looked on at, taken over, and asked again."""

from __future__ import annotations

import json
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

import edsl_nb
from edsl_nb import (
    Agent,
    Jobs,
    Model,
    QuestionFreeText,
    QuestionFunctional,
    QuestionMultipleChoice,
    QuestionNumerical,
    QuestionYesNo,
    Results,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.cli import main
from edsl_nb.core.errors import EdslNbWarning, JobError, RunError
from edsl_nb.jobs.prompting import Prompter
from edsl_nb.questions import Presented, Question
from edsl_nb.results.packing import packed, unpacked
from edsl_nb.runner import execution, lease
from edsl_nb.runner.run import known_runs
from edsl_nb.runner.store import store
from tests.isolation import clean_environment
from tests.real.openai_server import Answer, OpenAIServer, completion, failure, serve
from tests.real.run_tools import PATIENCE, color, things, wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with serve() as made:
        yield made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "GRACE", 0.2)
    monkeypatch.setattr(lease, "BEAT", 0.1)


def served(server: OpenAIServer, **parameters: Any) -> Model:
    return Model("m", service_name="openai", base_url=server.url, **parameters)


def quietly(job: Jobs, **options: Any) -> Results:
    return job.run(progress_bar=False, **options)


def resumed(run_id: str, job: Jobs | None = None) -> Any:
    """The run as a process goes on with it that knows nothing of it but what is on disk."""
    known_runs.clear()
    return Jobs.resume(run_id, job, progress_bar=False)


def everything(results: Results) -> list[dict[str, Any]]:
    return results.select().to_dicts(remove_prefix=False)


def columns(run_id: str, *names: str) -> tuple[Any, ...]:
    """What the store has of a run."""
    with closing(sqlite3.connect(store().path)) as connection:
        sql = f"SELECT {', '.join(names)} FROM runs WHERE id = ?"
        return connection.execute(sql, (run_id,)).fetchone()


def change(run_id: str, **values: Any) -> None:
    """Do to a run's row what another process would."""
    with closing(sqlite3.connect(store().path, timeout=20)) as connection, connection:
        sets = ", ".join(f"{name} = ?" for name in values)
        connection.execute(f"UPDATE runs SET {sets} WHERE id = ?", (*values.values(), run_id))


def stopped(job: Jobs, server: OpenAIServer, after: int, **options: Any) -> str:
    """A run that was stopped when so many of its interviews were done. Returns its id."""
    server.respond = lambda asked: Answer(
        completion(f"echo: {asked.prompt}"), latency=None if asked.number < after else 3600
    )
    run = job.start(progress_bar=False, **options)
    wait_until(lambda: run.progress.items_done >= after)
    run.cancel()
    with pytest.warns(EdslNbWarning, match="stopped"):
        assert run.result().partial
    server.respond = OpenAIServer().respond
    server.asked.clear()
    return run.id


# What the store has of an interview is all of it

_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
        | st.dictionaries(st.just("__edsl_nb__"), inner)
    ),
    max_leaves=8,
)


@given(_values)
def test_answers_are_the_same_after_json(value: Any) -> None:
    back = unpacked(json.loads(json.dumps(packed(value))))
    assert back == value
    assert repr(back) == repr(value)


def _all_kinds(shuffled: list[str]) -> Survey:
    kinds = {type(one).__name__: one for one in every_question()}
    examples = [one.model_copy(update={"question_name": f"q_{name}"}) for name, one in kinds.items()]
    pick = QuestionMultipleChoice("pick", "{{ scenario.name }}?", ["{{ scenario.name }}", "b"])
    why = QuestionFreeText("why", "Why {{ pick.answer }}?")
    return Survey([*examples, pick, why], questions_to_randomize=shuffled)


def every_question() -> list[Question]:
    """An example of every type but those that hold a function."""
    found = [getattr(edsl_nb, name) for name in edsl_nb.__all__ if name.startswith("Question")]
    runnable = [one for one in found if getattr(one, "question_type", None) in Question.available()]
    return [one.example() for one in runnable if one is not QuestionFunctional]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    replies=st.lists(st.sampled_from(["Yes", "3", "nothing of use", "[1]", '{"a": 1}', ""]), max_size=4),
    reask=st.integers(0, 2),
    shuffled=st.booleans(),
)
def test_a_run_that_is_read_from_the_store_is_the_same_one(
    tmp_path: Path, replies: list[str], reask: int, shuffled: bool
) -> None:
    """Whatever is asked, and whatever became of it."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("EDSL_NB_HOME", str(tmp_path / f"{time.monotonic_ns()}"))
        survey = _all_kinds(["pick"] if shuffled else [])
        survey.add_skip_rule("why", "{{ pick.answer }} == 'b'")
        names = survey.question_names
        canned = dict(zip(names[::3], replies, strict=False))
        models = [Model("test"), Model("test", canned_response={**dict.fromkeys(names, "b"), **canned})]
        job = survey.by(ScenarioList([Scenario({"name": "x"}), Scenario({"name": "y"})]), models)
        before = quietly(job, reask=reask)
        assert job.last_run is not None
        again = resumed(job.last_run.id)
        after = again.result()
        assert everything(after) == everything(before)
        assert again.errors.to_dicts() == job.last_run.errors.to_dicts()
        was, now = job.last_run.progress, again.progress
        for count in ("items_done", "items_failed", "answered", "invalid", "failed", "skipped", "state"):
            assert getattr(now, count) == getattr(was, count)
        assert (now.cached, now.input_tokens) == (now.answered, 0)


def test_what_everybody_is_shown_is_not_kept_for_each(server: OpenAIServer) -> None:
    job = Survey([
        QuestionMultipleChoice("same", "{{ scenario.thing }}?", ["a long option", "b"]),
        QuestionMultipleChoice("own", "Which?", ["{{ scenario.thing }}", "b"]),
    ]).by(things(1), Model("test"))  # fmt: skip
    quietly(job)
    with closing(sqlite3.connect(store().path)) as connection:
        ((cells,),) = connection.execute("SELECT cells FROM items").fetchall()
    same, own = json.loads(cells)
    assert "options" not in same
    assert list(unpacked(own["options"])) == ["thing 0", "b"]


# Going on


def test_a_stopped_run_goes_on_with_what_is_left(server: OpenAIServer) -> None:
    job = color().by(things(20), served(server))
    run_id = stopped(job, server, 5)
    run = resumed(run_id)
    results = run.result()
    assert (run.id, run.progress.state, len(results), results.partial) == (run_id, "completed", 20, False)
    assert len(server.asked) == 15
    assert (run.progress.cached, run.progress.items_done) == (5, 20)
    assert columns(run_id, "state", "done", "failed") == ("completed", 20, 0)
    assert everything(resumed(run_id).result()) == everything(results)
    assert len(server.asked) == 15


def test_other_words_finish_an_old_study(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    job = color().by(things(6), served(server))
    run_id = stopped(job, server, 2)
    present, rendered = Prompter.present, list[str]()

    def reworded(self: Any, position: int, who: Any, answers: Any) -> Presented:
        found = present(self, position, who, answers)
        rendered.append(found.prompt)
        return Presented(found.text, found.options, f"{found.prompt} Please.", found.space, found.items)

    monkeypatch.setattr(Prompter, "present", reworded)
    run = resumed(run_id)
    results = run.result()
    prompts = results.select("prompt.color_user_prompt").to_list()
    assert sum(prompt.endswith("Please.") for prompt in prompts) == 4
    # The first interview's prompts are tried out before any run.
    assert not any("thing 1" in prompt for prompt in rendered), "what is done is not rendered again"
    assert sorted(server.prompts) == sorted(p for p in prompts if p.endswith("Please."))


def test_a_fresh_run_finds_its_own_replies_when_it_goes_on(server: OpenAIServer) -> None:
    job = Survey(
        [QuestionFreeText("a", "A {{ scenario.thing }}?"), QuestionFreeText("b", "B?{{ a.answer }}")]
    )
    job = job.by(things(3), served(server))
    quietly(job)
    server.asked.clear()
    server.respond = lambda asked: Answer(
        completion(asked.prompt), latency=3600 if asked.prompt.startswith("B") else None
    )
    run = job.start(progress_bar=False, fresh=True)
    wait_until(lambda: len(server.asked) == 6)
    run.cancel()
    run.wait(PATIENCE)
    server.respond = OpenAIServer().respond
    server.asked.clear()
    assert len(resumed(run.id).result()) == 3
    assert sorted(prompt[:1] for prompt in server.prompts) == ["B", "B", "B"]


def test_draws_limits_and_reasking_are_as_they_were(server: OpenAIServer) -> None:
    job = Survey([QuestionNumerical("n", "{{ scenario.thing }}?")]).by(things(10), served(server))
    server.respond = lambda asked: Answer(completion("1" if "thing 0" in asked.prompt else "no number"))
    run = job.start(n=2, limit=3, reask=2, progress_bar=False)
    run.wait(PATIENCE)
    again = resumed(run.id)
    again.wait(PATIENCE)
    assert (again.progress.items_total, again.progress.cells_done) == (6, 6)
    assert again.workload.reask == 2
    assert again.errors.to_dicts() == run.errors.to_dicts()


def test_functions_are_asked_for(server: OpenAIServer) -> None:
    def twice(scenario: dict[str, Any], agent_traits: dict[str, Any]) -> str:
        return scenario["thing"] * 2

    question = QuestionFunctional("twice", func=twice)
    job = Survey([color(), question]).by(things(4), served(server))
    run_id = stopped(job, server, 1)
    with pytest.raises(JobError, match=r"functions \(func\).*job=job"):
        resumed(run_id)
    results = resumed(run_id, job).result()
    assert results.select("answer.twice").to_list() == [f"thing {i}" * 2 for i in range(4)]
    other = Survey([color("Which?"), question]).by(things(4), served(server))
    with pytest.raises(JobError, match="another job than the run's: its survey differ"):
        resumed(run_id, other)


def test_a_run_that_is_not_there(server: OpenAIServer) -> None:
    with pytest.raises(RunError, match="None was started"):
        resumed("abc")
    job = color().by(things(1), served(server))
    quietly(job)
    assert job.last_run is not None
    with pytest.raises(RunError, match=f"Did you mean '{job.last_run.id}'"):
        resumed(job.last_run.id[:-1])
    with pytest.raises(RunError, match="a text"):
        resumed(7)  # type: ignore[arg-type]


def test_a_run_of_the_first_version_says_what_to_do(server: OpenAIServer) -> None:
    job = color().by(things(1), served(server))
    quietly(job)
    assert job.last_run is not None
    change(job.last_run.id, plan=None)
    with pytest.raises(RunError, match=r"older version.*Run the job again"):
        resumed(job.last_run.id)


# One owner


def test_an_equal_job_that_is_running_is_joined(server: OpenAIServer) -> None:
    server.latency = 0.5
    job, equal = (color().by(things(3), served(server)) for _ in range(2))
    run = job.start(progress_bar=False)
    assert equal.start(progress_bar=False) is run
    assert equal.last_run is run
    assert resumed(run.id) is run
    unequal: list[tuple[Jobs, dict[str, Any]]] = [
        (job, {"fresh": True}),
        (job, {"n": 2}),
        (job, {"limit": 2}),
        (job, {"reask": 0}),
        (job, {"on_interrupt": "detach"}),
        (color().by(things(4), served(server)), {}),
        (color().by(things(3), served(server, api_key="another account's")), {}),
        (color().by(things(3), Agent({"age": 3}), served(server)), {}),
    ]
    others = [one.start(progress_bar=False, **options) for one, options in unequal]
    assert len({other.id for other in (run, *others)}) == 1 + len(unequal)
    for other in (run, *others):
        other.wait(PATIENCE)
    assert job.start(progress_bar=False) is not run, "one that has ended is not joined"


def test_jobs_with_functions_are_not_joined() -> None:
    job = color("?").by(Model("test", canned_response=lambda prompt: time.sleep(0.2) or "Blue"))
    first, second = (job.start(progress_bar=False) for _ in range(2))
    assert first is not second
    first.wait(PATIENCE)
    second.wait(PATIENCE)


def test_a_run_that_is_being_stopped_is_not_joined(server: OpenAIServer) -> None:
    server.latency = 3600
    job = color().by(things(2), served(server))
    first = job.start(progress_bar=False)
    assert server.arrived.wait(PATIENCE)
    first.cancel()
    wait_until(lambda: first.stopping)
    server.latency = 0
    assert len(quietly(job)) == 2


_OWNER = """
import sys
from edsl_nb import Model
from edsl_nb.runner import execution, lease
from tests.real.run_tools import color, things
lease.BEAT, execution.GRACE = 0.1, 0.2
job = color().by(things(10), Model("m", service_name="openai", base_url=sys.argv[1], api_key="k"))
run = job.start(progress_bar=False)
print(run.id, flush=True)
run.wait()
print(run.progress.state, flush=True)
"""


class OwnerProcess:
    """Another process that runs a job of ten interviews."""

    def __init__(self, server: OpenAIServer, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _OWNER, server.url],
            cwd=ROOT, env=clean_environment(PYTHONPATH=str(ROOT), EDSL_NB_HOME=str(home)),
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.run_id = self.line()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def __enter__(self) -> OwnerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def owner(
    server: OpenAIServer, private_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OwnerProcess]:
    """A process that has done three of ten interviews and waits for the others."""
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    server.respond = lambda asked: Answer(
        completion(f"echo: {asked.prompt}"), latency=None if asked.number < 3 else 3600
    )
    with OwnerProcess(server, private_home) as started:
        wait_until(lambda: len(server.asked) == 10)
        wait_until(lambda: columns(started.run_id, "done") == (3,))
        yield started


def test_a_run_of_another_process_is_looked_on_at(owner: OwnerProcess, server: OpenAIServer) -> None:
    run = resumed(owner.run_id)
    wait_until(lambda: run.progress.items_done == 3)
    assert (run.id, run.progress.state, run.progress.in_flight) == (owner.run_id, "running", 7)
    assert len(run.results) == 3
    assert run.results.partial
    (row,) = Jobs.runs().to_dicts()
    assert (row["state"], row["owner"], row["done"]) == ("running", "another process", 3)
    with pytest.raises(RunError, match="goes on still"):
        run.retry_failed()
    run.cancel()
    assert owner.line() == "stopped", "the other process does as it is asked"
    with pytest.warns(EdslNbWarning, match="stopped"):
        assert len(run.result()) == 3
    assert len(server.asked) == 10


def test_a_dead_process_leaves_its_run_to_others(owner: OwnerProcess, server: OpenAIServer) -> None:
    looking_on = resumed(owner.run_id)
    owner.process.kill()
    with pytest.warns(EdslNbWarning, match=r"is gone; Jobs\.resume"):
        assert len(looking_on.result()) == 3
    (row,) = Jobs.runs().to_dicts()
    assert (row["state"], row["owner"], row["done"]) == ("interrupted", None, 3)
    server.respond = OpenAIServer().respond
    run = resumed(owner.run_id)
    assert len(run.result()) == 10
    assert len(server.asked) == 17
    assert (run.id, Jobs.runs().to_dicts()[0]["state"]) == (owner.run_id, "completed")


def test_who_shows_no_sign_of_life_on_another_machine_is_dead(server: OpenAIServer) -> None:
    job = color().by(things(4), served(server))
    run_id = stopped(job, server, 1)
    other = json.dumps(["another machine", 1, "then"])
    change(run_id, owner=other, state="running", updated=time.time() - 5)
    looking_on = resumed(run_id)
    assert not looking_on.wait(0.3)
    change(run_id, updated=time.time() - lease.DEAD_AFTER - 1)
    assert looking_on.wait(PATIENCE)
    assert len(resumed(run_id).result()) == 4


def test_who_has_lost_a_run_stops(server: OpenAIServer) -> None:
    server.latency = 3600
    run = color().by(things(4), served(server)).start(progress_bar=False)
    wait_until(lambda: len(server.asked) == 4)
    change(run.id, owner=json.dumps(["another machine", 1, "now"]))
    with pytest.warns(EdslNbWarning, match="another process has taken it over"):
        run.result()
    assert columns(run.id, "state") == ("running",), "what the other writes is left alone"


def test_two_that_take_up_a_run_at_once_do_not_both(server: OpenAIServer) -> None:
    from edsl_nb.runner import ledger

    job = color().by(things(2), served(server))
    run_id = stopped(job, server, 1)
    seen = ledger.look_up(store(), run_id)
    claims: list[bool] = []
    threads = [threading.Thread(target=lambda: claims.append(ledger.claim(store(), seen))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claims) == [False] * 7 + [True]


def test_pausing_from_another_process(owner: OwnerProcess, server: OpenAIServer) -> None:
    run = resumed(owner.run_id)
    run.pause()
    wait_until(lambda: run.progress.state == "paused")
    run.resume()
    wait_until(lambda: run.progress.state == "running")


# The list


def test_the_list_of_runs(server: OpenAIServer) -> None:
    assert len(Jobs.runs()) == 0
    first = color().by(things(3), served(server, temperature=0.1))
    quietly(first)
    second = Survey(texts("a", "b")).by(served(server))
    server.respond = lambda asked: failure(400, "no")
    with pytest.warns(EdslNbWarning):
        quietly(second)
    assert first.last_run is not None and second.last_run is not None
    rows = Jobs.runs().to_dicts()
    assert [row["run_id"] for row in rows] == [second.last_run.id, first.last_run.id]
    assert [(row["items"], row["done"], row["failed"]) for row in rows] == [(1, 1, 1), (3, 3, 0)]
    assert [row["about"] for row in rows] == ["a, b", "color"]
    assert {row["kind"] for row in rows} == {"interviews"}
    assert {row["state"] for row in rows} == {"completed"}


def texts(*names: str) -> list[QuestionFreeText]:
    return [QuestionFreeText(name, f"{name}?") for name in names]


def test_thousands_of_runs_are_listed_quickly(server: OpenAIServer) -> None:
    quietly(color().by(things(1), served(server)))
    with closing(sqlite3.connect(store().path)) as connection, connection:
        connection.executemany(
            "INSERT INTO runs (id, state, owner, created, updated, items, options, job) "
            "VALUES (?, 'completed', '', ?, 0, 1, '{}', ?)",
            ((f"run {i}", i, "x" * 20_000) for i in range(3000)),
        )
    began = time.perf_counter()
    listed = Jobs.runs()
    assert (len(listed), listed.to_dicts()[-1]["run_id"]) == (3001, "run 0")
    assert time.perf_counter() - began < 1.5


# Again


def test_failures_are_asked_again_and_answers_stay(server: OpenAIServer) -> None:
    survey = Survey([
        QuestionYesNo("good", "Good {{ scenario.thing }}?"),
        QuestionYesNo("bad", "Bad {{ scenario.thing }}?"),
        QuestionFreeText("after", "After {{ bad.answer }} {{ scenario.thing }}?"),
    ])  # fmt: skip
    job = survey.by(things(3), served(server))
    said: dict[str, str] = {"Bad thing 0?": "gibberish"}

    def respond(asked: Any) -> Answer:
        if asked.prompt.startswith("Bad thing 1?") and said:
            return failure(400, "not now")
        first = asked.body["messages"][-1]["content"].partition("\n")[0]
        invalid = said and any("Bad thing 0?" in m["content"] for m in asked.body["messages"])
        return Answer(completion("gibberish" if invalid else "Yes" if "After" not in first else "Because"))

    server.respond = respond
    results = quietly(job)
    assert results.select("state.bad_state").to_list() == ["invalid", "failed", "answered"]
    assert job.last_run is not None
    before = {row["scenario.thing"]: row["answer.good"] for row in everything(results)}
    said.clear()
    server.asked.clear()
    again = job.last_run.retry_failed(progress_bar=False)
    healed = again.result()
    assert again.id == job.last_run.id
    assert healed.select("answer.bad").to_list() == ["Yes"] * 3
    assert healed.select("answer.after").to_list() == ["Because"] * 3
    assert {row["scenario.thing"]: row["answer.good"] for row in everything(healed)} == before
    heads = sorted(prompt.partition("?")[0] for prompt in server.prompts)
    assert heads == ["After Yes thing 0", "After Yes thing 1", "Bad thing 0", "Bad thing 1"]
    assert (again.progress.items_failed, len(again.errors)) == (0, 0)
    assert everything(resumed(again.id).result()) == everything(healed)
    server.asked.clear()
    assert everything(again.retry_failed(progress_bar=False).result()) == everything(healed)
    assert server.asked == [], "where nothing has failed nothing is asked"


def test_a_reply_that_was_no_answer_is_not_taken_again(server: OpenAIServer) -> None:
    job = Survey([QuestionYesNo("q", "Tea?")]).by(served(server))
    server.respond = lambda asked: Answer(completion("gibberish"))
    run = job.start(progress_bar=False, reask=0)
    for asks in (1, 2, 3):
        with pytest.warns(EdslNbWarning):
            run.result()
        assert len(server.asked) == asks
        if asks < 3:
            run = run.retry_failed(progress_bar=False)
    server.respond = lambda asked: Answer(completion("Yes"))
    assert run.retry_failed(progress_bar=False).result().select("answer.q").to_list() == ["Yes"]


def test_what_was_stopped_is_not_begun_by_asking_failures_again(server: OpenAIServer) -> None:
    job = color().by(things(8), served(server))
    run_id = stopped(job, server, 3)
    assert job.last_run is not None
    again = job.last_run.retry_failed(progress_bar=False)
    with pytest.warns(EdslNbWarning, match="3 of 8"):
        assert len(again.result()) == 3
    assert server.asked == []
    assert len(resumed(run_id).result()) == 8


def test_a_run_that_goes_on_is_not_asked_again(server: OpenAIServer) -> None:
    server.latency = 3600
    run = color().by(things(1), served(server)).start(progress_bar=False)
    with pytest.raises(RunError, match="goes on still"):
        run.retry_failed()
    run.cancel()
    run.wait(PATIENCE)


# In a terminal


def test_the_command_goes_on_with_a_run(
    server: OpenAIServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = stopped(color().by(things(5), served(server)), server, 2)
    assert main(["resume", run_id]) == 0
    assert "completed: 5 of 5 interviews (100%)" in capsys.readouterr().out
    assert len(server.asked) == 3
    assert main(["resume", "nowhere"]) == 1
    assert "there is no such run" in capsys.readouterr().err


def interrupted(after: Callable[[], None]) -> None:
    """Interrupt the main thread once something has happened."""
    import _thread

    def later() -> None:
        after()
        _thread.interrupt_main()

    threading.Thread(target=later, daemon=True).start()


def test_the_command_stops_a_run_when_it_is_interrupted(
    server: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = stopped(color().by(things(5), served(server)), server, 2)
    server.latency = 3600
    server.respond = lambda asked: Answer(completion("x"))
    interrupted(lambda: wait_until(lambda: len(server.asked) == 3))
    assert main(["resume", run_id]) == 130
    assert "stopped: 2 of 5" in capsys.readouterr().out
    assert columns(run_id, "state") == ("stopped",)
