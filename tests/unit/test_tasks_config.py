"""AgentBench's configuration files, and what they name: factories, HTTP agents, prompters."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Model
from edsl_nb.core.secrets import redact
from edsl_nb.tasks import (
    AgentClient,
    Benchmark,
    HTTPAgent,
    InstanceFactory,
    RemoteTask,
    Session,
    Task,
    TaskError,
    TaskOutput,
    TaskSampleExecutionResult,
    agentbench_imports,
)
from edsl_nb.tasks.config import load_config, merged
from edsl_nb.tasks.imports import ImportsInUse
from edsl_nb.tasks.prompters import prompter
from tests.real.run_tools import wait_until
from tests.unit.samples import refusal

HISTORY = [
    {"role": "user", "content": "Hello {content}"},
    {"role": "agent", "content": "Hi"},
    {"role": "user", "content": "Bye"},
]


@pytest.fixture(autouse=True)
def none_released() -> None:
    Sums.released, Sums.most_at_once = 0, {}


class Sums(Task):
    """A task that configurations name."""

    released = 0
    most_at_once: ClassVar[dict[str, int]] = {}

    def __init__(self, name: str = "sums", concurrency: int = 5, many: int = 3) -> None:
        super().__init__(name, concurrency)
        self.many, self.at_once = many, 0

    def get_indices(self) -> Any:
        return list(range(self.many))

    async def start_sample(self, index: Any, session: Session) -> TaskSampleExecutionResult:
        self.at_once += 1
        self.most_at_once[self.name] = max(self.at_once, self.most_at_once.get(self.name, 0))
        await asyncio.sleep(0.02)
        self.at_once -= 1
        return TaskSampleExecutionResult(result=self.concurrency)

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        return {"n": len(results)}

    def release(self) -> None:
        type(self).released += 1


def config(folder: Path, **files: str) -> dict[str, Any]:
    """The configuration in ``main``, beside others."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return load_config(folder / "main.yaml")


# The keywords


def test_imports_are_merged_in_order_and_what_stands_beside_them_over_them(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.json").write_text('{"x": {"b": 2, "both": "b"}, "list": [2]}')
    (tmp_path / "sub" / "a.yaml").write_text("import: b.json\nx: {a: 1}\nlist: [1]\n")
    assert config(
        tmp_path,
        c="x: {both: c, c: 3}\nlist: [3]",
        main="import: [sub/a.yaml, c.yaml]\nx: {own: 4}\nlist: [4]\nnested:\n  import: c.yaml\n  d: 5\n",
    ) == {
        "x": {"a": 1, "b": 2, "both": "c", "c": 3, "own": 4},
        "list": [2, 1, 3, 4],
        "nested": {"x": {"both": "c", "c": 3}, "list": [3], "d": 5},
    }


def test_default_is_merged_under_and_overwrite_over_every_value_beside_them(tmp_path: Path) -> None:
    found = config(
        tmp_path,
        main="""
        default: {module: M, parameters: {a: 1, list: [1]}}
        overwrite: {parameters: {c: 9, list: [9]}}
        one: {parameters: {a: 2, list: [2]}}
        two: {module: N}
        three: null
        four: text
        """,
    )
    assert found == {
        "one": {"module": "M", "parameters": {"a": 2, "c": 9, "list": [1, 2, 9]}},
        "two": {"module": "N", "parameters": {"a": 1, "c": 9, "list": [1, 9]}},
        "three": None,
        "four": "text",
    }


def test_keywords_act_on_imports_before_their_own_and_on_inner_mappings_before_outer_ones(
    tmp_path: Path,
) -> None:
    found = config(
        tmp_path,
        inner="default: {from: inner}\na: {x: 1}",
        main="""
        agents:
          import: [inner.yaml, inner.yaml]
          default: {from: outer, y: 2}
          b: {}
        """,
    )
    assert found == {"agents": {"a": {"from": "inner", "x": 1, "y": 2}, "b": {"from": "outer", "y": 2}}}


plain = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12,
)
mappings = st.dictionaries(st.sampled_from("abcd"), plain, max_size=4)


