"""`run_task`: one task, one agent, and nothing around it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from edsl_nb.tasks.benchmark import Benchmark
from edsl_nb.tasks.typings import SampleIndex, TaskError, TaskOutput


class TaskRun(NamedTuple):
    """What came of one task with one agent.

    Parameters:
        outputs: of the samples that have ended by themselves, in the order of indices.
        overall: their score, in AgentBench's form; see `edsl_nb.tasks.scoring.overall`.
    """

    outputs: list[TaskOutput]
    overall: dict[str, Any]


def run_task(task: Any, agent: Any, indices: Iterable[SampleIndex] | None = None) -> TaskRun:
    """Run a task with an agent, wait, and return what came of it. The task is not released.

    `Benchmark` does the same for several at once, shows progress, resumes, and keeps logs.

    Parameters:
        task: the task.
        agent: who plays: a model, a function or coroutine from a history to a text,
            or an object with ``inference``.
        indices: the samples to be played; None for all.

    Returns:
        Outputs and score. Where samples have failed, a warning says so, and the score is marked partial.

    Raises:
        TaskError: task, agent or indices are not what they have to be.

    Example:
        >>> from edsl_nb.tasks.examples import CodeTask, consistent_player
        >>> run_task(CodeTask(), consistent_player, indices=[0]).outputs[0].status.value
        'completed'
    """
    benchmark = Benchmark(task)
    benchmark.by(agent)
    if len(benchmark.tasks) != 1 or len(benchmark.agents) != 1:
        raise TaskError(
            "one task and one agent are wanted",
            field="run_task",
            value=[len(benchmark.tasks), len(benchmark.agents)],
            remedy="Use Benchmark(tasks).by(agents).run() for several.",
        )
    try:
        results = benchmark.run(indices=indices, progress_bar=False)
    finally:
        benchmark.dismiss()
    (score,) = results.overall.values()
    return TaskRun(results.outputs, score)
