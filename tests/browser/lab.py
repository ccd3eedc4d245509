"""Drives a real notebook in a real browser: JupyterLab, or Notebook 7, through the page's own commands.

A test gets a `Lab` from the `lab` fixture, opens notebooks with it, and holds a `Notebook` for each::

    notebook = lab.open(["import edsl_nb", "edsl_nb.settings"])
    notebook.run_all()
    assert "default_model" in notebook.text(1)
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import nbformat
from nbformat.sign import NotebookNotary
from playwright.sync_api import Browser, BrowserContext, Locator, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser import screenshots
from tests.browser.server import JupyterServer

Theme = Literal["light", "dark"]
App = Literal["lab", "notebook"]

#: Longest wait for a page, a kernel or a quick cell, in seconds.
TIMEOUT = 60.0

#: Wait for a page that is opened before it is loaded once more, in seconds; it takes five as a rule.
OPENING = 30.0

_READY = """() => {
    const panel = window.jupyterapp?.shell?.currentWidget;
    const kernel = panel?.context?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === "connected" && kernel.status === "idle";
}"""

# The side bar would take half of a narrow page, and a notebook's own width is what tests look at.
_ONLY_THE_NOTEBOOK = """() => window.jupyterapp.shell.collapseLeft?.()"""

_OPENED = """() => window.jupyterapp?.shell?.currentWidget?.context?.isReady === true"""

# The promise of the command tells when the cell has ended; a reloaded page has none and goes by the state.
_RUN = """index => {
    const panel = jupyterapp.shell.currentWidget;
    panel.content.activeCellIndex = index;
    const runs = window.__runs ??= {};
    const run = runs[index] = {ended: false};
    jupyterapp.commands.execute("notebook:run-cell").finally(() => { run.ended = true; });
}"""

_ENDED = """index => {
    const cell = jupyterapp.shell.currentWidget.content.widgets[index];
    const ended = (window.__runs ?? {})[index]?.ended ?? true;
    return ended && cell.model.executionState === "idle" && cell.model.executionCount != null;
}"""


class CellError(AssertionError):
    """A cell that should have worked raised an exception."""


class Notebook:
    """One notebook open in one page.

    Attributes:
        page: Playwright's page.
        path: the file, relative to the server's root.
        problems: console errors and uncaught exceptions of the page so far.
    """

    def __init__(self, page: Page, server: JupyterServer, path: str, app: App) -> None:
        self.page = page
        self.path = path
        self.problems: list[str] = []
        self._server = server
        self._app: App = app
        page.set_default_timeout(TIMEOUT * 1000)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)

    # -- the page

    def go(self, kernel_wanted: bool = True) -> None:
        """Load the page and wait for the notebook, and for its kernel unless none is wanted."""
        place = "notebooks" if self._app == "notebook" else f"lab/workspaces/{uuid.uuid4().hex}/tree"
        self.page.goto(f"{self._server.url}{place}/{self.path}?token={self._server.token}")
        try:
            self._wait_ready(kernel_wanted, OPENING)
        except PlaywrightTimeout:
            # Now and then JupyterLab misses that the kernel has come up; a second look finds it.
            self.page.reload()
            self._wait_ready(kernel_wanted)

    def go_without_kernel(self) -> None:
        """Open the notebook in JupyterLab with no kernel, as after choosing 'No Kernel'."""
        self.page.goto(f"{self._server.url}lab/workspaces/{uuid.uuid4().hex}?token={self._server.token}")
        self.page.wait_for_function("() => window.jupyterapp?.restored !== undefined")
        self.page.evaluate(
            """async path => {
                await jupyterapp.restored;
                await jupyterapp.commands.execute("docmanager:open", {
                    path,
                    factory: "Notebook",
                    kernelPreference: {shouldStart: false, canStart: false, autoStartDefault: false},
                });
            }""",
            self.path,
        )
        self._wait_ready(kernel_wanted=False)

    def reload(self, kernel_idle: bool = True) -> None:
        """Load the page again, as the browser's button does.

        Parameters:
            kernel_idle: wait for an idle kernel; False while a cell is running.
        """
        self.page.reload()
        self._wait_ready(kernel_idle)

    def _wait_ready(self, kernel_wanted: bool, timeout: float = TIMEOUT) -> None:
        self.page.wait_for_function(_READY if kernel_wanted else _OPENED, timeout=timeout * 1000)
        self.page.evaluate(_ONLY_THE_NOTEBOOK)

    def set_theme(self, theme: Theme) -> None:
        """Switch the theme of the running page; Notebook and JupyterLab alike."""
        light = "true" if theme == "light" else "false"
        wanted = f"() => document.body.dataset.jpThemeLight === '{light}'"
        if self.page.evaluate(wanted):
            return
        name = "JupyterLab Light" if theme == "light" else "JupyterLab Dark"
        self.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
        self.page.wait_for_function(wanted)

    def locator(self, css: str) -> Locator:
        """Elements of the page, for Playwright's `expect` and clicks."""
        return self.page.locator(css)

    def output(self, index: int) -> Locator:
        """The output area of a cell."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-Cell-outputArea")

    def screenshot(self, name: str, of: Locator | None = None) -> Path:
        """Take a picture of the page, or of one element, and compare it where that makes sense.

        Raises:
            AssertionError: it differs from this machine's baseline.
        """
        screenshots.TAKEN.mkdir(exist_ok=True)
        file = screenshots.TAKEN / f"{name}.png"
        (of or self.page).screenshot(path=file, animations="disabled", caret="hide")
        screenshots.check_if_comparable(name)
        return file

    # -- cells

    def start_cell(self, index: int) -> None:
        """Run a cell without waiting for its end."""
        self.page.evaluate(_RUN, index)

    def wait_cell(self, index: int, timeout: float = TIMEOUT) -> None:
        """Wait until a started cell has ended, well or not."""
        self.page.wait_for_function(_ENDED, arg=index, timeout=timeout * 1000)

    def run_cell(self, index: int, timeout: float = TIMEOUT) -> list[dict[str, Any]]:
        """Run a cell to its end and return its outputs.

        Raises:
            CellError: the cell raised.
        """
        self.start_cell(index)
        self.wait_cell(index, timeout)
        outputs = self.outputs(index)
        error = self.error(index)
        if error:
            raise CellError(f"cell {index} raised {error}\n{outputs[-1].get('traceback', '')}")
        return outputs

    def run_all(self, timeout: float = TIMEOUT) -> None:
        """Run every code cell in order, each to its end.

        Raises:
            CellError: a cell raised.
        """
        for index in self.page.evaluate(
            """() => jupyterapp.shell.currentWidget.content.widgets
                .map((cell, index) => [cell, index])
                .filter(([cell]) => cell.model.type === "code").map(([, index]) => index)"""
        ):
            self.run_cell(index, timeout)

    def cell_state(self, index: int) -> str:
        """``idle`` or ``running``, as the page sees it."""
        return self.page.evaluate(
            "index => jupyterapp.shell.currentWidget.content.widgets[index].model.executionState", index
        )

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """A cell's outputs as the notebook format writes them."""
        return self.page.evaluate(
            "index => jupyterapp.shell.currentWidget.content.widgets[index].model.outputs.toJSON()", index
        )

    def text(self, index: int) -> str:
        """What a cell printed and showed, as plain text."""
        return "\n".join(_plain_text(output) for output in self.outputs(index))

    def error(self, index: int) -> str:
        """Name and message of the exception that a cell raised; empty if none."""
        errors = (output for output in self.outputs(index) if output["output_type"] == "error")
        return next((f"{output['ename']}: {output['evalue']}" for output in errors), "")

    def add_cell(self, source: str) -> int:
        """Append a code cell and return its index."""
        return self.page.evaluate(
            """source => {
                const notebook = jupyterapp.shell.currentWidget.content;
                const index = notebook.model.cells.length;
                notebook.model.sharedModel.insertCell(index, {cell_type: "code", source});
                return index;
            }""",
            source,
        )

    # -- kernel and file

    def interrupt(self) -> None:
        """Press the toolbar's Interrupt."""
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:interrupt-kernel')")

    def restart(self) -> None:
        """Restart the kernel, without the dialog."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
        self._wait_ready(kernel_wanted=True)

    def save(self) -> nbformat.NotebookNode:
        """Save, and return the notebook as it is on disk."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget.context.save()")
        return nbformat.read(self.file, as_version=4)

    def kernels(self) -> list[str]:
        """Ids of the kernels that run for this notebook."""
        return self._server.kernels_of(self.path)

    @property
    def file(self) -> Path:
        """The notebook's file."""
        return self._server.root / self.path

    def close(self) -> None:
        """Close the page and end the kernel."""
        self.page.close()
        self._server.delete_kernels(self.path)


