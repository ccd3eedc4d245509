"""Agents: traits, what the model is told of them, and what becomes of two put together."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Agent, Jobs, QuestionFreeText
from edsl_nb.core.errors import AgentError
from tests.unit.samples import agents, json_values, names, refusal

INSTRUCTION = "You are answering questions as if you were a human. Do not break character."


def test_the_default_prompt_is_the_instruction_directly_followed_by_the_traits() -> None:
    agent = Agent(traits={"persona": "You are an artist.", "age": 3})
    assert agent.system_prompt() == INSTRUCTION + "Your traits: {'persona': 'You are an artist.', 'age': 3}"


@pytest.mark.parametrize("agent", [Agent(), Agent(name="Ann"), Agent({}), Agent(codebook={"age": "Age"})])
def test_without_traits_and_instruction_there_is_no_system_prompt(agent: Agent) -> None:
    assert agent.system_prompt() == ""


def test_an_instruction_alone_is_the_whole_prompt() -> None:
    assert Agent(instruction="Be brief.").system_prompt() == "Be brief."
    assert Agent({"age": 3}, instruction="").system_prompt() == "Your traits: {'age': 3}"


def test_a_name_is_not_told_to_the_model() -> None:
    assert "Ann" not in Agent({"age": 3}, name="Ann").system_prompt()


def test_a_codebook_describes_traits_a_line_each() -> None:
    agent = Agent({"age": 3, "mood": "sad"}, codebook={"age": "Age in years"}, instruction="")
    assert agent.system_prompt().split("\n")[1:] == ["Age in years: 3", "mood: sad"]


def test_a_template_of_ones_own_can_use_traits_by_name_and_together() -> None:
    text = "I am {{ age }}, {{ codebook['age'] }} ({{ traits }})."
    agent = Agent(
        {"age": 3}, codebook={"age": "years"}, instruction="Hi. ", traits_presentation_template=text
    )
    assert agent.system_prompt() == "Hi. I am 3, years ({'age': 3})."


def test_keyword_arguments_are_traits_when_there_are_no_others() -> None:
    assert Agent(age=3, mood="sad") == Agent({"age": 3, "mood": "sad"})
    assert Agent({"age": 3})["age"] == 3
    refusal(lambda: Agent({"age": 3}, mood="sad"), "mood", "'sad'", "traits dict", error=AgentError)


@pytest.mark.parametrize("key", ["", "home town", "1a", "class", "a-b", 5, None])
def test_trait_names_are_identifiers(key: Any) -> None:
    refusal(lambda: Agent({key: 1}), "traits", repr(key), "identifier", "home_town", error=AgentError)
    refusal(lambda: Agent({"age": 1}).add_trait(key, 1), "traits", repr(key), error=AgentError)


def test_a_name_is_no_trait() -> None:
    refusal(lambda: Agent({"name": "Ann"}), "'name'", "Agent(..., name=...)", error=AgentError)


@given(st.one_of(st.integers(), st.floats(), st.text(), st.lists(st.none()), st.sets(st.text())))
def test_a_wrong_type_is_always_an_error_of_ours(value: Any) -> None:
    for field in ("traits", "codebook"):
        refusal(lambda f=field: Agent(**{f: value}), field, error=AgentError)
    if not isinstance(value, str):
        for field in ("name", "instruction", "traits_presentation_template"):
            refusal(lambda f=field: Agent(**{"traits": {"a": 1}, f: value}), field, error=AgentError)
    refusal(lambda: Agent(codebook={"age": [value]}), "codebook", error=AgentError)


@pytest.mark.parametrize(
    "field", ["traits", "name", "codebook", "instruction", "traits_presentation_template"]
)
def test_a_field_cannot_be_assigned_to_and_the_error_names_the_method(field: str) -> None:
    agent = Agent({"age": 3})
    refusal(lambda: setattr(agent, field, "new"), field, "'new'", "agent.add_trait", error=AgentError)
    refusal(lambda: delattr(agent, field), field, "agent.add_trait", error=AgentError)
    assert agent == Agent({"age": 3})


def test_what_is_given_is_copied() -> None:
    traits = {"age": 3}
    agent = Agent(traits)
    traits["age"] = 4
    assert agent.traits == {"age": 3}


def test_adding_a_trait_makes_a_changed_copy() -> None:
    agent = Agent(
        {"age": 3}, name="Ann", codebook={"age": "Age"}, instruction="Hi.", traits_presentation_template="x"
    )
    changed = agent.add_trait("age", 4).add_trait("mood", "sad")
    assert agent.traits == {"age": 3}
    assert changed == Agent({"age": 4, "mood": "sad"}, "Ann", {"age": "Age"}, "Hi.", "x")


def test_fields_of_newer_versions_stay_with_a_changed_copy() -> None:
    agent = Agent.from_dict({"traits": {"age": 3}, "trait_categories": {"body": ["age"]}})
    for changed in (agent.add_trait("mood", "sad"), agent + Agent({"mood": "sad"})):
        assert changed.to_dict()["trait_categories"] == {"body": ["age"]}
        assert changed.traits == {"age": 3, "mood": "sad"}


def test_two_agents_put_together_keep_both_values_of_a_trait() -> None:
    both = Agent({"age": 3, "age_1": 5}) + Agent({"age": 4, "mood": "sad"})
    assert both.traits == {"age": 3, "age_1": 5, "age_2": 4, "mood": "sad"}
    # Also equal ones: which traits there are must not depend on values.
    assert (Agent({"age": 3}) + Agent({"age": 3})).traits == {"age": 3, "age_1": 3}


def test_the_first_agent_names_and_instructs_both() -> None:
    one = Agent(
        {"a": 1}, name="One", instruction="I.", codebook={"a": "A1"}, traits_presentation_template="1"
    )
    two = Agent(
        {"a": 2}, name="Two", instruction="II.", codebook={"a": "A2"}, traits_presentation_template="2"
    )
    assert one + two == Agent({"a": 1, "a_1": 2}, "One", {"a": "A1", "a_1": "A2"}, "I.", "1")
    assert Agent({"b": 1}) + two == Agent({"b": 1, "a": 2}, "Two", {"a": "A2"}, None, "2")


@given(agents, agents)
def test_putting_together_loses_no_value(one: Agent, two: Agent) -> None:
    both = one + two
    assert len(both.traits) == len(one.traits) + len(two.traits)
    assert list(both.traits.values()) == [*one.traits.values(), *two.traits.values()]
    assert {key: both.traits[key] for key in one.traits} == one.traits


@given(agents, agents)
def test_agents_are_equal_when_their_content_is(one: Agent, two: Agent) -> None:
    same = Agent.from_dict(one.to_dict())
    assert same == one
    assert hash(same) == hash(one)
    assert (one == two) == (one.to_dict() == two.to_dict())


def test_odd_values_can_be_compared_too() -> None:
    assert Agent({"a": {1: "x", "b": 2}}) == Agent({"a": {1: "x", "b": 2}})
    assert Agent({"a": {1: "x", "b": 2}}) != Agent({"a": {1: "y", "b": 2}})
    assert Agent({"a": {(1, 2): 3}}) != Agent({"a": {(1, 2): 4}})
    assert Agent({"a": 1}) != Agent({"a": "1"})
    assert Agent({"a": 1}, name="x") != Agent({"a": 1})


@given(agents)
def test_an_agent_is_written_as_the_code_that_makes_it(agent: Agent) -> None:
    assert eval(repr(agent), {"Agent": Agent}) == agent
    assert pickle.loads(pickle.dumps(agent)) == agent


@given(st.dictionaries(names, json_values, min_size=1, max_size=3))
def test_the_prompt_shows_traits_as_python_writes_them(traits: dict[str, Any]) -> None:
    assert Agent(traits, instruction="").system_prompt() == f"Your traits: {traits}"


def test_agents_reach_their_system_prompt_in_a_job() -> None:
    job = Jobs(QuestionFreeText("q", "Why?")).by(Agent({"age": 3}), Agent())
    assert [row["system_prompt"] for row in job.prompts()] == [Agent({"age": 3}).system_prompt(), ""]
