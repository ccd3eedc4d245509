"""JSON and Python literals in replies: lists and objects, alone, in a fence, or with text around them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, NoReturn, cast

from edsl_nb.questions.reading.base import Reading
from edsl_nb.questions.reading.forms import doubtful, joined, shorten
from edsl_nb.questions.reading.python_literals import python_literal

#: Longer replies than this hold no answer that anybody asked for, and are not searched.
LONGEST = 200_000

#: Deeper lists in lists than this are no answer.
DEEPEST = 50

#: A reply with more brackets than this outside of literals, or more literals, is an argument, not an answer.
_MOST = 50


class Literal(NamedTuple):
    """A list or an object that a reply holds.

    Attributes:
        value: the list or dict.
        comment: the text after it, or the ``comment`` of the object around it.
        rule: what had to be overlooked, joined by ``+``; empty where the reply
            is JSON, followed by nothing or by lines of comment.
    """

    value: list[Any] | dict[str, Any]
    comment: str | None
    rule: str


def literals(text: str) -> Iterator[Literal]:
    """Every list or object in a reply, in order; one that stands within another is not one of its own.

    An object with an ``answer`` that is a list or an object is given as it
    stands, then its answer alone, by the rule ``json``. Nothing is given where a
    literal is broken off, or longer or deeper than an answer can be, nor where
    one follows a word of negation, choice or condition on its line. Where the
    reply starts with a literal as it is asked for, that is the one that is given.

    Rules: ``python`` (single quotes, None, tuples, a comma too many), ``fence``,
    ``label`` (after ``Answer:``), ``emphasis``, ``text around``, ``json``.
    """
    text = text.strip()
    if len(text) > LONGEST or not ("[" in text or "{" in text):
        return
    for span in _undoubted(_spans(text), text):
        around, comment = _around(text[: span.start], text[span.end :])
        rule = joined(around, span.rule)
        yield Literal(span.value, comment, rule)
        yield from _unwrapped(span.value, comment, rule)


def settle(readings: Iterable[Reading], otherwise: str) -> Reading:
    """The one answer of all that a reply can be read as.

    Parameters:
        readings: a reading for each way to look at the reply.
        otherwise: the reason, where there are none.

    Returns:
        An exact reading before a repaired one where all agree; `invalid` where
        they differ, or with the first reason where none is valid.
    """
    best: Reading | None = None
    reason = None
    for reading in readings:
        if reading.how == "invalid":
            reason = reason or reading.reason
            continue
        if best is not None and not _are_equal(best.answer, reading.answer):
            ways = f"{shorten(_content(best.answer))} or {shorten(_content(reading.answer))}"
            return Reading("invalid", reason=f"the reply can be read as {ways}")
        if best is None or (best.how, reading.how) == ("repaired", "exact"):
            best = reading
    return best or Reading("invalid", reason=reason or otherwise)


def too_long(reply: str) -> Reading | None:
    """`invalid`, where a reply is too long to be an answer."""
    if len(reply) <= LONGEST:
        return None
    return Reading("invalid", reason=f"the reply has {len(reply):,} characters, which is no such answer")


# Finding them


class _Span(NamedTuple):
    value: list[Any] | dict[str, Any]
    start: int
    end: int
    rule: str


_OPENING = re.compile(r"""[\[{](?=\s*+(?:["'\[{(\]}\d.-]|(?:None|null|[Tt]rue|[Ff]alse)\b))""")

#: What is meant as a literal, where it turns out to be none.
_MEANT = re.compile(r"""\[\s*+(?:["'\[{(]|-?\d[\d.eE+-]*+\s*+[,\]]|[A-Za-z]++\s*+,)|\{\s*+["'\d]""")

#: The box of a markdown task list, which is no list.
_BOX = re.compile(r"(?:^|\n)[ \t]*+(?:[-*+]|\d{1,4}[.)])[ \t]++\Z")


def _spans(text: str) -> list[_Span]:
    """The literals of a text; none where one is broken off, unless the reply starts with a whole one."""
    spans: list[_Span] = []
    end = 0
    for _ in range(_MOST):
        opening = _OPENING.search(text, end)
        if opening is None:
            return spans
        end = opening.end()
        if not _is_box(text, opening.start()):
            found = _literal_at(text, opening.start())
            if found:
                spans.append(found)
                end = found.end
            elif _MEANT.match(text, opening.start()):
                return spans[:1] if spans and _as_asked(spans[0], text) else []
    return []


def _undoubted(spans: list[_Span], text: str) -> list[_Span]:
    """The literals, unless what is said before one is such that it may not be meant."""
    meant = [s for s in spans if not doubtful(text[: s.start].rstrip().rpartition("\n")[2])]
    if len(meant) == len(spans) or _as_asked(spans[0], text):
        return meant
    return []


def _is_box(text: str, start: int) -> bool:
    return text.startswith(("[ ]", "[]"), start) and bool(_BOX.search(text, max(0, start - 50), start))


def _as_asked(span: _Span, text: str) -> bool:
    return span.start == 0 and text[span.end :].lstrip(" \t")[:1] in ("", "\n", "\r")


def _literal_at(text: str, start: int) -> _Span | None:
    for parse, rule in ((_json_literal, ""), (python_literal, "python")):
        found = _attempt(parse, text, start)
        if found is not None and _is_sane(found[0]):
            return _Span(*found[:1], start, found[1], rule)
    return None


def _attempt(parse: Callable[[str, int], tuple[Any, int]], text: str, start: int) -> tuple[Any, int] | None:
    try:
        return parse(text, start)
    except (ValueError, RecursionError):
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, unless it says a name twice."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name twice")
    return made


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("too large")
    return value


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


_json_literal = json.JSONDecoder(
    object_pairs_hook=_once, parse_float=_finite, parse_constant=_no_number
).raw_decode


def _is_sane(value: Any) -> bool:
    """Whether a value can be kept: not too deep, and of whole characters."""
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for container in level:
            parts: Iterable[Any] = container
            if isinstance(container, dict):
                named = cast(dict[str, Any], container)
                parts = (*named, *named.values())
            for part in parts:
                if isinstance(part, list | dict):
                    inner.append(part)
                elif isinstance(part, str) and not _is_whole(part):
                    return False
        if not inner:
            return True
        level = inner
    return False


def _is_whole(text: str) -> bool:
    """Whether a text has no halves of characters, which no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# What is around them

_FENCED = re.compile(r"```[a-zA-Z0-9]{0,12}\s*+\Z")
_LABELLED = re.compile(
    r"\A(?P<mark>[*_]{0,3})(?:my\s+|the\s+)?answer\s*+(?:is\s*+)?(?::(?P=mark)|(?P=mark):)\s*+\Z",
    re.IGNORECASE,
)
_MARKS = {("***", "***"), ("**", "**"), ("*", "*"), ("__", "__"), ("_", "_"), ("`", "`")}


def _around(before: str, after: str) -> tuple[str, str | None]:
    """The rule for the text around a literal, and the comment after it."""
    rules: list[str] = []
    fence = _FENCED.search(before, max(0, len(before) - 40))
    if fence and after.lstrip().startswith("```"):
        rules.append("fence")
        before, after = before[: fence.start()], "\n" + after.lstrip().removeprefix("```")
    before = before.strip()
    first, _, rest = after.partition("\n")
    first = first.strip()
    if (before, first) in _MARKS:
        before, first = "", ""
        rules.append("emphasis")
    if before and len(before) < 100 and _LABELLED.match(before):
        before = ""
        rules.append("label")
    if before or first:
        rules.insert(0, "text around")
    comment = f"{first}\n{rest}".strip().removeprefix("```").strip()
    return joined(*rules), comment or None


def _unwrapped(value: Any, comment: str | None, rule: str) -> Iterator[Literal]:
    """The answer within ``{"answer": ..., "comment": ...}``."""
    if not isinstance(value, dict) or "answer" not in value:
        return
    named = cast(dict[str, Any], value)
    answer, said = named["answer"], named.get("comment")
    if isinstance(answer, list | dict):
        said = said.strip() if isinstance(said, str) else None
        yield Literal(cast(Any, answer), said or comment, joined(rule, "json"))


def _are_equal(one: Any, other: Any) -> bool:
    if type(one) is type(other) and isinstance(one, str | int | float):
        return one == other
    return _content(one) == _content(other)


def _content(answer: Any) -> str:
    """Text that is equal for equal answers; 1, 1.0 and True are not equal."""
    return json.dumps(answer, sort_keys=True, ensure_ascii=False, default=repr)
