"""What several tests make: the seed's job, strategies for our objects, and ways to look at them."""

from __future__ import annotations

import asyncio
import json
import keyword
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

import edsl_nb.questions
from edsl_nb import (
    Agent,
    AgentList,
    EdslNbError,
    Jobs,
    Model,
    ModelList,
    QuestionFreeText,
    QuestionFunctional,
    QuestionMultipleChoice,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.tables import Page, Query, Sort, TableSource
from edsl_nb.questions import Question


def seed_job() -> Jobs:
    """The job whose prompts the seed document shows."""
    question = QuestionFreeText(question_name="example", question_text="What is your favorite color?")
    agent = Agent(traits={"persona": "You are an artist."})
    return Survey(questions=[question]).by(agent).by(Model("gpt-4o", service_name="openai"))


def grid_job(agents: int = 2, scenarios: int = 2, models: int = 2) -> Jobs:
    """A job in which every prompt differs, and models are scripted and differ in temperature."""
    question = QuestionFreeText("q", "What does {{ agent.who }} think of {{ scenario.thing }}?")
    return Jobs(question).by(
        AgentList.from_list("who", range(agents)),
        ScenarioList.from_list("thing", range(scenarios)),
        ModelList(Model("test", temperature=i) for i in range(models)),
    )


def page(
    table: TableSource, offset: int = 0, limit: int = 10, search: str = "", sort: Sort | None = None
) -> Page:
    """One page of a table, from a loop of its own."""
    return asyncio.run(table.page(Query(offset, limit, search, sort)))


def refusal(action: Callable[[], Any], *words: str, error: type[EdslNbError] = EdslNbError) -> EdslNbError:
    """The error that an action is refused with; its message holds all the words."""
    with pytest.raises(EdslNbError) as caught:
        action()
    assert type(caught.value) is error or error is EdslNbError
    message = str(caught.value)
    missing = [word for word in words if word not in message]
    assert not missing, f"{missing} not in: {message}"
    return caught.value


def through_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


def without_tags(data: Any) -> Any:
    """JSON without the tags that every EDSL object carries."""
    if isinstance(data, list):
        return [without_tags(item) for item in data]
    if isinstance(data, dict):
        return {k: without_tags(v) for k, v in data.items() if k not in ("edsl_version", "edsl_class_name")}
    return data


#: Texts without half characters, which JSON and HTTP cannot carry.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)

#: Texts that Jinja leaves alone.
plain = texts.filter(lambda text: not any(mark in text for mark in ("{{", "{%", "{#")))

names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: (
        not keyword.iskeyword(name)
        and not name.endswith(("_comment", "_generated_tokens"))
        and name not in ("agent", "scenario", "name")
    )
)

#: Names of values; `without_tags` would take the tags of objects for tags there too.
keys = texts.filter(lambda text: text not in ("edsl_version", "edsl_class_name"))

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)

option_lists = st.lists(
    st.one_of(plain, st.integers(), st.booleans()).filter(lambda option: str(option).strip()),
    min_size=1,
    max_size=5,
    unique_by=lambda option: str(option).strip(),
)


#: A question of each type, but for those that are functions, which JSON does not hold.
EXAMPLES: list[Question] = [
    found.example()
    for found in vars(edsl_nb.questions).values()
    if isinstance(found, type) and issubclass(found, Question) and found not in (Question, QuestionFunctional)
    if hasattr(found, "question_type")
]


def questions(name: st.SearchStrategy[str] = names) -> st.SearchStrategy[Question]:
    """Questions of all types without placeholders."""
    text = plain.filter(bool)

    def called(question: Question, name: str, text: str) -> Question:
        return question.model_copy(update={"question_name": name, "question_text": text})

    return st.one_of(
        st.builds(QuestionFreeText, name, text),
        st.builds(QuestionMultipleChoice, name, text, option_lists, st.booleans()),
        st.builds(called, st.sampled_from(EXAMPLES), name, text),
    )


surveys = st.builds(
    Survey,
    st.lists(questions(), min_size=1, max_size=3, unique_by=lambda question: question.question_name),
    name=st.none() | texts,
)

agents = st.builds(
    Agent,
    traits=st.dictionaries(names, json_values, max_size=3),
    name=st.none() | texts,
    codebook=st.dictionaries(names, texts, max_size=2),
    instruction=st.none() | texts,
    traits_presentation_template=st.none() | plain,
)

scenarios = st.builds(
    Scenario,
    st.dictionaries(
        texts.filter(lambda name: bool(name) and name not in ("edsl_version", "edsl_class_name")),
        json_values,
        max_size=3,
    ),
)

models = st.one_of(
    st.builds(
        Model,
        st.just("gpt-4o"),
        st.just("openai"),
        temperature=st.floats(0, 2),
        max_tokens=st.integers(1, 9_999),
        structured=st.booleans(),
        base_url=st.sampled_from([None, "http://localhost:11434/v1", "https://example.org/"]),
    ),
    st.builds(
        Model, st.just("test"), canned_response=st.none() | texts | st.dictionaries(names, texts, max_size=2)
    ),
)

agent_lists = st.lists(agents, max_size=3).map(AgentList)
scenario_lists = st.lists(scenarios, max_size=3).map(ScenarioList)
model_lists = st.lists(models, max_size=3).map(ModelList)


@st.composite
def jobs(draw: st.DrawFn) -> Jobs:
    """Jobs with any of agents, scenarios and models."""
    job = Jobs(draw(surveys))
    for some in (draw(agent_lists), draw(scenario_lists), draw(model_lists)):
        if len(some):
            job.by(some)
    return job
