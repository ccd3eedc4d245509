"""Benchmarks and folders: samples are written as they end, taken over by later runs, and played again."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
import warnings
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import Model
from edsl_nb.core import threads
from edsl_nb.core.errors import EdslNbWarning
from edsl_nb.tasks import (
    AgentClient,
    Benchmark,
    BenchmarkResults,
    SampleStatus,
    Session,
    Task,
    TaskError,
    TaskOutput,
    TaskSampleExecutionResult,
    run_task,
)
from tests.isolation import clean_environment
from tests.real.run_tools import PATIENCE, wait_until
from tests.unit.runner_fakes import leftovers
from tests.unit.samples import refusal

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    assert leftovers() == []


class Sums(Task):
    """Samples that end as the agent's answer says; `played` are their indices."""

    def __init__(self, indices: Any = range(4), name: str = "sums") -> None:
        super().__init__(name, concurrency=2)
        self.indices, self.played, self.scored = list(indices), list[Any](), 0

    def get_indices(self) -> Any:
        return self.indices

    async def start_sample(self, index: Any, session: Session) -> TaskSampleExecutionResult:
        self.played.append(index)
        print("playing", index)
        output = await session.action({"role": "user", "content": f"{index}"})
        if output.content == "raise":
            raise RuntimeError("no such table")
        status = SampleStatus.COMPLETED if output.content == "ok" else SampleStatus.UNKNOWN
        return TaskSampleExecutionResult(status=status, result={"said": output.content})

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        self.scored += 1
        return {"ok": sum(result.status == SampleStatus.COMPLETED for result in results)}


class Says:
    """An agent that answers by what it is asked; None is a failure."""

    def __init__(self, **answers: str | None) -> None:
        self.answers, self.name = answers, "says"

    def __call__(self, history: Any) -> str:
        answer = self.answers.get(f"_{history[-1].content}", "ok")
        if answer is None:
            raise ConnectionError("gone")
        return answer


def played(task: Task, agent: Any, **options: Any) -> BenchmarkResults:
    with Benchmark(task, agent) as benchmark, warnings.catch_warnings():
        warnings.simplefilter("ignore", EdslNbWarning)
        return benchmark.run(progress_bar=False, **options)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_run_writes_agentbenchs_files(tmp_path: Path) -> None:
    played(Sums(), Says(_1=None, _2="raise", _3="hm"), output=tmp_path / "out")
    folder = tmp_path / "out" / "says" / "sums"
    assert sorted(path.name for path in folder.iterdir()) == ["error.jsonl", "runs.jsonl"]
    runs = {line["index"]: line for line in lines(folder / "runs.jsonl")}
    assert {index: line["output"]["status"] for index, line in runs.items()} == {
        0: "completed", 2: "task error", 3: "unknown",
    }  # fmt: skip
    assert runs[0]["output"]["result"] == {"said": "ok"} and runs[0]["error"] is None
    assert runs[2]["output"]["result"].startswith("Traceback") and len(runs[2]["output"]["history"]) == 2
    (failed,) = lines(folder / "error.jsonl")
    assert (failed["index"], failed["error"]) == (1, "AGENT_FAILED") and "gone" in failed["info"]
    assert failed["output"]["history"][0]["content"] == "1"


def test_running_again_with_the_folder_plays_what_is_missing(tmp_path: Path) -> None:
    first = played(Sums(), Says(_1=None, _2="raise"), output=tmp_path)
    assert first.overall["says", "sums"]["missing"] == [1]
    task = Sums()
    results = played(task, Says(), output=tmp_path)
    assert task.played == [1]
    assert [(s.index, s.outcome) for s in results] == [
        (0, "completed"), (1, "completed"), (2, "task error"), (3, "completed"),
    ]  # fmt: skip
    assert results.log(0) == "playing 0\n" and results.sample(0).rounds == 1
    assert not results.partial and "partial" not in results.overall["says", "sums"]
    overall = json.loads((tmp_path / "says" / "sums" / "overall.json").read_text())
    assert overall == results.overall["says", "sums"] and list(overall) == ["total", "validation", "custom"]
    untouched = Sums()
    assert len(played(untouched, Says(), output=tmp_path)) == 4
    assert untouched.played == []


def test_samples_that_ended_with_a_status_are_played_again(tmp_path: Path) -> None:
    played(Sums(), Says(_1="hm", _2="raise"), output=tmp_path)
    task = Sums()
    results = played(task, Says(_1="hm"), output=tmp_path, rerun=["task error"])
    assert task.played == [2] and results.sample(2).outcome == "completed"
    overall = json.loads((tmp_path / "says" / "sums" / "overall.json").read_text())
    assert overall["custom"] == {"ok": 3}
    again = Sums()
    played(again, Says(), output=tmp_path, rerun=[SampleStatus.UNKNOWN, "completed"])
    assert sorted(again.played) == [0, 1, 2, 3]


