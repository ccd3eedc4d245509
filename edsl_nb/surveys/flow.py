"""The order of asking: what can be asked at the same time, what has to wait, and what is not asked at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Any, ClassVar

from edsl_nb.core.calls import Checked
from edsl_nb.core.errors import EdslNbError, SurveyError, nearest
from edsl_nb.core.expressions import Expression
from edsl_nb.core.templates import Fields, Reference
from edsl_nb.questions import Question
from edsl_nb.surveys.checks import check
from edsl_nb.surveys.content import Content, EndOfSurvey
from edsl_nb.surveys.instructions import Instruction

#: (when, position to go to), the strongest first.
Jumps = tuple[tuple[Expression, int], ...]


class Flow(metaclass=Checked):
    """The order of asking of a survey's questions, by their positions.

    Parameters:
        content: what the survey holds.

    Raises:
        SurveyError: something refers to a question that is not asked before it.
    """

    error: ClassVar[type[EdslNbError]] = SurveyError

    def __init__(self, content: Content) -> None:
        check(content)
        self._content = content
        self.questions = content.questions
        self._positions = content.positions

    # Rules, which are looked at when they are first needed: surveys are built one rule at a time

    @cached_property
    def _before(self) -> list[Jumps]:
        return self._jumps(before=True)

    @cached_property
    def _after(self) -> list[Jumps]:
        return self._jumps(before=False)

    def _jumps(self, *, before: bool) -> list[Jumps]:
        added = enumerate(self._content.rules)
        strongest = sorted(added, key=lambda numbered: (numbered[1].priority, numbered[0]), reverse=True)
        found: list[list[tuple[Expression, int]]] = [[] for _ in self.questions]
        for _, rule in strongest:
            if rule.before is before:
                position = self._positions[rule.question]
                found[position].append((rule.expression, self._target(rule.leads_to, position)))
        return [tuple(jumps) for jumps in found]

    def _target(self, leads_to: object, position: int) -> int:
        if leads_to is EndOfSurvey:
            return len(self.questions)
        return position + 1 if leads_to is None else self._positions[str(leads_to)]

    @cached_property
    def _jumpers(self) -> list[tuple[int, ...]]:
        """By question, the earlier ones whose rules decide on whether it is reached."""
        furthest = {
            i: max(target for _, target in jumps)
            for i in range(len(self.questions))
            if (jumps := (*self._before[i], *self._after[i]))
        }
        found: list[tuple[int, ...]] = []
        for position in range(len(self.questions)):
            over = {i for i, target in furthest.items() if i < position < target}
            # A question that is jumped over itself takes nobody anywhere.
            found.append(tuple(sorted(over.union(*(found[i] for i in over)))))
        return found

    @cached_property
    def always(self) -> tuple[bool, ...]:
        """By question, whether it is asked whatever was answered."""
        return tuple(
            not before and not jumpers for before, jumpers in zip(self._before, self._jumpers, strict=True)
        )

    @cached_property
    def rule_references(self) -> tuple[frozenset[Reference], ...]:
        """By question, what its rules refer to that is no question."""
        return tuple(
            frozenset(
                name
                for expression, _ in (*before, *after)
                for name in expression.names
                if name.root not in self._positions
            )
            for before, after in zip(self._before, self._after, strict=True)
        )

    # What goes with a question

    @cached_property
    def instructions(self) -> tuple[str, ...]:
        """By question, what is said before it: a template, or an empty text."""
        return tuple("\n\n".join(one.said for one in given) for given in self._instructions)

    @cached_property
    def _instructions(self) -> tuple[tuple[Instruction, ...], ...]:
        found: list[tuple[Instruction, ...]] = []
        given: tuple[Instruction, ...] = ()
        for item in self._content.items:
            if isinstance(item, Instruction):
                given = (*given, item)
            else:
                found.append(given)
        return tuple(found)

    @cached_property
    def shuffles(self) -> tuple[tuple[bool, tuple[Any, ...]], ...]:
        """By question, whether its options are shown in random order, and those that keep their places."""
        pinned = self._content.pinned
        return tuple(
            (name in self._content.shuffled, tuple(pinned.get(name, ()))) for name in self._positions
        )

    # What has to be known before a question is asked

    @cached_property
    def memory(self) -> tuple[tuple[int, ...], ...]:
        """By question, the positions of those that are shown to it again with their answers."""
        return tuple(
            tuple(self._positions[name] for name in self._content.memory.get(question.question_name, ()))
            for question in self.questions
        )

    @cached_property
    def piped(self) -> tuple[bool, ...]:
        """By question, whether earlier answers are part of what is sent: named in it, or remembered."""
        return tuple(
            bool(self.memory[i] or {*self._named(question.references)})
            or any({*self._named(one.references)} for one in self._instructions[i])
            for i, question in enumerate(self.questions)
        )

    @cached_property
    def needs(self) -> tuple[frozenset[int], ...]:
        """By question, the positions of those that have to be decided before it: answered, or skipped."""
        return tuple(frozenset(self._needed(i)) for i in range(len(self.questions)))

    def _needed(self, position: int) -> Iterable[int]:
        question = self.questions[position]
        yield from self._named(question.references)
        for instruction in self._instructions[position]:
            yield from self._named(instruction.references)
        yield from self.memory[position]
        yield from self._named_in(self._before[position])
        for jumper in self._jumpers[position]:
            yield jumper
            yield from self._named_in(self._after[jumper])
            yield from self._named_in(self._before[jumper])

    def _named(self, references: Iterable[Reference]) -> Iterable[int]:
        return (self._positions[name.root] for name in references if name.root in self._positions)

    def _named_in(self, jumps: Jumps) -> Iterable[int]:
        return (i for expression, _ in jumps for i in self._named(expression.names))

    @cached_property
    def waves(self) -> tuple[tuple[int, ...], ...]:
        """Positions of questions, in groups: one group needs only what earlier groups decide."""
        depth: list[int] = []
        for needed in self.needs:
            depth.append(1 + max((depth[i] for i in needed), default=-1))
        return tuple(
            tuple(i for i, d in enumerate(depth) if d == level) for level in range(max(depth, default=-1) + 1)
        )

    # Whether a question is asked

    def asked(self, position: int, scope: Mapping[str, Any], answered: Callable[[int], bool]) -> bool:
        """Whether the rules let a question be asked.

        Parameters:
            position: of the question.
            scope: what names in rules stand for: ``scenario``, ``agent``, and each
                decided question as `Fields` with ``answer`` (None if skipped).
            answered: whether the question at a position has been answered.

        Raises:
            ExpressionError: a rule cannot be evaluated with these answers.
        """
        return self.always[position] or self._lets(position, partial(_first, scope=scope), answered)

    def _lets(self, position: int, first: Callable[[Jumps], int], answered: Callable[[int], bool]) -> bool:
        reached = 0
        for jumper in self._jumpers[position]:
            if jumper >= reached:
                reached = max(reached, first((self._after if answered(jumper) else self._before)[jumper]))
        return reached <= position and not first(self._before[position])

    def __call__(self, answers: Mapping[str, Any] | None = None) -> list[str]:
        """The names of the questions that are asked, in order, of somebody who answers so.

        Parameters:
            answers: what is answered, by question; ``scenario`` and ``agent`` can be
                there as dicts. A rule that names what is not given does not apply.

        Raises:
            SurveyError: there is no such question.
            ExpressionError: a rule cannot be evaluated with these answers.

        Example:
            >>> from edsl_nb import QuestionFreeText, Survey
            >>> survey = Survey([QuestionFreeText(name, "Why?") for name in "abc"])
            >>> survey.add_skip_rule("b", "{{ a.answer }} == 'No'").flow({"a": "No"})
            ['a', 'c']
        """
        scope = self._as_scope({} if answers is None else answers)
        given = {name: scope.pop(name) for name in self._positions if name in scope}
        asked: set[int] = set()
        for position, question in enumerate(self.questions):
            name = question.question_name
            if self._lets(position, partial(_first_known, scope=scope), asked.__contains__):
                asked.add(position)
            else:
                given[name] = None
            if name in given:
                scope[name] = Fields({**_facts(question), "answer": given[name]})
        return [self.questions[position].question_name for position in sorted(asked)]

    def _as_scope(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        if not isinstance(answers, Mapping):
            raise SurveyError(
                "answers are a dict, by question",
                field="answers",
                value=answers,
                remedy='Such as {"a": "Yes"}.',
            )
        for name in answers:
            if name not in self._positions and name not in ("scenario", "agent"):
                raise SurveyError(
                    "there is no such question",
                    field="answers",
                    value=name,
                    remedy=nearest(name, self._positions),
                )
        return dict(answers)


def _first(jumps: Jumps, scope: Mapping[str, Any]) -> int:
    """Where the strongest rule that applies leads to; 0 where none applies, since no rule leads there."""
    for expression, target in jumps:
        if expression.evaluate(scope):
            return target
    return 0


def _first_known(jumps: Jumps, scope: Mapping[str, Any]) -> int:
    """The same, where rules that name what is not in the scope do not apply."""
    return _first(tuple(j for j in jumps if all(name.root in scope for name in j[0].names)), scope)


def _facts(question: Question) -> dict[str, Any]:
    """What rules can name of a question besides its answer."""
    return {
        "comment": "",
        "question_text": question.question_text,
        "question_options": getattr(question, "question_options", None),
    }
