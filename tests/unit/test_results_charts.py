"""What pictures of answers say and how: titles, labels, one scale for all groups."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from edsl_nb import (
    Agent,
    AgentList,
    Model,
    ModelList,
    QuestionBudget,
    QuestionFreeText,
    QuestionMultipleChoice,
    QuestionNumerical,
    Results,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import ResultsError
from edsl_nb.results import Axes
from edsl_nb.results.drawing import svg
from edsl_nb.results.records import AnswerCell, Interview
from edsl_nb.results.titles import title_of
from tests.unit.samples import refusal

LONG = "I believe that the government should do considerably more than it does today to help everybody"
SURVEY = Survey(
    [
        QuestionMultipleChoice(
            "likes", "Does {{ agent.name }} like {{ scenario.drink }}?", ["Yes", "No", LONG]
        ),
        QuestionFreeText("why", "Why {{ likes.answer }}, at {{ place }}?"),
        QuestionNumerical("cups", "How many cups?"),
        QuestionBudget("money", "Split 10.", ["rent", "food"], 10),
    ]
)
AXES = Axes(
    SURVEY,
    AgentList([Agent({"job": "cook"}, name="Ann"), Agent({"job": "clerk"}, name="Bob")]),
    ScenarioList([Scenario({"drink": "tea", "place": "home"}), Scenario({"drink": "milk", "place": "home"})]),
    ModelList([Model("test")]),
)
#: By agent: Ann is asked twice, Bob twice, and does not always answer.
ANSWERS: list[list[Any]] = [
    ["Yes", "Sun and sea and sand", 3, [{"rent": 9}, {"food": 1}]],
    ["Yes", "sun", 4, [{"rent": 7}, {"food": 3}]],
    ["Yes", "rain", 12, [{"rent": 1}, {"food": 9}]],
    ["No", None, 12, [{"rent": 0}, {"food": 10}]],
]


def made(**more: Any) -> Results:
    rows = [
        Interview(i, i // 2, i % 2, 0, 0, [cell(answer, f"{i} {n}") for n, answer in enumerate(row)])
        for i, row in enumerate(ANSWERS)
    ]
    return Results(AXES, rows, more.pop("total", len(rows)), **more)


def cell(answer: Any, key: str) -> AnswerCell:
    return AnswerCell("skipped") if answer is None else AnswerCell("answered", answer, how="exact", key=key)


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture).iter() if element.tag.endswith("text")]


def rows_of(chart: Any) -> list[dict[str, Any]]:
    """The rows that a chart is drawn of."""
    return next(iter(chart.to_dict()["datasets"].values()))


def widths(picture: str) -> dict[str, float]:
    """The bars' lengths by what their tips say."""
    found = re.findall(r'<rect [^>]*width="([0-9.]+)"[^>]*><title>([^<]*)</title>', picture)
    return {tip: float(width) for width, tip in found}


# Titles


def test_placeholders_are_named_and_filled_where_all_rows_share_the_value() -> None:
    results = made()
    assert results.distribution("likes").title == "Does [name] like [drink]?"
    assert results.distribution("why").title == "Why [answer to likes], at home?"
    ann = results.filter("agent_name == 'Ann' and drink == 'tea'")
    assert ann.distribution("likes").title == "Does Ann like tea?"
    assert ann.distribution("why").title == "Why Yes, at home?"
    assert "Does Ann like tea?" in texts(svg(ann.distribution("likes")))
    assert "{{" not in str(results.plot("likes").to_dict()["title"])


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Two\n  lines,   please", "Two lines, please"),
        ("{{ scenario.long_name|upper }}!", "[long name]!"),
        ("{{ nobody.knows }} and {{ q.comment }}", "[knows] and [comment]"),
        ("{{-scenario.x-}} {{ x }}", "1 1"),
        ("{% if scenario.x %}odd{% endif %}", "{% if scenario.x %}odd{% endif %}"),
        ("{{ scenario.long }}", "a" * 60 + "…"),
    ],
)
def test_titles_of_texts(text: str, title: str) -> None:
    columns = {"scenario.x": [1, 1], "scenario.long_name": ["a", "a"], "scenario.long": ["a" * 99]}
    assert title_of(text, list(columns), columns.__getitem__) == title


