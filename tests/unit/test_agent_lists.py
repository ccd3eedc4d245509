"""Lists of agents and of models: made of files and values, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Agent, AgentList, Jobs, Model, ModelList, QuestionFreeText, Scenario, ScenarioList
from edsl_nb.core.errors import AgentError, ModelError, ScenarioError
from tests.unit.samples import agent_lists, refusal, through_json


def people() -> AgentList:
    return AgentList(
        [Agent({"age": 3, "mood": "sad"}, codebook={"age": "Years"}), Agent({"age": 4, "mood": "glad"})]
    )


def traits(some: AgentList) -> list[dict[str, Any]]:
    return [dict(agent.traits) for agent in some]


ways: list[Callable[[], AgentList]] = [
    people,
    lambda: people()[:] * Agent(),
    lambda: people()[:1] + people()[1:],
]
in_every_way = pytest.mark.parametrize("of", ways, ids=["objects", "product", "joined"])


@in_every_way
def test_traits_can_be_chosen_named_and_added(of: Any) -> None:
    some = of()
    assert traits(some.select("mood")) == traits(some.keep(["mood"])) == [{"mood": "sad"}, {"mood": "glad"}]
    assert traits(some.drop("mood")) == traits(some.remove_trait("mood")) == [{"age": 3}, {"age": 4}]
    assert traits(some.rename("age", "years")) == [{"years": 3, "mood": "sad"}, {"years": 4, "mood": "glad"}]
    assert some.rename({"age": "mood", "mood": "age"})[0]["age"] == "sad"
    assert [a["x"] for a in some.add_trait("x", [1, 2])] == [1, 2]
    assert [a["x"] for a in some.add_trait("x", "y")] == ["y", "y"]
    assert [a["age"] for a in some.translate_traits({"age": {3: "three"}})] == ["three", 4]
    assert list(some) == list(people())
    assert some.all_traits == ["age", "mood"]


@in_every_way
def test_unknown_traits_are_named_with_the_nearest(of: Any) -> None:
    some = of()
    for verb in (
        lambda: some.select("agee"),
        lambda: some.drop(["agee"]),
        lambda: some.rename("agee", "x"),
        lambda: some.rename({"agee": "x"}),
        lambda: some.translate_traits({"agee": {}}),
        lambda: some.give_names("agee"),
        lambda: some.filter_na("agee"),
        lambda: some.filter("agee > 1"),
    ):
        refusal(verb, "'agee'", "'age'", error=AgentError)
    for wrong in (5, None, b"x", [5]):
        refusal(lambda w=wrong: some.select(w), error=AgentError)
        refusal(lambda w=wrong: some.rename(w), error=AgentError)


def test_what_cannot_be_a_trait_is_refused_at_once() -> None:
    some = people()[:] * Agent()
    refusal(lambda: some.add_trait("home town", 1), "home town", error=AgentError)
    refusal(lambda: some.rename("age", "class"), "class", error=AgentError)
    refusal(lambda: some.rename("age", "mood"), "mood", error=AgentError)
    refusal(lambda: some.add_trait("x", [1]), "2 agents", "1 values", error=AgentError)
    refusal(lambda: some.translate_traits(5), error=AgentError)
    refusal(lambda: some.translate_traits({"age": 5}), error=AgentError)


@in_every_way
def test_what_is_set_for_the_list_changes_the_list_alone(of: Any) -> None:
    some, kept = of(), of()
    before = some[:]
    assert some.set_instruction("Be brief.") is some
    assert some.add_instructions("Be brief.") is some
    assert some.set_codebook({"age": "Age in years"}) is some
    assert some.set_traits_presentation_template("I am {{ age }}.") is some
    assert [agent.system_prompt() for agent in some] == ["Be brief.I am 3.", "Be brief.I am 4."]
    assert [agent.codebook for agent in some] == [{"age": "Age in years"}] * 2
    assert some.codebook == {"age": "Age in years"}
    assert before == kept == of()
    assert AgentList.from_dict(through_json(some.to_dict())) == some
    assert through_json(some.to_dict())["codebook"] == {"age": "Age in years"}


@pytest.mark.parametrize("wrong", [5, None, ["a"], {"a": 5}])
def test_what_is_set_for_the_list_is_checked_at_once(wrong: Any) -> None:
    for some in (people(), AgentList()):
        refusal(lambda s=some: s.set_codebook(wrong), "codebook", error=AgentError)
        refusal(lambda s=some: s.set_instruction(wrong), "instruction", error=AgentError)
        refusal(
            lambda s=some: s.set_traits_presentation_template(wrong), "traits_presentation", error=AgentError
        )
    refusal(lambda: AgentList([], codebook=wrong or 0), "codebook", error=AgentError)
    refusal(lambda: AgentList([], traits_presentation_template=wrong or 0), error=AgentError)
    refusal(lambda: people().set_traits_presentation_template("{{ a"), error=AgentError)


def test_a_list_can_be_made_with_what_all_have() -> None:
    some = AgentList(people(), codebook={"age": "A"}, traits_presentation_template="{{ age }}")
    assert [agent.codebook for agent in some] == [{"age": "A"}] * 2
    assert some[0].traits_presentation_template == "{{ age }}"
    assert AgentList(some).to_dict() == some.to_dict()


def test_the_codebook_of_a_saved_list_reaches_agents_without_one() -> None:
    data = {
        "agent_list": [{"traits": {"a": 1}}, {"traits": {"a": 2}, "codebook": {"a": "own"}}],
        "codebook": {"a": "A"},
    }
    some = AgentList.from_dict(data)
    assert [agent.codebook for agent in some] == [{"a": "A"}, {"a": "own"}]
    assert some.to_dict()["codebook"] == {"a": "A"}
    refusal(lambda: AgentList.from_dict({**data, "codebook": 5}), "codebook", error=AgentError)


@in_every_way
def test_agents_can_be_named_after_their_traits(of: Any) -> None:
    some = of()
    assert some.with_names("age", "mood", separator="-").names == ["3-sad", "4-glad"]
    assert some.names == [None, None]
    assert some.give_names("age") is some
    assert (some.names, traits(some)) == (["3", "4"], [{"mood": "sad"}, {"mood": "glad"}])
    refusal(lambda: some.give_names("mood"), "agent 0", "force_name", error=AgentError)
    assert some.give_names("mood", remove_traits=False, force_name=True).names == ["sad", "glad"]
    assert some.all_traits == ["mood"]
    refusal(lambda: some.give_names(), "trait_keys", error=AgentError)


def test_agents_of_a_file_have_texts_for_traits(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Who,Job Title,Age\nAnn,nurse,30\nBob,pilot,040\n")
    some = AgentList.from_csv(path, name_field="Who", codebook={"Age": "Years"}, instructions="Be.")
    assert some.names == ["Ann", "Bob"]
    assert traits(some) == [{"job_title": "nurse", "Age": "30"}, {"job_title": "pilot", "Age": "040"}]
    assert (some[0].codebook, some[1].instruction) == ({"Age": "Years"}, "Be.")
    assert [a["Age"] for a in some.numberify()] == [30, "040"]
    lower = AgentList.from_source("csv", path, name_field="who")
    assert traits(lower) == [{"job_title": "nurse", "age": "30"}, {"job_title": "pilot", "age": "040"}]
    assert AgentList.from_source(path).all_traits == ["who", "job_title", "age"]
    assert AgentList.from_csv(path, name_field="Job Title").names == ["nurse", "pilot"]
    refusal(lambda: AgentList.from_csv(path, name_field="Whom"), "name_field", "'Who'", error=AgentError)
    named = tmp_path / "named.csv"
    named.write_text("name,id\nAnn,7\n")
    refusal(lambda: AgentList.from_csv(named, name_field="id"), "name_field", "rename", error=AgentError)
    refusal(lambda: AgentList.from_csv(tmp_path / "none.csv"), "no such file", error=ScenarioError)
    refusal(lambda: AgentList.from_csv(path, codebook=5), "codebook", error=AgentError)
    refusal(lambda: AgentList.from_csv(path, instructions=5), "instruction", error=AgentError)


def test_a_column_called_name_names_agents() -> None:
    assert AgentList.from_source({"name": ["Ann", None], "age": [1, 2]}).names == ["Ann", None]
    refusal(lambda: AgentList.from_scenario_list([]), "scenario_list", error=AgentError)
    named = ScenarioList([Scenario({"age": 1})], codebook={"age": "Years"})
    assert AgentList.from_scenario_list(named)[0].codebook == {"age": "Years"}


def test_missing_traits_can_be_left_out() -> None:
    some = AgentList.from_list("a", [1, None, float("nan")])
    assert some.filter_na() == some.filter_na("a") == some[:1]


@given(agent_lists)
def test_a_list_of_agents_survives_json(some: AgentList) -> None:
    assert AgentList.from_dict(through_json(some.to_dict())) == some


@given(st.lists(st.integers(), max_size=4))
def test_traits_and_scenarios_are_the_same_values(values: list[int]) -> None:
    some = AgentList.from_list("age", values)
    assert some.to_scenario_list() == ScenarioList.from_list("age", values)
    assert some.to_scenario_list().to_agent_list() == some.to_agent_list() == some
    assert some.to_list() == ([] if not values else [(v, None) for v in values]) or some.to_list() == values


def test_equal_agents_stay_two() -> None:
    twice = AgentList([Agent({"a": 1}), Agent({"a": 1})])
    assert len(twice) == len(Jobs(QuestionFreeText("q", "Why?")).by(twice)) == 2
    assert len(twice.unique()) == 1


def test_models_by_name_and_by_scenario() -> None:
    some = ModelList.from_names("gpt-4o", ["gpt-4o-mini"], service_name="openai")
    assert [model.model for model in some] == ["gpt-4o", "gpt-4o-mini"]
    made = ScenarioList([Scenario({"model_name": "test", "service_name": "test", "temperature": 0.1})])
    models = ModelList.from_scenario_list(made)
    assert models == ModelList([Model("test", temperature=0.1)])
    assert models.to(QuestionFreeText("q", "Why?")) == Jobs(QuestionFreeText("q", "Why?")).by(models)
    refusal(lambda: ModelList.from_names(5), "model_name", error=ModelError)
    refusal(lambda: ModelList.from_scenario_list([Scenario({"a": 1})]), "scenario 0", error=ModelError)
    assert ModelList.from_scenario_list([{"model_name": "test", "temperature": 0.1}]) == models
    refusal(lambda: ModelList.from_scenario_list(5), error=ModelError)
    refusal(lambda: ModelList.from_scenario_list([5]), "scenario 0", error=ModelError)
    refusal(lambda: ModelList.from_scenario_list([models[0]]), "scenario 0", error=ModelError)


def test_what_leaves_a_list_of_models_holds_no_key() -> None:
    some = ModelList([Model("gpt-4o", api_key="correct-horse-battery")])
    assert "correct-horse" not in f"{some.to_dicts()} {some.to_list()} {some.to_csv()} {some!r} {some.code()}"


def test_a_run_is_of_the_agents_at_its_start() -> None:
    some = people()
    job = Jobs(QuestionFreeText("q", "Why?")).by(some, Model("test", canned_response="So."))
    run = job.start(progress_bar=False)
    some.set_instruction("Changed.")
    some.append(Agent({"age": 5}))
    results = run.result()
    assert len(results) == 2
    assert "Changed." not in results.select("prompt.q_system_prompt").to_list()[0]
    assert len(job.run(progress_bar=False)) == 3
