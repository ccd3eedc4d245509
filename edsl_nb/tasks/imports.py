"""AgentBench's import paths, such as ``src.server.task``, made to resolve here."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import threading
from collections.abc import Generator, Hashable, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

#: What AgentBench calls the package of everything.
_ROOT = "src"

_TYPES = (
    "AgentBenchException", "AgentClientException", "AgentContextLimitException", "AgentNetworkException",
    "AgentOutput", "AgentOutputStatus", "AgentTimeoutException", "ChatHistoryItem", "ClientException",
    "InstanceFactory", "JSONSerializable", "SampleIndex", "SampleStatus", "ServerException",
    "TaskClientException", "TaskClientOutput", "TaskNetworkException", "TaskOutput",
    "TaskSampleExecutionResult", "TaskTimeoutException", "WorkerStatus",
)  # fmt: skip

#: module of AgentBench -> names of `edsl_nb.tasks` that are in it.
_MODULES: dict[str, tuple[str, ...]] = {
    "src": (),
    "src.client": ("AgentClient",),
    "src.client.agent": ("AgentClient",),
    "src.configs": ("ConfigLoader",),
    "src.server": (),
    "src.server.task": ("Session", "Task"),
    "src.typings": _TYPES,
    "src.typings.config": ("InstanceFactory",),
    "src.typings.exception": tuple(name for name in _TYPES if name.endswith("Exception")),
    "src.typings.general": _TYPES,
    "src.typings.output": ("AgentOutput", "TaskClientOutput", "TaskOutput", "TaskSampleExecutionResult"),
    "src.typings.status": ("AgentOutputStatus", "SampleStatus", "WorkerStatus"),
}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Makes the modules above. Others beneath them, such as a task's own, are looked for on disk."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in _MODULES:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, origin="edsl_nb.tasks")
        folders = sys.path if path is None else path
        beneath = [Path(folder or ".") / fullname.rpartition(".")[2] for folder in folders]
        spec.submodule_search_locations = [str(folder) for folder in beneath if folder.is_dir()]
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return ModuleType(spec.name, f"What AgentBench has in {spec.name}, as edsl_nb.tasks has it.")

    def exec_module(self, module: ModuleType) -> None:
        tasks = import_module("edsl_nb.tasks")
        names = _MODULES[module.__name__]
        for name in names:
            setattr(module, name, getattr(tasks, name))
        module.__dict__["__all__"] = list(names)


class AgentBenchImports:
    """AgentBench's import paths being in force. Made by `agentbench_imports`."""

    def __init__(self) -> None:
        self._in_force = False
        self._modules: dict[str, ModuleType] = {}
        self.open()

    def open(self) -> None:
        """Have the paths resolve here, again after `close`; what was imported then is still what it was."""
        with _lock:
            if not self._in_force:
                self._in_force = True
                _use()
                for name, module in self._modules.items():
                    sys.modules.setdefault(name, module)

    def close(self) -> None:
        """Have the paths mean again what they meant before. Modules that were imported go on working."""
        with _lock:
            if self._in_force:
                self._in_force = False
                self._modules = {name: sys.modules[name] for name in _there()}
                _end()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"AgentBenchImports({'in force' if self._in_force else 'closed'})"


class ImportsInUse:
    """Keeps AgentBench's import paths in force as long as somebody uses them. Any thread may say who does.

    Parameters:
        imports: what is opened and closed; None where nobody needs it.
    """

    def __init__(self, imports: AgentBenchImports | None = None) -> None:
        self._imports = imports
        self._users: set[Hashable] = set()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return self._imports is not None

    def use(self, user: Hashable) -> None:
        """Have the paths in force until this one leaves."""
        with self._lock:
            self._users.add(user)
            if self._imports is not None:
                self._imports.open()

    def leave(self, user: Hashable) -> None:
        """Somebody uses them no longer; whoever has left already may leave again."""
        with self._lock:
            self._users.discard(user)
            if self._imports is not None and not self._users:
                self._imports.close()

    @contextmanager
    def used(self) -> Generator[None]:
        """A context that uses them."""
        user = object()
        self.use(user)
        try:
            yield
        finally:
            self.leave(user)


def agentbench_imports() -> AgentBenchImports:
    """Have AgentBench's import paths resolve here, so that the files of a task need no change.

    ``from src.server.task import Task, Session``, ``from src.typings import ...`` and
    ``from src.client.agent import AgentClient`` give the classes of `edsl_nb.tasks`. What else is
    imported from ``src``, such as ``src.server.tasks.my_task``, is looked for in the
    folders ``src`` of `sys.path`, as always; the rest of the original that lies there is not run.

    It holds from the call on: to the end of the process, until `close`, or to the
    end of its ``with``. Tasks that import while they are played need it that long.

    Returns:
        What ends it.

    Example:
        >>> with agentbench_imports():
        ...     from src.server.task import Task
        >>> Task.__module__
        'edsl_nb.tasks.task'
    """
    return AgentBenchImports()


def were_in_force() -> bool:
    """Whether AgentBench's import paths resolve here, or did so when some modules were imported."""
    return _ever


_lock = threading.Lock()
_finder = _Finder()
_count = 0
_ever = False
#: What was imported from other packages of this name before.
_before: dict[str, ModuleType] = {}


def _use() -> None:
    global _count, _ever
    _count, _ever = _count + 1, True
    if _count == 1:
        _before.update(_taken())
        sys.meta_path.insert(0, _finder)


def _end() -> None:
    global _count
    _count -= 1
    if _count == 0:
        sys.meta_path.remove(_finder)
        _taken()
        sys.modules.update(_before)
        _before.clear()


def _there() -> list[str]:
    """The names of the modules in ``src`` that are imported."""
    return [name for name in sys.modules if name == _ROOT or name.startswith(f"{_ROOT}.")]


def _taken() -> dict[str, ModuleType]:
    """The modules in ``src``, taken out of those that are imported."""
    return {name: sys.modules.pop(name) for name in _there()}
