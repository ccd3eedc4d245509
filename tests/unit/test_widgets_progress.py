"""The progress widget over real runs."""

from __future__ import annotations

import time
from collections.abc import Callable

import comm
import pytest

from edsl_nb import Model, QuestionFreeText, ScenarioList, Survey
from edsl_nb.runner.progress import ProgressSnapshot
from edsl_nb.runner.run import Run
from edsl_nb.widgets.progress import ProgressWidget
from tests.unit.widget_fakes import PATIENCE, RecordingComm, ask


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", RecordingComm)


def start(interviews: int, latency: float) -> Run:
    question = QuestionFreeText(question_name="q", question_text="What of {{ scenario.x }}?")
    scenarios = ScenarioList.from_list("x", list(range(interviews)))
    job = Survey(questions=[question]).by(scenarios).by(Model("test", latency=latency))
    return job.start(progress_bar=False)


def last(widget: ProgressWidget) -> ProgressSnapshot:
    return ProgressSnapshot.model_validate(widget.progress)


def ended(message: dict) -> bool:
    state = message.get("state", {}).get("progress")
    return state is not None and state["state"] in ("completed", "stopped", "failed")


def in_state(state: str, **counts: int) -> Callable[[dict], bool]:
    """Fits an update with a run in that state and with those counts."""

    def fits(message: dict) -> bool:
        sent = message.get("state", {}).get("progress", {})
        return all(sent.get(name) == value for name, value in {"state": state, **counts}.items())

    return fits


def test_follows_a_run_to_its_end_at_most_ten_times_a_second() -> None:
    began = time.monotonic()
    run = start(400, 0.05)
    widget = ProgressWidget(run)
    widget.comm.until(ended)
    seconds = time.monotonic() - began
    assert last(widget).items_done == 400
    states = widget.comm.states("progress")
    assert states[-1]["state"] == "completed"
    assert len(states) <= 10 * seconds + 3
    assert [state["seq"] for state in states] == sorted(state["seq"] for state in states)


def test_a_run_that_has_ended_is_shown_as_ended() -> None:
    run = start(3, 0)
    assert run.wait(PATIENCE)
    assert last(ProgressWidget(run)).state == "completed"


def test_stop_cancels_the_run_and_keeps_what_there_is() -> None:
    run = start(2000, 0.5)
    widget = ProgressWidget(run)
    ask(widget, type="stop")
    widget.comm.until(ended)
    assert last(widget).state == "stopped"
    assert run.results.partial


def test_pause_holds_the_run_and_resume_lets_it_go_on() -> None:
    run = start(600, 0.02)
    widget = ProgressWidget(run)
    ask(widget, type="pause")
    widget.comm.until(in_state("paused", in_flight=0))
    held = last(widget).items_done
    assert held < 600
    time.sleep(0.3)
    assert last(widget).items_done == held
    assert last(widget).eta is None
    ask(widget, type="resume")
    widget.comm.until(ended)
    assert last(widget).state == "completed"
    assert last(widget).items_done == 600


def test_stop_ends_a_paused_run() -> None:
    run = start(2000, 0.5)
    widget = ProgressWidget(run)
    ask(widget, type="pause")
    widget.comm.until(in_state("paused"))
    ask(widget, type="stop")
    widget.comm.until(ended)
    assert last(widget).state == "stopped"


def test_sync_sends_the_state_again() -> None:
    run = start(3, 0)
    assert run.wait(PATIENCE)
    widget = ProgressWidget(run)
    before = len(widget.comm.states("progress"))
    ask(widget, type="sync")
    widget.comm.until(lambda _: len(widget.comm.states("progress")) > before)


def test_closing_leaves_the_run_alone_and_is_no_longer_told() -> None:
    run = start(40, 0.05)
    widget = ProgressWidget(run)
    comm_ = widget.comm
    widget.close()
    sent = len(comm_.messages)
    assert run.wait(PATIENCE)
    assert run.progress.state == "completed"
    assert len(comm_.messages) == sent


def test_there_is_no_kernel_to_interrupt_outside_a_kernel() -> None:
    run = start(1, 0)
    assert ProgressWidget(run).kernel_id == ""
    run.wait(PATIENCE)
