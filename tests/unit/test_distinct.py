"""Telling what is new among many things."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.jobs.distinct import Distinct

_DIGESTS = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(st.lists(st.integers(-9, 9) | _DIGESTS, max_size=30), max_size=12))
def test_the_first_of_equal_things_is_found_in_order(batches: list[list[int]]) -> None:
    found: list[tuple[int, int]] = []
    distinct = Distinct[tuple[int, int]](found.extend)
    first: dict[int, int] = {}
    for batch in batches:
        for digest in batch:
            distinct.add(digest, (digest, number := len(first)))
            first.setdefault(digest, number)
        distinct.settle()
        assert found == list(first.items())


def test_things_are_reported_before_there_are_too_many() -> None:
    found: list[int] = []
    distinct = Distinct[int](found.extend)
    for number in range(100_000):
        distinct.add(number % 30_000, number)
        assert len(found) <= number + 1 <= len(found) + 5_000 or number >= 30_000
    distinct.settle()
    assert found == list(range(30_000))
