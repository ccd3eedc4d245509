"""Who plays what in a benchmark, and what an assignment says about its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.tables import Column


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who plays what, and how.

    Parameters:
        pairs: the agents and tasks, by name, that belong together; None for all with all.
        concurrency: how many samples of a task may be played at once, by its name.
        keywords: of runs, unless others are given.
    """

    pairs: frozenset[tuple[str, str]] | None = None
    concurrency: Mapping[str, int] = field(default_factory=dict)
    keywords: Mapping[str, Any] = field(default_factory=dict)

    def together(self, agent: str, task: str) -> bool:
        """Whether an agent plays a task."""
        return self.pairs is None or (agent, task) in self.pairs

    def table(self, rooms: Mapping[str, int], agents: Sequence[str]) -> MemoryTable:
        """Who plays what, to be shown page by page.

        Parameters:
            rooms: how many samples of each task may be played at once, by its name.
            agents: the names of the agents.
        """
        rows = [
            {"task": task, "agent": agent, "concurrency": self.concurrency.get(task, room)}
            for task, room in rooms.items()
            for agent in agents or [None]
            if agent is None or self.together(agent, task)
        ]
        columns = [
            Column("task", sortable=True),
            Column("agent", sortable=True),
            Column("concurrency", "number"),
        ]
        return MemoryTable("Benchmark", columns, len(rows), lambda row, column: rows[row][column])
