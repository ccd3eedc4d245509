"""`Provenance`: where results come from, so that others can tell, and repeat it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from edsl_nb.core.errors import EdslNbError, StoreError, warn
from edsl_nb.core.objects import Still, canonical
from edsl_nb.core.version import __version__
from edsl_nb.results.records import AnswerCell, Interview
from edsl_nb.runner.store import store
from edsl_nb.runner.transaction import StoredReply, replies_by_id

if TYPE_CHECKING:
    from edsl_nb.results.contents import Contents

#: Replies that are read from the store at a time.
_CHUNK = 5_000

_STATES = ("exact", "repaired", "reasked", "invalid", "failed", "skipped", "not_asked")


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A model as it was used.

    Parameters:
        model, service: which it is.
        parameters: with which parameters.
        served: the versions that the service says have answered, in the order in which they
            came up, with the number of answers of each.
    """

    model: str
    service: str
    parameters: dict[str, Any]
    served: dict[str, int]


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """A question, and one prompt as it was sent.

    Parameters:
        question_name, question_type, question_text: the question.
        options: its options, as they are written.
        system_prompt, user_prompt: the first that were sent, or None.
        counts: how many answers were read as they are (``exact``), ``repaired``, and asked for again
            (``reasked``), and how many are missing: ``invalid``, ``failed``, ``skipped``, ``not_asked``.
    """

    question_name: str
    question_type: str
    question_text: str
    options: Any
    system_prompt: str | None
    user_prompt: str | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Provenance(Still):
    """Where results come from.

    Parameters:
        versions: of edsl_nb, Python and the system.
        run_ids: the runs that asked; replies of earlier runs that were used are theirs.
        store_id: a name of the store that holds the replies, which says nothing of its place; or None.
        first_reply, last_reply: when, in UTC, as ISO 8601; None where nobody knows.
        interviews: how many there are, and `total` how many the run has.
        total: see `interviews`.
        note: how much of the run the results are, where it is not all of it.
        agents, scenarios: how many were combined.
        iterations: how often each combination was asked.
        seed: the survey's seed, from which all that is random derives.
        prompt_hash: SHA-256 of all prompts as they were sent, in order.
        cost: USD paid; None where a price is not known.
        input_tokens, output_tokens: of all replies.
        models, questions: see `ModelRecord` and `QuestionRecord`.
    """

    versions: dict[str, str]
    run_ids: tuple[str, ...]
    store_id: str | None
    first_reply: str | None
    last_reply: str | None
    interviews: int
    total: int
    note: str
    agents: int
    scenarios: int
    iterations: int
    seed: int
    prompt_hash: str
    cost: float | None
    input_tokens: int
    output_tokens: int
    models: tuple[ModelRecord, ...]
    questions: tuple[QuestionRecord, ...]

    @property
    def changed_models(self) -> list[str]:
        """The models of which several served versions have answered."""
        return [record.model for record in self.models if len(record.served) > 1]

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON can write it."""
        return cast(dict[str, Any], json.loads(canonical(asdict(self))))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Provenance:
        """The record that `to_dict` gave.

        Raises:
            EdslNbError: it is no such record.
        """
        try:
            made = {field.name: data[field.name] for field in fields(cls)}
            made["models"] = tuple(ModelRecord(**one) for one in made["models"])
            made["questions"] = tuple(QuestionRecord(**one) for one in made["questions"])
            made["run_ids"] = tuple(made["run_ids"])
            return cls(**made)
        except (KeyError, TypeError) as wrong:
            raise EdslNbError(
                f"this is no record of where results come from: {wrong}",
                field="provenance",
                remedy="Pass what Provenance.to_dict() gave.",
            ) from None

    def to_markdown(self) -> str:
        """An appendix for a paper: settings, models, counts, cost, questionnaire, and prompts as sent."""
        from edsl_nb.results.appendix import appendix

        if self.changed_models:
            warn(f"the served version changed during the run: {', '.join(self.changed_models)}.")
        return appendix(self)

    def _facts(self) -> Iterable[tuple[str, Any]]:
        yield "runs", ", ".join(self.run_ids) or "unknown"
        yield "replies", f"{self.first_reply} to {self.last_reply}" if self.first_reply else "time unknown"
        yield "interviews", f"{self.interviews:,}" + (f" ({self.note})" if self.note else "")
        for record in self.models:
            yield f"model {record.model}", ", ".join(record.served) or "served version unknown"
        yield "cost (USD)", "unknown" if self.cost is None else self.cost
        yield "seed", self.seed
        yield "prompts (SHA-256)", self.prompt_hash
        yield from self.versions.items()

    def __repr__(self) -> str:
        runs = ", ".join(self.run_ids) or "unknown run"
        return f"Provenance({runs}; {self.interviews:,} interviews{f'; {self.note}' if self.note else ''})"


def provenance_of(results: Contents) -> Provenance:
    """Where results come from: what they hold, and what the store knows of their replies, or a file of it."""
    made = _computed(results)
    known = results.extras.get("provenance")
    if made.run_ids or not isinstance(known, Mapping):
        return made
    before = Provenance.from_dict(cast(Mapping[str, Any], known))
    kept = ("versions", "run_ids", "store_id", "first_reply", "last_reply")
    return replace(made, **{name: getattr(before, name) for name in kept})


def _computed(results: Contents) -> Provenance:
    interviews, axes = results.interviews, results.axes
    cells = [cell for interview in interviews for cell in interview.cells]
    replies = list(_replies(cells))
    times = [reply.created for reply in replies]
    costs = [cell.cost for cell in cells if cell.input_tokens is not None]
    return Provenance(
        versions={"edsl_nb": __version__, "python": platform.python_version(), "system": platform.system()},
        run_ids=tuple(dict.fromkeys(reply.run_id for reply in replies)),
        store_id=_store_id() if replies else None,
        first_reply=_when(min(times, default=None)),
        last_reply=_when(max(times, default=None)),
        interviews=len(interviews),
        total=results.total,
        note=results.note,
        agents=len({interview.agent for interview in interviews}),
        scenarios=len({interview.scenario for interview in interviews}),
        iterations=len({interview.iteration for interview in interviews}),
        seed=axes.survey.seed,
        prompt_hash=_prompt_hash(cells),
        cost=None if None in costs else sum(cost or 0.0 for cost in costs),
        input_tokens=sum(cell.input_tokens or 0 for cell in cells),
        output_tokens=sum(cell.output_tokens or 0 for cell in cells),
        models=tuple(_models(results, replies)),
        questions=tuple(_questions(results)),
    )


def _replies(cells: Sequence[AnswerCell]) -> Iterator[StoredReply]:
    """The replies of cells that this machine's store has, in the order in which they came in."""
    keys = {reply_id: cell.key for cell in cells for reply_id in cell.reply_ids[-1:]}
    ids = sorted(reply_id for cell in cells for reply_id in cell.reply_ids)
    if not ids:
        return
    for start in range(0, len(ids), _CHUNK):
        for reply_id, reply in sorted(_stored(ids[start : start + _CHUNK]).items()):
            # Another store has other replies under the same numbers.
            if keys.get(reply_id, reply.call.key) == reply.call.key:
                yield reply


