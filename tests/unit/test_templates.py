"""Placeholders: what they stand for, what is refused, and that nothing is rendered twice."""

from __future__ import annotations

from typing import Any

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import (
    Agent,
    Jobs,
    Model,
    QuestionFreeText,
    QuestionMultipleChoice,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import AgentError, JobError, QuestionError, TemplateError
from edsl_nb.core.templates import Fields, Template
from tests.unit.samples import json_values, names, plain, refusal, texts

TEST = Model("test")


def prompt(text: str, agent: Agent | None = None, scenario: Scenario | None = None) -> str:
    """What a question of this text reads like to an agent, about a scenario."""
    job = QuestionFreeText("q", text).by(agent or Agent(), scenario or Scenario(), TEST)
    return job.prompts()[0]["user_prompt"]


# What they stand for


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ scenario.x }}", "tea"),
        ("{{ x }}", "tea"),
        ("{{x}} or {{scenario.x}}?", "tea or tea?"),
        ("{{ scenario['x'] }}", "tea"),
        ("{{ agent.mood }}", "sad"),
        ("{{ agent.name }}", "Ann"),
        ("{{ scenario.x | upper }}", "TEA"),
        ("{{ scenario.d.e }} {{ scenario.d['e'] }}", "deep deep"),
        ("{% if scenario.x == 'tea' %}yes{% else %}no{% endif %}", "yes"),
        ("{% for one in scenario.several %}{{ loop.index }}={{ one }} {% endfor %}", "1=a 2=b "),
        ("{{ scenario.items }}", "a field"),
        ("{# not seen #}{y} {x}", "{y} {x}"),
        ("{{ nothing }}", "None"),
    ],
)
def test_what_a_placeholder_stands_for(text: str, expected: str) -> None:
    scenario = Scenario(
        {"x": "tea", "d": {"e": "deep"}, "several": ["a", "b"], "items": "a field", "nothing": None}
    )
    assert prompt(text, Agent({"mood": "sad"}, name="Ann"), scenario) == expected


def test_a_bare_name_is_the_scenarios_and_never_the_agents() -> None:
    both = Agent({"x": "agent's"})
    assert prompt("{{ x }}", both, Scenario({"x": "scenario's"})) == "scenario's"
    refusal(lambda: prompt("{{ x }}", both), "{{ x }}", "'q'", "{{ agent.x }}", error=TemplateError)


def test_an_answer_stands_for_itself_in_a_later_question() -> None:
    survey = Survey(
        [
            QuestionMultipleChoice("first", "Which?", ["Red", "Blue"]),
            QuestionFreeText("second", "Why {{ first.answer }}, asked '{{ first.question_text }}'?"),
        ]
    )
    results = survey.by(Model("test", canned_response={"first": "Blue", "second": "So."})).run(
        progress_bar=False
    )
    assert results[0]["second_user_prompt"] == "Why Blue, asked 'Which?'?"


def test_prompts_mark_answers_that_are_not_known_yet() -> None:
    survey = Survey(
        [QuestionFreeText("first", "Which?"), QuestionFreeText("second", "Why {{ first.answer }}?")]
    )
    assert survey.by(TEST).prompts()[1]["user_prompt"] == "Why [answer of first]?"


def test_options_are_templates() -> None:
    question = QuestionMultipleChoice("q", "Which?", ["{{ scenario.a }}", "{{ agent.b }} tea", "None"])
    table = question.by(Scenario({"a": "Coffee"}), Agent({"b": "Green"}), TEST).prompts()
    assert table[0]["user_prompt"].split("\n\n")[1].split("\n") == ["Coffee", "Green tea", "None"]


@pytest.mark.parametrize(
    "reference", ["{{ scenario.colors }}", "{{ colors }}", " {{scenario['colors']}} ", "{{- colors -}}"]
)
def test_options_can_be_a_reference_to_a_list(reference: str) -> None:
    question = QuestionMultipleChoice("q", "Which?", reference)
    scenarios = ScenarioList([Scenario({"colors": ["Red", "Blue"]}), Scenario({"colors": (1, 2, 3)})])
    results = question.by(scenarios, TEST).run(progress_bar=False)
    assert results.select("question_options.*").to_list() == [["Red", "Blue"], [1, 2, 3]]
    assert results[0].answer["q"] in ["Red", "Blue"]
    assert results[1].answer["q"] in [1, 2, 3]


