"""Grammars that hold a model in this process to the form of an answer.

A choice becomes a grammar in GBNF, the notation of llama.cpp: one literal per
option. Any other JSON Schema is handed over as it is; the library converts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: A line of free text after the answer. It may be left out.
_COMMENT_RULE = 'comment ::= "\\n" [^\\r\\n]+'


def option_text(option: object) -> str:
    """An option as a model has to write it: texts as they are, numbers and booleans as Python prints them."""
    return option if isinstance(option, str) else str(option)


def literal(text: str) -> str:
    """A text as a GBNF literal.

    Everything but plain printable ASCII is written as an escape, so that no
    option can end its literal or start a rule.
    """
    parts: list[str] = []
    for char in text:
        code = ord(char)
        if char in '"\\':
            parts.append("\\" + char)
        elif 0x20 <= code < 0x7F:
            parts.append(char)
        elif code <= 0xFF:
            parts.append(f"\\x{code:02X}")
        elif code <= 0xFFFF:
            parts.append(f"\\u{code:04X}")
        else:
            parts.append(f"\\U{code:08X}")
    return '"' + "".join(parts) + '"'


def choice_grammar(options: Iterable[object], *, comment: bool) -> str:
    """GBNF that allows exactly one of the options.

    Parameters:
        options: what may be chosen, at least one; texts may hold any characters.
        comment: allow one line of free text after the option.
    """
    texts = dict.fromkeys(option_text(option) for option in options)
    choice = " | ".join(literal(text) for text in texts)
    if not comment:
        return f"root ::= {choice}\n"
    return f"root ::= option comment?\noption ::= {choice}\n{_COMMENT_RULE}\n"


def held_to(schema: Mapping[str, Any], *, comment: bool) -> dict[str, Any]:
    """What a request has to hold so that its answer has this JSON Schema.

    Parameters:
        schema: ``{"enum": [...]}`` for a choice, else any JSON Schema; the
            reply is then JSON and nothing else.
        comment: allow a line of comment after a choice.
    """
    options = schema.get("enum")
    if options:
        return {"grammar": choice_grammar(options, comment=comment)}
    return {"response_format": {"type": "json_schema", "json_schema": {"schema": dict(schema)}}}


def longest_option(schema: Mapping[str, Any]) -> int:
    """Length of a choice's longest option in bytes of UTF-8, which no model needs more tokens for; else 0."""
    return max((len(option_text(o).encode(errors="replace")) for o in schema.get("enum") or ()), default=0)
