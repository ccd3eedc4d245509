"""Reading choices: the tolerated forms, what is no answer, and that nothing is ever made up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edsl_nb.questions.options import ENUMERATIONS, codes_for
from edsl_nb.questions.reading import Choice, Reading
from edsl_nb.questions.reading.names import fold
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


def read_choice(reply: str, options: Sequence[Any]) -> Reading:
    return Choice(options).read(reply)


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
        # Upper case turns some letters into others, and full stops are not taken off other marks.
        assert (
            written.casefold().split() != str(option).casefold().split()
            if rule == "case"
            else any(marks in written for marks in ("..", "!.", "?."))
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
        ("Answer: Green\nAnswer: Blue", COLORS),
        ("I like Blue", COLORS),
        ("Blue because of the sky and not of Red", COLORS),
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
    started = time.thread_time()
    assert read_choice(reply, [*COLORS, *SCALE]).how == "invalid"
    assert time.thread_time() - started < 1


# Sentences


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("I would say No.", "No"),
        ("I'd say yes, I think", "Yes"),
        ("Yes, because I like it", "Yes"),
        ("Yes. It is good.", "Yes"),
        ("Yes - it is what I want", "Yes"),
        ("No, I don't.", "No"),
        ("No, it is not.", "No"),
        ("The answer is **Yes**.", "Yes"),
        ("My final answer is: yes", "Yes"),
        ("Yes, absolutely.", "Yes"),
        ('I choose "No".', "No"),
        ("I pick the option Yes", "Yes"),
        ("I prefer Yes since it is friendly\nand warm", "Yes"),
    ],
)
def test_a_sentence_that_can_mean_one_thing_only_is_an_answer(reply: str, answer: str) -> None:
    reading = read_choice(reply, ["No", "Yes"])
    assert reading.answer == answer
    assert "sentence" in (reading.rule or "").split("+") or "label" in (reading.rule or "")


@pytest.mark.parametrize(
    "reply",
    [
        "Either way, No idea",
        "No idea",
        "No, I can't answer that",
        "No, I would rather say nothing",
        "Yes or no",
        "Yes and no",
        "not yes",
        "I would not say yes",
        "I would say yes if it rains",
        "I would say yes, but no",
        "I'd say yes. Actually wait, no",
        "Yes, I mean no",
        "Yes, it depends",
        "Yes, I guess not",
        "Yes, because I never lie",
        "Yes, unless it rains",
        "Yes?",
        "Yes, is it?",
        "Do I? Yes",
        "I would say that yes is wrong",
        "I would never say yes",
        "My friend would say Yes",
        "Nobody says yes",
        "Yes is the opposite of my answer",
        "yesterday",
        "I'd say nope",
        "Anything but yes",
        "Neither yes",
        "Instead of yes",
        "I would say yes rather than no",
        "I think so",
        "I would say " + "yes " * 200,
        "Yes, I like the sound of " + "it " * 200,
    ],
)
def test_a_sentence_in_doubt_is_no_answer(reply: str) -> None:
    reading = read_choice(reply, ["No", "Yes"])
    assert (reading.how, reading.answer) == ("invalid", None)


@pytest.mark.parametrize(
    "reply",
    ["4 out of 10", "4/5", "about 4", "4 or 5", "4, I have 3", "not 4", "4.5", "4 - 5", "1-4", "-4", "4%",
     "44", "4 as a minimum", "at least 4", "4 apples", "I would say -4", "I'd say 4.5", "four", "4 4"],
)  # fmt: skip
def test_numbers_on_a_scale_are_never_bent(reply: str) -> None:
    assert Choice(SCALE, labels=["bad", None, None, None, "good"]).read(reply).how == "invalid"


@pytest.mark.parametrize(
    ("reply", "answer", "rule"),
    [
        ("4", 4, None),
        ("4.0", 4, "number"),
        ("4.", 4, "full stop"),
        ("5: good", 5, "number and label"),
        ("5 (GOOD)", 5, "number and label"),
        ("good", 5, "scale label"),
        ("I'd say 4", 4, "sentence"),
        ("4 because I like it", 4, "sentence"),
    ],
)
def test_how_steps_of_a_scale_are_named(reply: str, answer: int, rule: str | None) -> None:
    reading = Choice(SCALE, labels=["bad", None, None, None, "good"]).read(reply)
    assert (reading.answer, reading.rule) == (answer, rule)


def test_a_number_and_a_label_that_disagree_are_no_answer() -> None:
    reading = Choice(SCALE, labels=["bad", None, None, None, "good"]).read("5 (bad)")
    assert (reading.how, reading.reason) == ("invalid", "the reply can be read as '5' or '1'")


# Codes


@pytest.mark.parametrize(
    ("reply", "answer", "rule"),
    [
        ("2", "Blue", None),
        ("2\nso", "Blue", None),
        ("(2)", "Blue", "code"),
        ("2)", "Blue", "code"),
        ("Option 2", "Blue", "code"),
        ("2. Blue", "Blue", "code and text"),
        ("2: blue", "Blue", "code and text"),
        ("Blue (2)", "Blue", "code and text"),
        ("Blue", "Blue", "text"),
        ("blue", "Blue", "text+case"),
        ("2 because I like it", "Blue", "sentence"),
        ('{"answer": 2}', "Blue", "json"),
    ],
)
def test_codes_and_texts_are_understood_where_codes_are_asked_for(
    reply: str, answer: str, rule: str | None
) -> None:
    reading = Choice(["Red", "Green", "Blue"], codes=["0", "1", "2"]).read(reply)
    assert (reading.answer, reading.rule) == (answer, rule)


@pytest.mark.parametrize(
    "reply", ["2. Red", "Red (2)", "2. Purple", "3", "-1", "1.0", "2 1", "0, 1", "12", "2 Reds"]
)
def test_a_code_that_is_none_or_disagrees_is_no_answer(reply: str) -> None:
    assert Choice(["Red", "Green", "Blue"], codes=["0", "1", "2"]).read(reply).how == "invalid"


@pytest.mark.parametrize("reply", ["0", "1", "A", "(1)", "Option 1", "first"])
def test_codes_that_nobody_asked_for_are_no_answers(reply: str) -> None:
    assert read_choice(reply, ["Red", "Green"]).how == "invalid"


# Answers in one's own words


@pytest.mark.parametrize(
    ("reply", "how", "answer"),
    [
        ("Other: teal", "exact", "Other: teal"),
        ("Other: teal, or so\nwell", "exact", "Other: teal, or so"),
        ("other:teal", "repaired", "Other: teal"),
        ("**Other: teal.**", "repaired", "Other: teal."),
        ("Other", "exact", "Other"),
        ("Red", "exact", "Red"),
        ("teal", "invalid", None),
        ("Other: red", "invalid", None),
        ("Other:", "invalid", None),
        ("Another: teal", "invalid", None),
    ],
)
def test_an_answer_in_own_words_is_announced(reply: str, how: str, answer: str | None) -> None:
    reading = Choice(["Red", "Green"], other="Other").read(reply)
    assert (reading.how, reading.answer) == (how, answer)


def test_the_announcement_may_leave_out_what_stands_in_brackets() -> None:
    space = Choice(["Red"], other="Other (please specify)")
    assert space.read("Other: teal").answer == "Other (please specify): teal"
    assert space.check("Other (please specify): teal").how == "exact"


# Permissive


@pytest.mark.parametrize(
    ("reply", "how", "answer"),
    [
        ("Purple", "exact", "Purple"),
        ("red", "repaired", "Red"),
        ("Purple.\nso", "exact", "Purple."),
        ('"Purple"', "repaired", "Purple"),
        ('{"answer": "Purple"}', "repaired", "Purple"),
        ("", "invalid", None),
        ('["Purple"]', "invalid", None),
    ],
)
def test_other_texts_are_taken_as_they_are_where_that_is_allowed(
    reply: str, how: str, answer: str | None
) -> None:
    reading = Choice(["Red", "Green"], permissive=True).read(reply)
    assert (reading.how, reading.answer) == (how, answer)


@pytest.mark.parametrize(
    ("reply", "answer"), [("7", 7), ("7.5", 7.5), ("-1", -1), ("seven", None), ("nan", None)]
)
def test_numbers_stay_numbers_where_other_answers_are_allowed(reply: str, answer: float | None) -> None:
    assert Choice(SCALE, permissive=True).read(reply).answer == answer


# Every space


@given(
    any_options,
    st.sampled_from([{}, {"codes": True}, {"other": "Other"}, {"codes": True, "other": "Other"}]),
    st.data(),
)
def test_what_is_written_is_read_exactly(
    options: list[Any], kind: dict[str, Any], data: st.DataObject
) -> None:
    codes = codes_for(options) if kind.get("codes") else None
    space = Choice(options, codes, other=kind.get("other"))
    answer = data.draw(st.sampled_from(options))
    reading = space.read(space.write(answer))
    assert reading.how == "exact"
    assert reading.answer is answer
    assert space.check(answer).answer is answer


@given(any_options)
def test_codes_are_never_taken_for_options(options: list[Any]) -> None:
    for enumeration in ENUMERATIONS:
        codes = codes_for(options, enumeration)
        assert len(set(codes)) == len(options)
        for place, code in enumerate(codes):
            assert all(fold(str(o)) != fold(code) for i, o in enumerate(options) if i != place)


@given(st.text() | near_replies, any_options, st.booleans())
def test_codes_lead_to_options_or_nothing(reply: str, options: list[Any], other: bool) -> None:
    space = Choice(options, codes_for(options), other="Other" if other else None)
    reading = space.read(reply)
    if not (other and isinstance(reading.answer, str) and reading.answer.startswith("Other")):
        assert not wrong_options(reading, options)


def test_exact_replies_are_read_fast() -> None:
    space = Choice(COLORS)
    replies = [COLORS[i % 3] for i in range(50_000)]
    started = time.thread_time()
    for reply in replies:
        space.read(reply)
    assert time.thread_time() - started < 1


@pytest.mark.parametrize(
    "reply",
    [
        "Red\nGreen\nBlue",
        "Red\n\nGreen",
        "red\nGREEN",
        "- Red\n- Green\n- Blue",
        "**Red**\n**Green**",
        "Answer: Red\nBlue",
    ],
)
def test_options_that_are_repeated_are_no_choice(reply: str) -> None:
    reading = Choice(["Red", "Green", "Blue"]).read(reply)
    assert reading.how == "invalid", reading
    assert "can be read as 'Red' or " in str(reading.reason) or "**" in reply


def test_codes_that_are_repeated_are_no_choice() -> None:
    space = Choice(["Red", "Green", "Blue"], codes=["A", "B", "C"])
    assert space.read("A: Red\nB: Green\nC: Blue\n\nYou can choose one.").how == "invalid"
    assert space.read("A\nB").how == "invalid"
    assert space.read("A: Red\nIt is a color.").answer == "Red"
    assert space.read("A\nRed").answer == "Red"
    assert space.read("A\nBecause B is dull.").answer == "Red"
    assert space.read('{"answer": "A", "comment": "B"}').answer == "Red"
