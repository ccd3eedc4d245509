"""What options and items may be, how they are checked, shown and coded."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from edsl_nb.core.errors import QuestionError
from edsl_nb.questions.limits import Limit, check_order, number
from edsl_nb.questions.presented import Pending
from edsl_nb.questions.reading.names import fold

_LONGEST_OPTION = 9_999

Option = str | int | float | bool

#: Options as a question holds them: a list, a placeholder, or ``{"from": placeholder, "add": list}``.
Options = list[Option] | str | dict[str, Any]

_REMEDY = 'Such as ["Yes", "No"], or a placeholder such as "{{ scenario.colors }}".'


def given_options(value: Any, question_name: Any, field: str = "question_options") -> Any:
    """Options as somebody passes them to a question, as the question keeps them.

    Parameters:
        value: a sequence of options, each of which may be a template; a text
            with a placeholder that stands for a list; or
            ``{"from": "{{ ... }}", "add": [...]}``.
        question_name: for messages.
        field: the parameter.

    Raises:
        QuestionError: it is none of these, or no valid options.
    """
    giver = f"question {question_name!r}"
    if isinstance(value, str) and "{{" in value:
        return value
    if isinstance(value, dict):
        return _given_reference(cast(dict[Any, Any], value), giver, field)
    check_options(value, giver, field)
    return list(value)


def _given_reference(value: dict[Any, Any], giver: str, field: str) -> dict[str, Any]:
    base, added = value.get("from"), value.get("add")
    if value.keys() == {"from", "add"} and isinstance(base, str) and "{{" in base:
        check_options(added, giver, field)
        return {"from": base, "add": list(cast(Sequence[Any], added))}
    raise QuestionError(
        f"{giver} gives no list of options",
        field=field,
        value=value,
        remedy='Give a list, or a dict such as {"from": "{{ scenario.colors }}", "add": ["Other"]}.',
    )


def resolved_options(value: Any, question_name: str, field: str = "question_options") -> list[Any]:
    """Options whose placeholders are filled.

    Raises:
        QuestionError: what a placeholder stands for is no list of options.
    """
    if isinstance(value, Pending):
        return [value]
    check_options(value, f"question {question_name!r}", field)
    return list(value)


def check_options(options: Any, giver: str, field: str = "question_options") -> None:
    """Raise unless these can be options; `giver` says where they come from."""
    if isinstance(options, str | bytes) or not isinstance(options, Sequence):
        raise QuestionError(f"{giver} gives no list of options", field=field, value=options, remedy=_REMEDY)
    if not options:
        raise QuestionError(f"{giver} gives no options", field=field, value=[], remedy="Give at least one.")
    seen: set[str] = set()
    for option in cast(Sequence[Any], options):
        if isinstance(option, Pending):
            continue
        if not _is_option(option):
            raise QuestionError(
                f"{giver} gives an option that is no text of 1 to {_LONGEST_OPTION:,} characters, "
                "number or boolean",
                field=field,
                value=option,
                remedy="Write each option as a text.",
            )
        text = str(option).strip()
        if text in seen:
            raise QuestionError(
                f"{giver} gives an option twice", field=field, value=option, remedy="Make the options differ."
            )
        seen.add(text)


def _is_option(option: Any) -> bool:
    if isinstance(option, str):
        return bool(option.strip()) and len(option.strip()) <= _LONGEST_OPTION
    if isinstance(option, float):
        return math.isfinite(option)
    return isinstance(option, int) and option.bit_length() < 1_000


def known_count(options: Any) -> int | None:
    """How many options there are, or None where that depends on answers or scenarios."""
    if not isinstance(options, list | tuple):
        return None
    listed = cast(Sequence[Any], options)
    return None if any(isinstance(option, Pending) for option in listed) else len(listed)


# Codes

_CODES: dict[str, Callable[[int], str]] = {
    "numeric_starts_with_0": str,
    "numeric_starts_with_1": lambda place: str(place + 1),
    "letters": lambda place: _letters(place).upper(),
    "letters_lower": lambda place: _letters(place),
}

ENUMERATIONS = tuple(_CODES)


def codes_for(options: Sequence[Any], enumeration: str = ENUMERATIONS[0]) -> tuple[str, ...]:
    """Codes of options, such as ``0``, ``1``, ``2``.

    A code is never the text of another option: where it would be, as with the
    options 1, 2 and 3, another enumeration is taken.

    Parameters:
        options: in the order shown.
        enumeration: one of `ENUMERATIONS`.
    """
    texts = [fold(str(option)) for option in options]
    for name in (enumeration, *ENUMERATIONS):
        codes = tuple(map(_CODES[name], range(len(texts))))
        if not _collide(codes, texts):
            return codes
    marks = 1
    while True:
        codes = tuple("#" * marks + str(place + 1) for place in range(len(texts)))
        if not _collide(codes, texts):
            return codes
        marks += 1


def _collide(codes: Sequence[str], texts: Sequence[str]) -> bool:
    places = {text: place for place, text in enumerate(texts)}
    return any(places.get(fold(code), place) != place for place, code in enumerate(codes))


def _letters(place: int) -> str:
    """a to z, aa, ab, ..."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


# Labels


