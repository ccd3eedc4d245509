"""AgentBench's protocol read: answers, errors in errors, and conversations of which only a part is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.tasks import ChatHistoryItem, SampleStatus, Session, TaskError
from edsl_nb.tasks.history import shown
from edsl_nb.tasks.protocol import api_address, conversation, detail_of, output_in, read_answer
from tests.unit.samples import refusal


def body(status: str = "running", history: Any = None, **output: Any) -> dict[str, Any]:
    return {"session_id": 3, "output": {"index": None, "status": status, "history": history, **output}}


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def test_an_answer_is_read_with_its_values_as_they_are() -> None:
    answer = read_answer(body("completed", [user("a")], index="007", result=0.5) | {"unknown": 1})
    assert (answer.session_id, answer.status, answer.result) == (3, SampleStatus.COMPLETED, 0.5)
    assert answer.history == [ChatHistoryItem(role="user", content="a")]
    assert read_answer(body("completed", None, index=1, result="12")).result == "12"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ["not AgentBench's"]),
        ({"session_id": 1}, ["not AgentBench's: output"]),
        ({"session_id": 1, "output": {"index": 1}}, ["output.status"]),
        (body("finished"), ["output.status", "completed"]),
        (body(history=[{"role": "system", "content": "a"}]), ["output.history.0.role"]),
        (body(index=4), ["has returned the status 'running'"]),
        ({"messages": [], "status": "running", "finish": False}, ["function calling", "v0.2"]),
        ({"session_id": 1, "env_out": {}}, ["function calling"]),
    ],
)
def test_what_is_no_answer_is_refused(value: Any, words: list[str]) -> None:
    refusal(lambda: read_answer(value), *words, error=TaskError)


def test_an_output_is_found_in_an_error_s_error() -> None:
    error = body("task error", [user("a")], index=3, result='Traceback {"output": 1}')
    worker = json.dumps({"detail": error})
    controller = json.dumps({"detail": f"Worker answered 501:\n{worker}"})
    assert output_in(worker) == output_in(controller) == error
    for text in (
        "",
        "no JSON",
        '{"detail": "none"}',
        "{" * 50,
        json.dumps({"detail": {"detail": None}}),
        '"{}"',
    ):
        assert output_in(text) is None
    assert detail_of(controller).startswith("Worker answered 501")
    assert detail_of("<html>") == "<html>" and detail_of('{"detail": [1]}') == "[1]"


texts = st.text("ab c", min_size=1, max_size=8).flatmap(lambda text: st.just(text * 300))


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=8), texts)
def test_the_whole_conversation_is_put_together_of_what_is_shown(turns: list[Any], last: str) -> None:
    whole: list[ChatHistoryItem] = []
    known: list[ChatHistoryItem] = []
    for asked, said in [*turns, (last, None)]:
        whole.append(ChatHistoryItem(role="user", content=asked))
        seen, omitted = shown(whole, "agentbench")
        answer = read_answer(body(history=[turn.model_dump() for turn in seen]))
        assert answer.omitted == omitted
        known = conversation(known, answer)
        assert known == whole
        if said is not None:
            answered = ChatHistoryItem.answer(said, omitted)
            whole.append(answered)
            known = [*known, answered]
    ended = read_answer(body("completed", [turn.model_dump() for turn in whole], index=1))
    assert conversation(known, ended) == whole
    # Which turns are the agent's own is known still.
    assert [turn.answered is not None for turn in conversation(known, ended)] == [
        turn.role == "agent" for turn in whole
    ]


async def test_a_session_relays_what_another_one_has_limited() -> None:
    async def ask(history: Any) -> Any:
        from edsl_nb.tasks import AgentOutput

        return AgentOutput(content=f"{len(history)} turns")

    session = Session(ask)
    seen = [ChatHistoryItem(**user("a")), ChatHistoryItem(**user("b"))]  # an even number, refused elsewhere
    session.history = list(seen)
    assert (await session.relay(seen, 3)).content == "2 turns"
    assert (session.rounds, session.history[-1].answered) == (1, 3)
    session.end()
    with pytest.raises(TaskError, match="after the sample has returned"):
        await session.relay(seen, 0)


def test_addresses_end_in_api() -> None:
    assert api_address("http://a:5000", "c") == "http://a:5000/api"
    assert api_address("https://a/other/", "c") == "https://a/other"
    for wrong in ("a:5000", "", None, "http://", "http://a:x", "ftp://a"):
        refusal(lambda wrong=wrong: api_address(wrong, "controller"), "this is no address", error=TaskError)
