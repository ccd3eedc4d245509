"""The store: one SQLite file that several callers, processes and kills leave whole."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import edsl_nb
from edsl_nb.core.errors import ServiceError, StoreError
from edsl_nb.runner import ledger, places, schema, transaction
from edsl_nb.runner import store as store_module
from edsl_nb.runner.store import Store
from edsl_nb.runner.transaction import CallId, StoredItem, StoredReply
from tests.isolation import clean_environment

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store.sqlite3")
    yield made
    made.close()


def call(key: str = "k", service: str = "openai", address: str = "https://a", shape: str = "") -> CallId:
    return CallId(key, service, address, shape)


def reply(of: CallId | None = None, text: str = "Blue", run_id: str = "r1", **changes: Any) -> StoredReply:
    fields: dict[str, Any] = {
        "call": of or call(), "iteration": 0, "model": "m", "messages": "[]", "text": text, "raw": "{}",
        "input_tokens": 1, "output_tokens": 2, "thinking_tokens": None, "model_version": None,
        "latency": 0.5, "created": 1.0, "run_id": run_id,
    }  # fmt: skip
    return StoredReply(**fields | changes)


def rows(store: Store, sql: str = "SELECT id, key, text, run_id FROM replies ORDER BY id") -> list[Any]:
    """What another connection sees, which is what is committed."""
    with closing(sqlite3.connect(store.path)) as connection:
        return connection.execute(sql).fetchall()


async def add_all(store: Store, replies: list[StoredReply]) -> list[int]:
    return await asyncio.gather(*(store.add_reply(one) for one in replies))


# Writing and finding


def test_a_reply_is_committed_when_its_id_comes(store: Store) -> None:
    async def add() -> list[Any]:
        assert await store.add_reply(reply()) == 1
        return rows(store)

    assert asyncio.run(add()) == [(1, "k", "Blue", "r1")]


def test_all_fields_come_back(store: Store) -> None:
    whole = reply(
        text="ünï\0 🙂", raw='{"a": 1}', thinking_tokens=9, model_version="m-2", messages='["s", []]',
        iteration=3, input_tokens=2**40,
    )  # fmt: skip

    async def there_and_back() -> StoredReply | None:
        whole.id = await store.add_reply(whole)
        return await store.find(call())

    found = asyncio.run(there_and_back())
    assert found is not None
    assert {name: getattr(found, name) for name in StoredReply.__slots__} == {
        name: getattr(whole, name) for name in StoredReply.__slots__
    }


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(st.lists(st.integers(0, 6), max_size=400), max_size=4),
    yields=st.lists(st.integers(0, 2), min_size=1, max_size=5),
)
def test_the_ids_are_those_of_the_rows(tmp_path: Path, batches: list[list[int]], yields: list[int]) -> None:
    """However many callers there are at once, and whatever groups they come to be written in."""
    store = Store(tmp_path / f"{time.monotonic_ns()}.sqlite3")
    given: dict[int, str] = {}

    async def add(number: int, key: int) -> None:
        for _ in range(yields[number % len(yields)]):
            await asyncio.sleep(0)
        text = f"{len(given)} {number}"
        reply_id = await store.add_reply(reply(call(str(key)), text))
        assert reply_id not in given
        given[reply_id] = text

    async def add_batches() -> None:
        for batch in batches:
            await asyncio.gather(*(add(number, key) for number, key in enumerate(batch)))

    asyncio.run(add_batches())
    store.close()
    if given:
        assert {row[0]: row[2] for row in rows(store)} == given


def test_what_waits_together_is_written_together(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[int] = []
    transact = transaction.transact
    busy, go_on = threading.Event(), threading.Event()

    def counted(connection: Any, group: Any, items: Any) -> list[Any]:
        commits.append(len(group))
        busy.set()
        assert go_on.wait(20)
        return transact(connection, group, items)

    monkeypatch.setattr(store_module, "transact", counted)

    async def add() -> list[int]:
        first = asyncio.create_task(store.add_reply(reply(call("first"))))
        assert await asyncio.to_thread(busy.wait, 20)
        rest = asyncio.create_task(add_all(store, [reply(call(str(i))) for i in range(777)]))
        await asyncio.sleep(0.01)
        go_on.set()
        return [await first, *await rest]

    assert asyncio.run(add()) == list(range(1, 779))
    assert commits == [1, 777]


def test_a_look_up_finds_by_key_service_address_and_shape(store: Store) -> None:
    kept = [
        call(),
        call(service="test"),
        call(address="https://b"),
        call(shape="schema"),
        call("other"),
    ]

    async def look() -> None:
        ids = dict(zip(kept, await add_all(store, [reply(one) for one in kept]), strict=True))
        for one in kept:
            found = await store.find(one)
            assert found is not None
            assert (found.id, found.call) == (ids[one], one)
        assert await store.find(call("other", shape="schema")) is None
        assert await store.find(call("nowhere")) is None

    asyncio.run(look())


def test_the_latest_reply_wins_of_any_run_or_of_one(store: Store) -> None:
    async def look() -> None:
        for run_id, text in [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"), ("b", "5")]:
            await store.add_reply(reply(text=text, run_id=run_id))
        found = {run: await store.find(call(), run) for run in (None, "a", "b", "c", "d")}
        assert {run: one and one.text for run, one in found.items()} == {
            None: "5", "a": "3", "b": "5", "c": "4", "d": None,
        }  # fmt: skip

    asyncio.run(look())


def test_many_look_ups_at_once_each_find_their_own(store: Store) -> None:
    async def look() -> None:
        await add_all(store, [reply(call(str(i)), text=f"t{i}") for i in range(0, 1500, 2)])
        found = await asyncio.gather(*(store.find(call(str(i))) for i in range(1500)))
        assert [one and one.text for one in found] == [None if i % 2 else f"t{i}" for i in range(1500)]

    asyncio.run(look())


def test_a_look_up_sees_what_was_asked_to_be_written_before_it(store: Store) -> None:
    async def race() -> StoredReply | None:
        adding = asyncio.create_task(store.add_reply(reply()))
        await asyncio.sleep(0)
        found = await store.find(call())
        await adding
        return found

    assert asyncio.run(race()) is not None


def test_items_are_written_soon_and_again_in_place(store: Store) -> None:
    schema.connect(store.path).close()
    for position in range(3000):
        store.add_item(StoredItem("r1", position, "failed", "[]"))
    store.add_item(StoredItem("r1", 7, "answered", "[1]"))
    until = time.monotonic() + 20
    while len(rows(store, "SELECT * FROM items WHERE state = 'answered'")) < 1:
        assert time.monotonic() < until, "nobody waits for them, but they have to be written"
        time.sleep(0.01)
    assert rows(store, "SELECT count(*) FROM items") == [(3000,)]
    kept = rows(store, "SELECT state, cells FROM items WHERE position IN (6, 7) ORDER BY position")
    assert kept == [("failed", "[]"), ("answered", "[1]")]


def test_closing_writes_what_waits_and_using_it_again_opens_it(store: Store) -> None:
    async def use(position: int) -> None:
        await store.add_reply(reply(text=str(position)))
        store.add_item(StoredItem("r1", position, "answered", "[]"))

    for position in range(5):
        asyncio.run(use(position))
        store.close()
    store.close()
    assert len(rows(store)) == len(rows(store, "SELECT * FROM items")) == 5
    assert not [t for t in threading.enumerate() if t.name == "edsl_nb-store" and t is store._thread]


def test_several_loops_share_a_store(store: Store) -> None:
    def use(worker: int) -> None:
        asyncio.run(add_all(store, [reply(text=f"{worker} {i}") for i in range(200)]))

    threads = [threading.Thread(target=use, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len({row[2] for row in rows(store)}) == 800


def test_who_went_away_holds_up_nobody(store: Store) -> None:
    """A caller that is cancelled, or whose loop is closed, before the answer comes."""

    async def leave() -> None:
        task = asyncio.create_task(store.add_reply(reply(text="left")))
        await asyncio.sleep(0)
        task.cancel()

    for _ in range(20):
        asyncio.run(leave())
    assert asyncio.run(add_all(store, [reply(text="stayed")])) == [21]
    assert len(rows(store)) == 21, "what was asked to be written is written"


def test_one_reply_that_cannot_be_kept_costs_no_other(store: Store) -> None:
    bad = [
        reply(text="half \ud83d"),
        reply(input_tokens=2**80),
        reply(text={"no": "text"}),
        reply(output_tokens="many"),
    ]

    async def add() -> list[Any]:
        mixed = [reply(text=str(i)) for i in range(50)]
        for position, one in zip((0, 7, 20, 53), bad, strict=True):
            mixed.insert(position, one)
        return await asyncio.gather(*(store.add_reply(one) for one in mixed), return_exceptions=True)

    outcomes = asyncio.run(add())
    failed = [one for one in outcomes if isinstance(one, BaseException)]
    assert [type(one) for one in failed] == [ServiceError] * 4
    assert all("the reply cannot be kept" in str(one) for one in failed)
    assert [row[2] for row in rows(store)] == [str(i) for i in range(50)]


# The file


def test_replies_survive_a_power_cut(store: Store) -> None:
    connection = schema.connect(store.path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,), "2 is FULL"
    assert connection.execute("PRAGMA user_version").fetchone() == (schema.SCHEMA_VERSION,)
    connection.close()


def test_a_file_of_a_newer_version_is_refused_by_name(store: Store) -> None:
    schema.connect(store.path).close()
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION + 1}")
    for use in (store.check, lambda: asyncio.run(add_all(store, [reply()]))):
        with pytest.raises(StoreError, match="newer edsl_nb") as refused:
            use()
        assert f"its version is {schema.SCHEMA_VERSION + 1}" in str(refused.value)
        assert str(store.path) in str(refused.value)
        assert "Upgrade edsl_nb" in str(refused.value)
    assert rows(store, "PRAGMA user_version") == [(schema.SCHEMA_VERSION + 1,)], "and left as it is"


def refused(store: Store, *words: str) -> None:
    """Every use of the store is refused with these words, at once, and the thread goes on."""
    for use in (
        store.check,
        lambda: asyncio.run(add_all(store, [reply(), reply()])),
        lambda: asyncio.run(store.find(call())),  # type: ignore[arg-type]
    ):
        began = time.monotonic()
        with pytest.raises(StoreError) as caught:
            use()
        assert time.monotonic() - began < 20
        for word in ("EDSL_NB_HOME", *words):
            assert word in str(caught.value)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "read only"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):  # root may write everywhere but here
        folder = Path("/sys/edsl_nb")
    if not folder.parent.exists():
        pytest.skip("nothing here is read-only for this user")
    refused(Store(folder / "store.sqlite3"), str(folder), "a folder that can be written to")


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    refused(Store(tmp_path / "file" / "store.sqlite3"), "a folder that can be written to")


def test_a_file_that_is_no_store(store: Store) -> None:
    store.path.write_bytes(b"something else altogether" * 1000)
    refused(store, "not a database", "Move the file away")


def test_a_damaged_store(store: Store) -> None:
    asyncio.run(add_all(store, [reply(call(str(i)), text="x" * 500) for i in range(500)]))
    store.close()
    with store.path.open("r+b") as file:
        for page in range(1, 40):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    with pytest.raises(StoreError, match="Move the file away"):
        asyncio.run(store.find(call("1")))  # type: ignore[arg-type]


def test_a_store_that_another_program_locks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_CHECK_TIMEOUT", 0.2)
    monkeypatch.setattr(schema, "BUSY_TIMEOUT", 0.2)
    monkeypatch.setattr(schema.connect, "__defaults__", (0.2, None))
    schema.connect(store.path).close()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for use in (store.check, lambda: asyncio.run(add_all(store, [reply()]))):
            with pytest.raises(StoreError, match="Another program keeps it locked"):
                use()
        other.execute("COMMIT")
    assert asyncio.run(add_all(store, [reply()])) == [1], "and goes on once the other has ended"


def test_items_wait_until_a_lock_is_gone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema.connect, "__defaults__", (0.1, None))

    async def add(position: int) -> None:
        store.add_item(StoredItem("r1", position, "answered", "[]"))
        await store.add_reply(reply())

    asyncio.run(add(0))
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError):
            asyncio.run(add(1))
        other.execute("ROLLBACK")
    asyncio.run(add(2))
    assert rows(store, "SELECT position FROM items ORDER BY position") == [(0,), (1,), (2,)]


def test_a_full_disk(store: Store) -> None:
    asyncio.run(add_all(store, [reply()]))
    store.close()
    size = store.path.stat().st_size
    with closing(sqlite3.connect(store.path)) as connection:
        pages = size // connection.execute("PRAGMA page_size").fetchone()[0]
    real = schema.connect

    def small(path: Path, timeout: float = 1) -> sqlite3.Connection:
        connection = real(path, timeout)
        connection.execute(f"PRAGMA max_page_count = {pages}")  # what SQLite then says is "disk is full"
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_module, "connect", small)
        with pytest.raises(StoreError, match="make room"):
            asyncio.run(add_all(store, [reply(text="x" * 10**6)]))
    store.close()
    assert len(rows(store)) == 1


# Folders that other machines write to


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """A store on what the system says is a network drive."""
    mounts = tmp_path / "mountinfo"
    drive = str(tmp_path / "my drive").replace(" ", "\\040")
    mounts.write_text(
        "22 1 8:1 / / rw - ext4 /dev/sda rw\n"
        f"23 22 0:5 / {drive} rw,relatime shared:1 - nfs4 host:/ rw\n"
        f"24 23 0:6 / {drive}/local rw - ext4 /dev/sdb rw\n"
    )
    monkeypatch.setattr(places, "MOUNTS", mounts)
    return Store(tmp_path / "my drive" / "home" / "store.sqlite3")


def test_places_that_other_machines_write_to(network: Store, tmp_path: Path) -> None:
    drive = tmp_path / "my drive"
    assert places.shared(network.path) == "a network drive (nfs4)"
    assert places.shared(drive / "local" / "store.sqlite3") is None
    assert places.shared(tmp_path / "my drive 2" / "store.sqlite3") is None
    (tmp_path / "link").symlink_to(drive)
    assert places.shared(tmp_path / "link" / "store.sqlite3") == "a network drive (nfs4)"
    folders = (
        "Dropbox",
        "Dropbox (Team)",
        "OneDrive - Uni",
        "Google Drive",
        "Mobile Documents",
        "iCloudDrive",
    )
    for folder in folders:
        assert places.shared(tmp_path / folder / "x" / "store.sqlite3") == f"a synchronised folder ({folder})"
    assert places.shared(tmp_path / "Dropboxes" / "store.sqlite3") is None


def test_a_network_drive_has_no_log_and_one_owner(network: Store) -> None:
    network.check()
    assert asyncio.run(add_all(network, [reply()])) == [1]
    network.check()  # by who owns it already
    assert not network.path.with_name("store.sqlite3-wal").exists()
    other = Store(network.path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_module, "_CHECK_TIMEOUT", 0.2)
        for use in (other.check, lambda: asyncio.run(add_all(other, [reply()]))):
            began = time.monotonic()
            with pytest.raises(StoreError, match=r"a network drive \(nfs4\), where one program") as no:
                use()
            assert "settings.store" in str(no.value)
            assert time.monotonic() - began < 10
    network.close()
    assert asyncio.run(add_all(other, [reply()])) == [2], "once the owner has ended another can be it"
    other.close()


def test_a_store_with_a_log_that_is_moved_to_a_network_drive(network: Store, tmp_path: Path) -> None:
    local = Store(tmp_path / "store.sqlite3")
    asyncio.run(add_all(local, [reply(text="before")]))
    network.path.parent.mkdir(parents=True)
    for file in tmp_path.glob("store.sqlite3*"):  # as it is while somebody has it open
        if not file.name.endswith("-shm"):
            (network.path.parent / file.name).write_bytes(file.read_bytes())
    local.close()
    asyncio.run(add_all(network, [reply(text="after")]))
    network.close()
    assert [row[2] for row in rows(network)] == ["before", "after"]


def test_a_disk_that_does_not_answer_is_given_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(store_module, "connect", lambda *given: go_on.wait(20) and schema.connect(*given))
    monkeypatch.setattr(store_module, "_ANSWER_TIMEOUT", 0.2)
    with pytest.raises(StoreError, match="the disk does not answer"):
        store.check()
    go_on.set()


def test_the_store_can_be_another_file(
    private_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDSL_NB_STORE", str(tmp_path / "a.db"))
    assert store_module.store().path == tmp_path / "a.db"
    edsl_nb.settings.store = tmp_path / "b.db"
    try:
        assert store_module.store().path == tmp_path / "b.db"
    finally:
        edsl_nb.settings.store = None
    monkeypatch.delenv("EDSL_NB_STORE")
    assert store_module.store().path == private_home / "store.sqlite3"
    with pytest.raises(edsl_nb.EdslNbError, match="the path of a file"):
        edsl_nb.settings.store = 7  # type: ignore[assignment]


_FIRST_VERSION = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, job TEXT NOT NULL, options TEXT NOT NULL, items INTEGER NOT NULL,
    state TEXT NOT NULL, owner TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL
) STRICT;
INSERT INTO runs VALUES ('old', '{}', '{"fresh": false}', 3, 'running', 'host:12', 1.0, 2.0);
DROP TABLE new_runs;
PRAGMA user_version = 1;
"""


