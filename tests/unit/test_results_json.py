"""Results in EDSL's JSON: nothing is lost on the way, and what is no results is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import (
    Agent,
    AgentList,
    EdslNbError,
    Model,
    ModelList,
    QuestionBudget,
    QuestionFreeText,
    QuestionMultipleChoice,
    Results,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import ResultsError
from edsl_nb.results import Axes
from edsl_nb.results.records import AnswerCell, Interview
from tests.unit.samples import json_values, refusal, texts, through_json

SURVEY = Survey(
    [
        QuestionFreeText("color", "What is your favorite {{ scenario.thing }}?"),
        QuestionMultipleChoice("mc", "Which?", ["a", "b", 3]),
        QuestionBudget("money", "How much?", ["x", "y"], 10),
    ]
)
AXES = Axes(
    SURVEY,
    AgentList([Agent({"persona": "artist", "l": [1]}, name="Ann"), Agent({"persona": "clerk"})]),
    ScenarioList([Scenario({"thing": "color"}), Scenario({"thing": "food"})]),
    ModelList([Model("test", canned_response="b")]),
)

_answers = st.one_of(
    json_values, st.tuples(texts, st.integers()), st.dictionaries(st.integers(), texts, max_size=2)
)
_optional = st.none() | texts
_counts = st.none() | st.integers(0, 9)


@st.composite
def cells(draw: st.DrawFn) -> AnswerCell:
    """Cells of any state, as far as they make sense."""
    state = draw(st.sampled_from(["answered", "skipped", "invalid", "failed", "cancelled", "not_reached"]))
    cell = AnswerCell(state)  # type: ignore[arg-type]
    if state in ("skipped", "not_reached", "cancelled"):
        return cell
    cell.error = draw(_optional) if state == "failed" else None
    cell.options = draw(st.none() | st.just(("a", "b", 3)) | st.just((3, "a")))
    if state == "failed" and draw(st.booleans()):
        return cell
    cell.user_prompt, cell.system_prompt = draw(texts), draw(texts)
    cell.text, cell.key, cell.reasks = draw(texts), draw(texts), draw(st.integers(0, 2))
    cell.raw = json.dumps(draw(json_values.filter(lambda value: value is not None)))
    cell.input_tokens, cell.output_tokens, cell.thinking_tokens = draw(_counts), draw(_counts), draw(_counts)
    cell.cost, cell.cached = draw(st.none() | st.just(0.25)), draw(st.booleans())
    cell.latency, cell.model_version = draw(st.none() | st.just(0.5)), draw(_optional)
    if state == "answered":
        cell.answer, cell.comment = draw(_answers.filter(lambda value: value is not None)), draw(_optional)
        cell.how, cell.rule = draw(st.sampled_from(["exact", "repaired"])), draw(_optional)
    if state == "invalid":
        cell.how, cell.reason = "invalid", draw(texts)
    return cell


@st.composite
def some_results(draw: st.DrawFn) -> Results:
    places = st.tuples(st.integers(0, 1), st.integers(0, 1), st.just(0), st.integers(0, 3))
    rows = draw(st.lists(st.tuples(places, st.lists(cells(), min_size=3, max_size=3)), max_size=4))
    interviews = [Interview(i * 2, *place, row) for i, (place, row) in enumerate(rows)]
    return Results(AXES, interviews, 9, draw(st.booleans()), draw(st.booleans()))


@given(some_results())
def test_every_column_comes_back(results: Results) -> None:
    back = Results.from_dict(through_json(results.to_dict()))
    assert len(back) == len(results)
    assert back.title == results.title
    if len(results):  # of nobody there are no traits
        assert back.select(*back.columns) == results.select(*back.columns)
    assert [i.index for i in back.interviews] == [i.index for i in results.interviews]
    assert through_json(back.to_dict()) == through_json(results.to_dict())


def answered(index: int = 0, answer: Any = "Blue", agent: int = 0) -> Interview:
    return Interview(index, agent, 0, 0, 0, [AnswerCell("answered", answer), AnswerCell(), AnswerCell()])


def test_computed_columns_come_back(tmp_path: Path) -> None:
    results = Results(AXES, [answered()], 1).mutate("loud = color.upper()")
    back = Results.load(results.save(tmp_path / "r"))
    assert back.created_columns == ["loud"]
    assert back.select("loud").to_list() == ["BLUE"]
    assert back.axes.survey == SURVEY


def test_numbers_of_what_was_filtered_stay() -> None:
    results = Results(AXES, [answered(), answered(1, agent=1)], 2).filter("persona == 'clerk'")
    back = Results.from_dict(through_json(results.to_dict()))
    assert back[0].indices == {"agent": 1, "scenario": 0, "model": 0}
    assert back[0]["agent_name"] == "Agent_1"
    assert (back + results)[1].agent == results[0].agent


#: What EDSL writes of an interview whose second question was skipped, and whose third one failed.
THEIRS: dict[str, Any] = {
    "agent": {"traits": {"persona": "artist"}, "name": "x"},
    "scenario": {"thing": "color", "scenario_index": 0},
    "model": {
        "model": "claude",
        "parameters": {"temperature": 0.5},
        "inference_service": "nowhere",
        "more": 1,
    },
    "iteration": 0,
    "answer": {"color": "b", "mc": None, "money": None, "extra": 5},
    "prompt": {
        "color_user_prompt": {"text": "Which?", "class_name": "Prompt"},
        "color_system_prompt": {"text": "", "class_name": "Prompt"},
        "money_user_prompt": {"text": "How much?", "class_name": "Prompt"},
    },
    "raw_model_response": {
        "color_raw_model_response": {"message": [{"text": "b"}]},
        "color_input_tokens": 1,
        "color_output_tokens": 2,
        "color_input_price_per_million_tokens": 3.0,
        "color_output_price_per_million_tokens": 4.0,
        "color_cost": 2e-06,
        "color_one_usd_buys": 500000.0,
    },
    "comments_dict": {"color_comment": None, "money_comment": "That is no budget"},
    "reasoning_summaries_dict": {"color_reasoning_summary": "Well."},
    "cache_used_dict": {"color": True},
    "cache_keys": {"color": "abc"},
    "validated_dict": {"color_validated": True, "money_validated": False},
    "distribution": {"color": [1]},
    "indices": {"agent": 4, "scenario": 0, "model": 2},
    "interview_hash": 5,
}


def theirs(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"data": list(rows), "survey": SURVEY.to_dict(), "created_columns": ["extra"], **more}


def test_what_edsl_writes_is_read() -> None:
    results = Results.from_dict(theirs(THEIRS, task_history={"interviews": []}))
    row = results[0]
    expected = {
        "answer.color": "b",
        "answer.extra": 5,
        "agent.agent_index": 4,
        "model.model_index": 2,
        "model.model": "claude",
        "model.inference_service": "nowhere",
        "model.temperature": 0.5,
        "cache_used.color_cache_used": True,
        "prompt.color_user_prompt": "Which?",
        "reasoning_summary.color_reasoning_summary": "Well.",
        "raw_model_response.color_input_price_per_million_tokens": 3.0,
        "state.color_state": "answered",
        "state.mc_state": "skipped",
        "state.money_state": "invalid",
        "state.money_error": "That is no budget",
    }
    assert {name: row[name] for name in expected} == expected
    assert results.partial is False
    written = through_json(results.to_dict())
    assert written["task_history"] == {"interviews": []}
    assert written["data"][0]["distribution"] == {"color": [1]}
    assert written["data"][0]["interview_hash"] == 5
    assert written["data"][0]["model"]["more"] == 1


def test_a_row_of_an_old_version_has_little() -> None:
    row = {name: THEIRS[name] for name in ("agent", "scenario", "model", "iteration", "answer")}
    results = Results.from_dict(theirs(row))
    assert results[0].answer["color"] == "b"
    assert results[0].indices["scenario"] == 0
    history = {"interviews": [{"exceptions": {"mc": []}}]}
    assert Results.from_dict(theirs(row, task_history=history))[0]["mc_state"] == "failed"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "JSON object"),
        ([], "JSON object"),
        ({}, "data"),
        ({"data": {}}, "data"),
        ({"data": []}, "Survey"),
        (theirs(5), "row 0"),  # type: ignore[arg-type]
        (theirs({}), "row 0"),
        (theirs(THEIRS, {**THEIRS, "answer": None}), "row 1"),
        (theirs({**THEIRS, "iteration": "x"}), "iteration"),
        (theirs({**THEIRS, "agent": {"traits": 5}}), "traits"),
        (theirs(edsl_nb={"format": 2}), "newer version"),
    ],
)
def test_what_is_no_results_is_refused(data: Any, words: str) -> None:
    refusal(lambda: Results.from_dict(data), words)


def test_damaged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    path = Results(AXES, [answered()], 1).save(tmp_path / "r")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refusal(lambda: Results.load(path), "cannot be read")
    path.write_bytes(gzip.compress(b'{"data": ['))
    refusal(lambda: Results.load(path), "no JSON")
    SURVEY.save(tmp_path / "s")
    refusal(lambda: Results.load(tmp_path / "s"), "Survey", error=ResultsError)
    refusal(lambda: Survey.load(Results(AXES, [answered()], 1).save(tmp_path / "r")), "Results")


def test_functions_are_not_saved(tmp_path: Path) -> None:
    model = Model("test", canned_response=lambda call: "x")
    axes = Axes(SURVEY, AXES.agents, AXES.scenarios, ModelList([model]))
    with pytest.warns(UserWarning, match="functions are not saved"):
        Results(axes, [answered()], 1).save(tmp_path / "r")
    assert isinstance(Results.load(tmp_path / "r"), Results)
    with pytest.raises(EdslNbError):
        Results.load(tmp_path / "nothing")
