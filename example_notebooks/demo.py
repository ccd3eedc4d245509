"""Runs the quickstart notebook from a terminal and prints what its cells show, as text: `make demo`.

    python -m example_notebooks.demo --model local    # a real small model in this process
    python -m example_notebooks.demo --model test     # the scripted one, no download

The notebook itself is not changed; the executed copy and its store go to `demo-output/`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from tools import local_model

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE / "quickstart.ipynb"
OUTPUT = HERE.parent / "demo-output"

#: Longest time for one cell, in seconds: a small model on a slow machine takes its time.
CELL_TIMEOUT = 900


class Narrator(NotebookClient):
    """Executes a notebook and prints each cell's text as it comes; `place` says which cell is running."""

    def __init__(self, notebook: NotebookNode, **options: Any) -> None:
        super().__init__(
            notebook,
            timeout=CELL_TIMEOUT,
            store_widget_state=False,
            # The kernel's own remarks at its start are not the notebook's.
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            on_cell_execute=self._begin,
            **options,
        )
        self._code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
        self._shown: dict[str, str] = {}
        self.place = "the start"

    def _begin(self, cell: NotebookNode, cell_index: int) -> None:
        self.place = f"code cell {self._code.index(cell_index) + 1} of {len(self._code)}"
        print(f"\n[{self.place}]", flush=True)
        _say(cell.source, "  > ")

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        content = msg["content"]
        match msg["msg_type"]:
            case "stream":
                _say(content["text"])
            case "display_data" | "execute_result" | "update_display_data":
                self._show(content)
        return super().process_message(msg, cell, cell_index)

    def _show(self, content: dict[str, Any]) -> None:
        """Print a display; an updated one only if its text has changed."""
        text = content["data"].get("text/plain", "")
        display = (content.get("transient") or {}).get("display_id")
        if display is not None:
            if self._shown.get(display) == text:
                return
            self._shown[display] = text
        _say(text)


def _say(text: str, indent: str = "    ") -> None:
    for line in text.rstrip("\n").splitlines():
        print(f"{indent}{line}".rstrip(), flush=True)


def _fresh_home() -> Path:
    """An empty store, so that the demo really runs; fetched model files are shared with the user's."""
    from edsl_nb.models import files

    models = files.folder()
    home = OUTPUT / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    if models.is_dir():
        try:
            (home / "models").symlink_to(models.resolve(), target_is_directory=True)
        except OSError:  # no links on this file system
            shutil.copytree(models, home / "models")
    return home


def _choose(wanted: str) -> str:
    """The value for `EDSL_DEFAULT_MODEL`, after setting the model up."""
    if wanted != "local":
        return wanted
    print(f"Setting up the local model {local_model.NAME} ...", flush=True)
    reason = local_model.set_up()
    if reason is None:
        return local_model.NAME
    print(f"The local model cannot be used: {reason}.\nGoing on with the scripted model.", flush=True)
    return "test"


def run(model: str) -> int:
    """Execute the notebook with that default model; returns the exit code."""
    if not NOTEBOOK.is_file():
        print(f"{NOTEBOOK} is missing.", file=sys.stderr)
        return 1
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    narrator = Narrator(notebook, resources={"metadata": {"path": str(HERE)}})
    environment = {**os.environ, "EDSL_DEFAULT_MODEL": model, "EDSL_NB_HOME": str(_fresh_home())}
    copy = OUTPUT / NOTEBOOK.name
    print(f"\nRunning {NOTEBOOK.name} with model {model}", flush=True)
    started = time.monotonic()
    try:
        narrator.execute(env=environment)
    except (CellExecutionError, DeadKernelError, TimeoutError) as error:
        print(f"\nThe demo failed in {narrator.place}: {_in_short(error)}", file=sys.stderr)
        return 1
    finally:
        nbformat.write(notebook, copy)
    print(f"\nDone in {time.monotonic() - started:.0f} s. The executed copy: {copy.relative_to(HERE.parent)}")
    print("To open the notebook in JupyterLab: make lab")
    return 0


def _in_short(error: Exception) -> str:
    if isinstance(error, CellExecutionError):
        return f"{error.ename}: {error.evalue}"
    return str(error) or type(error).__name__


def main() -> int:
    """Entry of the command line."""
    parser = argparse.ArgumentParser(description="Run the quickstart notebook and print its results.")
    parser.add_argument("--model", default="local", help="local, test, or any model's name (default: local)")
    return run(_choose(parser.parse_args().model))


if __name__ == "__main__":
    sys.exit(main())
