"""`Task`: a set of samples, each a conversation with an agent, and how they are scored."""

from __future__ import annotations

from typing import Any

from edsl_nb.tasks.session import Session
from edsl_nb.tasks.typings import SampleIndex, TaskOutput, TaskSampleExecutionResult


class Task:
    """AgentBench's interface of a benchmark. Subclass it and implement its methods.

    A task's methods run in a thread of the task's own, `start_sample` on an event
    loop there, so that a task that blocks holds up nobody else. That is not the
    thread in which the task is made: what is bound to a thread, such as a
    connection of `sqlite3`, is to be made in the methods.

    Parameters:
        name: the task's name in results.
        concurrency: how many of its samples may run at once.
        args, kwargs: taken and passed over, for subclasses that hand all on.

    Example:
        >>> class Sums(Task):
        ...     def get_indices(self):
        ...         return [1, 2, 3]
        ...
        ...     async def start_sample(self, index, session):
        ...         output = await session.action({"role": "user", "content": f"{index} + 1 = ?"})
        ...         return TaskSampleExecutionResult(result=output.content)
        ...
        ...     def calculate_overall(self, results):
        ...         return {"right": sum(r.result == str(r.index + 1) for r in results)}
    """

    def __init__(self, name: str, concurrency: int = 1, *args: Any, **kwargs: Any) -> None:
        self.name = name
        self.concurrency = concurrency

    def get_indices(self) -> list[SampleIndex]:
        """The indices of all samples: different whole numbers or texts. Called whenever a run starts."""
        raise NotImplementedError

    async def start_sample(self, index: SampleIndex, session: Session) -> TaskSampleExecutionResult:
        """Play one sample.

        Parameters:
            index: the sample's index.
            session: the conversation with the agent.

        Returns:
            How it has ended, and its result.
        """
        raise NotImplementedError

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        """The score of samples that have ended.

        Parameters:
            results: what came of them; copies, which may be changed.
        """
        raise NotImplementedError

    def release(self) -> None:
        """Clean up after everything, such as containers that samples have used. Called once."""
