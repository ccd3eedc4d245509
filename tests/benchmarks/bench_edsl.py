"""EDSL itself with its scripted model, in an environment of its own where there is one (`make foreign`)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import Model
from tests.benchmarks.conftest import Finding, ForeignProgram
from tests.benchmarks.jobs import new_job

#: Interviews; the larger number takes EDSL minutes.
SIZES = (300, 1_000)

_THEIRS = """
import json, time
from edsl import Model, QuestionFreeText, QuestionMultipleChoice, Scenario, ScenarioList, Survey
survey = Survey([
    QuestionFreeText(question_name="view", question_text="What do you think of {{{{ scenario.thing }}}}?"),
    QuestionMultipleChoice(question_name="likes", question_text="Do you like {{{{ scenario.thing }}}}?",
                           question_options=["Yes", "No", "Perhaps"]),
])
scenarios = ScenarioList([Scenario({{"thing": f"thing {{i}}"}}) for i in range({interviews})])
job = survey.by(scenarios).by(Model("test", canned_response="Yes"))
began = time.perf_counter()
results = job.run(progress_bar=False, disable_remote_inference=True, disable_remote_cache=True)
print(json.dumps([len(results), time.perf_counter() - began]))
"""


def ours(interviews: int, model: Model) -> float:
    """Seconds for the same job here."""
    job = new_job(interviews, model)
    began = time.perf_counter()
    assert len(job.run(progress_bar=False)) == interviews
    return time.perf_counter() - began


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("interviews", SIZES)
def test_edsl(
    benchmark: Any,
    finding: Finding,
    foreign: ForeignProgram,
    tmp_path: Path,
    pytestconfig: pytest.Config,
    interviews: int,
) -> None:
    if interviews > SIZES[0] and not pytestconfig.getoption("--long"):
        pytest.skip("takes EDSL a minute or more: make bench ARGS=--long")

    def theirs() -> float:
        database = f"sqlite:///{tmp_path / 'edsl.db'}"
        program = _THEIRS.format(interviews=interviews)
        count, seconds = foreign("edsl-1.0.9", program, EDSL_DATABASE_PATH=database)
        assert count == interviews
        return seconds

    ours(10, Model("test"))
    best = min(ours(interviews, Model("test")) for _ in range(3))
    slow = ours(interviews, Model("test", latency=0.1))
    seconds = benchmark.pedantic(theirs, rounds=1)
    finding(
        f"{interviews:,} interviews x 2 questions with a scripted model: EDSL 1.0.9 {seconds:.1f} s, "
        f"edsl_nb {best:.2f} s: {seconds / best:.0f} times as fast; with latency=0.1, which EDSL's model "
        f"has too, {slow:.2f} s: {seconds / slow:.0f} times"
    )
