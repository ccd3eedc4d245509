"""Questions of types that are not run here: loaded, shown and saved unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NoReturn

from edsl_nb.core.calls import no_such_parameter
from edsl_nb.core.code import Call
from edsl_nb.core.errors import QuestionError
from edsl_nb.core.frozen import frozen, plain
from edsl_nb.core.objects import canonical, tagged, untagged
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance

#: What EDSL takes for each of its types.
_COMMON = ("question_type", "answering_instructions", "question_presentation")


class UnsupportedQuestion(Question):
    """A question of a type that EDSL has, or a newer EDSL, and that cannot be run here.

    Its JSON is kept as it is. A job that holds one refuses to run, and names it.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked.
        fields: whatever else EDSL takes for the type.

    Class attributes:
        takes: the names of these fields; None for any.

    Example:
        >>> question = Question.from_dict({"question_type": "hologram", "question_name": "q", "depth": 3})
        >>> question.refusal
        'hologram questions can be loaded, shown and saved here, but not run'
    """

    takes: ClassVar[tuple[str, ...] | None] = None

    question_text: str = ""
    _stored: dict[str, Any]

    def __init__(self, question_name: str, question_text: str = "", **fields: Any) -> None:
        super().__init__(question_name=question_name, question_text=question_text)
        for name in fields:
            if self.takes is not None and name not in (*self.takes, *_COMMON):
                raise no_such_parameter(type(self), name, fields[name], (*self.takes, *_COMMON))
        given = {"question_name": question_name, "question_text": question_text, **fields}
        given = {key: value for key, value in given.items() if value is not None}
        self._keep(tagged({**given, "question_type": self._type(fields)}, "QuestionBase"))

    def _type(self, fields: Mapping[str, Any]) -> Any:
        return self.question_type

    def _keep(self, data: dict[str, Any]) -> None:
        self._stored = frozen(data, type(self), "fields")

    @property
    def refusal(self) -> str:  # type: ignore[override]
        """Why it cannot be run."""
        return f"{self.question_type} questions can be loaded, shown and saved here, but not run"

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """None: which of its texts are templates is not known here."""
        return iter(())

    def body(self, values: Mapping[str, Any], chance: Chance) -> NoReturn:
        raise QuestionError(
            f"question {self.question_name!r} cannot be run: {self.refusal}",
            field="question_type",
            value=self.question_type,
            remedy="Take it out of the survey.",
        )

    def to_dict(self) -> dict[str, Any]:
        """The question in EDSL's JSON, as it was read."""
        return plain(self._stored)

    def identity(self) -> str:
        """Text that is equal for equal content, whatever wrote it."""
        return canonical(untagged(dict(self._stored), "Question"))

    def arguments(self) -> dict[str, Any]:
        return untagged(self.to_dict(), "Question")

    def _facts(self) -> Iterator[tuple[str, Any]]:
        return iter(self.arguments().items())

    def as_call(self) -> Call:
        return Call(Question, (self.arguments(),), method="from_dict")

    @classmethod
    def example(cls) -> UnsupportedQuestion:
        """A question to try things with."""
        return cls(question_name=f"{cls.question_type}_example", question_text="What do you see?")


class UnknownQuestion(UnsupportedQuestion):
    """A question of a type that only a newer EDSL has. Loaded, shown and saved, but not run.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked.
        fields: whatever else it has, with its `question_type`.
    """

    def _type(self, fields: Mapping[str, Any]) -> Any:
        found = fields.get("question_type")
        if not isinstance(found, str):
            raise QuestionError(
                "the type of the question is wanted",
                field="question_type",
                value=found,
                remedy="Give EDSL's name of it, as a text.",
            )
        return found

    @property
    def question_type(self) -> str:  # type: ignore[override]  # the type is the object's
        """EDSL's name of the type."""
        return self._stored["question_type"]

    @classmethod
    def example(cls) -> UnknownQuestion:
        """A question to try things with."""
        return cls(question_name="example", question_text="What do you see?", question_type="hologram")


def kept(cls: type[UnsupportedQuestion] | None, data: Mapping[str, Any]) -> UnsupportedQuestion:
    """The question in some JSON that is kept as it is.

    Parameters:
        cls: the class for its type, if there is one.
        data: the JSON, with a `question_name`.

    Raises:
        QuestionError: its name is no name.
    """
    name, text = data.get("question_name"), data.get("question_text")
    made = (cls or UnknownQuestion)(
        question_name=name,  # pyright: ignore[reportArgumentType]  # refused where it is no text
        question_text=text if isinstance(text, str) else "",
        question_type=data["question_type"],
    )
    made._keep(dict(data))  # pyright: ignore[reportPrivateUsage]
    return made


class QuestionDemand(UnsupportedQuestion):
    """How much somebody would buy at each of some prices. Loaded, shown and saved, but not run."""

    question_type: ClassVar[str] = "demand"
    takes = ("prices", "include_comment")


class QuestionThinking(UnsupportedQuestion):
    """A question with a model of its own. Loaded, shown and saved, but not run."""

    question_type: ClassVar[str] = "thinking"
    takes = ("model", "system_prompt")


class QuestionFileUpload(UnsupportedQuestion):
    """A question for a file. Loaded, shown and saved, but not run."""

    question_type: ClassVar[str] = "file_upload"
    takes = ()


class QuestionEDSLObject(UnsupportedQuestion):
    """A question for an object of EDSL's. Loaded, shown and saved, but not run."""

    question_type: ClassVar[str] = "edsl_object"
    takes = ("expected_object_type",)


class QuestionDiagram(UnsupportedQuestion):
    """A diagram made from its text. Loaded, shown and saved, but not run."""

    question_type: ClassVar[str] = "diagram"
    takes = ("output_format", "engine")


class QuestionImageGeneration(UnsupportedQuestion):
    """A question for a picture. Loaded, shown and saved, but not run."""

    question_type: ClassVar[str] = "image_generation"


class SurveyMessage(UnsupportedQuestion):
    """A text that people read between questions. Loaded, shown and saved, but not run."""

    question_type: ClassVar[str] = "survey_message"
    takes = ()