def given_labels(labels: Any, options: Any, question_name: Any) -> dict[Any, str] | None:
    """Labels of the options on a scale, by option.

    Parameters:
        labels: a dict from options, or their texts as in JSON, to labels; or None.
        options: as the question keeps them; labels of options that are not known yet are not checked.
        question_name: for messages.

    Raises:
        QuestionError: there is a label for something else, or none for the first or last option.
    """
    if labels is None or labels == {}:
        return None
    if not isinstance(labels, Mapping):
        raise _label_error("a dict from options to labels is wanted", labels, question_name)
    named = cast(Mapping[Any, Any], labels)
    if not all(isinstance(label, str) for label in named.values()):
        raise _label_error("every label has to be a text", labels, question_name)
    if not isinstance(options, list | tuple):
        return dict(named)
    listed = cast(Sequence[Any], options)
    by_text = {_text_of(option): option for option in listed}
    for key in named:
        if _text_of(key) not in by_text:
            raise _label_error(f"there is no option {key!r} to label", labels, question_name)
    made = {by_text[_text_of(key)]: label for key, label in named.items()}
    if listed[0] not in made or listed[-1] not in made:
        raise _label_error("the first and the last option need labels", labels, question_name)
    return made


def _text_of(option: Any) -> str:
    """Text of an option that is equal for 1, 1.0 and "1"."""
    if isinstance(option, float) and option.is_integer():
        return str(int(option))
    return str(option).strip()


def _label_error(problem: str, value: Any, question_name: Any) -> QuestionError:
    return QuestionError(
        f"question {question_name!r}: {problem}",
        field="option_labels",
        value=value,
        remedy='Such as {1: "never", 5: "always"} for the options 1 to 5.',
    )


def labels_of(options: Sequence[Any], labels: Any) -> list[str | None] | None:
    """The label of each option, or None where there are no labels at all."""
    if not labels:
        return None
    by_text = {_text_of(key): label for key, label in labels.items()}
    return [by_text.get(_text_of(option)) for option in options]


# Showing


def shown(options: Sequence[Any], marks: Sequence[str] | None = None) -> str:
    """Options one a line, each after its code where it has one."""
    if marks is None:
        return "\n".join(str(option) for option in options)
    return "\n".join(f"{mark}: {option}" for mark, option in zip(marks, options, strict=True))


def shown_scale(options: Sequence[Any], labels: Sequence[str | None] | None) -> str:
    """The steps of a scale one a line, each with its label where it has one."""
    if labels is None:
        return shown(options)
    steps = zip(options, labels, strict=True)
    return "\n".join(f"{option}: {label}" if label else str(option) for option, label in steps)


def how_many(least: Limit | None, most: Limit | None, count: int | None) -> str:
    """How many options may be chosen, in a sentence.

    Parameters:
        least, most: the limits, or None; texts where they are not known yet.
        count: how many options there are, or None where that is not known yet.
    """
    if isinstance(most, int) and count is not None and most >= count:
        most = None if least != most else most
    if least and least in (most, count):
        return f"Choose exactly {least} of the options above."
    if least and most is not None:
        return f"Choose {least} to {most} of the options above."
    if least:
        return f"Choose at least {least} of the options above."
    if most is not None:
        return f"Choose at most {most} of the options above."
    return "Choose all of the options above that apply."


class Counts(NamedTuple):
    """How many options may be chosen; None for no limit, or one that is not known yet."""

    least: int | None
    most: int | None


def counts(least: Any, most: Any, options: Any, question_name: Any) -> Counts:
    """The limits of a selection, once they are checked.

    Parameters:
        least, most: `min_selections` and `max_selections`: numbers, None, or templates.
        options: as the question keeps them, or resolved.
        question_name: for messages.

    Raises:
        QuestionError: they are no whole numbers, or cannot be met.
    """
    giver, fields = f"question {question_name!r}", ("min_selections", "max_selections")
    found: list[int | None] = []
    for field, value in zip(fields, (least, most), strict=True):
        unknown = isinstance(value, str) and "{{" in value
        limit = None if unknown else number(value, field, giver, whole=True)
        found.append(None if limit is None else int(limit))
    check_order(found[0], found[1], fields, giver)
    count = known_count(options)
    for field, limit in zip(fields, found, strict=True):
        if limit is not None and count is not None and limit > count:
            raise QuestionError(
                f"{giver} has only {count} options",
                field=field,
                value=limit,
                remedy=f"Choose a number up to {count}.",
            )
    if found[1] == 0:
        raise QuestionError(
            f"{giver} leaves no answer", field=fields[1], value=0, remedy="Allow one selection at least."
        )
    return Counts(*found)


def why_not_run(question: Any) -> str | None:
    """Why a question cannot be run, where it wants probabilities of its options."""
    if getattr(question, "probabilistic_response", None) is None:
        return None
    return (
        "probabilistic_response is kept, but not asked for here; leave it out, or ask a distribution question"
    )


def refuse_probabilities(question: Any) -> None:
    """Raise where a question wants probabilities of its options."""
    if why_not_run(question) is not None:
        raise QuestionError(
            f"question {question.question_name!r} wants probabilities of its options, which is not run here",
            field="probabilistic_response",
            value=question.probabilistic_response,
            remedy="Leave it out, or ask a distribution question.",
        )
