"""Values drawn at random from a JSON Schema, for scripted models and dry runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random
from typing import Any, cast

#: Beneath this, only what has to be there is drawn.
_DEEP = 4

#: Beneath this, nothing more is drawn.
_DEEPEST = 12


def part_at(schema: Mapping[str, Any], target: str) -> dict[str, Any] | None:
    """The part of a schema that a reference such as ``#/$defs/Person`` names, or None."""
    if not target.startswith("#"):
        return None
    part: Any = schema
    for step in target[1:].split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(part, dict) or step not in part:
            return None
        part = cast(dict[str, Any], part)[step]
    return cast(dict[str, Any], part) if isinstance(part, dict) else None


def drawn(schema: Mapping[str, Any], random: Random) -> Any:
    """A value that most likely is valid under a schema; patterns and the like are not looked at."""
    return _drawn(schema, schema, random, 0)


def _drawn(part: Any, root: Mapping[str, Any], random: Random, depth: int) -> Any:
    if not isinstance(part, Mapping) or depth > _DEEPEST:
        return "Simulated text"
    named = cast(Mapping[str, Any], part)
    if isinstance(named.get("$ref"), str):
        return _drawn(part_at(root, named["$ref"]), root, random, depth + 1)
    if "const" in named:
        return named["const"]
    if named.get("enum"):
        return random.choice(named["enum"])
    for choices in ("anyOf", "oneOf"):
        if named.get(choices):
            options = [option for option in named[choices] if depth < _DEEP or option.get("type") == "null"]
            return _drawn(random.choice(options or named[choices]), root, random, depth + 1)
    if named.get("allOf"):
        merged = {key: value for option in named["allOf"] for key, value in _resolved(option, root).items()}
        return _drawn({**merged, **{k: v for k, v in named.items() if k != "allOf"}}, root, random, depth + 1)
    return _of_type(named, root, random, depth)


def _resolved(part: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    target = part.get("$ref") if isinstance(part, Mapping) else None
    found = part_at(root, target) if isinstance(target, str) else part
    return cast(Mapping[str, Any], found) if isinstance(found, Mapping) else {}


def _of_type(part: Mapping[str, Any], root: Mapping[str, Any], random: Random, depth: int) -> Any:
    type_ = part.get("type")
    if isinstance(type_, list):
        type_ = random.choice(cast(list[Any], type_))
    match type_:
        case "object":
            return _object(part, root, random, depth)
        case "array":
            return _array(part, root, random, depth)
        case "integer" | "number":
            return _number(part, type_ == "integer", random)
        case "boolean":
            return random.random() < 0.5
        case "null":
            return None
        case _:
            if "properties" in part or depth == 0:
                return _object(part, root, random, depth)
            return _text(part, random)


def _object(part: Mapping[str, Any], root: Mapping[str, Any], random: Random, depth: int) -> dict[str, Any]:
    properties: Mapping[str, Any] = part.get("properties") or {}
    required = part.get("required") or ()
    names = [name for name in properties if depth < _DEEP or name in required]
    names += [name for name in required if name not in properties]
    return {name: _drawn(properties.get(name, {}), root, random, depth + 1) for name in names}


def _array(part: Mapping[str, Any], root: Mapping[str, Any], random: Random, depth: int) -> list[Any]:
    first: list[Any] = list(part.get("prefixItems") or ())
    low = max(part.get("minItems", 0), 0 if depth >= _DEEP else 1, len(first))
    count = min(low, part.get("maxItems", low), 1000)
    return [
        _drawn(first[i] if i < len(first) else part.get("items", {}), root, random, depth + 1)
        for i in range(count)
    ]


def _number(part: Mapping[str, Any], whole: bool, random: Random) -> int | float:
    step: int | float = part.get("multipleOf") or (1 if whole else 0)
    low, high = _limits(part, step or 1e-6)
    if step or math.ceil(low) < math.floor(high):
        first = math.ceil(low / (step or 1))
        return (step or 1) * random.randint(first, max(first, math.floor(high / (step or 1))))
    return random.uniform(low, high)


def _limits(part: Mapping[str, Any], step: int | float) -> tuple[int | float, int | float]:
    """The smallest and the largest number, where an end that is left out is a step away."""
    low = max(part.get("minimum", -math.inf), part.get("exclusiveMinimum", -math.inf) + step)
    high = min(part.get("maximum", math.inf), part.get("exclusiveMaximum", math.inf) - step)
    if low == -math.inf:
        low = min(0, high - 100)
    return low, low + 100 if high == math.inf else high


def _text(part: Mapping[str, Any], random: Random) -> str:
    examples: dict[str, str] = {
        "date": "2030-01-31",
        "date-time": "2030-01-31T12:00:00Z",
        "time": "12:00:00",
        "email": "someone@example.org",
        "uri": "https://example.org",
        "uuid": "00000000-0000-4000-8000-000000000000",
    }
    text = examples.get(str(part.get("format")), f"Simulated text {random.randrange(10_000)}")
    low, high = part.get("minLength", 0), part.get("maxLength", len(text))
    return text.ljust(min(low, 10_000), "x")[: max(high, 0)] if high >= low else text
