"""Files and notebooks as objects: what is read, kept, written, and what is refused."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.core.errors import EdslNbError, ScenarioError
from edsl_nb.files import FileStore
from edsl_nb.models import Model
from edsl_nb.notebooks import Notebook
from edsl_nb.questions import QuestionFreeText
from edsl_nb.scenarios import Scenario
from tests.unit.samples import refusal, through_json

KEYS = ["path", "base64_string", "binary", "suffix", "mime_type", "external_locations", "extracted_text"]

NOTEBOOK = {
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 4,
    "cells": [{"cell_type": "markdown", "metadata": {}, "source": "# Test"}],
}


def stored(name: str, content: bytes, folder: Path) -> FileStore:
    path = folder / name
    path.write_bytes(content)
    return FileStore(path)


@pytest.mark.parametrize(
    ("name", "content", "binary", "suffix", "mime_type", "text"),
    [
        ("a.txt", b"Hello", False, "txt", "text/plain", "Hello"),
        ("b.csv", b"x,y\n1,2\n", False, "csv", "text/csv", "x,y\n1,2\n"),
        ("c.json", b'{"a": 1}', False, "json", "application/json", '{"a": 1}'),
        ("d.md", b"# hi", False, "md", "text/markdown", "# hi"),
        ("e.png", b"\x89PNG\r\n\x1a\n", True, "png", "image/png", None),
        ("f.PNG", b"\x89PNG\r\n\x1a\n", True, "PNG", "image/png", None),
        ("plain", b"no ending", False, "", "application/octet-stream", "no ending"),
        ("h.txt", b"caf\xe9", True, "txt", "text/plain", None),
        ("i.txt", "\ufeffmarked".encode(), False, "txt", "text/plain", "marked"),
        ("j.html", b"<p>x</p>", False, "html", "text/html", "<p>x</p>"),
        ("empty.txt", b"", False, "txt", "text/plain", ""),
    ],
)
def test_a_file_is_kept_whole_as_edsl_writes_it(
    tmp_path: Path, name: str, content: bytes, binary: bool, suffix: str, mime_type: str, text: str | None
) -> None:
    file = stored(name, content, tmp_path)
    data = file.to_dict()
    assert [key for key in data if not key.startswith("edsl_")] == KEYS
    assert data["edsl_class_name"] == "Scenario"
    assert (data["binary"], data["suffix"], data["mime_type"]) == (binary, suffix, mime_type)
    assert data["extracted_text"] == text
    assert base64.b64decode(data["base64_string"]) == file.content == content
    again = FileStore.from_dict(through_json(data))
    assert again == file
    assert again.to_dict() == data
    assert FileStore(tmp_path / name) == file


@given(st.binary(max_size=200))
def test_any_content_comes_back(content: bytes) -> None:
    file = FileStore("x.bin", base64_string=base64.b64encode(content).decode())
    assert (file.content, file.size) == (content, len(content))
    assert FileStore.from_dict(through_json(file.to_dict())).content == content


def test_a_file_is_written_out_again(tmp_path: Path) -> None:
    file = stored("a.txt", b"Hello", tmp_path)
    assert Path(file.write(tmp_path / "b.txt")).read_bytes() == b"Hello"
    for made in (file.to_tempfile(), file.write()):
        assert Path(made).read_bytes() == b"Hello"
        assert made.endswith(".txt")
        Path(made).unlink()
    refusal(lambda: file.write(tmp_path / "nowhere" / "b.txt"), "filename", error=ScenarioError)
    refusal(lambda: file.write(3), "filename", error=ScenarioError)  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", ["/../../x", "../x", "a/b", "x\0", "\n", "a" * 300])
def test_a_name_from_elsewhere_does_not_lead_out_of_the_folder(suffix: str) -> None:
    file = FileStore("a.txt", base64_string="SGVsbG8=", suffix=suffix)
    made = Path(file.to_tempfile())
    assert made.suffix == ""
    assert made.parent == Path(FileStore.example().to_tempfile()).parent
    made.unlink()


def test_a_file_in_a_scenario_goes_through_json(tmp_path: Path) -> None:
    scenario = Scenario({"f": stored("a.txt", b"Hello", tmp_path), "x": 1})
    again = Scenario.from_dict(through_json(scenario.to_dict()))
    assert isinstance(again["f"], FileStore)
    assert again == scenario
    assert again["f"].text == "Hello"


def test_prompts_hold_a_short_marker_and_the_text_where_it_is_asked_for(tmp_path: Path) -> None:
    scenario = Scenario({"f": stored("a.txt", b"Hello {{ x }}", tmp_path)})
    question = QuestionFreeText("q", "See {{ scenario.f }}: {{ scenario.f.extracted_text }}; {{ f.suffix }}")
    prompt = question.by(scenario, Model("test")).prompts()[0]["user_prompt"]
    assert prompt == "See [file: a.txt]: Hello {{ x }}; txt"


def test_a_picture_has_no_text_and_says_so(tmp_path: Path) -> None:
    picture = stored("e.png", b"\x89PNG\xff", tmp_path)
    refusal(lambda: picture.text, "e.png", "image/png", error=ScenarioError)
    question = QuestionFreeText("q", "See {{ scenario.f.extracted_text }}").by(
        Scenario({"f": picture}), Model("test")
    )
    refusal(question.prompts, "'q'", "e.png")
    assert picture.is_image()


def test_the_text_of_a_pdf_file_is_read(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    writer = pypdf.PdfWriter()
    writer.add_blank_page(72, 72)
    with (tmp_path / "a.pdf").open("wb") as target:
        writer.write(target)
    assert FileStore(tmp_path / "a.pdf").text == ""
    broken = stored("b.pdf", b"%PDF-1.4 broken", tmp_path)
    refusal(lambda: broken.text, "b.pdf", error=ScenarioError)
    assert broken.to_dict()["extracted_text"] is None


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"path": "nowhere/at_all.txt"}, "path"),
        ({"path": "."}, "path"),
        ({"path": ""}, "path"),
        ({"path": 3}, "path"),
        ({}, "path"),
        ({"path": "a\0b"}, "path"),
        ({"path": "https://example.org/a.txt"}, "path"),
        ({"path": "a.txt", "base64_string": "no base64!"}, "base64_string"),
        ({"path": "a.txt", "base64_string": 3}, "base64_string"),
        ({"path": "a.txt", "base64_string": "", "mime_type": 3}, "mime_type"),
        ({"path": "a.txt", "base64_string": "", "binary": "no"}, "binary"),
        ({"path": "a.txt", "base64_string": "", "external_locations": []}, "external_locations"),
        ({"path": "a.txt", "base64_string": "", "extracted_text": 3}, "extracted_text"),
        ({"path": "a.txt", "base64_string": "", "sufix": "x"}, "sufix"),
    ],
)
def test_what_is_no_file_is_refused_by_name(arguments: dict[str, Any], field: str) -> None:
    assert refusal(lambda: FileStore(**arguments), error=ScenarioError).field == field


def test_a_misspelt_file_is_named(tmp_path: Path) -> None:
    stored("report.txt", b"", tmp_path)
    refusal(lambda: FileStore(tmp_path / "reprot.txt"), "'report.txt'", error=ScenarioError)


def test_content_that_was_left_out_is_named(tmp_path: Path) -> None:
    data = {**stored("a.txt", b"Hello", tmp_path).to_dict(), "base64_string": "offloaded"}
    file = FileStore.from_dict(data)
    assert file.text == "Hello"
    assert file.to_dict() == data
    refusal(lambda: file.content, "a.txt", "FileStore(path)", error=ScenarioError)


def test_what_newer_versions_add_is_kept(tmp_path: Path) -> None:
    data = {**stored("a.txt", b"Hello", tmp_path).to_dict(), "checksum": "abc"}
    assert FileStore.from_dict(data).to_dict()["checksum"] == "abc"
    refusal(lambda: FileStore.from_dict({"path": "a"}), "base64_string", error=ScenarioError)


def test_comparing_long_files_is_quick() -> None:
    long = base64.b64encode(b"x" * 5_000_000).decode()
    one, two = FileStore("a.txt", base64_string=long), FileStore("a.txt", base64_string=long)
    assert one == two
    started = time.process_time()
    assert len({hash(one) for _ in range(1_000)}) == 1
    assert one == two
    assert time.process_time() - started < 0.5
    assert len(repr(one)) < 100


def test_a_file_is_shown_as_text_or_picture_and_never_as_html(tmp_path: Path) -> None:
    page = stored("j.html", b"<script>alert(1)</script>", tmp_path).view()
    assert page._repr_mimebundle_() == {"text/plain": "<script>alert(1)</script>"}
    picture = stored("e.png", b"\x89PNG\xff", tmp_path).view()._repr_mimebundle_()
    assert base64.b64decode(picture["image/png"]) == b"\x89PNG\xff"
    assert "e.png" in picture["text/plain"]
    assert set(stored("v.svg", b"<svg/>", tmp_path).view()._repr_mimebundle_()) == {"text/plain"}


# Notebooks


def test_a_notebook_is_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(NOTEBOOK))
    notebook = Notebook(path=path)
    assert notebook.data == NOTEBOOK
    assert notebook == Notebook(data=NOTEBOOK) == Notebook(str(path))
    assert len(notebook.cells) == 1
    assert json.loads(notebook.to_file(tmp_path / "b.ipynb").read_text("utf-8")) == NOTEBOOK
    assert str(notebook) == "Notebook notebook: 1 cell"


@pytest.mark.parametrize("extra", [{}, {"lint": True}, {"lint": False}, {"newer": 1}])
def test_a_notebook_goes_through_json(extra: dict[str, Any]) -> None:
    data = {"name": "mine", "data": NOTEBOOK, **extra}
    notebook = Notebook.from_dict(through_json(data))
    assert {key: notebook.to_dict()[key] for key in data} == data
    assert Notebook.from_dict(notebook.to_dict()) == notebook
    assert Notebook.from_dict(Notebook.example().to_dict()) == Notebook.example()


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "path"),
        ({"path": "a.ipynb", "data": NOTEBOOK}, "path"),
        ({"path": "nowhere.ipynb"}, "path"),
        ({"path": 3}, "path"),
        ({"path": "pyproject.toml"}, "path"),
        ({"path": "package.json"}, "path"),
        ({"data": {}}, "data"),
        ({"data": []}, "data"),
        ({"data": {"cells": [], "nbformat": 3}}, "data"),
        ({"data": NOTEBOOK, "name": ""}, "name"),
        ({"data": NOTEBOOK, "name": 3}, "name"),
        ({"data": NOTEBOOK, "lint": 3}, "lint"),
        ({"data": NOTEBOOK, "titel": "x"}, "titel"),
    ],
)
def test_what_is_no_notebook_is_refused_by_name(arguments: dict[str, Any], field: str) -> None:
    assert refusal(lambda: Notebook(**arguments), error=EdslNbError).field == field
