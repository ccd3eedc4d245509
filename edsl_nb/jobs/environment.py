"""What a job is run with besides what it is made of: a cache, API keys, limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import SecretStr

from edsl_nb.core.errors import JobError, nearest
from edsl_nb.models import Model, ModelList, keys
from edsl_nb.models.cache import Cache
from edsl_nb.models.model import checked_limit
from edsl_nb.models.services import service

_SUCH = (
    'Such as .using(Cache()), .using({"openai": "sk-..."}) for keys, '
    'or .using({"gpt-4o": {"rpm": 500}}) for limits.'
)


class Environment:
    """A job's cache, API keys and limits. None of them is part of its JSON, and keys are pickled nowhere.

    Attributes:
        cache: where replies come from, unless a run says otherwise: as for `RunRequest`.
    """

    def __init__(self) -> None:
        self.cache: bool | Cache = True
        self._keys: dict[str, SecretStr] = {}
        self._limits: dict[str, dict[str, float]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_keys": {}}

    def __deepcopy__(self, memo: dict[int, Any]) -> Environment:
        """A copy for a copied job, which is run with the same cache and the same keys."""
        made = Environment()
        made.cache, made._keys, made._limits = self.cache, {**self._keys}, {**self._limits}
        return made

    @property
    def key_lookup(self) -> dict[str, str]:
        """The keys, by service."""
        return {name: key.get_secret_value() for name, key in self._keys.items()}

    @property
    def bucket_collection(self) -> dict[str, dict[str, float]]:
        """The limits, by service or model."""
        return dict(self._limits)

    def take(self, given: object) -> None:
        """Take a cache, or a dict of keys by service, or of limits by service or model.

        Raises:
            JobError: it is something else.
        """
        if isinstance(given, Cache):
            self.cache = given
        elif isinstance(given, Mapping):
            named = cast(Mapping[Any, Any], given)
            texts = {name: value for name, value in named.items() if isinstance(value, str)}
            self.take_keys(texts)
            self.take_limits({name: value for name, value in named.items() if name not in texts})
        else:
            raise JobError(
                "a cache, keys or limits are wanted", field="using", value=type(given).__name__, remedy=_SUCH
            )

    def take_cache(self, cache: object) -> None:
        """Take a cache, or True for all replies on disk, or False for none.

        Raises:
            JobError: it is something else.
        """
        if not isinstance(cache, bool | Cache):
            raise JobError(
                "True, False or a Cache is wanted",
                field="cache",
                value=cache,
                remedy="Such as .using_cache(Cache.from_jsonl('replies.jsonl')).",
            )
        self.cache = cache

    def take_keys(self, lookup: object) -> None:
        """Take API keys by service.

        Raises:
            JobError: it is no dict of texts.
            ModelError: there is no such service, or a text is no key.
        """
        taken: dict[str, SecretStr] = {}
        # Errors do not repeat what they got, since it may hold keys.
        for name, key in _named(lookup, "key_lookup").items():
            if not isinstance(key, str):
                raise JobError("a key is a text", field="key_lookup", value=name, remedy=_SUCH)
            taken[service(name).name] = SecretStr(keys.checked(key, name))
        self._keys |= taken

    def take_limits(self, limits: object) -> None:
        """Take requests and tokens per minute by service, or by a model's name.

        Raises:
            JobError: it is no dict of dicts with ``rpm`` and ``tpm``.
            ModelError: a limit is no number above 0.
        """
        taken: dict[str, dict[str, float]] = {}
        for name, pair in _named(limits, "limits").items():
            if not isinstance(pair, Mapping):
                raise JobError(
                    'a dict with "rpm" and "tpm" is wanted', field="limits", value={name: pair}, remedy=_SUCH
                )
            taken[name] = {}
            for field, value in cast(Mapping[Any, Any], pair).items():
                if field not in ("rpm", "tpm"):
                    raise JobError(
                        "there is no such limit",
                        field="limits",
                        value=field,
                        remedy=nearest(field, ("rpm", "tpm")),
                    )
                if (limit := checked_limit(field, value)) is not None:
                    taken[name][field] = limit
        self._limits |= taken

    def equip(self, models: ModelList) -> ModelList:
        """The models with the job's keys and limits, where they have none of their own."""
        if not self._keys and not self._limits:
            return models
        return ModelList(self._equipped(model) for model in models)

    def _equipped(self, model: Model) -> Model:
        limits = self._limits.get(model.service_name, {}) | self._limits.get(model.model, {})
        return model.lent(self._keys.get(model.service_name), **limits)


def _named(given: object, field: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise JobError("a dict is wanted", field=field, value=type(given).__name__, remedy=_SUCH)
    for name in cast(Mapping[Any, Any], given):
        if not isinstance(name, str) or not name:
            raise JobError("services and models are named by texts", field=field, value=name, remedy=_SUCH)
    return dict(cast(Mapping[str, Any], given))
