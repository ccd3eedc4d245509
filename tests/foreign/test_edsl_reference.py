"""What the real edsl does with the seed's job: the reference that our own objects are compared with."""

from __future__ import annotations

from tests.foreign.conftest import RunForeign

SEED_JOB = """
import json
from edsl import Agent, Model, QuestionFreeText, Survey
question = QuestionFreeText(question_name="example", question_text="What is your favorite color?")
agent = Agent(traits={"persona": "You are an artist."})
job = Survey([question]).by(agent).by(Model("gpt-4o", service_name="openai"))
"""


def test_seed_job_has_the_documented_json(edsl: RunForeign) -> None:
    job = edsl(SEED_JOB + "print(json.dumps(job.to_dict()))")

    assert set(job) == {"survey", "agents", "models", "scenarios", "edsl_version", "edsl_class_name"}
    assert job["edsl_class_name"] == "Jobs"
    assert job["edsl_version"] == "1.0.9"
    assert job["scenarios"] == []
    [question] = job["survey"]["questions"]
    assert question["question_name"] == "example"
    assert question["question_text"] == "What is your favorite color?"
    assert question["question_type"] == "free_text"
    [agent] = job["agents"]
    assert agent["traits"] == {"persona": "You are an artist."}
    [model] = job["models"]
    assert (model["model"], model["inference_service"]) == ("gpt-4o", "openai")
    assert model["parameters"]["temperature"] == 0.5
    [rule] = job["survey"]["rule_collection"]["rules"]
    assert (rule["current_q"], rule["expression"], rule["next_q"], rule["priority"]) == (0, "True", 1, -1)


def test_seed_job_has_the_documented_prompts(edsl: RunForeign) -> None:
    row = edsl(
        SEED_JOB
        + """
table = job.prompts()
row = {name: values[0] for column in table.data for name, values in column.items()}
row["user_prompt"], row["system_prompt"] = str(row["user_prompt"]), str(row["system_prompt"])
print(json.dumps(row))
"""
    )

    assert list(row) == [
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
    assert row["user_prompt"] == "What is your favorite color?"
    assert row["system_prompt"].endswith("Your traits: {'persona': 'You are an artist.'}")
    # 1.0.9 puts a newline before the traits and a parameter more into the key than the seed's version did.
    assert row["cache_keys"] == ["b12b0a4a61529d9836571762e15f2431"]
