"""The driver itself: what other browser tests rely on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import expect

from tests.browser.lab import CellError, Lab

WIDGET = '''
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    value = traitlets.Int(0).tag(sync=True)
    _esm = """
    export default { render({ model, el }) {
        const button = document.createElement("button");
        button.className = "counter";
        const show = () => { button.textContent = `count ${model.get("value")}`; };
        button.onclick = () => { model.send({ type: "click" }); };
        model.on("change:value", show);
        show();
        el.append(button);
    } };
    """

    def __init__(self, **traits):
        super().__init__(**traits)
        self.on_msg(lambda widget, content, buffers: setattr(self, "value", self.value + 1))

counter = Counter()
counter
'''


def test_click_reaches_python_and_comes_back(lab: Lab, any_kernel: str) -> None:
    ask = "import ipykernel; print(ipykernel.__version__, counter.value)"
    notebook = lab.open([WIDGET, ask], kernel=any_kernel)
    notebook.run_cell(0)
    button = notebook.locator("button.counter")

    button.click()

    expect(button).to_have_text("count 1")
    notebook.run_cell(1)
    version, value = notebook.text(1).split()
    assert any_kernel.removeprefix("ipykernel-") == ".".join(version.split(".")[:2])
    assert value == "1"
    assert notebook.problems == []


def test_themes_screenshots_save_and_reload(lab: Lab, screenshots: Path) -> None:
    notebook = lab.open([WIDGET, "counter.value"], width=700, height=500)
    notebook.run_all()
    notebook.set_theme("dark")
    dark = notebook.screenshot("driver-dark")
    notebook.set_theme("light")
    light = notebook.screenshot("driver-light")
    part = notebook.screenshot("driver-output", of=notebook.output(0))

    assert dark.parent == screenshots
    assert _size(dark) == _size(light) == (700, 500)
    assert _brightness(dark) < 100 < _brightness(light)
    assert _size(part)[0] < 700
    saved = notebook.save()
    assert saved.cells[1].outputs[0]["data"]["text/plain"] == "0"

    notebook.reload()

    notebook.locator("button.counter").click()
    expect(notebook.locator("button.counter")).to_have_text("count 1")


def _size(picture: Path) -> tuple[int, int]:
    with Image.open(picture) as image:
        return image.size


def _brightness(picture: Path) -> float:
    """Mean grey level, 0 (black) to 255."""
    with Image.open(picture) as image:
        return ImageStat.Stat(image.convert("L")).mean[0]


def test_a_failing_cell_a_restart_and_an_interrupt(lab: Lab) -> None:
    notebook = lab.open(["1 / 0", "known = 1; known", "import time; print('on'); time.sleep(60)"])
    with pytest.raises(CellError, match="ZeroDivisionError"):
        notebook.run_cell(0)
    notebook.run_cell(1)

    notebook.start_cell(2)
    expect(notebook.output(2)).to_contain_text("on")
    assert notebook.cell_state(2) == "running"
    notebook.interrupt()
    notebook.wait_cell(2)
    assert notebook.error(2).startswith("KeyboardInterrupt")

    notebook.restart()
    with pytest.raises(CellError, match="NameError"):
        notebook.run_cell(notebook.add_cell("known"))


def test_a_saved_notebook_on_another_day(lab: Lab) -> None:
    first = lab.open(["from IPython.display import HTML; HTML('<b class=\"kept\">kept</b>')", WIDGET])
    first.run_all()
    saved = first.save()
    first.close()

    again = lab.open_saved(saved, trusted=True)

    expect(again.locator("b.kept")).to_have_text("kept")
    expect(again.output(1)).not_to_contain_text("count")
    assert again.kernels() == []


def test_each_notebook_has_a_store_of_its_own(lab: Lab) -> None:
    look = "import os; print(os.environ['EDSL_NB_HOME'], os.environ['EDSL_DEFAULT_MODEL'])"
    one, other = lab.open([look]), lab.open([look])
    one.run_all()
    other.run_all()

    assert one.text(0) != other.text(0)
    assert one.text(0).split()[1] == "test"


def test_notebook_7(lab: Lab) -> None:
    notebook = lab.open([WIDGET], app="notebook")
    notebook.run_all()
    notebook.set_theme("dark")

    notebook.locator("button.counter").click()

    expect(notebook.locator("button.counter")).to_have_text("count 1")
    notebook.screenshot("driver-notebook7")
