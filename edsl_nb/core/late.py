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
    "dataset": ("edsl_nb.results.dataset", "Dataset"),
    "show": ("edsl_nb.notebook.display", "show"),
    "freeze": ("edsl_nb.notebook.display", "freeze"),
    "show_link": ("edsl_nb.notebook.link", "show_link"),
    "traceback": ("edsl_nb.notebook.tracebacks", "rendered"),
    "show_life": ("edsl_nb.notebook.alive", "show_life"),
    "watch": ("edsl_nb.notebook.watch", "watch"),
    "push": ("edsl_nb.coop.verbs", "push"),
    "pull": ("edsl_nb.coop.verbs", "pull"),
    "patch": ("edsl_nb.coop.verbs", "patch"),
    "delete": ("edsl_nb.coop.verbs", "delete"),
    "list_objects": ("edsl_nb.coop.verbs", "list_objects"),
    "list_jobs": ("edsl_nb.coop.verbs", "list_jobs"),
    "alist_jobs": ("edsl_nb.coop.verbs", "alist_jobs"),
    "run_remotely": ("edsl_nb.coop.verbs", "run_remotely"),
    "resume_remotely": ("edsl_nb.coop.verbs", "resume_remotely"),
    "remote_shelf": ("edsl_nb.coop.remote_cache", "remote_shelf"),
    "fill_at_end": ("edsl_nb.coop.remote_cache", "fill_at_end"),
    "has_coop_key": ("edsl_nb.coop.access", "has_key"),
    "fetch_jobs": ("edsl_nb.coop.verbs", "fetch_jobs"),
}


@cache
def _resolve(verb: str) -> Any:
    module, function = VERBS[verb]
    return getattr(import_module(module), function)


def call(verb: str, *args: Any, **kwargs: Any) -> Any:
    """Do `verb` with what the layer above provides for it."""
    return _resolve(verb)(*args, **kwargs)
