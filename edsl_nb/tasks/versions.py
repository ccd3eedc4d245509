"""Tasks of other versions of AgentBench than 0.2: what they are known by, and how they are ported."""

from __future__ import annotations

from edsl_nb.core.errors import warn
from edsl_nb.tasks.task import Task
from edsl_nb.tasks.typings import TaskError

#: What tasks of version 0.1 have, in the order of the steps in which they are ported.
_OLD = ("get_data", "predict_single", "predict_all")

#: What tasks that came after version 0.2 have: they call functions, and speak of messages and tools.
_FUNCTION_CALLING = ("sync_start_sample", "start_sample_custom", "full_async")

#: The package that such tasks are made with.
_AGENTRL = "agentrl"


def check_version(task: object) -> None:
    """Raise a TaskError for a task of another version, which says how to port it.

    A task that has been ported may keep the old methods as its own.
    """
    if _calls_functions(task):
        raise TaskError(
            f"{type(task).__name__} is a task of AgentBench's function-calling version, whose agents are "
            "given tools and answer with messages, while here they answer with a text",
            field="tasks",
            value=task,
            remedy="Take the task from AgentBench's branch v0.2, or port it: subclass edsl_nb.tasks.Task, "
            "write the tools into the text of the first turn, and read the call from AgentOutput.content.",
        )
    old = [name for name in _OLD if callable(getattr(task, name, None))]
    if old and not _is_ported(task):
        raise TaskError(
            f"{type(task).__name__} is a task of AgentBench v0.1: it has {_listed(old)}",
            field="tasks",
            value=task,
            remedy=" ".join(f"({number}) {step}" for number, step in enumerate(_steps(task, old), 1)),
        )
    if "predict_all" in old:
        warn(f"predict_all of task {type(task).__name__} is not called: samples are played one by one.")


def _calls_functions(task: object) -> bool:
    made_with = any(base.__module__.partition(".")[0] == _AGENTRL for base in type(task).__mro__)
    return made_with or any(hasattr(task, name) for name in _FUNCTION_CALLING)


def _is_ported(task: object) -> bool:
    return all(
        getattr(type(task), name, None) not in (None, getattr(Task, name))
        for name in ("get_indices", "start_sample")
    )


def _steps(task: object, old: list[str]) -> list[str]:
    """The three steps, each naming the method that is there."""

    def named(*names: str) -> str:
        there = [name for name in names if hasattr(type(task), name)]
        return _listed(there) if there else names[0]

    steps = [
        f"From {named('get_data')} to get_indices: load the data in __init__, such as self.data = ..., and "
        "have get_indices return list(range(len(self.data))).",
        f"From {named('predict_single')} to start_sample: make it "
        "`async def start_sample(self, index, session)`, write `output = await session.action(...)` and use "
        "output.content, and return TaskSampleExecutionResult(status=SampleStatus.COMPLETED, result=...).",
        f"From {named('metrics')} to calculate_overall(results), which may call self.metrics with the "
        "results and the targets in self.data.",
    ]
    if "predict_all" in old:
        steps[1] += (
            " Leave predict_all out: samples are played one by one, as many at once as concurrency says."
        )
    return steps


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
