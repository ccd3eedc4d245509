"""The real edsl's client and ours speak with the same Coop: what one puts there, the other reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edsl_nb import AgentList, Cache, Coop, Jobs, ModelList, Results, Scenario, ScenarioList
from edsl_nb.core.errors import CoopNotFoundError
from tests.coop_server import KEY, QUICK, CoopServer, Job, serving
from tests.foreign.conftest import RunForeign
from tests.unit.samples import grid_job

#: Classes of edsl that push themselves; jobs do it in parts, which `JOBS` looks at.
KINDS = (
    "Agent", "AgentList", "Cache", "FileStore", "Model", "ModelList", "Notebook", "QuestionMultipleChoice",
    "Results", "Scenario", "ScenarioList", "Survey",
)  # fmt: skip

#: Pushes an example of each class; gives uuid and JSON of each.
PUSH = f"""
found = {{}}
for name in {KINDS!r}:
    example = getattr(edsl, name).example()
    found[name] = (str(example.push(description=name, alias="an-" + name)["uuid"]), example.to_dict())
print(json.dumps(found))
"""

#: Pulls what `pushed` names, by class, and gives its JSON.
PULL = """
print(json.dumps({name: getattr(edsl, name).pull(uuid).to_dict() for name, uuid in pushed.items()}))
"""

PUSH_JOB = """
job = edsl.Jobs.example().by(edsl.Model("gpt-4o", service_name="openai"))
print(json.dumps([str(job.push()["uuid"]), job.to_dict()]))
"""

JOBS = """
jobs = edsl.Jobs.list()
print(json.dumps([[one.to_dict() for one in jobs.fetch()], [len(one) for one in jobs.fetch_results()]]))
"""

RUN = """
job = edsl.QuestionFreeText.example().by(edsl.Model("test"))
results = job.run(progress_bar=False, offload_execution=True, remote_inference_description="theirs")
print(json.dumps([len(results), job.to_dict()]))
"""


@pytest.fixture
def server() -> Iterator[CoopServer]:
    with serving() as made:
        # The real edsl takes no address of numbers in the clear.
        made.url = made.url.replace("127.0.0.1", "localhost")
        yield made


@pytest.fixture
def coop(server: CoopServer) -> Coop:
    return Coop(server.url, KEY, QUICK)


@pytest.fixture
def theirs(server: CoopServer, edsl: RunForeign) -> Callable[..., Any]:
    """Runs source in the real edsl, signed in at the server, with variables."""

    def run(source: str, **variables: Any) -> Any:
        environment = {
            "EXPECTED_PARROT_API_KEY": KEY, "EXPECTED_PARROT_URL": server.url,
            "NO_PROXY": "localhost,127.0.0.1",
        }  # fmt: skip
        given = "\n".join(f"{name} = {value!r}" for name, value in variables.items())
        start = (
            f'import json, os, warnings\nwarnings.simplefilter("ignore")\nos.environ.update({environment!r})'
        )
        return edsl(f"{start}\nimport edsl\n{given}\n{source}")

    return run


def alike(one: Any, other: Any) -> bool:
    """Whether two objects are equal; of results, whether their answers are."""
    if not isinstance(one, Results):
        return one == other
    return one.select("answer.*").to_list() == other.select("answer.*").to_list()


def test_what_edsl_pushes_is_pulled_by_uuid_and_alias(theirs: Callable[..., Any], coop: Coop) -> None:
    for name, (uuid, data) in theirs(PUSH).items():
        found = coop.pull(uuid)
        assert alike(found, type(found).from_dict(data)), name
        assert alike(coop.pull(f"{coop.url}/content/ann/an-{name}"), found), name
    listed = coop.list(page_size=50)
    assert {one.description for one in listed} == set(KINDS) and listed.total_count == len(KINDS)


def test_a_job_that_edsl_pushed_in_parts_is_a_job_again(theirs: Callable[..., Any], coop: Coop) -> None:
    uuid, data = theirs(PUSH_JOB)
    assert coop.pull(uuid, Jobs) == Jobs.from_dict(data)
    assert isinstance(coop.pull(uuid), Scenario), "which it is on Coop"
    parts = coop.pull(uuid)
    coop.delete(parts["agents"]["uuid"])
    with pytest.raises(CoopNotFoundError):
        coop.pull(uuid, Jobs)


def test_what_is_pushed_here_is_pulled_by_edsl(theirs: Callable[..., Any], coop: Coop) -> None:
    job = grid_job()
    ours: dict[str, Any] = {
        "Agent": job.agents[0], "AgentList": AgentList(job.agents), "Cache": Cache.example(),
        "ModelList": ModelList(job.models), "Results": job.run(progress_bar=False),
        "Scenario": job.scenarios[0], "ScenarioList": ScenarioList(job.scenarios), "Survey": job.survey,
    }  # fmt: skip
    pushed = {name: coop.push(one).uuid for name, one in ours.items()}
    for name, data in theirs(PULL, pushed=pushed).items():
        assert alike(type(ours[name]).from_dict(data), ours[name]), name


def test_jobs_that_run_on_coop_are_read_by_both(
    theirs: Callable[..., Any], server: CoopServer, coop: Coop
) -> None:
    def finish(job: Job) -> None:
        results = Jobs.from_dict(job.document).run(progress_bar=False)
        job.results_uuid, job.status = server.add_object("results", results.to_dict()), "completed"
        # The real edsl reads these without a look whether they are there.
        done = {"total_interviews": len(results), "completed_interviews": len(results)}
        job.details = {"interview_details": {**done, "interviews_with_exceptions": 0}}

    server.on_start = finish
    count, data = theirs(RUN)
    (row,) = coop.list_jobs(search_query="theirs")
    job, results = coop.list_jobs().fetch().found[0], coop.list_jobs().fetch_results().found[0]
    assert job == Jobs.from_dict(data) and isinstance(results, Results) and len(results) == count == 1
    assert row.status == "completed"

    ours = grid_job()
    ours.run(remote=coop, progress_bar=False)
    fetched, lengths = theirs(JOBS)
    assert sorted(lengths) == [1, len(ours)]
    assert ours in [Jobs.from_dict(one) for one in fetched]
    assert json.dumps(fetched).count(KEY) == 0
