"""The order of asking: which questions can be asked at the same time, and which have to wait for answers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from edsl_nb.core.errors import SurveyError
from edsl_nb.questions import Question


class Flow:
    """The order of asking of some questions.

    Parameters:
        questions: in survey order, with names that differ.

    Raises:
        SurveyError: a question refers to itself or to a later one.
    """

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = tuple(questions)
        positions = {question.question_name: i for i, question in enumerate(self.questions)}
        self.needs: tuple[frozenset[int], ...] = tuple(
            frozenset(positions[ref.root] for ref in question.references if ref.root in positions)
            for question in self.questions
        )
        for position, needed in enumerate(self.needs):
            late = [i for i in needed if i >= position]
            if late:
                asked, named = self.questions[position], self.questions[late[0]]
                raise SurveyError(
                    f"question {asked.question_name!r} refers to the answer of {named.question_name!r}, "
                    "which is not asked before it",
                    field="question_text",
                    value=asked.question_text,
                    remedy="Put the question it refers to first.",
                )

    @cached_property
    def waves(self) -> tuple[tuple[int, ...], ...]:
        """Positions of questions, in groups: those of one group need only answers of earlier groups."""
        depth: list[int] = []
        for needed in self.needs:
            depth.append(1 + max((depth[i] for i in needed), default=-1))
        return tuple(
            tuple(i for i, d in enumerate(depth) if d == level) for level in range(max(depth, default=-1) + 1)
        )
