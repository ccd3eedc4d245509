"""The only place where a lower layer reaches a higher one: verbs, looked up when first used."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

#: verb -> (module, function). Nothing else in the product imports by name.
VERBS: dict[str, tuple[str, str]] = {
    "by": ("edsl_nb.jobs.jobs", "by"),
    "bundle": ("edsl_nb.widgets.render", "bundle"),
    "survey": ("edsl_nb.surveys", "Survey"),
    "show": ("edsl_nb.notebook.display", "show"),
    "freeze": ("edsl_nb.notebook.display", "freeze"),
    "traceback": ("edsl_nb.notebook.tracebacks", "rendered"),
    "watch": ("edsl_nb.notebook.watch", "watch"),
}


@cache
def _resolve(verb: str) -> Any:
    module, function = VERBS[verb]
    return getattr(import_module(module), function)


def call(verb: str, *args: Any, **kwargs: Any) -> Any:
    """Do `verb` with what the layer above provides for it."""
    return _resolve(verb)(*args, **kwargs)
