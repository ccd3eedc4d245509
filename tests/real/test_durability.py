"""A job whose process is killed again and again: every answer is there, once, and was paid for once."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import Jobs, Model
from edsl_nb.runner.store import store
from tests.isolation import clean_environment
from tests.real.openai_server import Answer, Asked, OpenAIServer, completion, serve
from tests.real.run_tools import PATIENCE, wait_until

ROOT = Path(__file__).parents[2]

KILLS = 50
INTERVIEWS = 200

#: Forks a process for each line that it reads, which is quicker than starting Python anew. A line is what the
#: process does, and the address of the server.
_FORKS = """
import json, os, signal, sys
from tests.real.test_durability import job_at
from edsl_nb import Jobs
import edsl_nb.models.http, aiohttp, edsl_nb.notebook.watch
for line in sys.stdin:
    what, url = json.loads(line)
    child = os.fork()
    if child == 0:
        job = job_at(url)
        if what == "run":
            run = job.start(progress_bar=False)
        else:
            run = Jobs.resume(what, progress_bar=False)
        run.wait()
        os._exit(0 if run.progress.state == "completed" else 1)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


def job_at(url: str, prefix: str = "") -> Jobs:
    """A job of 200 interviews of two questions, no two prompts alike; the second needs the first's answer."""
    from edsl_nb import QuestionFreeText, QuestionMultipleChoice, ScenarioList, Survey

    survey = Survey([
        QuestionMultipleChoice("likes", f"{prefix}Do you like {{{{ scenario.thing }}}}?", ["Yes", "No"]),
        QuestionFreeText("why", f"{prefix}Why {{{{ likes.answer }}}} to {{{{ scenario.thing }}}}?"),
    ])  # fmt: skip
    scenarios = ScenarioList.from_list("thing", [f"thing {i}" for i in range(INTERVIEWS)])
    return survey.by(scenarios, Model("m", service_name="openai", base_url=url, api_key="k"))


def said(prompt: str) -> str:
    """What the server says to a prompt."""
    return "Yes" if "Do you like" in prompt else f"Because: {prompt.partition('?')[0]}"


class Rationed(OpenAIServer):
    """Answers as many requests as it may, a few milliseconds later, and lets the others wait."""

    def ration(self, answers: int) -> None:
        """Let it answer so many requests more."""
        self.left = answers
        self.spent = threading.Event()

    def answer(self, asked: Asked) -> Answer:
        self.left -= 1
        if self.left <= 0:
            self.spent.set()
        return Answer(completion(said(asked.prompt)), latency=0.005 if self.left >= 0 else 3600)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with serve() as made:
        yield made


