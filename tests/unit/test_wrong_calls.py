"""Every method that is called with missing, misspelt or surplus parameters says so in our words."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edsl_nb import (
    Agent,
    AgentList,
    Cache,
    Dataset,
    FileStore,
    Instruction,
    Jobs,
    Model,
    ModelList,
    Question,
    QuestionFreeText,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.calls import Checked
from edsl_nb.core.errors import AgentError, EdslNbError, JobError, QuestionError, ScenarioError, SurveyError
from tests.unit.samples import refusal

QUESTION = QuestionFreeText("q", "Why?")
TEST = Model("test")

OBJECTS: list[Any] = [
    QUESTION, Survey([QUESTION]), Jobs(QUESTION), Agent.example(), AgentList.example(), Scenario.example(),
    ScenarioList.example(), TEST, ModelList([TEST]), Cache(), FileStore.example(), Dataset([{"a": [1]}]),
    Instruction("note", "Be brief."), QUESTION.by(TEST).prompts(),
]  # fmt: skip


def _methods(of: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public methods of an object that come from classes of ours."""
    for cls in type(of).__mro__:
        if isinstance(cls, Checked):
            for name, member in vars(cls).items():
                method = isinstance(member, classmethod | staticmethod) or inspect.isfunction(member)
                if method and not name.startswith("_"):
                    yield name, getattr(of, name)


METHODS = {f"{type(of).__name__}.{name}": (of, method) for of in OBJECTS for name, method in _methods(of)}
methods = pytest.mark.parametrize("called", METHODS)


def _parameters(method: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(method).parameters.values())


def _refused(of: Any, method: Callable[..., Any], words: str, *args: Any, **kwargs: Any) -> EdslNbError:
    """The error for a call; that of a static method is not the object's own."""

    def call() -> None:
        made = method(*args, **kwargs)
        if inspect.iscoroutine(made):
            asyncio.run(made)

    wrong = refusal(call, words)
    assert type(wrong) is getattr(of, "error", EdslNbError) or not hasattr(method, "__self__")
    assert wrong.remedy
    return wrong


@methods
def test_a_wrong_call_of_any_method_is_refused_in_our_words(called: str) -> None:
    of, method = METHODS[called]
    kinds = {p.kind for p in _parameters(method)}
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        assert _refused(of, method, " takes no such parameter", surprise=1).field == "surprise"
    if inspect.Parameter.VAR_POSITIONAL not in kinds:
        assert _refused(of, method, " without names", *["x"] * 40).field == method.__name__
    needed = [p for p in _parameters(method) if p.default is p.empty and "VAR" not in p.kind.name]
    if needed:
        assert _refused(of, method, f"{method.__name__} needs this").field == needed[0].name


def test_there_are_methods_of_every_kind() -> None:
    assert {"Survey.add_rule", "AgentList.from_list", "Model.available", "Jobs.run", "Survey.save"} < set(
        METHODS
    )
    assert len(METHODS) > 200


SLIPS: dict[str, tuple[Callable[[], Any], type[EdslNbError], tuple[str, ...]]] = {
    "a model for run": (
        lambda: QUESTION.run(TEST),  # type: ignore[call-arg]
        QuestionError, ("run takes no parameters without names", "by(...).run()"),
    ),
    "a model for a survey's run": (
        lambda: Survey([QUESTION]).run(TEST),  # type: ignore[call-arg]
        SurveyError, ("run takes no parameters", "by(...).run()"),
    ),
    "an option misspelt": (
        lambda: Survey([QUESTION]).run(fersh=True), JobError, ("run takes no such", "Did you mean 'fresh'?"),
    ),
    "a rule that leads nowhere": (
        lambda: Survey([QUESTION]).add_rule("q", "True"),  # type: ignore[call-arg]
        SurveyError, ("next_question: add_rule needs this", "add_rule(..., next_question=...)"),
    ),
    "a list of nothing": (
        lambda: AgentList.from_list("age"), AgentError, ("values: from_list needs this",),  # type: ignore[call-arg]
    ),
    "a field twice": (
        lambda: ScenarioList.from_list("x", [1], field_name="x"), ScenarioError,  # type: ignore[misc]
        ("field_name: it is given twice",),
    ),
    "a call of a survey": (
        lambda: Survey([QUESTION])(TEST, None, 3), SurveyError, ("Survey takes 2 parameters without names",),  # type: ignore[call-arg]
    ),
    "a method of the class": (lambda: Survey.add_rule(), SurveyError, ("add_rule is a method of objects",)),  # type: ignore[call-arg]
    "a run of the class": (lambda: Jobs.run(), JobError, ("Make an object first",)),  # type: ignore[call-arg]
    "answers to a flow": (lambda: Survey([QUESTION]).flow(1, 2), SurveyError, ("takes 1 parameter",)),  # type: ignore[call-arg]
    "a type of question": (lambda: Question.of_type(), QuestionError, ("question_type: of_type needs this",)),  # type: ignore[call-arg]
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_a_wrong_call_is_answered_to_the_point(name: str) -> None:
    action, error, words = SLIPS[name]
    refused = refusal(action, *words, error=error)
    assert refused.__cause__ is None
    assert refused.__context__ is None or refused.__suppress_context__


def test_a_mistake_within_a_method_is_not_taken_for_a_wrong_call() -> None:
    class Broken(Survey):
        def broken(self, x: int) -> int:
            return len(x)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="has no len"):
        Broken().broken(3)
    refusal(lambda: Broken().broken(), "broken needs this", error=SurveyError)  # type: ignore[call-arg]


def test_help_shows_the_parameters_of_methods() -> None:
    assert list(inspect.signature(Survey.add_stop_rule).parameters) == ["self", "question", "expression"]
    assert "End the survey after a question" in (Survey.add_stop_rule.__doc__ or "")
    assert "add_stop_rule" in inspect.getsource(Survey.add_stop_rule)
