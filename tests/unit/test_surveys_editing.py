"""Surveys that are changed, cut, joined and looped: whatever names a question goes along with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edsl_nb import (
    EndOfSurvey,
    Instruction,
    QuestionFreeText,
    QuestionMultipleChoice,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import EdslNbWarning, QuestionError, SurveyError
from tests.unit.samples import refusal


def ask(name: str, text: str = "Why?") -> QuestionFreeText:
    return QuestionFreeText(name, text)


def letters(names: str) -> Survey:
    return Survey([ask(name) for name in names])


def full() -> Survey:
    """A survey with one of everything."""
    color = QuestionMultipleChoice("c", "Which {{ a.answer }}?", ["{{ a.answer }}", "Other"])
    survey = Survey(
        [ask("a"), Instruction("i", "You said {{ a.answer }}."), ask("b"), color, ask("d")],
        questions_to_randomize=["c"],
        options_to_pin={"c": ["Other"]},
        seed=4,
        name="all",
    )
    survey.add_skip_rule("b", "{{ a.answer }} == 'a'").add_rule("a", "'{{ a.answer }}' == 'x'", "d")
    return survey.add_targeted_memory("d", "a").add_question_group("a", "a", "g")


# Adding, moving, taking out


def test_a_question_can_be_added_anywhere() -> None:
    survey = letters("ab").add_question(ask("x"), index=1).add_question(ask("y"), 0).add_question(ask("z"), 4)
    assert survey.question_names == ["y", "a", "x", "b", "z"]
    assert survey.add_question(ask("a"), index=4).question_names == ["y", "a", "x", "b", "z"]


def test_positions_are_among_questions_whatever_instructions_there_are() -> None:
    survey = Survey([Instruction("i", "x"), ask("a"), Instruction("j", "x"), ask("b")])
    assert survey.add_question(ask("z"), index=1).question_names == ["a", "z", "b"]
    assert survey.flow.instructions[0] == survey.flow.instructions[2].split("\n\n")[0]


@pytest.mark.parametrize("index", [-1, 3, "a", 1.0, True])
def test_a_position_that_is_none_is_refused(index: Any) -> None:
    refusal(lambda: letters("ab").add_question(ask("z"), index=index), "index", "0 to 2", error=SurveyError)


def test_a_question_that_is_put_into_a_group_belongs_to_it() -> None:
    survey = letters("abcd").add_question_group("b", "c", "g")
    assert survey.copy().add_question(ask("z"), 2).question_groups == {"g": (1, 3)}
    assert survey.copy().add_question(ask("z"), 1).question_groups == {"g": (2, 3)}
    assert survey.copy().move_question("d", 2).question_groups == {"g": (1, 3)}
    assert survey.copy().move_question("b", 2).question_groups == {"g": (1, 2)}
    assert survey.copy().move_question("b", 3).question_groups == {"g": (1, 1)}
    assert survey.copy().delete_question("b").question_groups == {"g": (1, 1)}


def test_a_question_can_be_moved() -> None:
    survey = letters("abc")
    assert survey.move_question("c", 0) is survey
    assert survey.question_names == ["c", "a", "b"]
    assert survey.move_question(survey["c"], 2).question_names == ["a", "b", "c"]
    assert survey.move_question(0, 1).question_names == ["b", "a", "c"]
    refusal(lambda: survey.move_question("a", 3), "index", "0 to 2", error=SurveyError)


def test_a_question_cannot_be_moved_before_what_it_needs() -> None:
    survey = Survey([ask("a"), ask("b", "{{ a.answer }}"), ask("c")]).add_skip_rule("c", "a == 1")
    refusal(lambda: survey.move_question("b", 0), "'b' refers to", "'a'", error=SurveyError)
    refusal(lambda: survey.move_question("a", 2), "refers to", "'a'", error=SurveyError)
    refusal(lambda: survey.move_question("c", 0), "expression", "'a'", error=SurveyError)
    assert survey.question_names == ["a", "b", "c"]


def test_a_question_that_is_deleted_takes_its_rules_along() -> None:
    survey = (
        letters("abcd")
        .add_skip_rule("b", "a == 1")
        .add_targeted_memory("c", "b")
        .add_rule("a", "a == 1", "c")
    )
    assert survey.delete_question("b") is survey
    assert survey == letters("acd").add_rule("a", "a == 1", "c")


def test_a_rule_that_leads_to_a_deleted_question_leads_to_the_next() -> None:
    survey = letters("abcd").add_rule("a", "a == 1", "c")
    assert survey.copy().delete_question("c").rule_collection[0].leads_to == "d"
    assert survey.copy().drop("c", "d").rule_collection[0].leads_to is EndOfSurvey
    assert survey.copy().drop("b", "c").rule_collection[0].leads_to is None


def test_a_rule_that_needs_a_deleted_question_goes_with_a_warning() -> None:
    survey = letters("abc").add_skip_rule("c", "a == 1").add_stop_rule("c", "c == 1")
    with pytest.warns(EdslNbWarning, match="'c' that applies if a == 1 was taken out"):
        survey.delete_question("a")
    assert [rule.expression.text for rule in survey.rule_collection] == ["c == 1"]


def test_select_and_drop_give_new_surveys() -> None:
    survey = Survey([ask("a"), Instruction("i", "x"), ask("b"), ask("c")], name="n", seed=2)
    kept = survey.select("c", "a")
    assert (kept.question_names, kept.instructions, kept.name, kept.seed) == (
        ["a", "c"],
        survey.instructions,
        "n",
        2,
    )
    assert kept == survey.subset("a", "c") == survey.drop("b")
    assert survey.drop("i").instructions == ()
    assert len(survey) == 3
    for action in (survey.select, survey.drop, survey.delete_question):
        refusal(lambda action=action: action("bb"), "'bb'", "no such question", error=SurveyError)


# Renaming


def test_a_new_name_goes_everywhere() -> None:
    renamed = full().rename({"a": "first", "c": "hue"})
    assert renamed.question_names == ["first", "b", "hue", "d"]
    assert renamed["hue"].question_text == "Which {{ first.answer }}?"
    assert renamed["hue"].question_options == ["{{ first.answer }}", "Other"]
    assert renamed.instructions[0].text == "You said {{ first.answer }}."
    assert [r.expression.text for r in renamed.rule_collection] == [
        "{{ first.answer }} == 'a'",
        "'{{ first.answer }}' == 'x'",
    ]
    assert (renamed.memory_plan, renamed.questions_to_randomize) == ({"d": ["first"]}, ["hue"])
    assert (renamed.options_to_pin, renamed.group_of("first")) == ({"hue": ["Other"]}, "g")
    assert renamed.rename({"first": "a", "hue": "c"}) == full()


def test_names_can_change_places() -> None:
    survey = Survey([ask("a"), ask("b", "{{ a.answer }} a")])
    assert survey.rename({"a": "b", "b": "a"}) == Survey([ask("b"), ask("a", "{{ b.answer }} a")])


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"x": "y"}, ("name_dict", "'x'")),
        ({"a": "b"}, ("'b'", "same name")),
        ({"a": 5}, ("name_dict", "dict of names")),
        ("a", ("name_dict", "dict of names")),
    ],
)
def test_a_wrong_new_name_is_refused(names: Any, words: tuple[str, ...]) -> None:
    refusal(lambda: letters("ab").rename(names), *words, error=SurveyError)


def test_a_new_name_has_to_be_an_identifier() -> None:
    refusal(lambda: letters("ab").rename({"a": "a b"}), "question_name", "identifier", error=QuestionError)


# Joining


def test_surveys_are_joined_with_all_that_is_said_about_them() -> None:
    first = letters("ab").add_skip_rule("b", "a == 1").add_targeted_memory("b", "a")
    second = letters("cd").add_stop_rule("c", "c == 1").add_question_group("c", "c", "g")
    joined = first + second
    assert joined.question_names == ["a", "b", "c", "d"]
    assert joined.rule_collection == first.rule_collection + second.rule_collection
    assert (joined.memory_plan, joined.question_groups) == ({"b": ["a"]}, {"g": (2, 2)})
    assert (first.question_names, second.question_names) == (["a", "b"], ["c", "d"])
    assert (first + ask("z")).question_names == ["a", "b", "z"]
    refusal(lambda: second + first, "ends the first survey", "'c'", error=SurveyError)
    refusal(lambda: first + first, "same name", "'a'", error=SurveyError)
    with pytest.raises(TypeError):
        first + 5  # type: ignore[operator]


def test_questions_make_surveys() -> None:
    assert ask("a").add_question(ask("b")) == letters("ab")
    assert ask("a").to_survey() == letters("a")


# Follow-ups


def test_follow_ups_are_asked_of_those_who_chose_the_option() -> None:
    color = QuestionMultipleChoice("color", "Which?", ["Red", "Blue"])
    survey = Survey([color, ask("end")]).add_followup_questions(
        "color", ask("why", "Why {{ color.answer }}?")
    )
    assert survey.question_names == ["color", "why_color_0", "why_color_1", "end"]
    assert survey["why_color_1"].question_text == "Why Blue?"
    assert survey.flow({"color": "Blue"}) == ["color", "why_color_1", "end"]
    again = survey.copy().add_followup_questions("color", ask("why", "Why {{ color.answer }}?"))
    assert again == survey


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda s: s.add_followup_questions("a", ask("w")), ("reference_question", "no options")),
        (lambda s: s.add_followup_questions("c", ask("w")), ("reference_question", "no options")),
        (lambda s: s.add_followup_questions("x", ask("w")), ("reference_question", "'x'")),
        (lambda s: s.add_followup_questions("c", "w"), ("followup_template", "no question")),
    ],
)
def test_follow_ups_need_options(action: Callable[[Survey], Any], words: tuple[str, ...]) -> None:
    refusal(lambda: action(full()), *words, error=SurveyError)


# Loops


def test_a_question_is_asked_of_each_scenario() -> None:
    things = ScenarioList.from_list("x", ["tv", "car"])
    has = QuestionMultipleChoice("has_{{ scenario.x }}", "Own a {{ scenario.x }}?", ["{{ x }}", "No"])
    survey = Survey(has.loop(things) + ask("why", "Why {{ scenario.x }}?").loop(things))
    assert survey.question_names == ["has_tv", "has_car", "why_0", "why_1"]
    assert survey["why_1"].question_text == "Why car?"
    assert survey["has_tv"].question_options == ["tv", "No"]
    assert survey.add_skip_rule("why_0", "{{ has_tv.answer }} == 'No'").flow({"has_tv": "No"}) == [
        "has_tv",
        "has_car",
        "why_1",
    ]


def test_what_a_scenario_does_not_have_stays_a_placeholder() -> None:
    looped = ask("q", "{{ scenario.x }}, {{ scenario.y }}, {{ y }}, {{ a.answer }}, {{ x + 1 }}").loop(
        [{"x": 1}]
    )
    assert looped == [ask("q_0", "1, {{ scenario.y }}, {{ y }}, {{ a.answer }}, 2")]


def test_options_can_be_what_the_scenario_holds() -> None:
    asked = QuestionMultipleChoice("q", "Which?", "{{ scenario.options }}")
    (looped,) = asked.loop(Scenario({"options": ["a", "b"]}))
    assert looped == QuestionMultipleChoice("q_0", "Which?", ["a", "b"])
    assert asked.loop([{}]) == [QuestionMultipleChoice("q_0", "Which?", "{{ scenario.options }}")]


def test_whole_templates_are_filled_or_stay() -> None:
    text = "{% for i in scenario.l %}{{ i }};{% endfor %}"
    assert ask("q", text).loop([{"l": [1, 2]}, {}]) == [ask("q_0", "1;2;"), ask("q_1", text)]


def test_data_that_looks_like_a_placeholder_is_none() -> None:
    (looped,) = ask("q", "{{ x }}?").loop([{"x": "{{ agent.secret }} {% if %} 'quoted' \\n"}])
    assert looped.present({}).text == "{{ agent.secret }} {% if %} 'quoted' \\n?"


def test_a_name_that_is_not_filled_cannot_be_in_a_survey() -> None:
    looped = ask("q_{{ scenario.x }}").loop([{}])
    refusal(lambda: Survey(looped), "question_name", "loop", error=SurveyError)


@pytest.mark.parametrize(
    ("scenarios", "words"),
    [
        ("x", ("scenario_list", "list of scenarios")),
        (5, ("scenario_list", "list of scenarios")),
        ({"x": 1}, ("scenario_list", "list of scenarios")),
        ([5], ("scenario_list", "int is no scenario")),
        ([{"x": "a b"}], ("question_name", "identifier")),
    ],
)
def test_what_cannot_be_looped_over_is_refused(scenarios: Any, words: tuple[str, ...]) -> None:
    refusal(lambda: ask("q_{{ x }}").loop(scenarios), *words, error=QuestionError)


# Looking


def test_what_needs_what_is_told_by_position_and_by_name() -> None:
    survey = Survey([ask("a"), ask("b"), ask("c", "{{ b.answer }}")]).add_skip_rule("c", "a == 1")
    assert survey.dag == survey.dag() == {2: {0, 1}}
    assert survey.dag(textify=True) == {"c": {"a", "b"}}


def test_a_flow_is_drawn_in_the_language_of_mermaid() -> None:
    survey = (
        letters("abc")
        .add_skip_rule("b", "a == '\"<x>'")
        .add_stop_rule("a", "True")
        .add_targeted_memory("c", "a")
    )
    drawn = survey.show_flow()
    assert repr(drawn) == str(drawn)
    assert drawn.splitlines()[0] == "flowchart TD"
    assert "    q1 -->|\"skipped if a == '&quot;&lt;x&gt;'\"| q2" in drawn
    assert '    q0 -->|"True"| stop' in drawn
    assert "    q0 -. needed .-> q2" in drawn


def test_a_codebook_and_scenarios_say_what_is_asked() -> None:
    survey = Survey([ask("a"), QuestionMultipleChoice("b", "Which?", ["x"])])
    assert survey.codebook() == {"a": "Why?", "b": "Which?"}
    rows = survey.to_scenario_list()
    assert [row["question_name"] for row in rows] == ["a", "b"]
    assert (rows[0]["question_type"], rows[1]["question_options"]) == ("free_text", ["x"])


def test_print_is_short_and_repr_is_code() -> None:
    assert str(full()) == "Survey 'all' of 4 questions, 2 rules: a, b, c, d"
    assert str(Survey()) == "Survey of no questions"
    names = {
        c.__name__: c for c in (Survey, QuestionFreeText, QuestionMultipleChoice, Instruction, EndOfSurvey)
    }
    assert eval(repr(full()), dict(names)) == full()
    strong = letters("abc").add_rule("a", "a == 1", "c", priority=5).add_rule("a", "a == 2", EndOfSurvey)
    strong.add_rule("c", "a == 1", 3, before_rule=True, priority=-3).add_rule("a", "a == 1", "c", priority=9)
    assert eval(repr(strong), dict(names)) == strong
    program: dict[str, Any] = {}
    exec(full().code(), program)
    assert program["survey"] == full()
