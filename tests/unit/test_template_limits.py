"""Templates are bounded: what takes a second or fills the memory is refused, and the rest works as ever."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edsl_nb.core.errors import TemplateError
from edsl_nb.core.templates import Fields, Template, values_of
from edsl_nb.files import FileStore

BIG = "a " * 500_000
SCOPE: dict[str, Any] = {
    "x": "tea",
    "n": 5,
    "xs": [1, 2, 3],
    "when": date(2024, 1, 2),
    "scenario": Fields(
        {"x": "tea", "big": BIG, "d": {"a": 1}, "rows": [{"a": i, "g": i % 3} for i in range(9)]}
    ),
}

HARMLESS = {
    "{{ 'a' * 3 }}": "aaa",
    "{{ 2 ** 10 }}": "1024",
    "{{ 'a' ~ 1 ~ x }}": "a1tea",
    "{{ [1, 2] + [3] }}": "[1, 2, 3]",
    "{{ '%s-%02d' % (x, n) }}": "tea-05",
    "{{ '%.2f' | format(3.14159) }}": "3.14",
    "{{ '{:.2f}'.format(3.14159) }}": "3.14",
    "{{ '{a}'.format(a=x) }}": "tea",
    "{{ '{a!r}'.format_map({'a': x}) }}": "'tea'",
    "{{ xs | join(', ') }}": "1, 2, 3",
    "{{ ', '.join(['a', 'b']) }}": "a, b",
    "{{ x.upper() }} {{ x.replace('t', 's') }}": "TEA sea",
    "{{ when.strftime('%Y') }} {{ when.year }}": "2024 2024",
    "{% for i in range(3) %}{{ loop.index }}/{{ loop.length }}{% if not loop.last %},{% endif %}{% endfor %}":
        "1/3,2/3,3/3",
    "{% for i in xs if i > 1 %}{{ i }}{% else %}none{% endfor %}": "23",
    "{% for a, b in scenario.d.items() %}{{ a }}{{ b }}{% endfor %}": "a1",
    "{% for k in xs | reverse %}{{ loop.cycle('a', 'b') }}{% endfor %}": "aba",
    "{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(1) }}{{ m(2) }}": "<1><2>",
    "{% set y = x %}{{ y }}{% filter upper %}a{{ x }}{% endfilter %}": "teaATEA",
    "{{ scenario.rows | groupby('g') | length }}": "3",
    "{{ scenario.rows | selectattr('a', 'gt', 7) | map(attribute='a') | list }}": "[8]",
    "{{ xs | sum }} {{ scenario.rows | sum('a') }}": "6 36",
    "{{ x | replace('t', 's') }} {{ x | replace(old='t', new='s') }}": "sea sea",
    "{{ x | center(7) }}": "  tea  ",
    "{{ scenario.d | tojson }}": '{"a": 1}',
    "{{ dict(a=1).a }} {{ (1, 2)[0] }} {{ {'a': [x]}['a'][0] }}": "1 1 tea",
    "{{ scenario.big | truncate(10) }} {{ scenario.big[:3] }}": "a a a... a a",
    "{{ 5000 | round }} {{ x | default(5000) }}": "5000 tea",
    "{% raw %}{{ x }}{% endraw %}{{ n }}": "{{ x }}5",
    "{{ x if n > 3 else 'no' }} {{ 'ea' in x }}": "tea True",
}  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_what_templates_are_for_works(text: str) -> None:
    assert Template(text).render(SCOPE) == HARMLESS[text]


def doubled(kind: str) -> str:
    """A template that doubles a value forty times."""
    start, double = {
        "joined": ("'aa'", "a ~ a"),
        "added": ("'aa'", "a + a"),
        "lists": ("[1]", "[a, a]"),
        "tuples": ("(1, 1)", "(a, a)"),
        "dicts": ("{'k': 1}", "{'k': a, 'l': a}"),
        "functions": ("1", "dict(k=a, l=a)"),
    }[kind]
    return "{% set a = " + start + " %}" + ("{% set a = " + double + " %}") * 40 + "{{ a == a }}"


BOMBS = [
    "{{ 'a' * 10**10 }}",
    "{{ [1] * 10**8 }}",
    "{{ 10 ** (10 ** 10) }}",
    "{{ ((10 ** 2000) * (10 ** 2000)) * (10 ** 2000) }}",
    "{{ range(10**9) | list }}",
    "{% for i in range(10000) %}{% for j in range(10000) %}{% endfor %}{% endfor %}",
    "{% for i in range(100000) %}" + "y" * 5000 + "{% endfor %}",
    "{% set a %}{% for i in range(100000) %}" + "y" * 5000 + "{% endfor %}{% endset %}",
    "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
    "{% block a %}{{ self.a() }}{{ self.a() }}{% endblock %}",
    *map(doubled, ["joined", "added", "lists", "tuples", "dicts", "functions"]),
    "{{ ('a' * 1000) | replace('a', 'b' * 100000) }}",
    "{{ ('a' * 1000) | replace(old='a', new='b' * 100000) }}",
    "{{ ('a' * 1000).replace('a', 'b' * 100000) }}",
    "{{ ('a' * 100000).join(range(100000)) }}",
    "{{ range(100000) | join('a' * 100000) }}",
    "{{ 'a' | center(10**9) }}",
    "{{ 'a' | center(width=10**9) }}",
    "{{ [1, 2] | map('center', 10**9) | list }}",
    "{{ 'a'.center(10**9) }}",
    "{{ 'a'.zfill(10**9) }}",
    "{{ '\t'.expandtabs(10**9) }}",
    "{{ (1).to_bytes(10**9) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%1000000000d' | format(1) }}",
    "{{ '%.1000000000f' % 1 }}",
    "{{ '%*d' % (1000000000, 1) }}",
    "{{ '%(a)1000000000d' % {'a': 1} }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ '{:{}}'.format(1, 1000000000) }}",
    "{{ '{:>{w}}'.format('a', w=10**9) }}",
    "{{ ('{0}' * 100000).format('a' * 100000) }}",
    "{{ 'a' | indent(10**9) }}",
    "{{ ('\n' * 100000) | indent('a' * 10000, true) }}",
    "{{ [1] | batch(10**9, 'x') | list }}",
    "{{ [1] | slice(10**9) | list }}",
    "{{ 1.5 | round(10**9, 'ceil') }}",
    "{{ xs | tojson(10**9) }}",
    "{{ range(100000) | map('default', 'a' * 1000, true) | list }}"
    "{{ ([none] * 1000) | map('default', 'a' * 100000, true) | list }}",
    "{{ ([[1]] * 100000) | sum(start=[]) }}",
    "{{ lipsum(n=10**9) }}",
    "{% for i in range(100000) %}{% set y = scenario.big[1:] %}{% endfor %}",
    "{{ scenario.big | replace('a', 'aaaaaaaaaa') }}",
]

NESTED = [
    "{{ " + "[" * 10_000 + " }}",
    "{{ " + "(" * 10_000 + "1" + ")" * 10_000 + " }}",
    "{{ " + "(" * 150 + "1" + ")" * 150 + " }}",
    "{{ " + "(" * 900 + "1" + ")" * 900 + " }}",
    "{{ " + "+".join(["1"] * 4_000) + " }}",
    "{{ " + "-" * 5_000 + "1 }}",
    "{{ " + "not " * 2_000 + "1 }}",
    "{{ x" + ".a" * 2_000 + " }}",
    "{{ x" + "[0]" * 2_000 + " }}",
    "{{ x" + " | upper" * 2_000 + " }}",
    "{% if 1 %}" * 500 + "{% endif %}" * 500,
    "{% for i in xs %}" * 30 + "{% endfor %}" * 30,
    "{{ " + "9" * 100_000 + " }}",
    "{{ x }}" * 50_000,
    "{{ [" + "1," * 200_000 + "] }}",
    "{% for a in xs recursive %}{{ loop(xs) }}{% endfor %}",
]


@pytest.mark.parametrize("text", BOMBS, ids=lambda text: text[:50])
def test_what_makes_too_much_is_refused_in_under_a_second(text: str) -> None:
    started = time.process_time()
    with pytest.raises(TemplateError):
        Template(text).render(SCOPE)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", NESTED, ids=lambda text: text[:20])
def test_what_is_too_deep_or_too_long_is_refused_when_it_is_made(text: str) -> None:
    started = time.process_time()
    with pytest.raises(TemplateError, match="not a valid template"):
        Template(text)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "text",
    [
        "{{ xs | random }}",
        "{{ namespace(a=1) }}",
        "{{ cycler(1) }}",
        "{{ '' | attr('__class__') }}",
        "{{ ('' | attr('for' + 'mat'))('{0.__class__}') }}{{ '{0.__class__}'.format(x) }}",
        "{{ scenario.f() }}",
        "{{ scenario.file.write('stolen') }}",
        "{{ scenario.file.to_tempfile() }}",
        "{{ scenario.file.model_copy() }}",
        "{% include 'a' %}",
        "{% import 'a' as b %}",
        "{% extends 'a' %}",
    ],
)
def test_what_is_random_or_calls_what_a_value_can_do_is_refused(text: str) -> None:
    called: list[str] = []
    values = {"x": "tea", "f": lambda: called.append("f"), "file": FileStore.example()}
    with pytest.raises(TemplateError):
        Template(text).render({"x": "tea", "xs": [1], "scenario": Fields(values)})
    assert called == []


def test_a_value_that_is_one_placeholder_is_bounded_too() -> None:
    for text in ("{{ range(10**9) }}", "{{ [1] * 10**9 }}", "{{ 'a' * 10**10 }}"):
        with pytest.raises(TemplateError):
            Template(text).value(SCOPE)
    assert Template("{{ xs + [4] }}").value(SCOPE) == [1, 2, 3, 4]


def test_one_rendering_takes_nothing_from_the_next() -> None:
    heavy = Template("{% for i in range(50000) %}{{ i }}{% endfor %}")
    first = heavy.render(SCOPE)
    assert all(heavy.render(SCOPE) == first for _ in range(5))


def test_long_values_are_filled_in_as_they_are() -> None:
    text = "tea " * 2_000_000
    assert Template("About {{ scenario.x }}").render({"scenario": Fields({"x": text})}) == "About " + text


@settings(max_examples=200, deadline=1_000)
@given(
    st.lists(
        st.sampled_from(
            ["'ab'", "x", "xs", "10", "99", " * ", " ** ", " + ", " ~ ", "(", ")", "[", "]", ", ", " | list",
             " | join(x)", " | center(9)", "range(50)", " | replace('a', x)", " % ", "'%s%d'", ".format(x)"]
        ),
        max_size=14,
    ).map("".join)
)  # fmt: skip
def test_any_expression_renders_or_is_refused(expression: str) -> None:
    try:
        assert len(Template("{{ " + expression + " }}").render(SCOPE)) < 10_000_000
    except TemplateError as refused:
        assert refused.problem  # in our own words, whatever Jinja or Python says


def test_the_values_of_fields_are_a_copy() -> None:
    values = {"a": 1}
    copied = values_of(Fields(values))
    copied["b"] = 2
    assert (values, values_of(None)) == ({"a": 1}, {})
