"""Which reply on disk belongs to which call."""

from __future__ import annotations

from typing import NamedTuple

from edsl_nb.models.call import ModelCall
from edsl_nb.models.model import Model
from edsl_nb.models.services import Service
from edsl_nb.models.services.dry_run import DRY_RUN
from edsl_nb.runner.transaction import CallId


class _Answerer(NamedTuple):
    """The service that answers for a model, and where. It holds the model, so that its id stays its own."""

    model: Model
    service: Service
    address: str


class Identities:
    """Tells calls apart. Who answers for a model is looked up once, as it may take the environment and files.

    Parameters:
        dry_run: whether replies are made up, whatever the model.
    """

    __slots__ = ("_answerers", "_dry_run")

    def __init__(self, dry_run: bool = False) -> None:
        self._dry_run = dry_run
        # By the model's id, because hashing models takes long.
        self._answerers: dict[int, _Answerer] = {}

    def of(self, call: ModelCall) -> tuple[Service, CallId]:
        """The service that a call is made of, and what its reply is found by."""
        model = call.model
        found = self._answerers.get(id(model))
        if found is None:
            service = DRY_RUN if self._dry_run else model.service
            found = self._answerers[id(model)] = _Answerer(model, service, service.address(model))
        _, service, address = found
        return service, CallId(call.key, service.name, address, service.shape(call))
