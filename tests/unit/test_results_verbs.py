"""What can be done with results: rows chosen and ordered, columns computed, rows read one by one, frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edsl_nb import (
    Agent,
    AgentList,
    Dataset,
    Model,
    ModelList,
    QuestionCheckBox,
    QuestionFreeText,
    QuestionLikertFive,
    QuestionLinearScale,
    QuestionMultipleChoice,
    Results,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import ResultsError
from edsl_nb.results import Axes
from edsl_nb.results.records import AnswerCell, Interview
from tests.unit.samples import refusal

SURVEY = Survey(
    [
        QuestionMultipleChoice("tea", "Tea in {{ scenario.place }}?", ["Yes", "No", "Perhaps"]),
        QuestionLinearScale("much", "How much?", [1, 2, 3]),
        QuestionFreeText("why", "Why {{ tea.answer }}, {{ agent.persona }}?"),
        QuestionCheckBox("added", "With what?", ["milk", "sugar"]),
    ]
)
AXES = Axes(
    SURVEY,
    AgentList([Agent({"persona": "artist", "age": 30}, name="Ann"), Agent({"persona": "clerk"})]),
    ScenarioList([Scenario({"place": "Rome"}), Scenario({"place": "Oslo", "persona": "none"})]),
    ModelList([Model("test"), Model("test", temperature=1)]),
)
TEA = ["Yes", "No", "Yes", None, "No", "Yes", "Perhaps", None]


def cell(answer: Any, **more: Any) -> AnswerCell:
    return AnswerCell("answered", answer, how="exact", **more) if answer is not None else AnswerCell("failed")


def made(partial: bool = False, total: int = 8, **more: Any) -> Results:
    """Results of every agent, scenario and model."""
    rows = [
        Interview(
            i,
            i // 4,
            i // 2 % 2,
            i % 2,
            0,
            [cell(TEA[i]), cell(i % 3 + 1), cell(f"So {i}."), cell(["milk"] * (i % 2))],
        )
        for i in range(8)
    ]
    return Results(AXES, rows, total, partial, **more)


@pytest.fixture
def results() -> Results:
    return made()


def reasons(results: Results) -> list[Any]:
    """Which rows these are."""
    return results.select("why").to_list()


# Rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("tea == 'Yes'", [0, 2, 5]),
        ("{{ answer.tea }} == 'Yes'", [0, 2, 5]),
        ("{{ tea.answer }} == 'Yes'", [0, 2, 5]),
        ("answer.tea == 'Yes' and model.temperature == 1", [5]),
        ("model.model == 'test' and much > 2", [2, 5]),
        ("model == 'test' and model.temperature < 1 and place == 'Oslo'", [2, 6]),
        ("agent.persona == 'clerk'", [4, 5, 6, 7]),
        ("scenario.persona == 'none' and agent.persona == 'artist'", [2, 3]),
        ("state.tea_state == 'failed'", [3, 7]),
        ("tea_state != 'failed' and tea in ['No', 'Perhaps']", [1, 4, 6]),
        ("age > 20", [0, 1, 2, 3]),
        ("len(why) > 3 and scenario_index == 0", [0, 1, 4, 5]),
    ],
)
def test_filter(results: Results, text: str, rows: list[int]) -> None:
    found = results.filter(text)
    assert isinstance(found, Results)
    assert reasons(found) == [f"So {i}." for i in rows]


@pytest.mark.parametrize(
    ("text", "near"),
    [("tee == 'Yes'", "'tea'"), ("agent.parsona == 'x'", "'agent.persona'"), ("answer == 'x'", "'answer'")],
)
def test_a_filter_names_what_is_near(results: Results, text: str, near: str) -> None:
    refusal(lambda: results.filter(text), "filter", near, error=ResultsError)


@pytest.mark.parametrize(
    "use",
    [
        lambda r: r.select("tea", "persona"),
        lambda r: r.drop("persona"),
        lambda r: r.rename("persona", "who"),
        lambda r: r.filter("persona == 'clerk'"),
        lambda r: r.filter("persona.job == 'clerk'"),
        lambda r: r.order_by("tea", "persona"),
        lambda r: r.mutate("who = persona"),
        lambda r: r.tally("persona"),
        lambda r: r.expand("persona"),
        lambda r: r.unique().merge(Dataset({"n": [1]}), by_x="persona", by_y="n"),
        lambda r: r.to_csv(pretty_labels={"persona": "Who"}),
        lambda r: r.table("persona"),
        lambda r: r.plot("tea", by="persona"),
        lambda r: r.distribution("tea", by="persona"),
        lambda r: r.compare("persona"),
        lambda r: r[0]["persona"],
        lambda r: r.sql("select persona, count(*) from self group by 1"),
    ],
)
def test_a_name_that_several_columns_have_is_refused_with_their_full_names(
    results: Results, use: Callable[[Results], Any]
) -> None:
    refusal(lambda: use(results), "agent.persona", "scenario.persona", error=ResultsError)


def test_a_full_name_is_always_clear() -> None:
    some = Dataset({"persona": ["x"], "agent.persona": ["y"], "scenario.persona": ["z"]})
    assert some.select("persona").to_list() == ["x"]
    assert some.filter("agent.persona == 'y' and scenario.persona == 'z'").select("persona").first() == "x"


def test_rows_in_order(results: Results) -> None:
    assert reasons(results.sort_by("tea", "much")) == [f"So {i}." for i in (1, 4, 6, 0, 2, 5, 3, 7)]
    assert reasons(results.order_by("agent.persona", reverse=True)) == [
        f"So {i}." for i in (4, 5, 6, 7, 0, 1, 2, 3)
    ]


@pytest.mark.parametrize(
    "verb",
    [
        lambda r: r.filter("tea == 'Yes'"),
        lambda r: r.order_by("tea"),
        lambda r: r.sample(2, seed=1),
        lambda r: r.shuffle(3),
        lambda r: r.head(1),
        lambda r: r.tail(1),
        lambda r: r[1:],
        lambda r: r.mutate("x = 1"),
        lambda r: r.select("tea"),
        lambda r: r.drop("tea"),
        lambda r: r.rename("tea", "drink"),
        lambda r: r.long_view(),
        lambda r: r.tally("tea"),
        lambda r: r.sql("select tea from self"),
        lambda r: Results.from_dict(r.to_dict()),
    ],
)
def test_partial_results_and_dry_runs_stay_so(verb: Callable[[Results], Any]) -> None:
    partial, dry = verb(made(partial=True, total=5_000)), verb(made(dry_run=True))
    for found, words in ((partial, "partial: 8 of 5,000"), (dry, "dry run")):
        assert words in found.title
        assert words in repr(found)
        assert words in found.as_table().title


# Columns


def test_a_computed_column_is_an_answer(results: Results) -> None:
    more = results.mutate("double = much * 2").mutate("four = double * 2")
    assert more.created_columns == ["double", "four"]
    assert more.filter("four > 10")[0].answer["four"] == 12
    assert more.order_by("four", reverse=True).head(1).select("answer.four").to_list() == [12]
    assert more.columns == sorted([*results.columns, "answer.double", "answer.four"])
    assert results.created_columns == []
    refusal(lambda: results.mutate("tea = 1"), "a question has this name", error=ResultsError)
    refusal(lambda: results.mutate("x = tee"), "mutate", "'tea'", error=ResultsError)


def test_columns_under_other_names_and_without_some_are_a_dataset(results: Results) -> None:
    renamed = results.rename("tea", "drink")
    assert isinstance(renamed, Dataset)
    assert renamed.filter("{{ answer.drink }} == 'Yes'").select("why").to_list() == [
        "So 0.",
        "So 2.",
        "So 5.",
    ]
    assert "agent.persona" not in results.drop("agent.*").columns


def test_what_results_know_of_their_columns(results: Results) -> None:
    assert results.answer_keys["much"] == "How much?"
    assert results.agent_keys == ["age", "agent_index", "agent_instruction", "agent_name", "persona"]
    assert results.scenario_keys == ["persona", "place", "scenario_index"]
    assert {"model", "temperature", "model_index"} <= set(results.model_keys)
    assert {"tea", "persona", "place", "temperature"} <= set(results.all_keys)
    assert results.relevant_columns("answer") == ["answer.added", "answer.much", "answer.tea", "answer.why"]
    assert results.relevant_columns("answer", remove_prefix=True)[1] == "much"
    assert results.show_columns().filter("data_type == 'answer'")["name"] == ["added", "much", "tea", "why"]
    assert results.question_names == ["tea", "much", "why", "added"]
    assert results.get_answers("tea") == TEA
    assert results.num_observations() == 8
    refusal(lambda: results.relevant_columns("answr"), "data_type", error=ResultsError)
    refusal(lambda: results.get_answers("tee"), "'tea'", error=ResultsError)


def test_what_was_combined_by_row(results: Results) -> None:
    some = results.filter("agent.persona == 'clerk' and place == 'Oslo'")
    assert list(some.agents) == [AXES.agents[1]] * 2
    assert list(some.scenarios) == [AXES.scenarios[1]] * 2
    assert list(some.models) == list(AXES.models)
    assert some.survey is SURVEY


def test_failures_and_costs() -> None:
    good = Interview(0, 0, 0, 0, 0, [cell("Yes", cost=0.5, cached=False), cell(1), cell("x"), cell([])])
    cached = cell("Yes", cost=0.0, cached=True, input_tokens=1_000_000, output_tokens=2_000_000)
    other = Interview(1, 0, 0, 1, 0, [cached, cell(1), cell("x"), cell([])])
    assert not Results(AXES, [good], 1).has_unfixed_exceptions
    assert made().has_unfixed_exceptions
    priced = Axes(SURVEY, AXES.agents, AXES.scenarios, AXES.models, prices=[None, (1.0, 0.25)])
    results = Results(priced, [good, other], 2)
    assert results.compute_job_cost() == 0.5
    assert results.compute_job_cost(include_cached_responses_in_cost=True) == 2.0
    assert results.select("tea_input_price_per_million_tokens").to_list() == [None, 1.0]


def test_a_row_per_answer(results: Results) -> None:
    view = results.long_view()
    assert len(view) == 32
    assert view[5] == {
        "scenario_index": 0,
        "agent_index": 0,
        "model": "test",
        "iteration": 0,
        "question_name": "much",
        "question_text": "How much?",
        "answer": 2,
    }


# One after the other


def test_results_of_one_survey_are_put_together(results: Results) -> None:
    both = results + results
    assert len(both) == 16
    assert both.select("agent_index").to_list() == results.select("agent_index").to_list() * 2
    assert both.coverage.total == 16
    more = results.mutate("x = much")
    assert (more + results).select("x").to_list() == [*more.select("x").to_list(), *[None] * 8]


def test_other_agents_are_numbered_on(results: Results) -> None:
    axes = Axes(SURVEY, AgentList([Agent({"persona": "cook"})]), AXES.scenarios, AXES.models)
    cells = [cell("Yes"), cell(1), cell("x"), cell([])]
    both = results + Results(axes, [Interview(0, 0, 0, 1, 0, cells)], 1, partial=True)
    last = both[-1]
    assert dict(last.agent.traits) == {"persona": "cook"}
    assert last.indices == {"agent": 2, "scenario": 0, "model": 1}
    assert last["agent_name"] == "Agent_2"
    assert both.partial


def test_results_of_different_surveys_are_not_put_together(results: Results) -> None:
    other = Results(
        Axes(Survey([QuestionFreeText("q", "?")]), AXES.agents, AXES.scenarios, AXES.models), [], 0
    )
    refusal(lambda: results + other, "different surveys", error=ResultsError)
    with pytest.raises(TypeError):
        results + 5  # type: ignore[operator]


# One row


def test_a_row_by_kind_and_name(results: Results) -> None:
    row = results.mutate("x = much + 1")[2]
    assert row["answer"] == {"tea": "Yes", "much": 3, "why": "So 2.", "added": [], "x": 4}
    assert row.answer == {"tea": "Yes", "much": 3, "why": "So 2.", "added": [], "x": 4}
    assert row["agent"] == AXES.agents[0]
    assert row["model"] == AXES.models[0]
    assert row["agent.persona"] == "artist"
    assert row["age"] == 30
    assert row.get_value("scenario", "place") == "Oslo"
    assert row.sub_dicts["agent"]["age"] == 30
    assert row.iteration == row["iteration"] == 0
    refusal(lambda: row.get_value("answer", "tee"), "'answer.tea'", error=ResultsError)


def test_a_row_as_a_conversation(results: Results) -> None:
    row = results[2]
    texts = row.q_and_a().select("question_text").to_list()
    assert texts[0] == "Tea in Oslo?"
    assert texts[2] == "Why Yes, artist?"
    text = row.transcript()
    assert "QUESTION: Why Yes, artist? (why)\nANSWER: So 2." in text
    assert "(failed)" in results[3].transcript()


def test_the_first_row(results: Results) -> None:
    assert results.first().answer == results[0].answer
    refusal(lambda: results.filter("tea == 'Never'").first(), "no rows", error=ResultsError)


# Other objects


def test_agents_are_made_of_traits_and_answers(results: Results) -> None:
    agent = results.to_agent_list()[0]
    assert agent.name == "Ann"
    assert {"persona": "artist", "tea": "Yes", "much": 1}.items() <= dict(agent.traits).items()


def test_frames_have_options_in_order_and_whole_numbers(results: Results) -> None:
    frame = results.to_pandas(remove_prefix=False)
    assert list(frame["answer.tea"].cat.categories) == ["Yes", "No", "Perhaps"]
    assert frame["answer.tea"].cat.ordered
    assert frame["answer.tea"].isna().sum() == 2
    assert str(frame["answer.much"].dtype) == "Int64"
    assert frame["answer.added"].tolist()[:2] == [[], ["milk"]]
    as_text = results.to_pandas(lists_as_strings=True)
    assert as_text["answer.added"].tolist()[:2] == ["[]", '["milk"]']
    assert as_text.drop(columns="answer.added").dtypes.equals(frame.drop(columns="answer.added").dtypes)
    assert str(frame["validated.tea_validated"].dtype) == "boolean"
    assert str(frame["raw_model_response.tea_cost"].dtype) == "float64"
    assert str(frame["agent.agent_index"].dtype) == "Int64"
    # Also of some rows, and by way of a dataset.
    some = results.filter("tea == 'No'").select("tea").to_pandas()["answer.tea"]
    assert list(some.cat.categories) == ["Yes", "No", "Perhaps"]


def answers_of(question: Any, *answers: Any, options: list[tuple[Any, ...]] | None = None) -> Any:
    """The column of a question's answers."""
    shown: list[Any] = options or [None] * len(answers)
    rows = [Interview(i, 0, 0, 0, 0, [cell(answer, options=shown[i])]) for i, answer in enumerate(answers)]
    axes = Axes(
        Survey([question]), AgentList([Agent()]), ScenarioList([Scenario()]), ModelList([Model("test")])
    )
    return Results(axes, rows, len(rows)).select(question.question_name).to_pandas().iloc[:, 0]


def test_categories_of_other_choices() -> None:
    likert = answers_of(QuestionLikertFive("q", "?"), "Agree", "Neutral")
    assert list(likert.cat.categories)[-1] == "Strongly agree"
    mixed = answers_of(QuestionMultipleChoice("q", "?", ["a", 3]), 3, "a")
    assert mixed.tolist() == [3, "a"]
    own = answers_of(QuestionMultipleChoice("q", "?", ["a", "b"], permissive=True), "z", "b")
    assert list(own.cat.categories) == ["a", "b", "z"]
    assert not own.cat.ordered
    asked = QuestionMultipleChoice("q", "?", "{{ scenario.options }}")
    varied = answers_of(asked, "x", "z", options=[("y", "x"), ("z", "y")])
    assert list(varied.cat.categories) == ["y", "x", "z"]
    truths = answers_of(QuestionMultipleChoice("q", "?", [True, 1]), True, 1)
    assert [type(value) for value in truths] == [bool, int]
