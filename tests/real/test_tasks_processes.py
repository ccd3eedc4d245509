"""Tasks played by copies in processes of their own: `run(workers=k)`."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from edsl_nb.core.errors import EdslNbWarning
from edsl_nb.tasks import (
    Benchmark,
    BenchmarkResults,
    InstanceFactory,
    SampleStatus,
    TaskError,
    agentbench_imports,
    performing,
)
from edsl_nb.tasks.copies import CrashError
from tests.isolation import clean_environment
from tests.real.process_tasks import Processes
from tests.real.run_tools import wait_until
from tests.unit.samples import refusal

ROOT = Path(__file__).parents[2]


def agent(history: Any) -> str:
    return f"{len(history)} turns"


def copies() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if child.status() != "zombie"]


@pytest.fixture(autouse=True)
def none_left() -> Iterator[None]:
    yield
    wait_until(lambda: not copies())


def quietly(benchmark: Benchmark, workers: int = 2, **keywords: Any) -> BenchmarkResults:
    with benchmark:
        return benchmark.run(workers=workers, progress_bar=False, **keywords)


def test_copies_play_at_once_keep_state_apart_and_are_released(tmp_path: Path) -> None:
    task = Processes(["meet a", "meet b", *range(4)], folder=str(tmp_path))
    results = quietly(Benchmark(task, agent))
    assert [output.status for output in results.outputs] == [SampleStatus.COMPLETED] * 6
    found = [sample.result for sample in results]
    by_process: dict[int, list[int]] = {}
    for process, played, said in found:
        by_process.setdefault(process, []).append(played)
        assert said == "1 turns"
    # Each counts on its own, and nothing is counted here.
    assert len(by_process) == 2 and os.getpid() not in by_process
    assert all(sorted(counts) == list(range(1, len(counts) + 1)) for counts in by_process.values())
    assert Processes.played == 0
    assert results.overall["agent", "processes"]["custom"] == {"n": 6, "pid": os.getpid()}
    wait_until(lambda: len(list(tmp_path.glob("*.released"))) == 3)


def test_copies_import_the_files_of_a_task_as_they_were_imported_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "untouched.py").write_text(
        "from src.server.task import Task\n"
        "from src.typings import TaskSampleExecutionResult\n"
        "class Untouched(Task):\n"
        "    def get_indices(self):\n"
        "        return [0, 1]\n"
        "    async def start_sample(self, index, session):\n"
        "        return TaskSampleExecutionResult(result=index)\n"
        "    def calculate_overall(self, results):\n"
        "        return {}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with agentbench_imports():
        from untouched import Untouched  # type: ignore[import-not-found]
    results = quietly(Benchmark(Untouched("untouched"), agent), workers=1)
    assert [sample.result for sample in results] == [0, 1]


def test_a_crash_is_a_task_error_of_its_sample_and_the_others_go_on() -> None:
    task = Processes(["segfault", 1, "leave", "exit", "raise", 2])
    with pytest.warns(EdslNbWarning, match="4 of 6 samples have no answer"):
        results = quietly(Benchmark(task, agent), workers=1)
    assert [sample.status for sample in results] == [
        "task error", "completed", "task error", "task error", "task error", "completed",
    ]  # fmt: skip
    errors = [sample.error for sample in results]
    assert "ended by SIGSEGV" in errors[0] and "ended with exit code 3" in errors[2]
    assert errors[3:5] == ["SystemExit: 4", "ValueError: on purpose"]
    assert [len(sample.history) for sample in results] == [2] * 6
    # Three processes: one more after each crash, and none after what Python can catch.
    assert [sample.result[1] for sample in results if sample.status == "completed"] == [1, 3]


def test_a_process_that_is_killed_in_the_middle_fails_what_it_plays_and_nothing_else() -> None:
    """As the kernel kills what takes too much memory. Two samples are being played there at that moment."""
    both, killed = threading.Barrier(2), threading.Event()

    def kills(history: Any) -> str:
        if not killed.is_set() and both.wait(20) == 0:
            (copy,) = copies()
            copy.kill()
            wait_until(lambda: not copies())
            killed.set()
        killed.wait(20)
        return "fine"

    with Benchmark(Processes(range(5), concurrency=2), kills) as benchmark:
        with pytest.warns(EdslNbWarning, match="2 of 5 samples have no answer"):
            results = benchmark.run(workers=1, progress_bar=False)
        assert [sample.outcome for sample in results] == ["task error"] * 2 + ["completed"] * 3
        assert all("ended by SIGKILL" in str(results.sample(index).error) for index in (0, 1))
        # What the agent has answered is there still, and the samples can be played again.
        assert [turn.content for turn in results.transcript(0)] == ["hello", "fine"]
        assert benchmark.last_run is not None
        benchmark.last_run.retry_failed(progress_bar=False).wait()
        assert [sample.outcome for sample in benchmark.last_run.results] == ["completed"] * 5


def test_what_is_printed_is_in_the_log_of_its_sample() -> None:
    results = quietly(Benchmark(Processes([0, "shell"]), agent), workers=1)
    assert [sorted(sample.log.split("\n")) for sample in results] == [
        ["", "plays 0"],
        ["", "from a shell", "plays shell"],
    ]


def test_histories_are_limited_as_the_run_says_it() -> None:
    def measuring(history: Any) -> str:
        lengths.append(len(history))
        return "a"

    lengths = list[int]()
    (limited,) = quietly(Benchmark(Processes(["long"]), measuring))
    lengths, before = list[int](), lengths
    (whole,) = quietly(Benchmark(Processes(["long"]), measuring), history_limit=None)
    assert (max(before), max(lengths)) == (7, 13)
    assert len(limited.history) == len(whole.history) == 14


def test_what_blocks_and_cannot_be_cancelled_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(performing, "GRACE", 0.2)
    asked = list[Any]()

    def failing_at_first(history: Any) -> str:
        asked.append(history)
        if len(asked) == 1:
            raise ValueError("not today")
        return "fine"

    # The first sample is told that it is cancelled, looks at no status, and blocks.
    with pytest.warns(EdslNbWarning, match="not today"):
        task = Processes(["block", 1, 2], folder=str(tmp_path))
        results = quietly(Benchmark(task, failing_at_first), workers=1)
    (blocked,) = [int(path.stem) for path in tmp_path.glob("*.blocks")]
    assert [sample.state for sample in results] == ["failed", "answered", "answered"]
    assert results.sample(1).result[0] == results.sample(2).result[0] != blocked
    wait_until(lambda: not psutil.pid_exists(blocked))


def test_stopping_a_run_ends_its_processes(tmp_path: Path) -> None:
    with Benchmark(Processes(["block a", "block b"], folder=str(tmp_path)), agent) as benchmark:
        run = benchmark.start(workers=2, progress_bar=False)
        wait_until(lambda: len(list(tmp_path.glob("*.blocks"))) == 2)
        run.cancel()
        run.wait()
        wait_until(lambda: not copies())
        assert run.results.partial


def test_failed_samples_are_played_again_in_new_processes() -> None:
    with Benchmark(Processes(["leave", 1]), agent) as benchmark:
        with pytest.warns(EdslNbWarning, match="have no answer"):
            benchmark.run(workers=1, progress_bar=False)
        assert benchmark.last_run is not None
        benchmark.last_run.retry_failed(progress_bar=False).wait()
        assert [sample.status for sample in benchmark.last_run.results] == ["task error", "completed"]


def test_a_process_makes_its_own_task_where_a_factory_is_given(tmp_path: Path) -> None:
    factory = InstanceFactory(
        module="tests.real.process_tasks.Processes", parameters={"indices": [0], "folder": str(tmp_path)}
    )
    (sample,) = quietly(Benchmark(factory, agent), workers=1)
    assert sample.result[0] != os.getpid()
    wait_until(lambda: len(list(tmp_path.glob("*.released"))) == 2)


def test_tasks_that_cannot_be_sent_or_made_are_refused() -> None:
    locked = Processes([0])
    locked.lock = threading.Lock()  # type: ignore[attr-defined]
    refusal(
        lambda: quietly(Benchmark(locked, agent)),
        "cannot be sent",
        "lock",
        "InstanceFactory",
        error=TaskError,
    )
    factory = InstanceFactory(module="tests.real.process_tasks.Elsewhere", parameters={"home": os.getpid()})
    refusal(lambda: quietly(Benchmark(factory, agent)), "does not start", "not at home", error=CrashError)
    refusal(lambda: quietly(Benchmark(Processes([0]), agent), workers=0), "1 or more", error=TaskError)


#: What a notebook's cells or a script hold: nothing in it can be imported.
SCRIPT = """
import os, sys
from edsl_nb.tasks import Benchmark, Task, TaskSampleExecutionResult
GREETING = "hello"
class Here(Task):
    def __init__(self): super().__init__("here")
    def get_indices(self): return [0, 1]
    async def start_sample(self, index, session):
        output = await session.action({"role": "user", "content": GREETING})
        if output.content != "fine":
            with open(output.content, "w") as note:
                note.write(str(os.getpid()))
            import time; time.sleep(3600)
        return TaskSampleExecutionResult(result=output.content)
    def calculate_overall(self, results): return {}
results = Benchmark(Here(), lambda history: sys.argv[1]).run(workers=1, progress_bar=False)
print([sample.result for sample in results])
"""


def script(word: str, home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, word], cwd=ROOT, text=True,
        env=clean_environment(EDSL_NB_HOME=str(home)), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_task_that_only_a_notebook_or_a_script_has_goes_along(private_home: Path) -> None:
    told, complaints = script("fine", private_home).communicate(timeout=60)
    assert (told, complaints) == ("['fine', 'fine']\n", "")


def test_processes_die_with_whoever_has_started_them(private_home: Path, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = script(str(note), private_home)
    wait_until(lambda: note.exists() and note.read_text().strip() != "")
    copy = int(note.read_text())
    assert psutil.pid_exists(copy)
    program.kill()
    program.communicate()
    wait_until(lambda: not psutil.pid_exists(copy))
