"""How long ``import edsl_nb`` takes, and that nothing heavy comes with it."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

from tests.benchmarks.conftest import ROOT, Finding, Program
from tests.isolation import clean_environment

_TIME = re.compile(r"import time:\s+\d+ \|\s+(\d+) \| edsl_nb$", re.MULTILINE)

#: What must not come along before it is used.
HEAVY = ["pandas", "anywidget", "aiohttp", "httpx", "IPython", "pydantic", "jinja2"]


def import_time() -> float:
    """Milliseconds, as ``python -X importtime`` counts them."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import edsl_nb"],
        cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = _TIME.search(done.stderr)
    assert found is not None, done.stderr[-500:]
    return int(found[1]) / 1000


def test_import(benchmark: Any, finding: Finding, program: Program) -> None:
    import_time()  # compiles what has changed
    times: list[float] = []
    benchmark.pedantic(lambda: times.append(import_time()), rounds=7)
    heavy = program(
        f"import json, sys, edsl_nb\nprint(json.dumps([name for name in {HEAVY} if name in sys.modules]))"
    )
    assert not {"pandas", "anywidget"} & set(heavy)
    finding(
        f"import edsl_nb: {min(times):.0f} to {max(times):.0f} ms (-X importtime); "
        f"of {', '.join(HEAVY)} it imports {', '.join(heavy) or 'none'}"
    )
