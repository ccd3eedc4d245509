"""What the tests of the runner share: a store in memory, and a workload that does what it is told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from edsl_nb import Model
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.models.services import SERVICES, Service, service
from edsl_nb.runner import loop as runner_loop
from edsl_nb.runner.context import Context
from edsl_nb.runner.gate import NO_LIMITS, Limits
from edsl_nb.runner.line import Line, Patience
from edsl_nb.runner.lookup import Known
from edsl_nb.runner.options import RunOptions
from edsl_nb.runner.progress import LaneCounter, Progress, Words
from edsl_nb.runner.scope import RunScope
from edsl_nb.runner.transaction import CallId, StoredItem, StoredReply
from edsl_nb.runner.workload import FindReplies, LaneSpec, StoredCells

#: Seconds after which a test that waits for an event has failed.
PATIENCE = 20.0


class MemoryStore:
    """What the runner uses of a store. `gate`, where given, is waited for before a reply is written."""

    def __init__(self, gate: asyncio.Event | None = None) -> None:
        self.replies: list[StoredReply] = []
        self.items: list[StoredItem] = []
        self.statements: list[tuple[str, Sequence[Any]]] = []
        self.failure: Exception | None = None
        self._gate = gate

    async def find(self, call: CallId, run_id: str | None = None) -> StoredReply | None:
        await asyncio.sleep(0)
        for reply in reversed(self.replies):
            if reply.call == call and run_id in (None, reply.run_id):
                return reply
        return None

    async def add_reply(self, reply: StoredReply) -> int:
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        if self._gate is not None:
            await self._gate.wait()
        self.replies.append(reply)
        reply.id = len(self.replies)
        return reply.id

    def add_item(self, item: StoredItem) -> None:
        self.items.append(item)

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        self.statements.append((sql, parameters))
        return [(None,)] if "RETURNING" in sql else []


@dataclass
class Done:
    """The record of an item: cells, each a state."""

    cells: list[str]

    @property
    def state(self) -> str:
        """As for interviews: incomplete, or with something answered, or what it failed of."""
        if "cancelled" in self.cells:
            return "cancelled"
        return "answered" if "answered" in self.cells else self.cells[0]

    @property
    def flawed(self) -> bool:
        return "answered" not in self.cells

    def count(self, counter: LaneCounter) -> None:
        for cell in self.cells:
            counter.cell(cell, cached=True)  # type: ignore[arg-type]

    def to_json(self) -> str:
        return json.dumps(self.cells)


Item = Callable[[int, Context], Awaitable[Done]]

_WORDS = Words("items", "cells")


async def at_once(index: int, context: Context) -> Done:
    """An item that is answered without waiting for anything."""
    context.counter.cell("answered")
    return Done(["answered"])


@dataclass
class Workload:
    """Lanes of items. Results are the indices that are done, in order."""

    sizes: dict[str, int]
    item: Item = at_once
    concurrency: int = 10
    cells_per_item: int = 1
    words: Words = _WORDS
    variable: str = "job"
    prices: dict[str, tuple[float, float] | None] = field(default_factory=dict)
    workers: int | None = None
    taken: list[int] = field(default_factory=list)
    most_at_once: int = 0
    looks_ahead: Callable[[], str | None] = lambda: None
    _open: int = 0

    def __len__(self) -> int:
        return sum(self.sizes.values())

    def _indices(self, lane: int) -> Iterable[int]:
        """Indices of lanes alternate as long as all lanes have some, as those of models do."""
        order = ((i, number) for number, size in enumerate(self.sizes.values()) for i in range(size))
        return [index for index, (_, number) in enumerate(sorted(order)) if number == lane]

    def lanes(self) -> list[LaneSpec]:
        return [
            LaneSpec(
                label,
                size,
                self._indices(number),
                self.concurrency,
                self.prices.get(label, (0.0, 0.0)),
                workers=self.workers,
            )
            for number, (label, size) in enumerate(self.sizes.items())
        ]

    def outlook(self, known: Known) -> str | None:
        return self.looks_ahead()

    async def run_item(self, index: int, context: Context) -> Done:
        self.taken.append(index)
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            return await self.item(index, context)
        finally:
            self._open -= 1

    def records(self) -> dict[int, Any]:
        return {}

    def results(self, records: Mapping[int, Any], partial: bool) -> tuple[list[int], bool]:
        return sorted(records), partial

    def row(self, record: Any) -> Any:
        return record if record.state == "answered" else None

    def errors(self, records: Mapping[int, Any]) -> list[int]:
        return [index for index, done in sorted(records.items()) if done.state != "answered"]

    def describe(self) -> dict[str, Any]:
        return {"sizes": self.sizes}

    def plan(self) -> dict[str, Any]:
        return {}

    @property
    def about(self) -> str:
        return ", ".join(self.sizes)

    def restore(self, items: Sequence[StoredCells], find: FindReplies) -> dict[int, Any]:
        return {position: Done(json.loads(cells)) for position, cells in items}

    def go_on_from(self, begun: Mapping[int, Any]) -> None:
        pass

    async def wind_up(self) -> None:
        pass


def scope(store: Any = None, *, run_id: str = "run", fresh: bool = False, lanes: int = 1) -> RunScope:
    """What the lanes of a run share, outside of a run."""
    counters = [LaneCounter(f"lane {i}", 1, (0.0, 0.0)) for i in range(lanes)]
    return RunScope(
        run_id,
        store or MemoryStore(),
        Progress(run_id, Words("items", "cells"), 1, counters),
        RunOptions(fresh=fresh),
    )


def context(store: Any = None, *, run_id: str = "run", fresh: bool = False, concurrency: int = 10) -> Context:
    """One lane of a run, outside of a run."""
    shared = scope(store, run_id=run_id, fresh=fresh)
    counter = shared.progress.lanes[0]
    return Context(shared, counter, line(counter, concurrency, lambda: shared.stopping))


def line(
    counter: LaneCounter,
    concurrency: int = 10,
    halted: Callable[[], bool] = lambda: False,
    patience: Patience | None = None,
    limits: Limits = NO_LIMITS,
) -> Line:
    """A lane's calls, outside of a run."""
    return Line(None, counter.label, concurrency, limits, counter, patience or Patience(attempts=1), halted)


