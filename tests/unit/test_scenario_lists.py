"""What can be done with a list of scenarios: each verb makes a new list, and leaves the old one as it was."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Agent, AgentList, Scenario, ScenarioList
from edsl_nb.core.errors import AgentError, EdslNbWarning, ExpressionError, ScenarioError
from tests.unit.samples import json_values, refusal, through_json

Record = dict[str, Any]

#: Records with the same fields, and the ways in which a list can hold them.
tables = st.lists(
    st.builds(lambda a, b: {"a": a, "b": b}, st.integers(0, 3), st.sampled_from(["x", "y", ""])), max_size=6
)
ways: list[Callable[[list[Record]], ScenarioList]] = [
    lambda records: ScenarioList(map(Scenario, records)),
    lambda records: ScenarioList.from_source(records),
    lambda records: ScenarioList(map(Scenario, records)) * Scenario(),
    lambda records: ScenarioList.from_source(records)[::-1][::-1],
]
in_every_way = pytest.mark.parametrize("of", ways, ids=["objects", "columns", "product", "selection"])


def listed(*records: Record) -> ScenarioList:
    return ScenarioList(map(Scenario, records))


@in_every_way
@given(records=tables)
def test_fields_can_be_chosen_named_and_dropped(of: Any, records: list[Record]) -> None:
    some = of(records)
    assert some.select("b", "a").to_dicts() == some.keep(["b", "a"]).to_dicts() == records
    assert [list(scenario) for scenario in some.select("b", "a")] == [["b", "a"]] * len(records)
    assert some.drop("a").to_dicts() == [{"b": record["b"]} for record in records]
    assert some.drop("a", "b").to_dicts() == [{}] * len(records)
    swapped = [{"b": record["a"], "a": record["b"]} for record in records]
    assert some.rename({"a": "b", "b": "a"}).to_dicts() == swapped
    assert some.rename("a", "z").rename("z", "a").to_dicts() == records
    assert some.to_dicts() == records


@in_every_way
@given(records=tables)
def test_values_can_be_added_and_changed(of: Any, records: list[Record]) -> None:
    some = of(records)
    places = range(len(records))
    assert some.add_value("c", [1]).to_dicts() == [{**record, "c": [1]} for record in records]
    assert some.add_list("a", places).to_dicts() == [
        {**r, "a": i} for r, i in zip(records, places, strict=True)
    ]
    assert some.mutate("c = a * 2 + len(b)").to_dicts() == [
        {**r, "c": r["a"] * 2 + len(r["b"])} for r in records
    ]
    assert some.transform("b", str.upper).to_dicts() == [{**r, "b": r["b"].upper()} for r in records]
    assert some.transform("b", len, new_name="n").to_dicts() == [{**r, "n": len(r["b"])} for r in records]
    assert some.apply(len, "b", "n", replace=True).to_dicts() == [
        {"a": r["a"], "n": len(r["b"])} for r in records
    ]
    assert some.fillna("-").to_dicts() == [{**r, "b": r["b"] or "-"} for r in records]
    assert some.string_cat("b", "!").to_dicts() == [{**r, "b": r["b"] + "!"} for r in records]
    assert some.string_cat("b", "!", "prefix").to_dicts() == [{**r, "b": "!" + r["b"]} for r in records]
    new = {"x": "z", 1: "one"}
    assert some.replace_values(new).to_dicts() == [{k: new.get(v, v) for k, v in r.items()} for r in records]
    assert some.to_dicts() == records


@in_every_way
@given(records=tables)
def test_scenarios_can_be_ordered_and_counted(of: Any, records: list[Record]) -> None:
    some = of(records)
    assert some.order_by("a", "b").to_dicts() == sorted(records, key=lambda r: (r["a"], r["b"]))
    assert some.order_by("a", reverse=True).to_dicts() == sorted(records, key=lambda r: r["a"], reverse=True)
    counted = some.tally("b").to_dicts()
    assert {r["b"]: r["count"] for r in counted} == {
        b: sum(r["b"] == b for r in records) for b in {r["b"] for r in records}
    }
    assert [r["count"] for r in counted] == sorted((r["count"] for r in counted), reverse=True)
    assert sum(r["count"] for r in some.tally().to_dicts()) == len(records)
    sums = some.group_by(["b"], ["a"], lambda a: {"n": len(a), "sum": sum(a)}).to_dicts()
    assert {r["b"]: (r["n"], r["sum"]) for r in sums} == {
        b: (len(a), sum(a))
        for b in {r["b"] for r in records}
        for a in [[r["a"] for r in records if r["b"] == b]]
    }


@in_every_way
@given(records=tables)
def test_unpivot_and_pivot_undo_each_other(of: Any, records: list[Record]) -> None:
    numbered = of(records).add_list("id", range(len(records)))
    long = numbered.unpivot(["id"], ["a", "b"])
    assert len(long) == 2 * len(records)
    assert long.to_dicts() == numbered.unpivot("id").to_dicts()
    assert long.shuffle(seed=1).pivot(["id"]).order_by("id").to_dicts() == numbered.to_dicts()


@in_every_way
@given(records=tables)
def test_collapse_and_expand_undo_each_other(of: Any, records: list[Record]) -> None:
    some = of(records)
    assert sorted(map(str, some.collapse("a").expand("a").to_dicts())) == sorted(map(str, records))
    counted = some.collapse("a", separator="+", prefix="<", postfix=">", add_count=True)
    assert sum(scenario["num_collapsed_rows"] for scenario in counted) == len(records)
    assert all(scenario["a"].count("<") == scenario["num_collapsed_rows"] for scenario in counted)


@in_every_way
@given(records=tables, others=tables)
def test_joins_are_those_of_data_bases(of: Any, records: list[Record], others: list[Record]) -> None:
    left, right = of(records), of(others).rename({"b": "c"})
    inner = [{**one, "c": two["b"]} for one in records for two in others if one["a"] == two["a"]]
    assert left.inner_join(right, by="a").to_dicts() == inner
    outer = [
        row
        for one in records
        for row in (
            [{**one, "c": two["b"]} for two in others if one["a"] == two["a"]] or [{**one, "c": None}]
        )
    ]
    if others:
        assert left.left_join(right, by=["a"]).to_dicts() == outer
    by_pairs = left.inner_join(of(others), by=["a", "b"]).to_dicts()
    assert by_pairs == [one for one in records for two in others if one == two]


@in_every_way
def test_columns_stay_columns_and_can_be_pickled(of: Any) -> None:
    some = of([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]).rename({"a": "c"}).add_value("d", 0).select("c", "d")
    assert pickle.loads(pickle.dumps(some)) == some
    assert list(some.rows.field_sets(lambda scenario: frozenset(scenario.data))) == [frozenset("cd")]
    assert ScenarioList.from_dict(through_json(some.to_dict())) == some


def test_nothing_is_built_of_columns_before_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    some = ScenarioList.from_source({"a": range(100_000), "b": range(100_000)})
    made: list[Any] = []
    usual = Scenario.__init__

    def watched(self: Scenario, *args: Any, **kwargs: Any) -> None:
        made.append(args)
        usual(self, *args, **kwargs)

    monkeypatch.setattr(Scenario, "__init__", watched)
    half = some.rename({"a": "c"}).add_value("d", 1).mutate("e = c + d").filter("e % 2 == 0").drop("b")
    assert len(half) == 50_000
    assert half[-1]["c"] == 99_999
    assert half.as_table().first_rows(3)[0].cells == [1, 1, 2]
    assert len(made) < 20


def test_joins_match_nothing_with_what_is_missing() -> None:
    one, two = listed({"a": None, "b": 1}), listed({"a": None, "c": 2})
    assert one.left_join(two, "a").to_dicts() == [{"a": None, "b": 1, "c": None}]
    assert one.inner_join(two, "a").to_dicts() == []
    assert one.right_join(two, "a").to_dicts() == [{"a": None, "c": 2, "b": None}]


def test_joins_keep_the_first_lists_values_and_say_so() -> None:
    one, two = listed({"a": 1, "b": 1}), listed({"a": 1, "b": 2, "c": 3})
    with pytest.warns(EdslNbWarning, match="both lists have b"):
        assert one.left_join(two, "a").to_dicts() == [{"a": 1, "b": 1, "c": 3}]
    refusal(lambda: one.left_join(two, "c"), "left_join", "'c'", error=ScenarioError)
    refusal(lambda: one.left_join([], "a"), "scenario list", error=ScenarioError)
    refusal(lambda: one.left_join(two, []), "by", error=ScenarioError)


def test_times_and_plus_take_single_scenarios() -> None:
    some = ScenarioList.from_list("a", [1, 2])
    assert (some * Scenario({"b": 0})).to_dicts() == [{"a": 1, "b": 0}, {"a": 2, "b": 0}]
    assert some.times(listed({"a": 9}, {"b": 8})).to_dicts() == [
        {"a": 9},
        {"a": 1, "b": 8},
        {"a": 9},
        {"a": 2, "b": 8},
    ]
    assert (some + Scenario({"b": 0})).to_dicts() == [{"a": 1}, {"a": 2}, {"b": 0}]


def test_expand_takes_lists_apart() -> None:
    some = listed(
        {"a": 1, "l": ["x", "y"], "m": [1, 2]}, {"a": 2, "l": [], "m": []}, {"a": 3, "l": "text", "m": 5}
    )
    assert some.drop("m").expand("l").to_dicts() == [
        {"a": 1, "l": "x"},
        {"a": 1, "l": "y"},
        {"a": 3, "l": "text"},
    ]
    assert some[:1].expand("l", "m", number_field=True).to_dicts() == [
        {"a": 1, "l": "x", "m": 1, "l_number": 1, "m_number": 1},
        {"a": 1, "l": "y", "m": 2, "l_number": 2, "m_number": 2},
    ]
    refusal(
        lambda: listed({"l": [1], "m": [1, 2]}).expand("l", "m"), "scenario 0", "length", error=ScenarioError
    )
    refusal(lambda: some.expand(), "field", error=ScenarioError)


def test_pivot_refuses_two_values_for_one_place_and_fills_gaps() -> None:
    sales = listed(
        {"id": 1, "year": 2020, "value": 10},
        {"id": 1, "year": 2021, "value": 20},
        {"id": 2, "year": 2020, "value": 15},
    )
    assert sales.pivot(["id"], var_name="year").to_dicts() == [
        {"id": 1, "2020": 10, "2021": 20},
        {"id": 2, "2020": 15, "2021": None},
    ]
    refusal(
        lambda: (sales + sales).pivot(["id"], var_name="year"), "scenario 3", "second", error=ScenarioError
    )
    refusal(lambda: sales.pivot(["id"]), "'variable'", error=ScenarioError)


def test_fields_can_be_joined_to_one() -> None:
    some = listed({"a": 1, "b": "x", "c": [0]})
    assert some.concatenate(["a", "b"]).to_dicts() == [{"c": [0], "concat_a_b": "1;x"}]
    assert some.concatenate(["a", "b"], ", ", "<", ">", "n").to_dicts() == [{"c": [0], "n": "<1>, <x>"}]
    assert some.concatenate_to_list(["b", "a"]).to_dicts() == [{"c": [0], "concat_b_a": ["x", 1]}]
    assert some.concatenate(["a", "b"], new_field_name="a").to_dicts() == [{"c": [0], "a": "1;x"}]
    refusal(lambda: some.concatenate(["a", "z"]), "'z'", error=ScenarioError)
    refusal(lambda: some.concatenate([]), "fields", error=ScenarioError)


def test_lists_and_dicts_can_be_unpacked() -> None:
    some = listed({"l": [1, 2]}, {"l": [3]})
    assert some.unpack("l").to_dicts() == [
        {"l": [1, 2], "l_0": 1, "l_1": 2},
        {"l": [3], "l_0": 3, "l_1": None},
    ]
    assert some.unpack("l", ["x", "y"], keep_original=False).to_dicts() == [
        {"x": 1, "y": 2},
        {"x": 3, "y": None},
    ]
    refusal(lambda: some.unpack("l", ["x"]), "new_names", "2", error=ScenarioError)
    refusal(lambda: listed({"l": "ab"}).unpack("l"), "scenario 0", error=ScenarioError)
    dicts = listed({"d": {"x": 1}}, {"d": {"y": 2}})
    assert dicts.unpack_dict("d", prefix="d_", drop_field=True).to_dicts() == [{"d_x": 1}, {"d_y": 2}]
    refusal(lambda: some.unpack_dict("l"), "scenario 0", error=ScenarioError)
    pairs = listed({"k": ["x", "y"], "v": [1, 2]})
    assert pairs.zip("k", "v", "d")[0]["d"] == {"x": 1, "y": 2}
    refusal(lambda: listed({"k": ["x"], "v": []}).zip("k", "v", "d"), "length", error=ScenarioError)


@given(st.text(max_size=60), st.integers(1, 5))
def test_pieces_of_a_text_make_the_text(text: str, size: int) -> None:
    lines = Scenario({"t": text, "z": 1}).chunk("t", num_lines=size)
    assert "\n".join(piece["t"] for piece in lines) == text
    words = listed({"t": text}).chunk("t", num_words=size)
    assert " ".join(piece["t"] for piece in words).split() == text.split()
    for number, piece in enumerate(words):
        assert piece["t_chunk"] == number
        assert piece["t_char_count"] == len(piece["t"])
        assert piece["t_word_count"] == len(piece["t"].split()) <= size


def test_pieces_can_keep_the_whole() -> None:
    some = Scenario({"t": "one two three"})
    assert [s["t_original"] for s in some.chunk("t", num_words=2, include_original=True)] == [
        "one two three"
    ] * 2
    whole = some.chunk("t", num_words=9, hash_original=True)[0]["t_original"]
    assert whole == hashlib.md5(b"one two three").hexdigest()
    for sizes in (
        {},
        {"num_words": 1, "num_lines": 1},
        {"num_words": 0},
        {"num_lines": "x"},
        {"num_words": True},
    ):
        refusal(lambda s=sizes: some.chunk("t", **s), error=ScenarioError)
    refusal(lambda: some.chunk("z", num_words=1), "chunk", "'z'", error=ScenarioError)
    refusal(lambda: Scenario({"t": 5}).chunk("t", num_words=1), "text", error=ScenarioError)


def test_choices_and_comparisons() -> None:
    some = ScenarioList.from_list("a", [1, 2, 3])
    assert some.choose_k(2).to_dicts() == [{"a_1": 1, "a_2": 2}, {"a_1": 1, "a_2": 3}, {"a_1": 2, "a_2": 3}]
    assert len(some.choose_k(2, order_matters=True)) == 6
    both = some.create_comparisons()
    assert both.to_dicts()[0] == {"option_1": {"a": 1}, "option_2": {"a": 2}}
    assert len(both) == 3
    assert list(some.create_comparisons(bidirectional=True, use_alphabet=True)[5]) == ["A", "B"]
    assert list(some.create_comparisons(num_options=3, option_prefix="o")[0]) == ["o1", "o2", "o3"]
    assert ScenarioList.from_dict(through_json(both.to_dict())) == both
    for wrong in (0, 4, "2", True):
        refusal(lambda w=wrong: some.choose_k(w), "k", error=ScenarioError)
        refusal(lambda w=wrong: some.create_comparisons(num_options=w), "num_options", error=ScenarioError)
    refusal(lambda: ScenarioList.from_list("a", range(1_000)).choose_k(5), "choices", error=ScenarioError)


def test_names_become_ones_that_templates_can_use() -> None:
    some = listed({"Job Title": 1, "job-title": 2, "job_title": 3, "1st": 4, "Größe (cm)": 5, "?": 6})
    assert list(some.snakify()[0]) == ["job_title_1", "job_title_2", "job_title", "_1st", "größe_cm", "field"]
    valid = listed({"a b": 1, "c": 2, "class": 3}).give_valid_names()
    assert list(valid[0]) == ["a_b", "c", "class_modified"]
    assert valid.codebook == {"a_b": "a b", "class_modified": "class"}
    assert list(listed({"a b": 1}).give_valid_names({"a b": "x"})[0]) == ["x"]
    assert list(some.replace_names(list("abcdef"))[0]) == list("abcdef")
    refusal(lambda: some.replace_names(["a"]), "6 fields", error=ScenarioError)
    assert list(listed({"a": 1, "b": 2}).reorder_keys(["b", "a"])[0]) == ["b", "a"]
    refusal(lambda: listed({"a": 1, "b": 2}).reorder_keys(["b"]), "new_order", error=ScenarioError)


@given(st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=6))
def test_new_names_are_identifiers_and_differ(names: list[str]) -> None:
    some = listed(dict.fromkeys(names, 1))
    for renamed in (some.snakify(), some.give_valid_names()):
        assert len(renamed[0]) == len(names)
        assert all(name.isidentifier() for name in renamed[0])


@given(st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False))
def test_texts_that_are_numbers_become_them(value: float) -> None:
    assert ScenarioList.from_list("x", [str(value), f" {value} "]).numberify().to_list() == [value, value]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "007",
        "1,000",
        "1_000",
        "nan",
        "inf",
        "1e999",
        "٣",
        "+",
        ".",
        "-",
        "e5",
        "0x1",
        "1 2",
        "9" * 5_000,
    ],
)
def test_texts_that_only_look_like_numbers_stay(text: str) -> None:
    assert ScenarioList.from_list("x", [text, None, [text]]).numberify().to_list() == [text, None, [text]]


def test_what_is_missing_can_be_filled_or_left_out() -> None:
    some = listed({"a": None, "b": 1}, {"a": float("nan"), "b": 2}, {"a": "", "b": 3})
    assert some.fillna(0).to_list() == [(0, 1), (0, 2), (0, 3)]
    assert some.filter_na().to_list() == [("", 3)]
    assert some.filter_na("b") == some
    refusal(lambda: some.filter_na(["z"]), "'z'", error=ScenarioError)
    assert listed({"a": 1}, {"a": True}, {"a": 1.0}).replace_values({1: "x"}).to_list() == ["x", True, 1.0]


def test_values_can_be_made_different() -> None:
    assert listed({"a": "x"}, {"a": "x"}, {"a": "x_1"}).uniquify("a").to_list() == ["x", "x_1", "x_1_1"]


def test_order_puts_numbers_first_and_what_is_missing_last() -> None:
    some = ScenarioList.from_list("a", ["b", None, 2, "A", 1.5, [1]])
    assert some.order_by("a").to_list() == [1.5, 2, [1], "A", "b", None]
    assert some.order_by("a", reverse=True).to_list() == ["b", "A", [1], 2, 1.5, None]
    refusal(lambda: some.order_by(), "field", error=ScenarioError)


def test_scenarios_can_be_repeated() -> None:
    assert ScenarioList.from_list("a", [1, 2]).replicate(2).to_list() == [1, 1, 2, 2]
    assert len(Scenario({"a": 1}).replicate(3)) == 3
    refusal(lambda: Scenario().replicate(-1), "n", error=ScenarioError)


UNKNOWN: dict[str, Callable[[ScenarioList], Any]] = {
    "select": lambda s: s.select("agee"),
    "keep": lambda s: s.keep("agee"),
    "drop": lambda s: s.drop("agee"),
    "rename": lambda s: s.rename({"agee": "x"}),
    "expand": lambda s: s.expand("agee"),
    "transform": lambda s: s.transform("agee", str),
    "mutate": lambda s: s.mutate("x = agee + 1"),
    "order_by": lambda s: s.order_by("agee"),
    "uniquify": lambda s: s.uniquify("agee"),
    "tally": lambda s: s.tally("agee"),
    "collapse": lambda s: s.collapse("agee"),
    "chunk": lambda s: s.chunk("agee", num_words=1),
    "unpack": lambda s: s.unpack("agee"),
    "unpack_dict": lambda s: s.unpack_dict("agee"),
    "string_cat": lambda s: s.string_cat("agee", "x"),
    "unpivot": lambda s: s.unpivot(["agee"]),
    "group_by": lambda s: s.group_by(["agee"], ["age"], len),
    "zip": lambda s: s.zip("agee", "age", "x"),
    "concatenate_to_list": lambda s: s.concatenate_to_list(["agee"]),
}


@pytest.mark.parametrize("verb", UNKNOWN)
@in_every_way
def test_an_unknown_field_is_named_with_the_nearest(of: Any, verb: str) -> None:
    refusal(lambda: UNKNOWN[verb](of([{"age": 1, "mood": 2}])), "'agee'", "'age'", error=ScenarioError)


@pytest.mark.parametrize("wrong", [5, None, b"x", ["a", 5], ""])
def test_names_are_texts(wrong: Any) -> None:
    some = ScenarioList.from_list("a", [1])
    for verb in (some.select, some.drop, some.order_by, some.tally, some.expand):
        refusal(lambda v=verb: v(wrong), error=ScenarioError)
    refusal(lambda: some.rename(wrong), error=ScenarioError)
    refusal(lambda: some.rename({"a": wrong}), error=ScenarioError)
    refusal(lambda: some.add_value(wrong, 1), error=ScenarioError)
    refusal(lambda: some.mutate(wrong), error=ScenarioError)


def test_two_fields_cannot_have_one_name() -> None:
    for of in ways:
        refusal(lambda o=of: o([{"a": 1, "b": 2}]).rename({"a": "b"}), "same name", error=ScenarioError)


def test_functions_that_fail_are_reported_with_the_scenario() -> None:
    some = ScenarioList.from_list("a", ["1", "x"])
    refusal(lambda: some.transform("a", int), "scenario 1", "ValueError", error=ScenarioError)
    refusal(lambda: some.transform("a", 5), "func", error=ScenarioError)
    refusal(lambda: some.group_by(["a"], ["a"], lambda a: 5), "dict", error=ScenarioError)
    refusal(lambda: some.mutate("b = a + "), "expression", error=ExpressionError)
    refusal(lambda: some.mutate("b == a"), "mutate", error=ScenarioError)
    refusal(lambda: some.add_list("b", [1]), "2 scenarios", "1 values", error=ScenarioError)


@given(json_values)
def test_values_of_any_kind_go_through_every_way(value: Any) -> None:
    for of in ways:
        some = of([{"a": value}, {"a": 1}])
        assert some.to_list() == [value, 1]
        assert some.add_value("b", value).to_dicts()[1] == {"a": 1, "b": value}
        assert some == listed({"a": value}, {"a": 1})
        assert sum(s["count"] for s in some.tally("a")) == 2


def test_what_is_given_is_kept_from_later_changes() -> None:
    inner = [1]
    made = [
        ScenarioList.from_list("a", [inner]),
        ScenarioList.from_source({"a": [inner]}),
        ScenarioList.from_source([{"a": inner}]),
        ScenarioList.from_list("b", [0]).add_value("a", inner).drop("b"),
        ScenarioList.from_list("b", [0]).add_list("a", [inner]).drop("b"),
    ]
    inner.append(2)
    assert [some.to_list() for some in made] == [[[1]]] * len(made)
    for some in made:
        with pytest.raises(ScenarioError):
            some[0]["a"].append(2)


def test_a_codebook_goes_with_the_list() -> None:
    some = ScenarioList([Scenario({"a": 1, "b": 2})], codebook={"a": "The A", "b": "The B"})
    assert ScenarioList.from_dict(through_json(some.to_dict())).codebook == some.codebook
    assert some.rename({"a": "x"}).select("x").codebook == {"x": "The A"}
    assert some[:1].drop("b").codebook == {"a": "The A"}
    assert ScenarioList(some).codebook == some.codebook
    assert eval(repr(some)) == some
    for wrong in (5, ["a"], {"a": 5}, {5: "a"}):
        refusal(lambda w=wrong: ScenarioList([], codebook=w), "codebook", error=ScenarioError)


def test_scenarios_become_agents_and_back() -> None:
    some = listed({"name": "Ann", "age": 3}, {"name": None, "age": 4})
    people = some.to_agent_list()
    assert people == AgentList([Agent({"age": 3}, name="Ann"), Agent({"age": 4})])
    assert people.to_scenario_list() == some.drop("name")
    refusal(lambda: listed({"home town": 1}).to_agent_list(), "home town", error=AgentError)


@in_every_way
def test_transposing_twice_gives_back_what_was_there(of: Any) -> None:
    cities = of([{"city": "Rome", "heat": 30, "rain": 1}, {"city": "Oslo", "heat": 15, "rain": 9}])
    turned = cities.transpose("city")
    assert turned.to_dicts() == [
        {"field": "heat", "Rome": 30, "Oslo": 15},
        {"field": "rain", "Rome": 1, "Oslo": 9},
    ]
    again = turned.transpose("field").rename({"field": "city"})
    assert again.to_dicts() == cities.to_dicts()
    assert cities.transpose().to_dicts()[0] == {"field": "city", "row_0": "Rome", "row_1": "Oslo"}


def test_transposing_needs_names_that_differ() -> None:
    twice = ScenarioList.from_nested_dict({"city": ["Rome", "Rome"], "heat": [30, 15]})
    refusal(lambda: twice.transpose("city"), "id_var", "Rome", error=ScenarioError)
    refusal(lambda: twice.transpose("town"), "id_var", "town", error=ScenarioError)
