"""Fixtures for tests in a real browser: one Chromium and one Jupyter server for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium as chromium_program
from tests.browser import screenshots as pictures
from tests.browser.lab import Lab
from tests.browser.server import JupyterServer
from tests.kernels import overlays


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium; tests are skipped, with the reason, where none can be had."""
    program = chromium_program.find()
    if program is None:
        pytest.skip(chromium_program.NONE_FOUND)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, headless=True, args=chromium_program.ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def jupyter_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A Jupyter server that reads and writes nothing of the user's."""
    server = JupyterServer(tmp_path_factory.mktemp("jupyter"))
    try:
        server.wait_until_up()
        yield server
    finally:
        server.stop()


@pytest.fixture
def lab(chromium: Browser, jupyter_server: JupyterServer) -> Iterator[Lab]:
    """Opens notebooks, and closes them and their kernels at the end of the test."""
    opened = Lab(chromium, jupyter_server)
    yield opened
    opened.close()


@pytest.fixture
def screenshots() -> Path:
    """The folder of the screenshots; it is kept out of git."""
    pictures.TAKEN.mkdir(exist_ok=True)
    return pictures.TAKEN


@pytest.fixture(params=overlays.VERSIONS)
def any_kernel(request: pytest.FixtureRequest) -> str:
    """The name of each kernel in turn, skipped where its environment could not be made."""
    reason = overlays.missing(request.param)
    if reason:
        pytest.skip(reason)
    return overlays.kernel_name(request.param)
