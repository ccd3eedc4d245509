"""Transcripts of questions that take several calls: what the store keeps of them is told."""

from __future__ import annotations

import json
from typing import Any

from edsl_nb import Agent, Model, QuestionFreeText, QuestionInterview, QuestionMultipleChoice, Results, Survey
from edsl_nb.results.provenance import Provenance
from tests.real.openai_server import Answer, completion, serve


def ran(job: Any) -> Results:
    return job.run(progress_bar=False)


def asked_again(reply: str = "Blue") -> Results:
    replies = iter(["I could not say", reply])
    with serve() as server:
        server.respond = lambda asked: Answer(completion(next(replies)))
        model = Model("m", service_name="openai", base_url=server.url, max_tokens=50)
        return ran(QuestionMultipleChoice("q", "Which?", ["Red", "Blue"]).by(model))


def test_a_question_that_was_put_again_is_told_whole() -> None:
    lines = asked_again().transcript(0).lines
    assert [line.role for line in lines] == ["system", "user", "reply", "user", "reply", "read"]
    assert lines[1].text.startswith("Which?")
    assert lines[2].text == "I could not say"
    assert "cannot be used" in lines[3].text
    assert lines[4].text == "Blue"
    turns = asked_again("Red").transcript(0).conversation.turns
    assert [turn.marks for turn in turns if turn.role == "user"] == [(), ("asked again",)]


def test_a_conversation_is_told_turn_by_turn() -> None:
    talk = QuestionInterview("talk", "About tea", interview_guide="Ask about tea.", max_turns=2)
    survey = Survey([talk, QuestionFreeText("after", "And now?")])
    job = survey.by(
        Agent(persona="a baker"), Model("test", canned_response={"talk": "Well.", "after": "Bye"})
    )
    results = ran(job)
    lines = results.transcript(0).lines
    said = [line.text for line in lines if line.role == "reply" and line.question_name == "talk"]
    assert said == ["Well."] * 4
    assert [line.text for line in lines if line.question_name == "after"][1] == "Bye"
    assert not any(turn.marks for turn in results.transcript(0).conversation.turns)


def test_results_from_elsewhere_tell_the_last_call(tmp_path: Any) -> None:
    path = asked_again().save(tmp_path / "r")
    transcript = Results.load(path).transcript(0)
    assert [line.text for line in transcript.lines if line.role == "reply"] == ["Blue"]
    marks = [turn.marks for turn in transcript.conversation.turns if turn.role == "user"]
    assert marks == [("asked again 1 time",)]


def test_served_versions_have_the_days_of_their_replies(tmp_path: Any) -> None:
    results = asked_again()
    record = results.provenance()
    first, last = record.models[0].dates["gpt-served-2026"]
    assert (record.first_reply or "").startswith(first)
    assert (record.last_reply or "").startswith(last)
    assert f"gpt-served-2026 (1; {first}" in record.to_markdown()
    assert Provenance.from_dict(json.loads(json.dumps(record.to_dict()))) == record
