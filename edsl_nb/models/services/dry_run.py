"""What answers in place of every model in a dry run: valid answers, made up, at no cost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.models.services.base import Service

if TYPE_CHECKING:
    from edsl_nb.models.model import Model


class DryRunService(Service):
    """Answers every call with made-up data. Nobody chooses it: runs with ``dry_run=True`` do.

    Its replies have a service and addresses of their own, so that no other run takes them.
    """

    name: ClassVar[str] = "dry run"
    parameters: ClassVar[Mapping[str, Any]] = {}

    def check(self, model: Model) -> None:
        """It works everywhere, without keys."""

    def address(self, model: Model) -> str:
        return model.service_name

    def shape(self, call: ModelCall) -> str:
        return call.question_name

    async def call(self, call: ModelCall) -> Reply:
        text = call.simulated()
        return Reply(text, json.dumps({"dry_run": True, "text": text}))


#: The one object of it.
DRY_RUN = DryRunService()
