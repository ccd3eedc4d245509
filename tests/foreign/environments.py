"""Environments with other people's packages, which must not mix with ours.

Each is a virtual environment of its own in `.cache/foreign`, made once.

    python -m tests.foreign.environments           # make what the tests use and is missing
    python -m tests.foreign.environments bench     # and what benchmarks compare with
"""

from __future__ import annotations

import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from tools.pip_install import InstallError, pip_install

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "foreign"

#: Name of the environment -> what pip installs into it. A changed requirement is a new name.
ENVIRONMENTS: dict[str, list[str]] = {
    "edsl-1.0.9": ["edsl==1.0.9"],
}

#: What only benchmarks compare with, which takes a while to install.
FOR_BENCHMARKS: dict[str, list[str]] = {
    "inspect-ai-0.3.285": ["inspect-ai==0.3.285", "openai==3.54.0"],
}


def python_of(name: str) -> Path:
    """The interpreter of an environment, there or not."""
    return CACHE / name / "bin" / "python"


def missing(name: str) -> str | None:
    """Why an environment cannot be used, or None where it can."""
    if (CACHE / name / "ready").is_file():
        return None
    note = CACHE / name / "why-not"
    if note.is_file():
        return f"{name} could not be installed: {note.read_text(encoding='utf-8')}"
    return f"the environment of {name} was not made: run `make foreign`"


def make(name: str) -> None:
    """Make an environment; quick where that was done before.

    Raises:
        InstallError: pip could not install the packages.
    """
    ready = CACHE / name / "ready"
    if ready.is_file() and ready.read_text(encoding="utf-8") == sys.version:
        return
    venv.create(CACHE / name, clear=True, with_pip=True, symlinks=True)
    packages = {**ENVIRONMENTS, **FOR_BENCHMARKS}[name]
    pip_install(f"{name} in an environment of its own", packages, python=python_of(name))
    ready.write_text(sys.version, encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Make the environments; one that cannot be made is said and leaves the others alone."""
    for name in [*ENVIRONMENTS, *(FOR_BENCHMARKS if "bench" in arguments else ())]:
        try:
            make(name)
        except InstallError as error:
            reason = str(error).splitlines()[-1]
            (CACHE / name / "why-not").write_text(reason, encoding="utf-8")
            print(f"{name} cannot be had; its tests will not run: {reason}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
