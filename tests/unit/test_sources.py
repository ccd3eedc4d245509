"""Scenarios from files, data frames and Python values; and files that are not as they should be."""

from __future__ import annotations

import csv
import datetime
import json
import sqlite3
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edsl_nb import FileStore, Scenario, ScenarioList
from edsl_nb.core.errors import ScenarioError
from edsl_nb.core.rows import ColumnRows
from tests.unit.samples import json_values, refusal, texts

read = ScenarioList.from_source
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path


# Texts


@same_folder
@given(
    names=st.lists(texts.map(str.strip).filter(bool), min_size=1, max_size=4, unique=True),
    rows=st.lists(st.lists(texts.filter(lambda text: "\0" not in text), min_size=4, max_size=4), max_size=4),
    delimiter=st.sampled_from(",;\t|"),
)
def test_any_table_comes_back_from_its_file(
    tmp_path: Path, names: list[str], rows: list[list[str]], delimiter: str
) -> None:
    names = [name.replace("\0", "0") for name in names]
    if len(set(names)) < len(names):
        return
    path = tmp_path / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([names, *(row[: len(names)] for row in rows)])
    some = read("delimited_file", path, delimiter=delimiter, snakify=False)
    assert some.to_dicts() == [dict(zip(names, row, strict=False)) for row in rows]
    assert isinstance(some.rows, ColumnRows)


def test_csv_values_are_texts_and_headers_are_made_usable(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.csv", 'Job Title,Job-Title,,1st\r\nnurse,,NA,007\r\n\r\n"a\nb",x,nan, 1 \r\n'
    )
    wanted = [
        {"job_title": "nurse", "job_title_1": "", "col2": "NA", "_1st": "007"},
        {"job_title": "a\nb", "job_title_1": "x", "col2": "nan", "_1st": " 1 "},
    ]
    assert read("csv", path).to_dicts() == read(path).to_dicts() == read(str(path)).to_dicts() == wanted
    assert ScenarioList.from_csv(path).to_dicts() == wanted
    assert list(read(path, snakify=False)[0]) == ["Job Title", "Job-Title", "col2", "1st"]
    assert list(read(path, has_header=False)[0]) == ["col0", "col1", "col2", "col3"]
    assert len(read(path, has_header=False)) == 3


def test_other_separators_and_encodings(tmp_path: Path) -> None:
    assert read(written(tmp_path / "a.tsv", "a\tb\n1\t2\n")).to_dicts() == [{"a": "1", "b": "2"}]
    latin = written(tmp_path / "b.csv", "größe\n5\n", "latin-1")
    assert read(latin, encoding="latin-1").to_dicts() == [{"größe": "5"}]
    refusal(lambda: read(latin), "encoding", "utf-8", error=ScenarioError)
    refusal(lambda: read(latin, encoding="klingon"), "encoding", error=ScenarioError)
    marked = written(tmp_path / "c.csv", "a,b\n1,2\n", "utf-8-sig")
    assert read(marked).to_dicts() == [{"a": "1", "b": "2"}]
    for wrong in ("", ",,", 5, None, "\n"):
        refusal(lambda w=wrong: read("delimited_file", marked, delimiter=w), "delimiter", error=ScenarioError)


