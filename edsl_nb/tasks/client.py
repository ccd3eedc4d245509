"""AgentBench's forms of an agent, and of what reads configurations."""

from __future__ import annotations

import os
from typing import Any

from edsl_nb.tasks.config import load_config


class AgentClient:
    """An agent in AgentBench's form. Subclass it, and give an object of it to `Benchmark.by`.

    Any object with `inference` will do; this class is there for agents that subclass it.

    Example:
        >>> class Parrot(AgentClient):
        ...     def inference(self, history):
        ...         return history[-1]["content"]
        >>> Parrot().inference([{"role": "user", "content": "Hello"}])
        'Hello'
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def inference(self, history: list[dict[str, str]]) -> str:
        """The agent's next turn. Called in a thread; a coroutine function is awaited.

        Parameters:
            history: dicts of ``role``, which is ``user`` or ``agent``, and ``content``.

        Raises:
            AgentContextLimitException: for the agent the conversation has become too long.
        """
        raise NotImplementedError


class ConfigLoader:
    """AgentBench's form of `edsl_nb.tasks.config.load_config`, for tasks that read files of their own."""

    def load_from(self, path: str | os.PathLike[str]) -> dict[str, Any]:
        """What a configuration says, with its ``import``, ``default`` and ``overwrite`` carried out.

        Parameters:
            path: the file, YAML or JSON.

        Raises:
            TaskError: it cannot be read.
        """
        return load_config(path)
