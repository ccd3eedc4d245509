"""Grammars that hold a model in this process to the form of an answer.

A choice, a selection of options, a number and a web address become a grammar
in GBNF, the notation of llama.cpp, because the library's own conversion of a
JSON Schema knows no limits of numbers, no lists whose items differ, and no
addresses. Any other JSON Schema is handed over as it is; the library converts it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from edsl_nb.models.number_grammar import number

#: A line of free text after the answer, which does not start like another answer. It may be left out.
_COMMENT_RULE = r'comment ::= "\n" [^-\r\n0-9\[] [^\r\n]+'

#: A web address: a host with a dot, and a path. A small model would write a longer one for ever.
_URL = (
    '"http" "s"? "://" [a-z0-9]{1,30} ("-" [a-z0-9]{1,30})? ("." [a-z0-9]{1,30}){0,2} "." [a-z]{2,12}'
    ' ("/" [A-Za-z0-9._~-]{0,60}){0,4}'
)

#: A sign that means itself in a pattern of a JSON Schema.
_ESCAPE = re.compile(r"\\(.)")


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


class Options(NamedTuple):
    """What may be chosen, as a JSON Schema has it.

    Attributes:
        options: texts may hold any characters.
        own: what an answer in one's own words starts with, such as ``Other: ``, or None.
    """

    options: Sequence[object]
    own: str | None = None

    @classmethod
    def of(cls, schema: Mapping[str, Any]) -> Options | None:
        """The options of ``{"enum": [...]}``, or with ``{"pattern": "^Other: .+$"}`` as the other of two."""
        listed, *more = schema.get("anyOf") or (schema,)
        if not listed.get("enum"):
            return None
        if not more:
            return cls(listed["enum"])
        pattern = more[0].get("pattern") if len(more) == 1 else None
        return cls(listed["enum"], _ESCAPE.sub(r"\1", pattern[len("^") : -len(".+$")])) if pattern else None


def choice_grammar(options: Iterable[object], *, own: str | None = None, comment: bool) -> str:
    """GBNF that allows exactly one of the options.

    Parameters:
        options: what may be chosen, at least one; texts may hold any characters.
        own: what a line of one's own words starts with, where that is allowed.
        comment: allow one line of free text after the option.
    """
    texts = dict.fromkeys(option_text(option) for option in options)
    choices = [literal(text) for text in texts]
    if own is not None:
        choices.append(f"{literal(own)} [^\\r\\n]+")
    return _grammar(" | ".join(choices), "option", comment)


#: Rules of a grammar; more take the library too long.
_MOST_RULES = 1_100


def selection_grammar(
    options: Sequence[object], least: int, most: int, *, own: str | None = None, comment: bool
) -> str | None:
    """GBNF that allows JSON lists of different options, in any order.

    There is a rule for each set of options that may have been listed so far, so
    that what is listed already is not allowed again.

    Parameters:
        options: what may be listed; texts, or numbers.
        least, most: how many.
        own: as for `choice_grammar`.
        comment: allow one line of free text after the list.

    Returns:
        None where that would take too many rules.
    """
    items = [literal(json.dumps(option, ensure_ascii=False)) for option in options]
    if own is not None:
        items.append(f'{literal(json.dumps(own, ensure_ascii=False)[:-1])} [^"\\\\\\r\\n]+ "\\""')
    most = min(most, len(items))
    if sum(math.comb(len(items), count) for count in range(most + 1)) > _MOST_RULES:
        return None
    rules: dict[int, str] = {}
    waiting = [0]
    while waiting:
        listed = waiting.pop()
        if listed not in rules:
            count = listed.bit_count()
            following = [i for i in range(len(items)) if count < most and not listed >> i & 1]
            comma = '", " ' if count else ""
            ways = [f"{comma}{items[i]} after-{listed | 1 << i}" for i in following]
            rules[listed] = " | ".join([*ways, '""'] if count >= least else ways)
            waiting += [listed | 1 << i for i in following]
    lines = "".join(f"after-{listed} ::= {ways}\n" for listed, ways in rules.items())
    return _grammar('"[" after-0 "]"', "list", comment) + lines


def _grammar(answer: str, name: str, comment: bool) -> str:
    """GBNF that allows an answer, and a comment after it where there may be one."""
    if not comment:
        return f"root ::= {answer}\n"
    return f"root ::= {name} comment?\n{name} ::= {answer}\n{_COMMENT_RULE}\n"


def held_to(schema: Mapping[str, Any], *, comment: bool) -> dict[str, Any]:
    """What a request has to hold so that its answer has this JSON Schema.

    Parameters:
        schema: any JSON Schema. With that of a choice, ``{"enum": [...]}``, the
            reply is one of the options; with another one it is JSON.
        comment: allow a line of comment after a choice, a selection or a number.
    """
    grammar = _own_grammar(schema, comment)
    if grammar:
        return {"grammar": grammar}
    return {"response_format": {"type": "json_schema", "json_schema": {"schema": dict(schema)}}}


def _own_grammar(schema: Mapping[str, Any], comment: bool) -> str | None:
    """The grammar for a schema of a kind that is better written here."""
    chosen = Options.of(schema)
    if chosen:
        return choice_grammar(chosen.options, own=chosen.own, comment=comment)
    if schema.get("type") == "number":
        within = number(schema.get("minimum", -math.inf), schema.get("maximum", math.inf))
        return within and _grammar(within, "number", comment)
    if schema.get("format") == "uri":
        return _grammar(_URL, "url", comment)
    listed = Options.of(schema["items"]) if schema.get("uniqueItems") else None
    if listed is None:
        return None
    count = len(listed.options) + (listed.own is not None)
    least, most = schema.get("minItems", 0), schema.get("maxItems", count)
    return selection_grammar(listed.options, least, most, own=listed.own, comment=comment)


def longest_option(schema: Mapping[str, Any]) -> int:
    """Length of a choice's longest option in bytes of UTF-8, which no model needs more tokens for; else 0."""
    chosen = Options.of(schema)
    return (
        max((len(option_text(o).encode(errors="replace")) for o in chosen.options), default=0)
        if chosen
        else 0
    )
