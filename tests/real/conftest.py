"""What tests of Coop share: a server, and somebody who asks it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edsl_nb import Coop
from edsl_nb.coop import remote_run
from edsl_nb.coop.remote_cache import wait_for_sending
from edsl_nb.runner import loop as runner_loop
from tests.coop_server import KEY, QUICK, CoopServer, serving


@pytest.fixture
def coop_server() -> Iterator[CoopServer]:
    """A Coop of its own for each test."""
    with serving() as made:
        yield made
        wait_for_sending()
        runner_loop.submit(_look_no_longer()).result(30)


async def _look_no_longer() -> None:
    """End what still looks at jobs on a server that is about to go, which it would ask again and again."""
    looking = [task for task in asyncio.all_tasks() if "RemoteExecution" in repr(task.get_coro())]
    for task in looking:
        task.cancel()
    await asyncio.gather(*looking, return_exceptions=True)


@pytest.fixture
def coop(coop_server: CoopServer) -> Coop:
    """Somebody with an account there."""
    return Coop(coop_server.url, KEY, QUICK)


@pytest.fixture
def signed_in(coop_server: CoopServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names the server and the account."""
    monkeypatch.setenv("EXPECTED_PARROT_URL", coop_server.url)
    monkeypatch.setenv("EXPECTED_PARROT_API_KEY", KEY)


@pytest.fixture
def new_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has this process use another store from now on."""
    return lambda name: monkeypatch.setenv("EDSL_NB_STORE", str(tmp_path / f"{name}.sqlite3"))


@pytest.fixture
def looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has jobs on Coop looked at as often as tests need."""
    monkeypatch.setattr(remote_run, "_FIRST", 0.01)
    monkeypatch.setattr(remote_run, "_SELDOM", 0.05)
