"""JSON that is written and read often: the same values as with the standard library."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.core.json_text import json_text, json_value

_ATOMS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    _ATOMS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


@given(VALUES)
def test_values_come_back(value: Any) -> None:
    assert json_value(json_text(value)) == value
    assert json.loads(json_text(value)) == value
    assert json_value(json.dumps(value)) == value


@pytest.mark.parametrize("text", ["\ud800", "half \udc00 a character", "🙂", "\0", '"\\\u2028'])
def test_odd_texts_come_back(text: str) -> None:
    assert json_value(json_text({text: [text]})) == {text: [text]}


def test_numbers_that_are_none_and_tuples_are_kept_as_the_standard_library_does() -> None:
    assert json_value(json_text((1, (math.inf, -math.inf)))) == [1, [math.inf, -math.inf]]
    assert math.isnan(json_value(json_text(math.nan)))


@pytest.mark.parametrize("text", ["", "{", "[1,]", "nonsense"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        json_value(text)
