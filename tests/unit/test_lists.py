"""Lists of agents, scenarios and models behave as the plain lists they stand for, and build nothing ahead."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Agent, AgentList, Jobs, Model, ModelList, QuestionFreeText, Scenario, ScenarioList
from edsl_nb.core.errors import AgentError, ModelError, ScenarioError
from edsl_nb.core.lists import Fields
from edsl_nb.core.tables import Sort
from tests.unit.samples import page, refusal

small = st.lists(st.builds(Scenario, st.dictionaries(st.sampled_from("abc"), st.integers(0, 3))), max_size=4)


@given(small, small, small)
def test_plus_puts_lists_one_after_the_other(a: list[Scenario], b: list[Scenario], c: list[Scenario]) -> None:
    joined = ScenarioList(a) + ScenarioList(b) + c
    assert list(joined) == a + b + c
    assert list(ScenarioList(a) + (ScenarioList(b) + ScenarioList(c))) == a + b + c
    assert [joined[i] for i in range(-len(joined), len(joined))] == (a + b + c) * 2


@given(small, small)
def test_times_merges_each_with_each_left_slowest(a: list[Scenario], b: list[Scenario]) -> None:
    product = ScenarioList(a) * ScenarioList(b)
    assert list(product) == [one + two for one in a for two in b]
    assert len(product) == len(a) * len(b)


@given(small, small, st.slices(8))
def test_slices_select(a: list[Scenario], b: list[Scenario], which: slice) -> None:
    joined = ScenarioList(a) + ScenarioList(b)
    assert list(joined[which]) == (a + b)[which]
    assert isinstance(joined[which], ScenarioList)


@given(small, small, small, st.slices(8))
def test_the_sets_of_fields_are_those_of_the_rows(
    a: list[Scenario], b: list[Scenario], c: list[Scenario], which: slice
) -> None:
    def fields(scenario: Scenario) -> Fields:
        return frozenset(scenario)

    for some in (
        (ScenarioList(a) + b) * ScenarioList(c),
        ScenarioList(a) * ScenarioList(b) + c,
        (ScenarioList(a) + b)[which],
    ):
        found = some.rows.field_sets(fields)
        assert set(found) == {fields(scenario) for scenario in some}
        assert all(fields(some[index]) == names for names, index in found.items())


def test_the_sets_of_traits_do_not_depend_on_values() -> None:
    people = AgentList.from_list("x", [1, 2])
    twice = people * people
    assert set(twice.rows.field_sets(lambda agent: frozenset(agent.traits))) == {frozenset({"x", "x_1"})}
    assert [agent.traits for agent in twice][1] == {"x": 1, "x_1": 2}


def test_a_product_is_merged_when_it_is_looked_at() -> None:
    merged: list[Scenario] = []

    class Watched(Scenario):
        def __add__(self, other: object) -> Scenario:
            merged.append(self)
            return super().__add__(other)

    half = ScenarioList(Watched({"a": i}) for i in range(1_000))
    product = half * ScenarioList.from_list("b", range(1_000))
    assert len(product) == 1_000_000
    assert product[999_999] == Scenario({"a": 999, "b": 999})
    assert len(product[500:700_000]) == 699_500
    assert len(merged) == 1


def test_a_list_can_grow_in_a_loop() -> None:
    grown = ScenarioList()
    for i in range(3_000):
        grown += [Scenario({"i": i})]
    assert [scenario["i"] for scenario in grown] == list(range(3_000))
    assert set(grown.rows.field_sets(lambda scenario: frozenset(scenario))) == {frozenset({"i"})}


def test_lists_can_be_made_of_values() -> None:
    assert AgentList.from_list("age", [20, 60]) == AgentList([Agent({"age": 20}), Agent({"age": 60})])
    assert ScenarioList.from_list("x", range(2)) == ScenarioList([Scenario({"x": 0}), Scenario({"x": 1})])
    assert ModelList.from_names("gpt-4o", "gpt-4o-mini").names == {"gpt-4o", "gpt-4o-mini"}


def test_lists_can_be_made_of_any_iterable_and_of_lists() -> None:
    one = AgentList(Agent({"age": i}) for i in range(3))
    assert AgentList(one) == AgentList(tuple(one)) == one
    assert len(AgentList()) == len(AgentList([])) == 0


def test_lists_are_sequences() -> None:
    people = AgentList.from_list("age", [1, 2, 1])
    assert isinstance(people, Sequence)
    assert Agent({"age": 2}) in people
    assert (people.index(Agent({"age": 2})), people.count(Agent({"age": 1}))) == (1, 2)
    assert [agent["age"] for agent in reversed(people)] == [1, 2, 1]
    assert people != [Agent({"age": 1})]
    assert people != AgentList.from_list("age", [1, 2])
    with pytest.raises(IndexError):
        people[3]
    with pytest.raises(TypeError):
        hash(people)


CLASSES: list[tuple[Any, Any, Any]] = [
    (AgentList, Agent({"a": 1}), AgentError),
    (ScenarioList, Scenario({"a": 1}), ScenarioError),
    (ModelList, Model("test"), ModelError),
]


@pytest.mark.parametrize(("cls", "item", "error"), CLASSES)
@pytest.mark.parametrize("data", ["text", b"bytes", 5, {"a": 1}, True])
def test_what_is_no_list_is_refused(cls: Any, item: Any, error: Any, data: Any) -> None:
    refusal(lambda: cls(data), cls.__name__, "list", repr(data), f"{cls.__name__}([", error=error)


@pytest.mark.parametrize(("cls", "item", "error"), CLASSES)
def test_a_single_object_is_no_list(cls: Any, item: Any, error: Any) -> None:
    refusal(lambda: cls(item), cls.__name__, "a list of", f"{cls.__name__}([", error=error)
    refusal(lambda: cls([]) + item, "a list of", error=error)


@pytest.mark.parametrize(("cls", "item", "error"), CLASSES)
@pytest.mark.parametrize("wrong", [None, "text", {"a": 1}, QuestionFreeText("q", "Why?")])
def test_an_item_of_another_kind_is_named_by_position(cls: Any, item: Any, error: Any, wrong: Any) -> None:
    refusal(lambda: cls([item, wrong]), "item 1", type(wrong).__name__, cls.__name__, error=error)


@pytest.mark.parametrize("values", [5, None, "text", b"bytes"])
def test_values_that_are_no_list_are_refused(values: Any) -> None:
    refusal(lambda: AgentList.from_list("age", values), "values", "list", repr(values), error=AgentError)
    refusal(lambda: ScenarioList.from_list("x", values), "values", "list", repr(values), error=ScenarioError)


def test_lists_make_jobs() -> None:
    question = QuestionFreeText("q", "Why?")
    people, things = AgentList.from_list("age", [1, 2]), ScenarioList.from_list("x", [1, 2])
    assert people.to(question) == Jobs(question).by(people)
    assert things.to(question) == Jobs(question).by(things)


def test_long_lists_are_shown_short() -> None:
    assert (
        repr(ScenarioList.from_list("x", [1, 2])) == "ScenarioList([Scenario({'x': 1}), Scenario({'x': 2})])"
    )
    text = repr(ScenarioList.from_list("x", range(1_234)))
    assert text.endswith("... 1,234 scenarios])")
    assert len(text) < 200


@given(small)
def test_a_list_survives_pickling(a: list[Scenario]) -> None:
    assert pickle.loads(pickle.dumps(ScenarioList(a))) == ScenarioList(a)


def test_a_list_shows_as_a_table_with_a_column_for_each_field() -> None:
    table = (ScenarioList([Scenario(b=1, a="x")]) + ScenarioList([Scenario(c=[2]), Scenario(b=3)])).as_table()
    assert [column.name for column in table.columns] == ["b", "a", "c"]
    assert [list(row.cells) for row in page(table).rows] == [
        [1, "x", None],
        [None, None, "[2]"],
        [3, None, None],
    ]
    assert [row.key for row in page(table, sort=Sort("b", descending=True)).rows] == [2, 0, 1]
    people = AgentList([Agent({"age": 3}, name="Ann"), Agent({"mood": "sad"})]).as_table()
    assert {"age", "mood"} <= {column.name for column in people.columns}
    names = [column.name for column in ModelList([Model("gpt-4o"), Model("test")]).as_table().columns]
    assert names[:2] == ["model", "service"]


def test_a_table_of_a_list_never_shows_a_key() -> None:
    rows = page(ModelList([Model("gpt-4o", api_key="correct-horse-battery")]).as_table()).rows
    assert "correct-horse" not in repr(rows)
