"""The local service with its real model. The file is fetched once into the project's cache folder."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from edsl_nb.core.errors import ModelError, ServiceError
from edsl_nb.core.schema import Schema
from edsl_nb.models import fetch, files, llama
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.models.model import Model
from edsl_nb.models.services import local

ROOT = Path(__file__).parents[2]
NAME = files.DEFAULT
COLORS = Schema({"enum": ["Red", "Green", "Blue"]})
#: Takes the model more than ten seconds to write.
LONG = {"enum": ["round and round we go " * 200]}


@pytest.fixture(scope="session")
def model_home() -> Path:
    """A data folder, kept between test runs, that holds the model file."""
    home = ROOT / ".cache"
    try:
        llama.load_library()
    except ImportError as failure:
        pytest.skip(f"the real local model was not tested: {failure}; {local.INSTALL}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDSL_NB_HOME", str(home))
        try:
            fetch.get(NAME)
        except ModelError as failure:
            pytest.skip(f"the real local model was not tested: {failure}")
    return home


@pytest.fixture(autouse=True)
def model(model_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    monkeypatch.setenv("EDSL_NB_HOME", str(model_home))
    yield Model(NAME, service_name="local")


def ask(
    text: str, schema: Any = None, comment: bool = False, iteration: int = 0, **parameters: Any
) -> ModelCall:
    model = Model(NAME, service_name="local", **parameters)
    return ModelCall(model, "Answer briefly.", (("user", text),), schema, comment, iteration, "q")


def answer(*calls: ModelCall) -> list[Reply]:
    """The replies to calls that are made side by side."""

    async def all_of_them() -> list[Reply]:
        return await asyncio.gather(*(call.model.service.call(call) for call in calls))

    return asyncio.run(all_of_them())


def texts(*calls: ModelCall) -> list[str]:
    return [reply.text for reply in answer(*calls)]


def in_a_process(program: str, home: Path, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a program that starts with a model, an `ask` function and a bare environment of its own."""
    start = f"""
import os, sys, asyncio, signal, threading
os.environ["EDSL_NB_HOME"] = {str(home)!r}
from edsl_nb.models.model import Model
from edsl_nb.models.call import ModelCall
from edsl_nb.models import files, llama
model = Model({NAME!r}, service_name="local")
def ask(text, schema=None):
    return model.service.call(ModelCall(model, "", (("user", text),), schema))
"""
    command = [sys.executable, "-c", start + program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)


def test_a_reply_has_text_and_counts() -> None:
    (reply,) = answer(ask("What is the capital of France?", max_tokens=20))
    assert reply.text.strip()
    assert 0 < reply.output_tokens <= 20
    assert reply.input_tokens > 5
    assert reply.latency > 0
    raw = json.loads(reply.raw)
    assert raw["choices"][0]["message"]["content"] == reply.text
    assert reply.model_version == "SmolLM2-135M-Instruct.Q4_1"
    assert str(files.folder()) not in reply.raw, "where the file lies is nobody's business"


def test_a_choice_is_always_one_of_the_options() -> None:
    replies = texts(*(ask(f"Pick a color, person {i}.", COLORS, temperature=2.0) for i in range(12)))
    assert set(replies) <= set(COLORS["enum"])
    assert len(set(replies)) > 1, "drawn this hot, not all can be alike"


def test_without_structure_the_model_says_what_it_likes() -> None:
    (held,) = texts(ask("Tell me a story.", {"enum": ["zq", "qz"]}))
    (free,) = texts(ask("Tell me a story.", {"enum": ["zq", "qz"]}, structured=False))
    assert held in ("zq", "qz")
    assert free not in ("zq", "qz")


#: A model of this size lacks the bytes of some control characters and unused planes.
WRITABLE = st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Co"]) | st.sampled_from("\n\t\r\x7f")


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    options=st.lists(
        st.text(WRITABLE, min_size=1, max_size=12)
        | st.integers(-999, 999)
        | st.booleans()
        | st.floats(allow_nan=False),
        min_size=1,
        max_size=5,
    )
)
def test_options_may_hold_any_characters(options: list[object]) -> None:
    (text,) = texts(ask("Pick one.", {"enum": options}))
    assert text in [str(option) for option in options]


@pytest.mark.parametrize(
    "option",
    [
        'say "no" | root',
        "C:\\new\\x41",
        "two\nlines",
        "日本語 🙂",
        "<|im_end|>",
        " spaces around ",
        "a" * 900,
    ],
)
def test_an_odd_option_comes_back_whole(option: str) -> None:
    assert texts(ask("Pick one.", {"enum": [option]}, max_tokens=1)) == [option]


