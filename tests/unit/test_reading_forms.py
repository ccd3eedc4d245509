"""Ways to look at a reply: which there are, that they are found, and that they stay few."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.questions.reading.forms import Form, doubtful, forms
from tests.unit.samples import texts


def rules(text: str) -> dict[str, str]:
    return {form.text: form.rule for form in forms(text)}


@pytest.mark.parametrize(
    ("reply", "form"),
    [
        ("Blue", Form("Blue")),
        ("Blue\n\nbecause\nof it", Form("Blue", "because\nof it")),
        ("```\nBlue\n```", Form("Blue", None, "fence")),
        ("```text\nBlue\n```\nso", Form("Blue", "so", "fence")),
        ("```Blue```", Form("Blue", None, "fence")),
        ("Here it is:\n```\nBlue\n```", Form("Blue", None, "fence+text around")),
        ('{"answer": "Blue", "comment": "so"}', Form("Blue", "so", "json")),
        ('{"answer": 3.5}', Form("3.5", None, "json")),
        ('{"answer": true}', Form("true", None, "json")),
        ('{"answer": "Blue"}\nso', Form("Blue", "so", "json")),
        ("Answer: Blue", Form("Blue", None, "label")),
        ("**Final answer:** Blue", Form("Blue", None, "label")),
        ("My choice is: Blue", Form("Blue", None, "label")),
        ("Answer:\nBlue\nso", Form("Blue", "so", "label")),
        ("The sky is.\n\nAnswer: Blue", Form("Blue", "The sky is.", "text around+label")),
        ("“Blue”", Form("Blue", None, "quotes")),
        (r'"a \"b\""', Form('a "b"', None, "quotes")),
        ("**Blue**", Form("Blue", None, "emphasis")),
        ("Blue!", Form("Blue", None, "full stop")),
        ('**"Blue".**', Form("Blue", None, "emphasis+full stop+quotes")),
    ],
)
def test_what_is_seen_in_a_reply(reply: str, form: Form) -> None:
    assert form in list(forms(reply))


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("Never say:\n```\nBlue\n```", "Blue"),
        ("```\nRed\n```\nor\n```\nBlue\n```", "Blue"),
        ("```\nBlue", "Blue"),
        ("I like\nThe answer: Blue\nbut I am not sure", "Blue"),
        ('{"answer": "Blue"', "Blue"),
        ('{"answer": ["Blue"]}', "Blue"),
        ('{"answers": "Blue"}', "Blue"),
        ("Blue...", "Blue"),
        ("Blue?", "Blue"),
        ('"Blue', "Blue"),
    ],
)
def test_what_is_not_seen_in_a_reply(reply: str, text: str) -> None:
    assert text not in rules(reply)


def test_the_reply_itself_comes_first() -> None:
    assert next(forms("**Blue**")) == Form("**Blue**")


@given(texts.map(str.strip).filter(bool))
def test_forms_are_parts_of_the_reply_each_once(reply: str) -> None:
    found = list(forms(reply))
    assert len({form.text for form in found}) == len(found) < 100
    assert all(form.text == form.text.strip() != "" for form in found)
    if not reply.startswith(("{", '"')):  # which JSON may write in another way
        assert all(form.text in reply for form in found)


@given(
    st.lists(st.sampled_from(['"', "*", "**", "_", "`", "```", "\n", "Answer: ", ".", "{", "x"]), max_size=30)
)
def test_layers_upon_layers_stay_few(parts: list[str]) -> None:
    reply = "".join(parts).strip()
    if reply:
        assert len(list(forms(reply))) < 200


@pytest.mark.parametrize(
    "unit", ["```a\n", "```\n", "answer: ", "*", '"', "{", "Answer:\n", "\n", "the the "]
)
def test_long_replies_are_looked_at_in_no_time(unit: str) -> None:
    for length in (99_000, 5_000_000):
        reply = ("x" + unit * (length // len(unit)) + "x").strip()
        started = time.thread_time()
        assert len(list(forms(reply))) < 100
        assert time.thread_time() - started < 1


@pytest.mark.parametrize(
    "text", ["not this", "Red or blue", "I don't", "I don’t", "unless it rains", "Maybe"]
)
def test_words_of_doubt_are_found(text: str) -> None:
    assert doubtful(text)


@pytest.mark.parametrize("text", ["Here is my answer:", "because I know it", "nothing notable", ""])
def test_other_words_are_no_doubt(text: str) -> None:
    assert not doubtful(text)
