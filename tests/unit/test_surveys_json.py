"""Surveys in EDSL's JSON: nothing is lost on the way there and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import EndOfSurvey, Instruction, QuestionFreeText, QuestionMultipleChoice, Survey
from edsl_nb.core.errors import EdslNbError, SurveyError
from tests.unit.samples import refusal, through_json, without_tags
from tests.unit.test_json_of_edsl import REFERENCE, reference_objects

pytestmark = pytest.mark.filterwarnings("ignore:The rule .* compares:edsl_nb.core.errors.EdslNbWarning")


def letters(names: str) -> Survey:
    return Survey([QuestionFreeText(name, "Why?") for name in names])


@st.composite
def any_survey(draw: st.DrawFn) -> Survey:
    """Surveys with rules, memory, groups, instructions and randomisation."""
    length = draw(st.integers(1, 5))
    survey = Survey(name=draw(st.none() | st.text(max_size=5)), seed=draw(st.integers(0, 3)))
    for i in range(length):
        if draw(st.integers(0, 3)) == 0:
            survey.add_instruction(Instruction(f"i{i}", draw(st.sampled_from(["x", "{{ scenario.x }}"]))))
        survey.add_question(QuestionMultipleChoice(f"q{i}", "Which?", ["x", "y"]))
    places = st.integers(0, length - 1)
    for _ in range(draw(st.integers(0, 4))):
        about, to = draw(places), draw(st.integers(0, length) | st.just(EndOfSurvey))
        named = draw(st.integers(0, about))
        text = draw(st.sampled_from([f"{{{{ q{named}.answer }}}} == 'x'", "True", f"q{named} in ['y']"]))
        priority, before = draw(st.none() | st.integers(-2, 5)), draw(st.booleans())
        if (to is EndOfSurvey or to > about) and not (before and named == about):
            survey.add_rule(about, text, to, before_rule=before, priority=priority)
    for _ in range(draw(st.integers(0, 2))):
        focal = draw(places)
        survey.add_memory_collection(focal, draw(st.lists(st.integers(0, focal - 1))) if focal else [])
    shuffled = [f"q{i}" for i in draw(st.sets(places))]
    return Survey(
        _items(survey),
        survey.memory_plan,
        survey.rule_collection,
        {"g": (0, draw(places))} if draw(st.booleans()) else None,
        survey.name,
        shuffled,
        {name: ["y"] for name in shuffled[:1]},
        survey.seed,
    )


def _items(survey: Survey) -> list[Any]:
    rows = survey.to_dict()["questions"]
    return [
        survey[row["question_name"]] if "question_name" in row else Instruction.from_dict(row) for row in rows
    ]


@given(any_survey())
def test_a_survey_comes_back_from_json_as_it_was(survey: Survey) -> None:
    data = through_json(survey.to_dict())
    assert Survey.from_dict(data) == survey
    assert through_json(Survey.from_dict(data).to_dict()) == data
    assert survey.copy().to_dict() == survey.to_dict()


@given(any_survey())
def test_a_survey_comes_back_from_its_code_as_it_was(survey: Survey) -> None:
    names = (Survey, QuestionMultipleChoice, Instruction, EndOfSurvey)
    assert eval(repr(survey), {c.__name__: c for c in names}) == survey


def test_equal_rules_of_different_priority_come_back_from_code() -> None:
    survey = letters("a").add_stop_rule("a", "True").add_rule("a", "True", EndOfSurvey, priority=1)
    assert eval(repr(survey)) == survey
    assert len(survey.rule_collection) == 2


def test_the_json_is_edsls() -> None:
    survey = letters("ab").add_targeted_memory("b", "a").add_stop_rule("a", "{{ a.answer }} == 'No'")
    survey.add_question_group("a", "a", "g").add_skip_rule("b", "{{ a.answer }} == 'x'")
    data = without_tags(survey.to_dict())
    positions = {"a": 0, "b": 1}
    assert data["memory_plan"] == {
        "survey_question_names": ["a", "b"],
        "survey_question_texts": ["Why?", "Why?"],
        "data": {"b": {"prior_questions": ["a"]}},
    }
    rules = [
        (0, "True", 1, -1, False),
        (1, "True", 2, -1, False),
        (0, "{{ a.answer }} == 'No'", "EndOfSurvey", 0, False),
        (1, "{{ a.answer }} == 'x'", 2, 0, True),
    ]
    keys = ("current_q", "expression", "next_q", "priority", "before_rule")
    assert data["rule_collection"] == {
        "question_name_to_index": positions,
        "rules": [
            {**dict(zip(keys, rule, strict=True)), "question_name_to_index": positions} for rule in rules
        ],
        "num_questions": 2,
    }
    assert data["question_groups"] == {"g": [0, 0]}
    assert not {"name", "seed", "questions_to_randomize", "options_to_pin"} & data.keys()


def test_what_newer_versions_add_is_kept() -> None:
    data = letters("ab").add_skip_rule("b", "a == 1").to_dict()
    data["future"] = {"x": [1]}
    data["memory_plan"]["future"] = 2
    data["rule_collection"]["future"] = 3
    data["rule_collection"]["rules"][-1]["future"] = 4
    survey = Survey.from_dict(data)
    assert through_json(survey.copy().to_dict()) == data
    names = {c.__name__: c for c in (Survey, QuestionFreeText)}
    assert eval(repr(survey), names).to_dict() == data


def test_a_survey_without_rules_in_its_json_asks_in_order() -> None:
    data = letters("ab").to_dict()
    data["rule_collection"]["rules"] = []
    assert Survey.from_dict(data) == letters("ab")
    for part in ("memory_plan", "rule_collection", "question_groups"):
        del data[part]
    assert Survey.from_dict(data) == letters("ab")


def _broken(change: Any) -> dict[str, Any]:
    data: dict[str, Any] = letters("abc").add_skip_rule("b", "a == 1").to_dict()
    change(data, data["rule_collection"]["rules"][-1])
    return data


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d, r: d.update(questions=5), ("questions",)),
        (lambda d, r: d.pop("questions"), ("questions",)),
        (lambda d, r: d.update(memory_plan=5), ("memory_plan",)),
        (lambda d, r: d["memory_plan"].update(data={"b": {"prior_questions": ["x"]}}), ("'x'",)),
        (lambda d, r: d["memory_plan"].update(data={"b": {}}), ("prior_questions",)),
        (lambda d, r: d.update(rule_collection=5), ("rule_collection",)),
        (lambda d, r: d.update(rule_collection={"rules": 5}), ("rule_collection",)),
        (lambda d, r: d["rule_collection"]["rules"].append("x"), ("rule_collection",)),
        (lambda d, r: r.pop("current_q"), ("current_q",)),
        (lambda d, r: r.update(current_q=9), ("current_q",)),
        (lambda d, r: r.update(next_q=9), ("next_q",)),
        (lambda d, r: r.update(next_q="x"), ("next_q",)),
        (lambda d, r: r.update(next_q=0), ("back to 'a'",)),
        (lambda d, r: r.update(priority=None), ("priority",)),
        (lambda d, r: r.update(before_rule=None), ("before_rule",)),
        (lambda d, r: r.update(expression=5), ("expression",)),
        (lambda d, r: r.update(expression="x == 1"), ("'x'",)),
        (lambda d, r: d.update(question_groups={"g": [0]}), ("question_groups",)),
        (lambda d, r: d.update(options_to_pin=[1]), ("options_to_pin",)),
        (lambda d, r: d.update(seed="x"), ("seed",)),
        (lambda d, r: d.update(name=5), ("name",)),
        (
            lambda d, r: d["questions"].append(
                {"edsl_class_name": "ChangeInstruction", "keep": [], "drop": ["i"]}
            ),
            ("cannot be read",),
        ),
        (lambda d, r: d["questions"].append(5), ("Question.from_dict",)),
    ],
)
def test_what_is_no_survey_is_refused(change: Any, words: tuple[str, ...]) -> None:
    refusal(lambda: Survey.from_dict(_broken(change)), *words)


@given(
    st.lists(
        st.sampled_from(["rules", 0, -1, "data", "current_q", "next_q", "priority", "expression"]), max_size=3
    ),
    st.sampled_from(["questions", "memory_plan", "rule_collection", "question_groups"]),
    st.none()
    | st.integers()
    | st.lists(st.integers())
    | st.dictionaries(st.text(), st.integers())
    | st.text(),
)
def test_json_that_is_broken_anywhere_is_refused_or_read(path: list[Any], part: str, value: Any) -> None:
    data = letters("abc").add_skip_rule("b", "a == 1").to_dict()
    inner: Any = data
    for step in [part, *path]:
        if step in (
            inner if isinstance(inner, dict) else range(-1, len(inner)) if isinstance(inner, list) else ()
        ):
            outer, last, inner = inner, step, inner[step]
    outer[last] = value
    try:
        Survey.from_dict(data)
    except EdslNbError as refused:
        assert refused.field


@pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="objects that EDSL has written are not here (../shared/data)"
)
def test_the_rules_that_edsl_has_written_are_read() -> None:
    found = [param.values for param in reference_objects() if str(param.id).endswith("-Survey")]
    assert len(found) >= 4
    for _, data in found:
        survey = Survey.from_dict(data)
        assert survey.flow({"q0": "yes"}) == ["q0", "q2"]
        assert survey.flow({"q0": "no"}) == ["q0", "q1", "q2"]


def test_a_survey_is_saved_and_loaded(tmp_path: Any) -> None:
    survey = letters("abc").add_skip_rule("b", "a == 1").add_instruction(Instruction("i", "x"))
    survey.save(tmp_path / "survey.json.gz")
    assert Survey.load(tmp_path / "survey.json.gz") == survey
    assert Survey.from_jsonl(survey.to_jsonl()) == survey
    refusal(lambda: Survey([], seed=1.5), "seed", error=SurveyError)
