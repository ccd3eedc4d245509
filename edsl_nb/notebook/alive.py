"""Signs of life of a kernel in which a run goes on, for servers that end idle kernels."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any


def show_life() -> None:
    """Have the kernel send a message that a server takes for activity and front ends pass over.

    Servers such as JupyterHub's end kernels that send nothing for long. Output does not count with all of
    them, so this is a message of a comm, which nobody has opened. Does nothing where there is no kernel.
    """
    app: Any = getattr(sys.modules.get("ipykernel.kernelapp"), "IPKernelApp", None)
    if app is not None and app.initialized():
        _comm().publish_msg("comm_msg")


@cache
def _comm() -> Any:
    import comm

    return comm.create_comm(target_name="edsl_nb.alive", primary=False)  # so that it is not opened
