"""What a widget can know of the kernel it lives in."""

from __future__ import annotations

import sys
from pathlib import Path

import comm


def can_be_live() -> bool:
    """Whether a widget made now reaches a browser: a kernel or an app such as marimo has set up comms."""
    return comm.create_comm.__module__ != "comm"


def current_kernel_id() -> str:
    """The Jupyter server's id of this kernel, or an empty text where there is none.

    The browser needs it to interrupt a kernel that does not answer.
    """
    app = getattr(sys.modules.get("ipykernel.kernelapp"), "IPKernelApp", None)
    if app is None or not app.initialized():
        return ""
    stem = Path(app.instance().connection_file).stem
    return stem.removeprefix("kernel-") if stem.startswith("kernel-") else ""
