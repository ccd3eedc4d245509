"""Coop's cache beside jobs that are run here."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from edsl_nb import Cache, Coop, Jobs, Model, QuestionFreeText
from edsl_nb.coop.remote_cache import wait_for_sending
from edsl_nb.core.errors import CoopSignInError, EdslNbWarning, JobError
from edsl_nb.core.settings import settings
from tests.coop_server import CoopServer, page
from tests.unit.samples import grid_job
from tests.unit.samples import refusal as refused


@pytest.mark.parametrize("one_by_one", [True, False])
def test_replies_are_shared_through_coops_cache(
    coop_server: CoopServer, coop: Coop, new_store: Callable[[str], None], one_by_one: bool
) -> None:
    coop_server.settings = {"remote_cache_put_many": one_by_one}
    job = grid_job()
    first = job.run(remote_cache=coop, progress_bar=False)
    wait_for_sending()
    if not one_by_one:
        (pushed,) = coop_server.objects.values()
        assert pushed["object_type"] == "cache"
        entries = Cache.from_dict(json.loads(coop_server.documents[pushed["uuid"]]))
        coop_server.entries = {key: entry.to_dict() for key, entry in entries.items()}
    assert len(coop_server.entries) == 8
    new_store("another machine")
    coop_server.seen.clear()
    again = job.run(remote_cache=coop, progress_bar=False)
    wait_for_sending()
    assert again.select("answer.*").to_list() == first.select("answer.*").to_list()
    assert job.last_run is not None and job.last_run.progress.cached == 8
    assert coop_server.paths() == ["remote-cache/get-many-by-key"]


@pytest.mark.usefixtures("signed_in")
def test_a_setting_uses_the_remote_cache_in_every_run(
    coop_server: CoopServer, monkeypatch: pytest.MonkeyPatch, new_store: Callable[[str], None]
) -> None:
    assert not settings.remote_cache
    monkeypatch.setenv("EDSL_NB_REMOTE_CACHE", "1")
    grid_job().run(progress_bar=False)
    wait_for_sending()
    assert "remote-cache/get-many-by-key" in coop_server.paths()
    coop_server.seen.clear()
    grid_job(agents=3).run(progress_bar=False, remote_cache=False)
    assert coop_server.seen == []
    monkeypatch.setenv("EDSL_NB_REMOTE_CACHE", "maybe")
    refused(lambda: settings.remote_cache, "EDSL_NB_REMOTE_CACHE")


def test_entries_that_answer_another_call_are_not_taken(
    coop_server: CoopServer, coop: Coop, new_store: Callable[[str], None]
) -> None:
    job = grid_job()
    first = job.run(progress_bar=False)
    entry = Cache.example()["".join(Cache.example())].to_dict()
    keys = [cell.key for interview in first.interviews for cell in interview.cells]
    coop_server.entries = dict.fromkeys(keys, entry | {"output": '{"message": [{"text": "poisoned"}]}'})
    new_store("another machine")
    assert "poisoned" not in str(job.run(remote_cache=coop, progress_bar=False).select("answer.*").to_list())


def test_a_cache_that_fails_does_not_fail_the_run(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.fail("remote-cache", lambda: page(500), times=99)
    with pytest.warns(EdslNbWarning, match="goes on without it"):
        assert len(grid_job().run(remote_cache=coop, progress_bar=False)) == 8


def test_a_remote_cache_without_a_key_is_refused_before_anything_is_asked() -> None:
    refused(lambda: grid_job().run(remote_cache=True, progress_bar=False), error=CoopSignInError)
    refused(lambda: grid_job().run(remote_cache=5), "remote_cache", error=JobError)


def test_a_run_with_the_remote_cache_can_be_resumed_without_it(coop_server: CoopServer, coop: Coop) -> None:
    job = grid_job()
    run = job.start(remote_cache=coop, progress_bar=False)
    run.result()
    wait_for_sending()
    assert len(Jobs.resume(run.id, progress_bar=False).result()) == 8


def test_replies_that_are_shaped_by_more_than_the_key_stay_here(coop_server: CoopServer, coop: Coop) -> None:
    job = QuestionFreeText("q", "Why?").by(Model("test", canned_response="Because."))
    job.run(remote_cache=coop, progress_bar=False)
    wait_for_sending()
    assert coop_server.seen == []
