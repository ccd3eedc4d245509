"""What all objects share: `repr` and `code` that build them again, a line for `print`, and files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import edsl_nb
from edsl_nb import (
    Agent,
    AgentList,
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
from edsl_nb.core.errors import AgentError, EdslNbError, EdslNbWarning
from edsl_nb.questions import Question
from tests.unit import samples
from tests.unit.samples import refusal

OBJECTS = st.one_of(samples.questions(), samples.agents, samples.scenarios, samples.models)
LISTS = st.one_of(samples.agent_lists, samples.scenario_lists, samples.model_lists)
ANYTHING = st.one_of(OBJECTS, LISTS, samples.surveys, samples.jobs())


def built(program: str) -> Any:
    """What a program makes last."""
    names: dict[str, Any] = {}
    exec(program, names)
    return list(names.values())[-1]


# Code


@given(ANYTHING)
def test_the_program_of_an_object_makes_an_equal_one(made: Any) -> None:
    program = made.code()
    again = built(program)
    assert again == made
    assert type(again) is type(made)
    assert repr(program) == str(program)
    assert again.code() == program


@given(OBJECTS)
def test_repr_is_code_in_one_line(made: Any) -> None:
    assert eval(repr(made), vars(edsl_nb) | {n: getattr(edsl_nb, n) for n in edsl_nb.__all__}) == made
    assert "\n" not in repr(made)


@pytest.mark.parametrize("question_type", Question.available())
def test_the_example_of_every_type_is_made_by_its_code(question_type: str) -> None:
    example = next(
        cls for cls in _classes(Question) if vars(cls).get("question_type") == question_type
    ).example()
    if "Define first" not in example.code():
        assert built(example.code()) == example
        assert Question.from_dict(json.loads(json.dumps(example.to_dict()))).to_dict() == example.to_dict()
    assert str(example).startswith(type(example).__name__)


def _classes(cls: type[Any]) -> list[type[Any]]:
    return [sub for one in cls.__subclasses__() for sub in (one, *_classes(one))]


def test_long_programs_are_broken_into_lines() -> None:
    question = QuestionMultipleChoice(
        question_name="q",
        question_text="Which of these do you like? " * 6 + "\nSay it.",
        question_options=[f"a rather long option, number {i}" for i in range(6)],
    )
    program = question.code()
    assert max(map(len, program.splitlines())) <= 100
    assert len(program.splitlines()) > 10
    assert built(program) == question


def test_what_newer_versions_have_added_is_in_the_program() -> None:
    agent = Agent.from_dict({"traits": {"age": 3}, "newer": {"x": [1]}})
    assert built(agent.code()) == agent
    assert eval(repr(agent), {"Agent": Agent}) == agent


def test_stored_parameters_are_in_the_program_as_they_are() -> None:
    model = Model.from_dict({"model": "gpt-4o", "inference_service": "openai", "parameters": {"novel": 1}})
    assert built(model.code()) == model
    assert model.parameters == {"novel": 1}


def test_a_key_is_in_no_program_and_no_file(tmp_path: Path) -> None:
    model = Model("gpt-4o", "openai", api_key="sk-very-secret-very-secret")
    written = gzip.decompress(model.save(tmp_path / "model").read_bytes()).decode()
    for text in (model.code(), repr(model), str(model), written, model.to_jsonl()):
        assert "very-secret" not in text


def test_numbers_that_have_no_literal_are_written_as_code() -> None:
    agent = Agent({"a": [float("inf"), float("-inf")], "b": (1,), "c": ()})
    assert built(agent.code()) == agent
    assert "float('nan')" in repr(Agent({"a": float("nan")}))


def mood(question: Any) -> dict[str, str]:
    return {"mood": "sad"}


def mood_of_nobody(scenario: dict[str, Any], agent_traits: dict[str, Any]) -> str:
    return "sad"


def test_functions_are_named_in_the_program() -> None:
    program = Agent({"a": 1}, dynamic_traits_function=mood).code()
    assert f"from {__name__} import mood" in program
    program = Agent({"a": 1}, dynamic_traits_function=lambda question: {}).code()
    assert "# Define first: ..." in program
    refusal(lambda: built(program), "dynamic_traits_function", error=AgentError)


# One line


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (QuestionMultipleChoice("tea", "Tea or coffee?", ["Tea", "Coffee"]),
         'QuestionMultipleChoice tea: "Tea or coffee?" (Tea, Coffee)'),
        (QuestionFreeText("why", "Why?\nTell me " + "all " * 50),
         'QuestionFreeText why: "Why? Tell me all all all all all all all all all all all all…"'),
        (Agent({"age": 3, "mood": "sad"}, name="Ann"), "Agent Ann: age 3, mood sad"),
        (Agent(), "Agent"),
        (Model("gpt-4o", "openai", temperature=0), "Model openai/gpt-4o (temperature=0)"),
        (Model("test"), "Model test"),
    ],
)  # fmt: skip
def test_print_shows_a_line(made: Any, line: str) -> None:
    assert str(made) == line


@given(ANYTHING)
def test_what_print_shows_is_short(made: Any) -> None:
    assert len(str(made).splitlines()) <= 12


def test_a_scenario_in_a_template_reads_as_its_values() -> None:
    long = {"a": "x" * 2_000}
    job = QuestionFreeText("q", "{{ scenario }}, {{ scenario.b }}!").by(Scenario({"b": Scenario(long)}))
    prompt = job.prompts().to_dicts()[0]["user_prompt"]
    assert prompt == f"{{'b': Scenario({long})}}, {long}!"


# Files


@given(ANYTHING)
def test_what_is_saved_can_be_loaded(tmp_path_factory: pytest.TempPathFactory, made: Any) -> None:
    folder = tmp_path_factory.mktemp("saved")
    path = made.save(folder / "it")
    assert path == folder / "it.json.gz"
    kind = Question if isinstance(made, Question) else type(made)
    assert kind.load(path) == kind.load(str(folder / "it")) == made
    assert kind.load(made.save(folder / "plain.json")) == made
    assert json.loads((folder / "plain.json").read_text()) == json.loads(json.dumps(made.to_dict()))
    assert sorted(file.name for file in folder.iterdir()) == ["it.json.gz", "plain.json"]


@given(ANYTHING)
def test_lines_of_json_can_be_read_again(made: Any) -> None:
    kind = Question if isinstance(made, Question) else type(made)
    lines = made.to_jsonl()
    assert kind.from_jsonl(lines) == made
    assert json.loads(lines.splitlines()[0])["__header__"] is True
    assert kind.from_jsonl(lines).to_jsonl() == lines


def test_lines_of_json_can_be_in_a_file(tmp_path: Path) -> None:
    agents = AgentList([Agent({"a": 1}), Agent({"a": "ä"})])
    lines = agents.to_jsonl(tmp_path / "agents.jsonl")
    assert (tmp_path / "agents.jsonl").read_text() == lines
    assert AgentList.from_jsonl(tmp_path / "agents.jsonl") == AgentList.from_jsonl(lines) == agents
    refusal(lambda: agents.to_jsonl(tmp_path / "nowhere" / "x"), "filename", "nowhere")
    refusal(lambda: AgentList.from_jsonl(tmp_path / "nowhere"), "filename", "nowhere")


def test_equal_objects_make_equal_files(tmp_path: Path) -> None:
    one, two = Agent({"a": 1}).save(tmp_path / "one"), Agent({"a": 1}).save(tmp_path / "two")
    assert one.read_bytes() == two.read_bytes()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = Agent({"a": 1}).save(tmp_path / "agent")
    refusal(lambda: Agent({"a": object()}).save(path), "object is not JSON serializable", error=AgentError)
    assert Agent.load(path) == Agent({"a": 1})
    assert Agent({"a": 2}).save(path) == path
    assert Agent.load(path) == Agent({"a": 2})
    assert [file.name for file in tmp_path.iterdir()] == ["agent.json.gz"]


@pytest.mark.parametrize("name", [5, None, "", " ", "a\0b", b"x", ["x"]])
def test_a_name_of_a_file_is_a_path(name: Any) -> None:
    refusal(lambda: Agent().save(name), "filename", repr(name))
    refusal(lambda: Agent.load(name), "filename", repr(name))


def test_files_that_cannot_be_written(tmp_path: Path) -> None:
    refusal(lambda: Agent().save(tmp_path / "nowhere" / "x"), "filename", "nowhere", "folder that is there")
    (tmp_path / "x.json.gz").mkdir()
    refusal(lambda: Agent().save(tmp_path / "x"), "filename", "x.json.gz")
    assert [file.name for file in tmp_path.iterdir()] == ["x.json.gz"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    refusal(lambda: Agent.load(tmp_path / "missing"), "filename", "no such file", str(Path.cwd()))
    whole = Agent({"a": "x" * 1_000}).save(tmp_path / "whole").read_bytes()
    for name, content in {
        "empty": b"",
        "cut": whole[:-20],
        "bent": whole[:20] + b"xxxx" + whole[24:],
        "text": b"hello",
        "deep": b"[" * 100_000,
        "list": b"[1]",
        "latin": '{"traits": {"a": "ä"}}'.encode("latin-1"),
    }.items():
        (tmp_path / name).write_bytes(content)
        refusal(lambda n=name: Agent.load(tmp_path / n))


def test_the_archives_of_edsl_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "survey.ep").write_bytes(b"PK")
    refusal(lambda: Survey.load(tmp_path / "survey.ep"), "filename", ".ep", ".json.gz")
    refusal(lambda: Agent().save(tmp_path / "agent.ep"), "filename", ".ep", ".json.gz")


def test_a_file_of_another_class_is_refused(tmp_path: Path) -> None:
    survey = Survey([QuestionFreeText("q", "Why?")])
    kinds: list[Any] = [
        Agent({"a": 1}), AgentList([]), Scenario({"a": 1}), ScenarioList([]), Model("test"), ModelList([]),
        survey, Jobs(survey), QuestionFreeText("q", "Why?"),
    ]  # fmt: skip
    for number, made in enumerate(kinds):
        made.save(tmp_path / str(number))
        for other in kinds:
            if type(other) is not type(made):
                refusal(lambda n=number, o=other: type(o).load(tmp_path / str(n)), "filename")
                refusal(lambda m=made, o=other: type(o).from_jsonl(m.to_jsonl()), "source")
    QuestionMultipleChoice("q", "Which?", ["a"]).save(tmp_path / "choice")
    refusal(lambda: QuestionFreeText.load(tmp_path / "choice"), "filename", "QuestionMultipleChoice")


@pytest.mark.parametrize(
    "lines", ["", "{}", "5", "hello", '{"__header__": true}\nx', '{"__header__": true}\n5', 5]
)
def test_lines_that_are_none(lines: Any) -> None:
    for cls in (Agent, Survey, ScenarioList, Question):
        refusal(lambda c=cls: c.from_jsonl(lines))


def test_functions_are_not_saved_and_that_is_said(tmp_path: Path) -> None:
    agent = Agent({"a": 1}, dynamic_traits_function=mood)
    for made in (AgentList([Agent(), agent]), QuestionFreeText("q", "Why?").by(agent), agent):
        with pytest.warns(EdslNbWarning, match="dynamic_traits_function"):
            path = made.save(tmp_path / "agent")
    with pytest.warns(EdslNbWarning, match="func"):
        Survey([QuestionFunctional("f", func=mood_of_nobody)]).save(tmp_path / "survey")
    assert Agent.load(tmp_path / "agent") == Agent({"a": 1})
    with pytest.warns(EdslNbWarning, match="canned_response"):
        Model("test", canned_response=str.upper).save(path)


def test_what_json_cannot_hold_is_named() -> None:
    for value in (object(), {1, 2}, b"x", 1j):
        error = refusal(lambda v=value: Agent({"a": v}).to_jsonl(), "JSON")
        assert isinstance(error, EdslNbError)
