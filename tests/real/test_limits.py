"""Limits over HTTP: those that are asked for, those that a service tells of, and a network that is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edsl_nb import Jobs, Model, settings
from edsl_nb.runner import hosts
from edsl_nb.runner.progress import LaneProgress
from tests.real.openai_server import Answer, Asked, OpenAIServer, completion, failure, serve
from tests.real.run_tools import PATIENCE, color, things, wait_until


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with serve() as made:
        yield made


@pytest.fixture(autouse=True)
def usual_limits() -> Iterator[None]:
    yield
    settings.limits = None


def served(server: OpenAIServer, name: str = "m", **parameters: Any) -> Model:
    return Model(name, service_name="openai", base_url=server.url, **parameters)


class Watch:
    """Notes when each request comes in, and answers as it is told to."""

    def __init__(self, server: OpenAIServer, answer: Callable[[Asked], Answer] | None = None) -> None:
        self.times: list[float] = []
        self._answer = answer or (lambda asked: Answer(completion("Blue")))
        server.respond = self._respond

    def _respond(self, asked: Asked) -> Answer:
        self.times.append(time.monotonic())
        return self._answer(asked)


def lane_of(run: Any, name: str) -> LaneProgress:
    return next(lane for lane in run.progress.lanes if lane.label.endswith(name))


def asked_of(server: OpenAIServer, name: str) -> int:
    return sum(asked.body["model"] == name for asked in server.asked)


# Limits that are asked for


def limited_by_model(job: Jobs, server: OpenAIServer) -> Jobs:
    return job.by(served(server, "free"), served(server, "slow", rpm=60))


def limited_by_job(job: Jobs, server: OpenAIServer) -> Jobs:
    return job.by(served(server, "free"), served(server, "slow")).using({"slow": {"rpm": 60}})


@pytest.mark.parametrize("limited", [limited_by_model, limited_by_job])
def test_a_limited_model_keeps_to_its_limit_and_holds_up_no_other(
    server: OpenAIServer, limited: Callable[[Jobs, OpenAIServer], Jobs]
) -> None:
    started = time.monotonic()
    run = limited(Jobs(color()).by(things(100)), server).start(progress_bar=False)
    wait_until(lambda: lane_of(run, "free").items_done == 100)
    free_took = time.monotonic() - started
    assert free_took < 5
    # A second's worth goes at once, then one each second.
    wait_until(lambda: asked_of(server, "slow") == 3)
    assert time.monotonic() - started > 0.9
    assert asked_of(server, "slow") <= 3 + (time.monotonic() - started)
    assert lane_of(run, "slow").items_failed == 0
    run.cancel()
    assert run.wait(PATIENCE)


@pytest.mark.parametrize("by", ["settings", "environment"])
def test_a_service_keeps_to_its_limit(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    if by == "settings":
        settings.limits = {"openai": (None, 6_000)}
    else:
        monkeypatch.setenv("EDSL_SERVICE_TPM_OPENAI", "6000")
    watch = Watch(server)  # each call takes 18 tokens, of 100 that a second brings
    run = Jobs(color()).by(things(100), served(server)).start(progress_bar=False)
    wait_until(lambda: len(watch.times) >= 5)
    seen = len(watch.times)
    time.sleep(1.0)
    assert len(watch.times) - seen < 10
    run.cancel()
    assert run.wait(PATIENCE)


# What a service says


def test_a_pause_that_is_asked_for_is_kept_and_costs_no_item(server: OpenAIServer) -> None:
    def answer(asked: Asked) -> Answer:
        if 20 <= asked.number < 25:
            return failure(429, "Slow down.", **{"Retry-After": "2"})
        return Answer(completion("Blue"), latency=0.05)

    watch = Watch(server, answer)
    job = Jobs(color()).by(things(300), served(server))
    run = job.start(progress_bar=False)
    wait_until(lambda: len(watch.times) > 20)
    refused = watch.times[20]
    assert run.wait(PATIENCE)
    assert (run.progress.state, run.progress.items_failed, run.progress.answered) == ("completed", 0, 300)
    assert run.progress.retries == 5
    assert not [at for at in watch.times if refused + 0.4 < at < refused + 1.9], "nothing is asked meanwhile"
    # After the pause they do not all come at once.
    after = [at for at in watch.times if at > refused + 1.9]
    assert sum(at < after[0] + 0.04 for at in after) < 20


def test_calls_slow_down_where_a_service_says_that_little_is_left(server: OpenAIServer) -> None:
    def scarce(asked: Asked) -> Answer:
        headers = {
            "x-ratelimit-limit-requests": "100",
            "x-ratelimit-remaining-requests": "10",
            "x-ratelimit-reset-requests": "9s",  # ten come back each second
        }
        return Answer(completion("Blue"), headers=headers)

    watch = Watch(server, scarce)
    model = served(server)
    most = model.service.concurrency(model)
    run = Jobs(color()).by(things(most + 30), model).start(progress_bar=False)
    assert run.wait(PATIENCE)
    assert run.progress.items_failed == 0
    # A second's worth goes ahead of the rate.
    assert watch.times[-1] - watch.times[0] > 1.5


# A network that is lost


def test_a_server_that_is_away_for_a_while_costs_no_item(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "_LAST_PROBE", 1.0)
    server.latency = 0.2
    run = Jobs(color()).by(things(1_000), served(server)).start(progress_bar=False)
    wait_until(lambda: run.progress.items_done > 20)
    server.go_away()
    wait_until(lambda: (run.progress.waiting or "").startswith("waiting for the network"))
    # Calls that were cut off may have been answered; nothing moves on without the network.
    before = run.progress.items_done
    time.sleep(2.0)
    assert run.progress.items_done - before < 5
    server.come_back()
    assert run.wait(PATIENCE)
    assert (run.progress.state, run.progress.items_failed, run.progress.answered) == ("completed", 0, 1_000)
    assert len(server.prompts) >= 1_000
