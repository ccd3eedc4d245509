"""Counts of a run, the snapshots that are read from them, and their text."""

from __future__ import annotations

import time
from collections import Counter
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.runner import progress as progress_module
from edsl_nb.runner.progress import (
    CellState,
    LaneCounter,
    Progress,
    ProgressSnapshot,
    RunState,
    Words,
    duration,
)

STATES: list[CellState] = ["answered", "skipped", "invalid", "failed", "not_reached"]


def progress(*lanes: LaneCounter, cells_per_item: int = 1) -> Progress:
    return Progress("r1", Words("interviews", "questions"), cells_per_item, lanes)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(progress_module, "time", SimpleNamespace(monotonic=lambda: self.now))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@given(
    cells=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(STATES), st.booleans()), max_size=60),
    tokens=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 999), st.integers(0, 999)), max_size=10),
)
def test_counts_of_a_run_are_the_sums_of_its_lanes(
    cells: list[tuple[int, CellState, bool]], tokens: list[tuple[int, int, int]]
) -> None:
    lanes = [LaneCounter(f"lane {i}", 20, (0.001 * i, 0.002)) for i in range(3)]
    for lane, state, cached in cells:
        lanes[lane].cell(state, cached=cached)
        lanes[lane].items_done += 1
    for lane, used_in, used_out in tokens:
        lanes[lane].tokens(used_in, used_out)
    snapshot = progress(*lanes).snapshot()
    counts = Counter(state for _, state, _ in cells)
    shown = {state: getattr(snapshot, state) for state in ("answered", "invalid", "failed", "skipped")}
    assert shown == {
        "answered": counts["answered"],
        "invalid": counts["invalid"],
        "failed": counts["failed"],
        "skipped": counts["skipped"] + counts["not_reached"],
    }
    assert sum(shown.values()) == snapshot.cells_done
    assert snapshot.cells_done == snapshot.items_done == len(cells)
    assert snapshot.cached == sum(cached for _, state, cached in cells if state == "answered")
    for name in ("items_total", "items_done", "cells_done", "answered", "cached", "failed", "invalid",
                 "in_flight", "input_tokens", "output_tokens"):  # fmt: skip
        assert getattr(snapshot, name) == sum(getattr(lane, name) for lane in snapshot.lanes)
    assert snapshot.input_tokens == sum(used for _, used, _ in tokens)
    assert snapshot.cost == pytest.approx(sum(0.001 * lane * i + 0.002 * o for lane, i, o in tokens))


def test_cells_in_total_are_those_of_all_items() -> None:
    snapshot = progress(LaneCounter("a", 10, None), LaneCounter("b", 5, None), cells_per_item=3).snapshot()
    assert (snapshot.items_total, snapshot.cells_total) == (15, 45)


def test_a_cost_is_unknown_only_where_tokens_have_no_price() -> None:
    priced, unpriced = LaneCounter("a", 1, (0.5, 0.25)), LaneCounter("b", 1, None)
    both = progress(priced, unpriced)
    assert both.snapshot().cost == 0
    priced.tokens(2, 4)
    assert both.snapshot().cost == 2
    unpriced.tokens(1, 0)
    assert both.snapshot().cost is None
    assert [lane.cost for lane in both.snapshot().lanes] == [2, None]


def test_rate_and_time_left_follow_the_last_seconds(clock: Clock) -> None:
    lane = LaneCounter("a", 1000, None)
    counts = progress(lane)
    assert (counts.snapshot().rate, counts.snapshot().eta) == (0, None)
    for _ in range(100):
        clock.now += 0.1
        lane.items_done += 1
        counts.sample()
    assert counts.snapshot().rate == pytest.approx(10)
    assert counts.snapshot().eta == pytest.approx(90)
    for _ in range(150):  # five times as fast, for longer than the rate looks back
        clock.now += 0.1
        lane.items_done += 5
        counts.sample()
    assert counts.snapshot().rate == pytest.approx(50)
    assert counts.snapshot().eta == pytest.approx(3)
    for _ in range(200):  # and nothing any more
        clock.now += 0.1
        counts.sample()
    assert (counts.snapshot().rate, counts.snapshot().eta) == (0, None)


def test_what_comes_from_the_cache_says_nothing_of_how_long_the_rest_takes(clock: Clock) -> None:
    lane = LaneCounter("a", 2_000, None)
    counts = progress(lane, cells_per_item=2)
    lane.items_done, lane.cached = 1_000, 2_000
    for _ in range(10):
        clock.now += 0.1
        lane.items_done += 1
        counts.sample()
    assert counts.snapshot().rate == pytest.approx(10)
    assert counts.snapshot().eta == pytest.approx(99)


def test_at_the_end_the_rate_is_that_of_the_whole_run(clock: Clock) -> None:
    lane = LaneCounter("a", 20, None)
    counts = progress(lane)
    clock.now += 4
    lane.items_done = 20
    counts.end("completed")
    clock.now += 100
    last = counts.snapshot()
    assert (last.elapsed, last.rate, last.eta, last.final) == (4, 5, None, True)


def test_the_samples_do_not_grow_with_the_time(clock: Clock) -> None:
    counts = progress(LaneCounter("a", 1, None))
    for _ in range(10_000):
        clock.now += 0.1
        counts.sample()
    assert len(counts._samples) <= 103


@pytest.mark.parametrize("state", ["starting", "running", "stopping", "completed", "stopped", "failed"])
def test_a_run_that_has_ended_is_final(state: RunState) -> None:
    counts = progress(LaneCounter("a", 1, None))
    counts.state = state
    assert counts.snapshot().final is (state in ("completed", "stopped", "failed"))


