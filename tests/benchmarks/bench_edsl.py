"""EDSL itself with its scripted model, in an environment of its own where there is one (`make foreign`)."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import Model
from tests.benchmarks.conftest import Finding
from tests.benchmarks.jobs import new_job
from tests.foreign import environments

NAME = "edsl-1.0.9"
INTERVIEWS = 300

_THEIRS = f"""
import json, time
from edsl import Model, QuestionFreeText, QuestionMultipleChoice, Scenario, ScenarioList, Survey
survey = Survey([
    QuestionFreeText(question_name="view", question_text="What do you think of {{{{ scenario.thing }}}}?"),
    QuestionMultipleChoice(question_name="likes", question_text="Do you like {{{{ scenario.thing }}}}?",
                           question_options=["Yes", "No", "Perhaps"]),
])
scenarios = ScenarioList([Scenario({{"thing": f"thing {{i}}"}}) for i in range({INTERVIEWS})])
job = survey.by(scenarios).by(Model("test", canned_response="Yes"))
began = time.perf_counter()
results = job.run(progress_bar=False, disable_remote_inference=True, disable_remote_cache=True)
print(json.dumps([len(results), time.perf_counter() - began]))
"""


@pytest.mark.timeout(600)
def test_edsl(benchmark: Any, finding: Finding, tmp_path: Path) -> None:
    reason = environments.missing(NAME)
    if reason:
        pytest.skip(reason)

    def theirs() -> float:
        # No proxy answers there: what tries the network fails at once.
        nowhere = "http://127.0.0.1:9"
        done = subprocess.run(
            [environments.python_of(NAME), "-c", _THEIRS],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"], "HOME": str(tmp_path),
                "HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere,
                "EDSL_DATABASE_PATH": f"sqlite:///{tmp_path / 'edsl.db'}",
            },
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        interviews, seconds = json.loads(done.stdout.splitlines()[-1])
        assert interviews == INTERVIEWS
        return seconds

    seconds = benchmark.pedantic(theirs, rounds=1)
    job = new_job(INTERVIEWS, Model("test"))
    began = time.perf_counter()
    job.run(progress_bar=False)
    mine = time.perf_counter() - began
    finding(
        f"{INTERVIEWS} interviews x 2 questions with a scripted model: EDSL 1.0.9 {seconds:.1f} s, "
        f"edsl_nb {mine:.2f} s"
    )
