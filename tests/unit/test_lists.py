"""Lists of agents, scenarios and models behave as the plain lists they stand for, and build nothing ahead."""

from __future__ import annotations

import csv
import io
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Agent, AgentList, Jobs, Model, ModelList, QuestionFreeText, Scenario, ScenarioList
from edsl_nb.core.errors import AgentError, ModelError, ScenarioError
from edsl_nb.core.rows import Fields
from edsl_nb.core.tables import Sort
from tests.unit.samples import agent_lists, model_lists, page, refusal, scenario_lists, through_json

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


@pytest.mark.parametrize(("cls", "item", "error"), CLASSES)
def test_a_single_object_can_be_put_to_a_list(cls: Any, item: Any, error: Any) -> None:
    assert list(cls([item]) + item) == [item, item]
    refusal(lambda: cls([item]) + "text", "a list of", error=error)
    refusal(lambda: cls([item]) + iter((item, 5)), "item 1", error=error)


@pytest.mark.parametrize(("cls", "item", "error"), CLASSES)
def test_append_and_extend_change_the_list_alone(cls: Any, item: Any, error: Any) -> None:
    first = cls([item])
    second, sliced, copied = first + cls([item]), first[:1], cls(first)
    first.append(item)
    first.extend([item, item])
    assert len(first) == 4
    assert [len(second), len(sliced), len(copied)] == [2, 1, 1]
    refusal(lambda: first.append("text"), "item 0", error=error)
    refusal(lambda: first.extend(5), "list", error=error)
    assert len(first) == 4


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
    text = repr(ScenarioList.from_list("x", range(1_234)))
    assert text.endswith("... 1,234 scenarios])")
    assert len(text) < 200


@given(st.one_of(agent_lists, scenario_lists))
def test_a_short_list_is_written_as_the_code_that_makes_it(some: Any) -> None:
    names: dict[str, Any] = {cls.__name__: cls for cls in (Agent, AgentList, Scenario, ScenarioList)}
    assert eval(repr(some), names) == some
    program = {}
    exec(some.code(), program)
    assert program[some.variable] == some


def test_printing_a_list_says_how_many_and_what() -> None:
    assert str(ScenarioList.from_list("x", range(1_234))) == "ScenarioList: 1,234 scenarios with x"
    assert str(AgentList.from_list("age", [3])) == "AgentList: 1 agent with age"
    assert str(AgentList()) == "AgentList: 0 agents"


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


numbers = st.lists(st.integers(0, 5), max_size=12)


