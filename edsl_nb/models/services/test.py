"""The scripted service: no network, no cost; for trying a survey and for tests."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4
from weakref import WeakKeyDictionary

from edsl_nb.core import usercode
from edsl_nb.core.errors import ModelError, ServiceError
from edsl_nb.core.json_text import json_text
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.models.services.base import Service, parsed

if TYPE_CHECKING:
    from edsl_nb.models.model import Model

#: Characters per token, for made-up token counts.
_CHARS = 4


class TestService(Service):
    """Answers from a script.

    Settings:
        canned_response: the reply to every question; or a dict of replies by
            question name; or a function or coroutine from the user text to a reply,
            whose replies are kept for this process only.
            None gives every question a valid answer made up from a digest of the
            call, so the same call has the same reply.
        latency: seconds each call takes.
        throw_exception: True makes every call fail.
    """

    __test__ = False  # pytest would take the class for tests

    name: ClassVar[str] = "test"
    parameters: ClassVar[Mapping[str, Any]] = {"temperature": 0.5}
    settings: ClassVar[Mapping[str, Any]] = {
        "canned_response": None,
        "latency": 0.0,
        "throw_exception": False,
    }

    def names(self) -> Iterable[str]:
        return (self.name,)

    def claims(self, model_name: str) -> bool:
        return model_name == "test"

    def validate(self, model: Model) -> None:
        canned = model.settings["canned_response"]
        if not (canned is None or isinstance(canned, str | Mapping) or callable(canned)):
            raise ModelError(
                "a text, a dict of texts by question name, or a function is wanted",
                field="canned_response",
                value=canned,
                remedy='Such as Model("test", canned_response="Blue").',
            )
        latency = model.settings["latency"]
        if not isinstance(latency, int | float) or latency < 0:
            raise ModelError(
                "seconds, 0 or more, are wanted",
                field="latency",
                value=latency,
                remedy="Such as latency=0.1.",
            )

    def check(self, model: Model) -> None:
        """The scripted model works everywhere."""

    def shape(self, call: ModelCall) -> str:
        canned = call.model.settings["canned_response"]
        if canned is None:
            return _digest(call.schema.text) if call.schema else ""
        if callable(canned):
            return _token(canned)
        return _digest(json.dumps(_canned(canned, call.question_name)))

    async def call(self, call: ModelCall) -> Reply:
        settings = call.model.settings
        if settings["latency"]:
            await asyncio.sleep(settings["latency"])
        if settings["throw_exception"]:
            raise ServiceError(
                "the scripted model was told to fail", remedy="Leave out throw_exception=True."
            )
        canned = settings["canned_response"]
        user = call.turns[-1][1]
        if canned is None:
            text = call.simulated()
        elif callable(canned):
            text = await _from_function(canned, user)
        else:
            text = _canned(canned, call.question_name)
        tokens_in = (len(call.system) + sum(len(t) for _, t in call.turns)) // _CHARS
        tokens_out = max(1, len(text) // _CHARS)
        usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}
        raw = json_text({"message": [{"text": text}], "usage": usage})
        return Reply(text, raw, tokens_in, tokens_out, latency=settings["latency"])

    def read(self, raw: str) -> Reply:
        response = parsed(raw)
        try:
            text, usage = response["message"][0]["text"], response.get("usage") or {}
            tokens_in, tokens_out = int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0))
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            text, tokens_in, tokens_out = None, 0, 0
        if not isinstance(text, str):
            raise ServiceError(f"the response has no text in it: {raw[:200]}")
        return Reply(text, raw, tokens_in, tokens_out)


@lru_cache(maxsize=1024)
def _digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:12]


_tokens: WeakKeyDictionary[Callable[[str], object], str] = WeakKeyDictionary()


def _token(function: Callable[[str], object]) -> str:
    """A text of a function's own: what it returns depends on more than its name and its code."""
    try:
        return _tokens.setdefault(function, uuid4().hex)
    except TypeError:  # not one that can be remembered, so it is never taken for another
        return uuid4().hex


def _canned(canned: str | Mapping[str, Any], question_name: str) -> str:
    if isinstance(canned, str):
        return canned
    return str(canned.get(question_name, f"There is no canned response for {question_name!r}."))


async def _from_function(function: Callable[[str], object], user: str) -> str:
    try:
        return str(await usercode.call(function, user))
    except Exception as failure:
        raise ServiceError(
            f"the canned_response function raised {type(failure).__name__}: {failure}"
        ) from failure
