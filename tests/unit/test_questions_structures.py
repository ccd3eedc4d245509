"""Questions for numbers, lists, records, budgets, distributions and objects under a schema."""

from __future__ import annotations

import inspect
from random import Random
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from edsl_nb.core.errors import QuestionError, TemplateError
from edsl_nb.core.templates import Fields
from edsl_nb.questions import (
    Question,
    QuestionBudget,
    QuestionDict,
    QuestionDistribution,
    QuestionExtract,
    QuestionList,
    QuestionNumerical,
    QuestionPydantic,
)
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.presented import Pending
from tests.unit.samples import plain, refusal, texts, through_json, without_tags

CLASSES: list[type[Any]] = [
    QuestionNumerical,
    QuestionList,
    QuestionDict,
    QuestionExtract,
    QuestionBudget,
    QuestionDistribution,
    QuestionPydantic,
]
every_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.question_type)

PERSON = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}


def made(cls: type[Any], **changes: Any) -> Any:
    """An example of a class with some fields changed."""
    example = cls.example()
    fields = {name: getattr(example, name) for name in type(example).model_fields}
    return cls(**{**fields, **changes})


def scope(**scenario: Any) -> dict[str, Any]:
    return {"scenario": Fields(scenario)}


# What they share


@every_class
def test_an_example_asks_its_text_first_and_reads_what_it_draws(cls: type[Any]) -> None:
    question = cls.example()
    presented = question.present({})
    assert presented.prompt.startswith(question.question_text + "\n\n")
    for seed in range(20):
        answer = presented.space.draw(Random(seed))
        assert presented.space.read(presented.space.write(answer)) == ("exact", answer, None, None, None)
        assert question.validate(answer).answer == answer
        assert question.validate({"answer": answer, "comment": "why"}).comment == "why"


@every_class
def test_it_goes_through_json_and_back(cls: type[Any]) -> None:
    question = cls.example()
    back = Question.from_dict(through_json(question.to_dict()))
    assert type(back) is cls
    assert back == question
    assert Question.from_dict(without_tags(question.to_dict())) == question
    assert cls.question_type in Question.available()


@every_class
def test_fields_of_a_newer_version_are_kept(cls: type[Any]) -> None:
    data = {**cls.example().to_dict(), "tone": "warm"}
    assert Question.from_dict(data).to_dict()["tone"] == "warm"


@every_class
def test_its_repr_makes_it_again(cls: type[Any]) -> None:
    question = cls.example()
    assert eval(repr(question), {cls.__name__: cls}) == question


@every_class
def test_instructions_and_presentation_can_be_replaced(cls: type[Any]) -> None:
    question = made(cls, answering_instructions="Just say it.", question_presentation="<{{ question_text }}>")
    assert question.present({}).prompt == f"<{question.question_text}>\n\nJust say it."
    assert Question.from_dict(through_json(question.to_dict())) == question


@every_class
def test_a_comment_is_asked_for_where_there_can_be_one(cls: type[Any]) -> None:
    if "include_comment" not in cls.model_fields:
        assert not cls.example().may_comment
        return
    with_comment, without = made(cls, include_comment=True), made(cls, include_comment=False)
    assert with_comment.present({}).prompt.startswith(without.present({}).prompt + " ")
    assert without.to_dict()["include_comment"] is False


junk = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats()
    | plain
    | st.sampled_from([b"x", object(), int, [], {}, [[]], [None], {"a": object()}, [{}], ["", ""], {1: 2}])
    | st.sampled_from(["{{ a", "{{ a.b }}", "{% for %}", 10**400, ["a"], {"type": "object"}])
    | st.lists(plain | st.integers(), max_size=3)
    | st.dictionaries(plain, plain | st.integers(), max_size=3)
)


@every_class
@given(data=st.data())
def test_a_wrong_parameter_is_refused_by_name_or_does_no_harm(cls: type[Any], data: Any) -> None:
    fields = [name for name in inspect.signature(cls).parameters if name != "unknown"]
    field = data.draw(st.sampled_from(fields))
    value = data.draw(junk)
    example = cls.example()
    given_fields = {name: getattr(example, name) for name in type(example).model_fields}
    try:
        question = cls(**{**given_fields, field: value})
    except (QuestionError, TemplateError) as refused:
        assert refused.field in {*fields, "bins"}
        assert refused.remedy
        return
    if not question.references:
        presented = question.present({})
        answer = presented.space.draw(Random(0))
        assert presented.space.read(presented.space.write(answer)).answer == answer
        assert Question.from_dict(through_json(question.to_dict())) == question


@every_class
def test_a_misspelt_parameter_is_refused(cls: type[Any]) -> None:
    refusal(lambda: made(cls, question_txt="Why?"), "question_txt", "question_text", error=QuestionError)


