"""Options put in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from edsl_nb.core.errors import QuestionError
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.options import (
    Option,
    Options,
    codes_for,
    counts,
    given_options,
    known_count,
    resolved_options,
    shown,
)
from edsl_nb.questions.presented import Body, Pending
from edsl_nb.questions.reading import Selection

_BY_TEXT = "Reply with a JSON list of options copied as they are written, in the form [{form}]."
_BY_CODE = "Reply with a JSON list of their codes, which stand before the colons, in the form [{form}]."


class QuestionRank(Question):
    """A question that is answered by options in order.

    The answer is a list of options, the one that comes first at its start.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked, and what the order is by; a template.
        question_options: the options, as for `QuestionMultipleChoice`.
        num_selections: how many are to be ranked; None for all. May be a
            placeholder such as ``"{{ scenario.places }}"``.
        question_presentation: replaces text and options; a template with
            `question_text` and `question_options`.
        answering_instructions: replaces what is said about the form of the reply; a template.
        permissive: whether other items, and other numbers of them, are taken as they are.
        use_code: whether the model replies with the options' codes. The answer
            holds the options all the same.
        include_comment: whether the model is asked for a sentence on its ranking.

    Raises:
        QuestionError: the options are none, or more are to be ranked than there are.

    Example:
        >>> question = QuestionRank("foods", "Which food do you like best?", ["Pizza", "Pasta", "Soup"])
        >>> question.validate([2, 0, 1]).how
        'invalid'
        >>> question.validate("[2, 0, 1]").answer
        ['Soup', 'Pizza', 'Pasta']
    """

    question_type: ClassVar[str] = "rank"
    templated: ClassVar[tuple[str, ...]] = ("question_options", "num_selections")
    written: ClassVar[tuple[str, ...]] = ("use_code",)

    question_options: Options
    num_selections: int | str | None = None
    permissive: bool = False
    use_code: bool = True
    include_comment: bool = True

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_options: Sequence[Option] | str | dict[str, Any],
        num_selections: int | str | None = None,
        question_presentation: str | None = None,
        answering_instructions: str | None = None,
        permissive: bool = False,
        use_code: bool = True,
        include_comment: bool = True,
        **unknown: Any,
    ) -> None:
        options = given_options(question_options, question_name)
        places = _places(num_selections, options, question_name)
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=options,
            num_selections=places if num_selections is None else num_selections,
            question_presentation=question_presentation,
            answering_instructions=answering_instructions,
            permissive=permissive,
            use_code=use_code,
            include_comment=include_comment,
            **unknown,
        )

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        options = chance.order(resolved_options(values["question_options"], self.question_name))
        wanted = values["num_selections"]
        places = _places(wanted, options, self.question_name)
        count = known_count(options)
        every = wanted is None or (count is not None and places == count)
        first = "Rank all of the options above" if every else f"Rank {wanted} of the options above"
        codes = codes_for(options) if self.use_code else None
        form = (_BY_CODE if codes else _BY_TEXT).format(form=_form("code" if codes else '"option"', places))
        space = Selection(options, places, places, codes, permissive=self.permissive)
        rule = f"{first}, from the first place to the last. {form}"
        return Body(space, rule, shown(options, codes), options=options)

    @classmethod
    def example(cls) -> QuestionRank:
        """A question to try things with."""
        return cls("foods", "Which of these foods do you like best?", ["Pizza", "Pasta", "Salad", "Soup"])


class QuestionTopK(Question):
    """A question that is answered by a given number of options.

    The answer is a list of options, the one named first at its start.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        question_options: the options, as for `QuestionMultipleChoice`.
        min_selections, max_selections: how many are to be chosen: the same number twice.
        question_presentation: replaces text and options; a template with
            `question_text` and `question_options`.
        answering_instructions: replaces what is said about the form of the reply; a template.
        include_comment: whether the model is asked for a sentence on its choice.
        use_code: whether the model replies with the options' codes. The answer
            holds the options all the same.

    Raises:
        QuestionError: the options are none, or the two numbers differ or cannot be met.

    Example:
        >>> question = QuestionTopK("fruits", "Which two?", ["Apple", "Pear", "Plum"], 2, 2)
        >>> question.validate("[0, 2]").answer
        ['Apple', 'Plum']
    """

    question_type: ClassVar[str] = "top_k"
    templated: ClassVar[tuple[str, ...]] = ("question_options",)
    written: ClassVar[tuple[str, ...]] = ("use_code",)

    question_options: Options
    min_selections: int
    max_selections: int
    include_comment: bool = True
    use_code: bool = True

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_options: Sequence[Option] | str | dict[str, Any],
        min_selections: int,
        max_selections: int,
        question_presentation: str | None = None,
        answering_instructions: str | None = None,
        include_comment: bool = True,
        use_code: bool = True,
        **unknown: Any,
    ) -> None:
        options = given_options(question_options, question_name)
        counts(min_selections, max_selections, options, question_name)
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=options,
            min_selections=min_selections,
            max_selections=max_selections,
            question_presentation=question_presentation,
            answering_instructions=answering_instructions,
            include_comment=include_comment,
            use_code=use_code,
            **unknown,
        )
        if self.min_selections != self.max_selections:
            raise QuestionError(
                f"question {question_name!r}: min_selections and max_selections have to be the same",
                field="min_selections",
                value=self.min_selections,
                remedy="Give the same number twice, or use QuestionCheckBox.",
            )

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        options = chance.order(resolved_options(values["question_options"], self.question_name))
        wanted = self.max_selections
        counts(wanted, wanted, options, self.question_name)
        codes = codes_for(options) if self.use_code else None
        form = (_BY_CODE if codes else _BY_TEXT).format(form=_form("code" if codes else '"option"', wanted))
        space = Selection(options, wanted, wanted, codes)
        rule = f"Choose exactly {wanted} of the options above. {form}"
        return Body(space, rule, shown(options, codes), options=options)

    @classmethod
    def example(cls) -> QuestionTopK:
        """A question to try things with."""
        return cls("fruits", "Which two fruits do you like best?", ["Apple", "Pear", "Plum", "Cherry"], 2, 2)


def _places(wanted: Any, options: Any, question_name: Any) -> int | None:
    """How many options are to be ranked; None where that is not known yet."""
    try:
        places = counts(None, wanted, options, question_name).most
    except QuestionError as wrong:
        raise QuestionError(
            wrong.problem, field="num_selections", value=wanted, remedy=wrong.remedy
        ) from None
    unknown = isinstance(wanted, Pending) or (isinstance(wanted, str) and "{{" in wanted)
    return places if places is not None or unknown else known_count(options)


def _form(word: str, places: int | None) -> str:
    """Such as ``code, code``: a list of the right length, unless that is long."""
    return ", ".join([word] * places) if places is not None and places <= 3 else f"{word}, {word}, ..."
