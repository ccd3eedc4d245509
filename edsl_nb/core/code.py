"""Objects as the Python code that makes them: `repr` in one line, `code()` as a program."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from inspect import isclass, isroutine
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, cast

#: Characters in a line of a program, where its parts can be broken.
WIDTH = 100

#: Characters that `print` shows at most.
_LONGEST_SHORT = 1_000

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Step(NamedTuple):
    """A method that is called on an object, and returns it."""

    method: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = _NOTHING


class Call(NamedTuple):
    """The call that makes an object.

    Parameters:
        made_by: its class.
        args: parameters without names.
        kwargs: parameters by name.
        method: the class method that is called, where it is not the class itself.
        then: methods that are called on the object afterwards.
    """

    made_by: type[Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = _NOTHING
    method: str | None = None
    then: tuple[Step, ...] = ()


class Program(str):
    """Python source, which is shown as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Coded:
    """Gives an object a `repr` that is code, `code()`, and a short text for `print`.

    Class attributes:
        variable: what the object is called in the program of `code()`.
    """

    variable: ClassVar[str] = "made"

    @abstractmethod
    def as_call(self) -> Call:
        """The call that makes an object equal to this one."""

    def in_short(self) -> str:
        """What it is, in a line or two; `print` shows this."""
        return repr(self)

    def code(self) -> Program:
        """A program that makes an object equal to this one.

        Keys and functions are not in it. What it uses of your own definitions
        is named in a comment.

        Returns:
            The program, as a text.

        Example:
            >>> from edsl_nb import Agent
            >>> Agent({"age": 20}).code()
            from edsl_nb import Agent
            <BLANKLINE>
            agent = Agent(traits={'age': 20})
        """
        before = f"{self.variable} = "
        return Program("\n".join([*_header(self), "", before + _laid_out(self, 0, before)]))

    def __repr__(self) -> str:
        return one_line(self)

    def __str__(self) -> str:
        text = self.in_short()
        return text if len(text) <= _LONGEST_SHORT else text[: _LONGEST_SHORT - 1] + "…"


def briefly(text: str, longest: int = 60) -> str:
    """A text in one line, cut where it is long; for summaries."""
    line = " ".join(text[: 4 * longest].split())
    return line if len(line) <= longest and len(text) <= 4 * longest else line[:longest].rstrip() + "…"


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 row``, ``2,000 rows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def one_line(value: Any) -> str:
    """A value as code, in one line."""
    pieces: list[str] = []
    for part in _parts(value):
        if isinstance(part, str):
            pieces.append(part)
        else:
            pieces.append(", ".join(label + one_line(item) for label, item in part))
    return "".join(pieces)


def _laid_out(value: Any, indent: int, before: str = "") -> str:
    """A value as code, broken into lines where one would be too long.

    Parameters:
        indent: spaces at the start of the line in which the value starts.
        before: what stands before it in that line.
    """
    flat = one_line(value)
    if indent + len(before) + len(flat) < WIDTH:
        return flat
    if type(value) is str and value:
        return _broken_text(value, indent)
    pieces: list[str] = []
    inner = "\n" + " " * (indent + 4)
    for part in _parts(value):
        if isinstance(part, str):
            pieces.append(part)
        elif part:
            items = (inner + label + _laid_out(item, indent + 4, label) + "," for label, item in part)
            pieces.append("".join(items) + "\n" + " " * indent)
    return "".join(pieces)


#: Items with what stands before each, such as ``name=``.
_Items = list[tuple[str, Any]]


def _parts(value: Any) -> Iterator[str | _Items]:
    """A value as code in parts: texts as they stand, and lists of items, which commas separate."""
    if isinstance(value, Coded):
        value = value.as_call()
    if isinstance(value, Call):
        name = value.made_by.__name__
        yield from _call(f"{name}.{value.method}" if value.method else name, value.args, value.kwargs)
        for step in value.then:
            yield from _call(f".{step.method}", step.args, step.kwargs)
    elif isinstance(value, dict):
        named = cast(dict[Any, Any], value)
        yield from ("{", [(f"{one_line(key)}: ", item) for key, item in named.items()], "}")
    elif isinstance(value, list):
        yield from ("[", _unlabelled(value), "]")
    elif type(value) is tuple and len(cast(tuple[Any, ...], value)) != 1:
        yield from ("(", _unlabelled(value), ")")
    else:
        yield _atom(value)


def _unlabelled(items: Any) -> _Items:
    return [("", item) for item in items]


def _call(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterator[str | _Items]:
    yield f"{name}("
    yield [*_unlabelled(args), *((f"{key}=", item) for key, item in kwargs.items())]
    yield ")"


def _atom(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    if isclass(value) or isroutine(value):
        return value.__name__ if value.__name__.isidentifier() else "..."  # a lambda has no name
    return repr(value)


def _broken_text(text: str, indent: int) -> str:
    """A long text as literals beneath each other, broken after line ends and spaces."""
    width = max(40, WIDTH - indent - 8)
    pieces: list[str] = []
    for line in text.splitlines(keepends=True):
        while len(line) > width:
            cut = line.rfind(" ", 1, width) + 1 or width
            pieces.append(line[:cut])
            line = line[cut:]
        pieces.append(line)
    inner = " " * (indent + 4)
    return "(\n" + "".join(f"{inner}{piece!r}\n" for piece in pieces) + " " * indent + ")"


def _header(value: Any) -> list[str]:
    """The lines before the program: imports, and what it needs besides."""
    used = {id(named): named for named in _used(value)}.values()
    ours = sorted({named.__name__ for named in used if _home(named) == "edsl_nb"})
    others = sorted({(_home(named), named.__name__) for named in used if _home(named) not in ("edsl_nb", "")})
    own = sorted({_atom(named) for named in used if not _home(named)})
    lines = [_laid_out_import("edsl_nb", ours)] if ours else []
    lines += [f"from {module} import {name}" for module, name in others if module != "builtins"]
    return lines + ([f"# Define first: {', '.join(own)}"] if own else [])


def _laid_out_import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _used(value: Any) -> Iterator[Any]:
    """The classes and functions that the code of a value names."""
    if isinstance(value, Coded):
        value = value.as_call()
    if isinstance(value, Call):
        yield value.made_by
    elif isclass(value) or isroutine(value):
        yield value
    for part in _parts(value):
        if not isinstance(part, str):
            for _, item in part:
                yield from _used(item)


def _home(named: Any) -> str:
    """The module to import a class or function from; empty where only its user can tell."""
    module = str(getattr(named, "__module__", None) or "")
    if isclass(named) and module.partition(".")[0] == "edsl_nb":
        return "edsl_nb"  # the classes in programs are public
    inner = "<" in named.__qualname__ or "." in named.__qualname__
    return "" if inner or module == "__main__" else module