# Numbers


def test_the_limits_of_a_number_are_said_and_held_to() -> None:
    question = QuestionNumerical("q", "How many?", min_value=1, max_value=2.5, include_comment=False)
    assert question.present({}).prompt == (
        "How many?\n\nReply with a single number from 1 to 2.5, written in digits, without a unit."
    )
    assert question.validate("3").reason == "3 is above the maximum of 2.5"
    assert QuestionNumerical("q", "How many?", min_value=1, permissive=True).validate("-4").answer == -4


def test_limits_may_be_placeholders() -> None:
    question = QuestionNumerical("q", "How many?", 0, "{{ scenario.most }}")
    assert QuestionNumerical("q", "How many?", max_value="10").max_value == 10
    for most in (10, "10"):
        presented = question.present(scope(most=most))
        assert "from 0 to 10, written" in presented.prompt
        assert presented.space.read("11").how == "invalid"
    refusal(lambda: question.present(scope(most="many")), "max_value", "'many'", error=QuestionError)
    refusal(lambda: question.present(scope(most=-1)), "leaves no answer", error=QuestionError)
    unknown = question.present({"scenario": Fields({"most": Pending("<answer of 'a'>")})})
    assert "from 0 to <answer of 'a'>, written" in unknown.prompt
    assert unknown.space.read("11").answer == 11


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"min_value": 2, "max_value": 1}, ("min_value", "2", "smaller")),
        ({"min_value": "two"}, ("min_value", "'two'", "placeholder")),
        ({"max_value": True}, ("max_value", "True", "number")),
        ({"max_value": float("nan")}, ("max_value", "nan")),
    ],
)
def test_wrong_limits_are_refused(limits: dict[str, Any], words: tuple[str, ...]) -> None:
    refusal(lambda: QuestionNumerical("q", "How many?", **limits), *words, error=QuestionError)


# Lists


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "a JSON list, in"),
        ({"max_list_items": 1}, "a JSON list of at most 1 item, in"),
        ({"min_list_items": 2}, "a JSON list of at least 2 items, in"),
        ({"min_list_items": 2, "max_list_items": 2}, "a JSON list of exactly 2 items, in"),
        ({"min_list_items": 1, "max_list_items": 3}, "a JSON list of 1 to 3 items, in"),
        ({"max_list_items": "{{ scenario.n }}"}, "a JSON list of at most 5 items, in"),
    ],
)
def test_the_number_of_items_is_said(counts: dict[str, Any], said: str) -> None:
    assert said in QuestionList("q", "Which?", **counts).present(scope(n=5)).prompt


def test_the_number_of_items_is_held_to() -> None:
    question = QuestionList("q", "Which?", max_list_items=1)
    assert question.validate('["a", "b"]').how == "invalid"
    assert question.validate(["a", "b"]).how == "invalid"
    assert made(QuestionList, max_list_items=1, permissive=True).validate('["a", "b"]').how == "exact"
    refusal(lambda: made(QuestionList, min_list_items=1001), "min_list_items", "1001", "1,000")
    for wrong in (-1, 1.5, "x", True):
        refusal(lambda value=wrong: made(QuestionList, max_list_items=value), "max_list_items", repr(wrong))


# Records


def test_each_key_is_said_with_its_type_and_description() -> None:
    question = QuestionDict(
        "q",
        "Who?",
        ["name", "ages"],
        [str, list[int]],
        ["Of {{ scenario.who }}", "All"],
        include_comment=False,
    )
    assert question.value_types == ["str", "list[int]"]
    assert question.present(scope(who="Ann")).prompt == (
        "Who?\n\nReply with one JSON object that has exactly these keys:\n"
        '- "name": a text (Of Ann)\n- "ages": a list of whole numbers (All)\n'
        'It has the form {"name": "...", "ages": [..., ...]}.'
    )


def test_a_dict_question_always_writes_all_that_edsl_writes() -> None:
    assert without_tags(QuestionDict("q", "Who?", ["a"]).to_dict()) == {
        "question_type": "dict",
        "question_name": "q",
        "question_text": "Who?",
        "answer_keys": ["a"],
        "value_types": [],
        "value_descriptions": [],
        "include_comment": True,
        "permissive": False,
    }


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"answer_keys": []}, ("answer_keys", "[]", "list of keys")),
        ({"answer_keys": "name"}, ("answer_keys", "'name'")),
        ({"answer_keys": ["a", "a"]}, ("answer_keys", "'a'", "twice")),
        ({"answer_keys": ["a", 1]}, ("answer_keys", "1")),
        ({"value_types": ["strng"]}, ("value_types", "'strng'", "Did you mean", "'string'")),
        ({"value_types": ["str", "int"]}, ("value_types", "1 keys, and 2")),
        ({"value_types": "str"}, ("value_types", "'str'", "list")),
        ({"value_descriptions": ["a", "b"]}, ("value_descriptions", "1 keys, and 2")),
    ],
)
def test_wrong_keys_and_types_are_refused(fields: dict[str, Any], words: tuple[str, ...]) -> None:
    usual: dict[str, Any] = {"answer_keys": ["a"], "value_types": None, "value_descriptions": None}
    refusal(lambda: made(QuestionDict, **{**usual, **fields}), *words, error=QuestionError)


