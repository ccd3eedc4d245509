"""Scenarios: named values that read like a dict and do not change."""

from __future__ import annotations

import pickle
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Scenario
from edsl_nb.core.errors import ScenarioError
from edsl_nb.files import FileStore
from tests.unit.samples import json_values, refusal, scenarios, texts, through_json


@given(st.dictionaries(texts.filter(bool), json_values))
def test_a_scenario_reads_like_a_dict(data: dict[str, Any]) -> None:
    scenario = Scenario(data)
    assert dict(scenario) == data
    assert (list(scenario), len(scenario)) == (list(data), len(data))
    assert (list(scenario.keys()), list(scenario.values()), list(scenario.items())) == (
        list(data.keys()),
        list(data.values()),
        list(data.items()),
    )
    assert all(name in scenario and scenario[name] == data[name] for name in data)
    assert Scenario(scenario) == Scenario({**scenario}) == scenario
    assert scenario.get("\0missing", 5) == 5
    with pytest.raises(KeyError):
        scenario["\0missing"]


def test_keyword_arguments_are_added() -> None:
    assert Scenario({"a": 1}, b=2) == Scenario(a=1, b=2) == Scenario(MappingProxyType({"a": 1, "b": 2}))
    assert Scenario({"a": 1}, a=2)["a"] == 2


@given(st.one_of(st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.none()), st.sets(st.text())))
def test_a_wrong_type_is_always_an_error_of_ours(value: Any) -> None:
    refusal(lambda: Scenario(value), "data", "dict", 'Scenario({"topic"', error=ScenarioError)
    if not isinstance(value, str | list | set):
        refusal(lambda: Scenario({value: 1}), "data", "names", error=ScenarioError)


def test_a_name_cannot_be_empty() -> None:
    refusal(lambda: Scenario({"": 1}), "data", "''", error=ScenarioError)


def test_a_scenario_cannot_be_changed_and_the_error_names_the_way() -> None:
    scenario = Scenario({"a": 1})
    refusal(lambda: setattr(scenario, "data", {}), "data", "Scenario({**scenario", error=ScenarioError)
    refusal(lambda: setattr(scenario, "a", 2), "a", "Scenario({**scenario", error=ScenarioError)
    refusal(lambda: delattr(scenario, "data"), "data", "Scenario({**scenario", error=ScenarioError)
    assert scenario == Scenario({"a": 1})


def test_what_is_given_is_copied() -> None:
    data = {"a": 1}
    scenario = Scenario(data)
    data["a"] = 2
    assert scenario["a"] == 1


@given(scenarios, scenarios)
def test_of_two_put_together_the_second_wins(one: Scenario, two: Scenario) -> None:
    assert dict(one + two) == {**one, **two}


@given(scenarios, scenarios)
def test_scenarios_are_equal_when_their_content_is(one: Scenario, two: Scenario) -> None:
    assert Scenario(dict(reversed(list(one.items())))) == one
    assert hash(Scenario(dict(one))) == hash(one)
    assert (one == two) == (one.to_dict() == two.to_dict())
    assert one != dict(one)


@given(scenarios)
def test_a_scenario_is_written_as_the_code_that_makes_it(scenario: Scenario) -> None:
    assert eval(repr(scenario), {"Scenario": Scenario}) == scenario
    assert pickle.loads(pickle.dumps(scenario)) == scenario


def test_only_scenarios_can_be_put_together() -> None:
    with pytest.raises(TypeError):
        Scenario({"a": 1}) + {"b": 2}  # type: ignore[operator]


def test_items_cannot_be_assigned_to() -> None:
    scenario = Scenario({"a": [1]})
    for change in (
        lambda: scenario.__setitem__("a", 2),
        lambda: scenario.__delitem__("a"),
        lambda: scenario["a"].append(2),
    ):
        refusal(change, "Scenario({**scenario", error=ScenarioError)
    assert scenario == Scenario({"a": [1]})


@given(scenarios)
def test_fields_can_be_chosen_and_named(scenario: Scenario) -> None:
    names = list(scenario)
    assert scenario.select(names) == scenario.keep(*names) == scenario.drop() == scenario
    assert len(scenario.drop(names)) == len(scenario.select()) == 0
    assert (
        scenario.rename({name: name + "'" for name in names}).rename({n + "'": n for n in names}) == scenario
    )


def test_fields_that_are_not_there_are_refused() -> None:
    scenario = Scenario({"age": 1, "mood": 2})
    for verb in (scenario.select, scenario.drop, scenario.keep):
        refusal(lambda v=verb: v("agee"), "'agee'", "'age'", error=ScenarioError)
    refusal(lambda: scenario.rename("agee", "x"), "'agee'", error=ScenarioError)
    refusal(lambda: scenario.rename({"age": "mood"}), "same name", error=ScenarioError)
    refusal(lambda: scenario.rename("age"), "rename", error=ScenarioError)


def test_a_scenario_can_hold_a_file(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("Hello")
    scenario = Scenario({"file": FileStore(str(path)), "more": [{"deep": FileStore(str(path))}]})
    again = Scenario.from_dict(through_json(scenario.to_dict()))
    assert again["file"].text == again["more"][0]["deep"].text == "Hello"
    assert through_json(again.to_dict()) == through_json(scenario.to_dict())


@given(scenarios)
def test_a_scenario_as_a_text_is_its_values(scenario: Scenario) -> None:
    assert str(scenario) == str(dict(scenario))
    assert Scenario.from_dict(through_json(scenario.to_dict())) == scenario
