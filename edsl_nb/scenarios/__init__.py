"""What is asked about: `Scenario`, and lists of them."""

from edsl_nb.scenarios.scenario import Scenario
from edsl_nb.scenarios.scenario_list import ScenarioList

__all__ = ["Scenario", "ScenarioList"]
