"""What the JSON of rows says of a question, as text: a section for many rows, then the next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isfinite
from typing import Any

from edsl_nb.core.frozen import plain
from edsl_nb.core.json_text import json_value
from edsl_nb.questions import Question
from edsl_nb.results.interviews import Rows
from edsl_nb.results.packing import packed
from edsl_nb.results.records import NOTHING, Seldom

#: Where EDSL's JSON holds what only edsl_nb knows, of a row and of all results; EDSL passes over it.
OURS = "edsl_nb"

#: Sections of a row with something on each question that was asked, in order; the last is within `OURS`.
SECTIONS = (
    "answer", "prompt", "raw_model_response", "question_to_attributes", "generated_tokens", "comments_dict",
    "reasoning_summaries_dict", "cache_used_dict", "cache_keys", "validated_dict", "cells",
)  # fmt: skip

#: What is said of a model's response, after the name of the question.
_RESPONSE = (
    "raw_model_response", "input_tokens", "output_tokens", "thinking_tokens",
    "input_price_per_million_tokens", "output_price_per_million_tokens", "cost", "one_usd_buys",
)  # fmt: skip

#: What few cells have of that which EDSL's JSON has no place for.
_SELDOM = ("rule", "reason", "error", "reasks")

#: USD for a million tokens in and out.
_Price = tuple[float | None, float | None]

_encoded = json.JSONEncoder().encode


def text(value: Any) -> str:
    """A value as JSON text, as `json.dumps` gives it, which is slow with what is no text."""
    kind = type(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int or (kind is float and isfinite(value)):
        return repr(value)
    return _encoded(value)


def jsonable(value: Any) -> Any:
    """A value that JSON can write: what it cannot hold becomes text."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {_name(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    return str(value)


def _name(key: Any) -> Any:
    return key if key is None or isinstance(key, str | int | float | bool) else str(key)


