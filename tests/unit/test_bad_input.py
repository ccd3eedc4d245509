"""Each kind of bad input is refused by an error of its own type, which names field, value and remedy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from edsl_nb.core.errors import (
    JobError,
    ModelError,
    QuestionError,
    StoreError,
    SurveyError,
    TableError,
    TemplateError,
)
from edsl_nb.core.tables import Query

QUESTION = QuestionFreeText("q", "Why?")
TEST = Model("test")

CASES: dict[str, tuple[Callable[[], Any], type[EdslNbError], str, str, str]] = {
    "duplicate question names": (
        lambda: Survey([QUESTION, QuestionFreeText("q", "Why not?")]),
        SurveyError, "question_name", "'q'", "another question_name",
    ),
    "unknown placeholder": (
        lambda: QuestionFreeText("q", "{{ scenario.topik }}?").by(Scenario(topic="bees"), TEST).prompts(),
        TemplateError, "{{ scenario.topik }}", "'{{ scenario.topik }}?'", "'topic'",
    ),
    "unknown placeholder in an option": (
        lambda: QuestionMultipleChoice("q", "Which?", ["{{ agent.a }}"]).by(Agent({"b": 1}), TEST).run(),
        TemplateError, "{{ agent.a }}", "'Which?'", "There are: b",
    ),
    "empty option list": (
        lambda: QuestionMultipleChoice("q", "Which?", []),
        QuestionError, "question_options", "[]", "at least one",
    ),
    "question name that is no identifier": (
        lambda: QuestionFreeText("favorite color", "Why?"),
        QuestionError, "question_name", "'favorite color'", "letters, digits and underscores",
    ),
    "unknown service": (
        lambda: Model("gpt-4o", service_name="opnai"), ModelError, "service_name", "'opnai'", "'openai'",
    ),
    "by of a text": (
        lambda: QUESTION.by("text"), JobError, "by", "'text'", "agents, scenarios or models",
    ),
    "negative page": (
        lambda: asyncio.run(QUESTION.by(TEST).prompts().page(Query(offset=-10))),
        TableError, "offset", "-10", "0 or more",
    ),
    "negative page of results": (
        lambda: asyncio.run(QUESTION.by(TEST).run(progress_bar=False).as_table().page(Query(offset=-10))),
        TableError, "offset", "-10", "0 or more",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_named_by_field_value_and_remedy(name: str) -> None:
    action, error, field, value, remedy = CASES[name]
    with pytest.raises(EdslNbError) as caught:
        action()
    assert type(caught.value) is error
    assert caught.value.field == field
    message = str(caught.value)
    assert message.startswith(f"{field}: ")
    assert f"(got {value})" in message
    assert remedy in message[message.index(f"(got {value})") :]


def test_an_unwritable_store_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EDSL_NB_HOME", str(tmp_path / "file"))
    with pytest.raises(StoreError) as caught:
        QUESTION.by(TEST).run(progress_bar=False)
    assert caught.value.field == "EDSL_NB_HOME"
    assert str(tmp_path / "file") in str(caught.value)
    assert "Set EDSL_NB_HOME" in str(caught.value)


@pytest.mark.parametrize("name", CASES)
def test_the_way_there_is_not_shown_twice(name: str) -> None:
    """Errors of other libraries are no cause that a notebook would print above ours."""
    with pytest.raises(EdslNbError) as caught:
        CASES[name][0]()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


#: Every constructor, with what it is given for each of its parameters in turn.
CONSTRUCTORS: list[tuple[Any, list[str], dict[str, Any]]] = [
    (QuestionFreeText, ["question_name", "question_text"], {"question_name": "q", "question_text": "Why?"}),
    (
        QuestionMultipleChoice,
        ["question_name", "question_text", "question_options", "include_comment"],
        {"question_name": "q", "question_text": "Why?", "question_options": ["a"]},
    ),
    (Survey, ["questions", "name"], {}),
    (
        Agent,
        ["traits", "name", "codebook", "instruction", "traits_presentation_template"],
        {"traits": {"a": 1}},
    ),
    (Scenario, ["data"], {}),
    (Model, ["model_name", "service_name", "api_key", "base_url", "temperature"], {"model_name": "gpt-4o"}),
    (Model, ["canned_response", "latency", "throw_exception", "temperature"], {"model_name": "test"}),
    (Model, ["temperature", "top_p", "max_tokens", "seed", "structured"], {"model_name": "smollm2-135m"}),
    (AgentList, ["data"], {}),
    (ScenarioList, ["data"], {}),
    (ModelList, ["data"], {}),
    (Jobs, ["survey"], {"survey": QUESTION}),
]

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(),
    st.binary(),
    st.lists(st.one_of(st.none(), st.text(), st.integers(), st.just(QUESTION))),
    st.tuples(st.text(), st.none()),
    st.sets(st.integers()),
    st.dictionaries(
        st.one_of(st.text(), st.integers(), st.none()), st.one_of(st.none(), st.text(), st.lists(st.none()))
    ),
    st.sampled_from(
        [object(), object, len, Ellipsis, QUESTION, TEST, Agent({"a": 1}), Scenario({"a": 1}), range(3)]
    ),
)


@given(st.sampled_from(CONSTRUCTORS), st.data())
def test_whatever_a_constructor_is_given_it_is_taken_or_refused_in_our_words(
    constructor: tuple[Any, list[str], dict[str, Any]], data: st.DataObject
) -> None:
    make, parameters, usual = constructor
    name = data.draw(st.sampled_from(parameters))
    value = data.draw(anything)
    try:
        made = make(**{**usual, name: value})
    except EdslNbError as error:
        assert not isinstance(error, pydantic.ValidationError)
        assert error.field
        assert len(str(error)) < 3_000
    else:
        assert repr(made)
        assert made == make(**{**usual, name: value}) or value != value or callable(value) or _has_nan(value)


def _has_nan(value: Any) -> bool:
    if isinstance(value, dict | list | tuple | set):
        return any(_has_nan(item) for item in (value.values() if isinstance(value, dict) else value))
    return value != value


@given(st.sampled_from([Agent, Scenario, QuestionFreeText, Model]), anything)
def test_unknown_parameters_are_taken_as_data_or_refused_in_our_words(make: Any, value: Any) -> None:
    usual: dict[Any, dict[str, Any]] = {
        QuestionFreeText: {"question_name": "q", "question_text": "Why?"},
        Model: {"model_name": "gpt-4o"},
    }
    try:
        made = make(**usual.get(make, {}), surprise=value)
    except EdslNbError as error:
        assert error.field == "surprise"
        assert make in (QuestionFreeText, Model)
    else:
        assert make in (Agent, Scenario)
        assert "surprise" in repr(made)


@given(anything)
def test_whatever_by_is_given_it_is_taken_or_refused_in_our_words(value: Any) -> None:
    job = Jobs(QUESTION)
    try:
        assert job.by(value) is job
    except JobError as error:
        assert error.field == "by"
        assert job == Jobs(QUESTION)
