"""Settings of this process. Each has an environment variable; assigning to the attribute wins."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, overload

from edsl_nb.core.errors import EdslNbError


class Settings:
    """What a user may set once for all jobs.

    Attributes:
        default_model: name of the model that `Model()` means, ``gpt-4o`` as in
            EDSL; environment ``EDSL_DEFAULT_MODEL``. ``service/name`` names the
            service too, as in ``local/smollm2-135m``.
        home: folder of the store and of model files; environment
            ``EDSL_NB_HOME``, else the platform's user data folder.
        store: path of the file in which replies, runs and answers are kept;
            environment ``EDSL_NB_STORE``, else ``store.sqlite3`` in `home`.
        api_timeout: seconds that a call to a model may take, 300 unless set;
            environment ``EDSL_API_TIMEOUT``.
        max_attempts: how often a call is made at most, 5 unless set; environment
            ``EDSL_MAX_ATTEMPTS``.
        limits: requests and tokens per minute, by service:
            ``{"openai": (500, 200_000)}``; a model's own `rpm` and `tpm` come
            first. Environment ``EDSL_SERVICE_RPM_OPENAI`` and
            ``EDSL_SERVICE_TPM_OPENAI``, and so on for other services.
        remote_cache: whether runs take replies that Coop has before they ask a model, and
            give Coop the new ones, unless ``run(remote_cache=...)`` says otherwise;
            environment ``EDSL_NB_REMOTE_CACHE`` (1 or 0), else no.
        live_displays: how many tables and cards stay live in a notebook; older
            ones turn into plain HTML. None keeps all live.

    Example:
        >>> import edsl_nb
        >>> edsl_nb.settings.default_model = "test"
    """

    __slots__ = (
        "_api_timeout",
        "_default_model",
        "_home",
        "_limits",
        "_live_displays",
        "_max_attempts",
        "_remote_cache",
        "_store",
    )

    def __init__(self) -> None:
        self._default_model: str | None = None
        self._home: Path | None = None
        self._store: Path | None = None
        self._live_displays: int | None = None
        self._remote_cache: bool | None = None
        self._api_timeout: float | None = None
        self._max_attempts: int | None = None
        self._limits: dict[str, tuple[float | None, float | None]] = {}

    @property
    def api_timeout(self) -> float:
        given = self._api_timeout
        return _number("EDSL_API_TIMEOUT", 300.0) if given is None else given

    @api_timeout.setter
    def api_timeout(self, seconds: float | None) -> None:
        if seconds is not None and not _is_number(seconds):
            raise EdslNbError(
                "a number of seconds above 0 is wanted",
                field="settings.api_timeout",
                value=seconds,
                remedy="Such as 60, or None for the usual one.",
            )
        self._api_timeout = seconds

    @property
    def max_attempts(self) -> int:
        given = self._max_attempts
        return max(1, int(_number("EDSL_MAX_ATTEMPTS", 5))) if given is None else given

    @max_attempts.setter
    def max_attempts(self, count: int | None) -> None:
        if count is not None and (not _is_number(count) or not isinstance(count, int)):
            raise EdslNbError(
                "a whole number of attempts, 1 or more, is wanted",
                field="settings.max_attempts",
                value=count,
                remedy="Such as 3, or None for the usual number.",
            )
        self._max_attempts = count

    @property
    def limits(self) -> dict[str, tuple[float | None, float | None]]:
        return dict(self._limits)

    @limits.setter
    def limits(self, limits: Mapping[str, tuple[float | None, float | None]] | None) -> None:
        given: Any = {} if limits is None else limits
        fits = isinstance(given, Mapping) and all(
            isinstance(service, str) and isinstance(pair, tuple) and len(pair) == 2
            and all(one is None or _is_number(one) for one in pair)
            for service, pair in given.items()
        )  # fmt: skip
        if not fits:
            raise EdslNbError(
                "requests and tokens per minute, by service, are wanted",
                field="settings.limits",
                value=given,
                remedy='Such as {"openai": (500, 200_000)}, with None for what is not limited here.',
            )
        self._limits = dict(given)

    def limits_of(self, service: str) -> tuple[float | None, float | None]:
        """Requests and tokens per minute of a service, as set here or in the environment; None for no limit.

        Raises:
            EdslNbError: a variable of the environment holds no number.
        """
        given = self._limits.get(service, (None, None))
        rpm, tpm = (
            _number(f"EDSL_SERVICE_{name}_{service.upper()}", None, such=1000) if one is None else one
            for name, one in zip(("RPM", "TPM"), given, strict=True)
        )
        return rpm, tpm

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
    def store(self) -> Path:
        if self._store is not None:
            return self._store
        given = os.environ.get("EDSL_NB_STORE")
        return Path(given).expanduser() if given else self.home / "store.sqlite3"

    @store.setter
    def store(self, file: str | Path | None) -> None:
        if not (file is None or isinstance(file, str | Path)) or file == "":
            raise EdslNbError(
                "the path of a file is wanted",
                field="settings.store",
                value=file,
                remedy="Give its path, or None for the usual one.",
            )
        self._store = None if file is None else Path(file).expanduser()

    @property
    def remote_cache(self) -> bool:
        if self._remote_cache is not None:
            return self._remote_cache
        given = os.environ.get("EDSL_NB_REMOTE_CACHE", "").strip()
        if given not in ("", "0", "1"):
            raise EdslNbError(
                "1 or 0 is wanted", field="EDSL_NB_REMOTE_CACHE", value=given, remedy="Or unset it."
            )
        return given == "1"

    @remote_cache.setter
    def remote_cache(self, wanted: bool | None) -> None:
        if wanted is not None and not isinstance(wanted, bool):
            raise EdslNbError(
                "True, False or None is wanted",
                field="settings.remote_cache",
                value=wanted,
                remedy="None is for the usual one.",
            )
        self._remote_cache = wanted

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


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= sys.float_info.max


@overload
def _number(variable: str, usual: float) -> float: ...
@overload
def _number(variable: str, usual: None, such: float) -> float | None: ...
def _number(variable: str, usual: float | None, such: float | None = None) -> float | None:
    """A number above 0 from the environment, or the usual one.

    Raises:
        EdslNbError: the variable holds something else.
    """
    text = os.environ.get(variable)
    if not text:
        return usual
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not _is_number(found):
        raise EdslNbError(
            "a number above 0 is wanted",
            field=variable,
            value=text,
            remedy=f"Such as {usual or such:g}, or unset it.",
        )
    return found


settings = Settings()