@given(numbers, st.none() | st.integers() | st.text(max_size=3))
def test_shuffling_and_sampling_draw_from_the_list(values: list[int], seed: int | str | None) -> None:
    some = ScenarioList.from_list("x", values)
    mixed = some.shuffle(seed)
    assert sorted(mixed.to_list()) == sorted(values)
    assert mixed == some.shuffle(seed)
    for count in (0, len(values) // 2, len(values)):
        drawn = some.sample(count, seed=seed).to_list()
        assert len(drawn) == count
        assert not [x for x in drawn if drawn.count(x) > values.count(x)]
    left, right = some.split(0.5, seed)
    assert len(left) == len(values) // 2
    assert sorted(left.to_list() + right.to_list()) == sorted(values)


def test_draws_are_fixed_unless_another_seed_is_given() -> None:
    some = AgentList.from_list("age", range(1_000))
    assert some.sample(5) == some.sample(5)
    assert some.sample(5, seed="x") == some.sample(5, seed="x")
    assert some.sample(5, seed="x") != some.sample(5, seed="y")
    assert some.shuffle(seed=1) != some.shuffle(seed=2)
    assert some.shuffle() != some


@pytest.mark.parametrize("n", [-1, 4, 1.0, "2", None, True])
def test_no_more_can_be_drawn_than_there_are(n: Any) -> None:
    refusal(lambda: AgentList.from_list("age", [1, 2, 3]).sample(n), "n", "3 agents", error=AgentError)


@pytest.mark.parametrize("seed", [1.5, [1], True, b"x"])
def test_seeds_are_numbers_or_texts(seed: Any) -> None:
    refusal(lambda: ScenarioList.from_list("x", [1]).shuffle(seed), "seed", repr(seed), error=ScenarioError)
    refusal(lambda: ScenarioList.from_list("x", [1]).split(2), "frac_left", error=ScenarioError)


@given(st.lists(st.integers(-9, 9), max_size=20))
def test_filters_keep_what_an_expression_holds_for(values: list[int]) -> None:
    wanted = [value for value in values if value > 2 or value == -1]
    for some in (
        ScenarioList.from_list("x", values),
        ScenarioList(Scenario({"x": value}) for value in values),
        ScenarioList.from_list("x", values)[:] * Scenario({"y": 0}),
    ):
        for text in (
            "x > 2 or x == -1",
            "{{ x }} > 2 or {{ scenario.x }} == -1",
            "scenario.x in [-1, 3, 4, 5, 6, 7, 8, 9]",
        ):
            found = some.filter(text)
            assert [scenario["x"] for scenario in found] == wanted
        assert len(some) == len(values)
    agents = AgentList.from_list("x", values)
    assert [agent["x"] for agent in agents.filter("{{ agent.x }} > 2 or x == -1")] == wanted


def test_filters_know_names_and_what_models_are() -> None:
    people = AgentList([Agent({"age": 3}, name="Ann"), Agent({"age": 4})])
    assert people.filter("name == 'Ann'") == people[:1]
    assert people.filter("name is None") == people[1:]
    models = ModelList([Model("gpt-4o"), Model("test", temperature=0.2)])
    assert models.filter("service == 'test' and temperature < 0.5") == models[1:]


def test_a_filter_that_names_what_is_not_there_is_refused() -> None:
    some = ScenarioList([Scenario({"age": 1}), Scenario({"mood": 2})])
    refusal(lambda: some.filter("agee > 1"), "filter", "'agee'", "Did you mean 'age'", error=ScenarioError)
    refusal(lambda: some.filter("age > 1"), "scenario 1", "'age'", "mood", error=ScenarioError)
    refusal(lambda: AgentList.from_list("age", [1]).filter("agent.size > 1"), "'size'", error=AgentError)
    for wrong in ("", "age >", "__import__('os')", 5, None):
        refusal(lambda w=wrong: ScenarioList.from_list("age", [1]).filter(w), "expression")


@given(small)
def test_unique_keeps_the_first_of_equal_ones(some: list[Scenario]) -> None:
    found = list(ScenarioList(some).unique())
    assert found == [s for i, s in enumerate(some) if s not in some[:i]]


@given(small, small)
def test_lists_leave_as_dicts_tuples_frames_and_files(a: list[Scenario], b: list[Scenario]) -> None:
    some = ScenarioList(a) + ScenarioList(b)
    records = [dict(scenario) for scenario in (*a, *b)]
    assert some.to_dicts() == records
    names = list(dict.fromkeys(name for record in records for name in record))
    dataset = some.to_dataset()
    assert set(dataset.columns) == set(names)
    assert all(dataset[name] == [record.get(name) for record in records] for name in names)
    frame = some.to_pandas()
    assert set(frame.columns) == set(names)
    assert len(frame) == (len(records) if names else 0)
    if len(names) > 1:
        order = list(frame.columns)
        assert some.to_list() == [tuple(record.get(name) for name in order) for record in records]
    if len(names) == 1:
        assert some.to_list() == [record.get(names[0]) for record in records]


def test_what_leaves_a_list_can_be_changed() -> None:
    some = ScenarioList([Scenario({"l": [1]})])
    some.to_dicts()[0]["l"].append(2)
    some.to_list()[0].append(2)
    assert some == ScenarioList([Scenario({"l": [1]})])


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\r\nb", 'a"b', "a,b", " a "])
def test_any_text_survives_a_csv_file(text: str) -> None:
    made = ScenarioList([Scenario({"t": text, "n": 1})]).to_csv()
    assert made is not None
    assert list(csv.reader(io.StringIO(made, newline=""))) == [["t", "n"], [text, "1"]]


def test_a_list_becomes_a_csv_file(tmp_path: Path) -> None:
    some = ScenarioList([Scenario({"a": 'x, "y"', "b": [1, "é"]}), Scenario({"a": None, "b": 1.5})])
    wanted = 'a,b\r\n"x, ""y""","[1, ""é""]"\r\n,1.5\r\n'
    assert some.to_csv() == wanted
    assert some.to_csv(tmp_path / "list.csv") is None
    assert (tmp_path / "list.csv").read_bytes().decode() == wanted
    refusal(lambda: some.to_csv(tmp_path / "none" / "list.csv"), "filename", "none", error=ScenarioError)
    for wrong in (5, "", "\0"):
        refusal(lambda w=wrong: some.to_csv(w), "filename", error=ScenarioError)


@given(st.one_of(agent_lists, scenario_lists, model_lists))
def test_a_list_survives_json_lines(some: Any) -> None:
    assert type(some).from_jsonl(some.to_jsonl()) == some


@pytest.mark.parametrize("cls", [AgentList, ScenarioList, ModelList])
def test_every_list_has_an_example(cls: Any, tmp_path: Path) -> None:
    some = cls.example()
    assert len(some) > 1
    assert cls.from_dict(through_json(some.to_dict())) == some
    some.save(tmp_path / "list")
    assert cls.load(tmp_path / "list") == some


def test_a_loop_of_verbs_does_not_nest_without_end() -> None:
    base = (ScenarioList.from_list("a", [1, 2, 3]) + Scenario({"a": 4})) * ScenarioList([Scenario({"z": 0})])
    for i in range(300):
        base = base.add_value("b", i)[0:].rename({"z": "y"}) * Scenario({"c": i})
        base = base.rename({"y": "z"}) + ScenarioList()
    assert base.to_dicts()[-1] == {"a": 4, "b": 299, "c": 299, "z": 0}
    assert list(base.rows.field_sets(lambda scenario: frozenset(scenario.data))) == [frozenset("abcz")]


@given(small, small, st.sampled_from(["a", "b"]))
def test_lazy_rows_change_as_objects_do(a: list[Scenario], b: list[Scenario], name: str) -> None:
    lazy = ScenarioList(a) * ScenarioList(b)
    objects = ScenarioList(list(lazy))
    for change in (
        lambda some: some.add_value(name, [1]),
        lambda some: some.add_value("x", 1).rename({"x": "y"}).drop("y"),
    ):
        assert list(change(lazy)) == list(change(objects))
        sets = change(lazy).rows.field_sets(lambda scenario: frozenset(scenario.data))
        assert set(sets) == {frozenset(scenario) for scenario in change(objects)}


def test_long_selections_know_their_fields() -> None:
    half = ScenarioList(Scenario({"a": i, **({"b": 0} if i == 5_000 else {})}) for i in range(6_000))
    fields = [set(some.parameters) for some in (half[:2_000], half[4_000:], half[5_500:])]
    assert fields == [{"a"}, {"a", "b"}, {"a"}]