def test_what_is_extracted_has_the_types_of_the_template() -> None:
    template = {"name": "John", "age": 30, "tags": ["x"], "more": {"a": 1}, "any": None}
    question = QuestionExtract("Ann is 41.", template, "q")
    assert '- "age": a whole number (such as 30)\n' in question.present({}).prompt
    answer = {"name": "Ann", "age": 41, "tags": [1], "more": {}, "any": False}
    assert question.validate(answer).answer == answer
    assert question.validate({**answer, "age": 41.5}).reason == "'age' has to be a whole number, not 41.5"
    for wrong in ({}, [], None, "name", {1: 2}, {"a": object()}, {"a": (1,)}):
        refusal(lambda value=wrong: made(QuestionExtract, answer_template=value), "answer_template")


# Budgets and distributions


def test_a_budget_says_its_options_and_its_sum() -> None:
    question = QuestionBudget(
        "q", "How?", ["a", "{{ scenario.b }}"], "{{ scenario.sum }}", include_comment=False
    )
    presented = question.present(scope(b="B", sum=50))
    assert presented.prompt == (
        "How?\n\na\nB\n\nReply with one JSON object that gives each option its amount, in the form "
        '{"a": ..., "B": ...}. The amounts are numbers, 0 or more, and must sum to exactly 50.'
    )
    assert presented.options == ("a", "B")
    assert presented.space.read("[20, 30]").answer == [{"a": 20.0}, {"B": 30.0}]
    unknown = question.present({"scenario": Fields({"b": "B", "sum": Pending("<answer of 'x'>")})})
    assert "sum to exactly <answer of 'x'>." in unknown.prompt


@every_class
def test_options_may_be_one_placeholder_that_is_not_known_yet(cls: type[Any]) -> None:
    if "question_options" not in cls.model_fields:
        return
    question = made(cls, question_options="{{ scenario.options }}")
    assert question.present(scope(options=["x", "y"])).options == ("x", "y")
    assert "<unknown>" in question.present(scope(options=Pending("<unknown>"))).prompt
    refusal(lambda: question.present(scope(options=[])), "question_options", error=QuestionError)
    added = made(cls, question_options={"from": "{{ scenario.options }}", "add": ["z"]})
    assert added.present(scope(options=["x", "y"])).options == ("x", "y", "z")


def test_options_are_shuffled_where_the_survey_wants_it() -> None:
    question = QuestionBudget("q", "How?", [f"o{i}" for i in range(9)], 9)
    shown = question.present({}, Chance("someone", shuffle=True)).options
    assert shown != question.present({}).options
    assert sorted(shown or ()) == question.question_options


def test_what_is_left_is_said_to_go_to_the_remainder_option() -> None:
    question = QuestionBudget("q", "How?", ["a", "b"], 10, remainder_option="b")
    assert "If you leave out b, it gets what is left." in question.present({}).prompt
    assert question.validate('{"a": 4}').answer == [{"a": 4.0}, {"b": 6.0}]
    assert question.to_dict()["remainder_option"] == "b"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"question_options": []}, ("question_options", "at least one")),
        ({"question_options": "a"}, ("question_options", "'a'")),
        ({"question_options": ["a", "a"]}, ("question_options", "twice")),
        ({"question_options": ["a", 1, "1"]}, ("question_options", "twice")),
        ({"budget_sum": 0}, ("budget_sum", "0", "nothing to split")),
        ({"budget_sum": "ten"}, ("budget_sum", "'ten'")),
        ({"remainder_option": "c"}, ("remainder_option", "'c'", "a, b")),
    ],
)
def test_wrong_budgets_are_refused(fields: dict[str, Any], words: tuple[str, ...]) -> None:
    usual: dict[str, Any] = {"question_options": ["a", "b"], "budget_sum": 10}
    refusal(lambda: QuestionBudget("q", "How?", **{**usual, **fields}), *words, error=QuestionError)


