"""Inspect, which runs benchmarks of models, beside us: the same server, the same samples, a log on disk."""

from __future__ import annotations

import time
from typing import Any

import pytest

from edsl_nb import Model, QuestionFreeText, ScenarioList
from tests.benchmarks.conftest import LATENCY, Finding, ForeignProgram

SAMPLES = 500
CONNECTIONS = 200

_THEIRS = f"""
import json, time
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.solver import generate

def run(samples, batch):
    dataset = [Sample(input=f"{{batch}} {{i}}") for i in range(samples)]
    task = Task(dataset=dataset, solver=generate(), name=batch)
    began = time.perf_counter()
    (log,) = eval(
        task, model="openai-api/served/m", log_dir="logs", display="none", log_level="warning",
        max_connections={CONNECTIONS}, max_samples={CONNECTIONS},
    )
    took = time.perf_counter() - began
    assert log.status == "success", log.error
    assert all(one.output.completion.endswith(str(one.input)) for one in log.samples)
    return took

run(10, "warm")
print(json.dumps(run({SAMPLES}, "measured")))
"""


def ours(url: str, batch: str, samples: int = SAMPLES) -> float:
    """Seconds for the same samples here, with cache and store on."""
    question = QuestionFreeText("q", batch + " {{ scenario.i }}")
    model = Model("m", service_name="openai", base_url=url)
    job = question.by(ScenarioList.from_list("i", list(range(samples))), model)
    began = time.perf_counter()
    assert len(job.run(progress_bar=False)) == samples
    return time.perf_counter() - began


@pytest.mark.timeout(600)
def test_inspect(benchmark: Any, finding: Finding, foreign: ForeignProgram, url: str) -> None:
    keys = {"SERVED_API_KEY": "none", "SERVED_BASE_URL": url}
    seconds = benchmark.pedantic(lambda: foreign("inspect-ai-0.3.285", _THEIRS, **keys), rounds=1)
    ours(url, "warm", 10)
    best = min(ours(url, f"measured {i}") for i in range(3))
    finding(
        f"{SAMPLES} samples of one question at {CONNECTIONS} connections, server of {LATENCY * 1000:.0f} ms: "
        f"Inspect 0.3.285 {seconds:.1f} s ({seconds / SAMPLES * 1000:.0f} ms each), edsl_nb {best:.2f} s: "
        f"{seconds / best:.0f} times as fast"
    )
