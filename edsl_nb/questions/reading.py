"""How a model's reply becomes an answer: exact, repaired by a named rule, or invalid. Never guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

How = Literal["exact", "repaired", "invalid"]


class Reading(NamedTuple):
    """What was read from a reply.

    Attributes:
        how: `exact`, `repaired` (by `rule`) or `invalid` (for `reason`).
        answer: the answer; None when invalid.
        comment: what the model said about its answer, or None.
    """

    how: How
    answer: Any = None
    comment: str | None = None
    rule: str | None = None
    reason: str | None = None


class _Form(NamedTuple):
    """One way to look at a reply: the part that may be the answer, the comment, the rule that led there."""

    text: str
    comment: str | None
    rule: str


_FENCE = re.compile(r"\A```[a-zA-Z]*\n(?P<inside>.*?)\n?```\Z", re.DOTALL)
_LABEL = re.compile(
    r"\A(?P<mark>[*_]{0,3})(?:my\s+|the\s+)?answer\s*(?:is\s*)?(?::(?P=mark)|(?P=mark):)", re.IGNORECASE
)
_EMPHASIS = ("***", "**", "__", "*", "_")
_QUOTES = ('""', "''", "“”", "‘’", "``", "«»")

#: Longer replies than this are no answers to a choice and are not searched for one.
_LONGEST = 100_000

#: Nobody wraps an answer more often than this.
_DEEPEST = 6


def read_choice(reply: str, options: Sequence[Any]) -> Reading:
    """Read a reply to a question that has one of `options` as its answer.

    An option copied as it stands, alone or on the first line, is exact. Other
    forms are tried rule by rule (see `_forms`); where they lead to different
    options the reply is invalid.
    """
    text = reply.strip()
    if not text:
        return Reading("invalid", reason="the reply is empty")
    if len(text) > _LONGEST:
        return Reading("invalid", reason=f"the reply has {len(text):,} characters, which is no choice")
    by_text = {str(option).strip(): option for option in options}
    if text in by_text:
        return Reading("exact", by_text[text])
    first, comment = _split(text)
    if first in by_text:
        return Reading("exact", by_text[first], comment)
    found: dict[str, _Form] = {}
    for form in _forms(text):
        for name, rule in _matches(form.text, by_text):
            found.setdefault(name, form._replace(rule=_joined(form.rule, rule)))
    if len(found) == 1:
        name, form = found.popitem()
        return Reading("repaired", by_text[name], form.comment, rule=form.rule)
    if found:
        names = " or ".join(repr(name) for name in found)
        return Reading("invalid", reason=f"the reply can be read as {names}")
    return Reading("invalid", reason=f"{_shorten(first)!r} is not one of the options")


def read_text(reply: str) -> Reading:
    """Read a reply to an open question: whatever it says, without the space around it."""
    return Reading("exact", reply.strip())


def _matches(text: str, by_text: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Options that a text names, with the rule: as it stands, else without regard to case."""
    if text in by_text:
        yield text, ""
        return
    folded = " ".join(text.casefold().split())
    for name in by_text:
        if " ".join(name.casefold().split()) == folded:
            yield name, "case"


def _forms(text: str) -> Iterator[_Form]:
    """The ways to look at a reply, each with its rule.

    fence: the inside of a code fence. json: the `answer` of a JSON object.
    label: after ``Answer:``. quotes, emphasis, full stop: without them.
    """
    forms = [_Form(text, None, "")]
    fenced = _FENCE.match(text)
    if fenced:
        text = fenced["inside"].strip()
        forms.append(_Form(text, None, "fence"))
    wrapped = _json_answer(text)
    if wrapped is not None:
        forms.append(_Form(*wrapped, _joined(forms[-1].rule, "json")))
        yield from forms
        return
    forms.append(_Form(*_split(text), forms[-1].rule))
    seen: set[str] = set()
    for form in forms:  # which grows meanwhile
        if form.text not in seen:
            seen.add(form.text)
            yield form
            if form.rule.count("+") + 1 < _DEEPEST:
                forms += (
                    _Form(bare, form.comment, _joined(form.rule, rule)) for bare, rule in _peeled(form.text)
                )


def _peeled(text: str) -> Iterator[tuple[str, str]]:
    """The text without its outermost wrapping, in every way to see one, and the rule for each."""
    label = _LABEL.match(text)
    if label:
        yield text[label.end() :].strip(), "label"
    for mark in _EMPHASIS:
        if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
            yield text[len(mark) : -len(mark)].strip(), "emphasis"
    for opening, closing in _QUOTES:
        if len(text) > 2 and text[0] == opening and text[-1] == closing:
            yield text[1:-1].strip(), "quotes"
    if text.endswith(".") and not text.endswith(".."):
        yield text[:-1].rstrip(), "full stop"


def _joined(*rules: str) -> str:
    return "+".join(filter(None, rules))


def _json_answer(text: str) -> tuple[str, str | None] | None:
    """Answer and comment of a reply that is a JSON object with an `answer`."""
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or "answer" not in value:
        return None
    answer, comment = value["answer"], value.get("comment")
    if isinstance(answer, dict | list) or answer is None:
        return None
    shown = answer if isinstance(answer, str) else json.dumps(answer)
    return shown.strip(), comment if isinstance(comment, str) and comment else None


def _split(text: str) -> tuple[str, str | None]:
    """The first line, and the rest as a comment."""
    first, _, rest = text.partition("\n")
    return first.strip(), rest.strip() or None


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
