"""Rules, groups, memory, instructions and randomisation: what surveys are told, and what they refuse."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Callable
from inspect import signature
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import (
    EndOfSurvey,
    Instruction,
    QuestionCheckBox,
    QuestionFreeText,
    QuestionLinearScale,
    QuestionMultipleChoice,
    QuestionMultipleChoiceWithOther,
    QuestionNumerical,
    Survey,
)
from edsl_nb.core.errors import EdslNbError, EdslNbWarning, ExpressionError, SurveyError
from tests.unit.samples import refusal


def ask(name: str, text: str = "Why?") -> QuestionFreeText:
    return QuestionFreeText(name, text)


def letters(names: str) -> Survey:
    return Survey([ask(name) for name in names])


COLOR = QuestionMultipleChoice("color", "Which color?", ["Red", "Blue", "Other"])


# Rules


def test_rules_change_the_survey_and_return_it() -> None:
    survey = letters("abc")
    assert survey.add_skip_rule("b", "a == 1") is survey
    assert survey.add_stop_rule(survey["b"], "b == 1") is survey
    assert survey.add_rule(0, "a == 1", survey["c"]) is survey
    told = [(r.question, r.leads_to, r.before, r.priority) for r in survey.rule_collection]
    assert told == [("b", None, True, 0), ("b", EndOfSurvey, False, 1), ("a", "c", False, 0)]


def test_adding_a_rule_again_as_when_a_cell_runs_twice_changes_nothing() -> None:
    def told(survey: Survey) -> Survey:
        return survey.add_skip_rule("b", "a == 1").add_stop_rule("b", "b == 1").add_rule("a", "a == 1", "c")

    survey = told(letters("abc"))
    assert told(survey) == told(letters("abc"))
    assert len(survey.rule_collection) == 3


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda s: s.add_skip_rule("bb", "a == 1"), ("question", "'bb'", "no such question")),
        (
            lambda s: s.add_skip_rule("b", "aa == 1"),
            ("expression", "'aa'", "Did you mean 'a'", "scenario.aa"),
        ),
        (lambda s: s.add_skip_rule("b", "{{ aa.answer }} == 1"), ("expression", "'aa'")),
        (lambda s: s.add_skip_rule("b", "a.answr == 1"), ("expression", "'answr'", "Did you mean 'answer'")),
        (lambda s: s.add_skip_rule("b", "agent == 1"), ("expression", "agent.x")),
        (lambda s: s.add_skip_rule("b", "'{{ scenario }}' == '1'"), ("expression", "scenario.x")),
        (lambda s: s.add_skip_rule("b", "c == 1"), ("expression", "'c'", "not asked before")),
        (lambda s: s.add_skip_rule("b", "b == 1"), ("expression", "'b'", "not asked before")),
        (lambda s: s.add_stop_rule("b", "c == 1"), ("expression", "'c'", "not asked before")),
        (lambda s: s.add_rule("b", "a == 1", "a"), ("next_question", "back to 'a'", "later")),
        (lambda s: s.add_rule("b", "a == 1", "b"), ("next_question", "back to 'b'")),
        (lambda s: s.add_rule("b", "a == 1", 0), ("next_question", "back to 'a'")),
        (lambda s: s.add_rule("b", "a == 1", 9), ("next_question", "9")),
        (lambda s: s.add_rule("b", "a == 1", None), ("next_question", "None")),
        (lambda s: s.add_rule("b", "a == 1", "EndOfSurvey"), ("next_question", "without quotes", "import")),
        (lambda s: s.add_rule("b", "a == 1", "c", before_rule=1), ("before_rule", "True")),
        (lambda s: s.add_rule("b", "a == 1", "c", priority="x"), ("priority", "whole number")),
        (lambda s: s.add_rule("b", "a == 1", "c", priority=True), ("priority", "whole number")),
        (lambda s: s.add_rule(None, "a == 1", "c"), ("question", "None")),
        (lambda s: s.add_rule(True, "a == 1", "c"), ("question", "True")),
    ],
)
def test_a_wrong_rule_is_refused_when_it_is_added(
    action: Callable[[Survey], Any], words: tuple[str, ...]
) -> None:
    survey = letters("abc")
    refusal(lambda: action(survey), *words, error=SurveyError)
    assert survey == letters("abc")


@pytest.mark.parametrize("text", ["a = 1", "", None, 5, "(" * 10_000, "a ==", "import os"])
def test_a_rule_needs_an_expression(text: Any) -> None:
    refusal(lambda: letters("ab").add_skip_rule("b", text), "expression", error=ExpressionError)


def test_the_end_of_the_survey_is_one_thing() -> None:
    assert repr(EndOfSurvey) == "EndOfSurvey"
    assert copy.deepcopy(EndOfSurvey) is pickle.loads(pickle.dumps(EndOfSurvey)) is EndOfSurvey


# Memory


def test_memory_is_told_question_by_question_or_for_all() -> None:
    assert letters("abcd").add_targeted_memory("d", "a").memory_plan == {"d": ["a"]}
    survey = letters("abcd")
    assert survey.add_memory_collection(survey["d"], ["a", survey["b"]]).memory_plan == {"d": ["a", "b"]}
    full = {"b": ["a"], "c": ["a", "b"], "d": ["a", "b", "c"]}
    assert letters("abcd").set_full_memory_mode().memory_plan == full
    assert letters("abcd").set_lagged_memory(1).memory_plan == {"b": ["a"], "c": ["b"], "d": ["c"]}
    assert letters("abcd").set_lagged_memory(2).memory_plan == {"b": ["a"], "c": ["a", "b"], "d": ["b", "c"]}
    assert letters("abcd").set_lagged_memory(9).memory_plan == full


def test_telling_it_twice_is_telling_it_once() -> None:
    survey = letters("abc").add_targeted_memory("c", "b").add_targeted_memory("c", "a")
    assert survey.add_targeted_memory("c", "b").memory_plan == {"c": ["b", "a"]}


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (
            lambda s: s.add_targeted_memory("a", "b"),
            ("prior_question", "'a'", "cannot remember 'b'", "First"),
        ),
        (lambda s: s.add_targeted_memory("a", "a"), ("prior_question", "cannot remember")),
        (lambda s: s.add_targeted_memory("x", "a"), ("focal_question", "'x'")),
        (lambda s: s.add_targeted_memory("b", "x"), ("prior_question", "'x'")),
        (lambda s: s.add_memory_collection("b", "a"), ("prior_questions", "list")),
        (lambda s: s.add_memory_collection("b", 5), ("prior_questions", "list")),
        (lambda s: s.set_lagged_memory(0), ("lags", "1 or more")),
        (lambda s: s.set_lagged_memory("x"), ("lags", "1 or more")),
    ],
)
def test_wrong_memory_is_refused(action: Callable[[Survey], Any], words: tuple[str, ...]) -> None:
    survey = letters("abc")
    refusal(lambda: action(survey), *words, error=SurveyError)
    assert survey.memory_plan == {}


# Groups


def test_groups_stand_together() -> None:
    survey = letters("abcd").add_question_group("c", "d", "second").add_question_group("a", "b", "first")
    assert survey.question_groups == {"second": (2, 3), "first": (0, 1)}
    assert [survey.group_of(name) for name in "abcd"] == ["first", "first", "second", "second"]
    assert letters("ab").group_of("a") is None
    assert survey.add_question_group("a", "b", "first").question_groups == survey.question_groups


def test_one_goes_from_group_to_group_where_something_is_asked() -> None:
    survey = letters("abcde").add_question_group("a", "a", "one").add_question_group("b", "c", "two")
    survey.add_question_group("e", "e", "three").add_rule("a", "a == 'No'", "d")
    assert survey.next_question_group() == "one"
    assert survey.next_question_group("one") == "two"
    assert survey.next_question_group("one", {"a": "No"}) == "three"
    assert survey.next_question_group("three") is EndOfSurvey
    refusal(
        lambda: survey.next_question_group("tow"), "current_group", "Did you mean 'two'", error=SurveyError
    )


def test_one_goes_from_question_to_question() -> None:
    survey = letters("abc").add_skip_rule("b", "a == 'No'")
    assert survey.next_question() == survey["a"]
    assert survey.next_question("a", {"a": "No"}) == survey["c"]
    assert survey.next_question(survey["a"], {"a": "Yes"}) == survey["b"]
    assert survey.next_question("c") is EndOfSurvey


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda s: s.add_question_group("b", "a", "x"), ("end_question", "before it starts")),
        (lambda s: s.add_question_group("a", "z", "x"), ("end_question", "'z'")),
        (lambda s: s.add_question_group("z", "a", "x"), ("start_question", "'z'")),
        (lambda s: s.add_question_group("a", "b", "x y"), ("group_name", "identifier")),
        (lambda s: s.add_question_group("a", "b", None), ("group_name", "None")),
        (lambda s: s.add_question_group("b", "c", "x"), ("'c' needs the answer of 'b'", "different groups")),
        (lambda s: s.add_question_group("c", "d", "taken"), ("group_name", "another name")),
        (lambda s: s.add_question_group("d", "d", "x"), ("'d'", "'taken'", "one group")),
    ],
)
def test_wrong_groups_are_refused(action: Callable[[Survey], Any], words: tuple[str, ...]) -> None:
    def made() -> Survey:
        survey = Survey([ask("a"), ask("b"), ask("c", "{{ b.answer }}?"), ask("d")])
        return survey.add_question_group("d", "d", "taken")

    survey = made()
    refusal(lambda: action(survey), *words, error=SurveyError)
    assert survey == made()


def test_questions_of_a_group_do_not_decide_on_each_other() -> None:
    survey = letters("ab").add_skip_rule("b", "a == 1")
    refusal(lambda: survey.add_question_group("a", "b", "g"), "'b' needs", error=SurveyError)


# Instructions


def test_an_instruction_is_no_question() -> None:
    said = Instruction("scale", "1 is best.")
    survey = Survey([ask("a"), said]).add_question(ask("b"))
    assert (len(survey), survey.question_names, survey.instructions) == (2, ["a", "b"], (said,))
    assert survey == Survey([ask("a")]).add_instruction(said).add_instruction(said).add_question(ask("b"))


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda: Instruction("", "x"), ("name",)),
        (lambda: Instruction("i", ""), ("text",)),
        (lambda: Instruction(None, "x"), ("name",)),
        (lambda: Instruction("i", "x", preamble=5), ("preamble",)),
        (lambda: Instruction("i", "{{ "), ("text",)),
        (lambda: Instruction("i"), ("text",)),
        (lambda: Instruction("i", "x", txt="y"), ("txt", "no such parameter")),
        (lambda: Survey([Instruction("a", "x"), ask("a")]), ("'a'", "same name")),
        (lambda: letters("a").add_instruction("x"), ("instruction", "str is no instruction")),
        (lambda: letters("a").add_question(Instruction("i", "x")), ("question", "add_instruction")),
        (lambda: letters("a").add_instruction(Instruction("a", "x")), ("'a'", "same name")),
        (lambda: Instruction.from_dict({"name": "i"}), ("text",)),
    ],
)
def test_a_wrong_instruction_is_refused(action: Callable[[], Any], words: tuple[str, ...]) -> None:
    refusal(action, *words, error=SurveyError)


def test_an_instruction_is_written_as_code() -> None:
    for made in (Instruction("i", "x"), Instruction("i", "x", "y")):
        assert eval(repr(made), {"Instruction": Instruction}) == made
        assert Instruction.from_dict(made.to_dict()) == made


# Parameters of surveys

PARAMETERS = list(signature(Survey).parameters)


@given(
    st.sampled_from(PARAMETERS),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.sampled_from(["a", "b", "rules", "data", "prior_questions", "current_q", "next_q", "expression"])
        | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["a", "b", "rules", "data", "prior_questions"]) | st.integers(), inner
            )
        ),
        max_leaves=8,
    ),
)
def test_whatever_a_survey_is_given_is_taken_or_refused_by_an_error_of_ours(name: str, value: Any) -> None:
    try:
        Survey(**{"questions": [ask("a"), ask("b")], name: value})
    except EdslNbError as refused:
        assert refused.field and refused.remedy


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"memory_plan": {"b": "a"}}, ("prior_questions", "list")),
        ({"memory_plan": ["b"]}, ("memory_plan", "dict of lists")),
        ({"memory_plan": {"color": ["b"]}}, ("cannot remember",)),
        ({"rule_collection": 5}, ("rule_collection",)),
        ({"rule_collection": [5]}, ("rule_collection",)),
        ({"rule_collection": [{"current_q": 5}]}, ("current_q", "5")),
        ({"question_groups": {"g": (0, 9)}}, ("end_question", "9")),
        ({"question_groups": {"g": 1}}, ("question_groups",)),
        ({"questions_to_randomize": "color"}, ("questions_to_randomize", "list")),
        ({"questions_to_randomize": ["colour"]}, ("questions_to_randomize", "Did you mean 'color'")),
        ({"options_to_pin": {"color": ["Read"]}}, ("options_to_pin", "Did you mean 'Red'")),
        ({"options_to_pin": {"color": "Red"}}, ("options_to_pin", "lists")),
        ({"options_to_pin": ["Red"]}, ("options_to_pin", "lists")),
        ({"seed": "x"}, ("seed", "whole number")),
        ({"name": 5}, ("name",)),
        ({"question": []}, ("question", "Did you mean 'questions'")),
    ],
)
def test_wrong_parameters_are_named(given: dict[str, Any], words: tuple[str, ...]) -> None:
    refusal(lambda: Survey(**{"questions": [COLOR, ask("b")], **given}), *words, error=SurveyError)


def test_parameters_say_the_same_as_methods() -> None:
    told = letters("abc").add_memory_collection("c", ["a"]).add_question_group("a", "b", "g")
    told.add_skip_rule("c", "a == 1")
    rules = [{"current_q": 2, "expression": "a == 1", "next_q": 3, "priority": 0, "before_rule": True}]
    questions = [ask(name) for name in "abc"]
    assert told == Survey(questions, {"c": ["a"]}, rules, {"g": (0, 1)})
    assert told == Survey(questions, told.memory_plan, told.rule_collection, told.question_groups)


def test_a_survey_is_told_apart_by_all_it_holds() -> None:
    base = Survey([COLOR, ask("b")])
    others = [
        Survey([COLOR, ask("b")], seed=1),
        Survey([COLOR, ask("b")], questions_to_randomize=["color"]),
        Survey([COLOR, ask("b")], options_to_pin={"color": ["Red"]}),
        base.copy().add_skip_rule("b", "color == 'Red'"),
        base.copy().add_targeted_memory("b", "color"),
        base.copy().add_question_group("b", "b", "g"),
        base.copy().add_instruction(Instruction("i", "x")),
    ]
    assert all(other != base for other in others)
    assert all(other.copy() == other for other in others)


# Comparisons that can never hold


COMPARED = Survey([
    QuestionMultipleChoice("a", "Tea?", ["Yes", "No"]),
    QuestionLinearScale("l", "How good?", [1, 2, 3]),
    QuestionCheckBox("c", "Which?", ["Red", "Blue"]),
    QuestionNumerical("n", "How many?", 0, 10),
    QuestionMultipleChoiceWithOther("o", "Which?", ["x"]),
    QuestionMultipleChoice("t", "Which?", ["{{ scenario.x }}"]),
    QuestionFreeText("f", "Why?"),
    QuestionFreeText("z", "And?"),
])  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "a == 'yes'",
            "of question 'z' .* answer of 'a' .* 'yes' is not one of the options. Did you mean 'Yes'",
        ),
        ("{{ a.answer }} != 'Nope'", "'Nope' is not one of the options"),
        ("a in ['Yes', 'Maybe']", "'Maybe' is not one of the options. There are: No, Yes"),
        ("'No' == a or 'Purple' in c", "'Purple' is not one of the options"),
        ("c == 'Red'", "a list is wanted, not a str. Write 'Red' in c"),
        ("l == '3'", "Write 3"),
        ("not l == -1", "-1 is not one of the options"),
        ("n == 11", "11 is above the maximum of 10"),
        ("o == 'y'", "'y' is not one of the options"),
    ],
)
def test_a_comparison_that_can_never_hold_is_warned_of(text: str, words: str) -> None:
    survey = COMPARED.copy()
    with pytest.warns(EdslNbWarning, match=words):
        survey.add_stop_rule("z", text)
    assert len(survey.rule_collection) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert survey.add_stop_rule("z", text) is survey, "it is there already"
        assert Survey.from_dict(survey.to_dict()) == survey


@pytest.mark.parametrize(
    "text",
    [
        "a == 'Yes'", "a in ['Yes', 'No']", "a is None", "a == None", "l == 2.0", "l > 9", "'Red' in c",
        "c == ['Red']", "o == 'Other: y'", "f == 'x'", "t == 'x'", "'Y' in a", "a == f", "n == 2",
        "a == '{{ scenario.x }}'", "scenario.x == 'Nope'", "a.lower() == 'yes'",
    ],
)  # fmt: skip
def test_other_comparisons_are_not(text: str, recwarn: pytest.WarningsRecorder) -> None:
    COMPARED.copy().add_stop_rule("z", text)
    assert not recwarn.list
