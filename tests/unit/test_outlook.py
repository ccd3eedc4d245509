"""What a run says before its first call: what it has, what it will ask, and what that costs about."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, cast

import pytest

from edsl_nb import (
    Agent,
    Cache,
    Jobs,
    Model,
    QuestionCompute,
    QuestionFreeText,
    QuestionYesNo,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import StoreError
from edsl_nb.jobs import outlook
from edsl_nb.runner import execution
from edsl_nb.runner.context import Context
from edsl_nb.runner.lookup import Known
from edsl_nb.runner.options import RunOptions
from edsl_nb.runner.run import Run
from edsl_nb.runner.store import store
from edsl_nb.widgets.plain import progress_text
from edsl_nb.widgets.static_html import progress_html
from tests.unit.runner_fakes import PATIENCE, Done, Item, MemoryStore, Workload, at_once
from tests.unit.samples import grid_job
from tests.unit.widget_fakes import lane, snapshot

TEST = Model("test")
COLOR = QuestionFreeText("color", "Which color suits {{ scenario.thing }}?")


def things(count: int) -> ScenarioList:
    return ScenarioList.from_list("thing", range(count))


def told(job: Jobs, **keywords: Any) -> str | None:
    """What a run has said."""
    run = job.start(**keywords)
    assert run.wait(PATIENCE)
    return run.progress.outlook


def test_replies_on_disk_and_calls_to_ask_are_told() -> None:
    job = COLOR.by(things(5)).by(TEST)
    assert told(job, limit=1) == "At the start: 0 replies on disk, 1 call to ask, at no cost."
    assert told(job) == "At the start: 1 reply on disk, 4 calls to ask, at no cost."
    assert told(job) == "At the start: 5 replies on disk, 0 calls to ask."
    assert told(job, n=2) == "At the start: 5 replies on disk, 5 calls to ask, at no cost."
    assert told(job, fresh=True) == "At the start: 0 replies on disk, 5 calls to ask, at no cost."
    assert told(job, cache=Cache()) == "At the start: 0 replies on disk, 5 calls to ask, at no cost."


def test_it_is_as_in_the_estimate() -> None:
    job = grid_job(3, 4, 2)
    assert told(job, limit=7) is not None
    after = job.estimate_job_cost()
    assert (after["calls_on_disk"], after["calls_to_ask"]) == (7, 17)
    assert told(job) == "At the start: 7 replies on disk, 17 calls to ask, at no cost."


def test_what_calls_cost_is_told_about() -> None:
    job = QuestionFreeText("q", "x" * 4000).by(Model("gpt-4o", service_name="openai", api_key="sk-none"))
    work = job._workload(job._environment, 2, 0, lambda _: None, False)
    said = work.outlook(Known(store(), RunOptions()))
    assert said == "At the start: 0 replies on disk, 2 calls to ask, for about $0.02."
    assert job.estimate_job_cost(2)["cost_to_ask"] == pytest.approx(0.02)


def test_what_depends_on_answers_bounds_the_counts() -> None:
    job = Survey([COLOR, QuestionFreeText("why", "Why {{ color.answer }}?")]).by(things(3)).by(TEST)
    assert told(job) == "At the start: at least 0 replies on disk, at most 6 calls to ask, at no cost."
    assert told(job) == "At the start: at least 3 replies on disk, at most 3 calls to ask, at no cost."
    survey = Survey([QuestionYesNo("a", "Yes?"), QuestionFreeText("b", "Why?")])
    job = survey.add_skip_rule("b", "{{ a.answer }} == 'No'").by(TEST)
    assert told(job) == "At the start: 0 replies on disk, at most 2 calls to ask, at no cost."


def test_equal_interviews_are_one_call() -> None:
    job = QuestionFreeText("q", "Why?").by([Agent(name=str(i)) for i in range(4)]).by(TEST)
    assert told(job) == "At the start: 0 replies on disk, 1 call to ask, at no cost."


def test_a_share_stands_for_a_long_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlook, "_MOST", 20)
    job = COLOR.by(things(200)).by(TEST)
    assert told(job) == "At the start: about 0 replies on disk, about 200 calls to ask, at no cost."
    assert told(job) == "At the start: about 200 replies on disk, about 0 calls to ask."
    same = QuestionFreeText("q", "Why?").by([Agent(name=str(i)) for i in range(200)]).by(TEST)
    assert told(same) == "At the start: about 0 replies on disk, about 1 call to ask, at no cost."


def test_nothing_is_told_where_no_model_is_asked_or_nobody_looks() -> None:
    assert told(COLOR.by(things(3)).by(TEST), dry_run=True) is None
    assert told(COLOR.by(things(3)).by(TEST), progress_bar=False) is None
    computed = Survey([QuestionCompute("two", "{{ 1 + 1 }}")]).by(TEST)
    assert told(computed) == "At the start: no model is to be asked."
    direct = Agent().add_direct_question_answering_method(lambda self, question, scenario: "I do")
    assert told(QuestionFreeText("q", "Why?").by(direct).by(TEST)) == "At the start: no model is to be asked."


def test_functions_of_agents_are_not_called_for_it() -> None:
    called: list[str] = []

    def traits(question: Any) -> dict[str, Any]:
        called.append(threading.current_thread().name)
        return {"mood": "good"}

    agent = Agent(dynamic_traits_function=traits)
    assert told(QuestionFreeText("q", "Why?").by(agent).by(TEST)) is None
    assert len(called) == 1


def test_it_makes_no_other_run_of_one() -> None:
    job = QuestionFreeText("q", "Why?").by(Model("test", latency=3600))
    run = job.start(progress_bar=False)
    assert job.start() is run
    run.cancel()
    assert run.wait(PATIENCE)


def looking(looks_ahead: Callable[[], str | None], item: Item = at_once) -> Run[Any]:
    return Run(
        Workload({"lane": 3}, item, looks_ahead=looks_ahead),
        cast(Any, MemoryStore()),
        RunOptions(outlook=True),
    )


def test_no_item_begins_before_it_is_told() -> None:
    seen: list[str | None] = []
    go = threading.Event()

    async def item(index: int, context: Context) -> Done:
        seen.append(run.progress.outlook)
        return await at_once(index, context)

    def look_ahead() -> str:
        assert go.wait(PATIENCE)
        return "much"

    run = looking(look_ahead, item)
    go.set()
    assert run.wait(PATIENCE)
    assert seen == ["much"] * 3


def test_a_long_look_ahead_holds_up_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_MOMENT", 0.01)
    begun, told = threading.Event(), threading.Event()

    async def item(index: int, context: Context) -> Done:
        begun.set()
        assert await asyncio.to_thread(told.wait, PATIENCE)
        return await at_once(index, context)

    def look_ahead() -> str:
        assert begun.wait(PATIENCE)
        return "much"

    run = looking(look_ahead, item)
    run.subscribe(lambda: told.set() if run.progress.outlook == "much" else None)
    assert run.wait(PATIENCE)
    assert run.progress.state == "completed"
    assert told.is_set()


def test_a_look_ahead_that_fails_fails_no_run() -> None:
    def look_ahead() -> str:
        raise StoreError("it cannot be read")

    run = looking(look_ahead)
    assert run.wait(PATIENCE)
    assert (run.progress.state, run.progress.outlook, run.progress.errors) == ("completed", None, [])


def test_displays_show_it_and_call_lanes_by_their_name() -> None:
    said = "At the start: 7 replies on disk, 17 calls to ask."
    now = snapshot(outlook=said, state="running", lane_noun="assignments", lanes=[lane("a"), lane("b")])
    assert said in progress_html(now)
    assert ">assignment<" in progress_html(now)
    assert said in progress_text(now)
    assert now.text().splitlines()[1].strip() == said
    assert said in progress_html(now.model_copy(update={"state": "completed"}))


def test_a_terminal_gets_it_as_a_line_of_its_own_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    run = COLOR.by(things(3)).by(TEST).start()
    assert run.wait(PATIENCE)
    shown = capsys.readouterr().err
    assert shown.count("At the start: 0 replies on disk, 3 calls to ask, at no cost.\n") == 1
    assert shown.endswith("\n")
