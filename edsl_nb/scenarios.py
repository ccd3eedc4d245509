"""`Scenario`: values that fill the placeholders of questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import Field

from edsl_nb.core import late
from edsl_nb.core.errors import EdslNbError, ScenarioError
from edsl_nb.core.lists import ObjectList
from edsl_nb.core.objects import DomainObject, tagged, untagged


class Scenario(DomainObject):
    """Named values, used in questions as ``{{ scenario.name }}``. Reads like a dict.

    Parameters:
        data: names and values; keyword arguments are added to them.

    Raises:
        ScenarioError: `data` is not a dict, or a name is not a text.

    Example:
        >>> Scenario({"topic": "bees"})["topic"]
        'bees'
    """

    error: ClassVar[type[EdslNbError]] = ScenarioError
    change: ClassVar[str] = "Make a new one: Scenario({**scenario, 'field': value})."

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
            if not isinstance(key, str) or not key:
                raise ScenarioError(
                    "names in a scenario are texts",
                    field="data",
                    value=key,
                    remedy="Use names such as 'topic'.",
                )
        super().__init__(data=values)

    def __getitem__(self, name: str) -> Any:
        return self.data[name]

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

    def __add__(self, other: object) -> Scenario:
        """Both scenarios' values; the second wins where both have a name."""
        if not isinstance(other, Scenario):
            return NotImplemented
        return Scenario({**self.data, **other.data})

    def to_dict(self) -> dict[str, Any]:
        """The scenario in EDSL's JSON."""
        return tagged(dict(self.data), "Scenario")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Scenario:
        """The scenario that `to_dict` wrote, here or in EDSL.

        Raises:
            ScenarioError: it holds a file.
        """
        fields = untagged(data, "Scenario")
        for name, value in {"scenario": fields, **fields}.items():
            if isinstance(value, dict) and {"base64_string", "mime_type"} <= value.keys():
                raise ScenarioError(
                    "a file cannot be read",
                    field=name,
                    remedy="Put its text there, or leave it out before saving.",
                )
        return cls(fields)

    def __repr__(self) -> str:
        return f"Scenario({self.data!r})"

    __str__ = __repr__


class ScenarioList(ObjectList[Scenario]):
    """Scenarios to be asked about. See `ObjectList` for what lists can do.

    Example:
        >>> [s["x"] for s in ScenarioList.from_list("x", ["tea", "coffee"])]
        ['tea', 'coffee']
    """

    kind = Scenario
    noun = "scenario"
    rows_key = "scenarios"
    error = ScenarioError

    @classmethod
    def from_list(cls, field: str, values: Iterable[Any]) -> Self:
        """One scenario per value of one field."""
        return cls._of_values(field, values)

    def __mul__(self, other: ScenarioList) -> Self:
        """Each scenario here with the values of each scenario there."""
        return self._product(other, lambda a, b: a + b)

    def to(self, survey: Any) -> Any:
        """A job that asks a survey or a question about these scenarios."""
        return late.call("by", survey, self)
