"""Surveys: questions in order, and which of them can be asked at the same time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import edsl_nb.questions
from edsl_nb import Jobs, Model, QuestionFreeText, QuestionMultipleChoice, Survey
from edsl_nb.core.errors import SurveyError
from tests.unit.samples import refusal, surveys


def ask(name: str, *others: str) -> QuestionFreeText:
    """A question that refers to the answers of others."""
    return QuestionFreeText(name, "Why " + " ".join(f"{{{{ {other}.answer }}}}" for other in others) + "?")


def test_a_survey_has_its_questions_in_order() -> None:
    survey = Survey(questions=[ask("b"), ask("a")], name="colors")
    assert survey.question_names == ["b", "a"]
    assert [question.question_name for question in survey] == ["b", "a"]
    assert (len(survey), survey[1], survey["b"], survey[-1]) == (2, ask("a"), ask("b"), ask("a"))
    assert survey.questions == (ask("b"), ask("a"))


def test_questions_can_come_from_any_iterable() -> None:
    assert Survey(ask(name) for name in "ab") == Survey((ask("a"), ask("b")))
    assert len(Survey()) == 0


def test_two_questions_cannot_share_a_name() -> None:
    twice = [ask("a"), QuestionMultipleChoice("a", "Which?", ["x"])]
    refusal(lambda: Survey(twice), "question_name", "same name", "'a'", "another", error=SurveyError)
    survey = Survey(twice[:1])
    refusal(lambda: survey.add_question(twice[1]), "question_name", "'a'", error=SurveyError)
    assert survey == Survey(twice[:1])


@pytest.mark.parametrize("questions", [ask("a"), "a", 0, False, 5, 1.5])
def test_what_is_no_list_of_questions_is_refused(questions: Any) -> None:
    refusal(lambda: Survey(questions), "questions", "list", "Survey(questions=[", error=SurveyError)


@pytest.mark.parametrize("item", [None, "a", 5, {"question_name": "a"}, Model("test")])
def test_what_is_no_question_is_refused(item: Any) -> None:
    refusal(
        lambda: Survey([ask("a"), item]), "questions", "no question", "QuestionFreeText", error=SurveyError
    )


@given(
    st.one_of(
        st.integers(), st.floats(), st.binary(), st.lists(st.none()), st.dictionaries(st.text(), st.none())
    )
)
def test_a_wrong_name_is_an_error_of_ours(name: Any) -> None:
    refusal(lambda: Survey([], name=name), "name", error=SurveyError)


@pytest.mark.parametrize("which", ["x", 1.5, None, slice(0, 1)])
def test_a_question_that_is_not_there_is_named_with_those_that_are(which: Any) -> None:
    refusal(lambda: Survey([ask("aa")])[which], repr(which), "aa", error=SurveyError)


def test_adding_a_question_changes_the_survey_and_returns_it() -> None:
    survey = Survey([ask("a")])
    assert survey.add_question(ask("b", "a")) is survey
    assert survey.question_names == ["a", "b"]
    assert survey.flow.waves == ((0,), (1,))


def test_adding_a_question_again_as_when_a_cell_runs_twice_changes_nothing() -> None:
    survey = Survey([ask("a")])
    assert len(survey.add_question(ask("b")).add_question(ask("b"))) == 2


def test_a_survey_is_compared_by_content_and_is_not_hashable() -> None:
    assert Survey([ask("a")]) == Survey([ask("a")])
    assert Survey([ask("a")]) != Survey([ask("b")])
    assert Survey([ask("a")]) != Survey([ask("a")], name="x")
    assert Survey([ask("a"), ask("b")]) != Survey([ask("b"), ask("a")])
    with pytest.raises(TypeError):
        hash(Survey())


def test_a_copy_does_not_follow_the_survey() -> None:
    survey = Survey([ask("a")], name="x")
    copy = survey.copy()
    assert copy == survey
    survey.add_question(ask("b"))
    assert copy == Survey([ask("a")], name="x")


def test_a_survey_makes_a_job() -> None:
    survey, model = Survey([ask("a")]), Model("test")
    assert survey.by(model) == Jobs(survey).by(model)
    assert ask("a").by(model) == survey.by(model)
    assert survey.by(model) is not survey.by(model)


def test_a_survey_shows_as_a_table_of_questions() -> None:
    survey = Survey([ask("a"), QuestionMultipleChoice("b", "Which?", ["x", "y"])], name="colors")
    table = survey.as_table()
    assert (table.title, len(table)) == ("colors", 2)
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, row.cells, strict=True)) for row in table.first_rows(10)]
    assert [row["question_name"] for row in rows] == ["a", "b"]
    assert [row["question_type"] for row in rows] == ["free_text", "multiple_choice"]
    assert [row["question_options"] for row in rows] == [None, '["x", "y"]']


# The order of asking


@pytest.mark.parametrize(
    ("questions", "waves"),
    [
        ([], ()),
        ([ask("a"), ask("b"), ask("c")], ((0, 1, 2),)),
        ([ask("a"), ask("b", "a"), ask("c", "b")], ((0,), (1,), (2,))),
        ([ask("a"), ask("b", "a"), ask("c"), ask("d", "a", "c")], ((0, 2), (1, 3))),
        ([ask("a"), ask("b"), ask("c", "a", "b"), ask("d", "b")], ((0, 1), (2, 3))),
    ],
)
def test_questions_that_do_not_need_each_other_are_asked_together(questions: Any, waves: Any) -> None:
    assert Survey(questions).flow.waves == waves


def test_options_can_need_an_answer_too() -> None:
    survey = Survey([ask("a"), QuestionMultipleChoice("b", "Which?", ["{{ a.answer }}", "Other"])])
    assert survey.flow.waves == ((0,), (1,))


@pytest.mark.parametrize("questions", [[ask("a", "a")], [ask("a", "b"), ask("b")]])
def test_an_answer_cannot_be_used_before_it_is_there(questions: Any) -> None:
    last = questions[-1].question_name
    refusal(lambda: Survey(questions), "'a'", f"'{last}'", "not asked before", "first", error=SurveyError)


@given(st.lists(st.sets(st.integers(0, 7), max_size=3), max_size=8))
def test_every_question_is_asked_once_and_after_those_it_needs(needs: list[set[int]]) -> None:
    earlier = [{need for need in wanted if need < position} for position, wanted in enumerate(needs)]
    survey = Survey(ask(f"q{i}", *(f"q{need}" for need in wanted)) for i, wanted in enumerate(earlier))
    asked: set[int] = set()
    for wave in survey.flow.waves:
        assert all(earlier[position] <= asked for position in wave)
        asked.update(wave)
    assert sorted(position for wave in survey.flow.waves for position in wave) == list(range(len(needs)))


@given(surveys)
def test_a_survey_is_written_as_the_code_that_makes_it(survey: Survey) -> None:
    assert eval(repr(survey), {**vars(edsl_nb.questions), "Survey": Survey}) == survey