@pytest.mark.parametrize(
    ("fields", "outcomes"),
    [
        ({"question_options": ["a", "b"]}, ("a", "b")),
        ({"bins": ["(-Inf,0)", "[0,10]", "(10,Inf)"]}, ("(-Inf,0)", "[0,10]", "(10,Inf)")),
        ({"min_value": 0, "max_value": 10, "bucket_size": 4}, ("[0,4)", "[4,8)", "[8,10]")),
        (
            {"min_value": 0, "max_value": 1, "bucket_size": 0.3},
            ("[0,0.3)", "[0.3,0.6)", "[0.6,0.9)", "[0.9,1]"),
        ),
        ({"min_value": -100, "max_value": 1000, "bucket_size": 1100}, ("[-100,1000]",)),
    ],
)
def test_outcomes_are_options_bins_or_buckets(fields: dict[str, Any], outcomes: tuple[str, ...]) -> None:
    question = QuestionDistribution("q", "How likely?", **fields)
    assert question.present({}).options == outcomes
    assert "\n".join(outcomes) in question.present({}).prompt


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ("no outcomes",)),
        ({"question_options": ["a"], "bins": ["[0,1]"]}, ("two ways",)),
        ({"min_value": 0, "max_value": 1}, ("bucket_size",)),
        ({"min_value": 1, "max_value": 1, "bucket_size": 1}, ("min_value", "smaller")),
        ({"min_value": 0, "max_value": 1, "bucket_size": 0}, ("bucket_size", "0")),
        ({"min_value": 0, "max_value": 1e9, "bucket_size": 1}, ("bucket_size", "1,000")),
        ({"min_value": "0", "max_value": 1, "bucket_size": 1}, ("min_value", "'0'")),
        ({"bins": []}, ("bins", "[]")),
        ({"bins": ["0-10"]}, ("bins", "'0-10'")),
        ({"bins": ["[0,1)", "[2,3)"]}, ("bins", "'[2,3)'")),
        ({"bins": ["[0,1]", "[1,2]"]}, ("bins", "'[1,2]'")),
        ({"bins": ["[5,5]"]}, ("bins", "'[5,5]'")),
        ({"bins": ["[-Inf,5]"]}, ("bins", "infinity")),
        ({"question_options": ["a"], "tolerance": -1}, ("tolerance", "-1")),
    ],
)
def test_wrong_outcomes_are_refused(fields: dict[str, Any], words: tuple[str, ...]) -> None:
    refusal(lambda: QuestionDistribution("q", "How likely?", **fields), *words, error=QuestionError)


# Objects under a schema


class Pet(BaseModel):
    """An animal."""

    name: str
    kind: Literal["cat", "dog"]


class Person(BaseModel):
    """Somebody with pets."""

    name: str = Field(description="Full name")
    age: int = Field(ge=0, le=150)
    pets: list[Pet] = []


def test_a_pydantic_model_is_its_schema() -> None:
    question = QuestionPydantic("q", "Who?", Person)
    assert question.pydantic_model_schema == Person.model_json_schema()
    ann = {"name": "Ann", "age": 41, "pets": [{"name": "Tom", "kind": "cat"}]}
    assert question.validate(ann).answer == ann
    assert (
        question.validate({**ann, "age": 200}).reason == "200 is greater than the maximum of 150 (at ['age'])"
    )
    assert question.validate({**ann, "pets": [{"name": "Tom", "kind": "cow"}]}).how == "invalid"
    assert "Full name" in question.present({}).prompt
    assert "title" not in question.present({}).prompt
    Person.model_validate(question.present({}).space.draw(Random(3)))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ("pydantic_model",)),
        ({"pydantic_model": Person, "pydantic_model_schema": PERSON}, ("pydantic_model",)),
        ({"pydantic_model": PERSON}, ("pydantic_model", "derived from")),
        ({"pydantic_model": Pet(name="a", kind="cat")}, ("pydantic_model", "class itself")),
        ({"pydantic_model_schema": {"type": "array"}}, ("pydantic_model_schema", "'array'")),
        ({"pydantic_model_schema": {"type": "objekt"}}, ("pydantic_model_schema",)),
        ({"pydantic_model_schema": {"properties": 3}}, ("no valid JSON Schema",)),
        ({"pydantic_model_schema": {"$ref": "https://example.org/x"}}, ("not a part of it",)),
        ({"pydantic_model_schema": {"$ref": "#/$defs/x"}}, ("not a part of it",)),
        ({"pydantic_model_schema": {"$ref": "#"}}, ("not a part of it",)),
    ],
)
def test_wrong_schemas_are_refused(fields: dict[str, Any], words: tuple[str, ...]) -> None:
    refusal(lambda: QuestionPydantic("q", "Who?", **fields), *words, error=QuestionError)


@every_class
@given(texts)
def test_no_reply_raises(cls: type[Any], reply: str) -> None:
    reading = cls.example().validate(reply)
    assert (reading.how == "invalid") == bool(reading.reason)
