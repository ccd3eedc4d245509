"""The local service: a small language model in this process, with `xllamacpp`."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from edsl_nb.core.errors import ModelError, ServiceError, nearest
from edsl_nb.models import files, llama
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.models.grammar import held_to, longest_option
from edsl_nb.models.services.base import Service, parsed

if TYPE_CHECKING:
    from edsl_nb.models.model import Model

#: The line that installs the library this service needs.
INSTALL = 'pip install "edsl_nb[local]"'

_GGUF = b"GGUF"
#: llama.cpp takes this seed for "draw one".
_NO_SEED = 0xFFFFFFFF


class LocalService(Service):
    """A model file that is run in this process.

    The model's name is one of the catalogue (`edsl-nb model list`) or the path
    of a GGUF file.

    The random seed of a call comes from its cache key, that is from the model,
    its parameters, the messages and the iteration: each of them gives a draw of
    its own, and the same call gives the same reply on the same machine.

    Parameters of a model:
        temperature: 0 or more; 0 takes the likeliest token always.
        top_p: above 0 and up to 1; only the likeliest tokens that together have this probability.
        max_tokens: most tokens of free text in a reply; an option that the
            reply is held to comes on top.
        seed: another number gives another set of draws.

    Settings:
        structured: hold choice questions to their options by a grammar.
    """

    name: ClassVar[str] = "local"
    parameters: ClassVar[Mapping[str, Any]] = {
        "temperature": 0.5,
        "top_p": 0.95,
        "max_tokens": 256,
        "seed": 0,
    }
    settings: ClassVar[Mapping[str, Any]] = {"structured": True}

    def names(self) -> Iterable[str]:
        return files.CATALOGUE

    def claims(self, model_name: str) -> bool:
        return model_name in files.CATALOGUE or _is_path(model_name)

    def validate(self, model: Model) -> None:
        if not self.claims(model.model):
            raise ModelError(
                "the local service has no model of this name",
                field="model",
                value=model.model,
                remedy=nearest(model.model, files.CATALOGUE) + " Or give the path of a .gguf file.",
            )
        if model.base_url is not None:
            raise ModelError(
                "a model of the local service runs in this process and has no address",
                field="base_url",
                value=model.base_url,
                remedy='Leave it out; for a server of your own use service_name="openai" with base_url.',
            )
        _validate_parameters({**LocalService.parameters, **model.parameters, **model.settings})

    def check(self, model: Model) -> None:
        _check_extra()
        path = _path(model.model)
        if model.model in files.CATALOGUE:
            files.find(model.model)
            return
        try:
            with path.open("rb") as stream:
                start = stream.read(len(_GGUF))
        except OSError as failure:
            raise ModelError(
                f"the model file cannot be read: {failure.strerror}",
                field="model",
                value=model.model,
                remedy="Give the path of a GGUF file.",
            ) from None
        if start != _GGUF:
            raise ModelError(
                "this is not a GGUF file", field="model", value=model.model, remedy="Give the path of one."
            )
        files.checksum(path)  # read here, so that `shape` need not read it on the runner's loop

    def shape(self, call: ModelCall) -> str:
        held = _held(json.dumps(call.schema), call.comment).digest if _is_held(call) else None
        text = json.dumps([_fingerprint(call.model.model), held])
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:12]

    def concurrency(self, model: Model) -> int:
        return llama.SLOTS

    async def call(self, call: ModelCall) -> Reply:
        started = time.perf_counter()
        response = await llama.engine(_path(call.model.model)).chat(_body(call))
        raw = json.dumps(response, ensure_ascii=False)
        return _reply(raw, response, time.perf_counter() - started)

    def read(self, raw: str) -> Reply:
        try:
            return _reply(raw, parsed(raw), 0.0)
        except (KeyError, IndexError, TypeError):
            raise ServiceError(f"the response has no message in it: {raw[:200]}") from None


def _reply(raw: str, response: Any, latency: float) -> Reply:
    usage = response["usage"]
    return Reply(
        text=response["choices"][0]["message"]["content"],
        raw=raw,
        input_tokens=usage["prompt_tokens"],
        output_tokens=usage["completion_tokens"],
        model_version=response["model"],
        latency=latency,
    )


def _check_extra() -> None:
    try:
        llama.load_library()
    except ImportError as failure:
        raise ModelError(
            f"the local service needs the extra 'local', which is not here ({failure})",
            field="service_name",
            value="local",
            remedy=f"Run: {INSTALL}",
        ) from None


def _is_path(model_name: str) -> bool:
    return model_name.lower().endswith(".gguf")


def _path(model_name: str) -> Path:
    file = files.CATALOGUE.get(model_name)
    return file.path if file else Path(model_name).expanduser()


def _fingerprint(model_name: str) -> str:
    """What tells one model file from another, whatever its name: its SHA-256."""
    file = files.CATALOGUE.get(model_name)
    if file:
        return file.sha256
    try:
        return files.checksum(_path(model_name))
    except OSError:
        return ""  # not there yet: no reply can have come from it


def _validate_parameters(given: Mapping[str, Any]) -> None:
    number, whole = (int, float), (int,)
    wanted: dict[str, tuple[tuple[type, ...], float, float, str]] = {
        "temperature": (number, 0, 100, "a number of 0 or more"),
        "top_p": (number, 1e-9, 1, "a number above 0 and up to 1"),
        "max_tokens": (whole, 1, llama.CONTEXT, f"a whole number of tokens from 1 to {llama.CONTEXT}"),
        "seed": (whole, 0, 2**63, "a whole number of 0 or more"),
    }
    for name, (types, low, high, words) in wanted.items():
        value = given[name]
        if not isinstance(value, types) or isinstance(value, bool) or not low <= value <= high:
            usual = f"The default is {LocalService.parameters[name]}."
            raise ModelError(f"{words} is wanted", field=name, value=value, remedy=usual)
    if not isinstance(given["structured"], bool):
        raise ModelError("True or False is wanted", field="structured", value=given["structured"])


class _Held(NamedTuple):
    """What a request holds so that its answer has a form, and a digest of it."""

    body: dict[str, Any]
    digest: str


@lru_cache(maxsize=256)
def _held(schema: str, comment: bool) -> _Held:
    """The same for a schema in JSON: a grammar of many rules takes milliseconds to write."""
    body = held_to(json.loads(schema), comment=comment)
    return _Held(body, hashlib.md5(json.dumps(body).encode(), usedforsecurity=False).hexdigest())


def _is_held(call: ModelCall) -> bool:
    return bool(call.schema and call.model.settings["structured"])


def _body(call: ModelCall) -> dict[str, Any]:
    # A model that was stored has the parameters that were stored, which may be fewer.
    parameters = {**LocalService.parameters, **call.model.parameters}
    body: dict[str, Any] = {
        "messages": call.messages(),
        "temperature": parameters["temperature"],
        "top_p": parameters["top_p"],
        "max_tokens": parameters["max_tokens"],
        "seed": int(call.key, 16) % _NO_SEED,
    }
    if call.schema and _is_held(call):
        body |= _held(json.dumps(call.schema), call.comment).body
        # Cut short, an option could read as another one.
        body["max_tokens"] += longest_option(call.schema)
    return body
