"""The examples of docs/tasks.md, run one after the other in an empty folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from edsl_nb.tasks import SampleStatus, serving
from edsl_nb.tasks.request import BenchmarkRequest
from tests.real.agentbench_controller import controller
from tests.real.run_tools import wait_until

DOCS = Path(__file__).parents[2] / "docs" / "tasks.md"
PAGE = DOCS.read_text()
CONTROLLER = "http://127.0.0.1:5000/api"

#: What the page takes for granted: a task in AgentBench's own files.
MY_TASK = """
from src.server.task import Session, Task
from src.typings import SampleStatus, TaskSampleExecutionResult

class MyTask(Task):
    def get_indices(self):
        return [0, 1]

    async def start_sample(self, index, session: Session):
        output = await session.action({"role": "user", "content": str(index)})
        return TaskSampleExecutionResult(status=SampleStatus.COMPLETED, result=output.content)

    def calculate_overall(self, results):
        return {"n": len(results)}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(serving, "HEARTBEAT", 0.2)
    path = tmp_path / "src" / "server" / "tasks" / "my_task.py"
    path.parent.mkdir(parents=True)
    path.write_text(MY_TASK)
    (configuration,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "assignment.yaml").write_text(configuration)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.filterwarnings("ignore::edsl_nb.core.errors.EdslNbWarning")
def test_the_examples_of_the_documentation_work(folder: Path) -> None:
    # As in a notebook, whose classes go to processes as they are.
    names: dict[str, Any] = {"__name__": "__main__"}
    examples = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 7
    with controller() as genuine:
        for example in examples:
            for part in re.split(r"(?m)^(?=far = )", example):
                exec(compile(part.replace(CONTROLLER, genuine.url), DOCS.name, "exec"), names)
                if "server" in names and "far" not in names:  # a reader takes longer
                    wait_until(lambda: names["server"].registered)
        names["benchmark"].close()
        names["imports"].close()
    assert names["again"].overall["knows", "sums"]["custom"] == {"right": 1.0}
    assert names["results"].overall["knows", "sums"]["custom"] == {"right": 1.0}
    assert (folder / "saved" / "knows" / "sums" / "overall.json").exists()
    assert (folder / "runs" / "test" / "sums" / "runs.jsonl").read_text().count("\n") == 20
    (run,) = (folder / "outputs").glob("*")
    assert {path.name for path in run.iterdir()} == {"first", "second"}


def test_every_keyword_of_a_run_and_every_outcome_is_told() -> None:
    missing = [name for name in BenchmarkRequest.__dataclass_fields__ if f"`{name}=" not in PAGE]
    assert missing == []
    assert all(f"`{status.value}`" in PAGE for status in (SampleStatus.TASK_ERROR, SampleStatus.UNKNOWN))
