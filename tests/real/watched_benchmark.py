"""A benchmark that one process runs and another looks on at; either imports it from here.

python -m tests.real.watched_benchmark FOLDER    # runs it; samples wait for the file FOLDER/go
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from edsl_nb.runner import lease
from edsl_nb.tasks import Benchmark, ChatHistoryItem, Session, Task, TaskOutput, TaskSampleExecutionResult
from tests.real.run_tools import wait_until


class Waits(Task):
    """Samples that wait for a file, but for the first so many; the sample 1 fails."""

    def __init__(self, name: str, samples: int, at_once: int, folder: Path) -> None:
        super().__init__(name, concurrency=20)
        self.samples, self.at_once, self.go = samples, at_once, folder / "go"

    def get_indices(self) -> Any:
        return list(range(self.samples))

    async def start_sample(self, index: Any, session: Session) -> TaskSampleExecutionResult:
        while index >= self.at_once and not self.go.exists():  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.02)
        output = await session.action({"role": "user", "content": f"sample {index}"})
        if index == 1:
            raise ValueError("on purpose")
        return TaskSampleExecutionResult(result=output.content)

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        return {"answered": sum(isinstance(one.result, str) and "echo" in one.result for one in results)}


def echo(history: list[ChatHistoryItem]) -> str:
    return f"echo: {history[-1].content}"


def benchmark(folder: Path) -> Benchmark:
    """Two tasks: all of the one are played at once, and of the other two of five."""
    return Benchmark([Waits("quick", 3, 3, folder), Waits("slow", 5, 2, folder)], echo)


def main() -> None:
    """Run it, and say its id and how it has ended."""
    lease.BEAT = 0.1
    with benchmark(Path(sys.argv[1])) as made:
        run = made.start(progress_bar=False)
        wait_until(lambda: run.progress.items_done == 5)
        print(run.id, flush=True)
        run.wait()
        print(run.progress.state, flush=True)


if __name__ == "__main__":
    main()
