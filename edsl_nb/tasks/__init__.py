"""Layer 3: tasks in AgentBench's form, and benchmarks of agents that play them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from edsl_nb.tasks.client import AgentClient, ConfigLoader
from edsl_nb.tasks.factory import InstanceFactory
from edsl_nb.tasks.imports import agentbench_imports
from edsl_nb.tasks.samples import Sample
from edsl_nb.tasks.session import Session
from edsl_nb.tasks.task import Task
from edsl_nb.tasks.typings import (
    AgentBenchException,
    AgentClientException,
    AgentContextLimitException,
    AgentNetworkException,
    AgentOutput,
    AgentOutputStatus,
    AgentTimeoutException,
    ChatHistoryItem,
    ClientException,
    JSONSerializable,
    SampleIndex,
    SampleStatus,
    ServerException,
    TaskClientException,
    TaskClientOutput,
    TaskError,
    TaskNetworkException,
    TaskOutput,
    TaskSampleExecutionResult,
    TaskTimeoutException,
    WorkerStatus,
)

if TYPE_CHECKING:
    from edsl_nb.tasks.benchmark import Benchmark
    from edsl_nb.tasks.http_agent import HTTPAgent
    from edsl_nb.tasks.remote import RemoteTask
    from edsl_nb.tasks.results import BenchmarkResults
    from edsl_nb.tasks.serving import TaskServer, serve
    from edsl_nb.tasks.single import TaskRun, run_task
    from edsl_nb.tasks.transcripts import Transcript

__all__ = [
    "AgentBenchException",
    "AgentClient",
    "AgentClientException",
    "AgentContextLimitException",
    "AgentNetworkException",
    "AgentOutput",
    "AgentOutputStatus",
    "AgentTimeoutException",
    "Benchmark",
    "BenchmarkResults",
    "ChatHistoryItem",
    "ClientException",
    "ConfigLoader",
    "HTTPAgent",
    "InstanceFactory",
    "JSONSerializable",
    "RemoteTask",
    "Sample",
    "SampleIndex",
    "SampleStatus",
    "ServerException",
    "Session",
    "Task",
    "TaskClientException",
    "TaskClientOutput",
    "TaskError",
    "TaskNetworkException",
    "TaskOutput",
    "TaskRun",
    "TaskSampleExecutionResult",
    "TaskServer",
    "TaskTimeoutException",
    "Transcript",
    "WorkerStatus",
    "agentbench_imports",
    "run_task",
    "serve",
]

#: Loaded when first used: modules of tasks, and processes that play copies of them, need less.
_LATER = {
    "Benchmark": "edsl_nb.tasks.benchmark",
    "BenchmarkResults": "edsl_nb.tasks.results",
    "HTTPAgent": "edsl_nb.tasks.http_agent",
    "RemoteTask": "edsl_nb.tasks.remote",
    "TaskRun": "edsl_nb.tasks.single",
    "TaskServer": "edsl_nb.tasks.serving",
    "Transcript": "edsl_nb.tasks.transcripts",
    "run_task": "edsl_nb.tasks.single",
    "serve": "edsl_nb.tasks.serving",
}


def __getattr__(name: str) -> Any:
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(f"module 'edsl_nb.tasks' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(module), name)
    return value
