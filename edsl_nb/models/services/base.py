"""What a model service has to provide, whether it answers over HTTP or in this process."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from edsl_nb.core.errors import ServiceError

if TYPE_CHECKING:
    from edsl_nb.models.call import ModelCall, Reply
    from edsl_nb.models.model import Model


class Service(ABC):
    """One way to reach models. There is one object per service in a process.

    Class attributes:
        name: as users write it in ``service_name=``.
        parameters: parameters with their defaults; they are part of the seed's cache key.
        settings: further parameters with their defaults, which are not part of
            that key; those that can change a reply stand in `shape`.
        price_id: the provider's name in the price list, or None where calls cost nothing.
    """

    name: ClassVar[str]
    parameters: ClassVar[Mapping[str, Any]]
    settings: ClassVar[Mapping[str, Any]] = {}
    price_id: ClassVar[str | None] = None

    def names(self) -> Iterable[str]:
        """The models that are known by name, of a service that is in no price list."""
        return ()

    def claims(self, model_name: str) -> bool:
        """Whether a model name without a service is meant for this one."""
        return False

    def validate(self, model: Model) -> None:  # noqa: B027 - most services take any value
        """Raise a ModelError if a parameter of the model is not as this service needs it."""

    @abstractmethod
    def check(self, model: Model) -> None:
        """Raise one clear error if calls to this model cannot work here: no key, no extra, no file."""

    def address(self, model: Model) -> str:
        """Where the model answers; empty for a model in this process."""
        return ""

    def priced_here(self, model: Model) -> bool:
        """Whether the provider's list prices hold at the model's address."""
        return True

    def takes_key_of_service(self, model: Model) -> bool:
        """Whether a key that is meant for the service may be sent to where the model answers."""
        return False

    def account(self, model: Model) -> str:
        """A digest that tells accounts (keys) apart; empty without one."""
        return ""

    def shape(self, call: ModelCall) -> str:
        """Digest of whatever shapes the reply beyond the seed's key; empty in the plain case."""
        return ""

    def concurrency(self, model: Model) -> int:
        """How many calls may be in flight at once."""
        return 200

    def read(self, raw: str) -> Reply:
        """The reply in a response of the service, as caches keep it.

        Raises:
            ServiceError: there is none in it.
        """
        raise ServiceError(f"replies of service {self.name!r} cannot be read from a cache")

    @abstractmethod
    async def call(self, call: ModelCall) -> Reply:
        """Make the call. Runs on the runner's loop and must not block it.

        Raises:
            ServiceError: the call failed; `retryable` says whether it can succeed later.
        """


def parsed(raw: str) -> Any:
    """The value of a response that is JSON.

    Raises:
        ServiceError: it is something else.
    """
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise ServiceError(f"this is no response of a service: {raw[:200]!r}") from None
