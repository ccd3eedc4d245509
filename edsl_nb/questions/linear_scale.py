"""The choice of a step on a scale of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, cast

from edsl_nb.core.errors import QuestionError
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.options import (
    Options,
    given_labels,
    given_options,
    labels_of,
    refuse_probabilities,
    resolved_options,
    shown_scale,
    why_not_run,
)
from edsl_nb.questions.presented import Body, Pending
from edsl_nb.questions.reading import Choice

_RULE = "Choose exactly one number from the scale above. Reply with the number alone."


class QuestionLinearScale(Question):
    """A question that is answered by a number on a scale, such as 1 to 5.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        question_options: the numbers, in ascending order; or one placeholder that
            stands for a list of numbers.
        option_labels: what numbers mean, such as ``{1: "never", 5: "always"}``.
            The first and the last need a label, where there are any; labels may be templates.
        answering_instructions: replaces what is said about the form of the reply; a template.
        question_presentation: replaces text and scale; a template with
            `question_text` and `question_options`.
        include_comment: whether the model is asked for a sentence on its choice.
        weight: a factor for this question in scores; kept, and not used here.
        probabilistic_response: kept for EDSL; questions that have it are not run here.

    Raises:
        QuestionError: the scale does not ascend, or labels do not fit it.

    Example:
        >>> question = QuestionLinearScale("rain", "Do you like rain?", [1, 2, 3], {1: "no", 3: "yes"})
        >>> question.validate("3: yes").answer
        3
    """

    question_type: ClassVar[str] = "linear_scale"
    templated: ClassVar[tuple[str, ...]] = ("question_options", "option_labels")
    written: ClassVar[tuple[str, ...]] = ("option_labels",)

    question_options: Options
    option_labels: dict[int | float | str, str] | None = None
    include_comment: bool = True
    weight: float | int | None = None
    probabilistic_response: dict[str, Any] | None = None

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_options: Sequence[int | float] | str,
        option_labels: Mapping[Any, str] | None = None,
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        include_comment: bool = True,
        weight: float | None = None,
        probabilistic_response: dict[str, Any] | None = None,
        **unknown: Any,
    ) -> None:
        options = given_options(question_options, question_name)
        if isinstance(options, list):
            _check_ascending(cast(list[Any], options), question_name)
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=options,
            option_labels=given_labels(option_labels, options, question_name),
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            include_comment=include_comment,
            weight=weight,
            probabilistic_response=probabilistic_response,
            **unknown,
        )

    @property
    def refusal(self) -> str | None:  # type: ignore[override]  # says more of an object than of the class
        """Why it cannot be run: it wants probabilities of its options."""
        return why_not_run(self)

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        refuse_probabilities(self)
        scale = resolved_options(values["question_options"], self.question_name)
        _check_ascending(scale, self.question_name)
        options = chance.order(scale)
        labels = labels_of(options, values["option_labels"])
        return Body(Choice(options, labels=labels), _RULE, shown_scale(options, labels), options=options)

    def _fields_to_dict(self) -> dict[str, Any]:
        return {**super()._fields_to_dict(), "option_labels": self.option_labels or {}}

    @classmethod
    def example(cls) -> QuestionLinearScale:
        """A question to try things with."""
        return cls("rain", "How much do you like rain?", [1, 2, 3, 4, 5], {1: "Not at all", 5: "Very much"})


def _check_ascending(scale: Sequence[Any], question_name: Any) -> None:
    known = [step for step in scale if not isinstance(step, Pending)]
    if any(type(step) not in (int, float) for step in known):
        raise QuestionError(
            f"question {question_name!r}: a scale has numbers only",
            field="question_options",
            value=list(scale),
            remedy="Such as [1, 2, 3, 4, 5]; put words into option_labels.",
        )
    if any(one >= other for one, other in pairwise(known)):
        raise QuestionError(
            f"question {question_name!r}: a scale ascends",
            field="question_options",
            value=list(scale),
            remedy="Sort the numbers, as in [1, 2, 3, 4, 5].",
        )
