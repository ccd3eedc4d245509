"""The order of asking: who is asked what, and what has to be known for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import EndOfSurvey, Instruction, QuestionFreeText, QuestionMultipleChoice, Survey
from edsl_nb.core.errors import ExpressionError, SurveyError
from edsl_nb.core.templates import Fields, Reference
from tests.unit.samples import refusal

pytestmark = pytest.mark.filterwarnings("ignore:The rule .* compares:edsl_nb.core.errors.EdslNbWarning")


def ask(name: str, *others: str) -> QuestionFreeText:
    return QuestionFreeText(name, "Why " + " ".join(f"{{{{ {other}.answer }}}}" for other in others) + "?")


def letters(names: str) -> Survey:
    return Survey([ask(name) for name in names])


NO = "{{ a.answer }} == 'No'"


def test_without_rules_everything_is_asked_and_nothing_is_evaluated() -> None:
    flow = letters("abc").flow
    assert flow.always == (True, True, True)
    assert flow.asked(2, {}, lambda _: pytest.fail("nobody has to look at answers"))
    assert flow() == ["a", "b", "c"]


def test_a_skip_rule_leaves_one_question_out() -> None:
    flow = letters("abc").add_skip_rule("b", NO).flow
    assert flow({"a": "No"}) == ["a", "c"]
    assert flow({"a": "Yes"}) == ["a", "b", "c"]
    assert (flow.always, flow.needs) == ((True, False, True), (set(), {0}, set()))
    assert flow.waves == ((0, 2), (1,))


def test_any_of_several_skip_rules_skips() -> None:
    flow = letters("abc").add_skip_rule("c", NO).add_skip_rule("c", "{{ b.answer }} == 'No'").flow
    assert flow({"a": "No", "b": "Yes"}) == flow({"a": "Yes", "b": "No"}) == ["a", "b"]
    assert flow({"a": "Yes", "b": "Yes"}) == ["a", "b", "c"]


def test_a_stop_rule_ends_the_survey() -> None:
    flow = letters("abc").add_stop_rule("a", NO).flow
    assert flow({"a": "No"}) == ["a"]
    assert flow({"a": "Yes"}) == ["a", "b", "c"]
    assert flow.waves == ((0,), (1, 2))


def test_a_stop_rule_of_a_question_that_is_skipped_does_not_stop() -> None:
    survey = letters("abc").add_skip_rule("b", NO).add_stop_rule("b", NO)
    assert survey.flow({"a": "No"}) == ["a", "c"]


def test_the_last_rule_that_applies_counts() -> None:
    survey = letters("abcd").add_rule("a", NO, "c").add_rule("a", "a != 'Yes'", "d")
    assert survey.flow({"a": "No"}) == ["a", "d"]
    assert survey.flow({"a": "Yes"}) == ["a", "b", "c", "d"]
    assert letters("abcd").add_rule("a", NO, "c", priority=7).add_rule("a", NO, "d").flow({"a": "No"}) == [
        "a",
        "d",
    ]
    assert letters("abcd").add_rule("a", NO, "c", priority=7).add_rule("a", NO, "d", priority=2).flow(
        {"a": "No"}
    ) == ["a", "c", "d"]


def test_a_strong_rule_to_the_next_question_holds_back_a_weaker_one() -> None:
    survey = letters("abc").add_stop_rule("a", "True").add_rule("a", NO, "b")
    assert survey.flow({"a": "No"}) == ["a", "b", "c"]
    assert survey.flow({"a": "Yes"}) == ["a"]


def test_a_rule_before_a_question_can_lead_further_than_the_next() -> None:
    survey = letters("abcd").add_rule("b", NO, "d", before_rule=True)
    assert survey.flow({"a": "No"}) == ["a", "d"]
    assert survey.flow({"a": "Yes"}) == ["a", "b", "c", "d"]
    assert letters("abc").add_rule("b", NO, EndOfSurvey, before_rule=True).flow({"a": "No"}) == ["a"]


def test_rules_of_questions_that_are_jumped_over_do_not_count() -> None:
    survey = letters("abcd").add_rule("a", NO, "c").add_rule("b", "True", EndOfSurvey, before_rule=True)
    assert survey.flow({"a": "No"}) == ["a", "c", "d"]
    assert survey.flow({"a": "Yes"}) == ["a"]


def test_a_rule_about_a_skipped_question_sees_none() -> None:
    survey = letters("abc").add_skip_rule("b", NO).add_skip_rule("c", "{{ b.answer }} is None")
    assert survey.flow({"a": "No"}) == ["a"]
    assert survey.flow({"a": "Yes", "b": "x"}) == ["a", "b", "c"]


def test_rules_that_name_what_is_not_given_do_not_apply() -> None:
    flow = letters("abc").add_skip_rule("b", NO).add_stop_rule("b", "scenario.z == 1").flow
    assert flow() == flow({}) == ["a", "b", "c"]
    assert flow({"b": "x", "scenario": {"z": 1}}) == ["a", "b"]


def test_agents_and_scenarios_can_decide() -> None:
    survey = (
        letters("ab").add_skip_rule("a", "agent.age < 18").add_skip_rule("b", "'{{ scenario.z }}' == '3'")
    )
    assert survey.flow({"agent": {"age": 9}, "scenario": {"z": 3}}) == []
    assert survey.flow({"agent": {"age": 19}, "scenario": {"z": 4}}) == ["a", "b"]
    assert survey.flow.rule_references == ({Reference("agent", "age")}, {Reference("scenario", "z")})
    assert survey.flow.waves == ((0, 1),)


def test_a_rule_that_cannot_be_evaluated_is_an_error_and_no_answer() -> None:
    flow = letters("ab").add_skip_rule("b", "a < 3").flow
    refusal(lambda: flow({"a": "x"}), "a < 3", error=ExpressionError)


@pytest.mark.parametrize("answers", [["a"], "a", 5])
def test_what_is_no_dict_of_answers_is_refused(answers: Any) -> None:
    refusal(lambda: letters("ab").flow(answers), "answers", "dict", error=SurveyError)


def test_an_answer_to_no_question_is_refused() -> None:
    survey = Survey([ask("color")])
    refusal(lambda: survey.flow({"colour": "Red"}), "'colour'", "Did you mean 'color'", error=SurveyError)


def test_what_rules_may_jump_over_waits_for_them() -> None:
    flow = letters("abcde").add_rule("a", NO, "c").add_rule("c", "{{ b.answer }} == 1", "e").flow
    assert flow.needs == (set(), {0}, set(), {1, 2}, set())
    assert flow.waves == ((0, 2, 4), (1,), (3,))


def test_memory_has_to_be_there_before() -> None:
    flow = letters("abc").add_targeted_memory("c", "a").flow
    assert (flow.memory, flow.needs) == (((), (), (0,)), (set(), set(), {0}))


def test_instructions_go_with_every_later_question() -> None:
    first, second = Instruction("i", "One."), Instruction("j", "Two.", preamble="Mind: ")
    flow = Survey([ask("a"), first, ask("b"), second, ask("c")]).flow
    assert flow.instructions == ("", first.said, f"{first.said}\n\nMind: Two.")


def test_an_instruction_that_needs_an_answer_is_waited_for() -> None:
    said = Instruction("i", "You said {{ a.answer }}.")
    assert Survey([ask("a"), said, ask("b")]).flow.needs == (set(), {0})
    refusal(lambda: Survey([said, ask("a")]), "instruction 'i'", "'a'", "not asked before", error=SurveyError)


def test_options_can_be_shuffled_and_pinned() -> None:
    color = QuestionMultipleChoice("color", "Which?", ["Red", "Blue", "Other"])
    survey = Survey(
        [ask("a"), color], questions_to_randomize=["color"], options_to_pin={"color": ["Other"]}, seed=3
    )
    assert survey.flow.shuffles == ((False, ()), (True, ("Other",)))


# Against the rules as they are told


def _names(position: int) -> str:
    return f"q{position}"


@st.composite
def ruled(draw: st.DrawFn) -> tuple[Survey, list[int]]:
    """A survey with any rules about numbers, and answers to it."""
    length = draw(st.integers(1, 6))
    survey = Survey(ask(_names(i)) for i in range(length))
    for _ in range(draw(st.integers(0, 6))):
        about = draw(st.integers(0, length - 1))
        before = draw(st.booleans())
        if before and about == 0:
            continue
        named = draw(st.integers(0, about - 1 if before else about))
        text = f"{{{{ {_names(named)}.answer }}}} == {draw(st.integers(0, 1))}"
        to = draw(st.integers(about + 1, length))
        priority = draw(st.none() | st.integers(0, 3))
        survey.add_rule(about, text, to, before_rule=before, priority=priority)
    return survey, draw(st.lists(st.integers(0, 1), min_size=length, max_size=length))


def walked(survey: Survey, answers: list[int]) -> dict[int, int]:
    """The answers of somebody who is led through a survey one question after the other."""
    given: dict[int, int] = {}
    here = 0
    while here < len(survey):
        target = led(survey, here, True, given)
        if target is None:
            given[here] = answers[here]
            target = led(survey, here, False, given)
        here = here + 1 if target is None else target
    return given


def led(survey: Survey, here: int, before: bool, given: Mapping[int, int]) -> int | None:
    """Where the strongest rule that applies leads."""
    applying = []
    for order, rule in enumerate(survey.rule_collection):
        if (rule.question, rule.before) != (_names(here), before):
            continue
        about, _, wanted = rule.expression.text.removeprefix("{{ q").partition(".answer }} == ")
        if given.get(int(about)) == int(wanted):
            names = survey.question_names
            to = here + 1 if rule.leads_to is None else len(survey)
            to = names.index(rule.leads_to) if isinstance(rule.leads_to, str) else to
            applying.append((rule.priority, order, to))
    return max(applying)[2] if applying else None


@given(ruled())
def test_people_are_led_as_the_rules_say(made: tuple[Survey, list[int]]) -> None:
    survey, answers = made
    expected = walked(survey, answers)
    given_answers = {_names(i): answer for i, answer in enumerate(answers)}
    assert survey.flow(given_answers) == [_names(i) for i in sorted(expected)]


@given(ruled())
def test_in_waves_nothing_is_looked_at_before_it_is_decided(made: tuple[Survey, list[int]]) -> None:
    survey, answers = made
    expected = walked(survey, answers)
    flow = survey.flow
    scope: dict[str, Any] = {}
    answered: set[int] = set()
    decided: set[int] = set()
    for wave in flow.waves:
        for position in wave:
            assert flow.needs[position] <= decided

            def is_answered(i: int) -> bool:
                assert i in decided
                return i in answered

            if flow.asked(position, scope, is_answered):
                answered.add(position)
        decided.update(wave)
        for i in wave:
            scope[_names(i)] = Fields({"answer": answers[i] if i in answered else None})
    assert answered == expected.keys()
    assert all(flow.asked(i, {}, lambda _: False) for i, always in enumerate(flow.always) if always)
