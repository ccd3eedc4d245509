"""Expressions: what Python says of them, and nothing that Python could do besides."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.core.errors import ExpressionError
from edsl_nb.core.expressions import expression
from edsl_nb.core.templates import Fields, Reference
from tests.unit.samples import refusal

SCOPE: dict[str, Any] = {
    "a": Fields({"answer": "Yes", "comment": "of course"}),
    "n": Fields({"answer": 7}),
    "b": Fields({"answer": ["x", "y"]}),
    "d": Fields({"answer": {"city": "Rome"}}),
    "skipped": Fields({"answer": None}),
    "scenario": Fields({"z": 3, "answer": "no question", "deep": {"er": 1}}),
    "agent": Fields({"age": 9}),
    "topic": "bees",
}


def value(text: str, scope: dict[str, Any] = SCOPE) -> Any:
    return expression(text).evaluate(scope)


@pytest.mark.parametrize(
    "text",
    [
        "{{ a.answer }} == 'Yes'",
        "a == 'Yes'",
        "a.answer == 'Yes'",
        "{{ a }} == 'Yes'",
        "{{ a.answer == 'Yes' }}",
        "{{a.answer}}=='Yes'",
        "{{- a.answer -}} == 'Yes'",
        "a.answer != 'No' and a.comment == 'of course'",
        "a in ['Yes', 'No']",
        "a not in ('No',)",
        "'x' in {{ b.answer }}",
        "{{ b.answer }} == ['x', 'y']",
        "n + 1 == 8",
        "1 < n <= 7",
        "not (1 < n < 7)",
        "-n == -7 and n // 2 == 3 and n % 4 == 3 and n / 2 == 3.5",
        "'{{ scenario.z }}' == '3'",
        '"{{ agent.age }} years" == "9 years"',
        "{{ scenario.z }} == 3 and scenario['z'] == 3 and scenario.deep.er == 1",
        "scenario.answer == 'no question'",
        "d['city'] == 'Rome' and d.answer.city == 'Rome' and {{ d.answer['city'] }} == 'Rome'",
        "{{ b.answer[0] }} == 'x' and b[-1] == 'y' and b[:1] == ['x']",
        "{{ b.answer | length }} == 2 and {{ a.answer | lower }} == 'yes' and (a | upper | length) == 3",
        "len(a) == 3 and a.lower() == 'yes' and {{ a.answer }}.startswith('Y')",
        "max(b) == 'y' and sum([1, 2]) == 3 and round(2.567, 1) == 2.6 and sorted({3, 1}) == [1, 3]",
        "any([n == 1, n == 7]) and all([]) and int('7') == n and str(n) == '7' and abs(-n) == n",
        "(a if n > 5 else b) == 'Yes'",
        "a.replace('Y', 'y') + '!' == 'yes!'",
        "{'Yes': 1}[a] == 1",
        "skipped is None and n is not None and skipped == None",
        "topic == 'bees'",
        "True",
    ],
)
def test_what_is_so_is_true(text: str) -> None:
    assert value(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "skipped < 3",
        "skipped >= 3",
        "skipped in ['a']",
        "'a' in skipped",
        "skipped in 'abc'",
        "skipped.startswith('a')",
        "len(skipped) > 1",
        "skipped + 1 > 0",
        "skipped[0] == 'x'",
        "{{ skipped.answer | length }} == 0",
    ],
)
def test_the_answer_of_a_skipped_question_goes_through(text: str) -> None:
    assert not value(text)


def test_what_is_skipped_is_not_in_a_list() -> None:
    assert value("skipped not in ['a']") is True
    assert value("skipped != 'a'") is True


def test_names_are_known_before_anything_is_evaluated() -> None:
    found = expression(
        "{{ a.answer }} == b[0] or len(c) > 1 or '{{ scenario.z }}' == agent['x'] or s.d.e"
    ).names
    assert found == {
        Reference("a", "answer"),
        Reference("b", None),
        Reference("c", None),
        Reference("scenario", "z"),
        Reference("agent", "x"),
        Reference("s", "d"),
    }
    assert expression("1 == 1").names == frozenset()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = 1", ("not a valid expression", "Two equals signs")),
        ("", ("not a valid expression",)),
        ("{{ }} == 1", ("nothing between the braces", "{{ a.answer }}")),
        ("{{ a.answer == 1", ("not a valid expression",)),
        ("a; b", ("not a valid expression",)),
        ("__import__('os').system('ls')", ("no method 'system'",)),
        ("open('x')", ("no function 'open'", "There are")),
        ("lenn(a)", ("no function 'lenn'", "Did you mean 'len'")),
        ("a.lowr()", ("no method 'lowr'", "Did you mean 'lower'")),
        ("a.format(b)", ("no method 'format'",)),
        ("a.__class__", ("'__class__'",)),
        ("().__class__.__bases__[0]", ("'__bases__'",)),
        ("'{{ a.__class__ }}' == ''", ("'__class__'",)),
        ("[x for x in b]", ("ListComp",)),
        ("lambda: 1", ("Lambda",)),
        ("(y := 1)", ("NamedExpr",)),
        ("f'{a}'", ("JoinedStr",)),
        ("b'x'", ("bytes",)),
        ("...", ("ellipsis",)),
        ("2 ** 9999999", ("Pow",)),
        ("1 << 99999999", ("LShift",)),
        ("~n", ("Invert",)),
        ("a | foo", ("no filter 'foo'", "length")),
        ("{{ a.answer | default('x') }}", ("no filter",)),
        ("n + 1 | length", ("not clear",)),
        ("a is 'x'", ("'is'", "==")),
        ("len(*b)", ("plain arguments",)),
        ("max(b, key=len)", ("plain arguments",)),
        ("{**d}", ("**",)),
        ("a()()", ("Call",)),
    ],
)
def test_what_is_no_expression_is_refused_when_it_is_made(text: str, words: tuple[str, ...]) -> None:
    wrong = refusal(lambda: expression(text), "expression", *words, error=ExpressionError)
    assert wrong.remedy


@pytest.mark.parametrize("text", [None, 5, ["a"], {"a": 1}, b"a"])
def test_what_is_no_text_is_no_expression(text: Any) -> None:
    refusal(lambda: expression(text), "expression", "text", error=ExpressionError)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("missing == 1", ("no 'missing'", "There are: a, agent")),
        ("topics == 1", ("Did you mean 'topic'",)),
        ("a.comments", ("no 'comments'", "Did you mean 'comment'")),
        ("scenario['q']", ("no 'q'",)),
        ("agent == 1", ("'agent' stands for several values", "agent.age")),
        ("b[9] == 'x'", ("no item 9", "len(...)")),
        ("a < 3", ("TypeError", "same kind")),
        ("1 / 0", ("ZeroDivisionError",)),
        ("n.lower()", ("texts", "str(...)")),
        ("n[0]", ("int values have no parts",)),
        ("a.answer.x", ("str values have no 'x'",)),
        ("len(n)", ("TypeError",)),
        ("'a' * 1000000000 == b", ("numbers",)),
        ("'%1000000000d' % n", ("numbers",)),
        ("a - 1", ("numbers",)),
        ("round(n, -1000000000)", ("300 digits",)),
        ("{b: 1}", ("TypeError", "unhashable")),
    ],
)
def test_what_cannot_be_evaluated_says_why(text: str, words: tuple[str, ...]) -> None:
    made = expression(text)
    wrong = refusal(lambda: made.evaluate(SCOPE), "expression", *words, error=ExpressionError)
    assert wrong.remedy


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "[" * 5_000 + "]" * 5_000,
        "-" * 10_000 + "1",
        "not " * 4_000 + "a",
        "+".join(["1"] * 5_000),
        "a" + ".b" * 5_000,
        "{{" * 400,
        "{{" * 9_000,
        "'" * 19_999,
        "'\\" * 9_000,
        "x" * 100_000,
        "9" * 10_000,
    ],
)
def test_what_is_too_large_is_refused_at_once(text: str) -> None:
    started = time.process_time()
    refusal(lambda: expression(text), error=ExpressionError)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "text", ["a.replace('', a)", "a + a + a", "a.replace('x', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')"]
)
def test_long_values_do_not_grow_without_bounds(text: str) -> None:
    refusal(lambda: value(text, {"a": "x" * 5_000_000}), "too long", error=ExpressionError)


def test_long_lists_of_values_are_no_problem() -> None:
    wanted = " or ".join(f"n == {i}" for i in range(500))
    assert value(wanted) is True
    assert value(f"n in {list(range(2_000))}") is True


def test_expressions_are_kept_for_the_next_time() -> None:
    assert expression("a == 1") is expression("a == 1")
    assert expression("a == 1") == expression("a == 1") != expression("a == 2")


def test_a_value_in_an_expression_is_not_changed_by_its_user() -> None:
    made = expression("['x']")
    made.evaluate({}).append("y")
    assert made.evaluate({}) == ["x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ a.answer }} == 'a'", "{{ new.answer }} == 'a'"),
        ("a == 'a' and ba.a == 1 and a.a in [\"a\"]", "new == 'a' and ba.a == 1 and new.a in [\"a\"]"),
        ("'{{ a.answer }} a' == 'x'", "'{{ new.answer }} a' == 'x'"),
        ("{{ a['a'] }} == scenario.a", "{{ new['a'] }} == scenario.a"),
        ("a.count('a') == 1", "new.count('a') == 1"),
    ],
)
def test_names_can_be_replaced(text: str, expected: str) -> None:
    assert expression(text).renamed({"a": "new"}).text == expected


def test_names_can_change_places() -> None:
    assert expression("a == b").renamed({"a": "b", "b": "a"}).text == "b == a"
    assert expression("len(len) == 1").renamed({"len": "x"}).text == "len(x) == 1"


_PIECES = [
    *"abn()[].'|1+-*%,:\\\" \n\0",
    *("{{", "}}", "==", "in", "not", "if", "else", "and", "or", "is", "None", "len", "lower"),
]


# Against Python

_leaves = st.one_of(
    st.integers(-9, 9).map(str), st.sampled_from(["'x'", "'Yes'", "a", "n", "['x', 'y']", "True", "b"])
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    comparisons = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])
    signs = st.sampled_from(["+", "-", "and", "or"])
    return st.one_of(
        st.builds("({} {} {})".format, inner, comparisons | signs, inner),
        st.builds("({} {} {} {} {})".format, inner, comparisons, inner, comparisons, inner),
        st.builds("(not {})".format, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("len({})".format, inner),
        st.builds("str({})".format, inner),
        st.builds("{}.lower()".format, inner.map("({})".format)),
    )


@given(st.recursive(_leaves, _grown, max_leaves=8))
def test_an_expression_means_what_it_means_in_python(text: str) -> None:
    values = {"a": "Yes", "n": 7, "b": ["x", "y"]}
    try:
        expected = eval(text, {}, dict(values))
    except (TypeError, AttributeError):
        with pytest.raises(ExpressionError):
            value(text, values)
    else:
        assert value(text, values) == expected


@given(
    st.lists(
        st.sampled_from(_PIECES),
        max_size=12,
    ).map(" ".join)
    | st.text(max_size=30)
)
def test_any_text_is_an_expression_or_an_error_of_ours(text: str) -> None:
    try:
        value(text)
    except ExpressionError as refused:
        assert refused.field == "expression"
