"""Prompts before there are answers: rendered once where they are equal, and equal to those rendered alone."""

from __future__ import annotations

from typing import Any

import pytest

from edsl_nb import (
    Agent,
    AgentList,
    Jobs,
    Model,
    QuestionFreeText,
    QuestionMultipleChoice,
    QuestionYesNo,
    Scenario,
    ScenarioList,
    Survey,
)

AGENTS = AgentList(
    [
        Agent({"persona": "You sell bees"}, name="Ann"),
        Agent({"persona": "You keep bees"}, name="Bob"),
        Agent(
            {"persona": "You draw bees"},
            name="Cleo",
            dynamic_traits_function=lambda question: {"persona": f"You like {question.question_name}"},
        ),
    ]
)
SCENARIOS = ScenarioList(
    [Scenario({"thing": "honey", "options": ["a", "b"]}), Scenario({"thing": "wax", "options": ["c", "d"]})]
)


def survey() -> Survey:
    """Questions that depend on nothing, the agent, the scenario, both, and on each other."""
    made = Survey(
        [
            QuestionYesNo("plain", "Do you like bees?"),
            QuestionFreeText("who", "You are {{ agent.persona }}. Who else are you?"),
            QuestionFreeText("what", "What is {{ thing }}?"),
            QuestionMultipleChoice("pick", "Which?", "{{ scenario.options }}"),
            QuestionMultipleChoice("mixed", "Which, {{ agent.name }}?", ["x", "y", "z"]),
            QuestionFreeText("after", "You said {{ who.answer }} to '{{ who.question_text }}'. Why?"),
            QuestionFreeText("among", "Of {{ pick.question_options }} you took {{ pick.answer }}. Why?"),
            QuestionFreeText("last", "Anything else?"),
        ],
        questions_to_randomize=["mixed"],
    )
    return made.set_full_memory_mode()


def prompts(agents: AgentList, scenarios: ScenarioList) -> list[dict[str, Any]]:
    shown = ("question_name", "user_prompt", "system_prompt", "cache_keys")
    rows = survey().by(agents, scenarios, Model("test")).prompts(iterations=2)
    return [{name: row[name] for name in shown} for row in rows]


def test_prompts_are_those_of_a_job_with_that_agent_and_scenario_alone() -> None:
    alone = [
        row
        for i in range(len(AGENTS))
        for j in range(len(SCENARIOS))
        for row in prompts(AGENTS[i : i + 1], SCENARIOS[j : j + 1])
    ]
    assert prompts(AGENTS, SCENARIOS) == alone


def test_counts_are_those_of_the_prompts() -> None:
    job = survey().by(AGENTS, SCENARIOS, Model("test"), Model("test", temperature=1))
    keys = {row["cache_keys"][0] for row in job.prompts()}
    assert job.count().distinct_calls == len(keys)
    assert job.estimate_job_cost()["distinct_calls"] == len(keys)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("Why?", 1),
        ("{{ scenario.thing }}?", 2),
        ("{{ agent.name }}?", 3),
        ("{{ agent.name }}, {{ thing }}?", 6),
    ],
)
def test_equal_prompts_are_rendered_once(monkeypatch: pytest.MonkeyPatch, text: str, times: int) -> None:
    rendered: list[str] = []
    present = QuestionFreeText.present

    def counting(question: QuestionFreeText, *args: Any) -> Any:
        found = present(question, *args)
        rendered.append(found.prompt)
        return found

    job = Jobs(QuestionFreeText("q", text)).by(AGENTS, SCENARIOS, Model("test"))
    monkeypatch.setattr(QuestionFreeText, "present", counting)
    assert job.count().counted == 6
    assert len(set(rendered)) == times
    rows = len(rendered)
    assert rows <= times + 3, "a few more before, to see that the template works"
