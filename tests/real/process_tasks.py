"""Tasks that are played in processes of their own, which import this module and so little else."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from edsl_nb.tasks import Session, Task, TaskOutput, TaskSampleExecutionResult

USER = {"role": "user", "content": "hello"}


class Processes(Task):
    """A task that does what its indices say."""

    played = 0

    def __init__(self, indices: Any, concurrency: int = 1, folder: str = "") -> None:
        super().__init__("processes", concurrency)
        self.indices, self.folder = list(indices), folder

    def get_indices(self) -> Any:
        return self.indices

    async def start_sample(self, index: Any, session: Session) -> TaskSampleExecutionResult:
        type(self).played += 1
        print("plays", index)
        what = str(index).partition(" ")[0]
        if what == "meet":  # ends only when another one is being played at the same time
            self._meet(index)
        output = await session.action(USER)
        if what == "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
            signal.pause()
        if what == "leave":
            os._exit(3)
        if what == "exit":
            exit(4)
        if what == "raise":
            raise ValueError("on purpose")
        if what == "shell":
            self._shell()
        if what == "block":
            self._block()
        if what == "long":
            for turn in range(6):
                await session.action({"role": "user", "content": f"{turn}" * 900})
        return TaskSampleExecutionResult(result=[os.getpid(), self.played, output.content])

    def _meet(self, index: Any) -> None:
        self._note(f"{index}.begun")
        while len(list(Path(self.folder).glob("*.begun"))) < 2:
            time.sleep(0.01)

    def _shell(self) -> None:
        os.system("echo from a shell")

    def _block(self) -> None:
        self._note(f"{os.getpid()}.blocks")
        time.sleep(3600)

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        return {"n": len(results), "pid": os.getpid()}

    def release(self) -> None:
        if self.folder:
            self._note(f"{os.getpid()}.released")

    def _note(self, name: str) -> None:
        (Path(self.folder) / name).touch()


class Elsewhere(Task):
    """A task that cannot be made in another process than this."""

    def __init__(self, home: int) -> None:
        super().__init__("elsewhere")
        if os.getpid() != home:
            raise RuntimeError("not at home")

    def get_indices(self) -> Any:
        return [0]
