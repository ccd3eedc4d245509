"""`Benchmark`: tasks and the agents that play them, ready to be run."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from types import TracebackType
from typing import Any, ClassVar, Self, Unpack, cast
from weakref import WeakSet

from edsl_nb.agents import Agent
from edsl_nb.core.calls import Checked
from edsl_nb.core.errors import EdslNbError, warn
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown
from edsl_nb.models import Model
from edsl_nb.runner.execution import GRACE
from edsl_nb.runner.lastrun import LastRun
from edsl_nb.runner.loop import refuse_to_block
from edsl_nb.runner.run import Run, watch
from edsl_nb.runner.store import store
from edsl_nb.tasks.assigned import Assigned
from edsl_nb.tasks.checks import check_task, concurrency_of, indices_of
from edsl_nb.tasks.contestants import Contestant, check_contestants, contestant
from edsl_nb.tasks.factory import InstanceFactory
from edsl_nb.tasks.hosting import TaskHost, host_of, released
from edsl_nb.tasks.imports import ImportsInUse, agentbench_imports
from edsl_nb.tasks.naming import free, named_agents, named_tasks
from edsl_nb.tasks.recording import finished, taken_over
from edsl_nb.tasks.request import BenchmarkKeywords, BenchmarkRequest, request_of, takes_run_keywords
from edsl_nb.tasks.results import BenchmarkResults
from edsl_nb.tasks.resuming import resume
from edsl_nb.tasks.samples import Sample
from edsl_nb.tasks.troupe import Troupe
from edsl_nb.tasks.typings import SampleIndex, TaskError
from edsl_nb.tasks.work import EMPTY, Entry, Samples


class Benchmark(Shown, metaclass=Checked):
    """Tasks, and the agents that play all of their samples.

    Tasks are released when the benchmark is closed: by `close`, at the end of
    its ``with``, or when the interpreter ends.

    Parameters:
        tasks: a task, several, or a dict of tasks by name. An `InstanceFactory` makes one, which is
            released when the benchmark's run ends.
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
    last_run = LastRun[BenchmarkResults]()

    def __init__(self, tasks: Any, agents: Any = None) -> None:
        self._hosts: dict[str, TaskHost] = {}
        self._agents: list[Contestant] = []
        self._assigned = Assigned()
        self._imports = ImportsInUse()
        self._runs: WeakSet[Run[BenchmarkResults]] = WeakSet()
        self._playing: set[Run[BenchmarkResults]] = set()  # runs for which tasks made here are kept
        self._closed = False
        self._lock, self._scoring, self._closing = threading.Lock(), threading.Lock(), threading.RLock()
        for name, task in named_tasks(tasks):
            self._add(task, name)
        if not self._hosts:
            raise TaskError("there is no task", field="tasks", value=tasks, remedy="Give one at least.")
        if agents is not None:
            self.by(agents)

    def _add(self, task: Any, name: str | None) -> None:
        factory = task if isinstance(task, InstanceFactory) else None
        made = task if factory is None else factory.create()
        check_task(made)
        host = host_of(made)
        if host in self._hosts.values():
            warn(f"Task {host.name!r} is given twice, and played once.")
            return
        host.factory = factory
        self._hosts[free(name or host.name, self._hosts)] = host

    @classmethod
    def from_config(cls, path: str | os.PathLike[str]) -> Self:
        """The benchmark that AgentBench's configuration of an assignment describes.

        Its keywords ``import``, ``default`` and ``overwrite`` are applied. A ``module`` of agents and
        tasks names Python code, which is imported and run, so read only files of people whom you would
        let run code. AgentBench's task client stands for a `RemoteTask`, its ``HTTPAgent`` for ours;
        other modules are imported. ``concurrency`` limits agents and tasks, and ``output`` is the
        folder of runs. Tasks that are made here are released when the run ends. Where AgentBench's own
        modules are named, `agentbench_imports` is in force while they are made, and while they are played.

        Parameters:
            path: a file that ends in .yaml, .yml or .json.

        Raises:
            TaskError: the file or something in it is not as it has to be.

        Example:
            >>> Benchmark.from_config("configs/assignments/default.yaml").run()  # doctest: +SKIP
        """
        from edsl_nb.tasks.assignment import Assignment

        assignment = Assignment.read(path)
        imports = agentbench_imports() if assignment.names_files_of_agentbench else None
        with imports or nullcontext():
            made = cls(assignment.tasks(), agents=assignment.agents())
        made._assigned, made._imports = assignment.assigned, ImportsInUse(imports)
        for agent in made._agents:
            agent.concurrency = assignment.agent_concurrency.get(agent.name, agent.concurrency)
        return made

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
        items = named_agents(agents)
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
            agent.name = free(agent.name, self.agents)
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
        request = self._request(n, keywords)
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
            RunError: called on the runner's own thread, or with ``loop="notebook"``; nothing was asked.
        """
        request = self._request(n, keywords)
        if request.background:
            return self.start(n, **keywords)
        refuse_to_block(request.loop, "benchmark")
        run = self._launch(request)
        if request.progress_bar:
            with watch(run):
                run.wait()
        run.result()
        return self._scored(run)

    @takes_run_keywords
    async def run_async(self, n: int = 1, **keywords: Unpack[BenchmarkKeywords]) -> Any:
        """Run the benchmark without blocking the loop. See `start` for the parameters and what is refused.

        Returns:
            The results, with their scores; after Stop those there are, marked partial, with a
            warning. With ``background=True`` the run, at once.

        Raises:
            asyncio.CancelledError: the cell was interrupted.
        """
        request = self._request(n, keywords)
        with self._imports.used():
            # Tasks may take long to say what they have.
            work = await asyncio.to_thread(self._workload, request)
            run = self._begin(work, request)
        if request.progress_bar:
            watch(run)
        if request.background:
            return run
        await run
        return await asyncio.to_thread(self._scored, run)

    def resume(self, run_id: str, progress_bar: bool = True) -> Run[BenchmarkResults]:
        """Go on with a run of this benchmark that was stopped, or whose process has ended.

        A run that another process executes is looked on at.

        Samples that have ended are not played again. One that was begun starts again, with the
        replies of models that are on disk.

        Parameters:
            run_id: its id, ``run.id``; `Jobs.runs` lists them.
            progress_bar: show the progress.

        Returns:
            A run of the same id.

        Raises:
            RunError: there is no such run, or it cannot be taken up.
            TaskError: it is the run of something else.
        """
        refuse_to_block()
        with self._imports.used():
            self.last_run = resume(run_id, lambda plan: self._workload(request_of(plan)))
            self._keep(self.last_run)
            self._release_after(self.last_run)
        if progress_bar:
            watch(self.last_run)
        return self.last_run

    def _request(self, n: int, keywords: Mapping[str, Any]) -> BenchmarkRequest:
        return BenchmarkRequest.of({**self._assigned.keywords, "n": n, **keywords})

    def _launch(self, request: BenchmarkRequest) -> Run[BenchmarkResults]:
        with self._imports.used():
            return self._begin(self._workload(request), request)

    def _begin(self, work: Samples, request: BenchmarkRequest) -> Run[BenchmarkResults]:
        kept = store()
        kept.check()
        with self._lock:
            self._check_open()
            run = self.last_run = Run(work, kept, request.options())
            self._keep(run)
        self._release_after(run)
        return run

    def _keep(self, run: Run[BenchmarkResults]) -> None:
        self._runs.add(run)
        self._playing.add(run)

    def _release_after(self, run: Run[BenchmarkResults]) -> None:
        """Have tasks that were made here released when the last run has ended, and imports end with it."""
        if not (self._made_here or self._imports):
            self._playing.discard(run)
            return
        self._imports.use(run)

        def work() -> None:
            run.wait()
            self._scored(run)

        threading.Thread(target=work, name="edsl_nb-release", daemon=True).start()

    @property
    def _made_here(self) -> bool:
        return any(host.factory is not None for host in self._hosts.values())

    def _scored(self, run: Run[BenchmarkResults]) -> BenchmarkResults:
        """The results of a run that has ended, with their scores.

        Tasks that were made here are released, unless another run plays them.
        """
        try:
            results = self._settled(run)
            with self._lock:
                self._playing.discard(run)
                over = self._made_here and not self._playing
            if over:
                self.close()
            return results
        finally:
            self._imports.leave(run)

    def _settled(self, run: Run[BenchmarkResults]) -> BenchmarkResults:
        """Have the scores of a run computed, for which its tasks have to be there still."""
        with self._scoring:
            results = run.results
            _ = results.overall
            if self._made_here:
                cast(Samples, run.workload).final = results
            return results

    def _workload(self, request: BenchmarkRequest) -> Samples:
        self._check_open()
        check_contestants(self._agents, request.max_cost)
        known = {name: indices_of(host) for name, host in self._hosts.items()}
        chosen = request.chosen(known)
        entries = [self._entry(name, host, chosen[name], request) for name, host in self._hosts.items()]
        rules, output = request.rules(), request.folder
        if output is not None:
            earlier = taken_over(output, self.agents, known, rules.rerun, rules.history_limit)
        elif request.rerun is not None:
            earlier = finished(self._last_samples(), rules.rerun)
        else:
            earlier = EMPTY
        return Samples(entries, tuple(self._agents), request.n, rules, earlier, output, self._assigned.pairs)

    def _entry(
        self, name: str, host: TaskHost, chosen: Sequence[SampleIndex], request: BenchmarkRequest
    ) -> Entry:
        room, copies = concurrency_of(host.task) * (request.workers or 1), request.workers
        troupe = None if copies is None else Troupe(host, copies, request.history_limit)
        return Entry(host, name, chosen, min(room, self._assigned.concurrency.get(name, room)), troupe)

    def _last_samples(self) -> Sequence[Sample]:
        """The samples of the last run, to be taken over by one that plays some of them again."""
        run = self.last_run
        if run is None or not run.done:
            raise TaskError(
                "there is no run that has ended, whose samples could be played again",
                field="rerun",
                remedy="Run the benchmark first, or name the folder of another run: output='outputs'.",
            )
        return run.results.samples

    # The end

    def _check_open(self) -> None:
        for host in self._hosts.values():
            if self._closed or host.released:
                raise released(host.name)

    def close(self) -> None:
        """Stop what is running and release the tasks, each once; wait where another thread does so."""
        with self._closing:
            with self._lock:
                if self._closed:
                    return
                self._closed = True
            self.dismiss()
            for host in self._hosts.values():
                host.release()
            if self.last_run is not None:
                self._imports.leave(self.last_run)

    def dismiss(self) -> None:
        """Stop what is running and let go of the agents, but do not release the tasks."""
        going_on = [run for run in self._runs if not run.done]
        for run in going_on:
            run.cancel()
        for run in going_on:
            run.wait(GRACE + 5)
        run = self.last_run
        if run is not None and run.done and self._made_here:
            self._settled(run)
        for agent in self._agents:
            agent.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    # Looking

    def as_table(self) -> MemoryTable:
        """Who plays what, to be shown page by page."""
        rooms = {name: host.task.concurrency for name, host in self._hosts.items()}
        return self._assigned.table(rooms, self.agents)

    def __repr__(self) -> str:
        return f"Benchmark(tasks={list(self._hosts)!r}, agents={self.agents!r})"
