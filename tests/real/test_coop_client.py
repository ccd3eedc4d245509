"""Coop over HTTP, with a server that misbehaves: what is tried again, what is refused, where keys go."""

from __future__ import annotations

import _thread
import asyncio
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from edsl_nb import AsyncCoop, Coop, Survey
from edsl_nb.core.errors import (
    CoopCreditError,
    CoopError,
    CoopNotFoundError,
    CoopOfflineError,
    CoopRateLimitError,
    CoopServerError,
    CoopSignInError,
    NotACoopError,
)
from tests.coop_server import KEY, QUICK, CoopServer, page, refusal

# The account


def test_an_account_is_read(coop: Coop) -> None:
    assert coop.get_balance().credits == 12.5
    assert coop.get_profile().to_dict() == {"username": "ann", "email": "ann@example.org"}
    assert coop.get_settings()["remote_inference"] is True


def test_calls_work_within_a_running_loop_and_coroutines_on_any(coop_server: CoopServer) -> None:
    async def cell() -> tuple[Any, Any]:
        return Coop(coop_server.url, KEY).get_balance(), await AsyncCoop(coop_server.url, KEY).get_balance()

    plain, awaited = asyncio.run(cell())
    assert plain == awaited


def test_waiting_does_not_hold_up_the_callers_loop(coop_server: CoopServer) -> None:
    async def cell() -> int:
        coop_server.latency = 0.3
        asked = asyncio.create_task(AsyncCoop(coop_server.url, KEY).get_balance())
        turns = 0
        while not asked.done():
            await asyncio.sleep(0.01)
            turns += 1
        return turns

    assert asyncio.run(cell()) > 3


def test_an_interrupt_ends_the_wait_and_the_request(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.latency = 60.0

    def interrupt() -> None:
        while not coop_server.seen:
            time.sleep(0.01)
        _thread.interrupt_main()

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        coop.get_balance()
    coop_server.latency = 0.0
    assert coop.get_balance().credits == 12.5


# What goes wrong


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (lambda: refusal(401, "no"), CoopSignInError, "does not accept the key"),
        (lambda: refusal(400, "The API key you provided is invalid"), CoopSignInError, "not accept the key"),
        (lambda: refusal(402, "Not enough credits"), CoopCreditError, "Not enough credits"),
        (lambda: refusal(403, "Not yours"), CoopError, "Not yours"),
        (lambda: refusal(404, "Unknown"), CoopNotFoundError, "Unknown"),
        (lambda: refusal(422, [{"loc": ["a", "x"], "msg": "is missing"}]), CoopError, "a.x: is missing"),
        (lambda: refusal(429, "Slower", **{"Retry-After": "99"}), CoopRateLimitError, "in 99 s"),
        (lambda: refusal(500, {"odd": 1}), CoopServerError, "odd"),
        (lambda: page(502), CoopServerError, "a web page"),
        (lambda: page(404), NotACoopError, "web page"),
        (lambda: page(200), NotACoopError, "not JSON"),
        (lambda: web.json_response([1]), NotACoopError, "not in Coop's form"),
        (lambda: web.Response(text="[" * 100_000), NotACoopError, "not JSON"),
        (lambda: web.Response(status=302, headers={"Location": "/x"}), CoopNotFoundError, "404"),
    ],
)  # fmt: skip
def test_each_failure_has_an_error_of_its_own(
    coop_server: CoopServer,
    coop: Coop,
    answer: Callable[[], web.Response],
    error: type[CoopError],
    words: str,
) -> None:
    coop_server.fail("get-balance", answer, times=99)
    with pytest.raises(error) as caught:
        coop.get_balance()
    assert words in str(caught.value) and type(caught.value) is error
    assert "<script>" not in str(caught.value)


def test_an_error_knows_status_and_request_and_holds_no_key(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.fail("get-balance", lambda: refusal(403, f"key {KEY} may not"))
    with pytest.raises(CoopError) as caught:
        coop.get_balance()
    failure = caught.value
    assert (failure.status, failure.request) == (403, "GET /api/v0/users/get-balance")
    assert KEY not in "".join(traceback.format_exception(failure)) + repr(vars(failure))


def test_what_a_server_says_writes_over_no_terminal(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.fail("get-balance", lambda: refusal(403, "no\x1b[2J\n\n\ud800 really"))
    with pytest.raises(CoopError, match="really") as caught:
        coop.get_balance()
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("location", ["http://127.0.0.1:99999/x", "http://[::1", "javascript:alert(1)"])
def test_a_redirection_to_nowhere_is_an_error_of_ours(
    coop_server: CoopServer, coop: Coop, location: str
) -> None:
    coop_server.fail("get-balance", lambda: web.Response(status=302, headers={"Location": location}), 9)
    with pytest.raises(CoopError):
        coop.get_balance()


def test_a_wait_that_is_asked_for_in_vain_is_told_in_short(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.fail("get-balance", lambda: refusal(429, "Slower", **{"Retry-After": "1e300"}))
    with pytest.raises(CoopRateLimitError) as caught:
        coop.get_balance()
    assert len(str(caught.value)) < 200


def test_nobody_there_is_offline(coop_server: CoopServer) -> None:
    with pytest.raises(CoopOfflineError, match="cannot reach 127"):
        Coop("http://127.0.0.1:9", KEY, QUICK).get_balance()


def test_without_a_key_nothing_is_sent(coop_server: CoopServer) -> None:
    with pytest.raises(CoopSignInError):
        Coop(coop_server.url).get_balance()
    assert coop_server.seen == []


@pytest.mark.parametrize(
    "answer",
    [lambda: refusal(500, "Oops"), lambda: page(503), lambda: refusal(429, "Slower", **{"Retry-After": "0"}),
     lambda: refusal(408, "Slow")],
)  # fmt: skip
def test_what_may_pass_is_tried_again(
    coop_server: CoopServer, coop: Coop, answer: Callable[[], web.Response]
) -> None:
    coop_server.fail("get-balance", answer, times=2)
    assert coop.get_balance().credits == 12.5
    assert len(coop_server.seen) == 3


def test_cut_connections_are_tried_again(coop_server: CoopServer, coop: Coop) -> None:
    left = [2]

    def cut(request: web.Request) -> web.Response | None:
        if left[0]:
            left[0] -= 1
            assert request.transport is not None
            request.transport.abort()
        return None

    coop_server.faults.append(cut)
    assert coop.get_balance().credits == 12.5


def test_slow_answers_end_in_an_error(coop_server: CoopServer) -> None:
    coop_server.latency = 30.0
    impatient = Coop(coop_server.url, KEY, type(QUICK)(attempts=1, total=0.2))
    with pytest.raises(CoopOfflineError, match="no answer in time"):
        impatient.get_balance()


def test_what_must_not_happen_twice_is_not_tried_again_unless_it_was_refused(
    coop_server: CoopServer, coop: Coop
) -> None:
    coop_server.fail("object/push", lambda: refusal(500, "Oops"))
    with pytest.raises(CoopServerError):
        coop.push(Survey.example())
    assert coop_server.paths().count("object/push") == 1
    coop_server.fail("object/push", lambda: refusal(429, "Slower"))
    coop.push(Survey.example())


def test_requests_one_after_the_other_share_a_connection(coop_server: CoopServer, coop: Coop) -> None:
    for _ in range(5):
        coop.get_balance()
    assert len(coop_server.connections) == 1
