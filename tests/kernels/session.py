"""A real kernel driven through Jupyter's protocol, without a browser."""

from __future__ import annotations

import queue
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from tests.isolation import clean_environment
from tests.kernels import overlays

#: Longest wait for a cell, in seconds.
TIMEOUT = 60.0

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Ended:
    """A cell that has ended: its outputs, and ``Name: message`` and traceback of what it raised, if any."""

    outputs: list[dict[str, Any]]
    error: str
    traceback: str = ""

    @property
    def text(self) -> str:
        """What the cell printed and showed, as plain text."""
        return "".join(
            output.get("text") or output.get("data", {}).get("text/plain", "") for output in self.outputs
        )


class KernelSession:
    """A running kernel. `start` and `wait` are apart, so that something can happen while a cell runs."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self._manager = manager
        self._client = client

    def run(self, code: str, timeout: float = TIMEOUT) -> Ended:
        """Run a cell to its end."""
        return self.wait(self.start(code), timeout)

    def start(self, code: str) -> str:
        """Send a cell and return the message's id."""
        return self._client.execute(code)

    def wait(self, message: str, timeout: float = TIMEOUT) -> Ended:
        """Wait for the end of a started cell.

        Raises:
            AssertionError: it did not end in time.
        """
        outputs: list[dict[str, Any]] = []
        error = traceback = ""
        deadline = time.monotonic() + timeout
        while True:
            try:
                got = self._client.get_iopub_msg(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(
                    f"the cell did not end within {timeout:.0f} s; so far: {outputs}"
                ) from None
            if got["parent_header"].get("msg_id") != message:
                continue
            content = got["content"]
            match got["msg_type"]:
                case "stream" | "display_data" | "execute_result":
                    outputs.append(content)
                case "error":
                    error = f"{content['ename']}: {content['evalue']}"
                    traceback = _COLOURS.sub("", "\n".join(content["traceback"]))
                case "status" if content["execution_state"] == "idle":
                    return Ended(outputs, error, traceback)

    def wait_for_text(self, message: str, text: str, timeout: float = TIMEOUT) -> None:
        """Wait until a started cell has printed some text; what came before is dropped.

        Raises:
            AssertionError: it did not print it in time.
        """
        deadline = time.monotonic() + timeout
        seen = ""
        while text not in seen:
            try:
                got = self._client.get_iopub_msg(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"{text!r} was not printed within {timeout:.0f} s") from None
            if got["parent_header"].get("msg_id") == message and got["msg_type"] == "stream":
                seen += got["content"]["text"]

    def wait_for_message(self, kind: str, timeout: float = TIMEOUT) -> dict[str, Any]:
        """Wait until the kernel has sent a message of a kind; what came before is dropped.

        Raises:
            AssertionError: it did not send one in time.
        """
        deadline = time.monotonic() + timeout
        while True:
            try:
                got = self._client.get_iopub_msg(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {kind!r} came within {timeout:.0f} s") from None
            if got["msg_type"] == kind:
                return got

    def interrupt(self) -> None:
        """Interrupt what is running, as a front end's button does."""
        self._manager.interrupt_kernel()


@contextmanager
def kernel(name: str, folder: Path, **variables: str) -> Iterator[KernelSession]:
    """Start a kernel and end it.

    Parameters:
        name: ``python3`` or one of `tests.kernels.overlays`.
        folder: its working folder; it keeps its store there, too.
        variables: environment variables on top.
    """
    specs = KernelSpecManager()
    specs.kernel_dirs = [str(overlays.JUPYTER_FOLDER / "kernels"), *specs.kernel_dirs]
    manager = KernelManager(kernel_name=name, kernel_spec_manager=specs)
    environment = clean_environment(
        IPYTHONDIR=str(folder / "ipython"), EDSL_NB_HOME=str(folder / "edsl_nb_home"), **variables
    )
    manager.start_kernel(cwd=str(folder), env=environment)
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=TIMEOUT)
        yield KernelSession(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
