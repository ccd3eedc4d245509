"""Runs every linter, also after one has failed, and says at the end which did.

python -m tools.run_lint
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

#: What it is -> its command.
LINTERS: dict[str, list[str]] = {
    "ruff, rules": [str(BIN / "ruff"), "check", "--quiet", "."],
    "ruff, layout": [str(BIN / "ruff"), "format", "--check", "--quiet", "--diff", "."],
    "pyright": [str(BIN / "pyright"), "--warnings"],
    "import-linter": [str(BIN / "lint-imports"), "--no-logo"],
    "TypeScript": [sys.executable, "hatch_build.py", "npm", "run", "--silent", "typecheck"],
    "eslint": [sys.executable, "hatch_build.py", "npm", "run", "--silent", "lint"],
}


def main() -> int:
    """Run them all; the exit code is 1 if one found something."""
    found: list[str] = []
    for name, command in LINTERS.items():
        started = time.monotonic()
        print(f"\n=== {name}", flush=True)
        code = subprocess.run(command, cwd=ROOT).returncode
        print(f"{name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - started:.1f} s)", flush=True)
        if code:
            found.append(name)
    print(f"\nLint: {'found nothing.' if not found else 'FAILED: ' + ', '.join(found)}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
