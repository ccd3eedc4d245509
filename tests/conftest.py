"""What holds for every test: no key, no store and no setting of the person who runs it."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

from tests.isolation import personal_variables

_USER_HOME = os.environ.get("EDSL_NB_HOME")


@pytest.fixture(autouse=True)
def private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `EDSL_NB_HOME` for each test, no keys, no default model, a working folder without `.env`."""
    for name in personal_variables(list(os.environ)):
        monkeypatch.delenv(name)
    home = tmp_path / "edsl_nb_home"
    monkeypatch.setenv("EDSL_NB_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    return home


@pytest.fixture(scope="session")
def user_models() -> Path:
    """The folder where `edsl-nb model get` keeps files for the person who runs the tests.

    Tests read model files from there rather than fetch them again; it may not exist.
    """
    home = Path(_USER_HOME) if _USER_HOME else platformdirs.user_data_path("edsl_nb", appauthor=False)
    return home / "models"
