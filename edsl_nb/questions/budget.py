"""The question of how to split an amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from edsl_nb.core.errors import QuestionError
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.limits import Limit, given_limit, known, number
from edsl_nb.questions.options import Options, given_options, resolved_options
from edsl_nb.questions.presented import Body, Pending
from edsl_nb.questions.reading import Allocation


class QuestionBudget(Question):
    """A question that is answered by an amount for each option; the amounts sum up to a total.

    The answer is a list such as ``[{"Rent": 60.0}, {"Food": 40.0}]``.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        question_options: what the amount is split among; each may be a template. Or one
            placeholder that stands for a list, such as ``"{{ scenario.colors }}"``.
        budget_sum: the total, in any unit; or a placeholder that stands for it.
        include_comment: whether the model is asked for a sentence on its answer.
        question_presentation: replaces the text and the options; a template.
        answering_instructions: replaces what is said about the form of the reply; a template.
        permissive: whether any sum will do.
        remainder_option: the option that gets what is left where a reply gives it no amount.

    Raises:
        QuestionError: options that cannot be some, a total that is not above 0, or a
            `remainder_option` that is none of the options.

    Example:
        >>> question = QuestionBudget("month", "How do you spend $100?", ["Rent", "Food"], 100)
        >>> question.validate("Rent: $60, Food: $40").answer
        [{'Rent': 60.0}, {'Food': 40.0}]
    """

    question_type: ClassVar[str] = "budget"
    templated: ClassVar[tuple[str, ...]] = ("question_options", "budget_sum", "remainder_option")

    question_options: Options
    budget_sum: Limit
    include_comment: bool = True
    permissive: bool = False
    remainder_option: str | None = None

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_options: Sequence[str] | str,
        budget_sum: Limit,
        include_comment: bool = True,
        question_presentation: str | None = None,
        answering_instructions: str | None = None,
        permissive: bool = False,
        remainder_option: str | None = None,
        **unknown: Any,
    ) -> None:
        giver = f"question {question_name!r}"
        question_options = given_options(question_options, question_name)
        budget_sum = given_limit(budget_sum, "budget_sum", giver)
        _check_total(known(budget_sum), giver)
        if isinstance(question_options, list):
            _check_remainder(remainder_option, question_options, giver)
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=question_options,
            budget_sum=budget_sum,
            include_comment=include_comment,
            question_presentation=question_presentation,
            answering_instructions=answering_instructions,
            permissive=permissive,
            remainder_option=remainder_option,
            **unknown,
        )

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        giver = f"question {self.question_name!r}"
        given = values["question_options"]
        options = tuple(map(str, chance.order(resolved_options(given, self.question_name))))
        total = number(values["budget_sum"], "budget_sum", giver)
        _check_total(total, giver)
        remainder = values["remainder_option"]
        if isinstance(given, Pending) or isinstance(remainder, Pending):
            remainder = None
        _check_remainder(remainder, options, giver)
        space = Allocation(options, total, remainder, self.permissive)
        rule = (
            f"Reply with one JSON object that gives each option its amount, in the form {space.form}. "
            f"The amounts are numbers, 0 or more, and must sum to exactly {values['budget_sum']}."
        )
        if remainder is not None:
            rule += f" If you leave out {remainder}, it gets what is left."
        return Body(space, rule, "\n".join(options), options=options)

    @classmethod
    def example(cls) -> QuestionBudget:
        """A question to try things with."""
        return cls(
            question_name="evening",
            question_text="How would you spend $100 on an evening out?",
            question_options=["Food", "Music", "Taxi"],
            budget_sum=100,
        )


def _check_total(total: int | float | None, giver: str) -> None:
    if total is not None and total <= 0:
        raise QuestionError(
            f"{giver} has nothing to split", field="budget_sum", value=total, remedy="Pass a number above 0."
        )


def _check_remainder(remainder: Any, options: Sequence[Any], giver: str) -> None:
    if remainder is None or (isinstance(remainder, str) and "{{" in remainder):
        return
    if remainder not in [str(option) for option in options]:
        raise QuestionError(
            f"{giver} gives what is left to something that is not one of the options",
            field="remainder_option",
            value=remainder,
            remedy=f"The options are: {', '.join(map(str, options[:12]))}.",
        )
