"""Answers that are addresses on the web."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv6Address
from random import Random
from typing import Any
from urllib.parse import urlsplit

from edsl_nb.questions.reading.base import AnswerSpace, Reading
from edsl_nb.questions.reading.forms import LONGEST, doubtful, forms, joined, shorten, split

#: Longer ones are not understood everywhere.
_LONGEST_URL = 8_000

_SHAPE = re.compile(r"https?://[^\s<>\"`\\^{}\x00-\x20\x7f]+", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_ANGLES = re.compile(r"<(?P<url>[^<>\s]+)>")
_LINK = re.compile(
    r"\[(?P<text>[^\[\]]{0,2000})\]\(\s*+<?(?P<url>[^\s<>]+?)>?(?:\s++[\"'][^\"'\n]*[\"'])?\s*+\)"
)

#: What ends a sentence rather than an address.
_AFTER = ".,;:!?'\"*_…”’»"

#: What no address holds, and what does not come after one either.
_BREAKS = tuple("<\\^{}")
_PAIRS = {")": "(", "]": "["}


class Url(AnswerSpace):
    """An absolute address, ``http`` or ``https``.

    Rules besides those of `forms`: ``angle brackets`` (``<https://...>``),
    ``link`` (``[name](https://...)``), and ``text around``, where a reply holds one
    address and its line no word of doubt. Marks that end a sentence do not
    belong to an address within one.
    """

    @property
    def schema(self) -> Mapping[str, Any] | None:
        return {"type": "string", "format": "uri"}

    def read(self, reply: str) -> Reading:
        text = reply.strip()
        if is_url(text):
            return Reading("exact", text)
        if not text:
            return Reading("invalid", reason="the reply is empty")
        if len(text) > LONGEST:
            return Reading("invalid", reason=f"the reply has {len(text):,} characters, which is no URL")
        first, comment = split(text)
        if is_url(first):
            return Reading("exact", first, comment)
        found: dict[str, Reading] = {}
        for reading in _readings(text):
            found.setdefault(reading.answer, reading)
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            named = " or ".join(shorten(url) for url in list(found)[:3])
            return Reading("invalid", reason=f"the reply can be read as {named}")
        return Reading("invalid", reason=f"{shorten(first)!r} is no URL that starts with http:// or https://")

    def check(self, value: Any) -> Reading:
        if isinstance(value, str) and is_url(value.strip()):
            return Reading("exact", value.strip())
        return Reading(
            "invalid", reason=f"{shorten(repr(value))} is no URL that starts with http:// or https://"
        )

    def draw(self, random: Random) -> Any:
        return f"https://example.org/page/{random.randrange(10_000)}"

    def write(self, answer: Any) -> str:
        return str(answer)


def _readings(text: str) -> list[Reading]:
    """What a reply can be read as: by the plainest form that is an address, else by the text around one."""
    for form in forms(text):
        named = [
            Reading("repaired", url, form.comment, joined(form.rule, rule)) for url, rule in _named(form.text)
        ]
        if named:
            return named
    return _within(text)


def is_url(text: str) -> bool:
    """Whether a text is an absolute address as it stands."""
    if len(text) > _LONGEST_URL or not _SHAPE.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        return False
    return bool(host) and port != 0 and _is_host(host, parts.netloc)


def _is_host(host: str, netloc: str) -> bool:
    if "[" in netloc:
        try:
            IPv6Address(host.partition("%")[0])
        except ValueError:
            return False
        return True
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.split("."))


def _named(text: str) -> Iterator[tuple[str, str]]:
    """The address that a text is, with the rule."""
    if is_url(text):
        yield text, ""
    for shape, rule in ((_ANGLES, "angle brackets"), (_LINK, "link")):
        match = shape.fullmatch(text)
        if match and is_url(match["url"]):
            yield match["url"], rule
            name = match.groupdict().get("text") or ""
            if is_url(name.strip()):
                yield name.strip(), rule


def _within(text: str) -> list[Reading]:
    """The addresses in a text; none where the line of one holds a word that puts it in doubt."""
    found: list[Reading] = []
    for start, line in _lines(text):
        spans = list(_spans(line))
        if not spans:
            continue
        if doubtful("".join(line[a:b] for a, b in _between(spans, len(line)))):
            return []
        after = text[start + len(line) :].strip() or None
        found += (Reading("repaired", line[a:b], after, "text around") for a, b in spans)
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _spans(line: str) -> Iterator[tuple[int, int]]:
    """Where addresses stand in a line."""
    for match in _SHAPE.finditer(line):
        url = _without_marks(match[0])
        if is_url(url) and line[match.end() : match.end() + 1] not in _BREAKS:
            yield match.start(), match.start() + len(url)


def _between(spans: list[tuple[int, int]], end: int) -> Iterator[tuple[int, int]]:
    last = 0
    for start, stop in spans:
        yield last, start
        last = stop
    yield last, end


def _without_marks(url: str) -> str:
    """An address as it stands in a sentence, without the marks after it; brackets stay where they belong."""
    if len(url) > 2 * _LONGEST_URL:
        return url
    # A link's address ends at the bracket that the address has not opened.
    depth = {"(": 0, "[": 0}
    for position, char in enumerate(url):
        if char in depth:
            depth[char] += 1
        elif char in _PAIRS:
            depth[_PAIRS[char]] -= 1
            if depth[_PAIRS[char]] < 0:
                url = url[:position]
                break
    return url.rstrip(_AFTER)
