"""What immutable domain objects share: clear errors, comparison by content, displays, EDSL's JSON tags."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NoReturn, Self, cast

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError

from edsl_nb.core import late
from edsl_nb.core.calls import Checked, CheckedModel, no_such_parameter
from edsl_nb.core.cells import as_cell
from edsl_nb.core.code import Call, Coded
from edsl_nb.core.errors import EdslNbError
from edsl_nb.core.frozen import ATOMS, frozen, plain, refuse_change
from edsl_nb.core.hosted import Hosted
from edsl_nb.core.saving import VERSION_TAGS, Saved
from edsl_nb.core.tables import Card
from edsl_nb.core.version import __version__


def tagged(data: dict[str, Any], class_name: str) -> dict[str, Any]:
    """`data`, free to be changed, with the tags that EDSL's readers expect on an object."""
    written = {key: plain(value) for key, value in data.items()}
    return {**written, "edsl_version": f"edsl_nb-{__version__}", "edsl_class_name": class_name}


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


class Shown(metaclass=Checked):
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


class Built(Shown, Coded, Saved, Hosted):
    """What is built up and changed in place, such as surveys, jobs and lists."""


class Still:
    """Gives an object a display that shows without a kernel, too: a card of what there is to know of it."""

    def as_card(self) -> Card:
        """The object as a card."""
        return Card(self._title(), [(name, as_cell(value)) for name, value in self._facts()])

    def _title(self) -> str:
        return type(self).__name__

    def _facts(self) -> Iterable[tuple[str, Any]]:
        """What the card shows: names and values."""
        return ()

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return late.call("bundle", self, live=False)


class DomainObject(Still, Coded, Saved, Hosted, BaseModel, metaclass=CheckedModel):
    """An immutable value: equal when its content is equal, refused with a clear error when it is not valid.

    Dicts and lists in its fields cannot be changed either.

    Class attributes:
        error: the error raised for bad fields.
        change: how to get a changed copy, named when somebody tries to change the object.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", protected_namespaces=())

    error: ClassVar[type[EdslNbError]] = EdslNbError
    change: ClassVar[str] = "Make a changed copy: object.model_copy(update={'field': value})."

    #: Fields of newer versions, kept so that nothing is lost on the way through.
    _extras: dict[str, Any] = PrivateAttr(default_factory=dict)

    def __init__(self, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as refused:
            self._refuse(refused)
        fields, owner = cast(dict[str, Any], self.__dict__), type(self)
        for name, value in fields.items():
            if type(value) not in ATOMS:
                fields[name] = frozen(value, owner, name)

    def _refuse(self, refused: ValidationError) -> NoReturn:
        first = refused.errors(include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else type(self).__name__
        if first["type"] == "extra_forbidden":
            raise no_such_parameter(type(self), field, first["input"]) from None
        wanted, remedy = _WANTED.get(first["type"], ("", f"Pass a valid {field}."))
        for bound, words in _BOUNDS.items():
            if bound in (limits := first.get("ctx", {})):
                wanted, remedy = (
                    f"a number of {words} {limits[bound]} is wanted",
                    f"Such as {field}={limits[bound]}.",
                )
        problem = wanted or _uncapitalised(first["msg"].removeprefix("Value error, "))
        raise self.error(problem, field=field, value=first["input"], remedy=remedy) from None

    @classmethod
    def _of_stored(cls, known: dict[str, Any], extras: dict[str, Any]) -> Self:
        """The object that was stored: known fields as parameters, and the others to be kept."""
        made = cls(**known)
        made._extras = frozen(extras, cls, "from_dict")
        return made

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A changed copy.

        Parameters:
            update: new values by parameter, which are checked as when an object is made.
            deep: without effect, since objects do not change.

        Raises:
            EdslNbError: a value is not as it has to be, or there is no such parameter.

        Example:
            >>> from edsl_nb import Agent
            >>> Agent({"age": 20}, name="Ann").model_copy(update={"name": "Bob"})
            Agent(traits={'age': 20}, name='Bob')
        """
        if not update:
            return self.__copy__()
        made = type(self)(**{**self.arguments(), **update})
        made._extras = self._extras
        return made

    def copy(self) -> Self:  # type: ignore[override]  # pydantic's, deprecated
        """An equal object; since objects do not change, changed copies are made by other methods."""
        return self.__copy__()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self.__copy__()

    def arguments(self) -> dict[str, Any]:
        """The parameters that make an object equal to this one, without those that are as usual."""
        fields = type(self).model_fields.items()
        given = ((name, getattr(self, name), info) for name, info in fields)
        return {
            name: value
            for name, value, info in given
            if info.is_required() or value != info.get_default(call_default_factory=True)
        }

    def _facts(self) -> Iterable[tuple[str, Any]]:
        return self.arguments().items()

    def as_call(self) -> Call:
        if self._extras:  # what newer versions have added is no parameter
            return Call(type(self), (self.to_dict(),), method="from_dict")
        return Call(type(self), (), self.arguments())

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            refuse_change(type(self), name, value)

    def __delattr__(self, name: str) -> None:
        refuse_change(type(self), name, None)

    def identity(self) -> str:
        """Text that is equal for equal content."""
        return canonical(self.to_dict())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self is other or self.identity() == other.identity()

    def __hash__(self) -> int:
        return hash(self.identity())


#: What pydantic finds wrong, in our words, with the remedy.
_WANTED = {
    "string_type": ("a text is wanted", "Put it in quotes, or turn it into a text with str(...)."),
    "string_too_short": ("it is empty", "Write something."),
    "string_unicode": (
        "the text holds half a character",
        "Repair it, such as with text.encode('utf-8', 'replace').",
    ),
    "bool_type": ("True or False is wanted", "Pass True or False."),
    "int_type": ("a whole number is wanted", "Such as 3."),
    "float_type": ("a number is wanted", "Such as 0.5."),
    "finite_number": ("a finite number is wanted", "Such as 0.5."),
    "list_type": ("a list is wanted", "Such as ['a', 'b']."),
    "dict_type": ("a dict is wanted", "Such as {'a': 'b'}."),
    "recursion_loop": ("a value cannot hold itself", "Write it out as far as it is needed."),
}


#: What pydantic calls the limits of numbers, in our words.
_BOUNDS = {"ge": "at least", "le": "at most"}


def _uncapitalised(text: str) -> str:
    return text[:1].lower() + text[1:]
