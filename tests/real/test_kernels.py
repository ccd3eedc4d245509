"""The environments that differ in their ipykernel: each kernel is what its name says and sees our package."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernels import overlays
from tests.kernels.session import kernel


@pytest.mark.parametrize("version", overlays.VERSIONS)
def test_kernel_has_its_version_and_our_package(version: str, tmp_path: Path) -> None:
    reason = overlays.missing(version)
    if reason:
        pytest.skip(reason)
    with kernel(overlays.kernel_name(version), tmp_path) as session:
        ended = session.run("import edsl_nb, ipykernel; print(ipykernel.__version__, edsl_nb.__file__)")
        sleeping = session.start("import time; print('on', flush=True); time.sleep(60)")
        session.wait_for_text(sleeping, "on")
        session.interrupt()
        interrupted = session.wait(sleeping)

    assert ended.error == ""
    found, file = ended.text.split()
    assert found.startswith(f"{version}.")
    assert Path(file).parents[1] == overlays.ROOT
    assert interrupted.error.startswith("KeyboardInterrupt")
