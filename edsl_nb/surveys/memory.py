"""Memory: which earlier questions are shown to a question again, with their answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from edsl_nb.core.code import Step
from edsl_nb.core.errors import SurveyError
from edsl_nb.questions import Question
from edsl_nb.surveys.content import Content


def with_memory(content: Content, focal: Any, priors: Any) -> Content:
    """The content with more questions for one to remember; what it remembers already stays.

    Raises:
        SurveyError: there is no such question, or it is no list.
    """
    name = content.name_of(focal, "focal_question")
    if isinstance(priors, str | Question | Mapping) or not isinstance(priors, Iterable):
        raise SurveyError(
            "a list of questions is wanted",
            field="prior_questions",
            value=priors,
            remedy="Such as ['a', 'b']; add_targeted_memory is for one.",
        )
    added = [content.name_of(prior, "prior_question") for prior in cast(Iterable[Any], priors)]
    known = content.memory.get(name, ())
    remembered = tuple(dict.fromkeys((*known, *added)))
    return replace(content, memory={**content.memory, name: remembered} if remembered else content.memory)


def with_last(content: Content, lags: int | None) -> Content:
    """The content in which each question remembers so many before it, or all of them, and nothing else."""
    names = list(content.positions)
    start = len(names) if lags is None else lags
    memory = {name: tuple(names[max(0, i - start) : i]) for i, name in enumerate(names) if i}
    return replace(content, memory=memory)


def checked_lags(lags: Any) -> int:
    """The number of questions to remember.

    Raises:
        SurveyError: it is no number above 0.
    """
    if isinstance(lags, bool) or not isinstance(lags, int) or lags < 1:
        raise SurveyError(
            "a number of questions is wanted, 1 or more", field="lags", value=lags, remedy="Such as lags=1."
        )
    return lags


def from_given(content: Content, given: Any) -> Content:
    """The content with memory as ``{"c": ["a", "b"]}``, or as in EDSL's JSON.

    Raises:
        SurveyError: it is neither.
    """
    plan: Any = cast("dict[Any, Any]", given).get("data", given) if isinstance(given, Mapping) else given
    if not isinstance(plan, Mapping):
        raise SurveyError(
            "a dict of lists is wanted", field="memory_plan", value=given, remedy='Such as {"c": ["a", "b"]}.'
        )
    for focal, priors in cast(Mapping[Any, Any], plan).items():
        if isinstance(priors, Mapping):
            priors = cast(Mapping[str, Any], priors).get("prior_questions")
        content = with_memory(content, focal, priors)
    return content


def as_steps(content: Content) -> list[Step]:
    """The calls that give questions their memory."""
    if content.memory and with_last(content, None).memory == content.memory:
        return [Step("set_full_memory_mode")]
    return [Step("add_memory_collection", (focal, list(priors))) for focal, priors in content.memory.items()]
