"""What results hold: interviews, read as columns, with what was combined and how much of a run it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from edsl_nb.agents import AgentList
from edsl_nb.core.errors import ResultsError, nearest
from edsl_nb.core.rows import SelectedRows
from edsl_nb.models.model import ModelList
from edsl_nb.results import columns as result_columns
from edsl_nb.results.axes import Axes, Coverage
from edsl_nb.results.cells import OUTCOMES
from edsl_nb.results.dataset import Dataset
from edsl_nb.results.interviews import Rows
from edsl_nb.results.naming import bare
from edsl_nb.results.records import FLAWED, tokens_of
from edsl_nb.results.reshaping import Reshaping
from edsl_nb.results.values import Values
from edsl_nb.scenarios import ScenarioList
from edsl_nb.surveys import Survey


class Contents(Reshaping):
    """What `Results` hold and say of themselves; see there."""

    def _fill(
        self,
        axes: Axes,
        interviews: Rows,
        coverage: Coverage,
        created: Mapping[str, Values] | None = None,
        extras: Mapping[str, Any] | None = None,
    ) -> None:
        self.axes, self.interviews, self.coverage = axes, interviews, coverage
        self._created = dict(created or {})
        self._extras = dict(extras or {})

    @classmethod
    def _of(cls, *parts: Any) -> Self:
        """Results of the parts that `_fill` takes."""
        made = cls.__new__(cls)
        made._fill(*parts)
        return made

    @property
    def extras(self) -> dict[str, Any]:
        """What the file that these come from says besides, such as ``task_history``."""
        return dict(self._extras)

    # How much of a run this is

    @property
    def partial(self) -> bool:
        """Whether some interviews are missing because the run had not completed."""
        return self.coverage.partial

    @property
    def dry_run(self) -> bool:
        """Whether no model was asked, so that answers are drawn at random."""
        return self.coverage.dry_run

    @property
    def total(self) -> int:
        """How many interviews the run has."""
        return self.coverage.total

    @property
    def note(self) -> str:
        """How much of the run this is, where it is not all of it: ``partial: 812 of 5,000``; else empty."""
        return self.coverage.words

    @property
    def title(self) -> str:
        """``Results``, with how many of how many where some are missing."""
        return f"Results ({self.note})" if self.note else "Results"

    # Columns

    @cached_property
    def _known(self) -> dict[str, result_columns.ResultColumn]:
        return result_columns.build(self.axes, self.interviews, self.coverage.dry_run)

    @cached_property
    def _column_names(self) -> list[str]:
        return sorted([*self._known, *(f"answer.{name}" for name in self._created)])

    @property
    def columns(self) -> list[str]:
        """All column names, in alphabetical order."""
        return list(self._column_names)

    def column(self, name: str) -> Values:
        """The values of a column, by its full name.

        Raises:
            ResultsError: there is no such column.
        """
        if name in self._known:
            return self._known[name].values()
        created = self._created.get(name.removeprefix("answer."))
        if created is None or name not in self._column_names:
            raise ResultsError(
                "there is no such column", field="column", value=name, remedy=nearest(name, self.columns)
            )
        return created

    @property
    def data_types(self) -> list[str]:
        """The kinds of columns: ``agent``, ``answer``, and so on."""
        return list(dict.fromkeys(name.partition(".")[0] for name in self._column_names))

    @property
    def question_names(self) -> list[str]:
        """The names of the survey's questions, in order."""
        return list(self.axes.survey.question_names)

    @property
    def created_columns(self) -> list[str]:
        """The names of the columns that `mutate` has added."""
        return list(self._created)

    @property
    def answer_keys(self) -> dict[str, str]:
        """Question texts by question name; placeholders are not filled."""
        return {q.question_name: q.question_text for q in self.axes.survey.questions}

    @property
    def agent_keys(self) -> list[str]:
        """The names of the columns about agents, without their prefix."""
        return self.relevant_columns("agent", remove_prefix=True)

    @property
    def scenario_keys(self) -> list[str]:
        """The names of the columns about scenarios, without their prefix."""
        return self.relevant_columns("scenario", remove_prefix=True)

    @property
    def model_keys(self) -> list[str]:
        """The names of the columns about models, without their prefix."""
        return self.relevant_columns("model", remove_prefix=True)

    @property
    def all_keys(self) -> list[str]:
        """The names of answers, and of what is about agents, scenarios and models."""
        kinds = ("agent.", "answer.", "model.", "scenario.")
        return sorted({bare(name) for name in self._column_names if name.startswith(kinds)})

    def show_columns(self) -> Dataset:
        """All columns, a row each: the kind, and the name after it."""
        parts = [name.partition(".") for name in self._column_names]
        return Dataset({"data_type": [p[0] for p in parts], "name": [p[2] for p in parts]}, "Columns")

    # What was combined

    @property
    def survey(self) -> Survey:
        """The survey that was asked."""
        return self.axes.survey

    @property
    def agents(self) -> AgentList:
        """The agent of each row."""
        return AgentList.from_rows(SelectedRows(self.axes.agents.rows, self.interviews.numbers("agent")))

    @property
    def scenarios(self) -> ScenarioList:
        """The scenario of each row."""
        return ScenarioList.from_rows(
            SelectedRows(self.axes.scenarios.rows, self.interviews.numbers("scenario"))
        )

    @property
    def models(self) -> ModelList:
        """The model of each row."""
        return ModelList.from_rows(SelectedRows(self.axes.models.rows, self.interviews.numbers("model")))

    # What went wrong, and what it cost

    @property
    def has_unfixed_exceptions(self) -> bool:
        """Whether some question was asked and has no answer."""
        rows = self.interviews.rows
        seen = set[int]().union(*(cells.outcomes(rows) for cells in self.interviews.table.cells))
        return any(OUTCOMES[code][0] in FLAWED for code in seen)

    def compute_job_cost(self, include_cached_responses_in_cost: bool = False) -> float:
        """USD that the answers have cost.

        Parameters:
            include_cached_responses_in_cost: whether to count what cached replies
                would cost at today's prices.
        """
        total, prices, rows = 0.0, result_columns.Prices(self.axes), self.interviews.rows
        models = self.interviews.numbers("model")
        for cells in self.interviews.table.cells:
            named = [cells.column(name) for name in ("cached", "cost", "input_tokens", "output_tokens")]
            known = (column.gather(rows) for column in named)
            for model, cached, cost, sent, received in zip(models, *known, strict=True):
                if cached and include_cached_responses_in_cost:
                    usd = prices[model] or (0.0, 0.0)
                    total += (tokens_of(sent) * usd[0] + tokens_of(received) * usd[1]) / 1_000_000
                else:
                    total += cost or 0.0
        return total
