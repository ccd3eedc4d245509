"""`Model`: which language model answers, where, and with which parameters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Self, cast

from pydantic import Field, PrivateAttr, SecretStr

from edsl_nb.core import late
from edsl_nb.core.code import Call, briefly
from edsl_nb.core.errors import EdslNbError, ModelError, nearest
from edsl_nb.core.frozen import frozen, plain
from edsl_nb.core.lists import ObjectList
from edsl_nb.core.objects import DomainObject, canonical, tagged, untagged
from edsl_nb.core.settings import settings
from edsl_nb.models import keys
from edsl_nb.models.listing import Listing
from edsl_nb.models.services import SERVICES, Service, service, service_for


class Model(Listing, DomainObject):
    """A language model with its parameters.

    Parameters:
        model_name: the model, as its service names it; `settings.default_model` when left out.
        service_name: ``openai`` (and everything that speaks its protocol), ``local``
            or ``test``; found from the name where it is well known.
        api_key: the key; else the service's environment variable or `.env` is used.
            It is never shown, stored or logged.
        base_url: address of an OpenAI-compatible server. The key of the environment
            is not sent to an address given here; pass `api_key` if the server wants one.
        rpm, tpm: requests and tokens per minute that calls keep to; else `settings.limits`.
            They are not written to JSON.
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
    variable: ClassVar[str] = "model"
    saved_as: ClassVar[str] = "LanguageModel"

    model: str = Field(min_length=1)
    service_name: str
    parameters: dict[str, Any]
    settings: dict[str, Any]
    base_url: str | None = None
    api_key: SecretStr | None = Field(default=None, repr=False, exclude=True)
    rpm: int | float | None = Field(default=None, exclude=True)
    tpm: int | float | None = Field(default=None, exclude=True)

    _identity: str | None = PrivateAttr(default=None)

    def __init__(
        self,
        model_name: str | None = None,
        service_name: str | None = None,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        rpm: float | None = None,
        tpm: float | None = None,
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
                    remedy=nearest(
                        key, [*known, *shown, "service_name", "base_url", "api_key", "rpm", "tpm"]
                    ),
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
            rpm=checked_limit("rpm", rpm),
            tpm=checked_limit("tpm", tpm),
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

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """Requests and tokens per minute: the model's own, else those of the settings for its service."""
        rpm, tpm = settings.limits_of(self.service_name)
        return (rpm if self.rpm is None else self.rpm, tpm if self.tpm is None else self.tpm)

    def lent(
        self, api_key: SecretStr | None = None, rpm: float | None = None, tpm: float | None = None
    ) -> Model:
        """The same model with a key and limits where it has none of its own.

        A key for its service goes to addresses of the service only, not to one given as `base_url`.
        """
        key = api_key if self.service.takes_key_of_service(self) else None
        given = {"api_key": key, "rpm": rpm, "tpm": tpm}
        new = {name: value for name, value in given.items() if value is not None and not getattr(self, name)}
        if not new:
            return self
        made = self.__copy__()
        cast(dict[str, Any], made.__dict__).update(new)
        return made

    def _facts(self) -> Iterable[tuple[str, Any]]:
        address = {"base_url": self.base_url} if self.base_url else {}
        shown = {**self.fields(), **address}
        return ((name, value) for name, value in shown.items() if value is not None)

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
        shown = {k: plain(v) for k, v in self.changed_settings.items() if not callable(v)}
        data: dict[str, Any] = {
            **self._extras,
            "model": self.model,
            "parameters": {**plain(self.parameters), **shown},
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
        given = {} if stored is None else stored
        for field, value, kind in (("model", name, str), ("parameters", given, dict)):
            if not isinstance(value, kind):
                raise ModelError(
                    "the JSON of a model needs this",
                    field=field,
                    value=value,
                    remedy="Pass what to_dict() gave.",
                )
        made = cls(name, fields.pop("inference_service", None), base_url=fields.pop("base_url", None))
        if stored is not None:
            made._take({str(key): value for key, value in stored.items()})
        made._extras = frozen(fields, cls, "from_dict")
        return made

    def _take(self, stored: dict[str, Any]) -> None:
        """Take stored parameters as they are: what was not there was not sent."""
        settings = {key: stored.pop(key) for key in self.settings if key in stored}
        fields = cast(dict[str, Any], self.__dict__)
        fields["parameters"] = frozen(stored, type(self), "parameters")
        fields["settings"] = frozen({**self.settings, **settings}, type(self), "settings")
        self.service.validate(self)

    def arguments(self) -> dict[str, Any]:
        usual, address = self.service.parameters, {"base_url": self.base_url} if self.base_url else {}
        changed = {k: v for k, v in self.parameters.items() if k not in usual or usual[k] != v}
        limits = {k: v for k, v in (("rpm", self.rpm), ("tpm", self.tpm)) if v is not None}
        return {
            "model_name": self.model,
            "service_name": self.service_name,
            **changed,
            **self.changed_settings,
            **address,
            **limits,
        }

    def as_call(self) -> Call:
        # Parameters that the constructor does not know, or would fill in, are only in what was stored.
        if self._extras or self.parameters.keys() != self.service.parameters.keys():
            return Call(type(self), (self.to_dict(),), method="from_dict")
        named = self.arguments()
        return Call(type(self), (named.pop("model_name"),), named)

    def in_short(self) -> str:
        changed = {k: v for k, v in self.arguments().items() if k not in ("model_name", "service_name")}
        shown = ", ".join(f"{name}={value!r}" for name, value in changed.items())
        return f"Model {self.label}" + (f" ({briefly(shown)})" if shown else "")

    def functions(self) -> Iterable[str]:
        return (name for name, value in self.settings.items() if callable(value))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        key = {"api_key": self.api_key.get_secret_value()} if self.api_key else {}
        return super().model_copy(update={**key, **update} if update else None, deep=deep)

    @classmethod
    def example(cls) -> Model:
        """A model to try things with."""
        return cls("gpt-4o", service_name="openai")


def _check_number(field: str, value: Any, usual: Any) -> None:
    """Raise where a number is wanted and something else is given."""
    if isinstance(usual, bool) or not isinstance(usual, int | float) or value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelError("a number is wanted", field=field, value=value, remedy=f"Such as {field}={usual}.")


#: From here on a limit is none, and floats no longer hold it.
_NO_LIMIT = 1e15


def checked_limit(field: str, value: Any) -> int | float | None:
    """A limit per minute.

    Raises:
        ModelError: it is no number above 0.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (number and 0 < value < _NO_LIMIT):
        raise ModelError(
            "a number per minute, above 0, is wanted",
            field=field,
            value=value,
            remedy=f"Such as {field}=60, or leave it out for no limit.",
        )
    return value


def _default(service_name: str | None) -> tuple[str, str | None]:
    """Name and service of `settings.default_model`, which may read ``service/name``."""
    name = settings.default_model
    head, slash, tail = name.partition("/")
    if slash and head in SERVICES and service_name in (None, head):
        return tail, head
    return name, service_name


class ModelList(ObjectList[Model]):
    """Models to be compared.

    `a + b` puts two lists one after the other, slices select. `filter` knows
    the fields that its table shows: ``models.filter("service == 'test'")``.

    Parameters:
        data: the models; any iterable.

    Raises:
        ModelError: an item is no model; the message names its position.

    Example:
        >>> len(ModelList([Model("test"), Model("test", canned_response="Yes")]))
        2
    """

    kind = Model
    noun: ClassVar[str] = "model"
    rows_key: ClassVar[str] = "models"
    error: ClassVar[type[EdslNbError]] = ModelError
    saved_as: ClassVar[str] = "ModelList"
    variable: ClassVar[str] = "models"

    @classmethod
    def from_names(cls, *names: str | Iterable[str], service_name: str | None = None) -> Self:
        """Models by name, all at one service.

        Parameters:
            names: the names, one by one or as lists.
            service_name: the service, found from each name if left out.

        Raises:
            ModelError: a name is no text, or its service is not known.
        """
        flat = (
            name
            for some in names
            for name in ([some] if isinstance(some, str) or not isinstance(some, Iterable) else some)
        )
        return cls(Model(name, service_name) for name in flat)

    @classmethod
    def from_scenario_list(cls, scenario_list: Iterable[Any]) -> Self:
        """A model per scenario, with its fields ``model_name``, ``service_name`` and parameters.

        Raises:
            ModelError: a scenario has no ``model_name``, or a field that is no parameter.
        """
        made: list[Model] = []
        for index, scenario in enumerate(cls._many(scenario_list, "scenario_list")):
            if not isinstance(scenario, Mapping | DomainObject) or "model_name" not in dict(
                cast(Any, scenario)
            ):
                raise ModelError(
                    f"scenario {index} has no model_name",
                    field="scenario_list",
                    value=scenario,
                    remedy="Such as Scenario({'model_name': 'gpt-4o', 'temperature': 0}).",
                )
            made.append(Model(**plain(dict(cast(Any, scenario).items()))))
        return cls(made)

    @classmethod
    def example(cls) -> Self:
        """A list to try things with."""
        return cls([Model.example(), Model.example()])

    def in_short(self) -> str:
        """How many there are, and which."""
        count = f"ModelList: {len(self):,} model{'' if len(self) == 1 else 's'}"
        return f"{count}: {briefly(', '.join(model.label for model in self[:20]))}" if len(self) else count

    @property
    def names(self) -> set[str]:
        """The models' names."""
        return {model.model for model in self}

    def to(self, survey: Any) -> Any:
        """A job that puts a survey or a question to these models."""
        return late.call("by", survey, self)
