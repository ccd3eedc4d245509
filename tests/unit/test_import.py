"""Importing the package is quick: what is heavy comes when it is used, and every public name is there."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

import edsl_nb
from tests.isolation import clean_environment

HEAVY = [
    "pandas",
    "numpy",
    "anywidget",
    "ipywidgets",
    "IPython",
    "aiohttp",
    "httpx",
    "xllamacpp",
    "genai_prices",
]


def loaded_after(code: str) -> set[str]:
    """Names of modules that are loaded after some code, in a Python of its own."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
        timeout=60,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import edsl_nb", [*HEAVY, "pydantic", "jinja2"]),
        (
            "from edsl_nb import QuestionFreeText, QuestionMultipleChoice, Survey, Agent, AgentList\n"
            "from edsl_nb import Scenario, ScenarioList, Model, ModelList, Jobs",
            ["pandas", "numpy", "anywidget", "ipywidgets", "IPython", "xllamacpp"],
        ),
        (
            "from edsl_nb import Agent, Model, QuestionFreeText\n"
            "job = QuestionFreeText('q', 'Why?').by(Agent({'a': 1}), Model('test'))\n"
            "job.prompts()[0]; job.to_dict(); repr(job)",
            ["pandas", "anywidget", "ipywidgets", "xllamacpp"],
        ),
    ],
)
def test_what_is_heavy_is_loaded_when_it_is_used(code: str, absent: list[str]) -> None:
    assert loaded_after(code).isdisjoint(absent)


def test_what_is_pure_loads_neither_http_nor_a_database() -> None:
    code = "from edsl_nb import Agent, QuestionFreeText, Survey\nSurvey([QuestionFreeText('q', 'Why?')])"
    assert loaded_after(code).isdisjoint({"aiohttp", "httpx", "sqlite3"})


@pytest.mark.parametrize("name", edsl_nb.__all__)
def test_every_public_name_resolves(name: str) -> None:
    found: Any = getattr(edsl_nb, name)
    assert found is getattr(edsl_nb, name)
    assert name in dir(edsl_nb)
    if isinstance(found, type):
        assert found.__name__ == name
        assert found.__doc__


def test_a_name_that_is_not_there_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Agnet"):
        edsl_nb.Agnet  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ImportError):
        exec("from edsl_nb import Agnet")


def test_everything_can_be_imported_at_once() -> None:
    namespace: dict[str, Any] = {}
    exec("from edsl_nb import *", namespace)
    assert set(edsl_nb.__all__) <= set(namespace)
