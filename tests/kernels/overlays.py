"""Environments that differ from the main one in their ipykernel only.

How a click reaches Python depends on the ipykernel (see ARCHITECTURE.md), so kernel and browser tests run on
several. Each version has a small virtual environment in `.cache/kernels` whose packages come first and
which sees everything else of the main environment, the editable `edsl_nb` included.

    python -m tests.kernels.overlays    # make what is missing
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

from tools.pip_install import InstallError, pip_install

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "kernels"

#: Versions of ipykernel, oldest first; `ipykernel-6.31` is the name of a kernel.
VERSIONS = ("6.31", "7.3", "7.4")

#: Add this folder to JUPYTER_PATH and the kernels are found by name.
JUPYTER_FOLDER = CACHE / "share" / "jupyter"


def kernel_name(version: str) -> str:
    """The kernel's name in Jupyter."""
    return f"ipykernel-{version}"


def missing(version: str) -> str | None:
    """Why the kernel of this version cannot be used, or None where it can."""
    note = CACHE / version / "why-not"
    if (JUPYTER_FOLDER / "kernels" / kernel_name(version) / "kernel.json").is_file():
        return None
    if note.is_file():
        return f"ipykernel {version} could not be installed: {note.read_text(encoding='utf-8')}"
    return f"the environment of ipykernel {version} was not made: run `make kernels`"


def make(version: str) -> None:
    """Make the environment and register its kernel; quick where that was done before.

    Raises:
        InstallError: pip could not install that ipykernel.
    """
    folder = CACHE / version
    made_for = folder / "made-for"
    wanted = f"{sys.executable} {sys.version} {metadata.version('ipykernel')}"
    if made_for.is_file() and made_for.read_text(encoding="utf-8") == wanted and missing(version) is None:
        return
    spec_folder = JUPYTER_FOLDER / "kernels" / kernel_name(version)
    shutil.rmtree(spec_folder, ignore_errors=True)
    venv.create(folder, clear=True, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    _see_main_environment(python)
    pip_install(f"ipykernel {version} beside the main one", [f"ipykernel=={version}.*"], python=python)
    spec_folder.mkdir(parents=True)
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": f"Python 3 (ipykernel {version})",
        "language": "python",
    }
    (spec_folder / "kernel.json").write_text(json.dumps(spec, indent=1), encoding="utf-8")
    made_for.write_text(wanted, encoding="utf-8")


def _see_main_environment(python: Path) -> None:
    """Let the environment of `python` import what this one can, after its own packages.

    `addsitedir` rather than a plain path: it also reads the .pth file of an editable install.
    """
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    line = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (Path(own) / "zz_main_environment.pth").write_text(line, encoding="utf-8")


def main() -> int:
    """Make every environment; one that cannot be made is said and leaves the others alone."""
    for version in VERSIONS:
        try:
            make(version)
        except InstallError as error:
            reason = str(error).splitlines()[-1]
            (CACHE / version / "why-not").write_text(reason, encoding="utf-8")
            print(f"ipykernel {version} cannot be had; its tests will not run: {reason}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
