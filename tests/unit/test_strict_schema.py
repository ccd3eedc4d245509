"""What services in strict mode are sent keeps to the words that they take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field

from edsl_nb import QuestionDict, QuestionPydantic
from edsl_nb.core.schema import Schema
from edsl_nb.models.strict_schema import sent_schema
from edsl_nb.questions.reading import AnswerSpace
from tests.unit.prompt_cases import CASES

SPACES = {
    f"{kind}, {name}": space
    for kind, cases in CASES.items()
    for name, question in cases.items()
    if (space := question.fixed_space) is not None and space.reply_schema is not None
}
TAKEN = {
    "type", "enum", "anyOf", "items", "properties", "required", "additionalProperties", "pattern", "title",
    "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "$ref", "$defs",
    "description",
}  # fmt: skip


class Street(BaseModel):
    name: str = Field(max_length=40)
    number: int = 1


class House(BaseModel):
    street: Street = Field(description="Where it is")
    rooms: list[str]
    colour: str | None = None


def parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and the schemas in it."""
    yield schema
    within = [*schema.get("anyOf", ()), *schema.get("properties", {}).values()]
    within += [*schema.get("$defs", {}).values(), *([schema["items"]] if "items" in schema else [])]
    for part in within:
        yield from parts(part)


def assert_strict(schema: dict[str, Any]) -> None:
    for part in parts(schema):
        assert set(part) <= TAKEN
        assert "type" in part or "anyOf" in part or list(part) == ["$ref"]
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_what_questions_ask_for_is_said_in_words_that_are_taken(space: AnswerSpace) -> None:
    from random import Random

    schema, strict = sent_schema(space.reply_schema or {}, comment=True)
    Draft202012Validator.check_schema(schema)
    if strict:
        assert_strict(schema)
    written = space.write(space.draw(Random(1)))
    assert space.read(written).how == "exact"


def test_lists_of_different_items_are_held_to_what_can_be_said() -> None:
    answer = Schema({"type": "array", "items": {"enum": ["a", 1]}, "uniqueItems": True, "maxItems": 2})
    schema, strict = sent_schema(answer, comment=False)
    assert strict
    assert schema["properties"] == {
        "answer": {"type": "array", "items": {"type": ["string", "integer"], "enum": ["a", 1]}, "maxItems": 2}
    }


def test_parts_that_others_refer_to_are_found_where_they_stand_in_the_reply() -> None:
    question = QuestionPydantic("q", "Describe it.", House)
    space = question.present({}).space
    schema, strict = sent_schema(space.reply_schema or {}, comment=False)
    assert strict
    assert_strict(schema)
    house = {"street": {"name": "Elm", "number": 1}, "rooms": ["attic"], "colour": None}
    assert Draft202012Validator(schema).is_valid({"answer": house})
    assert not Draft202012Validator(schema).is_valid({"answer": {**house, "street": {"name": 1}}})
    assert space.read('{"street": {"name": "Elm", "number": 1}, "rooms": ["attic"]}').how == "exact"


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "array"},
        {"type": "object"},
        {"type": "object", "properties": {"a": {}}},
        {"type": "object", "properties": {}, "additionalProperties": {"type": "string"}},
        {"oneOf": [{"type": "string"}, {"type": "number"}]},
        {"type": "object", "properties": {"a": {"type": "string"}, "b": {"$ref": "#/properties/a"}}},
        {"enum": list(range(1_001))},
        {"enum": [["a"], "b"]},
    ],
)
def test_what_cannot_be_said_strictly_is_sent_as_it_is(answer: dict[str, Any]) -> None:
    schema, strict = sent_schema(answer, comment=False)
    assert not strict
    if "b" in answer.get("properties", {}):
        assert Draft202012Validator(schema).is_valid({"answer": {"a": "x", "b": "y"}})
        assert not Draft202012Validator(schema).is_valid({"answer": {"a": "x", "b": 1}})
    else:
        assert schema["properties"]["answer"] == answer


def test_any_depth_is_survived() -> None:
    answer: dict[str, Any] = {"type": "string"}
    for _ in range(60):
        answer = {"type": "array", "items": answer}
    assert not sent_schema(answer, comment=False).strict


def test_kinds_of_values_are_said() -> None:
    question = QuestionDict("q", "Who?", ["name", "tags"], value_types=["str", "list"])
    schema, strict = sent_schema(question.present({}).space.reply_schema or {}, comment=False)
    assert not strict
    assert schema["properties"]["answer"]["properties"]["name"] == {"type": "string"}
