"""What every question knows: how it asks, how a reply becomes an answer, and the answer's JSON Schema."""

from __future__ import annotations

import keyword
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from pydantic import Field

from edsl_nb.core import late
from edsl_nb.core.errors import EdslNbError, QuestionError, TemplateError, nearest
from edsl_nb.core.objects import DomainObject, tagged, untagged
from edsl_nb.core.templates import Reference, template
from edsl_nb.questions.reading import Reading

#: Endings that EDSL's result columns use for themselves.
_RESERVED_ENDINGS = ("_comment", "_generated_tokens")

#: Fields of EDSL's JSON that change what the model is asked or may reply.
_UNREAD = ("answering_instructions", "enumeration", "permissive", "question_presentation", "use_code")

#: type name -> class, filled by the classes themselves.
_types: dict[str, type[Question]] = {}


class Pending(str):
    """A text that stands for an answer which is not known yet, as when prompts are inspected."""


@dataclass(slots=True)
class Presented:
    """A question as one respondent sees it: placeholders filled, ready to be sent.

    Parameters:
        text: the question's text.
        options: its options in the order shown, or None.
        prompt: all that the model is sent as the user's turn.
        schema: JSON Schema of the answer, or None where anything goes.
    """

    text: str
    options: tuple[Any, ...] | None
    prompt: str
    schema: Mapping[str, Any] | None


class Question(DomainObject):
    """Base of all questions.

    Parameters:
        question_name: an identifier, unique in its survey; names the answer's column.
        question_text: what is asked; a template.

    Raises:
        QuestionError: a field is not as it has to be.
    """

    error: ClassVar[type[EdslNbError]] = QuestionError
    change: ClassVar[str] = "Make a new question with the value you want."
    question_type: ClassVar[str]

    question_name: str
    question_text: str = Field(min_length=1)

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)
        _check_name(self.question_name)
        for field, text in self.texts:
            try:
                template(text)
            except TemplateError as wrong:
                raise QuestionError(
                    f"question {self.question_name!r}: {wrong.problem}",
                    field=field,
                    value=text,
                    remedy=wrong.remedy,
                ) from None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        name = cls.__dict__.get("question_type")
        if name is not None:
            _types[name] = cls

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Every text of the question that may hold placeholders, after the name of its field."""
        return (("question_text", self.question_text),)

    @cached_property
    def references(self) -> frozenset[Reference]:
        """All placeholders of the question."""
        return frozenset(found for _, text in self.texts for found in template(text).references)

    @property
    def may_comment(self) -> bool:
        """Whether the model is asked for a comment after its answer."""
        return False

    def present(self, scope: Mapping[str, Any]) -> Presented:
        """The question as it is put to one respondent.

        Parameters:
            scope: the values that placeholders stand for.

        Raises:
            TemplateError: a placeholder has no value.
            QuestionError: options that placeholders stand for are no options.
        """
        text = template(self.question_text).render(scope)
        return Presented(text, None, text, None)

    @abstractmethod
    def read(self, reply: str, presented: Presented) -> Reading:
        """The answer that a reply holds."""

    def by(self, *objects: Any) -> Any:
        """A job that puts this question to agents, about scenarios, with models.

        Parameters:
            objects: agents, scenarios, models, or lists of them, in any order.

        Returns:
            A `Jobs`.
        """
        return late.call("by", self, *objects)

    def to_dict(self) -> dict[str, Any]:
        """The question in EDSL's JSON."""
        data = {**self._extras, **self._fields_to_dict(), "question_type": self.question_type}
        return tagged(data, "QuestionBase")

    def _fields_to_dict(self) -> dict[str, Any]:
        return {"question_name": self.question_name, "question_text": self.question_text}

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Question:
        """The question that `to_dict` wrote, here or in EDSL.

        Raises:
            QuestionError: the type is not known, or a field would change what is asked and is not known.
        """
        fields = untagged(data, "Question")
        name = fields.pop("question_type", None)
        cls = _types.get(str(name))
        if cls is None:
            raise QuestionError(
                "there is no such question type",
                field="question_type",
                value=name,
                remedy=nearest(str(name), _types),
            )
        for key in _UNREAD:
            if fields.get(key) not in (None, False, "none"):
                raise QuestionError(
                    "this changes what is asked, and cannot be read",
                    field=key,
                    value=fields[key],
                    remedy="Leave it out of the question before saving it.",
                )
        for key, info in cls.model_fields.items():
            if info.is_required() and key not in fields:
                raise QuestionError(
                    f"the JSON of a {name} question needs this", field=key, remedy="Pass what to_dict() gave."
                )
        known = {key: fields.pop(key) for key in tuple(fields) if key in cls.model_fields}
        made = cls(**known)
        made._extras = fields
        return made

    def __repr__(self) -> str:
        fields = ((k, getattr(self, k), f) for k, f in type(self).model_fields.items())
        shown = ", ".join(f"{k}={v!r}" for k, v, f in fields if f.is_required() or v != f.default)
        return f"{type(self).__name__}({shown})"

    __str__ = __repr__


def _check_name(name: str) -> None:
    remedy = "Use letters, digits and underscores, such as 'favorite_color'."
    if not name.isidentifier() or keyword.iskeyword(name):
        raise QuestionError(
            "a name has to be an identifier", field="question_name", value=name, remedy=remedy
        )
    for ending in _RESERVED_ENDINGS:
        if name.endswith(ending):
            raise QuestionError(
                f"a name cannot end in {ending!r}, which names a result column",
                field="question_name",
                value=name,
                remedy="Choose another name.",
            )
    if name in ("agent", "scenario"):
        raise QuestionError(
            f"{name!r} names the {name} in templates",
            field="question_name",
            value=name,
            remedy="Choose another name.",
        )
