"""`Results`: what a run gave, as a table with EDSL's columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from edsl_nb.agents import AgentList
from edsl_nb.core.errors import ResultsError
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown
from edsl_nb.core.tables import Column
from edsl_nb.models.model import ModelList
from edsl_nb.results import columns as result_columns
from edsl_nb.results.dataset import Dataset
from edsl_nb.results.records import Interview
from edsl_nb.scenarios import ScenarioList
from edsl_nb.surveys import Survey

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Axes:
    """What was combined: the survey, and the lists of agents, scenarios and models."""

    survey: Survey
    agents: AgentList
    scenarios: ScenarioList
    models: ModelList


class Result:
    """One row of results: one interview."""

    __slots__ = ("_interview", "_results")

    def __init__(self, results: Results, interview: Interview) -> None:
        self._results, self._interview = results, interview

    def __getitem__(self, column: str) -> Any:
        """The value of a column, by its full name, or by its bare name where that is clear."""
        name = result_columns.resolve([column], self._results.columns)[0]
        return self._results.value(self._interview, name)

    @property
    def answer(self) -> dict[str, Any]:
        """Answers by question name; None where there is none."""
        names = self._results.axes.survey.question_names
        return {name: cell.answer for name, cell in zip(names, self._interview.cells, strict=True)}

    @property
    def agent(self) -> Any:
        """The agent that answered."""
        return self._results.axes.agents[self._interview.agent]

    @property
    def scenario(self) -> Any:
        """The scenario it was asked about."""
        return self._results.axes.scenarios[self._interview.scenario]

    @property
    def model(self) -> Any:
        """The model that played the agent."""
        return self._results.axes.models[self._interview.model]

    @property
    def indices(self) -> dict[str, int]:
        """Positions in the job's lists."""
        return {
            "agent": self._interview.agent,
            "scenario": self._interview.scenario,
            "model": self._interview.model,
        }

    def to_dict(self) -> dict[str, Any]:
        """All columns of the row."""
        return {name: self._results.value(self._interview, name) for name in self._results.columns}

    def __repr__(self) -> str:
        return f"Result({self.answer!r})"


class Results(Shown):
    """The interviews of a run that have at least one answer, in index order.

    Parameters:
        axes: what was combined.
        interviews: what came of it.
        total: how many interviews the run has.
        partial: whether some are missing because the run has not completed.

    Example:
        >>> results = survey.by(Model("test", canned_response="Blue")).run()  # doctest: +SKIP
        >>> results.select("example").to_list()  # doctest: +SKIP
        ['Blue']
    """

    def __init__(
        self, axes: Axes, interviews: Iterable[Interview], total: int, partial: bool = False
    ) -> None:
        self.axes = axes
        self.partial = partial
        self.total = total
        self._interviews = sorted((i for i in interviews if i.answered), key=lambda i: i.index)

    @property
    def title(self) -> str:
        """``Results``, with how many of how many where some are missing."""
        return f"Results ({self._missing})" if self._missing else "Results"

    @property
    def _missing(self) -> str:
        """What is missing, in words; empty where nothing is."""
        if self.partial:
            return f"partial: {len(self):,} of {self.total:,}"
        return f"{len(self):,} of {self.total:,} have an answer" if len(self) < self.total else ""

    @cached_property
    def _columns(self) -> dict[str, result_columns.ResultColumn]:
        return result_columns.build(self.axes)

    @property
    def columns(self) -> list[str]:
        """All column names, in alphabetical order."""
        return list(self._columns)

    def as_table(self) -> MemoryTable:
        """The rows, to be shown page by page: what was combined and the answers first, then the rest."""
        first = [name for name, column in self._columns.items() if column.primary and not _is_answer(name)]
        first += [f"answer.{name}" for name in self.axes.survey.question_names]
        order = [*first, *(name for name in self._columns if name not in first)]
        every = [Column(n, self._columns[n].kind, sortable=True, primary=n in first) for n in order]
        return MemoryTable(
            self.title, every, len(self), lambda row, column: self.value(self._interviews[row], column)
        )

    def __len__(self) -> int:
        return len(self._interviews)

    def __iter__(self) -> Iterator[Result]:
        return (Result(self, interview) for interview in self._interviews)

    @overload
    def __getitem__(self, position: int) -> Result: ...
    @overload
    def __getitem__(self, position: slice) -> Results: ...
    def __getitem__(self, position: int | slice) -> Result | Results:
        if isinstance(position, slice):
            chosen = self._interviews[position]
            return Results(self.axes, chosen, self.total if self.partial else len(chosen), self.partial)
        if not isinstance(position, int):
            raise ResultsError(
                "rows go by number",
                field="results[...]",
                value=position,
                remedy="Such as results[0]; columns come with results.select('answer.q').",
            )
        if not -len(self) <= position < len(self):
            raise IndexError(f"there are {len(self):,} results, no result {position}")
        return Result(self, self._interviews[position])

    def value(self, interview: Interview, column: str) -> Any:
        """The value of a column, by its full name, for an interview."""
        return self._columns[column].value(interview)

    def select(self, *names: str | Sequence[str]) -> Dataset:
        """Some columns.

        Parameters:
            names: full names (``answer.q``), bare names (``q``, ``persona``,
                ``model``) or globs (``agent.*``, ``*_comment``); all columns
                when left out. One list of names is fine too.

        Raises:
            ResultsError: a name stands for no column.
        """
        asked: list[Any] = []
        for given in names:
            asked += given if isinstance(given, list | tuple) else [given]
        for name in asked:
            if not isinstance(name, str):
                raise ResultsError(
                    "column names are texts", field="select", value=name, remedy="Such as 'answer.q'."
                )
        wanted = result_columns.resolve(asked, self._columns) if asked else self.columns
        return Dataset({name: self._values(name) for name in wanted}, self.title)

    def to_pandas(self, remove_prefix: bool = False) -> pd.DataFrame:
        """All columns as a data frame."""
        return self.select().to_pandas(remove_prefix)

    def _values(self, name: str) -> list[Any]:
        read = self._columns[name].value
        return [read(interview) for interview in self._interviews]

    def __repr__(self) -> str:
        missing = f", {self._missing}" if self._missing else ""
        return f"Results({len(self):,} interviews x {len(self.axes.survey)} questions{missing})"


def _is_answer(column: str) -> bool:
    return column.startswith("answer.")
