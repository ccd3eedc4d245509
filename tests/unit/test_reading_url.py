"""Reading addresses and documents: the tolerated forms, what is none, and that nothing is ever made up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edsl_nb.questions.reading.anything import Anything, Computed, Fraction, as_number
from edsl_nb.questions.reading.markdown import Markdown
from edsl_nb.questions.reading.url import Url, is_url
from tests.unit.samples import json_values, texts

URL = Url()

#: Each tolerated form: its rule, and how an address is written in it.
FORMS: dict[str, Callable[[str], str]] = {
    "": lambda u: f" {u}\n",
    "quotes": lambda u: f'"{u}"',
    "emphasis": lambda u: f"**{u}**",
    "label": lambda u: f"Answer: {u}",
    "fence": lambda u: f"```\n{u}\n```",
    "json": lambda u: json.dumps({"answer": u}),
    "angle brackets": lambda u: f"<{u}>",
    "link": lambda u: f"[the site]({u})",
    "text around": lambda u: f"You will find it at {u}, I think.",
}

urls = st.builds(
    "{}://{}{}/{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["example.org", "localhost", "192.168.0.1", "[::1]", "bücher.example", "a-b.c_d.e"]),
    st.sampled_from(["", ":80", ":65535"]),
    st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9/%~=&+-]{0,20}", fullmatch=True),
    st.sampled_from(["", "?a=b&c=d", "#part", "_(disambiguation)"]),
)


@given(urls, st.sampled_from(sorted(FORMS)))
def test_an_address_comes_back_from_every_form(url: str, rule: str) -> None:
    reading = URL.read(FORMS[rule](url))
    assert (reading.answer, reading.rule or "") == (url, rule)
    assert reading.how == ("repaired" if rule else "exact")


@given(urls)
def test_what_is_written_is_read_as_exact(url: str) -> None:
    assert URL.read(URL.write(url)) == URL.check(url) == ("exact", url, None, None, None)


@pytest.mark.parametrize(
    ("reply", "answer", "rule", "comment"),
    [
        ("https://example.org\nThe best one.", "https://example.org", None, "The best one."),
        ("https://example.org.", "https://example.org", "full stop", None),
        ("**Answer:** <https://example.org>", "https://example.org", "label+angle brackets", None),
        ("The site is https://en.wikipedia.org/wiki/C_(language).", "https://en.wikipedia.org/wiki/C_(language)",
         "text around", None),
        ("See (https://example.org/a).", "https://example.org/a", "text around", None),
        ("See [here](https://example.org/a) for more.", "https://example.org/a", "text around", None),
        ("It is https://example.org\n\nIt does not need an account.", "https://example.org", "text around",
         "It does not need an account."),
        ("https://example.org/a, again https://example.org/a", "https://example.org/a", "text around", None),
        ('<a href="https://example.org/a">here</a>', "https://example.org/a", "text around", None),
    ],
)  # fmt: skip
def test_forms_that_models_write(reply: str, answer: str, rule: str | None, comment: str | None) -> None:
    reading = URL.read(reply)
    assert (reading.answer, reading.rule, reading.comment) == (answer, rule, comment)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "example.org",
        "www.example.org",
        "ftp://example.org",
        "mailto:a@example.org",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://.",
        "https://-a.org",
        "https://a..b",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://[::x]/",
        "https://exa<script>mple.org",
        "https://a.example or https://b.example",
        "It is not https://example.org",
        "I don't think it is https://example.org",
        "[https://a.example](https://b.example)",
        "https://a.example is one\nIt is not https://b.example",
        "https://example.org/" + "a" * 10_000,
    ],
)
def test_what_is_no_address_or_more_than_one_is_invalid(reply: str) -> None:
    reading = URL.read(reply)
    assert reading.how == "invalid"
    assert reading.answer is None
    assert reading.reason


@given(texts | st.from_regex(r"(https?://|[<>()\[\]\"'` .,a-z\n]){0,20}", fullmatch=True))
@example("[" * 50 + "](https://a.b)")
def test_no_text_whatever_gives_an_answer_that_is_no_address(reply: str) -> None:
    reading = URL.read(reply)
    assert reading.how == "invalid" or is_url(reading.answer)
    assert reading.how == "invalid" or reading.answer in reply


@pytest.mark.parametrize(
    "reply",
    [
        "a" * 5_000_000,
        "https://" * 600_000,
        "(" * 90_000,
        "https://a.b/" + ")" * 90_000,
        "[" * 40_000 + "](" * 20_000,
        "<https://a.b " * 7_000,
        "x\n" * 45_000 + "https://a.b",
    ],
    ids=lambda reply: reply[:12],
)
def test_long_replies_are_read_in_under_a_second(reply: str) -> None:
    started = time.process_time()
    URL.read(reply)
    assert time.process_time() - started < 1


def test_values_are_checked_as_they_stand() -> None:
    assert URL.check("https://example.org").how == "exact"
    for value in ("<https://example.org>", 3, None, ["https://example.org"]):
        assert URL.check(value).how == "invalid"


# Documents

MARKDOWN = Markdown()


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("```markdown\n# A\n```", "# A"),
        ("```md\n# A\n\nB\n```\n", "# A\n\nB"),
        ("```\n# A\n```", "# A"),
        ("~~~Markdown\n# A\n~~~", "# A"),
        ("````markdown\n```\nx\n```\n````", "```\nx\n```"),
        ("```markdown\n# A\n```python\nx = 1\n```\nB\n```", "# A\n```python\nx = 1\n```\nB"),
        ("```markdown\n```", ""),
    ],
)
def test_one_block_around_a_document_is_taken_off(reply: str, answer: str) -> None:
    assert MARKDOWN.read(reply) == ("repaired", answer, None, "fence", None)


@pytest.mark.parametrize(
    "reply",
    [
        "# A",
        "",
        "```python\nx = 1\n```",
        "Here it is:\n```markdown\n# A\n```",
        "```markdown\n# A\n```\nDone.",
        "```markdown\n# A",
        "```\na\n```\nand\n```\nb\n```",
        "```markdown",
        "`# A`",
        '{"answer": "# A"}',
    ],
)
def test_other_documents_stay_as_they_are(reply: str) -> None:
    assert MARKDOWN.read(f" {reply}\n") == ("exact", reply, None, None, None)


@given(texts | st.text("`~# a\n", max_size=30))
def test_a_document_comes_back_from_what_is_written(text: str) -> None:
    answer = MARKDOWN.check(text).answer
    assert MARKDOWN.read(MARKDOWN.write(answer)).answer == answer


def test_a_long_document_of_fences_is_read_in_under_a_second() -> None:
    started = time.process_time()
    MARKDOWN.read("```markdown\n" + "```a\n" * 500_000 + "`" * 1_000_000)
    assert time.process_time() - started < 1


# Computed values


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("4", 4),
        ("-4", -4),
        ("4.0", 4.0),
        (".5", 0.5),
        ("4.", 4.0),
        ("1e3", 1000.0),
        ("0", 0),
        ("02139", "02139"),
        ("1,000", "1,000"),
        ("1_000", "1_000"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("1e999", "1e999"),
        ("٣", "٣"),
        ("True", "True"),
        ("", ""),
        (".", "."),
        ("e5", "e5"),
        ("9" * 5_000, "9" * 5_000),
    ],
)
def test_a_text_that_is_a_number_is_one_and_no_other(text: str, answer: object) -> None:
    read = Computed().read(f" {text}\n")
    assert (read.answer, type(read.answer)) == (answer, type(answer))


@given(st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back_from_what_is_written(number: float) -> None:
    assert as_number(Computed().write(number)) == number


@given(json_values)
def test_whatever_json_can_write_is_an_answer(value: object) -> None:
    assert Anything().check(value) == ("exact", value, None, None, None)


@pytest.mark.parametrize("value", [object(), {1: 2}, {"a": {3}}, len, b"x"])
def test_what_json_cannot_write_is_none(value: object) -> None:
    assert Anything().check(value).how == "invalid"


def test_values_are_turned_into_what_json_has() -> None:
    numpy = pytest.importorskip("numpy")
    assert Anything().check((1, numpy.int64(2), numpy.float64(0.5), numpy.bool_(True))).answer == [
        1,
        2,
        0.5,
        True,
    ]


def test_a_list_that_holds_itself_is_none() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert Anything().check(endless).how == "invalid"


def test_a_fraction_is_at_least_0_and_below_1() -> None:
    assert [Fraction().check(value).how for value in (0, 0.5, 1, -0.1, "0.5", True)] == [
        "exact", "exact", "invalid", "invalid", "invalid", "invalid",
    ]  # fmt: skip
    assert Fraction().read("0.25").answer == 0.25
