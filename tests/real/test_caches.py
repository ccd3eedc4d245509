"""Caches of one's own: what a run takes from them and adds to them, and that none bleeds into another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import Cache, CacheEntry, Jobs, Model, QuestionFreeText, QuestionMultipleChoice, Survey
from edsl_nb.runner.progress import ProgressSnapshot
from tests.real.openai_server import Answer, OpenAIServer, completion, serve
from tests.real.run_tools import PATIENCE, color, things
from tests.unit.samples import without_tags


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with serve() as made:
        yield made


def served(server: OpenAIServer, name: str = "m", **parameters: Any) -> Model:
    return Model(name, service_name="openai", base_url=server.url, **parameters)


def quietly(job: Jobs, **options: Any) -> Any:
    return job.run(progress_bar=False, **options)


def counts(job: Jobs) -> ProgressSnapshot:
    assert job.last_run is not None
    return job.last_run.progress


def test_a_cache_is_filled_and_then_asked_first(server: OpenAIServer) -> None:
    cache, job = Cache(), color().by(things(10), served(server))
    first = quietly(job, cache=cache)
    assert (len(cache), len(server.asked), counts(job).cached) == (10, 10, 0)
    again = quietly(job, cache=cache)
    assert (len(cache), len(server.asked), counts(job).cached) == (10, 10, 10)
    assert again.select("color").to_list() == first.select("color").to_list()
    assert counts(job).cost in (0, None)
    assert again.select("cache_used.color_cache_used").to_list() == [True] * 10
    # More of the same job: only the rest is asked.
    quietly(color().by(things(15), served(server)), cache=cache)
    assert (len(cache), len(server.asked)) == (15, 15)


def test_two_caches_never_bleed_and_replies_on_disk_stay_out(server: OpenAIServer) -> None:
    job = color("Which color?").by(served(server))
    given = iter(["disk", "first", "second", "fresh", "no cache"])
    server.respond = lambda asked: Answer(completion(next(given)))
    first, second = Cache(), Cache()

    def answer(**options: Any) -> str:
        return quietly(job, **options).select("color").first()

    assert answer() == "disk"
    assert answer(cache=first) == "first"
    assert answer(cache=second) == "second"
    assert (answer(cache=first), answer(cache=second)) == ("first", "second")
    assert answer(cache=first, fresh=True) == "fresh"
    assert (answer(cache=first), answer(cache=second)) == ("fresh", "second")
    assert answer(cache=False) == "no cache"
    assert answer(cache=True) == "no cache", "it was written to disk as always"
    assert len(server.asked) == 5


def test_what_stands_in_a_cache_is_not_taken_for_a_reply_of_the_service(server: OpenAIServer) -> None:
    job = color("Which color?").by(served(server))
    (key,) = job.prompts()[0]["cache_keys"]
    made_up = CacheEntry("m", {}, "", "Which color?", json.dumps(completion("Made up")), service="openai")
    results = quietly(job, cache=Cache({key: made_up}))
    assert results.select("color").first() == "Made up"
    assert server.asked == []
    assert quietly(job).select("color").first() == "echo: Which color?"


def test_an_entry_of_another_service_or_that_cannot_be_read_is_asked_again(server: OpenAIServer) -> None:
    job = color("Which color?").by(served(server))
    (key,) = job.prompts()[0]["cache_keys"]
    for wrong in (
        CacheEntry("m", {}, "", "Which color?", json.dumps(completion("Other")), service="groq"),
        CacheEntry("m", {}, "", "Which color?", "The fox says 'hello'", service="openai"),
    ):
        cache = Cache({key: wrong})
        assert quietly(job, cache=cache).select("color").first() == "echo: Which color?"
        assert quietly(job, cache=cache).select("color").first() == "echo: Which color?"
    assert len(server.asked) == 2


def test_back_ends_do_not_mix_in_one_cache(server: OpenAIServer) -> None:
    cache = Cache()
    with serve() as other:
        other.respond = lambda asked: Answer(completion("the other server"))
        for _ in range(2):
            answers = [
                quietly(color("Which color?").by(model), cache=cache).select("color").first()
                for model in (
                    Model("test", canned_response="Red"),
                    Model("test", canned_response="Green"),
                    served(server),
                    served(other),
                )
            ]
            assert answers == ["Red", "Green", "echo: Which color?", "the other server"]
        assert (len(server.asked), len(other.asked)) == (1, 1)
    # Through a file as well.
    copied = Cache.from_jsonl(cache.to_jsonl())
    for canned in ("Red", "Green", "Blue"):
        model = Model("test", canned_response=canned)
        assert quietly(color("Which color?").by(model), cache=copied).select("color").first() == canned
    assert len(copied) == len(cache) + 1


def test_entries_are_edsls_own(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    cache = Cache()
    job = color().by(things(2), Model("test"), Model("gpt-4o", reasoning_effort=None))
    quietly(job, cache=cache, n=2)
    plain = {key for row in job.prompts(2) if row["model"] == "test" for key in row["cache_keys"]}
    assert plain < set(cache.keys())
    for key, data in without_tags(cache.to_dict()).items():
        assert list(data) == ["model", "parameters", "system_prompt", "user_prompt", "output", "iteration",
                              "timestamp", "service"]  # fmt: skip
        assert data["iteration"] in (0, 1)
        assert isinstance(json.loads(data["output"]), dict)
        assert key == cache[key].key or data["service"] == "openai"


def test_edsls_entries_are_found_although_they_have_parameters_that_are_none(server: OpenAIServer) -> None:
    model = served(server, "gpt-4o")
    question = QuestionFreeText("q", "What does the fox say?")
    entry = CacheEntry(
        "gpt-4o", dict(model.parameters), "", "What does the fox say?", json.dumps(completion("Nothing.")),
        service="openai",
    )  # fmt: skip
    assert None in entry.parameters.values()
    cache = Cache.from_jsonl(Cache({entry.key: entry}).to_jsonl())
    assert quietly(question.by(model), cache=cache).select("q").first() == "Nothing."
    assert server.asked == []


def test_a_cache_goes_to_another_machine(server: OpenAIServer, tmp_path: Path) -> None:
    cache, model = Cache(), served(server)
    survey = Survey([QuestionMultipleChoice("tea", "Tea?", ["Yes", "No"]), QuestionFreeText("why", "Why?")])
    survey = survey.set_full_memory_mode()
    server.respond = lambda asked: Answer(completion("Yes" if asked.prompt.startswith("Tea") else "Because."))
    first = quietly(survey.by(model), cache=cache)
    cache.write_jsonl(tmp_path / "cache.jsonl")
    asked = len(server.asked)
    again = quietly(survey.by(model), cache=Cache.from_jsonl(tmp_path / "cache.jsonl"))
    assert len(server.asked) == asked == 2
    assert (
        again.select("tea", "why").to_list() == first.select("tea", "why").to_list() == [("Yes", "Because.")]
    )


def test_an_invalid_reply_of_a_cache_can_be_asked_again(server: OpenAIServer) -> None:
    cache, question = Cache(), QuestionMultipleChoice("tea", "Tea?", ["Yes", "No"])
    server.respond = lambda asked: Answer(completion("Perhaps"))
    job = question.by(served(server))
    with pytest.warns(UserWarning, match="no answer"):
        quietly(job, cache=cache, reask=0)
    with pytest.warns(UserWarning, match="no answer"):
        quietly(job, cache=cache, reask=0)
    assert len(server.asked) == 1
    server.respond = lambda asked: Answer(completion("Yes"))
    assert job.last_run is not None
    better = job.last_run.retry_failed(progress_bar=False).result()
    assert better.select("tea").first() == "Yes"
    assert len(server.asked) == 2
    assert quietly(job, cache=cache, reask=0).select("tea").first() == "Yes", "the cache has the better one"
    assert len(server.asked) == 2


def test_runs_with_the_same_cache_ask_once_between_them(server: OpenAIServer) -> None:
    server.latency = 0.3
    cache = Cache()
    jobs = [color().by(things(10), served(server)) for _ in range(3)]
    runs = [job.start(progress_bar=False, cache=cache) for job in jobs]
    assert all(run.wait(PATIENCE) for run in runs)
    assert (len(server.asked), len(cache)) == (10, 10)
    assert sorted(run.progress.cached for run in runs) == [0, 10, 10]


def test_a_job_keeps_its_cache_until_a_run_names_another(server: OpenAIServer) -> None:
    cache = Cache()
    job = color("Which color?").by(served(server)).using(cache)
    quietly(job)
    quietly(job)
    assert (len(cache), len(server.asked)) == (1, 1)
    assert job.count().on_disk == 1
    quietly(job, cache=False)
    assert (len(cache), len(server.asked)) == (1, 2)
    quietly(job.using_cache(True), cache=None)
    assert len(server.asked) == 2


# Knowing what is paid


def test_what_is_on_disk_is_known_before_a_run(server: OpenAIServer) -> None:
    job = color().by(things(20), served(server), served(server, "other"))
    assert job.count().on_disk == 0
    quietly(job, limit=10)
    assert len(server.asked) == 10
    known = job.estimate_job_cost()
    assert (known["calls"], known["distinct_calls"], known["calls_on_disk"], known["calls_to_ask"]) == (
        40, 40, 10, 30,
    )  # fmt: skip
    assert job.count().on_disk == 10
    quietly(job)
    assert len(server.asked) == 40, "the estimate was right"
    assert job.count().on_disk == 40
    assert job.estimate_job_cost(3)["calls_to_ask"] == 80
    quietly(job, n=3)
    assert len(server.asked) == 120
    assert job.estimate_job_cost(3)["calls_to_ask"] == 0
    assert Jobs(job.survey).by(things(20), Model("gpt-4o")).count().on_disk == 0, "another address"


def test_a_call_that_depends_on_an_answer_counts_as_to_be_asked(server: OpenAIServer) -> None:
    survey = Survey([QuestionFreeText("a", "Why?"), QuestionFreeText("b", "{{ a.answer }}? Really?")])
    job = survey.by(served(server))
    quietly(job)
    known = job.estimate_job_cost()
    assert (known["calls_on_disk"], known["calls_to_ask"]) == (1, 1)


def test_equal_interviews_and_models_count_once(server: OpenAIServer) -> None:
    job = color("Which color?").by(things(5), served(server), served(server))
    assert (job.count().distinct_calls, job.count().on_disk) == (1, 0)
    quietly(job)
    assert (len(server.asked), job.count().on_disk) == (1, 1)


def test_looking_makes_no_store_and_a_broken_one_stops_no_card(private_home: Path) -> None:
    job = color().by(things(3), Model("test"))
    assert (job.count().on_disk, private_home.exists()) == (0, False)
    private_home.mkdir()
    (private_home / "store.sqlite3").write_bytes(b"This is no database. " * 100)
    counted = job.count()
    assert (counted.distinct_calls, counted.on_disk) == (3, None)