def test_options_can_be_an_agents_list() -> None:
    question = QuestionMultipleChoice("q", "Which?", "{{ agent.colors }}")
    assert (
        "\nRed\nBlue\n" in question.by(Agent({"colors": ["Red", "Blue"]}), TEST).prompts()[0]["user_prompt"]
    )


def test_options_by_an_answer_are_marked_while_it_is_not_known() -> None:
    survey = Survey([QuestionFreeText("l", "Which?"), QuestionMultipleChoice("q", "One?", "{{ l.answer }}")])
    assert "\n[answer of l]\n" in survey.by(TEST).prompts()[1]["user_prompt"]


# What is never done


HOSTILE = ["{{ agent.secret }}", "{% raw %}", "{{ 7 * 7 }}", "{# gone #}", "}}", "{{", "{% for %}"]


@pytest.mark.parametrize("value", HOSTILE)
def test_values_are_not_rendered_again(value: str) -> None:
    agent, scenario = Agent({"secret": "s3cret"}), Scenario({"x": value, "options": [value, "Other"]})
    assert prompt("It says {{ scenario.x }}!", agent, scenario) == f"It says {value}!"
    by_reference = QuestionMultipleChoice("q", "Which?", "{{ scenario.options }}").by(agent, scenario, TEST)
    in_a_list = QuestionMultipleChoice("q", "Which?", ["{{ scenario.x }}", "Other"]).by(agent, scenario, TEST)
    for job in (by_reference, in_a_list):
        assert job.prompts()[0]["user_prompt"].split("\n\n")[1] == f"{value}\nOther"
        assert job.run(progress_bar=False)[0]["question_options.q_question_options"] == [value, "Other"]


@pytest.mark.parametrize("value", HOSTILE)
def test_traits_and_answers_are_not_rendered_again(value: str) -> None:
    survey = Survey(
        [QuestionFreeText("first", "Which?"), QuestionFreeText("second", "Why {{ first.answer }}?")]
    )
    job = survey.by(Agent({"x": value}), Model("test", canned_response=value))
    row = job.run(progress_bar=False)[0]
    assert row["second_user_prompt"] == f"Why {value}?"
    assert row["first_system_prompt"].endswith(f"Your traits: {{'x': {value!r}}}")


ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ '' | attr('__class__') }}",
    "{{ scenario.x.__class__.__mro__ }}",
    "{{ scenario.__class__ }}",
    "{{ scenario._values }}",
    "{{ scenario.f.__globals__ }}",
    "{{ lipsum.__globals__['os'] }}",
    "{{ '{0.__class__}'.format(scenario.x) }}",
    "{{ scenario.several.append(1) }}",
    "{{ scenario.d.update(a=1) }}",
]


@pytest.mark.parametrize("escape", ESCAPES)
def test_nobody_gets_out_of_the_sandbox(escape: str) -> None:
    several = [1]
    scenario = Scenario({"x": "tea", "f": prompt, "several": several, "d": {}})
    asked: list[str] = []
    model = Model("test", canned_response=asked.append)
    text = QuestionFreeText("q", f"A {escape} b").by(scenario, model)
    option = QuestionMultipleChoice("q", "Which?", [f"A {escape}", "b"]).by(scenario, model)
    options = QuestionMultipleChoice("q", "Which?", escape).by(scenario, model)
    for job in (text, option, options):
        refusal(job.prompts, "'q'")
        refusal(lambda job=job: job.run(progress_bar=False), "'q'")
    assert (asked, several, scenario["d"]) == ([], [1], {})


