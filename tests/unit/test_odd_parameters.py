"""Verbs of lists and scenarios, called with every parameter wrong in turn: an error of ours, or a result."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import Agent, AgentList, EdslNbError, Model, ModelList, Scenario, ScenarioList

ODD: list[Any] = [
    *(None, True, 0, -1, 3, 10**30, 1.5, float("nan")),
    *("", "zz", "a", "\0", "{{ x", b"x", "a == 1", "x = a + 1"),
    *([], ["a"], ["zz"], [["a"]], [None], [5], (), {1}),
    *({}, {"a": "b"}, {"zz": 1}, {"a": ["a"]}, {5: 5}, {"a": {"x": 1}}),
    *(object(), Scenario, Agent({"a": 1}), ScenarioList([Scenario({"a": 1})])),
    *(lambda: 1, lambda *v: v, lambda *v: 1 / 0),
]

MAKERS: dict[str, Callable[[], Any]] = {
    "scenario": lambda: Scenario({"a": "x y", "b": [1], "c": None}),
    "columns": lambda: ScenarioList.from_source({"a": ["x", "y"], "b": [[1], [2]]}),
    "objects": lambda: ScenarioList([Scenario({"a": "x"}), Scenario({"a": "y", "b": 1})]),
    "product": lambda: ScenarioList.from_list("a", [1, "2"]) * Scenario({"b": {"x": 1}}),
    "empty": ScenarioList,
    "agents": lambda: AgentList([Agent({"a": 1}), Agent({"a": 2}, name="Ann")]),
    "models": lambda: ModelList([Model("test")]),
}

#: What is for the library itself, and what reads as a dict.
LEFT_OUT = {"from_rows", "from_columns", "error", "kind", "get", "model_copy"}


def verbs(made: Any) -> Iterator[str]:
    """The methods of ours that take something."""
    for name, member in inspect.getmembers(made, inspect.isroutine):
        ours = name[0] != "_" and str(member.__module__).startswith("edsl_nb") and name not in LEFT_OUT
        if ours and inspect.signature(member).parameters:
            yield name


def calls(verb: Callable[..., Any]) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Parameters, of which one is odd."""
    parameters = [p for p in inspect.signature(verb).parameters.values() if p.kind is not p.VAR_KEYWORD]
    required = [p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    several = [p.name for p in parameters if p.kind is p.VAR_POSITIONAL]
    others = [p.name for p in parameters if p.name not in (*required, *several)]
    for odd, usual in itertools.product(ODD, ("a", ["a"])):
        for name in required:
            yield tuple(odd if other == name else usual for other in required), {}
        if several:
            yield (*[usual] * len(required), odd), {}
        for name in others:
            yield tuple([usual] * (len(required) + len(several))), {name: odd}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", MAKERS)
def test_odd_parameters_give_a_result_or_an_error_of_ours(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some odd values are names of files
    tried = 0
    for name in verbs(MAKERS[kind]()):
        for args, kwargs in calls(getattr(MAKERS[kind](), name)):
            made = MAKERS[kind]()
            try:
                result = getattr(made, name)(*args, **kwargs)
                if isinstance(result, ScenarioList | AgentList) and len(result) < 1_000:
                    list(result), repr(result), result.as_table().first_rows(5)
            except EdslNbError:
                pass
            except ValueError:
                assert name == "index"  # as of any sequence
            except Exception as failure:
                raise AssertionError(f"{kind}.{name}(*{args!r}, **{kwargs!r})") from failure
            tried += 1
    assert tried > 100