def test_a_store_of_the_first_version_is_taken_over(store: Store) -> None:
    asyncio.run(add_all(store, [reply()]))
    store.close()
    with closing(sqlite3.connect(store.path)) as connection:
        connection.executescript(
            "ALTER TABLE runs RENAME TO new_runs; DROP INDEX runs_by_time;" + _FIRST_VERSION
        )
    assert asyncio.run(add_all(store, [reply()])) == [2]
    assert rows(store, "SELECT id, state, items, plan FROM runs") == [("old", "running", 3, None)]
    assert rows(store, "PRAGMA user_version") == [(2,)]
    assert [(run.id, run.alive) for run in ledger.listing(store)] == [("old", False)]


# Processes

_WRITER = """
import asyncio, sys
from pathlib import Path
from edsl_nb.runner.store import Store
from tests.real.test_store import call, reply, add_all
store = Store(Path(sys.argv[1]))
sys.stdin.readline()
async def write():
    for group in range(10):
        found = [reply(call(f"{sys.argv[2]} {group} {i}"), text=sys.argv[2]) for i in range(50)]
        ids = await add_all(store, found)
        assert len(set(ids)) == 50
asyncio.run(write())
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "home" / "store.sqlite3"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path), name],
            cwd=ROOT, env=clean_environment(PYTHONPATH=str(ROOT)),
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for name in ("a", "b", "c")
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    outcomes = [writer.communicate(timeout=120)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], outcomes
    kept = rows(Store(path))
    assert len({row[1] for row in kept}) == len(kept) == 1500


def _open_at_once(barrier: Any, folder: str, failures: Any) -> None:
    for number in range(25):
        barrier.wait(60)
        try:
            schema.connect(Path(folder) / str(number) / "store.sqlite3").close()
        except StoreError as failure:
            failures.put(str(failure))


def test_processes_that_make_the_file_at_once_all_can(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    barrier, failures = context.Barrier(4), context.Queue()
    processes = [
        context.Process(target=_open_at_once, args=(barrier, str(tmp_path), failures)) for _ in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(100)
    assert [process.exitcode for process in processes] == [0] * 4
    assert failures.empty(), failures.get()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_has_a_store_of_its_own(tmp_path: Path, private_home: Path) -> None:
    program = """
