"""What the local service refuses before anything is run; no model and no extra are needed for it."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from edsl_nb.core.errors import ModelError
from edsl_nb.core.schema import Schema
from edsl_nb.models import files
from edsl_nb.models.call import ModelCall
from edsl_nb.models.model import Model
from edsl_nb.models.services import local as local_service

NAME = files.DEFAULT


@pytest.fixture
def extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra looks as if it were installed."""
    library = ModuleType("xllamacpp")
    library.__spec__ = ModuleSpec("xllamacpp", None)
    monkeypatch.setitem(sys.modules, "xllamacpp", library)


def test_a_missing_file_is_told_before_a_run(
    tmp_path: Path, extra: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDSL_NB_HOME", str(tmp_path))
    model = Model(NAME, service_name="local")
    with pytest.raises(ModelError, match="edsl-nb model get smollm2-135m"):
        model.service.check(model)


def test_a_missing_file_of_ones_own_is_named(tmp_path: Path, extra: None) -> None:
    gone = Model(str(tmp_path / "gone.gguf"), service_name="local")
    with pytest.raises(ModelError, match=r"gone\.gguf"):
        gone.service.check(gone)


def test_a_missing_extra_is_told_before_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    model = Model(NAME, service_name="local")
    with pytest.raises(ModelError, match=r'pip install "edsl_nb\[local\]"'):
        model.service.check(model)


def test_a_file_of_another_kind_is_refused(tmp_path: Path, extra: None) -> None:
    text = tmp_path / "text.gguf"
    text.write_bytes(b"hello, I am no model")
    model = Model(str(text), service_name="local")
    with pytest.raises(ModelError, match="not a GGUF file"):
        model.service.check(model)


def test_replies_of_another_grammar_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model(NAME, service_name="local")
    call = ModelCall(model, "", (("user", "Which?"),), Schema({"enum": ["a", "b"]}))
    before = model.service.shape(call)
    assert model.service.shape(call) == before

    def reworded(schema: object, *, comment: bool) -> dict[str, str]:
        return {"grammar": 'root ::= "b" | "a"\n'}

    local_service._held.cache_clear()  # pyright: ignore[reportPrivateUsage]  # as in another process
    monkeypatch.setattr(local_service, "held_to", reworded)
    after = model.service.shape(call)
    local_service._held.cache_clear()  # pyright: ignore[reportPrivateUsage]
    assert after != before


def test_its_names_need_no_service_name() -> None:
    assert Model(NAME).service_name == "local"
    assert Model("folder/mine.GGUF").service_name == "local"
    assert Model("gpt-4o").service_name == "openai"


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"temperature": -1}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 10**6}, "max_tokens"),
        ({"seed": 1.5}, "seed"),
        ({"structured": "yes"}, "structured"),
        ({"base_url": "http://localhost:1"}, "base_url"),
    ],
)
def test_bad_parameters_are_named(parameters: dict[str, Any], field: str) -> None:
    with pytest.raises(ModelError, match=f"^{field}: "):
        Model(NAME, service_name="local", **parameters)


def test_an_unknown_model_is_named_with_a_near_one() -> None:
    with pytest.raises(ModelError, match="Did you mean 'smollm2-135m'"):
        Model("smollm-135m", service_name="local")
