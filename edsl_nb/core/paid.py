"""Operators and filters of templates, each of which pays for what it makes before it makes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, cast

from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext

from edsl_nb.core.allowance import ALLOWANCE, ITEM, STEP, TOO_MUCH, made, pay, size_of, step

#: Bits of a number that a template may compute.
_BITS = 10_000

#: The widest that a text may be padded, and the most rounds of the filters that take a count.
_WIDEST = 999


def paid_range(*bounds: int) -> range:
    """A range, paid for as the list that it may become."""
    numbers = range(*bounds)
    pay(ITEM * len(numbers))
    return numbers


# Operators


def _check_plus(left: Any, right: Any) -> None:
    if isinstance(left, str | list | tuple):
        pay(len(cast(str, left)))


def _check_times(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int):
        _check_bits(left.bit_length() + right.bit_length())
    for many, times in ((left, right), (right, left)):
        if isinstance(many, str | list | tuple) and isinstance(times, int):
            _check_product(max(times, 0), len(cast(str, many)))


def _check_power(left: Any, right: Any) -> None:
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        raise SecurityError("a power of what is no number")
    if isinstance(left, int) and isinstance(right, int) and right > 0:
        _check_bits(left.bit_length() * right)


def _check_remainder(left: Any, right: Any) -> None:
    if isinstance(left, str):
        if "%(" in left or _WIDE.search(left):
            raise SecurityError("a format with names, or with numbers of more than three digits")
        pay(size_of(right))


#: In a printf format: a width or precision that is long, or given as a value.
_WIDE = re.compile(r"%[#0\- +]*+(?:\*|\d{4}|\d*+\.(?:\*|\d{4}))")

#: Operators that can make much of little, and what is checked before they do.
OPERANDS: dict[str, Callable[[Any, Any], None]] = {
    "+": _check_plus,
    "*": _check_times,
    "**": _check_power,
    "%": _check_remainder,
}


def _check_bits(bits: int) -> None:
    if bits > _BITS:
        raise SecurityError("a number of thousands of digits")


def _check_product(count: int, size: int) -> None:
    if count * size > ALLOWANCE:
        raise SecurityError(TOO_MUCH)


def _check_replace(text: str, old: Any = "", new: Any = "", *count: Any) -> tuple[Any, ...]:
    if isinstance(old, str):
        _check_product(text.count(old), len(str(new)))
    return (old, new, *count)


def _check_join(separator: str, parts: Any = (), *more: Any) -> tuple[Any, ...]:
    texts = list(parts)
    _check_product(len(texts), len(separator))
    pay(size_of(texts))
    return (texts, *more)


# Methods of texts

#: The methods of values that a template may call.
METHODS: tuple[tuple[type, frozenset[str]], ...] = (
    (
        str,
        frozenset({
            "capitalize", "casefold", "count", "endswith", "find", "index", "isalnum", "isalpha", "isdecimal",
            "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "join", "lower", "lstrip",
            "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rpartition", "rsplit",
            "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper",
        }),
    ),
    (dict, frozenset({"keys", "values", "items", "get"})),
    (list, frozenset({"index", "count"})),
    (tuple, frozenset({"index", "count"})),
    (LoopContext, frozenset({"cycle", "changed"})),
)  # fmt: skip

#: Methods of texts that can make much of little; each check gives the arguments to call them with.
TEXT_METHODS: dict[str, Callable[..., tuple[Any, ...]]] = {"replace": _check_replace, "join": _check_join}


# Filters

#: Jinja's filters but for those that are random, or slow on what somebody may feed them.
_FILTERS = frozenset({
    "abs", "attr", "batch", "capitalize", "center", "count", "d", "default", "dictsort", "e", "escape",
    "filesizeformat", "first", "float", "forceescape", "format", "groupby", "indent", "int", "items", "join",
    "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse",
    "round", "safe", "select", "selectattr", "slice", "sort", "string", "sum", "title", "tojson", "trim",
    "truncate", "unique", "upper", "urlencode", "wordcount",
})  # fmt: skip


def paid_filters(filters: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Those of Jinja's filters that a template may use, each paying for what it makes."""
    return {name: _paid(name, filters[name]) for name in _FILTERS}


def _paid(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    check = _CHECKS.get(name)
    first = 1 if getattr(function, "jinja_pass_arg", None) else 0

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        step()
        value = args[first]
        if isinstance(value, str | list | tuple | dict):
            pay(len(cast(str, value)) // STEP)
        if check is not None:
            checked = check(value, *args[first + 1 :], **kwargs)
            args = (*args[:first], checked, *args[first + 1 :])
        return made(function(*args, **kwargs))

    return run


def _check_counts(value: Any, *given: Any, **named: Any) -> Any:
    if any(isinstance(count, int) and abs(count) > _WIDEST for count in (*given, *named.values())):
        raise SecurityError(f"a number above {_WIDEST} here")
    return value


def _check_indent(value: Any, *given: Any, **named: Any) -> Any:
    width = given[0] if given else named.get("width", 4)
    lines = value.count("\n") + 1 if isinstance(value, str) else 1
    _check_product(lines, len(width) if isinstance(width, str) else int(width))
    return value


def _check_replacing(value: Any, *given: Any, **named: Any) -> Any:
    old = given[0] if given else named.get("old", "")
    new = given[1] if len(given) > 1 else named.get("new", "")
    pay(size_of(value))
    _check_replace(str(value), str(old), new)
    return value


def _check_joining(value: Any, *given: Any, **named: Any) -> Any:
    return _check_join(str(given[0] if given else named.get("d", "")), value)[0]


def _check_formatting(value: Any, *given: Any, **named: Any) -> Any:
    _check_remainder(str(value), given or named)
    return value


def _check_sum(value: Any, *given: Any, **named: Any) -> Any:
    start = given[1] if len(given) > 1 else named.get("start", 0)
    if not isinstance(start, int | float):
        raise SecurityError("a sum of what are no numbers")
    return value


def _check_shown(value: Any, *given: Any, **named: Any) -> Any:
    pay(size_of(value))
    return _check_counts(value, *given, **named)


_CHECKS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("batch", "center", "round", "slice"), _check_counts),
    **dict.fromkeys(("string", "tojson"), _check_shown),
    "indent": _check_indent,
    "replace": _check_replacing,
    "join": _check_joining,
    "format": _check_formatting,
    "sum": _check_sum,
}
