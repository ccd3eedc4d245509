"""Results: EDSL's columns, how they are chosen, and that only answered cells hold a value."""

from __future__ import annotations

import asyncio
import fnmatch
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import (
    Agent,
    AgentList,
    Model,
    ModelList,
    QuestionFreeText,
    QuestionMultipleChoice,
    Results,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import ResultsError
from edsl_nb.core.tables import Sort, TableSource
from edsl_nb.results import Axes, Dataset
from edsl_nb.results.records import AnswerCell, Interview
from tests.unit.samples import page, refusal

#: The columns that EDSL gives for this job, of those kinds that there are here.
EDSL_COLUMNS = """
agent.age agent.agent_index agent.agent_instruction agent.agent_name agent.persona
answer.color answer.mc
cache_keys.color_cache_key cache_keys.mc_cache_key
cache_used.color_cache_used cache_used.mc_cache_used
comment.color_comment comment.mc_comment
generated_tokens.color_generated_tokens generated_tokens.mc_generated_tokens
iteration.iteration
model.canned_response model.inference_service model.model model.model_index model.temperature
prompt.color_system_prompt prompt.color_user_prompt prompt.mc_system_prompt prompt.mc_user_prompt
question_options.color_question_options question_options.mc_question_options
question_text.color_question_text question_text.mc_question_text
question_type.color_question_type question_type.mc_question_type
raw_model_response.color_cost raw_model_response.color_input_price_per_million_tokens
raw_model_response.color_output_price_per_million_tokens raw_model_response.mc_input_price_per_million_tokens
raw_model_response.mc_output_price_per_million_tokens
reasoning_summary.color_reasoning_summary reasoning_summary.mc_reasoning_summary
raw_model_response.color_input_tokens raw_model_response.color_one_usd_buys
raw_model_response.color_output_tokens raw_model_response.color_raw_model_response
raw_model_response.color_thinking_tokens
raw_model_response.mc_cost raw_model_response.mc_input_tokens raw_model_response.mc_one_usd_buys
raw_model_response.mc_output_tokens raw_model_response.mc_raw_model_response
raw_model_response.mc_thinking_tokens
scenario.scenario_index scenario.thing
validated.color_validated validated.mc_validated
"""

SURVEY = Survey(
    [
        QuestionFreeText("color", "What is your favorite {{ scenario.thing }}?"),
        QuestionMultipleChoice("mc", "Which?", ["a", "b", 3]),
    ]
)
AXES = Axes(
    SURVEY,
    AgentList([Agent({"persona": "artist", "age": 3}, name="Ann"), Agent({"persona": "clerk"})]),
    ScenarioList([Scenario({"thing": "color"}), Scenario({"thing": "food", "extra": [1]})]),
    ModelList([Model("test", canned_response={"color": "Blue", "mc": "b\nI like it."})]),
)


@pytest.fixture
def results() -> Results:
    """What a real run of the axes gives."""
    job = SURVEY.by(AXES.agents, AXES.scenarios, AXES.models)
    return job.run(progress_bar=False)


def made_of(*interviews: Interview, partial: bool = False, total: int = 4) -> Results:
    """Results of interviews that are written down here."""
    return Results(AXES, interviews, total, partial)


def interview(index: int, color: AnswerCell, mc: AnswerCell) -> Interview:
    return Interview(index, index // 2, index % 2, 0, 0, [color, mc])


def answered(answer: Any, **more: Any) -> AnswerCell:
    return AnswerCell("answered", answer, how="exact", **more)


# Columns


def test_the_columns_have_edsls_names_in_alphabetical_order(results: Results) -> None:
    expected = set(EDSL_COLUMNS.split())
    assert expected <= set(results.columns)
    assert results.columns == sorted(results.columns)
    ours = {name.partition(".")[0] for name in set(results.columns) - expected}
    assert ours <= {"outcome", "raw_model_response", "reading", "run", "scenario", "state"}


def test_what_the_columns_hold(results: Results) -> None:
    row = results[0]
    expected = {
        "agent.age": 3,
        "agent.agent_index": 0,
        "agent.agent_name": "Ann",
        "answer.color": "Blue",
        "answer.mc": "b",
        "cache_used.mc_cache_used": False,
        "comment.color_comment": None,
        "comment.mc_comment": "I like it.",
        "generated_tokens.mc_generated_tokens": "b\nI like it.",
        "iteration.iteration": 0,
        "model.canned_response": {"color": "Blue", "mc": "b\nI like it."},
        "model.inference_service": "test",
        "model.model": "test",
        "model.temperature": 0.5,
        "prompt.color_user_prompt": "What is your favorite color?",
        "prompt.color_system_prompt": AXES.agents[0].system_prompt(),
        "question_options.color_question_options": None,
        "question_options.mc_question_options": ["a", "b", 3],
        "question_text.color_question_text": "What is your favorite {{ scenario.thing }}?",
        "question_type.mc_question_type": "multiple_choice",
        "raw_model_response.color_cost": 0.0,
        "raw_model_response.color_one_usd_buys": "NA",
        "scenario.thing": "color",
        "validated.mc_validated": True,
        "state.mc_state": "answered",
        "reading.mc_reading": "exact",
    }
    assert {name: row[name] for name in expected} == expected
    assert row["color_raw_model_response"]["message"] == [{"text": "Blue"}]
    assert row["color_output_tokens"] == 1


def test_a_field_that_some_have_is_empty_for_the_others(results: Results) -> None:
    assert results.select("agent.age").to_list() == [3, 3, None, None]
    assert results.select("scenario.extra").to_list() == [None, [1], None, [1]]


def test_an_agent_without_name_is_named_by_its_position(results: Results) -> None:
    assert results.select("agent_name").to_list() == ["Ann", "Ann", "Agent_1", "Agent_1"]


def test_a_cost_says_how_much_a_dollar_buys() -> None:
    some = made_of(interview(0, answered("x", cost=0.00025), answered("a", cost=None)))
    assert some.select("*_one_usd_buys").to_list() == [(4000.0, None)]


def test_columns_do_not_depend_on_which_rows_are_looked_at() -> None:
    assert made_of().columns == made_of(interview(0, answered("x"), answered("a"))).columns


# Rows


def test_rows_are_in_index_order_and_read_like_a_list(results: Results) -> None:
    assert len(results) == 4
    assert [row.indices for row in results] == [
        {"agent": a, "scenario": s, "model": 0} for a in (0, 1) for s in (0, 1)
    ]
    assert results[-1]["thing"] == "food"
    assert isinstance(results[1:3], Results)
    assert [row["thing"] for row in results[1:3]] == ["food", "color"]
    with pytest.raises(IndexError):
        results[4]


def test_a_row_knows_what_it_was_made_of(results: Results) -> None:
    row = results[1]
    assert (row.agent, row.scenario, row.model) == (AXES.agents[0], AXES.scenarios[1], AXES.models[0])
    assert row.answer == {"color": "Blue", "mc": "b"}
    assert {f"{kind}.{name}": v for kind, of in row.sub_dicts.items() for name, v in of.items()} == {
        name: row[name] for name in results.columns
    }
    refusal(lambda: row["nothing"], "'nothing'", error=ResultsError)


def test_an_interview_with_one_answer_is_a_row_and_one_with_none_is_not() -> None:
    failed = AnswerCell("failed", error="out of words")
    invalid = AnswerCell("invalid", how="invalid", text="maybe", reason="'maybe' is not one of the options")
    some = made_of(
        interview(3, answered("x"), failed),
        interview(0, AnswerCell(), invalid),
        interview(1, failed, AnswerCell("cancelled")),
        interview(2, answered("y"), invalid),
    )
    assert some.select("color", "mc", "mc_state", "mc_validated", "mc_error").to_list() == [
        ("y", None, "invalid", False, "'maybe' is not one of the options"),
        ("x", None, "failed", False, "out of words"),
    ]
    assert some.select("generated_tokens.mc*").to_list() == ["maybe", None]


def test_partial_results_say_so_everywhere() -> None:
    some = made_of(interview(0, answered("x"), answered("a")), partial=True, total=1_234)
    assert some.partial
    assert "1 of 1,234" in some.title
    assert "1 of 1,234" in repr(some)
    assert "1 of 1,234" in some.select("color").title
    whole = made_of(interview(0, answered("x"), answered("a")), total=1)
    assert (whole.partial, whole.title) == (False, "Results")
    assert "partial" not in repr(whole)


def test_results_of_which_some_have_no_answer_say_so() -> None:
    some = made_of(interview(0, answered("x"), answered("a")), total=4)
    assert (some.partial, some.title) == (False, "Results (1 of 4 have an answer)")
    assert "1 of 4 have an answer" in repr(some)
    assert some[0:1].title == some.title


def test_columns_are_not_rows() -> None:
    some = made_of(interview(0, answered("x"), answered("a")))
    refusal(lambda: some["color"], "results[...]", "'color'", "select", error=ResultsError)  # type: ignore[call-overload]


# Choosing columns


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (["color"], ["answer.color"]),
        (["persona"], ["agent.persona"]),
        (["thing"], ["scenario.thing"]),
        (["model"], ["model.model"]),
        (["iteration"], ["iteration.iteration"]),
        (["agent_name"], ["agent.agent_name"]),
        (["mc_comment"], ["comment.mc_comment"]),
        (["color_user_prompt"], ["prompt.color_user_prompt"]),
        (["answer.mc", "agent.age"], ["answer.mc", "agent.age"]),
        (["answer.*"], ["answer.color", "answer.mc"]),
        (["agent.a*"], ["agent.age", "agent.agent_index", "agent.agent_instruction", "agent.agent_name"]),
        (["*_cost"], ["raw_model_response.color_cost", "raw_model_response.mc_cost"]),
        (["mc_c*t"], ["comment.mc_comment", "raw_model_response.mc_cost"]),
        (["answer.m?"], ["answer.mc"]),
        (["mc", "answer.*", "mc"], ["answer.mc", "answer.color"]),
    ],
)
def test_names_stand_for_columns_in_the_order_asked(
    results: Results, names: list[str], columns: list[str]
) -> None:
    assert results.select(*names).columns == columns
    assert results.select(names).columns == columns


