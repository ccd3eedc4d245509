"""Answers that are markdown documents."""

from __future__ import annotations

import re

from edsl_nb.questions.reading.base import Reading
from edsl_nb.questions.reading.text import Text

#: A line that opens or closes a code block: its marks, and what is said of the code.
_FENCE = re.compile(r"[ ]{0,3}(?P<marks>`{3,}|~{3,})[ \t]*+(?P<of>[^`\n]*)")

#: What a block may say of its code and still be the document itself.
_DOCUMENT = ("", "markdown", "md")


class Markdown(Text):
    """Any text, stripped; one code block that holds the whole of it is taken off, by the rule ``fence``."""

    def read(self, reply: str) -> Reading:
        text = reply.strip()
        inside = _inside(text)
        return Reading("exact", text) if inside is None else Reading("repaired", inside, rule="fence")

    def write(self, answer: str) -> str:
        if _inside(answer) is None:
            return answer
        # It is in a block itself, which would be taken off.
        marks = "`" * (max(map(len, re.findall(r"`+", answer)), default=0) + 1)
        return f"{max(marks, '```', key=len)}markdown\n{answer}\n{max(marks, '```', key=len)}"


def _inside(text: str) -> str | None:
    """What the one code block holds that is a text as a whole, or None."""
    first, _, rest = text.partition("\n")
    opening = _FENCE.fullmatch(first)
    if opening is None or opening["of"].strip().lower() not in _DOCUMENT:
        return None
    lines = rest.split("\n")
    if not rest or not _closes(lines[-1], opening["marks"]):
        return None
    within: str | None = None  # marks of a block in the document
    for line in lines[:-1]:
        fence = _FENCE.fullmatch(line)
        if fence is None:
            continue
        if within is not None:
            within = None if _closes(line, within) else within
        elif _closes(line, opening["marks"]):
            return None  # the document goes on behind the block
        else:
            within = fence["marks"]
    return None if within is not None else "\n".join(lines[:-1]).strip()


def _closes(line: str, marks: str) -> bool:
    fence = _FENCE.fullmatch(line)
    return bool(
        fence
        and not fence["of"].strip()
        and fence["marks"][0] == marks[0]
        and len(fence["marks"]) >= len(marks)
    )
