"""Settings: the attribute wins over the environment, and both over the default."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edsl_nb import Model
from edsl_nb.core.settings import settings
from tests.unit.samples import refusal


@pytest.fixture(autouse=True)
def usual_settings() -> Iterator[None]:
    """The settings as they were, also after a test that changed them."""
    yield
    settings.default_model = settings.home = settings.live_displays = None


def test_the_default_model_is_gpt_4o_at_openai() -> None:
    assert Model() == Model("gpt-4o", service_name="openai")


def test_the_default_model_comes_from_the_environment_or_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDSL_DEFAULT_MODEL", "test")
    assert Model().service_name == "test"
    settings.default_model = "local/smollm2-135m"
    assert (Model().service_name, Model().model) == ("local", "smollm2-135m")
    settings.default_model = None
    assert Model().service_name == "test"


def test_parameters_can_be_given_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDSL_DEFAULT_MODEL", "test")
    assert Model(canned_response="Blue") == Model("test", canned_response="Blue")


def test_the_home_comes_from_the_environment_or_the_setting(private_home: Path, tmp_path: Path) -> None:
    assert settings.home == private_home
    settings.home = tmp_path / "other"
    assert settings.home == tmp_path / "other"


def test_without_either_the_home_is_the_platforms_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDSL_NB_HOME")
    assert settings.home.is_absolute()
    assert settings.home.name == "edsl_nb"


@pytest.mark.parametrize("value", [5, "", "  ", ["test"]])
def test_a_default_model_that_is_no_name_is_refused(value: object) -> None:
    refusal(
        lambda: setattr(settings, "default_model", value), "settings.default_model", repr(value), "gpt-4o"
    )


@pytest.mark.parametrize("value", [5, b"folder", ["folder"]])
def test_a_home_that_is_no_folder_is_refused(value: object) -> None:
    refusal(lambda: setattr(settings, "home", value), "settings.home", repr(value), "path")


@pytest.mark.parametrize("value", [-1, True, "all", 1.5])
def test_a_number_of_displays_that_is_none_is_refused(value: object) -> None:
    refusal(lambda: setattr(settings, "live_displays", value), "settings.live_displays", repr(value), "20")
    settings.live_displays = 0
    assert settings.live_displays == 0


def test_there_are_no_other_settings() -> None:
    with pytest.raises(AttributeError):
        settings.defaultmodel = "test"  # type: ignore[attr-defined]


def test_settings_show_their_values() -> None:
    assert "default_model='gpt-4o'" in repr(settings)
