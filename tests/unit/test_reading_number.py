"""Reading numbers: the tolerated forms, what is no number, and that none is ever bent."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.questions.reading import Number, Reading
from tests.unit.samples import texts

written_numbers = st.integers(-(10**9), 10**9) | st.decimals(-1000, 1000, places=2).map(float)
numbers = st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)

FORMS: dict[str, Callable[[str], str]] = {
    "quotes": lambda n: f'"{n}"',
    "emphasis": lambda n: f"**{n}**",
    "label": lambda n: f"Answer: {n}",
    "fence": lambda n: f"```\n{n}\n```",
    "json": lambda n: json.dumps({"answer": json.loads(n)}),
    "python+json": lambda n: f"{{'answer': {n}}}",
    "currency": lambda n: f"${n}",
    "percent": lambda n: f"{n}%",
    "full stop": lambda n: f"{n}.",
    "sentence": lambda n: f"I'd say {n} people",
}


def read(reply: str) -> Reading:
    return Number().read(reply)


@given(numbers)
def test_a_number_as_python_writes_it_is_exact(number: int | float) -> None:
    assert read(f" {number!r}\n") == ("exact", number, None, None, None)
    assert read(f"{number!r}\nI counted.") == ("exact", number, "I counted.", None, None)


@given(
    st.integers(-(10**9), 10**9) | st.decimals(-1000, 1000, places=2).map(float),
    st.sampled_from(sorted(FORMS)),
)
def test_a_number_comes_back_from_every_tolerated_form(number: int | float, rule: str) -> None:
    reading = read(FORMS[rule](repr(number)))
    assert (reading.how, reading.answer, reading.rule) == ("repaired", number, rule)
    assert type(reading.answer) is type(number)


@given(st.integers(1000, 10**12), st.sampled_from([",", "'", "’", "_", "\u00a0", "\u202f"]))
def test_thousands_may_be_set_apart(number: int, gap: str) -> None:
    assert read(f"{number:,}".replace(",", gap)) == ("repaired", number, None, "thousands", None)


@pytest.mark.parametrize(
    ("reply", "answer", "rule"),
    [
        ("42", 42, None),
        ("007", 7, None),
        ("+5", 5, None),
        ("4.0", 4.0, None),
        ("1e3", 1000.0, None),
        ("-$5", -5, "currency"),
        ("$-5", -5, "currency"),
        ("5 EUR", 5, "currency"),
        ("$1,234.50", 1234.5, "thousands+currency"),
        ("50 percent", 50, "percent"),
        ("−5", -5, "sign"),
        ("about 42", 42, "sentence"),
        ("~42", 42, "sentence"),
        ("I'd say **42**.", 42, "sentence"),
        ("The answer is -5", -5, "sentence"),
        ("It costs $1,200 a month.", 1200, "sentence+thousands+currency"),
        ("42 people, because they came", 42, "sentence"),
        ("I think 42\nbecause of them", 42, "sentence"),
        ('Here: {"answer": 42}', 42, "text around+json"),
    ],
)
def test_these_are_numbers(reply: str, answer: float, rule: str | None) -> None:
    reading = read(reply)
    assert (reading.answer, reading.rule) == (answer, rule)
    assert type(reading.answer) is type(answer)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "None",
        "nan",
        "Infinity",
        "1e999",
        "9" * 400,
        "true",
        "forty-two",
        "3/4",
        "42 or 43",
        "42-43",
        "42\n43",
        "between 5 and 10",
        "10 million",
        "42 Millionen",
        "5k",
        "5 dozen",
        "42nd",
        "42?",
        "not 42",
        "I don't think it is 42",
        "at least 42",
        "more than 42",
        "up to 42",
        "minus 5",
        "- 5",
        "--5",
        "score-5",
        "(5)",
        "1.234,50",
        "1,23",
        "12,34,567",
        "1 234",
        "1..2",
        "²",
        "٣",
        "42万",
        "x = 42",
        "> 42",
        "42 and a half",
        "4 out of 5",
        "2024-01-05",
        "10:30",
        "Question 1: 42",
        "1. 42",
        "Let me think about 3 things.",
        "I'd say 42\nbecause 30 of them like it",
        '{"answer": [42]}',
        '{"answer": true}',
        '{"answer": 42} {"answer": 43}',
    ],
)
def test_these_are_not(reply: str) -> None:
    reading = read(reply)
    assert (reading.how, reading.answer) == ("invalid", None)
    assert reading.reason


def test_beyond_the_limits_is_invalid_and_never_bent() -> None:
    space = Number(0, 10)
    assert space.read("-1").reason == "-1 is below the minimum of 0"
    assert space.read("**11**").reason == "11 is above the maximum of 10"
    assert [space.read(reply).answer for reply in ("0", "10", "10.0", "10.01")] == [0, 10, 10.0, None]
    assert [space.check(value).how for value in (0, 10.5, "5", True, None, float("nan"))] == [
        "exact",
        *["invalid"] * 5,
    ]


def test_permissive_takes_any_number_but_nothing_else() -> None:
    space = Number(0, 10, permissive=True)
    assert (space.read("-1").answer, space.read("ten").how) == (-1, "invalid")


def test_a_percentage_of_at_most_one_is_not_guessed_at() -> None:
    assert Number(0, 1).read("0.5%").reason == "0.5% can be read as 0.5 or 0.005"
    assert Number(0, 100).read("50%").answer == 50


limits = st.none() | st.integers(-50, 50) | st.floats(-50, 50)


@given(limits, limits, texts | st.text("0123456789.,-+$% eE/\nor", max_size=12))
def test_nothing_beyond_the_limits_ever_comes_out(low: float | None, high: float | None, reply: str) -> None:
    reading = Number(low, high).read(reply)
    if reading.how != "invalid":
        assert isinstance(reading.answer, int | float)
        assert (low is None or reading.answer >= low) and (high is None or reading.answer <= high)
        assert any(digit in reply for digit in "0123456789")


@given(limits, limits, st.randoms(use_true_random=False))
def test_drawn_numbers_are_answers(low: float | None, high: float | None, random: Random) -> None:
    if low is not None and high is not None and low > high:
        low, high = high, low
    space = Number(low, high)
    answer = space.draw(random)
    assert space.check(answer) == space.read(space.write(answer)) == ("exact", answer, None, None, None)


def test_the_schema_has_the_limits() -> None:
    assert Number(0, 10).schema == {"type": "number", "minimum": 0, "maximum": 10}
    assert Number(0, 10, permissive=True).schema == Number().schema == {"type": "number"}


@pytest.mark.parametrize(
    "reply",
    [
        "1" * 5_000_000,
        "9,999" * 20_000,
        "a " * 90_000 + "4",
        "-" * 190_000,
        "*" * 90_000 + "5" + "*" * 90_000,
        "$" * 190_000,
        "[" * 10_000,
        "1 " * 90_000,
    ],
    ids=lambda reply: reply[:6],
)
def test_no_reply_takes_long(reply: str) -> None:
    started = time.thread_time()
    assert read(reply).how == "invalid"
    assert time.thread_time() - started < 1
