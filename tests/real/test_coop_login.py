"""Signing in by a link: who gets the key, where it is kept, and what is left of the link."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import nbformat
import pytest
from aiohttp import web
from nbclient import NotebookClient

import edsl_nb
from edsl_nb import AsyncCoop, Coop, Jobs
from edsl_nb.coop import signing_in
from edsl_nb.core.errors import CoopError, CoopSignInError, EdslNbWarning
from tests.coop_server import KEY, QUICK, CoopServer, page, refusal
from tests.unit.samples import refusal as refused

FILE = ".env"


@pytest.fixture(autouse=True)
def asked_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_in, "_EVERY", 0.01)
    # What signing in sets is taken away again at the end.
    monkeypatch.setenv("EXPECTED_PARROT_API_KEY", "")


@pytest.fixture
def usual(coop_server: CoopServer, monkeypatch: pytest.MonkeyPatch) -> CoopServer:
    """A server that the environment names, without a key."""
    monkeypatch.setenv("EXPECTED_PARROT_URL", coop_server.url)
    return coop_server


def test_a_key_comes_when_somebody_has_signed_in(
    usual: CoopServer, capsys: pytest.CaptureFixture[str]
) -> None:
    usual.on_login = lambda token: len(usual.asked_for_key) > 2
    with pytest.raises(CoopSignInError, match=r"edsl_nb\.login\(\)"):
        Jobs.list()
    assert edsl_nb.login().username == "ann"
    assert len(Jobs.list()) == 0
    printed = capsys.readouterr().out
    (token,) = set(usual.asked_for_key)
    assert len(token) >= 20 and f"{usual.url}/login?edsl_auth_token={token}" in printed
    assert f"Signed in at {usual.url} as ann" in printed and KEY not in printed
    assert all(one.key is None for one in usual.seen if one.path.endswith("get-api-key"))


def test_a_key_that_works_is_kept(coop_server: CoopServer, coop: Coop) -> None:
    assert coop.login().username == "ann"
    assert coop_server.asked_for_key == [] and not Path(FILE).exists()


def test_a_key_that_is_refused_is_replaced(usual: CoopServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPECTED_PARROT_API_KEY", "one-of-last-year")
    assert edsl_nb.login().username == "ann"
    assert os.environ["EXPECTED_PARROT_API_KEY"] == KEY and Coop().get_balance().credits == 12.5


def test_the_key_is_in_the_nearest_file_for_the_owner_alone(
    usual: CoopServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / FILE).write_text("OPENAI_API_KEY=another\nEXPECTED_PARROT_API_KEY='old'\n")
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    edsl_nb.login()
    assert not Path(FILE).exists(), "it would hide the other keys"
    text = (tmp_path / FILE).read_text()
    assert text == f"OPENAI_API_KEY=another\nEXPECTED_PARROT_API_KEY='{KEY}'\n"
    monkeypatch.delenv("EXPECTED_PARROT_API_KEY")
    assert Coop().get_balance().credits == 12.5


def test_a_new_file_is_readable_by_the_owner_alone(usual: CoopServer) -> None:
    edsl_nb.login()
    assert stat.S_IMODE(Path(FILE).stat().st_mode) == 0o600


def test_nothing_is_written_where_that_is_not_wanted_or_cannot_be(
    usual: CoopServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    edsl_nb.login(save=False)
    assert not Path(FILE).exists() and "kept in this process" in capsys.readouterr().out
    monkeypatch.setenv("EXPECTED_PARROT_API_KEY", "")

    def full(file: Path, key: str) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(signing_in, "_write", full)
    with pytest.warns(EdslNbWarning, match="No space left"):
        edsl_nb.login()
    assert Coop().get_balance().credits == 12.5


def test_the_key_of_another_coop_stays_in_the_object_and_reaches_its_lists(
    coop_server: CoopServer, capsys: pytest.CaptureFixture[str]
) -> None:
    coop_server.add_job(None)
    coop = Coop(coop_server.url, "not-the-right-one", QUICK)
    assert coop.login().username == "ann"
    assert os.environ["EXPECTED_PARROT_API_KEY"] == "" and not Path(FILE).exists()
    assert len(coop.list_jobs().refresh()) == 1
    assert "in this Coop object" in capsys.readouterr().out


def test_an_address_from_a_file_gets_its_key(
    coop_server: CoopServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(FILE).write_text(f"EXPECTED_PARROT_URL={coop_server.url}\n")
    monkeypatch.setenv("EXPECTED_PARROT_API_KEY", "the-key-of-the-hosted-service")
    monkeypatch.setenv("EXPECTED_PARROT_URL", "")
    edsl_nb.login()
    assert Coop().get_balance().credits == 12.5
    assert {one.key for one in coop_server.seen} == {None, f"Bearer {KEY}"}


def test_nobody_signs_in(usual: CoopServer, capsys: pytest.CaptureFixture[str]) -> None:
    usual.on_login = lambda token: False
    error = refused(
        lambda: edsl_nb.login(timeout=0.1), "nobody has signed in", "api_key=", error=CoopSignInError
    )
    assert "edsl_auth_token" not in str(error)
    assert "Nobody has signed in." in capsys.readouterr().out and not Path(FILE).exists()


def test_what_fails_for_a_moment_is_asked_again_and_what_is_not_there_is_told(usual: CoopServer) -> None:
    usual.fail("get-api-key", lambda: page(502), times=9)
    assert asyncio.run(AsyncCoop(patience=QUICK).login()).username == "ann"
    os.environ["EXPECTED_PARROT_API_KEY"] = ""
    Path(FILE).unlink()
    usual.fail("get-api-key", lambda: refusal(404, "No such route"))
    refused(edsl_nb.login, "gives no keys by a link", "EXPECTED_PARROT_API_KEY", error=CoopError)
    usual.fail("get-api-key", lambda: web.json_response({"api_key": "two\nlines"}))
    refused(edsl_nb.login, "this is no key", error=CoopError)


@pytest.mark.parametrize(("given", "word"), [({"timeout": 0}, "timeout"), ({"save": 1}, "save")])
def test_what_cannot_be_is_refused_first(usual: CoopServer, given: dict[str, object], word: str) -> None:
    refused(lambda: edsl_nb.login(**given), word, error=CoopError)  # type: ignore[arg-type]
    assert usual.seen == []


def test_a_notebook_shows_a_link_and_a_saved_one_holds_none(usual: CoopServer, tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell("import edsl_nb\nprofile = edsl_nb.login()")
    waits = nbformat.v4.new_code_cell(
        "try: edsl_nb.Coop(edsl_nb.Coop().url, 'no-key').login(0.01)\nfinally: 0"
    )
    notebook = nbformat.v4.new_notebook(cells=[cell, waits])
    seen: list[str] = []
    client = NotebookClient(
        notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}
    )  # fmt: skip
    handle = client.process_message
    client.process_message = lambda msg, *rest: seen.append(str(msg["content"])) or handle(msg, *rest)
    usual.on_login = lambda token: len(usual.asked_for_key) == 2
    client.execute()
    link = f"{usual.url}/login?edsl_auth_token={usual.asked_for_key[0]}"
    assert any(link in one and 'target="_blank"' in one for one in seen), "shown meanwhile"
    assert "as ann" in str(cell.outputs) and "Nobody has signed in." in str(waits.outputs)
    assert "edsl_auth_token" not in str(notebook) and KEY not in str(notebook)
