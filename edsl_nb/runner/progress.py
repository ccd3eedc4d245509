"""What a run has done so far: counters in constant time, read as snapshots.

The runner only counts. Widgets, the text form and logs read `ProgressSnapshot`.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

RunState = Literal["starting", "running", "paused", "stopping", "completed", "stopped", "failed"]
CellState = Literal["answered", "skipped", "invalid", "failed", "cancelled", "not_reached"]

FINAL_STATES: frozenset[str] = frozenset({"completed", "stopped", "failed"})

#: Seconds over which the rate is averaged, so that ETA follows a change of pace.
RATE_WINDOW = 10.0


class LaneProgress(BaseModel):
    """One lane's share of a run: for interviews a model, for tasks a task and an agent."""

    label: str
    items_total: int
    items_done: int
    items_failed: int
    cells_done: int
    answered: int
    cached: int
    failed: int
    invalid: int
    in_flight: int
    retries: int
    waiting: str | None
    """What its calls wait for, such as a rate limit; None where they do not, or not for long."""
    input_tokens: int
    output_tokens: int
    cost: float | None
    """USD so far, cached answers not counted; None where the price is unknown."""
    expected_cost: float | None = None
    """USD at the end, if what is left costs what was asked so far; None where nobody can tell yet."""


class ErrorCount(BaseModel):
    """Equal errors, counted: `message` names question and model, never a key."""

    message: str
    count: int


class ProgressSnapshot(BaseModel):
    """A run at one moment. Times are seconds, costs USD, rates items per second."""

    run_id: str
    seq: int
    state: RunState
    reason: str | None
    """Why the run was stopped, where nobody asked for it."""
    item_noun: str
    cell_noun: str
    items_total: int
    items_done: int
    items_failed: int
    cells_total: int
    cells_done: int
    answered: int
    cached: int
    """Of the answered ones, those whose reply was there already."""
    invalid: int
    failed: int
    skipped: int
    """Not asked: left out by a rule, or because what they depend on has no answer."""
    in_flight: int
    retries: int
    waiting: str | None
    """What the run waits for where it does nothing else."""
    input_tokens: int
    output_tokens: int
    cost: float | None
    expected_cost: float | None = None
    """USD at the end, the sum of the lanes'; None where one of them cannot tell yet."""
    elapsed: float
    rate: float
    eta: float | None
    lanes: list[LaneProgress]
    errors: list[ErrorCount]
    """The last distinct errors, newest first, at most five."""
    dry_run: bool = False
    """Whether no model is asked, and the answers are made up."""
    lane_noun: str = "models"
    """What lanes are called, in the plural."""
    outlook: str | None = None
    """What the run has and what it will take, as told before its first call; None where nobody asked."""

    @property
    def final(self) -> bool:
        """Whether the run has ended."""
        return self.state in FINAL_STATES

    def text(self) -> str:
        """The snapshot as one line for plain terminals and logs, and a line per recent error."""
        share = self.items_done / self.items_total if self.items_total else 1.0
        state = f"dry run, {self.state}" if self.dry_run else self.state
        parts = [f"{state}: {self.items_done:,} of {self.items_total:,} {self.item_noun} ({share:.0%})"]
        cells = [f"{self.cells_done:,} of {self.cells_total:,} {self.cell_noun}"]
        counts = (("cached", self.cached), ("invalid", self.invalid), ("failed", self.failed))
        cells += [f"{count:,} {name}" for name, count in (*counts, ("skipped", self.skipped)) if count]
        if self.retries:
            cells.append(f"{self.retries:,} tried again")
        parts.append(", ".join(cells))
        if not self.final:
            parts.append(f"{self.in_flight:,} in flight")
            if self.rate:
                parts.append(f"{self.rate:,.1f}/s")
            if self.eta is not None:
                parts.append(f"{duration(self.eta)} left")
        parts.append(f"{self.input_tokens + self.output_tokens:,} tokens")
        parts.append(self._money())
        parts.append(duration(self.elapsed))
        if self.reason:
            parts.append(self.reason)
        if self.waiting:
            parts.append(self.waiting)
        before = [] if self.outlook is None or self.final else [f"  {self.outlook}"]
        errors = [f"  {error.count:,} x {error.message}" for error in self.errors]
        return "\n".join([" | ".join(parts), *before, *errors])

    def _money(self) -> str:
        if self.cost is None:
            return "cost unknown"
        expected = self.expected_cost
        if self.final or expected is None or expected <= self.cost:
            return f"${self.cost:.4f}"
        return f"${self.cost:.4f} of about ${expected:.4f}"


