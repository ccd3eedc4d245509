"""The choice from more options than can be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from edsl_nb.core.errors import QuestionError
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.options import Option, Options, codes_for, given_options, known_count, resolved_options
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Search

_RULE = "Reply with the name of the option that you want, or with a few words to search for it, on one line."
_BY_CODE = (
    "Reply with the code of one of these options, which stands before the colon, or with a few words to "
    "search for another one, on one line."
)


class QuestionDropdown(Question):
    """A question with many options, of which some are shown and the rest can be searched.

    The answer is a list of up to `top_k` options. Where the reply names options
    they are the answer, as for `QuestionCheckBox`. Else its words are searched
    for in the options and their details, and the answer is what fits best, the
    best first, marked as repaired by the rule ``search``. A reply that shares no
    word with any option is invalid.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        question_options: all options, as for `QuestionMultipleChoice`.
        question_options_details: a text on each option, which is searched, too; None for none.
        sample_indices: positions of the options to show, counted from 0. None
            shows `max_options_shown` of them, others to each respondent.
        max_options_shown: how many options are shown where `sample_indices` does not say which.
        top_k: how many options the answer may have.
        include_comment: whether the model is asked for a sentence on its choice.
        use_code: whether options are shown with codes, which may be replied.
        answering_instructions: replaces what is said about the form of the reply; a template.
        question_presentation: replaces text and options; a template with
            `question_text` and `question_options`, which are those shown.
        permissive: whether a reply that finds nothing is taken as the answer.

    Raises:
        QuestionError: the options are none, or the other parameters do not fit them.

    Example:
        >>> question = QuestionDropdown("city", "Where?", ["New York", "San Diego", "San Jose"], top_k=2)
        >>> question.validate("somewhere in San ...").answer
        ['San Diego', 'San Jose']
    """

    question_type: ClassVar[str] = "dropdown"
    templated: ClassVar[tuple[str, ...]] = ("question_options",)
    written: ClassVar[tuple[str, ...]] = ("max_options_shown", "top_k", "permissive")

    question_options: Options
    question_options_details: list[str] | None = None
    sample_indices: list[int] | None = None
    max_options_shown: int = 5
    top_k: int = 5
    include_comment: bool = True
    use_code: bool = False
    permissive: bool = False

    def __init__(
        self,
        question_name: str,
        question_text: str,
        question_options: Sequence[Option] | str | dict[str, Any],
        question_options_details: Sequence[str] | None = None,
        sample_indices: Sequence[int] | None = None,
        max_options_shown: int = 5,
        top_k: int = 5,
        include_comment: bool = True,
        use_code: bool = False,
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        permissive: bool = False,
        **unknown: Any,
    ) -> None:
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            question_options=given_options(question_options, question_name),
            question_options_details=_as_list(question_options_details),
            sample_indices=_as_list(sample_indices),
            max_options_shown=max_options_shown,
            top_k=top_k,
            include_comment=include_comment,
            use_code=use_code,
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            permissive=permissive,
            **unknown,
        )
        for field in ("max_options_shown", "top_k"):
            if getattr(self, field) < 1:
                raise self._misfit(field, "has to be 1 or more", "Such as 5.")
        self._check_fit(known_count(self.question_options))

    @property
    def uses_chance(self) -> bool:
        """Whether the options that are shown are drawn."""
        count = known_count(self.question_options)
        return self.sample_indices is None and (count is None or count > self.max_options_shown)

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        options = resolved_options(values["question_options"], self.question_name)
        self._check_fit(known_count(options))
        codes = codes_for(options) if self.use_code else None
        places = self._places(len(options), chance)
        shown = chance.order([options[place] for place in places])
        code_of = dict(zip(map(str, options), codes, strict=True)) if codes else {}
        every = len(shown) == len(options)
        start = "The options are:" if every else f"Some of the {len(options)} options are:"
        lines = [f"{code_of[str(option)]}: {option}" if codes else str(option) for option in shown]
        space = Search(options, self.question_options_details, self.top_k, codes, places, self.permissive)
        return Body(space, _BY_CODE if codes else _RULE, "\n".join([start, *lines]), options=shown)

    def _places(self, count: int, chance: Chance) -> Sequence[int]:
        """Which options are shown."""
        if self.sample_indices is not None:
            return [place for place in self.sample_indices if place < count]
        if count <= self.max_options_shown:
            return range(count)
        return sorted(chance.random("sample").sample(range(count), self.max_options_shown))

    def _check_fit(self, count: int | None) -> None:
        """Raise unless details and sample fit a number of options."""
        details, sample = self.question_options_details, self.sample_indices
        if details is not None and count is not None and len(details) != count:
            raise self._misfit(
                "question_options_details", f"there are {count} options", "Give a text on each of them."
            )
        if sample is None:
            return
        wrong = [place for place in sample if place < 0 or (count is not None and place >= count)]
        if wrong or not sample or len(set(sample)) != len(sample):
            raise self._misfit(
                "sample_indices", "positions of options are wanted, each once", "They start at 0."
            )

    def _misfit(self, field: str, problem: str, remedy: str) -> QuestionError:
        giver = f"question {self.question_name!r}"
        return QuestionError(f"{giver}: {problem}", field=field, value=getattr(self, field), remedy=remedy)

    @classmethod
    def example(cls) -> QuestionDropdown:
        """A question to try things with."""
        cities = [
            "Amsterdam",
            "Athens",
            "Berlin",
            "Lisbon",
            "London",
            "Madrid",
            "Oslo",
            "Paris",
            "Rome",
            "Vienna",
        ]
        return cls("city", "Which city would you like to visit?", cities, max_options_shown=4, top_k=3)


def _as_list(value: Any) -> Any:
    """A tuple or a range as a list; anything else as it is, for the field to refuse."""
    return list(cast(Sequence[Any], value)) if isinstance(value, tuple | range) else value
