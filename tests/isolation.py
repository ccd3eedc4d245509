"""Keeps tests away from the keys, stores and settings of the person who runs them."""

from __future__ import annotations

import os
from collections.abc import Iterable


def personal_variables(names: Iterable[str]) -> list[str]:
    """Those environment variables that hold a key or a setting of ours or of EDSL's."""
    return [name for name in names if name.endswith("_API_KEY") or name.startswith("EDSL_")]


def clean_environment(**added: str) -> dict[str, str]:
    """This process's environment without personal variables, for a subprocess."""
    kept = dict(os.environ)
    for name in personal_variables(kept):
        del kept[name]
    return kept | added
