"""OpenAI's chat completions, and every server that speaks the same protocol."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from edsl_nb.core.errors import MissingKeyError, ModelError, ServiceError
from edsl_nb.models import http, keys
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.models.services.base import Service, parsed
from edsl_nb.models.strict_schema import sent_schema

if TYPE_CHECKING:
    from edsl_nb.models.model import Model

OWN_ADDRESS = "https://api.openai.com/v1"
KEY_VARIABLE = "OPENAI_API_KEY"
ADDRESS_VARIABLE = "OPENAI_BASE_URL"

#: Models that think before they answer take no sampling parameters.
_REASONING = re.compile(r"^(o\d|gpt-5)")
_NAMES = re.compile(r"^(gpt-|chatgpt-|o\d)")
_SAMPLING = ("temperature", "top_p", "frequency_penalty", "presence_penalty")


class OpenAIService(Service):
    """Chat completions over HTTP.

    Settings:
        structured: hold choice questions to their options by a JSON schema.
    """

    name: ClassVar[str] = "openai"
    parameters: ClassVar[Mapping[str, Any]] = {
        "temperature": 0.5,
        "max_tokens": 1000,
        "top_p": 1,
        "frequency_penalty": 0,
        "presence_penalty": 0,
        "logprobs": False,
        "top_logprobs": 3,
        "reasoning_effort": None,
    }
    settings: ClassVar[Mapping[str, Any]] = {"structured": False}
    price_id: ClassVar[str | None] = "openai"

    def claims(self, model_name: str) -> bool:
        return bool(_NAMES.match(model_name))

    def validate(self, model: Model) -> None:
        if model.base_url is None:
            return
        try:
            scheme, host = urlsplit(model.base_url)[:2]
        except ValueError:
            scheme = host = ""
        if scheme not in ("http", "https") or not host:
            raise ModelError(
                "an http or https address is wanted",
                field="base_url",
                value=model.base_url,
                remedy="Such as base_url='http://localhost:11434/v1' for Ollama.",
            )
        if "@" in host:
            raise ModelError(
                "an address is stored and shown, so it may hold no password",
                field="base_url",
                value=f"{scheme}://...@{host.rpartition('@')[2]}",
                remedy="Leave it out of the address, and pass a key as api_key=.",
            )

    def address(self, model: Model) -> str:
        return model.base_url or (keys.lookup(ADDRESS_VARIABLE) or OWN_ADDRESS).rstrip("/")

    def priced_here(self, model: Model) -> bool:
        # Without TLS it is not the same address: a key must not travel in the clear.
        return urlsplit(self.address(model))[:2] == urlsplit(OWN_ADDRESS)[:2]

    def _key(self, model: Model) -> str | None:
        """The key to send. The environment's key goes only where the environment (or OpenAI) says."""
        if model.api_key is not None:
            return model.api_key.get_secret_value()
        return keys.lookup(KEY_VARIABLE) if self.takes_key_of_service(model) else None

    def takes_key_of_service(self, model: Model) -> bool:
        return model.base_url is None or self.priced_here(model)

    def account(self, model: Model) -> str:
        key = self._key(model)
        return keys.digest(key) if key else ""

    def check(self, model: Model) -> None:
        if self._key(model) is None and self.priced_here(model):
            raise MissingKeyError(
                f"no API key for {model.label}: {KEY_VARIABLE} is not set",
                field="api_key",
                remedy=f'Set it: os.environ["{KEY_VARIABLE}"] = "...", a line in a .env file, '
                f'or Model({model.model!r}, service_name="openai", api_key="...").',
            )

    def shape(self, call: ModelCall) -> str:
        if not (call.schema and call.model.settings["structured"]):
            return ""
        text = f"[{call.schema.text}, {json.dumps(call.comment)}]"
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:12]

    def read(self, raw: str) -> Reply:
        return _reply(raw, parsed(raw), 0.0)

    async def call(self, call: ModelCall) -> Reply:
        model = call.model
        key = self._key(model)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        started = time.perf_counter()
        answered = await http.post_json(f"{self.address(model)}/chat/completions", _body(call), headers)
        raw, answer = answered.text, answered.value
        latency = time.perf_counter() - started
        if key and key in raw:  # a server that repeats what it was sent must not get the key into the store
            raw = raw.replace(key, "[key removed]")
            answer = json.loads(raw)
        reply = _reply(raw, answer, latency)
        reply.quota = answered.quota
        return reply


def _body(call: ModelCall) -> dict[str, Any]:
    model = call.model
    sent = {key: value for key, value in model.parameters.items() if value is not None}
    if not sent.get("logprobs"):
        sent.pop("top_logprobs", None)
        sent.pop("logprobs", None)
    if _REASONING.match(model.model):
        for key in _SAMPLING:
            sent.pop(key, None)
        if "max_tokens" in sent:
            sent["max_completion_tokens"] = sent.pop("max_tokens")
    body: dict[str, Any] = {"model": model.model, "messages": call.messages(), **sent}
    if call.schema and model.settings["structured"]:
        schema, strict = sent_schema(call.schema, comment=call.comment)
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": strict, "schema": schema},
        }
    return body


def _reply(raw: str, answer: Any, latency: float) -> Reply:
    try:
        message = answer["choices"][0]["message"]
        text = message["content"]
    except (KeyError, IndexError, TypeError):
        raise ServiceError(f"the answer has no message in it: {raw[:200]}") from None
    if text is None:
        refusal = message.get("refusal")
        raise ServiceError(
            f"the model refused to answer: {refusal}" if refusal else "the reply has no text in it",
            refused="content" if refusal or _filtered(answer) else None,
        )
    if not isinstance(text, str):
        raise ServiceError(f"the answer's message is no text: {raw[:200]}")
    usage = _object(answer.get("usage"))
    version = answer.get("model")
    return Reply(
        text=text,
        raw=raw,
        input_tokens=_count(usage.get("prompt_tokens")) or 0,
        output_tokens=_count(usage.get("completion_tokens")) or 0,
        thinking_tokens=_count(_object(usage.get("completion_tokens_details")).get("reasoning_tokens")),
        model_version=version if isinstance(version, str) else None,
        latency=latency,
    )


def _filtered(answer: Any) -> bool:
    return answer["choices"][0].get("finish_reason") == "content_filter"


# Servers that speak the protocol differ most in what they say beside the message.


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**53 else None
