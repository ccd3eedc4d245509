"""Benchmarks and conversations as widgets and as HTML: the matrix, the samples, and what was said."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from typing import Any

import comm
import pytest

from edsl_nb import Agent, Model, QuestionFreeText, QuestionMultipleChoice, ScenarioList
from edsl_nb.core.transcripts import Transcript
from edsl_nb.tasks import Benchmark, SampleStatus, Session, Task, TaskOutput, TaskSampleExecutionResult
from edsl_nb.tasks.samples import Place, Sample
from edsl_nb.tasks.scoreboard import Scoreboard, figures
from edsl_nb.widgets.benchmark import BenchmarkRunWidget, BenchmarkWidget
from edsl_nb.widgets.board_html import number_text
from edsl_nb.widgets.messages.transcript import TEXT_LIMIT
from edsl_nb.widgets.render import bundle, widget
from edsl_nb.widgets.static_html import SIZE_LIMIT
from edsl_nb.widgets.transcript import TranscriptWidget
from edsl_nb.widgets.words import percent
from tests.unit.test_widgets_fallbacks import EVIL, Tags
from tests.unit.widget_fakes import PATIENCE, RecordingComm, ask, ask_page


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", RecordingComm)


class Echoes(Task):
    """Samples of two turns; right where the agent says what it was told to say.

    Parameters:
        gate: samples from the second on wait for it.
        broken: whether `calculate_overall` raises.
    """

    def __init__(self, samples: int = 4, name: str = "echoes", gate: Any = None, broken: bool = False):
        super().__init__(name, concurrency=2)
        self.samples, self.gate, self.broken = samples, gate, broken
        self.scored = 0

    def get_indices(self) -> list[int]:
        return list(range(self.samples))

    async def start_sample(self, index: Any, session: Session) -> TaskSampleExecutionResult:
        print(f"playing {index}")
        session.inject({"role": "agent", "content": "an example"})
        if index and self.gate is not None:
            await asyncio.to_thread(self.gate.wait, PATIENCE)
        session.clear()
        output = await session.action({"role": "user", "content": f"Say {index} {EVIL}"})
        right = output.content == f"{index}"
        return TaskSampleExecutionResult(
            status=SampleStatus.COMPLETED if right else SampleStatus.AGENT_INVALID_ACTION, result=right
        )

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        self.scored += 1
        if self.broken:
            raise ZeroDivisionError("no results")
        return {"accuracy": sum(bool(r.result) for r in results) / len(results), "by": {"kind": 0.5}}


def good(history: Any) -> str:
    return history[-1]["content"].split()[1]


def poor(history: Any) -> str:
    return "0"


def played(task: Task | None = None, **options: Any) -> Any:
    return Benchmark(task or Echoes(), {"good": good, "poor": poor}).run(progress_bar=False, **options)


def pairs(shown: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {(pair["task"], pair["agent"]): pair for pair in shown.board["pairs"]}


# The matrix


def test_results_show_how_samples_ended_and_the_scores() -> None:
    shown = widget(played())
    assert isinstance(shown, BenchmarkWidget)
    assert (shown.board["tasks"], shown.board["agents"]) == (["echoes"], ["good", "poor"])
    assert shown.board["outcomes"] == ["completed", "agent invalid action"]
    assert not shown.board["unscored"]
    found = pairs(shown)["echoes", "poor"]
    assert found["outcomes"] == [
        {"outcome": "completed", "count": 1},
        {"outcome": "agent invalid action", "count": 3},
    ]
    assert [(one["name"], one["value"]) for one in found["figures"]] == [("accuracy", 0.25), ("by.kind", 0.5)]
    text = shown.plain_text()
    assert "echoes, poor: 4 of 4 samples; completed 25 %, agent invalid action 75 %; accuracy 0.25" in text
    assert Tags(shown.static_html()).tags <= {"div", "span", "table", "thead", "tbody", "tr", "th", "td"}


def test_repeats_have_standard_errors() -> None:
    found = pairs(widget(played(n=2)))["echoes", "good"]
    assert found["figures"][0] == {"name": "accuracy", "value": 1.0, "error": 0.0}


def test_equal_repeats_have_no_error_at_all() -> None:
    found = pairs(widget(played(Echoes(5), n=3)))["echoes", "poor"]
    assert found["figures"][0] == {"name": "accuracy", "value": 0.2, "error": 0.0}


def test_a_score_is_computed_once_for_the_run_its_widget_and_its_results() -> None:
    task = Echoes()
    benchmark = Benchmark(task, {"good": good})
    run = benchmark.start(progress_bar=False)
    shown = widget(run)
    assert run.wait(PATIENCE)
    assert "accuracy 1" in bundle(shown, live=False)[0]["text/plain"]
    assert run.results.overall["good", "echoes"]["custom"]["accuracy"] == 1
    assert task.scored == 1
    benchmark.close()


def test_a_task_that_cannot_score_is_said_to_in_its_cell() -> None:
    with pytest.warns(match="There is no score of task 'echoes'"):
        results = played(Echoes(broken=True))
    assert "ZeroDivisionError" in pairs(widget(results))["echoes", "good"]["problem"]
    assert "no score: " in bundle(results, live=False)[0]["text/plain"]


def test_a_run_is_shown_while_it_goes_on_and_scored_so_far_when_asked() -> None:
    gate = threading.Event()
    benchmark = Benchmark(Echoes(gate=gate), {"good": good})
    run = benchmark.start(progress_bar=False)
    shown = BenchmarkRunWidget(run, run.workload)
    shown.comm.until(lambda m: m.get("state", {}).get("board", {}).get("unscored"))
    assert pairs(shown)["echoes", "good"]["ended"] == 1
    assert pairs(shown)["echoes", "good"]["figures"] == []
    ask_page(shown)
    assert [row["cells"][:3] for row in shown.comm.reply("page")["rows"]] == [["echoes", "good", 0]]
    gate.set()
    ask(shown, type="score")
    assert run.wait(PATIENCE)
    shown.comm.until(lambda m: m.get("state", {}).get("progress", {}).get("state") == "completed")
    assert pairs(shown)["echoes", "good"]["ended"] == 4
    html = bundle(shown, live=False)[0]["text/html"]
    text = Tags(html).text
    assert "Completed" in text and "1 accuracy" in text and "completed 100 %" in text
    assert "echoesgood3" in text, "a saved notebook has the first samples, too"
    benchmark.close()


def test_a_run_is_shown_at_once_as_it_is() -> None:
    benchmark = Benchmark(Echoes(), {"good": good, "poor": poor})
    run = benchmark.start(progress_bar=False)
    shown = BenchmarkRunWidget(run, run.workload)
    opened = shown.comm.messages[0]["state"]
    assert opened["board"]["tasks"] == ["echoes"] and len(opened["board"]["pairs"]) == 2
    assert opened["table"]["title"] == "Samples"
    assert run.wait(PATIENCE)
    shown.comm.until(lambda m: m.get("state", {}).get("progress", {}).get("state") == "completed")
    assert shown.table["rows"] == 8, "the last message about the samples comes before the end is told"
    benchmark.close()


def test_what_a_run_had_scored_before_it_is_scored_when_it_goes_on() -> None:
    gate = threading.Event()
    quick, slow = Echoes(2, name="quick"), Echoes(4, name="slow", gate=gate)
    with Benchmark([quick, slow], {"good": good}) as benchmark:
        run = benchmark.start(progress_bar=False)
        shown = BenchmarkRunWidget(run, run.workload)
        shown.comm.until(lambda m: m.get("state", {}).get("progress", {}).get("items_done") == 3)
        run.cancel()
        gate.set()
        assert run.wait(PATIENCE)
        gate.clear()
        again = benchmark.resume(run.id, progress_bar=False)
        live = BenchmarkRunWidget(again, again.workload)
        live.comm.until(
            lambda m: any(
                pair["figures"] for pair in m.get("state", {}).get("board", {}).get("pairs", ())
            )
        )  # fmt: skip
        assert pairs(live)["quick", "good"]["scored"] == 2
        gate.set()
        assert again.wait(PATIENCE)


def test_stop_works_as_for_every_run() -> None:
    gate = threading.Event()
    benchmark = Benchmark(Echoes(40, gate=gate), {"good": good})
    run = benchmark.start(progress_bar=False)
    shown = widget(run)
    ask(shown, type="stop")
    gate.set()
    shown.comm.until(lambda m: m.get("state", {}).get("progress", {}).get("state") == "stopped")
    assert run.results.partial
    partial = widget(run.results)
    assert partial.board["note"] == "(partial)"
    found = pairs(partial)["echoes", "good"]
    assert found["ended"] == len(run.results) < found["total"] == 40
    assert f"{found['ended']} of 40 samples" in partial.plain_text()
    benchmark.close()


def test_a_score_that_is_known_is_shown_and_another_computed_when_asked_for() -> None:
    gate = threading.Event()
    benchmark = Benchmark(Echoes(gate=gate), {"good": good})
    run = benchmark.start(progress_bar=False)
    shown = BenchmarkRunWidget(run, run.workload)
    shown.comm.until(lambda m: m.get("state", {}).get("board", {}).get("unscored"))
    partial = widget(run.results)
    assert partial.board["unscored"] and pairs(partial)["echoes", "good"]["scored"] == 0
    ask(partial, type="score")
    partial.comm.until(lambda m: m.get("state", {}).get("board", {}).get("unscored") is False)
    assert pairs(partial)["echoes", "good"]["scored"] == 1
    gate.set()
    assert run.wait(PATIENCE)
    assert pairs(widget(run.results))["echoes", "good"]["scored"] == 4
    benchmark.close()


def test_names_and_errors_stay_text_and_a_matrix_is_never_large() -> None:
    many = {f"{EVIL} {number}": good for number in range(14)}
    results = Benchmark(Echoes(1, name=EVIL), many).run(progress_bar=False)
    html = bundle(results, live=False)[0]["text/html"]
    assert Tags(html).attributes == {"style"}
    assert "and 2 agents more" in html
    assert len(html.encode()) <= SIZE_LIMIT


def test_a_large_matrix_with_long_results_stays_small() -> None:
    def long(history: Any) -> str:
        return f"{'x' * 5000} {history[-1]['content']}"

    tasks = [Echoes(3, name=f"task {'long ' * 20}{number}") for number in range(20)]
    benchmark = Benchmark(tasks, {f"agent {number}": long for number in range(12)})
    run = benchmark.start(progress_bar=False)
    assert run.wait(PATIENCE)
    for shown in (run, run.results):
        html = bundle(shown, live=False)[0]["text/html"]
        assert "12 agents" in html and "Showing" in html
        assert len(html.encode()) <= SIZE_LIMIT
    benchmark.close()


def test_short_texts_are_not_broken_on_narrow_pages_and_long_ones_have_some_room() -> None:
    def long(history: Any) -> str:
        return "no " * 100

    html = bundle(Benchmark(Echoes(1), {"long": long}).run(progress_bar=False), live=False)[0]["text/html"]
    widths = {name: int(room) for room, name in re.findall(r"min-width:(\d+)ch[^>]*>(\w+)<", html)}
    assert (widths["task"], widths["status"]) == (len("echoes"), 18)


def test_samples_without_a_status_are_found_by_how_they_have_ended() -> None:
    def fails(history: Any) -> str:
        raise RuntimeError("no route to host")

    with pytest.warns(match="5 of 10 samples have no answer"):
        results = Benchmark(Echoes(5), {"good": good, "fails": fails}).run(progress_bar=False)
    shown = widget(results)
    assert pairs(shown)["echoes", "fails"]["unscored"] == "nothing to score"
    status = {
        "column": "status", "contains": "", "one_of": ["agent error"], "least": None, "most": None,
    }  # fmt: skip
    ask_page(shown, filters=[status])
    assert {row["cells"][1] for row in shown.comm.reply("page")["rows"]} == {"fails"}
    assert results.to_pandas()["status"].dropna().tolist().count("agent error") == 0, "which is no status"


def test_repeats_have_a_column_where_there_are_any() -> None:
    def primary(results: Any) -> list[str]:
        return [column["name"] for column in widget(results).table["columns"] if column["primary"]]

    assert "repeat" not in primary(played())
    assert "repeat" in primary(played(n=2))


def test_a_sample_that_is_played_again_counts_once() -> None:
    computed: list[int] = []

    def score(agent: str, task: str, samples: Any) -> dict[str, Any]:
        computed.append(len(samples))
        return {"total": len(samples), "custom": None}

    board = Scoreboard({("a", "t"): 2}, score)
    first, failed, again = (
        Sample(Place("t", "a", index, 0), state, status)
        for index, state, status in (
            (0, "answered", SampleStatus.COMPLETED),
            (1, "failed", None),
            (1, "answered", SampleStatus.COMPLETED),
        )
    )
    assert not board.note(1, Sample(Place("t", "a", 1, 0), "cancelled"))
    assert not board.note(1, failed)
    assert board.note(0, first)
    assert board.standings()[0].outcomes == {"completed": 1, "failed": 1}
    assert board.note(1, again)
    assert board.standings()[0].outcomes == {"completed": 2}
    assert board.ended == [again, first]
    board.score_so_far("a", "t")
    board.score("a", "t", [first, again])["total"] = 99
    assert computed == [2]
    assert board.standings()[0].score == {"total": 2, "custom": None}


@pytest.mark.parametrize(
    ("custom", "expected"),
    [
        (0.5, [("score", 0.5)]),
        ({"a": 1, "b": {"c": "x", "d": None, "e": [1]}}, [("a", 1), ("b.c", "x")]),
        (None, []),
        ([1, 2], []),
        ({"a": float("nan")}, []),
    ],
)
def test_figures_of_a_score(custom: Any, expected: Any) -> None:
    assert [(one.name, one.value) for one in figures(custom)] == expected


def test_figures_are_written_as_the_browser_does() -> None:
    written = [number_text(value) for value in (0.123456, 3, 1234.5678, "good", True, 12345, 2.0)]
    assert written == ["0.123", "3", "1,235", "good", "yes", "12,345", "2"]
    assert [percent(part, 40) for part in (1, 3, 40)] == ["3 %", "8 %", "100 %"], "half is rounded up"


# Conversations


def told(shown: Any, position: int, id: int = 1, kind: str = "transcript") -> dict[str, Any]:
    ask(shown, type=kind, view="v", id=id, position=position)
    return shown.comm.until(
        lambda m: m.get("method") == "custom" and m["content"].get("id") == id
    )["content"]  # fmt: skip


def test_a_row_of_samples_has_its_conversation() -> None:
    shown = widget(played())
    found = told(shown, 5)
    assert found["title"] == "echoes 1, poor"
    assert [(turn["role"], turn["number"], turn["marks"]) for turn in found["turns"]] == [
        ("user", 0, ["injected"]),
        ("agent", 1, []),
        ("note", None, []),
    ]
    assert found["turns"][2]["text"] == "playing 1\n"
    facts = {fact["name"]: fact["value"] for fact in found["facts"]}
    assert (facts["status"], facts["result"], facts["rounds"]) == ("agent invalid action", False, 1)
    assert found["counterparts"] == [{"label": "good", "position": 1}]


def test_a_transcript_shows_with_those_beside_it_and_as_json() -> None:
    transcript = played().transcript(2, agent="poor")
    shown = widget(transcript)
    assert isinstance(shown, TranscriptWidget)
    assert shown.transcript == {"position": 6, "count": 8}
    said = json.loads(told(shown, 6, kind="transcript_json")["text"])
    assert said["title"] == "echoes 2, poor" and said["turns"][1]["content"] == "0"
    assert told(shown, 8, id=2)["type"] == "error"
    html = shown.static_html()
    assert Tags(html).attributes == {"style"} and EVIL in Tags(html).text
    assert "unicode-bidi:plaintext" in html, "texts in scripts from right to left stand on the right"
    assert "0 USER (injected)\n  Say 2" in shown.plain_text()
    assert "seconds" not in shown.plain_text(), "which differs when a cell is run again"


def test_long_texts_are_cut_but_not_in_json() -> None:
    results = QuestionFreeText("q", "Q?").by(Model("test", canned_response={"q": "x" * 300_000})).run(
        progress_bar=False
    )  # fmt: skip
    shown = widget(results.transcript(0))
    turn = next(turn for turn in told(shown, 0)["turns"] if turn["role"] == "agent")
    assert (len(turn["text"]), turn["length"]) == (TEXT_LIMIT, 300_000)
    assert "x" * 300_000 in told(shown, 0, id=2, kind="transcript_json")["text"]
    assert len(shown.static_html().encode()) <= SIZE_LIMIT


def test_interviews_are_conversations_with_others_about_the_same() -> None:
    question = QuestionMultipleChoice("q", "{{ scenario.d }}?", ["Tea", "Other"])
    agents = [Agent(name="Ann", traits={"age": 30}), Agent(name="Bob", traits={"age": 40})]
    models = [
        Model("test", canned_response={"q": reply}, temperature=t)
        for t, reply in ((0.1, "Tea"), (0.2, "Other"))
    ]
    drinks = ScenarioList.from_list("d", ["milk", "cider"])
    results = question.by(agents).by(drinks).by(*models).run(progress_bar=False)
    transcript = results.transcript(0)
    assert isinstance(transcript, Transcript)
    found = told(widget(transcript), 0)
    assert [(turn["role"], turn["about"]) for turn in found["turns"]][:3] == [
        ("system", ""), ("user", "q"), ("agent", "q"),
    ]  # fmt: skip
    assert found["turns"][-1]["role"] == "note" and found["turns"][-1]["text"].startswith("Tea  (exact")
    assert {fact["name"]: fact["value"] for fact in found["facts"]} == {"age": 30, "d": "milk"}
    others = [results.transcript(one["position"]).title for one in found["counterparts"]]
    assert len(others) == len(results) // 2 // 2 and all("Interview 1 " not in title for title in others)
