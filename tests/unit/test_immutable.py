"""Questions, agents, scenarios and models stay as they were made, whatever is done to what they hold."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Agent, Model, QuestionFreeText, QuestionMultipleChoice, Scenario
from edsl_nb.core.errors import AgentError, EdslNbError, ModelError, QuestionError, ScenarioError
from edsl_nb.core.frozen import plain
from tests.unit import samples
from tests.unit.samples import json_values, refusal

CHOICE = QuestionMultipleChoice("q", "Which?", ["a", "b"])

#: What is held, whose it is, its error, and what the remedy names.
HELD: dict[str, tuple[Callable[[], Any], type[EdslNbError], str, str]] = {
    "traits": (lambda: Agent({"a": 1, "b": 2}).traits, AgentError, "traits", "agent.add_trait"),
    "a trait": (lambda: Agent({"a": {"x": 1, "y": 2}}).traits["a"], AgentError, "traits", "agent.add_trait"),
    "codebook": (lambda: Agent(codebook={"a": "A"}).codebook, AgentError, "codebook", "agent.add_trait"),
    "data": (lambda: Scenario({"a": 1}).data, ScenarioError, "data", "Make a new one: Scenario("),
    "a value": (lambda: Scenario({"a": [{"x": 1}]})["a"][0], ScenarioError, "data", "Scenario("),
    "parameters": (lambda: Model("test").parameters, ModelError, "parameters", "Make a new one: Model("),
    "settings": (lambda: Model("test").settings, ModelError, "settings", "Make a new one: Model("),
    "stored parameters": (
        lambda: Model.from_dict(Model("test").to_dict()).parameters, ModelError, "parameters", "Model(",
    ),
    "replies": (
        lambda: Model("test", canned_response={"q": "x"}).settings["canned_response"],
        ModelError, "settings", "Model(",
    ),
    "options": (lambda: CHOICE.question_options, QuestionError, "question_options", "question.model_copy"),
}  # fmt: skip

DICT_CHANGES: list[Callable[[Any], Any]] = [
    lambda held: held.__setitem__("new", 5),
    lambda held: held.__delitem__(next(iter(held))),
    lambda held: held.update(new=5),
    lambda held: held.setdefault("new", 5),
    lambda held: held.pop(next(iter(held))),
    lambda held: held.popitem(),
    lambda held: held.clear(),
    lambda held: held.__ior__({"new": 5}),
]

LIST_CHANGES: list[Callable[[Any], Any]] = [
    lambda held: held.append(5),
    lambda held: held.extend([5]),
    lambda held: held.insert(0, 5),
    lambda held: held.remove(held[0]),
    lambda held: held.pop(),
    lambda held: held.clear(),
    lambda held: held.sort(),
    lambda held: held.reverse(),
    lambda held: held.__setitem__(0, 5),
    lambda held: held.__setitem__(slice(None), []),
    lambda held: held.__delitem__(0),
    lambda held: held.__iadd__([5]),
    lambda held: held.__imul__(2),
]

SET_CHANGES: list[Callable[[Any], Any]] = [
    lambda held: held.add(5),
    lambda held: held.discard(1),
    lambda held: held.remove(1),
    lambda held: held.pop(),
    lambda held: held.clear(),
    lambda held: held.update({5}),
    lambda held: held.difference_update({1}),
    lambda held: held.intersection_update({5}),
    lambda held: held.symmetric_difference_update({1}),
    lambda held: held.__ior__({5}),
    lambda held: held.__iand__({5}),
    lambda held: held.__isub__({1}),
    lambda held: held.__ixor__({1}),
]


@pytest.mark.parametrize("name", HELD)
def test_what_an_object_holds_cannot_be_changed_and_the_error_names_the_way(name: str) -> None:
    make, error, field, remedy = HELD[name]
    held = make()
    before = copy.deepcopy(held)
    for change in DICT_CHANGES if isinstance(held, dict) else LIST_CHANGES:
        refusal(lambda c=change: c(held), field, remedy, error=error)
        assert held == before


@pytest.mark.parametrize("change", LIST_CHANGES)
def test_lists_in_traits_cannot_be_changed(change: Callable[[Any], Any]) -> None:
    agent = Agent({"a": {"b": [[1, 2]]}})
    refusal(lambda: change(agent.traits["a"]["b"][0]), "traits", error=AgentError)
    assert agent == Agent({"a": {"b": [[1, 2]]}})


@pytest.mark.parametrize("change", SET_CHANGES)
def test_sets_in_traits_cannot_be_changed(change: Callable[[Any], Any]) -> None:
    agent = Agent({"a": {1, 2}, "b": ({3},)})
    refusal(lambda: change(agent.traits["a"]), "traits", error=AgentError)
    refusal(lambda: change(agent.traits["b"][0]), "traits", error=AgentError)
    assert agent.traits == {"a": {1, 2}, "b": ({3},)}
    assert repr(agent.traits) == "{'a': {1, 2}, 'b': ({3},)}"


def test_adding_in_place_is_refused_too() -> None:
    agent = Agent({"a": [1]})

    def add() -> None:
        agent.traits["a"] += [2]

    refusal(add, "traits", "agent.add_trait", error=AgentError)
    assert agent.traits == {"a": [1]}


@given(json_values)
def test_what_is_given_can_change_without_the_object(value: Any) -> None:
    given_value = [value, {"x": [value]}]
    agent, scenario = Agent({"a": given_value}), Scenario({"a": given_value})
    expected = json.dumps(given_value)
    given_value.append("more")
    given_value[1]["x"].append("more")
    assert json.dumps(agent.traits["a"]) == json.dumps(scenario["a"]) == expected


@given(st.dictionaries(samples.names, json_values, max_size=3))
def test_frozen_values_look_and_compare_like_plain_ones(values: dict[str, Any]) -> None:
    traits = Agent(values).traits
    assert traits == values
    assert repr(traits) == repr(values)
    assert str(traits) == str(values)
    assert json.dumps(traits) == json.dumps(values)
    assert {**traits} == values
    assert list(traits) == list(values)


def _types(value: Any) -> set[type[Any]]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return {type(value)}.union(*map(_types, inner))


@given(json_values)
def test_copies_of_what_is_held_are_plain_and_free(value: Any) -> None:
    traits = Agent({"a": [value], "b": {"c": value}}).traits
    kinds = {dict, list, str, int, float, bool, type(None)}
    for free in (copy.deepcopy(traits), plain(traits), Agent(traits).to_dict()["traits"]):
        assert free == traits
        assert _types(free) <= kinds
    for shallow in (copy.copy(traits), traits.copy(), dict(traits), traits | {}):
        assert type(shallow) is dict
        assert shallow == traits
    assert type(copy.copy(traits["a"])) is type(traits["a"].copy()) is type(traits["a"] + []) is list


@given(st.one_of(samples.agents, samples.scenarios, samples.models, samples.questions()))
def test_copied_and_pickled_objects_are_equal_and_immutable(made: Any) -> None:
    for other in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made)), made.model_copy()):
        assert other == made
        assert type(other) is type(made)
        for field in type(made).model_fields:
            held = getattr(other, field)
            if isinstance(held, dict | list):
                refusal(held.clear, field)


@given(st.one_of(samples.agents, samples.scenarios, samples.models, samples.questions()), json_values)
def test_what_to_dict_gave_is_free_to_be_changed(made: Any, value: Any) -> None:
    read = type(made).from_dict({**made.to_dict(), "new_field": [value, {"x": value}]})
    before = json.dumps(read.to_dict())
    _scribble(read.to_dict())
    assert json.dumps(read.to_dict()) == before


def _scribble(value: Any) -> None:
    """Change every list and dict there is."""
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _scribble(inner)
    if isinstance(value, dict):
        value.clear()
    elif isinstance(value, list):
        value.append("scribbled")


class Point(NamedTuple):
    x: int
    y: int


def test_other_kinds_of_values_stay_as_they_are() -> None:
    class Thing:
        pass

    thing = Thing()
    traits = Agent({"point": Point(1, 2), "thing": thing, "pair": (1, (2, 3)), "bytes": b"x"}).traits
    assert isinstance(traits["point"], Point)
    assert traits["thing"] is thing
    assert traits["pair"] == (1, (2, 3))
    assert traits["bytes"] == b"x"


# Values that are none


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def _holding_itself() -> Any:
    value: dict[str, Any] = {"x": 1}
    value["itself"] = [value]
    return value


MAKERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "trait": (lambda value: Agent({"a": value}), "traits"),
    "scenario": (lambda value: Scenario({"a": value}), "data"),
    "reply": (lambda value: Model("test", canned_response={"a": value}), "settings"),
    "new field": (lambda value: Agent.from_dict({"traits": {}, "new": value}), "from_dict"),
}


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (_nested(101), "100 deep"),
        (_nested(10_000), "100 deep"),
        (_holding_itself(), "hold itself"),
        (10**5_000, "3,900 digits"),
        ({-(10**5_000): 1}, "3,900 digits"),
    ],
    ids=["deep", "very deep", "in itself", "long number", "long name"],
)
def test_values_that_cannot_be_written_down_are_refused(maker: str, value: Any, words: str) -> None:
    make, field = MAKERS[maker]
    refusal(lambda: make(value), field, words)


def test_a_value_may_be_in_several_places() -> None:
    value: Any = [1]
    for _ in range(200):
        value = [value, value] if len(str(value)) < 200 else value
    assert Agent({"a": value, "b": value}).traits["b"] == value


def test_a_value_that_is_shared_many_times_over_is_copied_once() -> None:
    value: Any = [1]
    for _ in range(90):
        value = [value, value]
    assert len(Agent({"a": value}).traits["a"]) == 2


# Changed copies


def test_a_changed_copy_is_checked_like_a_new_object() -> None:
    changed = CHOICE.model_copy(update={"question_options": ["c"]})
    assert changed == QuestionMultipleChoice("q", "Which?", ["c"])
    refusal(lambda: changed.question_options.append("d"), "question_options", error=QuestionError)
    refusal(lambda: CHOICE.model_copy(update={"question_options": []}), "question_options")
    refusal(
        lambda: CHOICE.model_copy(update={"question_option": ["c"]}), "question_option", "question_options"
    )
    model = Model("gpt-4o", "openai", temperature=0, api_key="sk-secret-secret-secret")
    other = model.model_copy(update={"max_tokens": 5})
    assert other == Model("gpt-4o", "openai", temperature=0, max_tokens=5)
    assert other.api_key == model.api_key
    assert Scenario({"a": 1}).model_copy(update={"data": {"b": 1}}) == Scenario({"b": 1})


def test_a_changed_copy_keeps_fields_of_newer_versions() -> None:
    question = QuestionFreeText.from_dict({**QuestionFreeText.example().to_dict(), "newer": [1]})
    assert question.model_copy(update={"question_text": "Why?"}).to_dict()["newer"] == [1]


@given(st.one_of(samples.agents, samples.scenarios, samples.models, samples.questions()))
@pytest.mark.filterwarnings("error")
def test_a_copy_is_equal(made: Any) -> None:
    assert made.copy() == made
