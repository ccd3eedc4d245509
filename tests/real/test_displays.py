"""What a notebook that was executed without a browser keeps of a run: plain HTML of its end."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests.isolation import clean_environment

WIDGET = "application/vnd.jupyter.widget-view+json"
JOB = """
from edsl_nb import Model, QuestionFreeText
job = QuestionFreeText("q", "Why?").by(Model("test", latency=0.5))
"""


def executed(home: Path, *cells: str) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (JOB, *cells)])
    client = NotebookClient(notebook, timeout=60, store_widget_state=False)
    return client.execute(env=clean_environment(EDSL_NB_HOME=str(home)))


def shown(cell: nbformat.NotebookNode) -> dict[str, str]:
    [output] = [output for output in cell.outputs if output.output_type == "display_data"]
    return output.data


def test_progress_is_frozen_in_the_cell_that_waits(private_home: Path) -> None:
    notebook = executed(private_home, "r = job.run()", "r = await job.run_async(fresh=True)")
    for cell in notebook.cells[1:]:
        assert WIDGET not in shown(cell)
        assert "1 of 1" in shown(cell)["text/html"]


def test_progress_is_frozen_in_its_cell_when_a_later_one_waits(private_home: Path) -> None:
    notebook = executed(private_home, "run = job.start()", "r = await run")
    assert WIDGET not in shown(notebook.cells[1])
    assert "Completed" in shown(notebook.cells[1])["text/html"]
