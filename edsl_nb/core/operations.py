"""What expressions can do with values: each operation is bounded, and gives None for None."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from numbers import Number
from typing import Any, cast

from edsl_nb.core.errors import ExpressionError, nearest
from edsl_nb.core.templates import Fields

#: Characters or items that one operation may give.
_LARGEST = 10_000_000

#: Round to this many digits at most; Python takes any number of them, and any time.
_MOST_DIGITS = 300


def field(of: Any, name: str) -> Any:
    """``of.name``: a look-up, never an attribute.

    Raises:
        ExpressionError: there is no such field, or `of` has none.
    """
    if of is None:
        return None
    if not isinstance(of, Fields | Mapping):
        raise ExpressionError(
            f"{type(of).__name__} values have no {name!r}", remedy="Only named values have fields."
        )
    found = cast("Fields | Mapping[str, Any]", of)
    try:
        return found[name]
    except KeyError:
        names = dir(found) if isinstance(found, Fields) else [str(key) for key in found]
        raise ExpressionError(f"there is no {name!r}", remedy=nearest(name, names)) from None


def meant(found: Any, name: str) -> Any:
    """What a name alone stands for: the name of a question means its answer.

    Raises:
        ExpressionError: it stands for several values.
    """
    if type(found) is not Fields:
        return found
    if name not in ("agent", "scenario"):
        try:
            return found["answer"]
        except KeyError:
            pass  # no question: said below
    raise ExpressionError(
        f"{name!r} stands for several values",
        remedy=f"Say which: {name}.{next(iter(dir(found)), 'x')}.",
    )


def item(of: Any, key: Any) -> Any:
    """``of[key]`` of a list, a text, or named values."""
    if of is None:
        return None
    if isinstance(of, Fields | Mapping) and isinstance(key, str):
        return field(of, key)
    if not isinstance(of, str | Sequence | Mapping):
        raise ExpressionError(
            f"{type(of).__name__} values have no parts", remedy="Only lists and texts have."
        )
    try:
        return cast(Any, of)[key]
    except (IndexError, KeyError):
        raise ExpressionError(f"there is no item {key!r}", remedy="Test with len(...) first.") from None


# Comparing


def _ordered(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda a, b: False if a is None or b is None else compare(a, b)


def _within(part: Any, whole: Any) -> bool:
    if whole is None or (part is None and isinstance(whole, str)):
        return False
    return part in whole


COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": _ordered(operator.lt),
    "LtE": _ordered(operator.le),
    "Gt": _ordered(operator.gt),
    "GtE": _ordered(operator.ge),
    "In": _within,
    "NotIn": lambda part, whole: not _within(part, whole),
    "Is": operator.is_,
    "IsNot": operator.is_not,
}


# Calculating


def _numbers(calculate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def checked(a: Any, b: Any) -> Any:
        if a is None or b is None:
            return None
        if not (isinstance(a, Number) and isinstance(b, Number)):
            raise ExpressionError(
                f"{type(a).__name__} and {type(b).__name__} cannot be calculated with",
                remedy="Make them numbers first, such as with float(...).",
            )
        return calculate(a, b)

    return checked


def _plus(a: Any, b: Any) -> Any:
    if (isinstance(a, str) and isinstance(b, str)) or (isinstance(a, list) and isinstance(b, list)):
        _check_size(len(cast("str", a)) + len(cast("str", b)))
        return cast(Any, a) + b
    return _add(a, b)


_add = _numbers(operator.add)

CALCULATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "Add": _plus,
    "Sub": _numbers(operator.sub),
    "Mult": _numbers(operator.mul),
    "Div": _numbers(operator.truediv),
    "FloorDiv": _numbers(operator.floordiv),
    "Mod": _numbers(operator.mod),
}


def _signed(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda a: None if a is None else change(a)


SIGNS: dict[str, Callable[[Any], Any]] = {
    "USub": _signed(operator.neg),
    "UAdd": _signed(operator.pos),
    "Not": operator.not_,
}


def _check_size(size: int) -> None:
    if size > _LARGEST:
        raise ExpressionError("the expression makes too long a value", remedy="Work with shorter texts.")


# Calling


def _round(number: Any, digits: int = 0) -> Any:
    if not isinstance(digits, int) or abs(digits) > _MOST_DIGITS:
        raise ExpressionError(f"round takes up to {_MOST_DIGITS} digits", remedy="Such as round(x, 2).")
    return round(number, digits) if digits else round(number)


def _sum(values: Collection[Any]) -> Any:
    return sum(values)


def _sorted(values: Collection[Any]) -> list[Any]:
    return sorted(values)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "bool": bool,
    "float": float,
    "int": int,
    "len": len,
    "max": max,
    "min": min,
    "round": _round,
    "sorted": _sorted,
    "str": str,
    "sum": _sum,
}

#: Functions that have something to say of None.
_OF_NONE = {"bool"}

#: What Jinja calls filters: ``{{ a.answer | length }}``.
FILTERS: dict[str, Callable[[Any], Any]] = {
    "length": len,
    "lower": lambda text: method(text, "lower", ()),
    "upper": lambda text: method(text, "upper", ()),
}

METHODS = frozenset(
    {"capitalize", "casefold", "count", "endswith", "find", "isalpha", "isdigit", "islower", "isnumeric"}
    | {"isupper", "lower", "lstrip", "replace", "rstrip", "split", "startswith", "strip", "title", "upper"}
)


def call(name: str, arguments: Sequence[Any]) -> Any:
    """What a function of `FUNCTIONS` gives; None for None."""
    if any(argument is None for argument in arguments) and name not in _OF_NONE:
        return None
    return FUNCTIONS[name](*arguments)


def method(text: Any, name: str, arguments: Sequence[Any]) -> Any:
    """What a method of `METHODS` gives of a text; None for None.

    Raises:
        ExpressionError: it is no text.
    """
    if text is None:
        return None
    if not isinstance(text, str):
        raise ExpressionError(
            f"{name}() is of texts, not of {type(text).__name__}",
            remedy=f"Make it a text: str(...).{name}().",
        )
    if name == "replace" and len(arguments) >= 2:
        old, new = arguments[0], arguments[1]
        if isinstance(old, str) and isinstance(new, str):
            _check_size(len(text) + text.count(old) * len(new))
    return getattr(text, name)(*arguments)
