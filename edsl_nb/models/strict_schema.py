"""JSON Schemas in the part of the language that OpenAI's strict mode takes.

A schema with a word beyond that part is refused, and the call with it. Words
that do no more than narrow an answer are left out, since every answer is
checked here in any case. A schema that needs other words is sent as it is,
without strict mode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

#: Words that strict mode takes as they are.
_TAKEN = frozenset(
    [
        "type",
        "const",
        "title",
        "description",
        "pattern",
        "minItems",
        "maxItems",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ]
)
#: Words that can be left out.
_NARROWING = frozenset(
    [
        "required",
        "uniqueItems",
        "minLength",
        "maxLength",
        "minProperties",
        "maxProperties",
        "format",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$schema",
        "$comment",
        "$defs",
    ]
)
_FORMATS = frozenset(("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"))
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}

#: How deep a schema may be, how many options it may list, and how many characters it may have.
_DEEPEST, _MOST_OPTIONS, _LONGEST = 9, 1_000, 15_000


class Sent(NamedTuple):
    """The schema of a reply as it is sent.

    Attributes:
        schema: of an object with `answer` and, where there may be one, `comment`.
        strict: whether the service can hold the model to it.
    """

    schema: dict[str, Any]
    strict: bool


def sent_schema(answer: Mapping[str, Any], *, comment: bool) -> Sent:
    """The schema of a reply that holds an answer.

    Parameters:
        answer: JSON Schema of the answer.
        comment: whether a comment stands beside it.
    """
    strict = _Strict()
    part = strict.part(answer)
    taken = strict.possible and len(str([part, strict.definitions])) <= _LONGEST
    own = part if taken else _moved({name: value for name, value in answer.items() if name != "$defs"})
    defs = strict.definitions if taken else _moved(answer.get("$defs", {}))
    properties = {"answer": own} | ({"comment": {"type": "string"}} if comment else {})
    return Sent(_object(properties) | ({"$defs": defs} if defs else {}), taken)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


class _Strict:
    """Writes the parts of one schema for strict mode.

    Attributes:
        possible: False as soon as a part cannot be said in it.
        definitions: the parts that others refer to.
    """

    def __init__(self) -> None:
        self.possible = True
        self.definitions: dict[str, Any] = {}
        self._options = 0

    def part(self, schema: Any, depth: int = 0) -> dict[str, Any]:
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return self._impossible()
        given = cast(dict[str, Any], schema)
        for name, definition in given.get("$defs", {}).items():
            self.definitions[name] = self.part(definition, depth + 1)
        if "$ref" in given:  # nothing else may stand beside it
            return {"$ref": given["$ref"]} if given["$ref"].startswith("#/$defs/") else self._impossible()
        written: dict[str, Any] = {}
        for word, value in given.items():
            if word in _TAKEN or (word == "format" and value in _FORMATS):
                written[word] = value
            elif word == "enum":
                written |= self._listed(value)
            elif word == "anyOf":
                written[word] = [self.part(way, depth + 1) for way in value]
            elif word == "items":
                written[word] = self.part(value, depth + 1)
            elif word == "properties":
                written |= _object({name: self.part(one, depth + 1) for name, one in value.items()})
            elif word not in _NARROWING and not (word == "additionalProperties" and value is False):
                return self._impossible()
        return written if _is_whole(written) else self._impossible()

    def _listed(self, options: Sequence[Any]) -> dict[str, Any]:
        self._options += len(options)
        types = list(dict.fromkeys(_TYPES.get(type(option), "") for option in options))
        if "" in types or self._options > _MOST_OPTIONS:
            return self._impossible()
        return {"type": types[0] if len(types) == 1 else types, "enum": list(options)}

    def _impossible(self) -> dict[str, Any]:
        self.possible = False
        return {}


def _is_whole(written: Mapping[str, Any]) -> bool:
    """Whether a part says of what type it is, and what is in it."""
    needed = {"object": "properties", "array": "items"}.get(str(written.get("type")), "type")
    return "anyOf" in written or "const" in written or needed in written


def _moved(part: Any) -> Any:
    """A part with references to where an answer's parts stand in a reply."""
    if isinstance(part, list):
        return [_moved(one) for one in cast(list[Any], part)]
    if not isinstance(part, dict):
        return part
    moved = {name: _moved(value) for name, value in cast(dict[str, Any], part).items()}
    target = moved.get("$ref")
    if isinstance(target, str) and target.startswith("#") and not target.startswith("#/$defs/"):
        moved["$ref"] = "#/properties/answer" + target[1:]
    return moved