def replies_of(interviews: Iterable[Interview]) -> dict[int, StoredReply]:
    """The replies to interviews that this machine's store has, by their ids."""
    cells = [cell for interview in interviews for cell in interview.cells]
    return {reply.id: reply for reply in _replies(cells)}


def _stored(ids: Sequence[int]) -> dict[int, StoredReply]:
    """Replies from the store; none where it cannot be used: results can be saved all the same."""
    try:
        return store().read(lambda connection: replies_by_id(connection, ids))
    except StoreError as failure:
        warn(f"the record of where results come from lacks their times and runs: {failure}")
        return {}


def _store_id() -> str:
    """A name for the store, from which its place cannot be told."""
    return hashlib.sha256(str(store().path).encode(errors="replace")).hexdigest()[:12]


def _when(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _prompt_hash(cells: Iterable[AnswerCell]) -> str:
    found = hashlib.sha256()
    for cell in cells:
        found.update(canonical([cell.system_prompt, cell.user_prompt]).encode(errors="replace"))
    return found.hexdigest()


def _models(results: Contents, replies: Sequence[StoredReply]) -> Iterator[ModelRecord]:
    order = {
        version: number for number, version in enumerate(dict.fromkeys(r.model_version for r in replies))
    }
    served: dict[int, Counter[str]] = {}
    for interview in results.interviews:
        counts = served.setdefault(interview.model, Counter())
        counts.update(cell.model_version for cell in interview.cells if cell.model_version is not None)
    for position in sorted(served):
        model, counts = results.axes.models[position], served[position]
        versions = sorted(counts, key=lambda version: order.get(version, len(order)))
        yield ModelRecord(
            model.model, model.service_name, dict(model.parameters), {name: counts[name] for name in versions}
        )


def _questions(results: Contents) -> Iterator[QuestionRecord]:
    for position, question in enumerate(results.axes.survey.questions):
        cells = [interview.cells[position] for interview in results.interviews]
        sent = next((cell for cell in cells if cell.user_prompt is not None), AnswerCell())
        yield QuestionRecord(
            question.question_name,
            question.question_type,
            question.question_text,
            json.loads(canonical(getattr(question, "question_options", None))),
            sent.system_prompt,
            sent.user_prompt,
            counts_of(cells),
        )


def counts_of(cells: Iterable[AnswerCell]) -> dict[str, int]:
    """How often a question was answered and how, and why not."""
    counts = Counter[str](dict.fromkeys(_STATES, 0))
    for cell in cells:
        counts["reasked"] += bool(cell.reasks)
        if cell.state == "answered":
            counts["repaired" if cell.how == "repaired" else "exact"] += 1
        else:
            counts[cell.state if cell.state in _STATES else "not_asked"] += 1
    return dict(counts)
