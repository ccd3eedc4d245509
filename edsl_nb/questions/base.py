"""What every question knows: how it asks, which answers it allows, and how it is written in EDSL's JSON."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Generator, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import Field

from edsl_nb.core.calls import CheckedModel
from edsl_nb.core.code import briefly
from edsl_nb.core.errors import EdslNbError, QuestionError, TemplateError, nearest
from edsl_nb.core.objects import DomainObject, tagged, untagged
from edsl_nb.core.templates import Reference, template
from edsl_nb.questions.chance import NONE, Chance
from edsl_nb.questions.combining import Combining
from edsl_nb.questions.naming import check_name
from edsl_nb.questions.presented import Ask, Body, Presented, Turns, again, filled
from edsl_nb.questions.reading import AnswerSpace, Reading

_COMMENT = "You may add one sentence on why, on a new line after it."

#: type name -> class, filled by the classes themselves.
_types: dict[str, type[Question]] = {}


class _QuestionType(CheckedModel):
    """Lets ``Question("free_text", ...)`` make a question of a type, as in EDSL."""

    if not TYPE_CHECKING:  # editors look at `__init__` instead

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            if cls is not Question:
                _check_is_text(cls, args, kwargs)
                return super().__call__(*args, **kwargs)
            if args:
                return Question.of_type(*args, **kwargs)
            return Question.of_type(kwargs.pop("question_type", None), **kwargs)


def _check_is_text(cls: type[Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Raise unless the question's name is a text: it names the question in what else may be wrong."""
    given = dict(zip(cls.__signature__.parameters, args, strict=False)) if args else kwargs
    name = given.get("question_name", "")
    if not isinstance(name, str):
        raise QuestionError(
            "a text is wanted", field="question_name", value=name, remedy="Such as question_name='color'."
        )


