"""Settings of this process. Each has an environment variable; assigning to the attribute wins."""

from __future__ import annotations

import os
from pathlib import Path

from edsl_nb.core.errors import EdslNbError


class Settings:
    """What a user may set once for all jobs.

    Attributes:
        default_model: name of the model that `Model()` means, ``gpt-4o`` as in
            EDSL; environment ``EDSL_DEFAULT_MODEL``. ``service/name`` names the
            service too, as in ``local/smollm2-135m``.
        home: folder of the store and of model files; environment
            ``EDSL_NB_HOME``, else the platform's user data folder.
        live_displays: how many tables and cards stay live in a notebook; older
            ones turn into plain HTML. None keeps all live.

    Example:
        >>> import edsl_nb
        >>> edsl_nb.settings.default_model = "test"
    """

    __slots__ = ("_default_model", "_home", "_live_displays")

    def __init__(self) -> None:
        self._default_model: str | None = None
        self._home: Path | None = None
        self._live_displays: int | None = None

    @property
    def default_model(self) -> str:
        return self._default_model or os.environ.get("EDSL_DEFAULT_MODEL") or "gpt-4o"

    @default_model.setter
    def default_model(self, name: str | None) -> None:
        if name is not None and (not isinstance(name, str) or not name.strip()):
            raise EdslNbError(
                "a model name is wanted",
                field="settings.default_model",
                value=name,
                remedy="Give a name such as 'gpt-4o' or 'test', or None for the usual one.",
            )
        self._default_model = name

    @property
    def home(self) -> Path:
        if self._home is not None:
            return self._home
        given = os.environ.get("EDSL_NB_HOME")
        if given:
            return Path(given).expanduser()
        from platformdirs import user_data_path

        return user_data_path("edsl_nb", appauthor=False)

    @home.setter
    def home(self, folder: str | Path | None) -> None:
        if not (folder is None or isinstance(folder, str | Path)):
            raise EdslNbError(
                "a folder is wanted",
                field="settings.home",
                value=folder,
                remedy="Give its path, or None for the usual one.",
            )
        self._home = None if folder is None else Path(folder).expanduser()

    @property
    def live_displays(self) -> int | None:
        return self._live_displays

    @live_displays.setter
    def live_displays(self, count: int | None) -> None:
        if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
            raise EdslNbError(
                "a whole number of displays, or None for all, is wanted",
                field="settings.live_displays",
                value=count,
                remedy="Set it to 20, say, to keep the last twenty live.",
            )
        self._live_displays = count

    def __repr__(self) -> str:
        return (
            f"Settings(default_model={self.default_model!r}, home={str(self.home)!r}, "
            f"live_displays={self.live_displays!r})"
        )


settings = Settings()
