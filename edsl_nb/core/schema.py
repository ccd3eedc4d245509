"""JSON Schemas as questions give them and services are sent them."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any


class Schema(dict[str, Any]):
    """A JSON Schema that nobody changes, so that it is written once."""

    @cached_property
    def text(self) -> str:
        """Its JSON, with names in order."""
        return json.dumps(self, sort_keys=True)
