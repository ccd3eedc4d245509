"""Interviews with everything a survey can hold: rules, memory, chance, code instead of models, re-asking."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from typing import Any

import pytest

from edsl_nb import (
    Agent,
    AgentList,
    EndOfSurvey,
    Instruction,
    Jobs,
    Model,
    QuestionCompute,
    QuestionDemand,
    QuestionFreeText,
    QuestionFunctional,
    QuestionInterview,
    QuestionMatrix,
    QuestionMultipleChoice,
    QuestionNumerical,
    QuestionRandom,
    QuestionYesNo,
    Results,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import EdslNbWarning, JobError, RunError
from edsl_nb.jobs.design import Design
from edsl_nb.jobs.request import spread
from tests.real.openai_server import Answer, Asked, OpenAIServer, completion, serve


def ran(job: Jobs, **options: Any) -> Results:
    return job.run(progress_bar=False, **options)


def said(**replies: str) -> Model:
    return Model("test", canned_response=replies)


def states(results: Results) -> list[dict[str, Any]]:
    rows = results.select("state.*_state").to_dicts()
    return [{k.removesuffix("_state"): v for k, v in row.items()} for row in rows]


def texts(*names: str) -> list[QuestionFreeText]:
    return [QuestionFreeText(name, f"{name}?") for name in names]


# Rules


def test_a_skip_rule_skips_and_says_so() -> None:
    survey = Survey([QuestionYesNo("car", "Do you own a car?"), *texts("which", "end")])
    survey.add_skip_rule("which", "{{ car.answer }} == 'No'")
    results = ran(survey.by([said(car="No"), said(car="Yes")]))
    assert results.select("answer.which").to_list()[0] is None
    assert states(results) == [
        {"car": "answered", "which": "skipped", "end": "answered"},
        {"car": "answered", "which": "answered", "end": "answered"},
    ]
    assert results[0]["prompt.which_user_prompt"] is None
    assert survey.flow({"car": "No"}) == ["car", "end"]


def test_a_stop_rule_and_a_jump() -> None:
    survey = Survey(texts("a", "b", "c", "d"))
    survey.add_stop_rule("c", "c == 'stop'").add_rule("a", "a == 'on'", "c")
    survey.add_rule("b", "b == 'out'", EndOfSurvey)
    models = [said(a="on", c="stop"), said(a="x", b="out"), said(a="x", b="y", c="z", d="w")]
    asked = [[q for q, state in row.items() if state == "answered"] for row in states(ran(survey.by(models)))]
    assert asked == [["a", "c"], ["a", "b"], ["a", "b", "c", "d"]]


def test_rules_can_refer_to_scenarios_and_agents() -> None:
    survey = Survey(texts("young", "old"))
    survey.add_skip_rule("young", "{{ agent.age }} > 50").add_skip_rule("old", "{{ scenario.only_young }}")
    scenarios = ScenarioList([Scenario(only_young=True), Scenario(only_young=False)])
    rows = states(ran(survey.by(AgentList.from_list("age", [20, 60]), scenarios, said(young="y", old="o"))))
    asked = [[q for q, state in row.items() if state == "answered"] for row in rows]
    # The third is asked nothing, so it is no row.
    assert asked == [["young"], ["old", "young"], ["old"]]


def test_a_rule_about_something_that_is_not_there_is_refused_before_anything_is_asked() -> None:
    survey = Survey(texts("a", "b")).add_skip_rule("b", "{{ scenario.colour }} == 'red'")
    with pytest.raises(Exception, match=r"scenario 0 has no 'colour'.*Did you mean 'color'"):
        ran(survey.by(Scenario(color="red"), Model("test")))


def test_what_depends_on_a_failure_is_not_reached_and_the_rest_is_asked() -> None:
    more = QuestionFreeText("more", "More than {{ n.answer }}?")
    survey = Survey([QuestionNumerical("n", "How many?"), *texts("free"), more])
    row = states(ran(survey.by(said(n="none", free="x", more="y"))))[0]
    assert row == {"n": "invalid", "free": "answered", "more": "not_reached"}


# Memory and instructions


def test_memory_is_shown_as_it_was_answered_and_leaves_out_what_was_skipped() -> None:
    survey = Survey([QuestionFreeText("a", "Which {{ scenario.thing }}?"), *texts("b", "c")])
    survey.set_full_memory_mode().add_skip_rule("b", "True")
    results = ran(survey.by(Scenario(thing="color"), said(a="Blue {{ x }}", c="yes")))
    prompt = results[0]["prompt.c_user_prompt"]
    assert prompt.startswith("c?\n\n")
    assert "Which color?" in prompt
    assert "Blue {{ x }}" in prompt  # an answer is a text, never a template
    assert "b?" not in prompt
    shown = survey.by(Scenario(thing="color"), Model("test")).prompts()[2]["user_prompt"]
    assert "Which color?" in shown
    assert "[answer of a]" in shown


def test_instructions_stand_before_every_later_question() -> None:
    first, second, third = texts("a", "b", "c")
    survey = Survey([first, Instruction("note", "Be honest about {{ scenario.thing }}."), second, third])
    prompts = [row["user_prompt"] for row in survey.by(Scenario(thing="tea"), Model("test")).prompts()]
    assert prompts[0] == "a?"
    for name, prompt in zip("bc", prompts[1:], strict=True):
        assert "Be honest about tea." in prompt
        assert prompt.endswith(f"\n\n{name}?")


# Chance


OPTIONS = [f"option {i}" for i in range(8)]


def shuffled_job() -> Jobs:
    survey = Survey(
        [QuestionMultipleChoice("m", "Which?", OPTIONS)],
        questions_to_randomize=["m"],
        options_to_pin={"m": ["option 7"]},
    )
    return survey.by(AgentList.from_list("age", range(6)), Model("test"))


def orders(results: Results) -> list[list[str]]:
    return results.select("question_options.m_question_options").to_list()


def test_shuffled_options_are_recorded_as_they_were_shown_and_as_the_prompts_said() -> None:
    job = shuffled_job()
    results = ran(job, n=2)
    shown = orders(results)
    assert all(sorted(order) == OPTIONS and order[7] == "option 7" for order in shown)
    assert len({tuple(order) for order in shown}) > 6
    table = job.prompts(iterations=2)
    for interview in range(6):
        row = table[interview]
        assert "\n".join(shown[2 * interview]) in row["user_prompt"]
        assert row["cache_keys"] == [results[2 * interview + i]["cache_keys.m_cache_key"] for i in range(2)]


def test_adding_agents_changes_nobody_elses_order() -> None:
    before = orders(ran(shuffled_job()))
    survey = shuffled_job().survey
    more = survey.by(AgentList.from_list("age", [77, *range(6)]), Model("test"))
    assert orders(ran(more))[1:] == before
    survey.seed = 5
    assert orders(ran(survey.by(AgentList.from_list("age", range(6)), Model("test")))) != before


def test_a_matrix_records_the_order_of_its_items() -> None:
    question = QuestionMatrix(
        "m", "Rate.", question_items=["a", "b", "c", "d"], question_options=[1, 2], randomize_items=True
    )
    results = ran(question.by(AgentList.from_list("age", range(5)), Model("test")))
    items = results.select("question_items.m_question_items").to_list()
    assert all(sorted(one) == ["a", "b", "c", "d"] for one in items)
    assert len({tuple(one) for one in items}) > 1
    assert all(set(answer) == set("abcd") for answer in results.select("answer.m").to_list())


# Code instead of models


def test_computed_questions_call_no_model() -> None:
    def total(scenario: Any, agent_traits: Any) -> int:
        return scenario["a"] + agent_traits["age"]

    survey = Survey(
        [
            QuestionFreeText("word", "A word?"),
            QuestionFunctional("total", func=total),
            QuestionCompute("double", "{{ total.answer * 2 }}"),
            QuestionRandom("r"),
        ]
    )
    job = survey.by(Agent(age=20), Scenario(a=1), said(word="tea"))
    assert [row["question_name"] for row in job.prompts()] == ["word"]
    results = ran(job)
    answers = results[0].answer
    assert answers["total"] == 21
    assert answers["double"] == 42
    assert 0 <= answers["r"] < 1
    assert ran(job)[0].answer == answers
    assert results[0]["raw_model_response.total_cost"] is None


def test_a_function_that_fails_fails_its_question_only() -> None:
    def broken(scenario: Any, agent_traits: Any) -> int:
        raise ValueError("no such thing")

    survey = Survey([*texts("a"), QuestionFunctional("f", func=broken)])
    job = survey.by(Model("test"))
    assert states(ran(job)) == [{"a": "answered", "f": "failed"}]
    assert job.last_run is not None
    assert "no such thing" in job.last_run.errors.to_dicts()[0]["error"]


def test_agents_that_answer_themselves() -> None:
    agent = Agent(age=44)
    agent.add_direct_question_answering_method(
        lambda self, question, scenario: self["age"] + scenario["years"]
    )
    question = QuestionNumerical("n", "How old in {{ scenario.years }} years?", max_value=60)
    job = question.by(agent, ScenarioList.from_list("years", [1, 100]), Model("test"))
    assert [row["user_prompt"] for row in job.prompts()] == ["", ""]
    assert sum(row["estimated_cost"] for row in job.prompts()) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = ran(job)
    assert results.select("answer.n").to_list() == [45]
    assert job.last_run is not None
    assert job.last_run.errors.to_dicts()[0]["state"] == "invalid"


def test_canned_answers_of_an_agent_and_a_model_for_the_rest() -> None:
    agent = Agent().add_canned_response("a", "mine")
    results = ran(Survey(texts("a", "b")).by(agent, said(a="not asked", b="the model's")))
    assert results[0].answer == {"a": "mine", "b": "the model's"}


def test_traits_that_depend_on_the_question() -> None:
    def traits(question: Any) -> dict[str, Any]:
        return {"mood": f"mood for {question.question_name}"}

    agent = Agent({"age": 3}, dynamic_traits_function=traits)
    job = Survey([QuestionFreeText("a", "How, {{ agent.mood }}?"), *texts("b")]).by(agent, Model("test"))
    for source in (job.prompts().to_dicts(), None):
        if source is None:
            row = ran(job)[0]
            systems = [row["prompt.a_system_prompt"], row["prompt.b_system_prompt"]]
            first = row["prompt.a_user_prompt"]
        else:
            systems = [one["system_prompt"] for one in source]
            first = source[0]["user_prompt"]
        assert "mood for a" in systems[0]
        assert "mood for b" in systems[1]
        assert first == "How, mood for a?"


def test_an_interview_question_holds_a_conversation() -> None:
    question = QuestionInterview("talk", "About tea", interview_guide="Ask about tea.", max_turns=3)
    job = question.by(Agent(persona="a baker"), Model("test", canned_response="Well."))
    assert len(job.prompts()) == 1
    results = ran(job)
    turns = results[0].answer["talk"]
    assert [turn["role"] for turn in turns] == ["interviewer", "respondent"] * 3
    assert turns[0]["content"] == [{"type": "text", "text": "Well."}]
    assert results[0]["raw_model_response.talk_output_tokens"] >= 6


# Asking again


def served(server: OpenAIServer) -> Model:
    return Model("m", service_name="openai", base_url=server.url, max_tokens=50)


def test_an_invalid_answer_is_asked_for_once_more_with_the_reason() -> None:
    replies = iter(["I could not say", "Blue"])
    with serve() as server:
        server.respond = lambda asked: Answer(completion(next(replies)))
        question = QuestionMultipleChoice("q", "Which?", ["Red", "Blue"])
        results = ran(question.by(served(server)))
    assert results[0].answer == {"q": "Blue"}
    assert results[0]["reading.q_reasks"] == 1
    first, second = server.asked
    roles = [message["role"] for message in second.body["messages"]]
    assert roles == ["user", "assistant", "user"]
    assert second.body["messages"][1]["content"] == "I could not say"
    assert "cannot be used" in second.body["messages"][2]["content"]
    assert len(first.body["messages"]) == 1


@pytest.mark.parametrize(("reask", "calls"), [(0, 1), (1, 2), (3, 4)])
def test_asking_again_ends(reask: int, calls: int) -> None:
    with serve() as server, pytest.warns(EdslNbWarning):
        server.respond = lambda asked: Answer(completion("no idea"))
        job = QuestionYesNo("q", "Tea?").by(served(server))
        ran(job, reask=reask)
    assert len(server.asked) == calls
    assert job.last_run is not None
    error = job.last_run.errors.to_dicts()[0]
    assert (error["state"], error["generated_tokens"]) == ("invalid", "no idea")


def test_an_invalid_answer_stops_the_run_where_that_is_asked_for() -> None:
    survey = Survey([QuestionYesNo("q", "Tea?")])
    for option in ("stop_on_exception", "raise_validation_errors"):
        with pytest.raises(RunError, match="first failure: q, test: "):
            ran(survey.by(Model("test", canned_response="perhaps")), **{option: True})


# Parts of a job


def test_a_pilot_is_spread_over_everything_and_the_rest_is_paid_for_later() -> None:
    prompts: Counter[str] = Counter()

    def answer(asked: Asked) -> Answer:
        prompts[json.dumps(asked.body["messages"])] += 1
        return Answer(completion("fine"))

    with serve() as server:
        server.respond = answer
        job = QuestionFreeText("q", "How is {{ scenario.s }}?").by(
            AgentList.from_list("age", range(5)), ScenarioList.from_list("s", range(6)), served(server)
        )
        pilot = ran(job, limit=10)
        assert len(pilot) == sum(prompts.values()) == 10
        assert {row.indices["agent"] for row in pilot} == set(range(5))
        assert {row.indices["scenario"] for row in pilot} == set(range(6))
        assert len(ran(job, indices=[3, 29])) == 2
        assert len(ran(job)) == 30
    assert set(prompts.values()) == {1}
    assert len(prompts) == 30


@pytest.mark.parametrize(
    ("sizes", "count"),
    [((5, 6, 2), 30), ((1, 1, 1), 1), ((4, 4, 4), 64), ((3, 1, 7), 20), ((10, 15, 6), 890)],
)
def test_a_spread_has_no_interview_twice_and_leaves_nobody_out(sizes: tuple[int, ...], count: int) -> None:
    design = Design(*sizes)
    chosen = spread(design, count)
    assert len(chosen) == len(set(chosen)) == count
    assert chosen == sorted(chosen)
    for axis, size in enumerate(sizes):
        seen = Counter(design.decode(index)[axis] for index in chosen)
        assert max(seen.values()) - min(seen.get(i, 0) for i in range(size)) <= max(2, count // size // 2 + 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 2, "indices": [1]}, "limit or indices, not both"),
        ({"indices": [99]}, "there is no interview of this number"),
        ({"indices": []}, "no interview is chosen"),
        ({"indices": "all"}, "a list of interview numbers"),
        ({"reask": -1}, "reask"),
        ({"progres_bar": True}, "Did you mean 'progress_bar'"),
        ({"background": 1}, "background"),
    ],
)
def test_parameters_of_run_that_make_no_sense(options: dict[str, Any], words: str) -> None:
    with pytest.raises(JobError, match=words):
        QuestionFreeText("q", "Q?").by(Model("test")).run(**options)


def test_edsls_keywords_are_taken_and_those_without_meaning_say_so_once() -> None:
    job = QuestionFreeText("q", "Q?").by(Model("test"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ran(job, disable_remote_inference=True, verbose=False)
        ran(job, disable_remote_inference=True, verbose=False)
    told = [str(w.message) for w in caught if issubclass(w.category, EdslNbWarning)]
    assert len([text for text in told if "disable_remote_inference" in text]) == 1
    run = job.run(background=True, progress_bar=False)
    assert len(run.result()) == 1


# What cannot be run


def test_a_type_that_is_not_run_here_is_refused_by_name() -> None:
    job = Survey([*texts("a"), QuestionDemand.example()]).by(Model("test"))
    with pytest.raises(JobError, match="demand"):
        ran(job)


def test_scenarios_that_no_question_uses_are_worth_a_warning() -> None:
    with pytest.warns(EdslNbWarning, match="No question uses the scenarios, which have: topic"):
        ran(QuestionFreeText("q", "Q?").by(Scenario(topic="tea"), Model("test")))


def test_a_trait_with_the_name_of_a_question_is_refused() -> None:
    with pytest.raises(JobError, match="agent 0 has a trait with the name of a question"):
        ran(QuestionFreeText("age", "Age?").by(Agent(age=3), Model("test")))
