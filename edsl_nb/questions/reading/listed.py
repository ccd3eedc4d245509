"""Lists of options in plain text: by commas, by lines, with bullets or numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from edsl_nb.questions.reading.forms import doubtful
from edsl_nb.questions.reading.names import Match

#: What a text names, or None where that is no option, or not clear.
Item = Callable[[str], Match | None]


class ItemSyntax(NamedTuple):
    """How the items of a list are read.

    Attributes:
        item: says what a text names.
        numbered: whether numbers may stand before options; not where they could be codes.
        widest: pieces that an option's text can be cut into at separators.
    """

    item: Item
    numbered: bool
    widest: int


_SEPARATOR = re.compile(
    r"(?:[,;](?:\s++(?:and|then)(?=\s))?|(?<=\s)(?:and|&|then|>)(?=\s))\s*+", re.IGNORECASE
)
_BULLET = re.compile(r"(?:[-*•+]|\(?(?P<number>\d{1,3})[.)])\s+(?=\S)")

#: Longer lists name no options.
_MOST_PIECES = 500
_LONGEST_LEAD = 200
#: Lines of a comment in which one looks for options that are not on the list above it.
_LINES_LOOKED_AT = 50


class Listing(NamedTuple):
    """The options of a list.

    Attributes:
        matches: in order.
        comment: what follows the list, or None.
        rule: how the list is written.
    """

    matches: tuple[Match, ...]
    comment: str | None
    rule: str


def listings(text: str, comment: str | None, items: ItemSyntax) -> Iterator[Listing]:
    """The lists of options that a text can be read as.

    commas: in one line, with commas, semicolons, "and" or ``>`` between options.
    lines: one a line. bullets, numbered: the same with marks. one option: there is
    no list. brackets: a list without quotation marks.

    Parameters:
        text: one line, or the whole reply.
        comment: the lines that follow it, where nothing says that they are no items.
        items: how items are read.
    """
    if "\n" in text:
        yield from _by_lines(text.split("\n"), items)
    elif comment is None or _comments(comment.split("\n"), items.item):
        yield from _in_a_line(text, comment, items)


# In one line


def _in_a_line(text: str, comment: str | None, items: ItemSyntax) -> Iterator[Listing]:
    rule = ""
    if text[0] == "[" and text[-1] == "]":
        text, rule = text[1:-1].strip(), "brackets"
    else:
        text = _unmarked(text, items.numbered)
    if not text:
        return
    for matches in _segmented(text, items.item, items.widest):
        yield Listing(matches, comment, rule or ("commas" if len(matches) > 1 else "one option"))


def separators(text: str) -> int:
    """How many separators an option's text holds itself."""
    return len(_SEPARATOR.findall(text))


def _segmented(text: str, item: Item, widest: int) -> list[tuple[Match, ...]]:
    """How a text can be cut at separators so that every part names an option: none, one or two ways.

    Options may hold separators themselves, so parts may have up to `widest` pieces.
    """
    cuts = [(found.start(), found.end()) for found in _SEPARATOR.finditer(text)]
    if len(cuts) >= _MOST_PIECES:
        return []
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    ways: list[list[tuple[Match, ...]]] = [[] for _ in starts] + [[()]]
    for first in range(len(starts) - 1, -1, -1):
        for last in range(first, min(first + widest, len(ends))):
            match = item(text[starts[first] : ends[last]].strip()) if ways[last + 1] else None
            if match:
                ways[first] += [(match, *rest) for rest in ways[last + 1]]
        ways[first] = ways[first][:2]
    return ways[0]


# By lines


def _by_lines(lines: list[str], items: ItemSyntax) -> Iterator[Listing]:
    lines = [line.strip() for line in lines]
    marked = [place for place, line in enumerate(lines) if _BULLET.match(line)]
    if marked:
        yield from _with_marks(lines, marked, items)
    else:
        yield from _one_a_line(lines, items.item)


def _with_marks(lines: list[str], marked: list[int], items: ItemSyntax) -> Iterator[Listing]:
    start, end = marked[0], marked[-1] + 1
    lead = "\n".join(lines[:start]).strip()
    inside = [line for line in lines[start:end] if line]
    if len(inside) != len(marked) or len(inside) > _MOST_PIECES or not _announces(lead, items.item):
        return
    matches = [items.item(_unmarked(line, items.numbered)) for line in inside]
    known = tuple(match for match in matches if match)
    if len(known) == len(matches) and _comments(lines[end:], items.item):
        rule = "numbered" if all(line[0].isdigit() or line[0] == "(" for line in inside) else "bullets"
        yield Listing(known, _text(lines[end:]), "text around+" + rule if lead else rule)


def _announces(lead: str, item: Item) -> bool:
    """Whether what stands before a list only announces it."""
    if not lead:
        return True
    short = len(lead) <= _LONGEST_LEAD and lead.rstrip("*_").endswith(":")
    return short and not doubtful(lead) and not any(item(line.strip(" :*_")) for line in lead.split("\n"))


def _one_a_line(lines: list[str], item: Item) -> Iterator[Listing]:
    known: list[Match] = []
    rest: list[str] = []
    for place, line in enumerate(lines):
        match = item(line.rstrip(",;")) if line else None
        if match:
            known.append(match)
        elif line:
            rest = lines[place:]
            break
    if len(known) > 1 and _comments(rest, item):
        yield Listing(tuple(known), _text(rest), "lines")


def _comments(lines: list[str], item: Item) -> bool:
    """Whether the lines after a list are a comment rather than more items, be they options or not."""
    said = [line.strip() for line in lines if line.strip()][:_LINES_LOOKED_AT]
    if not said:
        return True
    sentence = len(said[0].split()) > 2 and said[0].endswith((".", "!", "?", ".)", '."'))
    return sentence and not any(_BULLET.match(line) or item(line) for line in said)


def _unmarked(line: str, numbered: bool) -> str:
    mark = _BULLET.match(line)
    if mark is None or (mark["number"] and not numbered):
        return line
    return line[mark.end() :].strip()


def _text(lines: list[str]) -> str | None:
    return "\n".join(lines).strip() or None
