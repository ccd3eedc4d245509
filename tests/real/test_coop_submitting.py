"""What is sent to Coop to be run, what is passed over, and what is refused before anything is sent."""

from __future__ import annotations

import _thread
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from aiohttp import web

from edsl_nb import Agent, Cache, Coop, Model, QuestionFreeText
from edsl_nb.coop import submitting
from edsl_nb.core.errors import (
    CoopError,
    CoopServerError,
    CoopSignInError,
    EdslNbWarning,
    JobError,
    MissingKeyError,
)
from edsl_nb.jobs.request import RunRequest
from tests.coop_server import KEY, CoopServer, page, refusal
from tests.remote_jobs import finishing, until
from tests.unit.samples import grid_job
from tests.unit.samples import refusal as refused

pytestmark = pytest.mark.usefixtures("looked_at_often")


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("keywords", "word"),
    [
        ({"limit": 2}, "limit"), ({"indices": [1]}, "indices"), ({"cache": Cache()}, "cache"),
        ({"dry_run": True}, "dry_run"),
        ({"stop_on_exception": True}, "stop_on_exception"), ({"remote": 5}, "remote"),
        ({"remote_inference_results_visibility": "all"}, "visibility"),
        ({"remote_inference_description": 5}, "description"), ({"on_interrupt": "end"}, "on_interrupt"),
        ({"max_cost": "much"}, "max_cost"), ({"offload_execution": True}, "another name"),
        ({"expected_parrot_api_key": "another-account-0123"}, "remote=Coop(api_key=...)"),
    ],
)  # fmt: skip
def test_what_coop_cannot_do_is_refused_before_anything_is_sent(
    coop_server: CoopServer, keywords: dict[str, Any], word: str
) -> None:
    refused(lambda: grid_job().run(**{"remote": True, "progress_bar": False, **keywords}), word)
    assert not [path for path in coop_server.paths() if "inference" in path]


def test_every_parameter_of_a_run_has_a_fate() -> None:
    assert set(submitting.FATES) == {field.name for field in fields(RunRequest)}


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"key_lookup": {"openai": "sk-of-mine-0123456789"}}, "keys of its own"), ({"reask": 3}, "reask"),
        ({"bucket_collection": {"openai": {"rpm": 5}}}, "limits of its own"), ({"loop": "notebook"}, "loop"),
        ({"remote_cache": True}, "its own cache"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_for_coop_is_said_once(
    coop_server: CoopServer, coop: Coop, monkeypatch: pytest.MonkeyPatch, keywords: dict[str, Any], words: str
) -> None:
    monkeypatch.setattr(submitting, "_said", set[str]())
    finishing(coop_server)
    with pytest.warns(EdslNbWarning, match=words) as told:
        for _ in range(2):
            grid_job().start(remote=coop, progress_bar=False, **keywords).result()
    assert len(told) == 1 and "sk-of-mine" not in str(told[0].message)
    assert "sk-of-mine" not in str([one.body for one in coop_server.seen])


def test_keys_and_limits_of_the_job_are_spoken_of_as_those_of_the_run(
    coop_server: CoopServer, coop: Coop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submitting, "_said", set[str]())
    finishing(coop_server)
    job = grid_job().using({"openai": "sk-of-mine-0123456789"}).using({"openai": {"rpm": 5}})
    with pytest.warns(EdslNbWarning) as told:
        job.run(remote=coop, progress_bar=False)
    assert sorted(str(one.message).split()[0] for one in told) == ["bucket_collection", "key_lookup"]


def test_usual_values_are_not_spoken_of(
    coop_server: CoopServer, coop: Coop, recwarn: pytest.WarningsRecorder
) -> None:
    finishing(coop_server)
    usual = {"reask": 1, "limit": None, "stop_on_exception": False, "loop": "thread", "remote_cache": None}
    grid_job().run(remote=coop, progress_bar=False, **usual)
    assert recwarn.list == []


def test_a_cache_of_the_jobs_own_is_as_one_of_the_runs(coop_server: CoopServer, coop: Coop) -> None:
    finishing(coop_server)
    job = grid_job().using_cache(Cache())
    refused(lambda: job.run(remote=coop, progress_bar=False), "a cache of yours is not sent")
    assert not coop_server.jobs
    job.using_cache(False).run(remote=coop, progress_bar=False)
    assert coop_server.seen[0].path.endswith("edsl-settings")
    assert [one.body["fresh"] for one in coop_server.seen if one.path.endswith("new-remote-inference")] == [
        True
    ]


def test_functions_and_missing_values_are_refused(coop_server: CoopServer, coop: Coop) -> None:
    agent = Agent.example()
    agent.add_direct_question_answering_method(lambda self, question, scenario: "Yes")
    refused(lambda: grid_job().by(agent).run(remote=coop, progress_bar=False), "functions", error=JobError)
    unfilled = QuestionFreeText("q", "{{ scenario.x }}?").by(Model("test"))
    refused(lambda: unfilled.run(remote=coop, progress_bar=False), "scenario.x")
    assert not coop_server.jobs


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("answer", "error"), [(lambda: refusal(401, "no"), CoopSignInError), (lambda: page(500), CoopServerError)]
)
def test_a_coop_that_fails_does_not_have_a_job_run_here_instead(
    coop_server: CoopServer, coop: Coop, answer: Callable[[], web.Response], error: type[CoopError]
) -> None:
    coop_server.fail("edsl-settings", answer, times=9)
    job = grid_job()
    refused(lambda: job.run(remote=coop, progress_bar=False), error=error)
    assert job.last_run is None and not coop_server.jobs
    coop_server.seen.clear()
    assert len(job.run(offload_execution=False, progress_bar=False)) == 8 and coop_server.seen == []


def test_a_coop_that_runs_no_jobs_says_so(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.settings = {"remote_inference": False}
    refused(lambda: grid_job().run(remote=coop, progress_bar=False), "runs no jobs", error=CoopError)


def test_a_job_whose_upload_fails_is_withdrawn_and_one_that_may_run_is_named(
    coop_server: CoopServer, coop: Coop
) -> None:
    coop_server.fail("/bucket/", lambda: refusal(500, "Full"), times=3)
    refused(lambda: grid_job().run(remote=coop, progress_bar=False), "Full", error=CoopServerError)
    (remote,) = coop_server.jobs.values()
    assert remote.status == "cancelled"
    coop_server.fail("uploaded", lambda: refusal(500, "Oops"))
    error = refused(
        lambda: grid_job().run(remote=coop, progress_bar=False),
        "may have been started",
        error=CoopServerError,
    )
    assert list(coop_server.jobs)[1] in str(error)


def test_an_interrupt_while_a_job_goes_up_withdraws_it(coop_server: CoopServer, coop: Coop) -> None:
    def interrupt(request: web.Request) -> None:
        coop_server.latency = 60.0 if request.path.startswith("/bucket/") else 0.0
        if request.path.startswith("/bucket/"):
            _thread.interrupt_main()

    coop_server.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        grid_job().run(remote=coop, progress_bar=False)
    until(lambda: [job.status for job in coop_server.jobs.values()] == ["cancelled"])


def test_a_missing_key_offers_coop_where_there_is_a_key_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    job = QuestionFreeText("q", "Why?").by(Model("gpt-4o", service_name="openai"))
    assert "remote=True" not in str(refused(job.run, error=MissingKeyError))
    monkeypatch.setenv("EXPECTED_PARROT_API_KEY", KEY)
    refused(job.run, "job.run(remote=True)", error=MissingKeyError)
