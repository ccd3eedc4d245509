"""Expressions in rules and filters, such as ``{{ a.answer }} == 'Yes'``: a small, safe part of Python.

There are literals, names, fields (``a.answer``), items (``a[0]``), comparisons,
``in``, ``is None``, ``and``, ``or``, ``not``, arithmetic, conditional expressions,
lists, tuples, sets, dicts, and the functions and methods of `operations.FUNCTIONS`
and `operations.METHODS`. Nothing else runs.

None, such as the answer of a skipped question, goes through: arithmetic, functions
and methods give None for it, and ``<``, ``>`` and ``in`` are False.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from edsl_nb.core.closures import Compiler
from edsl_nb.core.errors import EdslNbError, ExpressionError
from edsl_nb.core.syntax import parsed, renamed
from edsl_nb.core.templates import Reference

#: How the functions of `edsl_nb.core` name an expression in errors.
_FIELD = "expression"


class Expression:
    """An expression, compiled once. Use `expression` to make one.

    Parameters:
        text: with names in braces (``{{ a.answer }} == 'Yes'``) or bare
            (``a.answer == 'Yes'``). Braces within quotes are filled in as text.
        functions: functions of the user's own, by the names under which it can call them.

    Attributes:
        names: what it refers to.

    Raises:
        ExpressionError: the text is no expression, or does what expressions cannot.
    """

    __slots__ = ("_evaluate", "names", "text")

    def __init__(self, text: str, functions: Mapping[str, Callable[..., Any]] | None = None) -> None:
        self.text = text
        compiler = Compiler(functions)
        try:
            self._evaluate = compiler.compile(parsed(text))
        except ExpressionError as wrong:
            raise self._wrong(wrong.problem, wrong.remedy) from None
        self.names: frozenset[Reference] = frozenset(compiler.names)

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value of the expression.

        Parameters:
            scope: what names stand for: values, mappings, or `Fields`. The name of a
                `Fields` alone stands for its ``answer``.

        Raises:
            ExpressionError: a name is not there, or a value is not of the kind that is needed.

        Example:
            >>> expression("{{ age }} > 30 and 'tea' in drinks").evaluate({"age": 31, "drinks": ["tea"]})
            True
        """
        try:
            return self._evaluate(scope)
        except EdslNbError as wrong:
            raise self._wrong(wrong.problem, wrong.remedy) from None
        except Exception as failure:  # noqa: BLE001 - values are other people's objects
            raise self._wrong(
                f"cannot be evaluated: {type(failure).__name__}: {failure}",
                "Compare values of the same kind, such as numbers; float(...) makes a number of a text.",
            ) from None

    def renamed(self, names: Mapping[str, str]) -> Expression:
        """The same expression about other names.

        Parameters:
            names: new names by old ones.
        """
        return expression(renamed(self.text, names))

    def _wrong(self, problem: str, remedy: str | None) -> ExpressionError:
        return ExpressionError(problem, field=_FIELD, value=self.text, remedy=remedy)

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Expression) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"expression({self.text!r})"


def expression(text: str, functions: Mapping[str, Callable[..., Any]] | None = None) -> Expression:
    """The compiled expression of a text, kept for the next time where it calls nothing of the user's own.

    Parameters:
        text: see `Expression`.
        functions: functions of the user's own, by the names under which the expression can call them.

    Raises:
        ExpressionError: it is no text, or no expression.
    """
    if not isinstance(text, str):
        raise ExpressionError(
            "an expression is a text",
            field=_FIELD,
            value=text,
            remedy="""Such as "{{ a.answer }} == 'Yes'".""",
        )
    return Expression(text, functions) if functions else _compiled(text)


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Expression:
    return Expression(text)
