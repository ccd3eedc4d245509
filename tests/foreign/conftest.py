"""Fixtures for tests that run other people's packages in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.foreign import environments

#: Runs Python source in a foreign environment and returns the JSON that it printed last.
RunForeign = Callable[[str], Any]


@pytest.fixture
def edsl(tmp_path: Path) -> RunForeign:
    """Runs source in the environment of the real edsl, offline and with empty home folders."""
    return _runner("edsl-1.0.9", tmp_path)


def _runner(name: str, home: Path) -> RunForeign:
    reason = environments.missing(name)
    if reason:
        pytest.skip(reason)
    allowed = ("PATH", "LANG", "TMPDIR")
    environment = {key: os.environ[key] for key in allowed if key in os.environ}
    environment |= {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        # Nothing answers there: a package that tries the network fails at once.
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "EDSL_DATABASE_PATH": f"sqlite:///{home / 'edsl.db'}",
    }

    def run(source: str) -> Any:
        done = subprocess.run(
            [environments.python_of(name), "-c", source],
            cwd=home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{name} failed:\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout.splitlines()[-1])

    return run
