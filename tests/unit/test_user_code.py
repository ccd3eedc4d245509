"""Functions and coroutines of users: where they are called, and what becomes of what goes wrong in them."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from edsl_nb import Agent, Model, QuestionFreeText, QuestionFunctional, Scenario, Survey
from edsl_nb.core.errors import AgentError, EdslNbError, EdslNbWarning, RunError
from edsl_nb.core.usercode import UserCode
from edsl_nb.runner import loop as runner_loop
from tests.unit.runner_fakes import PATIENCE, until

QUESTION = QuestionFreeText("q", "Why?")


def thread() -> str:
    return threading.current_thread().name


async def thread_later() -> str:
    await asyncio.sleep(0)
    return thread()


# The mechanism


async def test_functions_run_in_threads_and_coroutines_on_a_loop_in_one() -> None:
    user = UserCode()
    assert await user.call(thread) == "edsl_nb-user-functions"
    assert await user.call(thread_later) == "edsl_nb-user-coroutines"


async def test_both_run_on_the_loop_that_is_named() -> None:
    user = UserCode(asyncio.get_running_loop())

    async def there() -> list[str]:
        return [await user.call(thread), await user.call(thread_later)]

    assert await asyncio.wrap_future(runner_loop.submit(there())) == [thread()] * 2


@pytest.mark.parametrize("home", [False, True])
async def test_what_is_raised_arrives_and_nothing_ends_a_loop(home: bool) -> None:
    user = UserCode(asyncio.get_running_loop() if home else None)

    def raising(failure: BaseException) -> None:
        raise failure

    async def raising_later(failure: BaseException) -> None:
        raise failure

    for function in (raising, raising_later):
        with pytest.raises(KeyError, match="town"):
            await asyncio.wrap_future(runner_loop.submit(user.call(function, KeyError("town"))))
        for failure in (SystemExit(3), KeyboardInterrupt()):
            with pytest.raises(EdslNbError, match=f"raised {type(failure).__name__}"):
                await asyncio.wrap_future(runner_loop.submit(user.call(function, failure)))
        with pytest.raises((EdslNbError, RuntimeError), match="StopIteration"):
            await asyncio.wrap_future(runner_loop.submit(user.call(function, StopIteration())))
    assert await user.call(lambda: 5) == 5


async def test_who_is_cancelled_cancels_what_goes_on_for_it() -> None:
    user, cancelled, begun = UserCode(), threading.Event(), threading.Event()

    async def long() -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            cancelled.set()

    task = asyncio.create_task(user.call(long))
    await until(begun.is_set)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled.wait(PATIENCE)


async def test_a_loop_that_is_closed_is_an_error_and_no_hang() -> None:
    gone = asyncio.new_event_loop()
    gone.close()
    with pytest.raises(EdslNbError, match="was closed"):
        await UserCode(gone).call(thread)


async def test_functions_that_block_hold_up_nobody_elses_threads() -> None:
    user, go, before = UserCode(), threading.Event(), set(threading.enumerate())
    blocked = [asyncio.create_task(user.call(go.wait)) for _ in range(100)]
    assert await asyncio.to_thread(thread)
    assert len(set(threading.enumerate()) - before) < 80
    go.set()
    await asyncio.gather(*blocked)


# In a run


def direct(method: Callable[..., Any]) -> Agent:
    return Agent().add_direct_question_answering_method(method)


async def _later(self: Any, question: Any, scenario: Any) -> str:
    return await thread_later()


def _now(self: Any, question: Any, scenario: Any) -> str:
    return thread()


async def _functional_later(scenario: Any, agent_traits: Any) -> str:
    return await thread_later()


async def _canned_later(user_text: str) -> str:
    return await thread_later()


#: Surveys of which functions answer with the name of the thread that they run in.
_KINDS: dict[str, Any] = {
    "direct": lambda: QUESTION.by(direct(_now)).by(Model("test")),
    "direct, later": lambda: QUESTION.by(direct(_later)).by(Model("test")),
    "functional": lambda: Survey([QuestionFunctional("q", lambda s, a: thread())]).by(Model("test")),
    "functional, later": lambda: Survey([QuestionFunctional("q", _functional_later)]).by(Model("test")),
    "canned": lambda: QUESTION.by(Model("test", canned_response=lambda text: thread())),
    "canned, later": lambda: QUESTION.by(Model("test", canned_response=_canned_later)),
    "traits": lambda: QUESTION.by(
        Agent(dynamic_traits_function=lambda: {"where": thread()}, traits_presentation_template="{{ where }}")
    ).by(Model("test")),
}


def said(results: Any) -> str:
    """The answer, or what the agent was told."""
    (row,) = results.select("answer.q", "prompt.q_system_prompt").to_dicts()
    return " ".join(str(value) for value in row.values())


@pytest.mark.parametrize("kind", _KINDS)
def test_a_blocking_run_calls_functions_in_threads(kind: str) -> None:
    where = "coroutines" if "later" in kind else "functions"
    assert f"edsl_nb-user-{where}" in said(_KINDS[kind]().run(progress_bar=False))


@pytest.mark.parametrize("kind", _KINDS)
async def test_functions_run_on_the_notebooks_loop_where_that_is_asked_for(kind: str) -> None:
    assert thread() in said(await _KINDS[kind]().run_async(loop="notebook", progress_bar=False))


async def test_progress_is_told_on_the_notebooks_loop_as_well() -> None:
    seen: list[tuple[str, bool]] = []

    async def callback(now: Any) -> None:
        seen.append((await thread_later(), now.final))

    run = QUESTION.by(Model("test")).start(loop="notebook", progress_bar=False)
    run.on_progress(callback)
    await run
    await until(lambda: bool(seen) and seen[-1][1])
    assert {name for name, _ in seen} == {thread()}


def _refuse(self: Any, question: Any, scenario: Any) -> str:
    raise AssertionError("it was called")


async def test_blocking_the_loop_that_functions_need_is_refused() -> None:
    job = QUESTION.by(direct(_refuse)).by(Model("test"))
    with pytest.raises(RunError, match=r"await job\.run_async\(loop='notebook'\)"):
        job.run(loop="notebook", progress_bar=False)
    assert job.last_run is None
    run = QUESTION.by(direct(_later)).by(Model("test")).start(loop="notebook", progress_bar=False)
    for block in (run.wait, run.result):
        with pytest.raises(RunError, match=r"hold up the event loop.*await run"):
            block()
    assert thread() in said(await run)


def test_without_a_loop_there_is_none_to_run_on() -> None:
    job = QUESTION.by(Model("test"))
    for start in (lambda: job.start(loop="notebook"), lambda: job.run(background=True, loop="notebook")):
        with pytest.raises(RunError, match=r"no event loop here.*run_async"):
            start()
    with pytest.raises(RunError, match="Use 'thread' or 'notebook'"):
        job.run(loop="main")  # type: ignore[arg-type]


def test_a_loop_that_ends_early_fails_questions_and_hangs_nobody() -> None:
    async def main() -> Any:
        return QUESTION.by(direct(_slow)).by(Model("test")).start(loop="notebook", progress_bar=False)

    run = asyncio.run(main())
    assert run.wait(PATIENCE)
    assert "was closed" in str(run.errors.to_dicts())


async def _slow(self: Any, question: Any, scenario: Any) -> str:
    await asyncio.sleep(3600)
    return ""


async def test_an_error_in_a_coroutine_is_told_as_one_in_a_function() -> None:
    async def fails(self: Any, question: Any, scenario: Any) -> str:
        raise KeyError("town")

    with pytest.raises(AgentError, match="KeyError: 'town'"):
        await direct(fails).answer(QUESTION, Scenario())
    with pytest.warns(EdslNbWarning, match="KeyError: 'town'"):
        await QUESTION.by(direct(fails)).by(Model("test")).run_async(progress_bar=False)


def test_exit_in_a_function_ends_its_question_only() -> None:
    survey = Survey([QuestionFunctional("q", lambda s, a: sys.exit(3)), QuestionFreeText("r", "Why?")])
    results = survey.by(Model("test")).run(progress_bar=False)
    assert results.select("state.q_state", "state.r_state").to_list() == [("failed", "answered")]
