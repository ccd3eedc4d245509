"""Everything a cell can end with has a display, as text and as HTML."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from edsl_nb import (
    Agent,
    AgentList,
    FileStore,
    Instruction,
    Model,
    ModelList,
    Notebook,
    QuestionFreeText,
    QuestionMultipleChoice,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.tables import Query, Sort
from edsl_nb.questions import Question
from edsl_nb.widgets.render import bundle
from tests.unit import samples

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


# Single objects


@pytest.mark.parametrize("question", samples.EXAMPLES, ids=lambda question: question.question_type)
def test_a_question_of_any_type_is_a_card_that_needs_no_kernel(question: Question) -> None:
    data, _ = question._repr_mimebundle_()
    assert set(data) == {"text/html", "text/plain"}
    for text in (data["text/html"], data["text/plain"]):
        assert question.question_name in text
        assert "object at 0x" not in text
    assert type(question).__name__ in data["text/plain"]
    for option in getattr(question, "question_options", ()):
        assert str(option) in data["text/html"]


@pytest.mark.parametrize(
    ("shown", "facts"),
    [
        (
            Agent({"age": 20}, name="Ann", instruction="Be brief.", codebook={"age": "Years"}),
            ["Agent Ann", "age: 20", "instruction: Be brief.", 'codebook: {"age": "Years"}'],
        ),
        (Agent({"age": 20}).add_canned_response("q", "No"), ["Agent", "age: 20", "answer to q: No"]),
        (Scenario({"x": [1, "b"], "n": None}), ["Scenario", 'x: [1, "b"]', "n:"]),
        (Model("test", temperature=1), ["Model", "model: test", "temperature: 1"]),
        (Instruction("i", "Be kind."), ["Instruction", "name: i", "text: Be kind."]),
        (Instruction.example(), ["text: 1 is worst and 5 is best."]),
        (Notebook.example(), ["Notebook", "name: notebook", "markdown cells: 0", "code cells: 1"]),
        (FileStore.example(), ["FileStore", "path: hello.txt", "type: text/plain", "bytes: 13"]),
    ],
    ids=lambda shown: type(shown).__name__,
)
def test_single_objects_are_cards(shown: Any, facts: list[str]) -> None:
    data, _ = shown._repr_mimebundle_()
    lines = [line.strip() for line in data["text/plain"].splitlines()]
    assert [fact for fact in facts if fact not in lines] == []
    assert data["text/html"].startswith("<div")


def test_a_card_holds_texts_that_run_nothing_and_keeps_their_lines() -> None:
    text = "<script>alert(1)</script>\nSecond line"
    data, _ = QuestionFreeText("q", text)._repr_mimebundle_()
    assert "<script" not in data["text/html"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\nSecond line" in data["text/html"]
    assert "question_text: <script>alert(1)</script>\n    Second line" in data["text/plain"]


@pytest.mark.parametrize(
    "scenario",
    [Scenario({"x": "y" * 1_000_000}), Scenario({f"x{i}": "é" * 900 for i in range(1_000)})],
    ids=["a long value", "many values"],
)
def test_a_card_stays_small(scenario: Scenario) -> None:
    data, _ = scenario._repr_mimebundle_()
    assert len(data["text/html"].encode()) <= 50_000
    assert len(data["text/plain"]) <= 70_000
    if len(scenario) > 100:
        assert "and 9" in data["text/html"]


def test_a_card_does_not_show_a_key() -> None:
    model = Model("gpt-4o", service_name="openai", api_key="sk-1234567890abcdef")
    assert "sk-1234" not in str(model._repr_mimebundle_())


# What is said about questions


def test_a_survey_shows_its_instructions_rules_memory_and_groups() -> None:
    survey = Survey(
        [Instruction("tone", "Be kind."), *SURVEY.questions, QuestionFreeText("end", "And?")],
        questions_to_randomize=["tea"],
        options_to_pin={"tea": ["No"]},
    )
    survey.add_skip_rule("tea", "why == 'No'").add_stop_rule("tea", "{{ tea.answer }} == 'No'")
    survey.add_rule("why", "why == 'x'", "end").add_rule("why", "why == 'y'", "end", before_rule=False)
    survey.add_targeted_memory("end", "tea").add_question_group("why", "why", "first")
    text = bundle(survey, live=False)[0]["text/html"]
    for words in (
        "Be kind.",
        "skipped if why == &#x27;No&#x27;",
        "survey ends if {{ tea.answer }} == &#x27;No&#x27;",
        "then end if why == &#x27;x&#x27;",
        "first",
        "all but No",
        "4 rows",
    ):
        assert words in text
    columns = [column.name for column in survey.as_table().columns]
    assert {"rules", "memory", "group", "shuffled"} <= set(columns)
    assert {"rules", "memory", "group", "shuffled"}.isdisjoint(c.name for c in SURVEY.as_table().columns)


def test_notebooks_draw_the_flow_of_a_survey() -> None:
    flow = SURVEY.show_flow()
    data = flow._repr_mimebundle_()
    assert data["text/vnd.mermaid"] == data["text/plain"] == str(flow)
    assert data["text/markdown"] == f"```mermaid\n{flow}\n```"
    assert SURVEY.by(Model("test")).show_flow() == flow


# In a line


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (ModelList([Model("test"), Model("gpt-4o")]), "ModelList: 2 models: test, openai/gpt-4o"),
        (ModelList(), "ModelList: 0 models"),
        (AgentList([Agent({"age": 1}, name="Ann")]), "AgentList: 1 agent with name, age"),
        (
            SURVEY.by(Model("test")),
            "Jobs of 1 interview with Survey 'Drinks' of 2 questions: why, tea; 1 model",
        ),
    ],
    ids=["models", "no models", "agents", "job"],
)
def test_print_says_what_there_is(shown: object, text: str) -> None:
    assert str(shown) == text