# What is refused, before anything is asked


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ scenario.topik }}", ("'q'", "{{ scenario.topik }}", "scenario 0", "topic")),
        ("{{ topic }}", ("'q'", "{{ topic }}", "scenario 1")),
        ("{{ agent.age }}", ("'q'", "{{ agent.age }}", "agent 0", "mood")),
        ("{{ q.answer }}", ("'q'", "not asked before it")),
        ("{{ foo.bar }}", ("'q'", "{{ foo.bar }}")),
        ("{{ scenario.both.deeper }}", ("'q'", "{{ scenario.both.deeper }}", "'deeper'", "scenario 0")),
        ("{{ scenario.both + 1 }}", ("'q'", "{{ scenario.both + 1 }}", "scenario 0")),
        ("{{ scenario.both | nosuchfilter }}", ("'q'", "nosuchfilter")),
        ("{{ scenario.both", ("'q'", "question_text", "{{ scenario.x }}")),
        ("{% if %}", ("'q'", "question_text")),
    ],
)
def test_a_template_that_cannot_work_is_refused_by_name(text: str, words: tuple[str, ...]) -> None:
    asked: list[str] = []
    scenarios = ScenarioList([Scenario({"both": "x", "topic": "bees"}), Scenario({"both": "y", "topik_": 1})])

    def job() -> Jobs:
        question = QuestionFreeText("q", text)
        return question.by(scenarios, Agent({"mood": "sad"}), Model("test", canned_response=asked.append))

    refusal(lambda: job().prompts(), *words)
    refusal(lambda: job().count(), *words)
    refusal(lambda: job().run(progress_bar=False), *words)
    assert asked == []


def test_the_answer_of_a_question_has_known_fields() -> None:
    survey = Survey([QuestionFreeText("first", "Which?"), QuestionFreeText("q", "{{ first.anser }}")])
    refusal(survey.by(TEST).prompts, "'q'", "{{ first.anser }}", "'answer'", error=TemplateError)


def test_a_scenario_field_cannot_have_the_name_of_a_question() -> None:
    job = QuestionFreeText("q", "Why?").by(ScenarioList([Scenario({"a": 1}), Scenario({"q": 1})]), TEST)
    refusal(job.prompts, "scenario 1", "'q'", "Rename", error=JobError)


@pytest.mark.parametrize("options", [["Red", "{{ oops"], "{{ oops", "{% if %}{{ x }}"])
def test_a_broken_option_is_named_as_such(options: Any) -> None:
    make = lambda: QuestionMultipleChoice("q", "Which?", options)  # noqa: E731
    refusal(make, "'q'", "question_options", error=QuestionError)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "no options"),
        ("Red", "no list"),
        (5, "no list"),
        (None, "no list"),
        (["Red", "Red"], "twice"),
        (["Red", " Red "], "twice"),
        (["Red", None], "None"),
        (["Red", ""], "''"),
    ],
)
def test_what_is_no_options_is_refused_by_question_and_scenario(value: Any, words: str) -> None:
    job = QuestionMultipleChoice("q", "Which?", "{{ scenario.options }}").by(
        Scenario({"options": value}), TEST
    )
    refusal(job.prompts, "'q'", "scenario 0", "question_options", words, error=QuestionError)


def test_options_that_become_equal_are_refused() -> None:
    question = QuestionMultipleChoice("q", "Which?", ["{{ scenario.a }}", "{{ scenario.b }}"])
    job = question.by(Scenario({"a": "Tea", "b": "Tea"}), TEST)
    refusal(job.prompts, "'q'", "scenario 0", "twice", "'Tea'", error=QuestionError)


def test_an_agents_template_is_checked_before_anything_is_asked() -> None:
    refusal(
        lambda: Agent({"age": 3}, traits_presentation_template="{{ age"),
        "traits_presentation_template",
        error=AgentError,
    )
    asked: list[str] = []
    agents = [Agent({"age": 3}), Agent({"age": 4}, traits_presentation_template="You are {{ aeg }}.")]
    job = QuestionFreeText("q", "Why?").by(agents, Model("test", canned_response=asked.append))
    refusal(job.prompts, "agent 1", "'aeg'", error=TemplateError)
    refusal(lambda: job.run(progress_bar=False), "agent 1", "'aeg'", error=TemplateError)
    assert asked == []