class Forks:
    """A process that forks, prepared so that its children start at once."""

    def __init__(self, home: Path, url: str) -> None:
        self._url = url
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore::DeprecationWarning", "-c", _FORKS],
            cwd=ROOT, env=clean_environment(PYTHONPATH=str(ROOT), EDSL_NB_HOME=str(home), OPENAI_API_KEY="k"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def start(self, what: str) -> int:
        """Start a child. Returns its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([what, self._url]) + "\n")
        self._process.stdin.flush()
        return self._number()

    def end(self) -> int:
        """Wait for the child's end. Returns its status."""
        return self._number()

    def _number(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def written(path: Path) -> Counter[str]:
    """The prompts of the replies in the store, which are committed."""
    if not path.exists():
        return Counter()
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        try:
            rows = connection.execute("SELECT messages FROM replies").fetchall()
        except sqlite3.OperationalError as nothing:
            assert "no such table" in str(nothing)
            return Counter()
    return Counter(json.loads(messages)[1][-1][1] for (messages,) in rows)


def last_run(path: Path) -> str | None:
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        row = connection.execute("SELECT id FROM runs ORDER BY created DESC LIMIT 1").fetchone()
    return row and row[0]


def sound(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def whole(results: Any) -> None:
    """Check that every answer is there, once, and the right one."""
    rows = results.select("scenario.thing", "answer.likes", "answer.why", "prompt.why_user_prompt").to_list()
    assert [row[0] for row in rows] == [f"thing {i}" for i in range(INTERVIEWS)]
    assert all(row[1] == "Yes" for row in rows)
    assert all(row[2] == said(row[3]) and row[2].endswith(f"Yes to {row[0]}") for row in rows)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.timeout(180)
def test_a_job_that_is_killed_fifty_times(server: OpenAIServer, private_home: Path) -> None:
    chance = random.Random(7)
    rationed = Rationed()
    server.respond = rationed.answer
    path = private_home / "store.sqlite3"
    forks = Forks(private_home, server.url)
    try:
        for _ in range(KILLS):
            before = written(path)
            server.asked.clear()
            rationed.ration(chance.randrange(14))
            unfinished = last_run(path) if before else None
            child = forks.start(unfinished if unfinished and chance.random() < 0.4 else "run")
            rationed.spent.wait(chance.choice([0.05, PATIENCE, PATIENCE]))
            time.sleep(chance.uniform(0, 0.02))
            os.kill(child, signal.SIGKILL)
            assert forks.end() == signal.SIGKILL, "it was to be killed before it could finish"
            again = before.keys() & set(server.prompts)
            assert not again, "a reply that had been written was asked for again"
        assert sound(path)
        before = written(path)
        assert 30 < before.total() < INTERVIEWS * 2
        server.asked.clear()
        rationed.ration(10**6)
        child = forks.start("run")
        assert forks.end() == 0
    finally:
        forks.close()
    assert Counter(server.prompts) == written(path) - before
    counts = written(path)
    assert (len(counts), counts.total()) == (2 * INTERVIEWS, 2 * INTERVIEWS)
    assert sound(path)
    server.asked.clear()
    whole(job_at(server.url).run(progress_bar=False))
    for row in Jobs.runs():
        whole(Jobs.resume(row["run_id"], progress_bar=False).result())
    assert server.asked == []


_SHARING = """
import sys
from tests.real.test_durability import job_at
job = job_at(sys.argv[1], sys.argv[2])
sys.stdin.readline()
assert len(job.run(progress_bar=False)) == 200
print(job.last_run.id)
"""


@pytest.mark.timeout(120)
def test_processes_that_use_one_store_at_once_lose_nothing(
    server: OpenAIServer, private_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    server.latency = 0.005
    server.respond = lambda asked: Answer(completion(said(asked.prompt)))
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _SHARING, server.url, prefix],
            cwd=ROOT, env=clean_environment(PYTHONPATH=str(ROOT), EDSL_NB_HOME=str(private_home)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for prefix in ("", "Please. ", "Please. ")
    ]  # fmt: skip
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ids = [process.communicate(timeout=100)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    path = store().path
    assert sound(path)
    assert len(written(path)) == 4 * INTERVIEWS
    for run_id in ids:
        whole(Jobs.resume(run_id, progress_bar=False).result())
    assert written(path) == Counter(server.prompts)


def test_a_full_disk_in_the_middle_keeps_what_there_is(
    server: OpenAIServer, private_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edsl_nb.core.errors import StoreError
    from edsl_nb.runner import schema
    from edsl_nb.runner import store as store_module

    real = schema.connect
    rationed = Rationed()
    rationed.ration(100)
    server.respond = rationed.answer

    def small(*given: Any) -> sqlite3.Connection:
        connection = real(*given)
        connection.execute("PRAGMA max_page_count = 40")  # what SQLite then says is "disk is full"
        return connection

    job = job_at(server.url)
    with monkeypatch.context() as patch:
        patch.setattr(store_module, "connect", small)
        server.respond = lambda asked: Answer(completion(said(asked.prompt), more="x" * 2000))
        run = job.start(progress_bar=False)
        with pytest.raises(StoreError, match="make room"):
            run.result()
        assert run.results.partial
        kept = len(run.results)
    store().close()
    before = written(store().path)
    server.asked.clear()
    wait_until(lambda: run.done)
    whole(job.run(progress_bar=False))
    assert not before.keys() & set(server.prompts)
    assert kept <= before.total()
