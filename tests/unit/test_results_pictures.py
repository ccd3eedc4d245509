"""What results say of the questions: distributions, charts, summaries, agreement."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import (
    Agent,
    AgentList,
    Model,
    ModelList,
    QuestionBudget,
    QuestionCheckBox,
    QuestionDict,
    QuestionFreeText,
    QuestionLikertFive,
    QuestionLinearScale,
    QuestionList,
    QuestionMatrix,
    QuestionMultipleChoice,
    QuestionNumerical,
    QuestionRank,
    QuestionTopK,
    Results,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import ResultsError
from edsl_nb.results import Axes
from edsl_nb.results.drawing import ink_on, opposed, svg
from edsl_nb.results.records import AnswerCell, Interview
from tests.unit.samples import refusal

NASTY = "<b>&\"'</b>]]>"
LIKERT = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
SURVEY = Survey(
    [
        QuestionMultipleChoice("tea", "Tea?", ["Yes", NASTY, "No"]),
        QuestionLinearScale("much", "How much?", [1, 2, 3, 4]),
        QuestionLikertFive("rain", "I like rain.", LIKERT),
        QuestionMatrix("drinks", "Do you like ...", ["Tea", "Milk"], [1, 2, 3]),
        QuestionNumerical("age", "How old?"),
        QuestionCheckBox("added", "With what?", ["milk", "sugar"]),
        QuestionRank("order", "In which order?", ["a", "b", "c"]),
        QuestionTopK("best", "Which two?", ["a", "b", "c"], 2, 2),
        QuestionBudget("money", "Split 10.", ["x", "y"], 10),
        QuestionList("words", "Name some."),
        QuestionFreeText("why", "Why?"),
        QuestionDict("facts", "Who?", ["a"]),
    ]
)
TEXTS = {question.question_name: question.question_text for question in SURVEY.questions}
AXES = Axes(
    SURVEY,
    AgentList([Agent({"persona": name}) for name in ("artist", "clerk", "cook", NASTY)]),
    ScenarioList([Scenario({})]),
    ModelList([Model("test"), Model("test", temperature=1)]),
    prices=[None, None],
)
ANSWERS: list[list[Any]] = [
    ["Yes", 1, "Agree", {"Tea": 3, "Milk": 1}, 20, ["milk"], ["a", "b", "c"], ["a", "b"],
     [{"x": 4}, {"y": 6}], ["oak", "elm"], "The tea is warm, so warm.", {"a": 1}],
    ["No", 2, "Neutral", {"Tea": 3, "Milk": 2}, 30, ["milk", "sugar"], ["a", "c", "b"], ["a", "c"],
     [{"x": 10}, {"y": 0}], ["oak"], "Warm milk", {"a": 2}],
]  # fmt: skip


def made(count: int = 8, **more: Any) -> Results:
    """Every agent with either model; the answers differ from one to the other."""
    rows = [
        Interview(
            i, i // 2, 0, i % 2, 0, [said(answer, i, n) for n, answer in enumerate(ANSWERS[i // 2 % 2])]
        )
        for i in range(count)
    ]
    return Results(AXES, rows, more.pop("total", count), **more)


def said(answer: Any, row: int, question: int, **more: Any) -> AnswerCell:
    key = f"{row} {question}"
    return AnswerCell(
        "answered", answer, how="exact", key=key, input_tokens=10, output_tokens=1, cost=0.5, **more
    )


def bars(results: Results, question: str, by: str | None = None) -> dict[str, dict[Any, float]]:
    found = results.distribution(question, by)
    return {panel.name: {bar.label: round(bar.value, 4) for bar in panel.bars} for panel in found.panels}


# Distributions


@pytest.mark.parametrize(
    ("question", "form", "expected"),
    [
        ("tea", "bars", {"": {"Yes": 0.5, NASTY: 0, "No": 0.5}}),
        ("much", "bars", {"": {1: 0.5, 2: 0.5, 3: 0, 4: 0}}),
        ("rain", "diverging", {"": dict.fromkeys(LIKERT, 0) | {"Neutral": 0.5, "Agree": 0.5}}),
        ("drinks", "diverging", {"Tea": {1: 0, 2: 0, 3: 1}, "Milk": {1: 0.5, 2: 0.5, 3: 0}}),
        ("added", "bars", {"": {"milk": 1, "sugar": 0.5}}),
        ("order", "bars", {"": {"a": 2, "b": 0.5, "c": 0.5}}),
        ("best", "bars", {"": {"a": 1, "b": 0.5, "c": 0.5}}),
        ("money", "bars", {"": {"x": 7, "y": 3}}),
        ("words", "bars", {"": {"oak": 8, "elm": 4}}),
        ("why", "bars", {"": {"warm": 8, "milk": 4, "tea": 4}}),
    ],
)
def test_how_answers_are_counted(question: str, form: str, expected: dict[str, Any]) -> None:
    results = made()
    assert bars(results, question) == expected
    assert results.distribution(question).form == form
    assert results.distribution(question).n == 8


def test_options_keep_their_order_and_ranks_begin_with_the_most() -> None:
    results = made()
    assert list(bars(results, "tea")[""]) == ["Yes", NASTY, "No"]
    assert next(iter(bars(results, "order")[""])) == "a"
    assert results.distribution("age").panels[0].bars[0].label == (19.5, 20.5)


def test_groups() -> None:
    found = bars(made(), "tea", by="agent.persona")
    assert list(found) == ["artist", "clerk", "cook", NASTY]
    assert found["artist"] == {"Yes": 1.0, NASTY: 0, "No": 0}
    items = made().distribution("drinks", by="model_index").panels
    assert [panel.name for panel in items] == ["Tea · 0", "Tea · 1", "Milk · 0", "Milk · 1"]


def test_columns_that_were_computed() -> None:
    results = made().mutate("double = age * 2").mutate("old = age > 25")
    assert results.distribution("double").form == "histogram"
    assert bars(results, "old") == {"": {False: 0.5, True: 0.5}}
    assert bars(results, "answer.tea") == bars(results, "tea")


def test_numbers_that_cannot_be_drawn_are_left_out() -> None:
    results = made().mutate("far = f(age)", {"f": lambda age: 10**400 if age == 20 else float(age)})
    assert results.distribution("far").panels[0].n == 4


# Charts


def texts(picture: str) -> str:
    """What can be read in an SVG, which has to be well-formed."""
    return " ".join(ET.fromstring(picture).itertext())


@pytest.mark.parametrize("by", [None, "agent.persona"])
@pytest.mark.parametrize("question", [name for name in SURVEY.question_names if name != "facts"])
def test_every_type_has_a_picture(question: str, by: str | None, tmp_path: Path) -> None:
    results = made(total=5_000, partial=True)
    chart = results.plot(question, by)
    shown = chart._repr_mimebundle_()
    picture = shown["text/html"].removeprefix('<div style="overflow-x:auto">').removesuffix("</div>")
    for drawn in (texts(picture), texts(svg(results.distribution(question, by)))):
        for word in (
            "n = 8",
            "partial: 8 of 5,000",
            TEXTS[question],
        ):
            assert word in drawn
    assert "currentColor" in picture  # the page's ink, so that it can be read on dark ones
    assert "partial: 8 of 5,000" in shown["text/plain"]


def test_charts_are_altairs_and_can_be_saved(tmp_path: Path) -> None:
    import altair as alt

    chart = made().plot("tea", by="agent.persona").properties(width=200)
    assert isinstance(chart, alt.LayerChart)
    assert chart.to_dict()["width"] == 200
    chart.save(tmp_path / "chart.png")
    chart.save(tmp_path / "chart.svg")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert "currentColor" not in (tmp_path / "chart.svg").read_text()
    # What a notebook is sent: nothing that needs a network or a script to be seen.
    from IPython.core.formatters import DisplayFormatter

    shown, _ = DisplayFormatter().format(chart)
    assert set(shown) == {"text/html", "text/plain"}
    assert "<svg" in shown["text/html"]
    assert "<script" not in shown["text/html"]


def test_long_names_of_groups_leave_room_for_their_numbers() -> None:
    names = [f"somebody who has lived in a small village by the sea since {year}" for year in (1950, 1960)]
    axes = replace(AXES, agents=AgentList([Agent({"persona": name}) for name in names]))
    rows = [Interview(i, i % 2, 0, 0, i, [said(a, i, n) for n, a in enumerate(ANSWERS[0])]) for i in range(4)]
    drawn = json.dumps(Results(axes, rows, 4).plot("tea", by="agent.persona").to_dict())
    labels = set(re.findall(r'"group": "([^"]+)"', drawn))
    assert len(labels) == 2
    assert all(label.endswith("(n = 2)") and len(label) < 60 for label in labels)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 11])
def test_steps_of_a_scale_have_colours_of_their_own(count: int) -> None:
    colours = opposed(count)
    assert len(set(colours)) == count
    assert all(ink_on(colour) in ("#1a1a1a", "#ffffff") for colour in colours)
    assert (ink_on("#ffffff"), ink_on("#2a5f97")) == ("#1a1a1a", "#ffffff")


def test_one_number_alone_does_not_fill_a_picture() -> None:
    rows = [Interview(i, 0, 0, 0, i, [said(a, i, n) for n, a in enumerate(ANSWERS[0])]) for i in range(4)]
    results = Results(AXES, rows, 4)
    assert results.plot("age").to_dict()["layer"][0]["encoding"]["x"]["scale"]["domain"] == [17.5, 22.5]
    drawn = svg(results.distribution("age"))
    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([0-9.]+)"', drawn)]
    assert max(widths) < 520 / 4


def test_what_answers_say_is_text_in_pictures() -> None:
    for drawn in (
        svg(made().distribution("tea", "persona")),
        made().plot("tea", "persona")._repr_mimebundle_()["text/html"],
    ):
        assert "<b>" not in drawn
        assert NASTY in texts(drawn.removeprefix('<div style="overflow-x:auto">').removesuffix("</div>"))


def test_a_dry_run_says_so_in_its_pictures() -> None:
    assert "dry run" in made(dry_run=True).distribution("tea").subtitle


def test_what_cannot_be_drawn_is_refused() -> None:
    results = made()
    refusal(lambda: results.plot("tee"), "'tea'", error=ResultsError)
    refusal(lambda: results.plot(5), "no such question", error=ResultsError)  # type: ignore[arg-type]
    refusal(lambda: results.plot("tea", by="persna"), "'persona'", error=ResultsError)
    refusal(lambda: results.plot("facts"), "dicts", "mutate", error=ResultsError)
    refusal(lambda: made(0).plot("tea"), "no answers", error=ResultsError)
    many = Results(AXES, [replace_index(i) for i in range(40)], 40).mutate("place = f(1)", {"f": counter()})
    refusal(lambda: many.plot("tea", by="place"), "40 different values", error=ResultsError)


def replace_index(index: int) -> Interview:
    return Interview(index, 0, 0, 0, index, [said(answer, index, n) for n, answer in enumerate(ANSWERS[0])])


def counter() -> Any:
    numbers = iter(range(1_000))
    return lambda value: next(numbers)


# Summaries


def test_a_summary_counts_what_became_of_questions() -> None:
    states: list[AnswerCell] = [
        said("Yes", 0, 0),
        AnswerCell("answered", "No", how="repaired", rule="case", key="k"),
        AnswerCell("invalid", how="invalid"),
        AnswerCell("failed"),
        AnswerCell("skipped"),
        AnswerCell("not_reached"),
        AnswerCell("cancelled"),
    ]
    survey = Survey([SURVEY.questions[0], QuestionFreeText("x", "X?")])
    axes = Axes(survey, AXES.agents, AXES.scenarios, AXES.models, prices=[None, None])
    rows = [Interview(i, 0, 0, i % 2, i, [cell, said("So.", i, 1)]) for i, cell in enumerate(states)]
    summary = Results(axes, rows, 9, partial=True).summary()
    tea = summary["tea"]
    counts = (tea.n, tea.missing, tea.repaired, tea.invalid, tea.failed, tea.skipped, tea.not_asked)
    assert counts == (2, 5, 1, 1, 1, 1, 2)
    assert summary["x"].estimates == ()
    assert summary.note == "partial: 7 of 9"
    assert all("partial: 7 of 9" in text for text in (repr(summary), str(summary), summary.as_table().title))
    first, second = summary.models
    assert (first.interviews, first.calls, first.input_tokens, first.cost) == (4, 5, 50, 2.5)
    assert (second.interviews, second.calls, second.output_tokens) == (3, 3, 3)
    refusal(lambda: summary["tee"], "There are: tea, x", error=ResultsError)


def test_shares_and_means_have_the_intervals_of_distinct_calls() -> None:
    def cells(row: int) -> list[AnswerCell]:
        answers: list[Any] = ["Yes" if row < 4 else "No", row]
        return [AnswerCell("answered", a, how="exact", key=f"{row} {n}") for n, a in enumerate(answers)]

    survey = Survey([SURVEY.questions[0], QuestionNumerical("age", "How old?")])
    axes = Axes(survey, AXES.agents, AXES.scenarios, AXES.models)
    once = Results(axes, [Interview(i, 0, 0, 0, 0, cells(i)) for i in range(10)], 10).summary()
    often = Results(axes, [Interview(i, 0, 0, 0, 0, cells(i % 10)) for i in range(1_000)], 1_000).summary()
    share, mean = once["tea"].estimates[0], once["age"].estimates[0]
    assert (share.measure, share.value, share.method) == ("share of 'Yes'", 0.4, "Wilson")
    assert (share.n, share.distinct_calls) == (10, 10)
    assert (round(share.low or 0, 4), round(share.high or 0, 4)) == (0.1682, 0.6873)
    # Of 0 to 9 the mean is 4.5 and s = 3.02765; scipy.stats.t.interval(0.95, 9, 4.5, s / sqrt(10)).
    assert (mean.measure, mean.value, mean.method) == ("mean", 4.5, "t")
    assert (mean.low, mean.high) == (pytest.approx(2.33415, abs=1e-4), pytest.approx(6.66585, abs=1e-4))
    # A hundred equal interviews are one draw.
    for few, many in ((share, often["tea"].estimates[0]), (mean, often["age"].estimates[0])):
        assert (many.n, many.distinct_calls) == (1_000, 10)
        assert (many.low, many.high) == (pytest.approx(few.low), pytest.approx(few.high))


def test_a_summary_is_a_table() -> None:
    summary = made().summary()
    frame = summary.to_pandas()
    assert {"question_name", "measure", "value", "low", "high", "method", "n", "distinct_calls"} <= set(frame)
    assert set(frame["question_name"]) == set(SURVEY.question_names)
    assert summary["drinks"].estimates[0].measure == "mean for 'Tea'"
    assert len(summary.question_table()) == len(SURVEY)
    assert summary.model_table()["model"] == ["test", "test"]


# Agreement


def judged(*rows: tuple[Any, Any, Any]) -> Results:
    """What each of two models says of the same: tea, much and added."""
    survey = Survey([SURVEY.questions[0], SURVEY.questions[1], SURVEY.questions[5], SURVEY.questions[10]])
    axes = Axes(survey, AXES.agents, AXES.scenarios, AXES.models)
    interviews = [
        Interview(i, 0, 0, i % 2, i // 2, [said(a, i, n) for n, a in enumerate((*row, f"{i}"))])
        for i, row in enumerate(rows)
    ]
    return Results(axes, interviews, len(interviews), partial=len(rows) % 2 == 1)


def test_models_are_compared_on_the_same_interviews() -> None:
    results = judged(
        ("Yes", 1, ["milk", "sugar"]), ("Yes", 2, ["sugar", "milk"]),
        ("Yes", 3, []), ("No", 4, ["milk"]),
        ("No", 4, []), ("No", 4, []),
        ("No", 4, []), ("No", 4, []),
        ("No", 4, []),
    )  # fmt: skip
    found = results.compare("model.temperature")
    assert found.questions == ["tea", "much", "added"]
    assert found.between("0.5", "1", "tea") == (4, 0.75, 0.5, None)
    assert found.between("1", "0.5", "added").share == 0.75
    much = found.between("0.5", "1", "much")
    assert much.kappa is not None
    assert much.weighted is not None
    assert much.weighted > much.kappa
    assert "partial" in found.note
    assert all("partial" in text for text in (repr(found), found.as_table().title))
    assert set(found.to_pandas()["n"]) == {4}
    assert results.compare("model.temperature", questions=["why"]).between("0.5", "1", "why").share == 0


def test_agreement_as_a_heat_map() -> None:
    results = judged(("Yes", 1, []), ("Yes", 2, []), ("No", 3, []), ("No", 3, []))
    found = results.compare("model_index")
    whole, one = found.plot()._repr_mimebundle_()["text/html"], found.plot("tea", "kappa")._repr_mimebundle_()
    assert "Agreement" in whole
    assert "0 – 1" in whole
    assert "n = 2" in one["text/html"]
    refusal(lambda: found.plot("age"), "not compared", error=ResultsError)
    refusal(lambda: found.plot("tea", "kapa"), "'kappa'", error=ResultsError)  # type: ignore[arg-type]
    refusal(lambda: found.between("0", "5", "tea"), "not compared", error=ResultsError)


def test_what_cannot_be_compared_is_refused() -> None:
    results = judged(("Yes", 1, []), ("Yes", 2, []))
    refusal(lambda: results.compare("model.model"), "2 to 30 different values", error=ResultsError)
    refusal(lambda: results.compare("model.modle"), "'model", error=ResultsError)
    refusal(lambda: results.compare("model_index", questions="tee"), "'tea'", error=ResultsError)
    refusal(lambda: made().compare("agent.agent_instruction"), "different values", error=ResultsError)
    twice = AgentList([Agent({"who": name}) for name in ("a", "a", "b")])
    axes = Axes(SURVEY, twice, AXES.scenarios, AXES.models)
    rows = [Interview(i, i, 0, 0, 0, [said(a, i, n) for n, a in enumerate(ANSWERS[0])]) for i in range(3)]
    refusal(lambda: Results(axes, rows, 3).compare("agent.who"), "agent_index", error=ResultsError)
