"""Runs the layers of tests one after the other and closes with what ran, what failed and what did not run.

    python -m tools.run_tests                     # every layer
    python -m tools.run_tests unit browser        # some
    python -m tools.run_tests unit -- -k cache    # with options for pytest

Each layer is a process of its own: an event loop, a browser or a variable of one cannot reach another.

Tests that drive kernels, servers and browsers meet other programs' races (ipykernel before 7.4, for one, can
leave a cell's request unread for ever). So a few failed tests are run once more, alone, in a fresh process.
A fault of ours fails again; what passes then is listed as UNSTEADY at the end, and nobody has to guess.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]

#: Name -> what it is, in the order in which layers run.
LAYERS = {
    "unit": "objects and functions alone",
    "widgets": "the TypeScript, in a simulated page",
    "real": "real SQLite, HTTP and kernels",
    "browser": "real JupyterLab in a real browser",
    "foreign": "other people's packages in environments of their own",
}

#: Processes that share a layer's files; what drives two programs at once has one.
WORKERS = {"unit": 2, "real": 2}

#: pytest's exit code for "no test was collected": a layer may be empty.
NO_TESTS = 5

#: The most failed tests of a layer that are run a second time; more are no accident.
SECOND_CHANCES = 3


@dataclass
class Outcome:
    """What came out of one layer: names of failed tests, reasons of skipped ones with their numbers."""

    layer: str
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    unsteady: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run(layer: str, options: Sequence[str]) -> Outcome:
    """Run one layer, with its output shown, and count."""
    print(f"\n=== {layer}: {LAYERS[layer]}", flush=True)
    started = time.monotonic()
    outcome = _attempt(layer, [f"-n{WORKERS.get(layer, 0)}", "--dist=loadfile", *options])
    if layer != "widgets" and 0 < len(outcome.failed) <= SECOND_CHANCES:
        print(f"\n=== {layer}: {len(outcome.failed)} failed and run once more", flush=True)
        second_chance(outcome, _attempt(layer, [*options, "--last-failed", "--last-failed-no-failures=none"]))
    outcome.seconds = time.monotonic() - started
    return outcome


def _attempt(layer: str, options: Sequence[str]) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        if layer == "widgets":
            command = [sys.executable, "hatch_build.py", "npm", "test", "--"]
            command += ["--reporter=default", "--reporter=junit", f"--outputFile.junit={report}"]
        else:
            command = [sys.executable, "-m", "pytest", f"tests/{layer}", "--no-header"]
            command += ["--durations=5", "--durations-min=5", f"--junit-xml={report}", *options]
        code = subprocess.run(command, cwd=ROOT).returncode
        outcome = count(layer, report) if report.exists() else Outcome(layer)
    if code not in (0, NO_TESTS) and not outcome.failed:
        outcome.failed = [f"{layer} broke before or after its tests"]
    return outcome


def second_chance(first: Outcome, second: Outcome) -> None:
    """Enter into the first attempt's outcome which of its failed tests passed in the second."""
    if not second.failed and second.passed == len(first.failed):
        first.passed += second.passed
        first.unsteady, first.failed = first.failed, []


def count(layer: str, report: Path) -> Outcome:
    """Read a JUnit report."""
    outcome = Outcome(layer)
    failed: dict[str, bool] = {}  # A test whose tear-down fails as well is there twice.
    for case in ElementTree.parse(report).iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed[f"{case.get('classname')}.{case.get('name')}"] = True
        elif skipped is not None:
            outcome.skipped[skipped.get("message") or "no reason given"] += 1
        else:
            outcome.passed += 1
    outcome.failed = list(failed)
    return outcome


def close(outcomes: Sequence[Outcome]) -> int:
    """Print the table, what did not run and the closing line; return the exit code."""
    print()
    for one in outcomes:
        numbers = f"{one.passed:5} passed {len(one.failed):4} failed {one.skipped.total():4} skipped"
        print(f"{one.layer:8} {numbers} {one.seconds:7.1f} s")
    reasons = [(one.layer, *skip) for one in outcomes for skip in one.skipped.items()]
    if reasons:
        print("\nDID NOT RUN:")
        for layer, reason, number in reasons:
            print(f"  {number} of {layer}: {reason}")
    for one in outcomes:
        for test in one.unsteady:
            print(f"\nUNSTEADY: {test} failed at first and passed alone")
    passed = sum(one.passed for one in outcomes)
    failed = sum(len(one.failed) for one in outcomes)
    skipped = sum(one.skipped.total() for one in outcomes)
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed or not passed else 0


def main(arguments: Sequence[str]) -> int:
    """Entry of the command line; see the top of the file."""
    words = list(arguments)
    options = words[words.index("--") + 1 :] if "--" in words else []
    layers = words[: words.index("--")] if "--" in words else words
    unknown = [layer for layer in layers if layer not in LAYERS]
    if unknown:
        print(f"There is no layer {unknown[0]}; there are: {', '.join(LAYERS)}", file=sys.stderr)
        return 2
    return close([run(layer, options) for layer in layers or LAYERS])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
