"""Layer 2: models, services, keys, prices."""

from __future__ import annotations

from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.models.model import Model, ModelList

__all__ = ["Model", "ModelCall", "ModelList", "Reply"]
