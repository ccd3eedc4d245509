"""Interviews as numbers: every index stands for one combination, in the order that EDSL has."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.jobs.design import Design

sizes = st.integers(1, 5)
designs = st.builds(Design, sizes, sizes, sizes, sizes)


@given(designs)
def test_every_combination_comes_once_agents_slowest_iterations_innermost(design: Design) -> None:
    expected = itertools.product(
        range(design.agents), range(design.scenarios), range(design.models), range(design.iterations)
    )
    assert [tuple(design.decode(index)) for index in range(len(design))] == list(expected)


@given(designs)
def test_iterations_count_as_draws_not_as_interviews(design: Design) -> None:
    assert len(design) == design.interviews * design.iterations
    assert design.interviews == design.agents * design.scenarios * design.models


@given(designs, st.data())
def test_the_indices_of_some_models_are_theirs_in_order(design: Design, data: st.DataObject) -> None:
    models = data.draw(st.frozensets(st.integers(0, design.models - 1)))
    expected = [index for index in range(len(design)) if design.decode(index).model in models]
    assert list(design.of_models(models)) == expected


@given(designs, st.data())
def test_models_in_groups_share_out_every_index_once(design: Design, data: st.DataObject) -> None:
    groups = data.draw(st.lists(st.integers(0, 2), min_size=design.models, max_size=design.models))
    lanes = [design.of_models(frozenset(m for m, g in enumerate(groups) if g == group)) for group in range(3)]
    assert sorted(itertools.chain(*lanes)) == list(range(len(design)))


def test_a_design_of_billions_is_decoded_at_once_and_lists_nothing_ahead() -> None:
    design = Design(10_000, 10_000, 10, 5)
    assert len(design) == 5_000_000_000
    assert tuple(design.decode(4_999_999_999)) == (9_999, 9_999, 9, 4)
    some = design.of_models(frozenset({9}))
    assert list(itertools.islice(some, 6)) == [45, 46, 47, 48, 49, 95]