@given(mappings, mappings, mappings)
def test_merging_is_associative_and_an_empty_mapping_changes_nothing(a: Any, b: Any, c: Any) -> None:
    assert merged(a, {}) == a == merged({}, a)
    if not any(isinstance(one, dict | list) for part in (a, b, c) for one in part.values()):
        assert merged(merged(a, b), c) == merged(a, merged(b, c)) == {**a, **b, **c}
    assert set(merged(a, b)) == {*a, *b}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import: main.yaml", ["main.yaml imports main.yaml", "never end"]),
        ("import: gone.yaml", ["cannot read it", "gone.yaml", "relative to the file"]),
        ("import: 3", ["a path or a list of paths is wanted"]),
        ("- a", ["a configuration is a mapping"]),
        ("a: [", ["main.yaml is malformed"]),
        ("a: !!python/object/apply:os.system [ls]", ["main.yaml is malformed"]),
        ("a: &a [*a]", ["deeper than 50 levels"]),
        (
            "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
            + "\n".join(
                f"{n}: &{n} [{','.join(['*' + last] * 10)}]"
                for last, n in zip("abcdef", "bcdefg", strict=True)
            ),
            ["more than 200,000 values"],
        ),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, words: list[str]) -> None:
    refusal(lambda: config(tmp_path, main=text), *words, error=TaskError)


def test_a_configuration_is_a_file_that_says_what_it_is_in() -> None:
    refusal(lambda: load_config("config.txt"), "ends in .yaml", error=TaskError)
    refusal(lambda: load_config(3), "the path of a file is wanted", error=TaskError)  # type: ignore[arg-type]


# Assignments

ASSIGNMENT = f"""
definition:
  task:
    default: {{module: {__name__}.Sums}}
    sums: {{parameters: {{name: other}}}}
    more: {{parameters: {{many: 2, concurrency: 9}}}}
    unused: {{module: nobody.knows}}
    far:
      module: src.client.TaskClient
      parameters: {{name: os-std, controller_address: "http://127.0.0.1:9/api"}}
  agent:
    model: {{module: edsl_nb.Model, parameters: {{model_name: test}}}}
    http:
      module: src.client.agents.HTTPAgent
      parameters:
        url: http://127.0.0.1:9/v1
        headers: {{Authorization: Bearer secret-of-mine}}
    broken: {{module: src.client.agents.FastChatAgent}}
concurrency:
  agent: {{model: 7}}
  task: {{sums: 2, more: 3}}
output: outputs
"""


def assigned(folder: Path, assignments: str, more: str = ASSIGNMENT) -> Benchmark:
    path = folder / "assignment.yaml"
    path.write_text(f"{more}\nassignments: {assignments}")
    return Benchmark.from_config(path)


def test_an_assignment_makes_a_benchmark(tmp_path: Path) -> None:
    with assigned(
        tmp_path, "[{agent: [model, http], task: sums}, {agent: model, task: [more, far]}]"
    ) as made:
        assert repr(made) == "Benchmark(tasks=['sums', 'more', 'far'], agents=['model', 'http'])"
        assert [row.cells for row in made.as_table().first_rows(9)] == [
            ["sums", "model", 2], ["sums", "http", 2], ["more", "model", 3], ["far", "model", 1],
        ]  # fmt: skip
        sums, more, far = made.tasks
        assert (sums.name, more.many, type(far), far.name) == ("other", 2, RemoteTask, "os-std")
        assert far.controller == "http://127.0.0.1:9/api"
        unreachable = refusal(lambda: made.run(progress_bar=False), "Is it running there?", error=TaskError)
        assert not str(unreachable).endswith("?.")
    assert Sums.released == 2