def test_a_long_title_takes_several_lines() -> None:
    question = QuestionFreeText("q", "How do you feel about rain on a long walk? " * 3)
    rows = [Interview(0, 0, 0, 0, 0, [cell("fine", "k")])]
    results = Results(Axes(Survey([question]), AXES.agents, AXES.scenarios, AXES.models), rows, 1)
    lines = results.plot("q").to_dict()["title"]["text"]
    assert len(lines) > 1
    assert " ".join(lines) == question.question_text.strip()
    drawn = texts(svg(results.distribution("q"), 400))
    assert drawn[0] != question.question_text.strip()
    assert " ".join(drawn).startswith(question.question_text.strip()[:100])


def test_pictures_say_how_many_answers_are_missing() -> None:
    assert made().distribution("why").subtitle == "n = 3; 1 missing"
    assert made(partial=True, total=9).distribution("cups").subtitle == "n = 4; partial: 4 of 9"
    computed = made().mutate("double = cups * 2 if likes == 'Yes' else None").distribution("double")
    assert computed.subtitle == "n = 3; 1 missing"
    assert "n = 3; 1 missing" in made().plot("why").to_dict()["title"]["subtitle"]


# Groups


def test_bars_of_all_groups_have_one_scale_and_one_order() -> None:
    results = made()
    found = results.distribution("money", "job")
    assert [[bar.label for bar in panel.bars] for panel in found.panels] == [["food", "rent"]] * 2
    lengths = widths(svg(found))
    assert lengths["food: 2 (2)"] / lengths["food: 9.5 (2)"] == pytest.approx(2 / 9.5, abs=0.01)
    heights = re.findall(r'height="([0-9.]+)"[^>]*><title>[^<]*50%', svg(results.distribution("cups", "job")))
    assert heights == ["40.0", "40.0"]


def test_words_of_groups_are_the_most_frequent_of_all() -> None:
    skipped = AnswerCell("skipped")
    letters = "abcdefghijklmnopqrstuvwxyz"
    said = [cell(f"sun {letters[i % 26]}{letters[i // 26]}", f"k{i}") for i in range(60)]
    rows = [Interview(i, i % 2, 0, 0, i, [skipped, one, skipped, skipped]) for i, one in enumerate(said)]
    found = Results(AXES, rows, 60).distribution("why", "job")
    assert [len(panel.bars) for panel in found.panels] == [20, 20]
    first, second = found.panels
    assert [bar.label for bar in first.bars] == [bar.label for bar in second.bars]
    assert [(panel.bars[0].label, panel.bars[0].count) for panel in found.panels] == [("sun", 30)] * 2


def test_histograms_of_groups_stand_below_each_other() -> None:
    chart = made().plot("cups", by="agent.job")
    assert {row["foot"] for row in rows_of(chart)} == {0, 1}
    assert all(row["foot"] <= row["top"] < row["foot"] + 1 for row in rows_of(chart))
    assert "cook (n = 2)" in chart.to_dict()["layer"][1]["encoding"]["y"]["axis"]["labelExpr"]


# Labels


def test_long_options_are_labels_of_several_lines() -> None:
    labels = [row["label"] for row in rows_of(made().plot("likes"))]
    assert labels[:2] == ["Yes", "No"]
    assert 2 <= len(labels[2].split("\n")) <= 3
    assert LONG.startswith(labels[2].replace("\n", " ").rstrip("…"))
    drawn = svg(made().distribution("likes"), 420)
    assert not any(len(text) > 40 for text in texts(drawn))


def test_options_that_begin_alike_keep_bars_of_their_own() -> None:
    options = [f"{LONG}, wherever they are: {end}" for end in ("at home", "abroad")]
    survey = Survey([QuestionMultipleChoice("q", "Which?", options)])
    rows = [Interview(i, 0, 0, 0, i, [cell(option, f"{i}")]) for i, option in enumerate(options)]
    results = Results(Axes(survey, AXES.agents, AXES.scenarios, AXES.models), rows, 2)
    assert len({row["label"] for row in rows_of(results.plot("q"))}) == 2


def test_columns_of_whole_numbers_are_labelled_with_them() -> None:
    found = made().distribution("cups")
    assert [bar.text for bar in found.panels[0].bars] == [str(number) for number in range(3, 13)]
    assert {"3", "7", "12"} <= set(texts(svg(found, 520)))


