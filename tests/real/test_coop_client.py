"""Coop over HTTP, with a server that misbehaves: what is tried again, what is refused, where keys go."""

from __future__ import annotations

import _thread
import asyncio
import json
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from edsl_nb import (
    Agent,
    AgentList,
    AsyncCoop,
    Cache,
    Coop,
    FileStore,
    Jobs,
    Model,
    ModelList,
    Notebook,
    Question,
    QuestionFreeText,
    QuestionFunctional,
    Results,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import (
    CoopCreditError,
    CoopError,
    CoopNotFoundError,
    CoopOfflineError,
    CoopRateLimitError,
    CoopServerError,
    CoopSignInError,
    EdslNbWarning,
    NotACoopError,
)
from tests.coop_server import KEY, QUICK, CoopServer, page, refusal, serving
from tests.unit.samples import grid_job

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


def test_signatures_are_not_logged(
    coop_server: CoopServer, coop: Coop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    pushed = coop.push(Survey.example())
    assert coop.pull(pushed.uuid) == Survey.example()
    assert "/bucket/" in caplog.text and "s3cret" not in caplog.text and KEY not in caplog.text


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


# Where keys go


def test_the_key_goes_to_no_signed_url_and_to_no_other_host(coop_server: CoopServer, coop: Coop) -> None:
    with serving() as other:
        other.documents["x"] = json.dumps(Survey.example().to_dict()).encode()
        uuid = coop_server.add_object("survey", None)
        away = {"signed_url": f"{other.url}/bucket/x", "object_type": "survey"}
        coop_server.fail("object/pull", lambda: web.json_response(away))
        assert coop.pull(uuid) == Survey.example()
        target = {"Location": f"{other.url}/api/v0/users/get-balance"}
        coop_server.fail("get-balance", lambda: web.Response(status=307, headers=target))
        with pytest.raises(CoopSignInError):
            coop.get_balance()
        assert other.seen and all(one.key is None for one in other.seen)
    coop.push(Survey.example())
    assert all(one.key is None for one in coop_server.seen if one.path.startswith("/bucket/"))


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a/b", "", None, 5, "http://", "http://127.0.0.1:99999/x", "http://[::1"],
)
def test_signed_urls_of_other_kinds_are_not_followed(coop_server: CoopServer, coop: Coop, url: Any) -> None:
    uuid = coop_server.add_object("survey", None)
    del coop_server.documents[uuid]
    coop_server.fail("object/pull", lambda: web.json_response({"signed_url": url}), times=9)
    coop_server.fail("/object", lambda: refusal(404, "Gone"), times=9)
    with pytest.raises(CoopError):
        coop.pull(uuid)


# Objects


def everything() -> list[Any]:
    """An object of each kind that Coop keeps."""
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return [
        Agent.example(), AgentList([Agent.example()]), Scenario({"a": 1}), ScenarioList.from_list("x", [1]),
        Survey.example(), QuestionFreeText("q", "Why?"), Model("test"), ModelList([Model("test")]),
        Cache.example(), Notebook(data=notebook), FileStore.example(), grid_job(),
    ]  # fmt: skip


@pytest.mark.parametrize("obj", everything(), ids=lambda obj: type(obj).__name__)
@pytest.mark.usefixtures("signed_in")
def test_objects_come_back_as_they_went(obj: Any) -> None:
    told = obj.push(description="mine", alias="one", visibility="unlisted")
    cls = Question if isinstance(obj, Question) else type(obj)
    assert cls.pull(told.uuid) == cls.pull(told["url"]) == cls.pull("ann/one") == obj
    assert Coop().pull(told.uuid) == obj
    assert Coop().get(told.uuid, cls) == obj


def test_results_come_back_as_they_went(coop_server: CoopServer, coop: Coop, signed_in: None) -> None:
    results = grid_job().run(progress_bar=False)
    assert Results.pull(results.push().uuid).to_dicts() == results.to_dicts()


@pytest.mark.usefixtures("signed_in")
def test_an_object_of_another_class_is_refused_by_name(coop: Coop) -> None:
    uuid = coop.push(Survey.example()).uuid
    with pytest.raises(CoopError, match=r"of the class Survey, not Agent.*Survey.pull"):
        Agent.pull(uuid)


def test_objects_are_listed_changed_and_deleted(coop_server: CoopServer, coop: Coop) -> None:
    survey = coop.push(Survey.example(), description="old")
    coop.push(Agent.example())
    coop.patch(survey.uuid, description="new", alias="named", visibility="public")
    (row,) = coop.list("survey")
    assert (row.description, row.alias, row.url) == (
        "new",
        "named",
        f"{coop_server.url}/content/{survey.uuid}",
    )
    assert coop.get_metadata("ann/named").visibility == "public"
    changed = Survey([QuestionFreeText("other", "What?")])
    coop.patch("ann/named", value=changed)
    assert coop.pull(survey.uuid) == changed
    with pytest.raises(CoopError, match="value"):
        coop.patch(survey.uuid, value=Agent.example())
    everything = coop.list(page_size=1, page=2)
    assert (everything.total, everything.pages, len(everything)) == (2, 2, 1)
    assert list(everything.to_pandas()["uuid"]) == [everything[0].uuid]
    coop.delete(survey.uuid)
    with pytest.raises(CoopNotFoundError):
        coop.pull(survey.uuid)


def test_an_alias_that_is_taken_is_refused(coop: Coop) -> None:
    coop.push(Survey.example(), alias="one")
    with pytest.raises(CoopError, match="already have an object"):
        coop.push(Survey.example(), alias="one")


def test_an_upload_that_fails_leaves_no_empty_object(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.fail("/bucket/", lambda: refusal(500, "Full"), times=3)
    with pytest.raises(CoopServerError):
        coop.push(Survey.example())
    assert coop_server.objects == {}


def test_a_signed_url_that_has_expired_is_asked_for_again(coop_server: CoopServer, coop: Coop) -> None:
    uuid = coop.push(Survey.example()).uuid
    expired = "<?xml version='1.0'?><Error><Code>ExpiredToken</Code><Message>Too late</Message></Error>"
    coop_server.fail("/bucket/", lambda: web.Response(status=403, text=expired))
    assert coop.pull(uuid) == Survey.example()
    coop_server.fail("/bucket/", lambda: web.Response(status=403, text=expired), times=2)
    with pytest.raises(CoopError, match="ExpiredToken: Too late") as caught:
        coop.pull(uuid)
    assert "s3cret" not in str(caught.value)


def test_what_old_versions_stored_is_read(coop_server: CoopServer, coop: Coop) -> None:
    uuid = coop_server.add_object("survey", Survey.example().to_dict())
    coop_server.fail("object/pull", lambda: web.json_response({"signed_url": ""}), times=2)
    assert coop.pull(uuid) == Survey.example()
    elsewhere = {"json_string": f"load_from:{coop_server.url}/bucket/{uuid}", "object_type": "survey"}
    coop_server.fail("api/v0/object", lambda: web.json_response(elsewhere))
    coop_server.faults.reverse()
    coop_server.fail("object/pull", lambda: web.json_response({"signed_url": ""}))
    assert coop.pull(uuid) == Survey.example()


@pytest.mark.parametrize(
    "content", [b"offloaded", b"", b"[]", b"5", b'{"edsl_class_name": "Survey", "questions": 5}',
                b'{"edsl_class_name": "Macro"}', b'{"edsl_class_name": "Agent", "traits": [1]}', b"\xff\xfe",
                b'{"a":' * 50_000, b'{"edsl_class_name": "Jobs"}', b'{"edsl_class_name": 5}']
)  # fmt: skip
def test_damaged_documents_are_refused(coop_server: CoopServer, coop: Coop, content: bytes) -> None:
    uuid = coop_server.add_object("macro", None)
    coop_server.documents[uuid] = content
    with pytest.raises(Exception) as caught:
        coop.pull(uuid)
    assert type(caught.value).__module__ == "edsl_nb.core.errors"


def test_files_go_beside_documents_once_each_and_come_back_whole(coop_server: CoopServer, coop: Coop) -> None:
    file = FileStore("/home/ann/secret-folder/notes.txt", base64_string="SGVsbG8=")
    other = FileStore("more.txt", base64_string="TW9yZQ==")
    scenarios = ScenarioList([Scenario({"file": one}) for one in (file, file, other)])
    uuid = coop.push(scenarios).uuid
    assert coop_server.paths().count("filestore/upload-url") == 2
    sent = coop_server.documents[uuid].decode() + json.dumps([one.body for one in coop_server.seen])
    assert "SGVsbG8=" not in sent and "secret-folder" not in sent
    assert [one["file"].text for one in coop.pull(uuid)] == ["Hello", "Hello", "More"]


def test_files_stay_in_documents_where_coop_takes_none(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.fail("filestore", lambda: refusal(404, "No such route"))
    assert coop.pull(coop.push(FileStore.example()).uuid).text == "Hello, world!"


# What comes from elsewhere is not run


def test_functional_questions_arrive_without_their_functions(coop: Coop, recwarn: Any) -> None:
    survey = Survey([QuestionFunctional.example()])
    pulled = coop.pull(coop.push(survey).uuid)
    assert [
        w for w in recwarn.list if issubclass(w.category, EdslNbWarning) and "functions" in str(w.message)
    ]
    assert pulled.questions[0].func is None
    with pytest.raises(Exception, match="with_function"):
        Jobs(pulled).by(Scenario({"numbers": [1]})).run(progress_bar=False)


def test_a_document_that_asks_to_be_run_is_not(coop_server: CoopServer, coop: Coop) -> None:
    evil = QuestionFunctional.example().to_dict() | {
        "function_source_code": "raise SystemExit('run')\ndef total(scenario, agent_traits): return 1",
        "unsafe": True,
    }
    uuid = coop_server.add_object("question", evil)
    assert coop.pull(uuid).func is None
