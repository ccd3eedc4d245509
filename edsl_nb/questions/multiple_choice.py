"""The choice of one option, in its variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from edsl_nb.core.errors import QuestionError, nearest
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.options import (
    ENUMERATIONS,
    Option,
    Options,
    codes_for,
    given_options,
    refuse_probabilities,
    resolved_options,
    shown,
    why_not_run,
)
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Choice

_CHOOSE = "Choose exactly one of the options above."
_BY_TEXT = "Reply with the option alone, copied as it is written."
_BY_CODE = "Reply with its code alone, which stands before the colon."

_LIKERT = ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree")


class _OneOf(Question):
    """What questions with one option as their answer share."""

    templated: ClassVar[tuple[str, ...]] = ("question_options",)

    question_options: Options
    include_comment: bool = True

    @property
    def _enumeration(self) -> str | None:
        """How options are coded, where the reply is to be a code."""
        return None

    @property
    def _other(self) -> str | None:
        """What starts an answer in one's own words, where that is allowed."""
        return None

    @property
    def _permissive(self) -> bool:
        """Whether other answers than the options are taken."""
        return False

    @property
    def refusal(self) -> str | None:  # type: ignore[override]  # says more of an object than of the class
        """Why it cannot be run: it wants probabilities of its options."""
        return why_not_run(self)

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        refuse_probabilities(self)
        options = chance.order(resolved_options(values["question_options"], self.question_name))
        codes = codes_for(options, self._enumeration) if self._enumeration else None
        rule = f"{_CHOOSE} {_BY_CODE if codes else _BY_TEXT}"
        block = shown(options, codes)
        if self._other is not None:
            rule += f' If none of them fits, reply "{self._other}: " followed by your own answer.'
        space = Choice(options, codes, other=self._other, permissive=self._permissive)
        return Body(space, rule, block, options=options)


class QuestionMultipleChoice(_OneOf):
    """A question that is answered by one of several options.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        question_options: the options, in order; each may be a template. Or one
            placeholder that stands for a list, such as ``"{{ scenario.colors }}"``;
            or ``{"from": "{{ scenario.colors }}", "add": ["Other"]}``.
        include_comment: whether the model is asked for a sentence on its choice.
        use_code: whether the model replies with an option's code. The answer is
            the option all the same.
        enumeration: how options are coded: ``numeric_starts_with_0`` (the default
            with `use_code`), ``numeric_starts_with_1``, ``letters`` or
            ``letters_lower``. Naming one asks for codes, too. Where codes could be
            taken for options, others are used.
        answering_instructions: replaces what is said about the form of the reply; a template.
        question_presentation: replaces text and options; a template with
            `question_text` and `question_options`.
        permissive: whether other answers than the options are taken as they are.
        probabilistic_response: kept for EDSL; questions that have it are not run here.

    Raises:
        QuestionError: no options, equal options, or an option that is empty or
            too long; or there is no such enumeration.

    Example:
        >>> QuestionMultipleChoice(question_name="q", question_text="Tea?", question_options=["Yes", "No"])
        QuestionMultipleChoice(question_name='q', question_text='Tea?', question_options=['Yes', 'No'])
    """

    question_type: ClassVar[str] = "multiple_choice"

    use_code: bool = False
    enumeration: str | None = None
    permissive: bool = False
    probabilistic_response: dict[str, Any] | None = None

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_options: Sequence[Option] | str | dict[str, Any],
        include_comment: bool = True,
        use_code: bool = False,
        enumeration: str | None = None,
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        permissive: bool = False,
        probabilistic_response: dict[str, Any] | None = None,
        **unknown: Any,
    ) -> None:
        if enumeration not in (None, "none", *ENUMERATIONS):
            raise QuestionError(
                "there is no such enumeration",
                field="enumeration",
                value=enumeration,
                remedy=nearest(enumeration, ENUMERATIONS),
            )
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=given_options(question_options, question_name),
            include_comment=include_comment,
            use_code=use_code,
            # With `use_code` EDSL's JSON always names one.
            enumeration=None if use_code is True and enumeration == ENUMERATIONS[0] else enumeration,
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            permissive=permissive,
            probabilistic_response=probabilistic_response,
            **unknown,
        )

    @property
    def _enumeration(self) -> str | None:
        if self.enumeration not in (None, "none"):
            return self.enumeration
        return ENUMERATIONS[0] if self.use_code else None

    @property
    def _permissive(self) -> bool:
        return self.permissive

    def _fields_to_dict(self) -> dict[str, Any]:
        data = super()._fields_to_dict()
        return {**data, "enumeration": self._enumeration} if self.use_code else data

    @classmethod
    def example(cls) -> QuestionMultipleChoice:
        """A question to try things with."""
        return cls(question_name="tea", question_text="Tea or coffee?", question_options=["Tea", "Coffee"])