def test_nothing_stands_for_everything(results: Results) -> None:
    assert results.select().columns == results.columns


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("colour", "'color'"),
        ("answer.colr", "'answer.color'"),
        ("scenaro.*", "'scenario."),
        ("", "There are: "),
        ("*0*", "There are: "),
    ],
)
def test_a_name_that_stands_for_nothing_is_refused(results: Results, name: str, word: str) -> None:
    refusal(lambda: results.select(name), "select", repr(name), word, error=ResultsError)


@pytest.mark.parametrize("name", [5, None, b"color", {"color": 1}, ["color", 5]])
def test_what_is_no_name_is_refused(results: Results, name: Any) -> None:
    refusal(lambda: results.select(name), "select", "answer.q", error=ResultsError)


@given(st.text("ab._*?", max_size=6))
def test_globs_find_what_the_names_say(pattern: str) -> None:
    some = made_of(interview(0, answered("x"), answered("a")))
    if "*" not in pattern and "?" not in pattern:
        return
    bare = "." not in pattern
    expected = [c for c in some.columns if fnmatch.fnmatchcase(c.partition(".")[2] if bare else c, pattern)]
    if expected:
        assert some.select(pattern).columns == expected
    else:
        refusal(lambda: some.select(pattern), error=ResultsError)


# Datasets and frames


