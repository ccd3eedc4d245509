"""Conversations as HTML for viewers without a kernel: escaped, without scripts, never large."""

from __future__ import annotations

from edsl_nb.core.transcripts import Conversation, Turn
from edsl_nb.widgets.static_html import BOX, DIM, HEAD, SIZE_LIMIT, escaped, remark
from edsl_nb.widgets.words import cell_text, count

#: Turns shown and characters of each, tried one after the other until it fits.
_SIZES = ((60, 4_000), (60, 600), (40, 200), (20, 60))

_COLOURS = {"agent": "#4386c9", "user": "rgba(128,128,128,.55)", "system": "rgba(128,128,128,.3)"}


def transcript_html(conversation: Conversation) -> str:
    """A conversation's beginning, as much of it as there is room for."""
    html = ""
    for turns, characters in _SIZES:
        html = _transcript(conversation, turns, characters)
        if len(html.encode()) <= SIZE_LIMIT:
            break
    return html


def _transcript(conversation: Conversation, turns: int, characters: int) -> str:
    facts = " · ".join(
        f"{name} {cell_text(value)}" for name, value in conversation.facts if value is not None
    )
    said = "".join(_turn(turn, characters) for turn in conversation.turns[:turns])
    left = len(conversation.turns) - turns
    more = remark(f"and {count(left, 'turns')} more") if left > 0 else ""
    head = f'<div style="{HEAD}">{escaped(conversation.title)}</div>'
    body = said or remark("Nothing was said")
    return f'<div style="{BOX}">{head}{remark(facts) if facts else ""}{body}{more}</div>'


def _turn(turn: Turn, characters: int) -> str:
    number = "" if turn.number is None else count(turn.number)
    length = count(len(turn.text), "characters") if turn.role != "note" else ""
    said = " · ".join(part for part in (number, turn.role, turn.about, *turn.marks, length) if part)
    colour = _COLOURS.get(turn.role, "transparent")
    text = escaped(turn.text, characters)
    return (
        f'<div style="margin-top:8px;padding-left:10px;border-left:3px solid {colour}">'
        f'<div style="font-size:11px;{DIM}">{escaped(said)}</div>'
        f'<div style="white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext">{text}</div></div>'
    )
