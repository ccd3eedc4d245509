"""The OpenAI service against a server on the loopback that does what it is told."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from edsl_nb import EdslNbError, Model, QuestionFreeText, QuestionMultipleChoice
from edsl_nb.core.errors import EdslNbWarning, MissingKeyError, ServiceError
from edsl_nb.core.schema import Schema
from edsl_nb.models import http
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.runner.store import store
from tests.real.openai_server import Answer, Asked, OpenAIServer, completion, failure, serve

KEY = "my-own-key-of-no-known-shape"
COLORS = Schema({"enum": ["Red", "Blue"]})


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with serve() as made:
        yield made


def model(server: OpenAIServer, name: str = "gpt-4o", **parameters: Any) -> Model:
    return Model(name, service_name="openai", base_url=server.url, **parameters)


def ask(asked: Model, text: str = "Which color?", schema: Any = None, comment: bool = False) -> Reply:
    """One call, on a loop of its own."""

    async def one() -> Reply:
        try:
            call = ModelCall(asked, "You are an artist.", (("user", text),), schema, comment)
            return await asked.service.call(call)
        finally:
            await http.close()

    return asyncio.run(one())


def body(server: OpenAIServer, asked: Model, **call: Any) -> dict[str, Any]:
    """What the server is sent."""
    ask(asked, **call)
    return server.asked[-1].body


def answers(server: OpenAIServer, answer: Answer) -> None:
    server.respond = lambda asked: answer


def failed(asked: Model) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        ask(asked)
    return caught.value


# What is sent


def test_the_request_holds_the_prompts_and_the_parameters(server: OpenAIServer) -> None:
    assert body(server, model(server)) == {
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": "You are an artist."},
            {"role": "user", "content": "Which color?"},
        ],
        "temperature": 0.5,
        "max_tokens": 1000,
        "top_p": 1,
        "frequency_penalty": 0,
        "presence_penalty": 0,
    }
    assert server.asked[0].path == "/v1/chat/completions"


def test_parameters_are_sent_as_given_and_none_is_left_out(server: OpenAIServer) -> None:
    sent = body(server, model(server, temperature=0, max_tokens=None, reasoning_effort="low"))
    assert (sent["temperature"], sent["reasoning_effort"]) == (0, "low")
    assert "max_tokens" not in sent


def test_top_logprobs_only_go_with_logprobs(server: OpenAIServer) -> None:
    without = body(server, model(server, logprobs=False, top_logprobs=5))
    assert "logprobs" not in without
    assert "top_logprobs" not in without
    sent = body(server, model(server, logprobs=True, top_logprobs=5))
    assert (sent["logprobs"], sent["top_logprobs"]) == (True, 5)


@pytest.mark.parametrize("name", ["o1", "o3-mini", "o4-mini", "gpt-5", "gpt-5-nano"])
def test_models_that_think_get_no_sampling_parameters(server: OpenAIServer, name: str) -> None:
    sent = body(server, model(server, name, max_tokens=77))
    assert sent["max_completion_tokens"] == 77
    assert not {"temperature", "top_p", "frequency_penalty", "presence_penalty", "max_tokens"} & set(sent)
    assert "max_completion_tokens" not in body(server, model(server, name, max_tokens=None))


def test_no_system_message_where_there_is_none(server: OpenAIServer) -> None:
    asked = model(server)

    async def one() -> None:
        await asked.service.call(ModelCall(asked, "", (("user", "a"), ("assistant", "b"), ("user", "c"))))
        await http.close()

    asyncio.run(one())
    roles = [message["role"] for message in server.asked[0].body["messages"]]
    assert roles == ["user", "assistant", "user"]


def test_a_choice_is_held_to_its_options_only_when_asked_for(server: OpenAIServer) -> None:
    assert "response_format" not in body(server, model(server), schema=COLORS)
    assert "response_format" not in body(server, model(server, structured=True))
    sent = body(server, model(server, structured=True), schema=COLORS, comment=True)
    assert sent["response_format"] == {
        "type": "json_schema",
        "json_schema": {
            "name": "answer",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {"answer": {"type": "string", **COLORS}, "comment": {"type": "string"}},
                "required": ["answer", "comment"],
                "additionalProperties": False,
            },
        },
    }
    without = body(server, model(server, structured=True), schema=COLORS)["response_format"]
    assert without["json_schema"]["schema"]["required"] == ["answer"]


def test_texts_of_any_kind_arrive_as_they_are(server: OpenAIServer) -> None:
    text = 'ünï "quoted" \\ 日本 🙂 \x00 \u2028 </script>'
    assert ask(model(server), text).text == f"echo: {text}"
    assert server.prompts == [text]


# Keys and addresses


def test_a_key_is_sent_where_one_is_given(server: OpenAIServer) -> None:
    ask(model(server, api_key=KEY))
    ask(model(server))
    sent = [asked.headers.get("Authorization") for asked in server.asked]
    assert sent == [f"Bearer {KEY}", None]


def test_the_key_of_the_environment_goes_only_where_the_environment_says(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    ask(model(server))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/")
    ask(Model("gpt-4o"))
    sent = [asked.headers.get("Authorization") for asked in server.asked]
    assert sent == [None, f"Bearer {KEY}"]


def test_a_server_of_ones_own_needs_no_key(server: OpenAIServer) -> None:
    own = model(server)
    own.service.check(own)
    with pytest.raises(MissingKeyError, match="OPENAI_API_KEY"):
        Model("gpt-4o").service.check(Model("gpt-4o"))


@pytest.mark.parametrize("url", ["localhost:11434", "ftp://host/v1", "http://", "http://name:secret@host/v1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(EdslNbError, match="base_url") as refused:
        Model("m", service_name="openai", base_url=url)
    assert "secret" not in str(refused.value)


# What comes back


def test_the_reply_holds_text_counts_and_the_whole_answer(server: OpenAIServer) -> None:
    answer = completion("Blue\n", system_fingerprint="fp_1")
    answer["usage"]["completion_tokens_details"] = {"reasoning_tokens": 5}
    answers(server, Answer(answer, latency=0.05))
    reply = ask(model(server))
    assert (reply.text, reply.model_version) == ("Blue\n", "gpt-served-2026")
    assert (reply.input_tokens, reply.output_tokens, reply.thinking_tokens) == (11, 7, 5)
    assert json.loads(reply.raw) == answer
    assert 0.05 <= reply.latency < 10


@pytest.mark.parametrize(
    "changes",
    [
        {"usage": None},
        {"usage": []},
        {"usage": {"prompt_tokens": "eleven", "completion_tokens": -1}},
        {"usage": {"prompt_tokens": 1e300, "completion_tokens": None, "completion_tokens_details": 3}},
        {"model": None},
        {"model": {"name": "m"}},
    ],
)
def test_odd_things_beside_the_message_do_no_harm(server: OpenAIServer, changes: dict[str, Any]) -> None:
    answers(server, Answer(completion("Blue", **changes)))
    reply = ask(model(server))
    assert reply.text == "Blue"
    if "usage" in changes:
        assert (reply.input_tokens, reply.output_tokens, reply.thinking_tokens) == (0, 0, None)
    else:
        assert reply.model_version is None


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(400, False), (401, False), (403, False), (404, False), (422, False),
     (408, True), (409, True), (429, True), (500, True), (502, True), (503, True), (529, True)],
)  # fmt: skip
def test_an_error_says_whether_it_can_succeed_later(
    server: OpenAIServer, status: int, retryable: bool
) -> None:
    answers(server, failure(status, "what the server says"))
    wrong = failed(model(server))
    assert (wrong.status, wrong.retryable, wrong.retry_after) == (status, retryable, None)
    assert f"answered {status}: what the server says" in str(wrong)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("0", 0.0), ("-3", 0.0), ("soon", None), ("nan", None), ("inf", None),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)],
)  # fmt: skip
def test_how_long_the_server_wants_to_be_left_alone(
    server: OpenAIServer, header: str, seconds: float | None
) -> None:
    answers(server, failure(429, "slow down", **{"Retry-After": header}))
    assert failed(model(server)).retry_after == seconds


def test_a_date_says_so_too(server: OpenAIServer) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    answers(server, failure(503, "later", **{"Retry-After": then}))
    wait = failed(model(server)).retry_after
    assert wait is not None
    assert 50 < wait <= 60


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html>Bad gateway</html>", "not JSON"),
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"null", "no message in it"),
        (b"[]", "no message in it"),
        (b'"text"', "no message in it"),
        (json.dumps({"choices": []}).encode(), "no message in it"),
        (json.dumps({"error": {"message": "no such model"}}).encode(), "no such model"),
        (json.dumps({"choices": [{"message": "text"}]}).encode(), "no message in it"),
        (json.dumps(completion(["a", "list"])).encode(), "no text"),
        (json.dumps(completion(None)).encode(), "no text"),
    ],
)
def test_an_answer_that_is_none_is_a_failed_call(server: OpenAIServer, answer: bytes, words: str) -> None:
    answers(server, Answer(answer))
    wrong = failed(model(server))
    assert words in str(wrong)
    assert not wrong.retryable
    assert len(str(wrong)) < 1000


def test_a_refusal_says_why(server: OpenAIServer) -> None:
    answer = completion(None)
    answer["choices"][0]["message"]["refusal"] = "I cannot help with that"
    answers(server, Answer(answer))
    assert "I cannot help with that" in str(failed(model(server)))


def test_an_error_page_is_shortened(server: OpenAIServer) -> None:
    answers(server, Answer(b"<p>" + b"x" * 10**6, status=502))
    assert len(str(failed(model(server)))) < 500


def test_a_broken_character_does_not_cost_the_answer(server: OpenAIServer) -> None:
    whole = json.dumps(completion("caf\u00e9 au lait"), ensure_ascii=False).encode()
    answers(server, Answer(whole.replace(b"\xc3\xa9", b"\xc3")))
    assert ask(model(server)).text == "caf� au lait"


def test_half_an_emoji_can_be_kept(server: OpenAIServer) -> None:
    answers(server, Answer(json.dumps(completion("a smile: \ud83d")).encode()))
    results = QuestionFreeText("q", "How do you feel?").by(model(server)).run(progress_bar=False)
    assert results.select("q").to_list() == ["a smile: ?"]


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        wrong = failed(Model("m", service_name="openai", base_url=url))
    assert "cannot reach" in str(wrong)
    assert url in str(wrong)
    assert wrong.retryable


def test_a_server_that_hangs_up(server: OpenAIServer) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    async def one() -> None:
        listening = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        asked = Model("m", service_name="openai", base_url=f"http://127.0.0.1:{port}/v1")
        try:
            await asked.service.call(ModelCall(asked, "", (("user", "x"),)))
        finally:
            await http.close()
            listening.close()

    with pytest.raises(ServiceError, match="broke off") as wrong:
        asyncio.run(one())
    assert wrong.value.retryable


def test_a_server_that_never_answers(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDSL_API_TIMEOUT", "0.2")
    answers(server, Answer(completion("late"), latency=10))
    wrong = failed(model(server))
    assert "no answer" in str(wrong)
    assert wrong.retryable


# Keys stay where they belong


def test_a_server_that_repeats_the_key_does_not_get_it_shown(server: OpenAIServer) -> None:
    def repeat(asked: Asked) -> Answer:
        return failure(401, f"Incorrect API key provided: {asked.headers['Authorization']}")

    server.respond = repeat
    asked = model(server, api_key=KEY)
    job = QuestionFreeText("q", "Which color?").by(asked)
    with pytest.warns(EdslNbWarning, match="have no answer") as warned:
        results = job.run(progress_bar=False)
    run = job.last_run
    assert run is not None
    assert len(results) == 0
    shown = [
        *(str(one.message) for one in warned),
        str(run.errors.to_dicts()),
        run.progress.text(),
        run.progress.model_dump_json(),
        repr(run),
        str(failed(asked)),
    ]
    assert all("401" in text for text in shown if text != repr(run))
    assert not [text for text in shown if KEY in text]
    assert KEY.encode() not in store().path.read_bytes()


def test_a_reply_that_repeats_the_key_is_kept_without_it(server: OpenAIServer) -> None:
    server.respond = lambda asked: Answer(completion(f"You sent {asked.headers['Authorization']}!"))
    job = QuestionFreeText("q", "Which color?").by(model(server, api_key=KEY))
    results = job.run(progress_bar=False)
    assert results.select("q").to_list() == ["You sent Bearer [key removed]!"]
    assert KEY not in str(results.to_pandas().to_dict())
    kept = store()
    kept.close()
    assert KEY.encode() not in b"".join(file.read_bytes() for file in kept.path.parent.iterdir())


# The whole way


def test_choices_are_answered_in_structured_form(server: OpenAIServer) -> None:
    server.respond = lambda asked: Answer(completion(json.dumps({"answer": "Blue", "comment": "Calm."})))
    question = QuestionMultipleChoice("q", "Which color?", ["Red", "Blue"])
    results = question.by(model(server, structured=True)).run(progress_bar=False)
    assert results.select("answer.q", "comment.q_comment").to_list() == [("Blue", "Calm.")]


def test_a_structured_call_and_a_free_one_do_not_share_a_reply(server: OpenAIServer) -> None:
    question = QuestionMultipleChoice("q", "Which color?", ["Red", "Blue"])
    server.respond = lambda asked: Answer(completion("Red"))
    for structured in (False, True, False, True):
        question.by(model(server, structured=structured)).run(progress_bar=False)
    assert len(server.asked) == 2


def test_connections_are_used_again(server: OpenAIServer) -> None:
    async def many() -> int:
        asked = model(server)
        for number in range(5):
            await asked.service.call(ModelCall(asked, "", (("user", str(number)),)))
        connector = http._session().connector
        assert connector is not None
        pooled = sum(len(connections) for connections in connector._conns.values())
        await http.close()
        return pooled

    assert asyncio.run(many()) == 1
