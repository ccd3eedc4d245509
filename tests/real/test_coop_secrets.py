"""Keys and signed addresses: where they go, and that they are shown nowhere, whatever happens."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import pytest
from aiohttp import web

from edsl_nb import Coop, Jobs, Survey
from edsl_nb.core.errors import CoopError, CoopSignInError
from edsl_nb.widgets.render import bundle, widget
from tests.coop_server import KEY, QUICK, CoopServer, page, refusal, serving
from tests.unit.samples import grid_job


def frames(trace: TracebackType | None) -> Iterator[str]:
    """The variables of all frames of ours and of others, as debuggers and collectors of errors show them."""
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.endswith(("test_coop_secrets.py", "coop_server.py")):
            for name, value in trace.tb_frame.f_locals.items():
                yield f"{trace.tb_frame.f_code.co_name}.{name} = {value!r}"
        trace = trace.tb_next


def everything(error: BaseException | None) -> Iterator[str]:
    """All that an error and those before it lead to."""
    while error is not None:
        yield repr(error) + str(error) + repr(vars(error))
        yield from frames(error.__traceback__)
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    "answer",
    [
        lambda: refusal(401, f"{KEY} is no key"), lambda: refusal(403, KEY), lambda: page(500),
        lambda: page(200), lambda: web.json_response([5]), lambda: web.Response(text="{" * 9),
        lambda: web.Response(status=302, headers={"Location": "http://127.0.0.1:9/x"}),
    ],
)  # fmt: skip
def test_no_error_leads_to_the_key(
    coop_server: CoopServer, coop: Coop, answer: Callable[[], web.Response]
) -> None:
    coop_server.fail("/api/", answer, times=9)
    calls: list[Callable[[], Any]] = [coop.get_balance, coop.list_jobs, lambda: coop.push(Survey.example())]
    for call in calls:
        with pytest.raises(CoopError) as caught:
            call()
        assert not [line for line in everything(caught.value) if KEY in line]


def test_nor_does_one_without_an_answer(coop_server: CoopServer) -> None:
    coop_server.latency = 60.0
    for url, patience in ((coop_server.url, type(QUICK)(1, total=0.2)), ("http://127.0.0.1:9", QUICK)):
        with pytest.raises(CoopError) as caught:
            Coop(url, KEY, patience).get_balance()
        assert not [line for line in everything(caught.value) if KEY in line]


def test_signatures_and_keys_are_not_logged(
    coop_server: CoopServer, coop: Coop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    pushed = coop.push(Survey.example())
    assert coop.pull(pushed.uuid) == Survey.example()
    assert "/bucket/" in caplog.text and "s3cret" not in caplog.text and KEY not in caplog.text
    caplog.set_level("DEBUG")
    coop.list_jobs()
    assert "/remote-inference/list" in caplog.text and KEY not in caplog.text


def test_no_display_and_no_file_holds_the_key(coop_server: CoopServer, coop: Coop) -> None:
    coop_server.add_job(grid_job())
    coop.push(Survey.example())
    jobs, objects = coop.list_jobs(), coop.list()
    shown: Any = widget(jobs)
    texts = [shown.get_state(), repr(jobs), repr(objects), bundle(jobs), bundle(objects), jobs.fetch()]
    run = grid_job().start(remote=coop, progress_bar=False)
    texts += [repr(run), bundle(run), vars(run), vars(jobs), vars(coop.asynchronous.wire)]
    run.cancel()
    assert KEY not in str(texts) and KEY.encode() not in pickle.dumps(jobs)
    shown.close()


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


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_is_sent_is_not_sent_on_elsewhere(coop_server: CoopServer, coop: Coop, status: int) -> None:
    with serving() as other:
        target = {"Location": f"{other.url}/api/v0/object/push"}
        coop_server.fail("object/push", lambda: web.Response(status=status, headers=target))
        with pytest.raises(CoopError, match="redirection"):
            coop.push(Survey.example())
        assert other.seen == []


def test_a_signed_url_that_leads_elsewhere_takes_no_key_along(coop_server: CoopServer, coop: Coop) -> None:
    uuid = coop_server.add_job(grid_job(), inline=False).uuid
    with serving() as other:
        other.documents["x"] = json.dumps(grid_job().to_dict()).encode()
        target = {"Location": f"{other.url}/bucket/x"}
        coop_server.fail("/bucket/", lambda: web.Response(status=302, headers=target))
        assert coop.pull(uuid, Jobs) == grid_job()
        assert [one.key for one in other.seen] == [None]


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