@pytest.mark.parametrize(
    ("text", "words"),
    [("", ["empty"]), ("a,b\n1\n", ["line 2", "1 values"]), ("a,b\n1,2\n1,2,3\n", ["line 3", "3 values"])],
)
def test_ragged_and_empty_files_are_refused_with_the_line(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    refusal(lambda: read(written(tmp_path / "a.csv", text)), *words, error=ScenarioError)


def test_a_table_without_rows_keeps_its_names(tmp_path: Path) -> None:
    some = read(written(tmp_path / "a.csv", "age,mood\n"))
    assert len(some) == 0
    assert some.rename("age", "years").parameters == {"years", "mood"}
    assert [column.name for column in some.as_table().columns] == ["age", "mood"]
    refusal(lambda: some.select("agee"), "'age'", error=ScenarioError)


def test_long_cells_are_read_quickly(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "a,b\n" + '"' + "x, " * 1_000_000 + '",2\n')
    began = time.thread_time()
    assert len(read(path)[0]["a"]) == 3_000_000
    assert time.thread_time() - began < 1


def test_latex_tables(tmp_path: Path) -> None:
    text = r"""\begin{table}\begin{tabular}{l|p{3cm}} \hline Name & Big Number \\ \hline
    \textbf{tea} \& more & 5\% \\ \bottomrule \end{tabular}\end{table}
    \begin{tabular}{l} one \\ two \\ \end{tabular}"""
    path = written(tmp_path / "a.tex", text)
    assert read(path).to_dicts() == [{"name": "tea & more", "big_number": "5%"}]
    assert read("latex", path, table_index=1, has_header=False).to_dicts() == [
        {"col0": "one"},
        {"col0": "two"},
    ]
    for wrong in (2, -1, "a", None, True):
        refusal(lambda w=wrong: read(path, table_index=w), "table_index", error=ScenarioError)
    refusal(lambda: read(written(tmp_path / "b.tex", "no table")), "0 tables", error=ScenarioError)


# JSON and Python values


@same_folder
@given(st.lists(st.dictionaries(texts.filter(bool), json_values, max_size=3), max_size=4))
def test_json_and_json_lines_come_back(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    ours = ("edsl_version", "edsl_class_name", "__header__")
    records = [{name: value for name, value in record.items() if name not in ours} for record in records]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(records))
    assert read("json", path, snakify=False) == ScenarioList(map(Scenario, records))
    lines = tmp_path / "a.jsonl"
    lines.write_text("\n".join(map(json.dumps, records)))
    assert read(lines, snakify=False) == ScenarioList(map(Scenario, records))
    lines.write_text(ScenarioList(map(Scenario, records)).to_jsonl())
    assert read(lines, snakify=False) == ScenarioList(map(Scenario, records))


def test_other_shapes_of_json(tmp_path: Path) -> None:
    def of(data: Any) -> list[Any]:
        return read(written(tmp_path / "a.json", json.dumps(data))).to_dicts()

    assert of({"A": [1, 2], "b": [3, 4]}) == [{"a": 1, "b": 3}, {"a": 2, "b": 4}]
    assert of({"a": 1, "b": "x"}) == [{"a": 1, "b": "x"}]
    assert of([1, "x"]) == [{"value": 1}, {"value": "x"}]
    saved = ScenarioList([Scenario({"a": 1})]).to_dict()
    assert of(saved) == [{"a": 1}]


@pytest.mark.parametrize(
    "text",
    ["", "{", '"x"', "5", "[1, {}]", '{"a": [1], "b": [1, 2]}', "[" * 50_000, '[{"": 1}]', '{"a": 1} x'],
)
def test_json_that_makes_no_list_is_refused_at_once(tmp_path: Path, text: str) -> None:
    began = time.thread_time()
    refusal(lambda: read(written(tmp_path / "a.json", text)), error=ScenarioError)
    assert time.thread_time() - began < 1


def test_json_lines_name_the_line_that_is_wrong(tmp_path: Path) -> None:
    refusal(lambda: read(written(tmp_path / "a.jsonl", '{"a": 1}\n\nx\n')), "line 3", error=ScenarioError)
    refusal(lambda: read(written(tmp_path / "a.jsonl", '{"a": 1}\n5\n')), "item 1", error=ScenarioError)


def test_values_of_python() -> None:
    assert read("list", "x", [5, 6], use_indexes=True).to_dicts() == [{"x": 5, "idx": 0}, {"x": 6, "idx": 1}]
    assert read([5, "a"]).to_dicts() == [{"value": 5}, {"value": "a"}]
    assert read([{"a": 1}, {"b": 2}]).to_dicts() == [{"a": 1}, {"b": 2}]
    assert read("list_of_tuples", ["x", "y"], [(1, 2)]).to_dicts() == [{"x": 1, "y": 2}]
    assert ScenarioList.from_list_of_tuples(["x"], [(1,), [2]]).to_list() == [1, 2]
    assert read({"A b": (1, 2)}).to_dicts() == [{"a_b": 1}, {"a_b": 2}]
    assert ScenarioList.from_nested_dict({"A b": [1]}).to_dicts() == [{"A b": 1}]
    assert ScenarioList.from_list_of_dicts({"a": i} for i in range(2)).to_list() == [0, 1]
    assert len(read([])) == len(read({})) == len(ScenarioList.from_list("x", [])) == 0


@pytest.mark.parametrize("wrong", [5, None, "text", b"x", {"a": 1}])
def test_values_that_are_no_list_are_refused(wrong: Any) -> None:
    refusal(lambda: ScenarioList.from_list("x", wrong), "values", error=ScenarioError)
    refusal(lambda: read("list_of_tuples", ["x"], wrong), "values", error=ScenarioError)
    refusal(lambda: ScenarioList.from_list_of_dicts(wrong), "values", error=ScenarioError)
    if not isinstance(wrong, dict):
        refusal(lambda: ScenarioList.from_nested_dict(wrong), "data", error=ScenarioError)
    if not isinstance(wrong, str):
        refusal(lambda: ScenarioList.from_list(wrong, [1]), "field_name", error=ScenarioError)


def test_values_that_do_not_fit_are_refused() -> None:
    refusal(lambda: read({"a": [1], "b": [1, 2]}), "length", error=ScenarioError)
    refusal(lambda: read({"a": [1], "b": 2}), "values", error=ScenarioError)
    refusal(lambda: read("list_of_tuples", ["x"], [(1, 2)]), "row 0", error=ScenarioError)
    refusal(lambda: ScenarioList.from_list_of_dicts([{"a": 1}, 5]), "item 1", error=ScenarioError)
    refusal(lambda: read({5: [1]}), "names", error=ScenarioError)
    loop: list[Any] = []
    loop.append(loop)
    refusal(lambda: ScenarioList.from_list("x", [loop]), "itself", error=ScenarioError)


# Data frames and binary files


def odd_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "A b": [1, None],
            "when": pd.to_datetime(["2020-01-01", None]),
            "text": ["x", None],
            "flag": [True, False],
            "any": [[1, {"a": (2,)}], float("nan")],
            3: pd.Categorical(["u", None]),
        },
        index=[7, 9],
    )


