"""`Scenario`: values that fill the placeholders of questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, cast

from pydantic import Field

from edsl_nb.core import late
from edsl_nb.core.code import Call
from edsl_nb.core.errors import EdslNbError, ScenarioError, nearest
from edsl_nb.core.frozen import frozen, plain, refuse_change
from edsl_nb.core.objects import DomainObject, tagged, untagged
from edsl_nb.scenarios.texts import pieces

if TYPE_CHECKING:
    from edsl_nb.scenarios.scenario_list import ScenarioList

#: What the JSON of a file has.
_FILE_KEYS = {"base64_string", "mime_type"}


class FieldError(ScenarioError, KeyError):
    """A scenario has no such field."""

    __str__ = Exception.__str__  # a KeyError's would be in quotes


class Scenario(DomainObject):
    """Named values, used in questions as ``{{ scenario.name }}``. Reads like a dict.

    Names may be any text; those that placeholders use have to be identifiers.

    Parameters:
        data: names and values; keyword arguments are added to them.

    Raises:
        ScenarioError: `data` is not a dict, a name is not a text, or a value holds itself.

    Example:
        >>> Scenario({"topic": "bees"})["topic"]
        'bees'
    """

    error: ClassVar[type[EdslNbError]] = ScenarioError
    change: ClassVar[str] = "Make a new one: Scenario({**scenario, 'field': value})."
    saved_as: ClassVar[str] = "Scenario"
    rows_key: ClassVar[str | None] = None
    variable: ClassVar[str] = "scenario"

    data: dict[str, Any] = Field(default_factory=dict)

    def __init__(self, data: Mapping[str, Any] | None = None, **fields: Any) -> None:
        if data is not None and not isinstance(data, Mapping | Scenario):
            raise ScenarioError(
                "a dict of values is wanted",
                field="data",
                value=data,
                remedy='Such as Scenario({"topic": "bees"}).',
            )
        values = {**dict(data.items() if data is not None else ()), **fields}
        for key in values:
            checked_name(key, "data")
        super().__init__(data=values)

    # As a dict

    def __getitem__(self, name: str) -> Any:
        try:
            return self.data[name]
        except KeyError:
            raise FieldError(
                "the scenario has no such field",
                field="scenario[...]",
                value=name,
                remedy=nearest(name, self.data),
            ) from None

    def __setitem__(self, name: str, value: Any) -> NoReturn:
        refuse_change(Scenario, str(name), value)

    def __delitem__(self, name: str) -> NoReturn:
        refuse_change(Scenario, str(name), None)

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __contains__(self, name: object) -> bool:
        return name in self.data

    def keys(self) -> Iterable[str]:
        """The names."""
        return self.data.keys()

    def values(self) -> Iterable[Any]:
        """The values."""
        return self.data.values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Names with their values."""
        return self.data.items()

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, or `default`."""
        return self.data.get(name, default)

    def fields(self) -> dict[str, Any]:
        """What a table shows of the scenario: its values."""
        return dict(self.data)

    def _facts(self) -> Iterable[tuple[str, Any]]:
        return self.data.items()

    # Changed copies

    def __add__(self, other: object) -> Scenario:
        """Both scenarios' values; the second wins where both have a name."""
        if not isinstance(other, Scenario):
            return NotImplemented
        return Scenario({**self.data, **other.data})

    def select(self, *names: str | Iterable[str]) -> Scenario:
        """A scenario with these fields alone, in this order.

        Raises:
            ScenarioError: there is no such field.
        """
        return Scenario({name: self.data[name] for name in self._known(names, "select")})

    def keep(self, *names: str | Iterable[str]) -> Scenario:
        """The same as `select`."""
        return self.select(*names)

    def drop(self, *names: str | Iterable[str]) -> Scenario:
        """A scenario without these fields.

        Raises:
            ScenarioError: there is no such field.
        """
        dropped = set(self._known(names, "drop"))
        return Scenario({name: value for name, value in self.data.items() if name not in dropped})

    def rename(self, old: str | Mapping[str, str], new: str | None = None) -> Scenario:
        """A scenario with other names for its fields.

        Parameters:
            old: the name, or a dict of old and new names.
            new: the new name, where `old` is one name.

        Raises:
            ScenarioError: there is no such field, or two would have the same name.

        Example:
            >>> Scenario({"a": 1, "b": 2}).rename({"a": "x"})
            Scenario({'x': 1, 'b': 2})
        """
        names = renaming(old, new)
        self._known(names, "rename")
        renamed = {names.get(name, name): value for name, value in self.data.items()}
        if len(renamed) < len(self.data):
            raise ScenarioError(
                "two fields would have the same name", field="rename", value=names, remedy="Drop one first."
            )
        return Scenario(renamed)

    def _known(self, names: Iterable[Any], method: str) -> list[str]:
        asked = flat_names(names, method)
        for name in asked:
            if name not in self.data:
                raise ScenarioError(
                    "the scenario has no such field",
                    field=method,
                    value=name,
                    remedy=nearest(name, self.data),
                )
        return asked

    def _one(self, name: Any, method: str) -> str:
        """A single name that the scenario has."""
        return self._known([checked_name(name, method)], method)[0]

    # More than one

    def replicate(self, n: int) -> ScenarioList:
        """A list that holds this scenario `n` times.

        Raises:
            ScenarioError: `n` is not 0 or more.
        """
        from edsl_nb.scenarios.scenario_list import ScenarioList

        return ScenarioList([self]).replicate(n)

    def chunk(
        self,
        field: str,
        num_words: int | None = None,
        num_lines: int | None = None,
        include_original: bool = False,
        hash_original: bool = False,
    ) -> ScenarioList:
        """A list with a scenario for each piece of a text.

        Each has the piece in the field's place, and its number from 0, its
        characters and its words as ``<field>_chunk``, ``<field>_char_count`` and
        ``<field>_word_count``.

        Parameters:
            field: the field with the text.
            num_words: words in a piece.
            num_lines: lines in a piece; give this or `num_words`.
            include_original: whether to add the whole text as ``<field>_original``.
            hash_original: whether that is its MD5 sum instead of the text.

        Raises:
            ScenarioError: there is no such field, it is no text, or both or neither size is given.

        Example:
            >>> [s["t"] for s in Scenario({"t": "one two three"}).chunk("t", num_words=2)]
            ['one two', 'three']
        """
        from edsl_nb.scenarios.scenario_list import ScenarioList

        name = self._one(field, "chunk")
        found = pieces(name, self.data[name], num_words, num_lines, include_original, hash_original)
        return ScenarioList(Scenario({**self.data, **piece}) for piece in found)

    def to(self, survey: Any) -> Any:
        """A job that asks a survey or a question about this scenario."""
        return late.call("by", survey, self)

    # EDSL's JSON

    @classmethod
    def example(cls) -> Scenario:
        """A scenario to try things with."""
        return cls({"topic": "bees", "setting": "a city garden"})

    def to_dict(self) -> dict[str, Any]:
        """The scenario in EDSL's JSON."""
        return tagged({name: _written(value) for name, value in self.data.items()}, "Scenario")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Scenario:
        """The scenario that `to_dict` wrote, here or in EDSL. Files in it become `FileStore` objects.

        Raises:
            ScenarioError: it holds what makes no scenario.
        """
        fields = untagged(data, "Scenario")
        if fields.keys() >= _FILE_KEYS:
            return _file(fields)
        values = {name: _read(value) for name, value in fields.items()}
        return of_row(values) if cls is Scenario else cls(values)

    def arguments(self) -> dict[str, Any]:
        return {"data": self.data}

    def as_call(self) -> Call:
        return Call(type(self), (self.data,))

    def __str__(self) -> str:
        """All values, since a scenario may be a value in a prompt."""
        return str(self.data)


