"""Ways to look at a reply as one text: without its wrapping, without the comment after it."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

#: Longer replies are looked at only as they stand; they are no answers to a question that wants one text.
LONGEST = 100_000

#: Nobody wraps an answer more often than this.
_DEEPEST = 6

#: What stands before a fenced answer is an announcement, no essay.
_LONGEST_LEAD = 300

_FENCE = "```"
_ONE_LINE_FENCE = re.compile(r"\A```(?:(?:json|python|py|text|txt|plaintext)\s)?(?P<inside>[^\n`]+)```\Z")
_LABEL = re.compile(
    r"\A(?P<mark>[*_]{0,3})(?:(?:my|the|final|correct|best)\s+){0,2}"
    r"(?:answer|choice|selection|response|reply|rating|score)\s*+(?:is\s*+)?(?::(?P=mark)|(?P=mark):)",
    re.IGNORECASE,
)
_EMPHASIS = ("***", "**", "__", "*", "_")
_QUOTES = ('""', "''", "“”", "‘’", "``", "«»", "„“")
_OPENING_QUOTES = "".join(pair[0] for pair in _QUOTES)

#: Words that turn what is named next to them into something other than the answer.
_DOUBT = re.compile(
    r"\b(?:not|no|nor|never|neither|none|cannot|without|or|either|except|but|unless|instead|rather|than|if|apart|besides"
    r"|avoid|exclud\w*|reject\w*|although|however|whether|versus|vs|isn|wouldn|don|won|can|couldn|shouldn"
    r"|doesn|didn|ain|hardly|barely|against|wrong|incorrect|false|anything|opposite|between|less|unlike"
    r"|dislike\w*|hate\w*|refus\w*|declin\w*|unable|maybe|perhaps|impossible|might|could|sometimes"
    r"|mean|meant|actually|wait|kidding|jok(?:e|ing)|sorry|correction|unsure|uncertain|depend\w*|pretend\w*)\b|n[’']t\b",
    re.IGNORECASE,
)


class Form(NamedTuple):
    """One way to look at a reply.

    Attributes:
        text: the part that may be the answer, stripped and not empty.
        comment: what follows it, or None.
        rule: the rules that led there, joined by ``+``; empty for the reply itself and its first line.
    """

    text: str
    comment: str | None = None
    rule: str = ""


def forms(text: str) -> Iterator[Form]:
    """Every way to look at a stripped reply as one text, the plainest first and each text once.

    ==============  ==========================================================
    rule            what is taken
    ==============  ==========================================================
    (none)          the reply; its first line, with the rest as the comment
    fence           the inside of a code fence, with what follows as the comment
    text around     goes with ``fence`` and ``label`` where there is text before
    json            the `answer` of ``{"answer": ..., "comment": ...}``
    label           what follows ``Answer:``, ``My choice is:`` and the like, at
                    the start, or in the last line where no other line has one
    quotes          the text without quotation marks or backticks around it
    emphasis        the text without ``*`` or ``_`` around it
    full stop       the text without a final full stop or exclamation mark
    ==============  ==========================================================

    Rules are combined, up to six of them. Where two forms lead to different
    answers a reply is invalid; that is for the answer space to find.

    Parameters:
        text: the reply, without white space at its ends.

    Example:
        >>> [form.text for form in forms("**Blue**")]
        ['**Blue**', 'Blue', '*Blue*']
    """
    queue = deque([Form(text)])
    if len(text) > LONGEST:
        yield queue.popleft()
    seen = {text}
    while queue:
        form = queue.popleft()
        yield form
        for step in _steps(form.text):
            if step.text and step.text not in seen:
                rule = joined(form.rule, step.rule)
                if rule.count("+") < _DEEPEST:
                    seen.add(step.text)
                    queue.append(Form(step.text, step.comment or form.comment, rule))


def joined(*rules: str) -> str:
    """Names of rules in one; empty ones are left out."""
    return "+".join(filter(None, rules))


def split(text: str) -> tuple[str, str | None]:
    """The first line of a text, and the rest as a comment, both stripped."""
    first, _, rest = text.partition("\n")
    return first.strip(), rest.strip() or None


def shorten(text: str) -> str:
    """A text for a message: at most 60 characters."""
    return text if len(text) <= 60 else text[:57] + "..."


def doubtful(text: str) -> bool:
    """Whether a text holds a word of negation, choice or condition: what it names may not be meant."""
    return _DOUBT.search(text) is not None


def _steps(text: str) -> Iterator[Form]:
    """A text with one layer taken off, in every way to see one."""
    if "\n" in text:
        yield Form(*split(text))
    if _FENCE in text:
        yield from _unfenced(text)
    if text[0] == "{":
        yield from _wrapped(text)
    label = _LABEL.match(text) if ":" in text else None
    if label:
        yield Form(text[label.end() :].strip(), rule="label")
    elif "\n" in text:
        yield from _concluding(text)
    if text[0] in "*_":
        for mark in _EMPHASIS:
            if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
                yield Form(text[len(mark) : -len(mark)].strip(), rule="emphasis")
    if text[0] in _OPENING_QUOTES:
        yield from _unquoted(text)
    if text[-1] in ".!" and text[-2:-1] not in (".", "!", "?"):
        yield Form(text[:-1].rstrip(), rule="full stop")


def _concluding(text: str) -> Iterator[Form]:
    """What follows the only label of a text, in its last line; the lines before are the comment."""
    before, _, last = text.rpartition("\n")
    label = _LABEL.match(last.strip()) if ":" in last else None
    if label and not any(_LABEL.match(line.strip()) for line in before.split("\n")):
        yield Form(last.strip()[label.end() :].strip(), before.strip(), "text around+label")


def _unfenced(text: str) -> Iterator[Form]:
    """The inside of the only code fence in a text."""
    short = _ONE_LINE_FENCE.match(text)
    if short:
        yield Form(short["inside"].strip(), rule="fence")
        return
    lines = text.split("\n")
    marks = [i for i, line in enumerate(lines) if line.lstrip().startswith(_FENCE)]
    if len(marks) != 2 or lines[marks[1]].strip() != _FENCE:
        return
    start, end = marks
    before, inside, after = (
        "\n".join(part) for part in (lines[:start], lines[start + 1 : end], lines[end + 1 :])
    )
    if len(before) > _LONGEST_LEAD or doubtful(before):
        return
    rule = "fence+text around" if before.strip() else "fence"
    yield Form(inside.strip(), after.strip() or None, rule)


def _wrapped(text: str) -> Iterator[Form]:
    """The answer in a JSON object, where it is one text, number or boolean."""
    if text[-1] != "}":
        return
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(found, dict):
        return
    wrapper = cast(dict[str, Any], found)
    answer, comment = wrapper.get("answer"), wrapper.get("comment")
    if isinstance(answer, str | int | float):
        shown = answer if isinstance(answer, str) else json.dumps(answer)
        yield Form(shown.strip(), comment if isinstance(comment, str) and comment else None, "json")


def _unquoted(text: str) -> Iterator[Form]:
    """A text without the quotation marks around it, its escapes undone where JSON has them."""
    if len(text) < 3 or text[0] + text[-1] not in _QUOTES:
        return
    if text[0] == "`":
        yield from _unticked(text)
        return
    yield Form(text[1:-1].strip(), rule="quotes")
    if text[0] == '"' and "\\" in text:
        try:
            yield Form(str(json.loads(text)).strip(), rule="quotes")
        except ValueError:
            return


def _unticked(text: str) -> Iterator[Form]:
    """A text without the backticks around it, which are as many on both sides."""
    inside = text.strip("`")
    marks = text.find(inside) if inside else 0
    if marks and len(text) == len(inside) + 2 * marks:
        yield Form(inside.strip(), rule="quotes")