WANTED = [
    {"A b": 1.0, "when": "2020-01-01T00:00:00", "text": "x", "flag": True, "any": [1, {"a": [2]}], "3": "u"},
    {"A b": None, "when": None, "text": None, "flag": False, "any": None, "3": None},
]


def kinds(records: list[dict[str, Any]]) -> list[list[type[Any]]]:
    return [[type(value) for value in record.values()] for record in records]


def test_a_data_frame_becomes_plain_values() -> None:
    frame = odd_frame()
    some = read(frame, snakify=False)
    frame.loc[7, "text"] = "changed"
    frame.loc[7, "any"][0] = "changed"
    assert some.to_dicts() == ScenarioList.from_pandas(odd_frame()).to_dicts() == WANTED
    assert [dict(scenario) for scenario in some] == WANTED
    assert kinds(some.to_dicts()) == kinds(WANTED)
    assert json.loads(json.dumps(some.to_dict()))["scenarios"][0]["when"] == "2020-01-01T00:00:00"
    assert read(frame).parameters == {"a_b", "when", "text", "flag", "any", "_3"}
    assert len(read(pd.DataFrame())) == 0
    refusal(lambda: ScenarioList.from_pandas([1]), "df", error=ScenarioError)


@given(st.lists(st.fixed_dictionaries({"a": json_values, "b": st.integers(-(2**60), 2**60)}), max_size=4))
def test_to_pandas_and_back_is_the_same(records: list[dict[str, Any]]) -> None:
    some = ScenarioList.from_source([{"a": r["b"], "b": str(r["a"])} for r in records])
    assert ScenarioList.from_pandas(some.to_pandas()) == some


