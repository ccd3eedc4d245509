"""Benchmarks before they run: what they are put together of, and what is refused. Who may play when."""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Agent, AgentList, Model
from edsl_nb.core.errors import EdslNbWarning
from edsl_nb.tasks import Benchmark, Session, Task, TaskError, TaskSampleExecutionResult
from edsl_nb.tasks.slots import Pair, Side, Slots
from tests.unit.samples import refusal


class Fixed(Task):
    """A task with given indices."""

    def __init__(self, indices: Any = (0,), name: Any = "fixed", concurrency: Any = 1) -> None:
        super().__init__(name, concurrency, "passed", over="too")
        self.indices = indices

    def get_indices(self) -> Any:
        if isinstance(self.indices, BaseException):
            raise self.indices
        return self.indices

    async def start_sample(self, index: Any, session: Session) -> TaskSampleExecutionResult:
        return TaskSampleExecutionResult()


def greedy(history: Any) -> str:
    return "a"


def by(*agents: Any) -> list[str]:
    return Benchmark(Fixed()).by(*agents).agents


# Putting it together


def test_agents_are_named_and_told_apart() -> None:
    model = Model("test")
    assert by(greedy, [greedy, model], {"mine": greedy}) == ["greedy", "greedy (2)", "test", "mine"]
    assert by(partial(greedy)) == ["greedy"]
    people = AgentList([Agent(name="Ann", traits={"age": 1}), Agent(traits={"age": 2})])
    assert by([model, Model("gpt-4o")], people) == [
        "test as Ann", "test as age 2", "openai/gpt-4o as Ann", "openai/gpt-4o as age 2",
    ]  # fmt: skip
    assert Benchmark(Fixed(), agents=model).by(greedy).agents == ["test", "greedy"]


def test_tasks_are_one_or_several_and_each_is_there_once() -> None:
    one, other = Fixed(), Fixed()
    assert Benchmark([one, [other]]).tasks == [one, other]
    assert (
        repr(Benchmark((one, other), greedy)) == "Benchmark(tasks=['fixed', 'fixed (2)'], agents=['greedy'])"
    )
    with pytest.warns(EdslNbWarning, match="Task 'fixed' is given twice"):
        assert Benchmark([one, one]).tasks == [one]


@pytest.mark.parametrize(
    ("agents", "words"),
    [
        ([Agent(age=3)], ["a persona goes beside a model"]),
        ([greedy, Model("test"), Agent(age=3)], ["a persona goes beside a model, not beside a function"]),
        ([Model], ["Model is a class", "Make one: Model(...)."]),
        (["gpt-4o"], ["a str is no agent", "gpt-4o"]),
        ([5], ["a int is no agent"]),
        (
            [Model("test"), Agent(dynamic_traits_function=lambda: {"mood": "sad"})],
            ["no question", "dynamic_traits_function"],
        ),
    ],
)
def test_what_cannot_play_is_refused(agents: list[Any], words: list[str]) -> None:
    refusal(lambda: by(*agents), *words, error=TaskError)


def unnamed() -> Task:
    class Unnamed(Fixed):
        def __init__(self) -> None:
            pass

    return Unnamed()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Benchmark(Fixed), ["Fixed is a class", "Make one: Fixed(...)."]),
        (lambda: Benchmark([]), ["there is no task"]),
        (lambda: Benchmark("fixed"), ["a str is no task", "Subclass edsl_nb.tasks.Task"]),
        (lambda: Benchmark(unnamed()), ["name: a task needs a name", "super().__init__"]),
        (lambda: Benchmark(Fixed(concurrency=0)), ["concurrency: a whole number", "(got 0)"]),
        (lambda: Benchmark(Fixed(concurrency=True)), ["concurrency: a whole number"]),
        (lambda: Benchmark(Fixed(), agent=greedy), ["agent: Benchmark takes no such parameter", "'agents'"]),
        (lambda: Benchmark(), ["tasks: Benchmark needs this"]),
    ],
)
def test_what_is_no_benchmark_is_refused(make: Callable[[], Any], words: list[str]) -> None:
    refusal(make, *words, error=TaskError)


# Starting it