def test_an_option_beyond_the_vocabulary_fails_for_good_and_says_why() -> None:
    with pytest.raises(ServiceError, match="vocabulary lacks") as failed:
        answer(ask("Pick one.", {"enum": ["\U00040000"]}))
    assert not failed.value.retryable
    assert texts(ask("Pick one.", COLORS))[0] in COLORS["enum"], "the model goes on working"


def test_a_comment_is_one_line_after_the_option() -> None:
    prompt = "Pick Red, Green or Blue. Write the color on the first line and why on the second line."
    replies = texts(*(ask(prompt, COLORS, comment=True, iteration=i, max_tokens=40) for i in range(8)))
    for reply in replies:
        first, _, comment = reply.partition("\n")
        assert first in COLORS["enum"]
        assert "\n" not in comment
    assert texts(ask(prompt, COLORS, comment=False))[0] in COLORS["enum"]


def test_a_json_schema_is_kept() -> None:
    schema = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3}
    (text,) = texts(ask("Two numbers.", schema, comment=True))
    numbers = json.loads(text)
    assert 2 <= len(numbers) <= 3
    assert all(isinstance(number, int) for number in numbers)


def test_the_same_call_gives_the_same_reply_and_other_iterations_other_ones() -> None:
    def draws(**parameters: Any) -> list[str]:
        return texts(*(ask("Invent a word.", iteration=i, max_tokens=12, **parameters) for i in range(4)))

    first = draws(temperature=1.0)
    assert draws(temperature=1.0) == first
    assert len(set(first)) > 1
    assert draws(temperature=1.0, seed=1) != first


def test_what_shapes_a_reply_is_told_apart(tmp_path: Path) -> None:
    service = Model(NAME, service_name="local").service
    copy = tmp_path / "other name.gguf"
    copy.symlink_to(files.find(NAME))
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF, but another file")

    def shape(name: str, schema: Any = None, comment: bool = False, **parameters: Any) -> str:
        model = Model(name, service_name="local", **parameters)
        return service.shape(ModelCall(model, "", (("user", "x"),), schema, comment))

    assert shape(NAME) == shape(str(copy)) == shape(NAME, COLORS, structured=False)
    apart = [
        shape(NAME),
        shape(NAME, COLORS),
        shape(NAME, {"enum": ["a"]}),
        shape(NAME, COLORS, comment=True),
    ]
    apart.append(shape(str(other)))
    assert len(set(apart)) == len(apart)


def test_a_file_of_ones_own_works(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.symlink_to(files.find(NAME))
    model = Model(str(path), service_name="local")
    model.service.check(model)
    (reply,) = answer(ModelCall(model, "", (("user", "Pick."),), COLORS))
    assert reply.text in COLORS["enum"]


def test_too_long_a_prompt_fails_for_good_and_says_why() -> None:
    with pytest.raises(
        ServiceError, match=r"prompt has \d{4,} tokens and the local model takes 4096"
    ) as failed:
        answer(ask("word " * 6000))
    assert not failed.value.retryable
    assert texts(ask("Pick.", COLORS))[0] in COLORS["enum"], "the model goes on working"


def test_the_loop_stays_free_and_a_stopped_call_ends_at_once() -> None:
    async def race() -> tuple[int, bool]:
        call = ask("Pick.", LONG)
        task = asyncio.create_task(call.model.service.call(call))
        steps = 0
        while steps < 20 and not task.done():
            await asyncio.sleep(0.01)
            steps += 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # Every slot is free for these, though the stopped call would have gone on for many seconds.
        calls = [ask("Pick.", COLORS, iteration=i) for i in range(llama.SLOTS)]
        await asyncio.wait_for(asyncio.gather(*(c.model.service.call(c) for c in calls)), 10)
        working = [t for t in threading.enumerate() if t.name.startswith("edsl_nb-llama")]
        return steps, len(working) <= llama.SLOTS

    steps, bounded = asyncio.run(race())
    assert steps == 20
    assert bounded


def test_first_calls_at_once_load_the_model_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.symlink_to(files.find(NAME))
    loads: list[Any] = []
    real = llama.load_library()
    counting = SimpleNamespace(
        CommonParams=real.CommonParams, Server=lambda params: (loads.append(params), real.Server(params))[1]
    )
    monkeypatch.setattr(llama, "load_library", lambda: counting)
    engine = llama.Engine(path)
    body = {"messages": [{"role": "user", "content": "Pick."}], "max_tokens": 1}

    async def at_once() -> None:
        await asyncio.gather(*(engine.chat(body) for _ in range(8)))

    asyncio.run(at_once())
    engine.close()
    assert len(loads) == 1


def test_calls_from_several_loops_share_the_model() -> None:
    with ThreadPoolExecutor(3) as threads:
        replies = threads.map(lambda i: texts(ask(f"Pick, {i}.", COLORS))[0], range(6))
    assert set(replies) <= set(COLORS["enum"])


def test_nothing_listens_where_another_could_connect() -> None:
    answer(ask("Pick.", COLORS))
    engine = llama.engine(files.find(NAME))
    assert engine.address.startswith("unix://")
    socket_path = Path(engine.address.removeprefix("unix://"))
    assert not socket_path.parent.exists()
    listening = [c for c in psutil.Process().net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert listening == []


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions", "/completion", "/slots", "/props", "/metrics", "/tokenize"]
)
def test_where_there_are_no_unix_sockets_a_key_is_wanted(path: str, loopback: str) -> None:
    body = json.dumps(
        {"messages": [{"role": "user", "content": "x"}], "prompt": "x", "content": "x"}
    ).encode()
    data = None if path in ("/slots", "/props", "/metrics") else body
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}, {"X-Api-Key": ""}):
        request = urllib.request.Request(loopback + path, data=data, headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10)
        assert refused.value.code == 401


