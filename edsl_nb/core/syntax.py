"""From the text of an expression to its syntax tree: without braces, and refused where it is too large."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from edsl_nb.core.errors import ExpressionError

_LONGEST = 20_000
_DEEPEST = 80
_MOST_BRACES = 500

#: A quoted text, or a placeholder in braces outside of quotes. A text that does not end is taken
#: to the end, because looking for its end from each quote again would take long.
_PART = re.compile(
    r"""(?P<quoted>'(?:[^'\\]|\\.?)*(?:'|\Z)|"(?:[^"\\]|\\.?)*(?:"|\Z))|\{\{[-+]?(?P<braces>.*?)[-+]?\}\}""",
    re.DOTALL,
)
_BRACES = re.compile(r"\{\{[-+]?(.*?)[-+]?\}\}", re.DOTALL)


def parsed(text: str) -> ast.expr:
    """The syntax tree of an expression, as Python sees it, with placeholders in braces as what is in them.

    Raises:
        ExpressionError: it is no expression, or too long, or nested too deeply.
    """
    if len(text) > _LONGEST or text.count("{{") > _MOST_BRACES:
        raise ExpressionError(
            f"an expression has at most {_LONGEST:,} characters",
            remedy="Compare with a shorter text or list.",
        )
    try:
        tree = ast.parse(_PART.sub(_without_braces, text).strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as wrong:
        said = wrong.msg if isinstance(wrong, SyntaxError) else "it is nested too deeply"
        raise ExpressionError(f"not a valid expression: {said}", remedy=_remedy(text)) from None
    _check_depth(tree)
    return tree


#: What is written in place of what Python knows, with what to write.
_SLIPS = (
    (re.compile("[\u2018\u2019\u201c\u201d]"), "Use straight quotes, as in {{ a.answer }} == 'Yes'."),
    (re.compile(r"&&|\|\||\b(?:AND|OR|NOT)\b"), "Write and, or, not."),
    (re.compile(r"<>"), "Write != for unequal."),
    (re.compile(r"(?<![=!<>])=(?!=)"), "Two equals signs compare, as in {{ a.answer }} == 'Yes'."),
)


def _remedy(text: str) -> str:
    for slip, remedy in _SLIPS:
        if slip.search(text):
            return remedy
    return "Such as {{ a.answer }} == 'Yes'."


def _without_braces(part: re.Match[str]) -> str:
    inner = part["braces"]
    if inner is None:
        return part.group()
    if not inner.strip():
        raise ExpressionError(
            "there is nothing between the braces", remedy="Name a question, such as {{ a.answer }}."
        )
    return f"({inner.strip()})"


def _check_depth(tree: ast.expr) -> None:
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise ExpressionError("the expression is nested too deeply", remedy="Split it into several rules.")


def pieces(text: str) -> list[str | ast.expr]:
    """The parts of a quoted text that holds placeholders, such as ``'{{ scenario.z }}'``.

    Raises:
        ExpressionError: a placeholder is no expression.
    """
    parts = _BRACES.split(text)
    return [parsed(part) if i % 2 else part for i, part in enumerate(parts) if part or i % 2]


class Compared(NamedTuple):
    """A comparison of an answer with a value that is written out.

    Attributes:
        name: of the question.
        value: what it is compared with.
        within: whether the value is looked for in the answer, which is a list or a text then.
    """

    name: str
    value: Any
    within: bool = False


def compared(text: str) -> Iterator[Compared]:
    """The values with which an expression compares answers by ``==``, ``!=`` and ``in``.

    Raises:
        ExpressionError: it is no expression.
    """
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for left, how, right in zip(sides, node.ops, sides[1:], strict=False):
                if isinstance(how, ast.Eq | ast.NotEq):
                    yield from _equal(left, right)
                    yield from _equal(right, left)
                elif isinstance(how, ast.In | ast.NotIn):
                    yield from _contained(left, right)


def _equal(side: ast.expr, other: ast.expr) -> Iterator[Compared]:
    name = _answered(side)
    if name:
        yield from (Compared(name, value) for value in _written(other))


def _contained(item: ast.expr, whole: ast.expr) -> Iterator[Compared]:
    name, holder = _answered(item), _answered(whole)
    if name and isinstance(whole, ast.List | ast.Tuple | ast.Set):
        yield from (Compared(name, value) for part in whole.elts for value in _written(part))
    if holder:
        yield from (Compared(holder, value, within=True) for value in _written(item))


def _answered(node: ast.expr) -> str | None:
    """The question whose answer a name stands for: ``a`` or ``a.answer``."""
    if isinstance(node, ast.Attribute) and node.attr == "answer":
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _written(node: ast.expr) -> Iterator[Any]:
    """The value that is written out, if there is one; a text with placeholders is none."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError):
        return
    if not (isinstance(value, str) and "{{" in value):
        yield value


def renamed(text: str, names: Mapping[str, str]) -> str:
    """An expression with other names in it; what is quoted stays, but for placeholders.

    Parameters:
        names: new names by old ones.
    """
    if not names:
        return text
    name = re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, names)) + r")(?!\w)(?!\s*\()")

    def change(code: str) -> str:
        return name.sub(lambda found: names[found[1]], code)

    return _by_part(text, change)


def _by_part(text: str, change: Callable[[str], str]) -> str:
    """The text with everything changed that is not quoted, and placeholders in quotes too."""
    out: list[str] = []
    end = 0
    for part in _PART.finditer(text):
        out.append(change(text[end : part.start()]))
        inner = part["braces"]
        if inner is None:
            out.append(_BRACES.sub(lambda found: _changed_braces(found, change), part.group()))
        else:
            out.append(_changed_braces(part, change))
        end = part.end()
    return "".join([*out, change(text[end:])])


def _changed_braces(found: re.Match[str], change: Callable[[str], str]) -> str:
    whole, start = found.group(), found.start()
    which = "braces" if "braces" in found.re.groupindex else 1
    before, after = found.start(which) - start, found.end(which) - start
    return whole[:before] + _by_part(whole[before:after], change) + whole[after:]