@pytest.mark.parametrize(
    ("indices", "words"),
    [
        ([], ["returned no index"]),
        (None, ["returned no list", "None"]),
        ("abc", ["returned no list"]),
        ([1, 2, 1], ["returned an index twice", "(got 1)"]),
        ([1, 2.5], ["neither a whole number nor a text", "2.5"]),
        ([True], ["neither a whole number nor a text"]),
        (ValueError("no data"), ["get_indices of task 'fixed' raised ValueError: no data"]),
        (SystemExit(1), ["raised SystemExit"]),
        (NotImplementedError(), ["is not implemented", "Write a method get_indices."]),
    ],
)
def test_a_task_that_cannot_say_its_samples_is_refused(indices: Any, words: list[str]) -> None:
    with Benchmark(Fixed(indices), greedy) as benchmark:
        refusal(lambda: benchmark.run(progress_bar=False), "get_indices: ", *words, error=TaskError)
        assert benchmark.last_run is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 0}, ["n: a whole number, 1 or more"]),
        ({"limit": 0}, ["limit: a whole number, 1 or more"]),
        ({"limit": 1, "indices": [0]}, ["a limit or indices, not both"]),
        ({"indices": "0"}, ["a list of sample indices"]),
        ({"indices": []}, ["no sample is chosen"]),
        ({"indices": [5]}, ["there is no sample of this index", "(got 5)"]),
        ({"indices": [[0]]}, ["there is no sample of this index"]),
        ({"indices": [0, 0]}, ["indices: an index is given twice", "(got 0)", "run(n=2)"]),
        ({"indices": {"fixed": (one for one in [0, 0])}}, ["an index is given twice"]),
        ({"sample_timeout": 0}, ["sample_timeout: a number of seconds above 0"]),
        ({"sample_timeout": float("nan")}, ["sample_timeout"]),
        ({"history_limit": "none"}, ["history_limit: there is no such limit"]),
        ({"cache": 1}, ["cache: True or False"]),
        ({"max_cost": -1}, ["max_cost"]),
        ({"on_interrupt": "x"}, ["on_interrupt"]),
        ({"timeout": 5}, ["timeout: run takes no such parameter", "'sample_timeout'"]),
    ],
)
def test_wrong_parameters_of_a_run_are_refused(options: dict[str, Any], words: list[str]) -> None:
    with Benchmark(Fixed(), greedy) as benchmark:
        refusal(lambda: benchmark.run(**({"progress_bar": False} | options)), *words)


def test_a_benchmark_without_agents_or_with_one_that_cannot_answer_is_refused() -> None:
    refusal(lambda: Benchmark(Fixed()).run(), "there is nobody to play", error=TaskError)
    refusal(lambda: Benchmark(Fixed(), Model("gpt-4o")).run(), "OPENAI_API_KEY")
    unpriced = Model("m", "openai", base_url="http://localhost:1/v1")
    refusal(lambda: Benchmark(Fixed(), unpriced).run(max_cost=1), "the price of openai/m is not known")


def test_the_signature_of_run_shows_its_keywords() -> None:
    for method in (Benchmark.run, Benchmark.start, Benchmark.run_async):
        assert list(inspect.signature(method).parameters)[:5] == [
            "self",
            "n",
            "limit",
            "indices",
            "sample_timeout",
        ]


# Who may play when

sizes = st.lists(st.integers(1, 3), min_size=1, max_size=3)


@given(sizes, sizes, st.integers(1, 6), st.randoms(use_true_random=False))
def test_no_room_is_exceeded_and_none_is_left_idle(
    tasks: list[int], agents: list[int], samples: int, random: Any
) -> None:
    pairs = [
        Pair(Side(i, most), Side(100 + j, more))
        for i, most in enumerate(tasks)
        for j, more in enumerate(agents)
    ]
    most = {side.key: side.most for pair in pairs for side in pair}
    busy: Counter[int] = Counter()
    waiting: Counter[Pair] = Counter(dict.fromkeys(pairs, samples))

    async def play(slots: Slots, pair: Pair, ends: list[asyncio.Event]) -> None:
        async with slots.taken(pair):
            waiting[pair] -= 1
            busy.update(side.key for side in pair)
            assert all(busy[side.key] <= side.most for side in pair)
            end = asyncio.Event()
            ends.append(end)
            await end.wait()
            busy.subtract(side.key for side in pair)

    async def main() -> None:
        slots, ends = Slots(), list[asyncio.Event]()
        playing = [asyncio.create_task(play(slots, pair, ends)) for pair in pairs for _ in range(samples)]
        while not all(task.done() for task in playing):
            for _ in range(5):
                await asyncio.sleep(0)
            if not ends:
                continue
            for pair in pairs:
                assert not waiting[pair] or any(busy[side.key] == most[side.key] for side in pair)
            ends.pop(random.randrange(len(ends))).set()

    asyncio.run(main())
    assert not +busy and not +waiting


async def test_who_stops_waiting_takes_nobodys_room() -> None:
    slots, pair = Slots(), Pair(Side(1, 1), Side(2, 1))

    async def play() -> None:
        async with slots.taken(pair):
            await asyncio.sleep(0)

    async with slots.taken(pair):
        waiting = [asyncio.create_task(play()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
    waiting[1].cancel()  # whose turn it is by now
    await asyncio.wait_for(waiting[2], 5)
    assert waiting[0].cancelled() and waiting[1].cancelled()
