"""Intervals and agreement, against figures that others have published."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.core.bins import bins_of
from edsl_nb.results.estimates import agreement, t_interval, t_quantile, wilson


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, Table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # statsmodels, proportion_confint(4, 10, method="wilson")
        (4, 10, 0.1682, 0.6873),
    ],
)
def test_wilsons_interval(count: int, n: int, low: float, high: float) -> None:
    found = wilson(count / n, n)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4), found.method) == (low, high, "Wilson")


@pytest.mark.parametrize(
    ("df", "quantile"),
    [
        # scipy.stats.t.ppf(0.975, df)
        (1, 12.706205),
        (2, 4.302653),
        (3, 3.182446),
        (5, 2.570582),
        (10, 2.228139),
        (30, 2.042272),
        (99, 1.984217),
        (100, 1.983972),
        (120, 1.979930),
        (1000, 1.962339),
    ],
)
def test_quantiles_of_students_t(df: int, quantile: float) -> None:
    assert t_quantile(df) == pytest.approx(quantile, abs=1e-6)


def test_the_interval_of_a_mean() -> None:
    # NIST/SEMATECH e-Handbook, 1.3.5.2: 195 heat flow measurements, mean 9.261460, s = 0.022789.
    found = t_interval(9.261460, 0.022789 * math.sqrt(194 / 195), 195)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4), found.method) == (9.2582, 9.2647, "t")
    assert t_interval(1.0, 0.5, 1) is None
    assert wilson(0.5, 0) is None


def table(*counts: tuple[int, int, int]) -> list[tuple[int, int]]:
    """Pairs of judgements: what one says, what the other says, and how often."""
    return [(one, other) for one, other, times in counts for _ in range(times)]


def beside(first: Sequence[int], second: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip(first, second, strict=True))


@pytest.mark.parametrize(
    ("pairs", "kappa", "weighted"),
    [
        # R. Artstein and M. Poesio, Computational Linguistics 34 (2008), 555-596, in scikit-learn's tests.
        (table((0, 0, 20), (0, 1, 20), (1, 0, 10), (1, 1, 50)), 0.3478, 0.3478),
        (beside([0] * 46 + [1] * 44 + [2] * 10, [0] * 52 + [1] * 32 + [2] * 16), 0.8013, None),
        # scikit-learn's tests, weights="quadratic"
        (beside([0] * 46 + [1] * 44 + [2] * 10, [0] * 50 + [1] * 40 + [2] * 10), 0.9315, 0.9541),
        (table((0, 0, 20), (0, 1, 5), (1, 0, 10), (1, 1, 15)), 0.4, 0.4),
    ],
)
def test_cohens_kappa(pairs: list[tuple[int, int]], kappa: float, weighted: float | None) -> None:
    found = agreement(pairs, [0, 1, 2])
    assert found.kappa == pytest.approx(kappa, abs=5e-5)
    if weighted is not None:
        assert found.weighted == pytest.approx(weighted, abs=5e-5)


def test_agreement_that_is_not_defined() -> None:
    assert agreement([]) == (0, None, None, None)
    assert agreement([(1, 1)] * 5, [1, 2]) == (5, 1.0, None, None)
    assert agreement([(1, 9), (2, 1)], [1, 2]).weighted is None  # 9 is no step of the scale


judgements = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


@given(judgements)
def test_agreement_does_not_depend_on_who_comes_first(pairs: list[tuple[int, int]]) -> None:
    one, other = agreement(pairs, range(4)), agreement([(b, a) for a, b in pairs], range(4))
    assert one.share == other.share
    for mine, theirs in ((one.kappa, other.kappa), (one.weighted, other.weighted)):
        assert mine == pytest.approx(theirs) if mine is not None else theirs is None
        assert mine is None or mine <= 1


@given(st.floats(0, 1), st.integers(1, 10_000))
def test_a_share_lies_in_its_interval(share: float, n: int) -> None:
    found = wilson(share, n)
    assert found is not None
    assert 0 <= found.low <= share + 1e-12
    assert share - 1e-12 <= found.high <= 1


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_bins_hold_all_numbers(numbers: list[float]) -> None:
    edges = bins_of(numbers)
    assert edges == sorted(set(edges))
    assert 2 <= len(edges) <= 80
    if math.isfinite(max(numbers) - min(numbers)):
        room = 1e-9 * max(map(abs, numbers))
        assert edges[0] - room <= min(numbers) <= max(numbers) <= edges[-1] + room


def test_bins_are_what_people_choose() -> None:
    assert bins_of([1.0, 2.0, 4.0]) == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert bins_of([float(i) for i in range(101)])[:3] == [0, 20, 40]
    assert bins_of([7.25] * 3) == [6.75, 7.75]
    assert bins_of([]) == []


def test_shares_at_an_end_of_the_scale_have_that_end_as_limit() -> None:
    for n in range(1, 60):
        none, all_ = wilson(0.0, n), wilson(1.0, n)
        assert none is not None
        assert all_ is not None
        assert none.low == 0.0
        assert all_.high == 1.0
