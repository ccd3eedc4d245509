"""The examples of docs/coop.md, run one after the other against a server on the loopback."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import Jobs
from edsl_nb.coop import signing_in
from edsl_nb.coop.remote_cache import wait_for_sending
from tests.coop_server import CoopServer, Job
from tests.unit.samples import grid_job

DOCS = Path(__file__).parents[2] / "docs" / "coop.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)


@pytest.fixture
def stocked(coop_server: CoopServer) -> CoopServer:
    """A server that has enough jobs for the pages that are turned, and runs those that are sent."""
    results = grid_job().run(progress_bar=False)
    for i in range(25):
        status = "queued" if i % 2 else "running"
        coop_server.add_job(grid_job(), results, description=f"pilot {i}", status=status)

    def finish(job: Job) -> None:
        done = Jobs.from_dict(job.document).run(progress_bar=False)
        job.results_uuid, job.status = coop_server.add_object("results", done.to_dict()), "completed"

    coop_server.on_start = finish
    return coop_server


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(signing_in, "_EVERY", 0.01)
    yield
    wait_for_sending()


@pytest.mark.usefixtures("signed_in", "looked_at_often", "quick")
@pytest.mark.filterwarnings("ignore::edsl_nb.core.errors.EdslNbWarning")
def test_the_examples_of_the_documentation_work(stocked: CoopServer) -> None:
    assert len(EXAMPLES) >= 6
    names: dict[str, Any] = {}
    uuid = next(iter(stocked.jobs))
    for example in EXAMPLES:
        code = compile(
            example.replace("3f0c1a52-...", uuid), DOCS.name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        )
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(eval(code, names))
        else:
            exec(code, names)
    assert names["results"] is not None and len(stocked.jobs) == 27
