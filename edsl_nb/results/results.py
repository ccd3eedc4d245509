"""`Results`: what a run gave, as a table with EDSL's columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self, overload

from edsl_nb.agents import AgentList
from edsl_nb.core.code import counted
from edsl_nb.core.errors import ResultsError, nearest
from edsl_nb.core.hosted import Hosted
from edsl_nb.core.saving import Filed
from edsl_nb.results import files, loading, stored
from edsl_nb.results.analysis import Analysis
from edsl_nb.results.axes import Axes, Coverage
from edsl_nb.results.dataset import Dataset
from edsl_nb.results.interviews import Rows
from edsl_nb.results.joining import joined
from edsl_nb.results.naming import bare, flat
from edsl_nb.results.records import Interview
from edsl_nb.results.result import Result
from edsl_nb.results.table import ResultsTable
from edsl_nb.results.values import Values
from edsl_nb.runner.collector import rarely

__all__ = ["Axes", "Result", "Results"]


#: Columns of what was combined that a table has before the answers; more would leave no room for these.
_BEFORE = 3


class Results(Analysis, Filed, Hosted):
    """The interviews of a run that have at least one answer, in index order.

    Verbs that choose and order rows, such as `filter`, and `mutate` give
    results again; `select`, `rename`, `drop` and all that reshapes give a `Dataset`.

    Parameters:
        axes: what was combined.
        interviews: what came of it.
        total: how many interviews the run has.
        partial: whether some are missing because the run has not completed.
        dry_run: whether no model was asked.

    Example:
        >>> results = survey.by(Model("test", canned_response="Blue")).run()  # doctest: +SKIP
        >>> results.select("example").to_list()  # doctest: +SKIP
        ['Blue']
    """

    saved_as: ClassVar[str] = "Results"

    def __init__(
        self,
        axes: Axes,
        interviews: Iterable[Interview],
        total: int,
        partial: bool = False,
        dry_run: bool = False,
    ) -> None:
        kept = Rows.of(interviews, len(axes.survey)).answered()
        self._fill(axes, kept, Coverage(len(kept), total, partial, dry_run))

    # Rows

    def __len__(self) -> int:
        return len(self.interviews)

    def __iter__(self) -> Iterator[Result]:
        return (Result(self, position) for position in range(len(self)))

    @overload
    def __getitem__(self, position: int) -> Result: ...
    @overload
    def __getitem__(self, position: slice) -> Self: ...
    def __getitem__(self, position: int | slice) -> Result | Self:
        if isinstance(position, slice):
            return self._at(range(len(self))[position])
        if isinstance(position, bool) or not isinstance(position, int):
            raise ResultsError(
                "rows go by number",
                field="results[...]",
                value=position,
                remedy="Such as results[0]; columns come with results.select('answer.q').",
            )
        if not -len(self) <= position < len(self):
            raise IndexError(f"there are {len(self):,} results, no result {position}")
        return Result(self, position % len(self))

    def _at(self, positions: Sequence[int]) -> Self:
        created = {name: values.at(positions) for name, values in self._created.items()}
        return self._of(self.axes, self.interviews.at(positions), self.coverage, created, self._extras)

    def first(self) -> Result:
        """The first row.

        Raises:
            ResultsError: there are no rows.
        """
        if not self.interviews:
            raise ResultsError(
                "there are no rows", field="first", remedy="Look at run.errors for what went wrong."
            )
        return self[0]

    def num_observations(self) -> int:
        """How many rows there are."""
        return len(self)

    def get_answers(self, question_name: str) -> list[Any]:
        """The answers to a question, None where there is none.

        Raises:
            ResultsError: there is no such question.
        """
        known = [*self.question_names, *self.created_columns]
        if question_name not in known:
            raise ResultsError(
                "there is no such question",
                field="question_name",
                value=question_name,
                remedy=nearest(question_name, known),
            )
        return list(self.column(f"answer.{question_name}"))

    def __add__(self, other: Results) -> Results:
        """The rows of both, one after the other.

        Agents, scenarios and models are numbered anew where the lists differ.

        Raises:
            ResultsError: they are of different surveys, or only one of them is of a dry run.
        """
        if not isinstance(other, Results):
            return NotImplemented
        if self.survey is not other.survey and self.survey != other.survey:
            raise ResultsError(
                "these are results of different surveys",
                field="+",
                value=other,
                remedy="Join their datasets or frames instead, such as with pandas.concat.",
            )
        if self.dry_run != other.dry_run:
            raise ResultsError(
                "of one of them no model was asked, and their rows could not be told apart",
                field="+",
                value=other,
                remedy="Keep the results of dry runs apart.",
            )
        axes, interviews = joined(self.axes, other.axes, self.interviews, other.interviews)
        names = dict.fromkeys([*self._created, *other._created])
        created = {n: Values([*self._added(n), *other._added(n)]) for n in names}
        coverage = self.coverage + other.coverage
        return self._of(axes, interviews, coverage, created, self._extras)

    def _added(self, name: str) -> Sequence[Any]:
        """The values of a column that `mutate` has added here or in other results."""
        return self._created.get(name) or [None] * len(self)

    def mutate(
        self, new_var_string: str, functions_dict: Mapping[str, Callable[..., Any]] | None = None
    ) -> Self:
        """The results with one more column, computed from others: ``answer.<name>``.

        Parameters:
            new_var_string: a name and an expression, such as ``"tall = height > 180"``.
                See `filter` for expressions.
            functions_dict: functions of your own that the expression calls, by name;
                they are given the values as they are, None where one is missing.

        Raises:
            ResultsError: it is no name and expression, a question has this name,
                or a column that is used is not there.
            ExpressionError: the expression is wrong, or fails for a row.
        """
        name, values = self._computed(new_var_string, functions_dict)
        if name in self.question_names:
            raise ResultsError(
                "a question has this name", field="mutate", value=name, remedy="Choose another one."
            )
        created = {**self._created, name: Values(values)}
        return self._of(self.axes, self.interviews, self.coverage, created, self._extras)

    def to_agent_list(self, remove_prefix: bool = True) -> AgentList:
        """An agent per row, with its traits and its answers as traits.

        Parameters:
            remove_prefix: has to be True, since traits have no prefixes; kept for EDSL.

        Raises:
            AgentError: a column cannot be a trait.
        """
        return self.select("agent.*", "answer.*").to_agent_list(remove_prefix)

    def long_view(self) -> Dataset:
        """A row for each answer: who was asked about what, the question, and the answer."""
        kinds = ("scenario.scenario_index", "agent.agent_index", "model.model", "iteration.iteration")
        count, questions = len(self), self.axes.survey.questions
        every = [row for row in range(count) for _ in questions]
        made: dict[str, Sequence[Any]] = {bare(kind): self.column(kind).at(every) for kind in kinds}
        made["question_name"] = [q.question_name for q in questions] * count
        made["question_text"] = [q.question_text for q in questions] * count
        rows = self.interviews.rows
        answers = [cells.column("answer").gather(rows) for cells in self.interviews.table.cells]
        made["answer"] = [answer for row in zip(*answers, strict=True) for answer in row]
        return self._dataset(made)

    def export_bundle(self, filename: files.Filename, without: str | Sequence[str] = ()) -> None:
        """Write a study into one file (ZIP): results, the job, cached replies, and where they come from.

        Others replay it with ``Jobs.from_bundle(filename).run()``, without a key and at no cost. A bundle
        lists its contents, and holds no keys, no paths of this machine, and no functions.

        Parameters:
            filename: the file, such as ``study.zip``; it is replaced if it exists.
            without: fields of scenarios to leave out. Prompts and cached replies are left out then, too, and
                their texts (of three characters or more) where replies quote them.

        Raises:
            ResultsError: it cannot be written, or no scenario has such a field.

        Example:
            >>> results.export_bundle("study.zip", without=["name"])  # doctest: +SKIP
        """
        from edsl_nb.results import bundle

        bundle.write(self, filename, flat([without], "without"))

    @classmethod
    def from_bundle(cls, filename: files.Filename) -> Self:
        """The results in a bundle that `export_bundle` wrote.

        Raises:
            ResultsError: there is no such file, it is no bundle, damaged, or of a newer version.
        """
        from edsl_nb.results import bundle

        return cls.from_dict(bundle.read(filename).json(bundle.RESULTS))

    @classmethod
    def example(cls) -> Self:
        """Results to try things with: those of a dry run, so no model was asked.

        Example:
            >>> Results.example().question_names
            ['drink', 'much', 'why']
        """
        from edsl_nb.results.example import example_of

        return cls(*example_of(), dry_run=True)

    # EDSL's JSON

    def functions(self) -> Iterable[str]:
        lists = (self.axes.survey, self.axes.agents, self.axes.models)
        return (name for some in lists for name in some.functions())

    def to_dict(self) -> dict[str, Any]:
        """The results in EDSL's JSON, with what only edsl_nb knows of each answer beside it."""
        return stored.to_dict(self, self._json)

    def save(self, filename: files.Filename) -> Path:
        """Write the results to a file, packed, whole or not at all; see `load`.

        Parameters:
            filename: the path; ``.json.gz`` is added unless it ends in that or in ``.json``.

        Returns:
            The path of the file.

        Raises:
            EdslNbError: it cannot be written there, or the results hold values that JSON cannot.
        """
        with rarely():
            return super().save(filename)

    @classmethod
    def load(cls, filename: files.Filename) -> Self:
        """The results that `save` wrote, here or in EDSL.

        Parameters:
            filename: the path; its ending may be left out.

        Raises:
            EdslNbError: there is no such file, something else is in it, or it is of a newer version.
        """
        with rarely():
            return super().load(filename)

    @staticmethod
    def _read(content: bytes) -> Any:
        return stored.read(content)

    def _json_pieces(self) -> Iterator[str]:
        return stored.pieces(self, self._json)

    def row_to_dict(self, position: int) -> dict[str, Any]:
        """One row in EDSL's JSON."""
        return stored.Writer(self, self._json).row(position)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The results that `to_dict` wrote, here or in EDSL.

        They know nothing of a store: what they say is what the JSON says.

        Raises:
            EdslNbError: it is no such JSON, or of a newer version.
        """
        return cls._of(*loading.from_dict(data))

    # Showing

    def as_table(self) -> ResultsTable:
        """The rows, to be shown page by page: what was combined and the answers first, then the rest."""
        known = self._known
        combined = [n for n, c in known.items() if c.primary and not n.startswith("answer.")]
        if len(combined) > _BEFORE:
            combined.sort(key=lambda name: name.startswith("agent."))  # agents may have many traits
        answers = [f"answer.{name}" for name in (*self.question_names, *self._created)]
        first = [*combined[:_BEFORE], *answers, *combined[_BEFORE:]]
        columns = {name: self.column(name) for name in dict.fromkeys([*first, *self._column_names])}
        return ResultsTable(self, columns, first, self._at)

    def __repr__(self) -> str:
        note = f", {self.note}" if self.note else ""
        size = f"{counted(len(self), 'interview')} x {counted(len(self.axes.survey), 'question')}"
        return f"Results({size}{note})"
