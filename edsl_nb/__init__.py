"""Research with language models in notebooks: surveys, agents, scenarios, models, and the jobs they make.

Public names load when first used, so that ``import edsl_nb`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from edsl_nb.core.version import __version__

#: public name -> module that defines it.
_PUBLIC: dict[str, str] = {
    "Agent": "edsl_nb.agents",
    "AgentList": "edsl_nb.agents",
    "EdslNbError": "edsl_nb.core.errors",
    "Jobs": "edsl_nb.jobs.jobs",
    "Model": "edsl_nb.models.model",
    "ModelList": "edsl_nb.models.model",
    "QuestionFreeText": "edsl_nb.questions",
    "QuestionMultipleChoice": "edsl_nb.questions",
    "Results": "edsl_nb.results.results",
    "Run": "edsl_nb.runner.run",
    "Scenario": "edsl_nb.scenarios",
    "ScenarioList": "edsl_nb.scenarios",
    "Survey": "edsl_nb.surveys",
    "freeze_all": "edsl_nb.notebook.display",
    "settings": "edsl_nb.core.settings",
}

if TYPE_CHECKING:
    from edsl_nb.agents import Agent, AgentList
    from edsl_nb.core.errors import EdslNbError
    from edsl_nb.core.settings import settings
    from edsl_nb.jobs.jobs import Jobs
    from edsl_nb.models.model import Model, ModelList
    from edsl_nb.notebook.display import freeze_all
    from edsl_nb.questions import QuestionFreeText, QuestionMultipleChoice
    from edsl_nb.results.results import Results
    from edsl_nb.runner.run import Run
    from edsl_nb.scenarios import Scenario, ScenarioList
    from edsl_nb.surveys import Survey

__all__ = [
    "Agent",
    "AgentList",
    "EdslNbError",
    "Jobs",
    "Model",
    "ModelList",
    "QuestionFreeText",
    "QuestionMultipleChoice",
    "Results",
    "Run",
    "Scenario",
    "ScenarioList",
    "Survey",
    "__version__",
    "freeze_all",
    "settings",
]


def __getattr__(name: str) -> Any:
    module = _PUBLIC.get(name)
    if module is None:
        raise AttributeError(f"module 'edsl_nb' has no attribute {name!r}")
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