class QuestionYesNo(_OneOf):
    """A question that is answered by "Yes" or "No".

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        question_options: the two answers, where they are others.
        answering_instructions: replaces what is said about the form of the reply; a template.
        question_presentation: replaces text and options; a template with
            `question_text` and `question_options`.
        include_comment: whether the model is asked for a sentence on its choice.
        probabilistic_response: kept for EDSL; questions that have it are not run here.

    Raises:
        QuestionError: a field is not as it has to be.

    Example:
        >>> QuestionYesNo("tea", "Do you drink tea?").validate("yes.").answer
        'Yes'
    """

    question_type: ClassVar[str] = "yes_no"
    written: ClassVar[tuple[str, ...]] = ("question_options",)

    question_options: Options = Field(default=["No", "Yes"])
    probabilistic_response: dict[str, Any] | None = None

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_options: Sequence[Option] | str | dict[str, Any] = ("No", "Yes"),
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        include_comment: bool = True,
        probabilistic_response: dict[str, Any] | None = None,
        **unknown: Any,
    ) -> None:
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=given_options(question_options, question_name),
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            include_comment=include_comment,
            probabilistic_response=probabilistic_response,
            **unknown,
        )

    @classmethod
    def example(cls) -> QuestionYesNo:
        """A question to try things with."""
        return cls("is_it_equal", "Is 5 + 5 equal to 11?")


class QuestionLikertFive(_OneOf):
    """A question on how far one agrees, answered on a scale of five.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: the statement; a template.
        question_options: the steps, where they are others than from "Strongly
            disagree" to "Strongly agree".
        answering_instructions: replaces what is said about the form of the reply; a template.
        question_presentation: replaces text and options; a template with
            `question_text` and `question_options`.
        include_comment: whether the model is asked for a sentence on its choice.
        probabilistic_response: kept for EDSL; questions that have it are not run here.

    Raises:
        QuestionError: a field is not as it has to be.

    Example:
        >>> QuestionLikertFive("rain", "I like rain.").validate("strongly AGREE").answer
        'Strongly agree'
    """

    question_type: ClassVar[str] = "likert_five"
    written: ClassVar[tuple[str, ...]] = ("question_options",)

    question_options: Options = Field(default=list(_LIKERT))
    probabilistic_response: dict[str, Any] | None = None

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_options: Sequence[Option] | str | dict[str, Any] | None = None,
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        include_comment: bool = True,
        probabilistic_response: dict[str, Any] | None = None,
        **unknown: Any,
    ) -> None:
        steps = _LIKERT if question_options is None else question_options
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=given_options(steps, question_name),
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            include_comment=include_comment,
            probabilistic_response=probabilistic_response,
            **unknown,
        )

    @classmethod
    def example(cls) -> QuestionLikertFive:
        """A question to try things with."""
        return cls("likes_rain", "I am happiest when it rains.")


class QuestionMultipleChoiceWithOther(_OneOf):
    """A question that is answered by one of several options, or in one's own words.

    The answer is an option, or ``Other``, or ``Other: `` with what was said.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        question_options: the options, as for `QuestionMultipleChoice`.
        include_comment: whether the model is asked for a sentence on its choice.
        use_code: whether the model replies with an option's code.
        answering_instructions: replaces what is said about the form of the reply; a template.
        question_presentation: replaces text and options; a template with
            `question_text` and `question_options`.
        permissive: whether other answers are taken as they are.
        other_option_text: what starts an answer in one's own words.

    Raises:
        QuestionError: a field is not as it has to be.

    Example:
        >>> question = QuestionMultipleChoiceWithOther("color", "Which color?", ["Red", "Blue"])
        >>> question.validate("Other: teal").answer
        'Other: teal'
    """

    question_type: ClassVar[str] = "multiple_choice_with_other"
    written: ClassVar[tuple[str, ...]] = ("other_option_text",)

    use_code: bool = False
    permissive: bool = False
    other_option_text: str = "Other"

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_options: Sequence[Option] | str | dict[str, Any],
        include_comment: bool = True,
        use_code: bool = False,
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        permissive: bool = False,
        other_option_text: str = "Other",
        **unknown: Any,
    ) -> None:
        check_other(other_option_text)
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=given_options(question_options, question_name),
            include_comment=include_comment,
            use_code=use_code,
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            permissive=permissive,
            other_option_text=other_option_text,
            **unknown,
        )

    @property
    def _enumeration(self) -> str | None:
        return ENUMERATIONS[0] if self.use_code else None

    @property
    def _other(self) -> str | None:
        return self.other_option_text

    @property
    def _permissive(self) -> bool:
        return self.permissive

    @classmethod
    def example(cls) -> QuestionMultipleChoiceWithOther:
        """A question to try things with."""
        return cls("drink", "What do you drink in the morning?", ["Tea", "Coffee"])


def check_other(text: Any) -> None:
    """Raise unless this can start an answer in one's own words."""
    if not isinstance(text, str) or not text.strip(" :") or "\n" in text:
        raise QuestionError(
            "a text of one line is wanted",
            field="other_option_text",
            value=text,
            remedy='Such as "Other": answers are then written "Other: ...".',
        )
