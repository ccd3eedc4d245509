"""What results say of the questions: pictures, summaries, agreement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from edsl_nb.core.errors import ResultsError, nearest
from edsl_nb.results import columns as result_columns
from edsl_nb.results.contents import Contents
from edsl_nb.results.dataset import Dataset
from edsl_nb.results.distribution import Distribution, Said, distribution
from edsl_nb.results.files import needed
from edsl_nb.results.naming import flat
from edsl_nb.results.records import FLAWED
from edsl_nb.results.titles import title_of
from edsl_nb.results.values import equal_key

if TYPE_CHECKING:
    from edsl_nb.results.charts import ResultsChart
    from edsl_nb.results.comparison import Comparison
    from edsl_nb.results.provenance import Provenance
    from edsl_nb.results.summary import Summary
    from edsl_nb.results.transcript import Transcript

#: Most groups that a picture is split into.
_MOST_GROUPS = 20


class Analysis(Contents):
    """Figures and pictures of what results hold; see `Results`."""

    def distribution(self, question: str, by: str | None = None) -> Distribution:
        """How the answers to a question are distributed: the figures behind `plot` and `summary`.

        Parameters:
            question: a question's name, or that of a column added by `mutate`.
            by: a column to group the answers by, such as ``"agent.persona"``.

        Raises:
            ResultsError: there is no such question or column, it has too many
                different values, or the answers have no picture.
        """
        name = self._question(question)
        found = {q.question_name: (place, q) for place, q in enumerate(self.axes.survey.questions)}.get(name)
        by_name = None if by is None else self._name(by, "by")
        if found is None:
            said = list(self._said_in_column(name, by_name))
            missing = len(self.interviews) - len(said)
            return distribution(name, "", said, by=by_name or "", missing=missing, note=self.note)
        return self.distribution_of(found[0], self.said(found[0], by_name), by_name or "")

    def distribution_of(self, place: int, said: Sequence[Said], by: str = "") -> Distribution:
        """How answers to a question are distributed.

        Parameters:
            place: the question's position in the survey.
            said: the answers.
            by: the full name of the column that groups are of.

        Raises:
            ResultsError: the answers have no picture.
        """
        asked = self.axes.survey.questions[place]
        return distribution(
            asked.question_name,
            asked.question_type,
            said,
            title=title_of(asked.question_text, self.columns, self.column),
            options=result_columns.options_of(place, asked, self.interviews),
            by=by,
            missing=len(self.interviews) - len(said),
            note=self.note,
        )

    def plot(self, question: str, by: str | None = None) -> ResultsChart:
        """A picture of the answers to a question, as it suits its type.

        Bars for choices (in the order of the options, with their shares), a
        histogram for numbers, bars around the middle for Likert scales and matrices, bars from the
        longest down for ranks, top-k and budgets, and the most frequent words of texts.

        Parameters:
            question: a question's name, or that of a column added by `mutate`.
            by: a column to split it by, such as ``"agent.persona"`` or ``"model.model"``.

        Returns:
            An Altair chart, which can be changed further, and saved:
            ``results.plot("q").save("q.png")``, or ``"q.svg"``.

        Raises:
            ResultsError: there is no such question or column, the column has too many
                different values, the answers have no picture, or Altair is not installed
                (``pip install "edsl_nb[plots]"``).

        Example:
            >>> results.plot("likes", by="model.model")  # doctest: +SKIP
        """
        found = self.distribution(question, by)
        if not found.n:
            raise ResultsError(
                "there are no answers to show",
                field="question",
                value=question,
                remedy="results.summary() says what became of them.",
            )
        needed("altair", "plots", "charts are")
        from edsl_nb.results.charts import chart_of

        return chart_of(found)

    def summary(self) -> Summary:
        """What became of each question, and what its answers say.

        For each question: how many answers there are and from how many distinct
        calls, what is missing and why, and the share of each option with
        Wilson's interval of 95 %, or the mean with Student's. Intervals are those of the distinct
        calls, since a hundred equal interviews are one draw. And tokens and cost by model.

        Example:
            >>> results.summary()["likes"].estimates[0]  # doctest: +SKIP
            Estimate(measure="share of 'Yes'", value=0.4, n=10, distinct_calls=10, low=0.168, high=0.687, ...)
        """
        from edsl_nb.results.summary import summary_of

        return summary_of(self)

    def compare(self, by: str, questions: str | Sequence[str] | None = None) -> Comparison:
        """How far those agree who answered the same questions about the same things.

        Parameters:
            by: the column whose values are set against each other: ``"model.model"`` compares
                models on equal agents, scenarios and iterations.
            questions: the questions; all with a closed set of answers if left out.

        Returns:
            For each question and pair the share of equal answers and Cohen's kappa, on
            scales also with quadratic weights; ``.plot()`` draws a heat map.

        Raises:
            ResultsError: there is no such column or question, the column has fewer than
                two different values, or several interviews of one value are about the same thing.

        Example:
            >>> results.compare("model.model").to_pandas()  # doctest: +SKIP
        """
        from edsl_nb.results.comparison import compared

        names = None if questions is None else [self._asked(name) for name in flat([questions], "questions")]
        return compared(self, self._name(by, "by"), names)

    def transcript(self, position: int) -> Transcript:
        """One interview as a conversation: what was sent, what came back, and what was read from it.

        Parameters:
            position: the row's number; negative ones count from the end.

        Raises:
            ResultsError: there is no such row.

        Example:
            >>> print(results.transcript(0))  # doctest: +SKIP
        """
        from edsl_nb.results.transcript import InterviewConversations, Transcript

        count = len(self.interviews)
        if isinstance(position, bool) or not isinstance(position, int) or not -count <= position < count:
            raise ResultsError(
                f"a row's number is wanted, and there are {count:,} rows",
                field="transcript",
                value=position,
                remedy="Such as results.transcript(0).",
            )
        return Transcript(InterviewConversations(self), position % count)

    def show_exceptions(self) -> Dataset:
        """The questions that were asked and have no answer, a row each: where, and what went wrong.

        Interviews without any answer are no rows of results; they are in ``run.errors``.
        """
        rows, found = self.interviews, list[tuple[int, str, str, str | None]]()
        for place, name in enumerate(self.question_names):
            states, errors, reasons = (rows.field(place, field) for field in ("state", "error", "reason"))
            for row, state in enumerate(states):
                if state in FLAWED:
                    found.append((row, name, state.replace("_", " "), errors[row] or reasons[row]))
        found.sort(key=lambda one: one[0])
        names = ("row", "question_name", "outcome", "problem")
        made = {name: [one[place] for one in found] for place, name in enumerate(names)}
        return Dataset(made, "Exceptions", self.note)

    def provenance(self) -> Provenance:
        """Where the results come from: versions, runs, models and served versions, seeds, time, cost.

        The record is saved with results, and comes back with them from a file.

        Returns:
            The record; ``.to_markdown()`` makes an appendix for a paper of it.

        Example:
            >>> print(results.provenance().to_markdown())  # doctest: +SKIP
        """
        from edsl_nb.results.provenance import provenance_of

        return provenance_of(self)

    def recorded_as(self, other: Self) -> Self:
        """The same results with the record of where others come from, of which they are a replay."""
        extras = {**self._extras, "provenance": other.provenance().to_dict()}
        return self._of(self.axes, self.interviews, self.coverage, self._created, extras)

    def _asked(self, name: object) -> str:
        """The name of a question of the survey."""
        found = self._question(name)
        if found in self.question_names:
            return found
        raise ResultsError(
            "this column was computed, nobody was asked for it",
            field="questions",
            value=name,
            remedy=f"There are: {', '.join(self.question_names)}.",
        )

    def _question(self, name: object) -> str:
        """The name of a question, which may be given as that of its column."""
        known = [*self.question_names, *self.created_columns]
        asked = name.removeprefix("answer.") if isinstance(name, str) else name
        if not isinstance(asked, str) or asked not in known:
            raise ResultsError(
                "there is no such question", field="question", value=name, remedy=nearest(name, known)
            )
        return asked

    def said(self, place: int, by: str | None = None) -> list[Said]:
        """The answers to a question, with the calls they come from.

        Equal interviews ask one question only once. What no model answered is a draw of its own.

        Parameters:
            place: the question's position in the survey.
            by: the full name of a column to group them by.
        """
        groups, rows = self._groups(by), self.interviews
        states, answers, keys = (rows.field(place, name) for name in ("state", "answer", "key"))
        told = zip(states, answers, keys, rows.numbers("index"), rows.numbers("model"), strict=True)
        return [
            Said(answer, index if key is None else (model, key), groups(row))
            for row, (state, answer, key, index, model) in enumerate(told)
            if state == "answered" and answer is not None
        ]

    def _said_in_column(self, name: str, by: str | None) -> Iterator[Said]:
        """The values of a column that was computed."""
        groups = self._groups(by)
        for row, value in enumerate(self.column(f"answer.{name}")):
            if value is not None:
                yield Said(value, self.interviews[row].index, groups(row))

    def _groups(self, by: str | None) -> Callable[[int], str]:
        """Gives the group of a row."""
        if by is None:
            return lambda row: ""
        values = self.column(by)
        names: dict[Any, str] = {}
        for value in values:
            names.setdefault(equal_key(value), "(none)" if value is None else str(value))
        if len(names) > _MOST_GROUPS:
            raise ResultsError(
                f"this column has {len(names):,} different values, a picture at most {_MOST_GROUPS} groups",
                field="by",
                value=by,
                remedy='Filter the results first, or group them: results.mutate("old = age > 50").',
            )
        return lambda row: names[equal_key(values[row])]
