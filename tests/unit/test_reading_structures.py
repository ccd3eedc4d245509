"""Reading lists, records, budgets, distributions and objects under a schema."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.questions.reading import (
    Allocation,
    AnswerSpace,
    Distribution,
    Items,
    Number,
    Record,
    Validated,
)
from edsl_nb.questions.reading.kinds import Kind, kind
from edsl_nb.questions.reading.validated import problem_of
from tests.unit.samples import texts

words = st.from_regex(r"[a-z]{2,8}", fullmatch=True).filter(
    lambda word: not set(word) <= set("aeiou") and word not in STOP
)
STOP = {"not", "no", "or", "and", "am", "is", "are", "it", "we", "my", "so", "ok", "if", "but", "vs", "nor"}

PERSON = Record({"name": Kind("str"), "age": Kind("int"), "score": Kind("float"), "ok": Kind("bool")})
ANN = {"name": "Ann", "age": 41, "score": 1.5, "ok": True}
SPACES: dict[str, AnswerSpace] = {
    "items": Items(),
    "some items": Items(2, 3),
    "record": PERSON,
    "nested record": Record({"a": Kind("list", Kind("int")), "b": Kind("any"), "c": Kind("dict")}),
    "budget": Allocation(["Rent", "Food", "Fun: games"], 100),
    "odd budget": Allocation(["a", "b", "c"], 0.7),
    "tiny budget": Allocation(["a", "b"], 5e-324),
    "huge budget": Allocation(["a", "b"], 3.6e306),
    "remainder": Allocation(["a", "b"], 10, remainder="b"),
    "distribution": Distribution(["Yes", "No", "Maybe, or so"]),
    "exact distribution": Distribution([f"[{i},{i + 1})" for i in range(30)], tolerance=0),
    "validated": Validated(
        {
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 3},
                "age": {"type": "integer", "exclusiveMinimum": 0, "maximum": 150},
                "kind": {"enum": ["a", "b"]},
                "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "minItems": 1},
                "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
            },
            "required": ["name", "age"],
            "$defs": {"tag": {"type": "string"}},
        }
    ),
}

every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def looked_at(space: AnswerSpace, reply: str) -> tuple[str, Any, str | None]:
    reading = space.read(reply)
    assert (reading.how == "invalid") == (reading.answer is None) == bool(reading.reason)
    return reading.how, reading.answer, reading.rule


# All of them


@every_space
@given(random=st.randoms(use_true_random=False))
def test_what_is_drawn_is_an_answer_and_comes_back(space: AnswerSpace, random: Random) -> None:
    answer = space.draw(random)
    assert space.check(answer) == ("exact", answer, None, None, None)
    assert space.read(space.write(answer)) == ("exact", answer, None, None, None)
    assert space.read(space.write(answer) + "\nSo it is.").comment == "So it is."


WRAPPINGS: dict[str, Callable[[str], str]] = {
    "fence": lambda w: f"```json\n{w}\n```",
    "text around+fence": lambda w: f"Here you are:\n```\n{w}\n```\nGood luck.",
    "text around": lambda w: f"Here you are: {w}",
    "json": lambda w: json.dumps({"answer": json.loads(w), "comment": "why"}, indent=2),
    "label": lambda w: f"Answer: {w}",
    "emphasis": lambda w: f"**{w}**",
    "python": lambda w: repr(json.loads(w)),
    "": lambda w: json.dumps(json.loads(w), indent=1),
}


@every_space
@given(random=st.randoms(use_true_random=False), rule=st.sampled_from(sorted(WRAPPINGS)))
def test_an_answer_comes_back_from_every_wrapping(space: AnswerSpace, random: Random, rule: str) -> None:
    answer = space.draw(random)
    if answer == []:
        return
    how, found, by = looked_at(space, WRAPPINGS[rule](space.write(answer)))
    assert found == answer
    assert (how, by) in (("repaired", rule), ("exact", None))
    if rule not in ("", "python"):
        assert by == rule


@every_space
@given(texts | st.text("[]{}()'\",:-\\0123 abnme.%$\n`", max_size=60))
def test_no_text_gives_an_answer_outside(space: AnswerSpace, reply: str) -> None:
    reading = space.read(reply)
    if reading.how == "invalid":
        assert reading.answer is None
        assert reading.reason
    else:
        assert space.check(reading.answer).how == "exact"


@every_space
@pytest.mark.parametrize(
    "value", [None, True, 3, "text", "[]", {1: 2}, [{1}], object(), float("nan"), b"x", {}]
)
def test_values_of_other_kinds_are_refused_without_an_error(space: AnswerSpace, value: Any) -> None:
    reading = space.check(value)
    assert (reading.how, reading.answer) == ("invalid", None)


@every_space
@pytest.mark.parametrize(
    "start", ["[", "{", '["a', "- a\n", "a: 1\n", "1,", '{"a":', "a,", "a:", "`", " ", "{'"]
)
def test_long_replies_take_no_time(space: AnswerSpace, start: str) -> None:
    for reply in (
        start * (190_000 // len(start)),
        start * (5_000_000 // len(start)),
        "[" * 10_000 + "]" * 10_000,
    ):
        started = time.thread_time()
        space.read(reply)
        assert time.thread_time() - started < 1


@every_space
def test_an_empty_reply_is_no_answer(space: AnswerSpace) -> None:
    assert space.read(" \n").reason == "the reply is empty"


@every_space
def test_a_reply_that_is_broken_off_is_no_answer(space: AnswerSpace) -> None:
    written = space.write(space.draw(Random(1)))
    for end in range(1, len(written)):
        assert space.read(written[:end]).how == "invalid", written[:end]


# Lists


LISTS: dict[str, Callable[[list[str]], str]] = {
    "bullets": lambda items: "\n".join(f"- {item}" for item in items),
    "numbers": lambda items: "\n".join(f"{i}. {item}" for i, item in enumerate(items, 1)),
    "commas": ", ".join,
    "text around+bullets": lambda items: "Here you are:\n\n" + "\n".join(f"* **{item}**" for item in items),
}


@given(st.lists(words, min_size=2, max_size=6), st.sampled_from(sorted(LISTS)))
def test_words_come_back_from_every_form_of_a_list(items: list[str], rule: str) -> None:
    assert looked_at(Items(), LISTS[rule](items)) == ("repaired", items, rule)


@pytest.mark.parametrize(
    ("reply", "items", "comment"),
    [
        ("[]", [], None),
        ('[1, [2, {"a": null}]]', [1, [2, {"a": None}]], None),
        ("• x\n• y\n\nBoth are good.", ["x", "y"], "Both are good."),
        ("1) x\n2) y", ["x", "y"], None),
        ('- "x"\n- y: z', ["x", "y: z"], None),
        ("x, y, and z", ["x", "y", "z"], None),
        ("x, y\nbecause", ["x", "y"], "because"),
        ("- only one", ["only one"], None),
        ("- see [1]\n- y", ["see [1]", "y"], None),
    ],
)
def test_these_are_lists(reply: str, items: list[Any], comment: str | None) -> None:
    reading = Items().read(reply)
    assert (reading.answer, reading.comment) == (items, comment)


@pytest.mark.parametrize(
    "reply",
    [
        "plain",
        "x\ny",
        "x, y and z",
        "Sure, apples, pears",
        "Well, I think it depends, really",
        "1. x\n3. y",
        "1. x, 2. y",
        "- x\n* y",
        "- x\n  - y\n- z",
        "- x\ngoes on",
        "- x\n- y\nand so on",
        "- [x] x\n- [ ] y",
        "- - x\n- y",
        "I like apples [1] and pears",
        '{"a": 1}',
        '["x"] and then ["y"]',
        '["x"]\n- y\n- z',
        '{"answer": "x"}',
        "x, , y",
    ],
)
def test_these_are_no_lists(reply: str) -> None:
    assert looked_at(Items(), reply)[0] == "invalid"


@pytest.mark.parametrize("dots", ["...", "…", " ... "])
def test_dots_are_no_value(dots: str) -> None:
    """They stand for values in the forms that prompts show, and small models copy those."""
    assert Items().read(json.dumps(["a", dots])).reason == "dots stand for an item"
    for kept in (dots, [dots]):
        assert Record({"a": Kind("any")}).read(json.dumps({"a": kept})).reason == "dots stand for 'a'"


def test_the_number_of_items_is_held_to() -> None:
    assert Items(1, 2).read("[]").reason == "the list has 0 items, and at least 1 are wanted"
    assert Items(1, 2).read("[1, 2, 3]").reason == "the list has 3 items, and at most 2 are wanted"
    assert Items(1, 2, permissive=True).read("[]").answer == []
    assert Items(1, 2).schema == {**(Items().schema or {}), "minItems": 1, "maxItems": 2}


# Records


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        ('{"ok": true, "score": 1.5, "age": 41, "name": "Ann"}', None),
        ('{"name": "Ann", "age": "41", "score": "1.5", "ok": "True"}', "text"),
        ('{"name": "Ann", "age": 41.0, "score": 1.5, "ok": true}', "number"),
        ('{"Name": "Ann", "AGE": 41, "score": 1.5, "ok": true}', "case"),
        ('{"name": "Ann", "age": 41, "score": 1.5, "ok": true, "city": "X"}', "other names"),
        ("name: Ann\nage: 41\nscore: 1.5\nok: true", "pairs+text"),
        ("- **Name:** Ann\n- **Age**: 41\n- `score` = 1.5\n- ok: true", "pairs+text"),
    ],
)
def test_these_are_records(reply: str, rule: str | None) -> None:
    assert looked_at(PERSON, reply)[1:] == (ANN, rule)
    assert list(PERSON.read(reply).answer) == list(ANN)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ('{"name": "Ann", "age": 41, "score": 1.5}', "'ok' is missing"),
        ('{"name": null, "age": 41, "score": 1.5, "ok": true}', "'name' has to be a text, not None"),
        (
            '{"name": "Ann", "age": 41.5, "score": 1.5, "ok": true}',
            "'age' has to be a whole",
        ),
        (
            '{"name": "Ann", "age": true, "score": 1.5, "ok": true}',
            "'age' has to be a whole number",
        ),
        ('{"name": "Ann", "age": "about 41", "score": 1, "ok": true}', "'age' has to be a whole number"),
        ('{"name": "Ann", "age": 41, "score": 1.5, "ok": 1}', "'ok' has to be true or false, not 1"),
        ('[{"name": "Ann", "age": 41, "score": 1.5, "ok": true}]', "no complete JSON object"),
        ("name: Ann\nage: 41\nscore: 1.5", "no complete JSON object"),
        ("name: Ann\nname: Bob\nage: 41\nok: true", "no complete JSON object"),
        ("name: Ann\nage: 41\nscore: 1.5\nok: true\nage: 42", "no complete JSON object"),
    ],
)
def test_these_are_no_records(reply: str, reason: str) -> None:
    assert looked_at(PERSON, reply)[0] == "invalid"
    assert reason in str(PERSON.read(reply).reason)


def test_a_comment_may_stand_in_the_object() -> None:
    reading = Record({"a": Kind("int")}).read('{"a": 1, "comment": "why"}')
    assert reading == ("exact", {"a": 1}, "why", None, None)
    assert Record({"comment": Kind("str")}).read('{"comment": "x"}').answer == {"comment": "x"}


def test_permissive_keeps_what_is_there_but_wants_every_key() -> None:
    space = Record({"a": Kind("int")}, permissive=True)
    assert space.read('{"a": "x", "b": [1]}').answer == {"a": "x", "b": [1]}
    assert space.read('{"b": 1}').how == "invalid"
    assert space.check({"a": "x", "b": 1}).how == "exact"


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("str", 3, "3"),
        ("int", "3", 3),
        ("float", 3, 3.0),
        ("list[int]", ["1", 2], [1, 2]),
        ("optional[int]", None, None),
        ("Optional[ list[str] ]", ["a"], ["a"]),
        ("list[list[int]]", [[1]], [[1]]),
        ("any", {"a": [None]}, {"a": [None]}),
        ("boolean", "FALSE", False),
    ],
)
def test_kinds_by_name(name: str, value: Any, kept: Any) -> None:
    of = kind(name)
    assert of is not None
    accepted = of.accept(value)
    assert accepted is not None
    assert accepted[0] == kept
    assert type(accepted[0]) is type(kept)
    drawn = of.accept(of.draw(Random(1)))
    assert drawn is not None
    assert drawn[1] == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("str", None),
        ("str", 1.5),
        ("str", True),
        ("int", "3 or 4"),
        ("int", ""),
        ("float", "nan"),
        ("list[int]", [1, "x"]),
        ("list[int]", "1"),
        ("float", 10**400),
        ("dict", []),
        ("none", 0),
    ],
)
def test_values_of_no_kind_are_refused(name: str, value: Any) -> None:
    of = kind(name)
    assert of is not None
    assert of.accept(value) is None


@pytest.mark.parametrize(
    "name", ["", "date", "list[", "list[date]", "dict[str]", "list[" * 50 + "int" + "]" * 50]
)
def test_there_are_no_other_kinds(name: str) -> None:
    assert kind(name) is None


# Budgets and distributions


BUDGET = Allocation(["Rent", "Food", "Fun"], 100)


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        ('{"Rent": 50, "Food": 30.0, "Fun": 20}', None),
        ('{"rent": 50, "food": 30, "fun": 20}', "case"),
        ("[50, 30, 20]", "order"),
        ("50, 30, 20", "order+text"),
        ("$50, $30, $20", "order+text+currency"),
        ('[{"Rent": 50}, {"Food": 30}, {"Fun": 20}]', "objects"),
        ('{"Rent": "50%", "Food": "30%", "Fun": "20%"}', "text+percent"),
        ("Rent: 50, Food: 30, Fun: 20", "pairs+text"),
        ("Fun: $20\nFood: $30\nRent: $50", "pairs+text+currency"),
        ("1. **Rent**: 50\n2. **Food**: 30\n3. **Fun**: 20\n\nThat is all.", "pairs+text"),
    ],
)
def test_these_are_budgets(reply: str, rule: str | None) -> None:
    assert looked_at(BUDGET, reply)[1:] == ([{"Rent": 50.0}, {"Food": 30.0}, {"Fun": 20.0}], rule)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ('{"Rent": 50, "Food": 30, "Fun": 19}', "sum up to 99, not 100"),
        ('{"Rent": 120, "Food": -20, "Fun": 0}', "'Food' has less than nothing"),
        ('{"Rent": 50, "Food": 50}', "no number for 'Fun'"),
        ('{"Rent": 50, "Food": 30, "Fun": 20, "Total": 100}', "'Total' is not one of the options"),
        ('{"0": 50, "1": 30, "2": 20}', "is not one of the options"),
        ('{"Rent": "half", "Food": 30, "Fun": 20}', "'Rent' has no number"),
        ('{"Rent": true, "Food": 30, "Fun": 69}', "'Rent' has no number"),
        ('{"Rent": "50k", "Food": 30, "Fun": 20}', "'Rent' has no number"),
        ("[50, 50]", "no JSON object"),
        ("[50, 30, 20] or [30, 50, 20]", "no JSON object"),
        ("Rent: 50\nFood: 30\nFun: 20\nRent: 40", "no JSON object"),
    ],
)
def test_these_are_no_budgets(reply: str, reason: str) -> None:
    reading = BUDGET.read(reply)
    assert reading.how == "invalid"
    assert reason in str(reading.reason)


def test_percentages_are_amounts_only_of_a_hundred() -> None:
    assert "percentages" in str(Allocation(["a", "b"], 50).read("a: 30%, b: 20%").reason)


def test_amounts_that_no_computer_can_add_are_refused() -> None:
    assert BUDGET.read("[1e308, 1e308, 1e308]").reason == "the amounts sum up to inf, not 100"
    assert RAIN.read("[1e308, 1e308]").how == "invalid"


def test_what_is_left_goes_to_the_remainder_option() -> None:
    space = Allocation(["a", "b"], 10, remainder="b")
    assert space.read('{"a": 4}').answer == [{"a": 4.0}, {"b": 6.0}]
    assert (
        space.read('{"a": 4, "b": 5}').how
        == space.read('{"a": 11}').how
        == space.read('{"b": 10}').how
        == "invalid"
    )


def test_a_permissive_budget_takes_any_sum() -> None:
    space = Allocation(["a", "b"], 10, permissive=True)
    assert space.read("[1, 2]").answer == [{"a": 1.0}, {"b": 2.0}]
    assert space.read('{"a": 1}').how == "invalid"


RAIN = Distribution(["Yes", "No"])


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        ('{"Yes": 0.3, "No": 0.7}', None),
        ('{"Yes": 30, "No": 70}', "percent"),
        ('{"Yes": "30%", "No": "70%"}', "text+percent"),
        ("Yes: 30%, No: 70%", "pairs+text+percent"),
        ("[0.3, 0.7]", "order"),
        ("yes: 0.3\nno: 0.7", "pairs+text"),
    ],
)
def test_these_are_distributions(reply: str, rule: str | None) -> None:
    assert looked_at(RAIN, reply)[1:] == ({"Yes": 0.3, "No": 0.7}, rule)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ('{"Yes": 0.3, "No": 0.6}', "sum up to 0.9, not 1"),
        ('{"Yes": 0.3, "No": 69}', "sum up to 69.3, not 1"),
        ('{"Yes": "0.3%", "No": "0.7%"}', "sum up to 1, not 100%"),
        ('{"Yes": 1.5, "No": -0.5}', "'No' has less than nothing"),
        ('{"Yes": 1}', "no number for 'No'"),
    ],
)
def test_these_are_no_distributions(reply: str, reason: str) -> None:
    reading = RAIN.read(reply)
    assert reading.how == "invalid"
    assert reason in str(reading.reason)


def test_the_tolerance_is_held_to() -> None:
    assert Distribution(["a", "b"], 0.02).read("[0.49, 0.5]").answer == {"a": 0.49, "b": 0.5}
    assert Distribution(["a", "b"], 0.005).read("[0.49, 0.5]").how == "invalid"
    assert Distribution(["a", "b", "c"], 0).read("[0.1, 0.2, 0.7]").how == "repaired"


# Objects under a schema


def test_values_are_not_converted_and_the_place_is_named() -> None:
    space = SPACES["validated"]
    reading = space.read('{"name": "Ann", "age": "41"}')
    assert reading.reason == "'41' is not of type 'integer' (at ['age'])"
    assert space.read('{"name": "Ann", "age": 41, "more": [1]}').how == "exact"
    assert space.read('{"name": "Ann"}').reason == "'age' is a required property"


def test_a_schema_that_never_ends_gives_a_reason() -> None:
    space = Validated({"type": "object", "allOf": [{"$ref": "#"}]})
    assert space.read("{}").reason == "the schema goes round in circles on this answer"


# Speed


def test_numbers_are_read_fast() -> None:
    space, replies = Number(0, 1000), [str(i) for i in range(1000)] * 20
    started = time.thread_time()
    for reply in replies:
        space.read(reply)
    assert time.thread_time() - started < 1


# Patterns in a schema

BOMB = "^(a+)+$"


def of_schema(**parts: Any) -> Validated:
    schema = {"type": "object", **parts}
    assert problem_of(schema) is None
    return Validated(schema)


@pytest.mark.parametrize(
    "parts",
    [
        {"properties": {"x": {"type": "string", "pattern": BOMB}}},
        {"patternProperties": {BOMB: {"type": "integer"}}, "additionalProperties": False},
        {"patternProperties": {BOMB: {"type": "integer"}}, "additionalProperties": {"type": "boolean"}},
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "properties": {"x": {"$ref": "#/$defs/x"}},
            "$defs": {"x": {"$schema": "https://json-schema.org/draft/2020-12/schema", "pattern": BOMB}},
        },
    ],
)
def test_a_pattern_that_would_take_for_ever_takes_no_time(parts: dict[str, Any]) -> None:
    long = "a" * 50_000 + "!"
    assert of_schema(**parts).read(json.dumps({"x": long, long: 1})).how == "invalid"


def test_patterns_mean_what_they_say() -> None:
    space = of_schema(
        properties={"code": {"type": "string", "pattern": r"^[A-Z]{2}-\d+$"}},
        patternProperties={"^n_": {"type": "integer"}},
        additionalProperties=False,
    )
    assert space.read('{"code": "AB-12", "n_a": 1}').answer == {"code": "AB-12", "n_a": 1}
    assert space.read('{"code": "ab-12"}').reason == r"'ab-12' does not match '^[A-Z]{2}-\\d+$' (at ['code'])"
    assert space.read('{"n_a": "x"}').reason == "'x' is not of type 'integer' (at ['n_a'])"
    assert space.read('{"m_a": 1}').reason == "'m_a' was not asked for"
    assert of_schema(additionalProperties={"type": "integer"}).read('{"a": "x"}').how == "invalid"
    assert of_schema(additionalProperties={"type": "integer"}).read('{"a": 1}').how == "exact"


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (
            {"properties": {"x": {"pattern": "(?=a)b"}}},
            "'(?=a)b' cannot be matched in bounded time: look-around",
        ),
        ({"properties": {"x": {"pattern": "(a{999}){999}"}}}, "exceeds size limit"),
        ({"patternProperties": {r"(a)\1": {}}}, "backreferences are not supported"),
        ({"allOf": [{"patternProperties": {"a": {}}}], "unevaluatedProperties": False}, "cannot be checked"),
    ],
)
def test_patterns_without_bound_are_refused(parts: dict[str, Any], words: str) -> None:
    assert words in str(problem_of({"type": "object", **parts}))
