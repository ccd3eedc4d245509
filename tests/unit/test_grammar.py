"""Grammars are right whatever the options hold: they are read back by a reader of GBNF literals."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.models.grammar import choice_grammar, held_to, literal, longest_option, option_text
from edsl_nb.questions.reading import Choice, Number, Search, Selection
from edsl_nb.questions.reading.url import Url

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
    assert pattern(with_comment).fullmatch("a\nWhy not?")
    assert not pattern(with_comment).fullmatch("a\n2")
    assert not pattern(with_comment).fullmatch("a\nWhy not?\nIndeed.")


def test_another_schema_is_handed_over_whole() -> None:
    schema = {"type": "integer", "minimum": 1}
    held = held_to(schema, comment=True)
    assert held == {"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}}


def test_the_longest_option_is_measured_in_bytes() -> None:
    assert longest_option({"enum": ["ab", "日本", 7]}) == 6
    assert longest_option({"type": "integer"}) == 0


# Grammars as patterns of Python, to try texts on them

_TOKEN = re.compile(
    r'(?P<literal>"(?:[^"\\\n]|\\.)*")|(?P<class>\[(?:[^\]\\]|\\.)+\])|(?P<name>[a-z][a-z0-9-]*)'
    r"|(?P<count>\{[0-9,]+\}|[+?])|(?P<sign>[|()])|(?P<space> )"
)


def pattern(grammar: str) -> re.Pattern[str]:
    """What a grammar without circles allows."""
    rules = dict(line.split(" ::= ") for line in grammar.splitlines())

    def expanded(body: str) -> str:
        parts: list[str] = []
        end = 0
        while end < len(body):
            token = _TOKEN.match(body, end)
            assert token, body[end:]
            end = token.end()
            if token["literal"]:
                parts.append(re.escape(read_back(token["literal"][1:-1])))
            elif token["name"]:
                parts.append(f"(?:{expanded(rules[token['name']])})")
            elif not token["space"]:
                parts.append("(?:" if token[0] == "(" else token[0])
        return "".join(parts)

    return re.compile(expanded(rules["root"]))


def allowed(schema: dict[str, Any], text: str, comment: bool = False) -> bool:
    return pattern(held_to(schema, comment=comment)["grammar"]).fullmatch(text) is not None


def of_some(options: list[Any], least: int = 0, most: int | None = None, other: str | None = None) -> Any:
    return Selection(options, least, most, other=other)


@given(
    st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=4, unique_by=str.strip),
    st.integers(0, 2),
    st.integers(2, 4),
    st.data(),
)
def test_a_selection_is_held_to_lists_of_different_options(
    options: list[str], least: int, most: int, data: st.DataObject
) -> None:
    least = min(least, len(options))
    schema = of_some(options, least, most).schema
    listed = data.draw(st.lists(st.sampled_from(options), max_size=5))
    fine = least <= len(listed) <= most and len(set(listed)) == len(listed)
    assert allowed(schema, json.dumps(listed, ensure_ascii=False)) == fine
    assert not allowed(schema, json.dumps([*listed, "something else"], ensure_ascii=False))


def test_what_a_selection_is_held_to_is_read() -> None:
    space = of_some(["Red", 'a "b"', "c, d"], 1, other="Other")
    for reply in ('["Red"]', '["c, d", "a \\"b\\""]', '["Other: teal", "Red"]'):
        assert allowed(space.schema, reply)
        assert space.read(reply).how == "exact"
    for reply in ("[]", '["Other: "]', '["Other: a", "Other: b"]', '["Red"]\nCalm.'):
        assert not allowed(space.schema, reply)
    assert allowed(space.schema, '["Red"]\nCalm.', comment=True)


def test_a_selection_of_very_many_options_is_left_to_the_library() -> None:
    assert "grammar" in held_to(of_some(list(range(100)), 1, 1).schema, comment=False)
    many = of_some(list(range(100))).schema
    assert held_to(many, comment=False)["response_format"]["json_schema"]["schema"] == many


def test_a_choice_with_an_own_answer_is_held_to_both() -> None:
    space = Choice(["Red", "Blue"], other="Else (say what)")
    assert space.schema
    for reply, fine in (
        ("Red", True),
        ("Else (say what): teal", True),
        ("Else (say what): ", False),
        ("x", False),
    ):
        assert allowed(dict(space.schema), reply) == fine
        assert (space.read(reply).how == "exact") == fine
    assert longest_option(space.schema) == 4


def test_a_search_is_held_to_its_options() -> None:
    space = Search(["Red", "Sea green", "Blue"], codes=["0", "1", "2"], shown=[0, 2])
    for reply, answer in (("0", "Red"), ("2", "Blue"), ("Sea green", "Sea green")):
        assert allowed(dict(space.schema or {}), reply)
        assert space.read(reply).answer == [answer]
    assert not allowed(dict(space.schema or {}), "1")
    assert Search(["Red", "Blue"]).schema == {"enum": ["Red", "Blue"]}
    assert Search(["Red", "Blue"]).read("Blue\nIt is calm.").how == "exact"
    assert Search(["Red"], permissive=True).schema is None
    assert Search([f"Option {i}" for i in range(1_001)]).schema is None


@given(st.data())
def test_a_web_address_is_held_to_its_form(data: st.DataObject) -> None:
    grammar = held_to(Url().schema or {}, comment=False)["grammar"]
    reply = data.draw(st.from_regex(pattern(grammar), fullmatch=True))
    assert Url().read(reply).how == "exact"
    assert pattern(grammar).fullmatch("https://en.wikipedia.org/wiki/Main_Page")
    assert not pattern(grammar).fullmatch("https://example.org is it")


limits = st.one_of(st.none(), st.integers(-3_000, 3_000), st.floats(-3_000, 3_000))
numbers = st.one_of(st.integers(-4_000, 4_000), st.decimals(-4_000, 4_000, places=2))


@given(limits, limits, numbers)
def test_a_number_is_held_to_its_limits(low: Any, high: Any, value: Any) -> None:
    space = Number(low, high)
    held = held_to(dict(space.schema or {}), comment=False)
    text = str(value)
    if "grammar" not in held:
        assert low is not None
        assert high is not None
        assert high - low < 1e-5 or low > high
    else:
        fits = pattern(held["grammar"]).fullmatch(text) is not None
        otherwise_written = text == "-0" or (not isinstance(value, int) and value in (low, high))
        assert (space.read(text).how == "exact") == fits or (otherwise_written and not fits)


@pytest.mark.parametrize(
    ("low", "high", "fine", "wrong"),
    [
        (0.2, 0.8, ("0.2", "0.50", "0.8", "0.800000"), ("0.1", "0.19", "0.81", "0", "1", "0.800001")),
        (-0.5, 0.25, ("-0.5", "0", "0.25", "-0.07"), ("-0.6", "0.26", "-0", "-1")),
        (2.5, 4.5, ("2.5", "3", "3.99", "4", "4.5"), ("2", "2.4", "4.51", "5")),
        (0.05, 0.05, ("0.05", "0.0500"), ("0.5", "0.051", "0")),
    ],
)
def test_a_number_is_held_to_limits_between_whole_numbers(
    low: float, high: float, fine: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    schema = {"type": "number", "minimum": low, "maximum": high}
    assert [text for text in fine if not allowed(schema, text)] == []
    assert [text for text in wrong if allowed(schema, text)] == []
