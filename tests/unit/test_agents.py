"""Agents: traits, what the model is told of them, and what becomes of two put together."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Agent, Jobs, QuestionFreeText, Scenario
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


# Looking traits up


def test_traits_are_looked_up_by_name() -> None:
    agent = Agent({"age": 3, "keep": "x", "traits": 1}, name="Ann")
    assert (agent["age"], agent.age, agent.name) == (3, 3, "Ann")
    assert agent["keep"] == "x"
    assert agent.traits["traits"] == agent["traits"] == 1
    assert hasattr(agent, "age")
    assert not hasattr(agent, "agee")


def test_a_trait_that_is_not_there_is_named_with_what_is_near() -> None:
    agent = Agent({"age": 3})
    refusal(lambda: agent["agee"], "agee", "'age'", error=AgentError)
    refusal(lambda: agent[5], "5", error=AgentError)  # type: ignore[index]
    refusal(lambda: agent.agee, "agee", "'age'")
    with pytest.raises(AttributeError):
        _ = agent.agee
    with pytest.raises(AttributeError):
        _ = agent._repr_html_


# Changed copies

ANN = Agent({"age": 3, "mood": "sad"}, "Ann", {"age": "Age", "other": "O"}, "Hi.", "{{ traits }}")


def test_several_traits_can_be_added_at_once() -> None:
    assert ANN.add_trait({"age": 4, "town": "Rome"}).traits == {"age": 4, "mood": "sad", "town": "Rome"}
    refusal(lambda: ANN.add_trait({"home town": 1}), "'home town'", "identifier", error=AgentError)


def test_a_trait_that_is_there_can_be_updated_and_removed() -> None:
    assert ANN.update_trait("age", 4).traits == {"age": 4, "mood": "sad"}
    refusal(lambda: ANN.update_trait("agee", 4), "'agee'", "Did you mean 'age'?", error=AgentError)
    assert ANN.remove_trait("age") == Agent({"mood": "sad"}, "Ann", {"other": "O"}, "Hi.", "{{ traits }}")
    refusal(lambda: ANN.remove_trait("agee"), "'agee'", "Did you mean 'age'?", error=AgentError)


def test_traits_are_chosen() -> None:
    kept = Agent({"mood": "sad"}, "Ann", {"other": "O"}, "Hi.", "{{ traits }}")
    assert ANN.drop("age") == ANN.drop(["age"]) == ANN.keep("mood") == ANN.select(["mood"]) == kept
    assert ANN.keep("name", "mood") == kept
    assert list(ANN.keep("mood", "age").traits) == ["mood", "age"]
    for choose in (ANN.drop, ANN.keep, ANN.select):
        refusal(lambda c=choose: c("mod"), "'mod'", "Did you mean 'mood'?", error=AgentError)
        refusal(lambda c=choose: c(5), "5", error=AgentError)
        refusal(lambda c=choose: c([["age"]]), "['age']", error=AgentError)


def test_what_is_no_trait_can_be_dropped_too() -> None:
    assert ANN.drop("name", "instruction", "age", "traits_presentation_template") == Agent(
        {"mood": "sad"}, codebook={"other": "O"}
    )
    assert ANN.drop("codebook").codebook == {}


def test_traits_are_renamed_with_their_descriptions() -> None:
    renamed = ANN.rename("age", "years")
    assert list(renamed.traits.items()) == [("years", 3), ("mood", "sad")]
    assert renamed.codebook == {"years": "Age", "other": "O"}
    assert (renamed.name, renamed.instruction) == ("Ann", "Hi.")
    assert ANN.rename({"age": "mood", "mood": "age"}).traits == {"mood": 3, "age": "sad"}
    refusal(lambda: ANN.rename("age", "mood"), "new", "'mood'", "Choose another", error=AgentError)
    refusal(lambda: ANN.rename({"age": "x", "mood": "x"}), "new", "'x'", error=AgentError)
    refusal(lambda: ANN.rename("agee", "x"), "'agee'", "'age'", error=AgentError)
    for wrong in (None, 5, "home town", "name"):
        refusal(lambda w=wrong: ANN.rename("age", w), repr(wrong), error=AgentError)


def test_coded_values_are_spelt_out() -> None:
    agent = Agent({"region": 2, "flag": True, "list": [1]})
    codes = {"region": {1: "North", 2: "South"}, "flag": {1: "one"}, "list": {1: "x"}}
    assert agent.translate_traits(codes).traits == {"region": "South", "flag": True, "list": [1]}
    assert agent.translate_traits({"region": {3: "East"}}) == agent
    refusal(lambda: agent.translate_traits({"regin": {}}), "'regin'", "'region'", error=AgentError)
    for wrong in (5, "x", {"region": 5}, [("region", {})]):
        refusal(lambda w=wrong: agent.translate_traits(w), "values_codebook", error=AgentError)  # type: ignore[arg-type]


@given(agents, st.lists(names, max_size=2))
def test_changes_leave_the_agent_as_it_was(agent: Agent, more: list[str]) -> None:
    before = repr(agent)
    for name in [*agent.traits, *more]:
        changed = agent.add_trait(name, "new")
        assert changed.traits == {**agent.traits, name: "new"}
        assert changed.remove_trait(name).traits == {k: v for k, v in agent.traits.items() if k != name}
        assert changed.rename(name, "brand_new_name").rename("brand_new_name", name).traits == changed.traits
    assert repr(agent) == before


# Traits that depend on the question

AGE = QuestionFreeText("age", "How old are you?")
MOOD = QuestionFreeText("mood", "How are you?")


def test_traits_can_depend_on_the_question() -> None:
    agent = Agent({"age": 3, "x": 1}, "Ann", dynamic_traits_function=lambda q: {"age": q.question_name})
    assert agent.has_dynamic_traits
    assert agent.traits_for(AGE) == Agent({"age": "age", "x": 1}, "Ann")
    assert agent.traits_for(MOOD).traits == {"age": "mood", "x": 1}
    assert not agent.traits_for(MOOD).has_dynamic_traits
    assert agent.traits == {"age": 3, "x": 1}
    plain = Agent({"age": 3})
    assert not plain.has_dynamic_traits
    assert plain.traits_for(AGE) is plain


def test_a_function_that_takes_nothing_or_has_defaults_gives_traits_too() -> None:
    def with_question(bonus: int = 1, *, question: Any = None) -> dict[str, Any]:
        return {"age": bonus, "asked": question is not None}

    assert Agent(dynamic_traits_function=lambda: {"age": 4}).traits_for(AGE).age == 4
    assert Agent(dynamic_traits_function=lambda bonus=7: {"age": bonus}).traits_for(AGE).age == 7
    assert Agent(dynamic_traits_function=with_question).traits_for(AGE).traits == {"age": 1, "asked": True}


async def _coroutine(question: Any) -> dict[str, Any]:
    return {}


@pytest.mark.parametrize("function", [5, "x", dict, {}, lambda a, b: {}, _coroutine])
def test_a_function_that_cannot_give_traits_is_refused(function: Any) -> None:
    refusal(lambda: Agent(dynamic_traits_function=function), "dynamic_traits_function", error=AgentError)


@pytest.mark.parametrize("found", [5, None, "x", [("a", 1)], {"home town": 1}, {"name": "Ann"}, {5: 1}])
def test_what_a_function_returns_is_checked(found: Any) -> None:
    agent = Agent(dynamic_traits_function=lambda: found)
    refusal(lambda: agent.traits_for(AGE), "traits", error=AgentError)


def test_a_function_that_fails_is_told_with_its_error() -> None:
    def fails() -> dict[str, Any]:
        raise KeyError("town")

    def ends() -> dict[str, Any]:
        raise SystemExit(3)

    for function, words in ((fails, "KeyError: 'town'"), (ends, "SystemExit: 3")):
        agent = Agent(dynamic_traits_function=function)
        refusal(lambda a=agent: a.traits_for(AGE), "dynamic_traits_function", words, error=AgentError)
        direct = Agent().add_direct_question_answering_method(lambda question, f=function: f())
        refusal(lambda d=direct: d.answer(AGE, None), "method", words, error=AgentError)


# Answers without a model


def test_an_agent_can_answer_by_itself() -> None:
    agent = Agent({"age": 3})
    made = agent.add_direct_question_answering_method(
        lambda self, question, scenario: [self.age, question.question_name, scenario["x"]]
    )
    assert made is agent
    assert agent.answers_directly("age")
    assert agent.answer(AGE, Scenario(x=1)) == [3, "age", 1]
    agent.add_direct_question_answering_method(lambda scenario, question: scenario)
    assert agent.answer(AGE, "the scenario") == "the scenario"


@pytest.mark.parametrize(
    "method", [5, None, str, lambda: 1, lambda q: 1, lambda question, x: 1, lambda self: 1]
)
def test_a_function_that_cannot_answer_is_refused(method: Any) -> None:
    refusal(lambda: Agent().add_direct_question_answering_method(method), "method", error=AgentError)


def test_answers_can_be_canned() -> None:
    agent = Agent()
    assert agent.add_canned_response("age", 3).add_canned_response("mood", ["sad"]) is agent
    assert (agent.answer(AGE, None), agent.answer(MOOD, None)) == (3, ["sad"])
    assert not agent.answers_directly("other")
    refusal(lambda: agent.answer(QuestionFreeText("other", "?"), None), "'other'", "add_canned_response")
    assert agent.add_canned_response("age", 4).answer(AGE, None) == 4
    for wrong in (5, None, "", "a b"):
        refusal(
            lambda w=wrong: agent.add_canned_response(w, 1), "question_name", repr(wrong), error=AgentError
        )
    assert Agent.from_dict(agent.to_dict()) == agent
    assert eval(repr(agent), {"Agent": Agent}) == agent
    refusal(lambda: Agent.from_dict({"canned_responses": 5}), "canned_responses", error=AgentError)


def test_changed_copies_answer_in_the_same_way() -> None:
    agent = Agent({"age": 3}).add_canned_response("mood", "sad")
    agent.add_direct_question_answering_method(lambda self, question, scenario: self.age)
    for changed in (agent.add_trait("age", 4), agent.rename("age", "age"), Agent() + agent, agent + Agent()):
        assert changed.answers_directly("anything")
        assert changed.answer(MOOD, None) == "sad"
        assert changed.answer(AGE, None) == changed.age
    dynamic = Agent(dynamic_traits_function=lambda: {"age": 5}).add_canned_response("mood", "sad")
    assert dynamic.traits_for(AGE).answer(MOOD, None) == "sad"


def test_agents_with_different_functions_differ() -> None:
    def one(question: Any) -> dict[str, Any]:
        return {}

    def two(question: Any) -> dict[str, Any]:
        return {}

    assert Agent(dynamic_traits_function=one) == Agent(dynamic_traits_function=one)
    different = [
        Agent(),
        Agent(dynamic_traits_function=one),
        Agent(dynamic_traits_function=two),
        Agent().add_direct_question_answering_method(one),
        Agent().add_direct_question_answering_method(two),
        Agent().add_canned_response("q", 1),
        Agent().add_canned_response("q", 2),
    ]
    assert len(set(different)) == len(different)
    assert all(a != b for i, a in enumerate(different) for b in different[i + 1 :])
    assert Agent(dynamic_traits_function=one).to_dict() == Agent().to_dict()


def test_there_is_an_example() -> None:
    assert Agent.example().traits