class FakeService(Service):
    """Answers as `answer` says and keeps what it was asked. Tests get it from the fixture `fake`."""

    name: ClassVar[str] = "fake"
    parameters: ClassVar[Mapping[str, Any]] = {"temperature": 0.5}

    def __init__(self) -> None:
        self.asked: list[ModelCall] = []
        self.open = self.most_at_once = 0
        self.answer: Callable[[ModelCall], Awaitable[Reply]] = self.echo

    async def echo(self, call: ModelCall) -> Reply:
        """The prompt again."""
        return Reply(f"echo: {call.turns[-1][1]}", "{}", 3, 2)

    def check(self, model: Model) -> None:
        """It works everywhere."""

    def address(self, model: Model) -> str:
        return model.base_url or ""

    async def call(self, call: ModelCall) -> Reply:
        self.asked.append(call)
        self.open += 1
        self.most_at_once = max(self.most_at_once, self.open)
        try:
            return await self.answer(call)
        finally:
            self.open -= 1


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeService:
    """A service that tests tell what to answer, known as ``fake``."""
    monkeypatch.setitem(SERVICES, "fake", (FakeService.__module__, FakeService.__name__))
    found = service("fake")
    assert isinstance(found, FakeService)
    found.__init__()
    return found


def ask(prompt: str = "Which color?", iteration: int = 0, base_url: str | None = None) -> ModelCall:
    """A call of the fake service."""
    return ModelCall(Model("m", "fake", base_url=base_url), "", (("user", prompt),), iteration=iteration)


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop go on until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is waited for is not always an event
            await asyncio.sleep(0.001)


def leftovers() -> list[str]:
    """Tasks on the runner's loop, once what is ending has ended."""

    async def others() -> list[str]:
        here = asyncio.current_task()
        until = time.monotonic() + PATIENCE / 2
        while found := [str(task.get_coro()) for task in asyncio.all_tasks() if task is not here]:
            if time.monotonic() > until:
                break
            await asyncio.sleep(0.01)
        return found

    return runner_loop.submit(others()).result(PATIENCE)
