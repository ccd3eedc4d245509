"""Patterns of other people's JSON Schemas, matched with replies in bounded time.

Python's own engine can take for ever on thirty characters. Here is the one of
pydantic, which takes a time in proportion to the text, and therefore knows no
look-around and no back-references.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydantic_core import SchemaError, SchemaValidator, core_schema


@lru_cache(maxsize=256)
def _engine(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern without a `problem_of` it occurs in a text."""
    return _engine(pattern).isinstance_python(text)


def problem_of(pattern: str) -> str | None:
    """Why a pattern cannot be matched here, or None."""
    try:
        _engine(pattern)
    except SchemaError as wrong:
        return str(wrong).rstrip().rpartition("\n")[2].strip().removeprefix("error: ")
    return None


def keywords() -> dict[str, Callable[..., Iterator[Any]]]:
    """The keywords of JSON Schema that match patterns, as `jsonschema` wants them."""
    return {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
    }


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    if isinstance(instance, str) and not matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, by_pattern: Mapping[str, Any], instance: Any, schema: Any
) -> Iterator[Any]:
    if isinstance(instance, dict):
        for pattern, part in by_pattern.items():
            for name, value in instance.items():
                if matches(pattern, name):
                    yield from validator.descend(value, part, path=name, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    if not isinstance(instance, dict):
        return
    named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    further = [name for name in instance if name not in named and not any(matches(p, name) for p in patterns)]
    if isinstance(allowed, dict):
        for name in further:
            yield from validator.descend(instance[name], allowed, path=name)
    elif allowed is False and further:
        yield ValidationError(f"{', '.join(map(repr, further))} was not asked for")
