"""Functions that agents hold: traits that depend on the question, and answers without a model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from inspect import Parameter, Signature, isawaitable, iscoroutinefunction, signature
from typing import Any

from edsl_nb.core.errors import AgentError

_BY_PLACE = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def checked_dynamic(function: Any, field: str) -> Callable[..., Any]:
    """The function, if it can give traits: it takes the question, or nothing.

    Raises:
        AgentError: it cannot.
    """
    wanted = "Such as def traits(question): return {'mood': 'sad'}."
    needed = _required(_signature(function, field, wanted))
    if iscoroutinefunction(function):
        raise AgentError(
            "a plain function is wanted, no coroutine", field=field, value=function, remedy=wanted
        )
    if len(needed) > 1:
        raise AgentError(
            f"the function takes more than the question: {', '.join(needed)}",
            field=field,
            value=function,
            remedy=wanted,
        )
    return function


def dynamic_traits(function: Callable[..., Any], question: Any) -> Mapping[str, Any]:
    """The traits that a function gives for a question.

    Raises:
        AgentError: it raises something, or returns no dict.
    """
    form = signature(function)
    field = "dynamic_traits_function"
    if "question" in form.parameters:
        found = called(function, field, question=question)
    else:
        found = called(function, field, *((question,) if _required(form) else ()))
    if not isinstance(found, Mapping):
        raise AgentError(
            "the function has to return a dict of traits",
            field=field,
            value=found,
            remedy="Such as {'age': 3}.",
        )
    return found  # pyright: ignore[reportUnknownVariableType]


_DIRECT = ("self", "question", "scenario")


def checked_direct(function: Any) -> Callable[..., Any]:
    """The function, if it can answer questions: its parameters are self, question and scenario.

    Raises:
        AgentError: it cannot.
    """
    field, wanted = "method", "Such as def answer(self, question, scenario): return 'Yes'."
    form = _signature(function, field, wanted)
    needed, there = set(_required(form)), set(form.parameters)
    if not needed <= set(_DIRECT) or "question" not in there:
        raise AgentError(
            "the parameters of the function have to be self, question and scenario",
            field=field,
            value=function,
            remedy=wanted,
        )
    return function


def direct_answer(function: Callable[..., Any], agent: Any, question: Any, scenario: Any) -> Any:
    """What a function answers for an agent.

    Raises:
        AgentError: it raises something.
    """
    there = signature(function).parameters
    given = zip(_DIRECT, (agent, question, scenario), strict=True)
    return called(function, "method", **{name: value for name, value in given if name in there})


def called(function: Callable[..., Any], field: str, *args: Any, **kwargs: Any) -> Any:
    """What a user's function returns; of a coroutine function, something to be awaited.

    Raises:
        AgentError: it raises something.
    """
    try:
        found = function(*args, **kwargs)
    except (Exception, SystemExit) as failure:
        raise _raised(field, failure) from failure
    return _awaited(found, field) if isawaitable(found) else found


async def _awaited(found: Awaitable[Any], field: str) -> Any:
    try:
        return await found
    except (Exception, SystemExit) as failure:
        raise _raised(field, failure) from failure


def _raised(field: str, failure: BaseException) -> AgentError:
    return AgentError(
        f"the function raised {type(failure).__name__}: {failure}",
        field=field,
        remedy="Call it yourself to see where.",
    )


def _signature(function: Any, field: str, remedy: str) -> Signature:
    if not callable(function) or isinstance(function, type):
        raise AgentError("a function is wanted", field=field, value=function, remedy=remedy)
    try:
        return signature(function)
    except (TypeError, ValueError):
        raise AgentError(
            "a function whose parameters can be looked up is wanted",
            field=field,
            value=function,
            remedy=remedy,
        ) from None


def _required(form: Signature) -> list[str]:
    return [
        name
        for name, parameter in form.parameters.items()
        if parameter.default is Parameter.empty
        and (parameter.kind in _BY_PLACE or parameter.kind is Parameter.KEYWORD_ONLY)
    ]
