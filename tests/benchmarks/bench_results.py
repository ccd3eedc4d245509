"""How fast large results are, and how much memory they take; beside EDSL's at a thousand interviews."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from edsl_nb import (
    Agent,
    AgentList,
    Model,
    ModelList,
    QuestionFreeText,
    QuestionLinearScale,
    QuestionMultipleChoice,
    QuestionNumerical,
    QuestionYesNo,
    Results,
    ScenarioList,
    Survey,
)
from edsl_nb.results import Axes
from edsl_nb.results.records import AnswerCell, Interview
from tests.benchmarks.bench_runs import size_of
from tests.benchmarks.conftest import Finding, ForeignProgram, Program

INTERVIEWS = 100_000

_OPTIONS = ["Yes", "No", "Perhaps"]

#: Equal numbers of tokens cost the same, and it is kept once, as in a run.
_COSTS = [0.0001 * number for number in range(7)]


def made(count: int) -> Results:
    """Results as a run gives them: five questions of usual kinds, and every reply another text."""
    survey = Survey(
        [
            QuestionYesNo("tried", "Have you tried {{ scenario.thing }}?"),
            QuestionMultipleChoice("likes", "Do you like {{ scenario.thing }}?", _OPTIONS),
            QuestionLinearScale("rate", "How good is {{ scenario.thing }}?", [1, 2, 3, 4, 5]),
            QuestionNumerical("pay", "What would you pay for {{ scenario.thing }}?"),
            QuestionFreeText("view", "What do you think of {{ scenario.thing }}?"),
        ]
    )
    agents = AgentList([Agent({"persona": f"person {i}", "age": 20 + i % 60}) for i in range(100)])
    scenarios = ScenarioList.from_list("thing", [f"thing {i}" for i in range(count // 100)])
    axes = Axes(survey, agents, scenarios, ModelList([Model("test")]))
    return Results(
        axes, (_interview(i, i // (count // 100), i % (count // 100)) for i in range(count)), count
    )


def _interview(index: int, agent: int, scenario: int) -> Interview:
    answers = ("Yes" if index % 2 else "No", _OPTIONS[index % 3], 1 + index % 5, index % 97, f"view {index}")
    return Interview(index, agent, scenario, 0, 0, [_cell(index, n, a) for n, a in enumerate(answers)])


def _cell(index: int, number: int, answer: Any) -> AnswerCell:
    return AnswerCell(
        "answered", answer, how="exact", user_prompt=f"What of {index}?", system_prompt="Answer.",
        options=None, text=f"{answer}",
        raw=f'{{"n": {index}}}', input_tokens=200 + index % 50, output_tokens=5,
        cost=_COSTS[index % 7], cached=False, key=f"{index:031x}{number}", reply_ids=(5 * index + number,),
        reasks=0, latency=0.3 + index / 1e6, model_version="test-1",
    )  # fmt: skip


def strings(results: Results) -> int:
    """Bytes of the texts that interviews hold, each counted once, as Python gives them out: 16 by 16."""
    names = ("answer", "user_prompt", "text", "raw", "key")
    cells = (cell for interview in results.interviews for cell in interview.cells)
    seen = {id(v): len(v) + 49 for c in cells for name in names if isinstance(v := getattr(c, name), str)}
    return sum(-(-size // 16) * 16 for size in seen.values())


def work(folder: str) -> dict[str, float]:
    """Seconds of a core for what is done with results first, and bytes for each interview.

    `columns` is what these take, `bytes` what the process has grown by; texts are in neither.
    """
    few = made(100)  # what is loaded on first use
    few.to_pandas()
    few.to_parquet(Path(folder) / "few.parquet")
    gc.collect()
    before = psutil.Process().memory_info().rss
    results = made(INTERVIEWS)
    gc.collect()
    after = psutil.Process().memory_info().rss
    took = {
        "columns": size_of(results.interviews, [results.axes], without=(str,)) / INTERVIEWS,
        "bytes": (after - before - strings(results)) / INTERVIEWS,
    }
    path = Path(folder)
    steps: dict[str, Callable[[], Any]] = {
        "to_pandas": results.to_pandas,
        "select_filter": lambda: (
            results.filter("rate > 3 and likes == 'Yes'").select("persona", "view").to_list()
        ),
        "to_parquet": lambda: results.to_parquet(path / "r.parquet"),
        "summary": results.summary,
        "save": lambda: results.save(path / "r"),
        "load": lambda: Results.load(path / "r"),
        "table": lambda: results.as_table().first_rows(10),
    }
    for name, step in steps.items():
        began = time.process_time()
        step()
        took[name] = time.process_time() - began
    return took


_FRESH = """
import json
from tests.benchmarks.bench_results import work
print(json.dumps(work({folder!r})))
"""


@pytest.mark.timeout(600)
def test_results_of_100_000_interviews(
    benchmark: Any, finding: Finding, program: Program, tmp_path: Path
) -> None:
    took = program(_FRESH.format(folder=str(tmp_path)))
    results = made(1_000)
    benchmark.pedantic(results.to_pandas, rounds=3)
    columns, grown = took.pop("columns"), took.pop("bytes")
    seconds = ", ".join(f"{name} {value:.2f} s" for name, value in took.items())
    finding(
        f"Results of {INTERVIEWS:,} interviews x 5 questions ({len(results.columns)} columns): {seconds}; "
        f"beyond the texts {columns:,.0f} bytes of columns an interview, the process grows by {grown:,.0f}"
    )


_THEIRS = """
import json, time
from edsl import Model, QuestionFreeText, QuestionLinearScale, QuestionMultipleChoice, QuestionNumerical
from edsl import QuestionYesNo, ScenarioList, Survey
survey = Survey([
    QuestionYesNo(question_name="tried", question_text="Have you tried {{ scenario.thing }}?"),
    QuestionMultipleChoice(question_name="likes", question_text="Do you like {{ scenario.thing }}?",
                           question_options=["Yes", "No", "Perhaps"]),
    QuestionLinearScale(question_name="rate", question_text="How good is {{ scenario.thing }}?",
                        question_options=[1, 2, 3, 4, 5]),
    QuestionNumerical(question_name="pay", question_text="What would you pay for {{ scenario.thing }}?"),
    QuestionFreeText(question_name="view", question_text="What do you think of {{ scenario.thing }}?"),
])
model = Model("test", canned_response={"tried": "Yes", "likes": "Yes", "rate": "4", "pay": "5", "view": "x"})
job = survey.by(ScenarioList.from_list("thing", [f"thing {i}" for i in range(INTERVIEWS)])).by(model)
results = job.run(progress_bar=False, disable_remote_inference=True, disable_remote_cache=True)
took = {}
def measure(name, step):
    began = time.perf_counter(); step(); took[name] = time.perf_counter() - began
