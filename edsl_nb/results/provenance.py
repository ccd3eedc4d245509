"""`Provenance`: where results come from, so that others can tell, and repeat it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from edsl_nb.core.errors import EdslNbError, StoreError, warn
from edsl_nb.core.objects import Still, canonical
from edsl_nb.core.version import __version__
from edsl_nb.results.interviews import Rows
from edsl_nb.results.records import tokens_of
from edsl_nb.results.sections import text
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
        dates: by served version, the day of its first and of its last reply, in UTC, as ISO 8601; none
            where nobody knows.
    """

    model: str
    service: str
    parameters: dict[str, Any]
    served: dict[str, int]
    dates: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


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
            made["models"] = tuple(_model_record(one) for one in made["models"])
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


def _model_record(data: Mapping[str, Any]) -> ModelRecord:
    dates = {version: tuple(days) for version, days in data.get("dates", {}).items()}
    return ModelRecord(**cast(dict[str, Any], {**data, "dates": dates}))


def provenance_of(results: Contents) -> Provenance:
    """Where results come from: what they hold, and what the store knows of their replies, or a file of it."""
    made = _computed(results)
    known = results.extras.get("provenance")
    if made.run_ids or not isinstance(known, Mapping):
        return made
    before = Provenance.from_dict(cast(Mapping[str, Any], known))
    kept = ("versions", "run_ids", "store_id", "first_reply", "last_reply")
    dates = {(record.model, record.service): record.dates for record in before.models}
    models = tuple(replace(one, dates=dates.get((one.model, one.service), {})) for one in made.models)
    return replace(made, models=models, **{name: getattr(before, name) for name in kept})


def _computed(results: Contents) -> Provenance:
    interviews, axes = results.interviews, results.axes
    replies = list(_replies(interviews))
    times = [reply.created for reply in replies]
    sent, received, costs = (
        [value for place in range(len(axes.survey)) for value in interviews.field(place, name)]
        for name in ("input_tokens", "output_tokens", "cost")
    )
    costs = [cost for cost, tokens in zip(costs, sent, strict=True) if tokens is not None]
    return Provenance(
        versions={"edsl_nb": __version__, "python": platform.python_version(), "system": platform.system()},
        run_ids=tuple(dict.fromkeys(reply.run_id for reply in replies)),
        store_id=_store_id() if replies else None,
        first_reply=_when(min(times, default=None)),
        last_reply=_when(max(times, default=None)),
        interviews=len(interviews),
        total=results.total,
        note=results.note,
        agents=len(set(interviews.numbers("agent"))),
        scenarios=len(set(interviews.numbers("scenario"))),
        iterations=len(set(interviews.numbers("iteration"))),
        seed=axes.survey.seed,
        prompt_hash=_prompt_hash(interviews),
        cost=None if None in costs else sum(costs),
        input_tokens=sum(map(tokens_of, sent)),
        output_tokens=sum(map(tokens_of, received)),
        models=tuple(_models(results, replies)),
        questions=tuple(_questions(results)),
    )


def _replies(interviews: Rows) -> Iterator[StoredReply]:
    """The replies to interviews that this machine's store has, in the order in which they came in."""
    keys: dict[int, str | None] = {}
    ids: list[int] = []
    for place in range(len(interviews.table.cells)):
        named = (interviews.field(place, name) for name in ("replies", "key"))
        for found, key in zip(*named, strict=True):
            if isinstance(found, int):
                keys[found] = key
                ids.append(found)
            elif found:
                keys[found[-1]] = key
                ids += found
    ids.sort()
    for start in range(0, len(ids), _CHUNK):
        for reply_id, reply in sorted(_stored(ids[start : start + _CHUNK]).items()):
            # Another store has other replies under the same numbers.
            if keys.get(reply_id, reply.call.key) == reply.call.key:
                yield reply


def replies_of(interviews: Rows) -> dict[int, StoredReply]:
    """The replies to interviews that this machine's store has, by their ids."""
    return {reply.id: reply for reply in _replies(interviews)}


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


def _prompt_hash(interviews: Rows) -> str:
    found = hashlib.sha256()
    places = range(len(interviews.table.cells))
    named = [interviews.field(place, f"{which}_prompt") for place in places for which in ("system", "user")]
    for prompts in zip(*named, strict=True):
        for system, user in zip(prompts[::2], prompts[1::2], strict=True):
            found.update(f"[{text(system)}, {text(user)}]".encode(errors="replace"))
    return found.hexdigest()


def _models(results: Contents, replies: Sequence[StoredReply]) -> Iterator[ModelRecord]:
    order = {
        version: number for number, version in enumerate(dict.fromkeys(r.model_version for r in replies))
    }
    days = _days(replies)
    rows = results.interviews
    served = {position: Counter[str]() for position in set(rows.numbers("model"))}
    for place in range(len(results.axes.survey)):
        told = Counter(zip(rows.numbers("model"), rows.field(place, "model_version"), strict=True))
        for (position, version), count in told.items():
            if version is not None:
                served[position][version] += count
    for position in sorted(served):
        model, counts = results.axes.models[position], served[position]
        versions = sorted(counts, key=lambda version: order.get(version, len(order)))
        yield ModelRecord(
            model.model,
            model.service_name,
            dict(model.parameters),
            {name: counts[name] for name in versions},
            {name: days[model.model, name] for name in versions if (model.model, name) in days},
        )


def _days(replies: Sequence[StoredReply]) -> dict[tuple[str, str], tuple[str, str]]:
    """By model and served version: the days of the first and the last reply."""
    times: dict[tuple[str, str], list[float]] = {}
    for reply in replies:
        if reply.model_version is not None:
            times.setdefault((reply.model, reply.model_version), []).append(reply.created)
    return {named: (_day(min(some)), _day(max(some))) for named, some in times.items()}


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _questions(results: Contents) -> Iterator[QuestionRecord]:
    rows = results.interviews
    for position, question in enumerate(results.axes.survey.questions):
        users = rows.field(position, "user_prompt")
        sent = next((row for row, user in enumerate(users) if user is not None), None)
        yield QuestionRecord(
            question.question_name,
            question.question_type,
            question.question_text,
            json.loads(canonical(getattr(question, "question_options", None))),
            None if sent is None else rows.field(position, "system_prompt")[sent],
            None if sent is None else users[sent],
            _counts_of(rows, position),
        )


def _counts_of(rows: Rows, place: int) -> dict[str, int]:
    """How often a question was answered and how, and why not."""
    counts = Counter[str](dict.fromkeys(_STATES, 0))
    counts["reasked"] = sum(bool(reasks) for reasks in rows.field(place, "reasks"))
    told = Counter(zip(rows.field(place, "state"), rows.field(place, "how"), strict=True))
    for (state, how), count in told.items():
        if state == "answered":
            counts["repaired" if how == "repaired" else "exact"] += count
        else:
            counts[state if state in _STATES else "not_asked"] += count
    return dict(counts)
