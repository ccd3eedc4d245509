"""What a survey holds, as one immutable value: every change of a survey makes a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from edsl_nb.core.errors import SurveyError, nearest
from edsl_nb.core.expressions import Expression
from edsl_nb.questions import Question
from edsl_nb.surveys.instructions import Instruction


class _Shown(type):
    def __repr__(cls) -> str:
        return cls.__name__


class EndOfSurvey(metaclass=_Shown):
    """Where a rule leads that ends the survey. It is used as it is, without brackets.

    Example:
        >>> from edsl_nb import EndOfSurvey, QuestionFreeText, Survey
        >>> survey = Survey([QuestionFreeText(name, "Why?") for name in "ab"])
        >>> survey.add_rule("a", "{{ a.answer }} == 'No'", EndOfSurvey).flow({"a": "No"})
        ['a']
    """


@dataclass(frozen=True, slots=True)
class Rule:
    """Where to go from a question.

    Parameters:
        question: the name of the question that the rule is about.
        expression: when the rule applies.
        leads_to: the name of the question to go to, `EndOfSurvey`, or None for the
            one after, whichever that is.
        before: whether it is looked at before the question, so that it is not asked.
        priority: of the rules that apply, the one of the highest priority counts.
    """

    question: str
    expression: Expression
    leads_to: str | type[EndOfSurvey] | None
    before: bool = False
    priority: int = 0
    extras: Mapping[str, Any] = field(default_factory=dict[str, Any], compare=False, repr=False)

    def same(self, other: Rule) -> bool:
        """Whether both say the same, whatever their priority."""
        return (self.question, self.expression, self.leads_to, self.before) == (
            other.question,
            other.expression,
            other.leads_to,
            other.before,
        )


@dataclass(frozen=True)
class Content:
    """Questions and instructions in order, with what is said about them by name.

    Parameters:
        items: questions and instructions, in order.
        rules: in the order in which they were added.
        memory: by question, the questions that are shown to it again with their answers.
        groups: by group, its questions, in order.
        shuffled: questions whose options are shown in random order.
        pinned: by question, options that keep their places.
    """

    items: tuple[Question | Instruction, ...] = ()
    rules: tuple[Rule, ...] = ()
    memory: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    shuffled: tuple[str, ...] = ()
    pinned: Mapping[str, tuple[Any, ...]] = field(default_factory=dict[str, tuple[Any, ...]])

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions, in order."""
        return tuple(item for item in self.items if isinstance(item, Question))

    @cached_property
    def positions(self) -> dict[str, int]:
        """The position of each question among the questions, by name."""
        return {question.question_name: i for i, question in enumerate(self.questions)}

    def name_of(self, which: Any, parameter: str) -> str:
        """The name of a question that is given by its name, its position, or itself.

        Raises:
            SurveyError: there is no such question; names the parameter it was given as.
        """
        if isinstance(which, int) and not isinstance(which, bool):
            if -len(self.questions) <= which < len(self.questions):
                return self.questions[which].question_name
        else:
            name = which.question_name if isinstance(which, Question) else which
            if isinstance(name, str) and name in self.positions:
                return name
        raise SurveyError(
            "there is no such question",
            field=parameter,
            value=which,
            remedy=nearest(which, self.positions),
        )