def test_each_snapshot_has_a_higher_number() -> None:
    counts = progress(LaneCounter("a", 1, None))
    numbers = [counts.snapshot().seq for _ in range(5)]
    assert numbers == sorted(set(numbers))


def test_the_last_distinct_errors_are_counted_newest_first() -> None:
    counts = progress(LaneCounter("a", 1, None))
    for message in ["a", "b", "c", "d", "e", "f", "a", "f"]:
        counts.error(message)
    errors = [(error.message, error.count) for error in counts.snapshot().errors]
    assert errors == [("f", 2), ("a", 2), ("e", 1), ("d", 1), ("c", 1)]


def test_a_million_different_errors_fill_no_memory() -> None:
    counts = progress(LaneCounter("a", 1, None))
    for number in range(5_000):
        counts.error(f"request {number} failed")
    assert len(counts._errors) <= 100
    assert counts.snapshot().errors[0].message == "request 4999 failed"


def snapshot(**changes: object) -> ProgressSnapshot:
    """A run in the middle of its work."""
    lane = LaneCounter("test", 1000, (0.0, 0.0))
    whole = progress(lane, cells_per_item=2).snapshot()
    now = {
        "state": "running", "items_done": 412, "cells_done": 825, "in_flight": 16, "rate": 41.2,
        "eta": 14.25,
        "input_tokens": 10_000, "output_tokens": 2_345, "cost": 0.1234, "elapsed": 10.0,
    }  # fmt: skip
    return whole.model_copy(update=now | changes)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {},
            "running: 412 of 1,000 interviews (41%) | 825 of 2,000 questions | 16 in flight | 41.2/s"
            " | 14 s left | 12,345 tokens | $0.1234 | 10 s",
        ),
        (
            {"cached": 1200, "invalid": 1, "failed": 2, "skipped": 3, "cost": None, "rate": 0.0, "eta": None},
            "running: 412 of 1,000 interviews (41%) | 825 of 2,000 questions, 1,200 cached, 1 invalid,"
            " 2 failed, 3 skipped | 16 in flight | 12,345 tokens | cost unknown | 10 s",
        ),
        (
            {"state": "completed", "items_done": 1000, "cells_done": 2000, "in_flight": 0, "elapsed": 3725.0},
            "completed: 1,000 of 1,000 interviews (100%) | 2,000 of 2,000 questions | 12,345 tokens | $0.1234"
            " | 1 h 02 min",
        ),
        (
            {"errors": [{"message": "q, test: no", "count": 1200}], "state": "stopped"},
            "stopped: 412 of 1,000 interviews (41%) | 825 of 2,000 questions | 12,345 tokens | $0.1234"
            " | 10 s\n  1,200 x q, test: no",
        ),
    ],
)
def test_the_text_of_a_snapshot(changes: dict[str, object], text: str) -> None:
    made = ProgressSnapshot.model_validate(snapshot(**changes).model_dump(warnings=False))
    assert made.text() == text


def test_the_text_of_a_run_without_items() -> None:
    text = progress(LaneCounter("test", 0, None)).snapshot().text()
    assert text.startswith("starting: 0 of 0 interviews (100%)")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (0.44, "0.4 s"), (9.94, "9.9 s"), (9.97, "10 s"), (12.4, "12 s"), (59.4, "59 s"),
     (59.6, "1 min 00 s"), (185, "3 min 05 s"), (3599.6, "1 h 00 min"), (7800, "2 h 10 min")],
)  # fmt: skip
def test_how_durations_are_written(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_snapshot_takes_no_time_to_speak_of() -> None:
    counts = progress(*(LaneCounter(f"lane {i}", 10**6, None) for i in range(10)))
    began = time.perf_counter()
    for _ in range(100):
        counts.snapshot()
    assert time.perf_counter() - began < 2, "a hundredth of a second each would be noticed"


def test_what_is_left_is_expected_to_cost_what_was_asked_so_far() -> None:
    asked, cached, free = (
        LaneCounter("a", 10, (0.1, 0)),
        LaneCounter("b", 10, (1, 0)),
        LaneCounter("c", 5, (0, 0)),
    )
    counts = progress(asked, cached, free, cells_per_item=2)
    asked.items_done, asked.answered, asked.cached, asked.input_tokens = 4, 8, 4, 10
    cached.items_done, cached.answered, cached.cached = 4, 8, 8
    now = counts.snapshot()
    # Four cells have cost a dollar, and twelve are left.
    assert [lane.expected_cost for lane in now.lanes] == [pytest.approx(4), None, 0]
    assert (now.cost, now.expected_cost) == (1, None)
    cached.items_done, cached.answered, cached.cached = 10, 20, 20
    now = counts.snapshot()
    assert now.expected_cost == pytest.approx(4)
    assert "$1.0000 of about $4.0000" in now.text()
    counts.end("stopped")
    assert "about" not in counts.snapshot().text()


def test_a_pause_says_nothing_of_how_long_the_rest_takes(clock: Clock) -> None:
    lane = LaneCounter("a", 1_000, None)
    counts = progress(lane)
    for _ in range(50):
        clock.now += 0.1
        lane.items_done += 1
        counts.sample()
    clock.now += 9  # paused, with nothing to be counted
    counts.sample()
    counts.resumed()
    assert counts.snapshot().eta is None
    for _ in range(10):
        clock.now += 0.1
        lane.items_done += 1
        counts.sample()
    assert counts.snapshot().rate == pytest.approx(10)