# Its environment has no pandas: the same columns as dicts.
measure("to_dicts", lambda: results.select().to_dicts())
asked = "rate > 3 and likes == 'Yes'"
measure("select_filter", lambda: results.filter(asked).select("thing", "view").to_list())
print(json.dumps([len(results), took]))
"""


@pytest.mark.timeout(1_200)
def test_results_of_edsl(
    benchmark: Any, finding: Finding, foreign: ForeignProgram, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    if not pytestconfig.getoption("--long"):
        pytest.skip("takes EDSL a minute or more: make bench ARGS=--long")
    results = made(1_000)
    asked = "rate > 3 and likes == 'Yes'"
    ours = {
        "to_dicts": _best(lambda: results.select().to_dicts()),
        "select_filter": _best(lambda: results.filter(asked).select("thing", "view").to_list()),
    }
    database = f"sqlite:///{tmp_path / 'edsl.db'}"
    count, theirs = benchmark.pedantic(
        lambda: foreign("edsl-1.0.9", _THEIRS.replace("INTERVIEWS", "1_000"), EDSL_DATABASE_PATH=database),
        rounds=1,
    )
    assert count == 1_000
    for name, seconds in theirs.items():
        finding(
            f"{name} of 1,000 interviews: EDSL 1.0.9 {seconds:.3f} s, edsl_nb {ours[name]:.4f} s: "
            f"{seconds / ours[name]:.0f} times as fast"
        )


def _best(step: Callable[[], Any]) -> float:
    """Seconds of the quickest of three."""
    took: list[float] = []
    for _ in range(3):
        began = time.perf_counter()
        step()
        took.append(time.perf_counter() - began)
    return min(took)
