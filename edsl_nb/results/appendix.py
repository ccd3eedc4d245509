"""The record of where results come from, as an appendix of a paper in Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edsl_nb.results.provenance import Provenance, QuestionRecord

#: What became of the questions that were asked, and of the others.
_ASKED, _OTHERS = ("exact", "repaired", "invalid", "failed"), ("skipped", "not_asked")
_ANSWERED = ("exact", "repaired")


def appendix(record: Provenance) -> str:
    """The whole appendix."""
    parts = [
        "# How these results were made",
        *_warnings(record),
        "## Settings",
        _table([("setting", "value"), *_settings(record)]),
        "## Models",
        _table(
            [
                ("model", "service", "parameters", "served versions (answers; dates of replies, UTC)"),
                *_models(record),
            ]
        ),
        "## Counts",
        _table(list(_counts(record))),
        "## Questionnaire",
        *(text for question in record.questions for text in _question(question)),
    ]
    return "\n\n".join(parts) + "\n"


def _warnings(record: Provenance) -> Iterator[str]:
    if record.note:
        yield f"**Note: {_inline(record.note)}.**"
    for model in record.models:
        if len(model.served) > 1:
            versions = ", ".join(map(_inline, model.served))
            yield f"**The served version of {_inline(model.model)} changed during the run: {versions}.**"


def _settings(record: Provenance) -> Iterator[tuple[str, str]]:
    dates = f"{record.first_reply} to {record.last_reply}" if record.first_reply else "unknown"
    yield "interviews", f"{record.interviews:,} of {record.total:,}"
    yield (
        "agents x scenarios x iterations",
        f"{record.agents:,} x {record.scenarios:,} x {record.iterations:,}",
    )
    yield "replies (UTC)", dates
    yield "runs", ", ".join(record.run_ids) or "unknown"
    yield "seed", str(record.seed)
    yield "prompts (SHA-256)", record.prompt_hash
    yield "tokens in, out", f"{record.input_tokens:,}, {record.output_tokens:,}"
    yield "cost (USD)", "unknown" if record.cost is None else f"{record.cost:,.4f}"
    yield "software", ", ".join(f"{name} {version}" for name, version in record.versions.items())


def _models(record: Provenance) -> Iterator[tuple[str, ...]]:
    for model in record.models:
        served = ", ".join(
            f"{version} ({count:,}{_between(model.dates.get(version))})"
            for version, count in model.served.items()
        )
        yield model.model, model.service, json.dumps(model.parameters, default=str), served or "unknown"


def _between(days: tuple[str, str] | None) -> str:
    """The days of a served version's replies."""
    return "" if days is None else f"; {' to '.join(dict.fromkeys(days))}"


def _counts(record: Provenance) -> Iterator[tuple[str, ...]]:
    yield "question", "asked", "answered", *_ANSWERED, "reasked", *_ASKED[2:], "skipped", "not asked"
    for question in record.questions:
        counts = {name: question.counts.get(name, 0) for name in (*_ASKED, "reasked", *_OTHERS)}
        asked, answered = (sum(counts[name] for name in some) for some in (_ASKED, _ANSWERED))
        figures = (
            asked,
            answered,
            *(counts[name] for name in (*_ANSWERED, "reasked", *_ASKED[2:], *_OTHERS)),
        )
        yield question.question_name, *(f"{figure:,}" for figure in figures)


def _question(question: QuestionRecord) -> Iterator[str]:
    yield f"### {question.question_name} ({question.question_type})"
    yield _block(question.question_text)
    if question.options is not None:
        yield f"Options: {_inline(json.dumps(question.options, ensure_ascii=False))}"
    if question.user_prompt is not None:
        if question.system_prompt:
            yield "System prompt, as sent:"
            yield _block(question.system_prompt)
        yield "One prompt, as sent:"
        yield _block(question.user_prompt)


def _table(rows: list[tuple[Any, ...]]) -> str:
    lines = ["| " + " | ".join(_inline(str(value)) for value in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def _inline(text: str) -> str:
    """A text in one line, in which nothing means anything to Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", " ".join(text.split()))


def _block(text: str) -> str:
    """A text as it is, in a fence that is longer than any in it."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"
