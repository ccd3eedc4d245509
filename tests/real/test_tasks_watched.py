"""A benchmark that another process runs: its matrix and its samples fill here while it goes on there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import comm
import pytest

from edsl_nb.core.errors import EdslNbWarning
from edsl_nb.runner import attached, ledger
from edsl_nb.tasks import Benchmark
from edsl_nb.widgets.render import widget
from tests.isolation import clean_environment
from tests.real.run_tools import PATIENCE, wait_until
from tests.real.watched_benchmark import benchmark
from tests.unit.widget_fakes import RecordingComm, ask_page

ROOT = Path(__file__).parents[2]


class Owner:
    """The process that runs the benchmark."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.real.watched_benchmark", str(folder)],
            cwd=ROOT, env=clean_environment(PYTHONPATH=str(ROOT), EDSL_NB_HOME=str(home)),
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.run_id = self.line()

    def line(self) -> str:
        """What it says next."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def owner(tmp_path: Path, private_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Owner]:
    monkeypatch.setattr(attached, "_LOOK", 0.1)
    monkeypatch.setattr(comm, "create_comm", RecordingComm)
    started = Owner(tmp_path, private_home)
    yield started
    started.process.kill()
    started.process.communicate()


@pytest.fixture
def looking_on(tmp_path: Path) -> Iterator[Benchmark]:
    with benchmark(tmp_path) as made:
        yield made


def standing(shown: Any, task: str) -> tuple[int, int, dict[str, int], list[Any]]:
    """How far a task is in the matrix, how its samples have ended, and its score."""
    pair = next(pair for pair in shown.board["pairs"] if pair["task"] == task)
    outcomes = {one["outcome"]: one["count"] for one in pair["outcomes"]}
    return pair["ended"], pair["total"], outcomes, [one["value"] for one in pair["figures"]]


def test_the_matrix_of_another_processs_benchmark_is_live(
    owner: Owner, looking_on: Benchmark, tmp_path: Path
) -> None:
    run = looking_on.resume(owner.run_id, progress_bar=False)
    shown: Any = widget(run)
    wait_until(lambda: standing(shown, "slow")[0] == 2 and standing(shown, "quick")[3] != [])
    assert owner.process.poll() is None and run.progress.state == "running"
    # What is complete is scored, what is not is not.
    assert standing(shown, "quick") == (3, 3, {"completed": 2, "task error": 1}, [2])
    assert standing(shown, "slow") == (2, 5, {"completed": 1, "task error": 1}, [])

    wait_until(lambda: shown.table["rows"] == 5)
    ask_page(shown)
    rows = [row["cells"][:3] for row in shown.comm.reply("page")["rows"]]
    assert sorted(rows) == [["quick", "echo", i] for i in range(3)] + [["slow", "echo", i] for i in range(2)]

    (tmp_path / "go").touch()
    assert owner.line() == "completed"
    assert run.wait(PATIENCE)
    wait_until(lambda: shown.progress["state"] == "completed")
    assert standing(shown, "slow") == (5, 5, {"completed": 4, "task error": 1}, [4])
    assert shown.table["rows"] == 8
    shown.close()


async def test_samples_of_another_processs_benchmark_come_as_they_end(
    owner: Owner, looking_on: Benchmark, tmp_path: Path
) -> None:
    run = looking_on.resume(owner.run_id, progress_bar=False)
    there: list[tuple[str, Any]] = []
    async for sample in run:
        there.append((sample.task, sample.index))
        if len(there) == 3:  # all that have ended and will not be played again
            assert owner.process.poll() is None
            (tmp_path / "go").touch()
    assert sorted(there) == [("quick", i) for i in range(3)] + [("slow", i) for i in range(5)]
    assert len(there) == len(set(there))
    assert len(run.results) == 8


def test_what_a_killed_process_has_played_is_there(owner: Owner, looking_on: Benchmark) -> None:
    run = looking_on.resume(owner.run_id, progress_bar=False)
    shown: Any = widget(run)
    wait_until(lambda: shown.table["rows"] == 5)
    owner.process.kill()
    with pytest.warns(EdslNbWarning, match="is gone"):
        assert len(run.result()) == 5
    assert standing(shown, "slow")[:2] == (2, 5)
    shown.close()


def test_a_process_that_ends_between_two_looks_has_not_left_its_run(
    owner: Owner, looking_on: Benchmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read of a run, and whether its process lives, is found out one after the other."""
    read = ledger.snapshot_of
    looks: list[bool] = []

    def as_if_it_had_ended_just_then(store: Any, run_id: str) -> Any:
        run, seen = read(store, run_id)
        looks.append(True)
        return (run._replace(owner="gone"), seen) if len(looks) == 2 else (run, seen)

    monkeypatch.setattr(attached.ledger, "snapshot_of", as_if_it_had_ended_just_then)
    run = looking_on.resume(owner.run_id, progress_bar=False)
    wait_until(lambda: len(looks) > 3)
    (tmp_path / "go").touch()
    assert run.wait(PATIENCE)
    assert (run.progress.state, len(run.results)) == ("completed", 8)
