"""Classes and methods that are called with missing, misspelt or surplus parameters say so in our words."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import Parameter, signature
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from edsl_nb.core.errors import EdslNbError, nearest

#: The name of a ``**`` parameter that is there only to refuse what it gets.
_REFUSED = "unknown"

_BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
_BY_PLACE = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_VARIADIC = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


class Checked(ABCMeta):
    """The type of classes that refuse wrong calls by an error of ours, where Python has a TypeError.

    These are calls of the class and of its public methods. The error is the
    class's `error`, where it has one.
    """

    def __init__(cls, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Help shows the parameters as they are written down.
        cls.__signature__ = signature(MethodType(cls.__init__, cls))
        for name, member in list(vars(cls).items()):
            if name == "__call__" or not name.startswith("_"):
                checked = _checked(cls, member)
                if checked is not member:
                    setattr(cls, name, checked)

    if not TYPE_CHECKING:  # editors look at `__init__` instead

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            try:
                return super().__call__(*args, **kwargs)
            except TypeError:
                refusal = _refusal(_Called(cls, cls.__name__, cls), args, kwargs)
                if refusal is None:
                    raise
                raise refusal from None


class CheckedModel(Checked, type(BaseModel)):
    """The same for pydantic's classes."""


def _checked(cls: type[Any], member: Any) -> Any:
    """A method that refuses wrong calls in our words; what is no method as it is."""
    if isinstance(member, FunctionType):
        return _refusing(cls, member, lambda of: _bound(member, of))
    if isinstance(member, classmethod):
        made: Any = member.__func__
        return classmethod(_refusing(cls, made, lambda of: _Called(of, made.__name__, MethodType(made, of))))
    if isinstance(member, staticmethod):
        plain: Any = member.__func__
        return staticmethod(_refusing(cls, plain, lambda _: _Called(cls, plain.__name__, plain), bound=0))
    return member


def _bound(method: FunctionType, of: object) -> _Called:
    owner = type(of)
    name = owner.__name__ if method.__name__ == "__call__" else method.__name__
    return _Called(owner, name, MethodType(method, of))


def _refusing(
    cls: type[Any], function: Callable[..., Any], called_of: Callable[[Any], _Called], bound: int = 1
) -> Callable[..., Any]:
    """A function that refuses wrong calls in our words.

    Parameters:
        cls: the class that has it.
        called_of: what is called, given the object that a method is bound to.
        bound: how many parameters Python gives it by itself.
    """

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError:
            if len(args) < bound:
                raise _unbound(cls, function.__name__) from None
            refusal = _refusal(called_of(args[0] if bound else None), args[bound:], kwargs)
            if refusal is None:
                raise
            raise refusal from None

    return call


def _unbound(cls: type[Any], name: str) -> EdslNbError:
    return _error_of(cls)(
        f"{name} is a method of objects, and it is called of their class",
        field=name,
        remedy=f"Make an object first, and call its {name}(...).",
    )


def _error_of(cls: type[Any]) -> type[EdslNbError]:
    return getattr(cls, "error", EdslNbError)


class _Called(NamedTuple):
    """A class or a method that is called, by what it is named and whose error refuses the call."""

    owner: type[Any]
    name: str
    callable: Callable[..., Any]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(signature(self.callable).parameters.values())

    @property
    def names(self) -> set[str]:
        """The parameters that can be given by name."""
        written = {p.name for p in self.parameters if p.kind in _BY_NAME}
        return written | set(getattr(self.callable, "model_fields", ()))

    @property
    def error(self) -> type[EdslNbError]:
        return _error_of(self.owner)


def _refusal(called: _Called, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> EdslNbError | None:
    """What is wrong with the parameters of a call, or None where they fit."""
    try:
        signature(called.callable).bind(*args, **kwargs)
    except TypeError:
        return _misfit(called, args, kwargs)
    return None


def _misfit(called: _Called, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> EdslNbError:
    parameters = called.parameters
    by_place = [p.name for p in parameters if p.kind in _BY_PLACE]
    takes_more = any(p.kind is Parameter.VAR_POSITIONAL for p in parameters)
    takes_names = any(p.kind is Parameter.VAR_KEYWORD and p.name != _REFUSED for p in parameters)
    for name, value in kwargs.items():
        if name not in called.names and not takes_names:
            return _unknown(called, name, value, called.names)
    if len(args) > len(by_place) and not takes_more:
        return _surplus(called, by_place, args[len(by_place)])
    for name, value in zip(by_place, args, strict=False):
        if name in kwargs:
            remedy = "Give it once."
            return called.error("it is given twice", field=name, value=[value, kwargs[name]], remedy=remedy)
    given = {*kwargs, *by_place[: len(args)]}
    missing = next(name for name in _required(parameters) if name not in given)
    return called.error(
        f"{called.name} needs this, and nothing is given",
        field=missing,
        remedy=f"Give it: {called.name}(..., {missing}=...).",
    )


def _surplus(called: _Called, by_place: list[str], value: object) -> EdslNbError:
    if (
        isinstance(type(value), Checked)
        and called.callable is not called.owner
        and hasattr(called.owner, "by")
    ):
        remedy = f"Put agents, scenarios and models to it first: by(...).{called.name}()."
    else:
        remedy = "Give parameters by their names: " + _such(by_place) if by_place else "Leave it out."
    count = len(by_place) or "no"
    return called.error(
        f"{called.name} takes {count} parameter{'' if count == 1 else 's'} without names",
        field=called.name,
        value=value,
        remedy=remedy,
    )


def no_such_parameter(
    cls: type[Any], name: str, value: object, known: Iterable[str] | None = None
) -> EdslNbError:
    """The error for a parameter that a class does not have.

    Parameters:
        known: those that it has, where its signature does not tell.
    """
    called = _Called(cls, cls.__name__, cls)
    return _unknown(called, name, value, called.names if known is None else known)


def _unknown(called: _Called, name: str, value: object, known: Iterable[str]) -> EdslNbError:
    names = set(known)
    remedy = nearest(name, names) if names else "Leave it out."
    return called.error(f"{called.name} takes no such parameter", field=name, value=value, remedy=remedy)


def _required(parameters: Iterable[Parameter]) -> Iterable[str]:
    return (p.name for p in parameters if p.default is Parameter.empty and p.kind not in _VARIADIC)


def _such(names: list[str]) -> str:
    return ", ".join(f"{name}=..." for name in names[:3]) + "."
