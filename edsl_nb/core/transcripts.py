"""The one shape in which conversations are shown: those of interviews, and those of a task's samples."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from edsl_nb.core.objects import Shown
from edsl_nb.core.tables import Cell

#: Who speaks: ``note`` is what was made of a reply, or of the whole, and was said by nobody.
Role = Literal["system", "user", "agent", "note"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that was said, or was made of it.

    Parameters:
        role: who speaks.
        text: what was said.
        number: its place among the turns, from 0; None of what is no turn.
        about: what it is about, such as a question's name.
        marks: what is to be known of it, such as ``injected``.
    """

    role: Role
    text: str
    number: int | None = None
    about: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation.

    Parameters:
        title: whose it is.
        turns: what was said, in order.
        facts: what is known of it, by name, such as its status.
    """

    title: str
    turns: Sequence[Turn]
    facts: Sequence[tuple[str, Cell]] = ()

    def to_dict(self) -> dict[str, Any]:
        """The conversation as plain data: title, facts, and turns with what is known of each."""
        return {"title": self.title, **dict(self.facts), "turns": [_plain(turn) for turn in self.turns]}

    def to_json(self) -> str:
        """The conversation as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)

    def text(self) -> str:
        """The conversation as plain text."""
        facts = [f"{name}: {value}" for name, value in self.facts if value is not None]
        head = "\n".join([self.title, *facts])
        return "\n\n".join([head, *(f"{heading(turn)}\n{turn.text}" for turn in self.turns)])


def heading(turn: Turn) -> str:
    """What stands above a turn in plain text: ``2 USER (injected)``."""
    number = "" if turn.number is None else f"{turn.number} "
    about = f"{turn.about}: " if turn.about else ""
    marks = f" ({', '.join(turn.marks)})" if turn.marks else ""
    return f"{number}{about.upper()}{turn.role.upper()}{marks}"


def _plain(turn: Turn) -> dict[str, Any]:
    known = {"role": turn.role, "number": turn.number, "about": turn.about, "marks": list(turn.marks)}
    said = {name: value for name, value in known.items() if value not in (None, "", [])}
    return {**said, "content": turn.text}


class Counterpart(NamedTuple):
    """Another conversation about the same: who holds it, and its position."""

    label: str
    position: int


class Conversations(Protocol):
    """Conversations that can be leafed through, each made when it is looked at."""

    def __len__(self) -> int: ...

    def conversation(self, position: int) -> Conversation:
        """One of them, by its position from 0. May take a while of long ones."""
        ...

    def counterparts(self, position: int) -> Sequence[Counterpart]:
        """Those that others hold about the same, to be compared with it."""
        ...


class Transcript(Shown):
    """One conversation among others. Shows as what was said, with ways to the next one and to compare.

    Parameters:
        conversations: it and those beside it.
        position: which of them, from 0.
    """

    def __init__(self, conversations: Conversations, position: int) -> None:
        self.conversations, self.position = conversations, position

    @property
    def conversation(self) -> Conversation:
        """What was said, with who it was and what came of it."""
        return self.conversations.conversation(self.position)
