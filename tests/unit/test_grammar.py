"""Grammars are right whatever the options hold: they are read back by a reader of GBNF literals."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.models.grammar import choice_grammar, held_to, literal, longest_option, option_text

#: One literal as llama.cpp reads it: plain characters and escapes, ended by the first bare quote.
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")


def read_back(written: str) -> str:
    """The text that a literal stands for."""

    def one(match: re.Match[str]) -> str:
        digits = match[1] or match[2] or match[3]
        return chr(int(digits, 16)) if digits else {"n": "\n", "t": "\t", "r": "\r"}.get(match[4], match[4])

    return _ESCAPE.sub(one, written)


def options_of(grammar: str, rule: str) -> list[str]:
    body = next(line for line in grammar.splitlines() if line.startswith(f"{rule} ::= "))
    body = body.removeprefix(f"{rule} ::= ")
    found = [read_back(match[1]) for match in _LITERAL.finditer(body)]
    assert _LITERAL.sub("", body).replace("|", "").strip() == "", "something stands outside the literals"
    return found


@given(st.lists(st.text(), min_size=1, max_size=8), st.booleans())
def test_a_grammar_allows_exactly_its_options(options: list[str], comment: bool) -> None:
    grammar = choice_grammar(options, comment=comment)
    assert options_of(grammar, "option" if comment else "root") == list(dict.fromkeys(options))


@given(st.text())
def test_a_literal_is_one_line_of_plain_ascii(text: str) -> None:
    written = literal(text)
    assert written.isascii()
    assert written.isprintable()
    assert _LITERAL.fullmatch(written)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Red", '"Red"'),
        ('say "no"', r'"say \"no\""'),
        (r"C:\new", r'"C:\\new"'),
        ("one\ntwo", r'"one\x0Atwo"'),
        ("café", r'"caf\xE9"'),
        ("日", r'"\u65E5"'),
        ("🙂", r'"\U0001F642"'),
        ('" | root', r'"\" | root"'),
    ],
)
def test_what_a_literal_looks_like(text: str, written: str) -> None:
    assert literal(text) == written


def test_numbers_and_booleans_are_written_as_their_text() -> None:
    assert [option_text(o) for o in (1, 2.5, True, "x")] == ["1", "2.5", "True", "x"]
    assert options_of(choice_grammar([1, 2.5, True], comment=False), "root") == ["1", "2.5", "True"]


def test_equal_texts_stand_once() -> None:
    assert options_of(choice_grammar([1, "1", "2"], comment=False), "root") == ["1", "2"]


def test_a_comment_is_allowed_only_where_asked_for() -> None:
    assert held_to({"enum": ["a"]}, comment=False) == {"grammar": 'root ::= "a"\n'}
    with_comment = held_to({"enum": ["a"]}, comment=True)["grammar"]
    assert with_comment.splitlines()[0] == "root ::= option comment?"
    assert r'comment ::= "\n" [^\r\n]+' in with_comment


def test_another_schema_is_handed_over_whole() -> None:
    schema = {"type": "integer", "minimum": 1}
    held = held_to(schema, comment=True)
    assert held == {"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}}


def test_the_longest_option_is_measured_in_bytes() -> None:
    assert longest_option({"enum": ["ab", "日本", 7]}) == 6
    assert longest_option({"type": "integer"}) == 0