@dataclass(frozen=True, slots=True)
class Words:
    """What a run's parts are called, in the plural: its items, their cells and its lanes."""

    items: str
    cells: str
    lanes: str = "models"


def _sum(amounts: Sequence[float | None]) -> float | None:
    """The sum, or None where one is not known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None


def _waiting(lanes: Sequence[LaneProgress]) -> str | None:
    """What is waited for where no lane is doing anything."""
    open_lanes = [lane for lane in lanes if lane.items_done < lane.items_total]
    waits = [lane.waiting for lane in open_lanes if lane.waiting]
    return waits[0] if waits and len(waits) == len(open_lanes) else None


def duration(seconds: float) -> str:
    """Seconds as ``0.4 s``, ``12 s``, ``3 min 05 s`` or ``2 h 10 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


class LaneCounter:
    """Counts of one lane. Changed on the runner's loop only; read from any thread.

    Parameters:
        label: the lane's name.
        items_total: how many items it has.
        price: USD for one token in and out, or None where it is not known.
    """

    __slots__ = (
        "answered", "cached", "failed", "in_flight", "input_tokens", "invalid", "items_done",
        "items_failed", "items_total", "label", "not_reached", "output_tokens", "price", "retries",
        "skipped", "waits_for",
    )  # fmt: skip

    def __init__(self, label: str, items_total: int, price: tuple[float, float] | None) -> None:
        self.label, self.items_total, self.price = label, items_total, price
        self.items_done = self.items_failed = self.in_flight = 0
        self.answered = self.cached = self.invalid = self.failed = 0
        self.skipped = self.not_reached = 0
        self.input_tokens = self.output_tokens = self.retries = 0
        #: Says what the lane's calls wait for; set by whoever makes them.
        self.waits_for: Callable[[], str | None] = lambda: None

    def cell(self, state: CellState, cached: bool = False) -> None:
        """Count one cell that is done; a cancelled one is not."""
        if state == "cancelled":
            return
        setattr(self, state, getattr(self, state) + 1)
        if cached and state == "answered":
            self.cached += 1

    def tokens(self, input_tokens: int, output_tokens: int) -> None:
        """Count the tokens of a call that was made."""
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens

    @property
    def cells_done(self) -> int:
        """Cells that are done."""
        return self.answered + self.invalid + self.failed + self.skipped + self.not_reached

    @property
    def cost(self) -> float | None:
        """USD so far; None where tokens were used at an unknown price."""
        if self.price is None:
            return None if self.input_tokens or self.output_tokens else 0.0
        return self.input_tokens * self.price[0] + self.output_tokens * self.price[1]

    def expected_cost(self, cells_per_item: int) -> float | None:
        """USD at the end, if cells that are left cost what those did that were not cached."""
        cost = self.cost
        if self.items_done == self.items_total or self.price == (0, 0):
            return cost
        left, asked = self.items_total * cells_per_item - self.cells_done, self.cells_done - self.cached
        return None if not cost or asked <= 0 else cost * (1 + left / asked)

    def snapshot(self, cells_per_item: int = 1) -> LaneProgress:
        """The counts now."""
        return LaneProgress(
            label=self.label, items_total=self.items_total, items_done=self.items_done,
            items_failed=self.items_failed, cells_done=self.cells_done,
            answered=self.answered, cached=self.cached, failed=self.failed,
            invalid=self.invalid, in_flight=self.in_flight, retries=self.retries,
            waiting=None if self.items_done == self.items_total else self.waits_for(),
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens, cost=self.cost,
            expected_cost=self.expected_cost(cells_per_item),
        )  # fmt: skip


