"""Finds a Chromium for the browser tests, or installs one.

    python -m tests.browser.chromium    # find or install; says what it found

Looked for in this order: `EDSL_NB_CHROMIUM`, an installed one, Playwright's own. Installed in this order:
Playwright's own, then the system's package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

VARIABLE = "EDSL_NB_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

#: Longest time for a download of Playwright's browser, in seconds.
DOWNLOAD_TIMEOUT = 300

NONE_FOUND = (
    "no Chromium: none is installed and none could be. "
    f"Install one, or name one in {VARIABLE}, and run the browser tests again"
)

#: Headless, as root, without a GPU and without a word to the network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def find() -> Path | None:
    """The program to start, or None. One that does not even say its version is passed over."""
    named = os.environ.get(VARIABLE)
    if named:
        return _working(named)
    candidates = [shutil.which(name) for name in NAMES] + [*MAC_APPLICATIONS, _playwrights_own()]
    return next((found for name in candidates if name and (found := _working(name))), None)


def version(program: Path) -> str:
    """What the browser calls itself, such as ``Chromium 156.0.8078.79 ...``; empty if it does not run."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _working(name: str) -> Path | None:
    path = Path(name)
    return path if path.is_file() and version(path) else None


def _playwrights_own() -> str | None:
    """Where Playwright keeps or would keep its browser.

    Asked in a process of its own: Playwright's synchronous interface must not start twice in one.
    """
    ask = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
    return done.stdout.strip() or None


def install() -> None:
    """Try each way of getting a Chromium until one is found."""
    print("No Chromium is installed; asking Playwright for its own ...", flush=True)
    if _run([sys.executable, "-m", "playwright", "install", "chromium"], DOWNLOAD_TIMEOUT) and find():
        return
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Playwright's could not be had; asking the system's package manager ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "-qq", "update"], 300, environment)
        for package in ("chromium", "chromium-browser"):
            if _run(["apt-get", "-qq", "-y", "install", package], 900, environment) and find():
                return


def _run(command: list[str], timeout: float, environment: dict[str, str] | None = None) -> bool:
    """Run and tell whether it worked; only a failure's last lines are printed."""
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=timeout,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        print(f"  `{' '.join(command[-3:])}` gave no answer in {timeout:.0f} s")
        return False
    if done.returncode:
        print("".join(f"  {line}\n" for line in done.stdout.splitlines()[-5:]), end="")
    return done.returncode == 0


def main() -> int:
    """Find or install a browser. That none can be had is no error: the tests say so and are skipped."""
    found = find()
    if found is None and not os.environ.get(VARIABLE):
        install()
        found = find()
    if found is None:
        print(f"THE BROWSER TESTS WILL NOT RUN: {NONE_FOUND}", file=sys.stderr)
    else:
        print(f"Chromium: {found} ({version(found)})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
