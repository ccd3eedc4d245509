"""One question made into several: `question.loop(scenarios)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from edsl_nb.core.errors import QuestionError
from edsl_nb.core.templates import MARKS, Fields, template
from edsl_nb.questions.base import Question
from edsl_nb.scenarios import Scenario

_PLACEHOLDER = re.compile(r"\{\{.*?\}\}", re.DOTALL)

#: Fields that are text whatever their placeholders stand for.
_TEXTS = ("question_text", "question_presentation", "answering_instructions")


def loop(question: Question, scenarios: Any) -> list[Question]:
    """A question for each scenario, with the placeholders of its fields filled.

    Raises:
        QuestionError: these are no scenarios, or what they fill in makes no valid question.
    """
    return [_looped(question, number, fields) for number, fields in enumerate(_checked_scenarios(scenarios))]


def _checked_scenarios(scenarios: Any) -> Iterable[Mapping[str, Any]]:
    given = [scenarios] if isinstance(scenarios, Scenario) else scenarios
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise QuestionError(
            "a list of scenarios is wanted",
            field="scenario_list",
            value=given,
            remedy="Such as ScenarioList.from_list('x', ['tea', 'coffee']).",
        )
    for item in cast(Iterable[Any], given):
        if not isinstance(item, Scenario | Mapping):
            raise QuestionError(
                f"an object of type {type(item).__name__} is no scenario",
                field="scenario_list",
                value=item,
                remedy="Such as Scenario({'x': 'tea'}).",
            )
        yield item.data if isinstance(item, Scenario) else cast(Mapping[str, Any], item)


def _looped(question: Question, number: int, fields: Mapping[str, Any]) -> Question:
    name = question.question_name
    name = _as_text(name, fields, escape=False) if "{{" in name else f"{name}_{number}"
    changes: dict[str, Any] = {"question_name": name}
    for field in _TEXTS:
        text = getattr(question, field)
        if text is not None:
            changes[field] = _as_text(text, fields)
    for field in question.templated:
        changes[field] = _as_value(getattr(question, field), fields)
    return _changed(question, changes)


def rewritten(question: Question, change: Callable[[str], str], name: str) -> Question:
    """The question with another name, and each text that may hold placeholders changed."""
    changes = {field: _each(getattr(question, field), change) for field in (*_TEXTS, *question.templated)}
    return _changed(question, {**changes, "question_name": name})


def _changed(question: Question, changes: Mapping[str, Any]) -> Question:
    update = {field: value for field, value in changes.items() if value != getattr(question, field)}
    return question.model_copy(update=update)


def _each(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        return [_each(item, change) for item in cast(Iterable[Any], value)]
    if isinstance(value, dict):
        return {key: _each(item, change) for key, item in cast(dict[Any, Any], value).items()}
    return value


def _as_value(value: Any, fields: Mapping[str, Any]) -> Any:
    """A field filled; where all of it is one placeholder, what that stands for."""
    if isinstance(value, str):
        return _filled_whole(value, fields)
    if isinstance(value, list | tuple):
        items = cast(Iterable[Any], value)
        return [_as_text(i, fields) if isinstance(i, str) else _as_value(i, fields) for i in items]
    if isinstance(value, dict):
        return {key: _as_value(item, fields) for key, item in cast(dict[Any, Any], value).items()}
    return value


def _filled_whole(text: str, fields: Mapping[str, Any]) -> Any:
    if not _PLACEHOLDER.fullmatch(text.strip()) or not _can_fill(text, fields):
        return _as_text(text, fields)
    found = template(text).value(_scope(fields))
    return _safe(found) if isinstance(found, str) else found


def _as_text(text: str, fields: Mapping[str, Any], *, escape: bool = True) -> str:
    """A text with those placeholders filled that stand for what the scenario has; the others stay."""
    if "{%" in text:
        return _filled(text, fields, escape=False) if _can_fill(text, fields) else text
    return _PLACEHOLDER.sub(lambda found: _filled(found.group(), fields, escape=escape), text)


def _filled(text: str, fields: Mapping[str, Any], *, escape: bool) -> str:
    if not _can_fill(text, fields):
        return text
    found = template(text).render(_scope(fields))
    return _safe(found) if escape else found


def _can_fill(text: str, fields: Mapping[str, Any]) -> bool:
    """Whether the scenario has all that a text refers to."""
    return all(
        (name.field if name.root == "scenario" else name.root) in fields for name in template(text).references
    )


def _scope(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**fields, "scenario": Fields(fields)}


def _safe(text: str) -> str:
    """A text of the data as a template that gives it: what looks like a placeholder there is none."""
    return "{{ " + repr(text) + " }}" if any(mark in text for mark in MARKS) else text
