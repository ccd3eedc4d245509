"""Templates in question texts and options: Jinja, sandboxed, strict about what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError

from edsl_nb.core.allowance import metered
from edsl_nb.core.errors import TemplateError, nearest
from edsl_nb.core.sandbox import Environment

T = TypeVar("T")

_environment = Environment()
#: What a text without placeholders has none of.
MARKS = ("{{", "{%", "{#")
_NO_FILTER = re.compile(r"No filter named '(.+)'")
_WHOLE = re.compile(r"\s*\{\{[-+]?(?P<expression>[^{}]+?)[-+]?\}\}\s*")


class Reference(NamedTuple):
    """A placeholder: ``{{ scenario.x }}`` is ("scenario", "x"), ``{{ x }}`` is ("x", None)."""

    root: str
    field: str | None

    def __str__(self) -> str:
        return "{{ " + (f"{self.root}.{self.field}" if self.field else self.root) + " }}"


class Fields:
    """Names and values as a template sees them: ``x.name`` looks up only, and runs nothing."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __dir__(self) -> list[str]:
        # No method: templates would find its name before a field's.
        return [str(name) for name in self._values]

    def __str__(self) -> str:
        return str(dict(self._values))


def values_of(fields: Any) -> dict[str, Any]:
    """A copy of the names and values that a template would see; none where these are no fields."""
    return dict(fields._values) if isinstance(fields, Fields) else {}  # pyright: ignore[reportPrivateUsage]


class Template:
    """A text with placeholders, compiled once.

    Parameters:
        text: the source; a text without placeholders renders to itself.

    Raises:
        TemplateError: the text is no valid template.
    """

    __slots__ = ("_compiled", "_expression", "_parts", "references", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._compiled = self._expression = None
        self._parts: list[str | Reference] | None = None
        self.references: frozenset[Reference] = frozenset()
        if not any(mark in text for mark in MARKS):
            return
        try:
            _environment.compile_safely(self._compile)
        except TemplateSyntaxError as wrong:
            raise TemplateError(
                f"not a valid template: {_in_plain_words(wrong.message or '')}",
                value=text,
                remedy=_remedy(wrong.message or ""),
            ) from None

    def _compile(self) -> None:
        tree = _environment.parse(self.text)
        self.references = frozenset(_references(tree))
        self._parts = _plain_parts(tree)
        self._compiled = _environment.from_string(tree)

    @property
    def constant(self) -> bool:
        """Whether the text has no placeholders."""
        return self._compiled is None

    def render(self, scope: Mapping[str, Any]) -> str:
        """The text with its placeholders filled from `scope`.

        Raises:
            TemplateError: a placeholder is not in the scope, or is not allowed.
        """
        return self.text if self._compiled is None else self._fill(self._text, scope)

    def value(self, scope: Mapping[str, Any]) -> Any:
        """What a text that is one placeholder, such as ``{{ scenario.options }}``, stands for, not as text.

        Raises:
            TemplateError: a placeholder is not in the scope, or is not allowed.
        """
        return self._fill(self._value, scope) if _WHOLE.fullmatch(self.text) else self.render(scope)

    def _text(self, scope: Mapping[str, Any]) -> str:
        if self._parts is not None:
            try:
                return "".join([p if isinstance(p, str) else str(_look_up(p, scope)) for p in self._parts])
            except KeyError:  # Jinja knows how to say what is missing
                return self._with_jinja(scope)
        return self._with_jinja(scope)

    def _with_jinja(self, scope: Mapping[str, Any]) -> str:
        assert self._compiled is not None
        compiled = self._compiled
        return metered(lambda: compiled.render(scope))

    def _value(self, scope: Mapping[str, Any]) -> Any:
        if self._expression is None:
            whole = _WHOLE.fullmatch(self.text)
            assert whole is not None
            self._expression = _environment.compile_expression(whole["expression"], undefined_to_none=False)
        expression = self._expression
        return metered(lambda: expression(scope))

    def _fill(self, fill: Callable[[Mapping[str, Any]], T], scope: Mapping[str, Any]) -> T:
        try:
            found = fill(scope)
            if isinstance(found, StrictUndefined):
                str(found)  # raises what is wrong with it
            return found
        except UndefinedError as missing:
            raise TemplateError(
                f"a placeholder has no value: {missing.message}", value=self.text, remedy=_there_are(scope)
            ) from None
        except SecurityError as refused:
            raise TemplateError(f"not allowed in a template: {refused}", value=self.text) from None
        except Exception as failure:  # noqa: BLE001 - templates are other people's code
            raise TemplateError(
                f"the template fails: {type(failure).__name__}: {failure}", value=self.text
            ) from None


#: Jinja's words for the signs that are missing or wrong.
_SIGNS = {
    "'end of print statement'": "'}}'",
    "'end of statement block'": "'%}'",
    "end of template": "end of the text",
}


def _in_plain_words(message: str) -> str:
    for words, sign in _SIGNS.items():
        message = message.replace(words, sign)
    return message.rstrip(".")


def _remedy(message: str) -> str:
    named = _NO_FILTER.match(message)
    if named:
        return nearest(named[1], _environment.filters)
    return "Placeholders look like {{ scenario.x }} or {{ agent.x }}."


def _there_are(scope: Mapping[str, Any]) -> str:
    """What a placeholder may name, as a remedy."""
    names = sorted(str(name) for name in scope)
    if not names:
        return "Nothing is known here to put in its place."
    return f"There are: {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}."


def _plain_parts(tree: nodes.Template) -> list[str | Reference] | None:
    """The parts of a template that only fills in names, which needs no Jinja, or None for other templates."""
    parts: list[str | Reference] = []
    for output in tree.body:
        if not isinstance(output, nodes.Output):
            return None
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                parts.append(node.data)
            elif isinstance(node, nodes.Name):
                parts.append(Reference(node.name, None))
            elif (
                isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.attr[0] != "_"
            ):
                parts.append(Reference(node.node.name, node.attr))
            else:
                return None
    return parts


def _look_up(reference: Reference, scope: Mapping[str, Any]) -> Any:
    """What a reference stands for.

    Raises:
        KeyError: nothing, or something that is Jinja's to find.
    """
    root, field = reference
    found = scope[root]
    if field is None:
        return found
    if type(found) is not Fields:
        raise KeyError(field)
    return found[field]


def _references(tree: nodes.Template) -> Iterator[Reference]:
    from jinja2 import meta

    free = meta.find_undeclared_variables(tree)
    inner: set[int] = set()
    for node in tree.find_all((nodes.Getattr, nodes.Getitem)):
        target = node.node
        if isinstance(target, nodes.Name) and target.name in free:
            field = node.attr if isinstance(node, nodes.Getattr) else _constant(node.arg)
            inner.add(id(target))
            yield Reference(target.name, field)
    for name in tree.find_all(nodes.Name):
        if name.name in free and id(name) not in inner:
            yield Reference(name.name, None)


def _constant(node: nodes.Expr) -> str | None:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else None


@lru_cache(maxsize=8192)
def template(text: str) -> Template:
    """The compiled template of a text, kept for the next time."""
    return Template(text)
