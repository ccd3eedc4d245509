"""What a template may do, and how much of it.

Templates come with files from elsewhere, so none may reach the Python behind
its values, take a second, or make a text that fills the memory. Jinja's
sandbox sees to the first. For the rest everything that a template makes is
paid for, in characters and items, out of an allowance for each rendering:
the same template with the same values is always either rendered or refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, time, timedelta
from functools import update_wrapper
from types import BuiltinMethodType, MethodType
from typing import Any, TypeVar

from jinja2 import StrictUndefined, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.runtime import BlockReference, Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedFormatter
from jinja2.visitor import NodeTransformer

from edsl_nb.core.allowance import made, pay, size_of, step
from edsl_nb.core.paid import METHODS, OPERANDS, TEXT_METHODS, paid_filters, paid_range

T = TypeVar("T")

#: Longer templates are counted before they are parsed.
_LONG = 10_000
_TOKENS = 10_000


class Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox with an allowance, and without what is random or cannot be bounded."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False, optimized=False, finalize=_output)
        self.globals = {"range": paid_range, "dict": dict}
        self.filters = paid_filters(self.filters)

    def parse(self, source: str, name: str | None = None, filename: str | None = None) -> nodes.Template:
        """The syntax tree of a template.

        Raises:
            TemplateSyntaxError: it is malformed, or too long or too deep to be read.
        """
        if len(source) > _LONG:
            for count, _ in enumerate(self.lexer.tokeniter(source, None)):
                if count > _TOKENS:
                    raise TemplateSyntaxError("it has too many parts", 1)
        try:
            return super().parse(source, name, filename)
        except (RecursionError, ValueError) as wrong:
            raise TemplateSyntaxError(_unreadable(wrong), 1) from None

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> Any:
        return super()._generate(_Metering().visit(source), *args, **kwargs)

    def compile_safely(self, make: Callable[[], T]) -> T:
        """What `make` compiles.

        Raises:
            TemplateSyntaxError: it cannot be compiled.
        """
        try:
            return make()
        except (RecursionError, SyntaxError, MemoryError, ValueError) as wrong:
            raise TemplateSyntaxError(_unreadable(wrong), 1) from None

    # What templates call in the generated code; see `_Metering`.

    def counted(self, values: Iterable[T]) -> Iterator[T]:
        """The values of a loop, each paid for."""
        for value in values:
            step()
            yield value

    def made(self, value: T) -> T:
        """A list, tuple or dict that is written down in a template."""
        return made(value)

    def joined(self, *parts: Any) -> str:
        """The parts of ``a ~ b``, as one text."""
        pay(size_of(parts))
        return "".join([str(part) for part in parts])

    # What Jinja asks

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        OPERANDS[operator](left, right)
        return made(self.binop_table[operator](left, right))

    def is_safe_callable(self, obj: Any) -> bool:
        if isinstance(obj, Macro | BlockReference | Undefined | _Format) or obj is paid_range or obj is dict:
            return True
        if not isinstance(obj, MethodType | BuiltinMethodType):
            return False
        owner: Any = obj.__self__
        if owner is self:
            return True
        return any(isinstance(owner, kind) and obj.__name__ in names for kind, names in METHODS) or (
            isinstance(owner, date | time | timedelta) and not obj.__name__.startswith("_")
        )

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        step()
        if not __self.is_safe_callable(__obj):
            raise SecurityError(f"calling {getattr(__obj, '__name__', type(__obj).__name__)!r}")
        owner = getattr(__obj, "__self__", None)
        if owner is __self:
            return __context.call(__obj, *args, **kwargs)
        if isinstance(owner, str) and __obj.__name__ in TEXT_METHODS:
            args = TEXT_METHODS[__obj.__name__](owner, *args)
        return made(__context.call(__obj, *args, **kwargs))

    def wrap_str_format(self, value: Any) -> Any:
        if not isinstance(value, MethodType | BuiltinMethodType) or value.__name__ not in (
            "format",
            "format_map",
        ):
            return None
        text: Any = value.__self__
        if not isinstance(text, str):
            return None
        return update_wrapper(_Format(self, text, value.__name__ == "format_map"), value)


def _unreadable(wrong: BaseException) -> str:
    if isinstance(wrong, ValueError):
        return "it holds a number that is too long"
    return "its brackets or blocks are nested too deep"


# What is written down in a template


class _Metering(NodeTransformer):
    """Has loops, joined texts and lists in a template paid for, and the text that loops and macros repeat."""

    def __init__(self) -> None:
        self._repeated = False

    def visit_For(self, node: nodes.For) -> nodes.Node:
        if node.recursive:
            raise TemplateSyntaxError("a loop cannot be recursive", node.lineno)
        self._visit_repeated(node)
        node.iter = _call("counted", [node.iter])
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:
        return self._visit_repeated(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:
        return self._visit_repeated(node)

    def _visit_repeated(self, node: nodes.Node) -> nodes.Node:
        outer, self._repeated = self._repeated, True
        self.generic_visit(node)
        self._repeated = outer
        return node

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:
        return nodes.Const(node.data, lineno=node.lineno) if self._repeated else node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _call("joined", node.nodes)

    def _visit_display(self, node: nodes.Expr) -> nodes.Node:
        self.generic_visit(node)
        return _call("made", [node])

    visit_List = visit_Dict = _visit_display

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        return self._visit_display(node) if node.ctx == "load" else node


def _call(name: str, arguments: list[Any]) -> nodes.Call:
    return nodes.Call(nodes.EnvironmentAttribute(name), arguments, [], None, None, lineno=1)


@pass_context  # so that Jinja leaves it to the rendering
def _output(context: Context, value: Any) -> Any:
    return made(value)


# What it calls


class _Format:
    """``"...".format`` or `format_map`, with what it formats paid for."""

    def __init__(self, environment: Environment, text: str, takes_map: bool) -> None:
        self._environment, self._text, self._takes_map = environment, text, takes_map

    def __call__(self, *args: Any, **kwargs: Any) -> str:
        if self._takes_map:
            args, kwargs = (), dict(*args)
        return _Formatter(self._environment).vformat(str(self._text), args, kwargs)


class _Formatter(SandboxedFormatter):
    def format_field(self, value: Any, format_spec: str) -> Any:
        if re.search(r"\d{4}", format_spec):
            raise SecurityError("a format with numbers of more than three digits")
        step()
        pay(size_of(value))
        return made(super().format_field(value, format_spec))

    def convert_field(self, value: Any, conversion: Any) -> Any:
        pay(size_of(value))
        return super().convert_field(value, conversion)
