"""`CacheEntry`: one reply of a model, with the call that it came from."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from pydantic import Field

from edsl_nb.core.errors import CacheError, EdslNbError
from edsl_nb.core.frozen import plain
from edsl_nb.core.objects import DomainObject, untagged


class CacheEntry(DomainObject):
    """A model's reply, with the call that it came from.

    Parameters:
        model: name of the model.
        parameters: its parameters.
        system_prompt, user_prompt: what it was sent.
        output: what came back: the service's response as JSON text.
        iteration: 0 for the first reply to the same call, then 1, 2, ...
        timestamp: when, in seconds since 1970; now when None.
        service: name of the service, or None where it is not known.
        validated: whether the reply was found to be a valid answer.

    Raises:
        CacheError: a parameter is not as it has to be.
    """

    error: ClassVar[type[EdslNbError]] = CacheError
    saved_as: ClassVar[str] = "CacheEntry"
    variable: ClassVar[str] = "entry"

    model: str
    parameters: dict[str, Any]
    system_prompt: str
    user_prompt: str
    output: str
    iteration: int = Field(default=0, ge=0)
    timestamp: int
    service: str | None = None
    validated: bool = False

    def __init__(
        self,
        model: str,
        parameters: dict[str, Any],
        system_prompt: str,
        user_prompt: str,
        output: str,
        iteration: int | None = None,
        timestamp: int | None = None,
        service: str | None = None,
        validated: bool = False,
        **unknown: Any,
    ) -> None:
        super().__init__(
            model=model,
            parameters=parameters,
            system_prompt=system_prompt,
            user_prompt=user_prompt,
            output=output,
            iteration=0 if iteration is None else iteration,
            timestamp=int(time.time()) if timestamp is None else timestamp,
            service=service,
            validated=validated,
            **unknown,
        )
        _digest([self.model, self.parameters])  # which JSON has to be able to write

    @property
    def key(self) -> str:
        """The key of the call, as EDSL computes it: what was sent, with the iteration."""
        return call_key(self.model, self.parameters, self.system_prompt, self.user_prompt, self.iteration)

    def to_dict(self) -> dict[str, Any]:
        """The entry in EDSL's JSON; without what older EDSLs do not know, where it says nothing."""
        unsaid = {"service"} if self.service is None else set[str]()
        if not self.validated:
            unsaid.add("validated")
        names = (name for name in type(self).model_fields if name not in unsaid)
        return {**plain(self._extras), **{name: plain(getattr(self, name)) for name in names}}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> CacheEntry:
        """The entry that `to_dict` wrote, here or in EDSL.

        Raises:
            CacheError: a field is missing or not as it has to be.
        """
        fields = untagged(data, "CacheEntry")
        for name in ("model", "parameters", "system_prompt", "user_prompt", "output"):
            if name not in fields:
                raise CacheError(
                    "the JSON of a cache entry needs this", field=name, remedy="Pass what to_dict() gave."
                )
        known = {name: fields.pop(name) for name in tuple(fields) if name in cls.model_fields}
        return cls._of_stored(known, fields)

    @classmethod
    def example(cls) -> CacheEntry:
        """An entry to try things with."""
        output = json.dumps({"message": [{"text": "Blue."}]})
        return cls("test", {"temperature": 0.5}, "", "Which color?", output, timestamp=1_700_000_000)


def call_key(
    model: str, parameters: Mapping[str, Any], system_prompt: str, user_prompt: str, iteration: int
) -> str:
    """The key of a call, as EDSL computes it.

    Raises:
        CacheError: JSON cannot write the parameters.
    """
    return _digest([model, parameters, system_prompt, user_prompt, iteration])


def _digest(parts: list[Any]) -> str:
    try:
        texts = [
            str(part) if not isinstance(part, Mapping) else json.dumps(part, sort_keys=True) for part in parts
        ]
    except (TypeError, ValueError) as wrong:
        raise CacheError(
            f"JSON cannot write this: {wrong}",
            field="parameters",
            value=parts[1],
            remedy="Give plain values.",
        ) from None
    return hashlib.md5("".join(texts).encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()


def stored_entry(data: Any, where: str) -> CacheEntry:
    """An entry from its JSON.

    Parameters:
        where: where it stands, for messages.

    Raises:
        CacheError: it is no entry.
    """
    if not isinstance(data, dict):
        raise CacheError(
            f"a cache entry is wanted at {where}",
            field="data",
            value=data,
            remedy="Pass what to_dict() gave.",
        )
    try:
        return CacheEntry.from_dict(cast(dict[str, Any], data))
    except CacheError as wrong:
        raise wrong.at(where) from None
