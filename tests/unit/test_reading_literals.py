"""Lists and objects in replies: where they may stand, and what is none."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.questions.reading.base import Reading
from edsl_nb.questions.reading.literals import LONGEST, Literal, literals, settle
from edsl_nb.questions.reading.python_literals import python_literal
from tests.unit.samples import texts

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
containers = st.lists(values, max_size=4) | st.dictionaries(texts, values, max_size=4)


def found(reply: str) -> list[Any]:
    return [literal.value for literal in literals(reply)]


@given(containers, st.sampled_from([None, 2]))
def test_json_is_read_as_it_stands_on_one_line_or_many(value: Any, indent: int | None) -> None:
    first = next(literals(json.dumps(value, indent=indent)))
    assert (first.value, first.comment, first.rule) == (value, None, "")


@given(containers)
def test_python_is_read_as_well(value: Any) -> None:
    first = next(literals(repr(value)))
    assert first.value == value
    assert first.rule in ("", "python")


@given(containers)
def test_what_python_prints_is_what_is_read(value: Any) -> None:
    text = repr(value)
    assert python_literal(text, 0) == (value, len(text))


@pytest.mark.parametrize(
    ("reply", "comment", "rule"),
    [
        ('["a"]\nI like it.', "I like it.", ""),
        ('["a"]\n\nI like it,\nmuch.', "I like it,\nmuch.", ""),
        ('```json\n["a"]\n```', None, "fence"),
        ('```\n["a"]\n```\nI like it.', "I like it.", "fence"),
        ('```["a"]```', None, "fence"),
        ('Sure:\n```json\n["a"]\n```', None, "text around+fence"),
        ('```python\nx = ["a"]\n```\nSo.', "So.", "text around"),
        ('Here you go: ["a"]', None, "text around"),
        ('["a"] because', "because", "text around"),
        ("['a']", None, "python"),
        ("('x', ['a'])"[5:-1], None, "python"),
        ('["a",]', None, "python"),
        ('Answer: ["a"]', None, "label"),
        ('**Answer:** ["a"]', None, "label"),
        ('**["a"]**', None, "emphasis"),
        ('`["a"]`\nwhy', "why", "emphasis"),
        ('{"answer": ["a"], "comment": "why"}', "why", "json"),
        ("```\n{'answer': ['a']}\n```", None, "fence+python+json"),
        ('see [this](that) and {x}:\n["a"]', None, "text around"),
    ],
)
def test_each_wrapping_has_its_rule(reply: str, comment: str | None, rule: str) -> None:
    assert list(literals(reply))[-1] == Literal(["a"], comment, rule)


def test_an_object_with_an_answer_is_given_both_ways() -> None:
    assert found('{"answer": {"b": 1}}') == [{"answer": {"b": 1}}, {"b": 1}]
    assert found('{"answer": 1}') == [{"answer": 1}]


def test_two_literals_are_both_given_but_not_one_within_the_other() -> None:
    assert found('["a", ["b"]] then {"c": [1]}') == [["a", ["b"]], {"c": [1]}]


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "plain",
        '["a", "b"',
        '[["a"], ["b"',
        '{"a": 1',
        '["a"] or else ["b',
        '["a" "b"]',
        "[red, blue]",
        "['don't']",
        '{"a": 1, "a": 2}',
        "{'a': 1, 'a': 2}",
        "[NaN]",
        "[Infinity]",
        "[1e999]",
        '["\\ud800"]',
        "['\\ud800']",
        "['\\U00110000']",
        '{"a", "b"}',
        "[__import__('os')]",
        "[1 + 1]",
        "- [ ] a\n- [] b\n- [x] c",
        'not ["a"]',
        'Anything but ["a"]',
        '["a"] or ["b"]',
    ],
)
def test_what_is_broken_or_not_meant_is_no_literal(reply: str) -> None:
    assert found(reply) == []


def test_a_comment_may_hold_brackets() -> None:
    assert list(literals('["a"]\nI [1, think')) == [Literal(["a"], "I [1, think", "")]
    assert list(literals('["a"]\nI would not say ["b"]')) == [Literal(["a"], 'I would not say ["b"]', "")]


@pytest.mark.parametrize(
    ("left", "right", "how"),
    [
        ([1], [1], "exact"),
        ([1], [True], "invalid"),
        ([1], [1.0], "invalid"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "exact"),
    ],
)
def test_readings_settle_on_one_answer_or_on_none(left: Any, right: Any, how: str) -> None:
    reading = settle([Reading("repaired", left, rule="x"), Reading("exact", right)], "none")
    assert reading.how == how
    if how == "invalid":
        assert "can be read as" in str(reading.reason)


def test_a_reason_is_always_given() -> None:
    assert settle([], "nothing there").reason == "nothing there"
    assert settle([Reading("invalid", reason="too many")], "nothing there").reason == "too many"


@given(texts | st.text("[]{}()'\",:\\1a \n`-", max_size=60))
def test_any_text_is_looked_at_without_an_error(reply: str) -> None:
    for literal in literals(reply):
        json.dumps(literal.value, allow_nan=False).encode()


@pytest.mark.parametrize(
    "reply",
    [
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 10_000,
        "[" * 5_000_000,
        "[1," * 60_000,
        "['" * 90_000,
        "['" + "\\" * 190_000,
        "[ x" * 60_000,
        "[] " * 60_000,
        "[" + "1," * 90_000,
        "[" + " " * 190_000,
        "_" * 190_000 + "[]",
        "- \n" * 60_000 + "[]",
        "`" * 190_000 + '["a"',
        "[" * 51 + "]" * 51,
        '["a"' + " " * LONGEST + "]",
    ],
    ids=lambda reply: reply[:6],
)
def test_no_text_takes_long(reply: str) -> None:
    started = time.thread_time()
    list(literals(reply))
    assert time.thread_time() - started < 1


def test_too_deep_or_too_long_is_no_literal() -> None:
    assert found("[" * 51 + "]" * 51) == []
    assert found("[" * 40 + "]" * 40) != []
    assert found("['" * 60 + "']" * 60) == []
    assert found('["' + "a" * LONGEST + '"]') == []
