"""`Benchmark`: tasks and the agents that play them, ready to be run."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, Self, Unpack, cast

from edsl_nb.agents import Agent
from edsl_nb.core.calls import Checked
from edsl_nb.core.errors import EdslNbError, warn
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown
from edsl_nb.core.tables import Column
from edsl_nb.models import Model
from edsl_nb.runner.execution import GRACE
from edsl_nb.runner.loop import refuse_to_block
from edsl_nb.runner.run import Run, watch
from edsl_nb.runner.store import store
from edsl_nb.tasks.checks import check_task, concurrency_of, indices_of
from edsl_nb.tasks.contestants import Contestant, contestant
from edsl_nb.tasks.hosting import TaskHost, host_of, is_task, released
from edsl_nb.tasks.request import BenchmarkKeywords, BenchmarkRequest, request_of, takes_run_keywords
from edsl_nb.tasks.results import BenchmarkResults
from edsl_nb.tasks.resuming import resume
from edsl_nb.tasks.typings import TaskError
from edsl_nb.tasks.work import Entry, Samples


class Benchmark(Shown, metaclass=Checked):
    """Tasks, and the agents that play all of their samples.

    Tasks are released when the benchmark is closed: by `close`, at the end of
    its ``with``, or when the interpreter ends.

    Parameters:
        tasks: a task, or several.
        agents: who plays; more can be added with `by`.

    Raises:
        TaskError: something is not what it has to be.

    Example:
        >>> from edsl_nb import Model
        >>> from edsl_nb.tasks import Benchmark, Task
        >>> Benchmark(Task("sums")).by(Model("test"))
        Benchmark(tasks=['sums'], agents=['test'])
    """

    error: ClassVar[type[EdslNbError]] = TaskError

    def __init__(self, tasks: Any, agents: Any = None) -> None:
        self._hosts: dict[str, TaskHost] = {}
        self._agents: list[Contestant] = []
        self._closed = False
        self._lock = threading.Lock()
        self.last_run: Run[BenchmarkResults] | None = None
        for task in _flat([tasks]):
            self._add(task)
        if not self._hosts:
            raise TaskError("there is no task", field="tasks", value=tasks, remedy="Give one at least.")
        if agents is not None:
            self.by(agents)

    def _add(self, task: Any) -> None:
        check_task(task)
        host = host_of(task)
        if host in self._hosts.values():
            warn(f"Task {task.name!r} is given twice, and played once.")
            return
        self._hosts[_free(task.name, self._hosts)] = host

    # Putting it together

    @property
    def tasks(self) -> list[Any]:
        """The tasks, in order."""
        return [host.task for host in self._hosts.values()]

    @property
    def agents(self) -> list[str]:
        """The names of the agents, in order."""
        return [agent.name for agent in self._agents]

    def by(self, *agents: Any) -> Self:
        """Add agents.

        Parameters:
            agents: models; functions or coroutines from a history, a list of
                `ChatHistoryItem`, to a text; objects with AgentBench's ``inference``; or
                lists or dicts by name of these. Agents with traits are personas: each
                model of this call plays as each of them.

        Returns:
            The benchmark itself.

        Raises:
            TaskError: something else is among them, or a persona has no model beside it.
        """
        items = _named(agents)
        personas = [one for _, one in items if isinstance(one, Agent)]
        players = [(name, one) for name, one in items if not isinstance(one, Agent)]
        if personas and not any(isinstance(one, Model) for _, one in players):
            raise TaskError(
                "a persona goes beside a model",
                field="by",
                value=personas[0],
                remedy="Such as .by(Model('test'), Agent(name='Ann', traits={'age': 20})).",
            )
        made = [contestant(one, persona, name) for name, one in players for persona in (personas or [None])]
        for agent in made:
            agent.name = _free(agent.name, self.agents)
            self._agents.append(agent)
        return self

    # Running

    @takes_run_keywords
    def start(self, n: int = 1, **keywords: Unpack[BenchmarkKeywords]) -> Run[BenchmarkResults]:
        """Start the benchmark and return at once; its progress shows while later cells run.

        Parameters:
            n, keywords: see `edsl_nb.tasks.request.BenchmarkRequest`.

        Returns:
            The run: await it, stop it, read its results so far.

        Raises:
            TaskError: a keyword is not known, or its value not as it has to be, or a task fails to say
                which samples it has.
            MissingKeyError, ModelError, StoreError: it could not work; nothing was asked.
        """
        request = BenchmarkRequest.of({"n": n, **keywords})
        refuse_to_block()
        run = self._launch(request)
        if request.progress_bar:
            watch(run)
        return run

    @takes_run_keywords
    def run(self, n: int = 1, **keywords: Unpack[BenchmarkKeywords]) -> Any:
        """Run the benchmark and wait for its results. See `start` for the parameters and what is refused.

        Returns:
            The results, with their scores; after Stop those there are, marked partial, with a
            warning. With ``background=True`` the run, at once.

        Raises:
            KeyboardInterrupt: the cell was interrupted; ``benchmark.last_run.results`` has what there is.
            RunError: called on the runner's own thread; nothing was asked.
        """
        request = BenchmarkRequest.of({"n": n, **keywords})
        if request.background:
            return self.start(n, **keywords)
        refuse_to_block()
        run = self._launch(request)
        if request.progress_bar:
            with watch(run):
                return _scored(run.result())
        return _scored(run.result())

    @takes_run_keywords
    async def run_async(self, n: int = 1, **keywords: Unpack[BenchmarkKeywords]) -> Any:
        """Run the benchmark without blocking the loop. See `start` for the parameters and what is refused.

        Returns:
            The results, with their scores; after Stop those there are, marked partial, with a
            warning. With ``background=True`` the run, at once.

        Raises:
            asyncio.CancelledError: the cell was interrupted.
        """
        request = BenchmarkRequest.of({"n": n, **keywords})
        run = await asyncio.to_thread(self._launch, request)  # tasks may take long to say what they have
        if request.progress_bar:
            watch(run)
        if request.background:
            return run
        results = await run
        return await asyncio.to_thread(_scored, results)

    def resume(self, run_id: str, progress_bar: bool = True) -> Run[BenchmarkResults]:
        """Go on with a run of this benchmark that was stopped, or whose process has ended.

        Samples that have ended are not played again. One that was begun starts again, with the
        replies of models that are on disk.

        Parameters:
            run_id: its id, ``run.id``; `Jobs.runs` lists them.
            progress_bar: show the progress.

        Returns:
            A run of the same id.

        Raises:
            RunError: there is no such run, or another process has it.
            TaskError: it is the run of something else.
        """
        refuse_to_block()
        self.last_run = resume(run_id, lambda plan: self._workload(request_of(plan)))
        if progress_bar:
            watch(self.last_run)
        return self.last_run

    def _launch(self, request: BenchmarkRequest) -> Run[BenchmarkResults]:
        workload = self._workload(request)
        kept, options = store(), request.options()
        kept.check()
        with self._lock:
            self._check_open()
            self.last_run = Run(workload, kept, options)
            return self.last_run

    def _workload(self, request: BenchmarkRequest) -> Samples:
        self._check_open()
        if not self._agents:
            raise TaskError(
                "there is nobody to play",
                field="agents",
                value=[],
                remedy="Add somebody: benchmark.by(Model('test')).",
            )
        for agent in self._agents:
            agent.check()
            if request.max_cost is not None and agent.price is None:
                raise TaskError(
                    f"the price of {agent.name} is not known, so nobody can tell when this is spent",
                    field="max_cost",
                    value=request.max_cost,
                    remedy="Leave it out, and play a few samples first: run(limit=10).",
                )
        known = {name: indices_of(host) for name, host in self._hosts.items()}
        chosen = request.chosen(known)
        entries = [
            Entry(host, name, chosen[name], concurrency_of(host.task)) for name, host in self._hosts.items()
        ]
        return Samples(entries, tuple(self._agents), request.n, request.rules())

    # The end

    def _check_open(self) -> None:
        for host in self._hosts.values():
            if self._closed or host.released:
                raise released(host.name)

    def close(self) -> None:
        """Stop what is running and release the tasks, each once."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        run = self.last_run
        if run is not None and not run.done:
            run.cancel()
            run.wait(GRACE + 5)
        for agent in self._agents:
            agent.close()
        for host in self._hosts.values():
            host.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    # Looking

    def as_table(self) -> MemoryTable:
        """Who plays what, to be shown page by page."""
        rows = [(name, host, agent) for name, host in self._hosts.items() for agent in self._agents or [None]]

        def cell(row: int, column: str) -> Any:
            name, host, agent = rows[row]
            if column == "agent":
                return None if agent is None else agent.name
            return name if column == "task" else host.task.concurrency

        columns = [
            Column("task", sortable=True),
            Column("agent", sortable=True),
            Column("concurrency", "number"),
        ]
        return MemoryTable("Benchmark", columns, len(rows), cell)

    def __repr__(self) -> str:
        return f"Benchmark(tasks={list(self._hosts)!r}, agents={self.agents!r})"


def _scored(results: BenchmarkResults) -> BenchmarkResults:
    """The results with their scores, for which the tasks have to be there still."""
    _ = results.overall
    return results


def _flat(items: Iterable[Any]) -> list[Any]:
    flat: list[Any] = []
    for item in items:
        if isinstance(item, Iterable) and not isinstance(item, str | bytes | Mapping) and not is_task(item):
            flat.extend(_flat(item))
        else:
            flat.append(item)
    return flat


def _named(agents: Sequence[Any]) -> list[tuple[str | None, Any]]:
    """What is given to `by`, each with the name it is given by, if any."""
    named: list[tuple[str | None, Any]] = []
    for item in agents:
        if isinstance(item, Mapping):
            named += [(str(name), one) for name, one in cast(Mapping[Any, Any], item).items()]
        elif (
            isinstance(item, Iterable)
            and not isinstance(item, str | bytes | Model | Agent)
            and not callable(item)
        ):
            named += _named(list(item))
        else:
            named.append((None, item))
    return named


def _free(name: str, taken: Iterable[str]) -> str:
    """The name, or where it is taken the name with a number."""
    known, free, count = set(taken), name, 1
    while free in known:
        count += 1
        free = f"{name} ({count})"
    return free
