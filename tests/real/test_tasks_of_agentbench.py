"""A task written for AgentBench v0.2, with the habits of the original's, whose files nobody has touched."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from edsl_nb.tasks import Benchmark, BenchmarkResults

#: The framework itself lies beside the task, and must not be run.
FRAMEWORK = "raise RuntimeError('the original is not to be run')"

#: A database driver as they are: it blocks, and listens on a socket by `accept`.
DRIVER = """
import socket, sqlite3, threading, time

class Driver:
    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        db = sqlite3.connect(":memory:")
        db.execute("create table goods (name text, n int)")
        db.executemany("insert into goods values (?, ?)", [("apple", 3), ("pear", 5)])
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            with client:
                client.sendall(repr(db.execute(client.recv(65536).decode()).fetchall()).encode())

    def execute(self, sql):
        time.sleep(0.01)
        with socket.create_connection(self.server.getsockname()) as connection:
            connection.sendall(sql.encode())
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(65536).decode()
"""

TASK = """
import random
import re
from typing import Any, Dict, List

from src.server.task import Session, Task
from src.typings import (
    AgentBenchException, AgentContextLimitException, AgentOutputStatus, InstanceFactory, SampleStatus,
    TaskOutput, TaskSampleExecutionResult,
)
from src.typings.general import ChatHistoryItem

from .driver import Driver

class Warehouse(Task):
    order = []

    def __init__(self, max_round=4, **configs):
        super().__init__(**configs)
        self.max_round = max_round
        self.driver = Driver()
        self.dataset = [("apple", "[(3,)]"), ("pear", "[(5,)]"), ("plum", "[]")]

    def get_indices(self) -> List[Any]:
        return list(range(6))

    async def start_sample(self, index: int, session: Session) -> TaskSampleExecutionResult:
        Warehouse.order.append(index)
        random.seed(index)
        if index == 3:
            return {"status": "completed", "result": 1}
        if index == 4:
            await session.action({"role": "user", "content": "hello"})
            print("server away")
            exit(0)
        name, answer = self.dataset[index % 3]
        session.inject({"role": "user", "content": "Use SQL. Final: rows to end."})
        session.inject(ChatHistoryItem(role="agent", content="Ok."))
        session.inject([{"role": "user", "content": "How many %s?" % name}])
        finish, said = SampleStatus.TASK_LIMIT_REACHED, None
        try:
            for _ in range(self.max_round):
                res = await session.action()
                if res.status == AgentOutputStatus.CANCELLED:
                    return TaskSampleExecutionResult(status=SampleStatus.UNKNOWN, result="cancelled")
                if res.status == SampleStatus.AGENT_CONTEXT_LIMIT:  # across the two enums
                    return TaskSampleExecutionResult(status=SampleStatus.AGENT_CONTEXT_LIMIT)
                sql = re.search("SQL: (.*)", res.content)
                if sql:
                    session.inject({"role": "user", "content": self.driver.execute(sql[1])})
                    session.history[-1].content += " "
                elif "Final:" in res.content:
                    finish, said = SampleStatus.COMPLETED, res.content.split(":")[1].strip()
                    break
                else:
                    finish = SampleStatus.AGENT_VALIDATION_FAILED
                    break
        except Exception as e:
            return TaskSampleExecutionResult(status=SampleStatus.UNKNOWN, result=str(e))
        result = {"answer": said, "right": said == answer}
        return TaskOutput(index=999, status=finish, result=result, history=[])

    def calculate_overall(self, results: List[TaskOutput]) -> Dict[str, Any]:
        turns = 0
        for i in range(len(results)):
            results[i].status += "Correct"
            turns += len(results[i].history)
            results[i].history[:] = []
        right = [r for r in results if isinstance(r.result, dict) and r.result["right"]]
        return {"overall": {"acc": len(right) / len(self.get_indices())}, "turns": turns, "first": right[:1]}

    def release(self):
        self.driver.server.close()
"""

AGENT = """
from src.client.agent import AgentClient
from src.typings import AgentContextLimitException

class Knows(AgentClient):
    def __init__(self, patience=None, **kw):
        super().__init__(**kw)
        self.patience = patience

    def inference(self, history):
        last = history[-1]["content"]
        if self.patience is not None and len(history) > self.patience:
            raise AgentContextLimitException()
        if last.startswith("How many"):
            return "SQL: select n from goods where name = '%s'" % last.split()[2][:-1]
        return "Final: " + last
"""

CONFIG = """
definition:
  task:
    overwrite: {module: src.server.tasks.warehouse.Warehouse}
    wh-std: {parameters: {name: wh-std, concurrency: 3}}
  agent:
    default: {module: src.client.agents.knows.Knows}
    good: {parameters: {}}
    impatient: {parameters: {patience: 3}}
concurrency:
  task: {wh-std: 5}
  agent: {good: 4, impatient: 2}
assignments: [{agent: [good, impatient], task: wh-std}]
output: out
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "src/__init__.py": FRAMEWORK,
        "src/server/__init__.py": FRAMEWORK,
        "src/server/tasks/warehouse/__init__.py": "from .task import Warehouse",
        "src/server/tasks/warehouse/task.py": TASK,
        "src/server/tasks/warehouse/driver.py": DRIVER,
        "src/client/agents/knows.py": AGENT,
        "assignment.yaml": CONFIG,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.filterwarnings("ignore:.*have no answer")
@pytest.mark.parametrize("workers", [None, 2])
def test_a_task_of_agentbench_runs_untouched(folder: Path, workers: int | None) -> None:
    benchmark = Benchmark.from_config("assignment.yaml")
    results: BenchmarkResults = benchmark.run(workers=workers, progress_bar=False)
    assert [sample.outcome for sample in results if sample.agent == "good"] == [
        "completed", "completed", "completed", "task error", "task error", "completed",
    ]  # fmt: skip
    assert results.sample(1, agent="good").result == {"answer": "[(5,)]", "right": True}
    assert [sample.outcome for sample in results if sample.agent == "impatient"] == [
        *["agent context limit"] * 3, "task error", "task error", "agent context limit",
    ]  # fmt: skip
    assert "returned a dict" in str(results.sample(3).error)
    assert results.sample(4).error == "SystemExit: 0" and "server away" in results.log(4)
    custom = results.overall["good", "wh-std"]["custom"]
    # What it did to the outputs was done to copies, and may be part of what it returns.
    assert custom["overall"] == {"acc": 4 / 6} and custom["turns"] == 26
    assert custom["first"][0]["status"] == "completedCorrect" and custom["first"][0]["history"] == []
    assert [output.index for output in results.outputs] == [*range(6)] * 2
    lines = (folder / "out" / "good" / "wh-std" / "runs.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["index"] for line in lines) == list(range(6))
    assert sorted(benchmark.tasks[0].order) == ([] if workers else sorted([*range(6)] * 2))
    assert not any(name.partition(".")[0] == "src" for name in sys.modules)


def test_the_folder_is_gone_on_with_and_the_scores_are_the_same(folder: Path) -> None:
    def scores() -> Any:
        made = Benchmark.from_config("assignment.yaml")
        return made.run(progress_bar=False).overall, made.tasks[0].order

    with pytest.warns(Warning, match="4 of 12 samples have no answer"):
        first, played = scores()
    assert len(played) == 12
    with pytest.warns(Warning, match="4 of 12 samples have no answer"):
        second, played = scores()
    assert (second, played) == (first, [])
