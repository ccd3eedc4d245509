"""What immutable domain objects share: clear errors, comparison by content, displays, EDSL's JSON tags."""

from __future__ import annotations

import json
from abc import abstractmethod
from inspect import signature
from types import MethodType
from typing import Any, ClassVar, NoReturn, cast

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError

from edsl_nb.core import late
from edsl_nb.core.errors import EdslNbError, nearest
from edsl_nb.core.version import __version__

#: The tags EDSL adds to every object in its JSON; ignored when reading.
VERSION_TAGS = ("edsl_version", "edsl_class_name")


def tagged(data: dict[str, Any], class_name: str) -> dict[str, Any]:
    """`data` with the tags that EDSL's readers expect on an object."""
    return {**data, "edsl_version": f"edsl_nb-{__version__}", "edsl_class_name": class_name}


def untagged(data: Any, class_name: str) -> dict[str, Any]:
    """A copy of EDSL's JSON for an object, without its tags.

    Raises:
        EdslNbError: it is not a JSON object.
    """
    if not isinstance(data, dict):
        raise EdslNbError(
            "a JSON object (a dict) is wanted",
            field=f"{class_name}.from_dict",
            value=data,
            remedy="Pass what to_dict() gave.",
        )
    return {str(k): v for k, v in cast(dict[Any, Any], data).items() if k not in VERSION_TAGS}


def listed(fields: dict[str, Any], key: str, class_name: str) -> list[Any]:
    """Take the list that an object's JSON holds under `key` out of its fields.

    Raises:
        EdslNbError: there is none.
    """
    rows = fields.pop(key, None)
    if not isinstance(rows, list):
        raise EdslNbError(
            f"the JSON of a {class_name} has a list here",
            field=key,
            value=rows,
            remedy="Pass what to_dict() gave.",
        )
    return cast(list[Any], rows)


def canonical(data: Any) -> str:
    """Text that is equal for equal content, whatever the order of names."""
    try:
        return json.dumps(data, sort_keys=True, default=repr)
    except (TypeError, ValueError):  # names of several kinds, or values that hold themselves
        return repr(data)


class Shown:
    """Gives an object its notebook displays, which live in the layers above."""

    def _ipython_display_(self) -> None:
        late.call("show", self)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return late.call("bundle", self)

    def freeze(self) -> None:
        """Turn every display of this object in the notebook into plain HTML, which needs no kernel."""
        late.call("freeze", self)


class DomainObject(BaseModel):
    """An immutable value: equal when its content is equal, refused with a clear error when it is not valid.

    Class attributes:
        error: the error raised for bad fields.
        change: how to get a changed copy, named when somebody assigns to a field.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", protected_namespaces=())

    error: ClassVar[type[EdslNbError]] = EdslNbError
    change: ClassVar[str] = "Make a new one with the value you want."

    #: Fields of newer versions, kept so that nothing is lost on the way through.
    _extras: dict[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        # Help shows the parameters as they are written down, not as pydantic infers them.
        cls.__signature__ = signature(MethodType(cls.__init__, cls))

    def __init__(self, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as refused:
            self._refuse(refused)

    def _refuse(self, refused: ValidationError) -> NoReturn:
        first = refused.errors(include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else type(self).__name__
        if first["type"] == "extra_forbidden":
            raise self.error(
                f"{type(self).__name__} takes no such parameter",
                field=field,
                value=first["input"],
                remedy=nearest(field, type(self).model_fields),
            ) from None
        problem = first["msg"].removeprefix("Value error, ")
        wanted = problem[0].lower() + problem[1:]
        raise self.error(wanted, field=field, value=first["input"], remedy=f"Pass a valid {field}.") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
            return
        raise self.error(
            f"{type(self).__name__} objects cannot be changed once made",
            field=name,
            value=value,
            remedy=self.change,
        )

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def identity(self) -> str:
        """Text that is equal for equal content."""
        return canonical(self.to_dict())

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The object in EDSL's JSON."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self is other or self.identity() == other.identity()

    def __hash__(self) -> int:
        return hash(self.identity())
