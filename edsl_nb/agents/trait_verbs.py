"""Verbs of agent lists that choose, add, name and change traits."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Self

from edsl_nb.agents.agent import Agent
from edsl_nb.core.errors import AgentError, EdslNbError, nearest
from edsl_nb.core.lists import ObjectList
from edsl_nb.core.rows import Each, ObjectRows, SelectedRows, mapped


class TraitVerbs(ObjectList[Agent]):
    """A list of agents whose traits can be worked on. See `AgentList`."""

    kind = Agent
    noun: ClassVar[str] = "agent"
    rows_key: ClassVar[str] = "agent_list"
    error: ClassVar[type[EdslNbError]] = AgentError

    def __init__(self, data: Iterable[Agent] | None = None) -> None:
        super().__init__(data)
        #: What was set for the list as a whole, which its JSON says once more.
        self._shared: dict[str, Any] = dict(data._shared) if isinstance(data, TraitVerbs) else {}

    @property
    def names(self) -> list[str | None]:
        """The agents' names, in order."""
        return [agent.name for agent in self]

    @property
    def all_traits(self) -> list[str]:
        """The names of all traits, in the order in which agents have them."""
        sets = self._rows.field_sets(lambda agent: frozenset(agent.traits))
        return list(dict.fromkeys(name for index in sets.values() for name in self._rows[index].traits))

    @property
    def trait_keys(self) -> list[str]:
        """The same as `all_traits`."""
        return self.all_traits

    @property
    def codebook(self) -> dict[str, str]:
        """The description of traits that was set for the list as a whole."""
        return dict(self._shared.get("codebook", {}))

    def _scope(self, item: Agent) -> dict[str, Any]:
        return {**item.traits, "name": item.name}

    def _changed(self, method: str, *args: Any) -> Self:
        """The result of a method for each agent."""
        return self._with(mapped(self._rows, Each(method, *args)))

    def _checked_traits(self, names: Iterable[Any], method: str) -> list[str]:
        """Names given one by one or as lists, which are traits of every agent."""
        wanted = [
            item for name in names for item in ([name] if isinstance(name, str) else _several(name, method))
        ]
        for traits, index in self._rows.field_sets(lambda agent: frozenset(agent.traits)).items():
            for name in wanted:
                if name not in traits:
                    raise AgentError(
                        f"agent {index} has no such trait",
                        field=method,
                        value=name,
                        remedy=nearest(name, traits),
                    )
        return wanted

    def select(self, *traits: str | Iterable[str]) -> Self:
        """The agents with these traits alone.

        Raises:
            AgentError: some agent has no such trait.
        """
        self._checked_traits(traits, "select")
        return self._changed("select", *traits)

    def keep(self, *traits: str | Iterable[str]) -> Self:
        """The same as `select`."""
        return self.select(*traits)

    def drop(self, *traits: str | Iterable[str]) -> Self:
        """The agents without these traits.

        Raises:
            AgentError: some agent has no such trait.
        """
        self._checked_traits(traits, "drop")
        return self._changed("drop", *traits)

    def remove_trait(self, *traits: str | Iterable[str]) -> Self:
        """The same as `drop`."""
        return self.drop(*traits)

    def rename(self, old_name: str | Mapping[str, str], new_name: str | None = None) -> Self:
        """The agents with other names for their traits.

        Parameters:
            old_name: the name, or a dict of old and new names.
            new_name: the new name, where `old_name` is one name.

        Raises:
            AgentError: some agent has no such trait, or two traits would have the same name.
        """
        if not isinstance(old_name, Mapping):
            old_name = {_one(old_name, "old_name"): _one(new_name, "new_name")}
        self._checked_traits(old_name, "rename")
        for index in self._rows.field_sets(lambda agent: frozenset(agent.traits)).values():
            self._rows[index].rename(old_name)  # refuses what would be wrong for all
        return self._changed("rename", old_name)

    def add_trait(self, trait: str, values: Any) -> Self:
        """The agents with one more trait, or with other values for it.

        Parameters:
            trait: its name.
            values: a list of as many values as there are agents, or one value for all.

        Raises:
            AgentError: there are more or fewer values than agents, or the name cannot be a trait's.

        Example:
            >>> from edsl_nb import AgentList
            >>> [a.traits for a in AgentList.from_list("age", [20, 60]).add_trait("mood", ["sad", "glad"])]
            [{'age': 20, 'mood': 'sad'}, {'age': 60, 'mood': 'glad'}]
        """
        _one(trait, "trait")
        if not isinstance(values, list | tuple):
            Agent().add_trait(trait, values)  # refuses what would be wrong for all
            return self._changed("add_trait", trait, values)
        if len(values) != len(self):
            raise AgentError(
                f"there are {len(self):,} agents and {len(values):,} values",
                field="values",
                value=values,
                remedy="Give one for each agent, or one value for all.",
            )
        pairs = zip(self, values, strict=True)
        return self._with(ObjectRows(agent.add_trait(trait, value) for agent, value in pairs))

    def translate_traits(self, codebook: Mapping[str, Mapping[Any, Any]]) -> Self:
        """The agents with other values for some of their traits' values.

        Parameters:
            codebook: new values by old ones, for each trait: ``{"a": {1: "one"}}``.

        Raises:
            AgentError: some agent has no such trait.
        """
        if not isinstance(codebook, Mapping):
            raise AgentError(
                "a dict of values by trait is wanted",
                field="codebook",
                value=codebook,
                remedy='Such as {"age": {1: "young"}}.',
            )
        self._checked_traits(codebook, "translate_traits")
        Agent(dict.fromkeys(codebook, 0)).translate_traits(codebook)  # refuses what would be wrong for all
        return self._changed("translate_traits", codebook)

    def numberify(self) -> Self:
        """The agents with numbers in place of texts that are numbers. See `ScenarioList.numberify`."""
        from edsl_nb.scenarios.texts import number

        return self._with_traits(lambda agent: {name: number(value) for name, value in agent.traits.items()})

    def _with_traits(self, traits_of: Callable[[Agent], dict[str, Any]]) -> Self:
        return self._with(ObjectRows(agent.model_copy(update={"traits": traits_of(agent)}) for agent in self))

    def filter_na(self, fields: str | Iterable[str] = "*") -> Self:
        """The agents of whom no trait is missing: neither None nor NaN.

        Parameters:
            fields: which traits count; ``"*"`` for all.

        Raises:
            AgentError: some agent has no such trait.
        """
        from edsl_nb.scenarios.texts import is_missing

        asked = None if fields == "*" else self._checked_traits([fields], "filter_na")
        kept = (
            index
            for index, agent in enumerate(self)
            if not any(is_missing(agent.traits[name]) for name in (agent.traits if asked is None else asked))
        )
        return self._with(SelectedRows(self._rows, array("q", kept)))

    # What changes this list

    def set_instruction(self, instruction: str) -> Self:
        """Give all agents of this list an instruction: what the model is told before their traits.

        Returns:
            This list, whose agents have changed.
        """
        self._give("instruction", instruction)
        return self

    def add_instructions(self, instructions: str) -> Self:
        """The same as `set_instruction`."""
        return self.set_instruction(instructions)

    def set_codebook(self, codebook: Mapping[str, str]) -> Self:
        """Give all agents of this list a codebook: descriptions that are shown instead of trait names.

        Returns:
            This list, whose agents have changed.
        """
        self._share("codebook", codebook)
        return self

    def set_traits_presentation_template(self, traits_presentation_template: str) -> Self:
        """Give all agents of this list a template for how their traits read.

        Returns:
            This list, whose agents have changed.
        """
        self._share("traits_presentation_template", traits_presentation_template)
        return self

    def _share(self, field: str, value: Any) -> None:
        shared = getattr(Agent().model_copy(update={field: value}), field)
        self._give(field, value)
        self._shared = {**self._shared, field: shared}

    def _give(self, field: str, value: Any) -> None:
        if value is None:
            raise AgentError("a value is wanted", field=field, value=value, remedy=f"Give a {field}.")
        Agent().model_copy(update={field: value})  # refuses what would be wrong for all
        self._rows = mapped(self._rows, _Given({field: value}))

    def give_names(
        self, *trait_keys: str, remove_traits: bool = True, separator: str = ",", force_name: bool = False
    ) -> Self:
        """Name all agents of this list after their traits.

        Parameters:
            trait_keys: the traits whose values make the name.
            remove_traits: whether these traits go.
            separator: what is put between several values.
            force_name: whether agents that have a name get another.

        Returns:
            This list, whose agents have changed.

        Raises:
            AgentError: some agent has no such trait, or has a name.
        """
        if not trait_keys:
            raise AgentError("a trait is wanted", field="trait_keys", remedy="Such as give_names('age').")
        self._checked_traits([_one(key, "trait_keys") for key in trait_keys], "give_names")
        named = next((index for index, agent in enumerate(self) if agent.name is not None), None)
        if named is not None and not force_name:
            raise AgentError(
                f"agent {named} has a name",
                field="give_names",
                value=self[named].name,
                remedy="Pass force_name=True to give another.",
            )
        self._rows = ObjectRows(
            agent.model_copy(
                update={
                    "name": str(separator).join(str(agent.traits[key]) for key in trait_keys),
                    "traits": {
                        k: v for k, v in agent.traits.items() if not remove_traits or k not in trait_keys
                    },
                }
            )
            for agent in self
        )
        return self

    def with_names(
        self, *trait_keys: str, remove_traits: bool = True, separator: str = ",", force_name: bool = False
    ) -> Self:
        """A new list with agents named after their traits. See `give_names`."""
        copied = self._with(self._rows)
        return copied.give_names(
            *trait_keys, remove_traits=remove_traits, separator=separator, force_name=force_name
        )


class _Given:
    """Fields that every agent gets."""

    __slots__ = ("_update",)

    def __init__(self, update: dict[str, Any]) -> None:
        self._update = update

    def __call__(self, item: Agent, index: int) -> Agent:
        return item.model_copy(update=self._update)


def _one(name: Any, field: str) -> str:
    if not isinstance(name, str):
        raise AgentError("the name of a trait is a text", field=field, value=name, remedy="Such as 'age'.")
    return name


def _several(names: Any, method: str) -> list[str]:
    """The names in a list of names."""
    many = isinstance(names, Iterable) and not isinstance(names, bytes)
    found: list[Any] = list(names) if many else [names]
    for name in found:
        if not isinstance(name, str):
            raise AgentError("names of traits are texts", field=method, value=name, remedy="Such as 'age'.")
    return found
