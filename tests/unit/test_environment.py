"""What a job is run with: caches, keys, limits; and the limits of models and of the settings."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edsl_nb import Cache, Jobs, Model, QuestionFreeText, settings
from edsl_nb.core.errors import EdslNbError, JobError, MissingKeyError, ModelError
from edsl_nb.jobs.request import RunRequest
from edsl_nb.models import keys
from edsl_nb.runner.gate import Limits
from tests.unit.samples import refusal, through_json

SECRET = "correct-horse-battery-staple"
QUESTION = QuestionFreeText("q", "Why?")


@pytest.fixture(autouse=True)
def usual_limits() -> Iterator[None]:
    yield
    settings.limits = None


def workload_of(job: Jobs, **keywords: Any) -> Any:
    """The workload that a run of a job would have."""
    request = RunRequest.of(keywords)
    return job._workload(request.environment(job._environment), 1, 0, lambda _: None, False)


def limits_of(job: Jobs) -> list[Limits]:
    """The limits of the lanes that a run of a job would have."""
    return [lane.limits for lane in workload_of(job).lanes()]


# Models and settings


def test_a_models_limits_are_its_own_and_in_no_json() -> None:
    limited, free = Model("gpt-4o", rpm=60, tpm=9_000.5), Model("gpt-4o")
    assert (limited.rpm, limited.tpm, free.rpm, free.tpm) == (60, 9_000.5, None, None)
    assert limited == free
    assert limited.to_dict() == free.to_dict()
    assert limited.key_prefix == free.key_prefix
    again = eval(repr(limited), {"Model": Model})
    assert (again.rpm, again.tpm) == (60, 9_000.5)
    for copied in (limited.model_copy(update={"temperature": 0}), pickle.loads(pickle.dumps(limited))):
        assert copied.limits == (60, 9_000.5)
    assert Model.from_dict(through_json(limited.to_dict())).limits == (None, None)


@pytest.mark.parametrize("field", ["rpm", "tpm"])
@pytest.mark.parametrize("wrong", [0, -1, "60", True, float("nan"), float("inf"), 10**400, [60]])
def test_a_limit_is_a_number_above_zero(field: str, wrong: Any) -> None:
    refusal(lambda: Model("test", **{field: wrong}), field, "above 0", error=ModelError)
    refusal(lambda: Jobs(QUESTION).using({"test": {field: wrong}}), field, error=ModelError)


def test_limits_of_settings_hold_where_models_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.limits = {"openai": (500, None)}
    monkeypatch.setenv("EDSL_SERVICE_RPM_OPENAI", "1")
    monkeypatch.setenv("EDSL_SERVICE_TPM_OPENAI", "2000")
    monkeypatch.setenv("EDSL_SERVICE_RPM_TEST", "7.5")
    assert Model("gpt-4o").limits == (500, 2_000)
    assert Model("gpt-4o", rpm=3).limits == (3, 2_000)
    assert Model("test").limits == (7.5, None)
    assert settings.limits == {"openai": (500, None)}
    settings.limits = None
    assert Model("gpt-4o").limits == (1, 2_000)
    monkeypatch.setenv("EDSL_SERVICE_RPM_OPENAI", "many")
    refusal(lambda: Model("gpt-4o").limits, "EDSL_SERVICE_RPM_OPENAI", "many", "Such as 1000")


@pytest.mark.parametrize(
    "wrong",
    [
        3,
        "openai",
        {"openai": 3},
        {"openai": (1,)},
        {"openai": (0, 1)},
        {"openai": ("1", 2)},
        {1: (1, 1)},
        {"openai": (10**400, 1)},
    ],
)
def test_settings_take_no_other_limits(wrong: Any) -> None:
    def take() -> None:
        settings.limits = wrong

    refusal(take, "settings.limits", "Such as")
    assert settings.limits == {}


def test_models_that_share_a_lane_keep_to_the_narrowest_limit() -> None:
    shared = Jobs(QUESTION).by(
        Model("test", rpm=60), Model("test", temperature=0, rpm=30), Model("test", temperature=1, tpm=9)
    )
    assert limits_of(shared) == [Limits(30, 9)]
    assert limits_of(Jobs(QUESTION).by(Model("test"))) == [Limits(None, None)]


# Jobs


def test_a_jobs_limits_are_by_model_and_by_service() -> None:
    job = Jobs(QUESTION).by(
        Model("a", "openai", base_url="http://x"),
        Model("b", "openai", base_url="http://x", tpm=5),
        Model("test"),
    )
    returned = job.using({"openai": {"rpm": 10, "tpm": 100}}, {"b": {"rpm": 20}}).using_bucket_collection(
        {"a": {"tpm": 50}}
    )
    assert returned is job
    assert limits_of(job) == [Limits(10, 50), Limits(20, 5), Limits(None, None)]
    assert [model.rpm for model in job.models] == [None, None, None], "the job's own models stay"


def test_a_jobs_key_is_for_models_that_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Jobs(QUESTION).by(
        Model("gpt-4o"),
        Model("gpt-4o", temperature=0, api_key="own-key-of-it"),
        Model("m", "openai", base_url="http://x"),
    )
    refusal(lambda: job.run(progress_bar=False), "OPENAI_API_KEY", error=MissingKeyError)
    accounts = [lane.account for lane in workload_of(job.using({"openai": SECRET})).accounts]
    assert accounts == [keys.digest(SECRET), keys.digest("own-key-of-it"), ""]
    assert [model.api_key is None for model in job.models] == [True, False, True]


def test_a_jobs_key_is_shown_and_kept_nowhere() -> None:
    job = Jobs(QUESTION).by(Model("gpt-4o")).using_key_lookup({"openai": f" {SECRET}\n"})
    workload = workload_of(job)
    texts = [
        repr(job), str(job), json.dumps(job.to_dict()), repr(job.__dict__), str(vars(job._environment)),
        pickle.dumps(job).decode("latin-1"), json.dumps(workload.describe()), repr(workload.axes.models[0]),
    ]  # fmt: skip
    assert not [text for text in texts if SECRET in text]
    accounts = [lane.account for lane in workload_of(copy.deepcopy(job)).accounts]
    assert accounts == [keys.digest(SECRET)]


def test_keys_and_limits_of_a_run_are_its_own() -> None:
    job = Jobs(QUESTION).by(Model("gpt-4o")).using({"gpt-4o": {"rpm": 10, "tpm": 7}})
    given = {"key_lookup": {"openai": SECRET}, "bucket_collection": {"gpt-4o": {"rpm": 20}}}
    workload = workload_of(job, **given)
    assert [lane.limits for lane in workload.lanes()] == [Limits(20, None)]
    assert [lane.account for lane in workload.accounts] == [keys.digest(SECRET)]
    assert SECRET not in repr(RunRequest.of(given))
    refusal(lambda: workload_of(job), "OPENAI_API_KEY", error=MissingKeyError)
    assert limits_of(job.using_key_lookup({"openai": SECRET})) == [Limits(10, 7)]
    refusal(lambda: workload_of(job, key_lookup=SECRET), "key_lookup", error=JobError)


def test_a_job_takes_its_cache_along() -> None:
    cache = Cache()
    job = Jobs(QUESTION).by(Model("test"))
    assert job.using(cache) is job
    job.run(progress_bar=False)
    assert len(cache) == 1
    job.using_cache(False).run(progress_bar=False)
    copy.deepcopy(job).run(progress_bar=False, cache=cache)
    assert len(cache) == 1
    assert "Cache" not in json.dumps(job.to_dict())


@pytest.mark.parametrize(
    ("take", "words", "error"),
    [
        (lambda job: job.using(3), ("using", "Cache()"), JobError),
        (lambda job: job.using("sk-1"), ("using",), JobError),
        (lambda job: job.using(None), ("using",), JobError),
        (lambda job: job.using({"openai": 3}), ("limits", "openai"), JobError),
        (lambda job: job.using({3: "k"}), ("key_lookup",), JobError),
        (lambda job: job.using({"opnai": "some-key"}), ("service_name", "'openai'"), ModelError),
        (lambda job: job.using({"openai": " "}), ("openai", "no key"), ModelError),
        (lambda job: job.using({"openai": {"rmp": 3}}), ("rmp", "Did you mean 'rpm'?"), JobError),
        (lambda job: job.using_cache("cache.jsonl"), ("cache", "from_jsonl"), JobError),
        (lambda job: job.using_cache(None), ("cache",), JobError),
        (lambda job: job.using_key_lookup("sk-1"), ("key_lookup",), JobError),
        (lambda job: job.using_key_lookup({"openai": None}), ("key_lookup",), JobError),
        (lambda job: job.using_bucket_collection([1]), ("limits",), JobError),
        (lambda job: job.run(cache="cache.jsonl"), ("cache",), JobError),
        (lambda job: job.run(cache=1), ("cache",), JobError),
        (lambda job: job.start(cache={}), ("cache",), JobError),
    ],
)  # fmt: skip
def test_what_a_job_cannot_be_run_with(
    take: Callable[[Jobs], Any], words: tuple[str, ...], error: type[EdslNbError]
) -> None:
    job = Jobs(QUESTION).by(Model("test"))
    message = str(refusal(lambda: take(job), *words, error=error))
    assert "sk-1" not in message
    assert "some-key" not in message
    assert job.last_run is None
