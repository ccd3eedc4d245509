"""Everything a cell can end with has a display, as text and as HTML."""

from __future__ import annotations

import asyncio

import pytest

from edsl_nb import (
    Agent,
    AgentList,
    Model,
    ModelList,
    QuestionFreeText,
    QuestionMultipleChoice,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.tables import Query, Sort
from edsl_nb.widgets.render import bundle

SURVEY = Survey(
    [QuestionFreeText("why", "Why?"), QuestionMultipleChoice("tea", "Tea?", ["Yes", "No"])], name="Drinks"
)
RESULTS = ("tea", "why")


@pytest.mark.parametrize(
    ("shown", "columns", "cells"),
    [
        (
            AgentList([Agent({"age": 20}, name="Ann"), Agent({"town": "Rome"})]),
            ["name", "age", "town"],
            ["Ann", "Rome"],
        ),
        (
            ScenarioList([Scenario({"x": "<b>tea</b>"}), Scenario({"y": [1, 2]})]),
            ["x", "y"],
            ["&lt;b&gt;tea", "[1, 2]"],
        ),
        (
            ModelList([Model("test", canned_response="Yes")]),
            ["model", "service", "canned_response"],
            ["test", "Yes"],
        ),
        (SURVEY, ["question_name", "question_text", "question_options"], ["Tea?", "Why?"]),
    ],
    ids=["agents", "scenarios", "models", "survey"],
)
def test_lists_and_surveys_are_tables(shown: object, columns: list[str], cells: list[str]) -> None:
    data, _ = bundle(shown, live=False)
    for word in columns:
        assert word in data["text/plain"]
        assert word in data["text/html"]
    assert all(cell in data["text/html"] for cell in cells)
    assert "<b>tea" not in data["text/html"]


def test_jobs_prompts_results_and_datasets(private_home: object) -> None:
    job = SURVEY.by(Model("test", canned_response="Yes"))
    results = job.run()
    for shown in (job, job.prompts(), job.last_run, results, results.select(*RESULTS)):
        data, _ = bundle(shown, live=False)
        assert data["text/plain"].strip()
        assert data["text/html"].startswith("<")
        assert "object at 0x" not in data["text/plain"]


def test_a_list_is_sorted_and_searched_like_any_table() -> None:
    table = AgentList.from_list("age", [30, 10, 20]).as_table()
    page = asyncio.run(table.page(Query(sort=Sort("age", descending=True))))
    assert [row.cells[0] for row in page.rows] == [30, 20, 10]
    assert [row.key for row in asyncio.run(table.page(Query(search="2"))).rows] == [2]


def test_prompts_as_text_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    long = "word " * 40
    SURVEY.by(Agent({"persona": long}), Model("test")).show_prompts()
    shown = capsys.readouterr().out
    assert long.strip() in shown
    assert "  user:   Why?" in shown
    assert "          Yes\n          No\n" in shown


def test_a_job_that_cannot_be_asked_says_why_as_text() -> None:
    job = QuestionFreeText("q", "What of {{ scenario.x }}?").by(Model("test"))
    assert "{{ scenario.x }}" in bundle(job, live=False)[0]["text/plain"]
