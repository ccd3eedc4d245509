"""What is given as tasks and agents, one by one, each with a name of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from edsl_nb.agents import Agent
from edsl_nb.models import Model
from edsl_nb.tasks.factory import InstanceFactory
from edsl_nb.tasks.hosting import is_task


def _flat(items: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if (
            isinstance(item, Iterable)
            and not isinstance(item, str | bytes | Mapping | InstanceFactory)
            and not is_task(item)
        ):
            found.extend(_flat(item))
        else:
            found.append(item)
    return found


def named_tasks(tasks: Any) -> list[tuple[str | None, Any]]:
    """What is given as tasks, each with the name it is given by, if any."""
    if isinstance(tasks, Mapping):
        return [(str(name), task) for name, task in cast(Mapping[Any, Any], tasks).items()]
    return [(None, task) for task in _flat([tasks])]


def named_agents(agents: Sequence[Any]) -> list[tuple[str | None, Any]]:
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
            named += named_agents(list(item))
        else:
            named.append((None, item))
    return named


def free(name: str, taken: Iterable[str]) -> str:
    """The name, or where it is taken the name with a number."""
    known, free, count = set(taken), name, 1
    while free in known:
        count += 1
        free = f"{name} ({count})"
    return free