def test_without_a_folder_they_are_those_of_the_last_run() -> None:
    task, agent = Sums(), Says(_1="hm", _2="raise", _3=None)
    with Benchmark(task, agent) as benchmark, warnings.catch_warnings():
        warnings.simplefilter("ignore", EdslNbWarning)
        refusal(
            lambda: benchmark.run(rerun=["unknown"]), "rerun: there is no run that has ended", error=TaskError
        )
        benchmark.run(progress_bar=False)
        task.played.clear()
        agent.answers = {}
        results = benchmark.run(progress_bar=False, rerun=["task error"])
        assert sorted(task.played) == [2, 3]  # what failed is always played again
        assert [s.outcome for s in results] == ["completed", "unknown", "completed", "completed"]
        run = benchmark.last_run
        assert run is not None
        assert [s.outcome for s in benchmark.resume(run.id, progress_bar=False).result()] == [
            s.outcome for s in results
        ]


@pytest.mark.parametrize(
    ("rerun", "words"),
    [("unknown", "a list of statuses"), (["fine"], "no sample ends"), ([5], "no sample ends"), (5, "a list")],
)
def test_no_such_status(rerun: Any, words: str) -> None:
    refusal(lambda: Benchmark(Sums(), Says()).run(rerun=rerun), words, error=TaskError)


def test_a_stopped_run_with_a_folder_goes_on_by_its_id_and_by_its_folder(tmp_path: Path) -> None:
    asked, go = threading.Event(), threading.Event()

    def agent(history: Any) -> str:
        if history[0].content == "2" and not go.is_set():
            asked.set()
            go.wait(PATIENCE)
        return "ok"

    task = Sums(range(6))
    with Benchmark(task, {"says": agent}) as benchmark, warnings.catch_warnings():
        warnings.simplefilter("ignore", EdslNbWarning)
        run = benchmark.start(progress_bar=False, output=tmp_path)
        assert asked.wait(PATIENCE)
        wait_until(lambda: run.progress.items_done == 5)
        run.cancel()
        partial = run.result()  # the agent has not answered still, and nobody waits for it
        go.set()
        assert [sample.index for sample in partial] == [0, 1, 3, 4, 5]
        assert not (tmp_path / "says" / "sums" / "overall.json").exists()
        results = benchmark.resume(run.id, progress_bar=False).result()
    assert [sample.index for sample in results] == list(range(6))
    assert task.played.count(2) == 2 and len(task.played) == 7
    assert json.loads((tmp_path / "says" / "sums" / "overall.json").read_text())["total"] == 6


def test_a_complete_folder_without_a_score_gets_one(tmp_path: Path) -> None:
    played(Sums(), Says(), output=tmp_path)
    overall = tmp_path / "says" / "sums" / "overall.json"
    before = overall.read_text()
    overall.unlink()
    played(Sums(), Says(), output=tmp_path)
    assert overall.read_text() == before


def test_repeats_are_told_apart(tmp_path: Path) -> None:
    played(Sums(range(2)), Says(), output=tmp_path)
    task = Sums(range(2))
    results = played(task, Says(), output=tmp_path, n=2)
    assert sorted(task.played) == [0, 1]
    assert [(s.index, s.place.repeat) for s in results] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    score = json.loads((tmp_path / "says" / "sums" / "overall.json").read_text())
    assert score["total"] == 4 and score["standard_error"] == {"ok": 0.0}


def test_what_a_folder_has_and_the_run_has_not_is_said(tmp_path: Path) -> None:
    played(Sums(range(6)), Says(), output=tmp_path, history_limit=None)
    with Benchmark(Sums(range(2)), Says()) as benchmark, pytest.warns(EdslNbWarning) as said:
        assert len(benchmark.run(progress_bar=False, output=tmp_path)) == 2
    texts = " ".join(str(one.message) for one in said)
    assert "4 samples in" in texts and "has no index" in texts and "another history_limit (None)" in texts


