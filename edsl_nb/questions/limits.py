"""Numbers in questions that limit their answers: given as they are, or by a placeholder."""

from __future__ import annotations

from typing import Any

from edsl_nb.core.errors import QuestionError
from edsl_nb.questions.presented import Pending
from edsl_nb.questions.reading.number import plain_number, usable

#: A number or a placeholder such as ``{{ scenario.budget }}``.
Limit = int | float | str


def given_limit(value: Any, field: str, giver: str, whole: bool = False) -> Any:
    """A limit as somebody passes it to a question, as the question keeps it: None, a number or a placeholder.

    Parameters:
        value: what was given; a text that is a number counts as one.
        field: the name of the parameter.
        giver: who gave it, for the message.
        whole: whether it has to be a whole number that is not negative.

    Raises:
        QuestionError: it is none of these.
    """
    return value if isinstance(value, str) and "{{" in value else number(value, field, giver, whole)


def number(value: Any, field: str, giver: str, whole: bool = False) -> int | float | None:
    """The number that a limit is once its placeholders are filled; None where there is none, or not yet.

    Raises:
        QuestionError: it is no number, or not as it has to be.
    """
    if value is None or isinstance(value, Pending):
        return None
    found = plain_number(value.strip()) if isinstance(value, str) else value
    wanted = "whole number, 0 or more" if whole else "number"
    if isinstance(found, bool) or not isinstance(found, int | float) or not usable(found):
        raise _refused(wanted, field, value, giver)
    if not whole:
        return found
    if found != int(found) or found < 0:
        raise _refused(wanted, field, value, giver)
    return int(found)


def check_order(low: float | None, high: float | None, fields: tuple[str, str], giver: str) -> None:
    """Raise where the lower limit is above the upper one."""
    if low is not None and high is not None and low > high:
        raise QuestionError(
            f"{giver} leaves no answer: {fields[0]} is {low} and {fields[1]} is {high}",
            field=fields[0],
            value=low,
            remedy=f"Make {fields[0]} the smaller one.",
        )


def known(value: Any) -> int | float | None:
    """A limit, where it is a number already and no placeholder."""
    return None if isinstance(value, str) else value


def _refused(wanted: str, field: str, value: Any, giver: str) -> QuestionError:
    return QuestionError(
        f"{giver} needs a {wanted} here",
        field=field,
        value=value,
        remedy="Pass a number, or a placeholder such as '{{ scenario.limit }}'.",
    )
