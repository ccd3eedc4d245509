"""Lines of AgentBench's files, whoever has written them; what is printed; and other versions of tasks."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import io
import json
import re
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.core.errors import EdslNbWarning
from edsl_nb.tasks import (
    AgentClient,
    AgentContextLimitException,
    Benchmark,
    BenchmarkResults,
    ChatHistoryItem,
    SampleStatus,
    Session,
    Task,
    TaskError,
    agentbench_imports,
    run_task,
)
from edsl_nb.tasks.folders import PairFolder, folder_at, name_in_path
from edsl_nb.tasks.lines import line_of, read_line
from edsl_nb.tasks.output import Log, logged_to, routed
from edsl_nb.tasks.samples import Place, Sample, Usage, keep
from tests.unit.samples import refusal

# Lines

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
turns = st.builds(
    lambda role, content, answered: (
        ChatHistoryItem.answer(content, answered)
        if role == "agent" and answered is not None
        else ChatHistoryItem.model_construct(role=role, content=content)
    ),
    st.sampled_from(["user", "agent"]),
    st.text(max_size=8),
    st.none() | st.integers(0, 5),
)
endings = st.sampled_from([None, *(status for status in SampleStatus if status is not SampleStatus.RUNNING)])


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    status = draw(endings)
    state = "failed" if status in (None, SampleStatus.TASK_ERROR) else "answered"
    error = draw(st.text(min_size=1, max_size=9).map("agent error: {}".format)) if state == "failed" else None
    result = None if status is None else draw(values)
    place = Place("task", "agent", draw(st.integers() | st.text(max_size=5)), draw(st.integers(0, 3)))
    usage = Usage(draw(st.integers(0, 99)), 3, draw(st.none() | st.floats(0, 9)))
    kept = keep(result, draw(st.lists(turns, max_size=4)), draw(st.text(max_size=9)))
    return Sample(place, state, status, error, draw(st.integers(0, 9)), 1.5, usage, kept)


def facts(sample: Sample) -> dict[str, Any]:
    """All that a sample says."""
    named = {name: getattr(sample, name) for name in ("place", "state", "status", "error", "rounds", "usage")}
    marks = [(turn.role, turn.content, turn.answered) for turn in sample.history]
    return named | {"result": sample.result, "log": sample.log, "history": marks}


@given(samples(), st.sampled_from(["agentbench", None, 800]))
def test_a_line_gives_the_sample_back(sample: Sample, limit: Any) -> None:
    text = line_of(sample, limit)
    assert text.endswith("\n") and text.count("\n") == 1 and text.isascii()
    line = read_line(text, "agent", "task")
    assert line is not None and line.history_limit == limit
    assert facts(line.sample) == facts(sample)


def test_a_line_has_agentbenchs_fields() -> None:
    history = [ChatHistoryItem(role="user", content="Hi"), ChatHistoryItem.answer("Hello", 0)]
    ended = Sample(Place("t", "a", 3, 0), "answered", SampleStatus.COMPLETED, kept=keep(0.5, history, ""))
    line = json.loads(line_of(ended, "agentbench"))
    assert {name: line[name] for name in ("index", "error", "info", "output")} == {
        "index": 3,
        "error": None,
        "info": None,
        "output": {
            "index": 3,
            "status": "completed",
            "result": 0.5,
            "history": [{"role": "user", "content": "Hi"}, {"role": "agent", "content": "Hello"}],
        },
    }
    assert isinstance(line["time"]["timestamp"], int) and len(line["time"]["str"]) == 19
    failed = Sample(Place("t", "a", 3, 0), "failed", None, "agent error: no", kept=keep(None, history, ""))
    line = json.loads(line_of(failed, "agentbench"))
    assert (line["error"], line["info"], line["output"]["status"]) == (
        "AGENT_FAILED",
        "agent error: no",
        "running",
    )
    assert len(line["output"]["history"]) == 2


@given(st.text(max_size=20) | values.map(json.dumps))
def test_a_line_that_says_nothing_of_a_sample_is_none(text: str) -> None:
    assert read_line(text, "agent", "task") is None


GOOD = {"index": 1, "error": None, "info": None, "output": {"index": 1, "status": "completed", "result": "x"}}


@pytest.mark.parametrize(
    "change",
    [
        {"index": True}, {"index": 1.5}, {"index": None}, {"output": None}, {"output": {"status": "fine"}},
        {"output": {"status": "running"}}, {"error": "AGENT_FAILED"},
        {"output": {"status": "unknown", "history": [1]}},
        {"output": {"status": "unknown", "history": [{"role": "system", "content": "x"}]}},
        {"edsl_nb": {"rounds": -1, "answered": []}}, {"edsl_nb": 5},
    ],
)  # fmt: skip
def test_a_line_that_is_not_as_it_should_be_is_none(change: dict[str, Any]) -> None:
    assert read_line(json.dumps(GOOD), "agent", "task") is not None
    assert read_line(json.dumps(GOOD | change), "agent", "task") is None


# Folders


def agentbenchs(folder: Path) -> Path:
    """A folder as AgentBench itself leaves it: one pair complete, one with failures and a broken line."""
    time = {"timestamp": 1700000000000, "str": "2023-11-14 22:13:20"}
    history = [{"role": "user", "content": "Q"}, {"role": "agent", "content": "A"}]

    def line(index: int, status: str, result: Any, **more: Any) -> str:
        output = {"index": index, "status": status, "result": result, "history": history}
        return json.dumps(
            {"index": index, "error": None, "info": None, "output": output, "time": time} | more
        )

    done, open_ = folder / "gpt" / "sums", folder / "gpt" / "words"
    done.mkdir(parents=True)
    open_.mkdir(parents=True)
    (folder / "config.yaml").write_text("assignments: []\n")
    runs = [line(1, "completed", {"ok": True}), line(0, "task error", "Traceback ...\nKeyError: 'x'")]
    (done / "runs.jsonl").write_text("\n".join(runs) + "\n")
    overall = {"total": 2, "validation": {"completed": 0.5}, "custom": {"score": 0.5}}
    (done / "overall.json").write_text(json.dumps(overall))
    (open_ / "runs.jsonl").write_text(
        line(4, "task limit reached", None) + "\n" + line(5, "completed", 1)[:40]
    )
    blank = {"index": None, "status": "running", "result": None, "history": None}
    errors = [
        line(6, "", None, error="AGENT_FAILED", info="no network", output=blank),
        line(7, "", None, error="START_FAILED", info="busy", output=None),
    ]
    (open_ / "error.jsonl").write_text("\n".join(errors) + "\n")
    return folder


def test_a_folder_of_agentbench_is_read(tmp_path: Path) -> None:
    with pytest.warns(EdslNbWarning, match="1 lines in .*words cannot be read"):
        results = BenchmarkResults.load(agentbenchs(tmp_path))
    assert [(s.task, s.index, s.outcome, s.error) for s in results] == [
        ("sums", 0, "task error", "KeyError: 'x'"),
        ("sums", 1, "completed", None),
        ("words", 4, "task limit reached", None),
        ("words", 6, "agent error", "agent error: no network"),
        ("words", 7, "failed", "START_FAILED: busy"),
    ]
    assert results.partial and results.history_limit == "agentbench"
    assert results.overall["gpt", "sums"]["custom"] == {"score": 0.5}
    score = results.overall["gpt", "words"]
    assert (score["total"], score["custom"], score["partial"]) == (1, None, True)
    assert score["validation"]["task limit reached"] == 1
    assert results.transcript(1)[1].content == "A" and results.sample(1).result == {"ok": True}
    assert results.status_counts.to_dicts()[1] == {
        "task": "words", "agent": "gpt", "samples": 3, "completed": 0, "task limit reached": 1,
        "task error": 0, "agent error": 1, "failed": 1,
    }  # fmt: skip


@pytest.mark.parametrize("path", [5, "", b"x", "a\0b", None])
def test_what_is_no_folder_is_refused(path: Any) -> None:
    refusal(lambda: folder_at(path, "output"), "output", error=TaskError)


def test_a_folder_without_results_or_a_file_is_refused(tmp_path: Path) -> None:
    refusal(lambda: BenchmarkResults.load(tmp_path), "there are no results in it", error=TaskError)
    refusal(lambda: BenchmarkResults.load(tmp_path / "none"), "there are no results", error=TaskError)
    (tmp_path / "file").write_text("")
    refusal(lambda: BenchmarkResults.load(tmp_path / "file"), "it is a file", error=TaskError)


@given(st.text(min_size=1, max_size=12))
def test_any_name_is_one_folder_and_comes_back(name: str) -> None:
    from urllib.parse import unquote

    written = name_in_path(name)
    assert unquote(written) == name
    assert "/" not in written and "\0" not in written and written not in (".", "..")


def test_a_line_after_a_broken_one_is_whole(tmp_path: Path) -> None:
    files = PairFolder(tmp_path, "a", "t")
    sample = Sample(Place("t", "a", 1, 0), "answered", SampleStatus.COMPLETED)
    files.add(sample, None)
    with (files.path / "runs.jsonl").open("a") as file:
        file.write('{"index": 2, "err')
    files.add(Sample(Place("t", "a", 3, 0), "answered", SampleStatus.COMPLETED), None)
    with pytest.warns(EdslNbWarning, match="1 lines"):
        assert [place.index for place in files.read().samples] == [1, 3]


# What is printed


def test_what_is_printed_goes_to_the_log_of_whoever_prints(capsys: pytest.CaptureFixture[str]) -> None:
    async def task(log: Log, name: str) -> None:
        with logged_to(log):
            for _ in range(3):
                print(name)
                await asyncio.sleep(0)
                await asyncio.to_thread(print, name, file=sys.stderr)
            with logged_to(None):
                print("outside", name)

    async def both() -> None:
        await asyncio.gather(task(logs[0], "a"), task(logs[1], "b"))
        threading.Thread(target=print, args=("a thread",)).start()

    logs, before = (Log(), Log()), (sys.stdout, sys.stderr)
    with routed(), routed():
        asyncio.run(both())
        print("around")
    assert (sys.stdout, sys.stderr) == before
    assert [log.text for log in logs] == ["a\n" * 6, "b\n" * 6]
    assert sorted(capsys.readouterr().out.splitlines()) == ["a thread", "around", "outside a", "outside b"]


def test_what_is_printed_is_kept_where_the_stream_was_changed_while_another_run_went_on() -> None:
    before, log, elsewhere = sys.stdout, Log(), io.StringIO()
    with routed():
        with contextlib.redirect_stdout(elsewhere), routed():
            with logged_to(log):
                print("x")
            print("y")
        with routed(), logged_to(log):
            print("z")
    assert sys.stdout is before
    assert (log.text, elsewhere.getvalue()) == ("x\nz\n", "y\n")


def test_a_stream_that_somebody_else_has_put_over_is_left() -> None:
    class Other:
        def __init__(self, stream: Any) -> None:
            self.stream = stream

        def __getattr__(self, name: str) -> Any:
            return getattr(self.stream, name)

    before, log = sys.stdout, Log()
    try:
        with routed():
            sys.stdout = Other(sys.stdout)
        with routed(), logged_to(log):
            print("x")
        assert isinstance(sys.stdout, Other)
        sys.stdout = sys.stdout.stream  # it is taken away, and what was under it is there again
        with routed(), logged_to(log):
            print("y")
        assert sys.stdout is before
    finally:
        sys.stdout = before
    assert log.text == "x\ny\n"


@given(st.lists(st.integers(0, 9_000), max_size=12))
def test_a_log_keeps_its_beginning_and_its_end(lengths: list[int]) -> None:
    log, said = Log(), ""
    for number, length in enumerate(lengths):
        text = f"{number % 10}" * length
        log.write(text)
        said += text
    if len(said) <= 20_000:
        assert log.text == said
    else:
        gap = f"\n[{len(said) - 20_000:,} characters are left out]\n"
        assert log.text == said[:10_000] + gap + said[-10_000:]


# Other versions, and AgentBench's imports


class OldTask:
    """A task as version 0.1 had them."""

    name = "old"

    def get_data(self) -> Any:
        return [1]

    def predict_single(self, session: Any, data_item: Any) -> Any:
        return session.action([])

    @property
    def metrics(self) -> Any:
        return {
            "accuracy": lambda outputs, targets: sum(o == t for o, t in zip(outputs, targets, strict=True))
        }


def test_a_task_of_version_01_is_refused_with_the_three_steps() -> None:
    refusal(
        lambda: Benchmark(OldTask()),
        "OldTask is a task of AgentBench v0.1: it has get_data and predict_single",
        "(1) From get_data to get_indices",
        "(2) From predict_single to start_sample",
        "(3) From metrics to calculate_overall",
        error=TaskError,
    )

    class Whole(OldTask, Task):
        def __init__(self) -> None:
            Task.__init__(self, "whole")

        def predict_all(self) -> Any: ...

    refusal(lambda: Benchmark(Whole()), "predict_all", "Leave predict_all out", error=TaskError)


def test_a_ported_task_may_keep_its_old_methods() -> None:
    class Ported(OldTask, Task):
        data: ClassVar[list[int]] = [1, 2]

        def __init__(self) -> None:
            Task.__init__(self, "ported")

        def get_indices(self) -> Any:
            return [0, 1]

        async def start_sample(self, index: Any, session: Session) -> Any: ...

        def predict_all(self) -> Any: ...

    with pytest.warns(EdslNbWarning, match="predict_all of task Ported is not called"):
        assert Benchmark(Ported()).tasks


def test_a_function_calling_task_is_refused_with_the_reason() -> None:
    class Tools(Task):
        full_async = True

        def sync_start_sample(self, index: Any, session: Any) -> Any: ...

    made_with = type("Task", (Task,), {"__module__": "agentrl.worker.task"})
    for task in (Tools("tools"), made_with("made")):
        refusal(partial(Benchmark, task), "function-calling version", "branch v0.2", error=TaskError)


TASK = """
from typing import List
from src.server.task import Task, Session
from src.typings import SampleStatus, TaskOutput, TaskSampleExecutionResult, AgentContextLimitException
from src.typings.general import ChatHistoryItem
from src.client.agent import AgentClient
from src.configs import ConfigLoader
from src.server.tasks.mine.helper import HELP

