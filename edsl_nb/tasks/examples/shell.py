"""An operating-system task: shell commands in a sandbox, to find something out or to put something right."""

from __future__ import annotations

from typing import Any

from edsl_nb.tasks.examples.problems import data, is_right, of_split, share
from edsl_nb.tasks.examples.replies import ask, cut, ended_early, read_reply
from edsl_nb.tasks.examples.sandbox import Sandbox, check_sandbox, sandbox
from edsl_nb.tasks.session import Session
from edsl_nb.tasks.task import Task
from edsl_nb.tasks.typings import (
    AgentOutputStatus,
    SampleIndex,
    SampleStatus,
    TaskError,
    TaskOutput,
    TaskSampleExecutionResult,
)

_OPENING = """You use a Linux machine by shell commands to do what you are asked. In each turn write one of:

- commands for bash in a block of code, whose output I show you, such as
```bash
ls -l
```
- when you know the answer, or have done what is to be done, a line such as
Answer: 42
Answer: done

Every block runs in a new shell, in your home folder, for five seconds at most. Files stay; programs do not.

What is asked: {question}"""

_AGAIN = "Write commands in a block of code, or a line that begins with Answer: to end."


class ShellTask(Task):
    """Find something out about files, or put something right, by shell commands.

    Commands run by bubblewrap in a sandbox of the sample's own: no network, none of this machine's
    files but its programs, and limits of time, memory and disk. Answers are compared as texts or as
    numbers; what is to be done is checked in the sandbox afterwards.

    Parameters:
        split: ``dev`` for 5 samples, ``test`` for 10 others.
        turns: how many turns there are for each.
        concurrency: how many samples may run at once.
        name: the task's name in results.

    Raises:
        TaskError: there is no isolation on this machine; nothing is run without it.
    """

    def __init__(self, split: str = "dev", turns: int = 8, concurrency: int = 4, name: str = "shell") -> None:
        super().__init__(name, concurrency)
        problems = of_split(data("shell.json"), split)
        check_sandbox()
        self.problems: dict[str, dict[str, Any]] = {problem["index"]: problem for problem in problems}
        self.turns = turns

    def get_indices(self) -> list[SampleIndex]:
        return list(self.problems)

    def opening(self, index: SampleIndex) -> str:
        """What a sample says first."""
        return _OPENING.format(question=self.problems[str(index)]["question"])

    def solution(self, index: SampleIndex) -> list[str]:
        """What an agent says that knows the answer."""
        problem = self.problems[str(index)]
        commands = [f"```bash\n{command}\n```" for command in problem["solution"]]
        return [*commands, f"Answer: {problem.get('answer', 'done')}"]

    async def start_sample(self, index: SampleIndex, session: Session) -> TaskSampleExecutionResult:
        problem, said = self.problems[str(index)], self.opening(index)
        async with sandbox() as box:
            prepared = await box.run(problem["setup"])
            if prepared.code != 0:
                raise TaskError(f"the sample cannot be prepared: {prepared.output}", field="setup")
            for turn in range(1, self.turns + 1):
                output = await ask(session, said)
                if output.status != AgentOutputStatus.NORMAL:
                    return ended_early(output)
                reply = read_reply(output.content or "")
                if reply.answer is not None:
                    right = await _is_right(problem, reply.answer, box)
                    return TaskSampleExecutionResult(result={"right": right, "answer": reply.answer})
                if reply.code is None:
                    said = _AGAIN
                    continue
                try:
                    ran = await box.run(reply.code)
                except TaskError as gone:  # which is the agent's own doing
                    return TaskSampleExecutionResult(
                        status=SampleStatus.AGENT_INVALID_ACTION, result={"right": False, "error": str(gone)}
                    )
                said = cut(ran.output) or "No output."
                if ran.code:
                    said = f"Exit code {ran.code}. {said}"
                print(f"turn {turn}: {reply.code}\n{said}")
        status = SampleStatus.TASK_LIMIT_REACHED
        return TaskSampleExecutionResult(status=status, result={"right": False, "answer": None})

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        return {"accuracy": share([is_right(output) for output in results])}


async def _is_right(problem: dict[str, Any], answer: str, box: Sandbox) -> bool:
    """Whether an answer is right, or what was to be done has been done."""
    if "check" not in problem:
        return _same(answer, problem["answer"])
    try:
        return (await box.run(problem["check"])).code == 0
    except TaskError:
        return False


def _same(answer: str, wanted: str) -> bool:
    answer = answer.strip().strip("`'\".").strip()
    try:
        return float(answer) == float(wanted)
    except ValueError:
        return answer.casefold() == wanted.casefold()