@pytest.fixture(scope="module")
def loopback(model_home: Path) -> Iterator[str]:
    """Address of an engine that had to listen on loopback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDSL_NB_HOME", str(model_home))
        engine = llama.Engine(files.find(NAME), private=False)
    asyncio.run(engine.chat({"messages": [{"role": "user", "content": "x"}], "max_tokens": 1}))
    assert engine.address.startswith("http://127.0.0.1:")
    yield engine.address
    engine.close()


def test_a_process_with_a_model_is_quiet_and_ends_well(model_home: Path) -> None:
    done = in_a_process("print(asyncio.run(ask('Pick.', {'enum': ['a']})).text)", model_home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "a\n", "")


def test_a_process_that_ends_in_the_middle_of_a_call_does_not_wait_for_it(model_home: Path) -> None:
    program = """
from edsl_nb.runner import loop
started = threading.Event()
real = llama.load_library()
class Server:
    def __init__(self, params):
        self.real = real.Server(params)
    def handle_chat_completions(self, body, add):
        return self.real.handle_chat_completions(body, lambda chunk: (started.set(), add(chunk))[1])
class Library:
    CommonParams, Server = real.CommonParams, Server
llama.load_library = lambda: Library
long = {"enum": ["round and round we go " * 200]}
loop.submit(ask("Pick.", long))
assert started.wait(30)
print("leaving", flush=True)
"""
    done = in_a_process(program, model_home, timeout=30)
    assert (done.returncode, done.stdout) == (0, "leaving\n"), done.stderr
    assert done.stderr == ""


def test_an_interrupt_reaches_python_while_the_model_is_loaded(model_home: Path) -> None:
    program = """
asyncio.run(ask("Pick.", {"enum": ["a"]}))
try:
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait(10)
except KeyboardInterrupt:
    print("interrupted", asyncio.run(ask("Pick.", {"enum": ["b"]})).text)
"""
    done = in_a_process(program, model_home)
    assert (done.returncode, done.stdout) == (0, "interrupted b\n"), done.stderr


def test_a_forked_child_loads_its_own_and_both_end_well(model_home: Path) -> None:
    program = """
asyncio.run(ask("Pick.", {"enum": ["a"]}))
child = os.fork()
signal.alarm(50)  # a child that hangs ends by itself
print("child" if child == 0 else "parent", asyncio.run(ask("Pick.", {"enum": ["c"]})).text, flush=True)
if not child:
    sys.exit(3)
print("child ended with", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = in_a_process(program, model_home)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == ["child c", "child ended with 3", "parent c"]


def test_a_torn_file_is_refused(tmp_path: Path) -> None:
    torn = tmp_path / "torn.gguf"
    torn.write_bytes(files.find(NAME).read_bytes()[:100_000])
    model = Model(str(torn), service_name="local")
    with pytest.raises(ServiceError, match=r"torn\.gguf cannot be loaded") as failed:
        answer(ModelCall(model, "", (("user", "x"),)))
    assert not failed.value.retryable
