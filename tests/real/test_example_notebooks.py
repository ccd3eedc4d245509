"""The example notebooks run, and show what is saved in them, with the scripted model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edsl_nb.tasks import TaskError
from edsl_nb.tasks.examples.sandbox import check_sandbox
from tests.isolation import clean_environment

FOLDER = Path(__file__).resolve().parents[2] / "example_notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_are_example_notebooks() -> None:
    assert [path.name for path in NOTEBOOKS if path.name == "quickstart.ipynb"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_shows_what_is_saved_in_it(notebook: Path, private_home: Path) -> None:
    if notebook.stem == "task_shell":
        try:
            check_sandbox()
        except TaskError as missing:
            pytest.skip(str(missing))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--nbval",
            "--nbval-current-env",
            "--nbval-cell-timeout=60",
            "--nbval-sanitize-with",
            str(Path(__file__).with_name("nbval_sanitize.cfg")),
            "--rootdir",
            str(FOLDER),
            "-p",
            "no:cacheprovider",
            "-q",
            str(notebook),
        ],
        cwd=FOLDER,
        env=clean_environment(EDSL_NB_HOME=str(private_home), EDSL_DEFAULT_MODEL="test"),
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
