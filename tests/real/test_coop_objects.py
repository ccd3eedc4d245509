"""Objects on Coop: pushed, pulled, listed, changed and deleted, and never run."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from edsl_nb import (
    Agent,
    AgentList,
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
from edsl_nb.core.errors import CoopError, CoopNotFoundError, CoopServerError, EdslNbWarning, NotACoopError
from edsl_nb.widgets.render import bundle
from tests.coop_server import CoopServer, refusal
from tests.unit.samples import grid_job
from tests.unit.samples import refusal as refused


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
    assert (everything.total_count, everything.total_pages, len(everything)) == (2, 2, 1)
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


# Lists of them


@pytest.fixture
def stocked(coop_server: CoopServer) -> CoopServer:
    """A server with five surveys, an agent, and a survey of somebody else's."""
    for i in range(5):
        more = {"description": f"survey {i}", "visibility": "private" if i else "unlisted"}
        coop_server.add_object(
            "survey", Survey.example().to_dict(), created_ts=f"2026-01-01T00:{i:02}:00+00:00", **more
        )
    coop_server.add_object("agent", Agent.example().to_dict())
    coop_server.add_object("survey", Survey.example().to_dict(), owner_username="bob", visibility="public")
    return coop_server


@pytest.mark.usefixtures("signed_in", "stocked")
def test_a_class_lists_its_objects_page_by_page() -> None:
    first = Survey.list(page_size=2)
    assert [row.description for row in first] == ["survey 4", "survey 3"]
    assert (first.total_count, first.total_pages, first.has_next) == (6, 3, True)
    second = first.next_page()
    assert [row.description for row in second] == ["survey 2", "survey 1"]
    assert list(second.previous_page()) == list(first) == list(first.refresh())
    assert [len(one) for one in first.pages()] == [2, 2, 2]
    with pytest.raises(CoopError, match="last page"):
        second.next_page().next_page()
    assert [row.object_type for row in Agent.list()] == ["agent"]
    assert list(first.to_pandas()["uuid"]) == [row["uuid"] for row in first]


@pytest.mark.usefixtures("signed_in", "stocked")
def test_objects_are_chosen_by_description_visibility_and_owner() -> None:
    assert [row.description for row in Survey.list(search_query="survey 3")] == ["survey 3"]
    assert [row.description for row in Survey.list("unlisted")] == ["survey 0"]
    assert len(Survey.list(visibility=["private", "unlisted"])) == 5
    assert [row.owner_username for row in Survey.list(community=True)] == ["bob"]
    oldest = Survey.list(sort_ascending=True, search_query="survey")
    assert [row.description for row in oldest] == [f"survey {i}" for i in range(5)]
    assert len(oldest.filter("visibility == 'private'")) == 4 and len(oldest[:3]) == 3


@pytest.mark.usefixtures("signed_in")
def test_objects_of_a_page_are_fetched_and_one_failure_loses_no_other(stocked: CoopServer) -> None:
    listed = Survey.list(search_query="survey")
    stocked.documents[listed[1].uuid] = json.dumps(Agent.example().to_dict()).encode()
    with pytest.warns(EdslNbWarning, match="1 of 5 objects"):
        fetched = listed.fetch()
    assert fetched[0] == Survey.example() and fetched[1] is None
    assert "of the class Agent, not Survey" in fetched.failures[0].reason
    assert set(listed.fetched) == {row.uuid for row in listed} - {listed[1].uuid}
    assert asyncio.run(Coop().asynchronous.list(Agent)).fetch().found == [Agent.example()]


@pytest.mark.usefixtures("signed_in")
def test_a_list_of_objects_is_shown_as_a_table_of_text(stocked: CoopServer) -> None:
    stocked.add_object("survey", None, description="<script>alert(1)</script>\x1b[2J", alias="a")
    data, _ = bundle(Survey.list(page_size=10, sort_ascending=True))
    assert "&lt;script&gt;alert" in data["text/html"] and "<script>alert" not in data["text/html"]
    assert "Survey on Coop, page 1 of 1, 7 in all" in data["text/plain"]
    assert "\x1b" not in repr(Survey.list()) and "ann/a" in repr(Survey.list())


@pytest.mark.parametrize(
    "cls", [Agent, AgentList, Cache, Model, ModelList, Notebook, Question, QuestionFreeText, Results,
            Scenario, ScenarioList, Survey, FileStore]
)  # fmt: skip
@pytest.mark.usefixtures("signed_in")
def test_every_class_that_coop_keeps_has_a_list(cls: Any, coop_server: CoopServer) -> None:
    assert len(cls.list()) == 0
    (asked,) = coop_server.seen
    kind = {"FileStore": "scenario", "QuestionFreeText": "question"}.get(cls.__name__, _snake(cls.__name__))
    assert asked.query == {"page": ["1"], "page_size": ["10"], "sort_ascending": ["False"], "type": [kind]}


def _snake(name: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name).strip("_")


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"page": 0}, ("page", "1 or more")), ({"page_size": 101}, ("page_size", "from 1 to 100")),
        ({"visibility": "secret"}, ("visibility", "private", "unlisted", "public")),
        ({"search_query": 5}, ("search_query",)), ({"community": "yes"}, ("community",)),
        ({"sort_ascending": None}, ("sort_ascending",)), ({"sise": 5}, ("sise",)),
    ],
)  # fmt: skip
def test_lists_that_cannot_be_are_refused(
    coop_server: CoopServer, asked: dict[str, Any], words: tuple[str, ...]
) -> None:
    refused(lambda: Survey.list(**asked), *words)
    assert coop_server.seen == []


@pytest.mark.usefixtures("signed_in")
def test_a_server_need_not_count_its_objects(coop_server: CoopServer) -> None:
    row = {"uuid": "5", "object_type": "survey"}
    for rows, has_next in ((20, True), (2, False)):
        body = {"objects": [row] * rows, "total_pages": "many"}
        coop_server.fail("object/list", lambda body=body: web.json_response(body))
        listed = Survey.list(page_size=3)
        assert (len(listed), listed.total_count, listed.has_next) == (min(rows, 3), None, has_next)
        assert "page 1: " in repr(listed)
    coop_server.fail("object/list", lambda: web.json_response([row]))
    refused(Survey.list, "object/list", error=NotACoopError)


@pytest.mark.usefixtures("signed_in")
def test_a_class_deletes_objects_and_jobs_that_were_run_stay(coop_server: CoopServer) -> None:
    uuid = Survey.example().push().uuid
    Survey.delete(uuid)
    assert coop_server.objects == {}
    refused(lambda: Survey.delete(uuid), "404", error=CoopNotFoundError)
    job = coop_server.add_job(grid_job()).uuid
    for change in (lambda: Jobs.delete(job), lambda: Jobs.patch(job, description="other")):
        refused(change, "cannot be changed or deleted there", error=CoopError)
    assert job in coop_server.jobs
