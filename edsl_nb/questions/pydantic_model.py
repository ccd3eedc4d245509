"""The question for an object under a JSON Schema, such as that of a pydantic model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from pydantic import BaseModel
from pydantic.errors import PydanticUserError

from edsl_nb.core.errors import QuestionError
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Validated
from edsl_nb.questions.reading.validated import problem_of


class QuestionPydantic(Question):
    """A question that is answered by an object under a JSON Schema.

    The answer is a dict as it was given, valid under the schema: values are not
    converted. The schema is all that is kept of a pydantic model; validators
    that it does not show are not run.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: what is asked; a template.
        pydantic_model: a class derived from `pydantic.BaseModel`, whose schema is taken.
        pydantic_model_schema: the JSON Schema itself (draft 2020-12). It describes an
            object and refers to nothing but its own parts.
        answering_instructions: replaces what is said about the form of the reply; a template.
        question_presentation: replaces the question's text; a template with `question_text`.

    Raises:
        QuestionError: neither or both are given, or it is no such schema.

    Example:
        >>> schema = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
        >>> question = QuestionPydantic("q", "How old is Ann, who is 41?", pydantic_model_schema=schema)
        >>> question.validate('{"age": 41}').answer
        {'age': 41}
        >>> question.validate('{"age": "41"}').reason
        "'41' is not of type 'integer' (at ['age'])"
    """

    question_type: ClassVar[str] = "pydantic"

    pydantic_model_schema: dict[str, Any]

    def __init__(
        self,
        question_name: str,
        question_text: str,
        pydantic_model: type[BaseModel] | None = None,
        pydantic_model_schema: Mapping[str, Any] | None = None,
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        **unknown: Any,
    ) -> None:
        giver = f"question {question_name!r}"
        schema = _schema(pydantic_model, pydantic_model_schema, giver)
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            pydantic_model_schema=schema,
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            **unknown,
        )

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        shown = json.dumps(_plainer(self.pydantic_model_schema), ensure_ascii=False)
        rule = (
            "Reply with one JSON object and nothing else: the data that are asked for, "
            f"in the form that this JSON Schema describes.\n{shown}"
        )
        return Body(Validated(self.pydantic_model_schema), rule)

    @classmethod
    def example(cls) -> QuestionPydantic:
        """A question to try things with."""
        schema = {
            "type": "object",
            "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
            "required": ["name", "age"],
            "additionalProperties": False,
        }
        text = "Who is this? Ann is 41 and repairs bicycles."
        return cls("who", text, pydantic_model_schema=schema)


def _schema(model: Any, schema: Any, giver: str) -> dict[str, Any]:
    """The schema of whichever is given, if answers can be held to it."""
    if (model is None) == (schema is None):
        raise QuestionError(
            f"{giver} needs either a pydantic model or a JSON Schema",
            field="pydantic_model",
            value=model,
            remedy="Pass pydantic_model or pydantic_model_schema.",
        )
    field, value = ("pydantic_model", model) if schema is None else ("pydantic_model_schema", schema)
    found = _schema_of(model, giver) if schema is None else schema
    plain = dict(cast(Mapping[str, Any], found)) if isinstance(found, Mapping) else found
    problem = problem_of(plain)
    if problem:
        raise QuestionError(
            f"{giver}: {problem}",
            field=field,
            value=value,
            remedy="Pass a class derived from pydantic.BaseModel, or the JSON Schema of an object.",
        )
    return plain


def _schema_of(model: Any, giver: str) -> Any:
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise QuestionError(
            f"{giver} needs a class derived from pydantic.BaseModel",
            field="pydantic_model",
            value=model,
            remedy="Pass the class itself, not an object of it.",
        )
    try:
        return model.model_json_schema()
    except PydanticUserError as wrong:
        raise QuestionError(
            f"{giver}: the model has no JSON Schema: {wrong.message.splitlines()[0]}",
            field="pydantic_model",
            value=model,
            remedy="Use field types that JSON knows.",
        ) from None


def _plainer(part: Any) -> Any:
    """A schema without the titles that pydantic gives everything, which tell a model nothing."""
    if isinstance(part, list):
        return [_plainer(item) for item in cast(list[Any], part)]
    if not isinstance(part, dict):
        return part
    named = cast(dict[str, Any], part)
    return {
        key: _plainer(value) for key, value in named.items() if key != "title" or not isinstance(value, str)
    }
