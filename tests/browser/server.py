"""A private Jupyter server for tests: no user's settings, no request to the network, own kernels' folder."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests.isolation import clean_environment
from tests.kernels import overlays

#: Longest time for the server to start, in seconds.
START_TIMEOUT = 60

_CONFIG = """
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = 0
c.ServerApp.open_browser = False
c.ServerApp.allow_root = True
c.ServerApp.terminals_enabled = False
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
c.LabApp.expose_app_in_browser = True
c.JupyterNotebookApp.expose_app_in_browser = True
"""

_SETTINGS: dict[str, Any] = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    # One theme until a test asks for another, whatever the system prefers.
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": False, "theme": "JupyterLab Light"},
}

#: Runs in each kernel before the first cell: a store of its own for each notebook's folder.
_KERNEL_START = """
import os
os.environ["EDSL_NB_HOME"] = os.path.join(os.getcwd(), "edsl_nb_home")
"""


class JupyterServer:
    """A running server.

    Attributes:
        root: folder of the notebooks.
        data: the server's Jupyter data folder (it holds the signatures of trusted notebooks).
        token: what a page or a request must show.
        url: address with a slash at its end.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / "notebooks"
        self.data = folder / "data"
        self.token = secrets.token_hex(16)
        self.url = ""
        self._runtime = folder / "runtime"
        self._log = folder / "server.log"
        self._process = self._start(folder)
        self._api = httpx.Client(headers={"Authorization": f"token {self.token}"}, trust_env=False)

    def _start(self, folder: Path) -> subprocess.Popen[bytes]:
        config, profile = folder / "config", folder / "ipython" / "profile_default" / "startup"
        for made in (self.root, self.data, self._runtime, config / "labconfig", profile):
            made.mkdir(parents=True)
        (config / "jupyter_server_config.py").write_text(_CONFIG, encoding="utf-8")
        overrides = config / "labconfig" / "default_setting_overrides.json"
        overrides.write_text(json.dumps(_SETTINGS), encoding="utf-8")
        (profile / "00-home.py").write_text(_KERNEL_START, encoding="utf-8")
        environment = clean_environment(
            JUPYTER_CONFIG_DIR=str(config),
            JUPYTER_DATA_DIR=str(self.data),
            JUPYTER_RUNTIME_DIR=str(self._runtime),
            JUPYTERLAB_SETTINGS_DIR=str(folder / "settings"),
            JUPYTERLAB_WORKSPACES_DIR=str(folder / "workspaces"),
            JUPYTER_PATH=str(overlays.JUPYTER_FOLDER),
            IPYTHONDIR=str(folder / "ipython"),
            EDSL_DEFAULT_MODEL="test",
        )
        command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={self.root}"]
        command.append(f"--IdentityProvider.token={self.token}")
        with self._log.open("wb") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)

    def wait_until_up(self) -> None:
        """Wait until the server answers.

        Raises:
            RuntimeError: it ended, or did not answer in time; its log is the message.
        """
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            if any(self._answers(note) for note in self._runtime.glob("jpserver-*.json")):
                return
            time.sleep(0.05)
        raise RuntimeError(f"the Jupyter server did not start:\n{self._log.read_text(encoding='utf-8')}")

    def _answers(self, note: Path) -> bool:
        # The server writes its note before it listens, and not in one go.
        try:
            self.url = json.loads(note.read_text(encoding="utf-8"))["url"]
            self._api.base_url = httpx.URL(self.url)
            return self._api.get("api/status").is_success
        except (ValueError, httpx.TransportError):
            return False

    def kernels_of(self, path: str) -> list[str]:
        """Ids of the kernels that run for the notebook at `path` (relative to the root)."""
        sessions = self._api.get("api/sessions").raise_for_status().json()
        return [session["kernel"]["id"] for session in sessions if session["path"] == path]

    def delete_kernels(self, path: str) -> None:
        """End the kernels of a notebook, so that no later test meets them."""
        for kernel in self.kernels_of(path):
            self._api.delete(f"api/kernels/{kernel}").raise_for_status()

    def stop(self) -> None:
        """End the server and every kernel of it."""
        self._api.close()
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
