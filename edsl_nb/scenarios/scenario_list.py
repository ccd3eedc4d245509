"""`ScenarioList`: what a job asks about."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from edsl_nb.core import late
from edsl_nb.scenarios.constructing import Constructors
from edsl_nb.scenarios.fields import FieldVerbs
from edsl_nb.scenarios.joining import Joins
from edsl_nb.scenarios.reshaping import Reshaping
from edsl_nb.scenarios.scenario import Scenario
from edsl_nb.scenarios.values import ValueVerbs

if TYPE_CHECKING:
    from edsl_nb.agents import AgentList


class ScenarioList(Constructors, FieldVerbs, ValueVerbs, Reshaping, Joins):
    """Scenarios to be asked about.

    `a + b` puts two lists one after the other, `a * b` merges each of `a` with
    each of `b`, slices select. Verbs such as `filter`, `rename` and `expand`
    return a new list and leave this one as it is; only `append` and `extend`
    change it. What is read from files stays columns, so a million rows take
    no million objects.

    Parameters:
        data: the scenarios; any iterable.
        codebook: what fields mean, by field; kept with the list, and not told to models.

    Raises:
        ScenarioError: an item is no scenario; the message names its position.

    Example:
        >>> [s["x"] for s in ScenarioList.from_list("x", ["tea", "coffee"])]
        ['tea', 'coffee']
    """

    saved_as: ClassVar[str] = "ScenarioList"
    variable: ClassVar[str] = "scenarios"

    def __mul__(self, other: Iterable[Scenario] | Scenario) -> Self:
        """Each scenario here with the values of each there; the second wins where both have a name."""
        return self._product(other, operator.add)

    def times(self, other: Iterable[Scenario] | Scenario) -> Self:
        """The same as ``self * other``."""
        return self * other

    def to(self, survey: Any) -> Any:
        """A job that asks a survey or a question about these scenarios."""
        return late.call("by", survey, self)

    def to_agent_list(self) -> AgentList:
        """An agent per scenario, whose traits are the fields; a field called ``name`` is the agent's name.

        Raises:
            AgentError: a field cannot be a trait.

        Example:
            >>> ScenarioList([Scenario({"name": "Ann", "age": 20})]).to_agent_list()
            AgentList([Agent(traits={'age': 20}, name='Ann')])
        """
        from edsl_nb.agents import AgentList

        return AgentList.from_scenario_list(self)

    def to_scenario_list(self) -> Self:
        """This list."""
        return self

    @classmethod
    def example(cls) -> Self:
        """A list to try things with."""
        return cls([Scenario.example(), Scenario({"topic": "chess", "setting": "a school"})])
