"""Layer 3: tasks in AgentBench's form, and benchmarks of agents that play them."""

from __future__ import annotations

from edsl_nb.tasks.benchmark import Benchmark
from edsl_nb.tasks.results import BenchmarkResults, Transcript
from edsl_nb.tasks.samples import Sample
from edsl_nb.tasks.session import Session
from edsl_nb.tasks.task import Task
from edsl_nb.tasks.typings import (
    AgentBenchException,
    AgentContextLimitException,
    AgentOutput,
    AgentOutputStatus,
    ChatHistoryItem,
    JSONSerializable,
    SampleIndex,
    SampleStatus,
    TaskError,
    TaskOutput,
    TaskSampleExecutionResult,
)

__all__ = [
    "AgentBenchException",
    "AgentContextLimitException",
    "AgentOutput",
    "AgentOutputStatus",
    "Benchmark",
    "BenchmarkResults",
    "ChatHistoryItem",
    "JSONSerializable",
    "Sample",
    "SampleIndex",
    "SampleStatus",
    "Session",
    "Task",
    "TaskError",
    "TaskOutput",
    "TaskSampleExecutionResult",
    "Transcript",
]