class Asked:
    """A question, and what the JSON of rows says of it.

    Parameters:
        question: the question.
        place: its position in the survey.
    """

    def __init__(self, question: Question, place: int) -> None:
        self._name, self._place = question.question_name, place
        self._about = {"question_text": question.question_text, "question_type": question.question_type}
        self._options, self._items = (
            plain(getattr(question, f"question_{shown}", None)) for shown in ("options", "items")
        )
        self._has_items = hasattr(question, "question_items")

    def sections(self, rows: Rows, prices: Sequence[_Price]) -> dict[str, Sequence[str]]:
        """By section, what it says of the question in each row; empty where it says nothing.

        Parameters:
            rows: the rows.
            prices: those of their models.
        """
        states, comments = self._of(rows, "state"), self._of(rows, "comment")
        read = [state in ("answered", "invalid") for state in states]
        comment, summary, validated = map(self._key, ("_comment", "_reasoning_summary", "_validated"))
        return {
            "answer": self._answers(rows),
            "prompt": self._prompts(rows),
            "raw_model_response": self._responses(rows, prices),
            "question_to_attributes": self._attributes(rows),
            "generated_tokens": self._each(rows, "text", "_generated_tokens"),
            "comments_dict": [
                comment + text(said) if was else "" for was, said in zip(read, comments, strict=True)
            ],
            "reasoning_summaries_dict": [f"{summary}null" if was else "" for was in read],
            "cache_used_dict": self._each(rows, "cached"),
            "cache_keys": self._each(rows, "key"),
            "validated_dict": [
                validated + text(state == "answered") if was else ""
                for was, state in zip(read, states, strict=True)
            ],
            "cells": self._beside(rows),
        }

    def _of(self, rows: Rows, field: str) -> list[Any]:
        return rows.field(self._place, field)

    def _key(self, ending: str = "") -> str:
        """A name as the key of a JSON object."""
        return f"{text(self._name + ending)}: "

    def _each(self, rows: Rows, field: str, ending: str = "") -> list[str]:
        """A field, of each row that has it."""
        key = self._key(ending)
        return ["" if value is None else key + text(value) for value in self._of(rows, field)]

    def _answers(self, rows: Rows) -> list[str]:
        key = self._key()
        return [key + text(jsonable(answer)) for answer in self._of(rows, "answer")]

    def _prompts(self, rows: Rows) -> list[str]:
        user, system = self._key("_user_prompt"), self._key("_system_prompt")
        shared = lru_cache(1_000)(_prompt)  # thousands of interviews have the same one
        prompts = zip(self._of(rows, "user_prompt"), self._of(rows, "system_prompt"), strict=True)
        return [
            "" if sent is None else f"{user}{_prompt(sent)}, {system}{shared(above or '')}"
            for sent, above in prompts
        ]

    def _responses(self, rows: Rows, prices: Sequence[_Price]) -> list[str]:
        keys = [self._key(f"_{part}") for part in _RESPONSE]
        raw, sent, received, thought, pay, earn, usd, buys = keys
        # Few prices and costs are different ones.
        priced = lru_cache(1_000)(lambda price: f"{pay}{text(price[0])}, {earn}{text(price[1])}")
        paid = lru_cache(1_000)(lambda cost: f"{usd}{text(cost)}, {buys}{text(1 / cost if cost else 'NA')}")
        named = ("raw", "input_tokens", "output_tokens", "thinking_tokens", "cost")
        told = zip(prices, *(self._of(rows, name) for name in named), strict=True)
        return [
            ""
            if response is None and tokens is None and cost is None
            else f"{raw}{_response(response)}, {sent}{text(tokens)}, {received}{text(replied)}, "
            f"{thought}{text(thoughts)}, {priced(price)}, {paid(cost)}"
            for price, response, tokens, replied, thoughts, cost in told
        ]

    def _attributes(self, rows: Rows) -> list[str]:
        """The question as it was put: its options as they were shown, or else as they are written."""
        key, known = self._key(), dict[tuple[int, int], str]()
        made: list[str] = []
        for options, items in zip(self._of(rows, "options"), self._of(rows, "items"), strict=True):
            shown = (id(options), id(items))  # most are shown the same
            if shown not in known:
                known[shown] = key + text(self._shown(options, items))
            made.append(known[shown])
        return made

    def _shown(self, options: tuple[Any, ...] | None, items: tuple[Any, ...] | None) -> dict[str, Any]:
        made = {**self._about, "question_options": self._options if options is None else list(options)}
        if self._has_items:
            made["question_items"] = self._items if items is None else list(items)
        return made

    def _beside(self, rows: Rows) -> list[str]:
        """What EDSL's JSON has no place for, where it says something."""
        key = self._key()

        @lru_cache(1_000)
        def begun(*values: Any) -> str:
            named = zip(("state", "how", "model_version"), values, strict=True)
            return key + text({name: value for name, value in named if value is not None})[:-1]

        named = ("state", "how", "model_version", "latency", "seldom", "answer", "options")
        return [
            begun(state, how, version)
            + ("" if latency is None else f', "latency": {text(latency)}')
            + self._more(seldom, answer, options)
            + "}"
            for state, how, version, latency, seldom, answer, options in zip(
                *(self._of(rows, name) for name in named), strict=True
            )
        ]

    def _more(self, seldom: Seldom, answer: Any, options: tuple[Any, ...] | None) -> str:
        """What few cells have."""
        made = {name: getattr(seldom, name) for name in _SELDOM} if seldom is not NOTHING else {}
        more = {name: value for name, value in made.items() if value is not None}
        if not _is_plain(answer):
            more["answer"] = packed(answer)
        # Where nothing was shown, readers would take what is written for it.
        if options is None and isinstance(self._options, list):
            more["options"] = None
        if seldom.items is None and isinstance(self._items, list):
            more["items"] = None
        return f", {text(more)[1:-1]}" if more else ""


def _response(raw: str | None) -> str:
    """A service's response, in one line."""
    if not raw:
        return "null"
    try:
        found = json_value(raw)
    except ValueError:  # it was no JSON
        return text(raw)
    return text(found) if "\n" in raw else raw


def _prompt(sent: str) -> str:
    return f'{{"text": {text(sent)}, "class_name": "Prompt"}}'


def _is_plain(value: Any) -> bool:
    """Whether JSON gives a value back as it is."""
    if value is None or isinstance(value, str | bool | int | float):
        return True
    try:
        return bool(json.loads(json.dumps(value)) == value)
    except (TypeError, ValueError):
        return False
