"""Questions with options: what can be one, what they show, their JSON, and that nothing else gets through."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.core.errors import QuestionError
from edsl_nb.core.templates import Fields
from edsl_nb.questions import (
    Question,
    QuestionCheckBox,
    QuestionCheckBoxWithOther,
    QuestionDropdown,
    QuestionLikertFive,
    QuestionLinearScale,
    QuestionMatrix,
    QuestionMultipleChoice,
    QuestionMultipleChoiceWithOther,
    QuestionRank,
    QuestionTopK,
    QuestionYesNo,
)
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.presented import Pending
from tests.unit.samples import json_values, refusal, through_json, without_tags

TYPES: list[type[Any]] = [
    QuestionCheckBox,
    QuestionCheckBoxWithOther,
    QuestionDropdown,
    QuestionLikertFive,
    QuestionLinearScale,
    QuestionMatrix,
    QuestionMultipleChoice,
    QuestionMultipleChoiceWithOther,
    QuestionRank,
    QuestionTopK,
    QuestionYesNo,
]

#: Each parameter of the types above that EDSL does not have to know, with another value than the default.
CHANGED: dict[str, Any] = {
    "include_comment": False,
    "use_code": True,
    "permissive": True,
    "enumeration": "letters",
    "probabilistic_response": {"method": "x"},
    "answering_instructions": "Say it.",
    "question_presentation": "{{ question_text }}!",
    "min_selections": 1,
    "max_selections": 2,
    "other_option_text": "Else",
    "randomize_items": True,
    "weight": 2.5,
    "top_k": 2,
    "max_options_shown": 3,
    "sample_indices": [1, 0],
    "num_selections": 1,
}


def written(question: Question) -> dict[str, Any]:
    return without_tags(question.to_dict())


@pytest.mark.parametrize("cls", TYPES)
def test_examples_can_be_asked_answered_and_written(cls: type[Any]) -> None:
    question = cls.example()
    assert cls.question_type in Question.available()
    assert Question.from_dict(through_json(question.to_dict())) == question
    names = {one.__name__: one for one in TYPES}
    assert eval(repr(question), names) == question
    space = question.present({}, Chance("x")).space
    for seed in range(20):
        answer = space.draw(Random(seed))
        assert question.validate(space.write(answer)) == question.validate(answer) or question.uses_chance
        assert (space.read(space.write(answer)).how, space.check(answer).how) == ("exact", "exact")


@pytest.mark.parametrize("cls", TYPES)
def test_every_parameter_survives_the_json(cls: type[Any]) -> None:
    example = cls.example()
    fields = {name: getattr(example, name) for name in cls.model_fields}
    for name, value in CHANGED.items():
        if name in cls.model_fields and not (cls is QuestionTopK and "selections" in name):
            if isinstance(value, bool):
                value = not getattr(example, name)
            question = cls(**{**fields, name: value})
            again = Question.from_dict(through_json(question.to_dict()))
            assert getattr(again, name) == value
            assert again == question != example


@pytest.mark.parametrize("cls", TYPES)
@given(value=json_values | st.binary() | st.floats() | st.sets(st.integers()))
def test_a_wrong_value_is_always_an_error_of_ours(cls: type[Any], value: Any) -> None:
    example = cls.example()
    fields = {name: getattr(example, name) for name in cls.model_fields}
    for name in cls.model_fields:
        try:
            question = cls(**{**fields, name: value})
        except QuestionError as error:
            assert error.field
            assert error.remedy
        else:
            assert Question.from_dict(through_json(question.to_dict())) == question


@pytest.mark.parametrize("cls", TYPES)
def test_misspelt_and_missing_parameters_are_named(cls: type[Any]) -> None:
    refusal(lambda: cls("q", "Which?", question_option=["a"]), "question_option", "question_options")
    refusal(lambda: cls("q"), "question_text")


@pytest.mark.parametrize(
    ("cls", "fields", "words"),
    [
        (
            QuestionMultipleChoice,
            {"question_options": {"from": "x", "add": []}},
            ("question_options", '"from"'),
        ),
        (QuestionMultipleChoice, {"question_options": {"from": "{{ x }}"}}, ("question_options", '"add"')),
        (QuestionMultipleChoice, {"question_options": [float("nan")]}, ("question_options", "nan")),
        (QuestionMultipleChoice, {"question_options": [None]}, ("question_options", "None")),
        (QuestionMultipleChoice, {"question_options": [{"a": 1}]}, ("question_options", "text")),
        (
            QuestionMultipleChoice,
            {"question_options": ["a"], "enumeration": "leters"},
            ("enumeration", "'letters'"),
        ),
        (
            QuestionMultipleChoiceWithOther,
            {"question_options": ["a"], "other_option_text": " "},
            ("other_option",),
        ),
        (
            QuestionCheckBoxWithOther,
            {"question_options": ["a"], "other_option_text": 3},
            ("other_option_text", "3"),
        ),
        (
            QuestionCheckBox,
            {"question_options": ["a", "b"], "min_selections": 3},
            ("min_selections", "2 options"),
        ),
        (
            QuestionCheckBox,
            {"question_options": ["a", "b"], "max_selections": 3},
            ("max_selections", "2 options"),
        ),
        (QuestionCheckBox, {"question_options": ["a", "b"], "max_selections": 0}, ("max_selections", "0")),
        (QuestionCheckBox, {"question_options": ["a", "b"], "min_selections": -1}, ("min_selections", "-1")),
        (
            QuestionCheckBox,
            {"question_options": ["a", "b"], "min_selections": 2, "max_selections": 1},
            ("smaller",),
        ),
        (
            QuestionRank,
            {"question_options": ["a", "b"], "num_selections": 3},
            ("num_selections", "2 options"),
        ),
        (QuestionRank, {"question_options": ["a", "b"], "num_selections": 0}, ("num_selections", "0")),
        (QuestionTopK, {"question_options": ["a", "b"], "min_selections": 1, "max_selections": 2}, ("same",)),
        (QuestionLinearScale, {"question_options": [3, 2, 1]}, ("question_options", "ascend")),
        (QuestionLinearScale, {"question_options": [1, 1.0]}, ("question_options", "ascend")),
        (QuestionLinearScale, {"question_options": ["1", "2"]}, ("question_options", "numbers")),
        (QuestionLinearScale, {"question_options": [False, True]}, ("question_options", "numbers")),
        (
            QuestionLinearScale,
            {"question_options": [1, 2], "option_labels": {1: "a"}},
            ("option_labels", "last"),
        ),
        (
            QuestionLinearScale,
            {"question_options": [1, 2], "option_labels": {1: "a", 3: "b"}},
            ("no option 3",),
        ),
        (
            QuestionLinearScale,
            {"question_options": [1, 2], "option_labels": {1: "a", 2: 5}},
            ("option_labels",),
        ),
        (
            QuestionLinearScale,
            {"question_options": [1, 2], "option_labels": ["a", "b"]},
            ("option_labels", "dict"),
        ),
        (QuestionMatrix, {"question_items": [], "question_options": [1]}, ("question_items", "at least one")),
        (
            QuestionMatrix,
            {"question_items": ["x", "x"], "question_options": [1]},
            ("question_items", "twice"),
        ),
        (QuestionMatrix, {"question_items": ["x"], "question_options": []}, ("question_options",)),
        (
            QuestionMatrix,
            {"question_items": ["x"], "question_options": [1], "items_to_pin": ["y"]},
            ("items_to_pin", "'y'"),
        ),
        (QuestionDropdown, {"question_options": ["a"], "top_k": 0}, ("top_k", "0")),
        (QuestionDropdown, {"question_options": ["a"], "sample_indices": [1]}, ("sample_indices", "0")),
        (QuestionDropdown, {"question_options": ["a"], "sample_indices": []}, ("sample_indices",)),
        (
            QuestionDropdown,
            {"question_options": ["a"], "question_options_details": ["x", "y"]},
            ("question_options_details", "1 options"),
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    cls: type[Any], fields: dict[str, Any], words: tuple[str, ...]
) -> None:
    refusal(lambda: cls("q", "Which?", **fields), *words, error=QuestionError)


# Options by reference


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ("{{ scenario.colors }}", ("Red", "Blue")),
        (["{{ scenario.first }}", "None"], ("Gold", "None")),
        ({"from": "{{ scenario.colors }}", "add": ["None"]}, ("Red", "Blue", "None")),
    ],
)
def test_options_may_come_from_a_scenario(options: Any, shown: tuple[str, ...]) -> None:
    question = QuestionMultipleChoice("q", "Which?", options)
    presented = question.present({"scenario": Fields({"colors": ["Red", "Blue"], "first": "Gold"})})
    assert presented.options == shown
    assert presented.space.read(shown[-1]).answer == shown[-1]
    assert Question.from_dict(through_json(question.to_dict())) == question


@pytest.mark.parametrize("value", [3, None, {"a": 1}, "Red", ["Red", "Red"], [], [None]])
def test_a_scenario_without_options_is_named(value: Any) -> None:
    question = QuestionCheckBox("q", "Which?", "{{ scenario.colors }}")
    scope = {"scenario": Fields({"colors": value})}
    refusal(lambda: question.present(scope), "'q'", "question_options", error=QuestionError)
    added = QuestionCheckBox("q", "Which?", {"from": "{{ scenario.colors }}", "add": ["x"]})
    if value not in (3, "Red", []):
        refusal(lambda: added.present(scope), "'q'", "question_options", error=QuestionError)


def test_counts_are_checked_once_the_options_are_known() -> None:
    question = QuestionCheckBox("q", "Which?", "{{ scenario.colors }}", max_selections=3)
    scope = {"scenario": Fields({"colors": ["Red", "Blue"]})}
    refusal(lambda: question.present(scope), "max_selections", "2 options", error=QuestionError)


def test_counts_may_come_from_a_scenario() -> None:
    question = QuestionCheckBox("q", "Which?", ["a", "b", "c"], "{{ scenario.n }}", "{{ scenario.n }}")
    presented = question.present({"scenario": Fields({"n": 2})})
    assert "exactly 2" in presented.prompt
    assert presented.space.read('["a"]').how == "invalid"
    refusal(lambda: question.present({"scenario": Fields({"n": 9})}), "min_selections", "3 options")


@pytest.mark.parametrize("options", ["{{ l.answer }}", ["{{ l.answer[0] }}", "{{ l.answer[1] }}", "None"]])
@pytest.mark.parametrize(
    "make",
    [
        lambda o: QuestionMultipleChoice("q", "Which?", o),
        lambda o: QuestionMultipleChoice("q", "Which?", o, use_code=True),
        lambda o: QuestionCheckBox("q", "Which?", o, 2, "{{ l.answer }}"),
        lambda o: QuestionRank("q", "Which?", o, 3),
        lambda o: QuestionTopK("q", "Which?", o, 2, 2),
        lambda o: QuestionLinearScale("q", "Which?", o if isinstance(o, str) else [1, 2]),
        lambda o: QuestionMatrix("q", "Which?", o, o),
        lambda o: QuestionDropdown("q", "Which?", o),
        lambda o: QuestionMultipleChoiceWithOther("q", "Which?", o),
    ],
)
def test_prompts_are_readable_before_there_are_answers(options: Any, make: Any) -> None:
    question = make(options)
    unknown = {"l": Fields({"answer": Pending("[answer of l]")})}
    presented = question.present(unknown, Chance("x"))
    if not isinstance(question, QuestionLinearScale) or isinstance(options, str):
        assert "[answer of l]" in presented.prompt


# What is shown


def test_a_reply_by_code_gives_the_option() -> None:
    question = QuestionMultipleChoice("q", "Which?", ["Red", "Blue"], enumeration="letters")
    assert "A: Red\nB: Blue" in question.present({}).prompt
    assert question.validate("B").answer == "Blue"
    assert question.validate("Blue").rule == "text"


def test_codes_that_could_be_options_are_others() -> None:
    question = QuestionRank("q", "Rank them.", [2, 3, 1])
    assert "A: 2\nB: 3\nC: 1" in question.present({}).prompt
    assert question.validate('["C", "A", "B"]').answer == [1, 2, 3]


def test_shuffled_options_keep_codes_in_order() -> None:
    question = QuestionMultipleChoice("q", "Which?", list("vwxyz"), use_code=True)
    orders = {question.present({}, Chance(str(i), shuffle=True)).options for i in range(20)}
    assert len(orders) > 5
    presented = question.present({}, Chance("3", shuffle=True))
    assert presented.options is not None
    assert [presented.space.read(str(i)).answer for i in range(5)] == list(presented.options)


def test_items_are_shuffled_but_answers_keep_their_order() -> None:
    question = QuestionMatrix(
        "q", "Which?", list("vwxyz"), [1, 2], randomize_items=True, items_to_pin=["v", "z"]
    )
    seen = [question.present({}, Chance(str(i))).items for i in range(30)]
    assert len(set(seen)) > 3
    assert all(items is not None and (items[0], items[-1]) == ("v", "z") for items in seen)
    answer = question.present({}, Chance("1")).space.read('{"z": 1, "y": 1, "x": 2, "w": 1, "v": 2}').answer
    assert list(answer) == list("vwxyz")


def test_a_dropdown_shows_others_to_each_respondent_unless_it_is_told_which() -> None:
    cities = [f"City {i}" for i in range(50)]
    question = QuestionDropdown("q", "Where?", cities, max_options_shown=3)
    shown = {question.present({}, Chance(str(i))).options for i in range(10)}
    assert len(shown) > 5
    assert all(options is not None and len(options) == 3 for options in shown)
    fixed = QuestionDropdown("q", "Where?", cities, sample_indices=[4, 2], use_code=True)
    presented = fixed.present({}, Chance("x"))
    assert presented.options == ("City 4", "City 2")
    assert "4: City 4\n2: City 2" in presented.prompt
    assert presented.space.read("49").answer == ["City 49"]


def test_instructions_and_presentation_are_replaced() -> None:
    question = QuestionMatrix(
        "q",
        "Which?",
        ["x"],
        [1, 2],
        answering_instructions="Say it.",
        question_presentation="{{ question_text }} {{ question_items[0] }}/{{ question_options[1] }}",
    )
    assert question.present({}).prompt == "Which? x/2\n\nSay it."


@pytest.mark.parametrize(
    "make",
    [
        lambda p: QuestionMultipleChoice("q", "Which?", ["a"], probabilistic_response=p),
        lambda p: QuestionYesNo("q", "Which?", probabilistic_response=p),
        lambda p: QuestionCheckBox("q", "Which?", ["a"], probabilistic_response=p),
        lambda p: QuestionLinearScale("q", "Which?", [1, 2], probabilistic_response=p),
    ],
)
def test_probabilities_are_kept_but_not_asked_for(make: Any) -> None:
    question = make({"n": 1})
    assert written(question)["probabilistic_response"] == {"n": 1}
    refusal(lambda: question.present({}), "probabilistic_response", "'q'", error=QuestionError)


# EDSL's JSON


@pytest.mark.parametrize(
    ("question", "data"),
    [
        (
            QuestionMultipleChoice("q", "Which?", ["a"], use_code=True),
            {"question_options": ["a"], "use_code": True, "enumeration": "numeric_starts_with_0"},
        ),
        (QuestionYesNo("q", "Which?"), {"question_options": ["No", "Yes"]}),
        (QuestionLinearScale("q", "Which?", [1, 2]), {"question_options": [1, 2], "option_labels": {}}),
        (QuestionCheckBox("q", "Which?", ["a"]), {"question_options": ["a"]}),
        (
            QuestionRank("q", "Which?", ["a", "b"]),
            {"question_options": ["a", "b"], "num_selections": 2, "use_code": True},
        ),
        (
            QuestionRank("q", "Which?", ["a", "b"], use_code=False),
            {"question_options": ["a", "b"], "num_selections": 2, "use_code": False},
        ),
        (
            QuestionTopK("q", "Which?", ["a", "b"], 1, 1),
            {"min_selections": 1, "max_selections": 1, "question_options": ["a", "b"], "use_code": True},
        ),
        (
            QuestionMatrix("q", "Which?", ["x"], [1, 2]),
            {"question_items": ["x"], "question_options": [1, 2], "option_labels": {}},
        ),
        (
            QuestionMultipleChoiceWithOther("q", "Which?", ["a"]),
            {"question_options": ["a"], "other_option_text": "Other"},
        ),
    ],
)
def test_questions_are_written_as_edsl_writes_them(question: Question, data: dict[str, Any]) -> None:
    named = {"question_name": "q", "question_text": "Which?", "question_type": question.question_type}
    assert written(question) == {**named, **data}


def test_labels_are_numbers_again_after_json() -> None:
    question = QuestionLinearScale("q", "Which?", [1, 2.5], {"1": "a", "2.5": "b"})
    assert question.option_labels == {1: "a", 2.5: "b"}
    assert Question.from_dict(through_json(question.to_dict())) == question
