"""Datasets: rows and columns that are chosen, ordered, reshaped, asked by SQL, and written."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import AgentList, Dataset, Scenario
from edsl_nb.core.errors import ExpressionError, ResultsError
from tests.unit.samples import json_values, refusal, through_json

PEOPLE = Dataset(
    {
        "agent.name": ["Ann", "Bob", "Cy", "Di"],
        "agent.age": [30, None, 20, 30],
        "answer.tea": ["Yes", "No", "Yes", None],
        "answer.why": [["a", "b"], [], None, ["c"]],
    }
)

#: Columns of one length, of anything that JSON can hold.
datasets = st.integers(0, 5).flatmap(
    lambda count: st.dictionaries(
        st.sampled_from(["answer.a", "answer.b", "agent.a", "c"]),
        st.lists(json_values, min_size=count, max_size=count),
        min_size=1,
    ).map(Dataset)
)


# Making one


def test_edsls_form_is_a_list_of_columns() -> None:
    made = Dataset([{"a": [1, 2]}, {"b": [3, 4]}])
    assert made == Dataset({"a": [1, 2], "b": [3, 4]})
    assert made.data == [{"a": [1, 2]}, {"b": [3, 4]}]


@pytest.mark.parametrize(
    "data", [None, 5, "abc", [1], [None], {"a": 5}, {"a": "text"}, {"a": None}, {5: [1]}, {"a": {"b": 1}}]
)
def test_what_is_no_columns_is_refused(data: Any) -> None:
    refusal(lambda: Dataset(data), "data", "Such as Dataset", error=ResultsError)


def test_columns_of_different_length_and_equal_names_are_refused() -> None:
    refusal(lambda: Dataset({"a": [1], "b": []}), "differ in length", "'b': 0", error=ResultsError)
    refusal(lambda: Dataset([{"a": [1]}, {"a": [2]}]), "twice", "'a'", error=ResultsError)


def test_it_keeps_its_own_values() -> None:
    values = [1, 2]
    made = Dataset({"a": values})
    values.append(3)
    assert made.to_list() == [1, 2]


def test_rows_and_columns_are_got_by_number_and_name() -> None:
    assert PEOPLE[0] == {"agent.name": "Ann", "agent.age": 30, "answer.tea": "Yes", "answer.why": ["a", "b"]}
    assert PEOPLE[-1]["agent.name"] == "Di"
    assert PEOPLE["tea"] == ["Yes", "No", "Yes", None]
    assert PEOPLE[1:3]["name"] == ["Bob", "Cy"]
    assert PEOPLE.keys() == PEOPLE.columns
    with pytest.raises(IndexError):
        PEOPLE[4]
    refusal(lambda: PEOPLE[1.5], "dataset[...]", error=ResultsError)  # type: ignore[call-overload]
    refusal(lambda: PEOPLE["nme"], "'name'", error=ResultsError)


# Rows


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("age > 20", ["Ann", "Di"]),
        ("{{ age }} == 30 and tea == 'Yes'", ["Ann"]),
        ("{{ agent.age }} is None", ["Bob"]),
        ("answer.tea == 'No' or agent.age < 25", ["Bob", "Cy"]),
        ("tea.answer == 'Yes'", ["Ann", "Cy"]),
        ("'a' in why", ["Ann"]),
        ("name.startswith('B')", ["Bob"]),
        ("len(name) == 2 and name != 'Cy'", ["Di"]),
        ("True", ["Ann", "Bob", "Cy", "Di"]),
        ("False", []),
        ("tea not in ['Yes', 'No']", ["Di"]),
    ],
)
def test_filter_keeps_the_rows_for_which_it_holds(text: str, names: list[str]) -> None:
    found = PEOPLE.filter(text)
    assert found["name"] == names
    assert found.columns == PEOPLE.columns


@pytest.mark.parametrize(
    "text", ["age = 3", "age >", "", "open('x')", "__import__('os')", "age.__class__", 5]
)
def test_what_is_no_expression_is_refused(text: Any) -> None:
    refusal(lambda: PEOPLE.filter(text), error=ExpressionError)


@pytest.mark.parametrize(("text", "near"), [("agee > 3", "'age'"), ("answer.te == 'Yes'", "'answer.tea'")])
def test_a_filter_by_what_is_not_there_names_what_is_near(text: str, near: str) -> None:
    refusal(lambda: PEOPLE.filter(text), "filter", near, error=ResultsError)


def test_the_same_name_alone_and_with_fields() -> None:
    models = Dataset({"model.model": ["a", "b"], "model.temperature": [0.5, 1]})
    assert models.filter("model == 'b' and model.temperature == 1")["model"] == ["b"]


def test_order_is_stable_by_several_columns_and_puts_nothing_last() -> None:
    assert PEOPLE.order_by("age")["name"] == ["Cy", "Ann", "Di", "Bob"]
    assert PEOPLE.order_by("age", reverse=True)["name"] == ["Ann", "Di", "Cy", "Bob"]
    assert PEOPLE.sort_by("tea", "age")["name"] == ["Bob", "Cy", "Ann", "Di"]
    refusal(lambda: PEOPLE.order_by("agge"), "'age'", error=ResultsError)
    refusal(lambda: PEOPLE.order_by(), "order_by", error=ResultsError)


@given(datasets)
def test_anything_can_be_ordered(data: Dataset) -> None:
    before = [json.dumps(row, sort_keys=True) for row in data]
    after = [json.dumps(row, sort_keys=True) for row in data.order_by(*data.columns)]
    assert sorted(before) == sorted(after)


def test_head_tail_sample_and_shuffle() -> None:
    assert (PEOPLE.head(2)["name"], PEOPLE.tail(1)["name"], len(PEOPLE.head())) == (["Ann", "Bob"], ["Di"], 4)
    assert PEOPLE.tail(9) == PEOPLE
    assert PEOPLE.sample(3, seed=1) == PEOPLE.sample(3, seed=1)
    assert len({str(PEOPLE.shuffle(seed)["name"]) for seed in range(9)}) > 1
    assert sorted(PEOPLE.shuffle()["name"]) == PEOPLE["name"]
    refusal(lambda: PEOPLE.sample(5), "there are 4 rows", error=ResultsError)
    refusal(lambda: PEOPLE.head(-1), "n", error=ResultsError)


def test_unique_rows() -> None:
    data = Dataset({"a": [1, 1, True, [1], [1]], "b": [0, 0, 0, 0, 0]})
    assert data.unique()["a"] == [1, True, [1]]


# Columns


def test_select_drop_and_rename() -> None:
    assert PEOPLE.select("age", "answer.*").columns == ["agent.age", "answer.tea", "answer.why"]
    assert PEOPLE.drop("age", "answer.*").columns == ["agent.name"]
    assert PEOPLE.drop() == PEOPLE
    assert PEOPLE.rename("tea", "drinks").columns[2] == "answer.drinks"
    assert PEOPLE.rename({"agent.age": "years", "why": "x.y"}).columns == [
        "agent.name",
        "years",
        "answer.tea",
        "x.y",
    ]
    refusal(lambda: PEOPLE.rename("tea", "why"), "two columns", error=ResultsError)
    refusal(lambda: PEOPLE.rename("tea"), "rename", error=ResultsError)
    refusal(lambda: PEOPLE.drop("teaa"), "drop", "'tea'", error=ResultsError)
    assert PEOPLE.remove_prefix().columns == ["name", "age", "tea", "why"]


def test_a_column_is_computed_from_others() -> None:
    made = PEOPLE.mutate("older = age + 1")
    assert made["older"] == [31, None, 21, 31]
    assert PEOPLE.columns == made.columns[:-1]
    assert PEOPLE.mutate("both = name == 'Ann' and {{ answer.tea }} == 'Yes'")["both"] == [True] + [False] * 3


@pytest.mark.parametrize("text", ["x", "x == 3", "= 3", "x =", "1x = 3", 5, None])
def test_a_computed_column_needs_name_and_expression(text: Any) -> None:
    refusal(lambda: PEOPLE.mutate(text), "mutate", "Such as", error=ResultsError)


def test_columns_side_by_side() -> None:
    assert (Dataset({"a": [1]}) + Dataset({"b": [2]})).to_dicts() == [{"a": 1, "b": 2}]
    refusal(lambda: PEOPLE + PEOPLE, "both have this column", error=ResultsError)
    refusal(lambda: Dataset({"a": [1]}) + Dataset({"b": []}), "length", error=ResultsError)


# Reshaping


@given(datasets)
def test_long_and_wide_undo_each_other(data: Dataset) -> None:
    if len(data):
        assert data.long().wide() == data


def test_wide_refuses_two_values_for_one_place() -> None:
    data = Dataset({"row": [0, 0], "key": ["a", "a"], "value": [1, 2]})
    refusal(data.wide, "two values", error=ResultsError)
    refusal(PEOPLE.wide, "wide", "'row'", error=ResultsError)


def test_lists_are_expanded() -> None:
    assert PEOPLE.expand("why").select("name", "why").to_list() == [
        ("Ann", "a"),
        ("Ann", "b"),
        ("Cy", None),
        ("Di", "c"),
    ]
    assert PEOPLE.expand("why", number_field=True)["answer.why_number"] == [1, 2, 1, 1]


def test_values_are_counted() -> None:
    assert PEOPLE.tally("tea").data == [{"answer.tea": ["Yes", "No", None]}, {"count": [2, 1, 1]}]
    assert PEOPLE.tally("tea", output="dict") == {"Yes": 2, "No": 1, None: 1}
    assert PEOPLE.tally("age", "tea", output="dict", top_n=1) == {(30, "Yes"): 1}
    assert Dataset({"a": [1, True, 1.0]}).tally().to_list() == [(1.0, 2), (True, 1)]
    refusal(lambda: PEOPLE.tally("tea", output="list"), "output", error=ResultsError)  # type: ignore[call-overload]
    refusal(lambda: PEOPLE.tally(top_n=0), "top_n", error=ResultsError)


def test_merge_keeps_every_row() -> None:
    ages = Dataset({"id": ["Ann", "Ann", "Di"], "n": [1, 2, 3]})
    merged = PEOPLE.select("name").merge(ages, by_x="name", by_y="id")
    assert merged.to_list() == [("Ann", 1), ("Ann", 2), ("Bob", None), ("Cy", None), ("Di", 3)]
    refusal(lambda: PEOPLE.merge(PEOPLE, "name", "name"), "both have", error=ResultsError)
    refusal(lambda: PEOPLE.merge(ages, ["name", "age"], "id"), "by_y", error=ResultsError)
    refusal(lambda: PEOPLE.merge([], "name", "id"), "other", error=ResultsError)  # type: ignore[arg-type]


# Ways out


def test_lists_flat_and_without_none() -> None:
    why = PEOPLE.select("why")
    assert why.to_list(remove_none=True) == [["a", "b"], [], ["c"]]
    assert why.to_list(flatten=True) == ["a", "b", None, "c"]
    refusal(lambda: PEOPLE.to_list(flatten=True), "flatten", error=ResultsError)


def test_scenarios_and_agents() -> None:
    assert PEOPLE.select("tea", "age").to_scenario_list()[0] == Scenario({"tea": "Yes", "age": 30})
    assert Dataset({"agent.x": [1], "scenario.x": [2]}).to_scenario_list()[0]["scenario.x"] == 2
    agents = Dataset({"agent.agent_name": ["Ann"], "agent.agent_index": [0], "answer.tea": ["Yes"]})
    made = agents.to_agent_list()
    assert isinstance(made, AgentList)
    assert (made[0].name, dict(made[0].traits)) == ("Ann", {"tea": "Yes"})


def test_frames_have_the_right_types() -> None:
    data = {
        "i": [1, None],
        "b": [True, None],
        "f": [1, 2.5],
        "l": [[1], None],
        "t": ["x", None],
        "m": ["x", 1],
    }
    frame = Dataset(data).to_pandas()
    types = {str(name): str(kind) for name, kind in frame.dtypes.items()}
    assert types["i"] == "Int64"
    assert types["b"] == "boolean"
    assert types["f"] == "float64"
    assert (types["l"], types["m"]) == ("object", "object")
    assert frame["l"][0] == [1]
    assert Dataset({"big": [10**400, 1]}).to_pandas()["big"][0] == 10**400


def test_csv_holds_json_and_nothing_for_none(tmp_path: Path) -> None:
    text = PEOPLE.to_csv(remove_prefix=True, pretty_labels={"age": "Years"})
    assert text is not None
    assert text.splitlines()[:3] == ["name,Years,tea,why", 'Ann,30,Yes,"[""a"", ""b""]"', "Bob,,No,[]"]
    assert PEOPLE.to_csv(tmp_path / "x.csv") is None
    assert (tmp_path / "x.csv").read_bytes().decode() == PEOPLE.to_csv()
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]
    refusal(lambda: PEOPLE.to_csv(tmp_path / "no" / "x.csv"), "cannot be written", error=ResultsError)
    refusal(lambda: PEOPLE.to_csv(pretty_labels={"nme": "N"}), "pretty_labels", error=ResultsError)
    refusal(lambda: PEOPLE.to_csv(""), "filename", error=ResultsError)


def test_excel_holds_texts_that_look_like_formulas_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with pytest.warns(UserWarning, match="1 longer texts were cut"):
        Dataset({"a": ["=1+1", "\x00b", "c" * 40_000], "n": [1, None, True]}).to_excel(path)
    sheet = openpyxl.load_workbook(path)["Results"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[:3] == [("a", "n"), ("=1+1", 1), ("b", None)]
    assert sheet["A2"].data_type == "s"
    assert len(str(rows[3][0])) == 32_767
    refusal(lambda: PEOPLE.to_excel(path, sheet_name="a/b"), "sheet_name", error=ResultsError)


def test_parquet_keeps_lists_and_writes_the_rest_as_json(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    Dataset({"l": [["a"], None], "d": [{}, {"x": 1}], "m": ["x", 1], "i": [1, None]}).to_parquet(path)
    frame = pd.read_parquet(path)
    assert [list(frame["l"][0]), frame["l"][1]] == [["a"], None]
    assert frame["d"].tolist() == ["{}", '{"x": 1}']
    assert frame["m"].tolist() == ["x", "1"]
    assert frame["i"].dropna().tolist() == [1]


@given(datasets)
def test_every_dataset_can_be_written(data: Dataset) -> None:
    assert len(data.to_jsonl().splitlines()) == len(data)
    assert len(data.to_pandas()) == len(data)
    assert data.to_csv() is not None
    assert len(data.to_markdown().split("\n")) == 2 + len(data)


def test_lines_of_json(tmp_path: Path) -> None:
    text = PEOPLE.select("name", "why").to_jsonl(tmp_path / "x.jsonl", remove_prefix=True)
    assert json.loads(text.splitlines()[0]) == {"name": "Ann", "why": ["a", "b"]}
    assert (tmp_path / "x.jsonl").read_text() == text


def test_markdown_cannot_be_broken() -> None:
    assert Dataset({"a": ["x|y\nz", None]}).to_markdown().splitlines()[2:] == ["| x\\|y<br>z |", "|  |"]


def test_json_comes_back_equal(tmp_path: Path) -> None:
    assert Dataset.from_dict(through_json(PEOPLE.to_dict())) == PEOPLE
    assert Dataset.load(PEOPLE.save(tmp_path / "x")) == PEOPLE
    refusal(lambda: Dataset.from_dict({"data": 5}), "data", error=ResultsError)


def test_a_note_stays_with_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    data = Dataset({"a": [2, 1], "b": [[1], [2]]}, "Results", "partial: 2 of 9")
    verbs: list[Callable[[], Dataset]] = [
        lambda: data.filter("a > 1"),
        lambda: data.order_by("a"),
        lambda: data.select("a"),
        lambda: data.mutate("c = a"),
        lambda: data.long(),
        lambda: data.expand("b"),
        lambda: data.tally("a"),
        lambda: data.unique(),
        lambda: data + Dataset({"c": [1, 2]}),
        lambda: data.table("a", pretty_labels={"a": "A"}),
        lambda: Dataset.from_dict(data.to_dict()),
        lambda: data.remove_prefix(),
    ]
    for verb in verbs:
        made = verb()
        assert made.title == "Results (partial: 2 of 9)"
        assert "partial: 2 of 9" in repr(made)
    assert data.to_pandas().attrs["note"] == "partial: 2 of 9"
    assert data.to_markdown().endswith("*partial: 2 of 9*")
    data.print(pretty_labels={"a": "Number"}, max_rows=1)
    shown = capsys.readouterr().out
    assert "partial: 2 of 9" in shown
    assert "Number" in shown
    assert "1 rows" in shown or "1 row" in shown


# SQL


def test_sql_sees_columns_by_their_short_names() -> None:
    found = PEOPLE.sql("select tea, count(*) as n from self where tea is not null group by tea order by tea")
    assert found.to_dicts() == [{"tea": "No", "n": 1}, {"tea": "Yes", "n": 2}]
    assert PEOPLE.sql('select "agent.age" from self', remove_prefix=False).to_list() == [30, None, 20, 30]
    assert PEOPLE.sql("select why from self limit 1").to_list() == ['["a", "b"]']
    assert PEOPLE.sql("select * from self").columns == ["name", "age", "tea", "why"]
    assert PEOPLE.sql("select 1 a, 2 a").columns == ["a", "a_2"]
    both = Dataset({"scenario.x": [1], "agent.x": [2]})
    assert both.sql('select "agent.x", "scenario.x" from self').to_list() == [(2, 1)]
    refusal(lambda: both.sql("select x from self"), '"scenario.x" or "agent.x"', error=ResultsError)


@pytest.mark.parametrize(
    "query",
    [
        "selec 1",
        "",
        5,
        "select nothing from self",
        "select * from PEOPLE",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "copy self to '/tmp/out.csv'",
        "install httpfs",
        "set enable_external_access = true",
    ],
)
def test_sql_sees_nothing_else(query: Any) -> None:
    refusal(lambda: PEOPLE.sql(query), "sql", error=ResultsError)


def test_without_duckdb_sql_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    refusal(lambda: PEOPLE.sql("select 1"), 'pip install "edsl_nb[sql]"', error=ResultsError)


def test_what_two_tables_are_joined_to_says_what_there_is_to_say_of_both() -> None:
    partial, dry = (Dataset({"a": [1]}, note="partial: 2 of 9"), Dataset({"b": [1]}, note="dry run"))
    assert (partial + dry).note == partial.merge(dry, by_x="a", by_y="b").note == "partial: 2 of 9; dry run"
    assert Dataset({"c": [1]}).merge(partial, by_x="c", by_y="a").note == "partial: 2 of 9"


def test_excel_files_say_that_results_are_partial(tmp_path: Path) -> None:
    Dataset({"a": [1]}, note="partial: 2 of 9").to_excel(tmp_path / "x.xlsx")
    assert openpyxl.load_workbook(tmp_path / "x.xlsx").properties.description == "partial: 2 of 9"
