"""A call to a model and what came back. The unit that the cache, the limits and the services know."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Literal

from edsl_nb.models.quota import Quota

if TYPE_CHECKING:
    from edsl_nb.core.schema import Schema
    from edsl_nb.models.model import Model

Role = Literal["user", "assistant"]
Turn = tuple[Role, str]


@dataclass(slots=True)
class ModelCall:
    """What is asked of a model: a system text and a list of turns.

    A survey question is the case of one user turn.

    Parameters:
        model: who is asked.
        system: the system text; empty for none.
        turns: (role, text) in order.
        schema: JSON Schema of the answer, for services that can be held to one, or None.
        comment: whether a line of comment may follow the answer.
        iteration: 0 for the first draw; each iteration is a draw of its own.
        question_name: whose call this is; used by scripted models and in messages.
        simulate: makes up a reply that answers the question, for scripted models; or None.
    """

    model: Model
    system: str
    turns: tuple[Turn, ...]
    schema: Schema | None = None
    comment: bool = False
    iteration: int = 0
    question_name: str = ""
    simulate: Callable[[Random], str] | None = None
    _key: str = field(default="", init=False, repr=False, compare=False)

    @property
    def key(self) -> str:
        """The seed's cache key: MD5 of model name, sorted parameters, system text, user text, iteration.

        For more turns than one, the user text is the JSON of the turns.
        """
        if not self._key:
            turns = self.turns
            user = turns[0][1] if len(turns) == 1 else json.dumps(turns)
            text = f"{self.model.key_prefix}{self.system}{user}{self.iteration}"
            self._key = hashlib.md5(text.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()
        return self._key

    def simulated(self) -> str:
        """A made-up reply that answers the question; always the same to an equal call."""
        if self.simulate is None:
            return f"A scripted reply to {self.question_name or 'this turn'}."
        return self.simulate(Random(self.key))

    def messages(self) -> list[dict[str, str]]:
        """The messages in the form that OpenAI-shaped services take."""
        system = [{"role": "system", "content": self.system}] if self.system else []
        return system + [{"role": role, "content": text} for role, text in self.turns]


@dataclass(slots=True)
class Reply:
    """What a service gave back for a call.

    Parameters:
        text: what the model wrote.
        raw: the service's whole response as JSON text, kept for ever.
        input_tokens, output_tokens, thinking_tokens: as the service counted them.
        model_version: the model that really answered, where the service says so.
        latency: seconds the call took.
        quota: what the service said is left of its limits, where it did.
    """

    text: str
    raw: str
    input_tokens: int = 0
    output_tokens: int = 0
    thinking_tokens: int | None = None
    model_version: str | None = None
    latency: float = 0.0
    quota: Quota | None = None