import asyncio, json, os
from edsl_nb.runner.store import store
from tests.real.test_store import call, reply, add_all
before = store()
asyncio.run(add_all(before, [reply(call("before"))]))
child = os.fork()
if child == 0:
    assert store() is not before
    asyncio.run(add_all(store(), [reply(call(f"child {i}")) for i in range(100)]))
    os._exit(0)
asyncio.run(add_all(before, [reply(call(f"parent {i}")) for i in range(100)]))
assert store() is before
print(os.waitpid(child, 0)[1])
"""
    done = subprocess.run(
        # Python warns of any fork while there are threads.
        [sys.executable, "-W", "error::ResourceWarning", "-W", "ignore::DeprecationWarning", "-c", program],
        cwd=ROOT, env=clean_environment(PYTHONPATH=str(ROOT), EDSL_NB_HOME=str(private_home)),
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == ("0\n", "", 0)
    keys = {row[1].split()[0] for row in rows(Store(private_home / "store.sqlite3"))}
    assert len(rows(Store(private_home / "store.sqlite3"))) == 201
    assert keys == {"before", "child", "parent"}


def test_there_is_one_store_per_folder(private_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = store_module.store()
    assert first is store_module.store()
    assert first.path == private_home / "store.sqlite3"
    monkeypatch.setenv("EDSL_NB_HOME", str(private_home / "other"))
    assert store_module.store() is not first


def test_what_is_stored_is_plain(store: Store) -> None:
    """Another program can read it: three tables, and JSON where there is structure."""
    asyncio.run(add_all(store, [reply(messages=json.dumps(["s", [["user", "u"]]]))]))
    names = rows(store, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    assert names == [("items",), ("replies",), ("runs",)]
    assert rows(store, "SELECT json_extract(messages, '$[1][0][1]') FROM replies") == [("u",)]
