"""From a syntax tree to a function: only what is named here can be in an expression."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from edsl_nb.core.errors import ExpressionError, nearest
from edsl_nb.core.operations import (
    CALCULATIONS,
    COMPARISONS,
    FILTERS,
    FUNCTIONS,
    METHODS,
    SIGNS,
    call,
    field,
    item,
    meant,
    method,
)
from edsl_nb.core.syntax import pieces
from edsl_nb.core.templates import Fields, Reference

Scope = Mapping[str, Any]
Evaluate = Callable[[Scope], Any]

#: Names that stand for several values whose names are looked up.
_GROUPS = ("agent", "scenario")


class Compiler:
    """Makes functions of syntax trees, and remembers the names in them.

    Parameters:
        functions: functions of the user's own, by the names under which they can be called.

    Attributes:
        names: the references found so far.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]] | None = None) -> None:
        self.names: set[Reference] = set()
        self._functions = functions or {}

    def compile(self, node: ast.AST) -> Evaluate:
        """The function that evaluates a tree in a scope.

        Raises:
            ExpressionError: it holds something that expressions cannot do.
        """
        match node:
            case ast.Constant():
                return self._constant(node.value)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Compare():
                return self._compare(node)
            case ast.BoolOp():
                return self._boolean(node)
            case ast.BinOp():
                return self._filter(node) if isinstance(node.op, ast.BitOr) else self._binary(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.IfExp():
                return self._choice(node)
            case ast.Call():
                return self._call(node)
            case ast.List() | ast.Tuple() | ast.Set():
                return self._collection(node)
            case ast.Dict():
                return self._dict(node)
            case _:
                raise _refusal(node)

    def _constant(self, value: Any) -> Evaluate:
        if isinstance(value, str) and "{{" in value:
            parts = [p if isinstance(p, str) else self.compile(p) for p in pieces(value)]
            return lambda scope: "".join([p if isinstance(p, str) else str(p(scope)) for p in parts])
        if value is not None and not isinstance(value, str | int | float):
            raise ExpressionError(
                f"{type(value).__name__} values cannot be in an expression",
                remedy="Write texts, numbers, True, False or None.",
            )
        return lambda scope: value

    def _raw(self, node: ast.Name) -> Evaluate:
        name = node.id

        def look_up(scope: Scope) -> Any:
            try:
                return scope[name]
            except KeyError:
                raise ExpressionError(f"there is no {name!r}", remedy=nearest(name, scope)) from None

        return look_up

    def _name(self, node: ast.Name) -> Evaluate:
        name, look_up = node.id, self._raw(node)
        self.names.add(Reference(name, None))

        def evaluate(scope: Scope) -> Any:
            found = look_up(scope)
            return meant(found, name) if type(found) is Fields else found

        return evaluate

    def _attribute(self, node: ast.Attribute) -> Evaluate:
        name = node.attr
        if name.startswith("_"):
            raise ExpressionError(
                f"{name!r} cannot be asked for", remedy="Names with _ in front are private."
            )
        if isinstance(node.value, ast.Name):
            self.names.add(Reference(node.value.id, name))
            of = self._raw(node.value)
        else:
            of = self.compile(node.value)
        return lambda scope: field(of(scope), name)

    def _subscript(self, node: ast.Subscript) -> Evaluate:
        of, key = self._container(node), self._key(node.slice)
        return lambda scope: item(of(scope), key(scope))

    def _container(self, node: ast.Subscript) -> Evaluate:
        """What is in front of the brackets: ``scenario['x']`` is a field, ``a[0]`` a part of an answer."""
        if not (isinstance(node.value, ast.Name) and node.value.id in _GROUPS):
            return self.compile(node.value)
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        self.names.add(Reference(node.value.id, key if isinstance(key, str) else None))
        return self._raw(node.value)

    def _key(self, node: ast.expr) -> Evaluate:
        if not isinstance(node, ast.Slice):
            return self.compile(node)
        ends = [None if end is None else self.compile(end) for end in (node.lower, node.upper, node.step)]
        return lambda scope: slice(*(None if end is None else end(scope) for end in ends))

    def _compare(self, node: ast.Compare) -> Evaluate:
        for op, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.Is | ast.IsNot) and not _is_singleton(right):
                raise ExpressionError("'is' compares with None, True or False only", remedy="Use == instead.")
        tests = [COMPARISONS[type(op).__name__] for op in node.ops]
        first, *others = [self.compile(side) for side in (node.left, *node.comparators)]
        if len(tests) == 1:
            test, second = tests[0], others[0]
            return lambda scope: test(first(scope), second(scope))
        pairs = list(zip(tests, others, strict=True))

        def chained(scope: Scope) -> bool:
            left = first(scope)
            for test, other in pairs:
                right = other(scope)
                if not test(left, right):
                    return False
                left = right
            return True

        return chained

    def _boolean(self, node: ast.BoolOp) -> Evaluate:
        parts = [self.compile(part) for part in node.values]
        enough = isinstance(node.op, ast.Or)

        def evaluate(scope: Scope) -> Any:
            found = None
            for part in parts:
                found = part(scope)
                if bool(found) is enough:
                    return found
            return found

        return evaluate

    def _binary(self, node: ast.BinOp) -> Evaluate:
        calculate = CALCULATIONS.get(type(node.op).__name__)
        if calculate is None:
            raise _refusal(node.op)
        left, right = self.compile(node.left), self.compile(node.right)
        return lambda scope: calculate(left(scope), right(scope))

    def _filter(self, node: ast.BinOp) -> Evaluate:
        name = node.right.id if isinstance(node.right, ast.Name) else ast.unparse(node.right)
        change = FILTERS.get(name)
        if change is None:
            raise ExpressionError(f"there is no filter {name!r}", remedy=nearest(name, FILTERS))
        if isinstance(node.left, ast.UnaryOp) or (
            isinstance(node.left, ast.BinOp) and not isinstance(node.left.op, ast.BitOr)
        ):
            raise ExpressionError(
                f"it is not clear what is filtered by {name!r}",
                remedy="Use a function, such as len(...), with its brackets.",
            )
        of = self.compile(node.left)

        def filtered(scope: Scope) -> Any:
            value = of(scope)
            return None if value is None else change(value)

        return filtered

    def _unary(self, node: ast.UnaryOp) -> Evaluate:
        change = SIGNS.get(type(node.op).__name__)
        if change is None:
            raise _refusal(node.op)
        of = self.compile(node.operand)
        return lambda scope: change(of(scope))

    def _choice(self, node: ast.IfExp) -> Evaluate:
        test, yes, no = (self.compile(part) for part in (node.test, node.body, node.orelse))
        return lambda scope: yes(scope) if test(scope) else no(scope)

    def _call(self, node: ast.Call) -> Evaluate:
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise ExpressionError("calls take plain arguments only", remedy="Such as len(a.answer).")
        arguments = [self.compile(argument) for argument in node.args]
        if isinstance(node.func, ast.Attribute):
            return self._method(node.func, arguments)
        if not isinstance(node.func, ast.Name):
            raise _refusal(node)
        name = node.func.id
        if name in self._functions:
            own = self._functions[name]
            return lambda scope: _call_own(name, own, [argument(scope) for argument in arguments])
        if name not in FUNCTIONS:
            names = {*FUNCTIONS, *self._functions}
            raise ExpressionError(f"there is no function {name!r}", remedy=nearest(name, names))
        return lambda scope: call(name, [argument(scope) for argument in arguments])

    def _method(self, node: ast.Attribute, arguments: list[Evaluate]) -> Evaluate:
        name = node.attr
        if name not in METHODS:
            raise ExpressionError(f"there is no method {name!r} of texts", remedy=nearest(name, METHODS))
        of = self.compile(node.value)
        return lambda scope: method(of(scope), name, [argument(scope) for argument in arguments])

    def _collection(self, node: ast.List | ast.Tuple | ast.Set) -> Evaluate:
        kind = list if isinstance(node, ast.List) else tuple if isinstance(node, ast.Tuple) else set
        parts = [self.compile(part) for part in node.elts]
        if all(isinstance(part, ast.Constant) and "{{" not in str(part.value) for part in node.elts):
            fixed = kind([part({}) for part in parts])
            return lambda scope: kind(fixed)
        return lambda scope: kind([part(scope) for part in parts])

    def _dict(self, node: ast.Dict) -> Evaluate:
        if None in node.keys:
            raise ExpressionError("** cannot be in an expression", remedy="Write the names and values.")
        keys = [self.compile(key) for key in node.keys if key is not None]
        values = [self.compile(value) for value in node.values]
        pairs = list(zip(keys, values, strict=True))
        return lambda scope: {key(scope): value(scope) for key, value in pairs}


def _call_own(name: str, function: Callable[..., Any], arguments: list[Any]) -> Any:
    """What a function of the user's gives."""
    try:
        return function(*arguments)
    except Exception as failure:  # whatever it is, it is the user's
        given = ", ".join(map(repr, arguments))
        raise ExpressionError(
            f"{name}({given:.200}) failed: {type(failure).__name__}: {failure}",
            remedy=f"Have {name} take such values; what is missing is None.",
        ) from failure


def _is_singleton(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def _refusal(node: ast.AST) -> ExpressionError:
    return ExpressionError(
        f"{type(node).__name__} cannot be in an expression",
        remedy="Compare and combine answers with ==, !=, <, >, in, and, or, not.",
    )
