"""What Coop says of jobs, objects and accounts, as typed records. What is missing or null is None."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self, TypeVar, cast, get_args

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from edsl_nb.core.errors import NotACoopError

#: What can become of a remote job.
JobStatus = Literal["queued", "running", "completed", "failed", "cancelled", "cancelling", "partial_failed"]
STATUSES: tuple[str, ...] = get_args(JobStatus)

#: Those after which nothing more happens.
ENDED: frozenset[str] = frozenset({"completed", "failed", "cancelled", "partial_failed"})

#: Those that change by themselves.
MOVING: frozenset[str] = frozenset(STATUSES) - ENDED

Visibility = Literal["private", "public", "unlisted"]
VISIBILITIES: tuple[str, ...] = get_args(Visibility)

#: Rows that a page may have.
MOST_ROWS = 100

RecordT = TypeVar("RecordT", bound="Record")

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_uuid(text: object) -> bool:
    """Whether a text has a uuid's form."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None


def legible(text: str) -> str:
    """A text of a server's without what writes over a terminal or what UTF-8 has not."""
    return "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text)


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return legible(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _number(value: Any) -> Any:
    """A number, also where it was sent as text; anything else is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return value if isinstance(value, int | float) else None


def _whole(value: Any) -> int | None:
    found = _number(value)
    return int(found) if found is not None and found == found and abs(found) < 2**53 else None


def _page(value: Any) -> Any:
    return value[:MOST_ROWS] if isinstance(value, list) else value


def _count(value: Any) -> int:
    return _whole(value) or 0


def _time(value: Any) -> Any:
    """A time as ISO 8601 in UTC, where it can be read; else as it was sent."""
    if not isinstance(value, str):
        return _text(value)
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return legible(value)
    return (
        (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")
    )


Text = Annotated[str | None, BeforeValidator(_text)]
Number = Annotated[float | None, BeforeValidator(_number)]
Count = Annotated[int, BeforeValidator(_count)]
Time = Annotated[str | None, BeforeValidator(_time)]


class Record(BaseModel):
    """Something that Coop says. Reads like a dict, too; fields of newer servers are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    @classmethod
    def of(cls, data: Any, what: str) -> Self:
        """The record of a server's JSON.

        Parameters:
            data: the JSON.
            what: what it answers, for messages.

        Raises:
            NotACoopError: it is something else.
        """
        try:
            return cls.model_validate(data)
        except (ValidationError, RecursionError) as wrong:
            place = ".".join(map(str, wrong.errors()[0]["loc"])) if isinstance(wrong, ValidationError) else ""
            raise NotACoopError(
                f"the answer to {what} is not in Coop's form{f', at {place}' if place else ''}",
                field=what,
                value=data,
                remedy="Check the address: Coop(url=...) or EXPECTED_PARROT_URL.",
            ) from None

    def keys(self) -> list[str]:
        """The names of the fields."""
        return list(type(self).model_fields)

    def __getitem__(self, name: str) -> Any:
        if name not in type(self).model_fields:
            raise KeyError(name)
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]  # as dicts do
        return iter(self.keys())

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return self.model_dump()


def records(cls: type[RecordT], data: Any, what: str) -> list[RecordT]:
    """The records of a JSON list: of a page, which has no more than `MOST_ROWS`, whatever is sent.

    Raises:
        NotACoopError: it is something else.
    """
    if not isinstance(data, list):
        raise NotACoopError(
            f"the answer to {what} is no list",
            field=what,
            value=data,
            remedy="Check the address: Coop(url=...) or EXPECTED_PARROT_URL.",
        )
    return [cls.of(row, what) for row in _page(cast(list[Any], data))]


class JobRow(Record):
    """A remote job as lists show it. `created_at` is ISO 8601 in UTC."""

    uuid: Annotated[str, BeforeValidator(_text)]
    description: Text = None
    status: Text = None
    cost_credits: Number = None
    iterations: Annotated[int | None, BeforeValidator(_whole)] = None
    results_uuid: Text = None
    latest_error_report_uuid: Text = None
    latest_failure_reason: Text = None
    version: Text = None
    created_at: Time = Field(default=None, validation_alias=AliasChoices("created_ts", "created_at"))

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in ENDED


