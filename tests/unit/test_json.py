"""EDSL's JSON: what is written can be read, newer fields stay, what is not supported is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import edsl_nb
from edsl_nb import (
    Agent,
    AgentList,
    EdslNbError,
    Jobs,
    Model,
    ModelList,
    QuestionFreeText,
    QuestionMultipleChoice,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import AgentError, JobError, ModelError, QuestionError, SurveyError
from edsl_nb.questions import Question
from tests.unit import samples
from tests.unit.samples import json_values, refusal, texts, through_json, without_tags

TAGS = {"edsl_version": f"edsl_nb-{edsl_nb.__version__}"}

#: What our objects write, by the class that reads it.
ANY_OBJECT = st.one_of(
    st.tuples(st.just(Question), samples.questions()),
    st.tuples(st.just(Survey), samples.surveys),
    st.tuples(st.just(Agent), samples.agents),
    st.tuples(st.just(Scenario), samples.scenarios),
    st.tuples(st.just(Model), samples.models),
    st.tuples(st.just(AgentList), samples.agent_lists),
    st.tuples(st.just(ScenarioList), samples.scenario_lists),
    st.tuples(st.just(ModelList), samples.model_lists),
    st.tuples(st.just(Jobs), samples.jobs()),
)


# There and back


@given(ANY_OBJECT)
def test_what_is_written_can_be_read_again(made: tuple[Any, Any]) -> None:
    cls, obj = made
    written = through_json(obj.to_dict())
    read = cls.from_dict(written)
    assert read == obj
    assert through_json(read.to_dict()) == written
    assert type(read) is type(obj)
    assert cls.from_dict(without_tags(written)) == obj


@given(ANY_OBJECT)
def test_every_object_carries_the_tags_that_edsl_reads(made: tuple[Any, Any]) -> None:
    cls, obj = made
    written = obj.to_dict()
    assert written["edsl_version"] == TAGS["edsl_version"]
    expected = {Question: "QuestionBase", Model: "LanguageModel"}.get(cls, cls.__name__)
    assert written["edsl_class_name"] == expected


@given(ANY_OBJECT, texts, json_values)
def test_fields_of_newer_versions_are_kept(made: tuple[Any, Any], name: str, value: Any) -> None:
    cls, obj = made
    written = through_json({**obj.to_dict(), f"new_{name}": value})
    read = cls.from_dict(written)
    assert through_json(read.to_dict()) == written
    if cls is not Scenario:
        assert read == cls.from_dict(through_json(read.to_dict()))


@given(samples.jobs())
def test_a_job_that_was_read_asks_the_same(job: Jobs) -> None:
    if not len(job.models):
        job.by(Model("test"))
    read = Jobs.from_dict(through_json(job.to_dict()))
    try:
        expected = job.prompts().to_dicts()
    except EdslNbError as refused:
        assert str(refusal(read.prompts)) == str(refused)
    else:
        assert read.prompts().to_dicts() == expected


@given(ANY_OBJECT)
def test_reading_does_not_change_what_is_read(made: tuple[Any, Any]) -> None:
    cls, obj = made
    written = through_json(obj.to_dict())
    before = json.dumps(written)
    cls.from_dict(written)
    assert json.dumps(written) == before


# The shapes


def test_the_shape_of_a_job() -> None:
    choice = QuestionMultipleChoice("a", "A {{ scenario.t }}?", ["No", "Yes"])
    survey = Survey([choice, QuestionFreeText("b", "B?")], name="nm")
    job = survey.by(Agent({"p": 1}, name="n"), Model("gpt-4o", "openai"), Scenario({"t": "x"}))
    index = {"a": 0, "b": 1}
    rule = {"expression": "True", "priority": -1, "before_rule": False, "question_name_to_index": index}
    assert without_tags(job.to_dict()) == {
        "survey": {
            "questions": [
                {
                    "question_name": "a",
                    "question_text": "A {{ scenario.t }}?",
                    "question_options": ["No", "Yes"],
                    "question_type": "multiple_choice",
                },
                {"question_name": "b", "question_text": "B?", "question_type": "free_text"},
            ],
            "memory_plan": {
                "survey_question_names": ["a", "b"],
                "survey_question_texts": ["A {{ scenario.t }}?", "B?"],
                "data": {},
            },
            "rule_collection": {
                "question_name_to_index": index,
                "rules": [{"current_q": 0, "next_q": 1, **rule}, {"current_q": 1, "next_q": 2, **rule}],
                "num_questions": 2,
            },
            "question_groups": {},
            "name": "nm",
        },
        "agents": [{"traits": {"p": 1}, "name": "n"}],
        "models": [
            {
                "model": "gpt-4o",
                "parameters": {
                    "temperature": 0.5,
                    "max_tokens": 1000,
                    "top_p": 1,
                    "frequency_penalty": 0,
                    "presence_penalty": 0,
                    "logprobs": False,
                    "top_logprobs": 3,
                    "reasoning_effort": None,
                },
                "inference_service": "openai",
            }
        ],
        "scenarios": [{"t": "x"}],
    }
    assert job.to_dict()["edsl_class_name"] == "Jobs"
    assert job.to_dict()["survey"]["questions"][0]["edsl_class_name"] == "QuestionBase"


def test_missing_kinds_are_empty_lists() -> None:
    written = Jobs(QuestionFreeText("q", "Why?")).to_dict()
    assert (written["agents"], written["scenarios"], written["models"]) == ([], [], [])
    assert "name" not in written["survey"]


def test_the_shape_of_lists() -> None:
    people = AgentList([Agent({"k": 1}, codebook={"k": "K"})])
    assert without_tags(people.to_dict()) == {"agent_list": [{"traits": {"k": 1}, "codebook": {"k": "K"}}]}
    assert without_tags(ScenarioList([Scenario({"a": [1, {"x": None}]})]).to_dict()) == {
        "scenarios": [{"a": [1, {"x": None}]}]
    }
    assert without_tags(ModelList([Model("test")]).to_dict()) == {
        "models": [{"model": "test", "parameters": {"temperature": 0.5}, "inference_service": "test"}]
    }
    codebook = {"agent_list": [], "codebook": {"k": "K"}}
    assert without_tags(AgentList.from_dict(codebook).to_dict()) == codebook


def test_only_what_is_not_usual_is_written() -> None:
    assert without_tags(Agent({"a": 1}).to_dict()) == {"traits": {"a": 1}}
    assert without_tags(Agent(instruction="Hi.", traits_presentation_template="x").to_dict()) == {
        "traits": {},
        "instruction": "Hi.",
        "traits_presentation_template": "x",
    }
    written = QuestionMultipleChoice("q", "Which?", ["a"], include_comment=False).to_dict()
    assert without_tags(written) == {
        "question_name": "q",
        "question_text": "Which?",
        "question_options": ["a"],
        "include_comment": False,
        "question_type": "multiple_choice",
    }
    model = Model("test", canned_response={"q": "x"}, latency=0.1)
    assert model.to_dict()["parameters"] == {
        "temperature": 0.5,
        "canned_response": {"q": "x"},
        "latency": 0.1,
    }


def test_functions_are_not_written() -> None:
    assert Model("test", canned_response=str.upper).to_dict()["parameters"] == {"temperature": 0.5}


def test_an_address_is_written_and_read() -> None:
    model = Model("llama3", "openai", base_url="http://localhost:11434/v1")
    assert Model.from_dict(model.to_dict()).base_url == "http://localhost:11434/v1"


# What other writers leave out or add


def test_what_edsl_makes_optional_is_optional() -> None:
    assert Agent.from_dict({}) == Agent()
    assert Scenario.from_dict({}) == Scenario()
    assert Model.from_dict({"model": "gpt-4o"}) == Model("gpt-4o")
    assert Model.from_dict({"model": "test", "inference_service": "test", "parameters": None}) == Model(
        "test"
    )
    question = {"question_name": "q", "question_text": "Why?", "question_type": "free_text"}
    survey = Survey.from_dict(
        {"questions": [question], "memory_plan": {"data": {}}, "rule_collection": {"rules": []}}
    )
    assert survey == Survey([QuestionFreeText("q", "Why?")])


def test_parameters_of_newer_versions_are_kept_and_sent() -> None:
    data = {
        "model": "gpt-4o",
        "inference_service": "openai",
        "parameters": {"temperature": 0, "verbosity": "low"},
    }
    model = Model.from_dict(data)
    assert model.parameters["verbosity"] == "low"
    assert model.to_dict()["parameters"]["verbosity"] == "low"
    assert '"verbosity": "low"' in model.key_prefix


QUESTION = {
    "question_name": "q",
    "question_text": "Which?",
    "question_options": ["a"],
    "question_type": "multiple_choice",
}
SURVEY = {**Survey([QuestionFreeText("q", "Why?")]).to_dict()}
RULE = {"current_q": 0, "expression": "{{ q.answer }} == 'No'", "next_q": "EndOfSurvey", "priority": 0}
FILE = {"path": "x.txt", "base64_string": "SGk=", "binary": False, "suffix": "txt", "mime_type": "text/plain"}
JOB = Jobs(QuestionFreeText("q", "Why?")).to_dict()


@pytest.mark.parametrize(
    ("read", "data", "words", "error"),
    [
        (
            Question.from_dict,
            {"name": "i", "text": "Now.", "preamble": "x"},
            ("question_type", "None"),
            QuestionError,
        ),
        (
            Question.from_dict,
            {"question_type": "free_text", "question_name": "q"},
            ("question_text",),
            QuestionError,
        ),
        (
            Survey.from_dict,
            {**SURVEY, "rule_collection": {"rules": [{**RULE, "next_q": "end"}]}},
            ("rule_collection", "next_q", "'end'"),
            SurveyError,
        ),
        (
            Survey.from_dict,
            {**SURVEY, "memory_plan": {"data": {"q": {}}}},
            ("memory_plan", "memory"),
            SurveyError,
        ),
        (Survey.from_dict, {**SURVEY, "question_groups": {"g": [0, 1]}}, ("question_groups",), SurveyError),
        (
            Survey.from_dict,
            {**SURVEY, "questions_to_randomize": ["x"]},
            ("questions_to_randomize", "'x'"),
            SurveyError,
        ),
        (Jobs.from_dict, {**JOB, "assignments": [{"agent": "first"}]}, ("assign", "positions"), JobError),
        (Jobs.from_dict, {**JOB, "assignment_mode": "zip"}, ("assignments", "None"), JobError),
        (Jobs.from_dict, {**JOB, "include_expression": "{{ x }}"}, ("include_when", "x"), JobError),
        (Jobs.from_dict, {"agents": []}, ("Survey", "dict"), EdslNbError),
        (AgentList.from_dict, {"scenarios": []}, ("agent_list", "None"), EdslNbError),
        (ScenarioList.from_dict, {"scenarios": {}}, ("scenarios", "{}"), EdslNbError),
        (Agent.from_dict, {"traits": {"name": "Ann"}}, ("traits", "'name'"), AgentError),
        (Model.from_dict, {"parameters": {}}, ("model", "None"), ModelError),
        (
            Model.from_dict,
            {"model": "m", "inference_service": "anthropic"},
            ("service_name", "'anthropic'"),
            ModelError,
        ),
        (
            Model.from_dict,
            {"model": "m", "inference_service": "openai", "base_url": "x"},
            ("base_url", "'x'"),
            ModelError,
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(
    read: Callable[[Any], Any], data: Any, words: tuple[str, ...], error: type[EdslNbError]
) -> None:
    refusal(lambda: read(data), *words, error=error)


READERS = [Question, Survey, Agent, AgentList, Scenario, ScenarioList, Model, ModelList, Jobs]
FIELDS = """
question_type question_name question_text question_options include_comment questions memory_plan
rule_collection question_groups name agent_list scenarios models agents survey traits codebook instruction
traits_presentation_template model parameters inference_service base_url data rules priority
"""
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["free_text", "test", "gpt-4o", "q"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(FIELDS.split()), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(st.sampled_from(READERS), junk)
def test_any_json_makes_an_object_or_an_error_of_ours(cls: Any, data: Any) -> None:
    try:
        made = cls.from_dict(data)
    except EdslNbError:
        return
    assert cls.from_dict(through_json(made.to_dict())) == made


@given(ANY_OBJECT, st.data())
def test_damaged_json_makes_an_object_or_an_error_of_ours(made: tuple[Any, Any], data: st.DataObject) -> None:
    cls, obj = made
    written = through_json(obj.to_dict())
    name = data.draw(st.sampled_from(sorted(written)))
    written[name] = data.draw(junk)
    try:
        cls.from_dict(written)
    except EdslNbError as error:
        assert str(error)