def renaming(old: Any, new: Any) -> dict[str, str]:
    """The old and new names that a method is given.

    Raises:
        ScenarioError: they are no names.
    """
    names: Any = old if new is None else {checked_name(old, "rename"): new}
    if not isinstance(names, Mapping):
        raise ScenarioError(
            "old and new names are wanted", field="rename", value=names, remedy='Such as {"old": "new"}.'
        )
    return {checked_name(name, "rename"): checked_name(given, "rename") for name, given in names.items()}


def flat_names(names: Iterable[Any], method: str) -> list[str]:
    """Names given one by one or as lists, each once.

    Raises:
        ScenarioError: there is something else among them.
    """
    found: list[Any] = []
    for name in names:
        many = isinstance(name, Iterable) and not isinstance(name, str | bytes | Mapping)
        found += cast(Iterable[Any], name) if many else [name]
    for name in found:
        checked_name(name, method)
    return list(dict.fromkeys(found))


def of_row(values: Mapping[str, Any]) -> Scenario:
    """The scenario of a row of a table: as `Scenario(values)`, in a fraction of the time.

    Raises:
        ScenarioError: a name is not a text, or a value holds itself.
    """
    for key in values:
        checked_name(key, "data")
    made = Scenario.__new__(Scenario)
    # All that pydantic makes of an object, without its checks, which these values need not pass.
    put = object.__setattr__
    put(made, "__dict__", {"data": frozen(values, Scenario, "data")})
    put(made, "__pydantic_fields_set__", {"data"})
    put(made, "__pydantic_extra__", None)
    put(made, "__pydantic_private__", {"_extras": {}})
    return made


def checked_name(name: Any, field: str) -> str:
    """A single name that a method is given.

    Raises:
        ScenarioError: it is no text.
    """
    if not isinstance(name, str) or not name:
        raise ScenarioError(
            "names in a scenario are texts", field=field, value=name, remedy="Use names such as 'topic'."
        )
    return name


def _written(value: Any) -> Any:
    """A value as JSON: files and scenarios among values as they write themselves."""
    if isinstance(value, DomainObject):
        return cast(Any, value).to_dict()
    if isinstance(value, list):
        return [_written(item) for item in cast(list[Any], value)]
    if isinstance(value, dict):
        return {key: _written(item) for key, item in cast(dict[Any, Any], value).items()}
    return plain(value)


def _read(value: Any, depth: int = 100) -> Any:
    """A value from JSON, in which files become files again."""
    if depth and isinstance(value, list):
        return [_read(item, depth - 1) for item in cast(list[Any], value)]
    if not (depth and isinstance(value, dict)):
        return value
    fields = cast(dict[Any, Any], value)
    if fields.keys() >= _FILE_KEYS:
        return _file(untagged(fields, "FileStore"))
    return {key: _read(item, depth - 1) for key, item in fields.items()}


def _file(fields: dict[str, Any]) -> Any:
    from edsl_nb.files import FileStore

    return FileStore.from_dict(fields)
