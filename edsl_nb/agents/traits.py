"""Named traits, and copies in which they are changed."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self, cast

from pydantic import Field

from edsl_nb.core.errors import AgentError, EdslNbError, nearest
from edsl_nb.core.objects import DomainObject

#: Fields that EDSL's JSON of an agent has only where they are not as usual.
OPTIONAL = ("name", "codebook", "instruction", "traits_presentation_template")


class TraitError(AgentError, AttributeError):
    """An agent has no such trait."""


class Traits(DomainObject):
    """What has traits: an agent, but for what a model is told of it.

    Parameters:
        traits: names and values.
        name: a name for results.
        codebook: a description for trait names.
    """

    error: ClassVar[type[EdslNbError]] = AgentError
    change: ClassVar[str] = "Make a changed copy: agent.add_trait(name, value), agent.rename(old, new)."

    traits: dict[str, Any] = Field(default_factory=dict)
    name: str | None = None
    codebook: dict[str, str] = Field(default_factory=dict)

    def __getitem__(self, trait: str) -> Any:
        if trait not in self.traits:
            self._check_has([trait])
        return self.traits[trait]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            # Pydantic keeps private attributes apart, and is slow to look there.
            private = {} if name.startswith("__") else self.__pydantic_private__ or {}
            return private[name] if name in private else cast(Any, super()).__getattr__(name)
        traits: dict[str, Any] = self.__dict__.get("traits", {})
        if name in traits:
            return traits[name]
        raise TraitError(
            "the agent has no such trait, and agents have no such attribute",
            field=name,
            remedy=nearest(name, [*traits, "traits", "name", "instruction", "codebook"]),
        )

    # Changed copies

    def add_trait(self, name: str | Mapping[str, Any], value: Any = None) -> Self:
        """A copy with one more trait, or with another value for it; or with several, given as a dict.

        Example:
            >>> from edsl_nb import Agent
            >>> Agent(age=20).add_trait("mood", "sad").add_trait({"age": 21})
            Agent(traits={'age': 21, 'mood': 'sad'})
        """
        added = name if isinstance(name, Mapping) else {name: value}
        for key in added:
            check_trait(key)
        return self.model_copy(update={"traits": {**self.traits, **added}})

    def update_trait(self, name: str, value: Any) -> Self:
        """A copy with another value for a trait that it has.

        Raises:
            AgentError: it has no such trait.
        """
        self._check_has([name])
        return self.add_trait(name, value)

    def remove_trait(self, name: str) -> Self:
        """A copy without a trait.

        Raises:
            AgentError: it has no such trait.
        """
        self._check_has([name])
        return self._with_traits({key: key for key in self.traits if key != name})

    def drop(self, *names: str | Iterable[str]) -> Self:
        """A copy without some traits, or without its ``name``, ``instruction`` or ``codebook``.

        Raises:
            AgentError: it has no such trait.
        """
        given = _names(names)
        fields = [name for name in given if name in OPTIONAL and name not in self.traits]
        self._check_has([name for name in given if name not in fields])
        made = self._with_traits({key: key for key in self.traits if key not in given})
        return made.model_copy(update=dict.fromkeys(fields)) if fields else made

    def keep(self, *names: str | Iterable[str]) -> Self:
        """A copy with some traits only, in the order given; what is no trait stays as it is.

        Raises:
            AgentError: it has no such trait.
        """
        given = [name for name in _names(names) if name not in OPTIONAL or name in self.traits]
        self._check_has(given)
        return self._with_traits({key: key for key in given})

    def select(self, *names: str | Iterable[str]) -> Self:
        """The same as `keep`."""
        return self.keep(*names)

    def rename(self, old: str | Mapping[str, str], new: str | None = None) -> Self:
        """A copy in which a trait has another name; or several, given as a dict.

        Raises:
            AgentError: it has no such trait, or already one of the new name.

        Example:
            >>> from edsl_nb import Agent
            >>> Agent(age=20).rename("age", "years")
            Agent(traits={'years': 20})
        """
        names: dict[Any, Any] = dict(old) if isinstance(old, Mapping) else {old: new}
        self._check_has(list(names))
        for name in names.values():
            check_trait(name)
        renamed = {key: names.get(key, key) for key in self.traits}
        twice = next((name for name in names.values() if list(renamed.values()).count(name) > 1), None)
        if twice is not None:
            raise AgentError(
                "two traits would have the same name",
                field="new",
                value=twice,
                remedy="Choose another name, or drop the other trait first.",
            )
        return self._with_traits(renamed)

    def translate_traits(self, values_codebook: Mapping[str, Mapping[Any, Any]]) -> Self:
        """A copy in which coded values of traits are spelt out; values without a translation stay.

        Parameters:
            values_codebook: by trait, the value for each code.

        Raises:
            AgentError: it has no such trait, or these are no dicts.

        Example:
            >>> from edsl_nb import Agent
            >>> Agent(region=2).translate_traits({"region": {1: "North", 2: "South"}})
            Agent(traits={'region': 'South'})
        """
        such = '{"region": {1: "North", 2: "South"}}'
        check_dict(values_codebook, "values_codebook", such)
        self._check_has(list(values_codebook))
        traits = dict(self.traits)
        for name, values in values_codebook.items():
            check_dict(values, "values_codebook", such)
            for code, value in values.items():
                if type(code) is type(self.traits[name]) and code == self.traits[name]:
                    traits[name] = value
        return self.model_copy(update={"traits": traits})

    def _with_traits(self, names: Mapping[str, str]) -> Self:
        """A copy with some of the traits, by their new names, and what the codebook says of them."""
        codebook = {key: text for key, text in self.codebook.items() if key not in self.traits}
        codebook |= {new: self.codebook[old] for old, new in names.items() if old in self.codebook}
        traits = {new: self.traits[old] for old, new in names.items()}
        return self.model_copy(update={"traits": traits, "codebook": codebook})

    def _check_has(self, names: Iterable[Any]) -> None:
        for name in names:
            if not isinstance(name, str) or name not in self.traits:
                raise AgentError(
                    "the agent has no such trait",
                    field="traits",
                    value=name,
                    remedy=nearest(name, self.traits),
                )


def _names(names: Iterable[str | Iterable[str]]) -> list[Any]:
    """Names that are given one by one, or as a list."""
    return [
        name
        for one in names
        for name in ([one] if isinstance(one, str) or not isinstance(one, Iterable) else one)
    ]


def check_dict(value: Any, field: str, such: str) -> None:
    if value is not None and not isinstance(value, Mapping):
        raise AgentError("a dict is wanted", field=field, value=value, remedy=f"Such as {field}={such}.")


def check_trait(key: object) -> None:
    if not isinstance(key, str) or not key.isidentifier() or keyword.iskeyword(key):
        raise AgentError(
            "a trait name has to be an identifier",
            field="traits",
            value=key,
            remedy="Use letters, digits and underscores, such as 'home_town'.",
        )
    if key == "name":
        raise AgentError(
            "'name' is no trait", field="traits", value=key, remedy="Pass it as Agent(..., name=...)."
        )