class Mine(Task):
    pass
"""


@pytest.fixture
def agentbench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of AgentBench with a task in it, whose own framework cannot be imported."""
    folder = tmp_path / "src" / "server" / "tasks" / "mine"
    folder.mkdir(parents=True)
    for broken in ("src/__init__.py", "src/server/__init__.py", "src/server/task.py"):
        (tmp_path / broken).write_text("raise ImportError('the original')\n")
    for empty in (folder.parent, folder):
        (empty / "__init__.py").write_text("")
    (folder / "helper.py").write_text("HELP = 'help'\n")
    (tmp_path / "c.yaml").write_text("a: {default: {b: 1}, c: {d: 2}}\n")
    (folder / "task.py").write_text(TASK)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_tasks_files_are_imported_untouched(agentbench: Path) -> None:
    path = list(sys.meta_path)
    with agentbench_imports():
        from src.server.tasks.mine import task  # type: ignore[import-not-found]
    assert issubclass(task.Mine, Task) and task.HELP == "help"
    assert task.AgentClient is AgentClient and task.ChatHistoryItem is ChatHistoryItem
    assert task.ConfigLoader().load_from(agentbench / "c.yaml") == {"a": {"c": {"d": 2, "b": 1}}}
    assert sys.meta_path == path and not [name for name in sys.modules if name.partition(".")[0] == "src"]
    with pytest.raises(ImportError, match="the original"):
        import src.server.task  # type: ignore[import-not-found]  # noqa: F401


