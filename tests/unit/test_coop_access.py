"""Which Coop is asked, with whose key, and what is refused before anything is sent."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import AsyncCoop, Coop, Jobs
from edsl_nb.coop.access import access
from edsl_nb.coop.identifiers import name_of
from edsl_nb.coop.records import STATUSES, JobRow
from edsl_nb.core.errors import CoopError, CoopSignInError, EdslNbError, EdslNbWarning, NotACoopError
from tests.unit.samples import refusal

KEY = "a-key-for-tests-only-0123456789"
UUID = "88e4f54e-0000-4000-8000-00000000abcd"
HERE = "http://localhost:8765"


def environment(monkeypatch: pytest.MonkeyPatch, key: str | None = None, url: str | None = None) -> None:
    for name, value in (("EXPECTED_PARROT_API_KEY", key), ("EXPECTED_PARROT_URL", url)):
        if value is not None:
            monkeypatch.setenv(name, value)


def test_the_hosted_service_is_usual_and_its_api_has_an_address_of_its_own() -> None:
    assert (access().url, access().api) == (
        "https://www.expectedparrot.com",
        "https://api.expectedparrot.com",
    )


@pytest.mark.parametrize("url", [HERE, "http://localhost:1234", "https://expectedparrot.example.org/ep"])
def test_other_addresses_are_used_as_they_are_given(url: str) -> None:
    assert access(url + "/", KEY).api == url


def test_parameters_come_before_the_environment_and_that_before_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"EXPECTED_PARROT_API_KEY=key-of-the-file\nEXPECTED_PARROT_URL={HERE}\n")
    assert access().url == HERE and access().key == "key-of-the-file"
    environment(monkeypatch, KEY, "http://localhost:9")
    assert access().url == "http://localhost:9" and access().key == KEY
    assert access("http://localhost:7", "another-key").key == "another-key"


def test_the_environments_key_is_sent_to_its_own_address_only(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, KEY)
    assert access().key == KEY
    with pytest.raises(CoopSignInError, match="belongs to") as caught:
        access("https://elsewhere.example.org").check()
    assert KEY not in str(caught.value)


def test_a_file_in_the_folder_does_not_lead_the_environments_key_elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("EXPECTED_PARROT_URL=https://elsewhere.example.org\n")
    environment(monkeypatch, KEY)
    with pytest.raises(CoopSignInError, match="does not get it"):
        access().check()


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a.org", "localhost:80", "http://", "http://a b", "http://[", "http://a:x", "http://h/?a", 5,
     "http://ann:secret-password@a.org", "http://a/\x00"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: Any) -> None:
    error = refusal(lambda: Coop(url, KEY), "url", error=CoopError)
    assert "secret-password" not in str(error)


def test_an_address_in_the_clear_elsewhere_is_warned_of_once(recwarn: pytest.WarningsRecorder) -> None:
    for _ in range(2):
        Coop("http://coop.example.org:8000", KEY)
    Coop("http://127.0.0.1:8000", KEY)
    Coop("http://localhost:8000", KEY)
    assert [w.category for w in recwarn.list] == [EdslNbWarning]


@pytest.mark.parametrize("key", ["", " ", "two\nlines", "ключ", 5])
def test_what_is_no_key_is_refused(key: Any) -> None:
    refusal(lambda: Coop(HERE, key), "api_key", error=CoopError)


def test_both_clients_can_do_the_same() -> None:
    can = [{name for name in dir(cls) if not name.startswith("_")} for cls in (Coop, AsyncCoop)]
    assert can[0] == can[1]


def test_no_text_shows_the_key() -> None:
    coop = Coop(HERE, KEY)
    for text in (repr(coop), repr(coop.asynchronous), repr(coop.asynchronous.wire.access), str(vars(coop))):
        assert KEY not in text


def test_files_hold_no_key_and_copies_do() -> None:
    wire = Coop(HERE, KEY).asynchronous.wire
    assert KEY not in repr(pickle.dumps(wire.access))
    with pytest.raises(CoopSignInError, match="not written to files"):
        pickle.loads(pickle.dumps(wire.access)).check()
    assert copy.deepcopy(wire).access.check() == KEY


# Names


@pytest.mark.parametrize(
    ("given", "uuid"),
    [
        (UUID, UUID), (UUID.upper(), UUID), (f" {UUID} ", UUID), (f"{HERE}/content/{UUID}", UUID),
        (f"{HERE}/content/{UUID}/?x=1#top", UUID), (f"{HERE}/home/remote-job-progress/{UUID}", UUID),
        ("ann/my-survey", "ann/my-survey"), (f"{HERE}/content/ann/my-survey", "ann/my-survey"),
        (JobRow(uuid=UUID), UUID),
    ],
)  # fmt: skip
def test_things_are_named_by_uuid_address_or_alias(given: Any, uuid: str) -> None:
    assert str(name_of(given, HERE)) == uuid


def test_addresses_with_a_path_before_them_are_read_too() -> None:
    assert str(name_of(f"{HERE}/ep/content/{UUID}", f"{HERE}/ep")) == UUID


@pytest.mark.parametrize(
    "given",
    ["", "survey", "a/b/c", "../../x", "ann/", "/x", None, 5, f"https://other.org/content/{UUID}",
     f"{HERE}/login", "http://[", f"{HERE}/content/a?b/c d"],
)  # fmt: skip
def test_what_names_nothing_is_refused_before_anything_is_sent(given: Any) -> None:
    refusal(lambda: Coop(HERE, KEY).pull(given), "uuid", error=CoopError)


@given(st.text())
def test_any_text_is_a_name_or_is_refused(text: str) -> None:
    try:
        name = name_of(text, HERE)
    except EdslNbError:
        return
    assert name.uuid or (name.owner and name.alias)


# What is asked


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"page": 0}, ("page", "1 or more")), ({"page": True}, ("page",)), ({"page": "2"}, ("page",)),
        ({"page_size": 0}, ("page_size", "from 1 to 100")), ({"page_size": 101}, ("page_size",)),
        ({"status": "runing"}, ("status", "'running'", *STATUSES)), ({"status": ["queued", 5]}, ("status",)),
        ({"status": 5}, ("status",)), ({"job_status": "x"}, ("job_status",)),
        ({"status": "failed", "job_status": "failed"}, ("job_status", "two names")),
        ({"search_query": 5}, ("search_query",)), ({"search_query": "x" * 1001}, ("search_query", "1,000")),
        ({"search_query": "\ud800"}, ("search_query",)), ({"sort_ascending": 1}, ("sort_ascending",)),
        ({"sise": 5}, ("sise",)),
    ],
)  # fmt: skip
def test_lists_that_cannot_be_are_refused_with_what_can(
    asked: dict[str, Any], words: tuple[str, ...]
) -> None:
    refusal(lambda: Jobs.list(**asked), *words)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda coop: coop.push(5), ("int", "Survey")),
        (lambda coop: coop.push(Jobs.example(), alias="ä b"), ("alias",)),
        (lambda coop: coop.push(Jobs.example(), visibility="secret"), ("visibility", "unlisted")),
        (lambda coop: coop.push(Jobs.example(), description=5), ("description",)),
        (lambda coop: coop.list(Jobs.list), ("object_type",)),
        (lambda coop: coop.list(int), ("list", "Survey")),
        (lambda coop: coop.list("surveys"), ("object_type", "survey")),
        (lambda coop: coop.list(page=0), ("page",)),
        (lambda coop: coop.patch(UUID), ("patch", "nothing")),
        (lambda coop: coop.push(Jobs), ("push", "Survey")), (lambda coop: coop.fetch_jobs(5), ("uuid",)),
        (lambda coop: coop.pull(UUID, expected="Survey"), ("expected",)),
        (lambda coop: coop.estimate_cost(5), ("job",)),
        (lambda coop: coop.estimate_cost(Jobs.example(), 0), ("iterations",)),
        (lambda coop: coop.fetch_jobs([], progress_bar="x"), ("progress_bar",)),
        (lambda coop: type(coop)(HERE, KEY, patience=5), ("patience",)),
        (lambda coop: coop.cancel("ann/job"), ("uuid", "alias")),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_sent(call: Any, words: tuple[str, ...]) -> None:
    refusal(lambda: call(Coop(HERE, KEY)), *words, error=CoopError)


# Records


@pytest.mark.parametrize("name", ["created_ts", "created_at"])
def test_times_are_read_under_either_name_and_written_alike(name: str) -> None:
    row = JobRow.of({"uuid": UUID, name: "2026-11-21T22:06:00.132050+02:00"}, "x")
    assert row.created_at == row["created_at"] == "2026-11-21T20:06:00+00:00"
    assert JobRow.of({"uuid": UUID, name: "yesterday"}, "x").created_at == "yesterday"


def test_a_row_has_the_documented_columns_and_takes_what_is_missing_or_odd() -> None:
    assert list(JobRow(uuid=UUID)) == [
        "uuid", "description", "status", "cost_credits", "iterations", "results_uuid",
        "latest_error_report_uuid", "latest_failure_reason", "version", "created_at",
    ]  # fmt: skip
    odd = {
        "uuid": UUID,
        "cost_credits": "1.5",
        "iterations": None,
        "version": 1.0,
        "description": 5,
        "more": {},
    }
    row = JobRow.of(odd, "x")
    assert (row.cost_credits, row.iterations, row.version, row.description) == (1.5, None, "1.0", "5")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
)


@given(st.dictionaries(st.sampled_from([*JobRow.model_fields, "created_ts"]), JSON))
def test_any_json_is_a_row_or_is_refused_as_no_coops(data: dict[str, Any]) -> None:
    try:
        row = JobRow.of(data, "x")
    except NotACoopError:
        return
    assert isinstance(row.uuid, str)