class Progress:
    """Counts of a run, lane by lane.

    Parameters:
        run_id: the run's id.
        words: what its parts are called.
        cells_per_item: how many cells an item has.
        lanes: the lanes' counters.
        dry_run: whether no model is asked.
    """

    def __init__(
        self,
        run_id: str,
        words: Words,
        cells_per_item: int,
        lanes: Sequence[LaneCounter],
        dry_run: bool = False,
    ) -> None:
        self.run_id, self.words = run_id, words
        self.cells_per_item, self.lanes = cells_per_item, tuple(lanes)
        self.dry_run = dry_run
        self.state: RunState = "starting"
        self.reason: str | None = None
        self.outlook: str | None = None
        self._seq = 0
        self._started = time.monotonic()
        self._ended: float | None = None
        self._samples: deque[tuple[float, int, int]] = deque([(self._started, 0, 0)])
        self._errors: OrderedDict[str, int] = OrderedDict()

    @property
    def items_done(self) -> int:
        """Items that are done, in all lanes."""
        return sum(lane.items_done for lane in self.lanes)

    def error(self, message: str) -> None:
        """Count an error; equal ones together."""
        self._errors[message] = self._errors.pop(message, 0) + 1
        if len(self._errors) > 100:  # a thousand different errors must not fill the memory
            self._errors.popitem(last=False)

    def sample(self) -> None:
        """Note how far the run is, for the rate. Called about ten times a second."""
        now = time.monotonic()
        self._samples.append((now, self.items_done, sum(lane.cached for lane in self.lanes)))
        while len(self._samples) > 2 and self._samples[0][0] < now - RATE_WINDOW:
            self._samples.popleft()

    def resumed(self) -> None:
        """The run goes on after a pause, in which its rate has been none."""
        self._samples.clear()
        self.sample()

    def end(self, state: RunState) -> None:
        """The run has ended so."""
        self._ended = time.monotonic()
        self.state = state

    def _rate(self, elapsed: float, done: int) -> float:
        if self._ended is not None:
            return done / elapsed if elapsed else 0.0
        (since, before, had), (now, latest, have) = self._samples[0], self._samples[-1]
        if now <= since:
            return 0.0
        # What comes from the cache comes at once and says nothing of how long the rest takes.
        asked = (latest - before) - (have - had) / self.cells_per_item
        return (asked if asked > 0 else latest - before) / (now - since)

    def snapshot(self) -> ProgressSnapshot:
        """The run now. May be called from any thread."""
        self._seq += 1
        lanes = [lane.snapshot(self.cells_per_item) for lane in self.lanes]
        elapsed = (self._ended or time.monotonic()) - self._started
        total = sum(lane.items_total for lane in lanes)
        done = sum(lane.items_done for lane in lanes)
        rate = self._rate(elapsed, done)
        return ProgressSnapshot(
            run_id=self.run_id, seq=self._seq, state=self.state, reason=self.reason,
            item_noun=self.words.items, cell_noun=self.words.cells, lane_noun=self.words.lanes,
            items_total=total, items_done=done,
            items_failed=sum(lane.items_failed for lane in lanes),
            cells_total=total * self.cells_per_item, cells_done=sum(lane.cells_done for lane in lanes),
            answered=sum(lane.answered for lane in lanes), cached=sum(lane.cached for lane in lanes),
            invalid=sum(lane.invalid for lane in lanes), failed=sum(lane.failed for lane in lanes),
            skipped=sum(lane.skipped + lane.not_reached for lane in self.lanes),
            in_flight=sum(lane.in_flight for lane in lanes),
            retries=sum(lane.retries for lane in lanes),
            waiting=_waiting(lanes) if self._ended is None else None,
            input_tokens=sum(lane.input_tokens for lane in lanes),
            output_tokens=sum(lane.output_tokens for lane in lanes),
            cost=_sum([lane.cost for lane in lanes]),
            expected_cost=_sum([lane.expected_cost for lane in lanes]),
            elapsed=elapsed, rate=rate,
            eta=(total - done) / rate if rate and self._ended is None and self.state != "paused" else None,
            lanes=lanes,
            errors=[ErrorCount(message=m, count=c) for m, c in list(reversed(self._errors.items()))[:5]],
            dry_run=self.dry_run, outlook=self.outlook,
        )  # fmt: skip