def test_imports_hold_until_the_last_is_closed_and_then_all_is_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import types

    mine = types.ModuleType("src")
    monkeypatch.setitem(sys.modules, "src", mine)
    outer, inner = agentbench_imports(), agentbench_imports()
    inner.close()
    inner.close()
    from src.server.task import Session as Found  # type: ignore[import-not-found]

    assert Found is Session
    with pytest.raises(ImportError, match="cannot import name 'Nothing'"):
        from src.typings import Nothing  # type: ignore[import-not-found]  # noqa: F401
    outer.close()
    assert sys.modules["src"] is mine and "src.server" not in sys.modules


def test_exceptions_say_reason_and_detail() -> None:
    failure = AgentContextLimitException("too long", "9000 tokens")
    assert (failure.reason, failure.detail, failure.args) == (
        "too long",
        "9000 tokens",
        ("too long", "9000 tokens"),
    )
    assert AgentContextLimitException().args == ()


# Turns that were injected


def test_marks_of_turns_change_nothing_about_them() -> None:
    mine, answer = ChatHistoryItem(role="agent", content="x"), ChatHistoryItem.answer("x", 2)
    assert mine == answer and mine.answered is None and answer.answered == 2
    assert copy.deepcopy(answer).answered == 2 and answer.model_copy().answered == 2
    assert answer.model_dump() == {"role": "agent", "content": "x"} == dict(answer)


