"""Documents, addresses, computed questions, interviews, and the types that are only kept."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.core.errors import JobError, QuestionError
from edsl_nb.core.templates import Fields
from edsl_nb.models import Model
from edsl_nb.questions import (
    Question,
    QuestionCompute,
    QuestionDemand,
    QuestionFunctional,
    QuestionImageGeneration,
    QuestionInterview,
    QuestionMarkdown,
    QuestionRandom,
    QuestionURL,
    SurveyMessage,
    UnknownQuestion,
    UnsupportedQuestion,
)
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.interview import END, Transcript
from edsl_nb.surveys import Survey
from tests.unit.samples import json_values, names, refusal, texts, through_json, without_tags

CLASSES = [
    QuestionMarkdown,
    QuestionURL,
    QuestionFunctional,
    QuestionCompute,
    QuestionRandom,
    QuestionInterview,
    QuestionDemand,
    QuestionImageGeneration,
    SurveyMessage,
    UnknownQuestion,
]

#: As EDSL 1.0.9 writes them.
FROM_EDSL: list[dict[str, Any]] = [
    {"question_name": "q", "question_text": "How are you?", "question_type": "markdown"},
    {"question_name": "q", "question_text": "Which site?", "question_type": "url"},
    {"question_name": "q", "question_text": "Hello {{name}}!", "question_type": "compute"},
    {"question_name": "q", "question_text": "Draw one", "question_type": "random"},
    {"question_name": "q", "question_text": "Service", "interview_guide": "Ask.", "max_turns": 10,
     "question_type": "interview"},
    {"question_name": "q", "function_source_code": "def f(scenario, agent_traits):\n    return 1\n",
     "question_type": "functional", "requires_loop": True, "function_name": "f"},
    {"question_name": "q", "question_text": "Cups?", "prices": [1.0, 2.0], "question_type": "demand"},
    {"question_name": "q", "question_text": "2 + 2?", "question_type": "thinking", "system_prompt": "",
     "model": {"model": "test", "parameters": {}, "inference_service": "test"}},
    {"question_name": "q", "question_text": "{{ broken", "question_type": "file_upload"},
    {"question_name": "q", "question_text": "Make one", "expected_object_type": "free_text",
     "question_type": "edsl_object"},
    {"question_name": "q", "question_text": "digraph { A -> B }", "question_type": "diagram"},
    {"question_name": "q", "question_text": "A square", "model": "m", "service_name": "s",
     "generation_parameters": {}, "question_type": "image_generation"},
    {"question_name": "q", "question_text": "Read this.", "question_type": "survey_message"},
    {"question_type": "hologram", "question_name": "q", "question_text": {"of": "a newer EDSL"}, "depth": 3},
]  # fmt: skip
TAGS = {"edsl_version": "1.0.9", "edsl_class_name": "QuestionBase"}


# Objects


@pytest.mark.parametrize("cls", CLASSES)
def test_every_example_goes_through_json_and_is_itself_again(cls: Any) -> None:
    made = cls.example()
    again = Question.from_dict(through_json(made.to_dict()))
    assert type(again) is cls
    assert again.to_dict() == made.to_dict()
    assert Question.from_dict(again.to_dict()) == again
    assert repr(made)
    assert made.question_name in str(made)


@pytest.mark.parametrize("data", FROM_EDSL, ids=lambda data: data["question_type"])
def test_what_edsl_has_written_is_written_again(data: dict[str, Any]) -> None:
    made = Question.from_dict(through_json({**data, **TAGS}))
    assert made.question_type == data["question_type"]
    assert without_tags(made.to_dict()) == data
    assert made.question_type in Question.available() or isinstance(made, UnsupportedQuestion)


@pytest.mark.parametrize("cls", CLASSES)
def test_misspelt_and_wrong_parameters_are_refused(cls: Any) -> None:
    usual = {key: value for key, value in cls.example().arguments().items() if key != "question_type"}
    if cls not in (UnknownQuestion, QuestionImageGeneration):  # which take any
        assert refusal(lambda: cls(**usual, answering_instruction="x")).field == "answering_instruction"
    refusal(lambda: cls(**{**usual, "question_name": "no name"}), "question_name", error=QuestionError)
    refusal(lambda: cls(**{**usual, "question_name": 3}), "question_name", error=QuestionError)
    refusal(lambda: cls(**{**usual, "question_text": 3}), "question_text", error=QuestionError)


# Markdown and addresses


def test_the_prompt_of_a_document_is_its_text_alone() -> None:
    question = QuestionMarkdown("q", "Write on {{ topic }}.")
    assert question.present({"topic": "bees"}).prompt == "Write on bees."
    told = QuestionMarkdown("q", "Write.", answering_instructions="At most one page.")
    assert told.present({}).prompt == "Write.\n\nAt most one page."


def test_the_prompt_for_an_address_says_what_counts_as_one() -> None:
    assert QuestionURL("q", "Which site?").present({}).prompt == (
        "Which site?\n\nReply with one complete web address alone, starting with https:// or http://."
    )
    assert QuestionURL("q", "Which?").validate("https://example.org").how == "exact"


# Functions


def double(scenario: dict[str, Any], agent_traits: dict[str, Any]) -> Any:
    return scenario["x"] * 2 if not agent_traits else [scenario["x"], agent_traits["age"]]


def asked(question: Question, scenario: dict[str, Any], traits: dict[str, Any] | None = None) -> Any:
    scope = {**scenario, "scenario": Fields(scenario), "agent": Fields({**(traits or {}), "name": "Ann"})}
    return question.compute(scope, Chance("whose"))


def test_a_function_gets_scenario_and_traits_and_gives_the_answer() -> None:
    question = QuestionFunctional("q", double)
    assert asked(question, {"x": 2}) == ("exact", 4, None, None, None)
    assert asked(question, {"x": 2}, {"age": 3}).answer == [2, 3]
    assert question.refusal is None
    assert question.function_name == "double"
    assert 'scenario["x"] * 2' in (question.function_source_code or "")


def test_a_function_that_gives_what_cannot_be_kept_gives_no_answer() -> None:
    question = QuestionFunctional("q", lambda scenario, agent_traits: object())
    assert asked(question, {}).how == "invalid"


def test_the_source_from_a_file_is_never_run() -> None:
    source = "import builtins\nbuiltins.edsl_nb_ran = True\ndef f(scenario, agent_traits):\n    return 1\n"
    data = {
        "question_type": "functional",
        "question_name": "q",
        "function_source_code": source,
        "function_name": "f",
        "requires_loop": False,
        "unsafe": True,
    }
    loaded = Question.from_dict(data)
    assert isinstance(loaded, QuestionFunctional)
    assert "with_function" in str(loaded.refusal)
    assert "unsafe" not in loaded.to_dict()
    refusal(lambda: asked(loaded, {}), "'q'", "with_function", error=QuestionError)
    refusal(Survey([loaded]).by(Model("test")).run, "'q'", "with_function", error=JobError)
    for again in (Question.from_dict(loaded.to_dict()), loaded.model_copy(update={"question_name": "r"})):
        assert again.refusal
    assert not hasattr(__import__("builtins"), "edsl_nb_ran")


def test_the_function_can_be_given_again() -> None:
    question = QuestionFunctional("q", double, question_text="Twice?")
    loaded = Question.from_dict(question.to_dict())
    assert isinstance(loaded, QuestionFunctional)
    again = loaded.with_function(double)
    assert asked(again, {"x": 2}).answer == 4
    assert again == question
    assert loaded.refusal


def test_the_source_is_run_for_whoever_says_so() -> None:
    source = "def f(scenario, agent_traits):\n    return scenario['x'] + 1\n"
    question = QuestionFunctional("q", function_source_code=source, function_name="f", unsafe=True)
    assert asked(question, {"x": 2}).answer == 3
    for wrong, name in (("1 +", "f"), (source, "g"), ("f = 3", "f"), ("raise ValueError('no')", "f")):
        refusal(
            lambda wrong=wrong, name=name: QuestionFunctional(
                "q", function_source_code=wrong, function_name=name, unsafe=True
            ),
            error=QuestionError,
        )


@pytest.mark.parametrize("func", [3, "f", int, lambda: 1, lambda scenario: 1, None])
def test_what_is_no_such_function_is_refused(func: Any) -> None:
    error = refusal(lambda: QuestionFunctional("q", func), error=QuestionError)
    assert error.field == "func"
    assert "def answer" in str(error)


def test_functions_of_the_same_source_are_told_apart_by_what_they_keep() -> None:
    def adding(n: int) -> Callable[[Any, Any], int]:
        return lambda scenario, agent_traits: scenario["x"] + n

    one, two = QuestionFunctional("q", adding(1)), QuestionFunctional("q", adding(2))
    assert one != two
    assert one == QuestionFunctional("q", adding(1))
    assert one.to_dict() == two.to_dict()


def test_a_cell_that_is_run_twice_makes_equal_questions() -> None:
    cell = textwrap.dedent("""
        def f(scenario, agent_traits):
            return 1
    """)
    made = []
    for _ in range(2):
        space: dict[str, Any] = {}
        exec(cell, space)  # as a notebook does, but without its source at hand
        made.append(QuestionFunctional("q", space["f"], function_source_code=cell))
    assert made[0].to_dict() == made[1].to_dict()


# Computed


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("{{ x }}", 2),
        ("{{ x * 1.5 }}", 3.0),
        ("{{ scenario.x }} cups", "2 cups"),
        ("0{{ x }}", "02"),
        (" {{ x }} ", 2),
        ("{{ agent.age }}", 40),
    ],
)
def test_a_computed_question_is_what_its_text_renders_to(text: str, answer: Any) -> None:
    found = asked(QuestionCompute("q", text), {"x": 2}, {"age": 40}).answer
    assert (found, type(found)) == (answer, type(answer))


def test_a_random_number_is_the_same_for_the_same_respondent_only() -> None:
    question = QuestionRandom("q")
    first, again, other = (question.compute({}, Chance(who)).answer for who in ("a", "a", "b"))
    assert first == again != other
    assert 0 <= first < 1
    assert question.to_dict()["question_text"]
    assert question == QuestionRandom("q", question_text=None)


def test_computed_questions_are_asked_of_nobody() -> None:
    sent: list[str] = []
    survey = Survey(
        [QuestionRandom("r"), QuestionCompute("c", "{{ r.answer }}"), QuestionFunctional("f", lambda s, a: 7)]
    )
    row = survey.by(Model("test", canned_response=sent.append)).run(progress_bar=False)[0]
    assert row["answer.r"] == row["answer.c"]
    assert row["answer.f"] == 7
    assert sent == []


# Interviews


def test_what_the_interviewer_is_told() -> None:
    assert QuestionInterview("i", "Tea", "Ask when.").present({}).prompt == (
        "Tea\n\nGuide: Ask when.\n\n"
        "You are the interviewer and lead an interview on this topic, following the guide. "
        "Each of your messages is one short question to the respondent and nothing else. "
        "Take up what the respondent says before you go on. "
        "When the guide is covered, reply with END_OF_INTERVIEW alone."
    )


def interviewed(question: QuestionInterview, replies: list[str]) -> tuple[Any, list[Any]]:
    """The reading of a conversation with these replies, and what was asked."""
    talk = question.conversation(question.present({}))
    asks = [next(talk)]
    try:
        for reply in replies:
            asks.append(talk.send(reply))
    except StopIteration as end:
        return end.value, asks
    raise AssertionError("the interview goes on")


def test_an_interview_goes_back_and_forth() -> None:
    question = QuestionInterview("i", "Tea", "Ask when.", max_turns=2)
    reading, asks = interviewed(question, ["When?", "At five.", "Why?", "Because."])
    assert reading.how == "exact"
    assert [(turn["role"], turn["content"][0]["text"]) for turn in reading.answer] == [
        ("interviewer", "When?"),
        ("respondent", "At five."),
        ("interviewer", "Why?"),
        ("respondent", "Because."),
    ]
    assert len(asks) == question.most_calls == 4
    assert [ask.system is None for ask in asks] == [False, True, False, True]
    assert "Tea" in asks[0].system and "Ask when." in asks[0].system and END in asks[0].system
    assert asks[3].turns == (("user", "When?"), ("assistant", "At five."), ("user", "Why?"))
    assert asks[2].turns[1:] == (("assistant", "When?"), ("user", "At five."))
    assert question.present({}).space.check(reading.answer).how == "exact"


def test_the_interviewer_can_end_it() -> None:
    question = QuestionInterview("i", "Tea", "Ask when.")
    reading, _ = interviewed(question, ["When?", "At five.", f"**{END}**"])
    assert len(reading.answer) == 2
    reading, _ = interviewed(question, ["When?", "At five.", f"Thank you!\n{END}"])
    assert [turn["role"] for turn in reading.answer] == ["interviewer", "respondent", "interviewer"]
    assert reading.answer[-1]["content"] == [{"type": "text", "text": "Thank you!"}]


@pytest.mark.parametrize("replies", [[""], [END], ["When?", " "]])
def test_an_interview_in_which_nothing_is_said_is_invalid(replies: list[str]) -> None:
    reading, _ = interviewed(QuestionInterview("i", "Tea", "Ask."), replies)
    assert reading.how == "invalid"
    assert reading.reason


@pytest.mark.parametrize("turns", [0, 101, "3", 2.5, True, None])
def test_the_number_of_turns_is_checked(turns: Any) -> None:
    refusal(lambda: QuestionInterview("i", "Tea", "Ask.", max_turns=turns), "max_turns", error=QuestionError)


def test_the_guide_is_a_template() -> None:
    question = QuestionInterview("i", "Tea", "Ask about {{ scenario.x }}.")
    prompt = question.present({"scenario": Fields({"x": "scones"})}).prompt
    assert "Ask about scones." in prompt
    refusal(lambda: QuestionInterview("i", "Tea", "Ask {{ about"), "interview_guide", error=QuestionError)
    refusal(lambda: QuestionInterview("i", "Tea", ""), "interview_guide", error=QuestionError)


def test_an_interview_is_run() -> None:
    said = iter(["When?", "At five.", END])
    model = Model("test", canned_response=lambda _: next(said))
    results = QuestionInterview("i", "Tea", "Ask when.").by(model).run(progress_bar=False)
    assert [turn["content"][0]["text"] for turn in results[0]["answer.i"]] == ["When?", "At five."]


said = st.lists(texts, min_size=1, max_size=5)


@given(said)
def test_a_transcript_comes_back_from_what_is_written(lines: list[str]) -> None:
    roles = ("interviewer", "respondent")
    answer = [
        {"role": roles[i % 2], "content": [{"type": "text", "text": line}]} for i, line in enumerate(lines)
    ]
    space = Transcript()
    assert space.read(space.write(answer)) == space.check(answer) == ("exact", answer, None, None, None)


@given(json_values)
def test_other_values_are_no_transcript(value: Any) -> None:
    assert Transcript().check(value).how == "invalid"
    assert Transcript().read(json.dumps(value)).how == "invalid"


# What is only kept


@given(
    st.dictionaries(names | texts, json_values, max_size=4),
    names,
    st.sampled_from(["demand", "thinking", "file_upload", "edsl_object", "diagram", "survey_message", "new"]),
)
def test_questions_of_other_types_are_saved_as_they_were_read(
    fields: dict[str, Any], name: str, question_type: str
) -> None:
    data = {**fields, "question_name": name, "question_type": question_type, **TAGS}
    before = json.dumps(data)
    made = Question.from_dict(data)
    assert json.dumps(made.to_dict()) == before
    assert json.dumps(Question.from_dict(made.to_dict()).to_dict()) == before
    assert question_type in str(made.refusal)
    assert made == Question.from_dict({**data, "edsl_version": "another"})


def test_a_job_with_such_a_question_names_it_and_asks_nothing() -> None:
    sent: list[str] = []
    demand = QuestionDemand("cups", "How many cups?", prices=[1.0, 2.0])
    job = Survey([QuestionMarkdown("m", "Write."), demand]).by(Model("test", canned_response=sent.append))
    refusal(lambda: job.run(progress_bar=False), "'cups'", "demand", error=JobError)
    assert sent == []
    assert Survey.from_dict(Survey([demand]).to_dict()).questions[0] == demand


def test_the_types_that_are_kept_are_made_as_in_edsl() -> None:
    made = QuestionDemand("cups", "How many?", prices=[1, 2])
    assert without_tags(made.to_dict()) == {
        "question_name": "cups", "question_text": "How many?", "prices": [1, 2], "question_type": "demand",
    }  # fmt: skip
    assert Question("demand", question_name="cups", question_text="How many?", prices=[1, 2]) == made
    assert "demand" not in Question.available()
    assert made.model_copy(update={"prices": [3]}).to_dict()["prices"] == [3]
    refusal(lambda: QuestionDemand("cups", "How many?", price=[1]), "price", "'prices'", error=QuestionError)


@pytest.mark.parametrize("question_type", [None, 3, ["demand"]])
def test_a_question_without_a_type_is_refused(question_type: Any) -> None:
    data = {"question_name": "q", "question_text": "?", "question_type": question_type}
    assert refusal(lambda: Question.from_dict(data), error=QuestionError).field == "question_type"


def test_lambdas_are_told_apart_and_written_without_what_stands_around_them() -> None:
    first, second = (QuestionFunctional("q", func=f) for f in (lambda s, a: 1, lambda s, a: 2))
    assert first != second
    alone = QuestionFunctional("q", func=lambda scenario, agent_traits: len(scenario))
    assert alone.function_source_code == "lambda scenario, agent_traits: len(scenario)"
    assert alone == alone.model_copy(update={"question_name": "q"})