def test_a_parquet_file_stays_columns(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = pa.table(
        {
            "Number Of": [1, None],
            "when": [datetime.date(2020, 1, 2), None],
            "money": [Decimal("1.50"), Decimal("2")],
            "list": [[1, 2], None],
            "bytes": [b"text", b"\xff\xfe"],
            "float": [float("nan"), 0.5],
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    wanted = [
        {"number_of": 1, "when": "2020-01-02", "money": 1.5, "list": [1, 2], "bytes": "text", "float": None},
        {"number_of": None, "when": None, "money": 2, "list": None, "bytes": "//4=", "float": 0.5},
    ]
    for some in (read(path), read("parquet", str(path)), ScenarioList.from_parquet(path), read(table)):
        assert isinstance(some.rows, ColumnRows)
        assert some.to_dicts() == [dict(scenario) for scenario in some] == wanted
    refusal(lambda: read("parquet", written(tmp_path / "b.parquet", "no")), "Parquet", error=ScenarioError)


def test_a_missing_package_is_named_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, ending in (("pyarrow", "parquet"), ("openpyxl", "xlsx"), ("pypdf", "pdf")):
        monkeypatch.setitem(__import__("sys").modules, name, None)
        path = written(tmp_path / f"a.{ending}", "x")
        refusal(lambda p=path: read(p), name, "pip install 'edsl_nb[files]'", error=ScenarioError)


def test_workbooks(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    first, second = book.active, book.create_sheet("Second")
    for row in (
        ["A b", None, "When"],
        [1, 0.5, datetime.datetime(2020, 1, 1)],
        [],
        ["x", None, None],
        [None, None, True],
    ):
        first.append(row)
    second.append(["note"])
    second.append(["title"])
    second.append(["value"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    wanted = [
        {"a_b": 1, "col1": 0.5, "when": "2020-01-01T00:00:00"},
        {"a_b": "x", "col1": None, "when": None},
        {"a_b": None, "col1": None, "when": True},
    ]
    assert read(path).to_dicts() == ScenarioList.from_excel(path).to_dicts() == wanted
    assert read("excel", path, sheet_name="Second", skip_rows=[0]).to_dicts() == [{"title": "value"}]
    refusal(lambda: read(path, sheet_name="Secnd"), "'Second'", error=ScenarioError)
    refusal(lambda: read(path, skip_rows=5), "skip_rows", error=ScenarioError)
    refusal(lambda: read(path, skip_rows=["a"]), "skip_rows", error=ScenarioError)
    refusal(lambda: read(path, sheet_name="Second", skip_rows=[0, 1, 2]), "empty", error=ScenarioError)
    refusal(lambda: read(written(tmp_path / "b.xlsx", "no")), "workbook", error=ScenarioError)
    refusal(lambda: read(written(tmp_path / "b.xls", "no")), ".xlsx", error=ScenarioError)


def test_stata_files_bring_their_labels(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    frame = pd.DataFrame({"Age": [20, 60], "mood": pd.Categorical(["sad", "glad"])})
    frame.to_stata(path, write_index=False, variable_labels={"Age": "Age in years"})
    some = read(path)
    assert some.to_dicts() == [{"age": 20, "mood": "sad"}, {"age": 60, "mood": "glad"}]
    assert some.codebook == {"age": "Age in years"}
    assert read("dta", path, include_metadata=False).codebook == {}
    refusal(lambda: read(written(tmp_path / "b.dta", "no")), "Stata", error=ScenarioError)


def test_tables_of_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute('CREATE TABLE "odd "" name" ("A b" INT, c TEXT, d BLOB)')
        connection.execute('INSERT INTO "odd "" name" VALUES (1, NULL, ?)', (b"bytes",))
    connection.close()
    wanted = [{"a_b": 1, "c": None, "d": "bytes"}]
    assert read(path).to_dicts() == read("sqlite", path, 'odd " name').to_dicts() == wanted
    assert ScenarioList.from_sqlite(path, fields=["c", "A b"]).to_dicts() == [{"c": None, "a_b": 1}]
    refusal(lambda: read(path, table="od"), "table", "odd", error=ScenarioError)
    refusal(lambda: read(path, fields=["z"]), "'z'", "A b", error=ScenarioError)
    refusal(lambda: read(path, fields=['c" FROM x; --']), "no such field", error=ScenarioError)
    refusal(
        lambda: read(written(tmp_path / "b.db", "no data base, certainly" * 99)),
        "SQLite",
        error=ScenarioError,
    )
    refusal(lambda: read("sqlite", tmp_path / "none.db"), "no such file", error=ScenarioError)
    assert not (tmp_path / "none.db").exists()


def small_pdf(pages: list[str]) -> bytes:
    """A PDF file with a line of text on each page."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects.append(f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for i, text in enumerate(pages):
        shown = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents {5 + 2 * i} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream")
    body, places = "%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n"
    return f"{body}{tail}{len(body)}\n%%EOF\n".encode()


def test_pages_of_pdf(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    path = tmp_path / "a.pdf"
    path.write_bytes(small_pdf(["first page", "second page", "third page"]))
    assert read(path).to_dicts() == [
        {"filename": "a.pdf", "page": 1, "text": "first page"},
        {"filename": "a.pdf", "page": 2, "text": "second page"},
        {"filename": "a.pdf", "page": 3, "text": "third page"},
    ]
    pairs = ScenarioList.from_pdf(path, chunk_size=2, chunk_overlap=1)
    assert [(s["page"], s["text"]) for s in pairs] == [
        (1, "first page\nsecond page"),
        (2, "second page\nthird page"),
    ]
    assert "".join(s["text"] for s in read("pdf", path, chunk_type="text", chunk_size=7)) == (
        "first page\nsecond page\nthird page"
    )
    for wrong in (
        {"chunk_type": "x"},
        {"chunk_size": 0},
        {"chunk_overlap": -1},
        {"chunk_overlap": 1},
        {"chunk_size": "2"},
    ):
        refusal(lambda w=wrong: read(path, **w), next(iter(wrong)), error=ScenarioError)
    refusal(lambda: read(written(tmp_path / "b.pdf", "no")), "PDF", error=ScenarioError)


def test_folders_of_files(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub" / "deep").mkdir(parents=True)
    written(folder / "b.txt", "two")
    written(folder / "a.md", "one")
    written(folder / "sub" / "c.txt", "three")
    (folder / "sub" / "back").symlink_to(folder)
    some = read(folder)
    assert [s["file"].text for s in some] == ["one", "two"]
    assert isinstance(some[0]["file"], FileStore)
    assert (some[0]["file_name"], some[0]["file_size"]) == ("a.md", 3)
    assert some[0]["file_path"] == str(folder / "a.md")

    def names(**options: Any) -> list[str]:
        return [s["file"].name for s in read("directory", str(folder), metadata=False, **options)]

    assert names(recursive=True) == ["a.md", "b.txt", "c.txt"]
    assert names(recursive=True, pattern="*.txt") == ["b.txt", "c.txt"]
    assert names(recursive=True, ignore_dirs=["sub"], ignore_files=["a*"]) == ["b.txt"]
    assert list(read("directory", folder, metadata=False)[0]) == ["file"]
    assert ScenarioList.from_dict(json.loads(json.dumps(some.to_dict())))[1]["file"].text == "two"
    refusal(lambda: read("directory", tmp_path / "none"), "folder", error=ScenarioError)
    refusal(lambda: read(folder, pattern=5), "pattern", error=ScenarioError)


# What is no source


@pytest.mark.parametrize("kind", ["urls", "wikipedia", "google_doc", "google_sheet", "pdf_to_image"])
def test_what_needs_the_internet_says_so(kind: str) -> None:
    refusal(
        lambda: read(kind, "x"),
        kind,
        "from_source" if kind != "google_doc" else "Download",
        error=ScenarioError,
    )


@pytest.mark.parametrize("address", ["https://example.org/a.csv", "HTTP://example.org"])
def test_addresses_are_not_read(address: str) -> None:
    for kind in ((), ("csv",), ("parquet",)):
        refusal(lambda k=kind: read(*k, address), "internet", error=ScenarioError)


@pytest.mark.parametrize("wrong", [5, None, object(), 1.5, b"x", True])
def test_what_is_no_source_is_refused(wrong: Any) -> None:
    refusal(lambda: read(wrong), "source", error=ScenarioError)
    for kind in ("csv", "excel", "parquet", "sqlite", "json", "jsonl", "pdf", "dta", "latex", "pandas"):
        refusal(lambda k=kind: read(k, wrong), error=ScenarioError)


def test_mistakes_in_calls_are_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "a\n1\n")
    refusal(lambda: read("csvv", path), "'csv'", error=ScenarioError)
    refusal(lambda: read("csv"), "file_or_url", error=ScenarioError)
    refusal(lambda: read("csv", path, 1, 2, 3), "from_source", error=ScenarioError)
    refusal(lambda: read("csv", path, has_heder=True), "has_heder", "'has_header'", error=ScenarioError)
    refusal(lambda: read(tmp_path / "none.csv"), "none.csv", "no such", error=ScenarioError)
    refusal(lambda: read("none"), "none", error=ScenarioError)
    refusal(lambda: read(written(tmp_path / "a.xyz", "")), "type", "a.xyz", error=ScenarioError)
    refusal(lambda: read("csv", "\0"), "path", error=ScenarioError)
    refusal(lambda: read("\0"), error=ScenarioError)
