"""The choice of several options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.multiple_choice import check_other
from edsl_nb.questions.options import (
    Option,
    Options,
    codes_for,
    counts,
    given_options,
    how_many,
    known_count,
    refuse_probabilities,
    resolved_options,
    shown,
    why_not_run,
)
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Selection

_BY_TEXT = 'Reply with a JSON list of options copied as they are written, in the form ["option", "option"].'
_BY_CODE = "Reply with a JSON list of their codes, which stand before the colons, in the form [code, code]."
_NONE = "If none applies, reply []."


class _Several(Question):
    """What questions with several options as their answer share."""

    templated: ClassVar[tuple[str, ...]] = ("question_options", "min_selections", "max_selections")

    question_options: Options
    min_selections: int | str | None = None
    max_selections: int | str | None = None
    include_comment: bool = True
    use_code: bool = False
    permissive: bool = False

    def __init__(self, **fields: Any) -> None:
        name = fields["question_name"]
        options = given_options(fields["question_options"], name)
        counts(fields["min_selections"], fields["max_selections"], options, name)
        super().__init__(**{**fields, "question_options": options})

    @property
    def _other(self) -> str | None:
        """What starts an answer in one's own words, where that is allowed."""
        return None

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        options = chance.order(resolved_options(values["question_options"], self.question_name))
        least, most = values["min_selections"], values["max_selections"]
        limits = counts(least, most, options, self.question_name)
        codes = codes_for(options) if self.use_code else None
        rules = [how_many(least, most, known_count(options)), _BY_CODE if codes else _BY_TEXT]
        if self._other is not None:
            rules.append(f'If something else applies, add "{self._other}: " followed by it as an item.')
        if not least:
            rules.append(_NONE)
        space = Selection(options, limits.least, limits.most, codes, self._other, self.permissive)
        return Body(space, " ".join(rules), shown(options, codes), options=options)


class QuestionCheckBox(_Several):
    """A question that is answered by any number of options.

    The answer is a list of options, each at most once.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        question_options: the options, as for `QuestionMultipleChoice`.
        min_selections, max_selections: how many may be chosen; None for no limit.
            Each may be a placeholder such as ``"{{ scenario.most }}"``.
        include_comment: whether the model is asked for a sentence on its choice.
        use_code: whether the model replies with the options' codes. The answer
            holds the options all the same.
        question_presentation: replaces text and options; a template with
            `question_text` and `question_options`.
        answering_instructions: replaces what is said about the form of the reply; a template.
        permissive: whether other items, and other numbers of them, are taken as they are.
        probabilistic_response: kept for EDSL; questions that have it are not run here.

    Raises:
        QuestionError: the options are none, or the limits cannot be met.

    Example:
        >>> question = QuestionCheckBox("colors", "Which colors?", ["Red", "Green", "Blue"])
        >>> question.validate("Red, blue").answer
        ['Red', 'Blue']
    """

    question_type: ClassVar[str] = "checkbox"

    probabilistic_response: dict[str, Any] | None = None

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_options: Sequence[Option] | str | dict[str, Any],
        min_selections: int | str | None = None,
        max_selections: int | str | None = None,
        include_comment: bool = True,
        use_code: bool = False,
        question_presentation: str | None = None,
        answering_instructions: str | None = None,
        permissive: bool = False,
        probabilistic_response: dict[str, Any] | None = None,
        **unknown: Any,
    ) -> None:
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=question_options,
            min_selections=min_selections,
            max_selections=max_selections,
            include_comment=include_comment,
            use_code=use_code,
            question_presentation=question_presentation,
            answering_instructions=answering_instructions,
            permissive=permissive,
            probabilistic_response=probabilistic_response,
            **unknown,
        )

    @property
    def refusal(self) -> str | None:  # type: ignore[override]  # says more of an object than of the class
        """Why it cannot be run: it wants probabilities of its options."""
        return why_not_run(self)

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        refuse_probabilities(self)
        return super().body(values, chance)

    @classmethod
    def example(cls) -> QuestionCheckBox:
        """A question to try things with."""
        return cls("breakfast", "What do you eat for breakfast?", ["Bread", "Porridge", "Fruit", "Eggs"])


class QuestionCheckBoxWithOther(_Several):
    """A question that is answered by any number of options, and one answer in one's own words.

    The answer is a list of options, which may hold ``Other`` or ``Other: `` with what was said.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        question_options: the options, as for `QuestionMultipleChoice`.
        min_selections, max_selections: how many may be chosen; None for no limit.
        include_comment: whether the model is asked for a sentence on its choice.
        use_code: whether the model replies with the options' codes.
        question_presentation: replaces text and options; a template with
            `question_text` and `question_options`.
        answering_instructions: replaces what is said about the form of the reply; a template.
        permissive: whether other items, and other numbers of them, are taken as they are.
        other_option_text: what starts an answer in one's own words.

    Raises:
        QuestionError: the options are none, or the limits cannot be met.

    Example:
        >>> question = QuestionCheckBoxWithOther("colors", "Which colors?", ["Red", "Blue"])
        >>> question.validate('["Red", "Other: teal"]').answer
        ['Red', 'Other: teal']
    """

    question_type: ClassVar[str] = "checkbox_with_other"
    written: ClassVar[tuple[str, ...]] = ("other_option_text",)

    other_option_text: str = "Other"

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_options: Sequence[Option] | str | dict[str, Any],
        min_selections: int | str | None = None,
        max_selections: int | str | None = None,
        include_comment: bool = True,
        use_code: bool = False,
        question_presentation: str | None = None,
        answering_instructions: str | None = None,
        permissive: bool = False,
        other_option_text: str = "Other",
        **unknown: Any,
    ) -> None:
        check_other(other_option_text)
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=question_options,
            min_selections=min_selections,
            max_selections=max_selections,
            include_comment=include_comment,
            use_code=use_code,
            question_presentation=question_presentation,
            answering_instructions=answering_instructions,
            permissive=permissive,
            other_option_text=other_option_text,
            **unknown,
        )

    @property
    def _other(self) -> str | None:
        return self.other_option_text

    @classmethod
    def example(cls) -> QuestionCheckBoxWithOther:
        """A question to try things with."""
        return cls("breakfast", "What do you eat for breakfast?", ["Bread", "Porridge", "Fruit", "Eggs"])
