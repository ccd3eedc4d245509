"""AgentBench's prompters: how a history becomes part of a request's body."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, cast

from edsl_nb.core.errors import nearest
from edsl_nb.tasks.typings import TaskError

#: A history as agents of AgentBench get it.
History = Sequence[Mapping[str, str]]

#: Makes a dict that is merged over a request's body.
Prompter = Callable[[History], dict[str, Any]]


def role_content_dict(
    message_key: str = "messages",
    role_key: str = "role",
    content_key: str = "content",
    user_role: str = "user",
    agent_role: str = "agent",
) -> Prompter:
    """A list of turns; for APIs like OpenAI's with ``agent_role="assistant"``.

    Parameters:
        message_key: the name of the list.
        role_key, content_key: the names of a turn's fields.
        user_role, agent_role: what the roles are called.
    """
    roles = {"user": user_role, "agent": agent_role}

    def prompt(history: History) -> dict[str, Any]:
        turns = [{role_key: roles[turn["role"]], content_key: turn["content"]} for turn in history]
        return {message_key: turns}

    return prompt


def batched_role_content_dict(**names: Any) -> Prompter:
    """As `role_content_dict`, in a list, as of a batch of one."""
    one = role_content_dict(**names)
    return lambda history: {name: [value] for name, value in one(history).items()}


def prompt_string(
    prefix: str = "",
    suffix: str = "AGENT:",
    user_format: str = "USER: {content}\n\n",
    agent_format: str = "AGENT: {content}\n\n",
    prompt_key: str = "prompt",
) -> Prompter:
    """One text of all turns.

    Parameters:
        prefix, suffix: the text's beginning and end.
        user_format, agent_format: a turn, with its text at ``{content}``.
        prompt_key: the name of the text.
    """
    formats = {"user": user_format, "agent": agent_format}

    def prompt(history: History) -> dict[str, Any]:
        turns = [formats[turn["role"]].replace("{content}", turn["content"]) for turn in history]
        return {prompt_key: prefix + "".join(turns) + suffix}

    return prompt


def claude() -> Prompter:
    """One text of all turns, as the first models of Anthropic take it."""
    return prompt_string(
        suffix="\n\nAssistant:", user_format="\n\nHuman: {content}", agent_format="\n\nAssistant: {content}"
    )


def palm() -> Prompter:
    """A list of turns in an instance, as Google's PaLM takes it."""
    turns = role_content_dict(role_key="author", agent_role="bot")
    return lambda history: {"instances": [turns(history)]}


PROMPTERS: dict[str, Callable[..., Prompter]] = {
    made.__name__: made
    for made in (role_content_dict, batched_role_content_dict, prompt_string, claude, palm)
}


def prompter(given: object) -> Prompter:
    """The prompter that a configuration names: ``{"name": ..., "args": {...}}``; None for the usual one.

    Raises:
        TaskError: there is none of this name, or it takes no such argument.
    """
    if given is None:
        return role_content_dict()
    described = cast(Mapping[str, Any], given) if isinstance(given, Mapping) else {}
    name, arguments = described.get("name"), described.get("args")
    if name not in PROMPTERS:
        raise TaskError(
            "there is no such prompter", field="prompter", value=given, remedy=nearest(name, PROMPTERS)
        )
    if not isinstance(arguments, Mapping | None):
        raise TaskError(
            "the arguments of a prompter are a mapping",
            field="args",
            value=arguments,
            remedy="Such as {name: role_content_dict, args: {agent_role: assistant}}.",
        )
    wanted = dict(arguments or {})
    known = _parameters(name)
    for argument, value in wanted.items():
        if argument not in known or not isinstance(value, str):
            problem = (
                f"prompter {name} takes no such argument" if argument not in known else "a text is wanted"
            )
            raise TaskError(problem, field=argument, value=value, remedy=nearest(argument, known))
    return PROMPTERS[name](**wanted)


def _parameters(name: str) -> list[str]:
    found = signature(PROMPTERS[name]).parameters
    if any(one.kind is Parameter.VAR_KEYWORD for one in found.values()):
        return _parameters("role_content_dict")
    return list(found)
