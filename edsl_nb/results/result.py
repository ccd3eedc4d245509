"""`Result`: one row of results, which is one interview."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from edsl_nb.core.errors import ResultsError, TemplateError, nearest
from edsl_nb.core.templates import Fields, template
from edsl_nb.results.naming import bare, resolve
from edsl_nb.results.records import AnswerCell, Interview

if TYPE_CHECKING:
    from edsl_nb.agents import Agent
    from edsl_nb.models.model import Model
    from edsl_nb.questions import Question
    from edsl_nb.results.results import Results
    from edsl_nb.scenarios import Scenario, ScenarioList


class Result:
    """One row of results: one interview.

    Parameters:
        results: what it is a row of.
        position: its number there.
    """

    __slots__ = ("_interview", "_position", "_results")

    def __init__(self, results: Results, position: int) -> None:
        self._results, self._position = results, position
        self._interview: Interview = results.interviews[position]

    def __getitem__(self, name: str) -> Any:
        """The value of a column, by its full name, or by its bare name where that is clear.

        ``agent``, ``scenario`` and ``model`` are the objects; the name of a kind of
        columns, such as ``answer`` or ``prompt``, gives a dict of them.
        """
        if name in ("agent", "scenario", "model"):
            return getattr(self, name)
        if name in self._results.data_types and name != "iteration":
            return self.sub_dicts[name]
        return self._value(resolve([name], self._results.columns, "result[...]")[0])

    def _value(self, column: str) -> Any:
        return self._results.column(column)[self._position]

    def get_value(self, data_type: str, key: str) -> Any:
        """The value of a column.

        Parameters:
            data_type: its prefix, such as ``"answer"``.
            key: its name after the prefix.

        Raises:
            ResultsError: there is no such column.
        """
        name = f"{data_type}.{key}"
        if name not in self._results.columns:
            raise ResultsError(
                "there is no such column",
                field="get_value",
                value=name,
                remedy=nearest(name, self._results.columns),
            )
        return self._value(name)

    @property
    def answer(self) -> dict[str, Any]:
        """Answers by question name, and what was computed; None where there is none."""
        names = [*self._results.question_names, *self._results.created_columns]
        return {name: self._value(f"answer.{name}") for name in names}

    @property
    def agent(self) -> Agent:
        """The agent that answered."""
        return self._results.axes.agents[self._interview.agent]

    @property
    def scenario(self) -> Scenario:
        """The scenario it was asked about."""
        return self._results.axes.scenarios[self._interview.scenario]

    @property
    def model(self) -> Model:
        """The model that played the agent."""
        return self._results.axes.models[self._interview.model]

    @property
    def iteration(self) -> int:
        """Which of several equal interviews it is, from 0."""
        return self._interview.iteration

    @property
    def indices(self) -> dict[str, int]:
        """Positions in the job's lists."""
        axes = ("agent", "scenario", "model")
        return {axis: self._value(f"{axis}.{axis}_index") for axis in axes}

    @property
    def sub_dicts(self) -> dict[str, dict[str, Any]]:
        """All values, by kind and name: ``{"answer": {"q": "Yes"}, "agent": {...}, ...}``."""
        made: dict[str, dict[str, Any]] = {}
        for name in self._results.columns:
            made.setdefault(name.partition(".")[0], {})[bare(name)] = self._value(name)
        return made

    def _asked(self) -> Iterator[tuple[Question, AnswerCell, str]]:
        """Each question, what became of it, and its text with placeholders filled."""
        survey = self._results.survey
        scope: dict[str, Any] = {
            **self.scenario.data,
            "scenario": Fields(self.scenario.data),
            "agent": Fields({**self.agent.traits, "name": self.agent.name}),
        }
        for question, cell in zip(survey.questions, self._interview.cells, strict=True):
            try:
                text = template(question.question_text).render(scope)
            except TemplateError:  # what it was about is not there any more
                text = question.question_text
            yield question, cell, text
            said = {"answer": cell.answer, "comment": cell.comment, "question_text": text}
            shown = {"question_options": list(cell.options or ())}
            scope[question.question_name] = Fields({**said, **shown})

    def q_and_a(self) -> ScenarioList:
        """A scenario per question, with its name, its text as it was asked, and the answer."""
        from edsl_nb.scenarios import Scenario, ScenarioList

        return ScenarioList(
            Scenario({"question_name": q.question_name, "question_text": text, "answer": cell.answer})
            for q, cell, text in self._asked()
        )

    def transcript(self) -> str:
        """The interview as a text: questions with their options, and what was answered."""
        parts: list[str] = []
        for question, cell, text in self._asked():
            lines = [f"QUESTION: {text} ({question.question_name})"]
            if cell.options:
                lines.append("OPTIONS: " + " / ".join(map(str, cell.options)))
            lines.append(f"ANSWER: {cell.answer}" if cell.state == "answered" else f"({_no_answer(cell)})")
            if cell.comment and cell.state == "answered":
                lines.append(f"COMMENT: {cell.comment}")
            parts.append("\n".join(lines))
        return "\n\n".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """The row in EDSL's JSON."""
        return self._results.row_to_dict(self._position)

    def __repr__(self) -> str:
        return f"Result({self.answer!r})"


def _no_answer(cell: AnswerCell) -> str:
    """Why there is no answer, in words."""
    why = cell.error or cell.reason
    return cell.state.replace("_", " ") + (f": {why}" if why else "")