def test_a_frame_has_all_columns_and_rows(results: Results) -> None:
    frame = results.to_pandas()
    assert list(frame.columns) == results.columns
    assert frame["answer.mc"].tolist() == ["b"] * 4
    assert frame["scenario.thing"].tolist() == ["color", "food"] * 2
    assert len(made_of().to_pandas()) == 0


def test_prefixes_can_be_left_out_where_names_stay_different(results: Results) -> None:
    assert list(results.select("mc", "age").to_pandas(remove_prefix=True).columns) == ["mc", "age"]
    assert results.select("mc", "age").to_dicts()[0] == {"mc": "b", "age": 3}
    twice = Dataset({"agent.x": [1], "scenario.x": [2]})
    assert twice.to_dicts() == [{"agent.x": 1, "scenario.x": 2}]


def test_a_dataset_is_read_by_column_row_or_frame() -> None:
    one, two = Dataset({"answer.a": [1, 2]}), Dataset({"answer.a": [1, 2], "agent.b": ["x", "y"]})
    assert (one.to_list(), two.to_list()) == ([1, 2], [(1, "x"), (2, "y")])
    assert (one.first(), two.first()) == (1, (1, "x"))
    assert list(two) == [{"answer.a": 1, "agent.b": "x"}, {"answer.a": 2, "agent.b": "y"}]
    assert (len(two), two.columns, two == Dataset({"answer.a": [1, 2], "agent.b": ["x", "y"]})) == (
        2,
        ["answer.a", "agent.b"],
        True,
    )
    pd.testing.assert_frame_equal(two.to_pandas(), pd.DataFrame({"answer.a": [1, 2], "agent.b": ["x", "y"]}))


def test_the_first_of_nothing_is_an_error_of_ours() -> None:
    refusal(lambda: made_of().select("color").first(), "no rows", error=ResultsError)


# As tables


def test_results_show_what_was_combined_and_answers_first(results: Results) -> None:
    table = results.as_table()
    assert isinstance(table, TableSource)
    first = [column.name for column in table.columns if column.primary]
    combined = ["scenario.extra", "scenario.thing", "agent.age"]
    # What else was combined comes behind the answers, which are seen at once.
    assert first == [*combined, "answer.color", "answer.mc", "agent.persona"]
    assert {column.name for column in table.columns} == set(results.columns)
    assert [column.name for column in table.columns][: len(first)] == first


def test_a_table_of_results_has_their_values(results: Results) -> None:
    table = results.as_table()
    names = [column.name for column in table.columns]
    found = page(table, search="artist", sort=Sort("scenario.thing", descending=True))
    assert [row.key for row in found.rows] == [1, 0]
    assert dict(zip(names, found.rows[0].cells, strict=True))["scenario.extra"] == "[1]"
    assert asyncio.run(table.row(3)).cells == table.first_rows(4)[3].cells
    assert (table.title, len(table)) == ("Results", 4)


def test_columns_of_a_dataset_say_what_they_hold() -> None:
    data = {
        "n": [1, 2.5, None],
        "b": [True, None, False],
        "l": [[1], {}, None],
        "t": ["x", 1, None],
        "e": [None] * 3,
    }
    kinds = {column.name: column.kind for column in Dataset(data).as_table().columns}
    assert kinds == {"n": "number", "b": "boolean", "l": "list", "t": "text", "e": "text"}
