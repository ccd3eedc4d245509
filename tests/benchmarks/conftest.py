"""What benchmarks share: machine facts on top, findings at the end, programs in a fresh interpreter.

make bench ARGS=--long    # measures also what takes minutes
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.foreign import environments
from tests.isolation import clean_environment

ROOT = Path(__file__).parents[2]

#: Seconds before the server on this machine answers.
LATENCY = 0.05

_findings = pytest.StashKey[list[str]]()

#: Keeps a line for the end of the output.
Finding = Callable[[str], None]

#: Runs a program in a fresh interpreter with an empty home, and returns the JSON that it prints last.
Program = Callable[[str], Any]

#: The same in the environment of another package; takes its name, the program and environment variables.
ForeignProgram = Callable[..., Any]


def _processor() -> str:
    """The processor's name, where the system says it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _facts() -> list[str]:
    memory = psutil.virtual_memory().total / 2**30
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    packages = ("aiohttp", "jinja2", "pydantic", "edsl_nb")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return [
        f"processor: {_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB; load {load}",
        f"system: {platform.platform()}; the store lies in {tempfile.gettempdir()}",
        f"{python}, SQLite {sqlite3.sqlite_version}, {versions}",
    ]


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Figures mean nothing without the machine."""
    return _facts()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="measure also what takes minutes")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_findings] = []


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print what was found, and the machine again: the last lines are what people copy."""
    terminalreporter.section("measured")
    for line in (*config.stash[_findings], "", *_facts()):
        terminalreporter.write_line(line)


@pytest.fixture
def finding(pytestconfig: pytest.Config) -> Finding:
    """Keep a line for the end of the output."""
    return pytestconfig.stash[_findings].append


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a server in a process of its own."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.real.openai_server", "--latency", str(LATENCY)],
        cwd=ROOT, env=clean_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdin is not None
    assert server.stdout is not None
    yield server.stdout.readline().strip()
    server.stdin.close()
    server.wait(10)


@pytest.fixture
def foreign(tmp_path: Path) -> ForeignProgram:
    """Run a program with another package's interpreter; skips where that package is not there."""

    def run(name: str, source: str, **variables: str) -> Any:
        reason = environments.missing(name)
        if reason:
            pytest.skip(reason)
        # No proxy answers there: what tries the network fails at once.
        nowhere = "http://127.0.0.1:9"
        here = {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "NO_PROXY": "127.0.0.1"}
        done = subprocess.run(
            [environments.python_of(name), "-c", source],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **here, **variables},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


@pytest.fixture
def program(private_home: Path) -> Program:
    """Run a program in a fresh interpreter."""

    def run(source: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-c", source],
            cwd=ROOT,
            env=clean_environment(EDSL_NB_HOME=str(private_home)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run
