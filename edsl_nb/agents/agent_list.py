"""`AgentList`: the agents of a job."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from edsl_nb.agents.agent import Agent
from edsl_nb.agents.trait_verbs import TraitVerbs
from edsl_nb.core import late
from edsl_nb.core.errors import AgentError, nearest
from edsl_nb.core.frozen import plain
from edsl_nb.core.rows import ObjectRows

if TYPE_CHECKING:
    from edsl_nb.scenarios import ScenarioList


class AgentList(TraitVerbs):
    """Agents to be asked.

    `a + b` puts two lists one after the other, `a * b` gives each agent of `a`
    the traits of each of `b`, slices select. Verbs such as `filter`, `select`
    and `add_trait` return a new list; those called ``set_...``, `give_names`,
    `append` and `extend` change this one, as in EDSL.

    Parameters:
        data: the agents; any iterable.
        codebook: a description for trait names, which all agents get.
        traits_presentation_template: how traits read, which all agents get.

    Raises:
        AgentError: an item is no agent; the message names its position.

    Example:
        >>> [a.traits for a in AgentList.from_list("age", [20, 60])]
        [{'age': 20}, {'age': 60}]
    """

    saved_as: ClassVar[str] = "AgentList"
    variable: ClassVar[str] = "agents"

    def __init__(
        self,
        data: Iterable[Agent] | None = None,
        codebook: Mapping[str, str] | None = None,
        traits_presentation_template: str | None = None,
    ) -> None:
        super().__init__(data)
        if codebook is not None:
            self.set_codebook(codebook)
        if traits_presentation_template is not None:
            self.set_traits_presentation_template(traits_presentation_template)

    # Constructors

    @classmethod
    def from_list(
        cls, trait_name: str, values: Iterable[Any], codebook: Mapping[str, str] | None = None
    ) -> Self:
        """An agent per value of one trait.

        Parameters:
            trait_name: the trait.
            values: its values.
            codebook: a description for trait names.
        """
        return cls._of_values(trait_name, values, codebook=codebook)

    @classmethod
    def from_scenario_list(cls, scenario_list: ScenarioList) -> Self:
        """An agent per scenario, whose traits are the fields; a field called ``name`` is the agent's name.

        Raises:
            AgentError: a field cannot be a trait.
        """
        from edsl_nb.scenarios import ScenarioList

        if not isinstance(scenario_list, ScenarioList):
            raise AgentError(
                "a scenario list is wanted",
                field="scenario_list",
                value=scenario_list,
                remedy="Such as ScenarioList.from_csv('people.csv').",
            )
        agents = (_agent(record, "name") for record in scenario_list._records())
        return cls(agents, scenario_list.codebook or None)

    @classmethod
    def from_source(
        cls,
        source: Any,
        *args: Any,
        instructions: str | None = None,
        codebook: Mapping[str, str] | None = None,
        name_field: str | None = None,
        snakify: bool = True,
        **options: Any,
    ) -> Self:
        """Agents from a file, a data frame or Python values, one per row.

        Parameters:
            source: a source type or a path or object, as for `ScenarioList.from_source`.
            args: what the source type takes.
            instructions: what each agent is told before its traits.
            codebook: a description for trait names.
            name_field: the field with the agents' names, ``name`` if left out and there is one.
            snakify: whether fields get names that traits can have (``Job Title`` becomes ``job_title``).
            options: what else the source type takes, by name.

        Raises:
            ScenarioError: the source cannot be read.
            AgentError: a field cannot be a trait, or there is no such name field.
        """
        from edsl_nb.scenarios import ScenarioList

        rows = ScenarioList.from_source(source, *args, snakify=snakify, **options)
        return cls._of_rows(rows, name_field, codebook or rows.codebook or None, instructions)

    @classmethod
    def from_csv(
        cls,
        file_path: str | Path,
        name_field: str | None = None,
        codebook: Mapping[str, str] | None = None,
        instructions: str | None = None,
    ) -> Self:
        """An agent per line of a CSV file. All values are texts: see `numberify`.

        Names that cannot be traits are changed, such as ``Job Title`` to ``job_title``; others stay.

        Parameters:
            file_path: the file.
            name_field: the column with the agents' names, ``name`` if left out and there is one.
            codebook: a description for trait names.
            instructions: what each agent is told before its traits.

        Raises:
            ScenarioError: the file cannot be read.
            AgentError: there is no such name field.
        """
        from edsl_nb.scenarios import ScenarioList
        from edsl_nb.scenarios.texts import distinct, snake_case

        rows = ScenarioList.from_csv(file_path, snakify=False)
        names = distinct(rows._field_names(), lambda name: name if name.isidentifier() else snake_case(name))
        chosen = names.get(name_field, name_field) if isinstance(name_field, str) else name_field
        return cls._of_rows(rows.rename(names), chosen, codebook, instructions)

    @classmethod
    def _of_rows(
        cls,
        rows: ScenarioList,
        name_field: str | None,
        codebook: Mapping[str, str] | None,
        instructions: str | None,
    ) -> Self:
        names = rows._field_names()
        if name_field is not None and name_field not in names:
            raise AgentError(
                "there is no such field",
                field="name_field",
                value=name_field,
                remedy=nearest(name_field, names),
            )
        if name_field not in (None, "name") and "name" in names:
            raise AgentError(
                "there is a field 'name' beside it, which can be no trait",
                field="name_field",
                value=name_field,
                remedy="Leave name_field out, or rename the field in what you read, such as to 'full_name'.",
            )
        made = cls((_agent(record, name_field or "name") for record in rows._records()), codebook)
        return made if instructions is None else made.set_instruction(instructions)

    @classmethod
    def example(cls) -> Self:
        """A list to try things with."""
        return cls([Agent.example(), Agent.example()])

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The list that `to_dict` wrote, here or in EDSL.

        Raises:
            EdslNbError: it is no such JSON.
        """
        made = super().from_dict(data)
        for field in ("codebook", "traits_presentation_template"):
            shared = made._extras.pop(field, None)
            if shared is not None:
                cls()._share(field, shared)  # refuses what is none
                made._rows = ObjectRows(
                    agent if getattr(agent, field) else agent.model_copy(update={field: shared})
                    for agent in made
                )
                made._shared[field] = shared
        return made

    def _json_head(self) -> dict[str, Any]:
        return {**super()._json_head(), **{key: plain(value) for key, value in self._shared.items() if value}}

    def _arguments(self) -> dict[str, Any]:
        return {key: value for key, value in self._shared.items() if value}

    # Combining

    def __mul__(self, other: Iterable[Agent] | Agent) -> Self:
        """Each agent here with the traits of each there; what both have is there twice, as ``x_1``, too."""
        return self._product(other, operator.add)

    def to(self, survey: Any) -> Any:
        """A job that asks these agents a survey or a question."""
        return late.call("by", survey, self)

    def to_agent_list(self) -> Self:
        """This list."""
        return self

    def to_scenario_list(self) -> ScenarioList:
        """A scenario per agent, with its traits."""
        from edsl_nb.scenarios import Scenario, ScenarioList

        return ScenarioList(Scenario(agent.traits) for agent in self)


def _agent(record: Mapping[str, Any], name_field: str) -> Agent:
    name = record.get(name_field)
    traits = {key: value for key, value in record.items() if key != name_field}
    return Agent(traits, name=None if name is None else str(name))
