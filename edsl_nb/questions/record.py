"""The questions for several named values: one names them, the other gives an example."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from pydantic import Field

from edsl_nb.core.errors import QuestionError, nearest
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Record
from edsl_nb.questions.reading.items import unkept
from edsl_nb.questions.reading.kinds import NAMES, Kind, kind, kind_of


class QuestionDict(Question):
    """A question that is answered by a value for each of some keys.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        answer_keys: the keys, in order; each may be a template.
        value_types: the type of each value, as Python types or their names: str, int,
            float, bool, list, dict, any, ``list[str]`` and the like, ``optional[int]``
            and the like. Left out, any value will do.
        value_descriptions: what each value is, for the model; each may be a template.
        include_comment: whether the model is asked for a sentence on its answer.
        question_presentation: replaces the question's text; a template with `question_text`.
        answering_instructions: replaces what is said about the form of the reply; a template.
        permissive: whether values of other types and further keys are kept.

    Raises:
        QuestionError: no keys, equal keys, an unknown type, or not one type or description for each key.

    Example:
        >>> question = QuestionDict("who", "Who are you?", ["name", "age"], ["str", "int"])
        >>> question.validate('{"name": "Ann", "age": "41"}').answer
        {'name': 'Ann', 'age': 41}
    """

    question_type: ClassVar[str] = "dict"
    templated: ClassVar[tuple[str, ...]] = ("answer_keys", "value_descriptions")
    written: ClassVar[tuple[str, ...]] = (
        "value_types",
        "value_descriptions",
        "include_comment",
        "permissive",
    )

    answer_keys: list[str]
    value_types: list[str] = Field([])
    value_descriptions: list[str] = Field([])
    include_comment: bool = True
    permissive: bool = False

    def __init__(
        self,
        question_name: str,
        question_text: str,
        answer_keys: Sequence[str],
        value_types: Sequence[str | type] | None = None,
        value_descriptions: Sequence[str] | None = None,
        include_comment: bool = True,
        question_presentation: str | None = None,
        answering_instructions: str | None = None,
        permissive: bool = False,
        **unknown: Any,
    ) -> None:
        giver = f"question {question_name!r}"
        keys = _checked_keys(answer_keys, giver)
        types = _listed(value_types, "value_types", len(keys), giver)
        descriptions = _listed(value_descriptions, "value_descriptions", len(keys), giver)
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            answer_keys=keys,
            value_types=[_type_name(type_, giver) for type_ in types],
            value_descriptions=descriptions,
            include_comment=include_comment,
            question_presentation=question_presentation,
            answering_instructions=answering_instructions,
            permissive=permissive,
            **unknown,
        )

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        keys = _checked_keys(values["answer_keys"], f"question {self.question_name!r}")
        kinds = [cast(Kind, kind(name)) for name in self.value_types]
        fields = dict(zip(keys, kinds or [Kind("any")] * len(keys), strict=True))
        about = values["value_descriptions"] or [""] * len(keys)
        lines = [_line(key, fields[key], said) for key, said in zip(keys, about, strict=True)]
        return Body(Record(fields, self.permissive), _rule(fields, lines))

    @classmethod
    def example(cls) -> QuestionDict:
        """A question to try things with."""
        return cls(
            question_name="recipe",
            question_text="How do you make hot chocolate?",
            answer_keys=["title", "ingredients", "minutes"],
            value_types=["str", "list[str]", "int"],
            value_descriptions=["Name of the dish.", "What goes into it.", "How long it takes."],
        )


class QuestionExtract(Question):
    """A question that takes named values out of a text.

    Parameters:
        question_text: the text, and what is wanted of it; a template.
        answer_template: an example of the answer; each value has to be of the type
            that it has there (None stands for any).
        question_name: an identifier, unique in its survey.
        answering_instructions: replaces what is said about the form of the reply; a template.
        question_presentation: replaces the question's text; a template with `question_text`.

    Raises:
        QuestionError: the template is no dict of JSON values, or is empty.

    Example:
        >>> question = QuestionExtract("I am Ann, 41.", {"name": "John Doe", "age": 30}, "who")
        >>> question.validate({"name": "Ann", "age": 41}).answer
        {'name': 'Ann', 'age': 41}
    """

    question_type: ClassVar[str] = "extract"

    answer_template: dict[str, Any]

    def __init__(
        self,
        question_text: str,
        answer_template: Mapping[str, Any],
        question_name: str,
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        **unknown: Any,
    ) -> None:
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            answer_template=_checked_template(answer_template, f"question {question_name!r}"),
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            **unknown,
        )

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        fields = {name: kind_of(value) for name, value in self.answer_template.items()}
        lines = [_line(name, fields[name], _such_as(value)) for name, value in self.answer_template.items()]
        return Body(Record(fields), _rule(fields, lines))

    @classmethod
    def example(cls) -> QuestionExtract:
        """A question to try things with."""
        return cls(
            question_name="who",
            question_text="What are name and profession? My name is Ann, and I repair bicycles.",
            answer_template={"name": "John Doe", "profession": "Carpenter"},
        )


def _rule(fields: Mapping[str, Kind], lines: Sequence[str]) -> str:
    """How to reply, with a line for each key and the form of the whole.

    The form has dots for values, since small models copy whatever looks like an answer.
    """
    form = ", ".join(f"{_quoted(key)}: {of.form}" for key, of in fields.items())
    start = "Reply with one JSON object that has exactly these keys:"
    return "\n".join([start, *lines, f"It has the form {{{form}}}."])


def _such_as(example: Any) -> str:
    return "" if example is None else f"such as {json.dumps(example, ensure_ascii=False)}"


def _quoted(key: str) -> str:
    return json.dumps(key, ensure_ascii=False)


def _line(key: str, of: Kind, description: str) -> str:
    words = "" if of == Kind("any") else f": {of.words}"
    return f"- {_quoted(key)}{words}" + (f" ({description})" if description else "")


def _checked_keys(keys: Any, giver: str) -> list[str]:
    """The keys as a list, if they can be keys."""
    wanted = 'Such as ["name", "age"].'
    if isinstance(keys, str | Mapping) or not isinstance(keys, Sequence) or not keys:
        raise QuestionError(f"{giver} needs a list of keys", field="answer_keys", value=keys, remedy=wanted)
    found = list(cast(Sequence[Any], keys))
    for key in found:
        if not isinstance(key, str) or not key.strip():
            raise QuestionError(
                f"{giver} has a key that is no text", field="answer_keys", value=key, remedy=wanted
            )
        if found.count(key) > 1:
            raise QuestionError(
                f"{giver} has a key twice", field="answer_keys", value=key, remedy="Make the keys differ."
            )
    return found


def _listed(given: Any, field: str, count: int, giver: str) -> list[Any]:
    """One of something for each key; an empty list for none at all."""
    if given is None:
        return []
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence):
        raise QuestionError(
            f"{giver} needs a list here", field=field, value=given, remedy="Give one for each of answer_keys."
        )
    found = list(cast(Sequence[Any], given))
    if found and len(found) != count:
        raise QuestionError(
            f"{giver} has {count} keys, and {len(found)} {field}",
            field=field,
            value=found,
            remedy="Give one for each of answer_keys, or none.",
        )
    return found


def _type_name(type_: Any, giver: str) -> str:
    name = type_.__name__ if isinstance(type_, type) else str(type_)
    name = name.replace("typing.", "").strip().lower()
    if kind(name) is None:
        raise QuestionError(
            f"{giver} has a type of value that there is not",
            field="value_types",
            value=type_,
            remedy=nearest(name, NAMES),
        )
    return name


def _checked_template(given: Any, giver: str) -> dict[str, Any]:
    """The example of an answer, if it can be one."""
    problem = None
    if not isinstance(given, Mapping) or not given:
        problem = "needs an example of the answer as a dict"
    elif unkept(dict(cast(Mapping[Any, Any], given))):
        problem = f"has an example that is not JSON: {unkept(dict(cast(Mapping[Any, Any], given)))}"
    if problem:
        raise QuestionError(
            f"{giver} {problem}",
            field="answer_template",
            value=given,
            remedy='Such as {"name": "John Doe", "age": 30}.',
        )
    return dict(cast(Mapping[str, Any], given))