async def test_a_session_tells_what_it_injected_and_what_was_not_seen() -> None:
    from edsl_nb.tasks import AgentOutput

    async def ask(history: Any) -> AgentOutput:
        return AgentOutput(content="z" * 400)

    session = Session(ask, history_limit=250)
    session.inject([{"role": "user", "content": "a"}, {"role": "agent", "content": "an example"}])
    for _ in range(4):
        await session.action({"role": "user", "content": "b"})
    assert [turn.answered for turn in session.history] == [None, None, None, 0, None, 0, None, 0, None, 4]


@pytest.mark.parametrize("limit", ["all", 0, -1, True, 2.5])
def test_no_such_history_limit(limit: Any) -> None:
    benchmark = Benchmark(Task("t"), lambda history: "x")
    call: Callable[[], Any] = lambda: benchmark.run(history_limit=limit)  # noqa: E731
    refusal(call, "history_limit: there is no such limit", error=TaskError)


# The page on porting


def test_the_example_of_porting_is_refused_before_and_runs_after(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[2] / "docs" / "tasks-from-v0.1.md").read_text()
    old, new = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    before: dict[str, Any] = {"Task": Task}
    exec(old, before)
    refusal(lambda: Benchmark(before["Capitals"]("capitals")), "AgentBench v0.1", "metrics", error=TaskError)
    after: dict[str, Any] = {}
    exec(new, after)
    run = run_task(after["Capitals"](), lambda history: " Paris ")
    assert run.overall["custom"] == {"accuracy": 0.5}
