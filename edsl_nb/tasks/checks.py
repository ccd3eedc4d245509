"""What has to hold of a task, and which samples it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from edsl_nb.tasks.hosting import TaskHost, is_task
from edsl_nb.tasks.typings import SampleIndex, TaskError
from edsl_nb.tasks.versions import check_version


def check_task(task: object) -> None:
    """Raise a TaskError for what is no task, or has no name."""
    if isinstance(task, type):
        raise TaskError(
            f"{task.__name__} is a class",
            field="tasks",
            value=task,
            remedy=f"Make one: {task.__name__}(...).",
        )
    check_version(task)
    if not is_task(task):
        raise TaskError(
            f"a {type(task).__name__} is no task",
            field="tasks",
            value=task,
            remedy="Subclass edsl_nb.tasks.Task and write get_indices, start_sample and calculate_overall.",
        )
    name = getattr(task, "name", None)
    if not isinstance(name, str) or not name:
        raise TaskError(
            "a task needs a name",
            field="name",
            value=name,
            remedy="Call super().__init__(name='my-task') in its __init__.",
        )
    concurrency_of(task)


def concurrency_of(task: Any) -> int:
    """How many samples of a task may be played at once.

    Raises:
        TaskError: it is no whole number, or none above 0.
    """
    value = getattr(task, "concurrency", None)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise TaskError(
            f"a whole number, 1 or more, is wanted of task {task.name!r}",
            field="concurrency",
            value=value,
            remedy="Such as super().__init__(name='my-task', concurrency=4).",
        )
    return value


def indices_of(host: TaskHost) -> list[SampleIndex]:
    """All indices of a task.

    Raises:
        TaskError: it fails to say them, has none, or some twice, or they are no numbers or texts.
    """
    given = host.ask("get_indices")
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise _bad_indices(host, "returned no list", given)
    indices = [_index(host, index) for index in cast(Iterable[Any], given)]
    if not indices:
        raise _bad_indices(host, "returned no index", indices)
    seen: set[tuple[type, SampleIndex]] = set()
    for index in indices:
        if (type(index), index) in seen:
            raise _bad_indices(host, "returned an index twice", index)
        seen.add((type(index), index))
    return indices


def _index(host: TaskHost, given: Any) -> SampleIndex:
    index = plain_index(given)
    if isinstance(index, str) or (isinstance(index, int) and not isinstance(index, bool)):
        return index
    raise _bad_indices(host, "returned an index that is neither a whole number nor a text", index)


def plain_index(given: Any) -> Any:
    """A whole number or a text, such as numpy's, as Python's own; anything else as it is."""
    if isinstance(given, str):
        return str.__str__(given)  # whatever the subclass makes of str()
    if isinstance(given, bool) or not hasattr(given, "__index__"):
        return given
    try:
        return int(given.__index__())
    except TypeError:  # as an array of several
        return given


def _bad_indices(host: TaskHost, problem: str, value: object) -> TaskError:
    return TaskError(
        f"get_indices of task {host.name!r} {problem}",
        field="get_indices",
        value=value,
        remedy="Return a list of different whole numbers or texts, such as list(range(10)).",
    )