class ExceptionCount(Record):
    """Equal exceptions of a remote job, counted."""

    exception_type: Text = None
    inference_service: Text = None
    model: Text = None
    question_name: Text = None
    exception_count: Count = 0


class InterviewDetails(Record):
    """How far a remote job is."""

    total_interviews: Count = 0
    completed_interviews: Count = 0
    interviews_with_exceptions: Count = 0
    exception_summary: list[ExceptionCount] | None = Field(
        default=None, validation_alias=AliasChoices("exception_summary", "exception_counters")
    )


class Expense(Record):
    """What a remote job cost, by model and kind of token."""

    service: Text = None
    model: Text = None
    token_type: Text = None
    price_per_million_tokens: Number = None
    tokens_count: Count = Field(default=0, validation_alias=AliasChoices("tokens_count", "token_count"))
    cost_credits: Number = None
    cost_usd: Number = None


class RunDetails(Record):
    """What is known of a remote job's latest run."""

    interview_details: InterviewDetails | None = None
    failure_reason: Text = None
    failure_description: Text = None
    error_report_uuid: Text = None
    cost_credits: Number = None
    cost_usd: Number = None
    expenses: list[Expense] | None = None
    results_available: bool | None = None


class RemoteJob(Record):
    """A remote job, looked at on its own."""

    job_uuid: Text = None
    results_uuid: Text = None
    status: Text = None
    version: Text = None
    description: Text = None
    visibility: Text = None
    job_json_string: Text = None
    latest_job_run_details: RunDetails | None = None

    @property
    def details(self) -> RunDetails:
        """What is known of its latest run, be that nothing."""
        return self.latest_job_run_details or RunDetails()

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in ENDED

    @property
    def failure(self) -> str:
        """Why it failed, as far as Coop says."""
        found = self.details
        return found.failure_description or found.failure_reason or "Coop does not say why"


class NewJob(Record):
    """A job that was put up, and where its content goes."""

    job_uuid: str
    upload_signed_url: Text = None


class SignedUrl(Record):
    """Where a document is fetched from or goes."""

    signed_url: Text = None
    object_type: Text = None


class StoredObject(Record):
    """An object on Coop: what it is, whose, and where. Times are ISO 8601 in UTC."""

    uuid: Annotated[str, Field(validation_alias=AliasChoices("uuid", "object_uuid"))]
    object_type: Text = None
    url: Text = None
    alias: Text = None
    alias_url: Text = None
    owner_username: Text = None
    description: Text = None
    visibility: Text = None
    version: Text = None
    created_at: Time = Field(default=None, validation_alias=AliasChoices("created_ts", "created_at"))
    last_updated_at: Time = Field(
        default=None, validation_alias=AliasChoices("last_updated_ts", "last_updated_at")
    )


class ObjectPage(Record):
    """A page of objects. Servers need not say how many there are."""

    objects: Annotated[list[StoredObject], BeforeValidator(_page)]
    total_pages: Annotated[int | None, BeforeValidator(_whole)] = None
    total_count: Annotated[int | None, BeforeValidator(_whole)] = None


class AliasInfo(Record):
    """Which object an alias stands for."""

    uuid: str
    object_type: Text = None


class OldObject(Record):
    """An object with its content, as it was stored by old versions."""

    json_string: str
    object_type: Text = None


class Settings(Record):
    """What a Coop offers."""

    remote_inference: bool | None = None
    remote_caching: bool | None = None
    remote_logging: bool | None = None
    remote_cache_put_many: bool | None = None


class Balance(Record):
    """Credits of an account."""

    credits: Number = None


class Profile(Record):
    """Whose account it is."""

    username: Text = None
    email: Text = None


class NewKey(Record):
    """A key for whoever has signed in, or none yet."""

    api_key: str | None = Field(default=None, repr=False)


class Cost(Record):
    """What a remote run may cost."""

    cost_in_credits: Number = None
    cost_in_usd: Number = None
