"""`Model`: which language model answers, where, and with which parameters."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, ClassVar

from pydantic import Field, PrivateAttr, SecretStr

from edsl_nb.core.errors import EdslNbError, ModelError, nearest
from edsl_nb.core.lists import ObjectList
from edsl_nb.core.objects import DomainObject, canonical, tagged, untagged
from edsl_nb.core.settings import settings
from edsl_nb.models import keys
from edsl_nb.models.services import SERVICES, Service, service, service_for


class Model(DomainObject):
    """A language model with its parameters.

    Parameters:
        model_name: the model, as its service names it; `settings.default_model` when left out.
        service_name: ``openai`` (and everything that speaks its protocol), ``local``
            or ``test``; found from the name where it is well known.
        api_key: the key; else the service's environment variable or `.env` is used.
            It is never shown, stored or logged.
        base_url: address of an OpenAI-compatible server. The key of the environment
            is not sent to an address given here; pass `api_key` if the server wants one.
        parameters: the service's own, such as ``temperature``, ``max_tokens`` (tokens).

    Raises:
        ModelError: unknown service or parameter.

    Example:
        >>> Model("gpt-4o", service_name="openai", temperature=0)
        Model('gpt-4o', service_name='openai', temperature=0)
        >>> Model("test", canned_response="Blue")
        Model('test', service_name='test', canned_response='Blue')
    """

    error: ClassVar[type[EdslNbError]] = ModelError
    change: ClassVar[str] = "Make a new one: Model(name, service_name=..., parameter=value)."

    model: str = Field(min_length=1)
    service_name: str
    parameters: dict[str, Any]
    settings: dict[str, Any]
    base_url: str | None = None
    api_key: SecretStr | None = Field(default=None, repr=False, exclude=True)

    _identity: str | None = PrivateAttr(default=None)

    def __init__(
        self,
        model_name: str | None = None,
        service_name: str | None = None,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        **parameters: Any,
    ) -> None:
        name = model_name if model_name is not None else parameters.pop("model", None)
        for field, value, such in (
            ("model_name", name, "'gpt-4o'"),
            ("service_name", service_name, "'openai'"),
            ("base_url", base_url, "'http://localhost:11434/v1'"),
        ):
            if not (value is None or isinstance(value, str)):
                raise ModelError("a text is wanted", field=field, value=value, remedy=f"Such as {such}.")
        if name is None:
            name, service_name = _default(service_name)
        found = service(service_name) if service_name is not None else service_for(name)
        known, shown = dict(found.parameters), dict(found.settings)
        for key, value in parameters.items():
            if key not in known and key not in shown:
                raise ModelError(
                    f"service {found.name!r} takes no such parameter",
                    field=key,
                    value=value,
                    remedy=nearest(key, [*known, *shown, "service_name", "base_url", "api_key"]),
                )
            _check_number(key, value, (known if key in known else shown)[key])
            (known if key in known else shown)[key] = value
        if base_url is not None and not base_url.strip():
            # An empty variable must not send what is meant for a server of one's own to OpenAI.
            raise ModelError(
                "an address is wanted",
                field="base_url",
                value=base_url,
                remedy="Such as 'http://localhost:11434/v1', or leave it out.",
            )
        super().__init__(
            model=name,
            service_name=found.name,
            parameters=known,
            settings=shown,
            base_url=base_url.rstrip("/") if base_url else None,
            api_key=SecretStr(keys.checked(api_key, "api_key")) if api_key else None,
        )
        found.validate(self)

    @property
    def service(self) -> Service:
        """The service object that answers for this model."""
        return service(self.service_name)

    @property
    def label(self) -> str:
        """Name for progress and messages: ``openai/gpt-4o``."""
        return self.model if self.model == self.service_name else f"{self.service_name}/{self.model}"

    def fields(self) -> dict[str, Any]:
        """What a table shows of the model: its name, its service, and its parameters."""
        return {"model": self.model, "service": self.service_name, **self.parameters, **self.changed_settings}

    @cached_property
    def key_prefix(self) -> str:
        """Model name and sorted parameters as they stand in the cache key; those that are None do not."""
        kept = {key: value for key, value in self.parameters.items() if value is not None}
        return self.model + json.dumps(kept, sort_keys=True, default=str)

    @cached_property
    def changed_settings(self) -> dict[str, Any]:
        """The settings that are not at their defaults."""
        usual = self.service.settings
        return {key: value for key, value in self.settings.items() if value != usual[key]}

    def identity(self) -> str:
        """Equal for models that answer alike, wherever their key comes from."""
        if self._identity is None:
            # Two functions answer differently, whatever they are called.
            functions = [repr(value) for value in self.settings.values() if callable(value)]
            self._identity = canonical([self.to_dict(), functions])
        return self._identity

    def __getstate__(self) -> dict[Any, Any]:
        """What pickling writes: everything but the key."""
        state = super().__getstate__()
        return {**state, "__dict__": {**state["__dict__"], "api_key": None}}

    def to_dict(self) -> dict[str, Any]:
        """The model in EDSL's JSON, without its key. Functions among the settings are left out."""
        shown = {k: v for k, v in self.changed_settings.items() if not callable(v)}
        data: dict[str, Any] = {
            **self._extras,
            "model": self.model,
            "parameters": {**self.parameters, **shown},
            "inference_service": self.service_name,
        }
        if self.base_url:
            data["base_url"] = self.base_url
        return tagged(data, "LanguageModel")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Model:
        """The model that `to_dict` wrote, here or in EDSL.

        Raises:
            ModelError: no name, or a service that is not known.
        """
        fields = untagged(data, "Model")
        name, stored = fields.pop("model", None), fields.pop("parameters", None)
        for field, value, kind in (("model", name, str), ("parameters", stored or {}, dict)):
            if not isinstance(value, kind):
                raise ModelError(
                    "the JSON of a model needs this",
                    field=field,
                    value=value,
                    remedy="Pass what to_dict() gave.",
                )
        made = cls(name, fields.pop("inference_service", None), base_url=fields.pop("base_url", None))
        for key, value in (stored or {}).items():
            (made.settings if key in made.settings else made.parameters)[str(key)] = value
        made.service.validate(made)
        made._extras = fields
        return made

    def __repr__(self) -> str:
        usual = self.service.parameters
        parts = [repr(self.model), f"service_name={self.service_name!r}"]
        parts += [f"{k}={v!r}" for k, v in self.parameters.items() if usual.get(k) != v]
        parts += [f"{k}={v!r}" for k, v in self.changed_settings.items()]
        if self.base_url:
            parts.append(f"base_url={self.base_url!r}")
        return f"Model({', '.join(parts)})"

    __str__ = __repr__


def _check_number(field: str, value: Any, usual: Any) -> None:
    """Raise where a number is wanted and something else is given."""
    if isinstance(usual, bool) or not isinstance(usual, int | float) or value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelError("a number is wanted", field=field, value=value, remedy=f"Such as {field}={usual}.")


def _default(service_name: str | None) -> tuple[str, str | None]:
    """Name and service of `settings.default_model`, which may read ``service/name``."""
    name = settings.default_model
    head, slash, tail = name.partition("/")
    if slash and head in SERVICES and service_name in (None, head):
        return tail, head
    return name, service_name


class ModelList(ObjectList[Model]):
    """Models to be compared. See `ObjectList` for what lists can do.

    Example:
        >>> len(ModelList([Model("test"), Model("test", canned_response="Yes")]))
        2
    """

    kind = Model
    noun = "model"
    rows_key = "models"
    error = ModelError

    @classmethod
    def from_names(cls, *names: str, service_name: str | None = None) -> ModelList:
        """Models by name, all at one service."""
        return cls(Model(name, service_name) for name in names)

    @property
    def names(self) -> set[str]:
        """The models' names."""
        return {model.model for model in self}
