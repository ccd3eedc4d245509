"""The prompts of a job: the seed's row to the digit, and any page as a full listing has it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import (
    Agent,
    AgentList,
    Jobs,
    Model,
    ModelList,
    QuestionFreeText,
    QuestionMultipleChoice,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core import late
from edsl_nb.core.errors import EdslNbWarning, JobError, ResultsError, TableError
from edsl_nb.core.tables import Filter, Profiled, Query, Sort, TableSource
from tests.unit.samples import grid_job, names, page, plain, refusal, seed_job

COLUMNS = [
    "user_prompt",
    "system_prompt",
    "interview_index",
    "question_name",
    "scenario_index",
    "agent_index",
    "model",
    "estimated_cost",
    "cache_keys",
]

SEED_ROW: dict[str, Any] = {
    "user_prompt": "What is your favorite color?",
    "system_prompt": "You are answering questions as if you were a human. Do not break character."
    "Your traits: {'persona': 'You are an artist.'}",
    "interview_index": 0,
    "question_name": "example",
    "scenario_index": 0,
    "agent_index": 0,
    "model": "gpt-4o",
    "estimated_cost": 0.000373,
    "cache_keys": ["e549b646508cfd459f88379649ebe8ba"],
}


def test_the_seeds_row_to_the_digit() -> None:
    table = seed_job().prompts()
    assert len(table) == 1
    assert table[0] == SEED_ROW
    assert list(table[0]) == COLUMNS
    assert str(table[0]["estimated_cost"]) == "0.000373"


def test_prompts_are_a_dataset_with_its_verbs() -> None:
    table = seed_job().prompts()
    data = table.to_dataset()
    assert (data.columns, len(data), data.title) == (COLUMNS, 1, "Prompts")
    assert data.to_dicts() == [SEED_ROW]
    assert table.select("user_prompt").to_list() == [SEED_ROW["user_prompt"]]
    refusal(lambda: table.select("user_promt"), "user_prompt", error=ResultsError)


def test_a_question_that_stands_for_its_answer_is_told() -> None:
    asked = [QuestionFreeText("a", "A?"), QuestionFreeText("b", "Why {{ a }}?")]
    with pytest.warns(EdslNbWarning, match=r"question 'b': .* write \{\{ a.answer \}\} for its answer"):
        Survey(asked).by(Model("test")).prompts()


def test_the_seeds_row_as_a_frame_and_as_a_page() -> None:
    frame = seed_job().prompts().to_pandas()
    assert list(frame.columns) == COLUMNS
    assert frame.to_dict("records") == [SEED_ROW]
    table = seed_job().prompts()
    cells = [json.dumps(v) if isinstance(v, list) else v for v in SEED_ROW.values()]
    assert [list(row.cells) for row in page(table).rows] == [cells]
    assert [column.name for column in table.columns] == COLUMNS


def test_the_seeds_row_whichever_way_the_job_is_made() -> None:
    question = QuestionFreeText("example", "What is your favorite color?")
    agent, model = Agent({"persona": "You are an artist."}), Model()
    survey = Survey([question])
    for job in (
        question.by(agent, model),
        survey.by(model).by(agent),
        Jobs(survey).by([model], AgentList([agent])),
        Jobs(question).by(ModelList([model])).by(Scenario()).by(agent),
        AgentList([agent]).to(survey),
    ):
        assert list(job.prompts()) == [SEED_ROW]


@given(
    st.dictionaries(names.filter(lambda name: name != "q"), plain, min_size=1, max_size=2),
    plain.filter(bool),
    st.integers(1, 3),
)
def test_cache_keys_by_the_formula_one_for_each_draw(
    traits: dict[str, str], text: str, iterations: int
) -> None:
    job = QuestionFreeText("q", text).by(Agent(traits), Model("gpt-4o", temperature=0.1))
    row = job.prompts(iterations=iterations)[0]
    parameters = {
        "temperature": 0.1, "max_tokens": 1000, "top_p": 1, "frequency_penalty": 0, "presence_penalty": 0,
        "logprobs": False, "top_logprobs": 3,
    }  # fmt: skip
    stem = f"gpt-4o{json.dumps(parameters, sort_keys=True)}{row['system_prompt']}{row['user_prompt']}"
    expected = [hashlib.md5(f"{stem}{i}".encode()).hexdigest() for i in range(iterations)]
    assert row["cache_keys"] == expected


def test_keys_of_prompts_are_those_of_the_run() -> None:
    job = grid_job()
    shown = [row["cache_keys"] for row in job.prompts(iterations=2)]
    used = job.run(n=2, progress_bar=False).select("q_cache_key").to_list()
    assert used == [key for keys in shown for key in keys]


def test_rows_are_interviews_in_order_and_questions_in_survey_order() -> None:
    survey = Survey([QuestionFreeText("b", "B {{ scenario.x }}?"), QuestionMultipleChoice("a", "A?", [1, 2])])
    job = survey.by(
        AgentList.from_list("age", [10, 20]),
        ScenarioList.from_list("x", ["s0", "s1"]),
        [Model("test"), Model("gpt-4o")],
    )
    rows = job.prompts().to_dicts()
    assert [row["interview_index"] for row in rows] == [i // 2 for i in range(16)]
    assert [row["question_name"] for row in rows] == ["b", "a"] * 8
    assert [row["agent_index"] for row in rows[::2]] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert [row["scenario_index"] for row in rows[::2]] == [0, 0, 1, 1, 0, 0, 1, 1]
    assert [row["model"] for row in rows[::2]] == ["test", "gpt-4o"] * 4
    assert [row["user_prompt"] for row in rows[::4]] == ["B s0?", "B s1?"] * 2
    assert ["20" in row["system_prompt"] for row in rows] == [False] * 8 + [True] * 8


def test_equal_agents_have_positions_of_their_own() -> None:
    rows = QuestionFreeText("q", "Why?").by(Agent({"a": 1}), Agent({"a": 1}), Model("test")).prompts()
    assert [row["agent_index"] for row in rows] == [0, 1]


def test_a_table_of_prompts_reads_like_a_list() -> None:
    table = grid_job(2, 2, 1).prompts()
    assert isinstance(table, TableSource)
    assert len(table) == 4
    assert [table[i] for i in range(-4, 4)] == table.to_dicts() * 2
    assert repr(table) == "PromptTable(4 prompts)"
    with pytest.raises(IndexError, match="no prompt 4"):
        table[4]


def test_show_prompts_shows_user_and_system_prompt_first(monkeypatch: pytest.MonkeyPatch) -> None:
    job = seed_job()
    shown: list[Any] = []
    monkeypatch.setattr(late, "call", lambda verb, table: shown.append((verb, table)))
    job.show_prompts()
    job.show_prompts(all=True)
    assert [verb for verb, _ in shown] == ["show", "show"]
    assert [list(table) for _, table in shown] == [[SEED_ROW]] * 2
    first, whole = ([column.name for column in table.columns if column.primary] for _, table in shown)
    assert (first, whole) == (["user_prompt", "system_prompt"], COLUMNS)


def test_columns_say_what_they_hold() -> None:
    assert all(column.primary for column in seed_job().prompts().columns)
    kinds = {column.name: column.kind for column in seed_job().prompts().columns}
    assert (kinds["estimated_cost"], kinds["interview_index"], kinds["cache_keys"]) == (
        "money",
        "number",
        "list",
    )


# Pages


@st.composite
def tables(draw: st.DrawFn) -> Any:
    parts = ["Red", "red ochre", "BLUE", "straße", "a.b", "{'", "test"]
    survey = Survey(
        [QuestionFreeText("one", "About {{ scenario.x }}?"), QuestionFreeText("two", "Why, {{ agent.who }}?")]
    )
    return survey.by(
        AgentList.from_list("who", draw(st.lists(st.sampled_from(parts), min_size=1, max_size=3))),
        ScenarioList.from_list("x", draw(st.lists(st.sampled_from(parts), min_size=1, max_size=3))),
        draw(st.sampled_from([[Model("test")], [Model("gpt-4o"), Model("test")]])),
    ).prompts()


@given(
    tables(),
    st.lists(
        st.tuples(
            st.sampled_from(["", "red", "RED", "blue", "STRASSE", "two", "gpt", "{'who'", "nowhere", "?"]),
            st.integers(0, 40),
            st.integers(1, 12),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_a_page_is_what_a_full_listing_has_there(table: Any, queries: list[tuple[str, int, int]]) -> None:
    rows = table.to_dicts()
    for search, offset, limit in queries:
        matching = [
            key
            for key, row in enumerate(rows)
            if any(
                search.casefold() in row[name].casefold()
                for name in ("user_prompt", "system_prompt", "question_name", "model")
            )
        ]
        found = page(table, offset, limit, search)
        assert [row.key for row in found.rows] == matching[offset : offset + limit]
        assert found.total in (len(matching), None)
        assert found.has_next == (offset + limit < len(matching))
        for row in found.rows:
            assert row.cells[0] == rows[row.key]["user_prompt"]
            assert row == asyncio.run(table.row(row.key))


def test_the_total_of_a_search_is_known_once_all_is_looked_at() -> None:
    table = grid_job(100, 30, 1).prompts()
    first = page(table, search="What", limit=10)
    assert (len(first.rows), first.total, first.has_next) == (10, None, True)
    last = page(table, search="What", offset=2_990, limit=20)
    assert (len(last.rows), last.total, last.has_next) == (10, 3_000, False)
    assert page(table, search="What", limit=1).total == 3_000


@pytest.mark.parametrize(
    ("filters", "search", "fits"),
    [
        ((Filter("scenario_index", least=28),), "", lambda row: row["scenario_index"] >= 28),
        ((Filter("agent_index", most=2), Filter("scenario_index", most=0)), "",
         lambda row: row["agent_index"] <= 2 and row["scenario_index"] == 0),
        ((Filter("question_name", one_of=("nothing",)),), "", lambda row: False),
        ((Filter("interview_index", least=3, most=40),), "of 1",
         lambda row: 3 <= row["interview_index"] <= 40 and "of 1" in row["user_prompt"]),
    ],
)  # fmt: skip
def test_prompts_are_filtered_by_what_they_are_about(
    filters: tuple[Filter, ...], search: str, fits: Callable[[dict[str, Any]], bool]
) -> None:
    table = grid_job(10, 30, 1).prompts()
    found = asyncio.run(table.page(Query(limit=1_000, filters=filters, search=search)))
    assert [row.key for row in found.rows] == [key for key, row in enumerate(table.to_dicts()) if fits(row)]


def test_what_prompts_are_about_is_counted_without_rendering_them() -> None:
    table = grid_job(10, 30, 1).prompts()
    assert isinstance(table, Profiled)
    found = asyncio.run(table.profile("model"))
    assert [tally.count for tally in found.tallies] == [300]
    assert asyncio.run(table.profile("agent_index")).extent == (0, 9)
    refusal(lambda: asyncio.run(table.profile("user_prompt")), "user_prompt", error=TableError)
    refusal(
        lambda: asyncio.run(table.page(Query(filters=(Filter("user_prompt", "x"),)))),
        "user_prompt",
        error=TableError,
    )


def test_a_long_search_reports_how_far_it_is() -> None:
    reports: list[tuple[int, int]] = []
    table = grid_job(100, 50, 1).prompts()
    asyncio.run(table.page(Query(search="nowhere"), lambda done, total: reports.append((done, total))))
    assert [done for done, _ in reports] == sorted({done for done, _ in reports})
    assert reports[-1] == (5_000, 5_000)


def test_two_searches_at_once_do_not_disturb_each_other() -> None:
    table = grid_job(60, 50, 1).prompts()

    async def both() -> list[Any]:
        queries = [Query(search=text, limit=1_000) for text in ("of 49", "think of 1?", "of 49")]
        return await asyncio.gather(*(table.page(query) for query in queries))

    one, two, three = asyncio.run(both())
    assert [row.key for row in one.rows] == [row.key for row in three.rows] == list(range(49, 3_000, 50))
    assert [row.key for row in two.rows] == list(range(1, 3_000, 50))


def test_a_search_that_was_given_up_can_be_made_again() -> None:
    table = grid_job(100, 100, 1).prompts()

    async def impatient() -> None:
        started = asyncio.Event()
        search = asyncio.create_task(table.page(Query(search="of 99"), lambda *_: started.set()))
        await started.wait()
        search.cancel()
        await asyncio.gather(search, return_exceptions=True)

    asyncio.run(impatient())
    assert [row.key for row in page(table, search="of 99", limit=1_000).rows] == list(range(99, 10_000, 100))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Query(offset=-1), ("offset", "-1", "0 or more")),
        (Query(limit=0), ("limit", "0")),
        (Query(limit=5_000), ("limit", "5000", "page by page")),
        (Query(sort=Sort("model")), ("sort", "'model'")),
        (Query(offset=-1, search="x"), ("offset", "-1")),
    ],
)
def test_a_page_that_cannot_be_is_refused(query: Query, words: tuple[str, ...]) -> None:
    refusal(lambda: asyncio.run(seed_job().prompts().page(query)), *words, error=TableError)


def test_a_page_after_the_last_is_empty() -> None:
    found = page(seed_job().prompts(), offset=10)
    assert (list(found.rows), found.total, found.has_next) == ([], 1, False)
    refusal(lambda: asyncio.run(seed_job().prompts().row(1)), "row", "1 rows", error=TableError)


@pytest.mark.parametrize("iterations", [0, -1, 1.5, "3", None, True])
def test_a_number_of_draws_that_is_none_is_refused(iterations: Any) -> None:
    refusal(lambda: seed_job().prompts(iterations), "iterations", repr(iterations), "3", error=JobError)


# Only what is looked at


def test_of_a_million_interviews_only_the_page_asked_for_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    present = QuestionFreeText.present

    def counting(question: QuestionFreeText, *args: Any) -> Any:
        rendered.append(question.question_name)
        return present(question, *args)

    monkeypatch.setattr(QuestionFreeText, "present", counting)
    question = QuestionFreeText("q", "What does {{ agent.who }} think of {{ scenario.thing }}?")
    job = Jobs(question).by(
        AgentList.from_list("who", range(100)),
        ScenarioList.from_list("thing", range(1_000)),
        [Model("test", temperature=i) for i in range(10)],
    )
    table = job.prompts()
    assert len(table) == len(job) == 1_000_000
    tried = len(rendered)
    assert tried <= 2  # one of each kind, to see that the template works
    assert [row.key for row in page(table, offset=654_320, limit=10).rows] == list(range(654_320, 654_330))
    assert len(rendered) - tried == 1, "the models share one"
    assert table[999_999]["user_prompt"] == "What does 99 think of 999?"
    assert len(rendered) - tried == 2
