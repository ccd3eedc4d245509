"""AgentBench's assignments: which agents play which tasks, as a configuration says it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

from edsl_nb.core.errors import nearest
from edsl_nb.tasks.assigned import Assigned
from edsl_nb.tasks.config import load_config
from edsl_nb.tasks.factory import InstanceFactory
from edsl_nb.tasks.typings import TaskError

#: Where AgentBench has what stands for something else here.
_ORIGINAL = "src."

#: What is not imported from there.
_STAND_INS = ("HTTPAgent", "TaskClient", "FastChatAgent")

#: Where runs go when ``output`` is null.
_OUTPUT = "output/{TIMESTAMP}"


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a configuration assigns.

    Parameters:
        agent_factories, task_factories: what makes those that are assigned, by name.
        agent_concurrency: how many samples of an agent may be played at once, by its name.
        assigned: who plays what, and how.
    """

    agent_factories: Mapping[str, InstanceFactory]
    task_factories: Mapping[str, InstanceFactory]
    agent_concurrency: Mapping[str, int]
    assigned: Assigned

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """Read a configuration.

        Raises:
            TaskError: the file or something in it is not as it has to be.
        """
        config = load_config(path)
        pairs = _pairs(config.get("assignments"))
        definitions, concurrency = _mapping(config, "definition"), _mapping(config, "concurrency")
        factories = {
            kind: _factories(kind, [pair[place] for pair in pairs], _mapping(definitions, kind))
            for place, kind in enumerate(("agent", "task"))
        }
        limits = {kind: _limits(kind, _mapping(concurrency, kind)) for kind in ("agent", "task")}
        keywords = {"output": config["output"] or _OUTPUT} if "output" in config else {}
        assigned = Assigned(frozenset(pairs), limits["task"], keywords)
        return cls(factories["agent"], factories["task"], limits["agent"], assigned)

    @property
    def names_files_of_agentbench(self) -> bool:
        """Whether it names modules that may import AgentBench's own: any but those that we have."""
        factories = (*self.agent_factories.values(), *self.task_factories.values())
        return any(
            _original(factory) not in _STAND_INS and not factory.module.startswith("edsl_nb.")
            for factory in factories
        )

    def agents(self) -> dict[str, Any]:
        """Make the agents."""
        return {name: _agent(name, factory) for name, factory in self.agent_factories.items()}

    def tasks(self) -> dict[str, Any]:
        """The tasks: those behind a controller, and factories of the others."""
        return {name: _task(name, factory) for name, factory in self.task_factories.items()}


def _agent(name: str, factory: InstanceFactory) -> Any:
    original = _original(factory)
    if original == "FastChatAgent":
        raise TaskError(
            "FastChat's workers are not asked directly",
            field=name,
            value=factory.module,
            remedy="FastChat also serves OpenAI's protocol: use the module edsl_nb.Model with the parameters "
            "model_name, service_name: openai and base_url.",
        )
    if original == "HTTPAgent":
        factory = InstanceFactory(module="edsl_nb.tasks.HTTPAgent", parameters=factory.parameters)
    return factory.create()


def _task(name: str, factory: InstanceFactory) -> Any:
    if _original(factory) != "TaskClient":
        return factory
    from edsl_nb.tasks.remote import RemoteTask

    parameters = factory.parameters or {}
    address = parameters.get("controller_address", "http://localhost:5000/api")
    return RemoteTask(str(parameters.get("name", name)), controller=address)


def _original(factory: InstanceFactory) -> str | None:
    """The name of a class on the client's side of AgentBench, or None."""
    name = factory.module.rpartition(".")[2]
    return name if factory.module.startswith(f"{_ORIGINAL}client") else None


def _pairs(given: object) -> list[tuple[str, str]]:
    """Every agent and task that are assigned to each other, once, in order."""
    pairs: dict[tuple[str, str], None] = {}
    for one in cast(list[Any], given) if isinstance(given, list) else [given]:
        if not isinstance(one, Mapping):
            raise TaskError(
                "a list of who plays what is wanted",
                field="assignments",
                value=given,
                remedy="Such as '- {agent: [gpt-4o], task: [os-std]}'.",
            )
        agents, tasks = (_names(one.get(kind), kind) for kind in ("agent", "task"))
        pairs |= dict.fromkeys((agent, task) for agent in agents for task in tasks)
    if not pairs:
        raise TaskError("nothing is assigned", field="assignments", value=given, remedy="Assign something.")
    return list(pairs)


def _names(given: object, field: str) -> list[str]:
    names: list[Any] = cast(list[Any], given) if isinstance(given, list) else [given]
    for name in names:
        if not isinstance(name, str):
            raise TaskError(
                "a name or a list of names is wanted", field=field, value=name, remedy="Such as 'os-std'."
            )
    return names


def _factories(kind: str, names: list[str], definitions: Mapping[str, Any]) -> dict[str, InstanceFactory]:
    for name in names:
        if name not in definitions:
            raise TaskError(
                f"there is no definition of this {kind}",
                field="assignments",
                value=name,
                remedy=nearest(name, map(str, definitions)),
            )
    return {name: InstanceFactory.of(definitions[name], name) for name in dict.fromkeys(names)}


def _limits(kind: str, given: Mapping[str, Any]) -> dict[str, int]:
    for name, limit in given.items():
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise TaskError(
                f"a whole number, 1 or more, is wanted for {kind} {name}",
                field="concurrency",
                value=limit,
                remedy=f"Such as '{name}: 4'.",
            )
    return dict(given)


def _mapping(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name)
    if not isinstance(found, Mapping | None):
        raise TaskError(
            "a mapping is wanted",
            field=name,
            value=found,
            remedy=f"Such as '{name}: {{agent: ..., task: ...}}'.",
        )
    return cast(Mapping[str, Any], found or {})