@pytest.mark.parametrize("width", [240, 420, 600])
def test_colours_of_opinions_are_named_once(width: int) -> None:
    from tests.unit.test_results_pictures import LIKERT
    from tests.unit.test_results_pictures import made as others

    drawn = texts(svg(others().distribution("rain", "agent.persona"), width))
    assert [drawn.count(label) for label in LIKERT] == [1] * len(LIKERT)


def test_a_chart_becomes_smaller_where_there_is_less_room() -> None:
    shown = made().plot("likes")._repr_mimebundle_()["text/html"]
    least, natural = re.search(r"min-width:([0-9.]+)px", shown), re.search(r' width="([0-9.]+)"', shown)
    assert least is not None
    assert natural is not None
    assert 300 < float(least[1]) < float(natural[1])
    assert "max-width:100%" in shown


#: What models say and people are called, though no picture can hold it.
ODD = ["a\x00b", "half \ud800", "bell\x1f\x07", "line\nbreak", '"; alert(1) //', "\\", "</script>", "\u2028"]


@pytest.mark.parametrize("odd", ODD)
def test_no_character_of_an_answer_or_of_a_name_keeps_a_picture_from_being_drawn(odd: str) -> None:
    agents = AgentList([Agent({"job": odd}, name="Ann"), Agent({"job": "cook"}, name="Bob")])
    scenarios = ScenarioList([Scenario({"drink": odd, "place": odd})])
    rows = [
        Interview(i, i, 0, 0, 0, [cell(a, f"{i} {n}") for n, a in enumerate((said, said, i, [{said: 1}]))])
        for i, said in enumerate((odd, "Yes"))
    ]
    results = Results(Axes(SURVEY, agents, scenarios, AXES.models), rows, 2)
    for name in SURVEY.question_names:
        shown = results.plot(name, by="job")._repr_mimebundle_()["text/html"]
        ET.fromstring(shown[shown.index("<svg") : shown.rindex("</svg>") + len("</svg>")])
        assert texts(svg(results.distribution(name, "job")))
    assert "<svg" in results.compare("agent.job").plot("likes")._repr_mimebundle_()["text/html"]


def test_joiners_that_scripts_need_stay_in_pictures() -> None:
    persian = "می\u200cخواهم"
    rows = [Interview(0, 0, 0, 0, 0, [cell(persian, "k"), *[AnswerCell("skipped")] * 3])]
    assert persian in texts(svg(Results(AXES, rows, 1).distribution("likes")))


# Summaries


def test_a_summary_on_display_says_what_models_took() -> None:
    def results(*costs: float | None) -> Results:
        models = ModelList([Model("test", temperature=n / 10) for n in range(len(costs))])
        axes = Axes(Survey([SURVEY.questions[2]]), AXES.agents, AXES.scenarios, models)
        rows: list[Interview] = []
        for number, cost in enumerate(costs):
            one = AnswerCell(
                "answered", 1, how="exact", key="k", input_tokens=1_000, output_tokens=234, cost=cost
            )
            rows.append(Interview(number, 0, 0, number, 0, [one]))
        return Results(axes, rows, len(rows))

    two = results(0.25, None).summary().as_table()
    assert (
        two.title == "Summary · test: 1 call, 1,234 tokens, $0.25 · test: 1 call, 1,234 tokens, cost unknown"
    )
    three = results(0.25, 0.5, 1).summary().as_table()
    assert three.title == "Summary · 3 models: 3 calls, 3,702 tokens, $1.75"


def test_exceptions_are_told_by_row_and_question() -> None:
    failed = AnswerCell("failed", error="the service is overloaded")
    invalid = AnswerCell("invalid", how="invalid", reason="'x' is no number")
    rows = [
        Interview(0, 0, 0, 0, 0, [cell("Yes", "a"), AnswerCell("skipped"), invalid, failed]),
        Interview(1, 1, 0, 0, 0, [failed, cell("so", "b"), cell(3, "c"), AnswerCell("not_reached")]),
    ]
    assert Results(AXES, rows, 2).show_exceptions().to_list() == [
        (0, "cups", "invalid", "'x' is no number"),
        (0, "money", "failed", "the service is overloaded"),
        (1, "likes", "failed", "the service is overloaded"),
        (1, "money", "not reached", None),
    ]
    assert len(Results(AXES, rows[:0], 0, partial=True).show_exceptions()) == 0


# Agreement


def test_values_that_nobody_was_asked_about_twice_are_not_compared() -> None:
    refusal(lambda: made().compare("answer.likes"), "asked about the same", "model.model", error=ResultsError)