class Lab:
    """Opens notebooks; closes them all at the end of the test."""

    def __init__(self, browser: Browser, server: JupyterServer) -> None:
        self._browser = browser
        self._server = server
        self._contexts: list[BrowserContext] = []
        self._open: list[Notebook] = []

    def open(
        self,
        cells: Sequence[str],
        *,
        kernel: str = "python3",
        theme: Theme = "light",
        width: int = 1280,
        height: int = 900,
        app: App = "lab",
    ) -> Notebook:
        """Write a fresh notebook of code cells and open it with a new kernel.

        Parameters:
            cells: the sources.
            kernel: a kernel's name; for ipykernel 6.31 `tests.kernels.overlays.kernel_name("6.31")`.
            theme: colours to begin with.
            width: of the page, in pixels.
            height: of the page, in pixels.
            app: JupyterLab or Notebook 7.
        """
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        made.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
        notebook = self._page(self._write(made), width, height, app)
        notebook.go()
        notebook.set_theme(theme)
        return notebook

    def open_saved(
        self,
        saved: nbformat.NotebookNode,
        *,
        trusted: bool = True,
        kernel: bool = False,
        width: int = 1280,
        height: int = 900,
    ) -> Notebook:
        """Open a saved notebook in JupyterLab as on another day: a new page and no old kernel.

        Parameters:
            saved: what `Notebook.save` returned.
            trusted: whether the user has trusted the file.
            kernel: start a new kernel for it, instead of none.
            width: of the page, in pixels.
            height: of the page, in pixels.
        """
        path = self._write(saved)
        if trusted:
            NotebookNotary(data_dir=str(self._server.data)).sign(saved)
        notebook = self._page(path, width, height, "lab")
        if kernel:
            notebook.go()
        else:
            notebook.go_without_kernel()
        return notebook

    def _write(self, notebook: nbformat.NotebookNode) -> str:
        """Save a notebook in a folder of its own, which is its kernel's working folder, too."""
        path = f"{uuid.uuid4().hex}/notebook.ipynb"
        file = self._server.root / path
        file.parent.mkdir()
        nbformat.write(notebook, file)
        return path

    def _page(self, path: str, width: int, height: int, app: App) -> Notebook:
        context = self._browser.new_context(viewport={"width": width, "height": height})
        self._contexts.append(context)
        notebook = Notebook(context.new_page(), self._server, path, app)
        self._open.append(notebook)
        return notebook

    def close(self) -> None:
        """Close every page and end every kernel."""
        for notebook in self._open:
            notebook.close()
        for context in self._contexts:
            context.close()


def eventually(look: Callable[[], Any], what: str, timeout: float = TIMEOUT) -> Any:
    """Look until the result is true, and return it; for what the page cannot be asked to wait for.

    Raises:
        AssertionError: it did not become true in time.
    """
    deadline = time.monotonic() + timeout
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {timeout:.0f} s: {what}"
        time.sleep(0.05)
    return seen


def _plain_text(output: dict[str, Any]) -> str:
    match output["output_type"]:
        case "stream":
            text = output["text"]
        case "error":
            return f"{output['ename']}: {output['evalue']}"
        case _:
            text = output["data"].get("text/plain", "")
    return text if isinstance(text, str) else "".join(text)