def test_an_assignment_says_who_plays_what_how_many_at_once_and_where_it_goes(tmp_path: Path) -> None:
    more = ASSIGNMENT.replace("definition:", "definition: &all").replace(
        "  agent:\n", "  agent:\n    second: {module: edsl_nb.Model, parameters: {model_name: test}}\n", 1
    )
    made = assigned(tmp_path, "[{agent: model, task: [sums, more]}, {agent: second, task: sums}]", more)
    results = made.run(progress_bar=False)
    assert list(results.overall) == [("model", "sums"), ("second", "sums"), ("model", "more")]
    assert [sample.result for sample in results] == [5] * 3 + [5] * 3 + [9] * 2
    assert Sums.most_at_once["other"] == 2  # its own limit is 5
    assert (tmp_path / "outputs" / "model" / "sums" / "runs.jsonl").exists()
    # What a configuration has made is released with its run, and its scores are there still.
    wait_until(lambda: Sums.released == 2)
    assert made.last_run is not None and made.last_run.results.overall == results.overall
    refusal(lambda: made.run(progress_bar=False), "was released", error=TaskError)


def test_modules_of_ones_own_may_import_what_agentbench_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "greeters.py").write_text(
        "from src.client.agent import AgentClient\n"
        "class Greeter(AgentClient):\n"
        "    def inference(self, history):\n"
        "        return 'Hello'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    more = ASSIGNMENT.replace("  agent:\n", "  agent:\n    greeter: {module: greeters.Greeter}\n", 1)
    with assigned(tmp_path, "[{agent: greeter, task: more}]", more) as made:
        assert len(made.run(progress_bar=False)) == 2
    assert "src" not in sys.modules


def test_whoever_closes_second_waits_for_whoever_was_first() -> None:
    begun, go = threading.Event(), threading.Event()

    class Slow(Sums):
        def release(self) -> None:
            begun.set()
            assert go.wait(20)

    benchmark = Benchmark(Slow(), Model("test"))
    first, second = (threading.Thread(target=benchmark.close) for _ in range(2))
    first.start()
    assert begun.wait(20)
    second.start()
    second.join(0.2)
    assert second.is_alive()
    go.set()
    for thread in (first, second):
        thread.join(20)
        assert not thread.is_alive()


def test_what_is_started_in_the_background_is_released_when_it_has_ended(tmp_path: Path) -> None:
    made = assigned(tmp_path, "[{agent: model, task: more}]")
    run = made.start(progress_bar=False)
    run.wait()
    wait_until(lambda: Sums.released == 1)
    assert run.results.overall["model", "more"]["custom"] == {"n": 2}


def test_no_key_of_a_configuration_is_in_what_is_shown_and_kept(tmp_path: Path) -> None:
    with assigned(tmp_path, "[{agent: http, task: sums}]") as made:
        run = made.start(progress_bar=False, output=None)
        run.wait()
        assert "secret-of-mine" not in json.dumps(run.workload.describe()) + repr(made)
    assert "secret-of-mine" not in redact("the header was Bearer secret-of-mine")


@pytest.fixture
def lengths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a configuration defines of a task in AgentBench's own files, which imports while it is played."""
    (tmp_path / "src" / "server" / "tasks").mkdir(parents=True)
    (tmp_path / "src" / "server" / "tasks" / "lengths.py").write_text("""
from src.server.task import Session, Task
from src.typings import SampleStatus, TaskSampleExecutionResult

class Lengths(Task):
    played = []

    def get_indices(self):
        return ["a"]

    async def start_sample(self, index, session: Session):
        from src.server.tasks import lengths
        from src.typings import AgentOutputStatus
        assert lengths.Lengths is type(self)
        self.played.append(index)
        output = await session.action({"role": "user", "content": index})
        assert output.status == AgentOutputStatus.NORMAL
        return TaskSampleExecutionResult(status=SampleStatus.COMPLETED, result=len(output.content))

    def calculate_overall(self, results):
        return {"n": len(results)}
""")
    monkeypatch.syspath_prepend(str(tmp_path))
    return """
definition:
  task: {lengths: {module: src.server.tasks.lengths.Lengths, parameters: {name: lengths}}}
  agent: {model: {module: edsl_nb.Model, parameters: {model_name: test, canned_response: four}}}
"""


def nothing_of_agentbench() -> bool:
    finders = [finder for finder in sys.meta_path if type(finder).__module__ == "edsl_nb.tasks.imports"]
    return not finders and not any(name.partition(".")[0] == "src" for name in sys.modules)


def test_a_task_s_files_of_agentbench_are_played_untouched_here_and_in_processes(
    tmp_path: Path, lengths: str
) -> None:
    for workers in (None, 1):
        made = assigned(tmp_path, "[{agent: model, task: lengths}]", lengths)
        (sample,) = made.run(workers=workers, progress_bar=False)
        assert (sample.status, sample.result) == ("completed", 4), sample.error
        wait_until(nothing_of_agentbench)


def test_agentbench_s_imports_hold_only_while_something_is_made_or_played(
    tmp_path: Path, lengths: str
) -> None:
    made = assigned(tmp_path, "[{agent: model, task: lengths}]", lengths)
    assert nothing_of_agentbench()
    refusal(lambda: made.run(indices=["b"], progress_bar=False), "no sample of this index", error=TaskError)
    assert nothing_of_agentbench()
    run = made.start(progress_bar=False)
    (sample,) = run.result()
    assert sample.status == "completed", sample.error
    wait_until(nothing_of_agentbench)
    assert made.tasks[0].played == ["a"]


def test_imports_that_are_opened_again_have_the_modules_that_they_had(tmp_path: Path, lengths: str) -> None:
    with agentbench_imports() as imports:
        from src.server.tasks.lengths import Lengths as First  # type: ignore[import-not-found]
    assert nothing_of_agentbench()
    with imports:
        imports.open()  # once more changes nothing
        from src.server.tasks.lengths import Lengths as Second  # type: ignore[import-not-found]
    assert First is Second
    assert nothing_of_agentbench()


class Held(AgentClient):
    """Answers when it may, turn by turn."""

    asked: ClassVar[list[threading.Event]] = []

    def inference(self, history: Any) -> str:
        go = threading.Event()
        self.asked.append(go)
        assert go.wait(30)
        return "four"


def test_a_run_that_ends_leaves_tasks_and_imports_to_another_one(tmp_path: Path, lengths: str) -> None:
    Held.asked.clear()
    defined = lengths.replace("{name: lengths}", "{name: lengths, concurrency: 2}").replace(
        "module: edsl_nb.Model, parameters: {model_name: test, canned_response: four}",
        f"module: {__name__}.Held",
    )
    made = assigned(tmp_path, "[{agent: model, task: lengths}]\nconcurrency: {agent: {model: 2}}", defined)
    first = made.start(progress_bar=False)
    wait_until(lambda: len(Held.asked) == 1)
    second = made.start(progress_bar=False)
    wait_until(lambda: len(Held.asked) == 2)
    Held.asked[0].set()
    (sample,) = first.result()
    # Whoever releases what the first one leaves has done so.
    wait_until(lambda: [thread.name for thread in threading.enumerate()].count("edsl_nb-release") == 1)
    assert sample.status == "completed", sample.error
    assert not nothing_of_agentbench()
    Held.asked[1].set()
    (sample,) = second.result()
    assert sample.status == "completed", sample.error
    assert second.progress.state == "completed"
    wait_until(nothing_of_agentbench)


def test_imports_hold_until_the_last_run_that_uses_them_has_ended_however_often_it_says_so() -> None:
    imports = agentbench_imports()
    imports.close()
    shared = ImportsInUse(imports)
    shared.use("first run")
    with shared.used():  # another one is being begun while the first one ends
        shared.leave("first run")
        shared.leave("first run")
        assert not nothing_of_agentbench()
        shared.use("second run")
    assert not nothing_of_agentbench()
    shared.leave("first run")
    assert not nothing_of_agentbench()
    shared.leave("second run")
    assert nothing_of_agentbench()


@pytest.mark.parametrize(
    ("assignments", "words"),
    [
        ("[{agent: modle, task: sums}]", ["no definition of this agent", "Did you mean 'model'?"]),
        ("[{agent: model, task: [sum]}]", ["no definition of this task", "'sums'"]),
        ("[]", ["nothing is assigned"]),
        ("sums", ["a list of who plays what is wanted"]),
        ("[{agent: model}]", ["a name or a list of names is wanted", "task"]),
        ("[{agent: model, task: unused}]", ["ModuleNotFoundError", "nobody"]),
        ("[{agent: broken, task: sums}]", ["FastChat's workers are not asked directly"]),
    ],
)
def test_assignments_that_are_refused(tmp_path: Path, assignments: str, words: list[str]) -> None:
    refusal(lambda: assigned(tmp_path, assignments), *words, error=TaskError)


def test_limits_that_are_refused(tmp_path: Path) -> None:
    more = ASSIGNMENT.replace("model: 7", "model: 0")
    refusal(lambda: assigned(tmp_path, "[{agent: model, task: sums}]", more), "1 or more", error=TaskError)


# Factories


def test_a_factory_makes_an_object_of_a_class_by_name() -> None:
    made = InstanceFactory(module=f"{__name__}.Sums", parameters={"many": 4}).create()
    assert (type(made).__name__, made.many) == ("Sums", 4)
    assert isinstance(
        InstanceFactory(module="edsl_nb.Model", parameters={"model_name": "test"}).create(), Model
    )
    with Benchmark(InstanceFactory(module=f"{__name__}.Sums")) as benchmark:
        assert benchmark.tasks[0].many == 3


@pytest.mark.parametrize(
    ("module", "parameters", "words"),
    [
        ("Sums", None, ["a dotted path to a class is wanted"]),
        ("nobody.knows.Sums", None, ["ModuleNotFoundError", "importable"]),
        (f"{__name__}.Sum", None, ["has no 'Sum'", "Did you mean 'Sums'?"]),
        (f"{__name__}.Sums", {"few": 1}, ["called with few raised TypeError"]),
    ],
)
def test_factories_that_are_refused(module: str, parameters: Any, words: list[str]) -> None:
    refusal(lambda: InstanceFactory(module=module, parameters=parameters).create(), *words, error=TaskError)


# Prompters and HTTP agents


@pytest.mark.parametrize("given", [{}, {"module": 3}, {"module": "a.B", "parameters": [1]}])
def test_what_describes_no_factory_is_refused(given: dict[str, Any]) -> None:
    refusal(lambda: InstanceFactory(**given), "a module and its parameters are wanted", error=TaskError)


def test_prompters_write_histories_as_agentbench_does() -> None:
    roles = prompter(None)(HISTORY)
    assert [turn["role"] for turn in roles["messages"]] == ["user", "agent", "user"]
    named = {"name": "role_content_dict", "args": {"agent_role": "assistant", "message_key": "m"}}
    assert prompter(named)(HISTORY)["m"][1] == {"role": "assistant", "content": "Hi"}
    assert prompter({"name": "batched_role_content_dict"})(HISTORY[:1]) == {"messages": [[HISTORY[0]]]}
    assert prompter({"name": "prompt_string", "args": {"prefix": "<", "prompt_key": "p"}})(HISTORY) == {
        "p": "<USER: Hello {content}\n\nAGENT: Hi\n\nUSER: Bye\n\nAGENT:"
    }
    assert prompter({"name": "claude", "args": None})(HISTORY) == {
        "prompt": "\n\nHuman: Hello {content}\n\nAssistant: Hi\n\nHuman: Bye\n\nAssistant:"
    }
    assert prompter({"name": "palm"})(HISTORY[1:2]) == {
        "instances": [{"messages": [{"author": "bot", "content": "Hi"}]}]
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "example.com"}, ["this is no address"]),
        ({"headers": "secret"}, ["headers: a mapping is wanted"]),
        ({"return_format": "{response.__class__}"}, ["no format of a response", "return_format"]),
        ({"return_format": "{other[a]}"}, ["no format of a response"]),
        ({"return_format": "{response"}, ["no format of a response"]),
        ({"return_format": "{response!r}"}, ["no format of a response"]),
        ({"prompter": {"name": "role_content"}}, ["no such prompter", "role_content_dict"]),
        ({"prompter": {"name": "palm", "args": {"role": "x"}}}, ["prompter palm takes no such argument"]),
        ({"prompter": {"name": "prompt_string", "args": {"sufix": "x"}}}, ["Did you mean 'suffix'?"]),
    ],
)
def test_http_agents_that_are_refused(changes: dict[str, Any], words: list[str]) -> None:
    refusal(lambda: HTTPAgent(**{"url": "http://127.0.0.1:9", **changes}), *words, error=TaskError)