def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_played(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Benchmark(Sums(), Says()) as benchmark:
        inner = tmp_path / "file" / "inner"
        refusal(lambda: benchmark.run(output=inner), "output: it cannot be made", error=TaskError)
        assert benchmark.last_run is None


def test_a_folder_that_cannot_be_written_costs_no_result(tmp_path: Path) -> None:
    def says(history: Any) -> str:
        (tmp_path / "says").write_text("a file where a folder should be")
        return "ok"

    with Benchmark(Sums(), says) as benchmark:
        results = benchmark.run(progress_bar=False, output=tmp_path)
        assert len(results) == 4 and benchmark.last_run is not None
        assert any(error.message.startswith("output: ") for error in benchmark.last_run.progress.errors)
    refusal(lambda: played(Sums(), Says(), output=tmp_path), "it cannot be read", error=TaskError)


def test_results_are_saved_and_loaded(tmp_path: Path) -> None:
    agent = Says(_1=None, _2="raise")
    agent.name = "openai/gpt-4o as Ann?"
    results = played(Sums(["a", "b", 1, 2]), agent, history_limit=500)
    folder = results.save(tmp_path / "out")
    assert (folder / "openai%2Fgpt-4o as Ann%3F" / "sums" / "runs.jsonl").is_file()
    loaded = BenchmarkResults.load(folder)

    def facts(some: BenchmarkResults) -> Any:
        return sorted((s.to_json(), s.place.task, s.place.agent, repr(s.index)) for s in some)

    assert facts(loaded) == facts(results) and loaded.history_limit == 500 and loaded.partial
    assert [turn.answered for turn in loaded.transcript("a")] == [None, 0]
    assert loaded.overall["openai/gpt-4o as Ann?", "sums"]["total"] == 3
    assert results.save(folder) == folder  # a cell may be run twice
    other = played(Sums(["a"]), agent)
    refusal(lambda: other.save(folder), "samples that are not among these", "output=", error=TaskError)
    whole = played(Sums(), Says())
    assert BenchmarkResults.load(whole.save(tmp_path / "whole")).overall == whole.overall


def test_a_run_in_another_process_is_looked_on_at(tmp_path: Path, private_home: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from edsl_nb.tasks import Benchmark
from tests.real.test_tasks_output import Says, Sums
gate = Path(sys.argv[1])
class Gated(Says):
    def __call__(self, history):
        while not gate.exists():
            time.sleep(0.02)
        return "ok"
with Benchmark(Sums(), Gated()) as benchmark:
    run = benchmark.start(progress_bar=False)
    while run.progress.state == "starting":
        time.sleep(0.01)
    print(run.id, flush=True)
    run.result()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "gate")],
        cwd=ROOT, env=clean_environment(EDSL_NB_HOME=str(private_home)), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()

        task = Sums()
        with Benchmark(task, Says()) as benchmark:
            run = benchmark.resume(run_id, progress_bar=False)
            assert not run.done
            (tmp_path / "gate").touch()
            assert run.wait(PATIENCE)
            assert [sample.result for sample in run.results] == [{"said": "ok"}] * 4
            assert run.results.overall["says", "sums"]["custom"] == {"ok": 4}
            assert task.played == []
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()


def test_the_plain_function_runs_one_task_with_one_agent() -> None:
    class Client(AgentClient):
        def inference(self, history: list[dict[str, str]]) -> str:
            return "ok" if history[-1]["content"] == "1" else "hm"

    task = Sums()
    outputs, overall = run_task(task, Client(), indices=[1, 2])
    assert [(output.index, output.status) for output in outputs] == [(1, "completed"), (2, "unknown")]
    assert overall["custom"] == {"ok": 1} and overall["total"] == 2
    assert len(run_task(task, Model("test")).outputs) == 4  # it was not released
    refusal(lambda: run_task(task, [Client(), Client()]), "one task and one agent", error=TaskError)
    refusal(lambda: run_task(task, Client(), indices=[9]), "no sample of this index", error=TaskError)
    Benchmark(task).close()


def test_costs_and_counts_by_agent_and_task() -> None:
    with Benchmark([Sums(range(2), "a"), Sums(range(3), "b")], [Says(), Model("test")]) as benchmark:
        results = benchmark.run(progress_bar=False)
    counts = results.status_counts.to_dicts()
    assert [(row["task"], row["agent"], row["samples"]) for row in counts] == [
        ("a", "says", 2), ("a", "test", 2), ("b", "says", 3), ("b", "test", 3),
    ]  # fmt: skip
    assert counts[0]["completed"] == 2 and counts[1]["unknown"] == 2 and "task error" not in counts[0]
    costs = results.costs.to_dicts()
    assert list(costs[1])[2:] == ["rounds", "seconds", "input_tokens", "output_tokens", "cost"]
    assert costs[1]["cost"] == 0 == results.cost
    assert [row["rounds"] for row in costs] == [2, 2, 3, 3]


def test_nothing_of_a_run_is_kept_once_nobody_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_IDLE", 2 * PATIENCE)  # threads of agents wait for their next work still
    task = Sums(range(5))
    with Benchmark(task, Says()) as benchmark:
        results = benchmark.run(progress_bar=False)
        assert benchmark.last_run is not None
        kept = [weakref.ref(benchmark.last_run.workload), weakref.ref(results)]
    del benchmark, results

    def gone() -> bool:
        gc.collect()
        return all(one() is None for one in kept)

    wait_until(gone)