class Question(Combining, DomainObject, metaclass=_QuestionType):
    """Base of all questions; ``Question("multiple_choice", question_name=..., ...)`` makes one by its type.

    A subclass says in `body` what its question shows beneath the text, how to
    reply, and which answers there are. Everything else is here.

    Parameters:
        question_name: an identifier, unique in its survey; names the answer's column.
        question_text: what is asked; a template.
        answering_instructions: replaces what is said about the form of the reply,
            the wish for a comment included; a template.
        question_presentation: replaces the text and what is shown beneath it; a
            template with `question_text`, `question_options` and `question_name`.

    Class attributes:
        question_type: EDSL's name of the type.
        templated: fields besides the text in which placeholders are filled.
        written: fields that EDSL's JSON has even where they are at their defaults.
        computed: whether it is answered by `compute`, without a model.
        refusal: why questions of this type cannot be run, or None.

    Raises:
        QuestionError: a field is not as it has to be.
    """

    error: ClassVar[type[EdslNbError]] = QuestionError
    change: ClassVar[str] = (
        "Make a new question with the value you want: question.model_copy(update={'question_text': '...'})."
    )
    variable: ClassVar[str] = "question"
    saved_as: ClassVar[str] = "QuestionBase"
    header_keys: ClassVar[tuple[str, ...]] = ("question_type",)
    question_type: ClassVar[str]
    templated: ClassVar[tuple[str, ...]] = ()
    written: ClassVar[tuple[str, ...]] = ()
    computed: ClassVar[bool] = False
    refusal: ClassVar[str | None] = None

    question_name: str
    question_text: str = Field(min_length=1)
    answering_instructions: str | None = None
    question_presentation: str | None = None

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)
        check_name(self.question_name)
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
        if isinstance(name, str):
            _types[name] = cls

    # Asking

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text of the question that may hold placeholders, after the name of its field."""
        for field in ("question_text", *self.templated, "question_presentation", "answering_instructions"):
            for text in _texts(getattr(self, field)):
                yield field, text

    @cached_property
    def references(self) -> frozenset[Reference]:
        """All placeholders of the question."""
        own = {
            "question_presentation": {"question_text", "question_options", "question_items", "question_name"}
        }
        return frozenset(
            found
            for field, text in self.texts
            for found in template(text).references
            if found.root not in own.get(field, ())
        )

    @cached_property
    def may_comment(self) -> bool:
        """Whether the model is asked for a comment after its answer."""
        return bool(getattr(self, "include_comment", False)) and self.answering_instructions is None

    @property
    def uses_chance(self) -> bool:
        """Whether the question itself makes random choices."""
        return False

    @abstractmethod
    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        """What is shown beneath the text, how to reply, and which answers there are.

        Parameters:
            values: the `templated` fields with placeholders filled. Where they
                stand for answers that are not known yet, they hold `Pending` texts.
            chance: for random choices; `chance.order(options)` gives the options as they are shown.

        Raises:
            QuestionError: filled placeholders make no valid question.
        """

    @cached_property
    def _body_is_fixed(self) -> bool:
        texts = (text for field in self.templated for text in _texts(getattr(self, field)))
        return not self.uses_chance and all(template(text).constant for text in texts)

    @cached_property
    def _fixed_body(self) -> Body:
        return self.body({field: getattr(self, field) for field in self.templated}, NONE)

    @property
    def fixed_space(self) -> AnswerSpace | None:
        """The answers that it allows, where it is put to a model and these are the same for everybody."""
        if self.computed or self.refusal or not self._body_is_fixed:
            return None
        return self._fixed_body.space

    @cached_property
    def is_constant(self) -> bool:
        """Whether everybody is asked the same, unless a survey shuffles the options."""
        return not self.references and not self.uses_chance

    def present(self, scope: Mapping[str, Any], chance: Chance = NONE) -> Presented:
        """The question as it is put to one respondent.

        Parameters:
            scope: the values that placeholders stand for.
            chance: the respondent's random choices.

        Raises:
            TemplateError: a placeholder has no value.
            QuestionError: what placeholders stand for makes no valid question.
        """
        text = template(self.question_text).render(scope)
        if self._body_is_fixed and not chance.shuffle:
            body = self._fixed_body
        else:
            values = {field: filled(getattr(self, field), scope) for field in self.templated}
            body = self.body(values, chance)
        parts = (self._presentation(text, body, scope), self._instructions(body, scope))
        prompt = "\n\n".join(filter(None, parts))
        return Presented(text, body.options, prompt, body.space, body.items)

    def _presentation(self, text: str, body: Body, scope: Mapping[str, Any]) -> str:
        if self.question_presentation is None:
            return f"{text}\n\n{body.block}" if body.block else text
        named = {
            "question_text": text,
            "question_options": list(body.options or ()),
            "question_items": list(body.items or ()),
            "question_name": self.question_name,
        }
        return template(self.question_presentation).render({**scope, **named})

    def _instructions(self, body: Body, scope: Mapping[str, Any]) -> str:
        if self.answering_instructions is not None:
            return template(self.answering_instructions).render(scope)
        return f"{body.rule} {_COMMENT}" if self.may_comment else body.rule

    @property
    def most_calls(self) -> int:
        """How many calls of a model the question takes at most."""
        return 0 if self.computed else 1

    def conversation(self, presented: Presented, reask: int = 0) -> Generator[Ask, str, Reading]:
        """The calls that the question takes: yields each, is sent its reply, and returns the answer read.

        Parameters:
            presented: the question as the respondent sees it.
            reask: how often the respondent is told what is wrong with an invalid answer, and asked again.
        """
        turns: Turns = (("user", presented.prompt),)
        reasks = 0
        while True:
            reply = yield Ask(turns, space=presented.space, comment=self.may_comment, reasks=reasks)
            reading = presented.space.read(reply)
            if reading.how != "invalid" or reasks == reask:
                return reading
            reasks, turns = reasks + 1, (*turns, *again(reply, reading))

    def compute(self, scope: Mapping[str, Any], chance: Chance) -> Reading | Awaitable[Reading]:
        """The answer of a `computed` question. May run a user's function, so it belongs in a worker thread.

        Where that is a coroutine function, the answer has to be awaited.

        Parameters:
            scope: the values of placeholders, with `scenario` and `agent`.
            chance: the respondent's random choices.

        Raises:
            QuestionError: the question is put to a model.
        """
        raise QuestionError(
            f"a {self.question_type} question is not computed",
            field="question_name",
            value=self.question_name,
            remedy="Put it to a model: question.by(Model(...)).run().",
        )

    def validate(self, answer: Any) -> Reading:  # type: ignore[override]  # pydantic's, deprecated
        """How an answer is read: the same way as a model's reply.

        Parameters:
            answer: a text as a model or a person would give it, or a Python
                value, or ``{"answer": ..., "comment": ...}`` of these.

        Returns:
            A `Reading`: `how` is ``exact``, ``repaired`` or ``invalid``.

        Raises:
            TemplateError: the question has placeholders, which need a scenario or an agent.

        Example:
            >>> from edsl_nb import QuestionYesNo
            >>> QuestionYesNo(question_name="q", question_text="Tea?").validate("**yes**").answer
            'Yes'
        """
        space = self.present({}).space
        comment = None
        if isinstance(answer, dict) and "answer" in answer and answer.keys() <= _WRAPPER:
            comment, answer = answer.get("comment"), answer["answer"]
        reading = space.read(answer) if isinstance(answer, str) else space.check(answer)
        return reading._replace(comment=comment) if comment else reading

    # EDSL's JSON

    @staticmethod
    def of_type(question_type: str, /, *args: Any, **fields: Any) -> Question:
        """A question of a type, given by its name.

        Raises:
            QuestionError: there is no such type.
        """
        cls = _types.get(question_type) if isinstance(question_type, str) else None
        if cls is None:
            raise QuestionError(
                "there is no such question type",
                field="question_type",
                value=question_type,
                remedy=nearest(question_type, _types),
            )
        return cls(*args, **fields)

    @staticmethod
    def available() -> list[str]:
        """The names of all question types that can be run."""
        from edsl_nb.questions.unsupported import UnsupportedQuestion

        return sorted(name for name, cls in _types.items() if not issubclass(cls, UnsupportedQuestion))

    def to_dict(self) -> dict[str, Any]:
        """The question in EDSL's JSON."""
        data = {**self._extras, **self._fields_to_dict(), "question_type": self.question_type}
        return tagged(data, "QuestionBase")

    def _fields_to_dict(self) -> dict[str, Any]:
        return {
            key: getattr(self, key)
            for key, info in type(self).model_fields.items()
            if key in self.written or info.is_required() or getattr(self, key) != info.default
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Question:
        """The question that `to_dict` wrote, here or in EDSL.

        A question of a type that is not run here is kept as it is.

        Raises:
            QuestionError: a field is missing or not as it has to be.
        """
        from edsl_nb.questions.unsupported import UnsupportedQuestion, kept

        fields = untagged(data, "Question")
        name = fields.pop("question_type", None)
        if not isinstance(name, str):
            raise QuestionError(
                "the JSON of a question needs a type, as a text",
                field="question_type",
                value=name,
                remedy="Pass what to_dict() gave.",
            )
        cls = _types.get(name)
        if cls is None or issubclass(cls, UnsupportedQuestion):
            return kept(cls, data)
        for key, info in cls.model_fields.items():
            if info.is_required() and key not in fields:
                raise QuestionError(
                    f"the JSON of a {name} question needs this", field=key, remedy="Pass what to_dict() gave."
                )
        known = {key: fields.pop(key) for key in tuple(fields) if key in cls.model_fields}
        return cls._of_stored(known, fields)

    def _facts(self) -> Iterator[tuple[str, Any]]:
        return ((name, value) for name, value in self._fields_to_dict().items() if value is not None)

    def in_short(self) -> str:
        options: Any = getattr(self, "question_options", None)
        shown = ", ".join(map(str, options)) if isinstance(options, list) else str(options or "")
        after = f" ({briefly(shown)})" if shown else ""
        return f'{type(self).__name__} {self.question_name}: "{briefly(self.question_text)}"{after}'


#: The names in an answer that comes with a comment, as EDSL writes it.
_WRAPPER = {"answer", "comment", "generated_tokens"}


def _texts(value: Any) -> Iterator[str]:
    """The texts in a field: itself, or those in its lists and dicts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in cast(list[Any], value):
            yield from _texts(item)
    elif isinstance(value, dict):
        for item in cast(dict[Any, Any], value).values():
            yield from _texts(item)
