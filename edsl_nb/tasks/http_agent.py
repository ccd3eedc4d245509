"""`HTTPAgent`: AgentBench's agent that asks a web service."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from edsl_nb.core import secrets
from edsl_nb.core.errors import ServiceError
from edsl_nb.core.settings import settings
from edsl_nb.models import http
from edsl_nb.models.refusals import refused
from edsl_nb.runner import loop as runner_loop
from edsl_nb.tasks.client import AgentClient
from edsl_nb.tasks.prompters import History, prompter
from edsl_nb.tasks.typings import AgentContextLimitException, TaskError

#: Seconds before the second attempt, on average, and most seconds before any.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0

#: A place in a format, such as ``{response[choices][0][text]}``, or a doubled brace.
_PLACE = re.compile(r"\{\{|\}\}|\{(?P<path>[^{}]*)\}|[{}]")
_PATH = re.compile(r"response(?:\[[^\[\]]+\])*")


class HTTPAgent(AgentClient):
    """An agent behind a web service, with the parameters of AgentBench's.

    A request is tried again where that can help: without a connection, on overload and on rate
    limits, which are never taken for a conversation that is too long. A model of a service that
    `Model` knows is better given as a model: its replies are kept, counted and paid for once.

    Parameters:
        url: where requests are posted.
        headers: of each request. Their values are kept out of every text.
        body: what each request holds besides the history.
        proxies: ``{"http": ..., "https": ...}``; None for what the environment says.
        prompter: how the history is put into the request: ``{"name": ..., "args": {...}}``, one of
            ``role_content_dict``, ``batched_role_content_dict``, ``prompt_string``, ``claude``, ``palm``.
        return_format: the answer's text, made of ``{response}``, such as
            ``{response[choices][0][message][content]}``.
        name: in results; the service's host if left out.
        unknown: taken and passed over, as AgentBench does.

    Raises:
        TaskError: a parameter is not as it has to be.

    Example:
        >>> HTTPAgent(
        ...     url="https://llm.example.com/v1/chat/completions",
        ...     body={"model": "small", "temperature": 0},
        ...     prompter={"name": "role_content_dict", "args": {"agent_role": "assistant"}},
        ...     return_format="{response[choices][0][message][content]}",
        ... )
        HTTPAgent('llm.example.com')
    """

    def __init__(
        self,
        url: str,
        proxies: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        return_format: str = "{response}",
        prompter: Mapping[str, Any] | None = None,
        name: str | None = None,
        **unknown: Any,
    ) -> None:
        super().__init__()
        parts = urlsplit(url) if isinstance(url, str) else None
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            raise TaskError(
                "this is no address", field="url", value=url, remedy="Such as 'https://example.com/v1/chat'."
            )
        for field, given in (("body", body), ("headers", headers), ("proxies", proxies)):
            if not isinstance(given, Mapping | None):
                raise TaskError(
                    "a mapping is wanted", field=field, value=given, remedy=f"Such as {field}={{'a': 'b'}}."
                )
        self._url, self._scheme = url, parts.scheme
        self._headers = {str(one): str(value) for one, value in (headers or {}).items()}
        self._body, self._proxies = dict(body or {}), dict(proxies or {})
        self._prompt = _prompter(prompter)
        self._format = _Format(return_format)
        self.name = name or parts.hostname
        for value in (*self._headers.values(), *(value for _, value in parse_qsl(parts.query))):
            secrets.register(value.removeprefix("Bearer ").strip())

    async def inference(self, history: History) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The service's answer to a history.

        Raises:
            AgentContextLimitException: the conversation is too long for it.
            ServiceError: it failed, as often as it was tried.
        """
        body = {**self._body, **self._prompt(history)}
        attempt = 1
        while True:
            try:
                return await self._ask(body)
            except ServiceError as failure:
                if refused(failure) == "context":
                    raise AgentContextLimitException(failure.problem) from None
                if not failure.retryable or attempt >= settings.max_attempts:
                    raise
                pause = failure.retry_after or _FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)
            attempt += 1
            await asyncio.sleep(min(pause, _LONGEST_PAUSE))

    async def _ask(self, body: Mapping[str, Any]) -> str:
        proxy = self._proxies.get(self._scheme)
        request = http.post_json(self._url, body, self._headers, proxy)
        answer = await asyncio.wrap_future(runner_loop.submit(request))
        return self._format.fill(answer.value)

    def __repr__(self) -> str:
        return f"HTTPAgent({self.name!r})"


_prompter = prompter


class _Format:
    """A format over ``response``. Unlike Python's own it reaches into values and not into objects.

    Parameters:
        given: the format.

    Raises:
        TaskError: it is none.
    """

    def __init__(self, given: object) -> None:
        if not isinstance(given, str):
            raise _no_format(given)
        for place in _PLACE.finditer(given):
            path = place["path"]
            whole = place[0] in ("{{", "}}") or (path is not None and _PATH.fullmatch(path))
            if not whole:
                raise _no_format(given)
        self._given = given

    def fill(self, response: Any) -> str:
        """The text that a response gives.

        Raises:
            ServiceError: it has nothing there.
        """

        def found(place: re.Match[str]) -> str:
            path = place["path"]
            return place[0][0] if path is None else _text_at(response, path)

        return _PLACE.sub(found, self._given)


def _text_at(response: Any, path: str) -> str:
    value = response
    for key in re.findall(r"\[([^\[\]]+)\]", path):
        try:
            value = cast(Any, value[int(key)] if isinstance(value, list) else value[key])
        except (KeyError, IndexError, ValueError, TypeError):
            raise ServiceError(
                f"there is no {path} in the response: {json.dumps(response)[:300]}",
                remedy="Check return_format.",
            ) from None
    if value is None:
        raise ServiceError(f"{path} is null in the response: {json.dumps(response)[:300]}")
    return value if isinstance(value, str) else str(value)


def _no_format(given: object) -> TaskError:
    return TaskError(
        "this is no format of a response",
        field="return_format",
        value=given,
        remedy="Such as '{response[choices][0][message][content]}'; {{ and }} stand for braces.",
    )
