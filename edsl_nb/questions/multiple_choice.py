"""The choice of one option."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, cast

from edsl_nb.core.errors import QuestionError
from edsl_nb.core.templates import template
from edsl_nb.questions.base import Pending, Presented, Question
from edsl_nb.questions.reading import Reading, read_choice

_INSTRUCTION = (
    "Choose exactly one of the options above. Reply with the option alone, copied as it is written."
)
_COMMENT = "You may add one sentence on why, on a second line."

_LONGEST_OPTION = 9_999

Option = str | int | float | bool


class QuestionMultipleChoice(Question):
    """A question that is answered by one of several options.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        question_options: the options, in order; each may be a template. Or one
            placeholder that stands for a list, such as ``"{{ scenario.colors }}"``.
        include_comment: whether the model is asked for a sentence on its choice.

    Raises:
        QuestionError: no options, equal options, or an option that is empty or too long.

    Example:
        >>> QuestionMultipleChoice(question_name="q", question_text="Tea?", question_options=["Yes", "No"])
        QuestionMultipleChoice(question_name='q', question_text='Tea?', question_options=['Yes', 'No'])
    """

    question_type: ClassVar[str] = "multiple_choice"

    question_options: list[Option] | str
    include_comment: bool = True

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_options: Sequence[Option] | str,
        include_comment: bool = True,
        **unknown: Any,
    ) -> None:
        if not isinstance(question_options, str):
            _check_options(question_options, f"question {question_name!r}")
            question_options = list(question_options)
        elif "{{" not in question_options:
            raise QuestionError(
                f"question {question_name!r} needs a list of options",
                field="question_options",
                value=question_options,
                remedy='Such as ["Yes", "No"], or a placeholder such as "{{ scenario.colors }}".',
            )
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=question_options,
            include_comment=include_comment,
            **unknown,
        )

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        given = [self.question_options] if isinstance(self.question_options, str) else self.question_options
        return (*super().texts, *(("question_options", o) for o in given if isinstance(o, str)))

    @property
    def may_comment(self) -> bool:
        return self.include_comment

    @cached_property
    def options_are_fixed(self) -> bool:
        """Whether the options are the same for everybody."""
        return all(template(text).constant for field, text in self.texts if field == "question_options")

    def _options(self, scope: Mapping[str, Any]) -> tuple[Any, ...]:
        given = self.question_options
        if isinstance(given, str):
            filled = template(given).value(scope)
            if isinstance(filled, Pending):
                filled = [filled]
        elif self.options_are_fixed:
            return tuple(given)
        else:
            filled = [template(o).render(scope) if isinstance(o, str) else o for o in given]
        _check_options(filled, "a placeholder")
        return tuple(filled)

    def present(self, scope: Mapping[str, Any]) -> Presented:
        text = template(self.question_text).render(scope)
        options = self._options(scope)
        parts = [text, "\n".join(str(option) for option in options), _INSTRUCTION]
        prompt = "\n\n".join(parts) + (f" {_COMMENT}" if self.include_comment else "")
        return Presented(text, options, prompt, {"enum": list(options)})

    def read(self, reply: str, presented: Presented) -> Reading:
        """The option that a reply names; invalid where it names none, or more than one."""
        return read_choice(reply, presented.options or ())

    def _fields_to_dict(self) -> dict[str, Any]:
        data = {**super()._fields_to_dict(), "question_options": self.question_options}
        return data if self.include_comment else {**data, "include_comment": False}


def _check_options(options: Any, giver: str) -> None:
    """Raise unless these can be options; `giver` says where they come from."""
    field = "question_options"
    if isinstance(options, str | bytes) or not isinstance(options, Sequence):
        raise QuestionError(
            f"{giver} gives no list of options", field=field, value=options, remedy='Such as ["Yes", "No"].'
        )
    if not options:
        raise QuestionError(f"{giver} gives no options", field=field, value=[], remedy="Give at least one.")
    seen: set[str] = set()
    for option in cast(Sequence[Any], options):
        text = str(option).strip()
        if not isinstance(option, Option) or not text or len(text) > _LONGEST_OPTION:
            raise QuestionError(
                f"{giver} gives an option that is no text of 1 to {_LONGEST_OPTION:,} characters, "
                "number or boolean",
                field=field,
                value=option,
                remedy="Write each option as a text.",
            )
        if text in seen:
            raise QuestionError(
                f"{giver} gives an option twice", field=field, value=option, remedy="Make the options differ."
            )
        seen.add(text)
