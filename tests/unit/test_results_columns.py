"""What happened to each question, what is computed from columns, and mistakes that errors answer."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import Dataset, Model, QuestionFreeText, QuestionMultipleChoice, Results, Scenario, Survey
from edsl_nb.agents import Agent, AgentList
from edsl_nb.core.errors import ExpressionError, ResultsError
from edsl_nb.models.model import ModelList
from edsl_nb.results import Axes
from edsl_nb.results.records import AnswerCell, Interview
from edsl_nb.scenarios import ScenarioList
from tests.unit.samples import refusal

AXES = Axes(
    Survey([QuestionMultipleChoice("q", "Q?", ["a", "b"]), QuestionFreeText("why", "Why?")]),
    AgentList([Agent({"age": 20})]),
    ScenarioList([Scenario({})]),
    ModelList([Model("test")]),
)
OUTCOMES = {
    "exact": AnswerCell("answered", "a", how="exact", key="k", reply_ids=(1, 2), reasks=1),
    "repaired": AnswerCell("answered", "b", how="repaired", rule="case", key="k"),
    "answered": AnswerCell("answered", "b"),
    "invalid": AnswerCell("invalid", how="invalid", key="k", reasks=2),
    "failed": AnswerCell("failed", error="gone"),
    "skipped": AnswerCell("skipped"),
    "not asked": AnswerCell("not_reached"),
}


def made(**more: Any) -> Results:
    said = AnswerCell("answered", "So.", how="exact")
    rows = [Interview(i, 0, 0, 0, i, [cell, said]) for i, cell in enumerate(OUTCOMES.values())]
    return Results(AXES, rows, more.pop("total", len(rows)), **more)


# What happened


def test_one_column_says_what_happened() -> None:
    results = made()
    assert results.select("q_outcome").to_list() == list(OUTCOMES)
    assert results.select("q_attempts").to_list() == [2, 1, None, 3, None, None, None]
    assert len(results.filter("q_outcome in ['exact', 'repaired']")) == 2


def test_cells_keep_what_they_are_given() -> None:
    cell = AnswerCell("invalid", how="invalid", reason="no option", key="k", reply_ids=(7,), reasks=2)
    assert (cell.reason, cell.reply_ids, cell.reasks, cell.rule, cell.error) == (
        "no option", (7,), 2, None, None,
    )  # fmt: skip
    cell.reply_ids, cell.error, cell.reason, cell.reasks = (*cell.reply_ids, 8), "gone", None, 0
    assert (cell.reply_ids, cell.error, cell.reason, cell.reasks) == ((7, 8), "gone", None, 0)
    assert AnswerCell("failed").error is None  # what one is given, no other has
    assert cell == AnswerCell("invalid", how="invalid", error="gone", key="k", reply_ids=(7, 8))
    assert cell != AnswerCell("invalid", how="invalid", key="k", reply_ids=(7, 8))
    assert "error='gone'" in repr(cell)


def test_partial_and_dry_results_say_so_everywhere(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    results = made(partial=True, dry_run=True, total=5_000)
    assert results.select("dry_run").to_list() == [True] * 7
    assert "run.dry_run" in [column.name for column in results.as_table().columns if column.primary]
    assert made().select("dry_run").to_list() == [False] * 7
    results.to_parquet(tmp_path / "r.parquet")
    said = [
        results.title,
        repr(results),
        results.to_markdown(),
        results.to_pandas().attrs["note"],
        pq.read_schema(tmp_path / "r.parquet").metadata[b"note"].decode(),
        results.summary().as_table().title,
        results.distribution("q").subtitle,
        results.transcript(0).title,
        results.provenance().to_markdown(),
    ]
    for text in said:
        assert "partial: 7 of 5,000" in text
        assert "dry run" in text


def test_rows_of_a_dry_run_are_not_put_to_others() -> None:
    refusal(lambda: made() + made(dry_run=True), "dry runs", error=ResultsError)
    assert (made(dry_run=True) + made(dry_run=True)).dry_run


def test_half_characters_of_models_are_question_marks_in_frames_and_files(tmp_path: Path) -> None:
    halves = [AnswerCell("answered", "a"), AnswerCell("answered", "half \ud83d", error="\ud800")]
    results = Results(AXES, [Interview(0, 0, 0, 0, 0, halves)], 1)
    assert list(results.to_pandas()["answer.why"]) == ["half ?"]
    results.to_parquet(tmp_path / "r.parquet")
    assert results.sql("select why, why_error from self").to_dicts() == [{"why": "half ?", "why_error": "?"}]
    assert results.select("answer.why").to_list() == ["half \ud83d"]


def test_values_that_rows_share_are_read_alike_by_all_ways() -> None:
    results = made()
    for name in results.columns:
        column = results.column(name)
        assert list(column) == [column[row] for row in range(len(column))]
        chosen = results.select(name)[2:5].to_list()
        assert chosen == list(column)[2:5]


# Computing


def test_functions_of_ones_own_compute_columns() -> None:
    results = made().mutate("long = size(why) + 1", {"size": len})
    assert results.select("long").to_list() == [4] * 7
    data = Dataset({"a": ["x", None]}).mutate(
        "b = mark(a, 'z')", functions_dict={"mark": lambda *given: given}
    )
    assert data["b"] == [("x", "z"), (None, "z")]
    refusal(lambda: made().mutate("x = size(why)", {"size": 5}), "functions_dict", error=ResultsError)  # type: ignore[dict-item]
    refusal(lambda: made().mutate("x = size(why)", [len]), "functions_dict", error=ResultsError)  # type: ignore[arg-type]
    refusal(lambda: made().mutate("x = sise(why)", {"size": len}), "'size'", error=ExpressionError)
    words = ("size(1) failed: TypeError", "Have size take such values")
    refusal(lambda: made().mutate("x = size(1)", {"size": len}), *words, error=ExpressionError)
    refusal(lambda: made().mutate("class = 1"), "a name and an expression", error=ResultsError)


def test_rows_of_a_query_as_columns() -> None:
    data = Dataset({"answer.q": ["a", "b", "a"], "agent.age": [1, 2, 3]})
    query = "select q, count(*) as n, max(age) as oldest from self group by q order by q"
    assert data.sql(query, transpose=True).to_dicts() == [{"a": 2, "b": 1}, {"a": 3, "b": 2}]
    assert data.sql(query, transpose_by="n").columns == ["2", "1"]
    refusal(lambda: data.sql(query, transpose_by="m"), "There are: n, oldest, q", error=ResultsError)
    refusal(lambda: data.sql("select * from self", transpose=True), "head of its own", error=ResultsError)


def test_a_query_over_values() -> None:
    data = Dataset({"answer.q": ["a", ["b"]], "plain": [1, None]})
    found = data.sql("select * from self order by row_number", shape="long")
    assert found.to_list() == [
        (1, "q", "a", "answer"),
        (2, "q", '["b"]', "answer"),
        (3, "plain", "1", None),
        (4, "plain", None, None),
    ]
    refusal(lambda: data.sql("select 1", shape="tall"), "'wide'", error=ResultsError)  # type: ignore[arg-type]


def test_examples() -> None:
    results, data = Results.example(), Dataset.example()
    assert results == results
    assert results.to_dict() == Results.example().to_dict()
    assert results.dry_run
    assert set(results.select("drink").to_list()) <= {"Tea", "Coffee", "Neither"}
    assert results.summary()["much"].n == len(results)
    assert Dataset.from_dict(data.to_dict()) == data


# Mistakes


@pytest.mark.parametrize(
    "text",
    [
        "q ==",
        "q = 'a'",
        "q == 'a",
        "open('x')",
        "q.__class__",
        "().__class__",
        "q == 'a'; q",
        "lambda: 1",
        "",
        None,
        5,
    ],
)
def test_a_filter_that_is_none_is_refused(text: Any) -> None:
    for rows in (made(), Dataset({"answer.q": ["a"]})):
        refusal(lambda rows=rows: rows.filter(text), "expression", error=ExpressionError)


@pytest.mark.parametrize("name", ["answer.qq", "quu", "anwser.*", "*_nothing", "why_outcom", 5, None])
def test_an_unknown_column_is_refused(name: Any) -> None:
    results = made()
    for verb in (
        results.select,
        results.drop,
        results.order_by,
        results.tally,
        results.select("q", "why").select,
    ):
        refusal(lambda verb=verb: verb(name), error=ResultsError)


def test_a_near_name_is_told() -> None:
    refusal(lambda: made().select("q_outcom"), "'q_outcome'", error=ResultsError)
    refusal(lambda: made().filter("wy == 'x'"), "'why'", error=ResultsError)


def test_files_that_are_no_results_are_refused(tmp_path: Path) -> None:
    path = made().save(tmp_path / "r")
    whole = path.read_bytes()
    data = json.loads(gzip.decompress(whole))
    data["edsl_nb"]["format"] = 99
    newer = json.dumps(data).encode()
    for content in (
        whole[:-20],
        whole[: len(whole) // 3],
        b"",
        b"PK\x03\x04",
        b"[1, 2]",
        b'{"data": 5}',
        newer,
    ):
        path.write_bytes(content)
        refusal(lambda: Results.load(path))
    path.write_bytes(newer)
    refusal(lambda: Results.load(path), "newer version", error=ResultsError)


@pytest.mark.parametrize("odd", [["x"], {"x": 1}, "x"])
def test_figures_of_a_file_that_are_none_are_passed_over(odd: Any) -> None:
    data = made().to_dict()
    row = data["data"][0]
    row["raw_model_response"] |= {"q_input_tokens": odd, "q_output_tokens": odd, "q_thinking_tokens": odd}
    row["edsl_nb"]["cells"]["q"] |= {"latency": odd, "reasks": odd, "rule": odd}
    row["edsl_nb"]["cells"]["why"]["model_version"] = odd
    row["indices"]["agent"] = odd
    read = Results.from_dict(data)
    again = Results.from_dict(read.to_dict())
    assert len(read.to_pandas()) == len(read)
    assert read.compute_job_cost(include_cached_responses_in_cost=True) == 0
    assert read.select("q").to_list() == again.select("q").to_list() == made().select("q").to_list()
    assert str(read.summary()) == str(again.summary())


def test_a_file_is_written_row_by_row_and_as_before(tmp_path: Path) -> None:
    results = made(partial=True, total=9)
    path = results.save(tmp_path / "r.json")
    assert json.loads(path.read_text()) == json.loads(json.dumps(results.to_dict()))
    first = results.save(tmp_path / "a").read_bytes()
    assert first == results.save(tmp_path / "b").read_bytes()
    assert made().filter("q == 'none'").save(tmp_path / "none").exists()
