"""Executes the example notebooks with the scripted model and saves them as they show without a kernel.

    python -m tools.save_examples    # or: make examples

Run it after changing a notebook or a display; the tests compare what is saved with what a run shows.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parents[1] / "example_notebooks"

FREEZE = "import edsl_nb\nedsl_nb.freeze_all()"


def save(path: Path) -> None:
    """Execute one notebook, freeze its displays, and write it back."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(FREEZE))
    NotebookClient(
        notebook, store_widget_state=False, resources={"metadata": {"path": str(FOLDER)}}
    ).execute()
    notebook.cells.pop()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of this run
    nbformat.write(notebook, path)


def main() -> int:
    for path in sorted(FOLDER.glob("*.ipynb")):
        print(f"Saving {path.name} ...", flush=True)
        # Each with an empty store, as runs say what they find there.
        with tempfile.TemporaryDirectory() as home:
            os.environ.update(EDSL_NB_HOME=home, EDSL_DEFAULT_MODEL="test")
            save(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
