"""`Survey`: questions in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from edsl_nb.core import late
from edsl_nb.core.errors import SurveyError, nearest
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Shown, listed, tagged, untagged
from edsl_nb.core.tables import Column
from edsl_nb.questions import Question
from edsl_nb.surveys.flow import Flow


class Survey(Shown):
    """Questions that are asked together.

    Methods that add to a survey change it and return it, so that calls chain.

    Parameters:
        questions: the questions, in order, with names that differ.
        name: a name for the survey.

    Raises:
        SurveyError: something is no question, or two questions share a name.

    Example:
        >>> from edsl_nb import QuestionFreeText, Survey
        >>> Survey([QuestionFreeText(question_name="color", question_text="Which color?")]).question_names
        ['color']
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, questions: Iterable[Question] | None = None, name: str | None = None) -> None:
        if not (name is None or isinstance(name, str)):
            raise SurveyError("a text is wanted", field="name", value=name, remedy="Such as name='colors'.")
        self.name = name
        self._questions: list[Question] = []
        self._extras: dict[str, Any] = {}
        questions = () if questions is None else questions
        if isinstance(questions, Question | str) or not isinstance(questions, Iterable):
            raise SurveyError(
                "a list of questions is wanted",
                field="questions",
                value=questions,
                remedy="Put it into a list: Survey(questions=[question]).",
            )
        for question in questions:
            self._append(question)
        self._flow = Flow(self._questions)

    def _append(self, question: Question) -> None:
        if not isinstance(question, Question):
            raise SurveyError(
                f"a {type(question).__name__} is no question",
                field="questions",
                value=question,
                remedy="Such as QuestionFreeText(question_name=..., question_text=...).",
            )
        if question.question_name in self.question_names:
            raise SurveyError(
                "two questions have the same name",
                field="question_name",
                value=question.question_name,
                remedy="Give one of them another question_name.",
            )
        self._questions.append(question)

    def add_question(self, question: Question) -> Survey:
        """Add a question at the end.

        Adding a question that is there already, as when a cell is run twice, changes nothing.

        Raises:
            SurveyError: another question has that name, or it refers to one that is not asked before it.
        """
        if question in self._questions:
            return self
        added = Survey([*self._questions, question])
        self._questions, self._flow = added._questions, added._flow
        return self

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions in order."""
        return tuple(self._questions)

    @property
    def question_names(self) -> list[str]:
        """The questions' names in order."""
        return [question.question_name for question in self._questions]

    @property
    def flow(self) -> Flow:
        """The order of asking."""
        return self._flow

    def by(self, *objects: Any) -> Any:
        """A job that puts this survey to agents, about scenarios, with models.

        Parameters:
            objects: agents, scenarios, models, or lists of them, in any order.

        Returns:
            A `Jobs`.
        """
        return late.call("by", self, *objects)

    def as_table(self) -> MemoryTable:
        """The questions, a row each, to be shown page by page."""
        names = ("question_name", "question_type", "question_text", "question_options")
        columns = [Column(name, primary=name != "question_type") for name in names]
        return MemoryTable(
            self.name or "Survey",
            columns,
            len(self),
            lambda row, name: getattr(self._questions[row], name, None),
        )

    def copy(self) -> Survey:
        """A survey of its own with the same content."""
        made = Survey(self._questions, self.name)
        made._extras = dict(self._extras)
        return made

    def __len__(self) -> int:
        return len(self._questions)

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def __getitem__(self, which: int | str) -> Question:
        if isinstance(which, int) and -len(self) <= which < len(self):
            return self._questions[which]
        for question in self._questions:
            if question.question_name == which:
                return question
        raise SurveyError(
            "there is no such question",
            field="survey[...]",
            value=which,
            remedy=nearest(str(which), self.question_names),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Survey):
            return NotImplemented
        return self._questions == other._questions and self.name == other.name

    def to_dict(self) -> dict[str, Any]:
        """The survey in EDSL's JSON."""
        names = self.question_names
        index = {name: i for i, name in enumerate(names)}
        rules = [
            {
                "current_q": i,
                "expression": "True",
                "next_q": i + 1,
                "priority": -1,
                "before_rule": False,
                "question_name_to_index": index,
            }
            for i in range(len(names))
        ]
        data: dict[str, Any] = {
            **self._extras,
            "questions": [question.to_dict() for question in self._questions],
            "memory_plan": {
                "survey_question_names": names,
                "survey_question_texts": [q.question_text for q in self._questions],
                "data": {},
            },
            "rule_collection": {"question_name_to_index": index, "rules": rules, "num_questions": len(names)},
            "question_groups": {},
        }
        if self.name is not None:
            data["name"] = self.name
        return tagged(data, "Survey")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Survey:
        """The survey that `to_dict` wrote.

        Raises:
            SurveyError: it holds rules, memory or groups, which change who is asked what.
        """
        fields = untagged(data, "Survey")
        _refuse_unread(fields)
        questions = [Question.from_dict(row) for row in listed(fields, "questions", "Survey")]
        made = cls(questions, fields.pop("name", None))
        for rebuilt in ("memory_plan", "rule_collection", "question_groups"):
            fields.pop(rebuilt, None)
        made._extras = fields
        return made

    def __repr__(self) -> str:
        name = f", name={self.name!r}" if self.name is not None else ""
        return f"Survey(questions={self._questions!r}{name})"


def _refuse_unread(fields: dict[str, Any]) -> None:
    """Raise for what would silently change a study if it were passed over."""
    try:
        rules = (fields.get("rule_collection") or {}).get("rules") or []
        unread: dict[str, Any] = {
            "rule_collection": [rule for rule in rules if rule.get("priority", -1) >= 0],
            "memory_plan": (fields.get("memory_plan") or {}).get("data"),
            "question_groups": fields.get("question_groups"),
            "questions_to_randomize": fields.get("questions_to_randomize"),
        }
    except (AttributeError, TypeError):
        raise SurveyError(
            "this is not the JSON of a survey", field="rule_collection", remedy="Pass what to_dict() gave."
        ) from None
    for field, value in unread.items():
        if value:
            raise SurveyError(
                "this survey uses rules, memory, groups or randomisation, which cannot be read",
                field=field,
                value=value,
                remedy="Remove them from the survey before saving it.",
            )
