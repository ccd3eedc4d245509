"""Reading choices: the tolerated forms, what is no answer, and that nothing is ever made up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edsl_nb.questions.reading import Reading, read_choice
from tests.unit.samples import texts

COLORS = ["Red", "Green", "Blue", "not a color", "Sky blue"]
SCALE = [1, 2, 3, 4, 5]

#: Each tolerated form: its rule, and how an option is written in it.
FORMS: dict[str, Callable[[str], str]] = {
    "": lambda o: f" {o}\n",
    "quotes": lambda o: f'"{o}"',
    "emphasis": lambda o: f"**{o}**",
    "label": lambda o: f"Answer: {o}",
    "fence": lambda o: f"```\n{o}\n```",
    "json": lambda o: json.dumps({"answer": o}),
    "full stop": lambda o: f"{o}.",
    "case": lambda o: o.upper(),
}

OTHERS = {
    "quotes": [
        lambda o: f"'{o}'",
        lambda o: f"“{o}”",
        lambda o: f"`{o}`",
        lambda o: f"«{o}»",
        lambda o: f"‘{o}’",
    ],
    "emphasis": [lambda o: f"*{o}*", lambda o: f"__{o}__", lambda o: f"_{o}_", lambda o: f"***{o}***"],
    "label": [
        lambda o: f"answer:{o}",
        lambda o: f"The answer is: {o}",
        lambda o: f"My answer: {o}",
        lambda o: f"**Answer:** {o}",
        lambda o: f"**Answer**: {o}",
        lambda o: f"_The answer is_: {o}",
    ],
    "fence": [lambda o: f"```text\n{o}\n```", lambda o: f"```\n\n {o}\n\n```"],
    "json": [lambda o: json.dumps({"comment": "x", "answer": f" {o} "}, indent=2)],
    "case": [lambda o: o.lower(), lambda o: o.replace(" ", "  ")],
}

#: Words that no form turns into one another.
words = st.lists(
    st.from_regex(r"[a-z]{2,6}( [a-z]{2,6})?", fullmatch=True).filter(lambda w: w != "answer"),
    min_size=1,
    max_size=5,
    unique=True,
)

any_options = st.lists(
    st.one_of(
        texts, st.integers(), st.booleans(), st.sampled_from(["*a*", "a", "a.", '"a"', "Answer: a", "A\na"])
    ).filter(lambda option: str(option).strip()),
    min_size=1,
    max_size=5,
    unique_by=lambda option: str(option).strip(),
)


def wrong_options(reading: Reading, options: Sequence[Any]) -> bool:
    return reading.how != "invalid" and not any(reading.answer is option for option in options)


# The forms


@given(words, st.sampled_from(sorted(FORMS)), st.data())
def test_an_option_comes_back_from_every_tolerated_form(
    options: list[str], rule: str, data: st.DataObject
) -> None:
    option = data.draw(st.sampled_from(options))
    write = data.draw(st.sampled_from([FORMS[rule], *OTHERS.get(rule, [])]))
    reading = read_choice(write(option), options)
    assert reading.answer == option
    if reading.how == "repaired":
        assert reading.rule == rule
    else:
        assert write(option).strip() == option


@given(any_options, st.sampled_from(sorted(FORMS)), st.data())
@example(options=["*a*", "a"], rule="emphasis", data=None)
@example(options=["A\na", "A"], rule="label", data=None)
def test_an_option_comes_back_or_is_read_as_two(
    options: list[Any], rule: str, data: st.DataObject | None
) -> None:
    """Whatever the options hold: another one is taken only where the reply is that other one."""
    option = data.draw(st.sampled_from(options)) if data else options[0]
    written = FORMS[rule](str(option).strip())
    reading = read_choice(written, options)
    assert not wrong_options(reading, options)
    if reading.how == "exact":
        assert str(reading.answer).strip() in (written.strip(), written.strip().split("\n")[0].strip())
    elif reading.how == "repaired":
        assert reading.answer is option
    elif "can be read as" not in (reading.reason or ""):
        # Upper case turns some letters into others, and dots are only taken off one by one.
        assert (
            written.casefold().split() != str(option).casefold().split()
            if rule == "case"
            else ".." in written
        )


@given(words, st.permutations(["quotes", "emphasis", "label", "full stop"]), st.data())
def test_forms_can_be_combined(options: list[str], rules: list[str], data: st.DataObject) -> None:
    option = written = data.draw(st.sampled_from(options))
    for rule in rules:
        written = FORMS[rule](written)
    reading = read_choice(FORMS["fence"](written), options)
    assert (reading.how, reading.answer) == ("repaired", option)
    assert set((reading.rule or "").split("+")) == {"fence", *rules}


def test_an_exact_option_wins_over_every_other_form() -> None:
    options = ["Yes", "yes", "Yes.", '"Yes"', "**Yes**", "Answer: Yes", '{"answer": "Yes"}']
    for option in options:
        assert read_choice(option, options) == Reading("exact", option)


def test_what_follows_on_further_lines_is_the_comment() -> None:
    assert read_choice("Blue\n\nThe sky is.\nSo is the sea.", COLORS) == Reading(
        "exact", "Blue", "The sky is.\nSo is the sea."
    )
    assert read_choice("**blue**\nThe sky is.", COLORS) == Reading(
        "repaired", "Blue", "The sky is.", "emphasis+case"
    )
    assert read_choice('{"answer": "Blue", "comment": "The sky is."}', COLORS).comment == "The sky is."
    assert read_choice("Red\nNot Blue", COLORS).answer == "Red"


def test_an_answer_has_the_type_of_its_option() -> None:
    assert read_choice("3", SCALE).answer == 3
    assert read_choice('{"answer": 3}', SCALE).answer == 3
    reading = read_choice('{"answer": true}', [True, False])
    assert reading.answer is True
    assert read_choice(" 1.5.", [1.5, 2]).answer == 1.5


# What is no answer


@pytest.mark.parametrize(
    ("reply", "options"),
    [
        ("", COLORS),
        (" \n ", COLORS),
        ("not a", COLORS),
        ("Green or red", COLORS),
        ("Green, Blue", COLORS),
        ("I like Blue", COLORS),
        ("Blue because of the sky", COLORS),
        ("Yellow", COLORS),
        ("blue sky", COLORS),
        ("0", COLORS),
        ("None", COLORS),
        ("null", COLORS),
        ('{"answer": null}', COLORS),
        ('{"answer": ["Blue"]}', COLORS),
        ('{"reply": "Blue"}', COLORS),
        ('["Blue"]', COLORS),
        ('{"answer": "Blue"', COLORS),
        ("Answer:", COLORS),
        ("Blue...", COLORS),
        ('""', COLORS),
        ("**", COLORS),
        ("```\n```", COLORS),
        ("-1", SCALE),
        ("6", SCALE),
        ("0", SCALE),
        ("three", SCALE),
        ("4/5", SCALE),
        ("3 because", SCALE),
        ("1,2", SCALE),
        ("1e0", SCALE),
        ("10", SCALE),
        ("YES", ["Yes", "yes"]),
    ],
)
def test_what_names_no_option_or_two_is_invalid(reply: str, options: list[Any]) -> None:
    reading = read_choice(reply, options)
    assert (reading.how, reading.answer) == ("invalid", None)
    assert reading.reason


def test_the_reason_says_what_was_wrong_and_stays_short() -> None:
    assert read_choice("Purple", COLORS).reason == "'Purple' is not one of the options"
    assert read_choice("YES", ["Yes", "yes"]).reason == "the reply can be read as 'Yes' or 'yes'"
    assert len(read_choice("x" * 5_000, COLORS).reason or "") < 120


near_replies = st.lists(
    st.sampled_from(
        [*COLORS, "Answer:", '"', "**", "*", "```", "\n", ".", " ", "{", "}", '{"answer": "Blue"}', "a", "_"]
    ),
    max_size=10,
).map("".join)


@given(st.text() | near_replies, any_options | st.just(COLORS))
def test_an_answer_is_one_of_the_options_or_none(reply: str, options: list[Any]) -> None:
    reading = read_choice(reply, options)
    assert not wrong_options(reading, options)
    assert (reading.answer is None) == (reading.how == "invalid")
    assert (reading.rule is not None) == (reading.how == "repaired")
    assert (reading.reason is not None) == (reading.how == "invalid")


@pytest.mark.parametrize(
    "reply",
    [
        "x" * 5_000_000,
        "[" * 10_000,
        '{"answer": ' + "[" * 10_000 + "]" * 10_000 + "}",
        '{"answer": ' * 9_000 + "1" + "}" * 9_000,
        '"' * 99_999,
        "*" * 99_999,
        "`" * 99_999,
        '"*' * 24_000 + "Blue" + '*"' * 24_000,
        "answer: " * 12_000,
        "answer" + " " * 99_000 + "Blue",
        "```" + "\n```" * 24_000,
        '{"answer": ' + "9" * 90_000 + "}",
    ],
    ids=lambda reply: reply[:12],
)
def test_monstrous_replies_are_read_in_no_time(reply: str) -> None:
    started = time.perf_counter()
    assert read_choice(reply, [*COLORS, *SCALE]).how == "invalid"
    assert time.perf_counter() - started < 1
