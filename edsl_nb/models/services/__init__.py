"""The services and how one is found by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from edsl_nb.core.errors import ModelError, nearest
from edsl_nb.models.services.base import Service

#: service name -> (module, class); loaded when first asked for.
SERVICES: dict[str, tuple[str, str]] = {
    "openai": ("edsl_nb.models.services.openai", "OpenAIService"),
    "local": ("edsl_nb.models.services.local", "LocalService"),
    "test": ("edsl_nb.models.services.test", "TestService"),
}


@cache
def _load(name: str) -> Service:
    module, cls = SERVICES[name]
    return getattr(import_module(module), cls)()


def service(name: str) -> Service:
    """The service of that name.

    Raises:
        ModelError: there is no such service.
    """
    if name not in SERVICES:
        raise ModelError(
            "there is no such service", field="service_name", value=name, remedy=nearest(name, SERVICES)
        )
    return _load(name)


def service_for(model_name: str) -> Service:
    """The service that a bare model name belongs to.

    Raises:
        ModelError: no service claims the name.
    """
    for name in SERVICES:
        found = service(name)
        if found.claims(model_name):
            return found
    raise ModelError(
        "no service is known for this model",
        field="service_name",
        value=model_name,
        remedy=f"Name it: Model(..., service_name=...), one of {', '.join(sorted(SERVICES))}; "
        "for an OpenAI-compatible server add base_url=.",
    )
