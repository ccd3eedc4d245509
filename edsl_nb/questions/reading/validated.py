"""Answers that are objects under a JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from random import Random
from typing import Any, cast

from edsl_nb.questions.reading import patterns
from edsl_nb.questions.reading.base import AnswerSpace, Reading, a_kind
from edsl_nb.questions.reading.forms import shorten
from edsl_nb.questions.reading.items import unkept
from edsl_nb.questions.reading.literals import literals, settle, too_long
from edsl_nb.questions.reading.schema_draw import drawn, part_at

#: A schema is tried out as often as this to find an answer at random.
_MOST_DRAWS = 20


def problem_of(schema: Any) -> str | None:
    """Why something is no JSON Schema that answers can be held to, or None.

    A schema describes an object, and refers to nothing but its own parts, so
    that looking at an answer loads nothing and comes to an end.
    """
    if not isinstance(schema, dict):
        return "a JSON Schema (a dict) is wanted"
    named = cast(dict[str, Any], schema)
    if unkept(named):
        return f"a JSON Schema is JSON: {unkept(named)}"
    if named.get("type", "object") != "object":
        return f"the schema describes no object, but {shorten(repr(named['type']))}"
    return _problem_of_form(named) or next(_problems_of_parts(named), None)


def _problem_of_form(schema: dict[str, Any]) -> str | None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as wrong:
        return f"no valid JSON Schema: {shorten(wrong.message)}"
    return None


def _problems_of_parts(schema: dict[str, Any]) -> Iterator[str]:
    """What is wrong with references and patterns."""
    parts: list[Any] = [schema]
    keys: set[str] = set()
    while parts:
        part = parts.pop()
        if isinstance(part, list):
            parts += cast(list[Any], part)
        elif isinstance(part, dict):
            named = cast(dict[str, Any], part)
            keys.update(named)
            parts += named.values()
            for key in ("$ref", "$dynamicRef"):
                target = named.get(key)
                if isinstance(target, str) and not _leads_on(schema, target):
                    yield f"the schema refers to {shorten(target)!r}, which is not a part of it"
            for pattern in _patterns(named):
                problem = patterns.problem_of(pattern)
                if problem:
                    yield f"the pattern {shorten(pattern)!r} cannot be matched in bounded time: {problem}"
    if {"unevaluatedProperties", "patternProperties"} <= keys:
        yield "unevaluatedProperties together with patternProperties cannot be checked"


def _patterns(part: dict[str, Any]) -> Iterator[str]:
    """The patterns of one part of a schema."""
    alone, by_pattern = part.get("pattern"), part.get("patternProperties")
    if isinstance(alone, str):
        yield alone
    if isinstance(by_pattern, dict):
        yield from cast(dict[str, Any], by_pattern)


def _without_dialect(part: Any) -> Any:
    """A schema that names no dialect, for which the library would take a class of its own."""
    if isinstance(part, list):
        return [_without_dialect(item) for item in cast(list[Any], part)]
    if not isinstance(part, dict):
        return part
    named = cast(dict[str, Any], part)
    return {
        key: _without_dialect(value)
        for key, value in named.items()
        if key != "$schema" or not isinstance(value, str)
    }


def _leads_on(schema: dict[str, Any], target: str) -> bool:
    """Whether a reference leads to a part of the schema, and not round in a circle."""
    seen: set[str] = set()
    while target not in seen:
        seen.add(target)
        found = part_at(schema, target)
        if found is None:
            return False
        following = found.get("$ref")
        if not isinstance(following, str):
            return True
        target = following
    return False


class Validated(AnswerSpace):
    """An object that is valid under a JSON Schema.

    Parameters:
        schema: the schema, without a `problem_of` it.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = dict(schema)

    @property
    def schema(self) -> Mapping[str, Any] | None:
        return self._schema

    @cached_property
    def _validator(self) -> Any:
        from jsonschema import Draft202012Validator
        from jsonschema.validators import extend
        from referencing import Registry

        bounded: Any = extend(Draft202012Validator, patterns.keywords())
        return bounded(_without_dialect(self._schema), registry=Registry())

    def read(self, reply: str) -> Reading:
        long = too_long(reply)
        if long:
            return long
        text = reply.strip()
        if not text:
            return Reading("invalid", reason="the reply is empty")
        readings = (
            self._judged(value, comment, rule)
            for value, comment, rule in literals(text)
            if isinstance(value, dict)
        )
        return settle(readings, "the reply holds no complete JSON object")

    def _judged(self, value: Any, comment: str | None = None, rule: str = "") -> Reading:
        problem = self._problem(value)
        if problem:
            return Reading("invalid", reason=problem)
        return Reading("repaired", value, comment, rule) if rule else Reading("exact", value, comment)

    def _problem(self, value: Any) -> str | None:
        try:
            wrong: Any = next(self._validator.iter_errors(value), None)
        except RecursionError:
            return "the schema goes round in circles on this answer"
        if wrong is None:
            return None
        place = "".join(f"[{step!r}]" for step in wrong.absolute_path)
        return shorten(str(wrong.message)) + (f" (at {shorten(place)})" if place else "")

    def check(self, value: Any) -> Reading:
        if not isinstance(value, dict):
            return Reading("invalid", reason=f"an object is wanted, not {a_kind(value)}")
        problem = unkept(cast(Any, value))
        return Reading("invalid", reason=problem) if problem else self._judged(value)

    def draw(self, random: Random) -> Any:
        """An answer drawn at random; under a schema with patterns it may not be valid."""
        found: Any = {}
        for _ in range(_MOST_DRAWS):
            found = drawn(self._schema, random)
            if self._problem(found) is None:
                return found
        return found

    def write(self, answer: Any) -> str:
        return json.dumps(answer, ensure_ascii=False)
