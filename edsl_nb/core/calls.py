"""Classes that are called with missing, misspelt or surplus parameters say so in our words."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Iterable, Mapping
from inspect import Parameter, signature
from types import MethodType
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from edsl_nb.core.errors import EdslNbError, nearest

#: The name of a ``**`` parameter that is there only to refuse what it gets.
_REFUSED = "unknown"


class Checked(ABCMeta):
    """The type of classes whose calls are refused by an error of ours rather than a TypeError.

    The error is the class's `error`, where it has one.
    """

    def __init__(cls, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Help shows the parameters as they are written down.
        cls.__signature__ = signature(MethodType(cls.__init__, cls))

    if not TYPE_CHECKING:  # editors look at `__init__` instead

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            try:
                return super().__call__(*args, **kwargs)
            except TypeError:
                refusal = refused_call(cls, args, kwargs)
                if refusal is None:
                    raise
                raise refusal from None


class CheckedModel(Checked, type(BaseModel)):
    """The same for pydantic's classes."""


def refused_call(cls: type[Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> EdslNbError | None:
    """What is wrong with the parameters that a class is called with, or None where they fit its signature."""
    parameters = signature(cls).parameters
    try:
        signature(cls).bind(*args, **kwargs)
    except TypeError:
        return _misfit(cls, tuple(parameters.values()), args, kwargs)
    return None


def _misfit(
    cls: type[Any], parameters: tuple[Parameter, ...], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> EdslNbError:
    error: type[EdslNbError] = getattr(cls, "error", EdslNbError)
    by_place = [p.name for p in parameters if p.kind is Parameter.POSITIONAL_OR_KEYWORD]
    takes_more = any(p.kind is Parameter.VAR_POSITIONAL for p in parameters)
    takes_names = any(p.kind is Parameter.VAR_KEYWORD and p.name != _REFUSED for p in parameters)
    for name, value in kwargs.items():
        if name not in _names(cls) and not takes_names:
            return no_such_parameter(cls, name, value)
    if len(args) > len(by_place) and not takes_more:
        return error(
            f"{cls.__name__} takes {len(by_place)} parameters without names",
            field=cls.__name__,
            value=args[len(by_place)],
            remedy="Give parameters by their names: " + _such(by_place),
        )
    for name, value in zip(by_place, args, strict=False):
        if name in kwargs:
            return error("it is given twice", field=name, value=[value, kwargs[name]], remedy="Give it once.")
    missing = next(
        name for name in _required(parameters) if name not in kwargs and name not in by_place[: len(args)]
    )
    return error(
        f"{cls.__name__} needs this, and nothing is given",
        field=missing,
        remedy=f"Give it: {cls.__name__}(..., {missing}=...).",
    )


def no_such_parameter(
    cls: type[Any], name: str, value: object, known: Iterable[str] | None = None
) -> EdslNbError:
    """The error for a parameter that a class does not have.

    Parameters:
        known: those that it has, where its signature does not tell.
    """
    error: type[EdslNbError] = getattr(cls, "error", EdslNbError)
    remedy = nearest(name, _names(cls) if known is None else known)
    return error(f"{cls.__name__} takes no such parameter", field=name, value=value, remedy=remedy)


def _names(cls: type[Any]) -> set[str]:
    """The parameters that a class takes by name."""
    named = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    written = {p.name for p in signature(cls).parameters.values() if p.kind in named}
    return written | set(getattr(cls, "model_fields", ()))


def _required(parameters: Iterable[Parameter]) -> Iterable[str]:
    variadic = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    return (p.name for p in parameters if p.default is Parameter.empty and p.kind not in variadic)


def _such(names: list[str]) -> str:
    return ", ".join(f"{name}=..." for name in names[:3]) + "."
