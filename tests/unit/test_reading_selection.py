"""Reading selections, rankings, grids and searches: the tolerated forms; nothing is made up or dropped."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.questions.options import codes_for
from edsl_nb.questions.reading import AnswerSpace, Grid, Search, Selection
from tests.unit.samples import texts

COLORS = ["Red", "Green", "Blue", "Sky blue", "Red, white and blue"]

#: Each tolerated form of a list: its rule, and how it is written.
FORMS: dict[str, Callable[[list[str]], str]] = {
    "": json.dumps,
    "python": repr,
    "fence": lambda items: f"```json\n{json.dumps(items)}\n```",
    "json": lambda items: json.dumps({"answer": items}),
    "commas": ", ".join,
    "brackets": lambda items: f"[{', '.join(items)}]",
    "bullets": lambda items: "".join(f"- {item}\n" for item in items),
    "numbered": lambda items: "".join(f"{i}. {item}\n" for i, item in enumerate(items, 1)),
    "lines": "\n".join,
    "text around+bullets": lambda items: "I choose:\n\n" + "\n".join(f"* {item}" for item in items),
}

words = st.lists(
    st.from_regex(r"[a-z]{2,6}( [a-z]{2,6})?", fullmatch=True).filter(
        lambda w: not {"answer", "and", "then", "none", "nothing"} & set(w.split())
    ),
    min_size=2,
    max_size=6,
    unique=True,
)

any_options = st.lists(
    st.one_of(
        texts,
        st.integers(),
        st.booleans(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(["a, b", "a", "b", "a and b", "- a", "1. a", "None", "[a]", "0", "1"]),
    ).filter(lambda option: str(option).strip()),
    min_size=1,
    max_size=5,
    unique_by=lambda option: str(option).strip(),
)


def is_among(answer: Any, options: list[Any]) -> bool:
    return all(any(item is option for option in options) for item in answer)


# Selections


@given(words, st.sampled_from(sorted(FORMS)), st.data())
def test_a_selection_comes_back_from_every_tolerated_form(
    options: list[str], form: str, data: st.DataObject
) -> None:
    answer = data.draw(st.lists(st.sampled_from(options), min_size=2, unique=True))
    reading = Selection(options).read(FORMS[form](answer))
    assert reading.answer == answer
    assert (reading.rule or "") == form


@given(any_options, st.booleans(), st.data())
def test_what_is_written_is_read_exactly(options: list[Any], coded: bool, data: st.DataObject) -> None:
    space = Selection(options, codes=codes_for(options) if coded else None)
    answer = data.draw(st.lists(st.sampled_from(options), unique_by=lambda option: str(option).strip()))
    reading = space.read(space.write(answer))
    assert reading.how == "exact"
    assert len(reading.answer) == len(answer)
    assert all(one is other for one, other in zip(reading.answer, answer, strict=True))
    assert space.check(answer).answer == answer


near_lists = st.lists(
    st.sampled_from(
        [
            *COLORS,
            "a",
            "b",
            '"',
            "[",
            "]",
            ", ",
            "\n",
            "- ",
            "1. ",
            " and ",
            "{",
            "}",
            '"answer": ',
            "0",
            "**",
        ]
    ),
    max_size=12,
).map("".join)


@given(st.text() | near_lists, any_options | st.just(COLORS), st.booleans(), st.data())
def test_an_answer_holds_options_only_each_once_and_as_many_as_allowed(
    reply: str, options: list[Any], coded: bool, data: st.DataObject
) -> None:
    least = data.draw(st.integers(0, len(options)))
    most = data.draw(st.integers(least, len(options)))
    reading = Selection(options, least, most, codes_for(options) if coded else None).read(reply)
    assert (reading.answer is None) == (reading.how == "invalid") == (reading.reason is not None)
    if reading.how != "invalid":
        assert is_among(reading.answer, options)
        assert least <= len(reading.answer) <= most
        assert len({str(item).strip() for item in reading.answer}) == len(reading.answer)


@pytest.mark.parametrize(
    ("reply", "answer", "comment"),
    [
        ('["Red", "Blue"]\nThey are fine.', ["Red", "Blue"], "They are fine."),
        ('[\n  "Red",\n  "Blue"\n]', ["Red", "Blue"], None),
        ('["red", " BLUE "]', ["Red", "Blue"], None),
        ('My answer: ["Red"]', ["Red"], None),
        ("Red; Blue", ["Red", "Blue"], None),
        ("Red, and Blue.", ["Red", "Blue"], None),
        ("Red > Blue", ["Red", "Blue"], None),
        ("**Red**, *Blue*", ["Red", "Blue"], None),
        ("Red\nIt is warm.", ["Red"], "It is warm."),
        ("- Red\n- Blue\n\nThey are fine.", ["Red", "Blue"], "They are fine."),
        ("Red\nBlue\nThey are fine.", ["Red", "Blue"], "They are fine."),
        ("Red, white and blue, Green", ["Red, white and blue", "Green"], None),
        ('["Red, white and blue"]', ["Red, white and blue"], None),
        ('{"answer": "Red, Sky blue"}', ["Red", "Sky blue"], None),
        ('{"answer": "Red, Blue", "comment": "nice"}', ["Red", "Blue"], "nice"),
        ("[]", [], None),
        ("None", [], None),
        ("None of the above.", [], None),
    ],
)
def test_selections_that_are_understood(reply: str, answer: list[str], comment: str | None) -> None:
    reading = Selection(COLORS).read(reply)
    assert (reading.answer, reading.comment) == (answer, comment)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        " ",
        "Red, Purple",
        '["Red", "Purple"]',
        '["Red", "Red"]',
        "Red, red",
        "Red or Blue",
        "not Red",
        'Not ["Red"]',
        'Anything but ["Red"]',
        '["Red"] or ["Blue"]',
        "I like Red and Blue",
        "Never:\n- Red",
        "Red:\n- Blue",
        "- Red\n- Purple",
        "Red\nPurple",
        "Red\nBlue\nA dark purple",
        "- Red\n- Blue\nPurple",
        "- Red\nwell\n- Blue",
        "Red, Blue\nGreen",
        "Red\n\nwell\n\nBlue\n",
        '["Red", ["Blue"]]',
        '[["Red"]]',
        '["Red", null]',
        '{"Red": true}',
        '["Red", "Blue"',
        "[0, 1]",
        "[true]",
        "0, 1",
        "Red,,Blue",
        "all",
        "Red Blue",
    ],
)
def test_what_is_no_list_of_options_is_invalid(reply: str) -> None:
    reading = Selection(COLORS).read(reply)
    assert (reading.how, reading.answer) == ("invalid", None)
    assert reading.reason


def test_two_ways_to_cut_a_list_make_it_invalid() -> None:
    space = Selection(["a", "b", "a, b"])
    assert "can be read as" in (space.read("a, b").reason or "")
    assert space.read('["a, b"]').answer == ["a, b"]
    assert space.read('["a", "b"]').answer == ["a", "b"]


@pytest.mark.parametrize(
    ("least", "most", "reply", "reason"),
    [
        (2, None, '["Red"]', "at least 2 options are wanted, not 1"),
        (None, 1, '["Red", "Blue"]', "at most 1 option is wanted, not 2"),
        (1, 2, "[]", "1 to 2 options are wanted, not 0"),
        (1, 2, "None", "1 to 2 options are wanted, not 0"),
        (2, 2, "Red", "2 options are wanted, not 1"),
    ],
)
def test_a_wrong_count_is_invalid_and_said(
    least: int | None, most: int | None, reply: str, reason: str
) -> None:
    assert Selection(COLORS, least, most).read(reply).reason == reason


def test_an_option_called_none_is_an_option() -> None:
    assert Selection(["Red", "None"]).read("None").answer == ["None"]


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("[0, 2]", ["Red", "Blue"]),
        ('["0", "2"]', ["Red", "Blue"]),
        ("0, 2", ["Red", "Blue"]),
        ("0 2", ["Red", "Blue"]),
        ("2\n0", ["Blue", "Red"]),
        ("0: Red\n2: Blue", ["Red", "Blue"]),
        ('["Red", "Blue"]', ["Red", "Blue"]),
        ("[0, 7]", None),
        ("[-1]", None),
        ("[0.5]", None),
        ("[true]", None),
        ("1. Red\n2. Green", None),
        ("0. Green", None),
        ("[0, 0]", None),
        ('[0, "Red"]', None),
    ],
)
def test_selections_by_code(reply: str, answer: list[str] | None) -> None:
    assert Selection(["Red", "Green", "Blue"], codes=["0", "1", "2"]).read(reply).answer == answer


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ('["Red", "Other: teal"]', ["Red", "Other: teal"]),
        ('["other: teal, or so"]', ["Other: teal, or so"]),
        ('["Other"]', ["Other"]),
        ("Red, Other: teal", ["Red", "Other: teal"]),
        ('["teal"]', None),
        ('["Other: red"]', None),
        ('["Other: a", "Other: b"]', None),
    ],
)
def test_one_answer_in_own_words_may_be_among_them(reply: str, answer: list[str] | None) -> None:
    assert Selection(["Red", "Green"], other="Other").read(reply).answer == answer


def test_other_items_and_counts_are_taken_where_that_is_allowed() -> None:
    space = Selection(COLORS, 1, 1, permissive=True)
    assert space.read('["Purple", "red", 3]').answer == ["Purple", "Red", 3]
    assert space.read("Purple, Pink").answer == ["Purple", "Pink"]
    assert space.read('["Purple", {}]').how == "invalid"
    assert space.check(["Purple", "Pink"]).how == "exact"


def test_values_are_checked_as_they_stand() -> None:
    space = Selection([1, True, "x"], 1, 2)
    assert space.check([1, True]).answer == [1, True]
    assert space.check((1,)).answer == [1]
    for wrong in (["1"], [1.0], [1, 1], [], ["x", 1, True], "x", None, [[1]], {"x": 1}):
        assert space.check(wrong).how == "invalid"


# Grids


def grid() -> Grid:
    return Grid(["Tea", "Tea, iced", "Milk: warm"], [1, 2, 3], ["bad", None, "good"])


ANSWER = {"Tea": 1, "Tea, iced": 3, "Milk: warm": 2}


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        (json.dumps(ANSWER), None),
        (json.dumps(ANSWER, indent=2), None),
        (json.dumps(dict(reversed(ANSWER.items()))), None),
        (repr(ANSWER), "python"),
        (json.dumps({"answer": ANSWER}), "json"),
        (f"```json\n{json.dumps(ANSWER)}\n```", "fence"),
        ('{"Tea": "1", "Tea, iced": "3", "Milk: warm": "2"}', "text"),
        ('{"Tea": "bad", "Tea, iced": "Good", "Milk: warm": 2}', "scale label+case"),
        ('{"tea": 1, "tea, ICED": 3, "Milk: warm": 2}', "case"),
        ("Tea: 1\nTea, iced: 3\nMilk: warm: 2", "pairs+text"),
        ("- **Tea**: 1\n- Tea, iced: 3 \n- Milk: warm - 2\n\nI like it.", "pairs+text"),
    ],
)
def test_a_grid_comes_back_from_every_tolerated_form(reply: str, rule: str | None) -> None:
    reading = grid().read(reply)
    assert reading.answer == ANSWER
    assert list(reading.answer) == list(ANSWER)
    assert reading.rule == rule


def test_pairs_may_stand_in_one_line() -> None:
    assert Grid(["x", "y"], [1, 2]).read("x: 1, y: 2").answer == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "empty"),
        ('{"x": 1}', "no option for 'y'"),
        ('{"x": 1, "y": 2, "z": 1}', "'z' is not one of the items"),
        ('{"x": 1, "y": 9}', "9 is not one of the options for 'y'"),
        ('{"x": 1, "y": null}', "None is not one of the options"),
        ('{"x": 1, "y": [2]}', "[2] is not one of the options"),
        ('{"x": 1, "y": true}', "True is not one of the options"),
        ('{"x": 1, "X": 1, "y": 2}', "'X' is given twice"),
        ('{"0": 1, "1": 2}', "'0' is not one of the items"),
        ('{"x": 1, "x": 2, "y": 1}', "no JSON object"),
        ("[1, 2]", "no JSON object"),
        ("1, 2", "no JSON object"),
        ("x: 1", "no option for 'y'"),
        ("x: 1\nx: 2\ny: 1", "'x' is given twice"),
        ("x: 1\nwell\ny: 1", "no option for 'y'"),
        ("x: -1, y: 1", "'-1' is not one of the options"),
        ("x: 1 or 2, y: 1", "is not one of the options"),
        ('Not {"x": 1, "y": 2}', ""),
    ],
)
def test_a_grid_with_anything_wrong_is_invalid_as_a_whole(reply: str, reason: str) -> None:
    reading = Grid(["x", "y"], [1, 2]).read(reply)
    assert (reading.how, reading.answer) == ("invalid", None)
    assert reason in (reading.reason or "")


@given(any_options, any_options, st.data())
def test_what_a_grid_writes_is_read_exactly(
    items: list[Any], options: list[Any], data: st.DataObject
) -> None:
    space = Grid(items, options)
    answer = {item: data.draw(st.sampled_from(options)) for item in space.items}
    reading = space.read(space.write(answer))
    assert (reading.how, list(reading.answer.items())) == ("exact", list(answer.items()))
    assert all(reading.answer[item] is option for item, option in answer.items())


@given(st.text() | near_lists.map(lambda text: "{" + text + "}"), any_options, any_options)
def test_a_grid_is_whole_or_nothing(reply: str, items: list[Any], options: list[Any]) -> None:
    reading = Grid(items, options).read(reply)
    assert (reading.answer is None) == (reading.how == "invalid")
    if reading.answer is not None:
        assert list(reading.answer) == [str(item).strip() for item in items]
        assert is_among(reading.answer.values(), options)


# Searches

CITIES = ["New York", "Los Angeles", "San Diego", "San Jose", "Long Beach"]


@pytest.mark.parametrize(
    ("reply", "how", "answer"),
    [
        ("San Jose", "exact", ["San Jose"]),
        ("San Jose\nIt is warm.", "exact", ["San Jose"]),
        ("San Jose\nNew York", "repaired", ["San Jose", "New York"]),
        ("New York, San Jose", "repaired", ["New York", "San Jose"]),
        ('["New York"]', "exact", ["New York"]),
        ("san", "repaired", ["San Jose", "San Diego"]),
        ("a beach, or a city such as Diego", "invalid", None),
        ("a beach near Diego", "repaired", ["Long Beach", "San Diego"]),
        ("sunny", "repaired", ["San Diego"]),
        ("zzz", "invalid", None),
        ("not San Jose", "invalid", None),
        ('["New York", "Boston"]', "invalid", None),
        ("", "invalid", None),
        ("...", "invalid", None),
    ],
)
def test_options_are_found_by_words(reply: str, how: str, answer: list[str] | None) -> None:
    reading = Search(CITIES, ["", "", "sunny and", "", ""], most=2).read(reply)
    assert (reading.how, reading.answer) == (how, answer)
    assert (reading.rule == "search") == (reply in ("san", "a beach near Diego", "sunny"))


@given(st.text(), any_options)
def test_a_search_finds_options_only(reply: str, options: list[Any]) -> None:
    reading = Search(options, most=2).read(reply)
    if reading.how != "invalid":
        assert is_among(reading.answer, options)
        assert 1 <= len(reading.answer) <= 2


# All of them

SPACES: dict[str, AnswerSpace] = {
    "selection": Selection(COLORS, 1, 3),
    "codes": Selection(COLORS, 1, 3, codes=codes_for(COLORS)),
    "ranking": Selection(COLORS, 5, 5),
    "other": Selection(COLORS, other="Other"),
    "permissive": Selection(COLORS, permissive=True),
    "grid": grid(),
    "search": Search(COLORS),
}


@pytest.mark.parametrize("name", SPACES)
def test_drawn_answers_are_valid_and_read_exactly(name: str) -> None:
    space = SPACES[name]
    for seed in range(50):
        answer = space.draw(Random(seed))
        assert space.check(answer).answer == answer
        assert (space.read(space.write(answer)).how, space.read(space.write(answer)).answer) == (
            "exact",
            answer,
        )


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize(
    "reply",
    [
        "x" * 5_000_000,
        "[" * 10_000,
        "[" * 10_000 + "]" * 10_000,
        '{"a": ' * 9_000 + "1" + "}" * 9_000,
        '["Red", ' * 20_000,
        "Red, " * 30_000,
        "Red\n" * 40_000,
        "- Red\n" * 30_000,
        "Red: 1\n" * 15_000,
        "Tea: 1, " * 12_000,
        "[" + "1, " * 50_000 + "1]",
        "and " * 30_000,
        '"' * 99_999,
        "\n" * 99_000 + "x",
        "Red" + " " * 99_000 + "Blue",
    ],
    ids=lambda reply: repr(reply[:8]),
)
def test_monstrous_replies_are_read_in_no_time(name: str, reply: str) -> None:
    started = time.thread_time()
    reading = SPACES[name].read(reply)
    assert time.thread_time() - started < 1
    assert reading.how == "invalid" or name in ("permissive", "search")
