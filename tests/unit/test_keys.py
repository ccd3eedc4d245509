"""API keys: where they come from, where they go, and that nothing shows them."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import pickle
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import Agent, Jobs, Model, ModelList, QuestionCompute, QuestionFreeText, Survey
from edsl_nb.core.errors import MissingKeyError, ModelError, ServiceError
from edsl_nb.core.secrets import redact
from edsl_nb.models import ModelCall, http, keys
from tests.unit.samples import refusal

SECRET = "correct-horse-battery-staple"
QUESTION = QuestionFreeText("q", "Why?")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Callable[[Model], str | None]:
    """Which key a call to a model carries; nothing leaves this process."""
    seen: list[Mapping[str, str]] = []

    async def post_json(url: str, body: Any, headers: Mapping[str, str]) -> http.Answer:
        seen.append(headers)
        return http.Answer("{}", {"choices": [{"message": {"content": "So."}}]}, None)

    monkeypatch.setattr(http, "post_json", post_json)

    def key_of(model: Model) -> str | None:
        asyncio.run(model.service.call(ModelCall(model, "", (("user", "Why?"),))))
        authorization = seen.pop().get("Authorization")
        return None if authorization is None else authorization.removeprefix("Bearer ")

    return key_of


# Where they come from


def test_a_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keys.lookup("SOME_API_KEY") is None
    monkeypatch.setenv("SOME_API_KEY", "from-environment")
    assert keys.lookup("SOME_API_KEY") == "from-environment"


def test_a_key_comes_from_the_nearest_dotenv_upwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text('SOME_API_KEY="from-parent"\n# a comment\nexport OTHER_KEY=from-other\n')
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert keys.lookup("SOME_API_KEY") == "from-parent"
    assert keys.lookup("OTHER_KEY") == "from-other"
    (tmp_path / "a" / ".env").write_text("SOME_API_KEY=from-nearer\n")
    assert keys.lookup("SOME_API_KEY") == "from-nearer"


def test_the_environment_comes_before_the_dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("SOME_API_KEY=from-dotenv\n")
    monkeypatch.setenv("SOME_API_KEY", "from-environment")
    assert keys.lookup("SOME_API_KEY") == "from-environment"
    monkeypatch.setenv("SOME_API_KEY", "")
    assert keys.lookup("SOME_API_KEY") == "from-dotenv"


def test_a_changed_dotenv_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("SOME_API_KEY=first-key\n")
    assert keys.lookup("SOME_API_KEY") == "first-key"
    path.write_text("SOME_API_KEY=second-key\n")
    os.utime(path, ns=(1, 1))
    assert keys.lookup("SOME_API_KEY") == "second-key"
    path.unlink()
    assert keys.lookup("SOME_API_KEY") is None


def test_a_virtual_environment_called_dotenv_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("SOME_API_KEY=from-parent\n")
    (tmp_path / "a" / ".env").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a")
    assert keys.lookup("SOME_API_KEY") == "from-parent"


def test_a_dotenv_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("SOME_API_KEY=secret".encode("utf-16"))
    error = refusal(lambda: keys.lookup("SOME_API_KEY"), ".env", str(tmp_path), "UTF-8", error=ModelError)
    assert "secret" not in str(error)


def test_space_around_a_key_is_not_part_of_it(
    monkeypatch: pytest.MonkeyPatch, sent: Callable[[Model], str | None]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f" {SECRET}\n")
    assert sent(Model("gpt-4o")) == SECRET
    assert sent(Model("gpt-4o", api_key=f"{SECRET}-2\n")) == f"{SECRET}-2"


def test_a_key_that_no_header_can_carry_is_refused_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"{SECRET}\n{SECRET}")
    error = refusal(
        lambda: QUESTION.by(Model("gpt-4o")).run(progress_bar=False), "OPENAI_API_KEY", error=ModelError
    )
    assert SECRET not in str(error)
    error = refusal(lambda: Model("gpt-4o", api_key=f"{SECRET}\r\nHost: x"), "api_key", error=ModelError)
    assert SECRET not in str(error)


def test_a_digest_tells_keys_apart_and_gives_none_away() -> None:
    assert keys.digest("one") == keys.digest("one") != keys.digest("two")
    assert len(keys.digest(SECRET)) == 8


# Where they go


def test_a_key_of_ones_own_goes_before_the_environments(
    monkeypatch: pytest.MonkeyPatch, sent: Callable[[Model], str | None]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "environment-key")
    assert sent(Model("gpt-4o", api_key=SECRET)) == SECRET
    assert sent(Model("gpt-4o")) == "environment-key"
    assert sent(Model("gpt-4o", base_url="https://api.openai.com/v1")) == "environment-key"
    assert sent(copy.deepcopy(Model("gpt-4o", api_key=SECRET))) == SECRET


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:11434/v1",
        "https://example.org/v1",
        "https://api.openai.com.example.org/v1",
        "https://example.org/api.openai.com",
        "https://api.openai.com:444/v1",
        "http://api.openai.com/v1",
    ],
)
def test_the_environments_key_is_not_sent_to_a_foreign_address(
    address: str, monkeypatch: pytest.MonkeyPatch, sent: Callable[[Model], str | None]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    assert sent(Model("gpt-4o", base_url=address)) is None
    assert sent(Model("gpt-4o", base_url=address, api_key="its-own-key")) == "its-own-key"
    from_elsewhere = Model.from_dict({**Model("gpt-4o").to_dict(), "base_url": address})
    assert sent(from_elsewhere) is None


def test_the_environments_key_goes_to_the_environments_address(
    monkeypatch: pytest.MonkeyPatch, sent: Callable[[Model], str | None]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.example.org/v1/")
    assert Model("gpt-4o").service.address(Model("gpt-4o")) == "https://proxy.example.org/v1"
    assert sent(Model("gpt-4o")) == SECRET


def test_an_address_from_the_environment_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.example.org/v1")
    Model("gpt-4o").service.address(Model("gpt-4o"))
    assert "proxy.example.org" in str(ServiceError("cannot reach https://proxy.example.org/v1/chat"))


# Who sees them


def test_nothing_shows_a_models_key() -> None:
    model = Model("gpt-4o", service_name="openai", api_key=SECRET)
    _ = model.key_prefix, model.identity(), hash(model)
    job = QUESTION.by(model)
    shown: dict[str, Any] = {
        "repr": repr(model),
        "str": str(model),
        "format": f"{model} {model!r} {model.label}",
        "dict": repr(dict(model)),
        "vars": repr(vars(model)),
        "model_dump": repr(model.model_dump()),
        "model_dump with it": repr(model.model_dump(include={"api_key"})),
        "model_dump_json": model.model_dump_json(),
        "to_dict": json.dumps(model.to_dict()),
        "list": repr(ModelList([model])) + json.dumps(ModelList([model]).to_dict()),
        "job": repr(job) + json.dumps(job.to_dict()),
        "prompts": repr(job.prompts().to_dicts()),
        "summary": repr(job.count()),
        "identity": model.identity(),
        "pickle": pickle.dumps(model),
        "pickled list": pickle.dumps(ModelList([model])),
        "pickled copy": pickle.dumps(copy.deepcopy(model)),
    }
    for name, text in shown.items():
        held = text if isinstance(text, bytes) else text.encode()
        assert SECRET.encode() not in held, name


def test_no_error_shows_a_models_key() -> None:
    model = Model("gpt-4o", api_key=SECRET)
    attempts: list[Callable[[], Any]] = [
        lambda: setattr(model, "api_key", SECRET),
        lambda: Model("gpt-4o", api_key=SECRET, temprature=SECRET),
        lambda: Model("gpt-4o", SECRET, api_key=SECRET),
        lambda: Model("gpt-4o", api_key=SECRET, base_url=f"ftp://{SECRET}"),
        lambda: QUESTION.by(SECRET, model),
        lambda: Jobs(model),  # type: ignore[arg-type]
        lambda: Model("gpt-4o", api_key=[SECRET]),  # type: ignore[arg-type]
    ]
    for attempt in attempts:
        error = refusal(attempt)
        assert SECRET not in "".join(traceback.format_exception_only(error))


def test_a_key_that_was_unpickled_is_looked_up_again(
    monkeypatch: pytest.MonkeyPatch, sent: Callable[[Model], str | None]
) -> None:
    there = pickle.loads(pickle.dumps(Model("gpt-4o", api_key=SECRET)))
    assert there == Model("gpt-4o")
    assert sent(there) is None
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-that-machine")
    assert sent(there) == "key-of-that-machine"


def test_an_address_may_hold_no_password() -> None:
    error = refusal(
        lambda: Model("gpt-4o", base_url=f"https://me:{SECRET}@example.org/v1"), "base_url", "api_key="
    )
    assert SECRET not in str(error)


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-abcdefghijkl1234",
        "sk-ant-api03-abcdefgh_-123",
        "gsk_abcdefghijklmnop",
        "AIza" + "x" * 35,
        "hf_" + "y" * 30,
    ],
)
def test_what_has_the_shape_of_a_key_is_removed(key: str) -> None:
    assert redact(f"refused {key}, sorry") == "refused [key removed], sorry"
    assert "Bearer [key removed]" in redact("Authorization: Bearer abc123def456")


def test_ordinary_words_are_left_alone() -> None:
    text = "The risk-assessment of this task-force: ask-me-anything, and desk-top."
    assert redact(text) == text


# What happens without one


def test_a_missing_key_is_one_error_before_the_run_with_every_way_on() -> None:
    asked: list[str] = []
    job = QUESTION.by(Model("test", canned_response=asked.append), Model("gpt-4o"))
    for run in (job.run, job.start, lambda **_: asyncio.run(job.run_async(progress_bar=False))):
        error = refusal(lambda run=run: run(progress_bar=False), "openai/gpt-4o", error=MissingKeyError)
        for way in (
            'os.environ["OPENAI_API_KEY"] = "',
            ".env",
            'Model(\'gpt-4o\', service_name="openai", api_key="',
            'Model("test")',
            "edsl-nb model get smollm2-135m",
            "Model('smollm2-135m', service_name='local')",
        ):
            assert way in str(error), way
    assert asked == []
    assert job.last_run is None


def test_where_the_library_is_missing_its_install_line_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from edsl_nb.jobs import checks

    found: Callable[..., Any] = checks.find_spec
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name == "xllamacpp" else found(name))
    message = str(
        refusal(lambda: QUESTION.by(Model("gpt-4o")).run(progress_bar=False), error=MissingKeyError)
    )
    assert message.index('pip install "edsl_nb[local]"') < message.index("edsl-nb model get smollm2-135m")


def test_every_model_is_checked_although_equal_ones_differ_in_their_key() -> None:
    both = ModelList([Model("gpt-4o", api_key=SECRET), Model("gpt-4o")])
    refusal(lambda: QUESTION.by(both).run(progress_bar=False), "OPENAI_API_KEY", error=MissingKeyError)


def test_looking_at_a_job_needs_no_key() -> None:
    job = QUESTION.by(Model("gpt-4o"))
    assert len(job.prompts().to_pandas()) == 1
    assert job.summary().calls == job.count().calls == 1


def test_a_job_that_asks_no_model_needs_no_key() -> None:
    computed = Survey([QuestionCompute("two", "{{ 1 + 1 }}")]).by(Model("gpt-4o"))
    assert computed.run(progress_bar=False).select("answer.two").to_list() == [2]
    direct = Agent().add_direct_question_answering_method(lambda self, question, scenario: "I do")
    assert QUESTION.by(direct, Model("gpt-4o")).run(progress_bar=False).select("answer.q").to_list() == [
        "I do"
    ]
    refusal(
        lambda: QUESTION.by([direct, Agent(name="other")], Model("gpt-4o")).run(progress_bar=False),
        error=MissingKeyError,
    )
