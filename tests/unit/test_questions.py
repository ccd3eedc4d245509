"""Questions: what can be one, how it asks, what it holds answers to, and that nobody changes it."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import edsl_nb.questions
from edsl_nb import QuestionFreeText, QuestionMultipleChoice
from edsl_nb.core.errors import QuestionError
from edsl_nb.questions import Question
from edsl_nb.questions.chance import NONE
from tests.unit.samples import option_lists, plain, questions, refusal


def test_an_open_question_asks_its_text_and_nothing_else() -> None:
    presented = QuestionFreeText(question_name="q", question_text="  Why?\nReally? ").present({})
    assert presented.prompt == "  Why?\nReally? "
    assert (presented.options, presented.schema) == (None, None)


def test_a_choice_asks_its_text_then_its_options_a_line_each_in_order() -> None:
    presented = QuestionMultipleChoice("q", "Which?", ["b", "a", 3, True]).present({})
    text, options, *instructions = presented.prompt.split("\n\n")
    assert (text, options) == ("Which?", "b\na\n3\nTrue")
    assert len(instructions) == 1
    assert presented.options == ("b", "a", 3, True)
    assert presented.schema == {"enum": ["b", "a", 3, True]}


def test_a_comment_is_asked_for_unless_it_is_not_wanted() -> None:
    with_comment = QuestionMultipleChoice("q", "Which?", ["a"])
    without = QuestionMultipleChoice("q", "Which?", ["a"], include_comment=False)
    assert (with_comment.may_comment, without.may_comment) == (True, False)
    assert with_comment.present({}).prompt.startswith(without.present({}).prompt)
    assert QuestionFreeText("q", "Why?").may_comment is False


def test_each_reads_replies_in_its_own_way() -> None:
    choice = QuestionMultipleChoice("q", "Which?", ["Red", "Blue"])
    assert choice.present({}).space.read('"Blue"').answer == "Blue"
    text = QuestionFreeText("q", "Why?")
    reading = text.present({}).space.read('  "Blue"\n because ')
    assert (reading.how, reading.answer, reading.comment) == ("exact", '"Blue"\n because', None)
    assert text.present({}).space.read("").answer == ""


@pytest.mark.parametrize("name", ["", "1a", "a b", "a-b", "class", "a.b", "naïve name", " a"])
def test_a_name_has_to_be_an_identifier(name: str) -> None:
    refusal(
        lambda: QuestionFreeText(name, "Why?"), "question_name", repr(name), "identifier", error=QuestionError
    )


@pytest.mark.parametrize("name", ["a_comment", "q_generated_tokens", "agent", "scenario"])
def test_some_names_are_taken(name: str) -> None:
    refusal(
        lambda: QuestionFreeText(name, "Why?"),
        "question_name",
        repr(name),
        "another name",
        error=QuestionError,
    )


def test_names_in_other_alphabets_are_fine() -> None:
    assert QuestionFreeText("größe", "Wie groß?").question_name == "größe"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], ("no options", "at least one")),
        ((), ("no options",)),
        ("Red", ("list of options", "'Red'", '["Yes", "No"]')),
        ("", ("list of options",)),
        (5, ("no list", "5")),
        (None, ("no list", "None")),
        ({"a": 1}, ("no list", "a")),
        ({"a", "b"}, ("no list",)),
        (b"ab", ("no list", "b'ab'")),
        (["Red", ""], ("''",)),
        (["Red", "   "], ("'   '",)),
        (["Red", None], ("None",)),
        (["Red", ["a"]], ("['a']",)),
        (["Red", "x" * 10_000], ("9,999",)),
        (["Red", "Blue", "Red"], ("twice", "'Red'")),
        (["1", 1], ("twice", "1")),
        (["Red", "Red "], ("twice",)),
    ],
)
def test_options_that_are_none_are_refused(options: Any, words: tuple[str, ...]) -> None:
    make = lambda: QuestionMultipleChoice("q", "Which?", options)  # noqa: E731
    refusal(make, "question_options", "'q'", *words, error=QuestionError)


def test_long_texts_and_many_options_are_fine() -> None:
    question = QuestionMultipleChoice("q", "x" * 200_000, [f"{i}" + "y" * 9_000 for i in range(100)])
    assert len(question.present({}).options or ()) == 100


def test_options_can_be_any_sequence() -> None:
    assert QuestionMultipleChoice("q", "Which?", range(1, 4)).question_options == [1, 2, 3]
    assert QuestionMultipleChoice("q", "Which?", ("a", "b")) == QuestionMultipleChoice(
        "q", "Which?", ["a", "b"]
    )


def test_changing_the_list_afterwards_does_not_change_the_question() -> None:
    options = ["a", "b"]
    question = QuestionMultipleChoice("q", "Which?", options)
    options.append("c")
    assert question.question_options == ["a", "b"]


@pytest.mark.parametrize("field", ["question_name", "question_text", "question_options", "include_comment"])
def test_a_field_cannot_be_assigned_to_and_the_error_says_what_to_do(field: str) -> None:
    question = QuestionMultipleChoice("q", "Which?", ["a"])
    refusal(
        lambda: setattr(question, field, "new"), field, "'new'", "Make a new question", error=QuestionError
    )
    refusal(lambda: delattr(question, field), field, "Make a new question", error=QuestionError)
    assert question == QuestionMultipleChoice("q", "Which?", ["a"])


def test_unknown_parameters_are_named_with_what_is_near() -> None:
    refusal(
        lambda: QuestionMultipleChoice("q", "Which?", ["a"], include_coment=False),
        "include_coment",
        "False",
        "'include_comment'",
        error=QuestionError,
    )


wrong = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.just(b"bytes"),
    st.lists(st.none()),
    st.dictionaries(st.text(), st.none()),
)


@given(wrong)
def test_a_wrong_type_is_always_an_error_of_ours(value: Any) -> None:
    fields: dict[str, Any] = {"question_name": "q", "question_text": "Which?", "question_options": ["a"]}
    for field in fields:
        given_fields = {**fields, field: value}
        refusal(lambda f=given_fields: QuestionMultipleChoice(**f), field, error=QuestionError)
    refusal(
        lambda: QuestionMultipleChoice(**fields, include_comment=value),  # type: ignore[arg-type]
        "include_comment",
        error=QuestionError,
    )


@given(st.text(), st.text(), st.lists(st.text() | st.none() | st.integers()) | st.text())
def test_any_texts_make_a_question_or_an_error_of_ours(name: str, text: str, options: Any) -> None:
    for make in (
        lambda: QuestionFreeText(name, text),
        lambda: QuestionMultipleChoice(name, text, options),
    ):
        try:
            question = make()
        except QuestionError as error:
            assert error.field in ("question_name", "question_text", "question_options")
        else:
            assert question.question_name.isidentifier()


@given(questions(), questions())
def test_questions_are_equal_when_their_content_is(one: Question, other: Question) -> None:
    same = Question.from_dict(one.to_dict())
    assert same == one
    assert hash(same) == hash(one)
    assert (one == other) == (one.to_dict() == other.to_dict())
    assert one != "q"


@given(questions())
def test_a_question_is_written_as_the_code_that_makes_it(question: Question) -> None:
    assert eval(repr(question), vars(edsl_nb.questions).copy()) == question
    assert pickle.loads(pickle.dumps(question)) == question


@given(plain.filter(bool), option_lists)
def test_what_is_offered_can_be_answered(text: str, options: list[Any]) -> None:
    question = QuestionMultipleChoice("q", text, options)
    presented = question.present({})
    assert [presented.space.read(str(option)).answer for option in options] == options


def test_a_question_makes_a_job_and_shows_its_prompt(capsys: pytest.CaptureFixture[str]) -> None:
    question = QuestionFreeText("q", "Why?")
    assert question.to_jobs() == question.by()
    assert [row["user_prompt"] for row in question.prompts().to_dicts()] == ["Why?"]
    question.show_prompts()
    assert "user:   Why?" in capsys.readouterr().out


def test_a_question_for_a_model_computes_nothing() -> None:
    question = QuestionFreeText("q", "Why?")
    refusal(lambda: question.compute({}, NONE), "q", "not computed", error=QuestionError)
