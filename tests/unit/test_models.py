"""Models: how one is found by name, its parameters, and what makes two of them equal."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import inspect
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Agent, Model, QuestionFreeText, QuestionMultipleChoice, Scenario
from edsl_nb.core.errors import ModelError, ServiceError
from edsl_nb.models import ModelCall, Reply
from tests.unit.samples import models, refusal

SEVEN = {
    "temperature": 0.5,
    "max_tokens": 1000,
    "top_p": 1,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "logprobs": False,
    "top_logprobs": 3,
}


def test_the_parameters_of_openai_are_the_seeds_and_effort() -> None:
    assert Model("gpt-4o", service_name="openai").parameters == {**SEVEN, "reasoning_effort": None}


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("gpt-4o", "openai"),
        ("chatgpt-4o-latest", "openai"),
        ("o3-mini", "openai"),
        ("test", "test"),
        ("smollm2-135m", "local"),
    ],
)
def test_a_well_known_name_finds_its_service(name: str, service: str) -> None:
    assert Model(name).service_name == service
    assert Model(model=name) == Model(name)


def test_a_name_that_no_service_knows_is_refused_with_the_services() -> None:
    refusal(
        lambda: Model("nosuch-99"),
        "service_name",
        "'nosuch-99'",
        "local, openai, test",
        "base_url",
        error=ModelError,
    )


def test_any_name_goes_with_a_service() -> None:
    assert (
        Model("llama3", "openai", base_url="http://localhost:11434/v1/").base_url
        == "http://localhost:11434/v1"
    )


def test_an_unknown_service_is_refused_with_what_is_near() -> None:
    refusal(lambda: Model("gpt-4o", "opnai"), "service_name", "'opnai'", "'openai'", error=ModelError)
    refusal(lambda: Model("gpt-4o", "xyz"), "service_name", "'xyz'", "local, openai, test", error=ModelError)


def test_an_unknown_parameter_is_refused_with_what_is_near() -> None:
    refusal(lambda: Model("gpt-4o", temperatur=1), "temperatur", "(got 1)", "'temperature'", error=ModelError)
    refusal(lambda: Model("test", max_tokens=1), "max_tokens", "'test'", error=ModelError)


@pytest.mark.parametrize(
    "address", ["localhost:11434", "ftp://example.org", "http://", "http://[::1", "/v1", "x"]
)
def test_an_address_has_to_be_one(address: str) -> None:
    refusal(
        lambda: Model("m", "openai", base_url=address),
        "base_url",
        repr(address.rstrip("/")),
        "http",
        error=ModelError,
    )


@given(
    st.one_of(
        st.integers(),
        st.floats(),
        st.binary(),
        st.booleans(),
        st.lists(st.text()),
        st.dictionaries(st.text(), st.none()),
    )
)
def test_a_wrong_type_is_always_an_error_of_ours(value: Any) -> None:
    refusal(lambda: Model(value), "model_name", error=ModelError)
    refusal(lambda: Model("gpt-4o", value), "service_name", error=ModelError)
    refusal(lambda: Model("gpt-4o", base_url=value), "base_url", error=ModelError)
    if value:
        refusal(lambda: Model("gpt-4o", api_key=value), "api_key", error=ModelError)
    if not isinstance(value, dict):
        refusal(lambda: Model("test", canned_response=value), "canned_response", error=ModelError)
    if not isinstance(value, int | float):
        refusal(lambda: Model("test", latency=value), "latency", error=ModelError)


@given(st.text(), st.none() | st.text(), st.none() | st.text())
def test_any_texts_make_a_model_or_an_error_of_ours(
    name: str, service: str | None, address: str | None
) -> None:
    for service_name in (service, "openai", "local", "test"):
        try:
            Model(name, service_name, base_url=address)
        except ModelError as error:
            assert error.field in ("model", "service_name", "base_url")


@pytest.mark.parametrize(
    "field", ["model", "service_name", "parameters", "settings", "base_url", "api_key", "temperature"]
)
def test_a_field_cannot_be_assigned_to_and_the_error_says_what_to_do(field: str) -> None:
    model = Model("gpt-4o")
    refusal(lambda: setattr(model, field, 1), field, "Make a new one: Model(", error=ModelError)
    if field != "temperature":
        refusal(lambda: delattr(model, field), field, "Make a new one: Model(", error=ModelError)
    assert model == Model("gpt-4o")


@given(models)
def test_a_model_is_written_as_the_code_that_makes_it(model: Model) -> None:
    assert eval(repr(model), {"Model": Model}) == model
    assert hash(eval(repr(model), {"Model": Model})) == hash(model)
    assert copy.deepcopy(model) == copy.copy(model) == model


@pytest.mark.parametrize("cls", [Model, Agent, Scenario, QuestionFreeText, QuestionMultipleChoice])
def test_help_shows_the_parameters_that_there_are(cls: Any) -> None:
    written = list(inspect.signature(cls.__init__).parameters.values())[1:]
    assert list(inspect.signature(cls).parameters.values()) == written


def test_models_are_equal_that_answer_alike() -> None:
    assert Model("gpt-4o", api_key="one-key-1") == Model("gpt-4o", api_key="other-key")
    assert Model("gpt-4o") != Model("gpt-4o", temperature=0)
    assert Model("gpt-4o") != Model("gpt-4o-mini")
    assert Model("gpt-4o") != Model("gpt-4o", base_url="http://localhost/v1")
    assert Model("test", canned_response="a") != Model("test", canned_response="b")
    assert Model("gpt-4o", structured=True) != Model("gpt-4o")


def test_a_label_names_service_and_model_once() -> None:
    assert (Model("gpt-4o").label, Model("test").label) == ("openai/gpt-4o", "test")


# Calls


def call(model: Model, user: str = "Why?", **fields: Any) -> ModelCall:
    return ModelCall(model, "Be brief.", (("user", user),), **fields)


def test_the_key_tells_calls_apart_by_model_parameters_texts_and_iteration() -> None:
    base = call(Model("gpt-4o"))
    others = [
        call(Model("gpt-4o-mini")),
        call(Model("gpt-4o", temperature=0)),
        call(Model("gpt-4o"), "Why not?"),
        call(Model("gpt-4o"), iteration=1),
        ModelCall(Model("gpt-4o"), "Be long.", (("user", "Why?"),)),
        ModelCall(Model("gpt-4o"), "Be brief.", (("user", "Why?"), ("assistant", "So."), ("user", "Why?"))),
    ]
    assert len({base.key, *(other.key for other in others)}) == len(others) + 1


def test_the_key_knows_nothing_of_settings_addresses_keys_and_what_is_none() -> None:
    base = call(Model("gpt-4o")).key
    assert call(Model("gpt-4o", structured=True)).key == base
    assert call(Model("gpt-4o", base_url="http://localhost/v1")).key == base
    assert call(Model("gpt-4o", api_key="some-key-1")).key == base
    assert call(Model("gpt-4o", reasoning_effort=None)).key == base
    assert call(Model("gpt-4o", reasoning_effort="low")).key != base
    assert call(Model("gpt-4o", top_p=None)).key != base


def test_messages_are_a_system_text_and_turns() -> None:
    assert call(Model("test")).messages() == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Why?"},
    ]
    assert ModelCall(Model("test"), "", (("user", "Why?"),)).messages() == [
        {"role": "user", "content": "Why?"}
    ]


def test_what_shapes_a_reply_is_told_as_in_stores_that_are_there_already() -> None:
    choice = QuestionMultipleChoice("q", "Which?", ["Blé", "No"])
    presented = choice.present({})
    schema = presented.space.reply_schema
    assert schema == {"enum": ["Blé", "No"]}
    assert presented.space.reply_schema is schema

    def digest(value: Any) -> str:
        return hashlib.md5(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]

    scripted, structured = Model("test"), Model("gpt-4o", structured=True)
    assert scripted.service.shape(call(scripted, schema=schema)) == digest(schema)
    for comment in (True, False):
        shape = structured.service.shape(call(structured, schema=schema, comment=comment))
        assert shape == digest([schema, comment])


# The scripted model


def reply(model: Model, **fields: Any) -> Reply:
    return asyncio.run(model.service.call(call(model, **fields)))


def test_the_scripted_model_says_what_it_is_told_to() -> None:
    assert reply(Model("test", canned_response="Blue")).text == "Blue"
    assert reply(Model("test", canned_response="")).text == ""
    by_name = Model("test", canned_response={"q": "Blue", "n": 5})
    assert reply(by_name, question_name="q").text == "Blue"
    assert reply(by_name, question_name="n").text == "5"
    assert "'other'" in reply(by_name, question_name="other").text
    assert reply(Model("test", canned_response=str.upper)).text == "WHY?"


def test_the_scripted_model_answers_choices_with_an_option_and_the_same_one_again() -> None:
    options = ["Red", "Green", "Blue"]
    space = QuestionMultipleChoice("q", "Which?", options).present({}).space
    asked = {"schema": space.schema, "simulate": lambda random: space.write(space.draw(random))}
    drawn = [reply(Model("test"), **asked, iteration=i).text for i in range(40)]
    assert set(drawn) == set(options)
    assert drawn == [reply(Model("test"), **asked, iteration=i).text for i in range(40)]


def test_the_scripted_model_fails_when_it_is_told_to() -> None:
    with pytest.raises(ServiceError, match="told to fail"):
        reply(Model("test", throw_exception=True))

    def broken(user: str) -> str:
        raise RuntimeError("oops")

    with pytest.raises(ServiceError, match="RuntimeError: oops"):
        reply(Model("test", canned_response=broken))


def test_canned_replies_are_told_apart_although_the_seeds_key_is_the_same() -> None:
    one, two = call(Model("test", canned_response="a")), call(Model("test", canned_response="b"))
    assert one.key == two.key
    assert one.model.service.shape(one) != two.model.service.shape(two)


@pytest.mark.parametrize(("field", "value"), [("temperature", "hot"), ("max_tokens", True), ("top_p", [1])])
def test_a_number_is_a_number(field: str, value: Any) -> None:
    refusal(lambda: Model("gpt-4o", **{field: value}), field, repr(value), "a number", error=ModelError)


@pytest.mark.parametrize("address", ["", "  "])
def test_an_empty_address_is_not_taken_for_openais(address: str) -> None:
    refusal(
        lambda: Model("gpt-4o", base_url=address), "base_url", repr(address), "leave it out", error=ModelError
    )


def test_service_is_helped_to_service_name() -> None:
    refusal(
        lambda: Model("gpt-4o", service="openai"), "service", "Did you mean 'service_name'", error=ModelError
    )


def test_services_and_known_models_are_listed_without_asking_anybody() -> None:
    assert Model.services() == ["local", "openai", "test"]
    models = Model.available()
    assert {"gpt-4o", "smollm2-135m", "test"} <= models.names
    assert len(set(models)) == len(models)
    assert {model.service_name for model in models} == {"local", "openai", "test"}
    minis = Model.available("4O-MINI", service_name="openai")
    assert "gpt-4o-mini" in minis.names
    assert all("4o-mini" in name for name in minis.names)
    assert not len(Model.available("no such model"))
    assert all(not name.endswith("-") and ":" not in name for name in models.names)


def test_what_cannot_be_listed_is_refused() -> None:
    refusal(lambda: Model.available(service_name="opnai"), "service_name", "'opnai'", "'openai'")
    refusal(lambda: Model.available(3), "search_term", "3", error=ModelError)  # type: ignore[arg-type]
