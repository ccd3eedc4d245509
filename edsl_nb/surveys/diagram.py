"""A survey as a picture: `Diagram` is Mermaid's text of it, which many tools draw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from edsl_nb.core.code import briefly
from edsl_nb.surveys.content import Content, Rule
from edsl_nb.surveys.flow import Flow


class Diagram(str):
    """A diagram in the language of Mermaid; notebooks that know it draw it, others show it as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        fenced = f"```mermaid\n{self}\n```"
        return {"text/vnd.mermaid": str(self), "text/markdown": fenced, "text/plain": str(self)}


class Dag(dict[int, set[int]]):
    """By position of a question, the positions of those that have to be decided before it.

    Parameters:
        flow: the order of asking.

    Calling it gives a plain dict, with names instead of positions where ``textify=True``.
    """

    def __init__(self, flow: Flow) -> None:
        super().__init__((i, set(needed)) for i, needed in enumerate(flow.needs) if needed)
        self._names = [question.question_name for question in flow.questions]

    def __call__(self, textify: bool = False) -> dict[int, set[int]] | dict[str, set[str]]:
        if not textify:
            return {i: set(needed) for i, needed in self.items()}
        return {self._names[i]: {self._names[n] for n in needed} for i, needed in self.items()}


def mermaid(content: Content, flow: Flow) -> Diagram:
    """The questions with the ways between them, and what is needed of whom."""
    lines = ["flowchart TD", *_nodes(content), *_ways(content)]
    for i, needed in enumerate(flow.needs):
        lines += [f"    q{n} -. needed .-> q{i}" for n in sorted(needed) if n != i - 1]
    return Diagram("\n".join(lines))


def _nodes(content: Content) -> Iterator[str]:
    members = {name: group for group, names in content.groups.items() for name in names}
    for i, question in enumerate(content.questions):
        name = question.question_name
        group = f" ({members[name]})" if name in members else ""
        yield f'    q{i}["{_quoted(f"{name}{group}: {briefly(question.question_text)}")}"]'
    yield '    stop(["End of survey"])'


def _ways(content: Content) -> Iterator[str]:
    last = len(content.questions)
    for i, question in enumerate(content.questions):
        yield f"    q{i} --> {_node(i + 1, last)}"
        for rule in content.rules:
            if rule.question == question.question_name:
                word = "skipped if " if rule.before else ""
                label = _quoted(word + briefly(rule.expression.text))
                yield f'    q{i} -->|"{label}"| {_node(_target(content, rule, i), last)}'


def _target(content: Content, rule: Rule, position: int) -> int:
    if rule.leads_to is None:
        return position + 1
    return content.positions[rule.leads_to] if isinstance(rule.leads_to, str) else len(content.questions)


def _node(position: int, last: int) -> str:
    return "stop" if position >= last else f"q{position}"


def _quoted(text: str) -> str:
    """A text that Mermaid takes as text."""
    safe = text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    return safe.replace("#", "&num;").replace("{", "&lbrace;").replace("}", "&rbrace;").replace("|", "&vert;")