def test_half_a_character_is_refused_rather_than_sent() -> None:
    broken = "caf\udce9"
    text = QuestionFreeText("q", "About {{ scenario.x }}?").by(Scenario({"x": broken}), TEST)
    option = QuestionMultipleChoice("q", "Which?", "{{ scenario.x }}").by(
        Scenario({"x": [broken, "b"]}), TEST
    )
    trait = QuestionFreeText("q", "Why?").by(
        Agent({"x": broken}, traits_presentation_template="{{ x }}"), TEST
    )
    refusal(text.prompts, "'q'", "scenario 0", "encoding", error=TemplateError)
    refusal(option.prompts, "'q'", "scenario 0", "encoding", error=TemplateError)
    refusal(trait.prompts, "agent 0", "encoding", error=TemplateError)


# The template itself


@given(plain)
def test_a_text_without_placeholders_renders_to_itself(text: str) -> None:
    assert Template(text).constant
    assert Template(text).render({}) == text


@given(
    st.dictionaries(names, json_values, min_size=1, max_size=3),
    st.dictionaries(names, json_values, min_size=1, max_size=3),
    st.data(),
)
def test_rendering_agrees_with_jinja(
    bare: dict[str, Any], fields: dict[str, Any], data: st.DataObject
) -> None:
    bare.pop("f", None)
    placeholders = [f"{{{{ {name} }}}}" for name in bare] + [f"{{{{f.{name}}}}}" for name in fields]
    parts = data.draw(st.lists(st.sampled_from(placeholders) | plain, max_size=6))
    text = "".join(parts)
    try:
        expected = (
            jinja2.Template(text).render({**bare, "f": fields})
            if any(p in text for p in placeholders)
            else text
        )
    except jinja2.TemplateError:
        with pytest.raises(TemplateError):
            Template(text)
        return
    assert Template(text).render({**bare, "f": Fields(fields)}) == expected


@given(texts)
def test_any_text_is_a_template_or_refused_as_one(text: str) -> None:
    for start in ("", "{{", "{%", "{{ a }}"):
        try:
            made = Template(start + text)
            made.render({"a": "b"})
            made.value({"a": "b"})
        except TemplateError:
            pass  # refused in our own words is what is asked


def test_names_that_python_uses_are_names_like_others() -> None:
    scope = {
        "self": ["a"],
        "scenario": Fields({"self": ["b"], "keys": ["c"]}),
        "args": ["d"],
        "context": ["e"],
    }
    assert Template("{{ args }}").value(scope) == ["d"]
    assert Template("{{ context }}").value(scope) == ["e"]
    assert Template("{{ scenario.keys }}").value(scope) == ["c"]
    assert Template("{{ scenario.self }}").value(scope) == ["b"]


def test_a_value_that_cannot_be_shown_is_an_error_of_ours() -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("no")

    refusal(lambda: prompt("{{ scenario.x }}", scenario=Scenario({"x": Broken()})), "'q'", "scenario 0", "no")


@pytest.mark.parametrize("shuffled", [[], ["m"]])
def test_the_options_of_an_earlier_question_are_shown_as_they_will_be(
    shuffled: list[str], private_home: object
) -> None:
    first = QuestionMultipleChoice("m", "Which?", ["{{ scenario.x }}", "b", "c"])
    then = QuestionFreeText("then", "You were offered {{ m.question_options | join('/') }}.")
    survey = Survey([first, then], questions_to_randomize=shuffled, seed=3)
    job = survey.by(Scenario({"x": "a"}), Agent({"age": 1}), TEST)
    seen = job.prompts().to_dicts()[1]["user_prompt"]
    sent = job.run(progress_bar=False).to_pandas()["prompt.then_user_prompt"][0]
    assert seen == sent
    assert sorted(seen.removeprefix("You were offered ").removesuffix(".").split("/")) == ["a", "b", "c"]
