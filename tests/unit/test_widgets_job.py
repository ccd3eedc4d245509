"""The job card over real jobs."""

from __future__ import annotations

import comm
import pytest

from edsl_nb import Agent, Jobs, Model, QuestionFreeText, ScenarioList, Survey
from edsl_nb.widgets import job as job_module
from edsl_nb.widgets.job import JobWidget
from edsl_nb.widgets.messages.job import JobState
from tests.unit.widget_fakes import RecordingComm, ask, ask_page


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", RecordingComm)


def make(scenarios: int, text: str = "What of {{ scenario.x }}?") -> Jobs:
    survey = Survey(questions=[QuestionFreeText(question_name="q", question_text=text)])
    rows = ScenarioList.from_list("x", list(range(scenarios)))
    return survey.by(Agent(traits={"persona": "an artist"})).by(rows).by(Model("test"))


def state(widget: JobWidget) -> JobState:
    return JobState.model_validate(widget.card)


def until_counted(widget: JobWidget) -> JobState:
    def fits(message: dict) -> bool:
        card = message["state"].get("card") if message.get("method") == "update" else None
        return card is not None and not card["counting"]

    widget.comm.until(fits)
    return state(widget)


def test_a_small_job_is_counted_when_its_card_is_made() -> None:
    card = state(JobWidget(make(30)))
    assert (card.summary.interviews, card.summary.distinct_calls, card.counting) == (30, 30, False)


def test_a_larger_job_is_counted_once_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_module, "COUNT_AT_ONCE", 10)
    widget = JobWidget(make(30))
    assert state(widget).summary.distinct_calls is None
    ask(widget, type="sync")
    assert until_counted(widget).summary.distinct_calls == 30


def test_a_huge_job_is_counted_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_module, "COUNT_AT_ONCE", 10)
    monkeypatch.setattr(job_module, "COUNT_WHEN_SHOWN", 20)
    widget = JobWidget(make(30))
    ask(widget, type="sync")
    assert widget._counting is None
    ask(widget, type="count")
    assert until_counted(widget).summary.distinct_calls == 30


def test_counting_tells_how_far_it_is_and_stops_when_asked_to() -> None:
    widget = JobWidget(make(200_000))
    ask(widget, type="count")
    widget.comm.until(lambda m: m.get("state", {}).get("card", {}).get("counting") is True)
    ask(widget, type="stop")
    summary = until_counted(widget).summary
    assert 0 < summary.counted < summary.to_count
    assert summary.distinct_calls is None
    widget.close()


def test_prompts_come_page_by_page_with_the_two_prompts_first() -> None:
    widget = JobWidget(make(30))
    assert [c["name"] for c in widget.table["columns"] if c["primary"]] == ["user_prompt", "system_prompt"]
    ask_page(widget, offset=20)
    rows = widget.comm.reply("page")["rows"]
    assert len(rows) == 10
    assert rows[0]["cells"][0] == "What of 20?"


def test_a_template_error_is_shown_on_the_card() -> None:
    widget = JobWidget(make(3, "What of {{ scenario.nothing }}?"))
    assert "scenario.nothing" in state(widget).problem
    assert widget.table is None
    html = widget.static_html()
    assert "scenario.nothing" in html
    assert "<table" not in html


def test_a_card_says_how_much_is_on_disk() -> None:
    job = make(30)
    assert state(JobWidget(job)).summary.on_disk == 0
    job.run(limit=12, progress_bar=False)
    widget = JobWidget(job)
    assert state(widget).summary.on_disk == 12
    assert "12 of 30" in widget.static_html()
    assert "12" not in widget.plain_text(), "which does not differ when a cell is run again"
