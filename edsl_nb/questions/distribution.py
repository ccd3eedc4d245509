"""The question of how likely each outcome is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from edsl_nb.core.errors import QuestionError
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.intervals import buckets, check_bins
from edsl_nb.questions.options import Options, given_options, resolved_options
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Distribution


class QuestionDistribution(Question):
    """A question that is answered by a probability for each outcome.

    The answer is a dict such as ``{"Rain": 0.3, "No rain": 0.7}``, which sums up to 1.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        question_options: the outcomes; each may be a template. Or one placeholder
            that stands for a list.
        bins: intervals of numbers as outcomes, one after the other, such as
            ``["(-Inf,0)", "[0,10)", "[10,Inf)"]``; a square bracket takes in its end.
        min_value, max_value, bucket_size: as outcomes, intervals of this size from the
            smallest number to the largest; the last may be smaller.
        tolerance: how far from 1 the sum may be.
        include_comment: whether the model is asked for a sentence on its answer.
        question_presentation: replaces the text and the outcomes; a template.
        answering_instructions: replaces what is said about the form of the reply; a template.

    Raises:
        QuestionError: not exactly one of the three ways to give outcomes, or one that gives none.

    Example:
        >>> question = QuestionDistribution("q", "Will it rain?", question_options=["Yes", "No"])
        >>> question.validate("Yes: 30%, No: 70%").answer
        {'Yes': 0.3, 'No': 0.7}
    """

    question_type: ClassVar[str] = "distribution"
    templated: ClassVar[tuple[str, ...]] = ("question_options",)
    written: ClassVar[tuple[str, ...]] = ("tolerance",)

    question_options: Options | None = None
    bins: list[str] | None = None
    min_value: int | float | None = None
    max_value: int | float | None = None
    bucket_size: int | float | None = None
    tolerance: int | float = 1e-6
    include_comment: bool = True

    def __init__(
        self,
        question_name: str,
        question_text: str,
        *,
        question_options: Sequence[str] | str | None = None,
        bins: Sequence[str] | None = None,
        min_value: int | float | None = None,
        max_value: int | float | None = None,
        bucket_size: int | float | None = None,
        tolerance: float = 1e-6,
        include_comment: bool = True,
        question_presentation: str | None = None,
        answering_instructions: str | None = None,
        **unknown: Any,
    ) -> None:
        giver = f"question {question_name!r}"
        ranged: dict[str, Any] = {
            "min_value": min_value,
            "max_value": max_value,
            "bucket_size": bucket_size,
        }
        _check_ways(question_options, bins, ranged, giver)
        if question_options is not None:
            question_options = given_options(question_options, question_name)
        elif bins is not None:
            bins = check_bins(bins, giver)
        else:
            buckets(min_value, max_value, bucket_size, giver)
        if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not 0 <= tolerance < 1:
            raise QuestionError(
                f"{giver} needs a number from 0 to less than 1 here",
                field="tolerance",
                value=tolerance,
                remedy="Such as 0.01, so that 0.99 is close enough to 1.",
            )
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=question_options,
            bins=bins,
            **ranged,
            tolerance=tolerance,
            include_comment=include_comment,
            question_presentation=question_presentation,
            answering_instructions=answering_instructions,
            **unknown,
        )

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        giver = f"question {self.question_name!r}"
        if self.bins is not None:
            outcomes = tuple(self.bins)
        elif values["question_options"] is None:
            outcomes = buckets(self.min_value, self.max_value, self.bucket_size, giver)
        else:
            options = resolved_options(values["question_options"], self.question_name)
            outcomes = tuple(map(str, chance.order(options)))
        space = Distribution(outcomes, self.tolerance)
        rule = (
            "Reply with one JSON object that gives each outcome its probability, "
            f"in the form {space.form}. "
            "The probabilities are numbers from 0 to 1, not percentages, and must sum to exactly 1."
        )
        return Body(space, rule, "\n".join(outcomes), options=outcomes)

    @classmethod
    def example(cls) -> QuestionDistribution:
        """A question to try things with."""
        return cls("rain", "Will it rain tomorrow?", question_options=["Yes", "No"])


def _check_ways(options: Any, bins: Any, ranged: Mapping[str, Any], giver: str) -> None:
    """Raise unless outcomes are given in one way, and that wholly."""
    given = [name for name, value in ranged.items() if value is not None]
    ways = [options is not None, bins is not None, bool(given)]
    problem = None
    if sum(ways) > 1:
        problem = "gives outcomes in two ways"
    elif not any(ways):
        problem = "gives no outcomes"
    elif given and len(given) < len(ranged):
        missing = next(name for name in ranged if name not in given)
        problem = f"gives {' and '.join(given)}, but no {missing}"
    if problem:
        raise QuestionError(
            f"{giver} {problem}",
            field="bins" if bins is not None else given[0] if given else "question_options",
            value=bins if bins is not None else ranged[given[0]] if given else options,
            remedy="Pass question_options, or bins, or min_value, max_value and bucket_size.",
        )
